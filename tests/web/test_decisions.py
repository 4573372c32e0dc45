"""The decision pages, from the held place to the served decision, in three languages and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import Session, select

from placement.audit.tables import UseLog
from placement.decisions.tables import BookingRefusal, Decision, Hold, Stay
from tests.conftest import NOW
from tests.placing import add_child, add_unit, person

LANGUAGES = ("fi", "sv", "en")
ANSWERS = {
    "start": "1.12.2026",
    "end": "1.12.2027",
    "review_on": "1.6.2027",
    "assessment_on": "2.11.2026",
    "child_hearing": "heard",
    "child_heard_on": "20.11.2026",
    "child_heard_how": "conversation",
    "child_heard_language": "so",
    "child_opinion": "Haluan käydä samaa koulua.",
    "representative_hearing": "heard",
    "representative_heard_on": "21.11.2026",
    "representative_opinion": "Puoltaa.",
    "alternatives": "Kaksi muuta yksikköä arvioitiin.",
    "reasons": "Yhteinen kieli ja koulu lähellä.",
    "legal_bases": ["care_arranged", "best_interests"],
    "language": "fi",
}


@pytest.fixture
def do(app: Any) -> Callable[[Callable[[Session], Any]], Any]:
    return app.extensions["placement"].database.write


@pytest.fixture
def case(do: Any) -> tuple[str, str]:
    """A waiting child and a home with one place: their references."""

    def work(session: Session) -> tuple[str, str]:
        worker = person(session, "social-worker").id
        return add_child(session, worker_id=worker).ref, add_unit(session, "Koivukoti", places=1).ref

    return do(work)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def draft(do: Any) -> Decision:
    return do(lambda s: s.exec(select(Decision)).one())


def begin(client: Any, case: tuple[str, str]) -> None:
    client.post("/decisions/start", {"child": case[0], "unit": case[1]})


def answers(do: Any, **changes: Any) -> dict[str, Any]:
    return {**ANSWERS, "version": draft(do).version, **changes}


def decide(client: Any, do: Any, case: tuple[str, str], **changes: Any) -> str:
    begin(client, case)
    ref = draft(do).ref
    client.post(f"/decisions/{ref}/save", {**answers(do, **changes), "check": "1"})
    client.post(f"/decisions/{ref}/make", {"version": draft(do).version})
    return ref


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_of_the_way_to_a_decision_is_whole(sign_in, do, case, lang):
    client = sign_in("social-worker", lang=lang)
    client.get("/decisions")
    client.get(f"/decisions/new?child={case[0]}")
    begin(client, case)
    client.get(f"/decisions/new?child={case[0]}")
    ref = draft(do).ref
    client.get(f"/decisions/{ref}/hold", htmx=True)
    client.get(f"/decisions/{ref}/places")
    client.post(f"/decisions/{ref}/save", {"version": draft(do).version, "check": "1"}, status=422)
    client.post(f"/decisions/{ref}/save", answers(do), htmx=True, status=200)
    client.get(f"/decisions/{ref}/check")
    client.get("/decisions")
    client.post(f"/decisions/{ref}/make", {"version": draft(do).version})
    client.get(f"/decisions/{ref}")
    client.get("/decisions")
    client.get("/today")


def test_starting_holds_the_place_and_says_so(sign_in, do, case):
    client = sign_in("social-worker")
    begin(client, case)
    page = text(client.get(f"/decisions/new?child={case[0]}"))
    assert "Place held for 30 minutes" in page
    assert "11:30" in page
    assert "30 minutes left" in page


def test_the_place_is_kept_thirty_minutes_more_once(sign_in, do, case):
    client = sign_in("social-worker")
    begin(client, case)
    ref = draft(do).ref
    client.post(f"/decisions/{ref}/keep", {})
    assert do(lambda s: s.exec(select(Hold)).one().expires_at) == NOW + timedelta(hours=1)
    refused = client.post(f"/decisions/{ref}/keep", {}, status=409)
    assert "kept 30 minutes more already" in text(refused)


def test_keeping_the_place_saves_what_was_typed(sign_in, do, case):
    client = sign_in("social-worker")
    begin(client, case)
    client.post(f"/decisions/{draft(do).ref}/keep", answers(do))
    assert draft(do).reasons == ANSWERS["reasons"]


def test_a_place_whose_time_is_over_is_held_again_while_it_is_free(sign_in, do, case):
    client = sign_in("social-worker")
    begin(client, case)
    _run_out(do)
    page = text(client.get(f"/decisions/new?child={case[0]}"))
    assert "Hold the place again" in page
    client.post(f"/decisions/{draft(do).ref}/keep", answers(do))
    assert "Place held for 30 minutes" in text(client.get(f"/decisions/new?child={case[0]}"))


def test_the_confirmation_tells_what_happens_next_and_fills_the_unit(sign_in, do, case):
    client = sign_in("social-worker")
    ref = decide(client, do, case)
    page = text(client.get(f"/decisions/{ref}"))
    assert "DE 1/2026" in page
    assert "What happens next" in page
    assert "1/1 places" in page
    assert do(lambda s: s.exec(select(Stay)).one().decision_id) == do(lambda s: s.exec(select(Decision)).one().id)


def test_pressing_make_twice_gives_one_decision(sign_in, do, case):
    client = sign_in("social-worker")
    ref = decide(client, do, case)
    again = client.post(f"/decisions/{ref}/make", {"version": 1})
    assert again.headers["Location"].endswith(f"/decisions/{ref}")
    assert len(do(lambda s: s.exec(select(Stay)).all())) == 1


@pytest.mark.parametrize(
    ("lang", "words"),
    [("fi", "Päätös asumisen järjestämisestä"), ("sv", "Beslut om ordnande av boende"), ("en", "Placement decision")],
)
def test_the_document_is_served_in_three_languages_without_a_name_in_its_file_name(sign_in, do, case, lang, words):
    client = sign_in("social-worker")
    ref = decide(client, do, case)
    answer = client.get(f"/decisions/{ref}.pdf?lang={lang}")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{ref}-{lang}.pdf"'
    page = PdfReader(BytesIO(answer.data)).pages[0].extract_text()
    assert words in page
    assert "DEMO" in page


def test_opening_the_swedish_document_leaves_the_pages_in_the_readers_language(sign_in, do, case):
    client = sign_in("social-worker", lang="en")
    ref = decide(client, do, case)
    client.get(f"/decisions/{ref}.pdf?lang=sv")
    assert "What happens next" in text(client.get(f"/decisions/{ref}"))


def test_a_document_in_a_language_that_was_not_written_is_not_found(sign_in, do, case):
    client = sign_in("social-worker")
    ref = decide(client, do, case)
    client.get(f"/decisions/{ref}.pdf?lang=de", status=404)


def test_every_look_at_the_child_is_in_the_use_log(sign_in, do, case):
    client = sign_in("social-worker")
    ref = decide(client, do, case)

    def looks() -> int:
        return len(do(lambda s: s.exec(select(UseLog)).all()))

    for url in (f"/decisions/{ref}", f"/decisions/{ref}.pdf"):
        before = looks()
        client.get(url)
        assert looks() == before + 1


def test_continue_with_missing_answers_names_each_and_keeps_what_was_typed(sign_in, do, case):
    client = sign_in("social-worker")
    begin(client, case)
    ref = draft(do).ref
    sent = {"version": draft(do).version, "reasons": "Vain tämä.", "check": "1"}
    page = client.post(f"/decisions/{ref}/save", sent, status=422)
    assert "There is a problem" in text(page)
    assert "Vain tämä." in page.get_data(as_text=True)
    assert 'href="#child_hearing"' in page.get_data(as_text=True)


def test_a_day_that_cannot_be_read_is_named_and_the_rest_is_saved(sign_in, do, case):
    client = sign_in("social-worker")
    begin(client, case)
    ref = draft(do).ref
    page = client.post(f"/decisions/{ref}/save", answers(do, review_on="ensi vuonna"), status=422)
    assert "ensi vuonna" in page.get_data(as_text=True)
    assert draft(do).reasons == ANSWERS["reasons"]


def test_a_save_over_a_newer_version_shows_both(sign_in, do, case):
    client = sign_in("social-worker")
    begin(client, case)
    ref, opened = draft(do).ref, draft(do).version
    client.post(f"/decisions/{ref}/save", answers(do))
    page = client.post(f"/decisions/{ref}/save", {**ANSWERS, "version": opened, "reasons": "Toinen."}, status=409)
    assert "Toinen." in text(page)
    assert ANSWERS["reasons"] in text(page)


def test_a_place_taken_meanwhile_is_told_with_the_time_and_other_places(sign_in, do, case, make_app):
    client = sign_in("social-worker")
    begin(client, case)
    ref = draft(do).ref
    client.post(f"/decisions/{ref}/save", {**answers(do), "check": "1"})
    do(lambda s: add_unit(s, "Haapakoti").ref)
    _run_out(do)
    taken = do(lambda s: _somebody_else(s, case[1]))
    page = client.post(f"/decisions/{ref}/make", {"version": draft_of(do, ref).version}, status=409)
    assert f"The place was taken at {taken} by another decision" in text(page)
    assert "Haapakoti" in text(page)
    assert [row.code for row in do(lambda s: s.exec(select(BookingRefusal)).all())] == ["unit-full"]
    assert draft_of(do, ref).reasons == ANSWERS["reasons"]
    again = text(client.get(f"/decisions/new?child={case[0]}"))
    assert f"The place was taken at {taken} by another decision" in again


def draft_of(do: Any, ref: str) -> Decision:
    return do(lambda s: s.exec(select(Decision).where(Decision.ref == ref)).one())


def _run_out(do: Any) -> None:
    def work(session: Session) -> None:
        hold = session.exec(select(Hold)).one()
        hold.made_at, hold.expires_at = NOW - timedelta(hours=1), NOW - timedelta(minutes=30)
        session.add(hold)

    do(work)


def _somebody_else(session: Session, unit_ref: str) -> str:
    from tests.integration.test_decisions import begin as start
    from tests.integration.test_decisions import make, write_whole

    other = add_child(session, "Toinen")
    ref = start(session, other.ref, unit_ref)
    write_whole(session, ref)
    make(session, ref)
    return "11:00"


def test_a_full_unit_refuses_the_start_and_the_refusal_is_on_record(sign_in, do, case):
    client = sign_in("social-worker")
    begin(client, case)
    other = do(lambda s: add_child(s, "Toinen").ref)
    page = client.post("/decisions/start", {"child": other, "unit": case[1]}, status=409)
    assert "full" in text(page)
    assert [row.code for row in do(lambda s: s.exec(select(BookingRefusal)).all())] == ["unit-full"]


def test_a_rule_break_goes_to_the_county_lead_and_back(sign_in, do):
    child, unit = do(lambda s: (add_child(s).ref, add_unit(s, "Nuorten koti", age_min_months=16 * 12).ref))
    worker, lead = sign_in("social-worker"), sign_in("county-lead")
    begin(worker, (child, unit))
    ref = draft(do).ref
    worker.post(f"/decisions/{ref}/save", {**answers(do, deviation_reason="Lähellä siskoa."), "check": "1"})
    page = text(worker.get(f"/decisions/{ref}/check"))
    assert "Ask a second official to confirm" in page
    assert "Make the decision" not in page
    worker.post(f"/decisions/{ref}/ask", {"version": draft(do).version})
    assert "Rule breaks to confirm" in text(lead.get("/today"))
    lead.get(f"/decisions/{ref}/confirm")
    lead.post(f"/decisions/{ref}/confirm", {"version": draft(do).version, "reason": " "}, status=422)
    lead.post(f"/decisions/{ref}/confirm", {"version": draft(do).version, "reason": "Perusteltu."})
    page = text(worker.get(f"/decisions/{ref}/check"))
    assert "Decide against the proposal" in page
    worker.post(f"/decisions/{ref}/make", {"version": draft(do).version})
    assert "Rules that were set aside" in text(worker.get(f"/decisions/{ref}"))


def test_a_declined_rule_break_comes_back_with_the_reason(sign_in, do):
    child, unit = do(lambda s: (add_child(s).ref, add_unit(s, "Nuorten koti", age_min_months=16 * 12).ref))
    worker, lead = sign_in("social-worker"), sign_in("county-lead")
    begin(worker, (child, unit))
    ref = draft(do).ref
    worker.post(f"/decisions/{ref}/save", {**answers(do, deviation_reason="Syy."), "check": "1"})
    worker.post(f"/decisions/{ref}/ask", {"version": draft(do).version})
    lead.post(f"/decisions/{ref}/confirm", {"version": draft(do).version, "reason": "Liian nuori.", "decline": "1"})
    assert "Liian nuori." in text(worker.get(f"/decisions/new?child={child}"))


def test_service_is_recorded_and_starts_the_thirty_days(sign_in, do, case):
    client = sign_in("social-worker")
    ref = decide(client, do, case)
    url, version = f"/decisions/{ref}/served", draft(do).version
    client.post(url, {"version": version, "served_child_on": "23.11.2026"}, status=422)
    client.post(url, {"version": version, "served_child_on": "24.11.2026", "served_representative_on": ""})
    page = text(client.get(f"/decisions/{ref}"))
    assert "24 December 2026" not in page  # Christmas Eve is no working day: the time runs on
    assert "28 December 2026" in page


def test_another_county_gets_the_same_404_as_for_what_does_not_exist(sign_in, do, case):
    begin(sign_in("social-worker"), case)
    ref = draft(do).ref
    other = sign_in("other-social-worker")
    for url in (
        f"/decisions/{ref}",
        f"/decisions/{ref}/check",
        f"/decisions/{ref}.pdf",
        f"/decisions/new?child={case[0]}",
    ):
        other.get(url, status=404)
    for act in ("save", "keep", "discard", "make", "ask", "served"):
        other.post(f"/decisions/{ref}/{act}", {"version": 1, "served_child_on": "24.11.2026"}, status=404)
    other.get("/decisions/DE-0000-0000", status=404)


def test_a_coordinator_sees_the_draft_and_decides_nothing(sign_in, do, case):
    begin(sign_in("social-worker"), case)
    ref = draft(do).ref
    coordinator = sign_in("coordinator")
    assert "being written" in text(coordinator.get(f"/decisions/{ref}"))
    coordinator.post(f"/decisions/{ref}/make", {"version": 1}, status=403)
    coordinator.post("/decisions/start", {"child": case[0], "unit": case[1]}, status=403)


def test_a_sign_that_cannot_be_printed_is_named_and_nothing_is_decided(sign_in, do, case):
    client = sign_in("social-worker")
    begin(client, case)
    ref = draft(do).ref
    client.post(f"/decisions/{ref}/save", {**answers(do, reasons="Hyvä paikka 😀"), "check": "1"})
    page = client.post(f"/decisions/{ref}/make", {"version": draft(do).version}, status=422)
    assert "😀" in text(page)
    assert do(lambda s: s.exec(select(Stay)).all()) == []


def test_a_protected_childs_name_and_document_stay_closed_to_those_without_a_reason(sign_in, do):
    child, unit = do(lambda s: (add_child(s, "Zzsalainen", protected=True).ref, add_unit(s, "Zzpaikka").ref))
    client = sign_in("social-worker")
    ref = decide(client, do, (child, unit))
    for url in ("/decisions", f"/decisions/{ref}"):
        page = client.get(url).get_data(as_text=True)
        assert "Zzsalainen" not in page
        assert "Zzpaikka" not in page
    client.get(f"/decisions/{ref}.pdf", status=403)
