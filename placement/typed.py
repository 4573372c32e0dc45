"""Reading what people type or keep in spreadsheets: days, whole numbers, euros. Pure; forms and imports share it."""

from __future__ import annotations

import re
from datetime import date

FINNISH_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
EUROS = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?")
SPACES = re.compile(r"[\s\u00a0\u202f]+")
MOST_DIGITS = 9


def read_day(text: str) -> date:
    """Return the day written as 1.4.2026, 1/4/2026 or 2026-04-01; raises ValueError for anything else."""
    plain = SPACES.sub("", text)
    finnish, iso = FINNISH_DAY.fullmatch(plain), ISO_DAY.fullmatch(plain)
    if finnish:
        day, month, year = (int(part) for part in finnish.groups())
    elif iso:
        year, month, day = (int(part) for part in iso.groups())
    else:
        raise ValueError(f"{text!r} is no day")
    return date(year, month, day)


def read_cents(text: str) -> int:
    """Return the sum written as 1 234,50, 1234.50 or 12 € in cents; raises ValueError for anything else."""
    found = EUROS.fullmatch(SPACES.sub("", text).removesuffix("€"))
    if not found:
        raise ValueError(f"{text!r} is no sum of money")
    return int(found.group(1)) * 100 + int((found.group(2) or "").ljust(2, "0") or 0)


def read_whole(text: str) -> int:
    """Return the whole number from 0 written as 7 or 1 000; raises ValueError for anything else."""
    plain = SPACES.sub("", text)
    if not plain.isascii() or not plain.isdigit() or len(plain) > MOST_DIGITS:
        raise ValueError(f"{text!r} is no whole number")
    return int(plain)
