"""Money the law sets, by day: calculated compensation, penalty interest, value added tax, first and last day.

Every figure is a row with days, source and how well it is founded; nothing is computed from what holds today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from agreements.interest_rules import YearlyRate
from agreements.money import round_half_up
from agreements.period import Period
from placement.reference.ages import adult_from, birthday
from placement.reference.dated import DatedTable, table
from placement.reference.eligibility import eligibility_ground, last_day_of_right
from placement.reference.rows import Row

RECIPIENTS = ("municipality", "county", "aland_municipality", "aland_health_authority")
GROUPS = ("under_7", "from_7", "first_adult_year")
RATE_OF_SCHOOL_AGE = 7


@dataclass(frozen=True, slots=True)
class YearlyCompensation:
    """A calculated compensation for one person and year, in cents."""

    cents_per_year: int
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class InterestRule:
    """How interest on a repayment runs: from which day, when it is due, and by which day count."""

    starts: str
    due_days: int
    days_in_year: int
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class VatRule:
    """A share of a cost in basis points; `applies` tells whether it is taken off what is claimed."""

    basis_points: int
    applies: bool
    source: str
    certainty: str


def _compensation(row: Row) -> YearlyCompensation:
    return YearlyCompensation(row.needed_whole("cents_per_year"), row.text("source"), row.certainty)


def _interest_rule(row: Row) -> InterestRule:
    return InterestRule(
        starts=row.one_of("starts", ("due_day", "payment_day")),
        due_days=row.needed_whole("due_days"),
        days_in_year=row.needed_whole("days_in_year"),
        source=row.text("source"),
        certainty=row.certainty,
    )


def _vat_rule(row: Row) -> VatRule:
    return VatRule(row.needed_whole("basis_points"), row.flag("applies"), row.text("source"), row.certainty)


@cache
def _compensations() -> DatedTable[tuple[str, str], YearlyCompensation]:
    def key(row: Row) -> tuple[str, str]:
        return row.one_of("recipient", RECIPIENTS), row.one_of("group", GROUPS)

    return table("calculated compensation for", "rates.csv", key, _compensation)


@cache
def _calculated_years() -> DatedTable[str, int]:
    return table(
        "years of calculated compensation for",
        "calculated_periods.csv",
        lambda row: row.one_of("group", ("standard", "quota")),
        lambda row: row.needed_whole("years"),
    )


@cache
def _interest_rates() -> DatedTable[str, tuple[int, str, str]]:
    return table(
        "interest rate",
        "interest_rates.csv",
        lambda row: row.one_of("key", ("reference", "margin")),
        lambda row: (row.needed_whole("basis_points"), row.text("source"), row.certainty),
    )


@cache
def _interest_rules() -> DatedTable[str, InterestRule]:
    return table("rule of interest on", "interest_rules.csv", lambda row: row.text("key"), _interest_rule)


@cache
def _vat_rules() -> DatedTable[str, VatRule]:
    return table("rule of value added tax", "vat.csv", lambda row: row.text("key"), _vat_rule)


def yearly_compensation(recipient: str, group: str, care_on: date) -> YearlyCompensation:
    """Return the calculated compensation for care on a day: the rate of the time of care, not of payment.

    Raises UnknownCode where the recipient never had that group and NotInForce where it had it on other days.
    Source: Act 681/2023, sections 61 and 62; Decree 872/2024.
    """
    return _compensations().on((recipient, group), care_on)


def calculated_compensation(recipient: str, birth_date: date, care: Period) -> int:
    """Return the calculated compensation for one person and the days of `care`, in cents.

    Each day bears its part of the yearly rate of its own age and year (365 or 366 parts); the sum is rounded
    once. The addition for the first year as an adult is decided apart (`first_adult_year`): it depends on which
    year is the first paid one. The day count is ours: the decree names yearly sums only.
    """
    if care.last is None:
        raise ValueError("calculated compensation is counted to a last day")
    seventh = birthday(birth_date, RATE_OF_SCHOOL_AGE)
    parts: dict[int, int] = {}
    day = care.first
    while day <= care.last:
        border = min(date(day.year, 12, 31), care.last)
        if day < seventh:
            border = min(border, seventh - timedelta(days=1))
        group = "under_7" if day < seventh else "from_7"
        rate = yearly_compensation(recipient, group, day).cents_per_year
        length = 366 if day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0) else 365
        parts[length] = parts.get(length, 0) + rate * ((border - day).days + 1)
        day = border + timedelta(days=1)
    return round_half_up(parts.get(365, 0) * 366 + parts.get(366, 0) * 365, 365 * 366)


def first_adult_year(recipient: str, birth_date: date, care_year_first: date) -> int:
    """Return the addition for the first year paid as an adult, in cents; 0 before the 18th birthday.

    `care_year_first` is the first day of that year of payment. Raises NotInForce for a year before 2025, when
    there was no addition. Source: Decree 872/2024, sections 1 and 2.
    """
    if care_year_first < adult_from(birth_date):
        return 0
    return yearly_compensation(recipient, "first_adult_year", care_year_first).cents_per_year


def calculated_period(ground: str, begins: date) -> Period:
    """Return the days of calculated compensation that begin on a day: two years, three for the quota.

    A period that began before 2025 keeps three years, four for the quota. Source: Act 681/2023, sections 61, 62
    and 102, subsection 2.
    """
    years = _calculated_years().on("quota" if ground.startswith("quota") else "standard", begins)
    return Period(begins, birthday(begins, years) - timedelta(days=1))


def reference_rate(on: date) -> YearlyRate:
    """Return the reference rate of the Interest Act for the half-year of the day.

    Raises NotInForce for a day that no row covers yet.
    Source: Act 633/1982, section 12, as the Bank of Finland announces it.
    """
    points, source, certainty = _interest_rates().on("reference", on)
    valid = next(entry.valid for entry in _interest_rates().entries("reference") if entry.valid.covers(on))
    return YearlyRate(Period(valid.first, valid.last), points, source, certainty)


def penalty_rates() -> tuple[YearlyRate, ...]:
    """Return the penalty interest rate of each half-year, oldest first: the reference rate and seven points.

    Source: Act 633/1982, sections 4.1 and 12.
    """
    found = []
    for entry in _interest_rates().entries("reference"):
        points, source, certainty = entry.value
        margin, _, _ = _interest_rates().on("margin", entry.valid.first)
        found.append(YearlyRate(Period(entry.valid.first, entry.valid.last), points + margin, source, certainty))
    return tuple(found)


def recovery_interest(decided_on: date) -> InterestRule:
    """Return how interest on a repayment runs by the rule in force on the day of the decision.

    Source: Act 681/2023, section 71.2: the rate is set, the day from which it runs is not.
    """
    return _interest_rules().on("recovery", decided_on)


def vat_refund(on: date) -> VatRule:
    """Return the calculated refund of five per cent on tax-free purchases and whether claims are cut by it.

    Source: Act 1501/1993, section 130 a; whether the payer takes it off is not published.
    """
    return _vat_rules().on("calculated_refund", on)


def earliest_claimable_day(
    ground: str, *, on: date, registered_on: date | None, first_permit_on: date | None
) -> date | None:
    """Return the first day whose costs are compensated, None while there is none.

    From the registration of the first municipality of residence; without one, from the first residence permit,
    unless the ground pays from registration only (temporary protection). Source: Act 681/2023, section 59.2-3.
    """
    if registered_on is not None:
        return registered_on
    return None if eligibility_ground(ground, on).needs_municipality_of_residence else first_permit_on


def last_reimbursable_day(birth_date: date, on: date) -> date:
    """Return the day before the birthday on which compensation ends by the rule in force on `on`: the 23rd.

    Source: Act 681/2023, section 69.3.
    """
    return last_day_of_right(birth_date, on)


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _compensations()
    _calculated_years()
    _interest_rates()
    _interest_rules()
    _vat_rules()
