"""Penalty interest as a pure rule: simple interest by whole days, each at the rate in force that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agreements.money import round_half_up
from agreements.period import Period, gaps


class RateMissing(LookupError):
    """No rate is known for some of the days: interest guessed for them could not be defended."""


@dataclass(frozen=True, slots=True)
class YearlyRate:
    """An interest rate a year in basis points (950 = 9.5 %) on the days of `valid`, and where it is from."""

    valid: Period
    basis_points: int
    source: str = ""
    certainty: str = "seen"


@dataclass(frozen=True, slots=True)
class InterestPart:
    """The days of one rate inside the time that interest runs."""

    period: Period
    days: int
    basis_points: int
    certainty: str


@dataclass(frozen=True, slots=True)
class Interest:
    """The interest in cents and the parts it was counted from, so that a reader can count it again."""

    cents: int
    parts: tuple[InterestPart, ...]
    days_in_year: int


def simple_interest(
    principal_cents: int, running: Period, rates: Sequence[YearlyRate], *, days_in_year: int
) -> Interest:
    """Return simple interest on a principal for every day of `running`, first and last day included.

    Each day bears one part in `days_in_year` of the yearly rate in force on it; the sum is rounded once, half a
    cent up. Raises RateMissing when a day has no rate, and ValueError for time without an end: interest is
    counted when it is paid. Source: Act 633/1982, sections 4.1 and 12.
    """
    if running.last is None:
        raise ValueError("interest is counted to a last day")
    parts = []
    for rate in sorted(rates, key=lambda one: one.valid.first):
        part = running.overlap(rate.valid)
        if part is not None and part.days is not None:
            parts.append(InterestPart(part, part.days, rate.basis_points, rate.certainty))
    missing = gaps(running, [part.period for part in parts])
    if missing:
        raise RateMissing(f"no interest rate is known from {missing[0].first} to {missing[0].last}")
    weighted = sum(part.days * part.basis_points for part in parts)
    return Interest(round_half_up(principal_cents * weighted, 10_000 * days_in_year), tuple(parts), days_in_year)


def interest_runs(*, starts: str, paid_on: date, due_on: date, until: date) -> Period | None:
    """Return the days on which interest runs, None when there is none yet.

    `starts` is the dated rule: due_day = from the day after the day the repayment is due; payment_day = from the
    day after the compensation was paid. The day of repayment itself is the last day that bears interest.
    """
    anchors = {"due_day": due_on, "payment_day": paid_on}
    if starts not in anchors:
        raise ValueError(f"interest starts from due_day or payment_day, not from {starts!r}")
    first = date.fromordinal(anchors[starts].toordinal() + 1)
    return Period(first, until) if first <= until else None
