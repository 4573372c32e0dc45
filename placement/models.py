"""Every table of the product, imported together: what migrations, checks and backups work on."""

from sqlmodel import SQLModel

import agreements.tables
import placement.audit.tables
import placement.children.tables
import placement.decisions.tables
import placement.people.tables
import placement.units.tables  # noqa: F401

metadata = SQLModel.metadata
APPEND_ONLY = ("audit_event", "use_log", "audit_anchor", "agreement_signature")
