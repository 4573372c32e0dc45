"""A move somebody wants decided: unit, day and reason. It moves nobody; it becomes a decision, or is taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.audit.service import record
from placement.children import access
from placement.children.queries import everything_about
from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions import booking, rules
from placement.decisions.booking import Wanted
from placement.decisions.rules import Broken
from placement.decisions.tables import Decision, DecisionStatus
from placement.moves.tables import MovePlan
from placement.people.tables import User
from placement.permissions import Actor
from placement.reference import right_ends
from placement.refusals import NotFound, Refusal
from placement.units import queries as units
from placement.units import rules as places
from placement.units.tables import Unit


@dataclass(frozen=True)
class Option:
    """A unit on the day of the move: what it would break, how many places are free, and when one is free next."""

    unit: Unit
    broken: tuple[Broken, ...]
    free: int
    next_free: date | None

    @property
    def possible(self) -> bool:
        return not any(one.absolute for one in self.broken)


def options(session: Session, actor: Actor, child_id: int, day: date, at: datetime) -> list[Option]:
    """Return every unit in sight as it would be for this child from that day on, the free and fitting ones first."""
    facts = everything_about(session, [child_id])[child_id]
    seen = {unit.id: unit for unit in units.visible_units(session, actor, business_day(at)) if unit.id is not None}
    wanted = Wanted(child_id, 0, day, right_ends(facts.birth_date, day))
    found = []
    for key, one in booking.facts_of_many(session, wanted, list(seen), at).items():
        end = rules.last_leaving_day(facts.birth_date, seen[key].kind.value, day)
        judged = replace(one, end=end)
        count = places.count_on(one.book, day)
        found.append(
            Option(seen[key], rules.broken_rules(judged), count.open_places, places.next_free_day(one.book, day))
        )
    return sorted(found, key=lambda one: (not one.possible, bool(one.broken), one.unit.name))


def ask(
    session: Session,
    actor: Actor,
    child_ref: str,
    unit_ref: str,
    move_on: date,
    *,
    reason: str,
    keep_school: bool,
    at: datetime,
) -> MovePlan:
    """Put a move on record for decision; an earlier open one of the child is taken back by it."""
    child = access.find(session, actor, child_ref, at)
    unit = units.find(session, actor, unit_ref, business_day(at))
    if move_on < business_day(at):
        raise Refusal("move-in-the-past", field="move_on")
    if not reason.strip():
        raise Refusal("reason-missing", field="reason")
    chosen = next((one for one in options(session, actor, child.id or 0, move_on, at) if one.unit.id == unit.id), None)
    if chosen is None or not chosen.possible:
        raise Refusal("move-not-possible", field="unit")
    for old in open_plans(session, child.id or 0):
        old.withdrawn_at = at
        session.add(old)
    row = MovePlan(
        child_id=child.id or 0,
        county_id=child.county_id,
        unit_id=unit.id or 0,
        move_on=move_on,
        keep_school=keep_school,
        reason=reason.strip(),
        asked_by=actor.user_id,
        asked_at=at,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor=actor,
        action="move-planned",
        object_kind="child",
        object_ref=child.ref,
        at=at,
        after={"unit": unit.ref, "on": move_on, "keep_school": keep_school},
    )
    return row


def open_plans(session: Session, child_id: int) -> list[MovePlan]:
    """Return the plans of a child that were neither taken back nor followed by a decision."""
    return list(session.exec(select(MovePlan).where(_open(), MovePlan.child_id == child_id)))


def _open() -> sa.ColumnElement[bool]:
    decided = sa.select(col(Decision.id)).where(
        col(Decision.child_id) == col(MovePlan.child_id),
        col(Decision.status) == DecisionStatus.MADE,
        col(Decision.decided_at) >= col(MovePlan.asked_at),
    )
    return sa.and_(col(MovePlan.withdrawn_at).is_(None), ~decided.exists())


def take_back(session: Session, actor: Actor, child_ref: str, *, at: datetime) -> None:
    """Take the child's open plan back; raises NotFound when there is none."""
    child = access.find(session, actor, child_ref, at)
    found = open_plans(session, child.id or 0)
    if not found:
        raise NotFound
    for row in found:
        row.withdrawn_at = at
        session.add(row)
    session.flush()
    record(session, actor=actor, action="move-taken-back", object_kind="child", object_ref=child.ref, at=at)


@dataclass(frozen=True)
class ToDecide:
    """An open plan of the county, by reference; who asked, when, and the day of the move."""

    child_id: int
    child_ref: str
    protected: bool
    unit_ref: str
    unit_name: str
    move_on: date
    asked_by: str
    asked_at: datetime


def to_decide(session: Session, actor: Actor, at: datetime) -> list[ToDecide]:
    """Return the open plans of the children the actor may know of, the earliest move first."""
    rows = session.execute(
        sa.select(MovePlan, col(Child.ref), col(Child.protected), col(Unit.ref), col(Unit.name), col(User.name))
        .join(Child, col(Child.id) == col(MovePlan.child_id))
        .join(Unit, col(Unit.id) == col(MovePlan.unit_id))
        .join(User, col(User.id) == col(MovePlan.asked_by))
        .where(_open(), access.in_scope(actor, at))
        .order_by(col(MovePlan.move_on), col(MovePlan.id))
    )
    return [
        ToDecide(row.child_id, ref, protected, unit_ref, unit, row.move_on, name, row.asked_at)
        for row, ref, protected, unit_ref, unit, name in rows
    ]
