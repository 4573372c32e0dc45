"""New places for the children of a closing unit: calculated three ways, compared, one used, sent for decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions import proposals, runs
from placement.decisions.closing import inside, note, open_closing
from placement.decisions.problem_builder import Asked
from placement.decisions.tables import (
    ClosurePlan,
    Decision,
    DecisionStatus,
    Hold,
    Proposal,
    ProposalRow,
    ProposalStatus,
    Run,
)
from placement.decisions.weights import CLOSING_PRESETS
from placement.permissions import Actor
from placement.refusals import Conflict, NotFound, Refusal
from placement.units import capacity
from placement.units.places import key_of
from placement.units.tables import Closure

VARIANTS = tuple(CLOSING_PRESETS)


@dataclass(frozen=True)
class Wishes:
    """How new places are sought: nobody moves before `freeze_until`; siblings go together where they can."""

    freeze_until: date
    siblings_together: bool = True


def calculate(
    session: Session,
    actor: Actor,
    ref: str,
    wishes: Wishes,
    *,
    version: int,
    at: datetime,
    time_limit_s: int | None = None,
) -> list[Run]:
    """Queue one calculation for each variant; the children inside are free, everybody else is locked.

    Earlier plans of this closing that nobody sent are withdrawn. Raises Refusal where nobody must move or the
    first day of moving lies outside [today, first closed day], Conflict while another calculation is under way.
    """
    closure, unit = open_closing(session, actor, ref, version, at)
    today = business_day(at)
    if not today <= wishes.freeze_until <= max(today, closure.valid_from):
        raise Refusal("freeze-outside", field="freeze_until", last=max(today, closure.valid_from))
    book = capacity.books(session, [key_of(unit)], at, since=today)[key_of(unit)]
    there = inside(book, closure.valid_from, closure.valid_to, closure.places)
    if not there.must_move:
        raise Refusal("nobody-to-move")
    foreign = session.exec(
        select(Child.id).where(col(Child.id).in_(there.child_ids), Child.county_id != unit.county_id)
    ).first()
    scope = runs.scope_of(session, actor, today, joined=foreign is not None)
    runs.refuse_busy(session, scope.county_ids)
    withdraw(session, closure, sent_too=False)
    made = []
    for variant in VARIANTS:
        asked = Asked(
            start=today,
            preset=variant,
            freeze_until=wishes.freeze_until,
            unlocked=frozenset(there.child_ids),
            joined=scope.cooperation_id is not None,
            only_unlocked=True,
            siblings_together=wishes.siblings_together,
        )
        run = runs.freeze(session, actor, scope, asked, at, time_limit_s=time_limit_s)
        session.add(ClosurePlan(closure_id=closure.id or 0, run_id=run.id or 0, variant=variant))
        made.append(run)
    note(session, actor, closure, unit, "new-places-calculated", at, runs=[run.ref for run in made])
    return made


def plans(session: Session, closure: Closure) -> list[tuple[ClosurePlan, Run]]:
    """Return the plans of the latest calculation of a closing, in the order of the variants."""
    rows = session.exec(
        select(ClosurePlan, Run)
        .join(Run, col(Run.id) == ClosurePlan.run_id)
        .where(ClosurePlan.closure_id == closure.id)
        .order_by(col(ClosurePlan.id).desc())
    ).all()
    latest: dict[str, tuple[ClosurePlan, Run]] = {}
    for plan, run in rows:
        latest.setdefault(plan.variant, (plan, run))
    return [latest[variant] for variant in VARIANTS if variant in latest]


def use(session: Session, actor: Actor, ref: str, run_ref: str, *, version: int, at: datetime) -> Proposal:
    """Choose one plan: its proposal goes on, those of the other plans are withdrawn. Nothing is sent yet."""
    closure, unit = open_closing(session, actor, ref, version, at)
    chosen = next(((plan, run) for plan, run in plans(session, closure) if run.ref == run_ref), None)
    if chosen is None:
        raise NotFound
    plan, run = chosen
    proposal = _proposal(session, run, unit.county_id)
    if proposal is None or proposal.status is ProposalStatus.WITHDRAWN:
        raise Conflict("plan-without-result")
    for other, other_run in plans(session, closure):
        other.used_at, other.used_by = (at, actor.user_id) if other.id == plan.id else (None, None)
        session.add(other)
        if other.id != plan.id:
            _withdraw_of(session, other_run, sent_too=False)
    note(session, actor, closure, unit, "plan-used", at, run=run.ref, proposal=proposal.ref)
    return proposal


def used_proposal(session: Session, closure: Closure, county_id: int) -> Proposal | None:
    """Return the proposal of the plan in use, or None."""
    run = next((run for plan, run in plans(session, closure) if plan.used_at is not None), None)
    return _proposal(session, run, county_id) if run is not None else None


def _proposal(session: Session, run: Run, county_id: int) -> Proposal | None:
    return session.exec(select(Proposal).where(Proposal.run_id == run.id, Proposal.county_id == county_id)).first()


def send(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Proposal:
    """Send the rows of the plan in use for decision: one decision for each child, never one for all."""
    closure, unit = open_closing(session, actor, ref, version, at)
    proposal = used_proposal(session, closure, unit.county_id)
    if proposal is None:
        raise Conflict("plan-not-chosen")
    sent = proposals.send(session, actor, proposal.ref, version=proposal.version, at=at)
    closure.version += 1
    session.add(closure)
    return sent


def cancel(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Closure:
    """Cancel the closing: its proposals are withdrawn and places held for them given back; the history stays.

    Decisions that were made stand: each is an act of its own.
    """
    closure, unit = open_closing(session, actor, ref, version, at)
    given_back = withdraw(session, closure, sent_too=True, at=at)
    closure.cancelled_at = at
    note(session, actor, closure, unit, "closing-cancelled", at, holds_given_back=given_back)
    return closure


def withdraw(session: Session, closure: Closure, *, sent_too: bool, at: datetime | None = None) -> int:
    rows = session.exec(
        select(Run).join(ClosurePlan, col(ClosurePlan.run_id) == Run.id).where(ClosurePlan.closure_id == closure.id)
    ).all()
    return sum(_withdraw_of(session, run, sent_too=sent_too, at=at) for run in rows)


def _withdraw_of(session: Session, run: Run, *, sent_too: bool, at: datetime | None = None) -> int:
    """Withdraw a run's drafts (and with `sent_too` what was sent); returns how many held places were given back."""
    open_ = (ProposalStatus.DRAFT, ProposalStatus.SENT) if sent_too else (ProposalStatus.DRAFT,)
    given_back = 0
    for row in session.exec(select(Proposal).where(Proposal.run_id == run.id, col(Proposal.status).in_(open_))).all():
        row.status = ProposalStatus.WITHDRAWN
        row.version += 1
        session.add(row)
        given_back += _release_holds(session, row, at) if at is not None else 0
    return given_back


def _release_holds(session: Session, proposal: Proposal, at: datetime) -> int:
    rows = session.exec(
        select(Hold)
        .join(Decision, col(Decision.hold_id) == Hold.id)
        .join(ProposalRow, col(ProposalRow.id) == Decision.proposal_row_id)
        .where(
            ProposalRow.proposal_id == proposal.id,
            Decision.status == DecisionStatus.DRAFT,
            col(Hold.released_at).is_(None),
            col(Hold.expires_at) > at,
        )
    ).all()
    for hold in rows:
        hold.released_at = at
        session.add(hold)
    return len(rows)
