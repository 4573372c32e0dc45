"""What a version would change if it were in force: places, children, and money. Reads only.

The same functions count after the version was put in force, so the preview and what happens cannot differ.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlmodel import Session, col, select

from agreements import in_force
from agreements.agreement_rules import periods_in_force
from agreements.delivery_rules import period_of
from agreements.drafting import versions_of
from agreements.in_force import Coverage, rate_on, rates
from agreements.period import Period
from agreements.tables import Agreement, AgreementRate, AgreementUnit, AgreementVersion
from agreements.terms import load as load_terms
from placement.clock import business_day
from placement.permissions import Actor
from placement.reimbursed import preparing
from placement.units import capacity
from placement.units.rules import Places, UnitBook, capacity_on, change_days, count_on
from placement.units.tables import Unit

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class PlaceChange:
    """Places of a unit from a day on, before and after; `taken` of them are taken or held that day."""

    unit: Unit
    day: date
    before: int
    after: int
    taken: int

    @property
    def too_few(self) -> int:
        return max(0, self.taken - self.after)


@dataclass(frozen=True)
class MoneyChange:
    """The ceiling of place-days in the open claim period, before and after, in cents; `year_cents` for 365 days."""

    first: date
    last: date
    before_cents: int
    after_cents: int
    year_before_cents: int
    year_after_cents: int


@dataclass(frozen=True)
class ClaimChange:
    """The sum of an open claim as the facts of today write it, before and after, in cents."""

    ref: str
    first: date
    last: date
    before_cents: int
    after_cents: int


@dataclass(frozen=True)
class Effect:
    places: tuple[PlaceChange, ...]
    money: MoneyChange
    lost_days: int
    claims: tuple[ClaimChange, ...]


def effect(session: Session, actor: Actor, version: AgreementVersion, at: datetime) -> Effect:
    """Return what putting the version in force changes for its units and those of the versions it replaces.

    Open claims are told to those of their own county only.
    """
    today = business_day(at)
    units = units_of(session, version)
    now = coverage(session, units)
    with in_force.supposing(session, [version.id or 0]):
        then = coverage(session, units)
    books = capacity.books(session, units, at)
    rows = {one.id or 0: one for one in session.exec(select(Unit).where(col(Unit.id).in_(units)))}
    first = max(today, version.valid_from)
    places = []
    for key, book in sorted(books.items()):
        places += _places(rows[key], _with(book, now), _with(book, then), first)
    return Effect(
        places=tuple(places),
        money=_money(session, version, books, now, then, today),
        lost_days=sum(lost_days(book, then, first) - lost_days(book, now, first) for book in books.values()),
        claims=tuple(_claims(session, actor, version, today)),
    )


def coverage(session: Session, units: Collection[int]) -> list[Coverage]:
    """Return what is in force for the units."""
    return in_force.coverage(session, units)


def _claims(session: Session, actor: Actor, version: AgreementVersion, on: date) -> list[ClaimChange]:
    """Return the open payment applications whose sum the version would change, each written anew both ways."""
    county_id = session.get_one(Agreement, version.agreement_id).county_id
    if county_id is None or actor.county_id != county_id:
        return []
    found = []
    for claim in preparing.open_claims(session, county_id, Period(version.valid_from, version.valid_to)):
        before = preparing.sum_of_facts(session, claim, on)
        with in_force.supposing(session, [version.id or 0]):
            after = preparing.sum_of_facts(session, claim, on)
        if before != after:
            found.append(ClaimChange(claim.ref, claim.period_first, claim.period_last, before, after))
    return found


def units_of(session: Session, version: AgreementVersion) -> set[int]:
    """Return the units of any version of the agreement: those that it covers, and those that it would leave."""
    query = (
        select(AgreementUnit.unit_id)
        .join(AgreementVersion, col(AgreementVersion.id) == AgreementUnit.version_id)
        .where(AgreementVersion.agreement_id == version.agreement_id)
    )
    return set(session.exec(query))


def _with(book: UnitBook, rows: Sequence[Coverage]) -> UnitBook:
    founding = [one for one in rows if one.unit_id == book.unit_id and "founding" in one.chapters]
    return replace(book, agreed=tuple(Places(one.period, one.places) for one in founding))


def _places(unit: Unit, before: UnitBook, after: UnitBook, first: date) -> list[PlaceChange]:
    """Return each day from `first` within a year on which the places become others than they were."""
    days = sorted({first, *(day for day in (*change_days(before), *change_days(after)) if first < day < first + YEAR)})
    found: list[PlaceChange] = []
    told: tuple[int, int] | None = None
    for day in days:
        pair = capacity_on(before, day), capacity_on(after, day)
        if pair[0] != pair[1] and pair != told:
            found.append(PlaceChange(unit, day, pair[0], pair[1], count_on(after, day).taken))
        told = pair
    return found


def lost_days(book: UnitBook, rows: Sequence[Coverage], first: date) -> int:
    """Return on how many days within a year children would live in a home without an agreement."""
    if not book.agreed and not any(one.unit_id == book.unit_id for one in rows):
        return 0
    changed = _with(book, rows)
    days = [*sorted({first, *(day for day in change_days(changed) if first < day < first + YEAR)}), first + YEAR]
    lost = 0
    for start, stop in pairwise(days):
        count = count_on(changed, start)
        lost += (stop - start).days * count.stays if count.lapsed else 0
    return lost


def _money(
    session: Session,
    version: AgreementVersion,
    books: dict[int, UnitBook],
    now: Sequence[Coverage],
    then: Sequence[Coverage],
    today: date,
) -> MoneyChange:
    period = period_of(max(today, version.valid_from), load_terms(version.terms).claim_period)
    first, last = period.first, period.last or period.first
    year = max(today, version.valid_from)
    return MoneyChange(
        first=first,
        last=last,
        before_cents=sum(ceiling(session, book, now, first, last) for book in books.values()),
        after_cents=sum(ceiling(session, book, then, first, last) for book in books.values()),
        year_before_cents=sum(full_year(session, book, now, year) for book in books.values()),
        year_after_cents=sum(full_year(session, book, then, year) for book in books.values()),
    )


def ceiling(session: Session, book: UnitBook, rows: Sequence[Coverage], first: date, last: date) -> int:
    """Return the place-days of known stays times the price of each day, in cents, first … last inclusive."""
    prices = rates(session, {one.version_id for one in rows})
    total, day = 0, first
    while day <= last:
        stays = sum(stay.covers(day) for stay in book.stays)
        total += stays * _price(book, rows, prices, day) if stays else 0
        day += timedelta(days=1)
    return total


def full_year(session: Session, book: UnitBook, rows: Sequence[Coverage], first: date) -> int:
    """Return what all agreed places would cost in a year from a day, by the prices of that day, in cents."""
    prices = rates(session, {one.version_id for one in rows})
    covered = [one for one in rows if one.unit_id == book.unit_id and one.period.covers(first)]
    return sum(one.places for one in covered[:1]) * _price(book, rows, prices, first) * 365


def _price(book: UnitBook, rows: Sequence[Coverage], prices: dict[int, list[AgreementRate]], day: date) -> int:
    for one in rows:
        if one.unit_id == book.unit_id and one.period.covers(day):
            rate = rate_on(prices.get(one.version_id, []), book.unit_id, day)
            if rate is not None:
                return rate.day_cents
    return 0


def replaced_by(session: Session, version: AgreementVersion) -> list[tuple[int, date | None]]:
    """Return the earlier versions that the version ends if it is put in force: number and new last day.

    None: a version that holds from an earlier day on leaves it no day at all.
    """
    facts = [in_force.version_facts(row) for row in versions_of(session, version.agreement_id)]
    now = periods_in_force(facts)
    then = periods_in_force(
        replace(one, status="signed", activated_on=one.valid_from) if one.id == version.id else one for one in facts
    )
    return [
        (one.number, then[one.id].last if one.id in then else None)
        for one in facts
        if one.id in now and one.id != version.id and then.get(one.id) != now[one.id]
    ]
