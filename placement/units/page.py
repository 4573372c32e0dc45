"""What one unit's page shows: places over time, a month of occupancy, one day, the building, the stays."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, or_, select

from agreements.period import Period
from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.people.tables import Organisation
from placement.permissions import Actor, Permission
from placement.reference import Ceiling, NotInForce, ceiling
from placement.units import capacity, rules
from placement.units.lists import UnitLine, lines_of
from placement.units.offer_rules import CeilingPart, unit_ceiling
from placement.units.queries import organisations_by_key
from placement.units.rules import DayCount
from placement.units.tables import Building, CapacityException, Closure, Unit, UnitCapacity, UnitKind


@dataclass(frozen=True)
class PlacePeriod:
    """Places on the days of `period` (inclusive) beside what the law allows and asks for on its first day.

    `ceiling` and `least_staff` None = the law sets no number.
    """

    period: Period
    places: int
    care_workers: int
    ceiling: int | None
    least_staff: int | None

    @property
    def short_of_staff(self) -> bool:
        return self.least_staff is not None and self.places > 0 and self.care_workers < self.least_staff


@dataclass(frozen=True)
class BuildingTotal:
    """All homes of a building on a day against the most places a building may have (1301/2014 § 22 a)."""

    name: str
    units: int
    places: int
    taken: int
    most: int | None


@dataclass(frozen=True)
class StayLine:
    """A stay by reference; `ref` None = not to be named (non-disclosure, or another county's child)."""

    ref: str | None
    protected: bool
    start: date
    end: date | None
    status: str


@dataclass(frozen=True)
class Month:
    """A month of occupancy in weeks from Monday; None where a week reaches out of the month."""

    first: date
    weeks: tuple[tuple[DayCount | None, ...], ...]

    @property
    def before(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        return (self.first + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True)
class UnitPage:
    line: UnitLine
    provider: Organisation | None
    building: BuildingTotal | None
    periods: tuple[PlacePeriod, ...]
    closures: tuple[Closure, ...]
    exceptions: tuple[CapacityException, ...]
    month: Month
    day: DayCount
    stays: tuple[StayLine, ...] | None
    address: str | None

    @property
    def day_before(self) -> date:
        return self.day.day - timedelta(days=1)

    @property
    def day_after(self) -> date:
        return self.day.day + timedelta(days=1)


def show(session: Session, actor: Actor, unit: Unit, *, month: date, day: date, at: datetime, on: date) -> UnitPage:
    """Return the page of a unit that the actor may see: `month` any day of the month, `day` the day looked at.

    Stays are listed for those who may see the county's children; a reviewer gets numbers only.
    """
    key = unit.id or 0
    line = lines_of(session, actor, [unit], on, at)[0]
    first, last = ends(month)
    book = capacity.books(session, [key], at, since=min(first, day, on))[key]
    sees_stays = actor.can(Permission.SEE_CHILDREN) and actor.county_id is not None
    return UnitPage(
        line=line,
        provider=organisations_by_key(session, [unit.provider_id]).get(unit.provider_id or 0),
        building=_building(session, unit, on, at),
        periods=_periods(session, unit),
        closures=tuple(session.exec(select(Closure).where(Closure.unit_id == key).order_by(col(Closure.valid_from)))),
        exceptions=tuple(
            session.exec(
                select(CapacityException)
                .where(CapacityException.unit_id == key)
                .order_by(col(CapacityException.valid_from))
            )
        ),
        month=_month(book, first, last),
        day=rules.count_on(book, day),
        stays=tuple(_stays(session, actor, key, day, on)) if sees_stays else None,
        address=unit.address if line.own else None,
    )


def ends(month: date) -> tuple[date, date]:
    _, length = calendar.monthrange(month.year, month.month)
    return month.replace(day=1), month.replace(day=length)


def _month(book: rules.UnitBook, first: date, last: date) -> Month:
    days: list[DayCount | None] = [None] * first.weekday()
    days += [rules.count_on(book, first + timedelta(days=n)) for n in range((last - first).days + 1)]
    days += [None] * (-len(days) % 7)
    return Month(first, tuple(tuple(days[n : n + 7]) for n in range(0, len(days), 7)))


def _building(session: Session, unit: Unit, on: date, at: datetime) -> BuildingTotal | None:
    building = session.get(Building, unit.building_id) if unit.building_id is not None else None
    if building is None:
        return None
    homes = session.exec(select(Unit.id).where(Unit.building_id == unit.building_id, Unit.kind == unit.kind))
    counts = capacity.counts(session, [key for key in homes if key is not None], on, at)
    law = _law(unit, on)
    return BuildingTotal(
        name=building.name,
        units=len(counts),
        places=sum(count.capacity for count in counts.values()),
        taken=sum(count.taken for count in counts.values()),
        most=law.per_building if law else None,
    )


def _law(unit: Unit, on: date) -> Ceiling | None:
    flags = {"two_carers": unit.two_carers, "professional": unit.professional}
    try:
        return ceiling(unit.kind, on, **(flags if unit.kind == UnitKind.FOSTER_HOME else {}))
    except NotInForce:
        return None


def _periods(session: Session, unit: Unit) -> tuple[PlacePeriod, ...]:
    rows = session.exec(
        select(UnitCapacity).where(UnitCapacity.unit_id == unit.id).order_by(col(UnitCapacity.valid_from))
    )
    shared = 1
    if unit.building_id is not None:
        same = session.exec(select(Unit.id).where(Unit.building_id == unit.building_id, Unit.kind == unit.kind)).all()
        shared = len(same)
    found = []
    for row in rows:
        law = _law(unit, row.valid_from)
        period = Period(row.valid_from, row.valid_to)
        part = CeilingPart(period, law.per_unit, law.per_building, law.own_children_counted) if law else None
        found.append(
            PlacePeriod(
                period=period,
                places=row.places,
                care_workers=row.care_workers,
                ceiling=unit_ceiling(part, unit.own_young_children) if part else None,
                least_staff=law.least_staff(shared) if law else None,
            )
        )
    return tuple(found)


def _stays(session: Session, actor: Actor, unit_id: int, day: date, on: date) -> list[StayLine]:
    """Return the stays that reach to `day` or later, by first day; whom the actor may not know has no reference."""
    rows = session.exec(
        select(Stay, Child.ref, Child.protected, Child.county_id)
        .join(Child, col(Child.id) == Stay.child_id)
        .where(Stay.unit_id == unit_id, or_(col(Stay.end).is_(None), col(Stay.end) > min(day, on)))
        .order_by(col(Stay.start), col(Stay.id))
    )
    return [
        StayLine(
            ref=ref if county_id == actor.county_id and not protected else None,
            protected=protected and county_id == actor.county_id,
            start=stay.start,
            end=stay.end,
            status=stay_status(stay, on),
        )
        for stay, ref, protected, county_id in rows
        if stay.start is not None
    ]


def stay_status(stay: Stay, on: date) -> str:
    """Return planned, decided, living-here or ended: the furthest step that is recorded."""
    if stay.end is not None and stay.end <= on:
        return "stay-ended"
    if stay.realised_start is not None and stay.realised_start <= on:
        return "living-here"
    return "stay-decided" if stay.decided_start is not None else "stay-planned"
