"""J5, gates 1 and 2: the queue, a line's verdict, clean lines, questions, second look, the decision and its letter."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader
from sqlmodel import select

from agreements.claim_tables import ClaimStatus
from agreements.claim_values import Gate
from placement.audit.tables import AuditEvent, UseLog
from placement.children.tables import Child
from tests.client import JudgingClient
from tests.web import review_world as world
from tests.web.review_world import words

LANGUAGES = ["fi", "sv", "en"]


@pytest.fixture
def app(worked_app):
    return worked_app


@pytest.fixture
def enter(app):
    def sign_in(account, lang="en"):
        client = JudgingClient(app, lang=lang)
        client.sign_in(account)
        return client

    return sign_in


def sent(app):
    return world.one_claim(app, ClaimStatus.SENT, Gate.COST).ref


def examined(app):
    return world.one_claim(app, ClaimStatus.IN_REVIEW, Gate.PAYMENT).ref


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_queue_tells_who_has_a_claim_and_who_is_waited_for(app, enter, lang):
    page = words(enter("reviewer", lang).get("/review"))
    assert sent(app) in page
    assert {"fi": "Meitä", "sv": "Oss", "en": "Us"}[lang] in page
    asked = words(enter("payment-examiner", lang).get("/review"))
    assert {"fi": "Selvitystä pyydetty", "sv": "Utredning begärd", "en": "Clarification asked"}[lang] in asked


def test_the_other_centre_sees_nothing_of_the_first(app, enter):
    other = enter("other-reviewer")
    assert sent(app) not in words(other.get("/review"))
    for url in (f"/review/{sent(app)}", f"/review/{sent(app)}/lines/1", f"/review/{sent(app)}/decision"):
        other.get(url, status=404)
    other.post(f"/review/{sent(app)}/take", {"version": "1"}, status=404)


def test_ticked_claims_are_given_to_a_colleague_and_the_county_can_still_take_them_back(app, enter):
    ref = sent(app)
    reviewer = enter("reviewer")
    page = reviewer.get("/review").get_data(as_text=True)
    second = re.search(r'<option value="(\d+)">Risto Rinne', page).group(1)
    reviewer.post("/review/assign", {"refs": ref, "to": second})
    assert "Risto Rinne" in words(reviewer.get("/review"))
    assert world.by_ref(app, ref).status is ClaimStatus.SENT
    reviewer.post("/review/assign", {"to": second}, status=422)


def test_a_decision_on_costs_needs_two_reviewers_and_leaves_a_letter_in_three_languages(app, enter):
    ref = sent(app)
    first, second = enter("reviewer"), enter("reviewer-2")
    world.take(first, app, ref)
    rows = world.lines(app, ref)
    half = f"{rows[0].claimed_cents // 200},00"
    world.say(first, ref, 1, "part", cents=half, code="above-price", text="Sovittu hinta on pienempi.")
    world.say(first, ref, 2, "reject", code="not-accepted", text="Ei korvattava kulu.")
    world.say(first, ref, 3, "park", code="evidence", text="Selvitys puuttuu.")
    page = words(first.get(f"/review/{ref}/clean"))
    clean = [row.line_no for row in rows[3:]]
    first.post(f"/review/{ref}/clean", {"lines": [str(number) for number in clean]}, status=303)
    world.approve_rest(first, app, ref)
    assert "without remarks" in page
    answer = first.post(
        f"/review/{ref}/decision", {"version": str(world.by_ref(app, ref).version), "legal": "fi"}, status=409
    )
    assert "second reviewer" in words(answer)
    first.post(f"/review/{ref}/second")
    first.post(f"/review/{ref}/second/answer", {"answer": "confirm"}, status=403)
    second.post(f"/review/{ref}/second/answer", {"answer": "back"}, status=422)
    second.post(f"/review/{ref}/second/answer", {"answer": "confirm"})
    assert "approve €" in words(first.get(f"/review/{ref}/decision"))
    world.decide(first, app, ref)
    claim = world.by_ref(app, ref)
    assert claim.status is ClaimStatus.DECIDED
    assert (claim.case_number or "").startswith("KO ")
    texts = {}
    for lang in LANGUAGES:
        content = first.get(f"/claims/{ref}/decision/1.pdf?lang={lang}").data
        texts[lang] = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert "Sovittu hinta on pienempi." in texts["fi"]
    assert "30 päivän kuluessa" in texts["fi"].replace("\n", " ") or "30" in texts["fi"]
    assert "This is a translation" in texts["en"].replace("\n", " ")
    assert "This is a translation" not in texts["fi"]
    assert world.breaches(app) == {}
    county = enter("claims-officer", "fi")
    assert "Sovittu hinta on pienempi." in words(county.get(f"/claims/{ref}/decision"))
    enter("other-social-worker").get(f"/claims/{ref}/decision", status=404)


def test_a_verdict_after_the_second_look_asks_for_it_anew(app, enter):
    ref = sent(app)
    first, second = enter("reviewer"), enter("reviewer-2")
    world.take(first, app, ref)
    world.approve_rest(first, app, ref)
    first.post(f"/review/{ref}/second")
    second.post(f"/review/{ref}/second/answer", {"answer": "confirm"})
    world.say(first, ref, 1, "reject", seen=1, code="late", text="Myöhässä.")
    assert "Not ready yet" in words(first.get(f"/review/{ref}/decision"))
    version = str(world.by_ref(app, ref).version)
    first.post(f"/review/{ref}/decision", {"version": version, "legal": "fi"}, status=409)


def test_a_verdict_against_the_county_has_a_reason_and_what_was_typed_stays(app, enter):
    ref = examined(app)
    client = enter("payment-examiner", "fi")
    number = world.untouched(app, ref)[-1].line_no
    for verdict in ("reject", "park", "part"):
        answer = world.say(client, ref, number, verdict, text="Koska tosite puuttuu.", status="422")
        page = answer.get_data(as_text=True)
        assert "Valitse syy." in page
        assert "Koska tosite puuttuu." in page
        assert "<title>Virhe:" in page.replace("\n", "").replace("    ", "")
    answer = world.say(client, ref, number, "part", code="arithmetic", text="Liikaa.", cents="99999999", status="422")
    assert "koko summan väliltä" in words(answer)
    world.say(client, ref, number, "", status="422")
    world.say(client, ref, number, "part", code="arithmetic", text="Liikaa.", cents="abc", status="422")


def test_totals_add_up_after_every_verdict(app, enter):
    ref = examined(app)
    client = enter("payment-examiner")
    rows = [row for row in world.untouched(app, ref) if row.claimed_cents > 200]
    for number, verdict in zip([row.line_no for row in rows[-4:]], ["approve", "part", "reject", "park"], strict=True):
        world.say(client, ref, number, verdict, cents="1,00", code="other", text="Syy.")
        page = client.get(f"/review/{ref}").get_data(as_text=True)
        sums = [world_cents(part) for part in page.split('id="totals"')[1].split("</dl>")[0].split("<dd>")[1:]]
        assert sums[0] == sum(sums[1:])


def world_cents(part: str) -> int:
    return round(float(part.split("<")[0].replace("€", "").replace(",", "").strip()) * 100)


def test_two_who_say_something_of_one_line_see_each_other(app, enter):
    ref = examined(app)
    client = enter("payment-examiner")
    number = world.untouched(app, ref)[-1].line_no
    world.say(client, ref, number, "approve")
    answer = world.say(client, ref, number, "reject", code="late", text="Liian myöhään.", status="409")
    page = answer.get_data(as_text=True)
    assert "Somebody said something of this line meanwhile" in words(answer)
    assert "Liian myöhään." in page
    assert 'name="seen" value="1"' in page
    world.say(client, ref, number, "reject", seen=1, code="late", text="Liian myöhään.")


def test_clean_lines_are_listed_approved_together_and_undone(app, enter):
    ref = examined(app)
    client = enter("payment-examiner")
    page = client.get(f"/review/{ref}/clean").get_data(as_text=True)
    listed = [part.split('"')[0] for part in page.split('name="lines" value="')[1:]]
    assert listed
    answer = client.post(f"/review/{ref}/clean", {"lines": listed})
    done = client.get(answer.headers["Location"])
    assert "Undo" in words(done)
    client.post(f"/review/{ref}/clean", {"lines": listed}, status=409)
    client.post(f"/review/{ref}/clean/undo", {"lines": listed})
    again = client.get(f"/review/{ref}").get_data(as_text=True)
    assert again.count("Approved</strong>") < len(listed) + 10
    client.post(f"/review/{ref}/clean/undo", {"lines": listed}, status=409)


def test_a_question_opens_only_its_lines_and_the_claim_waits_for_the_county(app, enter):
    ref = examined(app)
    client = enter("payment-examiner")
    rows = world.lines(app, ref)
    client.post(f"/review/{ref}/query", {"lines": [str(rows[-1].line_no)], "due_on": "1.12.2026"}, status=422)
    client.post(f"/review/{ref}/query", {"question": "Miksi?", "due_on": "1.12.2026"}, status=422)
    late = {"lines": [str(rows[-1].line_no)], "question": "Miksi?", "due_on": "1.12.2027"}
    client.post(f"/review/{ref}/query", late, status=422)
    client.post(f"/review/{ref}/query", {**late, "due_on": "1.12.2026"})
    assert "The county" in words(client.get("/review"))
    assert "Miksi?" in words(client.get(f"/review/{ref}"))


def test_the_county_is_heard_before_the_decision_and_states_its_view_once(app, enter):
    ref = examined(app)
    client, county = enter("payment-examiner"), enter("claims-officer")
    client.post(f"/review/{ref}/hearing", {"about": "Vuokraa ollaan leikkaamassa.", "due_on": "8.12.2026"})
    client.post(f"/review/{ref}/hearing", {"about": "Toinen.", "due_on": "8.12.2026"}, status=409)
    assert "Hearings to answer" in words(county.get("/today"))
    county.post(f"/review/{ref}/hearings/1", {"statement": ""}, status=422)
    county.post(f"/review/{ref}/hearings/1", {"statement": "Vuokra perustuu sopimukseen."})
    county.post(f"/review/{ref}/hearings/1", {"statement": "Vielä."}, status=409)
    assert "Vuokra perustuu sopimukseen." in words(client.get(f"/review/{ref}"))
    enter("other-social-worker").get(f"/review/{ref}/hearings/1", status=403)


def test_a_sample_can_be_drawn_again_and_projects_its_error(app, enter):
    ref = examined(app)
    client = enter("payment-examiner")
    client.post(f"/review/{ref}/sample", {"size": "0", "seed": "7"}, status=422)
    client.post(f"/review/{ref}/sample", {"size": "3", "seed": "7"})
    client.post(f"/review/{ref}/sample", {"size": "3", "seed": "7"})
    page = words(client.get(f"/review/{ref}/sample"))
    first, second = (part.split("Refused")[0].split("Lines")[-1] for part in page.split("Method")[1:3])
    assert first == second
    assert "Drawing again gives the same lines" in page
    world.approve_rest(client, app, ref)
    assert "Projected error €0.00" in words(client.get(f"/review/{ref}/sample")) or "wait" in words(
        client.get(f"/review/{ref}/sample")
    )


def test_a_child_is_a_reference_until_a_reason_is_given_and_the_look_is_logged(app, enter):
    ref = examined(app)
    client = enter("payment-examiner")
    line = next(row for row in world.lines(app, ref) if row.child_ref)
    with world.database(app).read_only() as session:
        child = session.exec(select(Child).where(Child.ref == line.child_ref)).one()
        name, key = f"{child.first_name} {child.last_name}", child.id
    url = f"/review/{ref}/lines/{line.line_no}"
    assert name not in words(client.get(url))
    client.post(f"{url}/identity", {"purpose": "x"})
    assert name not in words(client.get(url))
    shown = client.post(f"{url}/identity", {"purpose": "Lapsi on kahdessa hakemuksessa."}, status=200)
    assert name in words(shown)
    assert name not in words(client.get(url))
    with world.database(app).read_only() as session:
        looks = session.exec(select(UseLog).where(UseLog.child_id == key, UseLog.relation == "purpose")).all()
        events = session.exec(select(AuditEvent).where(AuditEvent.action == "identity-revealed")).all()
    assert len(looks) == 1
    assert len(events) == 1
    enter("payer").post(f"{url}/identity", {"purpose": "Haluan tietää kuka."}, status=403)


def test_who_pays_sees_no_child(app, enter):
    claim = world.one_claim(app, ClaimStatus.DECIDED, Gate.PAYMENT, corrected=True)
    page = words(enter("payer").get(f"/review/{claim.ref}"))
    assert "CH-" not in page
    assert "CH-" in words(enter("payment-examiner").get(f"/review/{claim.ref}"))


def test_evidence_is_opened_by_who_examines_and_that_is_recorded(app, enter):
    ref = examined(app)
    line = next(row for row in world.lines(app, ref) if row.evidence_id)
    answer = enter("payment-examiner").get(f"/review/{ref}/evidence/{line.evidence_id}")
    assert answer.data.startswith(b"%PDF")
    with world.database(app).read_only() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.action == "evidence-opened")).all()
    enter("payment-examiner").get(f"/review/{ref}/evidence/999999", status=404)
    enter("payer").get(f"/review/{ref}/evidence/{line.evidence_id}", status=403)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_today_tells_reviewers_what_waits(app, enter, lang):
    page = words(enter("reviewer", lang).get("/today"))
    assert {"fi": "Uudet hakemukset", "sv": "Nya ansökningar", "en": "New claims"}[lang] in page
