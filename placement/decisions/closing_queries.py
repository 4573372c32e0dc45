"""What the page of a closing shows: whom it touches, the plans, and how far each child's decision is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions import closing, closing_plans, proposal_queries
from placement.decisions.proposal_queries import Line
from placement.decisions.tables import ClosurePlan, Proposal, Run, Stay
from placement.people.tables import User
from placement.permissions import Actor
from placement.units import capacity
from placement.units.rules import UnitBook
from placement.units.tables import Closure, Unit


@dataclass(frozen=True)
class Touched:
    """A child with a place on the closed days; `ref` None = not to be named here (protected, or another county's).

    `leaves_on` is the leaving day that is known, `line` the row of the plan in use.
    """

    ref: str | None
    protected: bool
    birth_date: date | None
    leaves_on: date | None
    line: Line | None


@dataclass(frozen=True)
class ClosingPage:
    """`must_move` more are in than places will be left; `left` of them have no other place yet."""

    touched: tuple[Touched, ...]
    must_move: int
    left: int
    without_plan: int
    plans: tuple[tuple[ClosurePlan, Run], ...]
    proposal: Proposal | None
    to_send: int
    decided: int
    begun_by: str | None
    looked_by: str | None

    @property
    def chosen(self) -> str | None:
        return next((run.ref for plan, run in self.plans if plan.used_at is not None), None)


def page(session: Session, actor: Actor, row: Closure, unit: Unit, at: datetime) -> ClosingPage:
    """Return the page of a closing of the actor's own county."""
    today, key = business_day(at), unit.id or 0
    book = capacity.books(session, [key], at)[key]
    first = max(row.valid_from, today)
    last = row.valid_to
    over = last is not None and last < first
    there = closing.Inside((), 0) if over else closing.inside(book, first, last, row.places)
    proposal = closing_plans.used_proposal(session, row, unit.county_id)
    lines = proposal_queries.lines(session, proposal) if proposal else []
    ends = {one.child_id: one.end for one in book.stays if one.end is None or one.end > today}
    keys = sorted({*there.child_ids, *(line.child_id for line in lines)})
    return ClosingPage(
        touched=tuple(_touched(session, actor, keys, ends, lines)),
        must_move=there.must_move,
        left=closing.still_to_move(book, row, today),
        without_plan=without_plan(session, book, row, today),
        plans=tuple(closing_plans.plans(session, row)),
        proposal=proposal,
        to_send=sum(line.unit_id is not None and not line.stays for line in lines),
        decided=sum(line.decided for line in lines),
        begun_by=_name(session, row.requested_by),
        looked_by=_name(session, row.second_official_id),
    )


def _touched(
    session: Session, actor: Actor, keys: Sequence[int], ends: dict[int, date | None], lines: Sequence[Line]
) -> list[Touched]:
    rows = session.execute(
        sa.select(col(Child.id), col(Child.ref), col(Child.protected), col(Child.birth_date), col(Child.county_id))
        .where(col(Child.id).in_(keys))
        .order_by(col(Child.ref))
    )
    by_child = {line.child_id: line for line in lines}
    found = []
    for key, ref, protected, born, county_id in rows:
        own = county_id == actor.county_id
        shown = own and not protected
        found.append(
            Touched(
                ref if shown else None, protected and own, born if shown else None, ends.get(key), by_child.get(key)
            )
        )
    return sorted(found, key=lambda one: one.ref or "~")


def _name(session: Session, user_id: int | None) -> str | None:
    user = session.get(User, user_id) if user_id is not None else None
    return user.name if user else None


def without_plan(session: Session, book: UnitBook, row: Closure, today: date) -> int:
    """Return how many children must leave the closing places and have no stay elsewhere that follows."""
    first = max(row.valid_from, today)
    if row.valid_to is not None and row.valid_to < first:
        return 0
    there = closing.inside(book, first, row.valid_to, row.places)
    ends = {one.child_id: one.end for one in book.stays if one.child_id in there.child_ids}
    following = session.execute(
        sa.select(col(Stay.child_id), col(Stay.start)).where(
            col(Stay.child_id).in_(there.child_ids), col(Stay.unit_id) != book.unit_id, col(Stay.start) > today
        )
    )
    planned = {child_id for child_id, start in following if ends.get(child_id) == start}
    return max(0, there.must_move - len(planned))


@dataclass(frozen=True)
class Waits:
    """What waits in a county's closings, for Today: `first` is the closing to open, the most pressing one."""

    open: int
    without_plan: int
    emergency: bool
    first: str | None
    to_look_at: tuple[str, ...]


def waiting(session: Session, actor: Actor, at: datetime) -> Waits:
    """Return the closings under preparation of the actor's county, emergencies first."""
    rows = session.exec(
        select(Closure, Unit)
        .join(Unit, col(Unit.id) == Closure.unit_id)
        .where(Unit.county_id == actor.county_id, col(Closure.cancelled_at).is_(None), col(Closure.ref).is_not(None))
        .order_by(col(Closure.emergency).desc(), col(Closure.valid_from), col(Closure.id))
    ).all()
    today = business_day(at)
    open_ = [(row, unit) for row, unit in rows if row.planned]
    books = capacity.books(session, [unit.id or 0 for _row, unit in open_], at, since=today)
    missing = {row.ref: without_plan(session, books[unit.id or 0], row, today) for row, unit in open_}
    pressing = [row.ref for row, _unit in open_ if missing[row.ref]]
    return Waits(
        open=len(open_),
        without_plan=sum(missing.values()),
        emergency=any(row.emergency and missing[row.ref] for row, _unit in open_),
        first=next(iter([*pressing, *(row.ref for row, _unit in open_)]), None),
        to_look_at=tuple(
            row.ref
            for row, _unit in rows
            if row.ref and row.emergency and row.second_official_id is None and row.requested_by != actor.user_id
        ),
    )


def closing_of_runs(session: Session, run_ids: Collection[int]) -> Closure | None:
    """Return the closing under preparation for which all these calculations were made, or None."""
    found = session.exec(
        select(Closure)
        .join(ClosurePlan, col(ClosurePlan.closure_id) == Closure.id)
        .where(col(ClosurePlan.run_id).in_(run_ids))
        .distinct()
    ).all()
    return found[0] if len(found) == 1 and found[0].planned and found[0].cancelled_at is None else None
