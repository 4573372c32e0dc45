"""The typed terms of a version: who gives which service, on what cost basis, how it is claimed, reviewed and ended.

Places and prices are rows of their own (tables.AgreementUnit, AgreementRate); everything else that is agreed and not
free text is here. Sums are cents, shares whole percents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

CHILD_SERVICES = (
    "guidance_advice",
    "initial_assessment",
    "integration_plan",
    "integration_training",
    "society_orientation",
    "language_training",
    "preparatory_teaching",
    "interpreting",
    "special_needs",
    "care_in_home",
    "support_to_23",
    "leisure",
)
"""Services as a child meets them (681/2023 §§ 9, 14 to 16, 20, 22, 24, 26, 33, 34)."""

GIVERS = ("county", "municipality", "school", "third_sector")
COST_BASES = ("actual", "place_day", "reserved_place", "none")
CATEGORIES = ("staff", "premises", "food", "household", "transport", "child", "bought_care", "start_up", "closing")
CLAIM_PERIODS = ("month", "quarter", "half_year", "year")
DAY_COUNTS = ("arrival_not_leaving", "arrival_and_leaving")
ADVANCES = ("none", "monthly", "quarterly")
DISPUTES = ("negotiation_court", "negotiation_only")
OWNERS = ("county", "provider", "municipality")
MOST_CENTS = 10_000_000_000
MOST_TEXT = 300


class TermsFault(ValueError):
    """A value that the terms cannot hold; `field` names it, `code` says what is wrong."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(f"{name}: {code}")
        self.field = name
        self.code = code


@dataclass(frozen=True, slots=True)
class Duty:
    """A service that a side gives. `stands_for` is the child-facing service; `what` says what is given, in words."""

    stands_for: str
    side: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    year: int
    category: str
    cents: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed besides places and prices; the defaults are those of a new draft."""

    age_from: int = 0
    age_to: int = 17
    target_group: str = ""
    duties: tuple[Duty, ...] = ()
    cost_basis: str = "actual"
    start_up_paid: bool = False
    closing_paid: bool = False
    budget: tuple[BudgetLine, ...] = ()
    advances: str = "none"
    claim_period: str = "half_year"
    day_count: str = "arrival_not_leaving"
    guarantee_percent: int = 0
    option_places: int = 0
    equipment_owner: str = "county"
    review_months: int = 48
    notice_months: int = 6
    run_down_months: int = 6
    disputes: str = "negotiation_court"


CHOICES: Mapping[str, tuple[str, ...]] = {
    "cost_basis": COST_BASES,
    "advances": ADVANCES,
    "claim_period": CLAIM_PERIODS,
    "day_count": DAY_COUNTS,
    "equipment_owner": OWNERS,
    "disputes": DISPUTES,
}
RANGES: Mapping[str, tuple[int, int]] = {
    "age_from": (0, 22),
    "age_to": (0, 22),
    "guarantee_percent": (0, 100),
    "option_places": (0, 100),
    "review_months": (1, 120),
    "notice_months": (0, 36),
    "run_down_months": (0, 36),
}


def check(terms: Terms) -> None:
    """Raise TermsFault for the first value that cannot be agreed."""
    for name, allowed in CHOICES.items():
        if getattr(terms, name) not in allowed:
            raise TermsFault(name, "unknown")
    for name, (low, high) in RANGES.items():
        value = getattr(terms, name)
        if type(value) is not int or not low <= value <= high:
            raise TermsFault(name, "range")
    if terms.age_to < terms.age_from:
        raise TermsFault("age_to", "order")
    if len(terms.target_group) > MOST_TEXT:
        raise TermsFault("target_group", "long")
    _check_duties(terms)
    _check_budget(terms)


def _check_duties(terms: Terms) -> None:
    for duty in terms.duties:
        if duty.stands_for not in CHILD_SERVICES or duty.side not in GIVERS:
            raise TermsFault("duties", "unknown")
        if len(duty.what) > MOST_TEXT:
            raise TermsFault("duties", "long")
    if len({(one.stands_for, one.side) for one in terms.duties}) != len(terms.duties):
        raise TermsFault("duties", "twice")


def _check_budget(terms: Terms) -> None:
    for line in terms.budget:
        if line.category not in CATEGORIES:
            raise TermsFault("budget", "unknown")
        if type(line.cents) is not int or not 0 <= line.cents <= MOST_CENTS or not 2000 <= line.year <= 2100:
            raise TermsFault("budget", "range")
    if len({(one.year, one.category) for one in terms.budget}) != len(terms.budget):
        raise TermsFault("budget", "twice")


def dump(terms: Terms) -> str:
    """Return the canonical JSON of checked terms."""
    check(terms)
    return json.dumps(asdict(terms), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def load(text: str) -> Terms:
    """Return the terms that a version keeps; what is not stored has its default.

    Raises TermsFault for a name that terms do not have: a misspelt one would be lost without a word.
    """
    values: dict[str, Any] = json.loads(text)
    known = {one.name for one in fields(Terms)}
    for name in values:
        if name not in known:
            raise TermsFault(name, "unknown")
    values["duties"] = tuple(Duty(**one) for one in values.get("duties", ()))
    values["budget"] = tuple(BudgetLine(**one) for one in values.get("budget", ()))
    found = Terms(**values)
    check(found)
    return found


def default_for(kind: str) -> Terms:
    """Return the terms that a new draft of a kind begins with."""
    if kind == "purchase":
        return Terms(cost_basis="place_day")
    if kind in ("municipal_places", "foster_care"):
        return Terms(cost_basis="none", age_to=22)
    return Terms(duties=(Duty("care_in_home", "county"), Duty("preparatory_teaching", "school")))


@dataclass(frozen=True, slots=True)
class Change:
    """A term that differs: its name and both values as they are stored."""

    name: str
    before: object
    after: object


def changes(before: Terms, after: Terms) -> list[Change]:
    """Return the terms that differ, in the order of the fields."""
    return [
        Change(one.name, getattr(before, one.name), getattr(after, one.name))
        for one in fields(Terms)
        if getattr(before, one.name) != getattr(after, one.name)
    ]
