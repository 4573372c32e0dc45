"""Booking: the only inserter of ledger rows. Entries are added, taken back by a mirrored entry, never changed.

Everything here runs in the caller's transaction: the business row and its entry are saved together or not at
all. Entries are numbered and chained, so bookings happen one after the other: SQLite holds its only write lock
from the start, PostgreSQL takes one lock for the books until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from agreements.ledger_rules import GENESIS, Leg, Posting, Sealed, canonical, chained, month, require_balanced
from agreements.ledger_tables import LedgerEntry, LedgerLeg, PostingPeriod

BOOKS_LOCK = 681_2023
"""Key of the lock that orders all bookings on PostgreSQL."""


class BookingConflict(ValueError):
    """The same business event comes again with other sums: a retry must repeat what was sent."""


class EntryNotFound(LookupError):
    """There is no entry with that number."""


class MonthRefused(ValueError):
    """A month cannot be closed: it is closed already, an earlier one is open, or it is not over."""


@dataclass(frozen=True, slots=True)
class Booked:
    """The number of the entry that stands for an event, and whether this call wrote it."""

    entry_id: int
    new: bool


def post(session: Session, posting: Posting, *, at: datetime) -> Booked:
    """Book one business event; see `post_all`."""
    return post_all(session, [posting], at=at)[0]


def post_all(session: Session, postings: Sequence[Posting], *, at: datetime) -> list[Booked]:
    """Book business events in the order given and return the entry of each; the caller commits.

    An event that is booked already is left as it is and its entry returned: two clicks and a retry after a
    timeout are harmless. An effect in a closed month is posted in the first open one. Raises UnbalancedPosting
    for legs that do not balance and BookingConflict for a known event with other legs.
    """
    for posting in postings:
        require_balanced(posting)
    lock_books(session)
    known = _booked(session, postings)
    fresh: dict[tuple[str, str], Posting] = {}
    for posting in postings:
        key = (posting.source_kind, posting.source_id)
        if key not in known:
            _same(fresh.setdefault(key, posting), posting)
    _require_same(
        session, [(known[key], one) for one in postings if (key := (one.source_kind, one.source_id)) in known]
    )
    written = _seal(session, list(fresh.values()), at) if fresh else {}
    return [
        Booked(known[key], False) if (key := (one.source_kind, one.source_id)) in known else Booked(written[key], True)
        for one in postings
    ]


def reverse(
    session: Session, entry_id: int, *, source_kind: str, source_id: str, effective_on: date, at: datetime
) -> Booked:
    """Book the mirror of an entry, leg by leg; the pair adds up to nothing.

    Raises EntryNotFound for a number that does not exist. The database refuses to take an entry back twice and
    to take back what is itself a reversal: what should stand again is booked as a new entry.
    """
    legs = legs_of(session, [entry_id]).get(entry_id)
    if legs is None:
        raise EntryNotFound(f"there is no entry {entry_id}")
    mirror = tuple(leg.mirrored() for leg in legs)
    return post(session, Posting(source_kind, source_id, effective_on, mirror, reverses=entry_id), at=at)


def entry_of(session: Session, source_kind: str, source_id: str) -> LedgerEntry | None:
    """Return the entry that books a business event, None when it is not booked."""
    query = select(LedgerEntry).where(LedgerEntry.source_kind == source_kind, LedgerEntry.source_id == source_id)
    return session.exec(query).one_or_none()


def legs_of(session: Session, entry_ids: Iterable[int]) -> dict[int, tuple[Leg, ...]]:
    """Return the legs of each entry in order; a number without legs is left out."""
    query = select(LedgerLeg).where(col(LedgerLeg.entry_id).in_(list(entry_ids)))
    found: dict[int, list[Leg]] = {}
    for row in session.exec(query.order_by(col(LedgerLeg.entry_id), col(LedgerLeg.line_no))):
        leg = Leg(row.account, row.side, row.cents, row.party_id, row.subject, row.care_year)
        found.setdefault(row.entry_id, []).append(leg)
    return {key: tuple(legs) for key, legs in found.items()}


def close_month(session: Session, code: str, *, by: int, at: datetime) -> PostingPeriod:
    """Close a month of the books for good and keep what it holds; later effects go to the first open month.

    Months close in order. Raises MonthRefused for a month that is closed, that follows an open one, or that is
    not over yet (its last days would be refused).
    """
    lock_books(session)
    period = session.get(PostingPeriod, code)
    if period is not None and period.closed_at is not None:
        raise MonthRefused(f"{code} is closed already")
    if code >= month(at.date()):
        raise MonthRefused(f"{code} is not over yet; close it next month")
    earlier = session.exec(
        select(PostingPeriod.code).where(PostingPeriod.code < code, col(PostingPeriod.closed_at).is_(None))
    ).first()
    if earlier is not None:
        raise MonthRefused(f"{earlier} is still open; close it first")
    if period is None:
        period = PostingPeriod(code=code)
        session.add(period)
        session.flush()
    count, last, total = month_totals(session, code)
    head = session.get(LedgerEntry, last) if last else None
    period.entries, period.total_cents, period.last_entry_id = count, total, last
    period.last_hash = head.hash if head else GENESIS
    period.closed_at, period.closed_by = at, by
    session.add(period)
    session.flush()
    return period


def month_totals(session: Session, code: str) -> tuple[int, int, int]:
    """Return how many entries a month holds, the number of the last one (0 = none) and its debits in cents."""
    of_month = LedgerEntry.period == code
    count, last = session.exec(select(func.count(), func.max(LedgerEntry.id)).where(of_month)).one()
    total = session.exec(
        select(func.sum(LedgerLeg.cents))
        .join(LedgerEntry, col(LedgerEntry.id) == LedgerLeg.entry_id)
        .where(of_month, LedgerLeg.side == "debit")
    ).one()
    return count, last or 0, int(total or 0)


def lock_books(session: Session) -> None:
    """Wait until no one else is booking; the lock lasts to the end of the transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(BOOKS_LOCK)))


def _booked(session: Session, postings: Sequence[Posting]) -> dict[tuple[str, str], int]:
    kinds: dict[str, list[str]] = {}
    for one in postings:
        kinds.setdefault(one.source_kind, []).append(one.source_id)
    found: dict[tuple[str, str], int] = {}
    for kind, ids in kinds.items():
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            rows = session.execute(
                sa.select(LedgerEntry.id, LedgerEntry.source_id).where(  # type: ignore[call-overload]
                    LedgerEntry.source_kind == kind, col(LedgerEntry.source_id).in_(part)
                )
            )
            found.update({(kind, source_id): number for number, source_id in rows})
    return found


def _require_same(session: Session, repeats: Sequence[tuple[int, Posting]]) -> None:
    if not repeats:
        return
    stored = legs_of(session, [number for number, _ in repeats])
    for number, posting in repeats:
        if stored.get(number) != posting.legs:
            raise BookingConflict(f"{posting.source_kind} {posting.source_id} is booked as entry {number}, differently")


def _same(first: Posting, second: Posting) -> None:
    if first.legs != second.legs:
        raise BookingConflict(f"{second.source_kind} {second.source_id} comes twice with other sums")


def _seal(session: Session, postings: Sequence[Posting], at: datetime) -> dict[tuple[str, str], int]:
    head = session.execute(
        sa.select(LedgerEntry.id, LedgerEntry.hash).order_by(col(LedgerEntry.id).desc()).limit(1)  # type: ignore[call-overload]
    ).first()
    number, previous = (head[0], head[1]) if head else (0, GENESIS)
    effective_on = {posting.effective_on for posting in postings}
    periods = _posting_months(session, effective_on)
    days = {day: _bound(session, _ENTRIES.c.effective_on, day) for day in effective_on}
    posted_at = _bound(session, _ENTRIES.c.posted_at, at)
    entries, legs, written = [], [], {}
    for posting in postings:
        number += 1
        period = periods[month(posting.effective_on)]
        sealed = Sealed(
            number, posting.source_kind, posting.source_id, posting.reverses, posting.effective_on, period, at
        )
        lines = [
            (place, leg.account.value, leg.side.value, leg.cents, "EUR", leg.party_id, leg.subject, leg.care_year)
            for place, leg in enumerate(posting.legs, start=1)
        ]
        digest = chained(canonical(sealed, lines), previous)
        legs += [(number, *line) for line in lines]
        entries.append(
            (
                number,
                posting.source_kind,
                posting.source_id,
                posting.reverses,
                days[posting.effective_on],
                period,
                posted_at,
                previous,
                digest,
            )
        )
        written[(posting.source_kind, posting.source_id)] = number
        previous = digest
    _insert(session, _LEGS, legs)
    _insert(session, _ENTRIES, entries)
    return written


def _insert(session: Session, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows past the conversion of values by column: the caller gives them as they are stored.

    PostgreSQL takes them as one array per column, in one command: its triggers look once at each command.
    """
    dialect, names = session.get_bind().dialect, ", ".join(column.name for column in table.columns)
    if dialect.name == "postgresql":
        arrays = ", ".join(f"%s::{column.type.compile(dialect)}[]" for column in table.columns)
        command = f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"
        session.connection().exec_driver_sql(command, tuple(list(values) for values in zip(*rows, strict=True)))
        return
    marks = ", ".join("?" for _ in table.columns)
    session.connection().exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))


def _bound(session: Session, column: sa.Column[Any], value: object) -> object:
    """Return a day or an instant as the database's driver takes it for a column."""
    dialect = session.get_bind().dialect
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    return process(value) if process else value


_LEGS = LedgerLeg.__table__  # type: ignore[attr-defined]
_ENTRIES = LedgerEntry.__table__  # type: ignore[attr-defined]


def _posting_months(session: Session, days: Iterable[date]) -> dict[str, str]:
    """Return for each month of effect the month it is posted in, which exists and is open afterwards."""
    wanted = sorted({month(day) for day in days})
    rows = {row.code: row.closed_at for row in session.exec(select(PostingPeriod))}
    last_closed = max((code for code, closed_at in rows.items() if closed_at is not None), default="")
    open_months = sorted(code for code, closed_at in rows.items() if closed_at is None and code > last_closed)
    found = {}
    for code in wanted:
        target = code if code > last_closed else (open_months[0] if open_months else following(last_closed))
        if target not in rows:
            session.add(PostingPeriod(code=target))
            rows[target] = None
            open_months = sorted([*open_months, target])
        found[code] = target
    session.flush()
    return found


def following(code: str) -> str:
    """Return the month after a month ("2026-12" gives "2027-01")."""
    year, number = int(code[:4]), int(code[5:])
    return f"{year + 1:04d}-01" if number == 12 else f"{year:04d}-{number + 1:02d}"
