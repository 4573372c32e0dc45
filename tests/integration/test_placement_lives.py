"""Random lives of placements break no rule: small in every run, in full under `./test --soak`."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from sqlmodel import Session

from placement.checks import decided, stays
from placement.db import Database
from placement.units import check as units
from tests.conftest import no_waiting_for_the_disk
from tests.placement_lives import differences, live

SEED = int(os.environ.get("PLACEMENT_SEED", "20261124"))
LIVES, STEPS = 200, 12
SOAK_LIVES, SOAK_STEPS, SHARE = int(os.environ.get("PLACEMENT_LIVES", "10000")), 50, 500


def judge(database: Database, story: Any) -> list[str]:
    with Session(database.writer) as session:
        found = [*stays.run(session, story.at), *units.run(session, story.at), *decided.run(session, story.at)]
        wrong = [f"{one.id} {text}" for one in found for text in one.breaches] + differences(session, story)
        session.rollback()
    return wrong


def run(database: Database, lives: range, steps: int, fresh: Any) -> None:
    no_waiting_for_the_disk(database)
    done: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for number in lives:
        fresh()
        story = live(database, SEED, number, steps)
        done += story.done
        refused += story.refused
        assert judge(database, story) == [], f"seed {SEED}, life {number}"
    print(
        f"\nplacement lives, {database.url.split(':')[0]}, seed {SEED}: {lives[0]} to {lives[-1]}, {steps} acts each, "
        f"{sum(done.values())} done, {sum(refused.values())} refused; C1-C18 hold\n  {dict(done)}\n  {dict(refused)}"
    )
    assert len(done) >= 16, done


def emptied(database: Database) -> Any:
    """Return what empties the rows of the life before: each has a clock of its own, by which it is judged."""
    tables = (
        "absence", "stay_not_begun", "move_plan", "no_place", "unit_answer", "presence_month", "transfer",
        "booking_refusal", "stay", "decision_document", "decision", "hold", "closure_plan", "closure", "case_relation",
        "child_service", "sibling_member", "sibling_group", "child_language", "child_need", "child", "agreement_unit",
        "agreement_version", "agreement", "unit_capacity", "unit_language", "unit_service", "unit",
    )  # fmt: skip

    def empty() -> None:
        with database.writer.begin() as connection:
            connection.exec_driver_sql("UPDATE user_mandate SET unit_id = NULL")
            for table in tables:
                connection.exec_driver_sql(f'DELETE FROM "{table}"')

    return empty


@pytest.mark.slow
def test_two_hundred_random_lives_break_no_rule(database):
    run(database, range(LIVES // 2), STEPS, emptied(database))  # each database lives a half


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, SOAK_LIVES, SHARE))
def test_ten_thousand_random_lives_break_no_rule(database, first):
    run(database, range(first, min(first + SHARE, SOAK_LIVES)), SOAK_STEPS, emptied(database))
