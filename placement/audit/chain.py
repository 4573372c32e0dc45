"""The hash chain shared by audit events and the use log: each row's hash covers its content and the row before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from placement.audit.tables import AuditEvent, UseLog

Chained = AuditEvent | UseLog
GENESIS = "0" * 64
CHAIN_LOCKS = {"audit_event": 7_101, "use_log": 7_102}  # PostgreSQL advisory lock numbers, one per chain


@dataclass(frozen=True)
class Break:
    """A place where a chain does not hold: the row and what is wrong with it (`hash`, `link`, `sequence`)."""

    table: str
    seq: int
    fault: str


def row_hash(row: SQLModel, prev_hash: str) -> str:
    """Return SHA-256 over the row's columns (sorted keys, instants in UTC) and the hash of the row before."""
    values = {key: _plain(value) for key, value in row.model_dump(exclude={"hash", "prev_hash"}).items()}
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((prev_hash + "\n" + text).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def append(session: Session, rows: Iterable[AuditEvent | UseLog]) -> None:
    """Give each row its number and hashes and add it. The chain is locked to the end of the transaction.

    SQLite: the writer's BEGIN IMMEDIATE is the lock. PostgreSQL: an advisory lock per chain, because a gap
    or a fork would appear when two transactions read the same head.
    """
    heads: dict[type[AuditEvent] | type[UseLog], tuple[int, str]] = {}
    for row in rows:
        table = type(row)
        if table not in heads:
            _lock(session, table)
            heads[table] = head(session, table)
        seq, prev = heads[table]
        row.seq, row.prev_hash = seq + 1, prev
        row.hash = row_hash(row, prev)
        heads[table] = (row.seq, row.hash)
        session.add(row)
    session.flush()


def _lock(session: Session, table: type[AuditEvent] | type[UseLog]) -> None:
    if session.get_bind().dialect.name == "postgresql":
        lock = CHAIN_LOCKS[str(table.__tablename__)]
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def head(session: Session, table: type[AuditEvent] | type[UseLog]) -> tuple[int, str]:
    """Return (number, hash) of the last row; (0, GENESIS) of an empty chain."""
    last = session.execute(select(col(table.seq), col(table.hash)).order_by(col(table.seq).desc()).limit(1)).first()
    return (last[0], last[1]) if last else (0, GENESIS)


def breaks(session: Session, table: type[AuditEvent] | type[UseLog]) -> tuple[int, list[Break]]:
    """Walk the whole chain; return (rows read, every break found, by row)."""
    found: list[Break] = []
    prev, expected, count = GENESIS, 1, 0
    name = str(table.__tablename__)
    rows: Iterable[Chained] = session.execute(sa.select(table).order_by(col(table.seq))).scalars().yield_per(500)
    for row in rows:
        count += 1
        if row.seq != expected:
            found.append(Break(name, row.seq, "sequence"))
        if row.prev_hash != prev:
            found.append(Break(name, row.seq, "link"))
        if row_hash(row, row.prev_hash) != row.hash:
            found.append(Break(name, row.seq, "hash"))
        prev, expected = row.hash, row.seq + 1
    return count, found


def dump(values: Mapping[str, object] | None) -> str:
    """Return the canonical JSON of what changed; only references, codes, numbers and dates belong in it."""
    return json.dumps(dict(values or {}), sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
