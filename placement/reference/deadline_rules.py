"""Deadlines of the law by day: assessments, plans, reviews, applications for payment, recovery."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from placement.reference.ages import months_after
from placement.reference.dated import DatedTable, table
from placement.reference.rows import Row, Validity
from placement.reference.working_days import working_days_from

WITHOUT_DELAY = "without_delay"

_UNITS = ("working_days", "weeks", "months", "years", "calendar_years", "months_before", WITHOUT_DELAY)
_MONTHS = {"months": 1, "years": 12, "months_before": -1}


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time the law sets. `label` is an English message that says what must be done.

    `amount` counts `unit` (working_days, weeks, months, years, calendar_years) from the event
    `counted_from`; it is None for without_delay. `calendar_years` run from the end of the event's year,
    `months_before` back from an event to come.
    """

    key: str
    label: str
    amount: int | None
    unit: str
    counted_from: str
    valid: Validity
    source: str
    certainty: str

    def last_day(self, event: date) -> date | None:
        """Return the last day in time after the event, None when the law says only "without delay".

        The day of the event is not counted. Days of the calendar are given as they are: whether an office
        is closed that day is a question of the filing, not of the duty.
        """
        if self.amount is None:
            return None
        if self.unit == "working_days":
            return working_days_from(event, self.amount)
        if self.unit == "weeks":
            return event + timedelta(weeks=self.amount)
        if self.unit == "calendar_years":
            return date(event.year + self.amount, 12, 31)
        return months_after(event, self.amount * _MONTHS[self.unit])


@dataclass(frozen=True, slots=True)
class PlanDuty:
    """Whether an integration plan must be made: always, or where_needed."""

    duty: str
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class FixedDay:
    """A last day that the law names by its date. `label` is an English message."""

    key: str
    label: str
    day: date
    source: str


def _deadline(row: Row) -> Deadline:
    unit = row.one_of("unit", _UNITS)
    amount = row.whole("amount")
    if (amount is None) != (unit == WITHOUT_DELAY) or amount == 0:
        raise row.fault(f"amount {amount} and unit {unit} do not fit together; give a number from 1")
    return Deadline(
        key=row.text("key"),
        label=row.text("label"),
        amount=amount,
        unit=unit,
        counted_from=row.text("counted_from"),
        valid=row.valid,
        source=row.text("source"),
        certainty=row.certainty,
    )


def _plan_duty(row: Row) -> PlanDuty:
    return PlanDuty(row.one_of("duty", ("always", "where_needed")), row.text("source"), row.certainty)


def _fixed_day(row: Row) -> FixedDay:
    day = row.day("day")
    if day is None:
        raise row.fault("day is empty; give the day the law names")
    return FixedDay(row.text("key"), row.text("label"), day, row.text("source"))


def _key(row: Row) -> str:
    return row.text("key")


@cache
def _deadlines() -> DatedTable[str, Deadline]:
    return table("deadline", "deadlines.csv", _key, _deadline)


@cache
def _plan_duties() -> DatedTable[str, PlanDuty]:
    return table("plan duty for", "plan_duties.csv", _key, _plan_duty)


@cache
def _fixed_days() -> DatedTable[str, FixedDay]:
    return table("fixed day", "fixed_days.csv", _key, _fixed_day)


def deadline(key: str, on: date) -> Deadline:
    """Return the deadline by the rule in force on the day.

    Raises UnknownCode for a deadline that never existed and NotInForce for a day outside its rows.
    """
    return _deadlines().on(key, on)


def deadlines(on: date) -> tuple[Deadline, ...]:
    """Return every deadline the law sets on the day."""
    return _deadlines().all_on(on)


def due(key: str, event: date) -> date | None:
    """Return the last day of the deadline, by the rule in force on the day of the event."""
    return deadline(key, event).last_day(event)


def payment_application_last_day(activity: date) -> date:
    """Return the last day to apply for payment of something done on `activity`.

    Two years from the end of that calendar year: 2024 until 31 December 2026, old act and new alike.
    Source: Act 681/2023, section 70, subsection 1; Act 1386/2010, section 54.
    """
    return _needed(due("payment_application", activity))


def recovery_last_day(paid_for: date) -> date:
    """Return the last day to order repayment of what was paid for the year of `paid_for`.

    The fifth calendar year after the year paid for, not the year in which it was paid.
    Source: Act 681/2023, section 71, subsection 3.
    """
    return _needed(due("recovery_decision", paid_for))


def _needed(day: date | None) -> date:
    assert day is not None  # both rows have an amount, which the table's own check requires
    return day


def plan_duty(on: date) -> PlanDuty:
    """Return whether an unaccompanied minor must always have an integration plan on the day.

    Source: Act 1386/2010, section 15 (always); from 2025 Act 681/2023, section 16 (where needed).
    """
    return _plan_duties().on("unaccompanied_minor", on)


def old_act_claims_last_day(on: date) -> FixedDay:
    """Return the last day to claim special costs under the Act of 2010, as the law says on the day.

    Source: Act 681/2023, section 102, subsection 1.
    """
    return _fixed_days().on("old_act_claims", on)


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _deadlines()
    _plan_duties()
    _fixed_days()
