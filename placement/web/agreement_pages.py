"""The pages of an agreement's life as one blueprint: importing the parts registers their routes."""

from __future__ import annotations

from placement.web import (
    agreement_draft,
    agreement_ending,
    agreement_files,
    agreement_send,
    agreement_terms,
    agreement_versions,
)

PARTS = (agreement_draft, agreement_terms, agreement_send, agreement_ending, agreement_files, agreement_versions)
bp = agreement_draft.bp
