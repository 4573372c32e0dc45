"""Every kind of agreement and every odd body by law: begun, signed and put in force through the pages."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from agreements import in_force
from agreements.tables import AgreementParty, AgreementSignature
from placement.demo.accounts import body
from placement.people.tables import Organisation, OrganisationKind, UserMandate
from placement.permissions import Role
from placement.units.tables import Unit
from tests.client import JudgingClient
from tests.placing import TODAY, add_unit, person, town
from tests.web.test_agreement_life import db, fill, shown_hash, text, typed, version_of, words

FIRST, LAST = date(2026, 12, 1), date(2030, 11, 30)
PDF = b"%PDF-1.7 invented"
NAMES = {
    "county-signatory": "Hanna Heikkilä", "municipality-signatory": "Kaisa Kinnunen",
    "state-signatory": "Sami Salonen", "reviewer": "Raija Rantanen",
}  # fmt: skip


def begin(client, kind, *, municipality=None, provider=None, first=FIRST, status=303):
    page = text(client.get("/agreements/new"))
    data = {
        "idempotency_key": re.search(r'name="idempotency_key" value="([^"]+)"', page).group(1),
        "kind": kind, "title": "Koivu", "municipality": str(municipality or ""), "provider": str(provider or ""),
        "valid_from": typed(first),
    }  # fmt: skip
    answer = client.post("/agreements", data, status=status)
    return answer.headers["Location"].split("/")[2] if status == 303 else words(text(answer))


def move(app, account, organisation, role=None, since=date(2024, 1, 1)):
    """Let a demo person work for another body, as an administrator would."""
    with db(app).transaction() as session:
        row = session.exec(select(UserMandate).where(UserMandate.user_id == person(session, account).id)).one()
        row.organisation_id, row.valid_from = organisation, since
        row.role = role or row.role
        session.add(row)
        return row.id


def organisation(app, kind, code, on=TODAY):
    with db(app).read_only() as session:
        return body(session, kind, code, on).id


def sign(sign_in, ref, *accounts):
    for account in accounts:
        client = sign_in(account)
        data = {"content_hash": shown_hash(client, ref), "has_read": "y", "has_right": "y", "proof": NAMES[account]}
        client.post(f"/agreements/{ref}/sign", data)


def heard(client, sign_in, ref, *accounts):
    client.post(f"/agreements/{ref}/hearing/send", {"due_on": typed(TODAY + timedelta(days=14))})
    for account in accounts:
        sign_in(account).post(f"/agreements/{ref}/hearing", {"statement": "Ei huomautettavaa."})


def put_in_force(app, client, ref, reason=""):
    client.post(f"/agreements/{ref}/signature")
    return lambda: (client.post(f"/agreements/{ref}/activation", {"reason": reason}), version_of(app, ref))[1]


def home_in(app, county_code="08", town_code="837", **more):
    with db(app).transaction() as session:
        return add_unit(session, "Koivu", places=7, agreed=False, county_code=county_code, town_code=town_code, **more)


def test_founding_a_home_is_signed_by_two_and_the_municipality_is_heard(app, sign_in):
    home, client = home_in(app), sign_in("coordinator")
    ref = begin(client, "founding", municipality=organisation(app, "municipality", "837"))
    fill(client, ref, home, price=None)
    heard(client, sign_in, ref, "municipality-worker")
    finish = put_in_force(app, client, ref)
    sign_in("municipality-signatory").get(f"/agreements/{ref}/sign", status=404)
    sign(sign_in, ref, "county-signatory", "state-signatory")
    assert finish().activated_on == TODAY
    with db(app).read_only() as session:
        assert set(in_force.in_force(session, home.id, FIRST)) == {"founding"}
        assert in_force.in_force(session, home.id, FIRST - timedelta(days=1)) == {}


def test_municipal_places_are_agreed_by_municipality_and_centre_with_the_county_heard(app, sign_in):
    client = sign_in("municipality-worker")
    ref = begin(client, "municipal_places")
    client.post(f"/agreements/{ref}/validity", {"seen": "0", "language": "fi", "valid_from": typed(FIRST),
                                                "valid_to": typed(LAST)})  # fmt: skip
    heard(client, sign_in, ref, "coordinator")
    finish = put_in_force(app, client, ref)
    sign(sign_in, ref, "municipality-signatory", "state-signatory")
    assert finish().activated_on == TODAY
    page = words(text(client.get(f"/agreements/{ref}")))
    assert "Review at the latest 1 December 2030" in page


def test_foster_care_is_agreed_by_three_without_places(app, sign_in):
    client = sign_in("coordinator")
    ref = begin(client, "foster_care", municipality=organisation(app, "municipality", "837"))
    finish = put_in_force(app, client, ref)
    sign(sign_in, ref, "county-signatory", "municipality-signatory", "state-signatory")
    assert finish().activated_on == TODAY


@pytest.fixture
def provider(app):
    """A private provider whose managing director signs on paper."""
    with db(app).transaction() as session:
        row = Organisation(kind=OrganisationKind.PROVIDER, name_fi="Hoiva Oy", name_sv="Hoiva Ab", name_en="Hoiva Ltd")
        session.add(row)
        session.flush()
        mandate = UserMandate(user_id=person(session, "payer").id, role=Role.SIGNATORY, organisation_id=row.id,
                              basis="Hallituksen päätös 12.5.2026 § 44", valid_from=date(2026, 5, 12))  # fmt: skip
        session.add(mandate)
        session.flush()
        return row.id, str(mandate.id)


def test_care_is_bought_from_a_provider_whose_original_is_recorded(app, sign_in, provider):
    key, mandate = provider
    home, client = home_in(app, provider_id=key), sign_in("coordinator")
    ref = begin(client, "purchase", provider=key)
    fill(client, ref, home)
    client.post(f"/agreements/{ref}/attachments", {"kind": "resolution", "file": (io.BytesIO(PDF), "§ 44.pdf")})
    finish = put_in_force(app, client, ref)
    sign(sign_in, ref, "county-signatory")
    data = {"mandate": mandate, "signed_on": typed(TODAY), "file": (io.BytesIO(PDF + b"2"), "alkuperainen.pdf")}
    client.post(f"/agreements/{ref}/hand-signed", data)
    assert finish().activated_on == TODAY
    page = words(text(client.get(f"/agreements/{ref}/v/1")))
    assert "Hallituksen päätös 12.5.2026 § 44" in page
    assert "Resolution behind a mandate" in page
    with db(app).read_only() as session:
        assert in_force.in_force(session, home.id, FIRST)["services"].rate.day_cents == 24_550


def test_an_agreement_of_the_earlier_law_lives_on_with_the_bodies_of_its_day(app, sign_in):
    """Signed on paper in November 2024 by a centre that has ended since; one scan holds all three signatures."""
    made, first = date(2024, 11, 20), date(2024, 12, 1)
    ely = organisation(app, "authority", "ely-pirkanmaa", made)
    home, client = home_in(app), sign_in("coordinator")
    ref = begin(client, "legacy_28", municipality=organisation(app, "municipality", "837"), first=first)
    fill(client, ref, home, first=first, last=date(2027, 12, 31))
    mandates = {
        "county-signatory": move(app, "county-signatory", organisation(app, "county", "08")),
        "municipality-signatory": move(app, "municipality-signatory", organisation(app, "municipality", "837")),
        "payer-2": move(app, "payer-2", ely, Role.SIGNATORY),
    }
    finish = put_in_force(app, client, ref, reason="Voimassa aiemman lain nojalla.")
    page = text(sign_in("county-signatory").get(f"/agreements/{ref}/sign"))
    assert ref in page
    refused = sign_in("county-signatory").post(
        f"/agreements/{ref}/sign",
        {"content_hash": version_of(app, ref).content_hash, "has_read": "y", "has_right": "y",
         "proof": NAMES["county-signatory"]},
        status=422,
    )  # fmt: skip
    assert "recorded from the original" in text(refused)
    for mandate in mandates.values():
        data = {"mandate": str(mandate), "signed_on": typed(made), "file": (io.BytesIO(PDF), "sopimus.pdf")}
        client.post(f"/agreements/{ref}/hand-signed", data)
    assert finish().activated_on == TODAY
    page = words(text(client.get(f"/agreements/{ref}")))
    assert "Pirkanmaa Centre for Economic Development, Transport and the Environment" in page
    assert "Integration Act of 2010 (1386/2010) section 28" in page
    with db(app).transaction() as session:
        from placement.checks import everything
        from tests.conftest import NOW

        found = {one.id: (one.checked, one.breaches) for one in everything.run(session, NOW)}
        session.rollback()
    for rule in ("A1", "A2", "A6", "A7", "A11", "A12", "A13"):
        assert found[rule][0] > 0, rule
        assert found[rule][1] == [], rule


def test_a_first_day_that_no_law_of_the_kind_reaches_is_refused(sign_in, app):
    page = begin(sign_in("coordinator"), "legacy_28", municipality=organisation(app, "municipality", "837"),
                 first=date(2022, 12, 31), status=422)  # fmt: skip
    assert "No law knew this kind of agreement on its first day" in page


def test_helsinki_signs_once_as_county_and_municipality(app, sign_in):
    helsinki = organisation(app, "county", "90")
    for account in ("coordinator", "county-signatory"):
        move(app, account, helsinki)
    move(app, "state-signatory", organisation(app, "authority", "edc-uusimaa"))
    home, client = home_in(app, "90", "091"), sign_in("coordinator")
    ref = begin(client, "three_party", municipality=helsinki)
    fill(client, ref, home)
    finish = put_in_force(app, client, ref)
    sign(sign_in, ref, "county-signatory", "state-signatory")
    assert finish().activated_on == TODAY
    with db(app).read_only() as session:
        version = version_of(app, ref)
        rows = session.exec(select(AgreementSignature).where(AgreementSignature.version_id == version.id)).all()
    assert (len(rows), len({one.user_id for one in rows})) == (3, 2)


def test_in_lapland_two_centres_sign_each_for_its_chapters(app, sign_in):
    lapland = organisation(app, "county", "21")
    for account in ("coordinator", "county-signatory"):
        move(app, account, lapland)
    move(app, "municipality-signatory", organisation(app, "municipality", "698"))
    move(app, "state-signatory", organisation(app, "authority", "edc-pohjois-suomi"))
    move(app, "reviewer", organisation(app, "authority", "edc-lappi"), Role.SIGNATORY)
    home, client = home_in(app, "21", "698"), sign_in("coordinator")
    ref = begin(client, "three_party", municipality=organisation(app, "municipality", "698"))
    fill(client, ref, home)
    finish = put_in_force(app, client, ref)
    sign(sign_in, ref, "county-signatory", "municipality-signatory", "state-signatory")
    assert version_of(app, ref).status.value == "in-signing"
    client.post(f"/agreements/{ref}/activation", {"reason": ""}, status=409)
    sign(sign_in, ref, "reviewer")
    assert finish().activated_on == TODAY
    with db(app).read_only() as session:
        chapters = session.exec(
            select(AgreementParty.chapter).where(AgreementParty.version_id == version_of(app, ref).id)
        ).all()
    assert sorted(one or "" for one in chapters) == ["", "", "founding", "placing", "reimbursement"]


def test_on_aland_the_health_authority_is_heard_and_its_silence_counts(app, make_app, sign_in):
    mariehamn = organisation(app, "municipality", "478")
    for account in ("municipality-worker", "municipality-signatory"):
        move(app, account, mariehamn)
    move(app, "state-signatory", organisation(app, "authority", "edc-lounais-suomi"))
    client = sign_in("municipality-worker", "sv")
    ref = begin(client, "municipal_places")
    assert "Ålands hälso- och sjukvård" in text(client.get(f"/agreements/{ref}/parties"))
    heard(client, sign_in, ref)
    client.post(f"/agreements/{ref}/signature", status=422)
    later = make_app(PLACEMENT_CLOCK="2026-12-09T09:00:00+00:00")

    def enter(account, lang="en"):
        found = JudgingClient(later, lang=lang)
        found.sign_in(account)
        return found

    worker = enter("municipality-worker")
    worker.post(f"/agreements/{ref}/signature")
    sign(enter, ref, "municipality-signatory", "state-signatory")
    worker.post(f"/agreements/{ref}/activation", {"reason": "Viivästyi."})
    stored = version_of(app, ref)
    assert stored.activated_on == date(2026, 12, 9)
    assert "Passes as heard: no answer by 8 December 2026" in words(text(worker.get(f"/agreements/{ref}")))
    assert stored.heard_on is None


def test_a_municipality_that_stays_silent_has_been_heard_with_the_request_as_proof(app, make_app, sign_in):
    home, client = home_in(app), sign_in("coordinator")
    ref = begin(client, "founding", municipality=organisation(app, "municipality", "837"))
    fill(client, ref, home, price=None)
    heard(client, sign_in, ref)
    later = make_app(PLACEMENT_CLOCK="2026-12-09T09:00:00+00:00")
    drafter = JudgingClient(later)
    drafter.sign_in("coordinator")
    drafter.post(f"/agreements/{ref}/signature")
    page = words(text(drafter.get(f"/agreements/{ref}")))
    assert "Passes as heard: no answer by 8 December 2026" in page
    assert "Asked on 24 November 2026" in page


def test_foster_care_needs_no_agreement_and_a_home_does(app, sign_in):
    """A day without the basis its kind of care needs is refused to placements by code; foster care is placed."""
    from placement.units import capacity
    from tests.conftest import NOW

    home = home_in(app)
    with db(app).transaction() as session:
        foster = add_unit(session, "Perhe", places=2, kind="foster_home", two_carers=True)
        key = foster.id
    with db(app).read_only() as session:
        counts = capacity.counts(session, [home.id, key], TODAY, NOW)
        assert counts[home.id].free == 0
        assert counts[key].free == 2
        needed = in_force.basis(session, home.id, TODAY, needs_agreement=True)
        assert (needed.code, needed.stands) == ("agreement-missing", False)
        assert session.get_one(Unit, key).kind.value == "foster_home"
    page = text(sign_in("coordinator").get(f"/agreements/in-force?unit={foster.ref}&day={typed(TODAY)}"))
    assert 'id="not-needed"' in page
    page = text(sign_in("coordinator").get(f"/agreements/in-force?unit={home.ref}&day={typed(TODAY)}"))
    assert 'id="no-basis"' in page
    assert town is not None
