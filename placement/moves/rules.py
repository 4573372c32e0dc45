"""What may be recorded about a stay, and what one county may hand over to another. Pure: values in, values out.

Days are Helsinki's. A stay and an absence are half-open: the leaving day and the day of return are not covered.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

RAN_AWAY = "ran-away"
RETRY = timedelta(days=7)
"""How soon a search that found no suitable place is made again."""

BASIC_FACTS = "basic-facts"
NEEDS = "needs"
CENTRE_DECISION = "centre-decision"
NARRATIVES = "narratives"
SCHOOL = "school"
STAYS = "stays"
REPRESENTATIVE = "representative"
PROTECTION = "protection"

MAY_BE_HANDED: Mapping[str, str] = {
    BASIC_FACTS: "681/2023 §86",
    PROTECTION: "703/2023 §38",
    REPRESENTATIVE: "681/2023 §86",
    NEEDS: "681/2023 §86",
    SCHOOL: "681/2023 §86",
    STAYS: "681/2023 §86",
    CENTRE_DECISION: "681/2023 §90.3",
}
"""What the receiving county may be given because it needs it for its task, with the section. Narratives are not
here: what the child and the representative have said stays with the county that heard them."""

ALWAYS_HANDED = frozenset({BASIC_FACTS, PROTECTION})
"""Without these the receiving county could not take over: who the child is, and that its data are protected."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be recorded: a code, the input it is about, and numbers or days that the sentence tells."""

    code: str
    about: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """Days [start, end); `end` None = open."""

    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def shares_a_day_with(self, other: Span) -> bool:
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)

    def days_within(self, first: date, end: date) -> int:
        """Return how many days of [first, end) are covered."""
        last = end if self.end is None else min(self.end, end)
        return max(0, (last - max(self.start, first)).days)


def arrival_fault(arrived: date, stay: Span, *, already: bool, entered_on: date, today: date) -> Fault | None:
    """Return why a child cannot have arrived that day, or None.

    A child may come earlier or later than decided, but not before it came into care, not after the stay is over,
    and an arrival is recorded when it has happened.
    """
    if already:
        return Fault("arrived-already", "arrived_on")
    if arrived > today:
        return Fault("day-in-future", "arrived_on")
    if arrived < entered_on:
        return Fault("before-entry", "arrived_on", {"day": entered_on})
    if stay.end is not None and arrived >= stay.end:
        return Fault("arrival-after-end", "arrived_on", {"day": stay.end})
    return None


def departure_fault(left: date, stay: Span, *, arrived: bool, right_ends: date, today: date) -> Fault | None:
    """Return why a child cannot have left that day (the leaving day, not covered any more), or None."""
    if not arrived:
        return Fault("not-arrived-yet", "left_on")
    if left > today:
        return Fault("day-in-future", "left_on")
    if left <= stay.start:
        return Fault("left-before-coming", "left_on", {"day": stay.start})
    if left > right_ends:
        return Fault("right-ended", "left_on", {"day": right_ends})
    return None


def absence_faults(
    kind: str,
    absence: Span,
    stay: Span,
    others: Iterable[Span],
    *,
    told: Iterable[tuple[str, date | None]],
    today: date,
) -> list[Fault]:
    """Return what is wrong with an absence: it lies within the stay, over no other one, and running away has happened.

    `told` are the days on which police and representative were told, by the name of the input.
    """
    faults = []
    if not stay.covers(absence.start):
        faults.append(Fault("outside-stay", "started_on"))
    if absence.end is not None and absence.end <= absence.start:
        faults.append(Fault("back-before-leaving", "back_on"))
    elif absence.end is not None and stay.end is not None and absence.end > stay.end:
        faults.append(Fault("back-after-stay", "back_on", {"day": stay.end}))
    elif any(absence.shares_a_day_with(other) for other in others):
        faults.append(Fault("absences-overlap", "started_on"))
    if kind == RAN_AWAY and absence.start > today:
        faults.append(Fault("day-in-future", "started_on"))
    if absence.end is not None and absence.end > today and kind == RAN_AWAY:
        faults.append(Fault("day-in-future", "back_on"))
    for name, day in told:
        if day is not None and day > today:
            faults.append(Fault("day-in-future", name))
        elif day is not None and day < absence.start:
            faults.append(Fault("told-before-leaving", name))
    return faults


def handed_over(asked: Collection[str]) -> tuple[str, ...]:
    """Return what is handed over: what was asked for as far as it may be, and what always goes along."""
    return tuple(code for code in MAY_BE_HANDED if code in asked or code in ALWAYS_HANDED)


def month_of(day: date) -> tuple[date, date]:
    """Return the first day of the day's month and of the next one."""
    _, length = calendar.monthrange(day.year, day.month)
    first = day.replace(day=1)
    return first, first + timedelta(days=length)


def presence_due(month: date, today: date) -> bool:
    """Whether a month is over, so that its presence can be confirmed."""
    return month_of(month)[1] <= today


@dataclass(frozen=True, slots=True)
class Presence:
    """A child in a unit during a month: days with the place, and those of them spent away."""

    child_id: int
    days: int
    away: int


def presence(
    month: date, stays: Mapping[int, Iterable[Span]], absences: Mapping[int, Iterable[Span]]
) -> list[Presence]:
    """Return who had a place in the month, by child key: the same days that board, calendar and claims count."""
    first, end = month_of(month)
    found = []
    for child_id, spans in sorted(stays.items()):
        covered = list(spans)
        days = sum(span.days_within(first, end) for span in covered)
        away = sum(
            Span(max(one.start, span.start), _earliest(one.end, span.end)).days_within(first, end)
            for one in absences.get(child_id, ())
            for span in covered
            if one.shares_a_day_with(span)
        )
        if days:
            found.append(Presence(child_id, days, away))
    return found


def _earliest(one: date | None, other: date | None) -> date | None:
    known = [day for day in (one, other) if day is not None]
    return min(known, default=None)
