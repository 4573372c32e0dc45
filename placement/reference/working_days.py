"""Working days in Finland, and the day on which a time counted in days ends.

A working day is Monday to Friday and not a church holiday, Independence Day, May Day, Midsummer Eve or
Christmas Eve. Midsummer Eve and Christmas Eve are no holidays by name, but a time does not end on them
either (Act 150/1930, section 5), so one calendar serves both.
"""

from datetime import date, timedelta
from functools import cache

import holidays

_SATURDAY = 5


@cache
def _free_days(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FI", years=year))


def is_working_day(day: date) -> bool:
    """Tell whether authorities are open on `day` by the calendar."""
    return day.weekday() < _SATURDAY and day not in _free_days(day.year)


def next_working_day(day: date) -> date:
    """Return `day` itself when it is a working day, else the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_days_from(start: date, count: int) -> date:
    """Return the `count`-th working day after `start`; the start itself is not counted.

    Raises ValueError unless `count` is at least 1.
    """
    if count < 1:
        raise ValueError(f"count at least one working day, not {count}")
    day = start
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


def last_day_of_time(start: date, days: int) -> date:
    """Return the last day of a time of `days` days that begins with an event on `start`.

    The day of the event is not counted (Act 150/1930, section 2); a time that would end on a day on which
    authorities are closed ends on the next working day (section 5). Raises ValueError unless `days` is at
    least 1.
    """
    if days < 1:
        raise ValueError(f"a time has at least one day, not {days}")
    return next_working_day(start + timedelta(days=days))
