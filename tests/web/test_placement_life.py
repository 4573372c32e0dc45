"""The life of a placement through the pages: who may record what, what is said, and what nobody else sees."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.audit.tables import UseLog
from placement.children.tables import Child, SiblingGroup, SiblingMember, SiblingMode
from placement.decisions import drafts
from placement.decisions.tables import Decision, DecisionStatus, Proposal, ProposalRow, ProposalStatus, Run, Stay
from placement.moves.tables import (
    Absence,
    MovePlan,
    NoPlace,
    PresenceMonth,
    StayNotBegun,
    Transfer,
    TransferStatus,
    UnitAnswer,
)
from placement.people.tables import UserMandate
from placement.references import new
from tests.conftest import NOW
from tests.deciding import decide
from tests.placing import TODAY, actor, add_child, add_stay, add_unit, county, person

LANGUAGES = ["fi", "sv", "en"]
START = TODAY - timedelta(days=50)


def day(value):
    return f"{value.day}.{value.month}.{value.year}"


def text(answer):
    return answer.get_data(as_text=True).replace("\xa0", " ")


@pytest.fixture
def store(app):
    return app.extensions["placement"].database


@pytest.fixture
def world(store):
    """Koivu, run by the demo's unit manager: one child lives there, one is to come today; Haapa is empty."""
    with store.transaction() as session:
        koivu, haapa = add_unit(session, "Koivu", places=4), add_unit(session, "Haapa", places=2)
        mandate = session.exec(
            select(UserMandate).where(UserMandate.user_id == person(session, "unit-manager").id)
        ).one()
        mandate.unit_id = koivu.id
        session.add(mandate)
        worker = person(session, "social-worker").id
        lives = add_child(
            session, "Asuja", waiting=False, worker_id=worker, eligibility_ground="permit_after_application"
        )
        add_stay(session, lives, koivu, start=START, end=TODAY + timedelta(days=200))
        comes = add_child(session, "Tulija", worker_id=worker)
        decide(session, actor(session, "social-worker"), drafts.Start(comes.ref, koivu.ref, start=TODAY), NOW)
        waits = add_child(session, "Odottaja", worker_id=worker)
        hidden = add_child(session, "Piilo", waiting=False, protected=True)
        add_stay(session, hidden, koivu, start=START)
        foreign = add_child(session, "Muualla", county_code="04", waiting=False)
    return {
        "koivu": koivu,
        "haapa": haapa,
        "lives": lives,
        "comes": comes,
        "waits": waits,
        "hidden": hidden,
        "foreign": foreign,
    }


def rows(store, table):
    with store.read_only() as session:
        return session.exec(select(table)).all()


def version_of(page):
    return re.search(r'name="version" value="(\d+)"', page).group(1)


def record(client, ref, start, act, status=303, **data):
    page = text(client.get(f"/children/{ref}/stays/{start.isoformat()}/{act}"))
    return client.post(
        f"/children/{ref}/stays/{start.isoformat()}/{act}", {"version": version_of(page), **data}, status=status
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_manager_records_an_arrival(store, sign_in, world, lang):
    client = sign_in("unit-manager", lang)
    page = text(client.get("/residents"))
    assert f"arrival-{world['comes'].ref}" in page
    assert "Tulija" not in page
    record(client, world["comes"].ref, TODAY, "arrival", arrived_on=day(TODAY))
    assert [one.realised_start for one in rows(store, Stay) if one.child_id == world["comes"].id] == [TODAY]
    assert "Tulija" in text(client.get("/residents"))


def test_an_arrival_told_twice_is_recorded_once(store, sign_in, world):
    client = sign_in("unit-manager")
    old = version_of(text(client.get(f"/children/{world['comes'].ref}/stays/{TODAY.isoformat()}/arrival")))
    address = f"/children/{world['comes'].ref}/stays/{TODAY.isoformat()}/arrival"
    client.post(address, {"version": old, "arrived_on": day(TODAY)})
    page = text(client.post(address, {"version": old, "arrived_on": day(TODAY)}, status=409))
    assert "Someone else saved this" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_child_who_did_not_come_waits_again(store, sign_in, world, lang):
    client = sign_in("social-worker", lang)
    record(client, world["comes"].ref, TODAY, "not-begun", status=422)
    record(client, world["comes"].ref, TODAY, "not-begun", code="did-not-come")
    assert [one.kind for one in rows(store, StayNotBegun)] == ["not-arrived"]
    page = text(client.get(f"/children/{world['comes'].ref}/placement"))
    assert {"fi": "Ei tullut", "sv": "Kom inte", "en": "Did not come"}[lang] in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_running_away_and_coming_back(store, sign_in, world, lang):
    client = sign_in("unit-manager", lang)
    away = {
        "kind": "ran-away",
        "started_on": day(TODAY - timedelta(days=2)),
        "police_told_on": day(TODAY - timedelta(days=2)),
    }
    record(client, world["lives"].ref, START, "absence", **away)
    page = text(client.get("/residents"))
    assert {"fi": "Karannut", "sv": "Rymt", "en": "Ran away"}[lang] in page
    worker = sign_in("social-worker", lang)
    assert 'id="group-ran-away"' in text(worker.get("/today"))
    address = f"/children/{world['lives'].ref}/absences/{(TODAY - timedelta(days=2)).isoformat()}"
    opened = text(client.get(address))
    client.post(address, {"version": version_of(opened), "back_on": day(TODAY - timedelta(days=3))}, status=422)
    client.post(
        address, {"version": version_of(opened), "back_on": day(TODAY), "police_told_on": away["police_told_on"]}
    )
    (row,) = rows(store, Absence)
    assert (row.back_on, row.police_told_on) == (TODAY, TODAY - timedelta(days=2))
    client.post(address, {"version": version_of(opened), "back_on": day(TODAY)}, status=409)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_departure_with_a_new_wait(store, sign_in, world, lang):
    client = sign_in("social-worker", lang)
    record(
        client,
        world["lives"].ref,
        START,
        "departure",
        status=422,
        left_on=day(TODAY + timedelta(days=1)),
        code="family",
    )
    record(client, world["lives"].ref, START, "departure", left_on=day(TODAY), code="own-wish", needs_place="y")
    with store.read_only() as session:
        assert session.get_one(Child, world["lives"].id).waiting_since == TODAY
    assert "CH-" in text(client.get("/waiting"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_move_is_asked_for_and_decided(store, sign_in, world, lang):
    client = sign_in("coordinator", lang)
    ref = world["lives"].ref
    client.get(f"/children/{ref}/move", status=403)
    client.post(f"/children/{ref}/purpose", {"purpose": "Siirron suunnittelu yksikön kanssa."})
    page = text(client.get(f"/children/{ref}/move"))
    assert "Haapa" in page
    assert "Haapa" in text(client.get(f"/children/{ref}/move?move_on=1.2.2027", htmx=True))
    day_ = TODAY + timedelta(days=20)
    good = {"move_on": day(day_), "unit": world["haapa"].ref, "reason": "Ystävät asuvat siellä.", "keep_school": "y"}
    for wrong in (
        {"unit": ""},
        {"reason": ""},
        {"move_on": day(TODAY - timedelta(days=1))},
        {"unit": "UN-0000-0000"},
        {"unit": world["koivu"].ref},
    ):
        client.post(f"/children/{ref}/move", {**good, **wrong}, status=422)
    client.post(f"/children/{ref}/move", good)
    worker = sign_in("social-worker", lang)
    listed = text(worker.get("/moves"))
    assert f"start-{ref}" in listed
    worker.post("/decisions/start", {"child": ref, "unit": world["haapa"].ref, "start": day_.isoformat()})
    with store.read_only() as session:
        draft = session.exec(select(Decision).where(Decision.status == DecisionStatus.DRAFT)).one()
        assert (draft.unit_id, draft.start) == (world["haapa"].id, day_)
    assert len(rows(store, MovePlan)) == 1
    client.post(f"/children/{ref}/move/take-back")
    assert rows(store, MovePlan)[0].withdrawn_at is not None
    client.post(f"/children/{ref}/move/take-back", status=404)


def test_a_deciding_official_goes_straight_to_the_decision(store, sign_in, world):
    client = sign_in("social-worker")
    ref = world["lives"].ref
    move = {"move_on": day(TODAY + timedelta(days=20)), "unit": world["haapa"].ref, "reason": "Ystävät.", "decide": "1"}
    assert client.post(f"/children/{ref}/move", move).headers["Location"].endswith(f"/decisions/new?child={ref}")


def sent_request(store, world):
    with store.transaction() as session:
        run = Run(
            ref=new("RU"), county_id=world["waits"].county_id, requested_at=NOW, as_of=TODAY, input="{}",
            input_hash="0", finished_at=NOW,
        )  # fmt: skip
        session.add(run)
        session.flush()
        proposal = Proposal(
            ref=new("PR"), run_id=run.id, county_id=run.county_id, status=ProposalStatus.SENT, sent_at=NOW
        )
        session.add(proposal)
        session.flush()
        start = TODAY + timedelta(days=7)
        session.add(
            ProposalRow(
                proposal_id=proposal.id, child_id=world["waits"].id, unit_id=world["koivu"].id,
                proposed_unit_id=world["koivu"].id, start=start, end=start + timedelta(days=200), fingerprint="x",
            )
        )  # fmt: skip
        session.flush()
        return proposal.ref


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_unit_says_no_with_a_reason_and_the_register_keeps_it(store, sign_in, world, lang):
    proposal, child = sent_request(store, world), world["waits"].ref
    client = sign_in("unit-manager", lang)
    assert 'id="group-requests"' in text(client.get("/today"))
    page = text(client.get("/requests"))
    assert child in page
    assert "Odottaja" not in page
    address = f"/requests/{proposal}/children/{child}"
    client.post(address, {"refuses": "1"}, status=422)
    client.post(address, {"refuses": "1", f"{child}-reason_code": "mood"}, status=422)
    client.post(address, {"refuses": "1", f"{child}-reason_code": "staff-short", f"{child}-note": "Kaksi virkaa auki."})
    client.post(address, {"refuses": "1", f"{child}-reason_code": "staff-short"})
    client.post(address, {"takes": "1"}, status=409)
    assert [(one.takes, one.reason_code) for one in rows(store, UnitAnswer)] == [(False, "staff-short")]
    register = text(sign_in("coordinator", lang).get("/units/answers?reason=staff-short"))
    assert "Kaksi virkaa auki." in register
    assert "Kaksi virkaa" not in text(sign_in("coordinator", lang).get("/units/answers?reason=repairs"))
    assert "Kaksi virkaa" not in text(sign_in("other-social-worker", lang).get("/units/answers"))
    client.post(f"/requests/PR-0000-0000/children/{child}", {"takes": "1"}, status=404)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_manager_confirms_a_month(store, sign_in, world, lang):
    client = sign_in("unit-manager", lang)
    assert 'id="group-presence"' in text(client.get("/today"))
    page = text(client.get("/presence?month=2026-10"))
    seal = re.search(r'name="seal" value="(\w+)"', page).group(1)
    client.post("/presence", {"month": "2026-10", "seal": "0" * 64}, status=409)
    client.post("/presence", {"month": "2026-10", "seal": seal, "note": "Kaikki paikalla."})
    client.post("/presence", {"month": "2026-11", "seal": seal}, status=422)
    assert [(one.children, one.days) for one in rows(store, PresenceMonth)] == [(2, 2 * 27)]
    assert "confirm-presence" not in text(client.get("/presence?month=2026-10"))
    client.get("/presence?month=nonsense")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_county_is_asked_sees_no_name_and_accepts(store, sign_in, world, lang):
    client = sign_in("social-worker", lang)
    ref = world["lives"].ref
    page = text(client.get(f"/children/{ref}/transfer"))
    assert 'name="handed"' in page
    with store.read_only() as session:
        other_county = str(county(session, "04").id)
        own = str(county(session).id)
    good = {
        "to_county": other_county,
        "from_day": day(TODAY + timedelta(days=30)),
        "reason": "Sisko asuu siellä.",
        "handed": ["needs", "narratives"],
    }
    for wrong in ({"to_county": own}, {"to_county": "999"}, {"from_day": day(TODAY)}, {"reason": ""}):
        client.post(f"/children/{ref}/transfer", {**good, **wrong}, status=422)
    location = client.post(f"/children/{ref}/transfer", good).headers["Location"]
    transfer = re.search(r"TR-\w{4}-\w{4}", location).group(0)
    client.post(f"/children/{ref}/transfer", good, status=409)
    client.post(f"/transfers/{transfer}/accept", {"version": "2"}, status=404)
    other = sign_in("other-social-worker", lang)
    assert 'id="group-transfers"' in text(other.get("/today"))
    seen = text(other.get(f"/transfers/{transfer}"))
    assert ref not in seen
    assert "Asuja" not in seen
    other.post(f"/transfers/{transfer}/refuse", {"version": version_of(seen)}, status=422)
    other.post(f"/transfers/{transfer}/accept", {"version": version_of(seen)})
    (row,) = rows(store, Transfer)
    assert row.status is TransferStatus.ACCEPTED
    assert "narratives" not in row.handed
    with store.read_only() as session:
        received = session.get_one(Child, row.new_child_id)
    assert "Asuja" in text(other.get(f"/children/{received.ref}"))
    other.get(f"/children/{ref}", status=404)
    client.get(f"/children/{received.ref}", status=404)
    assert {"fi": "Hyväksytty", "sv": "Godkänd", "en": "Accepted"}[lang] in text(client.get(f"/transfers/{transfer}"))


def test_a_refused_and_a_withdrawn_transfer(store, sign_in, world):
    client, other = sign_in("social-worker"), sign_in("other-social-worker")
    with store.read_only() as session:
        target = str(county(session, "04").id)
    ask = {"to_county": target, "from_day": day(TODAY + timedelta(days=30)), "reason": "Sisko."}
    for act in ("refuse", "withdraw"):
        location = client.post(f"/children/{world['lives'].ref}/transfer", ask).headers["Location"]
        transfer = re.search(r"TR-\w{4}-\w{4}", location).group(0)
        who = other if act == "refuse" else client
        version = version_of(text(who.get(f"/transfers/{transfer}")))
        who.post(f"/transfers/{transfer}/{act}", {"version": version, "code": "no-places"})
        who.post(f"/transfers/{transfer}/{act}", {"version": version, "code": "no-places"}, status=409)
    assert {one.status for one in rows(store, Transfer)} == {TransferStatus.REFUSED, TransferStatus.WITHDRAWN}
    page = text(client.get("/transfers"))
    assert "Refused" in page
    sign_in("coordinator").get("/transfers/TR-0000-0000", status=404)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_suitable_place_is_a_state_with_its_reasons(store, sign_in, world, lang):
    with store.transaction() as session:
        needs = add_child(session, "Tarvitsija", needs={"wheelchair": 0})
    client = sign_in("coordinator", lang)
    client.post(f"/waiting/{needs.ref}/no-place")
    page = text(client.get("/waiting/no-place"))
    assert needs.ref in page
    assert {
        "fi": "tarvittava palvelu puuttuu",
        "sv": "en tjänst som behövs saknas",
        "en": "a needed service is missing",
    }[lang] in page
    client.post(f"/waiting/{needs.ref}/try")
    assert [one.tries for one in rows(store, NoPlace)] == [2]
    client.post(f"/waiting/{world['waits'].ref}/no-place")
    assert len(rows(store, NoPlace)) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_siblings_who_live_apart_are_shown_with_a_way_to_join_them(store, sign_in, world, lang):
    with store.transaction() as session:
        sister = add_child(session, "Sisko", waiting=False)
        add_stay(session, sister, world["haapa"], start=START)
        group = SiblingGroup(county_id=sister.county_id, mode=SiblingMode.SHOULD)
        session.add(group)
        session.flush()
        for one in (sister, world["lives"]):
            session.add(SiblingMember(child_id=one.id, group_id=group.id))
    client = sign_in("coordinator", lang)
    page = text(client.get("/moves"))
    address = re.search(r'href="(/runs/new\?unlocked=[^"]+)"', page).group(1).replace("&amp;", "&")
    assert text(client.get(address)).count("checked") >= 2


def test_a_protected_child_is_named_nowhere_in_the_life_of_placements(store, sign_in, world):
    ref = world["hidden"].ref
    manager = sign_in("unit-manager")
    for page in ("/residents", "/presence?month=2026-10", "/requests"):
        assert "Piilo" not in text(manager.get(page))
    coordinator = sign_in("coordinator")
    coordinator.get(f"/children/{ref}/placement", status=403)
    coordinator.post(f"/children/{ref}/purpose", {"purpose": "Siirron suunnittelu yksikön kanssa."})
    for page in (f"/children/{ref}/placement", f"/children/{ref}/move"):
        shown = text(coordinator.get(page))
        assert "Piilo" not in shown
    assert "Koivu" not in text(coordinator.get(f"/children/{ref}/placement"))


def test_each_look_is_in_the_log(store, sign_in, world):
    sign_in("social-worker").get(f"/children/{world['lives'].ref}/placement")
    assert [(one.child_id, one.data_used) for one in rows(store, UseLog)] == [(world["lives"].id, "placement-life")]


def test_what_is_no_day_or_no_stay_is_no_page(sign_in, world):
    client = sign_in("social-worker")
    for start in ("x", "2026-13-01", "2020-01-01"):
        client.get(f"/children/{world['lives'].ref}/stays/{start}/arrival", status=404)
    client.get(f"/children/{world['foreign'].ref}/placement", status=404)
    client.get(f"/children/{world['lives'].ref}/absences/2026-01-01", status=404)
