"""The facts a claim is built from, as frozen values: care, prices, invoices, costs, what was granted.

They come from the host and are copied into the claim's lines, so that a claim can be explained ten years on.
Children are named by reference only; days are inclusive, except `CarePeriod.left`, which is the leaving day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from agreements.period import Period


class Gate(StrEnum):
    """Which of the two applications: the centre approves costs, then the paying agency pays (681/2023 §§ 69, 70)."""

    COST = "cost"
    PAYMENT = "payment"


class Basis(StrEnum):
    """What a line claims: a bought day, a reserved place, an actual cost, a budget, or nothing (days, left out)."""

    PLACE_DAY = "place-day"
    RESERVED_PLACE = "reserved-place"
    ACTUAL = "actual"
    BUDGET = "budget"
    OWN_DAY = "own-day"
    LEFT_OUT = "left-out"
    DIFFERENCE = "difference"


CARE_DAYS = (Basis.PLACE_DAY, Basis.OWN_DAY)
"""Lines that stand for days of a child: no day of a child is in two of them."""

PLACE_DAYS = "place_days"
COST_KINDS = (
    PLACE_DAYS,
    "reserved_places",
    "staff",
    "rent",
    "utilities",
    "food",
    "household",
    "transport",
    "clothing",
    "hobbies",
    "school",
    "foster_fee",
    "foster_expenses",
    "supported_housing",
    "support_person",
    "psychosocial",
    "alterations",
    "interpreting",
    "start_up",
    "closing",
    "other",
)
"""Kinds of cost, as applications name them; words for them are the host's."""


@dataclass(frozen=True, slots=True)
class Cover:
    """An agreement that covers a unit on some days, named so that a line can lead to its clause."""

    period: Period
    version_id: int
    clause: str


@dataclass(frozen=True, slots=True)
class CarePeriod:
    """A stay as the claim sees it. `left` None = still there; `right` = the days the law pays for by the person.

    `right` runs from the first municipality of residence or permit to the day before the 23rd birthday.
    `leaving_day_counts` is what the agreement says; as a rule the arrival counts and the leaving day does not.
    """

    child_ref: str
    unit_id: int
    care_kind: str
    arrived: date
    left: date | None
    right: Period | None
    needs_agreement: bool
    agreements: tuple[Cover, ...] = ()
    leaving_day_counts: bool = False


@dataclass(frozen=True, slots=True)
class DayPrice:
    """The agreed price in cents of a place-day and an empty one; `version_id` None = the contract is not here."""

    unit_id: int
    valid: Period
    day_cents: int
    empty_day_cents: int
    version_id: int | None
    clause: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """A provider's invoice for one child's days in a unit, net of value added tax."""

    unit_id: int
    child_ref: str
    days: Period
    net_cents: int
    supplier: str
    voucher: str
    voucher_on: date
    evidence_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """An actual cost from the county's books, net of value added tax.

    `shared_cents` is the whole sum where this is the part of a cost that several bear, by `share_rule`.
    `other_income_cents` was paid for the same by somebody else: benefits, rent, client fees.
    """

    id: int | None
    cost_kind: str
    unit_id: int | None
    child_ref: str | None
    days: Period
    net_cents: int
    supplier: str
    voucher: str
    voucher_on: date
    vat_cents: int = 0
    other_income_cents: int = 0
    shared_cents: int | None = None
    share_rule: str = ""
    evidence_id: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What the centre's decision allows: kind of cost, unit and child (None = any), days, and cents still left."""

    line_id: int
    claim_ref: str
    cost_kind: str
    unit_id: int | None
    child_ref: str | None
    valid: Period
    left_cents: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a claim before it is stored; see the table for each column."""

    basis: Basis
    cost_kind: str
    days: Period
    count: int
    claimed_cents: int
    unit_id: int | None = None
    child_ref: str | None = None
    day_cents: int | None = None
    ceiling_cents: int | None = None
    invoiced_cents: int | None = None
    vat_cents: int = 0
    other_income_cents: int = 0
    supplier: str = ""
    voucher: str = ""
    voucher_on: date | None = None
    agreement_version_id: int | None = None
    clause: str = ""
    grant_line_id: int | None = None
    cost_id: int | None = None
    evidence_id: int | None = None
    shared_cents: int | None = None
    note: str = ""
    late_reason: str = ""
    parked_from: int | None = None
    corrects: int | None = None

    @property
    def care_year(self) -> int:
        """The calendar year of care: no line crosses a year, because deadlines and recovery follow it."""
        return self.days.first.year


@dataclass(frozen=True, slots=True)
class Claimed:
    """Days of a child, or a voucher, that stand in a line of another claim; `claim_ref` leads there."""

    claim_ref: str
    line_no: int
    child_ref: str | None
    days: Period
    supplier: str = ""
    voucher: str = ""
    cents: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stands against a claim: a code, the line (None = the whole), and what a person must know.

    `blocking` problems keep a claim from being sent; the others are shown to reviewers as doubts.
    """

    code: str
    line_no: int | None
    blocking: bool
    facts: tuple[tuple[str, str], ...] = ()

    def fact(self, name: str) -> str | None:
        return dict(self.facts).get(name)
