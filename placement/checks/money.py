"""L1 to L21: the books and the claims, with the care that the stays say and the files that were kept."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from agreements import check_payments
from agreements.check import Result
from agreements.claim_tables import ClaimLine
from placement.clock import business_day
from placement.reimbursed.care_days import care_of_children
from placement.reimbursed.evidence import content_of

RULES = tuple(f"L{number}" for number in range(1, 22))


def run(session: Session, at: datetime) -> list[Result]:
    """Return every money rule. The session may write: that the books are sealed is seen by trying."""
    children = set(session.exec(select(ClaimLine.child_ref).where(col(ClaimLine.child_ref).is_not(None)).distinct()))
    care = care_of_children(session, {ref for ref in children if ref}, business_day(at))
    return check_payments.run_all(session, care=care, content_of=lambda key: content_of(session, key))
