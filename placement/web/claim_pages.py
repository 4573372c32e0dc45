"""The pages of the county's claims as one blueprint: importing the parts registers their routes."""

from __future__ import annotations

from placement.web import (
    claim_days,
    claim_evidence,
    claim_import,
    claim_lines,
    claim_send,
    claim_today,
    claim_unclaimed,
    claims,
)

PARTS = (claim_days, claim_evidence, claim_import, claim_lines, claim_send, claim_today, claim_unclaimed)
bp = claims.bp
