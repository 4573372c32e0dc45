"""The letter as values and the one function that sets it as a PDF.

The file is tagged (PDF/UA-1), names its language and title, has headings and a page count, and is the same
bytes for the same letter: its date is the letter's own, and only the fonts of the typesetter are used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

TEMPLATE = Path(__file__).with_name("letter.typ")
_UNSHOWN = re.compile(r'the text `?"(?P<text>.+?)"`? could not be displayed')


class SignNotShown(ValueError):
    """A sign that no font of the letter has (an emoji, a script it lacks): the reader would see an empty box."""

    def __init__(self, sign: str) -> None:
        super().__init__(f"{sign!a} cannot be shown in the letter")
        self.sign = sign


@dataclass(frozen=True, slots=True)
class Words:
    """A text and the language it is written in (fi, sv, en): a typed text need not be in the letter's."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, in this order: texts, label and value rows, list items."""

    title: str
    texts: tuple[Words, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one language, already in words.

    `number` is the case number, `note` a boxed remark under the title (a translation says so there), `facts`
    the label and value rows before the first heading, `demo` the mark on every page of invented data.
    """

    language: str
    title: str
    authority: str
    number: str
    written_on: date
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    note: str | None = None
    demo: str | None = None


def pdf(letter: Letter) -> bytes:
    """Return the letter as a PDF/UA-1 file.

    Raises SignNotShown when a text holds a sign that the fonts lack: PDF/UA forbids an unreadable box.
    """
    import typst  # the typesetter is loaded with the first letter, not with every process

    try:
        made: bytes = typst.compile(
            _template(),
            format="pdf",
            sys_inputs={"data": json.dumps(_values(letter), ensure_ascii=False)},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
        )
    except typst.TypstError as wrong:
        unshown = _UNSHOWN.search(str(wrong))
        if unshown is None:
            raise
        raise SignNotShown(unshown["text"]) from wrong
    return made


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def _values(letter: Letter) -> Mapping[str, object]:
    values = asdict(letter)
    values["written_on"] = [letter.written_on.year, letter.written_on.month, letter.written_on.day]
    return values
