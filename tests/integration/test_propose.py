"""`placement propose` and `placement worker` as programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from sqlmodel import select

from optimizer.io import read_instance
from optimizer.result_io import read_result
from optimizer.verify import verify
from placement import jobs, migration
from placement.config import load
from placement.db import Database
from placement.decisions import runs
from placement.decisions.problem_builder import Asked
from placement.decisions.runs import Scope
from placement.decisions.tables import Proposal, Run, RunStatus
from placement.jobs import wake
from tests.conftest import NOW, SETTINGS
from tests.placing import TODAY, add_child, add_stay, add_unit, county


@pytest.fixture
def register(sqlite_url):
    database = Database(sqlite_url)
    with database.transaction() as session:
        home = add_unit(session, places=3)
        add_stay(session, add_child(session, waiting=False), home)
        add_child(session)
        add_child(session, needs={"wheelchair": 0})
        add_child(session, birth_date=TODAY.replace(year=2003))
    yield database
    database.close()


def environment(url, **changes):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PLACEMENT_")}
    return kept | {key: str(value) for key, value in SETTINGS.items()} | {"PLACEMENT_DATABASE_URL": url} | changes


def placement(url, *arguments, **changes):
    return subprocess.run(
        [sys.executable, "-m", "placement", *arguments],
        env=environment(url, **changes),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_json_stands_alone_and_everybody_has_a_reason_or_a_conflict(register, sqlite_url, tmp_path):
    done = placement(sqlite_url, "propose", "--json", "--save", str(tmp_path / "new" / "folder"))

    told = json.loads(done.stdout)
    assert (done.returncode, told["status"]) == (0, "optimal")
    assert all(level["value"] == level["bound"] for level in told["levels"])
    assert [bool(row["reasons"]) for row in told["placed"]] == [True]
    assert [bool(row["conflict"]) for row in told["unplaced"]] == [True, True]
    instance = read_instance(str(tmp_path / "new" / "folder" / "instance.json"))
    result = read_result(str(tmp_path / "new" / "folder" / "result.json"))
    assert verify(instance, result).faults == ()
    with register.read_only() as session:
        assert session.exec(select(Run)).one().ref == told["run"]
        assert session.exec(select(Proposal)).one()


def test_the_summary_has_the_words_that_programs_look_for(register, sqlite_url):
    done = placement(sqlite_url, "propose", "--county", "08")
    assert done.returncode == 0
    for word in ("placed", "unplaced", "level placed", "value", "bound"):
        assert word in done.stdout


def test_a_county_where_nobody_waits_is_an_empty_plan(sqlite_url):
    database = Database(sqlite_url)
    with database.transaction() as session:
        add_unit(session)
    database.close()
    told = json.loads(placement(sqlite_url, "propose", "--json").stdout)
    assert (told["placed"], told["unplaced"], told["status"]) == ([], [], "optimal")


@pytest.mark.parametrize(
    ("arguments", "changes", "way_out"),
    [
        (("--county", "77"), {}, "give a code such as 08"),
        (("--county", "08", "--save", "/proc/nowhere"), {}, "cannot write to"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_with_the_way_out(register, sqlite_url, arguments, changes, way_out):
    done = placement(sqlite_url, "propose", *arguments, **changes)
    assert done.returncode == 1
    assert way_out in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_second_calculation_of_a_county_is_refused_with_the_first_ones_reference(register, sqlite_url):
    with register.transaction() as session:
        ref = runs.start(session, None, Scope((county(session).id,)), Asked(TODAY), NOW).ref
    done = placement(sqlite_url, "propose", "--county", "08")
    assert done.returncode == 1
    assert ref in done.stderr


def test_the_web_process_never_loads_the_solver():
    code = (
        "import sys; from placement.app import create_app; create_app({'PLACEMENT_ENV': 'test'});"
        "import placement.decisions.ranking, placement.decisions.proposals, placement.jobs;"
        "sys.exit(bool({'ortools', 'highspy', 'numpy'} & {name.split('.')[0] for name in sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.postgres
def test_a_queue_in_the_same_postgresql_carries_messages_and_is_no_part_of_the_migrations(postgres_url):
    heard = []
    jobs.WORKERS[postgres_url] = heard.append
    wake(load({**SETTINGS, "PLACEMENT_DATABASE_URL": postgres_url, "PLACEMENT_INLINE_JOBS": "0"}), 7)
    queue = jobs.queue(postgres_url)

    queue.execute(queue.dequeue())

    database = Database(postgres_url)
    assert heard == [7]
    assert migration.differences(database.writer) == []
    queue.storage.close()
    database.close()


@pytest.mark.slow
def test_the_worker_takes_a_run_it_is_told_of_and_one_whose_message_was_lost(register, sqlite_url):
    settings = load({**SETTINGS, "PLACEMENT_DATABASE_URL": sqlite_url, "PLACEMENT_INLINE_JOBS": "0"})
    with register.transaction() as session:
        lost = runs.start(session, None, Scope((county(session).id,)), Asked(TODAY), NOW).id
    worker = subprocess.Popen(
        [sys.executable, "-m", "placement", "worker"], env=environment(sqlite_url), stderr=subprocess.DEVNULL
    )
    try:
        assert finished(register, lost)
        with register.transaction() as session:
            told = runs.start(session, None, Scope((county(session).id,)), Asked(TODAY), NOW).id
        wake(settings, told)
        assert finished(register, told)
    finally:
        worker.send_signal(signal.SIGINT)
        worker.wait(20)


def finished(database, run_id, within_s=60.0):
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        with database.read_only() as session:
            if session.get(Run, run_id).status is RunStatus.DONE:
                return True
        time.sleep(0.1)
    return False
