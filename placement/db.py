"""Engines and the two doors to them: `transaction()` writes and commits at the edge, `read_only()` never writes.

SQLite: the writing engine starts every transaction with BEGIN IMMEDIATE, because a check followed by an
insert under a deferred BEGIN loses updates without a word; pages read through a second engine that never
takes the write lock. PostgreSQL: one engine, READ COMMITTED, rows locked with FOR UPDATE.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

import agreements.metadata  # noqa: F401 - names constraints before the first table is defined

BUSY_WAIT_MS = 5_000
BUSY_TRIES = 3
WORK = TypeVar("WORK")


class DatabaseBusy(RuntimeError):
    """The write lock could not be had in time; nothing was saved and the same act may be tried again."""


class Database:
    """The engines of one process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            _make_folder(url)
            self.writer = _sqlite_engine(url, immediate=True)
            self.reader = _sqlite_engine(url, immediate=False)
        else:
            self.writer = sa.create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8)
            self.reader = self.writer

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session that commits when the block ends well and rolls back when it does not."""
        try:
            with Session(self.writer, expire_on_commit=False) as session:
                yield session
                session.commit()
        except OperationalError as wrong:
            if is_busy(wrong):
                raise DatabaseBusy("the database is busy; nothing was saved") from wrong
            raise

    @contextmanager
    def read_only(self) -> Iterator[Session]:
        """Yield a session that refuses to write; closing it rolls back and leaves what was read readable."""
        with Session(self.reader, autoflush=False, expire_on_commit=False) as session:
            if not self.is_sqlite:
                session.execute(sa.text("SET TRANSACTION READ ONLY"))
            yield session
            if session.new or session.dirty or session.deleted:
                raise AssertionError("a page changed rows; changes belong in transaction()")

    def write(self, work: Callable[[Session], WORK]) -> WORK:
        """Run `work` in a transaction of its own, again (at most three times) while others hold the lock."""
        for attempt in range(BUSY_TRIES):
            try:
                with self.transaction() as session:
                    return work(session)
            except DatabaseBusy:
                if attempt == BUSY_TRIES - 1:
                    raise
                time.sleep(random.uniform(0.05, 0.25))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.writer.dispose()
        self.reader.dispose()


def is_busy(wrong: OperationalError) -> bool:
    """Whether the error means that another writer was faster (SQLite lock, PostgreSQL 40001/40P01/55P03)."""
    code = getattr(wrong.orig, "sqlstate", None)
    return "locked" in str(wrong.orig) or code in ("40001", "40P01", "55P03")


def _make_folder(url: str) -> None:
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)


def _sqlite_engine(url: str, *, immediate: bool) -> Engine:
    engine = sa.create_engine(url, connect_args={"check_same_thread": False, "timeout": BUSY_WAIT_MS / 1000})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=wal",
            f"busy_timeout={BUSY_WAIT_MS}",
            "foreign_keys=on",
            "synchronous=full",
            "temp_store=memory",
        ):
            connection.execute(f"pragma {pragma}")
        if not immediate:
            connection.execute("pragma query_only=on")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def lock_row(session: Session, table: type[SQLModel], row_id: int) -> Any:
    """Return the row under a lock that lasts to the end of the transaction, read anew from the database.

    PostgreSQL: SELECT … FOR UPDATE. SQLite holds the only write lock already (BEGIN IMMEDIATE).
    """
    return session.get(table, row_id, with_for_update=True, populate_existing=True)
