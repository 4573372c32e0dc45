"""Many at once and death in the middle: one payment each, no acknowledged entry lost, none half written."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, func, select

from agreements import check_ledger, ledger, paying
from agreements.claim_building import Material
from agreements.ledger_tables import LedgerEntry
from agreements.payment_tables import Payment
from placement.db import Database, DatabaseBusy
from placement.references import new
from tests.bookkeeping import approved
from tests.claiming import HALF, Scene, approved_claim, budget, cost, grant, scene
from tests.conftest import NOW

ROOT = Path(__file__).parents[2]
SEED = int(os.environ.get("PLACEMENT_TEST_SEED", "1"))
ON = date(2026, 10, 1)


def together(url: str, workers: int, work: Callable[[Database, int], Any]) -> list[Any]:
    """Run `work` in threads with engines of their own that start at one moment; return what each gave or raised."""
    gate = threading.Barrier(workers)

    def one(number: int) -> Any:
        database = Database(url)
        try:
            gate.wait()
            return work(database, number)
        except DatabaseBusy as busy:
            return busy
        finally:
            database.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(workers)))


def confirmed(database: Database, who: Scene, number: int) -> int:
    """A payment that is confirmed and waits for its release."""

    def work(session: Session) -> int:
        rent = cost(unit=who.units[0], cents=1_000 + number, voucher=f"R{number}")
        claim = approved_claim(session, who, Material(HALF, costs=(rent,)))
        payment = paying.confirm(session, claim.id or 0, ref=new("PA"), cents=None, by=who.payer, at=NOW, on=ON)
        return payment.id or 0

    return database.write(work)


def released_once(database: Database, url: str, workers: int, rounds: int) -> int:
    """Let many release the same payment at once, round by round; return how many releases were answered."""
    who = database.write(scene)
    database.write(lambda session: grant(session, who, [budget("rent", 900_000_000)]))
    answered = 0
    for number in range(rounds):
        payment_id = confirmed(database, who, number)

        def release(own: Database, _: int, payment_id: int = payment_id) -> str:
            return own.write(lambda session: paying.release(session, payment_id, by=who.payer_2, at=NOW, on=ON)).ref

        answers = [one for one in together(url, workers, release) if isinstance(one, str)]
        answered += len(answers)
        assert len(set(answers)) == 1
        with database.read_only() as session:
            ref = session.get_one(Payment, payment_id).ref
            query = select(func.count()).where(
                LedgerEntry.source_kind == "payment-released", LedgerEntry.source_id == ref
            )
            assert session.exec(query).one() == 1
    return answered


def test_many_who_release_one_payment_at_once_make_one_payment(database, database_url):
    assert released_once(database, database_url, workers=8, rounds=2) >= 2


def test_two_payers_who_confirm_at_once_confirm_no_more_than_is_owed(database, database_url):
    who = database.write(scene)
    database.write(lambda session: grant(session, who, [budget("rent", 900_000_000)]))
    rent = cost(unit=who.units[0], cents=1_000, voucher="R")
    claim = database.write(lambda session: approved_claim(session, who, Material(HALF, costs=(rent,))))

    def confirm(own: Database, number: int) -> Any:
        by = (who.payer, who.payer_2)[number % 2]
        try:
            return own.write(
                lambda session: paying.confirm(session, claim.id, ref=new("PA"), cents=None, by=by, at=NOW, on=ON)
            ).id
        except paying.Refused as refused:
            return refused.code

    answers = together(database_url, 6, confirm)
    with database.read_only() as session:
        [payment] = session.exec(select(Payment)).all()
    assert payment.cents == 1_000
    assert {answer for answer in answers if isinstance(answer, int)} == {payment.id}


def test_many_who_book_at_once_leave_numbers_without_gaps(database, database_url):
    def work(own: Database, number: int) -> list[Any]:
        return [
            own.write(lambda session, key=key: ledger.post(session, approved(key), at=NOW))
            for key in ("same", f"own-{number}", f"more-{number}")
        ]

    answers = [one for one in together(database_url, 6, work) if isinstance(one, list)]
    assert len({booked[0].entry_id for booked in answers}) == 1
    assert sum(booked[0].new for booked in answers) == 1
    with database.transaction() as session:
        assert {result.id: result.breaches for result in check_ledger.run(session) if result.breaches} == {}
        assert session.exec(select(func.count()).select_from(LedgerEntry)).one() == 1 + 2 * len(answers)


def killed(database: Database, url: str, rounds: int, seed: int) -> int:
    """Kill a booking process at random moments; return how many acknowledged entries were all found again."""
    rng = random.Random(seed)
    acknowledged: list[str] = []
    for number in range(rounds):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.posting_worker", url, f"k{number}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        acknowledged.append(process.stdout.readline().strip())  # it is at work now
        time.sleep(rng.uniform(0, 0.2))
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
        process.stdout.close()
        process.wait()
        with database.transaction() as session:
            assert {result.id: result.breaches for result in check_ledger.run(session) if result.breaches} == {}
            found = set(session.exec(select(LedgerEntry.source_id)))
        assert set(acknowledged) <= found, f"seed {seed}, round {number}"
    return len(acknowledged)


@pytest.mark.slow
def test_a_process_killed_while_booking_loses_nothing_it_acknowledged(database, database_url):
    assert killed(database, database_url, 3, SEED) >= 3


@pytest.mark.soak
def test_soak_releases_50_at_once_100_rounds(database, database_url):
    answered = released_once(database, database_url, workers=50, rounds=100)
    print(f"\nreleases: 50 at once x 100 rounds, {answered} answered, 100 payments, {database_url.split(':')[0]}")


@pytest.mark.soak
def test_soak_kills_200(database, database_url):
    kept = killed(database, database_url, 200, SEED)
    print(
        f"\nkills: 200, seed {SEED}, acknowledged entries {kept}, lost 0, half written 0, {database_url.split(':')[0]}"
    )
