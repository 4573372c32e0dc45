"""Which steps of a claim's version are done: written and read by key."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements.claim_tables import Claim
from placement.reimbursed.tables import ClaimStep

DECLARATION = "declaration"


def accepted(child_ref: str) -> str:
    """Return the key of the step "the days of this child are right"."""
    return f"days:{child_ref}"


def done(session: Session, claim: Claim) -> set[str]:
    """Return the keys of the steps of the claim's present version that are done."""
    query = select(ClaimStep.key).where(ClaimStep.claim_id == claim.id, ClaimStep.number == claim.number)
    return set(session.exec(query))


def mark(session: Session, claim: Claim, key: str, *, by: int, at: datetime) -> None:
    """Mark a step as done; marking it again is harmless."""
    if session.get(ClaimStep, (claim.id, claim.number, key)) is None:
        session.add(ClaimStep(claim_id=claim.id or 0, number=claim.number, key=key, by=by, at=at))
        session.flush()


def unmark(session: Session, claim: Claim, *keys: str) -> None:
    """Mark steps as not done any more."""
    session.execute(
        sa.delete(ClaimStep).where(
            col(ClaimStep.claim_id) == claim.id, col(ClaimStep.number) == claim.number, col(ClaimStep.key).in_(keys)
        )
    )
