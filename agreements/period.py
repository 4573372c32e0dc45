"""Whole days from a first to a last, both inclusive: validity of versions, places, prices, registrations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first` … `last`, both inside; `last` None = until further notice. Raises ValueError when reversed."""

    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"a period ends on {self.last}, before it begins on {self.first}")

    @property
    def days(self) -> int | None:
        """How many days are inside; None without an end."""
        return None if self.last is None else (self.last - self.first).days + 1

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def overlap(self, other: Period) -> Period | None:
        """Return the days that are in both, or None when there is none."""
        first = max(self.first, other.first)
        last = earliest(self.last, other.last)
        return None if last is not None and last < first else Period(first, last)


def earliest(*days: date | None) -> date | None:
    """Return the first of the days; None stands for no end, so it wins only when every one is None."""
    known = [day for day in days if day is not None]
    return min(known) if known else None


def gaps(inside: Period, covered: Iterable[Period]) -> list[Period]:
    """Return the stretches of `inside` that no period of `covered` reaches, in order."""
    found: list[Period] = []
    day: date | None = inside.first
    for period in sorted(covered, key=lambda one: one.first):
        part = inside.overlap(period)
        if day is None or part is None or (part.last is not None and part.last < day):
            continue
        if part.first > day:
            found.append(Period(day, part.first - ONE_DAY))
        day = None if part.last is None else part.last + ONE_DAY
    if day is not None and (inside.last is None or day <= inside.last):
        found.append(Period(day, inside.last))
    return found


def overlaps(periods: Iterable[Period]) -> list[Period]:
    """Return the stretches that two neighbouring periods (by first day) share, in order."""
    found: list[Period] = []
    longest: Period | None = None
    for period in sorted(periods, key=lambda one: one.first):
        if longest is not None:
            shared = longest.overlap(period)
            if shared is not None:
                found.append(shared)
        if longest is None or longest.last is None or (period.last is not None and period.last <= longest.last):
            longest = longest or period
        else:
            longest = period
    return found
