"""A county's proposal: its rows, changing and locking places, sending it to the social worker.

The proposal proposes; decisions are made one by one by an official. Every change keeps to the rules of a
booking as they stand now, or says which of them it breaks and why.
"""

from __future__ import annotations

import json
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.audit.service import record
from placement.children.tables import Child
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions import booking, staleness
from placement.decisions.booking import Wanted
from placement.decisions.proposal_queries import decisions_of, find, for_closing, to_decide
from placement.decisions.rules import Broken, last_leaving_day
from placement.decisions.tables import DecisionStatus, Proposal, ProposalRow, ProposalStatus
from placement.permissions import Actor
from placement.refusals import Conflict, NotFound, Refusal
from placement.units import capacity
from placement.units import queries as units
from placement.units.tables import Unit

LONGEST_REASON = 1000
FULL_BY_PROPOSAL = "proposal-full"
"""The last free places of the unit are already proposed to other children of the same proposal."""
LONGEST_LOCK_REASON = 300


class PlaceRefused(Refusal):
    """A place that no reason can open: `broken` are the rules that nobody may break, and what else is broken."""

    def __init__(self, broken: tuple[Broken, ...]) -> None:
        super().__init__("place-refused", field="unit")
        self.broken = broken


def is_absolute(broken: Broken) -> bool:
    return broken.absolute or broken.code == FULL_BY_PROPOSAL


def change_place(
    session: Session,
    actor: Actor,
    ref: str,
    child_ref: str,
    *,
    unit_ref: str,
    reason: str,
    version: int,
    at: datetime,
) -> ProposalRow:
    """Put a row's child into another unit; the rules are checked by the rows of this moment.

    Going against the calculation, or against a rule that a second official may allow, needs a reason.
    Raises Refusal('reason-missing'), PlaceRefused for a rule that nobody may break, Conflict when the row was
    changed meanwhile, locked, decided or sent.
    """
    proposal, row = _open_row(session, actor, ref, child_ref, version)
    if row.locked:
        raise Conflict("row-locked")
    unit = units.find(session, actor, unit_ref, business_day(at))
    end = leaving_day(session, row, unit)
    broken = check_place(session, proposal, row, unit.id or 0, end, at)
    if any(is_absolute(one) for one in broken):
        raise PlaceRefused(broken)
    deviates = unit.id != row.proposed_unit_id
    if (deviates or broken) and not reason.strip():
        raise Refusal("reason-missing", field="reason")
    before = row.unit_id
    row.unit_id, row.end = unit.id, end
    row.changed_by, row.change_reason = actor.user_id, reason.strip()[:LONGEST_REASON] or None
    row.broken_rules = json.dumps([{"code": one.code, **one.about} for one in broken])
    row.version += 1
    session.add(row)
    session.flush()
    staleness.reseal(session, row, at)
    session.flush()
    _note(
        session, actor, proposal, "proposal-row-changed", child_ref, at, before=_ref_of(session, before), after=unit.ref
    )
    return row


def leaving_day(session: Session, row: ProposalRow, unit: Unit) -> date:
    """Return the day the stay would end in this unit: when the need ends, or the kind of unit lets the child stay."""
    born = session.execute(sa.select(col(Child.birth_date)).where(col(Child.id) == row.child_id)).scalar_one()
    need_ends = date.fromisoformat(json.loads(row.explanation)["end"])
    return min(need_ends, last_leaving_day(born, unit.kind.value, row.start))


def check_place(
    session: Session, proposal: Proposal, row: ProposalRow, unit_id: int, end: date, at: datetime
) -> tuple[Broken, ...]:
    """Return the rules a row would break in a unit now, other rows of the same proposal counted as coming."""
    wanted = Wanted(row.child_id, unit_id, row.start, end, proposal.id)
    broken = booking.broken_rules(session, wanted, at)
    coming = session.execute(
        sa.select(sa.func.count())
        .select_from(ProposalRow)
        .join(Proposal, col(Proposal.id) == col(ProposalRow.proposal_id))
        .join(Child, col(Child.id) == col(ProposalRow.child_id))
        .where(
            col(ProposalRow.proposal_id) == proposal.id,
            col(ProposalRow.unit_id) == unit_id,
            col(ProposalRow.child_id) != row.child_id,
            to_decide(),
            col(ProposalRow.start) < end,
            sa.or_(col(ProposalRow.end).is_(None), col(ProposalRow.end) > row.start),
        )
    ).scalar_one()
    free = capacity.min_free(session, unit_id, row.start, end, at, excluding_child=row.child_id)
    if coming and free >= 1 and free <= coming:
        broken = (*broken, Broken(FULL_BY_PROPOSAL, {"coming": coming}))
    return broken


def lock(
    session: Session, actor: Actor, ref: str, child_ref: str, *, reason: str, version: int, at: datetime
) -> ProposalRow:
    """Lock a row: later calculations leave the child in this place. Raises Refusal('reason-missing')."""
    proposal, row = _open_row(session, actor, ref, child_ref, version)
    if row.unit_id is None:
        raise Refusal("nothing-to-lock")
    if not reason.strip():
        raise Refusal("reason-missing", field="reason")
    row.locked, row.lock_reason = True, reason.strip()[:LONGEST_LOCK_REASON]
    row.version += 1
    session.add(row)
    _note(session, actor, proposal, "proposal-row-locked", child_ref, at)
    return row


def unlock(session: Session, actor: Actor, ref: str, child_ref: str, *, version: int, at: datetime) -> ProposalRow:
    """Take the lock off a row."""
    proposal, row = _open_row(session, actor, ref, child_ref, version)
    row.locked, row.lock_reason = False, None
    row.version += 1
    session.add(row)
    _note(session, actor, proposal, "proposal-row-unlocked", child_ref, at)
    return row


def send(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Proposal:
    """Send the proposal to the social worker; the county's earlier sent ones are withdrawn.

    A proposal for a closing unit is about other children and stands beside them.

    A proposal whose rows no longer rest on what is true is refused: Conflict("proposal-stale") with the
    number of rows. Sending it twice is harmless.
    """
    proposal = _locked_proposal(session, actor, ref)
    if proposal.status is ProposalStatus.SENT:
        return proposal
    _check_version(proposal.version, version)
    if proposal.status is ProposalStatus.WITHDRAWN:
        raise Conflict("proposal-withdrawn")
    stale = stale_rows(session, proposal, at)
    if stale:
        raise Conflict("proposal-stale", count=len(stale))
    closing = session.execute(sa.select(for_closing()).where(col(Proposal.id) == proposal.id)).scalar_one()
    older = select(Proposal).where(
        Proposal.county_id == proposal.county_id, Proposal.status == ProposalStatus.SENT, ~for_closing()
    )
    for old in [] if closing else session.exec(older).all():
        old.status = ProposalStatus.WITHDRAWN
        old.version += 1
        session.add(old)
    proposal.status, proposal.sent_by, proposal.sent_at = ProposalStatus.SENT, actor.user_id, at
    proposal.version += 1
    session.add(proposal)
    record(session, actor=actor, action="proposal-sent", object_kind="proposal", object_ref=ref, at=at)
    return proposal


def stale_rows(session: Session, proposal: Proposal, at: datetime) -> dict[int, list[str]]:
    """Return what changed for each row that is still to be decided and rests on it no longer, by row key."""
    rows = session.exec(
        select(ProposalRow)
        .join(Proposal, col(Proposal.id) == ProposalRow.proposal_id)
        .join(Child, col(Child.id) == ProposalRow.child_id)
        .where(ProposalRow.proposal_id == proposal.id, to_decide())
    ).all()
    return {key: parts for key, parts in staleness.what_changed_in(session, rows, at).items() if parts}


def _open_row(session: Session, actor: Actor, ref: str, child_ref: str, version: int) -> tuple[Proposal, ProposalRow]:
    proposal = _locked_proposal(session, actor, ref)
    if proposal.status is not ProposalStatus.DRAFT:
        raise Conflict("proposal-sent" if proposal.status is ProposalStatus.SENT else "proposal-withdrawn")
    key = session.execute(
        sa.select(col(ProposalRow.id))
        .join(Child, col(Child.id) == col(ProposalRow.child_id))
        .where(col(ProposalRow.proposal_id) == proposal.id, col(Child.ref) == child_ref)
    ).scalar_one_or_none()
    if key is None:
        raise NotFound
    row: ProposalRow = lock_row(session, ProposalRow, key)
    _check_version(row.version, version)
    if decisions_of(session, [key]).get(key, ("", None))[1] is DecisionStatus.MADE:
        raise Conflict("row-decided")
    return proposal, row


def _locked_proposal(session: Session, actor: Actor, ref: str) -> Proposal:
    found = find(session, actor, ref)
    proposal: Proposal = lock_row(session, Proposal, found.id or 0)
    return proposal


def _check_version(stored: int, opened: int) -> None:
    if stored != opened:
        raise Conflict("changed-meanwhile", version=stored)


def _ref_of(session: Session, unit_id: int | None) -> str | None:
    return session.get_one(Unit, unit_id).ref if unit_id is not None else None


def _note(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    action: str,
    child_ref: str,
    at: datetime,
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    record(
        session,
        actor=actor,
        action=action,
        object_kind="proposal",
        object_ref=proposal.ref,
        at=at,
        before={"unit": before} if before else None,
        after={"child": child_ref} | ({"unit": after} if after else {}),
    )
