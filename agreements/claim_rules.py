"""What is claimed and what stands against it: days, ceilings, invoices, deadlines, basis, double claims. Pure.

Every problem of a claim is returned, not only the first, so that a person mends all of them in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from agreements.claim_values import (
    CARE_DAYS,
    Basis,
    CarePeriod,
    Claimed,
    DayPrice,
    Grant,
    Line,
    Problem,
)
from agreements.money import round_half_up
from agreements.period import ONE_DAY, Period, gaps, overlaps

DEADLINE_YEARS = 2


class UncoveredDays(ValueError):
    """Days of bought care on which no price is agreed: a ceiling of nothing would hide a gap in the agreement."""


def last_day_of_application(care_on: date) -> date:
    """Return the last day to apply for what was done on a day: two years from the end of its calendar year.

    Source: Act 681/2023, section 70.1; Act 1386/2010, section 54.
    """
    return date(care_on.year + DEADLINE_YEARS, 12, 31)


def last_day_of_recovery(care_year: int) -> date:
    """Return the last day to order repayment: the end of the fifth calendar year after the year paid for.

    Source: Act 681/2023, section 71.3.
    """
    return date(care_year + 5, 12, 31)


def care_days(care: CarePeriod, period: Period) -> Period | None:
    """Return the days of a stay inside a period, both ends included; None when there is none.

    The arrival counts and the leaving day does not, unless the agreement says otherwise: on a moving day the
    child is counted in the new unit. A stay that began and ended on one day has no day.
    """
    last = None
    if care.left is not None:
        last = care.left if care.leaving_day_counts else care.left - ONE_DAY
        if last < care.arrived:
            return None
    return period.overlap(Period(care.arrived, last))


@dataclass(frozen=True, slots=True)
class PricedPart:
    """The days of one price: how many, the price, the ceiling in cents, and the clause it is from."""

    days: Period
    count: int
    price: DayPrice
    ceiling_cents: int


def priced_parts(days: Period, unit_id: int, prices: Iterable[DayPrice]) -> list[PricedPart]:
    """Return the days cut where the price changes, each part with its ceiling: days times the price, half a cent up.

    Raises UncoveredDays when a day has no price. `days` has an end.
    """
    parts = []
    for price in sorted(prices, key=lambda one: one.valid.first):
        part = days.overlap(price.valid) if price.unit_id == unit_id else None
        if part is not None:
            count = part.days or 0
            parts.append(PricedPart(part, count, price, round_half_up(count * price.day_cents, 1)))
    missing = gaps(days, [part.days for part in parts])
    if missing:
        raise UncoveredDays(f"unit {unit_id} has no agreed price from {missing[0].first} to {missing[0].last}")
    return parts


def claimable(invoiced_cents: int, ceiling_cents: int) -> int:
    """Return what may be claimed for bought days: what was invoiced, at most the ceiling (rule L14)."""
    return min(invoiced_cents, ceiling_cents)


def by_year(days: Period) -> list[Period]:
    """Return the days cut at the ends of calendar years: each year has its own deadline. `days` has an end."""
    assert days.last is not None  # a claim's period and an invoice's days are closed
    return [
        Period(max(days.first, date(year, 1, 1)), min(days.last, date(year, 12, 31)))
        for year in range(days.first.year, days.last.year + 1)
    ]


def without(days: Period, taken: Iterable[Period]) -> list[Period]:
    """Return the days that no period of `taken` reaches."""
    return gaps(days, taken)


def payable_days(care: CarePeriod, days: Period) -> tuple[list[Period], list[tuple[Period, str]]]:
    """Return the days that may be claimed and those that may not, with the code of why (rules A7, L13).

    before-right: before the first municipality of residence or permit; after-right: from the 23rd birthday on;
    agreement-missing: the kind of care needs an agreement and none covers the day.
    """
    if care.right is None:
        return [], [(days, "before-right")]
    starts = care.right.first
    refused = [(part, "before-right" if part.first < starts else "after-right") for part in gaps(days, [care.right])]
    entitled = days.overlap(care.right)
    if entitled is None:
        return [], refused
    if not care.needs_agreement:
        return [entitled], refused
    covered = [both for cover in care.agreements if (both := entitled.overlap(cover.period)) is not None]
    missing = gaps(entitled, covered)
    refused += [(gap, "agreement-missing") for gap in missing]
    return gaps(entitled, missing), refused


def cover_of(care: CarePeriod, day: date) -> tuple[int | None, str]:
    """Return the agreement version and clause that cover a day of care, (None, "") where none is needed."""
    for cover in care.agreements:
        if cover.period.covers(day):
            return cover.version_id, cover.clause
    return None, ""


def grant_for(line: Line, grants: Sequence[Grant]) -> Grant | None:
    """Return what in the centre's decisions allows a line: same kind, same unit and child or any, all its days.

    The narrowest wins: one for the child before one for the unit, one for the unit before one for all.
    """
    fitting = [
        grant
        for grant in grants
        if grant.cost_kind == line.cost_kind
        and grant.unit_id in (None, line.unit_id)
        and grant.child_ref in (None, line.child_ref)
        and grant.valid.covers(line.days.first)
        and grant.valid.covers(line.days.last or line.days.first)
    ]
    return min(fitting, key=lambda one: (one.child_ref is None, one.unit_id is None, one.line_id), default=None)


def _problem(code: str, line_no: int | None, *, blocking: bool = True, **facts: object) -> Problem:
    return Problem(code, line_no, blocking, tuple((name, str(value)) for name, value in facts.items()))


def line_problems(line: Line, line_no: int, *, period: Period, sent_on: date) -> list[Problem]:
    """Return what stands against a line by itself: its days, its deadline, its sums, its voucher.

    Corrections and lines that an earlier claim put off are of days before the period.
    """
    found = []
    last = line.days.last or line.days.first
    own = line.corrects is None and line.parked_from is None
    if own and (line.days.first < period.first or (period.last and last > period.last)):
        found.append(_problem("outside-period", line_no, first=line.days.first, last=last))
    if line.days.first.year != last.year:
        found.append(_problem("two-years", line_no, first=line.days.first, last=last))
    deadline = last_day_of_application(line.days.first)
    if sent_on > deadline and line.claimed_cents and not line.late_reason:
        found.append(_problem("deadline-passed", line_no, deadline=deadline))
    return found + _sum_problems(line, line_no) + _voucher_problems(line, line_no)


def _sum_problems(line: Line, line_no: int) -> list[Problem]:
    found = []
    if line.basis is Basis.PLACE_DAY:
        ceiling = round_half_up(line.count * (line.day_cents or 0), 1)
        if line.ceiling_cents != ceiling:
            found.append(_problem("ceiling-wrong", line_no, ceiling=ceiling))
        if line.claimed_cents > ceiling:
            found.append(_problem("above-ceiling", line_no, ceiling=ceiling, claimed=line.claimed_cents))
        if line.invoiced_cents is None or line.claimed_cents > line.invoiced_cents:
            found.append(_problem("above-invoice", line_no, invoiced=line.invoiced_cents, claimed=line.claimed_cents))
        elif line.invoiced_cents > ceiling:
            found.append(_problem("invoice-cut", line_no, blocking=False, over=line.invoiced_cents - ceiling))
    if line.basis in (Basis.OWN_DAY, Basis.LEFT_OUT) and line.claimed_cents:
        found.append(_problem("days-have-no-sum", line_no))
    if line.claimed_cents < 0 and line.corrects is None:
        found.append(_problem("negative", line_no, claimed=line.claimed_cents))
    if line.basis is Basis.LEFT_OUT and not line.note:
        found.append(_problem("left-out-without-reason", line_no))
    return found


def _voucher_problems(line: Line, line_no: int) -> list[Problem]:
    found = []
    if line.basis in (Basis.PLACE_DAY, Basis.ACTUAL):
        if not line.voucher:
            found.append(_problem("voucher-missing", line_no))
        if line.evidence_id is None:
            found.append(_problem("evidence-missing", line_no, blocking=False))
    if line.other_income_cents:
        found.append(_problem("other-income", line_no, blocking=False, cents=line.other_income_cents))
    return found


def overlap_problems(lines: Sequence[Line], others: Iterable[Claimed]) -> list[Problem]:
    """Return the days of a child that are claimed twice, in this claim or in another one (rule L12)."""
    found = []
    mine: dict[str, list[tuple[Period, int]]] = {}
    for number, line in enumerate(lines, start=1):
        if line.basis in CARE_DAYS and line.child_ref is not None and line.count:
            mine.setdefault(line.child_ref, []).append((line.days, number))
    for child_ref, rows in mine.items():
        for shared in overlaps(period for period, _ in rows):
            number = max(no for period, no in rows if period.overlap(shared))
            found.append(_problem("day-twice", number, child=child_ref, first=shared.first, last=shared.last))
    for other in others:
        for period, number in mine.get(other.child_ref or "", []):
            both = period.overlap(other.days)
            if both is not None:
                found.append(
                    _problem("already-claimed", number, claim=other.claim_ref, first=both.first, last=both.last)
                )
    return found


def voucher_problems(lines: Sequence[Line], others: Iterable[Claimed]) -> list[Problem]:
    """Return vouchers that stand in two lines without being parts of one cost, here or in any county's claim.

    Parts of a shared cost, of an invoice cut where the price changes, and corrections name the same voucher
    rightly: together they must not exceed it, which their own sums show. So only the same voucher with the
    same days, child and sum is one cost claimed twice here; in another claim, the same voucher of the same
    supplier is a doubt, and with the same sum and days it blocks.
    """
    found: list[Problem] = []
    seen: dict[tuple[object, ...], int] = {}
    known: dict[tuple[str, str], list[tuple[Line, int]]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.voucher or line.corrects is not None:
            continue
        key = (line.supplier, line.voucher, line.child_ref, line.unit_id, line.days, line.claimed_cents, line.cost_kind)
        if key in seen:
            found.append(_problem("voucher-twice", number, line=seen[key], voucher=line.voucher))
        seen[key] = number
        known.setdefault((line.supplier.casefold(), line.voucher.casefold()), []).append((line, number))
    for other in others:
        for line, number in known.get((other.supplier.casefold(), other.voucher.casefold()), []):
            same = other.cents == line.claimed_cents and other.days == line.days
            found.append(
                _problem("voucher-elsewhere", number, blocking=same, claim=other.claim_ref, voucher=line.voucher)
            )
    return found


def taken_over(lines: Mapping[int, Line], days: Iterable[Claimed], vouchers: Iterable[Claimed]) -> list[Problem]:
    """Return which of some lines count in another claim, by day (rule L12) or by voucher; `lines`: number to line.

    Each other claim is named once for a line. What was refused is free to be claimed anew, so lines that are to count
    again are asked about; days and vouchers shared among the lines themselves are no such finding.
    """
    numbers, mine = list(lines), list(lines.values())
    found: dict[tuple[int, str], Problem] = {}
    for one in overlap_problems(mine, days) + voucher_problems(mine, vouchers):
        other = one.fact("claim")
        if one.blocking and one.line_no is not None and other is not None:
            number = numbers[one.line_no - 1]
            found.setdefault((number, other), replace(one, line_no=number))
    return [found[key] for key in sorted(found)]


def grant_problems(lines: Sequence[Line], grants: Sequence[Grant]) -> list[Problem]:
    """Return the lines that the centre's decisions do not cover, and decisions that are exceeded (§ 69.4)."""
    found = []
    known = {grant.line_id: grant for grant in grants}
    used: dict[int, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.claimed_cents:
            continue
        grant = known.get(line.grant_line_id or 0)
        if grant is None or grant_for(line, [grant]) is None:
            found.append(
                _problem("decision-missing", number, kind=line.cost_kind, unit=line.unit_id, first=line.days.first)
            )
            continue
        used[grant.line_id] = used.get(grant.line_id, 0) + line.claimed_cents
        if used[grant.line_id] > grant.left_cents:
            over = used[grant.line_id] - grant.left_cents
            found.append(_problem("decision-exceeded", number, decision=grant.claim_ref, over=over))
    return found


def place_problems(lines: Sequence[Line], places: Sequence[tuple[int, Period, int]]) -> list[Problem]:
    """Return units with more days than agreed places; `places`: unit, days, number of places."""
    agreed: dict[int, int] = {}
    used: dict[int, int] = {}
    for unit_id, days, number in places:
        agreed[unit_id] = agreed.get(unit_id, 0) + (days.days or 0) * number
    for line in lines:
        if line.basis in CARE_DAYS and line.unit_id in agreed:
            used[line.unit_id] = used.get(line.unit_id, 0) + line.count
    return [
        _problem("above-agreed-places", None, blocking=False, unit=unit_id, days=count, agreed=agreed[unit_id])
        for unit_id, count in used.items()
        if count > agreed[unit_id]
    ]


def double_funding(lines: Sequence[Line], calculated: Iterable[tuple[str, Period]]) -> list[Problem]:
    """Return interpreting claimed for a child on days of calculated compensation, which includes interpreting.

    `calculated`: child and days. A doubt, not a bar: which interpreting it includes is the reviewer's to judge.
    """
    days: dict[str, list[Period]] = {}
    for child_ref, period in calculated:
        days.setdefault(child_ref, []).append(period)
    return [
        _problem("calculated-compensation", number, blocking=False, child=line.child_ref)
        for number, line in enumerate(lines, start=1)
        if line.cost_kind == "interpreting"
        and any(line.days.overlap(one) for one in days.get(line.child_ref or "", []))
    ]


def correction_problems(lines: Sequence[Line], approved: dict[int, int]) -> list[Problem]:
    """Return corrections that take back more than was approved; `approved`: line to cents still approved."""
    found = []
    left = dict(approved)
    for number, line in enumerate(lines, start=1):
        if line.corrects is None:
            continue
        if line.corrects not in left:
            found.append(_problem("corrects-unknown", number, line=line.corrects))
            continue
        left[line.corrects] += line.claimed_cents
        if left[line.corrects] < 0:
            found.append(_problem("takes-back-too-much", number, approved=approved[line.corrects]))
    return found
