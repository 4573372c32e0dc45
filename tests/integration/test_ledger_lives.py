"""Random lives of claims: every money rule holds after each, and a plain recount gives the same balances."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlmodel import Session

from agreements import check_payments, export, statements
from agreements.ledger_rules import Account
from placement.db import Database
from placement.reimbursed.evidence import content_of
from tests.claiming import scene
from tests.conftest import no_waiting_for_the_disk
from tests.integration.test_ledger import bean_check
from tests.lives import BEGIN, Life, live

SEED = int(os.environ.get("PLACEMENT_TEST_SEED", "1"))
STEPS, LIVES, BOOKS = 50, int(os.environ.get("PLACEMENT_LIVES", "10000")), 40


def recount(lives: list[Life], as_of: date) -> dict[str, int]:
    """Add the raw events up: what each account must be as of a day, all claims together, in cents."""
    sums: Counter[str] = Counter()
    for life in lives:
        for what, _, _, cents, day in life.events:
            if day <= as_of:
                sums[what] += cents
    granted = sums["granted"] - sums["approved"]
    return {
        "payable": -(sums["approved"] - sums["paid"] + sums["ordered"]),
        "reimbursement": sums["approved"],
        "recoverable": sums["ordered"] - sums["settled"] - sums["set-off"],
        "bank": -sums["bank-out"] + sums["settled"] + sums["interest"],
        "interest": -sums["interest"],
        "granted": -granted,
        "committed": granted,
    }


def booked(
    session: Session, as_of: date, besides: tuple[Account, ...] = (Account.CLAIMED, Account.UNDER_REVIEW)
) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row in statements.balances(session, as_of):
        if row.account not in besides:
            sums[row.account.value] += row.net_cents
    return dict(sums)


def equal(left: dict[str, int], right: dict[str, int]) -> bool:
    return all(left.get(key, 0) == right.get(key, 0) for key in left.keys() | right.keys())


def check(database: Database, lives: list[Life]) -> dict[str, int]:
    """Check every rule and the recount of every day that something happened; return how many cases each rule had."""
    stays = [stay for life in lives for stay in life.stays]
    with database.transaction() as session:
        results = check_payments.run_all(session, care=stays, content_of=lambda key: content_of(session, key))
    broken = {result.id: result.breaches[:3] for result in results if result.breaches}
    assert broken == {}, f"seed {SEED}, lives to {lives[-1].number}"
    last = max(life.day for life in lives)
    with database.read_only() as session:
        for offset in range(0, (last - BEGIN).days + 100, 37):
            day = BEGIN + timedelta(days=offset)
            expected, found = recount(lives, day), booked(session, day)
            assert equal(expected, found), f"seed {SEED}, as of {day}: {expected} is not {found}"
    return {result.id: result.checked for result in results}


def run(database: Database, lives: range, every: int) -> tuple[list[Life], dict[str, int]]:
    no_waiting_for_the_disk(database)
    who = database.write(scene)
    lived: list[Life] = []
    checked: dict[str, int] = {}
    for number in lives:
        lived.append(live(database, who, SEED, number, STEPS))
        if len(lived) % every == 0 or number == lives[-1]:
            checked = check(database, lived)
    return lived, checked


def test_a_few_random_lives_keep_every_rule_and_the_export_is_accepted(database, tmp_path):
    lived, checked = run(database, range(1, 7), 2)
    done = sum((life.done for life in lived), Counter())
    assert set(done) >= {"start", "send", "say", "decide", "correct", "confirm", "release"}
    assert checked["L12"] > 0
    assert checked["L19"] > 0
    with database.read_only() as session:
        text = "\n".join(export.beancount(session)) + "\n"
    assert bean_check(tmp_path, text) == (0, "")


@pytest.mark.slow
def test_a_hundred_random_lives_on_each_database_keep_every_rule(database):
    _, checked = run(database, range(1, 101), 50)
    assert {rule for rule, count in checked.items() if count == 0} == set()


# A month that one life closes stays closed to the lives after it, so each book is given to a few only.
@pytest.mark.soak
@pytest.mark.parametrize("first", range(1, LIVES + 1, BOOKS))
def test_soak_lives_10000(database, tmp_path, first):
    lives = range(first, min(first + BOOKS, LIVES + 1))
    lived, checked = run(database, lives, BOOKS // 2)
    done = sum((life.done for life in lived), Counter())
    refused = sum((life.refused for life in lived), Counter())
    kind = "sqlite" if database.is_sqlite else "postgresql"
    print(f"\nlives: {lives[0]} to {lives[-1]} of {STEPS} operations, seed {SEED}, {kind}")
    print(f"done: {dict(done)}; refused: {dict(refused)}; checked: {checked}; breaches: 0")
    with database.read_only() as session:
        text = "\n".join(export.beancount(session)) + "\n"
    assert bean_check(tmp_path, text) == (0, "")
    print("bean-check: accepted")
