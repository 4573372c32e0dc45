"""The books on both databases: booking, taking back, closing months, asking for balances."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, func, select

from agreements import check_ledger, export, ledger, statements
from agreements.ledger import Booked, BookingConflict, EntryNotFound, MonthRefused
from agreements.ledger_rules import Account, Leg, Side, UnbalancedPosting
from agreements.ledger_tables import LedgerEntry, LedgerLeg, PostingPeriod
from placement.db import Database
from tests.bookkeeping import DAY, approved, official, parties, random_posting, recount
from tests.conftest import NOW


def count(session: Session, table: Any) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def post(database: Database, *postings: Any, at: datetime = NOW) -> list[Booked]:
    return database.write(lambda session: ledger.post_all(session, postings, at=at))


def nets(rows: list[statements.Balance]) -> dict[tuple[str, int, int], int]:
    return {(row.account.value, row.party_id, row.care_year): row.net_cents for row in rows if row.net_cents}


def breaches(database: Database) -> dict[str, list[str]]:
    with database.transaction() as session:
        results = check_ledger.run(session)
    return {result.id: result.breaches for result in results if result.breaches}


def test_an_event_that_comes_twice_is_booked_once(database):
    first = post(database, approved("1"))
    again = post(database, approved("1"), approved("2"))
    assert first == [Booked(1, True)]
    assert again == [Booked(1, False), Booked(2, True)]
    with database.read_only() as session:
        assert (count(session, LedgerEntry), count(session, LedgerLeg)) == (2, 4)


def test_an_event_that_comes_again_with_another_sum_is_refused(database):
    post(database, approved("1"))
    with pytest.raises(BookingConflict):
        post(database, approved("1", cents=1))
    with pytest.raises(BookingConflict):
        post(database, approved("2"), approved("2", cents=1))
    with database.read_only() as session:
        assert count(session, LedgerEntry) == 1


def test_nothing_is_booked_when_the_transaction_fails(database):
    def work(session: Session) -> None:
        ledger.post(session, approved("1"), at=NOW)
        raise RuntimeError("the business row could not be saved")

    with pytest.raises(RuntimeError):
        database.write(work)
    with database.read_only() as session:
        assert (count(session, LedgerEntry), count(session, LedgerLeg)) == (0, 0)
    assert post(database, approved("1")) == [Booked(1, True)]


@pytest.mark.parametrize(
    "legs",
    [
        (),
        (Leg(Account.PAYABLE, Side.DEBIT, 5, 1, "CL", 2025),),
        (Leg(Account.PAYABLE, Side.DEBIT, 5, 1, "CL", 2025), Leg(Account.BANK, Side.CREDIT, 4, 1, "CL", 2025)),
        (Leg(Account.PAYABLE, Side.DEBIT, 0, 1, "CL", 2025), Leg(Account.BANK, Side.CREDIT, 0, 1, "CL", 2025)),
        (Leg(Account.PAYABLE, Side.DEBIT, -5, 1, "CL", 2025), Leg(Account.BANK, Side.CREDIT, -5, 1, "CL", 2025)),
        (Leg(Account.PAYABLE, Side.DEBIT, 5.0, 1, "CL", 2025), Leg(Account.BANK, Side.CREDIT, 5.0, 1, "CL", 2025)),
    ],
)
def test_legs_that_do_not_balance_are_refused(database, legs):
    with pytest.raises(UnbalancedPosting):
        post(database, approved(legs=legs))


def test_a_reversal_mirrors_its_entry_and_the_pair_adds_up_to_nothing(database):
    post(database, approved("1"))
    taken = database.write(
        lambda session: ledger.reverse(
            session, 1, source_kind="claim-corrected", source_id="1", effective_on=DAY, at=NOW
        )
    )
    again = database.write(
        lambda session: ledger.reverse(
            session, 1, source_kind="claim-corrected", source_id="1", effective_on=DAY, at=NOW
        )
    )
    assert (taken, again) == (Booked(2, True), Booked(2, False))
    with database.read_only() as session:
        assert nets(statements.balances(session, DAY)) == {}
        assert session.get(LedgerEntry, 2).reverses_entry_id == 1
    assert breaches(database) == {}


def test_an_entry_is_taken_back_once_and_a_reversal_never(database):
    post(database, approved("1"))

    def take_back(entry_id: int, source_id: str) -> None:
        database.write(
            lambda session: ledger.reverse(
                session, entry_id, source_kind="claim-corrected", source_id=source_id, effective_on=DAY, at=NOW
            )
        )

    take_back(1, "a")
    for entry_id, source_id in ((1, "b"), (2, "c")):
        with pytest.raises(sa.exc.IntegrityError):
            take_back(entry_id, source_id)
    with pytest.raises(EntryNotFound):
        take_back(99, "d")


def test_a_closed_month_takes_nothing_and_later_effects_go_to_the_first_open_one(database):
    post(database, approved("1", day=date(2026, 1, 15)), approved("2", day=date(2026, 2, 3)))

    def close(code: str) -> PostingPeriod:
        return database.write(lambda session: ledger.close_month(session, code, by=official(session), at=NOW))

    with pytest.raises(MonthRefused, match="2026-01 is still open"):
        close("2026-02")
    closed = close("2026-01")
    assert (closed.entries, closed.total_cents, closed.last_entry_id) == (1, 12_345, 1)
    with pytest.raises(MonthRefused, match="closed already"):
        close("2026-01")
    with pytest.raises(MonthRefused, match="not over yet"):
        close("2026-11")
    post(database, approved("3", day=date(2026, 1, 20)))
    with database.read_only() as session:
        late = session.get(LedgerEntry, 3)
        assert (late.period, late.effective_on) == ("2026-02", date(2026, 1, 20))
        january = sum(row.debit_cents for row in statements.balances(session, date(2026, 1, 31)))
        assert january == 2 * 12_345
    assert breaches(database) == {}


def test_a_month_that_was_closed_without_a_later_one_posts_into_the_next(database):
    post(database, approved("1", day=date(2026, 1, 15)))
    database.write(lambda session: ledger.close_month(session, "2026-01", by=official(session), at=NOW))
    post(database, approved("2", day=date(2025, 12, 31)))
    with database.read_only() as session:
        assert session.get(LedgerEntry, 2).period == "2026-02"


def test_a_balance_of_any_day_is_the_plain_sum_of_what_was_posted(database):
    rng = random.Random(20)
    with database.read_only() as session:
        bodies = parties(session)
    postings = [random_posting(rng, str(number), bodies) for number in range(150)]
    for start in range(0, 150, 50):
        post(database, *postings[start : start + 50], at=NOW + timedelta(days=start))
    with database.read_only() as session:
        for offset in (-70, -30, -1, 0, 1, 5, 6, 7, 20, 21, 22, 45, 70):
            day = DAY + timedelta(days=offset)
            expected = recount(postings, day)
            assert nets(statements.balances(session, day)) == expected
            assert nets(statements.balances(session, day, known_at=NOW + timedelta(days=400))) == expected
        early = nets(statements.balances(session, DAY, known_at=NOW))
        assert early == recount(postings[:50], DAY)
        owing = {(row.party_id, row.care_year): -row.cents for row in statements.owed(session, DAY)}
        assert owing == {key[1:]: cents for key, cents in recount(postings, DAY).items() if key[0] == "payable"}
    assert breaches(database) == {}


def test_an_open_sum_is_as_old_as_the_day_it_last_became_open(database):
    def paid(source_id: str, day: date) -> Any:
        legs = tuple(leg.mirrored() for leg in approved().legs)
        return approved(source_id, day=day, legs=legs, source_kind="payment-released")

    post(database, approved("1", day=date(2026, 1, 1)), paid("2", date(2026, 1, 20)), approved("3", day=DAY))
    with database.read_only() as session:
        found = statements.ageing(session, DAY + timedelta(days=9))
        assert [(row.account, row.since, row.age_days, row.cents) for row in found] == [
            (Account.PAYABLE, DAY, 9, -12_345)
        ]
        assert statements.ageing(session, date(2026, 2, 1)) == []


def test_the_beancount_export_is_accepted_by_its_checker_and_holds_every_entry(database, tmp_path):
    rng = random.Random(7)
    with database.read_only() as session:
        bodies = parties(session)
    post(database, *[random_posting(rng, str(number), bodies) for number in range(60)])
    database.write(
        lambda session: ledger.reverse(session, 3, source_kind="correction", source_id="3", effective_on=DAY, at=NOW)
    )
    with database.read_only() as session:
        text = "\n".join(export.beancount(session)) + "\n"
        rows = list(export.csv_lines(session))
    assert text.count(' * "') == 61
    assert len(rows) == 1 + sum(1 for line in text.splitlines() if line.endswith(" EUR") and line.startswith("  "))
    assert bean_check(tmp_path, text) == (0, "")
    code, said = bean_check(tmp_path, text.replace(".", "1.", 1))
    assert code == 1
    assert "balance" in said.lower()


def test_an_export_as_of_a_day_leaves_later_entries_out(database, tmp_path):
    post(database, approved("1", day=DAY), approved("2", day=DAY + timedelta(days=1)))
    with database.read_only() as session:
        text = "\n".join(export.beancount(session, DAY)) + "\n"
        assert len(list(export.csv_lines(session, DAY))) == 3
        assert len(list(export.csv_lines(session, DAY - timedelta(days=1)))) == 1
    assert text.count(' * "') == 1
    assert bean_check(tmp_path, text) == (0, "")


def bean_check(folder: Path, text: str) -> tuple[int, str]:
    file = folder / "books.beancount"
    file.write_text(text, encoding="utf-8")
    checker = Path(sys.executable).parent / "bean-check"
    done = subprocess.run([checker, "--no-cache", file], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
