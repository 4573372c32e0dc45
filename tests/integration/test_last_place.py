"""Many long-lived processes press for the last place at once: one gets it each round, the rest get a clean "full".

The processes start once and go through every round together (a barrier). A round is won by whoever is told so,
and the database must agree: one stay, no hold left over, one refusal on record for each loser.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, func, select

from placement import config
from placement.clock import business_day
from placement.crypto import vault
from placement.db import Database
from placement.decisions import booking
from placement.decisions.booking import BookingRefused, Wanted
from placement.decisions.tables import BookingRefusal, Stay
from placement.people import queries as people
from placement.permissions import Actor
from tests.conftest import NOW, SETTINGS
from tests.placing import add_child, add_unit, person

PROCESSES = 50
ROUNDS, SOAK_ROUNDS = 20, 200
PATIENCE_S = 240
WON, FULL = "won", "full"


@dataclass(frozen=True)
class Told:
    """What one process was told in one round, and how long it waited for it."""

    round: int
    answer: str
    seconds: float


def book(database: Database, actor: Actor, wanted: Wanted, at: datetime) -> str:
    """Book the place as a decision does: lock, check every rule, add the stay."""

    def work(session: Session) -> None:
        child, _ = booking.lock(session, wanted)
        broken = booking.refuse_impossible(session, wanted, at)
        assert broken == ()
        booking.add_stay(session, wanted, county_id=child.county_id, decision_id=None)

    try:
        booking.attempt(database, actor, at, work)
    except BookingRefused as refused:
        codes = {one.code for one in refused.broken}
        return FULL if codes == {"unit-full"} else "refused: " + ", ".join(sorted(codes))
    return WON


def press(url: str, number: int, children: list[int], units: list[int], start: date, gate: Any, answers: Any) -> None:
    """Be one of the processes: in each round wait at the gate, then try to book that round's unit."""
    values = config.load({**SETTINGS, "PLACEMENT_DATABASE_URL": url})
    vault.open(values.encryption_keys, values.secret_key)
    database = Database(url)
    with database.read_only() as session:
        user = person(session, "social-worker")
        actor = people.actor_of(session, user, people.mandates_of(session, user.id or 0, business_day(NOW))[0])
    for turn, unit_id in enumerate(units):
        wanted = Wanted(children[number], unit_id, start + timedelta(days=turn), start + timedelta(days=turn + 1))
        gate.wait(PATIENCE_S)
        began = time.perf_counter()
        try:
            answer = book(database, actor, wanted, NOW)
        except Exception as fault:  # whatever it is, the round must show it
            answer = f"error: {type(fault).__name__}"
        answers.put(Told(turn, answer, time.perf_counter() - began))
    database.close()


def prepare(database: Database, rounds: int) -> tuple[list[int], list[int]]:
    """Add the children and, for each round, a unit with one place; return their keys."""

    def work(session: Session) -> tuple[list[int], list[int]]:
        children = [add_child(session, f"Lapsi {number}").id or 0 for number in range(PROCESSES)]
        units = [add_unit(session, f"Viimeinen {turn}", places=1).id or 0 for turn in range(rounds)]
        return children, units

    return database.write(work)


def race(database: Database, rounds: int) -> list[Told]:
    """Let every process go through every round and return what each was told."""
    children, units = prepare(database, rounds)
    made = multiprocessing.get_context("forkserver")  # imports once, and no process inherits a connection
    made.set_forkserver_preload(["tests.integration.test_last_place"])
    gate, answers = made.Barrier(PROCESSES), made.Queue()
    start = business_day(NOW) + timedelta(days=30)
    runners = [
        made.Process(target=press, args=(database.url, number, children, units, start, gate, answers), daemon=True)
        for number in range(PROCESSES)
    ]
    for runner in runners:
        runner.start()
    told = [answers.get(timeout=PATIENCE_S) for _ in range(PROCESSES * rounds)]
    for runner in runners:
        runner.join(PATIENCE_S)
    assert [runner.exitcode for runner in runners] == [0] * PROCESSES
    return told


def judge(database: Database, told: list[Told], rounds: int) -> None:
    counted = Counter(one.answer for one in told)
    slowest = max(one.seconds for one in told)
    print(
        f"\nlast place, {database.url.split(':')[0]}: {PROCESSES} processes x {rounds} rounds: "
        f"{counted[WON]} won, {counted[FULL]} full, {len(told) - counted[WON] - counted[FULL]} other; "
        f"longest wait {slowest:.2f} s"
    )
    assert set(counted) == {WON, FULL}, counted
    winners = Counter(one.round for one in told if one.answer == WON)
    assert winners == dict.fromkeys(range(rounds), 1)
    with database.read_only() as session:
        per_unit = session.exec(select(Stay.unit_id, func.count()).group_by(Stay.unit_id)).all()
        refused = session.exec(select(func.count()).select_from(BookingRefusal)).one()
    assert [count for _, count in per_unit] == [1] * rounds
    assert refused == counted[FULL]


@pytest.mark.slow
def test_the_last_place_goes_to_one_of_fifty_in_every_round(database):
    judge(database, race(database, ROUNDS), ROUNDS)


@pytest.mark.soak
def test_the_last_place_goes_to_one_of_fifty_in_two_hundred_rounds(database):
    judge(database, race(database, SOAK_ROUNDS), SOAK_ROUNDS)
