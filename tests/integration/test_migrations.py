"""Migrations run up and down, on data too, and the tables they make are those of the code; on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from placement import migration, models
from placement.db import Database
from placement.demo.command import fill as fill_demo
from tests.conftest import NOW, _named, fill


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request, tmp_path) -> Iterator[Database]:
    """An empty database."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
        return
    server = request.getfixturevalue("postgres_server")
    name = "e" + uuid.uuid4().hex[:12]
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    database = Database(_named(server, name))
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def tables(database: Database) -> set[str]:
    return set(sa.inspect(database.writer).get_table_names()) - {"alembic_version"}


def test_the_newest_migration_makes_the_tables_of_the_code(empty):
    assert migration.current(empty.writer) is None
    migration.upgrade(empty.writer)
    assert migration.current(empty.writer) == migration.head()
    assert migration.differences(empty.writer) == []
    assert tables(empty) == set(models.metadata.tables)


@pytest.mark.slow
def test_migrations_run_down_and_up_again_on_data(empty):
    fill(empty)
    with empty.transaction() as session:
        fill_demo(session, "small", seed=1, at=NOW)
    migration.downgrade(empty.writer, "base")
    assert tables(empty) == set()
    migration.upgrade(empty.writer)
    assert migration.differences(empty.writer) == []


EMPTY_IN_THE_DEMO = {"agreement_review", "audit_anchor", "claim_sample", "recovery_settlement", "use_log"}


def test_sealed_tables_refuse_raw_sql(empty):
    fill(empty)
    with empty.transaction() as session:
        fill_demo(session, "small", seed=1, at=NOW)
    tried = set()
    for table in models.APPEND_ONLY:
        column = next(iter(models.metadata.tables[table].primary_key.columns)).name
        with empty.writer.connect() as connection:
            rows = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}") if rows else ():
            with pytest.raises(sa.exc.DBAPIError, match="append-only"), empty.writer.begin() as connection:
                connection.execute(sa.text(statement))
            tried.add(table)
    assert set(models.APPEND_ONLY) - tried == EMPTY_IN_THE_DEMO


def test_every_enum_is_stored_by_its_value(empty):
    migration.upgrade(empty.writer)
    with empty.writer.connect() as connection:
        inspected = sa.inspect(connection)
        checks = " ".join(check["sqltext"] for check in inspected.get_check_constraints("unit"))
    assert "family_group_home" in checks
    assert "FAMILY_GROUP_HOME" not in checks
