"""Closing places: J3 through the pages, its refusals, its twins, and what is read on the way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from placement.audit.tables import AuditEvent
from placement.checks import everything
from placement.children.tables import Child
from placement.decisions import booking, drafts
from placement.decisions.booking import Wanted
from placement.decisions.tables import Hold, Proposal, ProposalStatus, Run, Stay
from placement.units import capacity
from placement.units.tables import Closure
from tests.conftest import NOW
from tests.deciding import decide
from tests.placing import TODAY, actor, add_child, add_school, add_stay, add_unit

CLOSES = TODAY + timedelta(days=40)
LANGUAGES = ["fi", "sv", "en"]


def day(value):
    return f"{value.day}.{value.month}.{value.year}"


def text(answer):
    return answer.get_data(as_text=True).replace("\xa0", " ")


@pytest.fixture
def store(app):
    return app.extensions["placement"].database


@pytest.fixture
def world(store):
    """Koivu closes: two children live in it. Haapa in the same town has room for one, Mänty in Nokia for three."""
    with store.transaction() as session:
        found = {
            "koivu": add_unit(session, "Koivu", places=3),
            "haapa": add_unit(session, "Haapa", places=1),
            "manty": add_unit(session, "Mänty", places=3, town_code="536"),
        }
        for n in range(2):
            child = found[f"child{n}"] = add_child(session, f"Lapsi{n}", waiting=False)
            add_stay(session, child, found["koivu"], start=TODAY - timedelta(days=100), end=TODAY + timedelta(days=500))
        found["waiting"] = add_child(session, "Odottaja")
    return found


def closing(client, world, **changes):
    page = text(client.get(f"/units/{world['koivu'].ref}/closures/new"))
    key = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', page).group(1)
    values = {"idempotency_key": key, "valid_from": day(CLOSES), "how": "all", "reason": "Vuokrasopimus päättyy."}
    answer = client.post(f"/units/{world['koivu'].ref}/closures/new", {**values, **changes})
    return re.search(r"UC-\w{4}-\w{4}", answer.headers["Location"]).group(0)


def stored(store, ref):
    with store.read_only() as session:
        return session.exec(select(Closure).where(Closure.ref == ref)).one()


def press(client, store, ref, act, status=303, **data):
    return client.post(f"/closures/{ref}/{act}", {"version": stored(store, ref).version, **data}, status=status)


def calculated(client, store, ref):
    answer = press(client, store, ref, "calculate", freeze_until=day(TODAY + timedelta(days=14)), siblings_together="y")
    return answer.headers["Location"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_unit_closes_with_a_decision_for_each_child(store, sign_in, world, lang):
    client = sign_in("coordinator", lang)
    ref = closing(client, world)
    page = text(client.get(f"/closures/{ref}"))
    assert "2" in page
    comparison = text(client.get(calculated(client, store, ref)))
    assert comparison.count('id="use-') == 3
    run = re.search(r'id="use-a".*', comparison)
    assert run
    a = re.search(
        r"/runs/compare\?a=(RU-\w{4}-\w{4})", text(client.get(f"/closures/{ref}")).replace("&amp;", "&")
    ).group(1)
    press(client, store, ref, "use", run=a)
    page = text(client.get(f"/closures/{ref}"))
    assert 'id="send-proposals"' in page
    assert 'id="confirm-closure"' not in page
    press(client, store, ref, "confirm", status=409)
    press(client, store, ref, "send")
    with store.read_only() as session:
        proposal = session.exec(select(Proposal).where(Proposal.status == ProposalStatus.SENT)).one()
    for n in range(2):
        with store.transaction() as session:
            asked = drafts.Start(world[f"child{n}"].ref, proposal_ref=proposal.ref)
            decide(session, actor(session, "social-worker"), asked, NOW)
    assert 'id="confirm-closure"' in text(client.get(f"/closures/{ref}"))
    press(client, store, ref, "confirm")
    row = stored(store, ref)
    assert not row.planned
    assert row.confirmed_at is not None
    with store.read_only() as session:
        unit = world["koivu"].id
        assert capacity.counts(session, [unit], CLOSES, NOW)[unit].capacity == 0
        assert capacity.counts(session, [unit], CLOSES, NOW)[unit].stays == 0
        assert capacity.counts(session, [unit], TODAY, NOW)[unit].capacity == 3
        ended = session.exec(select(Stay).where(Stay.unit_id == unit)).all()
        assert {one.end_reason for one in ended} == {"moved"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_three_plans_are_proven_and_compared_on_one_page(store, sign_in, world, lang):
    client = sign_in("coordinator", lang)
    address = calculated(client, store, closing(client, world))
    with store.read_only() as session:
        runs = session.exec(select(Run)).all()
    assert [run.preset for run in runs] == ["fewest-moves", "school-trip", "best-fit"]
    page = text(client.get(address))
    assert page.count({"fi": "Todistetusti paras", "sv": "Bevisat bäst", "en": "Proven best"}[lang]) == 3
    client.get(address + "&only=1")


def test_those_who_wait_take_no_part_in_a_closing(store, sign_in, world):
    client = sign_in("coordinator")
    calculated(client, store, closing(client, world))
    with store.read_only() as session:
        run = session.exec(select(Run)).first()
    assert world["waiting"].ref not in run.rests_on


def test_the_plan_with_the_shortest_school_trip_stays_in_town(store, sign_in, world):
    """One of the two gets the only place in Tampere in that plan; nobody has to travel both ways."""
    client = sign_in("coordinator")
    page = text(client.get(calculated(client, store, closing(client, world))))
    row = re.search(r"School trips in all, km(.*?)</tr>", page, re.S).group(1)
    trips = [int(one) for one in re.findall(r">(\d+)<", row)]
    assert trips[1] == min(trips)


def test_a_child_with_a_school_in_another_town_moves_near_it_and_its_trip_is_counted_from_there(store, sign_in, world):
    with store.transaction() as session:
        add_school(session, session.get_one(Child, world["child0"].id), "536")
    client = sign_in("coordinator")
    page = text(client.get(calculated(client, store, closing(client, world))))
    row = re.search(r"School trips in all, km(.*?)</tr>", page, re.S).group(1)
    assert [int(one) for one in re.findall(r">(\d+)<", row)][1] == 0
    where = words(re.search(rf"{world['child0'].ref}</span>(.*?)</tr>", page, re.S).group(1))
    assert where.split()[-2] == "Mänty"


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_closing_takes_no_place_from_whoever_is_in_and_gives_none_to_anybody_new(store, sign_in, world):
    client = sign_in("coordinator")
    closing(client, world)
    with store.read_only() as session:
        unit = world["koivu"].id
        count = capacity.counts(session, [unit], CLOSES, NOW)[unit]
        assert (count.capacity, count.stays, count.free, count.over) == (2, 2, 0, 0)
        before = capacity.counts(session, [unit], CLOSES - timedelta(days=1), NOW)[unit]
        assert (before.capacity, before.free) == (3, 1)
        wanted = Wanted(world["waiting"].id, unit, TODAY + timedelta(days=7), CLOSES + timedelta(days=1))
        assert "unit-closing" in {one.code for one in booking.broken_rules(session, wanted, NOW)}
        short = Wanted(world["waiting"].id, unit, TODAY + timedelta(days=7), CLOSES)
        assert booking.broken_rules(session, short, NOW) == ()


def test_a_hold_in_a_unit_that_closes_is_given_back_with_a_word_to_who_held_it(store, sign_in, world):
    with store.transaction() as session:
        who = actor(session, "social-worker")
        asked = drafts.Start(world["waiting"].ref, world["koivu"].ref)
        drafts.start_decision(session, who, asked, at=NOW)
    closing(sign_in("coordinator"), world)
    with store.read_only() as session:
        assert session.exec(select(Hold)).one().released_at == NOW
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "places-closing")).one()
        assert '"holds_given_back": 1' in event.after or '"holds_given_back":1' in event.after
    page = text(sign_in("social-worker").get(f"/decisions/new?child={world['waiting'].ref}"))
    assert "closing places" in page


def test_part_of_the_places_closes_with_the_fewest_moves(store, sign_in, world):
    client = sign_in("coordinator")
    ref = closing(client, world, how="some", places="2")
    page = text(client.get(calculated(client, store, ref)))
    moves = re.search(r">\s*Moves\s*</th>(.*?)</tr>", page, re.S).group(1)
    assert re.findall(r">(\d+)<", moves)[0] == "1"


def test_an_emergency_closes_today_and_a_second_person_looks_at_it(store, sign_in, world):
    client = sign_in("coordinator")
    ref = closing(client, world, emergency="1", valid_from="")
    assert stored(store, ref).valid_from == TODAY
    page = text(client.get(f"/closures/{ref}"))
    assert "Children without a plan: 2" in page
    assert "Children without a plan" in text(client.get("/today")) or "children without a plan" in text(
        client.get("/today")
    )
    lead = sign_in("county-lead")
    assert "Emergency closings to look at" in text(lead.get("/today"))
    press(lead, store, ref, "look")
    assert stored(store, ref).second_official_at is not None
    press(lead, store, ref, "look", status=409)


def test_cancelling_gives_the_places_back_and_keeps_the_history(store, sign_in, world):
    client = sign_in("coordinator")
    ref = closing(client, world)
    calculated(client, store, ref)
    press(client, store, ref, "cancel")
    with store.read_only() as session:
        unit = world["koivu"].id
        assert capacity.counts(session, [unit], CLOSES, NOW)[unit].free == 1
        assert {one.status for one in session.exec(select(Proposal))} == {ProposalStatus.WITHDRAWN}
        actions = [one.action for one in session.exec(select(AuditEvent).where(AuditEvent.object_kind == "unit"))]
    assert actions == ["places-closing", "new-places-calculated", "closing-cancelled"]
    press(client, store, ref, "confirm", status=409)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"valid_from": day(TODAY - timedelta(days=1))}, "cannot be in the past"),
        ({"valid_from": ""}, "Write the first day"),
        ({"valid_from": "31.2.2027"}, "for example 1.4.2026"),
        ({"valid_to": day(CLOSES - timedelta(days=1))}, "must not be before"),
        ({"how": "some", "places": ""}, "how many places"),
        ({"how": "some", "places": "4"}, "from 1 to 3"),
        ({"how": "some", "places": "0"}, "how many places"),
        ({"reason": " "}, "Write the reason"),
    ],
)
def test_what_cannot_be_closed_is_said_at_its_field(store, sign_in, world, changes, said):
    client = sign_in("coordinator")
    values = {"valid_from": day(CLOSES), "how": "all", "reason": "Remontti", "idempotency_key": "k"}
    page = text(client.post(f"/units/{world['koivu'].ref}/closures/new", {**values, **changes}, status=422))
    assert said in page
    with store.read_only() as session:
        assert session.exec(select(Closure)).all() == []


def test_the_same_closing_sent_twice_is_begun_once(store, sign_in, world):
    client = sign_in("coordinator")
    values = {"valid_from": day(CLOSES), "how": "all", "reason": "Remontti", "idempotency_key": "same"}
    address = f"/units/{world['koivu'].ref}/closures/new"
    first = client.post(address, values).headers["Location"]
    assert client.post(address, values).headers["Location"] == first
    with store.read_only() as session:
        assert len(session.exec(select(Closure)).all()) == 1


def test_whom_the_days_touch_is_told_before_anything_is_saved(sign_in, world):
    client = sign_in("coordinator")
    address = f"/units/{world['koivu'].ref}/closures/new?valid_from={CLOSES.isoformat()}&how=all"
    assert "2 children are affected" in text(client.get(address, htmx=True))
    assert "2 children are affected" in text(client.get(address))


def test_the_checks_hold_at_every_step_of_a_closing(store, sign_in, world):
    client = sign_in("coordinator")
    ref = closing(client, world)
    assert breaches(store) == []
    calculated(client, store, ref)
    assert breaches(store) == []


def breaches(store):
    with Session(store.writer) as session:
        found = everything.run(session, NOW)
        session.rollback()
    wanted = {f"C{n}" for n in range(1, 19)}
    return [one for result in found if result.id in wanted for one in result.breaches]


def test_a_day_of_moving_lies_between_today_and_the_first_closed_day(store, sign_in, world):
    client = sign_in("coordinator")
    ref = closing(client, world)
    for wrong in (TODAY - timedelta(days=1), CLOSES + timedelta(days=1)):
        press(client, store, ref, "calculate", status=422, freeze_until=day(wrong))
    press(client, store, ref, "calculate", freeze_until=day(CLOSES))


def test_another_county_sees_nothing_of_a_closing(store, sign_in, world):
    ref = closing(sign_in("coordinator"), world)
    sign_in("other-social-worker").get(f"/closures/{ref}", status=404)
