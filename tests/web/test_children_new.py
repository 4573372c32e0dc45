from __future__ import annotations

import json
import re

import pytest
from sqlmodel import select

from placement.audit.tables import AuditEvent
from placement.children.queries import everything_about
from placement.children.tables import CaseRelation, Child, ChildDraft, ChildNeed
from placement.reference import demo_identity_code
from tests.web.children_world import TODAY, make_child, make_unit

BIRTH = TODAY.replace(year=TODAY.year - 13)
CODE = demo_identity_code(BIRTH, "male")
STEP_1 = {
    "identity_code": CODE,
    "first_name": "Aava",
    "last_name": "Kanarialintu",
    "ground": "permit_after_application",
    "entered_on": "1/4/2026",
    "permit_on": "2026-03-01",
    "representative_name": "Rauha Esimerkki",
}
STEP_2 = {
    "support_level": "3",
    "care_hours": "1 4",
    "language_hours": "3",
    "interpreter_hours": "0",
    "need_trauma": "y",
    "hours_trauma": "2",
    "need_wheelchair": "y",
    "languages-0-code": "so",
    "languages-0-level": "5",
    "languages-1-code": "fi",
    "languages-1-level": "2",
    "waiting_since": "1.11.2026",
    "priority": "4",
    "place_from": "1.12.2026",
}
STEP_3 = {"own_view": "I want to live near my cousin", "own_view_on": "20.11.2026", "own_view_how": "interpreter"}


def text(answer):
    return answer.get_data(as_text=True)


def begin(client):
    page = text(client.get("/children/new"))
    found = re.search(r'action="/children/new/([^/"]+)/1"', page)
    assert found
    return found.group(1)


def three_steps(client, **changes):
    token = begin(client)
    for number, values in ((1, STEP_1), (2, STEP_2), (3, STEP_3)):
        answer = client.post(f"/children/new/{token}/{number}", {**values, **changes.get(f"step_{number}", {})})
        assert answer.headers["Location"] == f"/children/new/{token}/{number + 1}"
    return token


def children(app):
    with app.extensions["placement"].database.read_only() as session:
        return list(session.exec(select(Child)))


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_four_steps_add_a_child_who_then_waits(app, sign_in, lang):
    client = sign_in("social-worker", lang)
    token = three_steps(client)
    page = text(client.get(f"/children/new/{token}/4"))
    assert "Kanarialintu" in page
    assert client.post(f"/children/new/{token}/save").headers["Location"] == "/waiting"
    (child,) = children(app)
    assert child.birth_date == BIRTH
    assert (child.gender, child.priority, child.support_level, child.care_hours) == ("M", 4, 3, 14)
    with app.extensions["placement"].database.read_only() as session:
        facts = everything_about(session, [child.id])[child.id]
        assert (facts.languages, facts.needs) == ({"so": 5, "fi": 2}, {"trauma": 2, "wheelchair": 0})
        assert session.exec(select(CaseRelation.user_id)).one() == child.worker_id
        assert session.exec(select(ChildDraft)).all() == []
        (event,) = session.exec(select(AuditEvent).where(AuditEvent.action == "child-added")).all()
    assert "Kanarialintu" not in event.after + event.before + event.reason
    assert CODE not in event.after
    assert json.loads(event.after)["identity_code"] == "changed"
    client.get(f"/children/{child.ref}")
    assert "Kanarialintu" in text(client.get("/waiting"))


def test_the_same_button_pressed_twice_adds_one_child(app, sign_in):
    client = sign_in("social-worker")
    token = three_steps(client)
    first = client.post(f"/children/new/{token}/save").headers["Location"]
    assert client.post(f"/children/new/{token}/save").headers["Location"] == first
    assert len(children(app)) == 1


def test_a_draft_holds_nothing_readable_and_belongs_to_its_author(app, sign_in):
    client = sign_in("social-worker")
    token = begin(client)
    client.post(f"/children/new/{token}/1/autosave", STEP_1, status=200, htmx=True)
    with app.extensions["placement"].database.read_only() as session:
        raw = session.connection().exec_driver_sql("select content from child_draft").scalar_one()
    assert b"Kanarialintu" not in bytes(raw)
    assert "Kanarialintu" in text(client.get(f"/children/new/{token}/1"))
    other = sign_in("other-social-worker")
    other.get(f"/children/new/{token}/1", status=404)
    other.post(f"/children/new/{token}/1", STEP_1, status=404)
    other.post(f"/children/new/{token}/save", status=404)


def test_a_step_with_faults_keeps_what_was_typed_and_names_each_fault(app, sign_in):
    client = sign_in("social-worker")
    token = begin(client)
    answer = client.post(
        f"/children/new/{token}/1",
        {"last_name": "Kanarialintu", "entered_on": "31.2.2026", "birth_date": "soon"},
        status=422,
    )
    page = text(answer)
    assert "Kanarialintu" in page
    assert "soon" in page
    assert page.count('class="govuk-error-message"') >= 5
    assert "<title>Error:" in page
    assert "Kanarialintu" in text(client.get(f"/children/new/{token}/1"))
    assert children(app) == []


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_empty_step_is_refused_in_every_language(sign_in, lang, number):
    client = sign_in("social-worker", lang)
    token = begin(client)
    empty = {"care_hours": "", "support_level": ""} if number == 2 else {}
    page = text(client.post(f"/children/new/{token}/{number}", empty, status=422))
    assert "govuk-error-summary" in page


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (
            1,
            {"identity_code": "", "temporary_number": "", "birth_date": "1.1.2014", "gender": "M"},
            "temporary number when there is none",
        ),
        (1, {"identity_code": CODE[:-1] + ("A" if CODE[-1] != "A" else "B")}, "check sign"),
        (1, {"birth_date": "1.1.2014"}, "not the one in the identity code"),
        (
            1,
            {"identity_code": "", "temporary_number": "M1", "birth_date": "1.1.2001", "gender": "F"},
            "right to support has ended",
        ),
        (1, {"identity_code": "", "temporary_number": "M1", "birth_date": "1.1.2027", "gender": "F"}, "in the future"),
        (1, {"ground": "temporary_protection"}, "municipality of residence"),
        (1, {"representative_name": ""}, "child under 18 has none"),
        (1, {"protected": "y", "protected_until": "1.1.2026"}, "last day has passed"),
        (1, {"municipality": "049"}, "Not a valid choice"),
        (2, {"languages-0-code": "", "languages-1-code": ""}, "at least one language"),
        (2, {"languages-1-code": "so"}, "chosen twice"),
        (2, {"care_hours": "200"}, "from 0 to 168"),
        (2, {"place_until": "1.12.2026"}, "after the first day"),
        (2, {"waiting_since": "1.1.2027"}, "in the future"),
        (3, {"own_view": "", "own_view_on": ""}, "why it was not asked"),
        (3, {"own_view_how": ""}, "how the child was asked"),
        (3, {"sibling_refs": "CH-0000-0000"}, "must or should"),
        (3, {"apart_refs": "CH-0000-0000"}, "kept apart"),
    ],
)
def test_each_rule_of_the_record_is_told_at_its_step(sign_in, number, change, words):
    client = sign_in("social-worker")
    token = begin(client)
    values = {1: STEP_1, 2: STEP_2, 3: STEP_3}[number]
    assert words in text(client.post(f"/children/new/{token}/{number}", {**values, **change}, status=422))


def test_a_child_who_is_here_already_is_told_by_reference_only(app, sign_in):
    with app.extensions["placement"].database.transaction() as session:
        here = make_child(session, last_name="Salainen", identity_code=CODE, birth_date=BIRTH)
    client = sign_in("social-worker")
    token = begin(client)
    page = text(client.post(f"/children/new/{token}/1", STEP_1, status=422))
    assert f"This child may already be here: {here.ref}" in page
    assert "Salainen" not in page
    hint = text(client.post("/children/new/check-code", {"identity_code": CODE}, status=200, htmx=True))
    assert here.ref in hint
    assert "Salainen" not in hint


def test_a_child_of_another_county_is_not_given_away_by_the_duplicate_check(app, sign_in):
    with app.extensions["placement"].database.transaction() as session:
        make_child(session, county_code="04", identity_code=CODE, birth_date=BIRTH)
    client = sign_in("social-worker")
    client.post(f"/children/new/{begin(client)}/1", STEP_1)


@pytest.mark.parametrize("code", ["", "131052-308T", "nonsense", CODE])
def test_the_hint_about_an_identity_code_is_always_a_sentence(sign_in, code):
    sign_in("social-worker").post("/children/new/check-code", {"identity_code": code}, status=200, htmx=True)


def test_siblings_and_persons_apart_are_of_the_same_county_only(app, sign_in):
    with app.extensions["placement"].database.transaction() as session:
        sister = make_child(session)
        foreign = make_child(session, county_code="04")
        unit = make_unit(session)
    client = sign_in("social-worker")
    token = three_steps(client, step_3={"sibling_refs": foreign.ref, "sibling_mode": "must"})
    page = text(client.post(f"/children/new/{token}/save", status=422))
    assert f"No child of your county has the reference {foreign.ref}" in page
    assert [child.id for child in children(app)] == [sister.id, foreign.id]
    client.post(
        f"/children/new/{token}/3",
        {**STEP_3, "sibling_refs": f" {sister.ref.lower()} ", "sibling_mode": "must", "wishes-0": unit.ref},
    )
    client.post(f"/children/new/{token}/save")
    new = children(app)[-1]
    with app.extensions["placement"].database.read_only() as session:
        facts = everything_about(session, [new.id])[new.id]
    assert facts.siblings.members == (sister.id, new.id)
    assert facts.wishes == (unit.id,)


def test_a_foreign_unit_cannot_be_wished_by_changing_the_form(app, sign_in):
    with app.extensions["placement"].database.transaction() as session:
        foreign = make_unit(session, county_code="04")
    client = sign_in("social-worker")
    token = begin(client)
    client.post(f"/children/new/{token}/3", {**STEP_3, "wishes-0": foreign.ref}, status=422)


def test_columns_that_no_form_has_change_nothing(app, sign_in):
    client = sign_in("social-worker")
    extra = {"county_id": "1", "version": "77", "id": "5", "ref": "CH-0000-0000", "worker_id": "1", "status": "placed"}
    token = three_steps(client, step_1=extra, step_2=extra, step_3=extra)
    client.post(f"/children/new/{token}/save", extra)
    (child,) = children(app)
    assert (child.version, child.ref == "CH-0000-0000", child.id) == (1, False, 1)
    with app.extensions["placement"].database.read_only() as session:
        assert {need.code for need in session.exec(select(ChildNeed))} == {"trauma", "wheelchair"}


def test_a_draft_is_found_on_today_and_can_be_thrown_away(app, sign_in):
    client = sign_in("social-worker")
    token = begin(client)
    client.post(f"/children/new/{token}/1", {**STEP_1, "later": "1"}, follow=True)
    assert token in text(client.get("/today"))
    client.post(f"/children/new/{token}/discard")
    client.get(f"/children/new/{token}/1", status=404)
    client.post(f"/children/new/{token}/discard")


@pytest.mark.parametrize("account", ["coordinator", "county-lead", "unit-manager", "reviewer"])
def test_only_social_workers_add_children(sign_in, account):
    sign_in(account).get("/children/new", status=403)


def test_a_waiting_day_left_empty_leads_to_the_record_instead_of_the_queue(app, sign_in):
    client = sign_in("social-worker")
    token = three_steps(client, step_2={"waiting_since": ""})
    where = client.post(f"/children/new/{token}/save").headers["Location"]
    (child,) = children(app)
    assert where == f"/children/{child.ref}"
    assert child.waiting_since is None
