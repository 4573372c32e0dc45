"""What a calculation reads: children, units, bookings, agreements and towns, as values of one moment.

Not scoped by an actor: the caller has chosen the counties (its own, or those a co-operation joins). No name,
code or narrative is read; children and units are known by key and reference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from agreements.in_force import coverage
from agreements.period import Period
from agreements.tables import AgreementQuota, AgreementRate
from placement.children import queries as children
from placement.children.queries import ChildFacts
from placement.clock import business_day
from placement.decisions.tables import Proposal, ProposalRow, ProposalStatus, Stay
from placement.decisions.weeks import kilometres
from placement.people.tables import Organisation
from placement.units import capacity
from placement.units.rules import UnitBook
from placement.units.tables import Unit, UnitLanguage, UnitService

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

    `here` False: a unit of a county outside the calculation, in which somebody of it lives; nobody may be
    placed there. Prices are cents a day.
    """

    id: int
    ref: str
    county: str
    town: str
    kind: str
    age_min_months: int
    age_max_months: int
    gender: str
    support_min: int
    support_max: int
    care_hours: int
    interpreter_hours: int
    price_day_cents: int
    price_empty_day_cents: int
    secret_address: bool
    languages: Mapping[str, int]
    services: Mapping[str, int]
    quotas: Mapping[str, int]
    book: UnitBook
    here: bool = True


@dataclass(frozen=True, slots=True)
class Lock:
    """A place in an open proposal that a person has locked for a child, [start, end)."""

    child_id: int
    unit_id: int
    start: date
    end: date | None


@dataclass(frozen=True)
class Snapshot:
    """Everything a calculation reads, at the instant `at`. `county_of` maps organisation keys to county codes."""

    at: datetime
    county_ids: tuple[int, ...]
    county_of: Mapping[int, str]
    town_of: Mapping[int, str]
    children: Mapping[int, ChildFacts]
    units: Mapping[int, UnitInput]
    towns: Mapping[str, Town]
    locks: tuple[Lock, ...]

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
    own = {key for key in session.exec(select(Unit.id).where(col(Unit.county_id).in_(county_ids))) if key}
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
    )


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
    languages: dict[int, dict[str, int]] = defaultdict(dict)
    for spoken in session.exec(select(UnitLanguage).where(col(UnitLanguage.unit_id).in_(books))):
        languages[spoken.unit_id][spoken.code] = spoken.hours
    services: dict[int, dict[str, int]] = defaultdict(dict)
    for given in session.exec(select(UnitService).where(col(UnitService.unit_id).in_(books))):
        services[given.unit_id][given.code] = given.hours
    quotas, prices = _agreed(session, books, county_of, day)
    found = {}
    for unit in session.exec(select(Unit).where(col(Unit.id).in_(books)).order_by(col(Unit.ref))):
        key = unit.id or 0
        price = prices.get(key, (unit.price_day_cents, unit.price_empty_day_cents))
        found[key] = UnitInput(
            id=key,
            ref=unit.ref,
            county=county_of[unit.county_id],
            town=town_of[unit.municipality_id],
            kind=unit.kind.value,
            age_min_months=unit.age_min_months,
            age_max_months=unit.age_max_months,
            gender=unit.gender.value,
            support_min=unit.support_min,
            support_max=unit.support_max,
            care_hours=unit.care_hours,
            interpreter_hours=unit.interpreter_hours,
            price_day_cents=price[0],
            price_empty_day_cents=price[1],
            secret_address=unit.secret_address,
            languages=languages[key],
            services=services[key],
            quotas=quotas.get(key, {}),
            book=books[key],
            here=key not in elsewhere,
        )
    return found


def _agreed(
    session: Session, unit_ids: Collection[int], county_of: Mapping[int, str], day: date
) -> tuple[dict[int, dict[str, int]], dict[int, tuple[int, int]]]:
    """Return county quotas (versions in force on `day` or later) and the price in force on `day`, by unit."""
    covered = coverage(session, list(unit_ids))
    period_of = {(one.version_id, one.unit_id): one.period for one in covered}
    versions = {one.version_id for one in covered}
    quotas: dict[int, dict[str, int]] = defaultdict(dict)
    for row in session.exec(select(AgreementQuota).where(col(AgreementQuota.version_id).in_(versions))):
        period = period_of.get((row.version_id, row.unit_id))
        if period is None or (period.last is not None and period.last < day):
            continue
        county = OTHERS if row.county_id is None else county_of[row.county_id]
        quotas[row.unit_id][county] = max(row.places, quotas[row.unit_id].get(county, 0))
    prices: dict[int, tuple[int, int]] = {}
    for rate in session.exec(select(AgreementRate).where(col(AgreementRate.version_id).in_(versions))):
        for version_id, unit_id in period_of:
            in_force = period_of[version_id, unit_id].covers(day) and Period(rate.valid_from, rate.valid_to).covers(day)
            if version_id == rate.version_id and rate.unit_id in (None, unit_id) and in_force:
                prices[unit_id] = (rate.day_cents, rate.empty_day_cents)
    return quotas, prices


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
