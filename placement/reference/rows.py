"""Reading the dated tables: rows of law and official facts that hold from one day to another.

Every table is a CSV file in `data/` (UTF-8, one header row, `valid_from` and `valid_to` as ISO days, both
inclusive, `valid_to` empty while the row still holds, `source` naming act and section). A faulty file is a
fault of the product, so it stops the load with a sentence that names the file and the line.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources

CERTAINTIES = ("seen", "inferred", "uncertain")
"""How well a row is founded: read in the source it names, concluded from it, or to be confirmed."""


class ReferenceFault(ValueError):
    """A reference table is faulty; the message names the file, the line and what is wrong."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file} line {line}: {what}")
        self.file = file
        self.line = line


@dataclass(frozen=True, slots=True)
class Validity:
    """Whole days from `first` to `last`, both inclusive; `last` is None while there is no end."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether `day` is inside, the first and the last day included."""
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: "Validity") -> bool:
        """Tell whether the two share at least one day."""
        return (self.last is None or other.first <= self.last) and (other.last is None or self.first <= other.last)

    def contains(self, other: "Validity") -> bool:
        """Tell whether every day of `other` is inside."""
        return self.first <= other.first and (self.last is None or (other.last is not None and other.last <= self.last))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a reference table, read by column; a bad cell raises ReferenceFault."""

    file: str
    line: int
    cells: Mapping[str, str]

    def fault(self, what: str) -> ReferenceFault:
        """Return the error to raise about this line."""
        return ReferenceFault(self.file, self.line, what)

    def optional(self, column: str) -> str:
        """Return the cell, which may be empty."""
        if column not in self.cells:
            raise self.fault(f"the column {column} is missing; add it to the header row")
        return self.cells[column]

    def text(self, column: str) -> str:
        """Return the cell, which must not be empty."""
        value = self.optional(column)
        if not value:
            raise self.fault(f"{column} is empty; give a value")
        return value

    def whole(self, column: str) -> int | None:
        """Return the cell as a whole number from 0, or None when it is empty."""
        value = self.optional(column)
        if not value:
            return None
        if not value.isascii() or not value.isdigit():
            raise self.fault(f"{column} is {value!r}; give a whole number or leave it empty")
        return int(value)

    def needed_whole(self, column: str) -> int:
        """Return the cell as a whole number from 0; it must not be empty."""
        self.text(column)
        value = self.whole(column)
        assert value is not None  # text() has refused an empty cell
        return value

    def decimal(self, column: str) -> float:
        """Return the cell as a number with a decimal point (coordinates only; never money)."""
        value = self.text(column)
        try:
            return float(value)
        except ValueError:
            raise self.fault(f"{column} is {value!r}; give a number such as 60.2063") from None

    def flag(self, column: str) -> bool:
        """Return True for "yes" and False for "no"; nothing else is accepted."""
        value = self.text(column)
        if value not in ("yes", "no"):
            raise self.fault(f"{column} is {value!r}; give yes or no")
        return value == "yes"

    def one_of(self, column: str, allowed: Iterable[str]) -> str:
        """Return the cell, which must be one of `allowed`."""
        value = self.text(column)
        choices = tuple(allowed)
        if value not in choices:
            raise self.fault(f"{column} is {value!r}; give one of {', '.join(choices)}")
        return value

    def words(self, column: str) -> tuple[str, ...]:
        """Return the blank-separated codes of the cell, in order; none when it is empty."""
        found = tuple(self.optional(column).split())
        if len(set(found)) != len(found):
            raise self.fault(f"{column} names a code twice; keep one")
        return found

    def day(self, column: str) -> date | None:
        """Return the cell as an ISO day (2026-01-01), or None when it is empty."""
        value = self.optional(column)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.fault(f"{column} is {value!r}; give a day such as 2026-01-01") from None

    @property
    def certainty(self) -> str:
        """Return how well the row is founded (one of CERTAINTIES)."""
        return self.one_of("certainty", CERTAINTIES)

    @property
    def valid(self) -> Validity:
        """Return the days on which the row holds."""
        first = self.day("valid_from")
        last = self.day("valid_to")
        if first is None:
            raise self.fault("valid_from is empty; give the first day on which the row holds")
        if last is not None and last < first:
            raise self.fault(f"valid_to {last} is before valid_from {first}; correct one of them")
        return Validity(first, last)


def read_rows(file: str) -> tuple[Row, ...]:
    """Return the lines of `data/<file>` below its header, without judging the cells.

    Raises ReferenceFault for a header that names a column twice, a line with too few or too many cells,
    and a file without lines: each would otherwise shift or lose a rule in silence.
    """
    text = resources.files(__package__).joinpath("data", file).read_text(encoding="utf-8")
    return parse_rows(file, text)


def parse_rows(file: str, text: str) -> tuple[Row, ...]:
    """Return the lines of a table given as text; see read_rows."""
    reader = csv.reader(text.splitlines(), strict=True)
    header = next(reader, [])
    if len(set(header)) != len(header) or not all(header):
        raise ReferenceFault(file, 1, "the header names a column twice or not at all")
    rows: list[Row] = []
    for cells in reader:
        if len(cells) != len(header):
            raise ReferenceFault(file, reader.line_num, f"{len(cells)} cells under {len(header)} columns; quote commas")
        stripped = [cell.strip() for cell in cells]
        rows.append(Row(file, reader.line_num, dict(zip(header, stripped, strict=True))))
    if not rows:
        raise ReferenceFault(file, 1, "there is no line below the header")
    return tuple(rows)
