"""Form fields that understand what people type: days, whole numbers, euros. What they give is a date or an int.

A wrong text stays in the field and gets a sentence with the way out; an empty one is None (validators decide
whether that is allowed).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import ValidationError

FINNISH_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
EUROS = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?")
SPACES = re.compile(r"[\s\u00a0\u202f]+")


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


class _ReadField(StringField):  # type: ignore[misc]
    """A text field whose `data` is the value read from the text; the text itself is kept for redrawing."""

    data: Any
    fault: Any = _l("Check what you wrote")

    def read(self, text: str) -> Any:
        """Return the value that the text means; raises ValueError where it means none."""
        return text

    def write(self, value: Any) -> str:
        return str(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        self.unread = False
        if self.typed:
            try:
                self.data = self.read(self.typed)
            except (ValueError, OverflowError):
                self.unread = True

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - the signature of WTForms
        if getattr(self, "unread", False):
            raise ValidationError(str(self.fault))

    def _value(self) -> str:
        if getattr(self, "typed", None):
            return str(self.typed)
        return self.write(self.data) if self.data is not None else ""


class DayField(_ReadField):
    """A day; data is a date or None."""

    fault = _l("Give the day as day.month.year, for example 1.4.2026")

    def read(self, text: str) -> date:
        return read_day(text)

    def write(self, value: date) -> str:
        return f"{value.day}.{value.month}.{value.year}"


class WholeField(_ReadField):
    """A whole number from 0; data is an int or None."""

    fault = _l("Give a whole number, for example 7")

    def read(self, text: str) -> int:
        plain = SPACES.sub("", text)
        if not plain.isascii() or not plain.isdigit() or len(plain) > 9:
            raise ValueError(f"{text!r} is no whole number")
        return int(plain)


class CentsField(_ReadField):
    """Euros as people type them; data is integer cents or None."""

    fault = _l("Give the sum in euros, for example 245,50")

    def read(self, text: str) -> int:
        return read_cents(text)

    def write(self, value: int) -> str:
        return f"{value // 100},{value % 100:02d}"
