"""What a unit says to a proposal: it can take the child, or it cannot, with a reason code. The county decides.

A manager sees age, languages and needs of the child asked about, never the name: the child does not live there yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.audit.service import record
from placement.children.queries import ChildFacts, everything_about
from placement.children.tables import Child
from placement.decisions.proposal_queries import to_decide
from placement.decisions.tables import Proposal, ProposalRow, ProposalStatus
from placement.moves.tables import UnitAnswer
from placement.permissions import Actor, Permission
from placement.refusals import Conflict, NotFound, Refusal
from placement.units.tables import Unit


@dataclass(frozen=True)
class Request:
    """A proposal's row for the manager's unit; `answer` None = not answered yet."""

    proposal_ref: str
    child_ref: str
    row_id: int
    start: date
    end: date | None
    sent_at: datetime | None
    facts: ChildFacts
    answer: UnitAnswer | None


def requests(session: Session, actor: Actor) -> list[Request]:
    """Return the rows of sent proposals that would put a child into the manager's own unit, unanswered ones first."""
    if actor.unit_id is None or not actor.can(Permission.ANSWER_REQUESTS):
        return []
    rows = session.execute(
        select(ProposalRow, Proposal, Child.ref)
        .join(Proposal, col(Proposal.id) == ProposalRow.proposal_id)
        .join(Child, col(Child.id) == ProposalRow.child_id)
        .where(
            ProposalRow.unit_id == actor.unit_id,
            Proposal.county_id == actor.county_id,
            Proposal.status == ProposalStatus.SENT,
            to_decide(),
        )
        .order_by(col(ProposalRow.start), col(Child.ref))
    ).all()
    facts = everything_about(session, [row.child_id for row, _proposal, _ref in rows])
    answered = {
        one.proposal_row_id: one
        for one in session.exec(
            select(UnitAnswer).where(col(UnitAnswer.proposal_row_id).in_([row.id for row, _p, _r in rows]))
        )
    }
    found = [
        Request(
            proposal.ref,
            ref,
            row.id or 0,
            row.start,
            row.end,
            proposal.sent_at,
            facts[row.child_id],
            answered.get(row.id or 0),
        )
        for row, proposal, ref in rows
    ]
    return sorted(found, key=lambda one: one.answer is not None)


def find(session: Session, actor: Actor, proposal_ref: str, child_ref: str) -> Request:
    """Return one request to the manager's unit; raises NotFound."""
    for one in requests(session, actor):
        if one.proposal_ref == proposal_ref and one.child_ref == child_ref:
            return one
    raise NotFound


def answer(
    session: Session,
    actor: Actor,
    proposal_ref: str,
    child_ref: str,
    *,
    takes: bool,
    reason_code: str | None,
    note: str | None,
    at: datetime,
) -> UnitAnswer:
    """Keep the unit's answer; a "no" names a reason. Answered once: pressing again gives the same answer."""
    asked = find(session, actor, proposal_ref, child_ref)
    if asked.answer is not None:
        if asked.answer.takes is takes:
            return asked.answer
        raise Conflict("answered-already")
    if not takes and not reason_code:
        raise Refusal("reason-missing", field="reason_code")
    row = UnitAnswer(
        unit_id=actor.unit_id or 0,
        child_id=asked.facts.id,
        county_id=asked.facts.county_id,
        proposal_row_id=asked.row_id,
        takes=takes,
        reason_code=None if takes else reason_code,
        note=note,
        answered_by=actor.user_id,
        answered_at=at,
    )
    session.add(row)
    session.flush()
    unit = session.get_one(Unit, row.unit_id)
    record(
        session,
        actor=actor,
        action="unit-answered",
        object_kind="unit",
        object_ref=unit.ref,
        at=at,
        after={"child": child_ref, "takes": takes, "reason": row.reason_code},
    )
    return row


@dataclass(frozen=True)
class RegisterLine:
    """One answer in the register; `child_ref` None = protected, not named beside a unit."""

    unit_ref: str
    unit_name: str
    child_ref: str | None
    takes: bool
    reason_code: str | None
    note: str | None
    answered_at: datetime


def register(
    session: Session, actor: Actor, *, unit_ref: str = "", reason: str = "", noes: bool = True
) -> list[RegisterLine]:
    """Return what the units of the actor's county answered, the newest first; with `noes` only what was refused."""
    if actor.county_id is None:
        return []
    query = (
        sa.select(UnitAnswer, col(Unit.ref), col(Unit.name), col(Child.ref), col(Child.protected))
        .join(Unit, col(Unit.id) == col(UnitAnswer.unit_id))
        .join(Child, col(Child.id) == col(UnitAnswer.child_id))
        .where(col(UnitAnswer.county_id) == actor.county_id)
        .order_by(col(UnitAnswer.answered_at).desc(), col(UnitAnswer.id).desc())
    )
    if noes:
        query = query.where(col(UnitAnswer.takes).is_(False))
    if unit_ref:
        query = query.where(col(Unit.ref) == unit_ref)
    if reason:
        query = query.where(col(UnitAnswer.reason_code) == reason)
    return [
        RegisterLine(ref, name, None if protected else child, row.takes, row.reason_code, row.note, row.answered_at)
        for row, ref, name, child, protected in session.execute(query)
    ]
