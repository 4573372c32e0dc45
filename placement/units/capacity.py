"""The one place where places are counted: capacity(u, d), and free(u, d) = capacity − stays − live holds.

Board, unit page, table, exports, runs and bookings all come here, so they cannot disagree. A number holds
for one moment `at`: a hold counts while `at < expires_at` and it is not released (rule C6), and stays count
as the database has them in the caller's transaction. What counts as a place is said in `rules.capacity_on`:
for a family group home only what an agreement on founding in force covers; for the other kinds the
registration where one is needed. Nothing here looks at who asks: scope is the caller's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlmodel import Session, col, or_, select

from agreements.in_force import founding_coverage
from agreements.period import Period
from placement.decisions.tables import Hold, Stay
from placement.refusals import NotFound
from placement.units import rules
from placement.units.rules import Booking, Closed, DayCount, Places, UnitBook
from placement.units.tables import CapacityException, Closure, Unit, UnitCapacity

YEAR = timedelta(days=365)
ROW = TypeVar("ROW", UnitCapacity, Closure, CapacityException, Stay, Hold)


@dataclass(frozen=True, slots=True)
class Overview:
    """A unit on a day and when a place is free next: that day itself, a later one, or None (not known).

    `why_none` says why it has no places at all that day, None when it has. `days_over`: overbooked days in the
    year from that day on; `lapses_on`: the first of those days without agreement or registration while
    children live there.
    """

    count: DayCount
    next_free: date | None
    why_none: str | None
    days_over: int
    lapses_on: date | None


def books(
    session: Session, unit_ids: Collection[int], at: datetime, *, since: date | None = None
) -> dict[int, UnitBook]:
    """Return the book of each unit as it is at the moment `at`; eight statements whatever the number of units.

    `since` leaves out stays and holds that ended on or before that day; counts before it are then too low,
    so only callers that never look back give it.
    """
    wanted = sorted(set(unit_ids))
    if not wanted:
        return {}
    units = session.exec(select(Unit).where(col(Unit.id).in_(wanted))).all()
    in_use = _by_unit(session.exec(select(UnitCapacity).where(col(UnitCapacity.unit_id).in_(wanted))))
    extra = _by_unit(session.exec(select(CapacityException).where(col(CapacityException.unit_id).in_(wanted))))
    closures = _by_unit(
        session.exec(select(Closure).where(col(Closure.unit_id).in_(wanted), col(Closure.cancelled_at).is_(None)))
    )
    from_day = since or date.min
    stays = _by_unit(
        session.exec(
            select(Stay).where(col(Stay.unit_id).in_(wanted), or_(col(Stay.end).is_(None), col(Stay.end) > from_day))
        )
    )
    holds = _by_unit(
        session.exec(
            select(Hold).where(
                col(Hold.unit_id).in_(wanted),
                col(Hold.released_at).is_(None),
                col(Hold.expires_at) > at,
                or_(col(Hold.end).is_(None), col(Hold.end) > from_day),
            )
        )
    )
    agreed = founding_coverage(session, wanted)
    return {
        key: UnitBook(
            unit_id=key,
            kind=unit.kind,
            own_provider=unit.provider_id is None,
            opened_on=unit.opened_on,
            closed_on=unit.closed_on,
            registration=registration(unit),
            in_use=tuple(Places(Period(row.valid_from, row.valid_to), row.places) for row in in_use.get(key, [])),
            agreed=tuple(Places(one.period, one.places) for one in agreed[key]),
            extra=tuple(Places(Period(row.valid_from, row.valid_to), row.extra_places) for row in extra.get(key, [])),
            closures=tuple(
                Closed(Period(row.valid_from, row.valid_to), row.places, row.planned) for row in closures.get(key, [])
            ),
            stays=_bookings(stays.get(key, [])),
            holds=_bookings(holds.get(key, [])),
        )
        for unit in units
        if (key := unit.id) is not None
    }


def registration(unit: Unit) -> Period | None:
    """Return the days of the unit's registration; None when none is stated."""
    if unit.registered_from is None and unit.registered_to is None:
        return None
    return Period(unit.registered_from or date.min, unit.registered_to)


def counts(session: Session, unit_ids: Collection[int], day: date, at: datetime) -> dict[int, DayCount]:
    """Return capacity, stays, holds and closed places of each unit on a day."""
    return {key: rules.count_on(book, day) for key, book in books(session, unit_ids, at, since=day).items()}


def overviews(session: Session, unit_ids: Collection[int], day: date, at: datetime) -> dict[int, Overview]:
    """Return each unit on a day: its counts, its next free day, why it has none, and what is overbooked."""
    return {key: overview_of(book, day) for key, book in books(session, unit_ids, at, since=day).items()}


def overview_of(book: UnitBook, day: date) -> Overview:
    """Return one unit's overview from its book."""
    return Overview(
        count=rules.count_on(book, day),
        next_free=rules.next_free_day(book, day),
        why_none=rules.why_none(book, day),
        days_over=rules.days_over(book, day, day + YEAR),
        lapses_on=rules.first_lapse(book, day, day + YEAR),
    )


def free_places(session: Session, unit_ids: Collection[int], day: date, at: datetime) -> dict[int, int]:
    """Return free(u, d) of each unit; below zero where a unit is overbooked."""
    return {key: count.free for key, count in counts(session, unit_ids, day, at).items()}


def timeline(session: Session, unit_id: int, first: date, last: date, at: datetime) -> list[DayCount]:
    """Return the unit day by day, `first` … `last`, both inclusive; raises NotFound for no such unit."""
    book = _one(books(session, [unit_id], at, since=first), unit_id)
    return [rules.count_on(book, first + timedelta(days=n)) for n in range((last - first).days + 1)]


def min_free(
    session: Session,
    unit_id: int,
    start: date,
    end: date | None,
    at: datetime,
    *,
    excluding_child: int | None = None,
    excluding_hold: int | None = None,
) -> int:
    """Return the least free places on any day of [start, end): a booking fits when it is at least 1.

    `end` None looks on to the last change that is known. `excluding_child` leaves out that child's own stays
    and holds in the unit, `excluding_hold` one hold that is about to become the stay. The caller that books
    has locked the unit's row before (rule C7). Raises NotFound for no such unit.
    """
    book = _one(books(session, [unit_id], at, since=start), unit_id)
    return rules.least_free(rules.without(book, child_id=excluding_child, hold_id=excluding_hold), start, end)


def windows(
    session: Session, unit_ids: Collection[int], first: date, end: date, at: datetime
) -> dict[int, list[tuple[date, date, int]]]:
    """Return each unit's capacity over [first, end) as contiguous half-open (from, to, places).

    Capacity, not free places: children who live there are the plan's own locked rows.
    """
    return {
        key: rules.capacity_windows(book, first, end) for key, book in books(session, unit_ids, at, since=first).items()
    }


def _one(found: dict[int, UnitBook], unit_id: int) -> UnitBook:
    if unit_id not in found:
        raise NotFound
    return found[unit_id]


def _by_unit(rows: Iterable[ROW]) -> dict[int, list[ROW]]:
    found: dict[int, list[ROW]] = {}
    for row in rows:
        found.setdefault(row.unit_id, []).append(row)
    return found


def _bookings(rows: Iterable[Stay | Hold]) -> tuple[Booking, ...]:
    return tuple(
        Booking(row_id=row.id, child_id=row.child_id, start=row.start, end=row.end)
        for row in rows
        if row.id is not None and row.start is not None
    )
