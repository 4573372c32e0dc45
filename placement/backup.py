"""`placement backup FILE` and `placement restore FILE`: one sealed archive for both databases.

The copy is read in one snapshot (SQLite: a read transaction of the WAL; PostgreSQL: REPEATABLE READ), so it is
consistent while others write. A restore verifies everything in a database of its own before it replaces the
present one, and keeps that one aside.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from placement import archive, migration
from placement.archive import BadArchive
from placement.audit import chain
from placement.audit.service import record
from placement.audit.tables import AuditEvent, UseLog
from placement.cli import CommandRefused
from placement.commanding import Workplace, open_workplace
from placement.db import Database
from placement.restoring import new_home


def run(arguments: argparse.Namespace) -> int:
    """Make or restore a copy; 0 when it was done and verified."""
    file = Path(arguments.file)
    place = open_workplace(migrated=arguments.command == "backup")
    try:
        work = backup if arguments.command == "backup" else restore
        print(work(place, file))
    except BadArchive as wrong:
        raise CommandRefused(f"{file.name}: {wrong}") from wrong
    except OSError as wrong:
        raise CommandRefused(f"{wrong.filename or file}: {wrong.strerror}; nothing was changed") from wrong
    finally:
        place.database.close()
    return 0


def backup(place: Workplace, file: Path) -> str:
    """Write the copy beside its final name, read it back, and only then give it that name; returns what to tell."""
    if file.exists():
        raise CommandRefused(f"{file} exists; choose another name")
    at = place.clock()
    half = file.with_name(f".{file.name}.half")
    try:
        with os.fdopen(os.open(half, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as stream:
            with snapshot(place.database) as connection:
                archive.write(connection, stream, at=at, migration=migration.head())
            stream.flush()
            os.fsync(stream.fileno())
            stream.seek(0)
            manifest = archive.read_manifest(stream)
            for _table, _rows in archive.read_tables(stream, manifest):
                pass
        half.rename(file)
    finally:
        half.unlink(missing_ok=True)
    with place.database.transaction() as session:
        record(
            session,
            actor=None,
            action="backup-made",
            object_kind="backup",
            object_ref=at.strftime("%Y%m%dT%H%M%SZ"),
            at=at,
            after={"rows": manifest.rows},
        )
    return f"{file}: {manifest.rows} rows as of {at.isoformat(timespec='seconds')}"


@contextmanager
def snapshot(database: Database) -> Iterator[sa.Connection]:
    """Yield a connection that sees one moment of the database, whatever others write meanwhile."""
    with database.reader.connect() as connection:
        if not database.is_sqlite:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def restore(place: Workplace, file: Path) -> str:
    """Verify the copy in a database of its own, then put it in place; returns what to tell.

    Raises BadArchive for a copy that is damaged, of other keys or of another migration, whose rows do not
    agree with each other or whose chains do not hold: the present database is then as it was.
    """
    with file.open("rb") as stream:
        manifest = archive.read_manifest(stream)
        if manifest.migration != migration.head():
            raise BadArchive(
                f"the copy is of migration {manifest.migration}, this program of {migration.head()}; "
                "restore it with the version that made it, then upgrade"
            )
        with new_home(place.database, place.clock()) as home:
            home.load(archive.read_tables(stream, manifest))
            _verify(home.database, manifest)
            _record_restore(home.database, manifest, place.clock())
            kept = home.replace()
    moment = manifest.at.isoformat(timespec="seconds")
    aside = f"; the former database is kept as {kept}" if kept else ""
    return f"restored {manifest.rows} rows: the database shows the moment {moment}{aside}"


def _verify(database: Database, manifest: archive.Manifest) -> None:
    with database.read_only() as session:
        for table, rows in manifest.tables.items():
            found = session.scalar(sa.select(sa.func.count()).select_from(sa.table(table)))
            if found != rows:
                raise BadArchive(f"{table} has {found} rows, the copy says {rows}")
        for chained in (AuditEvent, UseLog):
            _count, breaks = chain.breaks(session, chained)
            if breaks:
                raise BadArchive(f"the chain of {breaks[0].table} does not hold at row {breaks[0].seq}")


def _record_restore(database: Database, manifest: archive.Manifest, at: datetime) -> None:
    with database.transaction() as session:
        _event(session, manifest, at)


def _event(session: Session, manifest: archive.Manifest, at: datetime) -> None:
    record(
        session,
        actor=None,
        action="database-restored",
        object_kind="backup",
        object_ref=manifest.at.strftime("%Y%m%dT%H%M%SZ"),
        at=at,
        after={"rows": manifest.rows, "moment": manifest.at.isoformat()},
    )
