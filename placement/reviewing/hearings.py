"""The county's side of a hearing: what is asked of it, and its statement, given once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from agreements.claim_tables import Claim
from placement.audit.service import record
from placement.permissions import Actor
from placement.refusals import Conflict, NotFound, Refusal
from placement.reviewing.tables import ClaimHearing

LONGEST = 2000


def waiting(session: Session, actor: Actor) -> list[tuple[ClaimHearing, Claim]]:
    """Return the hearings that wait for the actor's county, the first last day first."""
    query = (
        select(ClaimHearing, Claim)
        .join(Claim, col(Claim.id) == ClaimHearing.claim_id)
        .where(Claim.county_id == actor.county_id, col(ClaimHearing.answered_at).is_(None))
        .order_by(col(ClaimHearing.due_on), col(ClaimHearing.id))
    )
    return list(session.exec(query)) if actor.county_id is not None else []


def of_claim(session: Session, claim: Claim) -> list[ClaimHearing]:
    """Return every hearing about a claim, the newest first."""
    query = select(ClaimHearing).where(ClaimHearing.claim_id == claim.id).order_by(col(ClaimHearing.id).desc())
    return list(session.exec(query))


def find(session: Session, actor: Actor, claim: Claim, key: int) -> ClaimHearing:
    """Return a hearing of the actor's own county about a claim; raises NotFound."""
    row = session.get(ClaimHearing, key)
    if row is None or row.claim_id != claim.id or claim.county_id != actor.county_id:
        raise NotFound
    return row


def state(session: Session, actor: Actor, claim: Claim, key: int, statement: str | None, at: datetime) -> ClaimHearing:
    """Give the county's statement; after the last day it is taken as long as nothing has been decided."""
    row = find(session, actor, claim, key)
    session.refresh(row, with_for_update=True)
    if row.answered_at is not None:
        raise Conflict("heard-already")
    if not statement:
        raise Refusal("statement-missing", field="statement")
    row.statement, row.answered_by, row.answered_at = statement, actor.user_id, at
    session.add(row)
    session.flush()
    record(
        session, actor=actor, action="hearing-answered", object_kind="claim", object_ref=claim.ref, at=at,
        after={"hearing": row.id},
    )  # fmt: skip
    return row
