"""What a reviewer should look at first: doubts about a claim, the gravest first. Pure.

A hint decides nothing. What stands against a line by itself or beside other claims comes from `claim_rules`; here
are the doubts that need a budget or history, the order of all of them, and which lines have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from agreements.claim_values import Basis, Line, Problem

UNUSUAL_PER_CENT = 25
"""A sum a day is unusual when it is more than this above the highest, or below the lowest, of earlier claims."""

CATEGORY_OF_KIND = {
    "place_days": "bought_care",
    "reserved_places": "bought_care",
    "staff": "staff",
    "rent": "premises",
    "utilities": "premises",
    "alterations": "premises",
    "food": "food",
    "household": "household",
    "transport": "transport",
    "clothing": "child",
    "hobbies": "child",
    "school": "child",
    "support_person": "child",
    "psychosocial": "child",
    "interpreting": "child",
    "foster_fee": "bought_care",
    "foster_expenses": "bought_care",
    "supported_housing": "bought_care",
    "start_up": "start_up",
    "closing": "closing",
}
"""The category of an agreement's yearly budget that a kind of cost falls under; `other` has none."""

_GRAVITY = (
    "decision-missing",
    "decision-exceeded",
    "already-claimed",
    "day-twice",
    "voucher-elsewhere",
    "voucher-twice",
    "agreement-missing",
    "outside-period",
    "deadline-passed",
    "over-budget",
    "above-agreed-places",
    "calculated-compensation",
    "other-income",
    "unusual-sum",
    "new-kind",
    "invoice-cut",
    "voucher-missing",
    "evidence-missing",
)


@dataclass(frozen=True, slots=True)
class Budget:
    """What is agreed for a category and a year in some units, and what earlier claims of it were approved, in cents."""

    agreement: str
    year: int
    category: str
    unit_ids: frozenset[int]
    cents: int
    spent_cents: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """A line of an earlier decided claim of the same body: kind, unit, its calendar days and what was claimed."""

    cost_kind: str
    unit_id: int | None
    calendar_days: int
    claimed_cents: int


def _hint(code: str, line_no: int | None, **facts: object) -> Problem:
    return Problem(code, line_no, False, tuple((name, str(value)) for name, value in facts.items()))


def over_budget(lines: Sequence[Line], budgets: Iterable[Budget]) -> list[Problem]:
    """Return the budgets that a claim would exceed together with what was approved before; `over` in cents.

    The hint names the first line by which the budget is exceeded, the lines taken in their order.
    """
    found = []
    for budget in budgets:
        used = budget.spent_cents
        for number, line in enumerate(lines, start=1):
            if (
                CATEGORY_OF_KIND.get(line.cost_kind) != budget.category
                or line.care_year != budget.year
                or line.unit_id not in budget.unit_ids
            ):
                continue
            used += line.claimed_cents
            if used > budget.cents:
                found.append(
                    _hint(
                        "over-budget",
                        number,
                        agreement=budget.agreement,
                        year=budget.year,
                        category=budget.category,
                        over=used - budget.cents,
                    )
                )
                break
    return found


def unusual(lines: Sequence[Line], earlier: Iterable[Earlier]) -> list[Problem]:
    """Return sums that differ from what the same unit claimed before for the same kind of cost, by calendar day.

    unusual-sum: more than a quarter above the highest or below the lowest of earlier claims; new-kind: the unit was
    claimed for before, but never for this kind. A unit without history, corrections and days alone get no hint.
    """
    rates: dict[tuple[str, int | None], list[Fraction]] = {}
    units: set[int | None] = set()
    for one in earlier:
        if one.claimed_cents > 0 and one.calendar_days > 0:
            rates.setdefault((one.cost_kind, one.unit_id), []).append(Fraction(one.claimed_cents, one.calendar_days))
            units.add(one.unit_id)
    found = []
    for number, line in enumerate(lines, start=1):
        if line.corrects is not None or line.claimed_cents <= 0 or line.basis is Basis.BUDGET:
            continue
        known = rates.get((line.cost_kind, line.unit_id))
        if known is None:
            if line.unit_id in units:
                found.append(_hint("new-kind", number, kind=line.cost_kind))
            continue
        rate = Fraction(line.claimed_cents, line.days.days or 1)
        high, low = max(known) * (100 + UNUSUAL_PER_CENT) / 100, min(known) * (100 - UNUSUAL_PER_CENT) / 100
        if rate > high or rate < low:
            found.append(
                _hint("unusual-sum", number, a_day=round(rate), lowest=round(min(known)), highest=round(max(known)))
            )
    return found


def gravest_first(problems: Iterable[Problem]) -> list[Problem]:
    """Return doubts in the order to look at them: what would have kept the claim from being sent, then by code."""
    known = {code: place for place, code in enumerate(_GRAVITY)}
    return sorted(
        problems, key=lambda one: (not one.blocking, known.get(one.code, len(known)), one.line_no or 0, one.code)
    )


def clean_lines(line_numbers: Iterable[int], open_numbers: Iterable[int], problems: Iterable[Problem]) -> list[int]:
    """Return the open lines that nothing stands against: those that may be approved together."""
    doubted = {one.line_no for one in problems}
    waiting = set(open_numbers)
    return [number for number in line_numbers if number in waiting and number not in doubted]
