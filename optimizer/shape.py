"""Shapes a JSON value can be checked against; every fault is one line that names the field.

A shape is a function of a path, a value and the list faults are added to. Standard library only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping

Shape = Callable[[str, object, list[str]], None]

LARGEST_NUMBER = 10**9
"""The largest integer a file may hold: sums over a country's children stay exact in 64 bits."""


class InputRefused(ValueError):
    """A file or value that cannot be used; `faults` has one line per fault, each naming its field."""

    def __init__(self, faults: Collection[str]) -> None:
        """Keep the faults in the order in which they were found."""
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def shown(value: object) -> str:
    """Return `value` as short JSON for a fault's line: at most 60 characters."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def at(path: str, name: str) -> str:
    """Return the path of field `name` below `path`."""
    return f"{path}.{name}" if path else name


def integer(low: int | None = 0, high: int = LARGEST_NUMBER) -> Shape:
    """Shape of an integer in `low..high` inclusive; `low` None allows down to `-high`."""
    lowest = -high if low is None else low

    def check(path: str, value: object, faults: list[str]) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            faults.append(f"{path}: {shown(value)} is not an integer")
        elif value < lowest and low == 0:
            faults.append(f"{path}: {value} is negative")
        elif not lowest <= value <= high:
            faults.append(f"{path}: {shown(value)} is outside {lowest}..{high}")

    return check


def number(path: str, value: object, faults: list[str]) -> None:
    """Shape of a finite number of at least 0, integer or not (seconds)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        faults.append(f"{path}: {shown(value)} is not a number of at least 0")


def text(path: str, value: object, faults: list[str]) -> None:
    """Shape of any text."""
    if not isinstance(value, str):
        faults.append(f"{path}: {shown(value)} is not a text")


def name(path: str, value: object, faults: list[str]) -> None:
    """Shape of a text that is not empty."""
    if not isinstance(value, str) or not value:
        faults.append(f"{path}: {shown(value)} is not a text of at least one character")


def boolean(path: str, value: object, faults: list[str]) -> None:
    """Shape of true or false."""
    if not isinstance(value, bool):
        faults.append(f"{path}: {shown(value)} is neither true nor false")


def one_of(*choices: str) -> Shape:
    """Shape of one of the texts `choices`."""

    def check(path: str, value: object, faults: list[str]) -> None:
        if not isinstance(value, str) or value not in choices:
            faults.append(f"{path}: {shown(value)} is not one of {', '.join(choices)}")

    return check


def nullable(shape: Shape) -> Shape:
    """Shape of null or what `shape` takes."""

    def check(path: str, value: object, faults: list[str]) -> None:
        if value is not None:
            shape(path, value, faults)

    return check


def list_of(shape: Shape, least: int = 0) -> Shape:
    """Shape of a list of at least `least` elements that each take `shape`."""

    def check(path: str, value: object, faults: list[str]) -> None:
        if not isinstance(value, list):
            faults.append(f"{path}: {shown(value)} is not a list")
            return
        if len(value) < least:
            faults.append(f"{path}: {len(value)} elements, at least {least} needed")
        for index, element in enumerate(value):
            shape(f"{path}[{index}]", element, faults)

    return check


def map_of(shape: Shape) -> Shape:
    """Shape of an object whose keys are free and whose values take `shape`."""

    def check(path: str, value: object, faults: list[str]) -> None:
        if not isinstance(value, dict):
            faults.append(f"{path}: {shown(value)} is not an object")
            return
        for key, element in value.items():
            if not key:
                faults.append(f'{path}: "" is not a key')
            shape(at(path, key), element, faults)

    return check


class Record:
    """Shape of an object with exactly the fields `needed` and perhaps those of `optional`."""

    def __init__(self, needed: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> None:
        """Keep the fields' shapes."""
        self.needed = needed
        self.fields = {**needed, **(optional or {})}

    def __call__(self, path: str, value: object, faults: list[str]) -> None:
        """Add the faults of `value`."""
        if not isinstance(value, dict):
            faults.append(f"{path or 'the file'}: {shown(value)} is not an object")
            return
        faults.extend(f"{at(path, field)}: missing" for field in self.needed if field not in value)
        for field, element in value.items():
            if field in self.fields:
                self.fields[field](at(path, field), element, faults)
            else:
                faults.append(f"{at(path, field)}: unknown field")

    def repaired(self, value: Mapping[str, object], neutral: Mapping[str, object]) -> dict[str, object]:
        """Return `value` with every field that is missing or has a wrong shape taken from `neutral`."""
        whole = dict(neutral)
        for field, shape in self.fields.items():
            faults: list[str] = []
            if field in value:
                shape(field, value[field], faults)
                if not faults:
                    whole[field] = value[field]
        return whole
