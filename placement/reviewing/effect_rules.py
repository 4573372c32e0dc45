"""What correcting a decision does, before anything is booked: line by line and year by year. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agreements.claim_rules import last_day_of_recovery


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line as the decision that stands has it; `used_cents` of a granted line rests in payment applications."""

    number: int
    care_year: int
    claimed_cents: int
    approved_cents: int
    parked: bool
    used_cents: int = 0


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line before and after; the sum may not change sign nor pass what was claimed."""

    number: int
    care_year: int
    before_cents: int
    after_cents: int

    @property
    def change_cents(self) -> int:
        return self.after_cents - self.before_cents


@dataclass(frozen=True, slots=True)
class YearEffect:
    """What a year of care is after the correction: paid stays paid, so the rest is owed to or by the county.

    `owed_cents` above zero: the county is paid the difference; below zero: it was paid too much, which may be
    ordered back until `last_day` (681/2023 § 71.3).
    """

    year: int
    before_cents: int
    after_cents: int
    paid_cents: int
    owed_cents: int
    last_day: date
    in_time: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """All that a correction changes; nothing of it is booked."""

    lines: tuple[LineChange, ...]
    years: tuple[YearEffect, ...]
    before_cents: int
    after_cents: int

    @property
    def change_cents(self) -> int:
        return self.after_cents - self.before_cents

    @property
    def against_county(self) -> bool:
        """Whether any line gets less: then the county is heard first (434/2003 § 34)."""
        return any(line.change_cents < 0 for line in self.lines)


class Impossible(ValueError):
    """A line cannot be corrected so; `code` says why, `line` which."""

    def __init__(self, code: str, line: int, cents: int = 0) -> None:
        super().__init__(f"{code} on line {line}")
        self.code = code
        self.line = line
        self.cents = cents


def effect(
    lines: Sequence[LineNow], after: Mapping[int, int], paid: Mapping[int, int], *, pays: bool, on: date
) -> Effect:
    """Return what approving other sums does; `after`: line to cents, `paid`: year of care to cents paid.

    `pays` is false for a decision on costs: it grants and nothing is owed by it. Raises Impossible for a parked line, a
    sum not between nothing and what was claimed, and a grant lowered below what payment applications rest on.
    """
    changes = []
    for line in lines:
        if line.number not in after or after[line.number] == line.approved_cents:
            continue
        cents = after[line.number]
        if line.parked:
            raise Impossible("line-parked", line.number)
        if not (0 <= cents <= line.claimed_cents or line.claimed_cents <= cents <= 0):
            raise Impossible("sum-outside", line.number, line.claimed_cents)
        if line.used_cents and cents < line.used_cents:
            raise Impossible("grant-used", line.number, line.used_cents)
        changes.append(LineChange(line.number, line.care_year, line.approved_cents, cents))
    by_number = {change.number: change.after_cents for change in changes}
    before: dict[int, int] = {}
    later: dict[int, int] = {}
    for line in lines:
        before[line.care_year] = before.get(line.care_year, 0) + line.approved_cents
        later[line.care_year] = later.get(line.care_year, 0) + by_number.get(line.number, line.approved_cents)
    years = [
        YearEffect(
            year=year,
            before_cents=before[year],
            after_cents=later[year],
            paid_cents=paid.get(year, 0) if pays else 0,
            owed_cents=later[year] - paid.get(year, 0) if pays else 0,
            last_day=last_day_of_recovery(year),
            in_time=on <= last_day_of_recovery(year),
        )
        for year in sorted(before)
    ]
    return Effect(tuple(changes), tuple(years), sum(before.values()), sum(later.values()))
