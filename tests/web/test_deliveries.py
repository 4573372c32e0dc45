"""What a municipality promised in agreements, owes, delivered and is late with, on its own pages."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from agreements import terms
from agreements.life_tables import AgreementDelivery
from agreements.tables import AgreementVersion
from agreements.terms import Duty, Terms
from placement.agreed import obligations
from placement.audit.tables import AuditEvent
from tests.agreement_data import Maker
from tests.client import JudgingClient
from tests.conftest import NOW
from tests.placing import TODAY, add_unit, town

DAY = timedelta(days=1)
DUTIES = (
    Duty("guidance_advice", "municipality", "Neuvontapiste"),
    Duty("preparatory_teaching", "school", "Valmistava luokka"),
    Duty("care_in_home", "county"),
    Duty("leisure", "third_sector"),
)
FIRST_HALF, SECOND_HALF = date(2026, 3, 1), date(2026, 7, 1)


def text(answer):
    return answer.get_data(as_text=True)


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def db(app):
    return app.extensions["placement"].database


@pytest.fixture
def promised(app):
    """A three-party agreement in force since 1 March, reported by half-years."""
    with db(app).transaction() as session:
        make = Maker(session)
        agreement = make.agreement()
        version = make.version(agreement, make.three(), valid_from=FIRST_HALF, activated_on=FIRST_HALF,
                               valid_to=date(2029, 12, 31), terms=terms.dump(Terms(duties=DUTIES)))  # fmt: skip
        home = add_unit(session, "Koivu", places=7, agreed=False)
        make.covers(version, home)
        return {"ref": agreement.ref, "version": version.id, "home": home.id, "town": town(session).id}


def url(promised, service="guidance_advice", side="municipality", first=FIRST_HALF):
    return f"/agreements/{promised['ref']}/deliveries/{service}/{side}/{first.isoformat()}"


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_municipality_sees_what_it_owes_and_reports_it(app, sign_in, promised, lang):
    client = sign_in("municipality-worker", lang)
    assert 'id="group-owed-and-late"' in text(client.get("/today"))
    page = words(text(client.get("/deliveries")))
    late, delivered = {"fi": ("Myöhässä 2", "Annettu 1"), "sv": ("Försenad 2", "Given 1"),
                       "en": ("Late 2", "Delivered 1")}[lang]  # fmt: skip
    assert late in page
    client.get(url(promised))
    client.post(url(promised), {"said": "delivered", "note": "Joka viikko."})
    client.post(url(promised), {"said": "delivered", "note": "Joka viikko."})
    assert delivered in words(text(client.get("/deliveries")))
    client.get(f"/agreements/{promised['ref']}/deliveries")
    with db(app).read_only() as session:
        assert len(session.exec(select(AgreementDelivery)).all()) == 1
        events = session.exec(select(AuditEvent).where(AuditEvent.action == "delivery-reported")).all()
    assert [one.object_ref for one in events] == [promised["ref"]]


def test_only_the_sides_of_the_municipality_are_its_own_to_report(sign_in, promised):
    page = words(text(sign_in("municipality-worker").get("/deliveries")))
    assert "Guidance and advice" in page
    assert "Preparatory teaching" in page
    assert "Care and upbringing in the home" not in page
    sign_in("municipality-worker").get(url(promised, "care_in_home", "county"), status=404)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choose how it was delivered"),
        ({"said": "splendidly", "note": "x"}, "Choose how it was delivered"),
        ({"said": "partly"}, "Write what was not delivered and why"),
        ({"said": "not-delivered", "note": "  "}, "Write what was not delivered and why"),
    ],
)
def test_a_report_that_says_too_little_is_refused(sign_in, promised, data, said):
    assert said in text(sign_in("municipality-worker").post(url(promised), data, status=422))


def test_a_running_period_is_delivered_in_part_until_its_last_day(app, make_app, sign_in, promised):
    client = sign_in("municipality-worker")
    running = url(promised, first=SECOND_HALF)
    page = text(client.post(running, {"said": "delivered"}, status=422))
    assert "The period ends on 31 December 2026" in page
    client.post(running, {"said": "partly", "note": "Alkusyksy."})
    assert "Owed" in words(text(client.get(running)))
    later = JudgingClient(make_app(PLACEMENT_CLOCK="2026-12-31T09:00:00+00:00"))
    later.sign_in("municipality-worker")
    later.post(running, {"said": "delivered"})
    assert "Delivered as promised" in words(text(later.get("/deliveries")))


@pytest.mark.parametrize(("day", "state"), [("2026-07-30", "Owed"), ("2026-07-31", "Late")])
def test_a_period_is_late_after_thirty_days(make_app, promised, day, state):
    client = JudgingClient(make_app(PLACEMENT_CLOCK=f"{day}T09:00:00+00:00"))
    client.sign_in("municipality-worker")
    assert f"State {state}" in words(text(client.get(url(promised))))


@pytest.mark.parametrize(
    ("account", "status"), [("reviewer", 403), ("coordinator", 403), ("municipality-signatory", 403)]
)
def test_others_only_read(sign_in, promised, account, status):
    client = sign_in(account)
    client.get("/deliveries", status=status)
    client.post(url(promised), {"said": "delivered"}, status=status)
    page = text(client.get(f"/agreements/{promised['ref']}/deliveries"))
    assert "Guidance and advice" in page
    assert 'id="report-1"' not in page


def test_another_county_finds_nothing(sign_in, promised):
    sign_in("other-social-worker").get(f"/agreements/{promised['ref']}/deliveries", status=404)


def test_a_new_version_owes_from_its_first_day_on(app, promised):
    with db(app).transaction() as session:
        make = Maker(session)
        old = session.get_one(AgreementVersion, promised["version"])
        agreement = type("A", (), {"id": old.agreement_id})
        make.version(agreement, make.three(), number=2, valid_from=date(2026, 10, 1), activated_on=TODAY - DAY,
                     retroactive_reason="x", valid_to=date(2029, 12, 31),
                     terms=terms.dump(Terms(duties=DUTIES[:1], claim_period="quarter")))  # fmt: skip
        found = [
            (one.obligation.promise.number, one.obligation.period.first, one.obligation.period.last)
            for one in obligations._owed(session, {old.agreement_id}, TODAY, None)
            if one.obligation.promise.service == "guidance_advice"
        ]
        session.rollback()
    assert sorted(found) == [
        (1, FIRST_HALF, date(2026, 6, 30)), (1, SECOND_HALF, date(2026, 9, 30)),
        (2, date(2026, 10, 1), date(2026, 12, 31)),
    ]  # fmt: skip


def test_what_is_promised_to_a_child_is_told_by_unit_and_day(app, promised):
    def told(session, unit, day):
        rows = obligations.promised_on(session, unit_id=unit, municipality_id=promised["town"], day=day)
        return {(one.promise.service, one.body.name_fi if one.body else None) for one in rows}

    with db(app).read_only() as session:
        assert told(session, promised["home"], TODAY) == {
            ("guidance_advice", "Tampere"), ("preparatory_teaching", "Tampere"),
            ("care_in_home", "Pirkanmaan hyvinvointialue"), ("leisure", None),
        }  # fmt: skip
        assert told(session, promised["home"], FIRST_HALF - DAY) == set()
        assert told(session, None, TODAY) == set()
    assert NOW.date() == TODAY
