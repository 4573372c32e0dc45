"""The yearly budgets of agreements as parts: by unit, category and half-year, to stand beside what was claimed of them.

A budget is agreed for an agreement, a category and a calendar year. A part over several units is shared by their
agreed places, and over half-years by the days in force; the parts of a budget add up to it to the cent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from agreements.in_force import Coverage, coverage
from agreements.money import split
from agreements.period import Period
from agreements.tables import AgreementVersion
from agreements.terms import BudgetLine, load
from placement.reimbursed.care_days import halves
from placement.units.tables import Unit


@dataclass(frozen=True, slots=True)
class BudgetPart:
    """What an agreement budgets for a category in a unit in days of a half-year, in cents; `last` is inclusive."""

    agreement_ref: str
    unit_id: int
    category: str
    first: date
    last: date
    cents: int


def budget_parts(session: Session, county_ids: Collection[int]) -> list[BudgetPart]:
    """Return the budgets of the agreements over the counties' units, cut by unit and half-year."""
    units = session.exec(select(Unit.id).where(col(Unit.county_id).in_(county_ids))).all()
    covered = coverage(session, [one or 0 for one in units])
    keys = {one.version_id for one in covered}
    budgets = {
        row.id or 0: load(row.terms).budget
        for row in session.exec(select(AgreementVersion).where(col(AgreementVersion.id).in_(keys)))
    }
    return cut(covered, budgets)


def cut(covered: Iterable[Coverage], budgets: Mapping[int, Sequence[BudgetLine]]) -> list[BudgetPart]:
    """Return the parts of budgets by version. A year's budget is that of the version last in force in the year.

    An amended agreement would else count its year twice. A version without days in force in the year has no part.
    """
    in_year: dict[tuple[str, int], list[tuple[Coverage, Period]]] = {}
    for one in covered:
        for year in sorted({line.year for line in budgets.get(one.version_id, ())}):
            days = one.period.overlap(Period(date(year, 1, 1), date(year, 12, 31)))
            if days is not None:
                in_year.setdefault((one.agreement_ref, year), []).append((one, days))
    found = []
    for (ref, year), places in sorted(in_year.items()):
        newest = max(places, key=lambda pair: (pair[1].first, pair[0].number))[0].version_id
        cells = [
            (one.unit_id, half, one.places * (half.days or 0))
            for one, days in places
            if one.version_id == newest
            for half in halves(days)
        ]
        if not sum(weight for _, _, weight in cells):
            continue
        for line in budgets[newest]:
            if line.year == year:
                shares = split(line.cents, [weight for _, _, weight in cells])
                found += [
                    BudgetPart(ref, unit, line.category, half.first, half.last or half.first, cents)
                    for (unit, half, _), cents in zip(cells, shares, strict=True)
                    if cents
                ]
    return found
