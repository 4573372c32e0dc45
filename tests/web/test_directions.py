"""Directing a child to a municipality: three answers, seen by the three parties and the child's worker only."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from agreements.tables import AgreementKind, PartyRole, PartySide
from placement.audit.tables import AuditEvent, UseLog
from placement.children.tables import Child
from placement.directing.tables import Direction, DirectionAnswer
from placement.people.tables import UserMandate
from placement.permissions import Role
from tests.agreement_data import Maker
from tests.conftest import NOW
from tests.placing import TODAY, add_child, county, person, town

DAY = timedelta(days=1)


def text(answer):
    return answer.get_data(as_text=True)


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def typed(day):
    return f"{day.day}.{day.month}.{day.year}"


def db(app):
    return app.extensions["placement"].database


@pytest.fixture
def world(app):
    """A child of the social worker, and Tampere's agreement on municipal places in force."""
    with db(app).transaction() as session:
        worker = person(session, "social-worker")
        child = add_child(
            session, "Salainen", age=15, worker_id=worker.id, eligibility_ground="permit_after_application"
        )
        make = Maker(session)
        agreement = make.agreement(AgreementKind.MUNICIPAL_PLACES, county=False, title="Kuntapaikat")
        make.version(agreement, [
            (make.town, PartySide.MUNICIPALITY, PartyRole.SIGNATORY, "municipality-signatory"),
            (make.centre, PartySide.STATE, PartyRole.SIGNATORY, "state-signatory"),
            (make.county, PartySide.COUNTY, PartyRole.HEARD, None),
        ])  # fmt: skip
        return {"child": child.ref, "town": str(town(session).id), "nokia": str(town(session, "536").id),
                "agreement": agreement.ref}  # fmt: skip


def asked(sign_in, world, status=303, lang="en", **changes):
    client = sign_in("social-worker", lang)
    page = text(client.get(f"/children/{world['child']}/directions/new"))
    data = {
        "idempotency_key": re.search(r'name="idempotency_key" value="([^"]+)"', page).group(1),
        "municipality": world["town"],
        "care": "municipal-place",
        "planned_from": typed(TODAY + 28 * DAY),
        "expires_on": typed(TODAY + 21 * DAY),
        **changes,
    }
    answer = client.post(f"/children/{world['child']}/directions", data, status=status)
    if status != 303:
        return client, words(text(answer))
    again = client.post(f"/children/{world['child']}/directions", data)
    assert again.headers["Location"] == answer.headers["Location"], "the same form opened two directions"
    return client, answer.headers["Location"].split("/")[-1]


def say(sign_in, account, ref, status=303, **data):
    data = {"answer": "agree", **data}
    return sign_in(account).post(f"/directions/{ref}/answer", data, status=status)


THREE = ("reviewer", "municipality-worker", "county-lead")


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_three_answers_make_it_agreed_and_no_party_is_told_the_name(app, sign_in, world, lang):
    client, ref = asked(sign_in, world, lang=lang)
    for account in THREE:
        other = sign_in(account, lang)
        other.get("/today")
        listed, page = text(other.get("/directions")), text(other.get(f"/directions/{ref}"))
        assert ref in listed
        assert world["child"] in page
        if account != "county-lead":
            assert "Salainen" not in page + listed
            assert f"/children/{world['child']}" not in page
        say(sign_in, account, ref)
    page = words(text(client.get(f"/directions/{ref}")))
    assert {"fi": "Kaikki ovat sopineet", "sv": "Alla har avtalat", "en": "Agreed by all"}[lang] in page
    assert ref in text(client.get(f"/children/{world['child']}"))
    with db(app).read_only() as session:
        events = session.exec(select(AuditEvent.action).where(AuditEvent.object_ref == ref)).all()
        looks = session.exec(select(UseLog).where(UseLog.relation == "direction")).all()
    assert sorted(events) == ["direction-agreed", "direction-agreed", "direction-agreed", "direction-opened"]
    assert len({one.organisation_id for one in looks}) == 3


def test_a_party_that_declines_says_why_and_ends_it(sign_in, world):
    _client, ref = asked(sign_in, world)
    assert "Choose why you decline" in text(say(sign_in, "municipality-worker", ref, 422, answer="decline"))
    page = text(say(sign_in, "municipality-worker", ref, 422, answer="decline", reason="other"))
    assert "Write the reason in words" in page
    say(sign_in, "municipality-worker", ref, answer="decline", reason="no-place", words="Vapautuu keväällä.")
    page = words(text(sign_in("reviewer").get(f"/directions/{ref}")))
    assert "Declined" in page
    assert "There is no place on that day: Vapautuu keväällä." in page
    assert "no longer open" in text(say(sign_in, "reviewer", ref, 409))
    assert "Directions not agreed" in text(sign_in("social-worker").get("/today"))


@pytest.mark.parametrize(("days", "state"), [(21, "Waits for answers"), (22, "Expired without an answer")])
def test_it_expires_the_day_after_the_last_day(sign_in, make_app, world, days, state):
    from tests.client import JudgingClient

    _client, ref = asked(sign_in, world)
    say(sign_in, "reviewer", ref)
    later = make_app(PLACEMENT_CLOCK=(NOW + days * DAY).isoformat())
    client = JudgingClient(later)
    client.sign_in("municipality-worker")
    assert state in words(text(client.get(f"/directions/{ref}")))
    status = 303 if days == 21 else 409
    client.post(f"/directions/{ref}/answer", {"answer": "agree"}, status=status)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"municipality": ""}, "Choose the municipality"),
        ({"municipality": "999999"}, "Choose the municipality"),
        ({"planned_from": typed(TODAY - DAY)}, "Give a day that has not passed"),
        ({"expires_on": typed(TODAY - DAY)}, "Give a day that has not passed"),
        ({"expires_on": typed(TODAY + 29 * DAY)}, "must be there before the child moves"),
        ({"planned_from": typed(TODAY + 300 * DAY), "expires_on": typed(TODAY + 181 * DAY)}, "within 180 days"),
        ({"planned_from": "tomorrow"}, "day"),
        ({"care": "hotel"}, "Choose what the child is directed to"),
    ],
)
def test_what_cannot_be_opened_is_told_on_its_field(sign_in, world, changes, said):
    _client, page = asked(sign_in, world, 422, **changes)
    assert said in page


def test_a_municipality_without_agreed_places_can_only_be_asked_for_foster_care(app, sign_in, world):
    _client, page = asked(sign_in, world, 422, municipality=world["nokia"])
    assert "has no agreement on places that is in force on that day" in page
    client, ref = asked(sign_in, world, municipality=world["nokia"], care="foster-care")
    assert "No agreement is needed" in text(client.get(f"/directions/{ref}"))
    with db(app).read_only() as session:
        assert session.exec(select(Direction.agreement_id).where(Direction.ref == ref)).one() is None


def test_a_second_direction_to_the_same_municipality_waits_for_the_first(sign_in, world):
    client, ref = asked(sign_in, world)
    _client, page = asked(sign_in, world, 409)
    assert "is open" in page
    client.post(f"/directions/{ref}/withdrawal", {"reason": " "}, status=422)
    client.post(f"/directions/{ref}/withdrawal", {"reason": "Muuttaa muualle."})
    client.post(f"/directions/{ref}/withdrawal", {"reason": "Muuttaa muualle."})
    asked(sign_in, world)


@pytest.mark.parametrize(
    ("account", "status"),
    [
        ("coordinator", 403), ("claims-officer", 403), ("county-signatory", 403), ("auditor", 403),
        ("unit-manager", 403), ("payer", 403), ("other-social-worker", 404), ("other-reviewer", 404),
    ],
)  # fmt: skip
def test_nobody_else_sees_it(sign_in, world, account, status):
    _client, ref = asked(sign_in, world)
    client = sign_in(account)
    client.get(f"/directions/{ref}", status=status)
    client.get("/directions/DI-0000-0000", status=status)


def test_a_worker_of_the_county_without_the_child_does_not_see_it(app, sign_in, world):
    _client, ref = asked(sign_in, world)
    with db(app).transaction() as session:
        child = session.exec(select(Child).where(Child.ref == world["child"])).one()
        child.worker_id = None
        session.add(child)
    sign_in("social-worker").get(f"/directions/{ref}", status=404)


def test_of_a_protected_child_the_parties_see_the_reference_only(app, sign_in, world):
    _client, ref = asked(sign_in, world)
    page = words(text(sign_in("municipality-worker").get(f"/directions/{ref}")))
    assert "15 years" in page
    assert "Somali" in page
    with db(app).transaction() as session:
        child = session.exec(select(Child).where(Child.ref == world["child"])).one()
        child.protected = True
        session.add(child)
    page = words(text(sign_in("municipality-worker").get(f"/directions/{ref}")))
    assert "15 years" not in page
    assert "Somali" not in page
    assert world["child"] in page


def test_who_opened_it_does_not_confirm_it_for_the_county(app, sign_in, world):
    with db(app).transaction() as session:
        lead = person(session, "social-worker")
        session.add(UserMandate(user_id=lead.id, role=Role.COUNTY_LEAD, organisation_id=county(session).id,
                                valid_from=TODAY - DAY))  # fmt: skip
    _client, ref = asked(sign_in, world)
    with db(app).transaction() as session:
        row = session.exec(
            select(UserMandate).where(UserMandate.user_id == person(session, "social-worker").id)
        ).first()
        row.role = Role.COUNTY_LEAD
        session.add(row)
    page = text(say(sign_in, "social-worker", ref, 403))
    assert "Another person confirms it for the county" in page
    say(sign_in, "county-lead", ref)


def test_answering_the_same_again_is_harmless(app, sign_in, world):
    _client, ref = asked(sign_in, world)
    for _ in range(2):
        say(sign_in, "reviewer", ref)
    with db(app).read_only() as session:
        assert len(session.exec(select(DirectionAnswer)).all()) == 1


def test_helsinki_answers_once_for_both_its_sides(app, sign_in):
    with db(app).transaction() as session:
        helsinki = county(session, "90")
        worker = person(session, "other-social-worker")
        for row in session.exec(select(UserMandate)).all():
            if row.user_id in (worker.id, person(session, "county-lead").id):
                row.organisation_id = helsinki.id
                session.add(row)
        child = add_child(session, "Ilo", county_code="90", worker_id=worker.id)
        key = str(helsinki.id)
    client = sign_in("other-social-worker")
    page = text(client.get(f"/children/{child.ref}/directions/new"))
    key_ = re.search(r'name="idempotency_key" value="([^"]+)"', page).group(1)
    data = {"municipality": key, "care": "foster-care", "planned_from": typed(TODAY + 9 * DAY),
            "expires_on": typed(TODAY + 9 * DAY), "idempotency_key": key_}  # fmt: skip
    ref = client.post(f"/children/{child.ref}/directions", data).headers["Location"].split("/")[-1]
    assert "one answer counts for both" in text(sign_in("county-lead").get(f"/directions/{ref}"))
    say(sign_in, "county-lead", ref)
    with db(app).read_only() as session:
        rows = session.exec(select(DirectionAnswer)).all()
        assert {one.side.value for one in rows} == {"county", "municipality"}
        events = session.exec(select(AuditEvent.action).where(AuditEvent.object_ref == ref)).all()
    assert sorted(events) == ["direction-agreed", "direction-opened"]


def test_the_checks_count_every_answer_and_every_look(app, sign_in, world):
    from placement.checks import everything

    _client, ref = asked(sign_in, world)
    sign_in("municipality-worker").get(f"/directions/{ref}")
    say(sign_in, "reviewer", ref)
    with db(app).transaction() as session:
        found = {one.id: one.breaches for one in everything.run(session, NOW)}
        session.rollback()
    assert [one for one in found["X3"] if ref in one] + found["X4"] + found["X1"] == []
    with db(app).transaction() as session:
        session.add(DirectionAnswer(direction_id=session.exec(select(Direction.id)).one(), side="municipality",
                                    organisation_id=town(session).id, agrees=True,
                                    by=person(session, "municipality-worker").id, at=NOW))  # fmt: skip
    with db(app).transaction() as session:
        found = {one.id: one.breaches for one in everything.run(session, NOW)}
        session.rollback()
    assert f"{ref}: 1 events direction-agreed for 2 changes" in found["X3"]
