"""The life of a run: frozen input, one at a time, claimed once, taken up again when lost, never a wrong plan."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from optimizer.io import digest, instance_from_json
from optimizer.result_io import result_from_json
from optimizer.verify import verify
from placement.children.tables import Child, ChildLanguage
from placement.clock import frozen
from placement.db import Database
from placement.decisions import runs, solving, staleness
from placement.decisions.problem_builder import Asked
from placement.decisions.runs import Scope
from placement.decisions.tables import Proposal, ProposalRow, ProposalStatus, Run, RunStatus
from placement.refusals import Conflict, Refusal
from placement.units.tables import Unit, UnitCapacity
from tests.conftest import NOW
from tests.placing import TODAY, actor, add_child, add_stay, add_unit, county, town

CLOCK = frozen(NOW)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def filled(database):
    """A county with two units, one resident and three children who wait; one of them fits nowhere."""
    with database.transaction() as session:
        home = add_unit(session, "A", places=2)
        add_unit(session, "B", places=1)
        add_stay(session, add_child(session, waiting=False), home)
        add_child(session)
        add_child(session)
        add_child(session, needs={"wheelchair": 0})
    return database


def started(database, **changes):
    with database.transaction() as session:
        run = runs.start(session, None, Scope((county(session).id,)), Asked(TODAY), NOW, **changes)
        return run.id


def stored(database, run_id) -> Run:
    with database.read_only() as session:
        return session.get(Run, run_id)


def rows(database):
    with database.read_only() as session:
        return session.exec(select(ProposalRow)).all()


def test_a_run_keeps_its_input_hash_weights_seed_and_versions(filled):
    run_id = started(filled, seed=7)
    solving.execute(filled, CLOCK, run_id)

    run = stored(filled, run_id)

    instance = instance_from_json(json.loads(run.input))
    assert run.input_hash == digest(instance) == json.loads(run.result)["instance"]
    assert (run.seed, json.loads(run.weights)["fit"]["peers"]) == (7, 0)
    assert json.loads(run.versions).keys() >= {"ortools", "optimizer"}


def test_a_finished_run_has_a_checked_result_and_a_row_for_every_free_child(filled):
    run_id = started(filled)
    solving.execute(filled, CLOCK, run_id)

    run = stored(filled, run_id)

    assert run.status is RunStatus.DONE
    assert verify(instance_from_json(json.loads(run.input)), result_from_json(json.loads(run.result))).faults == ()
    found = rows(filled)
    assert len(found) == 3
    placed = [row for row in found if row.unit_id]
    assert len(placed) == 2
    for row in found:
        told = json.loads(row.explanation)
        assert told["reasons"] if row.unit_id else told["conflict"] and told["repairs"]


def test_a_second_run_of_the_county_is_refused_while_one_is_under_way(filled):
    started(filled)
    with pytest.raises(Conflict) as refused:
        started(filled)
    assert refused.value.code == "run-under-way"


def test_a_joined_run_keeps_each_of_its_counties_busy(filled):
    with filled.transaction() as session:
        both = (county(session, "04").id, county(session, "08").id)
        runs.start(session, None, Scope(both), Asked(TODAY, joined=True), NOW)
    with pytest.raises(Conflict):
        started(filled)


def test_a_county_where_nobody_waits_starts_no_run(database):
    with pytest.raises(Refusal) as refused:
        started(database)
    assert refused.value.code == "nobody-waits"


def test_a_queued_run_is_claimed_once(filled):
    run_id = started(filled)
    with filled.transaction() as session:
        assert runs.claim(session, run_id, NOW) == 1
    with filled.transaction() as session:
        assert runs.claim(session, run_id, NOW) is None


def test_stopping_a_run_in_the_queue_ends_it_without_a_proposal(filled):
    run_id = started(filled)
    ref = stored(filled, run_id).ref
    with filled.transaction() as session:
        runs.ask_to_stop(session, actor(session, "coordinator"), ref, NOW)

    assert solving.execute(filled, CLOCK, run_id) is None
    assert stored(filled, run_id).status is RunStatus.STOPPED
    assert rows(filled) == []


def test_a_running_run_hears_that_it_should_stop(filled):
    run_id = started(filled)
    with filled.transaction() as session:
        attempt = runs.claim(session, run_id, NOW)
        assert runs.beat(session, run_id, attempt, NOW, {"placed": 1}) is False
        runs.ask_to_stop(session, actor(session, "coordinator"), session.get(Run, run_id).ref, NOW)
        assert runs.beat(session, run_id, attempt, NOW, {"placed": 1}) is True


def test_a_lost_run_is_taken_up_again_once_from_its_stored_input(filled):
    run_id = started(filled)
    with filled.transaction() as session:
        runs.claim(session, run_id, NOW)

    assert solving.recover(filled, frozen(NOW + timedelta(seconds=5))) == []
    assert solving.recover(filled, frozen(LATER)) == [run_id]
    done = solving.execute(filled, frozen(LATER), run_id)

    assert done is not None
    assert stored(filled, run_id).status is RunStatus.DONE
    assert stored(filled, run_id).attempt == 2


def test_a_run_lost_twice_is_stopped_with_its_best_plan_as_a_draft(filled):
    run_id = started(filled)
    for minute in (0, 1):
        at = NOW + timedelta(minutes=minute)
        solving.recover(filled, frozen(at))
        with filled.transaction() as session:
            assert runs.claim(session, run_id, at) == minute + 1

    assert solving.recover(filled, frozen(NOW + timedelta(minutes=2))) == []

    run = stored(filled, run_id)
    assert run.status is RunStatus.STOPPED
    with filled.read_only() as session:
        assert [one.status for one in session.exec(select(Proposal))] == [ProposalStatus.DRAFT]
    assert started(filled) != run_id


def test_a_result_that_comes_after_the_run_was_taken_up_again_is_thrown_away(filled):
    run_id = started(filled)
    with filled.transaction() as session:
        first = runs.claim(session, run_id, NOW)
    solving.recover(filled, frozen(LATER))
    with filled.transaction() as session:
        runs.claim(session, run_id, LATER)
    with filled.transaction() as session:
        assert runs.owned(session, run_id, first) is None
        assert runs.beat(session, run_id, first, LATER, {}) is True


def test_an_input_that_cannot_be_read_ends_as_failed_and_nothing_is_proposed(filled):
    run_id = started(filled)
    with filled.transaction() as session:
        run = session.get(Run, run_id)
        broken = json.loads(run.input)
        broken["units"][0]["care_hours"] = -1
        run.input = json.dumps(broken)
        session.add(run)

    assert solving.execute(filled, CLOCK, run_id) is None

    run = stored(filled, run_id)
    assert (run.status, run.fault) == (RunStatus.FAILED, "input-refused")
    assert rows(filled) == []


def test_the_same_data_give_the_same_proposal(filled):
    plans = []
    for _ in range(2):
        solving.execute(filled, CLOCK, started(filled))
        with filled.read_only() as session:
            latest = session.exec(select(Proposal).where(Proposal.status == ProposalStatus.DRAFT)).one()
            found = session.exec(select(ProposalRow).where(ProposalRow.proposal_id == latest.id))
            plans.append({row.child_id: (row.unit_id, row.start, row.end) for row in found})
    assert plans[0] == plans[1]


def test_each_county_of_a_joined_run_gets_its_own_children_only(filled):
    with filled.transaction() as session:
        both = (county(session, "04").id, county(session, "08").id)
        neighbour = add_child(session, county_code="04").id
        run_id = runs.start(session, None, Scope(both), Asked(TODAY, joined=True), NOW).id
    solving.execute(filled, CLOCK, run_id)

    with filled.read_only() as session:
        proposals = {one.county_id: one.id for one in session.exec(select(Proposal))}
        theirs = session.exec(select(ProposalRow).where(ProposalRow.proposal_id == proposals[both[0]])).all()
    assert [row.child_id for row in theirs] == [neighbour]


def test_a_distance_to_a_secret_address_is_not_told_to_another_county(filled):
    with filled.transaction() as session:
        both = (county(session, "04").id, county(session, "08").id)
        secret = add_unit(session, "C", secret_address=True)
        add_child(session, county_code="04", relatives_municipality_id=town(session, "837").id)
        run_id = runs.start(session, None, Scope(both), Asked(TODAY, joined=True), NOW).id
        ref, own = secret.ref, both[0]
    solving.execute(filled, CLOCK, run_id)

    with filled.read_only() as session:
        proposal = session.exec(select(Proposal).where(Proposal.county_id == own)).one()
        row = session.exec(select(ProposalRow).where(ProposalRow.proposal_id == proposal.id)).one()
    told = json.loads(row.explanation)
    shown = {one["unit"]: one["km"] for one in told["units"]}
    assert shown.pop(ref) is None
    assert None not in shown.values()


def test_a_full_unit_is_told_to_the_day_and_one_without_an_agreement_as_not_in_use(filled):
    leaves = TODAY + timedelta(days=171)  # a Friday: the plan has room from the Monday after it
    with filled.transaction() as session:
        full, waits = add_unit(session, "D", places=1), add_unit(session, "E", places=3, agreed=False)
        add_stay(session, add_child(session, waiting=False), full, end=leaves)
        names = full.ref, waits.ref
    solving.execute(filled, CLOCK, started(filled))

    for row in rows(filled):
        told = json.loads(row.explanation)
        why = {one["unit"]: one["why"] for one in told["units"]}
        assert names[1] not in told["alternatives"]
        assert why[names[1]][0] == {"code": "NOT_IN_USE", "cause": "no-agreement"}
        if row.unit_id:
            assert [fact["until"] for fact in why[names[0]]] == [leaves.isoformat()]


def test_a_row_says_which_part_it_no_longer_rests_on(filled):
    solving.execute(filled, CLOCK, started(filled))
    with filled.transaction() as session:
        first = next(row for row in session.exec(select(ProposalRow)) if row.unit_id)
        assert staleness.what_changed(session, first, NOW) == []
        session.add(ChildLanguage(child_id=first.child_id, code="fr", level=2))
        session.flush()
        assert staleness.what_changed(session, first, NOW) == ["child-languages"]


def test_the_plan_coming_true_for_a_sibling_row_is_no_change_but_a_stranger_is(filled):
    with filled.transaction() as session:
        add_unit(session, "C", places=4, languages={"so": 40, "fi": 0}, interpreter_hours=20)
        for unit in ("A", "B"):
            key = session.exec(select(Unit.id).where(Unit.name == unit)).one()
            session.exec(select(UnitCapacity).where(UnitCapacity.unit_id == key)).one().places = 0
    solving.execute(filled, CLOCK, started(filled))
    with filled.transaction() as session:
        first, second = (row for row in session.exec(select(ProposalRow)) if row.unit_id)
        assert first.unit_id == second.unit_id
        _move_in(session, second)
        assert staleness.what_changed(session, first, NOW) == []
        stranger = add_child(session, waiting=False)
        add_stay(session, stranger, session.get(Unit, first.unit_id), start=TODAY)
        assert staleness.what_changed(session, first, NOW) == ["unit-residents"]


def _move_in(session: Session, row: ProposalRow) -> None:
    add_stay(session, session.get(Child, row.child_id), session.get(Unit, row.unit_id), start=row.start, end=row.end)


KILLED = """
import sys
import threading
from datetime import datetime
from placement.children.tables import Child, ChildLanguage
from placement.clock import frozen
from placement.config import load
from placement.crypto import vault
from placement.db import Database
from placement.decisions import solving
values = load({"PLACEMENT_ENV": "test", "PLACEMENT_DATABASE_URL": sys.argv[1]})
vault.open(values.encryption_keys, values.secret_key)
print("ready", flush=True)
solving.execute(Database(sys.argv[1]), frozen(datetime.fromisoformat(sys.argv[3])), int(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("wait_s", [0.0, 0.05, 0.15, 0.3, 0.6])
def test_a_worker_killed_in_mid_solve_loses_no_run(sqlite_url, wait_s):
    database = Database(sqlite_url)
    with database.transaction() as session:
        add_unit(session, "A", places=2)
        for _ in range(4):
            add_child(session)
    run_id = started(database)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, sqlite_url, str(run_id), NOW.isoformat()], stdout=subprocess.PIPE
    )
    process.stdout.readline()
    time.sleep(wait_s)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()

    for waiting in solving.recover(database, frozen(LATER)):
        solving.execute(database, frozen(LATER), waiting)

    assert stored(database, run_id).status is RunStatus.DONE
    with database.read_only() as session:
        assert len(session.exec(select(Proposal)).all()) == 1
    assert started(database) != run_id
    database.close()


@pytest.mark.slow
def test_of_two_people_who_start_at_the_same_moment_one_gets_the_run(filled):
    def press(gate, answers):
        gate.wait()
        try:
            answers.append(filled.write(lambda session: start_now(session)))
        except Conflict as refused:
            answers.append(refused.code)

    def start_now(session):
        return runs.start(session, None, Scope((county(session).id,)), Asked(TODAY), NOW).id

    for _ in range(5):
        gate, answers = threading.Barrier(2), []
        pressing = [threading.Thread(target=press, args=(gate, answers)) for _ in range(2)]
        for one in pressing:
            one.start()
        for one in pressing:
            one.join()
        started_ids = [one for one in answers if isinstance(one, int)]
        assert len(started_ids) == 1
        assert answers.count("run-under-way") == 1
        with filled.transaction() as session:
            session.get(Run, started_ids[0]).status = RunStatus.STOPPED
