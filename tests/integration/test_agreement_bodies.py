"""Bodies that are odd by law: Helsinki is two parties, Lapland has two state bodies, Åland no county."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from agreements import drafting, life, signing
from agreements.check_values import MandateFacts
from agreements.drafting import NewAgreement, Party
from agreements.period import Period
from agreements.refused import Refused
from agreements.signing import SigningRequest
from agreements.tables import Agreement, AgreementParty, AgreementSignature
from placement import references
from placement.agreed import acting, facts
from placement.demo.accounts import body
from placement.people.tables import UserMandate
from placement.permissions import Role
from tests.agreement_data import AnyProof
from tests.conftest import NOW
from tests.placing import TODAY, add_unit, person

LAST = date(2030, 11, 30)


@pytest.fixture
def session(database):
    with Session(database.writer) as opened:
        yield opened
        opened.rollback()


def suggested(session, kind, county_code, town_code):
    county = body(session, "county", county_code, TODAY) if county_code else None
    town = body(session, "municipality", town_code, TODAY)
    return facts.suggested_parties(session, kind, county, town, TODAY)


def drafted(session, kind, parties, county_id=None):
    new = NewAgreement(references.new("AG"), kind, "Koti", county_id, None, date(2026, 12, 1), LAST)
    return drafting.start(session, new, parties, by=person(session, "coordinator").id, at=NOW)


def frozen(session, version, at=NOW):
    return life.send_for_signature(
        session, version.id, problems=(), names={}, typeset=lambda _v, found, _l: found.encode(),
        by=person(session, "coordinator").id, at=at,
    )  # fmt: skip


def mandate_for(session, key, organisation_id):
    row = UserMandate(
        user_id=person(session, key).id, role=Role.SIGNATORY, organisation_id=organisation_id,
        valid_from=date(2020, 1, 1),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def sign(session, version, mandate, at=NOW):
    request = SigningRequest(version.id, version.content_hash, mandate.id, acting.facts(mandate), True, True, "x")
    return signing.sign(session, request, AnyProof(), at=at)


def test_helsinki_is_county_and_municipality_and_one_person_signs_for_both(session):
    parties = suggested(session, "three_party", "90", "091")
    helsinki = body(session, "county", "90", TODAY)
    assert {(one.organisation_id, one.side) for one in parties if one.side != "state"} == {
        (helsinki.id, "county"), (helsinki.id, "municipality"),
    }  # fmt: skip
    version = frozen(session, drafted(session, "three_party", parties, helsinki.id))
    sign(session, version, mandate_for(session, "county-signatory", helsinki.id))
    rows = session.exec(select(AgreementSignature).where(AgreementSignature.version_id == version.id)).all()
    assert (len(rows), len({one.user_id for one in rows}), version.status.value) == (2, 1, "in-signing")
    state = next(one for one in parties if one.side == "state")
    sign(session, version, mandate_for(session, "state-signatory", state.organisation_id))
    assert version.status.value == "signed"


def test_the_state_side_of_lapland_is_two_bodies_each_for_its_chapters(session):
    parties = [one for one in suggested(session, "three_party", "21", "698") if one.side == "state"]
    north, lapland = (body(session, "authority", key, TODAY).id for key in ("edc-pohjois-suomi", "edc-lappi"))
    assert {(one.organisation_id, one.chapter) for one in parties} == {
        (north, "founding"), (lapland, "placing"), (lapland, "reimbursement"),
    }  # fmt: skip


def test_on_aland_no_county_is_asked_for_and_its_health_authority_is_heard(session):
    parties = suggested(session, "municipal_places", None, "478")
    assert {(one.side, one.role) for one in parties} == {
        ("municipality", "signatory"), ("state", "signatory"), ("aland_health_authority", "heard"),
    }  # fmt: skip


def test_a_draft_by_the_wrong_state_body_is_told_who_is_competent(session):
    county = body(session, "county", "08", TODAY)
    uusimaa = body(session, "authority", "edc-uusimaa", TODAY).id
    parties = [
        Party(uusimaa, "state", "signatory") if one.side == "state" else one
        for one in suggested(session, "three_party", "08", "837")
    ]
    version = drafted(session, "three_party", parties, county.id)
    draft = facts.load(session, session.get_one(Agreement, version.agreement_id), version)
    found = {one.code for one in facts.problems(session, draft, TODAY)}
    assert "not-competent" in found


def test_the_municipality_that_stays_silent_passes_as_heard_after_its_day_and_not_on_it(session):
    county = body(session, "county", "08", TODAY)
    add_unit(session, "Koivu", places=7, agreed=False)
    version = drafted(session, "founding", suggested(session, "founding", "08", "837"), county.id)
    due = TODAY + timedelta(days=14)
    life.send_to_hearing(session, version.id, due_on=due, problems=(), by=person(session, "coordinator").id, at=NOW)
    draft = facts.load(session, session.get_one(Agreement, version.agreement_id), version)

    def open_on(day):
        return any(one.code == "hearing-open" for one in facts.problems(session, draft, day))

    assert open_on(due)
    assert not open_on(due + timedelta(days=1))
    assert version.hearing_requested_on == TODAY


def test_a_new_version_names_the_heir_of_a_body_that_merged_and_the_old_one_does_not_change(session):
    county, town = body(session, "county", "08", TODAY), body(session, "municipality", "837", TODAY)
    other = body(session, "municipality", "536", TODAY)
    version = frozen(session, drafted(session, "purchase", [
        Party(county.id, "county", "signatory"), Party(other.id, "municipality", "signatory"),
    ], county.id))  # fmt: skip
    sign(session, version, mandate_for(session, "county-signatory", county.id))
    other.valid_to, other.successor_id = TODAY, town.id
    session.flush()
    later = datetime(2026, 11, 26, 9, tzinfo=UTC)
    _old, new = life.give_back(
        session, version.id, reason="Kunta liittyi toiseen.", heirs=acting.heirs(session, later.date()),
        by=person(session, "coordinator").id, at=later,
    )  # fmt: skip

    def bodies(one):
        return set(
            session.exec(select(AgreementParty.organisation_id).where(AgreementParty.version_id == one.id)).all()
        )

    assert bodies(new) == {county.id, town.id}
    assert bodies(version) == {county.id, other.id}


def test_a_mandate_that_ended_yesterday_does_not_sign_and_one_that_ends_today_does(session):
    county = body(session, "county", "08", TODAY)
    version = frozen(session, drafted(session, "purchase", [Party(county.id, "county", "signatory")], county.id))
    row = mandate_for(session, "county-signatory", county.id)

    def until(day):
        facts_ = MandateFacts(row.user_id, row.organisation_id, Period(date(2020, 1, 1), day))
        request = SigningRequest(version.id, version.content_hash, row.id, facts_, True, True, "x")
        return signing.sign(session, request, AnyProof(), at=NOW)

    with pytest.raises(Refused, match="mandate-not-valid"):
        until(TODAY - timedelta(days=1))
    assert until(TODAY).status.value == "signed"
