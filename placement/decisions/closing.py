"""Closing places with a plan for each child: prepare, calculate new places, use one plan, decide, confirm; or cancel.

A closing under preparation takes places as they become free (`units/rules.py`), so nobody new moves in and nobody
is left without a place. It decides nothing about a child: each move is a decision of its own. An emergency begins
at once and is looked at by a second person afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from agreements.period import ONE_DAY, Period
from placement import references
from placement.audit.service import record
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions.tables import Hold
from placement.permissions import Actor
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal
from placement.units import capacity, rules
from placement.units.places import key_of, lock_own
from placement.units.queries import find_own
from placement.units.rules import UnitBook
from placement.units.tables import Closure, Unit


@dataclass(frozen=True)
class ClosureCommand:
    """Places out of use on the days of `period` (inclusive); `places` None = all. An emergency begins today."""

    period: Period
    places: int | None
    reason: str
    emergency: bool = False


def close_places(session: Session, actor: Actor, unit_ref: str, command: ClosureCommand, *, at: datetime) -> Closure:
    """Begin to close places of a unit of the actor's county; holds for which no place is left are given back.

    Raises Refusal about the days, the number of places or an emergency that does not begin today.
    """
    unit = lock_own(session, actor, unit_ref, at)
    today = business_day(at)
    book = capacity.books(session, [key_of(unit)], at, since=today)[key_of(unit)]
    _refuse(command, book, today)
    row = Closure(
        ref=references.new("UC"),
        unit_id=key_of(unit),
        valid_from=command.period.first,
        valid_to=command.period.last,
        places=command.places,
        reason=command.reason.strip(),
        emergency=command.emergency,
        planned=True,
        requested_by=actor.user_id,
        requested_at=at,
    )
    voided = _give_back_holds(session, book, command, at)
    session.add(row)
    session.flush()
    record(
        session,
        actor=actor,
        action="places-closing",
        object_kind="unit",
        object_ref=unit.ref,
        at=at,
        after={
            "closure": row.ref,
            "from": row.valid_from,
            "to": row.valid_to,
            "places": row.places,
            "emergency": row.emergency,
            "holds_given_back": voided,
        },
    )
    return row


def _refuse(command: ClosureCommand, book: UnitBook, today: date) -> None:
    first, last = command.period.first, command.period.last
    if first < today:
        raise Refusal("closure-in-the-past", field="valid_from")
    if command.emergency and first != today:
        raise Refusal("emergency-begins-today", field="valid_from")
    if not command.reason.strip():
        raise Refusal("reason-missing", field="reason")
    if not book.open_days.covers(first) or (last is not None and last < first):
        raise Refusal("unit-not-open-then", field="valid_from")
    if command.places is not None and not 1 <= command.places <= rules.places_in_use(book, first):
        raise Refusal("closure-places", field="places", most=rules.places_in_use(book, first))


def _give_back_holds(session: Session, book: UnitBook, command: ClosureCommand, at: datetime) -> int:
    """Release live holds on the closed days for which no place is left, the newest first; returns how many."""
    voided = 0
    while True:
        over = {one.row_id for one in book.holds if _one_too_many(book, command, one)}
        if not over:
            return voided
        hold: Hold = lock_row(session, Hold, max(over))
        hold.released_at = at
        session.add(hold)
        book = rules.without(book, hold_id=max(over))
        voided += 1


def _one_too_many(book: UnitBook, command: ClosureCommand, hold: rules.Booking) -> bool:
    end = command.period.last + ONE_DAY if command.period.last else None
    days = (day for day in rules.days_to_check(book, command.period.first, end) if hold.covers(day))
    return any(too_many(book, command.places, day) > 0 for day in days)


def too_many(book: UnitBook, places: int | None, day: date) -> int:
    """Return how many more have a place that day than will be left after `places` (None = all) are closed.

    Whoever has a place on a day for which there is none anyway (the agreement ends in some years) is not sent
    away by this closing, and does not count.
    """
    closed, taken = rules.closed_places(book, day), rules.taken_on(book, day)
    there = 0 if closed is None else max(0, rules.gross_places(book, day) - closed)
    left = 0 if places is None else max(0, there - places)
    return max(0, taken - left) - max(0, taken - there)


def still_to_move(book: UnitBook, closure: Closure, today: date) -> int:
    """Return how many children or holds must still get another place before the closing can be confirmed.

    Of a closing that is over, it is how many still had one of its places on its last day.
    """
    return max(_too_many_on_each_day(book, closure, today), default=0)


def _too_many_on_each_day(book: UnitBook, closure: Closure, today: date) -> list[int]:
    first, end = max(closure.valid_from, today), closure.valid_to + ONE_DAY if closure.valid_to else None
    if end is not None and end <= first:
        first = end - ONE_DAY
    return [too_many(book, closure.places, day) for day in rules.days_to_check(book, first, end)]


def first_free_day(book: UnitBook, closure: Closure) -> date | None:
    """Return the first day of the closing from which on nobody has one of its places; None when it never comes."""
    found = None
    end = closure.valid_to + ONE_DAY if closure.valid_to else None
    for day in reversed(rules.days_to_check(book, closure.valid_from, end)):
        if too_many(book, closure.places, day):
            break
        found = day
    return found


@dataclass(frozen=True)
class Inside:
    """Who has a place on closed days: the keys of the children with a stay, and how many must move at least."""

    child_ids: tuple[int, ...]
    must_move: int


def inside(book: UnitBook, first: date, last: date | None, places: int | None) -> Inside:
    """Return whom a closing of `places` (None = all) on [first, last] touches."""
    end = last + ONE_DAY if last else None
    there = {
        one.child_id for one in book.stays if (end is None or one.start < end) and (one.end is None or one.end > first)
    }
    days = rules.days_to_check(book, first, end)
    return Inside(tuple(sorted(there)), max(too_many(book, places, day) for day in days))


def find(session: Session, actor: Actor, ref: str, on: date) -> tuple[Closure, Unit]:
    """Return a closing of the actor's county with its unit; raises NotFound for a foreign and a missing one alike."""
    row = session.exec(select(Closure).where(Closure.ref == ref)).first()
    if row is None:
        raise NotFound
    unit = session.get_one(Unit, row.unit_id)
    return row, find_own(session, actor, unit.ref, on)


def open_closing(session: Session, actor: Actor, ref: str, version: int, at: datetime) -> tuple[Closure, Unit]:
    """Return a closing under preparation with its unit, both locked."""
    found, unit = find(session, actor, ref, business_day(at))
    lock_row(session, Unit, key_of(unit))
    row: Closure = lock_row(session, Closure, found.id or 0)
    if row.cancelled_at is not None:
        raise Conflict("closure-cancelled")
    if not row.planned:
        raise Conflict("closure-confirmed")
    if row.version != version:
        raise Conflict("changed-meanwhile")
    return row, unit


def confirm(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Closure:
    """Confirm the closing once everybody has another place; else raises Conflict("children-left") with the number.

    Places that became free later than planned are closed from the day on which the last of them did: a closing
    confirmed afterwards takes no place from under somebody who was in it (C1, C9).
    """
    closure, unit = open_closing(session, actor, ref, version, at)
    book = capacity.books(session, [key_of(unit)], at)[key_of(unit)]
    left = still_to_move(book, closure, business_day(at))
    free_from = first_free_day(book, closure)
    if left or free_from is None:
        raise Conflict("children-left", count=left)
    closure.planned, closure.valid_from = False, free_from
    closure.confirmed_by, closure.confirmed_at = actor.user_id, at
    note(session, actor, closure, unit, "places-closed", at, closed_from=free_from)
    return closure


def look_at_emergency(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Closure:
    """Record that a second person has looked at an emergency closing; not the one who began it."""
    found, unit = find(session, actor, ref, business_day(at))
    row: Closure = lock_row(session, Closure, found.id or 0)
    if not row.emergency or row.second_official_id is not None:
        raise Conflict("nothing-to-confirm")
    if row.requested_by == actor.user_id:
        raise NotAllowed("second-official-same-person")
    if row.version != version:
        raise Conflict("changed-meanwhile")
    row.second_official_id, row.second_official_at = actor.user_id, at
    note(session, actor, row, unit, "emergency-looked-at", at)
    return row


def note(
    session: Session, actor: Actor, closure: Closure, unit: Unit, action: str, at: datetime, **after: object
) -> None:
    closure.version += 1
    session.add(closure)
    session.flush()
    record(
        session,
        actor=actor,
        action=action,
        object_kind="unit",
        object_ref=unit.ref,
        at=at,
        after={"closure": closure.ref, **after},
    )
