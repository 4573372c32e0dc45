"""When a service is due, by the rule in force on the day it is counted from, and what state it is in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from placement.reference import deadline, integration_service


class ServiceState(StrEnum):
    """Where a service stands; derived, never stored. Reported: its giver says so; delivered: shown and confirmed."""

    OWED = "owed"
    LATE = "late"
    REPORTED = "reported"
    DELIVERED = "delivered"
    DECLINED = "declined"
    NOT_NEEDED = "not-needed"


OPEN = (ServiceState.LATE, ServiceState.OWED)


@dataclass(frozen=True, slots=True)
class Due:
    """Until when and by which rule. `day` is the last day by law (inclusive), None where it gives none.

    `watch` is the day from which on it is looked after: the last day itself, or the product's own earlier day where
    the law says "without delay" or by need only; that one is no limit of the law.
    """

    side: str
    day: date | None
    watch: date
    source: str
    certainty: str

    @property
    def last(self) -> date:
        return self.watch


def due(kind: str, event: date, *, first_permit: date | None = None) -> Due:
    """Return when the service `kind` is due, counted from `event` (not counted itself).

    The row and the deadline are those in force on `event`: a plan made in 2024 is reviewed within a year, the plan
    reviewed in 2025 within six months (681/2023 § 102.2). A plan without a day of its own is made at the latest
    three years after `first_permit` (§ 20.3). The next home is looked for six months *before* the event.

    Raises UnknownCode for an unknown kind and NotInForce where the law of the day knew no such service.
    """
    row = integration_service(kind, event)
    day = deadline(row.deadline, event).last_day(event) if row.deadline else None
    watch = day or event + timedelta(days=row.watch_days)
    if day is None and row.latest and first_permit is not None:
        day = deadline(row.latest, event).last_day(first_permit)
    return Due(row.side, day, min(watch, day or watch), row.source, row.certainty)


@dataclass(frozen=True, slots=True)
class Given:
    """What is recorded of a service: days are inclusive, None = not yet. `closed_as` is declined or not-needed."""

    watch_on: date
    reported_on: date | None = None
    delivered_on: date | None = None
    closed_as: str | None = None


def state(given: Given, on: date) -> ServiceState:
    """Return the state on a day. The day to look after it is still in time: the last one by law, or before it."""
    if given.closed_as:
        return ServiceState(given.closed_as)
    if given.delivered_on is not None:
        return ServiceState.DELIVERED
    if given.reported_on is not None:
        return ServiceState.REPORTED
    return ServiceState.LATE if on > given.watch_on else ServiceState.OWED


def days_late(given: Given, on: date) -> int:
    """Return by how many days the day to look after it has passed, or was passed when it was delivered; 0 = in time."""
    done = given.delivered_on or given.reported_on or on
    return max(0, (done - given.watch_on).days)


@dataclass(frozen=True, slots=True)
class Next:
    """A service that follows a delivered one: the first plan after the assessment, a review after each plan."""

    kind: str
    event: date


def follows(kind: str, delivered_on: date, *, plan_ends: date | None = None) -> Next | None:
    """Return what becomes due when `kind` is delivered; None = nothing by law.

    A review is followed by the next one while the plan lasts (681/2023 §§ 22.1, 23): `plan_ends` is its last day.
    """
    if kind == "skills_assessment":
        return Next("integration_plan", delivered_on)
    if kind in ("integration_plan", "plan_review"):
        if plan_ends is not None and delivered_on >= plan_ends:
            return None
        return Next("plan_review", delivered_on)
    if kind == "assessment_start":
        return Next("assessment_ready", delivered_on)
    return None


def plan_ends(first_plan_on: date, *, extended: bool = False) -> date:
    """Return the last day of all integration plans together, counted from the first (681/2023 § 23.2-3).

    Two years, two more where the schooling was short or many services are needed (`extended`).
    Raises NotInForce for a first plan made before 2025: it keeps the longest time of the act of 2010 (§ 102.2),
    which the tables do not hold.
    """
    whole = deadline("all_plans_length", first_plan_on).last_day(first_plan_on)
    assert whole is not None  # the row has an amount, which the table's own check requires
    return deadline("plans_extension", whole).last_day(whole) or whole if extended else whole
