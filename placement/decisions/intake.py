"""What a calculation reads: children, units, bookings, agreements and towns, as values of one moment.

Not scoped by an actor: the caller has chosen the counties (its own, or those a co-operation joins). No name,
code or narrative is read; children and units are known by key and reference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import defer
from sqlmodel import Session, col, or_, select

from agreements.in_force import rate_on, rates
from placement.children import queries as children
from placement.children.queries import ChildFacts
from placement.clock import business_day
from placement.decisions.tables import Proposal, ProposalRow, ProposalStatus, Stay
from placement.decisions.weeks import kilometres
from placement.integration.tables import SchoolPlace
from placement.people.tables import Organisation
from placement.units import capacity
from placement.units import queries as units
from placement.units.queries import UnitFacts
from placement.units.rules import UnitBook

OTHERS = "*"


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality: where it lies in whole kilometres, and whether it gives preparatory teaching."""

    code: str
    county: str
    x: int
    y: int
    prep_education: bool


@dataclass(frozen=True, slots=True)
class UnitInput:
    """A unit as the model and the fingerprint need it. `quotas`: county code, or * for each not named, to places.

    `facts` are the unit's own, `book` its places and bookings; `day_cents` and `empty_day_cents` what a filled
    and an empty place costs a day, by the agreement in force or else as the unit states. `here` False: a unit
    of a county outside the calculation, in which somebody of it lives; nobody may be placed there.
    """

    facts: UnitFacts
    book: UnitBook
    county: str
    town: str
    quotas: Mapping[str, int]
    day_cents: int
    empty_day_cents: int
    here: bool = True

    @property
    def id(self) -> int:
        return self.facts.id

    @property
    def ref(self) -> str:
        return self.facts.ref


@dataclass(frozen=True, slots=True)
class Lock:
    """A place in an open proposal that a person has locked for a child, [start, end)."""

    child_id: int
    unit_id: int
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class SchoolInput:
    """A place that a child has in a school of a town, from its first day to its last, both inclusive (None = open)."""

    town: str
    first: date
    last: date | None

    def goes_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def school_on(places: Iterable[SchoolInput], day: date) -> SchoolInput | None:
    """Return the place in a school on the day, the later begun of two; `places` stand by their first day."""
    return next(reversed([one for one in places if one.goes_on(day)]), None)


@dataclass(frozen=True)
class Snapshot:
    """Everything a calculation reads, at the instant `at`. `county_of` maps organisation keys to county codes.

    `schools`: the places in schools of each child who has any, by their first day.
    """

    at: datetime
    county_ids: tuple[int, ...]
    county_of: Mapping[int, str]
    town_of: Mapping[int, str]
    children: Mapping[int, ChildFacts]
    units: Mapping[int, UnitInput]
    towns: Mapping[str, Town]
    locks: tuple[Lock, ...]
    schools: Mapping[int, tuple[SchoolInput, ...]]

    @property
    def day(self) -> date:
        return business_day(self.at)


def read(
    session: Session,
    county_ids: Collection[int],
    at: datetime,
    *,
    also: Collection[int] = (),
    since: date | None = None,
) -> Snapshot:
    """Return what these counties' children and units are at `at`; `also` are child keys to read besides.

    Read are the children who wait, those who live or have a held place in the counties' units, their
    siblings, and the units in which any of these live. Stays that ended on or before `since` (default: the
    day of `at`) are left out.
    """
    first = since or business_day(at)
    own = units.units_of_county(session, county_ids)
    wanted = set(children.waiting_ids(session, county_ids)) | set(also)
    books = capacity.books(session, own, at, since=first)
    for book in books.values():
        wanted |= {booking.child_id for booking in (*book.stays, *book.holds)}
    found = children.everything_about(session, wanted)
    siblings = {member for child in found.values() if child.siblings for member in child.siblings.members}
    if siblings - found.keys():
        found = children.everything_about(session, wanted | siblings)
    return _snapshot(session, county_ids, at, first, found, books, own)


def about(
    session: Session,
    county_ids: Collection[int],
    child_ids: Collection[int],
    unit_ids: Collection[int],
    at: datetime,
    *,
    since: date,
) -> Snapshot:
    """Return a snapshot of these children and units only, with the units in which the children live."""
    found = children.everything_about(session, child_ids)
    books = capacity.books(session, unit_ids, at, since=since)
    return _snapshot(session, county_ids, at, since, found, books, set(unit_ids))


def _snapshot(
    session: Session,
    county_ids: Collection[int],
    at: datetime,
    since: date,
    found: Mapping[int, ChildFacts],
    books: Mapping[int, UnitBook],
    own: Collection[int],
) -> Snapshot:
    elsewhere = _homes_of(session, found, since) - books.keys()
    every = {**books, **capacity.books(session, elsewhere, at, since=since)}
    bodies = {row.id: row for row in session.exec(select(Organisation)) if row.id is not None}
    county_of = {key: row.county_code for key, row in bodies.items() if row.county_code}
    town_of = {key: row.municipality_code for key, row in bodies.items() if row.municipality_code}
    return Snapshot(
        at=at,
        county_ids=tuple(sorted(county_ids)),
        county_of=county_of,
        town_of=town_of,
        children=found,
        units=_units(session, every, county_of, town_of, every.keys() - set(own), business_day(at)),
        towns={code: _town(bodies[key], county_of) for key, code in town_of.items()},
        locks=_locks(session, county_ids),
        schools=schools(session, found, town_of),
    )


def schools(
    session: Session, child_ids: Collection[int], town_of: Mapping[int, str]
) -> Mapping[int, tuple[SchoolInput, ...]]:
    """Return the places in schools of each child who has any, by their first day; `town_of`: key to town code."""
    rows = session.exec(
        select(SchoolPlace)
        .options(defer(SchoolPlace.name, raiseload=True))  # type: ignore[arg-type]
        .where(col(SchoolPlace.child_id).in_(child_ids))
        .order_by(col(SchoolPlace.from_on), col(SchoolPlace.number))
    )
    found: dict[int, list[SchoolInput]] = defaultdict(list)
    for row in rows:
        found[row.child_id].append(SchoolInput(town_of[row.municipality_id], row.from_on, row.to_on))
    return {child_id: tuple(places) for child_id, places in found.items()}


def _homes_of(session: Session, child_ids: Collection[int], day: date) -> set[int]:
    rows = session.exec(
        select(Stay.unit_id).where(col(Stay.child_id).in_(child_ids), or_(col(Stay.end).is_(None), col(Stay.end) > day))
    )
    return set(rows)


def _town(row: Organisation, county_of: Mapping[int, str]) -> Town:
    x, y = (0, 0) if row.lat is None or row.lon is None else kilometres(row.lat, row.lon)
    county = row.county_code or county_of.get(row.county_id or 0, "none")
    return Town(row.municipality_code or "", county, x, y, row.prep_education)


def _units(
    session: Session,
    books: Mapping[int, UnitBook],
    county_of: Mapping[int, str],
    town_of: Mapping[int, str],
    elsewhere: Collection[int],
    day: date,
) -> dict[int, UnitInput]:
    found = units.everything_about(session, books)
    prices = rates(session, {one.version_id for facts in found.values() for one in facts.agreements})
    inputs = {}
    for key, facts in sorted(found.items(), key=lambda one: one[1].ref):
        rows = [rate_on(prices.get(one.version_id, []), key, day) for one in facts.agreements if one.period.covers(day)]
        rate = next((row for row in rows if row is not None), None)
        inputs[key] = UnitInput(
            facts=facts,
            book=books[key],
            county=county_of[facts.county_id],
            town=town_of[facts.municipality_id],
            quotas=_quotas(facts, county_of, day),
            day_cents=rate.day_cents if rate else facts.price_day_cents,
            empty_day_cents=rate.empty_day_cents if rate else facts.price_empty_day_cents,
            here=key not in elsewhere,
        )
    return inputs


def _quotas(facts: UnitFacts, county_of: Mapping[int, str], day: date) -> dict[str, int]:
    """Return what agreements in force on `day` or later allow each county; of two numbers the smaller holds."""
    found: dict[str, int] = {}
    for quota in facts.quotas:
        if quota.period.last is None or quota.period.last >= day:
            county = OTHERS if quota.county_id is None else county_of[quota.county_id]
            found[county] = min(quota.places, found.get(county, quota.places))
    return found


def _locks(session: Session, county_ids: Collection[int]) -> tuple[Lock, ...]:
    """Return the locked rows of these counties' open proposals, the latest proposal of a child deciding."""
    rows = session.exec(
        select(ProposalRow)
        .join(Proposal, col(Proposal.id) == ProposalRow.proposal_id)
        .where(
            col(Proposal.county_id).in_(county_ids),
            Proposal.status != ProposalStatus.WITHDRAWN,
            col(ProposalRow.locked).is_(True),
            col(ProposalRow.unit_id).is_not(None),
        )
        .order_by(col(ProposalRow.id))
    )
    latest = {row.child_id: row for row in rows}
    return tuple(
        Lock(child_id, row.unit_id, row.start, row.end)
        for child_id, row in sorted(latest.items())
        if row.unit_id is not None
    )
