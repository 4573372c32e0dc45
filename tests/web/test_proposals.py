"""A proposal in the browser: change, lock, send, and refuse what no longer rests on what is true."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from placement.children.tables import Child, ChildLanguage
from placement.decisions.tables import Proposal, ProposalRow, ProposalStatus
from placement.units.tables import GenderPolicy, Unit
from tests.placing import add_child, add_stay, add_unit

LANGUAGES = ("fi", "sv", "en")


@pytest.fixture
def database(app):
    opened = app.extensions["placement"].database
    with opened.transaction() as session:
        add_unit(session, "Koivukoti", places=1)
        add_unit(session, "Haapakoti", places=3, languages={"prs": 20, "fi": 0})
        add_unit(session, "Poikala", places=3, gender=GenderPolicy.BOYS)
        add_child(session, "Aava")
        add_child(session, "Birk")
        add_child(session, "Cilla", needs={"wheelchair": 0})
        add_child(session, "Dora", protected=True)
    return opened


@pytest.fixture
def coordinator(database, sign_in):
    client = sign_in("coordinator")
    client.post("/runs", {"scope": "own", "preset": "balanced"})
    return client


def proposal(database) -> Proposal:
    with database.read_only() as session:
        return session.exec(select(Proposal).order_by(Proposal.id.desc())).first()


def row_of(database, name: str) -> tuple[ProposalRow, str]:
    with database.read_only() as session:
        child = next(one for one in session.exec(select(Child)) if one.first_name == name)
        latest = proposal(database).id
        row = session.exec(
            select(ProposalRow).where(ProposalRow.child_id == child.id, ProposalRow.proposal_id == latest)
        ).one()
        return row, child.ref


def unit(database, name: str) -> Unit:
    with database.read_only() as session:
        return session.exec(select(Unit).where(Unit.name == name)).one()


def change(client, database, name, unit_name, reason="The school is there", status=303, version=None):
    row, ref = row_of(database, name)
    data = {"unit": unit(database, unit_name).ref, "reason": reason, "version": version or row.version}
    return client.post(f"/proposals/{proposal(database).ref}/rows/{ref}/place", data, status=status)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("account", ["coordinator", "social-worker", "county-lead"])
def test_a_proposal_shows_each_child_with_its_place(database, coordinator, sign_in, account, lang):
    page = sign_in(account, lang).get(f"/proposals/{proposal(database).ref}").text
    assert len(re.findall(r'<article class="card" id="row-CH-', page)) == 4
    assert "Aava Esimerkki" in page or account == "county-lead"
    assert "Dora" not in page


def test_changing_a_place_needs_a_reason_when_it_deviates(database, coordinator):
    with database.transaction() as session:
        add_unit(session, "Uusi")
    page = change(coordinator, database, "Aava", "Uusi", reason=" ", status=422).text
    assert 'id="reason-error"' in page
    change(coordinator, database, "Aava", "Uusi")
    assert row_of(database, "Aava")[0].unit_id == unit(database, "Uusi").id
    shown = coordinator.get(f"/proposals/{proposal(database).ref}").text
    assert "Changed by hand" in shown
    assert "The school is there" in shown


def test_a_place_that_nobody_may_give_is_refused_with_the_rule(database, coordinator):
    with database.transaction() as session:
        full = add_unit(session, "Täynnä", places=1)
        add_stay(session, add_child(session, waiting=False), full)
    page = change(coordinator, database, "Aava", "Täynnä", status=422).text
    assert "is full on" in page


def test_the_last_free_place_is_not_given_to_two_rows(database, coordinator):
    first = next(
        name for name in ("Aava", "Birk", "Dora") if row_of(database, name)[0].unit_id == unit(database, "Koivukoti").id
    )
    second = next(name for name in ("Aava", "Birk") if name != first)
    page = change(coordinator, database, second, "Koivukoti", status=422).text
    assert "proposed to other children" in page


def test_a_rule_that_a_second_official_may_allow_is_kept_with_the_row(database, coordinator):
    change(coordinator, database, "Aava", "Poikala")
    shown = coordinator.get(f"/proposals/{proposal(database).ref}").text
    assert "second official must confirm" in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_rule_check_answers_as_a_page_and_as_a_fragment(database, coordinator, sign_in, lang):
    client = sign_in("coordinator", lang)
    _, ref = row_of(database, "Aava")
    url = f"/proposals/{proposal(database).ref}/rows/{ref}"
    client.get(f"{url}/place")
    for name in ("Haapakoti", "Poikala"):
        client.get(f"{url}/check?unit={unit(database, name).ref}")
        part = client.get(f"{url}/check?unit={unit(database, name).ref}", htmx=True).text
        assert part.lstrip().startswith('<div id="check"')
    client.get(f"{url}/check?unit=UN-0000-0000", status=404)


def test_locking_needs_a_reason_and_the_next_calculation_leaves_the_row_as_it_is(database, coordinator):
    row, ref = row_of(database, "Aava")
    url = f"/proposals/{proposal(database).ref}/rows/{ref}"
    page = coordinator.post(f"{url}/lock", {"version": row.version, "reason": ""}, status=422, htmx=True).text
    assert f'id="row-{ref}-problem"' in page
    coordinator.post(f"{url}/lock", {"version": row.version, "reason": ""}, status=422)
    part = coordinator.post(f"{url}/lock", {"version": row.version, "reason": "Promised"}, status=200, htmx=True).text
    assert "Promised" in part
    change(coordinator, database, "Aava", "Haapakoti", status=409)
    before = row_of(database, "Aava")[0]

    coordinator.post("/runs", {"scope": "own", "preset": "language"})

    after = row_of(database, "Aava")[0]
    assert after.id != before.id
    kept = ("unit_id", "start", "end", "locked", "lock_reason", "fingerprint")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    new_url = f"/proposals/{proposal(database).ref}/rows/{ref}/unlock"
    coordinator.post(new_url, {"version": after.version})
    assert row_of(database, "Aava")[0].locked is False


def test_two_people_cannot_change_one_row_over_each_other(database, coordinator):
    row, _ = row_of(database, "Aava")
    change(coordinator, database, "Aava", "Poikala")
    change(coordinator, database, "Aava", "Haapakoti", version=row.version, status=409)


def test_a_sent_proposal_reaches_the_social_worker_and_is_not_changed_any_more(database, coordinator, sign_in):
    found = proposal(database)
    coordinator.post(f"/proposals/{found.ref}/send", {"version": found.version})
    coordinator.post(f"/proposals/{found.ref}/send", {"version": found.version})
    assert proposal(database).status is ProposalStatus.SENT
    change(coordinator, database, "Aava", "Poikala", status=409)
    today = sign_in("social-worker").get("/today").text
    assert 'id="group-proposals"' in today
    assert f"/proposals/{found.ref}" in today
    assert 'id="group-proposals"' in sign_in("coordinator").get("/today").text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_stale_proposal_says_what_changed_and_is_not_sent(database, coordinator, sign_in, lang):
    client = sign_in("coordinator", lang)
    row, ref = row_of(database, "Aava")
    with database.transaction() as session:
        session.add(ChildLanguage(child_id=row.child_id, code="fr", level=2))
    found = proposal(database)

    page = client.get(f"/proposals/{found.ref}").text
    refused = client.post(f"/proposals/{found.ref}/send", {"version": found.version}, status=409).text

    for text in (page, refused):
        assert 'id="stale"' in text
        assert ref in text.split('id="stale"')[1][:1500]
    assert proposal(database).status is ProposalStatus.DRAFT


def test_a_new_calculation_withdraws_the_older_draft(database, coordinator):
    old = proposal(database)
    coordinator.post("/runs", {"scope": "own", "preset": "balanced"})
    with database.read_only() as session:
        assert session.get(Proposal, old.id).status is ProposalStatus.WITHDRAWN
    assert "withdrawn" in coordinator.get(f"/proposals/{old.ref}").text
    coordinator.post(f"/proposals/{old.ref}/send", {"version": old.version + 1}, status=409)


def test_the_social_worker_starts_the_decision_from_a_row(database, coordinator, sign_in):
    worker = sign_in("social-worker")
    _, ref = row_of(database, "Aava")
    page = worker.get(f"/proposals/{proposal(database).ref}").text
    assert f'id="start-{ref}"' in page
    assert f'id="change-{ref}"' not in page
    worker.post("/decisions/start", {"child": ref, "proposal": proposal(database).ref})
    assert "Decision being written" in worker.get(f"/proposals/{proposal(database).ref}").text


def test_another_county_and_other_roles_reach_nothing_of_it(database, coordinator, sign_in):
    found = proposal(database)
    _, ref = row_of(database, "Aava")
    other = sign_in("other-social-worker")
    other.get(f"/proposals/{found.ref}", status=404)
    worker = sign_in("social-worker")
    for path in ("send", f"rows/{ref}/lock", f"rows/{ref}/unlock", f"rows/{ref}/place"):
        worker.post(f"/proposals/{found.ref}/{path}", {"version": 1}, status=403)
    with database.transaction() as session:
        foreign = add_child(session, county_code="04").ref
    coordinator.post(f"/proposals/{found.ref}/rows/{foreign}/lock", {"version": 1, "reason": "x"}, status=404)
    coordinator.get(f"/proposals/{found.ref}/rows/{foreign}/place", status=404)
    sign_in("reviewer").get(f"/proposals/{found.ref}", status=403)
