"""What a cost application begins with, and on which days calculated compensation is paid: read from what is known."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlmodel import Session, col, select

from agreements.claim_rules import by_year
from agreements.claim_values import PLACE_DAYS, Basis, Line
from agreements.in_force import coverage
from agreements.money import split
from agreements.period import Period
from placement.children.tables import Child
from placement.reference import NotInForce
from placement.reference.money_rules import calculated_period
from placement.reimbursed.building import cost_rows
from placement.reimbursed.care_days import care_in, day_prices, half_year_before
from placement.units.tables import UnitCapacity

STEP_CENTS = 10_000
"""A first proposal is in whole hundreds of euros, rounded up: an estimate shows no false precision."""


def expected(session: Session, county_id: int, period: Period, on: date) -> list[Line]:
    """Return the first rows of a cost application: what the half-year before cost, and what bought places may cost.

    By unit and kind of cost; bought places at the agreed places, days and price. The county corrects every row.
    """
    before = half_year_before(period)
    sums: dict[tuple[int | None, str], int] = {}
    for row in cost_rows(session, county_id, before):
        key = (row.unit_id, row.cost_kind)
        sums[key] = sums.get(key, 0) + row.net_cents - row.other_income_cents
    units = {one.unit_id for one in care_in(session, county_id, before, on)}
    for price in day_prices(session, units):
        days = period.overlap(price.valid)
        if days is not None:
            key = (price.unit_id, PLACE_DAYS)
            sums[key] = sums.get(key, 0) + (days.days or 0) * price.day_cents * _places(session, price.unit_id, days)
    years = by_year(period)
    return [
        Line(Basis.BUDGET, kind, year, 0, cents, unit_id)
        for (unit_id, kind), total in sorted(sums.items(), key=lambda one: (one[0][0] or 0, one[0][1]))
        if total > 0
        for year, cents in zip(
            years, split(-(-total // STEP_CENTS) * STEP_CENTS, [one.days or 0 for one in years]), strict=True
        )
    ]


def _places(session: Session, unit_id: int, days: Period) -> int:
    """Return the places of a unit that an agreement covers in a period; a unit without one by who lived there."""
    agreed = [one.places for one in coverage(session, [unit_id]) if one.period.overlap(days) is not None]
    if agreed:
        return max(agreed)
    found = session.exec(
        select(UnitCapacity.places).where(UnitCapacity.unit_id == unit_id, UnitCapacity.valid_from <= days.first)
    ).all()
    return max(found, default=0)


def calculated_days(session: Session, child_refs: Collection[str]) -> list[tuple[str, Period]]:
    """Return for each child the days of calculated compensation, which pays for interpreting already."""
    found = []
    for child in session.exec(select(Child).where(col(Child.ref).in_(child_refs))):
        begins = child.residence_from or child.permit_on
        if begins is not None:
            try:
                found.append((child.ref, calculated_period(child.eligibility_ground, begins)))
            except NotInForce:
                continue
    return found
