"""The days that come up in agreements: on Today and on their page, each on both sides of its border."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from agreements import terms
from agreements.life_tables import AgreementReview
from agreements.tables import AgreementKind, PartyRole, PartySide
from agreements.terms import Terms
from placement.agreed.deadline_rules import InForceFacts, Kind, days_of
from placement.audit.tables import AuditEvent
from placement.people.tables import UserMandate
from tests.agreement_data import Maker
from tests.placing import TODAY, add_unit, person

DAY = timedelta(days=1)


def text(answer):
    return answer.get_data(as_text=True)


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def db(app):
    return app.extensions["placement"].database


@pytest.fixture
def world(app):
    """A three-party agreement that ends in 200 days, and places that were agreed almost four years ago."""
    with db(app).transaction() as session:
        make = Maker(session)
        agreement = make.agreement()
        version = make.version(agreement, make.three(), valid_to=TODAY + 200 * DAY,
                               terms=terms.dump(Terms(notice_months=6)))  # fmt: skip
        home = add_unit(session, "Koivu", places=7, agreed=False, registered_to=TODAY + 30 * DAY)
        make.covers(version, home)
        places = make.agreement(AgreementKind.MUNICIPAL_PLACES, county=False, title="Kuntapaikat")
        make.version(places, [
            (make.town, PartySide.MUNICIPALITY, PartyRole.SIGNATORY, "municipality-signatory"),
            (make.centre, PartySide.STATE, PartyRole.SIGNATORY, "state-signatory"),
        ], valid_from=date(2025, 1, 1), activated_on=date(2025, 1, 1), valid_to=None,
            terms=terms.dump(Terms(review_months=23, cost_basis="none")))  # fmt: skip
        for key in ("county-signatory", "municipality-signatory"):
            row = session.exec(select(UserMandate).where(UserMandate.user_id == person(session, key).id)).one()
            row.valid_to = TODAY + 10 * DAY
            session.add(row)
        return {"three": agreement.ref, "places": places.ref}


def shown(client, within="all"):
    return words(text(client.get(f"/agreements/deadlines?within={within}")))


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_each_deadline_stands_on_its_page_and_the_near_ones_on_today(sign_in, world, lang):
    client = sign_in("coordinator", lang)
    page = shown(client)
    ends = {"fi": "Sopimus päättyy", "sv": "Avtalet upphör", "en": "The agreement ends"}[lang]
    assert ends in page
    near = text(client.get("/agreements/deadlines?within=60")).split("<main")[1]
    assert ends not in words(near)
    assert "Koivu" in near
    assert "Hanna Heikkilä" in near
    assert "Kaisa Kinnunen" not in near, "the mandates of another body are not the county's to see"
    assert 'id="group-agreement-deadlines"' in text(client.get("/today"))


def test_the_last_day_of_notice_is_told_until_it_has_passed(sign_in, world):
    page = shown(sign_in("coordinator"))
    last = TODAY + 200 * DAY
    assert f"{date(2026, 12, 12).day} December 2026 Last day to give notice" in page, page
    assert last == date(2027, 6, 12)


def test_a_review_is_recorded_and_the_next_is_counted_from_it(app, sign_in, world):
    worker = sign_in("municipality-worker")
    assert "1 December 2026 Review at the latest" in shown(worker)
    url = f"/agreements/{world['places']}/reviews"
    worker.post(url, {"held_on": "24.11.2026", "outcome": " "}, status=422)
    assert "not in the future" in text(worker.post(url, {"held_on": "25.11.2026", "outcome": "Jatkuu."}, status=422))
    early = worker.post(url, {"held_on": "31.12.2024", "outcome": "Jatkuu."}, status=422)
    assert "was not in force on that day" in text(early)
    worker.post(url, {"held_on": "24.11.2026", "outcome": "Jatkuu ennallaan."})
    assert "recorded already" in text(worker.post(url, {"held_on": "24.11.2026", "outcome": "Jatkuu."}, status=422))
    assert "24 October 2028 Review at the latest" in shown(worker)
    assert "24 November 2030" in words(text(worker.get(f"/agreements/{world['places']}")))
    with db(app).read_only() as session:
        assert len(session.exec(select(AgreementReview)).all()) == 1
        events = session.exec(select(AuditEvent).where(AuditEvent.action == "agreement-reviewed")).all()
    assert [one.object_ref for one in events] == [world["places"]]


def test_only_who_writes_the_agreement_records_its_review(sign_in, world):
    sign_in("municipality-worker").get(f"/agreements/{world['three']}/reviews", status=403)
    sign_in("municipality-signatory").get(f"/agreements/{world['three']}/reviews", status=403)
    sign_in("other-social-worker").get(f"/agreements/{world['three']}/reviews", status=404)


def facts(**changes):
    values = {"reviewed_on": date(2026, 1, 1), "ends_on": date(2027, 12, 31), "by_term": True, "notice_months": 6,
              "review_months": 48, "law_due": None, **changes}  # fmt: skip
    return InForceFacts(**values)


@pytest.mark.parametrize(("on", "told"), [(date(2027, 6, 30), True), (date(2027, 7, 1), False)])
def test_the_day_of_notice_is_no_deadline_once_it_has_passed(on, told):
    assert (Kind.NOTICE in dict(days_of(facts(), on))) == told
    assert dict(days_of(facts(), date(2027, 1, 1)))[Kind.NOTICE] == date(2027, 6, 30)


def test_no_notice_is_told_where_the_end_is_no_term_or_there_is_none():
    assert Kind.NOTICE not in dict(days_of(facts(by_term=False), TODAY))
    assert Kind.NOTICE not in dict(days_of(facts(notice_months=0), TODAY))
    assert dict(days_of(facts(ends_on=None), TODAY)) == {Kind.REVIEW: date(2030, 1, 1)}


def test_the_sooner_of_the_agreed_review_and_the_law_counts_and_none_after_the_end():
    assert dict(days_of(facts(review_months=12), TODAY))[Kind.REVIEW] == date(2027, 1, 1)
    law = facts(review_months=60, law_due=date(2027, 3, 1))
    assert dict(days_of(law, TODAY))[Kind.REVIEW] == date(2027, 3, 1)
    assert Kind.REVIEW not in dict(days_of(facts(), TODAY))
