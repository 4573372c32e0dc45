"""Calculations in the browser: the estimate, one run at a time, the result with its reasons, in every language."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.audit.tables import UseLog
from placement.children.tables import Child
from placement.decisions import runs
from placement.decisions.problem_builder import Asked
from placement.decisions.runs import Scope
from placement.decisions.tables import Run, RunStatus
from placement.people.tables import Cooperation, CooperationMember
from tests.conftest import NOW
from tests.placing import TODAY, actor, add_child, add_stay, add_unit, county, person

LANGUAGES = ("fi", "sv", "en")


@pytest.fixture
def database(app):
    """A county with two units, one resident, and four who wait; one of them fits nowhere, one is protected."""
    opened = app.extensions["placement"].database
    with opened.transaction() as session:
        home = add_unit(session, "Koivukoti", places=3)
        add_unit(session, "Haapakoti", places=1)
        add_stay(session, add_child(session, "Resident", waiting=False), home)
        add_child(session, "Aava")
        add_child(session, "Birk")
        add_child(session, "Cilla", needs={"wheelchair": 0})
        add_child(session, "Dora", protected=True)
    return opened


def ask(client, **changes):
    return client.post("/runs", {"scope": "own", "preset": "balanced", **changes})


def the_run(database) -> Run:
    with database.read_only() as session:
        return session.exec(select(Run).order_by(Run.id.desc())).first()


def calculated(database, client) -> Run:
    ask(client)
    return the_run(database)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_form_tells_before_the_start_who_cannot_be_placed_by_any_rule(database, sign_in, lang):
    page = sign_in("coordinator", lang).get("/runs/new").text
    assert "CH-" in page.split('id="estimate-nowhere"')[1][:200]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finished_run_shows_places_rules_goals_and_bounds(database, sign_in, lang):
    client = sign_in("coordinator", lang)
    run = calculated(database, client)

    page = client.get(f"/runs/{run.ref}").text

    assert run.status is RunStatus.DONE
    assert "Aava Esimerkki" in page
    assert "Koivukoti" in page
    for level in json.loads(run.explanation)["levels"]:
        assert level["value"] == level["bound"]


def test_the_name_and_unit_of_a_protected_child_stay_closed(database, sign_in):
    client = sign_in("coordinator")
    run = calculated(database, client)
    page = client.get(f"/runs/{run.ref}").text
    assert "Dora" not in page
    assert "Hidden" in page


def test_every_name_on_the_result_has_its_use_log_row(database, sign_in):
    client = sign_in("coordinator")
    run = calculated(database, client)
    with database.read_only() as session:
        before = len(session.exec(select(UseLog)).all())
    page = client.get(f"/runs/{run.ref}").text
    with database.read_only() as session:
        rows = session.exec(select(UseLog)).all()[before:]
    assert {row.data_used for row in rows} == {"run-result"}
    assert len(rows) == sum(name in page for name in ("Aava", "Birk", "Cilla"))


def test_a_poll_of_a_finished_run_carries_no_trigger(database, sign_in):
    client = sign_in("coordinator")
    run = calculated(database, client)
    part = client.get(f"/runs/{run.ref}", htmx=True).text
    assert part.lstrip().startswith("<section")
    assert "hx-trigger" not in part


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("state", ["queued", "running", "running-with-progress", "stopping", "failed", "stopped"])
def test_each_state_of_a_run_is_a_page_and_a_fragment(database, sign_in, lang, state):
    with database.transaction() as session:
        asked_by = actor(session, "coordinator")
        run = runs.start(session, asked_by, Scope((county(session).id,)), Asked(TODAY), NOW)
        if state.startswith(("running", "stopping")):
            attempt = runs.claim(session, run.id, NOW)
        if state == "running-with-progress":
            told = {"free": 4, "placed": 3, "level": "fit", "value": 5, "bound": 9, "seconds": 1.0}
            runs.beat(session, run.id, attempt, NOW, told)
        if state == "stopping":
            runs.ask_to_stop(session, asked_by, run.ref, NOW)
        if state == "failed":
            runs.fail(session, run.id, runs.claim(session, run.id, NOW), "solver-disagrees", NOW)
        if state == "stopped":
            runs.ask_to_stop(session, asked_by, run.ref, NOW)
        ref = run.ref
    client = sign_in("coordinator", lang)

    client.get(f"/runs/{ref}")
    part = client.get(f"/runs/{ref}", htmx=True).text

    assert ("hx-trigger" in part) == state.startswith(("queued", "running", "stopping"))
    client.get("/runs")


def test_a_second_run_is_refused_and_leads_to_the_first(database, sign_in):
    with database.transaction() as session:
        first = runs.start(session, actor(session, "coordinator"), Scope((county(session).id,)), Asked(TODAY), NOW).ref
    client = sign_in("social-worker")
    page = client.post("/runs", {"scope": "own", "preset": "balanced"}, status=409).text
    assert first in page


def test_pressing_twice_starts_one_run(database, sign_in):
    client = sign_in("coordinator")
    one = ask(client, idempotency_key="same").headers["Location"]
    assert ask(client, idempotency_key="same").headers["Location"] == one
    with database.read_only() as session:
        assert len(session.exec(select(Run)).all()) == 1


def test_stop_and_keep_best_answers_with_the_progress(database, sign_in):
    with database.transaction() as session:
        run = runs.start(session, actor(session, "coordinator"), Scope((county(session).id,)), Asked(TODAY), NOW)
        runs.claim(session, run.id, NOW)
        ref = run.ref
    client = sign_in("coordinator")
    assert "Stopping" in client.post(f"/runs/{ref}/stop", status=200, htmx=True).text
    client.post(f"/runs/{ref}/stop")
    assert the_run(database).stop_requested


def test_a_day_in_the_past_and_a_word_that_is_no_day_are_told_at_the_field(database, sign_in):
    client = sign_in("coordinator")
    assert (
        "past"
        in client.post("/runs", {"scope": "own", "preset": "balanced", "freeze_until": "1.1.2020"}, status=422).text
    )
    client.post("/runs", {"scope": "own", "preset": "balanced", "freeze_until": "soon"}, status=422)
    client.post("/runs", {"scope": "other", "preset": "cheapest"}, status=422)
    assert the_run(database) is None


def test_an_unlocked_child_of_another_county_is_the_same_404_as_one_that_is_not_there(database, sign_in):
    with database.transaction() as session:
        foreign = add_child(session, county_code="04", waiting=False).ref
    client = sign_in("coordinator")
    for ref in (foreign, "CH-0000-0000", "nonsense"):
        client.post("/runs", {"scope": "own", "preset": "balanced", "unlocked": ref}, status=404)


def test_a_child_who_may_be_moved_is_free_from_the_freeze_date(database, sign_in):
    with database.read_only() as session:
        resident = session.exec(select(Child).where(Child.waiting_since == None)).one().ref  # noqa: E711
    client = sign_in("coordinator")
    assert resident in client.get("/runs/new").text
    client.get(f"/runs/new?scope=own&preset=balanced&unlocked={resident}", htmx=True)
    ask(client, unlocked=resident, freeze_until=f"{(TODAY + timedelta(days=20)):%d.%m.%Y}")
    row = next(one for one in json.loads(the_run(database).explanation)["rows"] if one["child"] == resident)
    assert row["start"] == (TODAY + timedelta(days=20)).isoformat()


def test_another_county_finds_neither_the_run_nor_its_reasons(database, sign_in):
    run = calculated(database, sign_in("coordinator"))
    child = json.loads(run.explanation)["rows"][0]["child"]
    other = sign_in("other-social-worker")
    other.get(f"/runs/{run.ref}", status=404)
    other.get(f"/runs/{run.ref}/why/{child}", status=404)
    other.post(f"/runs/{run.ref}/stop", status=404)
    assert run.ref not in other.get("/runs").text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_why_tells_reasons_rules_alternatives_and_every_unit(database, sign_in, lang):
    client = sign_in("social-worker", lang)
    run = calculated(database, client)
    for row in json.loads(run.explanation)["rows"]:
        page = client.get(f"/runs/{run.ref}/why/{row['child']}").text
        assert 'id="units"' in page or 'id="protected"' in page
        assert page.count('id="unit-UN-') == (2 if 'id="units"' in page else 0)


def test_why_not_says_what_keeps_the_child_out_of_each_unit(database, sign_in):
    client = sign_in("social-worker")
    run = calculated(database, client)
    nowhere = next(one for one in json.loads(run.explanation)["rows"] if one["conflict"])
    page = client.get(f"/runs/{run.ref}/why/{nowhere['child']}").text
    assert "Does not fit because:" in page
    assert "not enough of: wheelchair access" in page
    assert "wheelchair access (new service)" in page


def test_a_joined_run_shows_other_counties_children_by_pseudonym(database, sign_in):
    with database.transaction() as session:
        joint = Cooperation(name="West", valid_from=TODAY)
        session.add(joint)
        session.flush()
        for code in ("04", "08"):
            session.add(CooperationMember(cooperation_id=joint.id, county_id=county(session, code).id))
        foreign = add_child(session, "Zelda", county_code="04").ref
        assert person(session, "coordinator")
    client = sign_in("coordinator")
    assert "co-operate" in client.get("/runs/new").text
    ask(client, scope="joined")
    run = the_run(database)

    page = client.get(f"/runs/{run.ref}").text

    assert foreign not in page
    assert "Zelda" not in page
    assert ", child 1" in page
    client.get(f"/runs/{run.ref}/why/{foreign}", status=404)
    theirs = sign_in("other-social-worker").get(f"/runs/{run.ref}").text
    assert "Zelda" in theirs
    assert "Aava" not in theirs


@pytest.mark.parametrize("lang", LANGUAGES)
def test_how_proposals_are_made_is_open_to_everybody(stranger, lang):
    stranger.lang = lang
    page = stranger.get(f"/how-proposals-are-made?lang={lang}").text
    assert page.count("<li>") > 12


@pytest.mark.parametrize("lang", LANGUAGES)
def test_today_tells_the_coordinator_of_finished_runs(database, sign_in, lang):
    client = sign_in("coordinator", lang)
    calculated(database, client)
    assert 'id="group-runs-finished"' in client.get("/today").text


def test_an_empty_county_is_told_what_to_do(app, sign_in):
    client = sign_in("coordinator")
    assert 'id="no-runs"' in client.get("/runs").text
    client.get("/runs/new")
    assert "Nobody waits" in client.post("/runs", {"scope": "own", "preset": "balanced"}, status=422).text
