"""The time of this process: instants in UTC, business days in Helsinki. Rules never read it; they are given it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


def frozen(instant: datetime) -> Clock:
    """Return a clock that always shows `instant` (demo and test)."""
    fixed = instant.astimezone(UTC)
    return lambda: fixed


def business_day(instant: datetime) -> date:
    """Return the Helsinki calendar day of a UTC instant: 22.30 UTC on 31 March is already 1 April there."""
    return instant.astimezone(HELSINKI).date()
