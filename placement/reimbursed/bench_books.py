"""How fast the books are: booking beside bare inserts of the same rows, and balances over a million legs.

Part of `placement bench`. Bare inserts go into a second database of the same tables, keys and indexes whose
triggers are dropped, the way SQLAlchemy inserts many rows, turn by turn with booking, so that both meet the same
machine. Both include the commit.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlmodel import Session, SQLModel, col, select

from agreements import ledger, ledger_triggers, statements
from agreements.ledger_rules import Account, Leg, Posting, Side, transfer
from agreements.ledger_tables import LedgerEntry, LedgerLeg, PostingPeriod
from placement import migration
from placement.agreed.bench import databases
from placement.clock import business_day
from placement.db import Database
from placement.people.organisations import write_organisations
from placement.people.tables import Organisation
from placement.serving import settle

ENTRIES, LEGS, PARTS, YEARS, DAYS = 1_000, 1_000_000, 5, 5, 365
Timed = Callable[[Callable[[], object]], float]
Spread = Callable[[list[float]], dict[str, float]]


def measure(folder: Path, timed: Timed, spread: Spread, rounds: int, legs: int = LEGS) -> dict[str, dict[str, float]]:
    """Return the figures of both databases by what was measured; a ratio of 0.5 is half the speed of bare inserts."""
    figures: dict[str, dict[str, float]] = {}
    for name, url in databases(folder, "books"):
        books, bare = _opened(url), _opened(_beside(url))
        _unsealed(bare)
        settle()
        booked, inserted, single = _raced(books, bare, timed, rounds)
        ratio = round(statistics.median(inserted) / statistics.median(booked), 2)
        figures[f"booking 1,000 entries ({name})"] = spread(booked) | {"ratio_to_bare": ratio}
        figures[f"bare inserts of the same rows ({name})"] = spread(inserted)
        figures[f"booking one entry and commit ({name})"] = spread(single)
        held = _filled(books, legs)
        figures[f"balances as of a day ({name})"] = spread(_asked(books, timed, rounds * 10)) | {"legs": held}
        books.close()
        bare.close()
    return figures


def _opened(url: str) -> Database:
    database = Database(url)
    migration.upgrade(database.writer)
    with database.transaction() as session:
        write_organisations(session)
    return database


def _beside(url: str) -> str:
    """Return the address of a second, empty database of the same server or folder."""
    place = make_url(url)
    second = f"{place.database}.bare" if url.startswith("sqlite") else f"{place.database}_bare"
    if not url.startswith("sqlite"):
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{second}"'))
        engine.dispose()
    return place.set(database=second).render_as_string(hide_password=False)


def _unsealed(bare: Database) -> None:
    with bare.transaction() as session:
        for statement in ledger_triggers.drop(bare.writer.dialect.name):
            session.execute(sa.text(statement))


def _raced(books: Database, bare: Database, timed: Timed, rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Return the times of booking, of bare inserts and of single bookings, taken in turns."""
    booked, inserted, single = [], [], []
    rng, numbers, at = random.Random(1), count(1), datetime.now(UTC)  # noqa: S311 - invented sums
    parties = _parties(books)
    for _ in range(rounds + 1):
        postings = [_small(rng, next(numbers), parties, business_day(at)) for _ in range(ENTRIES)]
        booked.append(timed(partial(_book, books, postings, at)))
        first = next(numbers)
        rows = _rows(books, [one.source_id for one in postings])
        _months(books, bare)
        inserted.append(timed(partial(_insert, bare, *rows)))
        alone = _small(rng, first, parties, business_day(at))
        single.append(timed(partial(_book, books, [alone], at)))
    return booked[1:], inserted[1:], single[1:]


def _book(books: Database, postings: Sequence[Posting], at: datetime) -> None:
    with books.transaction() as session:
        ledger.post_all(session, postings, at=at)


def _insert(bare: Database, entries: list[dict[str, object]], legs: list[dict[str, object]]) -> None:
    with bare.transaction() as session:
        session.execute(_table(LedgerLeg).insert(), legs)
        session.execute(_table(LedgerEntry).insert(), entries)


def _rows(books: Database, source_ids: list[str]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return the entries and legs that stand for events, as they are stored."""
    entries, legs = _table(LedgerEntry), _table(LedgerLeg)
    of_events = sa.select(entries.c.id).where(entries.c.source_id.in_(source_ids))
    with books.read_only() as session:
        return (
            [dict(row._mapping) for row in session.execute(sa.select(entries).where(entries.c.id.in_(of_events)))],
            [dict(row._mapping) for row in session.execute(sa.select(legs).where(legs.c.entry_id.in_(of_events)))],
        )


def _months(books: Database, bare: Database) -> None:
    """Open the months in the second database that are open in the first."""
    with books.read_only() as session:
        months = session.exec(select(PostingPeriod.code)).all()
    with bare.transaction() as session:
        for code in months:
            session.merge(PostingPeriod(code=code))


def _filled(books: Database, wanted: int) -> int:
    """Book claims of many counties over years until the books hold as many legs as wanted; return how many."""
    rng, numbers, at = random.Random(2), count(1), datetime.now(UTC)  # noqa: S311 - invented sums
    parties, today = _parties(books), business_day(at)
    with books.read_only() as session:
        held = _held(session)
    while held < wanted:
        postings: list[Posting] = []
        while held < wanted and len(postings) < ENTRIES:
            day = today - timedelta(days=rng.randrange(YEARS * DAYS))
            postings.append(_large(rng, next(numbers), parties, day))
            held += len(postings[-1].legs)
        _book(books, postings, at)
    if not books.is_sqlite:
        with books.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
    with books.read_only() as session:
        return _held(session)


def _asked(books: Database, timed: Timed, times: int) -> list[float]:
    rng, today = random.Random(3), business_day(datetime.now(UTC))  # noqa: S311 - any days
    with books.read_only() as session:
        statements.balances(session, today)
        days = [today - timedelta(days=rng.randrange(YEARS * DAYS)) for _ in range(times)]
        return [timed(partial(statements.balances, session, day)) for day in days]


def _held(session: Session) -> int:
    return int(session.execute(sa.select(sa.func.count()).select_from(_table(LedgerLeg))).scalar_one())


def _small(rng: random.Random, number: int, parties: list[int], day: date) -> Posting:
    """Return an entry of two legs: the fewest, so what sealing costs weighs most."""
    party, subject, cents = rng.choice(parties), f"CL-{number:08d}", rng.randint(1, 9_000_000)
    legs = transfer(Account.REIMBURSEMENT, Account.PAYABLE, {day.year - 1: cents}, party, subject)
    return Posting("claim-decided", f"small-{number}", day, tuple(legs))


def _large(rng: random.Random, number: int, parties: list[int], day: date) -> Posting:
    """Return an entry of ten legs on accounts of all kinds, for the year of the day and the year before."""
    party, subject = rng.choice(parties), f"CL-{number:08d}"
    legs: list[Leg] = []
    for _ in range(PARTS):
        first, second = rng.sample(list(Account), 2)
        year, cents = day.year - rng.randrange(2), rng.randint(1, 9_000_000)
        legs += [
            Leg(first, Side.DEBIT, cents, party, subject, year),
            Leg(second, Side.CREDIT, cents, party, subject, year),
        ]
    return Posting("claim-decided", f"large-{number}", day, tuple(legs))


def _parties(books: Database) -> list[int]:
    with books.read_only() as session:
        keys = session.exec(select(Organisation.id).where(col(Organisation.county_code).is_not(None)))
        return sorted(key for key in keys if key is not None)


def _table(model: type[SQLModel]) -> sa.Table:
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    return table
