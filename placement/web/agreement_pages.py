"""The pages of an agreement's life as one blueprint: importing the parts registers their routes."""

from __future__ import annotations

from placement.web import (
    agreement_begin,
    agreement_comments,
    agreement_deadlines,
    agreement_draft,
    agreement_ending,
    agreement_files,
    agreement_force,
    agreement_send,
    agreement_terms,
    agreement_versions,
)

PARTS = (
    agreement_draft,
    agreement_begin,
    agreement_terms,
    agreement_files,
    agreement_send,
    agreement_force,
    agreement_ending,
    agreement_versions,
    agreement_comments,
    agreement_deadlines,
)
bp = agreement_draft.bp
