"""A table of text from an uploaded file. What is wrong with the file itself is refused here, before any row is read.

Row numbers are those a spreadsheet shows. Every cell is text: CSV and XLSX are then read by the same rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

from placement.refusals import Refusal

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 200


class FileRefused(Refusal):
    """The file as a whole cannot be read: nothing of it was looked at row by row."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that the file itself does not give a value for; `row` and `column` (0 = A) as in the file."""

    row: int
    column: int
    code: str


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The header (first row that holds anything) and the rows below it that hold anything."""

    header: Row
    rows: tuple[Row, ...]
    faults: tuple[CellFault, ...] = ()


def fingerprint(content: bytes) -> str:
    """Return the SHA-256 of a file: the same file gives the same."""
    return hashlib.sha256(content).hexdigest()


def read(file_name: str, content: bytes) -> Sheet:
    """Return the table of a CSV or XLSX file.

    Raises FileRefused: for another kind of file, for one whose first bytes do not match its name, for one too
    large, damaged, protected, or without a header and a row.
    """
    from placement.imports import csv_file, xlsx_file

    if not content:
        raise FileRefused("file-empty")
    if len(content) > MOST_BYTES:
        raise FileRefused("file-too-big", most=MOST_BYTES // 1024 // 1024)
    suffix = PurePath(file_name.replace("\\", "/")).suffix.lower()
    if suffix == ".xlsx":
        return xlsx_file.read(content)
    if suffix in (".csv", ".txt", ".tsv"):
        return csv_file.read(content)
    raise FileRefused("file-kind")


def build(rows: list[Row], faults: tuple[CellFault, ...] = ()) -> Sheet:
    """Return the sheet of all rows of a file, blank ones left out; raises FileRefused where nothing is left.

    A row whose only fault-free cells are blank still counts: its faulty cells would be lost otherwise.
    """
    faulty = {fault.row for fault in faults}
    filled = [row for row in rows if row.number in faulty or any(cell.strip() for cell in row.cells)]
    if not filled:
        raise FileRefused("file-empty")
    if len(filled) == 1:
        raise FileRefused("file-only-header")
    if len(filled) > MOST_ROWS + 1:
        raise FileRefused("file-rows", most=MOST_ROWS)
    if max(len(row.cells) for row in filled) > MOST_COLUMNS:
        raise FileRefused("file-columns", most=MOST_COLUMNS)
    return Sheet(filled[0], tuple(filled[1:]), faults)


def letters(column: int) -> str:
    """Return the letters of a column as a spreadsheet shows them: 0 is A, 26 is AA."""
    text = ""
    while column >= 0:
        text = chr(ord("A") + column % 26) + text
        column = column // 26 - 1
    return text
