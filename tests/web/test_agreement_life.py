"""The life of an agreement on its pages, in three languages: from the first draft to signatures, force and end."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from importlib import resources

import jsonschema
import pytest
from sqlmodel import select

from agreements.life_tables import AgreementDocument, AgreementFrozen
from agreements.tables import Agreement, AgreementSignature, AgreementVersion
from placement.people.tables import UserMandate
from tests.placing import TODAY, actor, add_child, add_stay, add_unit, person, town

LANGUAGES = ["fi", "sv", "en"]
NAMES = {
    "county-signatory": "Hanna Heikkilä",
    "municipality-signatory": "Kaisa Kinnunen",
    "state-signatory": "sami  salonen",
}


def text(answer):
    return answer.get_data(as_text=True)


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def typed(day):
    return f"{day.day}.{day.month}.{day.year}"


def db(app):
    return app.extensions["placement"].database


@pytest.fixture
def home(app):
    with db(app).transaction() as session:
        return add_unit(session, "Koivu", places=7, agreed=False)


@pytest.fixture
def tampere(app):
    with db(app).read_only() as session:
        return str(town(session).id)


def new_agreement(client, tampere, kind="three_party", first=date(2026, 12, 1)):
    page = text(client.get("/agreements/new"))
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page).group(1)
    data = {"kind": kind, "title": "Koivu", "municipality": tampere, "valid_from": typed(first), "idempotency_key": key}
    answer = client.post("/agreements", data)
    again = client.post("/agreements", data)
    assert answer.headers["Location"] == again.headers["Location"], "the same form made two agreements"
    return answer.headers["Location"].split("/")[2]


def fill(client, ref, home, *, first=date(2026, 12, 1), last=date(2030, 11, 30), price="245,50", places="7"):
    page = text(client.get(f"/agreements/{ref}/units"))
    seen = re.search(r'name="seen" value="(\d+)"', page).group(1)
    days = {"valid_from": typed(first), "valid_to": typed(last)}
    client.post(f"/agreements/{ref}/validity", {"seen": "0", "language": "fi", **days})
    client.post(f"/agreements/{ref}/units", {"seen": seen, "unit": str(home.id), "places": places, **days})
    if price:
        row = {"unit": "", "price_day": price, "price_empty": "200"}
        client.post(f"/agreements/{ref}/rates", {"seen": "0", **row, **days})


def sent(sign_in, home, tampere, lang="en", **more):
    client = sign_in("coordinator", lang)
    ref = new_agreement(client, tampere, first=more.get("first", date(2026, 12, 1)))
    fill(client, ref, home, **more)
    client.post(f"/agreements/{ref}/signature")
    return client, ref


def shown_hash(client, ref):
    page = text(client.get(f"/agreements/{ref}/sign"))
    return re.search(r'name="content_hash" value="([0-9a-f]{64})"', page).group(1)


def give(sign_in, ref, account, status=303, **changes):
    client = sign_in(account)
    data = {"content_hash": shown_hash(client, ref), "has_read": "y", "has_right": "y", "proof": NAMES[account]}
    return client.post(f"/agreements/{ref}/sign", {**data, **changes}, status=status)


def all_sign(sign_in, ref):
    for account in NAMES:
        give(sign_in, ref, account)


def version_of(app, ref, number=1):
    with db(app).read_only() as session:
        return session.exec(
            select(AgreementVersion).join(Agreement).where(Agreement.ref == ref, AgreementVersion.number == number)
        ).one()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_three_party_agreement_from_draft_to_force(app, sign_in, home, tampere, lang):
    client = sign_in("coordinator", lang)
    ref = new_agreement(client, tampere)
    assert f"/agreements/{ref}/units" in text(client.get(f"/agreements/{ref}/work"))
    for section in ("parties", "units", "rates", "services", "costs", "validity", "clauses"):
        client.get(f"/agreements/{ref}/{section}")
    fill(client, ref, home)
    client.get(f"/agreements/{ref}/check")
    client.post(f"/agreements/{ref}/signature")
    stored = version_of(app, ref)
    assert stored.status.value == "in-signing"
    for account in NAMES:
        page = text(sign_in(account, lang).get(f"/agreements/{ref}/sign"))
        assert stored.content_hash in page
        give(sign_in, ref, account)
    assert version_of(app, ref).status.value == "signed"
    page = text(client.get(f"/agreements/{ref}/activation"))
    button = {
        "fi": "Ota käyttöön 1.12.2026 alkaen",
        "sv": "Ta i bruk från 1.12.2026",
        "en": "Activate from 1 December 2026",
    }
    assert button[lang] in page
    client.post(f"/agreements/{ref}/activation", {"reason": ""})
    stored = version_of(app, ref)
    assert (stored.activated_on, stored.retroactive_reason) == (TODAY, None)
    page = text(client.get(f"/agreements/{ref}/v/1"))
    assert 'id="verified"' in page
    client.get(f"/agreements/{ref}")


def test_the_buttons_have_the_words_of_the_journey(sign_in, home, tampere):
    client = sign_in("coordinator", "fi")
    assert "Luo sopimus" in text(client.get("/agreements"))
    ref = new_agreement(client, tampere)
    for section, button in (("parties", "Tallenna ja jatka"), ("units", "Lisää yksikkö"), ("rates", "Lisää hinta"),
                            ("validity", "Tallenna ja jatka")):  # fmt: skip
        assert button in text(client.get(f"/agreements/{ref}/{section}"))
    fill(client, ref, home)
    assert "Lähetä allekirjoitettavaksi" in text(client.get(f"/agreements/{ref}/check"))
    client.post(f"/agreements/{ref}/signature")
    page = text(sign_in("municipality-signatory", "fi").get(f"/agreements/{ref}/sign"))
    for shown in ("Olen lukenut version 1", "Minulla on oikeus allekirjoittaa", "Allekirjoita sopimus",
                  "En allekirjoita – palauta korjattavaksi"):  # fmt: skip
        assert shown in page


def test_a_founding_agreement_hears_the_municipality_first(app, sign_in, home, tampere):
    client = sign_in("coordinator")
    ref = new_agreement(client, tampere, "founding")
    fill(client, ref, home, price=None)
    assert "Send for hearing" in text(client.get(f"/agreements/{ref}/check"))
    client.post(f"/agreements/{ref}/signature", status=422)
    client.post(f"/agreements/{ref}/hearing/send", {"due_on": typed(TODAY)}, status=422)
    client.post(f"/agreements/{ref}/hearing/send", {"due_on": typed(TODAY + timedelta(days=14))})
    assert "The hearing is open until" in text(client.get(f"/agreements/{ref}/check"))
    client.post(f"/agreements/{ref}/signature", status=422)
    worker = sign_in("municipality-worker")
    assert "Give the statement" in text(worker.get(f"/agreements/{ref}"))
    worker.post(f"/agreements/{ref}/hearing", {"statement": " "}, status=422)
    worker.post(f"/agreements/{ref}/hearing", {"statement": "Kunta puoltaa."})
    assert version_of(app, ref).heard_on == TODAY
    client.post(f"/agreements/{ref}/signature")
    for account in ("county-signatory", "state-signatory"):
        give(sign_in, ref, account)
    assert version_of(app, ref).status.value == "signed"


def test_what_the_law_does_not_allow_is_told_before_sending(sign_in, home, tampere):
    client = sign_in("coordinator")
    ref = new_agreement(client, tampere)
    fill(client, ref, home, places="8", price=None)
    client.post(f"/agreements/{ref}/costs", {"seen": "0", "cost_basis": "place_day"})
    page = words(text(client.post(f"/agreements/{ref}/signature", status=422)))
    assert "Koivu: 8 places, but the law allows 7" in page
    assert "Koivu has no price from 1 December 2026" in page


def test_two_people_in_one_clause_are_shown_both_texts(sign_in, home, tampere):
    one, other = sign_in("coordinator"), sign_in("county-lead")
    ref = new_agreement(one, tampere)
    url = f"/agreements/{ref}/clauses/disputes"
    one.post(url, {"seen": "0", "choice": "own", "text": "Ensimmäinen teksti."})
    page = words(text(other.post(url, {"seen": "0", "choice": "own", "text": "Toinen teksti."}, status=409)))
    assert "Toinen teksti." in page
    assert "Ensimmäinen teksti." in page
    assert "Kari Koskinen" in page
    other.post(f"/agreements/{ref}/clauses/review", {"seen": "0", "choice": "own", "text": "Eri ehto."})


def test_a_section_saves_itself_while_typing(sign_in, home, tampere):
    client = sign_in("coordinator")
    ref = new_agreement(client, tampere)
    data = {"seen": "0", "side-leisure": "third_sector"}
    page = text(client.post(f"/agreements/{ref}/services", data, status=200, htmx=True))
    assert 'name="seen" value="1"' in page
    assert "Draft saved" in page


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"has_read": ""}, 422, "Tick both boxes."),
        ({"has_right": ""}, 422, "Tick both boxes."),
        ({"proof": "Joku Muu"}, 422, "This does not prove that it is you."),
        ({"content_hash": "0" * 64}, 409, "is not the one in signing"),
    ],
)
def test_a_signature_that_lacks_something_is_refused(app, sign_in, home, tampere, changes, status, said):
    _client, ref = sent(sign_in, home, tampere)
    page = words(text(give(sign_in, ref, "county-signatory", status, **changes)))
    assert said in page
    with db(app).read_only() as session:
        assert session.exec(select(AgreementSignature)).all() == []


def test_a_mandate_that_ends_tomorrow_signs_today_and_is_warned(app, sign_in, home, tampere):
    _client, ref = sent(sign_in, home, tampere)
    with db(app).transaction() as session:
        user = person(session, "state-signatory")
        for one in session.exec(select(UserMandate).where(UserMandate.user_id == user.id)):
            one.valid_to = TODAY + timedelta(days=1)
    page = text(sign_in("state-signatory").get(f"/agreements/{ref}/sign"))
    assert "Your mandate ends on 25 November 2026" in words(page)
    give(sign_in, ref, "state-signatory")


def test_one_person_cannot_sign_for_two_parties(app, sign_in, home, tampere):
    _client, ref = sent(sign_in, home, tampere)
    give(sign_in, ref, "county-signatory")
    with db(app).transaction() as session:
        hanna, kaisa = (person(session, key) for key in ("county-signatory", "municipality-signatory"))
        for one in session.exec(select(UserMandate).where(UserMandate.user_id == kaisa.id)):
            one.user_id = hanna.id
        for one in session.exec(select(UserMandate).where(UserMandate.organisation_id == 8)):
            if one.user_id == hanna.id:
                one.valid_to = TODAY - timedelta(days=1)
    client = sign_in("county-signatory")
    data = {"content_hash": shown_hash(client, ref), "has_read": "y", "has_right": "y"}
    data["proof"] = NAMES["county-signatory"]
    page = words(text(client.post(f"/agreements/{ref}/sign", data, status=403)))
    assert "You have signed for another party already" in page


def test_a_declined_version_is_closed_and_its_copy_is_the_next_draft(app, sign_in, home, tampere):
    client, ref = sent(sign_in, home, tampere)
    give(sign_in, ref, "county-signatory")
    sign_in("municipality-signatory").post(f"/agreements/{ref}/return", {"reason": "Paikkamäärä on väärä."})
    assert [version_of(app, ref, n).status.value for n in (1, 2)] == ["returned", "draft"]
    page = words(text(client.get(f"/agreements/{ref}")))
    assert "Paikkamäärä on väärä." in page
    client.post(f"/agreements/{ref}/signature")
    state = sign_in("state-signatory")
    assert shown_hash(state, ref) == version_of(app, ref, 2).content_hash
    state.get(f"/agreements/{ref}/v/1")


def test_a_start_that_has_passed_needs_a_reason(app, sign_in, home, tampere):
    client, ref = sent(sign_in, home, tampere, first=date(2026, 11, 1))
    all_sign(sign_in, ref)
    page = words(text(client.post(f"/agreements/{ref}/activation", {"reason": ""}, status=422)))
    assert "would hold from 1 November 2026" in page
    client.post(f"/agreements/{ref}/activation", {"reason": "Hyväksyminen viivästyi."})
    assert version_of(app, ref).retroactive_reason == "Hyväksyminen viivästyi."


def in_force_now(app, sign_in, home, tampere):
    client, ref = sent(sign_in, home, tampere, first=TODAY)
    all_sign(sign_in, ref)
    client.post(f"/agreements/{ref}/activation", {"reason": ""})
    return client, ref


def test_an_amendment_shows_what_it_changes_and_that_happens(app, sign_in, home, tampere):
    from placement.agreed import effect
    from tests.conftest import NOW

    client, ref = in_force_now(app, sign_in, home, tampere)
    with db(app).transaction() as session:
        for number in range(6):
            child = add_child(session, f"Lapsi{number}", waiting=False)
            add_stay(session, child, home, start=TODAY - timedelta(days=60))
    client.post(f"/agreements/{ref}/amendment")
    days = {"valid_from": "1.1.2027", "valid_to": "30.11.2030"}
    client.post(f"/agreements/{ref}/validity", {"seen": "0", "language": "fi", **days})
    for section, row in (("units", {"unit": str(home.id), "places": "5"}),
                         ("rates", {"unit": "", "price_day": "251,00", "price_empty": "200"})):  # fmt: skip
        page = text(client.get(f"/agreements/{ref}/{section}"))
        gone = re.search(r'name="row" value="(\d+)"', page).group(1)
        client.post(f"/agreements/{ref}/{section}/remove", {"seen": "0", "row": gone})
        client.post(f"/agreements/{ref}/{section}", {"seen": "1", **row, **days})
    page = words(text(client.get(f"/agreements/{ref}/compare"))).replace("\xa0", " ")
    assert "Koivu, 1.1.2027–30.11.2030: 5" in page
    assert "€245.50 / €200.00" in page
    assert "1 child without a place" in page
    client.post(f"/agreements/{ref}/signature")
    with db(app).read_only() as session:
        told = effect.effect(session, actor(session, "coordinator"), version_of(app, ref, 2), NOW)
    all_sign(sign_in, ref)
    client.post(f"/agreements/{ref}/activation", {"reason": ""})
    with db(app).read_only() as session:
        book = effect.capacity.books(session, [home.id], NOW)[home.id]
        rows = effect.coverage(session, [home.id])
        happened = effect.ceiling(session, book, rows, told.money.first, told.money.last)
        assert happened == told.money.after_cents != told.money.before_cents
        change = told.places[0]
        assert (change.before, change.after, change.too_few) == (7, 5, 1)
        assert effect.capacity_on(book, change.day) == change.after
        assert effect.capacity_on(book, change.day - timedelta(days=1)) == change.before
        assert told.money.year_after_cents == 5 * 25_100 * 365


def test_ending_while_children_live_there_is_told_and_keeps_the_notice(app, sign_in, home, tampere):
    client, ref = in_force_now(app, sign_in, home, tampere)
    with db(app).transaction() as session:
        add_stay(session, add_child(session, waiting=False), home, start=TODAY - timedelta(days=9))
    url = f"/agreements/{ref}/v/1/end"
    assert "1 child lives in its units today" in text(client.get(url))
    data = {"last_day": "1.3.2027", "reason": "Ei tarvetta."}
    assert "Children live there" in text(client.post(url, data, status=422))
    data["know"] = "y"
    assert "can be 24 May 2027 at the earliest" in text(client.post(url, data, status=422))
    client.post(url, {**data, "last_day": "31.5.2027"})
    assert version_of(app, ref).ended_on == date(2027, 5, 31)
    page = text(client.get(f"/agreements/in-force?unit={home.ref}&day=31.5.2027"))
    assert ref in page
    assert 'id="no-basis"' in text(client.get(f"/agreements/in-force?unit={home.ref}&day=1.6.2027"))


def test_a_second_agreement_on_the_same_days_cannot_be_put_in_force(app, sign_in, home, tampere):
    _client, first = in_force_now(app, sign_in, home, tampere)
    client, ref = sent(sign_in, home, tampere)
    all_sign(sign_in, ref)
    page = words(text(client.post(f"/agreements/{ref}/activation", {"reason": ""}, status=422)))
    assert f"Agreement {first}, version 1, covers one of the units" in page
    assert version_of(app, ref).activated_on is None


def test_the_documents_name_the_fingerprint_in_three_languages(app, sign_in, home, tampere):
    from io import BytesIO

    from pypdf import PdfReader

    client, ref = sent(sign_in, home, tampere)
    for lang, title in (("fi", "Hyvinvointialueen, kunnan"), ("sv", "Avtal"), ("en", "Agreement of county")):
        answer = client.get(f"/agreements/{ref}/v/1/agreement.pdf?lang={lang}")
        pdf = PdfReader(BytesIO(answer.data))
        assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert pdf.trailer["/Root"]["/Lang"].startswith(lang)
        assert version_of(app, ref).content_hash in pdf.metadata["/Keywords"]
        assert title.split()[0].lower()[:5] in pdf.pages[0].extract_text().lower()


def test_the_export_follows_its_schema(sign_in, home, tampere):
    client, ref = sent(sign_in, home, tampere)
    schema = json.loads(resources.files("agreements").joinpath("agreement-export.schema.json").read_text())
    exported = json.loads(text(client.get(f"/agreements/{ref}/v/1/agreement.json")))
    jsonschema.validate(exported, schema)
    assert exported["content"]["rates"][0]["day_cents"] == 24_550
    assert json.loads(text(client.get("/agreements/schema.json"))) == schema


def test_a_changed_text_is_named_on_the_page_and_cannot_be_signed(app, sign_in, home, tampere):
    client, ref = sent(sign_in, home, tampere)
    give(sign_in, ref, "county-signatory")
    with db(app).transaction() as session:
        session.get(AgreementVersion, version_of(app, ref).id).valid_to = date(2029, 1, 1)
    assert "The text differs from the one that was frozen." in text(client.get(f"/agreements/{ref}/v/1"))
    page = words(text(give(sign_in, ref, "state-signatory", 409)))
    assert "differs from the one that was frozen" in page


@pytest.mark.parametrize("account", ["municipality-worker", "reviewer", "claims-officer", "unit-manager"])
def test_only_the_county_writes_its_agreement(sign_in, home, tampere, account):
    _client, ref = sent(sign_in, home, tampere)
    other = sign_in(account)
    for url in (f"/agreements/{ref}/units", f"/agreements/{ref}/check"):
        other.get(url, status=403)
    other.post(f"/agreements/{ref}/signature", status=403)


def test_another_county_finds_nothing(sign_in, home, tampere):
    _client, ref = sent(sign_in, home, tampere)
    other = sign_in("other-social-worker")
    for path in ("work", "units", "check", "v/1", "v/1/agreement.pdf", "v/1/agreement.json", "compare", "v/1/end"):
        other.get(f"/agreements/{ref}/{path}", status=404)
    for path in ("units", "signature", "amendment", "activation", "return", "hearing/send", "v/1/end"):
        other.post(f"/agreements/{ref}/{path}", status=404)


def test_what_is_frozen_is_kept_with_its_names(app, sign_in, home, tampere):
    _client, ref = sent(sign_in, home, tampere)
    with db(app).read_only() as session:
        frozen = session.get(AgreementFrozen, version_of(app, ref).id)
        assert json.loads(frozen.canonical)["names"]["units"] == {str(home.id): "Koivu"}
        assert len(session.exec(select(AgreementDocument)).all()) == 3


def test_parties_comment_on_sections_before_signing(sign_in, home, tampere):
    client, ref = sent(sign_in, home, tampere)
    url = f"/agreements/{ref}/v/1/comments"
    worker = sign_in("municipality-worker")
    worker.post(url, {"section": "services", "text": " "}, status=422)
    worker.post(url, {"section": "services", "text": "Kielikoulutus puuttuu."})
    assert "Kielikoulutus puuttuu." in text(client.get(url))
    sign_in("other-reviewer").get(url, status=404)


PDF = b"%PDF-1.7 skannattu"


def upload(content, name):
    from io import BytesIO

    return {"file": (BytesIO(content), name)}


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.pdf", "The file is empty"),
        (b"<html>", "a.pdf", "not what its name says"),
        (PDF, "a.png", "not what its name says"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(sign_in, home, tampere, content, name, said):
    client = sign_in("coordinator")
    ref = new_agreement(client, tampere)
    page = client.post(f"/agreements/{ref}/attachments", {"kind": "annex"}, files=upload(content, name), status=422)
    assert said in text(page)


def test_an_annex_is_part_of_the_text_and_comes_back_unchanged(app, sign_in, home, tampere):
    client = sign_in("coordinator")
    ref = new_agreement(client, tampere)
    client.post(f"/agreements/{ref}/attachments", {"kind": "annex"}, files=upload(PDF, "../talous arvio.pdf"))
    page = text(client.get(f"/agreements/{ref}/attachments"))
    assert "talous arvio.pdf" in page
    answer = client.get(re.search(rf"/agreements/{ref}/v/1/files/\d+", page).group(0))
    assert answer.data == PDF
    fill(client, ref, home)
    client.post(f"/agreements/{ref}/signature")
    exported = json.loads(text(client.get(f"/agreements/{ref}/v/1/agreement.json")))
    assert [one["name"] for one in exported["content"]["attachments"]] == ["talous arvio.pdf"]
    client.post(f"/agreements/{ref}/attachments", {"kind": "annex"}, files=upload(PDF + b"2", "b.pdf"), status=409)


def test_an_original_signed_by_hand_is_recorded_with_its_scan(app, sign_in, home, tampere):
    client, ref = sent(sign_in, home, tampere)
    page = text(client.get(f"/agreements/{ref}/hand-signed"))
    mandate = re.search(r'<option value="(\d+)"[^>]*>Sami Salonen', page).group(1)
    url = f"/agreements/{ref}/hand-signed"
    client.post(url, {"mandate": mandate, "signed_on": typed(TODAY)}, status=422)
    late = {"mandate": mandate, "signed_on": typed(TODAY + timedelta(days=1))}
    client.post(url, late, files=upload(PDF, "s.pdf"), status=422)
    client.post(url, {"mandate": mandate, "signed_on": typed(TODAY)}, files=upload(PDF, "s.pdf"))
    with db(app).read_only() as session:
        row = session.exec(select(AgreementSignature)).one()
    assert (row.method, len(row.scan_sha256)) == ("hand-signed", 64)
