"""Every table of the product, imported together: what migrations, checks and backups work on."""

from types import ModuleType

from sqlmodel import SQLModel

from agreements import claim_tables, ledger_tables, life_tables, payment_tables
from agreements import tables as agreement_tables
from placement.audit import tables as audit_tables
from placement.children import tables as child_tables
from placement.decisions import tables as decision_tables
from placement.directing import tables as direction_tables
from placement.imports import tables as import_tables
from placement.integration import tables as integration_tables
from placement.moves import tables as move_tables
from placement.people import tables as people_tables
from placement.reimbursed import tables as reimbursed_tables
from placement.reviewing import tables as reviewing_tables
from placement.units import tables as unit_tables

TABLE_MODULES: tuple[ModuleType, ...] = (
    people_tables,
    unit_tables,
    child_tables,
    decision_tables,
    import_tables,
    integration_tables,
    move_tables,
    agreement_tables,
    life_tables,
    direction_tables,
    ledger_tables,
    claim_tables,
    payment_tables,
    reimbursed_tables,
    reviewing_tables,
    audit_tables,
)
APPEND_ONLY = (
    "audit_event",
    "use_log",
    "audit_anchor",
    "agreement_signature",
    "agreement_event",
    "agreement_frozen",
    "agreement_document",
    "agreement_delivery",
    "agreement_review",
    "ledger_entry",
    "ledger_leg",
    "claim_line_verdict",
    "claim_event",
    "claim_decision",
    "claim_decision_line",
    "recovery_settlement",
    "claim_sample",
    "claim_document",
)

metadata = SQLModel.metadata
