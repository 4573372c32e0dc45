"""The seal of the books against raw SQL on both databases, and what is found once the seal is broken by force."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from agreements import check_ledger, ledger, ledger_triggers, triggers
from agreements.ledger_reading import read
from placement.db import Database
from tests.bookkeeping import DAY, approved, official, parties, random_posting
from tests.conftest import NOW

SEED = int(os.environ.get("PLACEMENT_TEST_SEED", "1"))
HASH = "f" * 64
ENTRY = (
    "INSERT INTO ledger_entry (id, source_kind, source_id, reverses_entry_id, effective_on, period, posted_at,"
    " prev_hash, hash) VALUES (:id, 'forged', :event, :reverses, '2026-03-10', :period, '2026-03-10 00:00:00.000000',"
    f" :prev, '{HASH}')"
)
LEG = (
    "INSERT INTO ledger_leg (entry_id, line_no, account, side, cents, currency, party_id, subject, care_year)"
    " VALUES (:entry, :line, 'payable', :side, :cents, 'EUR', :party, 'CL', 2025)"
)


@pytest.fixture
def books(database: Database) -> Database:
    """Two entries; March is open, January is closed."""

    def work(session: Session) -> None:
        ledger.post_all(session, [approved("1", day=date(2026, 1, 5)), approved("2", day=DAY)], at=NOW)
        ledger.close_month(session, "2026-01", by=official(session), at=NOW)

    database.write(work)
    return database


def try_sql(database: Database, *statements: tuple[str, dict[str, Any]]) -> str | None:
    """Run statements in one transaction and commit; return what the database refused them with, None if nothing."""
    try:
        with database.writer.begin() as connection:
            for text, values in statements:
                connection.execute(sa.text(text), values)
    except sa.exc.DBAPIError as refused:
        return str(refused.orig)
    return None


def legs(entry: int, *sides: tuple[str, int]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (LEG, {"entry": entry, "line": line, "side": side, "cents": cents, "party": 1})
        for line, (side, cents) in enumerate(sides, start=1)
    ]


def entry(database: Database, **changes: Any) -> tuple[str, dict[str, Any]]:
    with database.writer.connect() as connection:
        head = connection.execute(sa.text("SELECT hash FROM ledger_entry WHERE id = 2")).scalar_one()
    values = {"id": 3, "event": "x", "reverses": None, "period": "2026-03", "prev": head}
    return ENTRY, values | changes


def stored(database: Database) -> list[tuple[Any, ...]]:
    with database.writer.connect() as connection:
        return [
            tuple(row)
            for table in ("ledger_entry", "ledger_leg")
            for row in connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY 1, 2"))
        ]


def test_a_forged_entry_that_keeps_every_rule_is_let_in_so_that_the_refusals_below_mean_something(books):
    assert try_sql(books, *legs(3, ("debit", 5), ("credit", 5)), entry(books)) is None
    with books.transaction() as session:
        found = {result.id: result.breaches for result in check_ledger.run(session) if result.breaches}
    assert found == {"L5": ["entry 3 is not what was sealed"]}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET hash = hash",
        "UPDATE ledger_entry SET source_id = 'y' WHERE id = 1",
        "UPDATE ledger_leg SET cents = cents",
        "UPDATE ledger_leg SET cents = 1 WHERE entry_id = 1",
        "DELETE FROM ledger_entry WHERE id = 2",
        "DELETE FROM ledger_leg WHERE entry_id = 2 AND line_no = 1",
        "DELETE FROM posting_period WHERE code = '2026-01'",
        "UPDATE posting_period SET closed_at = NULL, last_entry_id = NULL, total_cents = NULL WHERE code = '2026-01'",
        "UPDATE posting_period SET total_cents = 1 WHERE code = '2026-01'",
    ],
)
def test_raw_sql_changes_and_deletes_nothing(books, statement):
    before = stored(books)
    assert try_sql(books, (statement, {})) is not None
    assert stored(books) == before


@pytest.mark.parametrize(
    ("sides", "changes", "said"),
    [
        ([("debit", 5), ("credit", 4)], {}, "balance"),
        ([("debit", 5)], {}, "two legs"),
        ([], {}, "two legs"),
        ([("debit", 5), ("credit", 5)], {"id": 4}, "next number"),
        ([("debit", 5), ("credit", 5)], {"prev": HASH}, "last hash"),
        ([("debit", 5), ("credit", 5)], {"period": "2026-01"}, "open month"),
        ([("debit", 5), ("credit", 5)], {"period": "2031-01"}, "open month|posting_period"),
        ([("debit", 5), ("credit", 5)], {"reverses": 1}, "mirrors"),
        ([("credit", 12345), ("debit", 12345), ("credit", 5), ("debit", 5)], {"reverses": 1}, "mirrors"),
    ],
)
def test_raw_sql_adds_no_entry_that_breaks_a_rule(books, sides, changes, said):
    before = stored(books)
    number = changes.get("id", 3)
    assert re.search(said, str(try_sql(books, *legs(number, *sides), entry(books, **changes))))
    assert stored(books) == before


@pytest.mark.parametrize(
    ("sides", "second", "said"),
    [
        ([("debit", 7), ("credit", 7)], {}, None),
        ([("debit", 7), ("credit", 6)], {}, "balance"),
        ([("debit", 7)], {}, "two legs"),
        ([("debit", 7), ("credit", 7)], {"id": 5}, "next number"),
        ([("debit", 7), ("credit", 7)], {"prev": "e" * 64}, "last hash"),
        ([("debit", 7), ("credit", 7)], {"period": "2026-01"}, "open month"),
        ([("debit", 7), ("credit", 7)], {"reverses": 1}, "mirrors"),
    ],
)
def test_each_entry_of_one_command_is_looked_at(books, sides, second, said):
    before = stored(books)
    _, first = entry(books)
    values = first | {"id": 4, "event": "y", "prev": HASH} | second
    head, row = ENTRY.split("VALUES ")
    both = f"{head}VALUES {row}, " + re.sub(r":([a-z]+)", r":second_\1", row)
    together = first | {f"second_{name}": value for name, value in values.items()}
    refused = try_sql(books, *legs(3, ("debit", 5), ("credit", 5)), *legs(values["id"], *sides), (both, together))
    assert refused is None if said is None else re.search(said, str(refused))
    assert (stored(books) == before) == (said is not None)


def test_raw_sql_books_no_event_a_second_time(books):
    kind = ENTRY.replace("'forged'", "'claim-decided'")
    _, values = entry(books, event="1")
    assert try_sql(books, *legs(3, ("debit", 5), ("credit", 5)), (kind, values)) is not None


def test_raw_sql_adds_no_leg_to_a_sealed_entry(books):
    before = stored(books)
    for number in (1, 2, 0, -1):
        row = (LEG, {"entry": number, "line": 9, "side": "debit", "cents": 5, "party": 1})
        assert "sealed" in str(try_sql(books, row))
    assert stored(books) == before


def test_a_leg_without_an_entry_cannot_be_committed(books):
    assert "FOREIGN KEY" in str(try_sql(books, *legs(3, ("debit", 5), ("credit", 5)))).upper()


@pytest.mark.parametrize("cents", [0, -5])
def test_a_leg_is_above_zero(books, cents):
    assert try_sql(books, *legs(3, ("debit", cents), ("credit", cents)), entry(books)) is not None


def test_an_upsert_changes_nothing(books):
    before = stored(books)
    upsert = LEG + " ON CONFLICT (entry_id, line_no) DO UPDATE SET cents = 1"
    assert try_sql(books, (upsert, {"entry": 1, "line": 1, "side": "debit", "cents": 5, "party": 1})) is not None
    assert stored(books) == before


def test_sqlite_replaces_nothing(sqlite_url):
    database = Database(sqlite_url)
    database.write(lambda session: ledger.post(session, approved("1"), at=NOW))
    before = stored(database)
    row = {"line": 1, "side": "debit", "cents": 5, "party": 1}
    same_event = {"id": 2, "event": "1", "reverses": None, "period": "2026-03", "prev": before[0][-1]}
    forged = ENTRY.replace("INSERT", "INSERT OR REPLACE").replace("'forged'", "'claim-decided'")
    assert try_sql(database, (LEG.replace("INSERT", "INSERT OR REPLACE"), {**row, "entry": 1})) is not None
    assert try_sql(database, *legs(2, ("debit", 5), ("credit", 5)), (forged, same_event)) is not None
    assert try_sql(database, (forged, {**same_event, "id": 1, "prev": "0" * 64})) is not None
    assert stored(database) == before
    database.close()


@pytest.mark.parametrize("cents", ["12.5", "abc", "5.0x"])
def test_sqlite_takes_only_whole_numbers_of_cents(sqlite_url, cents):
    database = Database(sqlite_url)
    assert try_sql(database, (LEG, {"entry": 1, "line": 1, "side": "debit", "cents": cents, "party": 1})) is not None
    database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["ledger_leg", "ledger_entry CASCADE", "posting_period CASCADE"])
def test_postgresql_empties_no_table_of_the_books(postgres_url, table):
    database = Database(postgres_url)
    database.write(lambda session: ledger.post(session, approved("1"), at=NOW))
    assert "append-only" in str(try_sql(database, (f"TRUNCATE {table}", {})))
    database.close()


def test_every_trigger_can_be_taken_away_and_put_back(books):
    dialect = "sqlite" if books.is_sqlite else "postgresql"
    with books.writer.begin() as connection:
        for statement in ledger_triggers.drop(dialect) + ledger_triggers.create(dialect):
            connection.execute(sa.text(statement))
    assert "balance" in str(try_sql(books, *legs(3, ("debit", 5), ("credit", 4)), entry(books)))


def break_seal(connection: sa.Connection) -> None:
    """Take every trigger and constraint of the two tables away, as someone with the owner's rights could."""
    dialect = connection.dialect.name
    for table in ("ledger_entry", "ledger_leg"):
        for statement in triggers.unseal(table, dialect):
            connection.execute(sa.text(statement))
    for statement in ledger_triggers.drop(dialect):
        connection.execute(sa.text(statement))
    if dialect == "postgresql":
        rows = connection.execute(
            sa.text(
                "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('c', 'f')"
                " AND conrelid IN ('ledger_entry'::regclass, 'ledger_leg'::regclass)"
            )
        ).all()
        for table, name in rows:
            connection.execute(sa.text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))


COLUMNS = {
    "ledger_entry": (
        [
            "id",
            "source_kind",
            "source_id",
            "reverses_entry_id",
            "effective_on",
            "period",
            "posted_at",
            "prev_hash",
            "hash",
        ],
        ("id",),
    ),
    "ledger_leg": (
        ["entry_id", "line_no", "account", "side", "cents", "currency", "party_id", "subject", "care_year"],
        ("entry_id", "line_no"),
    ),
}


def one_byte_off(rng: random.Random, value: Any) -> Any:
    """Return the value with one byte of it changed."""
    if isinstance(value, int):
        return value ^ (rng.randrange(1, 256) << (8 * rng.randrange(2)))
    text = str(value)
    place = rng.randrange(len(text))
    return text[:place] + chr(ord(text[place]) ^ rng.choice((1, 2, 4, 8, 16, 32))) + text[place + 1 :]


def spoil(connection: sa.Connection, rng: random.Random) -> tuple[str, set[int]] | None:
    """Change one byte of one stored value; return what was changed and the entries it concerns, None if refused."""
    table = rng.choice(list(COLUMNS))
    names, keys = COLUMNS[table]
    row = rng.choice(connection.execute(sa.text(f"SELECT {', '.join(names)} FROM {table}")).all())._asdict()
    column = rng.choice([name for name in names if row[name] is not None])
    wrong = one_byte_off(rng, row[column])
    where = " AND ".join(f"{key} = :{key}" for key in keys)
    values = {key: row[key] for key in keys}
    savepoint = connection.begin_nested()
    try:
        done = connection.execute(
            sa.text(f"UPDATE {table} SET {column} = {typed(connection, column)} WHERE {where}"),
            values | {"wrong": wrong},
        )
        after = connection.execute(
            sa.text(f"SELECT count(*) FROM {table} WHERE {column} = :same AND {where}"), values | {"same": row[column]}
        ).scalar_one()
    except sa.exc.DBAPIError:
        savepoint.rollback()
        return None
    if done.rowcount != 1 or (column not in keys and after):
        savepoint.rollback()
        return None
    savepoint.commit()
    return f"{table}.{column}: {row[column]!r} -> {wrong!r}", {
        row[keys[0]],
        wrong if column == keys[0] else row[keys[0]],
    }


def typed(connection: sa.Connection, column: str) -> str:
    kinds = {"effective_on": "date", "posted_at": "timestamptz"}
    if connection.dialect.name == "postgresql" and column in kinds:
        return f"CAST(:wrong AS {kinds[column]})"
    return ":wrong"


def found_in(connection: sa.Connection) -> Sequence[str]:
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        books = read(session)
    return check_ledger.changed(books) + check_ledger.chain_is_whole(books).breaches + books.orphans


def flips(database: Database, wanted: int, seed: int) -> list[str]:
    """Change single bytes one at a time, each put right again; return those that the check did not name."""
    rng = random.Random(seed)
    with database.read_only() as session:
        bodies = parties(session)

    def fill(session: Session) -> None:
        ledger.post_all(session, [random_posting(rng, str(number), bodies) for number in range(12)], at=NOW)
        ledger.reverse(session, 4, source_kind="correction", source_id="4", effective_on=DAY, at=NOW)

    database.write(fill)
    unseen, made = [], 0
    connection = database.writer.connect()
    if database.is_sqlite:
        raw = connection.connection.driver_connection
        raw.execute("pragma foreign_keys=off")
        raw.execute("pragma ignore_check_constraints=on")
    with connection, connection.begin():
        break_seal(connection)
        assert found_in(connection) == []
        while made < wanted:
            whole = connection.begin_nested()
            change = spoil(connection, rng)
            if change is not None:
                made += 1
                said = " ".join(found_in(connection))
                if not any(f"entry {number} " in said for number in change[1]):
                    unseen.append(change[0])
            whole.rollback()
    return unseen


def test_every_single_byte_changed_by_force_is_found_and_its_entry_named(database):
    assert flips(database, 80, SEED) == []


@pytest.mark.soak
def test_soak_tamper_500_single_bytes(database):
    print(f"\nledger bytes changed: 500, seed {SEED}, database {'sqlite' if database.is_sqlite else 'postgresql'}")
    unseen = flips(database, 500, SEED)
    print(f"found: {500 - len(unseen)}")
    assert unseen == []
