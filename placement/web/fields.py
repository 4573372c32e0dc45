"""Form fields that understand what people type: days, whole numbers, euros. What they give is a date or an int.

A wrong text stays in the field and gets a sentence with the way out; an empty one is None (validators decide
whether that is allowed).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import ValidationError

from placement.typed import read_cents, read_day, read_whole


class _ReadField(StringField):
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
        return read_whole(text)


class CentsField(_ReadField):
    """Euros as people type them; data is integer cents or None."""

    fault = _l("Give the sum in euros, for example 245,50")

    def read(self, text: str) -> int:
        return read_cents(text)

    def write(self, value: int) -> str:
        return f"{value // 100},{value % 100:02d}"


class SignedCentsField(CentsField):
    """Euros that may be below zero, where something is taken back; data is integer cents or None."""

    def read(self, text: str) -> int:
        return -read_cents(text[1:]) if text[:1] in ("-", "\u2212") else read_cents(text)

    def write(self, value: int) -> str:
        return f"-{super().write(-value)}" if value < 0 else super().write(value)
