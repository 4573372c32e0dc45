"""A copy is consistent while others write, is verified before it replaces anything, and fits both databases."""

from __future__ import annotations

import argparse
import os
import shutil
import threading
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, func, select

from placement import archive, backup, migration
from placement.archive import BadArchive
from placement.audit.service import record
from placement.audit.tables import AuditEvent, UseLog
from placement.checks import everything
from placement.children.tables import Child
from placement.cli import CommandRefused
from placement.clock import frozen
from placement.commanding import Workplace
from placement.config import load
from placement.crypto import vault
from placement.db import Database
from placement.decisions.tables import Stay
from placement.demo.command import fill
from placement.people.tables import User
from tests.conftest import NOW, SETTINGS


def place_of(database: Database) -> Workplace:
    values = load({**SETTINGS, "PLACEMENT_DATABASE_URL": database.url})
    vault.open(values.encryption_keys, values.secret_key)
    return Workplace(values, database, frozen(NOW))


def load_demo(database: Database) -> Workplace:
    with database.transaction() as session:
        fill(session, "small", seed=1, at=NOW)
    return place_of(database)


def breaches(database: Database) -> list[str]:
    """Return what breaks a rule of places, decisions, owners and logs; agreements have tests of their own."""
    with Session(database.writer) as session:
        found = [breach for one in everything.run(session, NOW) if one.id[0] in "CX" for breach in one.breaches]
        session.rollback()
    return found


def count(database: Database, table) -> int:
    with database.read_only() as session:
        return session.exec(select(func.count()).select_from(table)).one()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def other(request, tmp_path) -> Iterator[Database]:
    """An empty database (no tables) of each kind, apart from the one that is copied."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'other.db'}")
        yield database
        database.close()
        return
    server = request.getfixturevalue("postgres_server")
    name = "e" + uuid.uuid4().hex[:12]
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    database = Database(sa.engine.make_url(server).set(database=name).render_as_string(hide_password=False))
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_a_copy_is_restored_into_either_database_and_every_check_passes(database, other, tmp_path):
    place = load_demo(database)
    backup.backup(place, tmp_path / "copy")
    told = backup.restore(place_of(other), tmp_path / "copy")

    assert "shows the moment 2026-11-24T09:00:00+00:00" in told
    assert count(other, Child) == count(database, Child) == 50
    assert migration.differences(other.writer) == []
    assert breaches(other) == []
    with database.read_only() as one, other.read_only() as two:
        names = select(Child.first_name, Child.identity_index).order_by(Child.id)
        assert one.exec(names).all() == two.exec(names).all()
        dates = select(Stay.start, Stay.end).order_by(Stay.id)
        assert one.exec(dates).all() == two.exec(dates).all()


def test_the_restored_tables_stay_sealed_and_count_on(database, tmp_path):
    place = load_demo(database)
    backup.backup(place, tmp_path / "copy")
    backup.restore(place, tmp_path / "copy")

    with pytest.raises(sa.exc.DBAPIError), database.transaction() as session:
        session.execute(sa.text("UPDATE audit_event SET reason = 'x'"))
    with database.transaction() as session:
        session.add(User(login="new@x", name="New", created_at=NOW))
        session.flush()
        record(session, actor=None, action="tried", object_kind="x", object_ref="x", at=NOW)
    assert breaches(database) == []


def test_the_former_database_is_kept_aside(sqlite_url, tmp_path):
    database = Database(sqlite_url)
    place = load_demo(database)
    backup.backup(place, tmp_path / "copy")
    with database.transaction() as session:
        session.add(User(login="later@x", name="Later", created_at=NOW))
    kept = backup.restore(place, tmp_path / "copy").split("kept as ")[1]

    aside = Database(f"sqlite:///{kept}")
    people = select(func.count()).select_from(User).where(User.login == "later@x")
    with aside.read_only() as session:
        assert session.exec(people).one() == 1
    with database.read_only() as session:
        assert session.exec(people).one() == 0
    aside.close()
    database.close()


@pytest.mark.postgres
def test_the_former_schema_is_kept_aside(postgres_url, tmp_path):
    database = Database(postgres_url)
    place = load_demo(database)
    backup.backup(place, tmp_path / "copy")
    kept = backup.restore(place, tmp_path / "copy").split("schema ")[1]

    with database.writer.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {kept}.child").scalar() == 50
    database.close()


def test_a_copy_made_while_others_write_is_of_one_moment(database, tmp_path):
    place = load_demo(database)
    stop, written = threading.Event(), []

    def write() -> None:
        number = 0
        while not stop.is_set():

            def work(session: Session, number: int = number) -> None:
                name = f"{threading.get_ident()}-{number}"
                session.add(User(login=name, name=name, created_at=NOW))
                record(session, actor=None, action="user-added", object_kind="user", object_ref=name, at=NOW)

            database.write(work)
            written.append(number)
            number += 1

    writers = [threading.Thread(target=write) for _ in range(4)]
    for one in writers:
        one.start()
    while len(written) < 5:
        stop.wait(0.01)
    backup.backup(place, tmp_path / "copy")
    stop.set()
    for one in writers:
        one.join()
    backup.restore(place, tmp_path / "copy")

    with database.read_only() as session:
        people = session.exec(select(func.count()).select_from(User).where(User.demo_key == None)).one()  # noqa: E711
        events = session.exec(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "user-added")
        ).one()
    assert 5 <= people == events <= len(written)
    assert breaches(database) == []


@pytest.fixture(scope="module")
def copied(filled_file, tmp_path_factory) -> tuple[Path, Path]:
    """The demo as a SQLite file, and its copy; both are only read."""
    folder = tmp_path_factory.mktemp("copied")
    shutil.copy(filled_file, folder / "demo.db")
    database = Database(f"sqlite:///{folder / 'demo.db'}")
    backup.backup(load_demo(database), folder / "copy")
    with database.writer.connect() as connection:
        connection.connection.driver_connection.execute("pragma wal_checkpoint(truncate)")
    database.close()
    return folder / "demo.db", folder / "copy"


@pytest.fixture
def copy(copied, tmp_path) -> Iterator[tuple[Workplace, Path]]:
    for file in copied:
        shutil.copy(file, tmp_path / file.name)
    database = Database(f"sqlite:///{tmp_path / 'demo.db'}")
    yield place_of(database), tmp_path / "copy"
    database.close()


@pytest.mark.parametrize("share", [n / 40 for n in range(40)])
def test_a_copy_with_one_flipped_byte_is_refused_and_nothing_is_replaced(copy, share):
    place, file = copy
    content = bytearray(file.read_bytes())
    content[int(len(content) * share)] ^= 0x01
    file.write_bytes(content)
    with place.database.transaction() as session:
        session.add(User(login="here@x", name="Here", created_at=NOW))

    with pytest.raises(BadArchive):
        backup.restore(place, file)
    with place.database.read_only() as session:
        assert session.exec(select(User).where(User.login == "here@x")).first() is not None
    assert [one.name for one in file.parent.iterdir() if "restor" in one.name] == []


@pytest.mark.parametrize("length", [0, 10, 5_000])
def test_half_a_copy_is_refused(copy, length):
    place, file = copy
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(BadArchive):
        backup.restore(place, file)


def test_a_part_from_another_copy_is_refused(copy, tmp_path):
    place, file = copy
    other = tmp_path / "other"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
        names = old.namelist()
        for name in names:
            new.writestr(name, old.read("child/000000" if name.startswith("unit/") else name))
    with pytest.raises(BadArchive, match="changed after"):
        backup.restore(place, other)


def test_a_copy_of_other_keys_is_refused(copy):
    place, file = copy
    vault.open(("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",), place.settings.secret_key)
    with pytest.raises(BadArchive, match="other keys"):
        backup.restore(place, file)


def test_a_copy_of_another_migration_is_refused_with_the_way_out(copy, monkeypatch):
    place, file = copy
    monkeypatch.setattr(migration, "head", lambda: "9999")
    with pytest.raises(BadArchive, match="then upgrade"):
        backup.restore(place, file)


def test_rows_that_lead_nowhere_are_refused(copy, monkeypatch):
    place, file = copy
    whole = archive.read_tables

    def without_units(stream, manifest):
        return ((table, rows) for table, rows in whole(stream, manifest) if table.name != "unit")

    monkeypatch.setattr(archive, "read_tables", without_units)
    with pytest.raises(BadArchive):
        backup.restore(place, file)


def test_the_file_shows_nothing_of_anybody(copy):
    place, file = copy
    content = file.read_bytes()
    with place.database.read_only() as session:
        for child in session.exec(select(Child)):
            assert child.last_name.encode() not in content
            assert child.identity_code is None or child.identity_code.encode() not in content
    assert os.stat(file).st_mode & 0o077 == 0


def test_a_file_that_is_there_is_not_written_over(copy):
    place, file = copy
    with pytest.raises(CommandRefused, match="choose another name"):
        backup.backup(place, file)


def test_a_copy_that_cannot_be_written_leaves_no_half_of_it(copy, tmp_path, monkeypatch):
    place, _ = copy

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device", "disk")

    monkeypatch.setattr(archive, "write", full)
    with pytest.raises(OSError, match="No space"):
        backup.backup(place, tmp_path / "another")
    assert [one.name for one in tmp_path.iterdir() if "another" in one.name] == []


def test_the_commands_tell_what_they_did_and_refuse_in_one_sentence(sqlite_url, tmp_path, monkeypatch, capsys):
    database = Database(sqlite_url)
    load_demo(database)
    database.close()
    for name, value in {**SETTINGS, "PLACEMENT_DATABASE_URL": sqlite_url}.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "copy"

    assert backup.run(argparse.Namespace(command="backup", file=str(file))) == 0
    assert backup.run(argparse.Namespace(command="restore", file=str(file))) == 0
    assert "shows the moment 2026-11-24T09:00:00+00:00" in capsys.readouterr().out
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), tmp_path / "no-copy")
    with pytest.raises(CommandRefused, match="no copy of this product"):
        backup.run(argparse.Namespace(command="restore", file=str(tmp_path / "no-copy")))
    with pytest.raises(CommandRefused, match="No such file"):
        backup.run(argparse.Namespace(command="restore", file=str(tmp_path / "missing")))


def test_who_looked_at_whom_survives(copy):
    place, file = copy
    before = count(place.database, UseLog), count(place.database, AuditEvent)
    backup.restore(place, file)

    assert (count(place.database, UseLog), count(place.database, AuditEvent)) == before
