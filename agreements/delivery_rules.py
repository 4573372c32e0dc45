"""What was promised, is owed, was delivered or is late, as pure rules. Days are Helsinki's, ends inclusive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from agreements.period import ONE_DAY, Period

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""The reporting periods that an agreement may name, in months; they follow the calendar year."""

TIME_TO_REPORT = timedelta(days=30)
"""How long after a period's last day it may be reported before it is late. The product's rule; no act sets one."""


class Reported(StrEnum):
    """What a side says of a period."""

    DELIVERED = "delivered"
    PARTLY = "partly"
    NOT_DELIVERED = "not-delivered"


class Fulfilment(StrEnum):
    PROMISED = "promised"
    OWED = "owed"
    DELIVERED = "delivered"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Report:
    """A report of the days `days`; a higher `number` came later."""

    number: int
    days: Period
    said: str


def period_of(day: date, kind: str) -> Period:
    """Return the calendar month, quarter, half-year or year that a day lies in."""
    months = MONTHS[kind]
    start = (day.month - 1) // months * months + 1
    following = date(day.year + (start + months > 12), (start + months - 1) % 12 + 1, 1)
    return Period(date(day.year, start, 1), following - ONE_DAY)


def reporting_periods(in_force: Period, kind: str, on: date) -> list[Period]:
    """Return the periods to report, cut to the days in force, up to the one that `on` lies in.

    An agreement that is still to begin gives its first period only.
    """
    found: list[Period] = []
    day = in_force.first
    while not found or (day <= on and in_force.covers(day)):
        whole = period_of(day, kind)
        part = in_force.overlap(whole)
        if part is not None:
            found.append(part)
        day = (whole.last or day) + ONE_DAY
    return found


def latest(period: Period, reports: Iterable[Report]) -> Report | None:
    """Return the last report that covers the whole period."""
    fitting = [one for one in reports if one.days.overlap(period) == period]
    return max(fitting, key=lambda one: one.number, default=None)


def due_on(period: Period) -> date:
    """Return the last day to report a period; raises ValueError for one without an end, which no calendar has."""
    if period.last is None:
        raise ValueError("a reporting period ends")
    return period.last + TIME_TO_REPORT


def fulfilment(period: Period, reports: Iterable[Report], on: date) -> Fulfilment:
    """Return what a service is in one period on a day.

    Promised until the period begins; delivered once its last report says so; else owed, and late from the day
    after `due_on`. A report of "partly" or "not delivered" does not end what is owed: a later one can.
    """
    if on < period.first:
        return Fulfilment.PROMISED
    report = latest(period, reports)
    if report is not None and report.said == Reported.DELIVERED:
        return Fulfilment.DELIVERED
    return Fulfilment.LATE if on > due_on(period) else Fulfilment.OWED
