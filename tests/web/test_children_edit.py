from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from placement.audit.tables import AuditEvent
from placement.children.queries import everything_about
from placement.children.tables import BirthDateCorrection, Child
from tests.web.children_world import TODAY, make_child, make_unit, person

SECTIONS = [
    "identity",
    "representative",
    "protection",
    "needs",
    "languages",
    "place",
    "people",
    "wishes",
    "view",
    "worker",
    "birth-date",
]
HIDDEN = re.compile(r'<input type="hidden" name="(version|was-[^"]+)" value="([^"]*)">')


@pytest.fixture
def child(app):
    with app.extensions["placement"].database.transaction() as session:
        return make_child(
            session,
            worker="social-worker",
            representative_name="Rauha",
            own_view="By the sea",
            own_view_on=TODAY,
            own_view_how="talk",
            temporary_number="M123",
            temporary_index="x",
        )


def text(answer):
    return answer.get_data(as_text=True)


def opened(client, child, section):
    """Return the hidden fields of the edit page, as a browser would send them back."""
    return dict(HIDDEN.findall(text(client.get(f"/children/{child.ref}/edit/{section}"))))


def unhidden(fields):
    return {name.removeprefix("was-"): value for name, value in fields.items() if name.startswith("was-")}


def stored(app, child):
    with app.extensions["placement"].database.read_only() as session:
        return session.get(Child, child.id)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_for_change(sign_in, child, lang, section):
    sign_in("social-worker", lang).get(f"/children/{child.ref}/edit/{section}")


@pytest.mark.parametrize("section", [one for one in SECTIONS if one != "birth-date"])
def test_saving_a_section_as_it_stands_changes_nothing(app, sign_in, child, section):
    client = sign_in("social-worker")
    hidden = opened(client, child, section)
    client.post(f"/children/{child.ref}/edit/{section}", {**unhidden(hidden), **hidden})
    assert stored(app, child).version == 1
    with app.extensions["placement"].database.read_only() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.action == "child-changed")).all() == []


def test_a_change_is_saved_with_its_event_in_codes(app, sign_in, child):
    client = sign_in("social-worker")
    hidden = opened(client, child, "view")
    values = {**unhidden(hidden), **hidden, "own_view": "ZZCANARY the lake"}
    client.post(f"/children/{child.ref}/edit/view", values, follow=True)
    assert stored(app, child).own_view == "ZZCANARY the lake"
    with app.extensions["placement"].database.read_only() as session:
        (event,) = session.exec(select(AuditEvent).where(AuditEvent.action == "child-changed")).all()
    assert event.before == '{"own_view":"given"}'
    assert event.after == '{"own_view":"changed"}'
    assert "own view" in text(client.get(f"/children/{child.ref}/history"))


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_two_people_at_once_see_both_versions_and_lose_nothing(app, sign_in, child, lang):
    first, second = sign_in("social-worker", lang), sign_in("social-worker", lang)
    mine, theirs = opened(first, child, "needs"), opened(second, child, "needs")
    second.post(
        f"/children/{child.ref}/edit/needs", {**unhidden(theirs), **theirs, "care_hours": "20", "need_trauma": "y"}
    )
    page = text(
        first.post(f"/children/{child.ref}/edit/needs", {**unhidden(mine), **mine, "care_hours": "40"}, status=409)
    )
    for words in ("14", "20", "40", "Liisa Lehtinen", 'name="care_hours"', 'name="need_trauma"'):
        assert words in page
    assert stored(app, child).care_hours == 20
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    first.post(
        f"/children/{child.ref}/edit/needs", {**again, "care_hours": "40", "need_trauma": "y", "hours_trauma": ""}
    )
    assert (stored(app, child).care_hours, stored(app, child).version) == (40, 3)
    with app.extensions["placement"].database.read_only() as session:
        assert everything_about(session, [child.id])[child.id].needs == {"trauma": 0}


def test_faults_of_a_section_keep_the_typed_text(sign_in, child):
    client = sign_in("social-worker")
    hidden = opened(client, child, "needs")
    page = text(
        client.post(
            f"/children/{child.ref}/edit/needs", {**unhidden(hidden), **hidden, "care_hours": "many"}, status=422
        )
    )
    assert "many" in page
    page = text(
        client.post(
            f"/children/{child.ref}/edit/needs", {**unhidden(hidden), **hidden, "care_hours": "500"}, status=422
        )
    )
    assert "from 0 to 168" in page


def test_a_birth_date_is_corrected_with_its_source_and_kept(app, sign_in, child):
    client = sign_in("social-worker")
    hidden = opened(client, child, "birth-date")
    values = {**hidden, "birth_date": "1.5.2010", "source": "Age assessment 3/2026"}
    client.post(f"/children/{child.ref}/edit/birth-date", {**values, "source": ""}, status=422)
    client.post(f"/children/{child.ref}/edit/birth-date", {**values, "birth_date": "1.5.2014"}, status=422)
    client.post(f"/children/{child.ref}/edit/birth-date", {**values, "birth_date": "1.5.1990"}, status=422)
    shown = text(client.post(f"/children/{child.ref}/edit/birth-date", values, status=200))
    assert "1 May 2028" in shown, "the 18th birthday by the new date is shown before it is saved"
    assert stored(app, child).birth_date == date(2014, 5, 1)
    values["confirmed"] = "1"
    page = text(client.post(f"/children/{child.ref}/edit/birth-date", values, follow=True))
    assert "Age assessment 3/2026" in page
    assert stored(app, child).birth_date == date(2010, 5, 1)
    with app.extensions["placement"].database.read_only() as session:
        (row,) = session.exec(select(BirthDateCorrection)).all()
    assert (row.before, row.after) == (date(2014, 5, 1), date(2010, 5, 1))


def test_the_identity_section_does_not_change_the_birth_date_in_passing(app, sign_in, child):
    client = sign_in("social-worker")
    hidden = opened(client, child, "identity")
    client.post(
        f"/children/{child.ref}/edit/identity", {**unhidden(hidden), **hidden, "birth_date": "1.1.2012"}, status=422
    )
    assert stored(app, child).birth_date == date(2014, 5, 1)


def test_wishes_and_units_ruled_out_are_kept_in_their_order(app, sign_in, child):
    with app.extensions["placement"].database.transaction() as session:
        one, two, three = (make_unit(session) for _ in range(3))
    client = sign_in("social-worker")
    hidden = opened(client, child, "wishes")
    values = {**unhidden(hidden), **hidden, "wishes-0": two.ref, "wishes-1": one.ref, "ruled_out-0": three.ref}
    page = text(client.post(f"/children/{child.ref}/edit/wishes", values, status=422))
    assert "ruled out" in page
    client.post(f"/children/{child.ref}/edit/wishes", {**values, "ruled_out_reason": "A person to avoid lives near"})
    with app.extensions["placement"].database.read_only() as session:
        facts = everything_about(session, [child.id])[child.id]
    assert (facts.wishes, facts.bans) == ((two.id, one.id), {three.id})
    hidden = opened(client, child, "wishes")
    assert hidden["was-wishes-0"] == two.ref
    client.post(
        f"/children/{child.ref}/edit/wishes", {**unhidden(hidden), **hidden, "wishes-0": one.ref, "wishes-1": two.ref}
    )
    with app.extensions["placement"].database.read_only() as session:
        assert everything_about(session, [child.id])[child.id].wishes == (one.id, two.id)


def test_a_child_that_leaves_its_siblings_leaves_the_others_together(app, sign_in, child):
    with app.extensions["placement"].database.transaction() as session:
        sisters = [make_child(session) for _ in range(2)]
    client = sign_in("social-worker")
    hidden = opened(client, child, "people")
    refs = ", ".join(one.ref for one in sisters)
    client.post(
        f"/children/{child.ref}/edit/people",
        {**unhidden(hidden), **hidden, "sibling_refs": refs, "sibling_mode": "should"},
    )
    with app.extensions["placement"].database.read_only() as session:
        found = everything_about(session, [child.id])[child.id].siblings
    assert found.members == tuple(sorted([child.id, *(one.id for one in sisters)]))
    hidden = opened(client, child, "people")
    client.post(f"/children/{child.ref}/edit/people", {**hidden, "sibling_refs": "", "sibling_mode": ""})
    with app.extensions["placement"].database.read_only() as session:
        facts = everything_about(session, [child.id, sisters[0].id])
    assert facts[child.id].siblings is None
    assert facts[sisters[0].id].siblings.members == tuple(sorted(one.id for one in sisters))


def test_persons_apart_are_apart_from_both_sides(app, sign_in, child):
    with app.extensions["placement"].database.transaction() as session:
        other = make_child(session)
    client = sign_in("social-worker")
    hidden = opened(client, child, "people")
    client.post(
        f"/children/{child.ref}/edit/people", {**hidden, "apart_refs": other.ref, "apart_reason": "Old quarrel"}
    )
    with app.extensions["placement"].database.read_only() as session:
        facts = everything_about(session, [child.id, other.id])
    assert (facts[child.id].apart, facts[other.id].apart) == ({other.id}, {child.id})


def test_the_worker_must_be_a_social_worker_of_the_county(app, sign_in, child):
    client = sign_in("social-worker")
    hidden = opened(client, child, "worker")
    with app.extensions["placement"].database.read_only() as session:
        foreign, coordinator = person(session, "other-social-worker").id, person(session, "coordinator").id
    for key in (foreign, coordinator, 99999):
        client.post(f"/children/{child.ref}/edit/worker", {**hidden, "worker": str(key)}, status=422)


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_relation_nothing_is_changed(app, sign_in, method):
    with app.extensions["placement"].database.transaction() as session:
        stranger = make_child(session, last_name="Muuttolintu")
        foreign = make_child(session, county_code="04")
    client = sign_in("social-worker")
    act = getattr(client, method)
    act(f"/children/{stranger.ref}/edit/needs", status=403)
    act(f"/children/{foreign.ref}/edit/needs", status=404)
    act(f"/children/{stranger.ref}/edit/nothing", status=404)


def test_a_protected_identity_is_not_changed_before_it_is_shown(app, sign_in):
    with app.extensions["placement"].database.transaction() as session:
        hidden = make_child(session, protected=True, waiting_since=TODAY - timedelta(days=1), last_name="Suojattu")
    page = text(sign_in("social-worker").get(f"/children/{hidden.ref}/edit/identity", status=403))
    assert "Suojattu" not in page


@pytest.mark.parametrize("account", ["coordinator", "county-lead", "unit-manager"])
def test_only_social_workers_change_a_record(sign_in, child, account):
    sign_in(account).get(f"/children/{child.ref}/edit/needs", status=403)
    sign_in(account).post(f"/children/{child.ref}/edit/needs", status=403)
