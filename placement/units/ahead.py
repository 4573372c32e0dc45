"""Places free today and in 3, 6, 12 and 18 months: plain arithmetic from what is known, no forecast.

Counted by the one count of places (`rules.count_on`): known stays and their ends, 18th and 23rd birthdays of those
whose stay has no end, agreements, registrations, openings and closures. Nobody new is assumed to come.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from agreements.period import ONE_DAY
from placement.children.tables import Child
from placement.clock import business_day
from placement.permissions import Actor
from placement.reference import adult_from, months_after, right_ends
from placement.units import capacity, rules
from placement.units.queries import UnitFacts, everything_about, visible_units
from placement.units.rules import DayCount, UnitBook

MONTHS = (0, 3, 6, 12, 18)
TURNS_ADULT, RIGHT_ENDS, LEAVES = "turns-adult", "right-ends", "leaves"


@dataclass(frozen=True)
class Ends:
    """Something that ends within the horizon: a code, its first day without it, and how many it touches."""

    code: str
    day: date
    count: int = 1


@dataclass(frozen=True)
class AheadLine:
    """One unit at each horizon, and what makes the numbers change, the earliest first."""

    facts: UnitFacts
    counts: tuple[DayCount, ...]
    ends: tuple[Ends, ...]

    @property
    def free(self) -> tuple[int, ...]:
        return tuple(one.open_places for one in self.counts)


def horizons(today: date) -> tuple[date, ...]:
    """Return the days that are looked at."""
    return tuple(months_after(today, months) for months in MONTHS)


def lines(session: Session, actor: Actor, at: datetime, *, kind: str = "", own: bool = True) -> list[AheadLine]:
    """Return the units the actor may see (with `own` those of the own county) at each horizon, by name."""
    today = business_day(at)
    units = [
        unit
        for unit in visible_units(session, actor, today)
        if (not own or unit.county_id == actor.county_id) and kind in ("", unit.kind.value)
    ]
    keys = [unit.id for unit in units if unit.id is not None]
    books = capacity.books(session, keys, at, since=today)
    facts = everything_about(session, keys)
    born = _birth_dates(session, {one.child_id for book in books.values() for one in book.stays})
    days = horizons(today)
    found = []
    for key in keys:
        book = known_to_leave(books[key], born, today)
        counts = tuple(rules.count_on(book, day) for day in days)
        found.append(AheadLine(facts[key], counts, tuple(_ends(facts[key], book, born, today, days[-1]))))
    return found


def _birth_dates(session: Session, child_ids: Collection[int]) -> dict[int, date]:
    rows = session.execute(sa.select(col(Child.id), col(Child.birth_date)).where(col(Child.id).in_(child_ids)))
    return {row[0]: row[1] for row in rows}


def known_to_leave(book: UnitBook, born: Mapping[int, date], today: date) -> UnitBook:
    """Return the book with an end for every stay: the known one, else the 18th birthday or the end of the right."""
    stays = []
    for stay in book.stays:
        end = stay.end
        if end is None and stay.child_id in born:
            adult = adult_from(born[stay.child_id])
            children_only = book.kind == rules.FAMILY_GROUP_HOME
            by_age = adult if children_only and adult > today else right_ends(born[stay.child_id], today)
            end = by_age if by_age > max(stay.start, today) else None
        stays.append(replace(stay, end=end))
    return replace(book, stays=tuple(stays))


def _ends(facts: UnitFacts, book: UnitBook, born: Mapping[int, date], today: date, last: date) -> list[Ends]:
    found: dict[tuple[str, date], int] = {}
    for stay in book.stays:
        if stay.end is not None and today < stay.end <= last:
            code = _why(born.get(stay.child_id), stay.end)
            found[code, stay.end] = found.get((code, stay.end), 0) + 1
    rows = [Ends(code, day, count) for (code, day), count in found.items()]
    if facts.closed_on is not None and today <= facts.closed_on <= last:
        rows.append(Ends("closes-down", facts.closed_on + ONE_DAY))
    if facts.registered_to is not None and today <= facts.registered_to <= last:
        rows.append(Ends("registration", facts.registered_to + ONE_DAY))
    founded = facts.founded_by(today)
    if founded is not None and founded.period.last is not None and founded.period.last <= last:
        rows.append(Ends("agreement", founded.period.last + ONE_DAY))
    rows += [
        Ends("closing" if one.planned else "closure", one.period.first, one.places or 0)
        for one in book.closures
        if today < one.period.first <= last
    ]
    if facts.opened_on > today:
        rows.append(Ends("opens", facts.opened_on))
    rows += [Ends("places", one.period.first, one.places) for one in book.in_use if today < one.period.first <= last]
    return sorted(rows, key=lambda one: (one.day, one.code))


def _why(birth: date | None, end: date) -> str:
    if birth is not None and end == adult_from(birth):
        return TURNS_ADULT
    if birth is not None and end == right_ends(birth, end):
        return RIGHT_ENDS
    return LEAVES


def totals(found: Sequence[AheadLine]) -> tuple[tuple[int, int, int], ...]:
    """Return (places, taken, free) of all units at each horizon."""
    return tuple(
        (
            sum(line.counts[n].capacity for line in found),
            sum(line.counts[n].taken for line in found),
            sum(line.counts[n].open_places for line in found),
        )
        for n in range(len(MONTHS))
    )
