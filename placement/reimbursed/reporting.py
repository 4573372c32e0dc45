"""Budget, granted, claimed, approved and paid, by unit, kind, category, half-year or agreement; cost a day.

Budget = what agreements budget for the years. Every other sum is of lines of claims: granted = what the centre's
decisions approved, claimed = sent payment applications, paid = what was released of a claim, shared by its approved
lines. Parts add up to the cent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements.claim_rules import care_days, payable_days
from agreements.claim_tables import Claim, ClaimDecision, ClaimDecisionLine, ClaimLine, ClaimStatus, ClaimVersion
from agreements.claim_values import Basis, Gate
from agreements.hint_rules import CATEGORY_OF_KIND
from agreements.in_force import coverage
from agreements.money import round_half_up, split
from agreements.period import Period
from placement.reimbursed.budgets import BudgetPart
from placement.reimbursed.care_days import care_in, half_year, halves
from placement.reimbursed.queries import paid_by_claim
from placement.units.tables import Unit, UnitCapacity

GROUPS = ("unit", "kind", "category", "period", "agreement")
SERIES = ("budget", "granted", "claimed", "approved", "paid")
NO_CATEGORY = "other"
"""Costs of a kind that no category of a budget takes in."""
SENT = (ClaimStatus.SENT, ClaimStatus.IN_REVIEW, ClaimStatus.DECIDED)


@dataclass
class Sums:
    """What a row of the report adds up to, in cents."""

    budget: int = 0
    granted: int = 0
    claimed: int = 0
    approved: int = 0
    paid: int = 0


@dataclass(frozen=True)
class ReportRow:
    """A row: its key (a unit's key, a kind of cost, a category, a first day, an agreement's reference) and its sums."""

    key: str
    sums: Sums


@dataclass(frozen=True)
class UnitDays:
    """What a unit cost and how it was used: days of its places, days that children were there, claimed cents."""

    unit: Unit
    place_days: int
    used_days: int
    cents: int

    @property
    def cents_a_place_day(self) -> int | None:
        return round_half_up(self.cents, self.place_days) if self.place_days else None

    @property
    def cents_a_used_day(self) -> int | None:
        return round_half_up(self.cents, self.used_days) if self.used_days else None

    @property
    def occupancy_percent(self) -> int | None:
        """Used days of a hundred place-days, rounded half up."""
        return round_half_up(self.used_days * 100, self.place_days) if self.place_days else None


@dataclass(frozen=True)
class Report:
    """The rows of one grouping and their total."""

    by: str
    rows: tuple[ReportRow, ...]
    total: Sums


@dataclass(frozen=True, slots=True)
class Part:
    """A line, or the part of it that falls to a half-year, with what was approved and paid of it."""

    gate: Gate
    unit_id: int | None
    kind: str
    first: date
    last: date
    version_id: int | None
    claim_ref: str
    line: ClaimLine
    claimed: int
    approved: int
    paid: int

    def cents(self, series: str) -> int:
        """The cents that the part adds to a series of the report."""
        if self.gate is Gate.COST:
            return self.approved if series == "granted" else 0
        return {"claimed": self.claimed, "approved": self.approved, "paid": self.paid}.get(series, 0)


@dataclass(frozen=True)
class ReportLine:
    """A line of a claim behind a sum of the report, with the days and the cents that fall to that sum."""

    claim_ref: str
    gate: Gate
    line: ClaimLine
    days: Period
    cents: int


def report(
    session: Session, parts: Iterable[Part], period: Period, by: str, budgets: Iterable[BudgetPart] = ()
) -> Report:
    """Return the report of some lines for the care of a period; `by` is one of GROUPS. A kind of cost has no budget."""
    parts = [one for one in parts if period.covers(one.first)]
    agreements = _agreements(session, parts) if by == "agreement" else {}
    rows: dict[str, Sums] = {}
    total = Sums()
    for one in parts:
        for sums in (rows.setdefault(_key(one, by, agreements), Sums()), total):
            for series in SERIES:
                setattr(sums, series, getattr(sums, series) + one.cents(series))
    for budget in budgets_behind(budgets, period, by, None):
        for sums in (rows.setdefault(budget_key(budget, by), Sums()), total):
            sums.budget += budget.cents
    return Report(by, tuple(ReportRow(key, rows[key]) for key in sorted(rows)), total)


def budgets_behind(budgets: Iterable[BudgetPart], period: Period, by: str, key: str | None) -> list[BudgetPart]:
    """Return the parts of budgets that add up to one budget of the report; `key` None = the total of the column."""
    if by == "kind":
        return []
    return [one for one in budgets if period.covers(one.first) and key in (None, budget_key(one, by))]


def budget_key(one: BudgetPart, by: str) -> str:
    """Return the key of the row that a part of a budget stands in."""
    if by == "unit":
        return str(one.unit_id)
    if by == "category":
        return one.category
    if by == "period":
        return half_year(one.first).first.isoformat()
    return one.agreement_ref


def lines_behind(
    session: Session, parts: Iterable[Part], period: Period, by: str, key: str | None, series: str
) -> list[ReportLine]:
    """Return the lines that add up to one sum of the report, by claim and line; `key` None = the total of a column."""
    parts = [one for one in parts if period.covers(one.first) and one.cents(series)]
    agreements = _agreements(session, parts) if by == "agreement" else {}
    found = [
        ReportLine(one.claim_ref, one.gate, one.line, Period(one.first, one.last), one.cents(series))
        for one in parts
        if key is None or _key(one, by, agreements) == key
    ]
    return sorted(found, key=lambda one: (one.claim_ref, one.line.line_no, one.days.first))


def _key(one: Part, by: str, agreements: Mapping[tuple[int | None, int | None, date], str]) -> str:
    if by == "unit":
        return str(one.unit_id or "")
    if by == "kind":
        return one.kind
    if by == "category":
        return CATEGORY_OF_KIND.get(one.kind, NO_CATEGORY)
    if by == "period":
        return half_year(one.first).first.isoformat()
    return agreements.get((one.unit_id, one.version_id, one.first), "")


def parts_of(session: Session, county_ids: Collection[int]) -> list[Part]:
    """Return the lines of every sent claim of the counties, each cut where a half-year ends."""
    rows = session.execute(
        sa.select(ClaimLine, Claim, ClaimDecisionLine.approved_cents)  # type: ignore[call-overload]
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .join(Claim, sa.and_(col(Claim.id) == ClaimVersion.claim_id, col(Claim.number) == ClaimVersion.number))
        .outerjoin(
            ClaimDecision,
            sa.and_(col(ClaimDecision.claim_id) == Claim.id, col(ClaimDecision.number) == Claim.decision_no),
        )
        .outerjoin(
            ClaimDecisionLine,
            sa.and_(
                col(ClaimDecisionLine.decision_id) == ClaimDecision.id, col(ClaimDecisionLine.line_id) == ClaimLine.id
            ),
        )
        .where(
            col(Claim.county_id).in_(county_ids),
            col(Claim.status).in_(SENT),
            col(ClaimLine.basis) != Basis.LEFT_OUT,
            col(ClaimLine.claimed_cents) != 0,
        )
        .order_by(col(ClaimLine.id))
    ).all()
    approved = {line.id or 0: int(cents or 0) for line, _, cents in rows}
    paid = _paid_by_line(session, [(line.id or 0, claim.id, approved[line.id or 0]) for line, claim, _ in rows])
    found = []
    for line, claim, _ in rows:
        cuts = halves(Period(line.first_day, line.last_day))
        weights = [one.days or 0 for one in cuts]
        sums = (line.claimed_cents, approved[line.id], paid.get(line.id, 0))
        shares = [split(cents, weights) for cents in sums]
        found += [
            Part(
                claim.gate,
                line.unit_id,
                line.cost_kind,
                cut.first,
                cut.last or cut.first,
                line.agreement_version_id,
                claim.ref,
                line,
                *each,
            )
            for cut, each in zip(cuts, zip(*shares, strict=True), strict=True)
        ]
    return found


def _paid_by_line(session: Session, lines: Iterable[tuple[int, int, int]]) -> dict[int, int]:
    """Return what was paid of each line: a claim's payments shared by what is approved of its lines."""
    by_claim: dict[int, list[tuple[int, int]]] = {}
    for line_id, claim_id, approved in lines:
        if approved > 0:
            by_claim.setdefault(claim_id, []).append((line_id, approved))
    found: dict[int, int] = {}
    for claim_id, cents in paid_by_claim(session, list(by_claim)).items():
        keys = [key for key, _ in by_claim[claim_id]]
        shares = split(cents, [approved for _, approved in by_claim[claim_id]])
        found.update(zip(keys, shares, strict=True))
    return found


def _agreements(session: Session, parts: Iterable[Part]) -> dict[tuple[int | None, int | None, date], str]:
    """Return for each line the agreement it rests on, or the one that covers its unit on its first day."""
    units = sorted({one.unit_id for one in parts if one.unit_id is not None})
    covered = coverage(session, units)
    by_version = {one.version_id: one.agreement_ref for one in covered}
    found = {}
    for one in parts:
        key = (one.unit_id, one.version_id, one.first)
        ref = by_version.get(one.version_id or 0)
        if ref is None:
            ref = next(
                (row.agreement_ref for row in covered if row.unit_id == one.unit_id and row.period.covers(one.first)),
                "",
            )
        found[key] = ref
    return found


def unit_days(
    session: Session, county_ids: Collection[int], parts: Iterable[Part], period: Period, on: date
) -> list[UnitDays]:
    """Return what each unit cost a place-day and a used day in a period, by name; days after today are not counted.

    `parts` are the lines of the same counties.
    """
    last = min(period.last or on, on)
    if last < period.first:
        return []
    until = Period(period.first, last)
    cents: dict[int, int] = {}
    for part in parts:
        if part.gate is Gate.PAYMENT and part.unit_id is not None and until.covers(part.first):
            cents[part.unit_id] = cents.get(part.unit_id, 0) + part.claimed
    used: dict[int, int] = {}
    for county in county_ids:
        for one in care_in(session, county, until, on):
            inside = care_days(one, until)
            days = sum(part.days or 0 for part in payable_days(one, inside)[0]) if inside is not None else 0
            used[one.unit_id] = used.get(one.unit_id, 0) + days
    places: dict[int, int] = {}
    units = session.exec(select(Unit).where(col(Unit.county_id).in_(county_ids)).order_by(col(Unit.name))).all()
    keys = [unit.id for unit in units]
    for row in session.exec(select(UnitCapacity).where(col(UnitCapacity.unit_id).in_(keys))):
        covered = until.overlap(Period(row.valid_from, row.valid_to))
        if covered is not None:
            places[row.unit_id] = places.get(row.unit_id, 0) + row.places * (covered.days or 0)
    return [
        UnitDays(unit, places.get(unit.id or 0, 0), used.get(unit.id or 0, 0), cents.get(unit.id or 0, 0))
        for unit in units
    ]
