"""Columns by name, never by position: which the file has, which are unknown, twice or missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from placement.imports.cells import Reader
from placement.imports.sheet import Row, Sheet, letters
from placement.imports.words import LANGUAGES, Vocabulary, fold, in_language
from placement.refusals import Refusal


@dataclass(frozen=True)
class Column:
    """One column: `key` is also a name it may have in the file; `label` and `hint` are messages.

    `needed`: the column must be there and every cell filled. `example` stands in the template.
    """

    key: str
    label: str
    hint: str
    read: Reader
    needed: bool = False
    other_names: tuple[str, ...] = ()
    example: str = ""

    def name(self, lang: str) -> str:
        return in_language(self.label, lang)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.key, *self.other_names, *(self.name(lang) for lang in LANGUAGES))


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: `row` as in the file, `column` = key of ours or the header's own text.

    `place` is the column's letters in the file; None where the file does not have it.
    """

    fault: Refusal
    row: int | None = None
    column: str | None = None
    place: str | None = None


@dataclass(frozen=True)
class ReadRow:
    """A row with the value of each filled cell by column key and the cells' own problems."""

    number: int
    values: dict[str, object]
    problems: tuple[Problem, ...]
    cells: tuple[str, ...]

    @property
    def faulty(self) -> frozenset[str]:
        return frozenset(one.column for one in self.problems if one.column)


@dataclass(frozen=True)
class Matched:
    """Which column of the file (0 = A) each of ours is in, what is wrong with the header, and how wide it is."""

    at: dict[str, int]
    problems: tuple[Problem, ...]
    width: int

    def place(self, key: str) -> str | None:
        return letters(self.at[key]) if key in self.at else None


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


REASON = _("Why the row was left out")
"""Header of the column that we add to a file of refused rows; it is ignored when the corrected file comes back."""


def _ignored() -> frozenset[str]:
    return frozenset(fold(in_language(REASON, lang)) for lang in LANGUAGES)


def match(sheet: Sheet, columns: Sequence[Column], lang: str) -> Matched:
    """Return where our columns are; a problem for each name unknown, twice, empty above values, or missing."""
    known = {fold(name): column.key for column in columns for name in column.names}
    labels = {fold(column.name(lang)): column.name(lang) for column in columns}
    at: dict[str, int] = {}
    problems: list[Problem] = []
    for index, header in enumerate(sheet.header.cells):
        name = header.strip()
        where = {"row": sheet.header.number, "column": name or letters(index), "place": letters(index)}
        if not name:
            if any(_cell(row, index) for row in sheet.rows):
                problems.append(Problem(Refusal("column-nameless"), **where))  # type: ignore[arg-type]
            continue
        key = known.get(fold(name))
        if fold(name) in _ignored():
            continue
        if key is None:
            near = get_close_matches(fold(name), labels, n=1, cutoff=0.6)
            fault = Refusal("column-near", near=labels[near[0]]) if near else Refusal("column-unknown")
            problems.append(Problem(fault, **where))  # type: ignore[arg-type]
        elif key in at:
            problems.append(Problem(Refusal("column-twice", first=letters(at[key])), **where))  # type: ignore[arg-type]
        else:
            at[key] = index
    problems += [
        Problem(Refusal("column-missing"), row=sheet.header.number, column=column.key)
        for column in columns
        if column.needed and column.key not in at
    ]
    return Matched(at, tuple(problems), len(sheet.header.cells))


def match_named(sheet: Sheet, columns: Sequence[Column], named: Mapping[str, str]) -> Matched:
    """Return where our columns are when a person has said it, by the text of the header; the others are ignored.

    A name that the header does not have, or a needed column that nobody named, is a missing column.
    """
    headers = {name.strip(): index for index, name in reversed(list(enumerate(sheet.header.cells))) if name.strip()}
    at = {column.key: headers[name] for column in columns if (name := named.get(column.key, "")) in headers}
    missing = [
        Problem(Refusal("column-missing"), row=sheet.header.number, column=column.key)
        for column in columns
        if column.key not in at and (column.needed or named.get(column.key))
    ]
    return Matched(at, tuple(missing), max(len(row.cells) for row in (sheet.header, *sheet.rows)))


def guessed(sheet: Sheet, columns: Sequence[Column]) -> dict[str, str]:
    """Return which column of the file each of ours probably is: by one of its names, else by one that is near."""
    texts = [name.strip() for name in sheet.header.cells if name.strip()]
    folded = {fold(name): name for name in reversed(texts)}
    found: dict[str, str] = {}
    for column in columns:
        names = [fold(name) for name in column.names]
        exact = next((folded[name] for name in names if name in folded), None)
        if exact is not None:
            found[column.key] = exact
    taken = set(found.values())
    for column in columns:
        free = [name for name, text in folded.items() if text not in taken]
        near = get_close_matches(fold(column.key), free, n=1, cutoff=0.75) if column.key not in found else []
        if near:
            found[column.key] = folded[near[0]]
            taken.add(folded[near[0]])
    return found


def read_rows(sheet: Sheet, columns: Sequence[Column], matched: Matched, words: Vocabulary) -> list[ReadRow]:
    """Return every row with its values and the problems of its cells."""
    from_file = {(fault.row, fault.column): fault.code for fault in sheet.faults}
    return [_read_row(row, columns, matched, words, from_file) for row in sheet.rows]


def _read_row(
    row: Row,
    columns: Sequence[Column],
    matched: Matched,
    words: Vocabulary,
    from_file: dict[tuple[int, int], str],
) -> ReadRow:
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for column in columns:
        index = matched.at.get(column.key)
        if index is None:
            continue
        fault = _read_cell(row, index, column, words, from_file, values)
        if fault is not None:
            problems.append(Problem(fault, row.number, column.key, letters(index)))
    beyond = next((index for index in range(matched.width, len(row.cells)) if row.cells[index].strip()), None)
    if beyond is not None:
        problems.append(Problem(Refusal("cell-beyond"), row.number, letters(beyond), letters(beyond)))
    return ReadRow(row.number, values, tuple(problems), row.cells)


def _read_cell(
    row: Row,
    index: int,
    column: Column,
    words: Vocabulary,
    from_file: dict[tuple[int, int], str],
    values: dict[str, object],
) -> Refusal | None:
    """Read one cell into `values`; return what is wrong with it."""
    broken = from_file.get((row.number, index))
    if broken is not None:
        return Refusal(broken)
    cell = _cell(row, index)
    if not cell:
        return Refusal("cell-empty") if column.needed else None
    try:
        values[column.key] = column.read(cell, words)
    except Refusal as fault:
        return fault
    return None


def _cell(row: Row, index: int) -> str:
    return row.cells[index].strip() if index < len(row.cells) else ""
