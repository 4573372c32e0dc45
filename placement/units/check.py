"""Checks of the places as they are stored: each rule with how many cases were compared and what breaks it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, or_, select

from agreements.check import Result
from agreements.period import Period
from placement.clock import business_day
from placement.decisions.tables import Hold, Stay
from placement.units import capacity, rules
from placement.units.offer_rules import above_building, above_ceiling
from placement.units.places import ceiling_parts
from placement.units.rules import Places, UnitBook
from placement.units.tables import CapacityException, Unit, UnitCapacity

SAMPLED_DAYS = (0, 1, 30, 180)


def run(session: Session, at: datetime) -> list[Result]:
    """Return the result of C1, C2, C5 and C8 over every unit."""
    units = {unit.id: unit for unit in session.exec(select(Unit).order_by(col(Unit.id))) if unit.id is not None}
    books = capacity.books(session, units, at)
    return [
        no_day_overbooked(units, books),
        no_capacity_above_the_ceiling(session, units),
        nobody_in_a_closed_unit(units, books),
        one_number_everywhere(session, units, at),
    ]


def _days(book: UnitBook) -> list[date]:
    """Return the days that stand for all: those on which anything changes."""
    return rules.change_days(book)


def no_day_overbooked(units: dict[int, Unit], books: dict[int, UnitBook]) -> Result:
    """C1: on no day are there more stays and live holds than room; a lapsed agreement is not overbooking (A7)."""
    checked, breaches = 0, []
    for key, book in books.items():
        for day in _days(book):
            checked += 1
            count = rules.count_on(book, day)
            if count.over:
                breaches.append(f"{units[key].ref}: {count.taken} in {count.room} places on {day}")
    return Result("C1", checked, breaches)


def no_capacity_above_the_ceiling(session: Session, units: dict[int, Unit]) -> Result:
    """C2: no unit and no building has more places than its kind allows, but for dated exceptions."""
    places = _places(session, UnitCapacity, "places")
    extra = _places(session, CapacityException, "extra_places")
    breaches = []
    for key, unit in units.items():
        own = places.get(key, ())
        if own:
            first = min(row.period.first for row in own)
            parts = ceiling_parts(unit.kind, first, two_carers=unit.two_carers, professional=unit.professional)
            above = above_ceiling(own, extra.get(key, ()), parts, unit.own_young_children)
            if above is not None:
                breaches.append(f"{unit.ref}: {above.places} places on {above.day}, {above.allowed} allowed")
    shared: dict[tuple[int, str], list[int]] = {}
    for key, unit in units.items():
        if unit.building_id is not None:
            shared.setdefault((unit.building_id, unit.kind.value), []).append(key)
    for (building, kind), keys in shared.items():
        together = tuple(row for key in keys for row in places.get(key, ()))
        lifted = tuple(row for key in keys for row in extra.get(key, ()))
        first = min((row.period.first for row in together), default=date.max)
        above = above_building(together, lifted, ceiling_parts(kind, first)) if together else None
        if above is not None:
            breaches.append(f"building {building}: {above.places} places on {above.day}, {above.allowed} allowed")
    return Result("C2", len(units) + len(shared), breaches)


def _places(
    session: Session, table: type[UnitCapacity] | type[CapacityException], column: str
) -> dict[int, tuple[Places, ...]]:
    found: dict[int, tuple[Places, ...]] = {}
    for row in session.exec(select(table)):
        one = Places(Period(row.valid_from, row.valid_to), getattr(row, column))  # type: ignore[attr-defined]
        found[row.unit_id] = (*found.get(row.unit_id, ()), one)  # type: ignore[attr-defined]
    return found


def nobody_in_a_closed_unit(units: dict[int, Unit], books: dict[int, UnitBook]) -> Result:
    """C5: no stay or hold covers a day on which the unit is not open or wholly closed."""
    checked, breaches = 0, []
    for key, book in books.items():
        for day in _days(book):
            checked += 1
            closed = not book.open_days.covers(day) or rules.closed_places(book, day) is None
            if closed and rules.count_on(book, day).taken:
                breaches.append(f"{units[key].ref}: somebody has a place on {day}, when it is closed")
    return Result("C5", checked, breaches)


def one_number_everywhere(session: Session, units: dict[int, Unit], at: datetime) -> Result:
    """C8: board, calendar, windows and a plain count of rows give one number for sampled unit-days."""
    today = business_day(at)
    checked, breaches = 0, []
    for ahead in SAMPLED_DAYS:
        day = today + timedelta(days=ahead)
        board = capacity.overviews(session, units, day, at)
        windows = capacity.windows(session, units, day, day + timedelta(days=1), at)
        for key, unit in units.items():
            checked += 1
            calendar = capacity.timeline(session, key, day, day, at)[0]
            rows = _counted(session, key, day, at)
            if board[key].count != calendar or windows[key][0][2] != calendar.capacity or rows != calendar.taken:
                breaches.append(f"{unit.ref}: board, calendar, windows and rows differ on {day}")
    return Result("C8", checked, breaches)


def _counted(session: Session, unit_id: int, day: date, at: datetime) -> int:
    stays = session.exec(
        select(func.count())
        .select_from(Stay)
        .where(Stay.unit_id == unit_id, col(Stay.start) <= day, or_(col(Stay.end).is_(None), col(Stay.end) > day))
    ).one()
    holds = session.exec(
        select(func.count())
        .select_from(Hold)
        .where(
            Hold.unit_id == unit_id,
            Hold.start <= day,
            or_(col(Hold.end).is_(None), col(Hold.end) > day),
            col(Hold.released_at).is_(None),
            Hold.expires_at > at,
        )
    ).one()
    return stays + holds
