"""Values by key and day: what held on the day asked about, never what holds today."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from placement.reference.citations import parse_source
from placement.reference.rows import Row, Validity, read_rows

K = TypeVar("K")
V = TypeVar("V")


class NotInForce(LookupError):
    """No row of a reference table holds for the key on the day asked about."""


class UnknownCode(LookupError):
    """The key is in no row of the reference table, on any day."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[K, V]):
    """A value with its key and the days on which it holds."""

    key: K
    valid: Validity
    value: V
    row: Row


class DatedTable(Generic[K, V]):
    """Values by key and day: at most one value for a key on any day, which is checked when it is built."""

    def __init__(self, subject: str, entries: Iterable[Entry[K, V]]) -> None:
        self.subject = subject
        self._by_key: dict[K, list[Entry[K, V]]] = {}
        for entry in entries:
            self._add(entry)

    def _add(self, entry: Entry[K, V]) -> None:
        siblings = self._by_key.setdefault(entry.key, [])
        for other in siblings:
            if other.valid.overlaps(entry.valid):
                raise entry.row.fault(
                    f"{entry.key} holds on the same days as in line {other.row.line}; "
                    "end one row the day before the other begins"
                )
        siblings.append(entry)

    def on(self, key: K, day: date) -> V:
        """Return the value of `key` on `day`.

        Raises UnknownCode when no row has the key at all, and NotInForce when its rows hold on other days;
        that message lists the days, so that a caller with an old or a future date sees why.
        """
        entries = self.entries(key)
        for entry in entries:
            if entry.valid.covers(day):
                return entry.value
        spans = "; ".join(_span(entry.valid) for entry in entries)
        raise NotInForce(f"no {self.subject} {key} on {day}: it holds {spans}")

    def entries(self, key: K) -> tuple[Entry[K, V], ...]:
        """Return every dated value of `key`, oldest first; raises UnknownCode when there is none."""
        if key not in self._by_key:
            raise UnknownCode(f"no {self.subject} has the code {key}; see the table for those that exist")
        return tuple(sorted(self._by_key[key], key=lambda entry: entry.valid.first))

    def all_on(self, day: date) -> tuple[V, ...]:
        """Return the values that hold on `day`, in the order of the table."""
        return tuple(entry.value for entries in self._by_key.values() for entry in entries if entry.valid.covers(day))

    def codes(self) -> tuple[K, ...]:
        """Return every key, in the order of the table, whether it holds today or not."""
        return tuple(self._by_key)

    def every(self) -> tuple[Entry[K, V], ...]:
        """Return every dated value, in the order of the table."""
        return tuple(entry for entries in self._by_key.values() for entry in entries)


def _span(valid: Validity) -> str:
    return f"from {valid.first}" + (f" to {valid.last}" if valid.last else "")


def table(subject: str, file: str, key: Callable[[Row], K], value: Callable[[Row], V]) -> DatedTable[K, V]:
    """Return the table read from `data/<file>`; every row's days and source are checked."""
    return DatedTable(subject, entries(file, key, value))


def entries(file: str, key: Callable[[Row], K], value: Callable[[Row], V]) -> tuple[Entry[K, V], ...]:
    """Return the checked lines of `data/<file>` as entries, in the order of the file."""
    return tuple(entry_of(row, key, value) for row in read_rows(file))


def entry_of(row: Row, key: Callable[[Row], K], value: Callable[[Row], V]) -> Entry[K, V]:
    """Return one line as an entry; raises ReferenceFault when its days, source or cells are faulty."""
    check_source(row)
    return Entry(key(row), row.valid, value(row), row)


def check_source(row: Row) -> None:
    """Raise ReferenceFault unless the row's source names only acts that acts.csv lists."""
    try:
        parse_source(row.text("source"))
    except ValueError as unreadable:
        raise row.fault(f"source {row.text('source')!r}: {unreadable}") from None
