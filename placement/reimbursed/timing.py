"""What can still be claimed, until when, and in how many euros; which period a county claims next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from agreements.claim_rules import last_day_of_application
from agreements.claim_tables import Claim, ClaimStatus
from agreements.claim_values import CARE_DAYS, Gate, Line
from agreements.period import Period, gaps
from placement.reimbursed import building
from placement.reimbursed.building_rules import Choices, compose
from placement.reimbursed.care_days import half_year

YEARS_OPEN = 2
"""Care of a year may be applied for until the end of the second year after it (681/2023 § 70)."""
WARNINGS = (7, 30, 90)
"""How many days before the last day a sum that lapses is shown, the nearest first."""


@dataclass(frozen=True)
class Lapsing:
    """What of a year of care nobody has sent in a claim yet: euros, days of children, the last day to apply."""

    care_year: int
    last_day: date
    days_left: int
    cents: int
    days: int

    @property
    def first_day(self) -> date:
        return date(self.care_year, 1, 1)

    @property
    def until(self) -> date:
        return date(self.care_year, 12, 31)

    @property
    def warning(self) -> int | None:
        """The warning that the days left have reached (90, 30 or 7), None while there is more time."""
        return next((days for days in WARNINGS if self.days_left <= days), None)


@dataclass(frozen=True)
class Claimable:
    """A period that no claim of the county covers: days and costs that are ready to be claimed."""

    period: Period
    days: int
    cents: int
    last_day: date

    @property
    def ready(self) -> bool:
        return bool(self.days or self.cents)


def lapsing(session: Session, county_id: int, on: date, *, within: int | None = None) -> list[Lapsing]:
    """Return for each year that is still open what of it is not sent yet, the first to lapse first.

    A draft does not keep the time: only what was sent counts as claimed. `within` leaves out, uncounted, the years
    that do not lapse in so many days.
    """
    found = []
    for year in range(on.year - YEARS_OPEN, on.year + 1):
        last = last_day_of_application(date(year, 12, 31))
        if within is not None and (last - on).days > within:
            continue
        lines = unclaimed(session, county_id, Period(date(year, 1, 1), min(on, date(year, 12, 31))), on)
        found.append(Lapsing(year, last, (last - on).days, _cents(lines), _days(lines)))
    return found


def unclaimed(session: Session, county_id: int, period: Period, on: date) -> list[Line]:
    """Return the lines that a claim of a period would have if it were begun now."""
    return compose(building.material(session, county_id, period, on), Choices())


def claimable(session: Session, county_id: int, on: date) -> Iterator[Claimable]:
    """Yield the periods that no payment application covers, by half-year, the newest first; open years only.

    Each is counted as it is asked for: who wants the newest does not wait for the others.
    """
    covered = [
        Period(claim.period_first, claim.period_last)
        for claim in session.exec(
            select(Claim).where(
                Claim.county_id == county_id,
                Claim.gate == Gate.PAYMENT,
                col(Claim.status) != ClaimStatus.WITHDRAWN,
            )
        )
    ]
    open_gaps: list[Period] = []
    day = half_year(date(on.year - YEARS_OPEN, 1, 1))
    while day.first <= on:
        open_gaps += gaps(day, covered)
        assert day.last is not None  # a half-year has an end
        day = half_year(date(day.last.year + (day.last.month == 12), 1 if day.last.month == 12 else 7, 1))
    for gap in reversed(open_gaps):
        until = Period(gap.first, min(gap.last or on, on)) if gap.first <= on else None
        lines = unclaimed(session, county_id, until, on) if until is not None else []
        yield Claimable(gap, _days(lines), _cents(lines), last_day_of_application(gap.first))


def _cents(lines: Iterable[Line]) -> int:
    return sum(line.claimed_cents for line in lines)


def _days(lines: Iterable[Line]) -> int:
    return sum(line.count for line in lines if line.basis in CARE_DAYS)
