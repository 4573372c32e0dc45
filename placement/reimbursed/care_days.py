"""The only translation of stays into the days that a claim may be about, and of contracts into their prices.

A stay is half-open and counted by the host; the claim's library takes closed periods and the leaving day. Only
stays that were realised are claimed, up to today: what is planned has cost nothing yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, or_, select

from agreements.claim_values import CarePeriod, Cover, DayPrice
from agreements.in_force import PRICED, Coverage, coverage, rates
from agreements.period import ONE_DAY, Period, gaps
from agreements.tables import AgreementRate, AgreementVersion
from agreements.terms import load as load_terms
from placement.children.access import sealed
from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.reference import NotInForce, last_day_of_right, support_end, unit_kind
from placement.reference.money_rules import earliest_claimable_day
from placement.units.tables import Unit, UnitKind

BOTH_DAYS = "arrival_and_leaving"
SOME = 400


@dataclass(frozen=True, slots=True)
class StayFacts:
    """What of a stay, its child and its unit decides which days are claimable; `left` None = still there."""

    child_ref: str
    birth_date: date
    ground: str
    residence_from: date | None
    permit_on: date | None
    unit_id: int
    kind: str
    arrived: date
    left: date | None


def care_of(
    stay: StayFacts, covers: Sequence[Cover], *, on: date, leaving_day_counts: bool = False
) -> list[CarePeriod]:
    """Return the care that a stay is, as the claim sees it: one period for each rule of the age at which it ends.

    Days run from the arrival to the day before leaving, at most to `on`. The right begins with the municipality of
    residence or the permit (681/2023 § 59.2-3) and ends the day before the birthday of the rule in force on the
    day of care (§ 69.3; before 1 July 2024 Act 1386/2010 § 27), so a stay across a change of the rule is two.
    """
    end = stay.left if stay.left is not None else on + ONE_DAY
    if stay.arrived >= end:
        return []
    begins = earliest_claimable_day(
        stay.ground, on=on, registered_on=stay.residence_from, first_permit_on=stay.permit_on
    )
    found, day = [], stay.arrived
    while day < end:
        until = support_end(day).valid.last
        part_end = end if until is None or until + ONE_DAY >= end else until + ONE_DAY
        last = last_day_of_right(stay.birth_date, day)
        found.append(
            CarePeriod(
                child_ref=stay.child_ref,
                unit_id=stay.unit_id,
                care_kind=stay.kind,
                arrived=day,
                left=part_end,
                right=Period(begins, last) if begins is not None and begins <= last else None,
                needs_agreement=needs_agreement(stay.kind, day),
                agreements=tuple(covers),
                leaving_day_counts=leaving_day_counts and stay.left is not None and part_end == end,
            )
        )
        day = part_end
    return found


def needs_agreement(kind: str, day: date) -> bool:
    """Whether the kind of care needs an agreement on that day besides the centre's decision (rule A7)."""
    try:
        return unit_kind(kind, day).basis == "agreement_and_decision"
    except NotInForce:
        return True


def care_in(session: Session, county_id: int, period: Period, on: date) -> list[CarePeriod]:
    """Return the care of a county's children that touches a period, by unit, child and arrival."""
    query = (
        select(Stay, Child)
        .join(Child, col(Child.id) == Stay.child_id)
        .where(
            Stay.county_id == county_id,
            col(Stay.realised_start).is_not(None),
            col(Stay.realised_start) <= (period.last or date.max),
            or_(col(Stay.realised_end).is_(None), col(Stay.realised_end) >= period.first),
        )
        .options(*sealed())
    )
    return _care(session, session.exec(query), on)


def care_of_children(session: Session, child_refs: Collection[str], on: date) -> list[CarePeriod]:
    """Return all care of some children, whatever the county: what a check compares claims with."""
    rows: list[tuple[Stay, Child]] = []
    wanted = sorted(set(child_refs))
    for start in range(0, len(wanted), SOME):
        query = (
            select(Stay, Child)
            .join(Child, col(Child.id) == Stay.child_id)
            .where(col(Child.ref).in_(wanted[start : start + SOME]), col(Stay.realised_start).is_not(None))
            .options(*sealed())
        )
        rows += session.exec(query).all()
    return _care(session, rows, on)


def _care(session: Session, rows: Iterable[tuple[Stay, Child]], on: date) -> list[CarePeriod]:
    pairs = list(rows)
    kinds = dict(
        session.execute(select(Unit.id, Unit.kind).where(col(Unit.id).in_({stay.unit_id for stay, _ in pairs}))).all()
    )
    covered = covers(session, kinds)
    both = counts_leaving(session, {one.version_id for rows_ in covered.values() for one in rows_})
    found = []
    for stay, child in pairs:
        facts = stay_facts(stay, child, kinds[stay.unit_id], on)
        mine = covered.get(stay.unit_id, [])
        leaving = facts.left is not None and any(
            one.version_id in both and one.period.covers(facts.left) for one in mine
        )
        found += care_of(facts, mine, on=on, leaving_day_counts=leaving)
    return sorted(found, key=lambda one: (one.unit_id, one.child_ref, one.arrived))


def stay_facts(stay: Stay, child: Child, kind: UnitKind, on: date) -> StayFacts:
    """Return a realised stay as the rule takes it: a decided leaving day that has passed is not waited for."""
    assert stay.realised_start is not None  # callers ask for realised stays only
    expected = stay.end if stay.end is not None and stay.end <= on else None
    return StayFacts(
        child_ref=child.ref,
        birth_date=child.birth_date,
        ground=child.eligibility_ground,
        residence_from=child.residence_from,
        permit_on=child.permit_on,
        unit_id=stay.unit_id,
        kind=kind.value,
        arrived=stay.realised_start,
        left=stay.realised_end or expected,
    )


def covers(session: Session, unit_ids: Collection[int]) -> dict[int, list[Cover]]:
    """Return for each unit the agreements that found it, named so that a line leads to its clause on places."""
    found: dict[int, list[Cover]] = {key: [] for key in unit_ids}
    for one in coverage(session, list(unit_ids)):
        if "founding" in one.chapters:
            found[one.unit_id].append(Cover(one.period, one.version_id, clause_of(one, "units")))
    return found


def clause_of(one: Coverage, part: str) -> str:
    """Return the name of a part of a version: `AG-… v2 units`; pages make a link of it."""
    return f"{one.agreement_ref} v{one.number} {part}"


def counts_leaving(session: Session, version_ids: Collection[int]) -> set[int]:
    """Return the versions that agree that the leaving day counts as well."""
    query = select(AgreementVersion.id, AgreementVersion.terms).where(col(AgreementVersion.id).in_(version_ids))
    return {key or 0 for key, terms in session.exec(query) if load_terms(terms).day_count == BOTH_DAYS}


def day_prices(session: Session, unit_ids: Collection[int]) -> list[DayPrice]:
    """Return the prices of bought care: as agreed, and on days without a price there, the unit's own contract.

    Only units of a provider are bought; a county's own unit is claimed by its costs, never by days times a price.
    """
    bought = session.exec(
        select(Unit).where(col(Unit.id).in_(unit_ids), col(Unit.provider_id).is_not(None)).order_by(col(Unit.id))
    ).all()
    agreed = coverage(session, [one.id or 0 for one in bought])
    by_version = rates(session, {one.version_id for one in agreed})
    return [price for unit in bought for price in _prices_of(unit, agreed, by_version)]


def _prices_of(unit: Unit, agreed: Sequence[Coverage], by_version: Mapping[int, list[AgreementRate]]) -> list[DayPrice]:
    """Return a unit's prices without overlaps: its own rate before one for all units, agreed before contract."""
    key, found = unit.id or 0, list[DayPrice]()
    mine = [one for one in agreed if one.unit_id == key and PRICED & set(one.chapters)]
    rows = [(one, row) for one in mine for row in by_version.get(one.version_id, []) if row.unit_id in (None, key)]
    for one, row in sorted(rows, key=lambda pair: (pair[1].unit_id is None, pair[1].valid_from)):
        days = one.period.overlap(Period(row.valid_from, row.valid_to))
        for free in gaps(days, [price.valid for price in found]) if days is not None else []:
            clause = clause_of(one, "rates")
            found.append(DayPrice(key, free, row.day_cents, row.empty_day_cents, one.version_id, clause))
    if unit.price_day_cents:
        for free in gaps(Period(unit.opened_on, unit.closed_on), [price.valid for price in found]):
            found.append(DayPrice(key, free, unit.price_day_cents, unit.price_empty_day_cents, None, ""))
    return found


def half_year(day: date) -> Period:
    """Return the half-year of a day: the usual period of a claim."""
    if day.month <= 6:
        return Period(date(day.year, 1, 1), date(day.year, 6, 30))
    return Period(date(day.year, 7, 1), date(day.year, 12, 31))


def half_year_before(period: Period) -> Period:
    """Return the half-year before the one given."""
    return half_year(period.first - timedelta(days=1))


def halves(days: Period) -> list[Period]:
    """Return the days cut at the ends of half-years; without an end it is the first day alone."""
    found, first, last = [], days.first, days.last or days.first
    while first <= last:
        border = half_year(first).last or last
        found.append(Period(first, min(border, last)))
        first = min(border, last) + ONE_DAY
    return found
