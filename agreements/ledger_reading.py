"""The books as they are stored, read without the help of column types: a spoilt value is seen as it is.

A check that reads through the types would trip over a broken date or quietly accept another spelling of it; here
every stored value must be exactly what booking wrote, or the row is reported as unreadable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from agreements.ledger_rules import Account, Sealed, Side, canonical

Line = tuple[int, str, str, int, str, int, str, int]
"""Number, account, side, cents, currency, party, subject and year of care of a leg."""

_STORED_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
_ENTRIES = sa.text(
    "SELECT id, source_kind, source_id, reverses_entry_id, effective_on, period, posted_at, prev_hash, hash "
    "FROM ledger_entry ORDER BY id"
)
_LEGS = sa.text(
    "SELECT entry_id, line_no, account, side, cents, currency, party_id, subject, care_year "
    "FROM ledger_leg ORDER BY entry_id, line_no"
)


class Unreadable(ValueError):
    """A stored value is not what booking writes."""


@dataclass(slots=True)
class StoredEntry:
    """An entry as stored: `text` is what its hash must be of, None when a value of it is unreadable."""

    id: int
    source: tuple[str, str] = ("", "")
    reverses: int | None = None
    effective_on: date | None = None
    period: str = ""
    posted_at: datetime | None = None
    prev_hash: str = ""
    hash: str = ""
    lines: list[Line] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    text: str | None = None

    @property
    def net_cents(self) -> int:
        return sum(line[3] if line[2] == "debit" else -line[3] for line in self.lines)


@dataclass(slots=True)
class StoredBooks:
    """All entries by number, and what belongs to no entry, as sentences."""

    entries: dict[int, StoredEntry]
    orphans: list[str]


def read(session: Session) -> StoredBooks:
    """Return the whole books as they are stored."""
    books = StoredBooks({}, [])
    for row in session.execute(_ENTRIES):
        entry = _entry(tuple(row))
        if entry.id in books.entries:
            books.orphans.append(f"entry {entry.id} is stored twice")
        books.entries[entry.id] = entry
    for row in session.execute(_LEGS):
        _place(books, tuple(row))
    for entry in books.entries.values():
        entry.text = _text_of(entry)
    return books


def _entry(row: tuple[Any, ...]) -> StoredEntry:
    number, kind, source_id, reverses, effective_on, period, posted_at, prev_hash, digest = row
    entry = StoredEntry(number if type(number) is int else -1)
    try:
        entry.source = (_words(kind), _words(source_id))
        entry.reverses = None if reverses is None else _whole(reverses)
        entry.effective_on = _day(effective_on)
        entry.period = _words(period)
        entry.posted_at = _instant(posted_at)
        entry.prev_hash, entry.hash = _words(prev_hash), _words(digest)
    except Unreadable as spoilt:
        entry.faults.append(str(spoilt))
    return entry


def _place(books: StoredBooks, row: tuple[Any, ...]) -> None:
    entry = books.entries.get(row[0])
    if entry is None:
        books.orphans.append(f"leg {row[1]!r} belongs to entry {row[0]!r}, which does not exist")
        return
    try:
        entry.lines.append(_line(row))
    except Unreadable as spoilt:
        entry.faults.append(f"leg {row[1]!r}: {spoilt}")


def _line(row: tuple[Any, ...]) -> Line:
    _, number, account, side, cents, currency, party_id, subject, care_year = row
    if account not in set(Account) or side not in set(Side):
        raise Unreadable(f"account {account!r} or side {side!r} is none of ours")
    return (
        _whole(number),
        _words(account),
        _words(side),
        _whole(cents),
        _words(currency),
        _whole(party_id),
        _words(subject),
        _whole(care_year),
    )


def _text_of(entry: StoredEntry) -> str | None:
    if entry.faults or entry.effective_on is None or entry.posted_at is None:
        return None
    sealed = Sealed(entry.id, *entry.source, entry.reverses, entry.effective_on, entry.period, entry.posted_at)
    return canonical(sealed, entry.lines)


def _words(value: object) -> str:
    if type(value) is not str:
        raise Unreadable(f"{value!r} is not text")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise Unreadable(f"{value!r} is not a whole number")
    return value


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        day = date.fromisoformat(_words(value))
    except ValueError:
        raise Unreadable(f"{value!r} is not a day") from None
    if day.isoformat() != value:
        raise Unreadable(f"{value!r} is not a day as it is written")
    return day


def _instant(value: object) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if not _STORED_INSTANT.fullmatch(_words(value)):
        raise Unreadable(f"{value!r} is not an instant as it is written")
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    except ValueError:
        raise Unreadable(f"{value!r} is not an instant") from None
