"""Ages and birthdays, with one rule for those born on a leap day.

Someone born on 29 February has a birthday on 28 February in a year without a leap day: a time counted in
years or months that has no corresponding day ends on the last day of the month (Act 150/1930, section 3).
The same rule makes a month of age complete on the last day of a shorter month.
"""

import calendar
from datetime import date, timedelta

ADULT_AGE = 18


def birthday(birth_date: date, age: int) -> date:
    """Return the day on which a person born on `birth_date` becomes `age` years old.

    Raises ValueError for a negative age.
    """
    if age < 0:
        raise ValueError(f"an age is never negative: {age}")
    return months_after(birth_date, 12 * age)


def months_after(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month when it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def age_on(birth_date: date, day: date) -> int:
    """Return the age in whole years on `day`; the birthday itself counts as the new age.

    Raises ValueError when `day` is before the birth: an age that does not exist is a wrong date.
    """
    return age_months(birth_date, day) // 12


def age_months(birth_date: date, day: date) -> int:
    """Return the age in whole months on `day`.

    Raises ValueError when `day` is before the birth.
    """
    if day < birth_date:
        raise ValueError(f"{day} is before the birth on {birth_date}")
    months = (day.year - birth_date.year) * 12 + day.month - birth_date.month
    return months if months_after(birth_date, months) <= day else months - 1


def adult_from(birth_date: date) -> date:
    """Return the 18th birthday: the first day on which the person is of age."""
    return birthday(birth_date, ADULT_AGE)


def last_day_as_child(birth_date: date) -> date:
    """Return the day before the 18th birthday: the last day in a home for children."""
    return adult_from(birth_date) - timedelta(days=1)


def is_child(birth_date: date, day: date) -> bool:
    """Tell whether the person is under 18 on `day`."""
    return day < adult_from(birth_date)
