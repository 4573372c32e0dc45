"""What each kind of cell may hold. A reader takes the text of a filled cell and gives the value, or refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from placement.imports.words import Vocabulary
from placement.refusals import Refusal
from placement.typed import read_cents, read_day, read_whole

VALUE = TypeVar("VALUE")
Reader = Callable[[str, Vocabulary], object]
ITEM = re.compile(r"(?P<word>.+?)[\s:=(]*(?:(?<=[\s:=(])(?P<number>\d{1,4})(?:\s*h)?\)?)?")
FEWEST_SHOWN, MOST_SHOWN = 1, 12


def text(longest: int) -> Reader:
    def read(cell: str, _words: Vocabulary) -> str:
        if len(cell) > longest:
            raise Refusal("cell-long", most=longest)
        return cell

    return read


def _read(cell: str, reader: Callable[[str], VALUE], code: str) -> VALUE:
    try:
        return reader(cell)
    except (ValueError, OverflowError):
        raise Refusal(code) from None


def day(cell: str, _words: Vocabulary) -> date:
    """Return the day; a spreadsheet's midnight (2026-04-01 00:00:00) is that day."""
    return _read(cell.removesuffix(" 00:00:00"), read_day, "cell-day")


def cents(cell: str, _words: Vocabulary) -> int:
    return _read(cell, read_cents, "cell-money")


def whole(cell: str, _words: Vocabulary) -> int:
    return _read(_no_fraction(cell), read_whole, "cell-whole")


def between(low: int, high: int) -> Reader:
    """Return a reader of a whole number from `low` to `high`, both inclusive."""

    def read(cell: str, words: Vocabulary) -> int:
        number = whole(cell, words)
        if not low <= number <= high:
            raise Refusal("cell-range", low=low, high=high)
        return number

    return read


def one_of(name: str) -> Reader:
    """Return a reader of a word of a list; it gives the code."""

    def read(cell: str, words: Vocabulary) -> str:
        code = words.find(name, cell)
        if code is None:
            raise _unknown(name, words)
        return code

    return read


def yes_no(cell: str, words: Vocabulary) -> bool:
    return one_of("yes_no")(cell, words) == "1"


def listed(name: str, *, low: int, high: int, without: int | None) -> Reader:
    """Return a reader of `somali 5; suomi 2`: pairs of code and number (`low`-`high`) in the order given.

    `without` is the number of an item that has none; None refuses such an item. A code twice is refused: which
    number holds would be a guess.
    """

    def read(cell: str, words: Vocabulary) -> tuple[tuple[str, int], ...]:
        found: dict[str, int] = {}
        for item in (part.strip() for part in re.split(r"[;,\n]", cell)):
            if not item:
                continue
            code, number = _item(name, item, words, without)
            if not low <= number <= high:
                raise Refusal("cell-item-range", item=item, low=low, high=high)
            if code in found:
                raise Refusal("cell-item-twice", item=item)
            found[code] = number
        return tuple(found.items())

    return read


def _item(name: str, item: str, words: Vocabulary, without: int | None) -> tuple[str, int]:
    whole_item = words.find(name, item)
    parts = ITEM.fullmatch(item)
    if whole_item is None and parts is not None and parts["number"] is not None:
        code = words.find(name, parts["word"])
        if code is not None:
            return code, int(parts["number"])
        raise Refusal(f"cell-{name}-unknown", item=parts["word"])
    if whole_item is None:
        raise Refusal(f"cell-{name}-unknown", item=item)
    if without is None:
        raise Refusal("cell-item-number", item=item)
    return whole_item, without


def _unknown(name: str, words: Vocabulary) -> Refusal:
    choices = words.shown.get(name, ())
    if FEWEST_SHOWN <= len(choices) <= MOST_SHOWN:
        return Refusal("cell-choice", choices=", ".join(choices))
    return Refusal(f"cell-{name}-unknown")


def _no_fraction(cell: str) -> str:
    """Return the text without a fraction of zeros: some programs write 7 as 7,0."""
    return re.sub(r"[.,]0+$", "", cell)
