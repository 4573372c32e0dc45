"""A database of its own for a copy that is being restored, and putting it in the place of the present one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import AddConstraint, DropConstraint

from placement import migration, models
from placement.archive import BadArchive, Rows, is_sealed
from placement.db import Database

NEW_SCHEMA = "restoring"


class Home(Protocol):
    """A new database; `load` fills it, `replace` puts it in place and tells where the former one is kept."""

    database: Database

    def load(self, parts: Iterable[tuple[sa.Table, Rows]]) -> None: ...

    def replace(self) -> str: ...


@contextmanager
def new_home(present: Database, at: datetime) -> Iterator[Home]:
    """Yield an empty database at this program's migration; whatever was not put in place is gone afterwards."""
    home = SqliteHome(present, at) if present.is_sqlite else PostgresHome(present, at)
    try:
        migration.upgrade(home.database.writer)
        yield home
    finally:
        home.database.close()
        home.clear()


def _insert(connection: Connection, table: sa.Table, rows: Rows) -> None:
    """Insert rows as they were stored: sealed values are not sealed again."""
    raw = sa.table(
        table.name,
        *(sa.column(one.name, sa.LargeBinary() if is_sealed(one) else one.type) for one in table.columns),
    )
    try:
        connection.execute(sa.insert(raw), rows)
    except IntegrityError as wrong:
        raise BadArchive(f"rows of {table.name} break a rule of the database") from wrong


class SqliteHome:
    """A file beside the present one. It is copied over it in one transaction, so running processes see it."""

    def __init__(self, present: Database, at: datetime) -> None:
        self.file = Path(make_url(present.url).database or "")
        self.new = self.file.with_name(f".{self.file.name}.restoring")
        self.kept = self.file.with_name(f"{self.file.stem}-before-restore-{at:%Y%m%dT%H%M%SZ}.db")
        self.clear()
        self.database = Database(f"sqlite:///{self.new}")

    def load(self, parts: Iterable[tuple[sa.Table, Rows]]) -> None:
        """Take foreign keys and triggers away while rows come in: what is sealed lets none in one by one."""
        with self.database.writer.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("pragma foreign_keys=off")
            with connection.begin():
                triggers = connection.execute(
                    sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid")
                ).all()
                for name, _sql in triggers:
                    connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
                for table, rows in parts:
                    _insert(connection, table, rows)
                for _name, sql in triggers:
                    connection.exec_driver_sql(sql)
            lost = raw.execute("pragma foreign_key_check").fetchone()
            raw.execute("pragma foreign_keys=on")
        if lost is not None:
            raise BadArchive(f"a row of {lost[0]} leads to a row of {lost[2]} that is not there")

    def replace(self) -> str:
        self.database.close()
        with closing(sqlite3.connect(self.new)) as source, closing(sqlite3.connect(self.file, timeout=30)) as present:
            had_rows = present.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if had_rows:
                with closing(sqlite3.connect(self.kept)) as aside:
                    present.backup(aside)
                self.kept.chmod(0o600)
            source.backup(present)
            if present.execute("pragma integrity_check").fetchone()[0] != "ok":
                raise BadArchive("the restored file does not pass the database's own check")
            present.execute("pragma journal_mode=wal")
        return str(self.kept) if had_rows else ""

    def clear(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.new}{ending}").unlink(missing_ok=True)


class PostgresHome:
    """A schema beside the present one; two renames in one transaction put it in place."""

    def __init__(self, present: Database, at: datetime) -> None:
        self.present = present
        self.kept = f"before_restore_{at:%Y%m%dt%H%M%Sz}"
        self.clear()
        with present.writer.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {NEW_SCHEMA}")
        url = make_url(present.url).update_query_dict({"options": f"-csearch_path={NEW_SCHEMA}"})
        self.database = Database(url.render_as_string(hide_password=False))

    def load(self, parts: Iterable[tuple[sa.Table, Rows]]) -> None:
        """Take foreign keys and triggers away while rows of any order come in, and put them back.

        Putting a key back checks all its rows; what the triggers keep is compared by the checks before the new
        tables are put in place.
        """
        keys = [key for table in models.metadata.sorted_tables for key in table.foreign_key_constraints]
        with self.database.writer.begin() as connection:
            for key in keys:
                connection.execute(DropConstraint(key))
            for table in models.metadata.sorted_tables:
                connection.exec_driver_sql(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
            for table, rows in parts:
                _insert(connection, table, rows)
            for table in models.metadata.sorted_tables:
                connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER')
            for key in keys:
                try:
                    with connection.begin_nested():
                        connection.execute(AddConstraint(key))
                except IntegrityError as wrong:
                    raise BadArchive(f"a row of {key.table.name} leads to a row that is not there") from wrong
            for table in models.metadata.sorted_tables:
                _continue_numbers(connection, table)

    def replace(self) -> str:
        self.database.close()
        with self.present.writer.begin() as connection:
            connection.exec_driver_sql(f"ALTER SCHEMA public RENAME TO {self.kept}")
            connection.exec_driver_sql(f"ALTER SCHEMA {NEW_SCHEMA} RENAME TO public")
        self.present.writer.dispose()
        return f"schema {self.kept}"

    def clear(self) -> None:
        with self.present.writer.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {NEW_SCHEMA} CASCADE")


def _continue_numbers(connection: Connection, table: sa.Table) -> None:
    """Let new rows take numbers after those that came in."""
    key = next(iter(table.primary_key.columns))
    if key.name != "id":
        return
    name = connection.scalar(
        sa.text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": f"{NEW_SCHEMA}.{table.name}"}
    )
    if name is not None:
        highest = connection.scalar(sa.select(sa.func.max(key)))
        connection.execute(
            sa.text("SELECT setval(:name, :number, :used)"),
            {"name": name, "number": highest or 1, "used": highest is not None},
        )
