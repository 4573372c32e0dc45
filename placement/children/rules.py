"""Rules about a child: status, urgency, dates of the right, and what makes a look at the record lawful. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from placement.reference import adult_from, age_on, right_ends

MONTHLY_STEP_DAYS = 30
MOST_WAITING_POINTS = 9
PRIORITY_POINTS = 10
HAS_PLACE_POINTS = 5


class Status(StrEnum):
    """Where a child is; always derived from stays and `waiting_since`, never stored."""

    WAITING = "waiting"
    PLACED = "placed"
    ENDED = "ended"
    NO_PLACE_NEEDED = "no-place-needed"


@dataclass(frozen=True)
class StayDates:
    """A stay's first day and leaving day (exclusive; None = open)."""

    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


def status(stays: Iterable[StayDates], *, waiting_since: date | None, on: date) -> Status:
    """Return the status on a day: Placed when a stay covers it; never Waiting then (invariant C17).

    Without a stay that day: Waiting when the child waits or has a stay to come; Ended when stays are over.
    """
    known = list(stays)
    if any(stay.covers(on) for stay in known):
        return Status.PLACED
    if waiting_since is not None or any(stay.start > on for stay in known):
        return Status.WAITING
    return Status.ENDED if known else Status.NO_PLACE_NEEDED


def urgency(*, priority: int, waiting_since: date, has_place: bool, on: date) -> int:
    """Return the points that order the queue, the highest first: 10 x priority, 1 a month waited (at most 9),
    5 for a child who has a place today and must leave it.

    A wait that begins after `on` has not lasted yet and gives no points.
    """
    waited = max(0, (on - waiting_since).days)
    points = PRIORITY_POINTS * priority + min(MOST_WAITING_POINTS, waited // MONTHLY_STEP_DAYS)
    return points + (HAS_PLACE_POINTS if has_place else 0)


class EventKind(StrEnum):
    MOVE_IN = "move-in"
    MOVE_OUT = "move-out"
    TURNS_ADULT = "turns-adult"
    RIGHT_ENDS = "right-ends"


@dataclass(frozen=True)
class NextEvent:
    day: date
    kind: EventKind


def next_event(birth_date: date, stays: Iterable[StayDates], on: date) -> NextEvent | None:
    """Return the next dated thing after `on`: a planned move, the 18th birthday, the end of the right."""
    coming = [NextEvent(adult_from(birth_date), EventKind.TURNS_ADULT)]
    coming.append(NextEvent(right_ends(birth_date, on), EventKind.RIGHT_ENDS))
    for stay in stays:
        coming.append(NextEvent(stay.start, EventKind.MOVE_IN))
        if stay.end is not None:
            coming.append(NextEvent(stay.end, EventKind.MOVE_OUT))
    after = [event for event in coming if event.day > on]
    return min(after, key=lambda event: (event.day, event.kind)) if after else None


@dataclass(frozen=True)
class RightDates:
    """The dates that a child's age decides: first day of age, first day without the right, its last day."""

    age: int
    adult_from: date
    right_ends: date
    last_day: date


def right_dates(birth_date: date, on: date) -> RightDates:
    """Return the dates by the rule in force on `on` (681/2023 §§ 2.6, 34.2: until the 23rd birthday today).

    Raises ValueError when `on` is before the birth.
    """
    ends = right_ends(birth_date, on)
    return RightDates(age_on(birth_date, on), adult_from(birth_date), ends, ends - timedelta(days=1))


@dataclass(frozen=True)
class AccessFacts:
    """What is known about an actor and a child at an instant; grants are unexpired ones of this actor."""

    protected: bool = False
    case: bool = False
    unit: bool = False
    task: bool = False
    grant_id: int | None = None
    reveal_grant_id: int | None = None


@dataclass(frozen=True)
class Relation:
    """What makes a look lawful: `case`, `unit`, `task`, or `purpose` with its grant.

    `shows_identity` False: the child is protected, so name, unit and town stay closed; the reference stands
    for the child until the actor gives a reason.
    """

    kind: str
    grant_id: int | None = None
    shows_identity: bool = True


def relation(facts: AccessFacts) -> Relation | None:
    """Return the strongest relation, or None: then the actor must first state a purpose.

    Own client comes first. For a protected child only that, or a reason given for it, opens the identity:
    such a look rests on the reason and is logged with it. Source: 703/2023 §§ 9-10, 38.
    """
    if facts.case:
        return Relation("case")
    if facts.protected and facts.reveal_grant_id is not None:
        return Relation("purpose", facts.reveal_grant_id)
    shows = not facts.protected
    if facts.unit:
        return Relation("unit", shows_identity=shows)
    if facts.task:
        return Relation("task", shows_identity=shows)
    if facts.grant_id is not None:
        return Relation("purpose", facts.grant_id, shows_identity=shows)
    return None
