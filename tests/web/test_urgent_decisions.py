"""An urgent decision on its pages: started from the child's path, refused, made, told everywhere, looked at again."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import Session, select

from placement.decisions.tables import Decision, Stay
from placement.integration.tables import ChildService, ServiceNeedAssessment
from tests.conftest import NOW
from tests.placing import TODAY, person
from tests.web.test_decisions import ANSWERS, case, do, draft

__all__ = ["case", "do"]  # fixtures of decisions, used here too

WORDS = {
    "fi": ("Kiireellinen ja väliaikainen", "Kiireellinen päätös asumisen järjestämisestä", "Tarvitset paikan nyt."),
    "sv": ("Brådskande och tillfälligt", "Brådskande beslut om ordnande av boende", "Du behöver en plats nu."),
    "en": ("Urgent and provisional", "Urgent placement decision", "You need a place now."),
}
GROUP = {
    "fi": "Tarkistettavat kiireelliset päätökset",
    "sv": "Brådskande beslut att se över",
    "en": "Urgent decisions to look at again",
}
REASON = "Lapsella ei ole yöpaikkaa."


def begin(client: Any, case: tuple[str, str]) -> None:
    """Start an urgent decision by the forms of the page that the child's path leads to."""
    path = client.get(f"/children/{case[0]}/path").get_data(as_text=True)
    link = re.search(r'id="add-urgent" href="([^"]+)"', path)
    page = client.get(link.group(1).replace("&amp;", "&")).get_data(as_text=True)
    assert page.count('name="kind" value="urgent"') == 1
    client.post("/decisions/start", {"child": case[0], "unit": case[1], "kind": "urgent", "start": "24.11.2026"})


def answers(do: Any, **changes: Any) -> dict[str, Any]:
    start = {"start": "24.11.2026", "review_on": "15.12.2026", "assessment_on": "", "check": "1"}
    urgent = {"kind": "urgent", "urgent_reason": REASON, "legal_bases": ["care_arranged", "urgent"]}
    return {**ANSWERS, **start, **urgent, "version": draft(do).version, **changes}


def decide(client: Any, do: Any, case: tuple[str, str]) -> str:
    begin(client, case)
    ref = draft(do).ref
    client.post(f"/decisions/{ref}/save", answers(do))
    client.post(f"/decisions/{ref}/make", {"version": draft(do).version})
    return ref


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_every_page_and_paper_says_that_it_is_urgent_and_provisional(sign_in, do, case, lang):
    client = sign_in("social-worker", lang=lang)
    ref = decide(client, do, case)
    provisional, title, to_the_child = WORDS[lang]
    page = text(client.get(f"/decisions/{ref}"))
    assert provisional in page
    assert REASON in page
    assert text(client.get("/decisions")).count(WORDS[lang][0].split()[0]) >= 1
    paper = PdfReader(BytesIO(client.get(f"/decisions/{ref}.pdf?lang={lang}").get_data()))
    written = re.sub(r"\s+", " ", "\n".join(sheet.extract_text() for sheet in paper.pages))
    assert title in written
    assert REASON in written
    assert {"fi": "15.12.2026", "sv": "15.12.2026", "en": "15 December 2026"}[lang] in written
    assert to_the_child in text(client.get(f"/decisions/{ref}/explanation?language={lang}"))


def test_the_timeline_and_today_tell_it_until_it_is_looked_at_again(sign_in, do, case):
    client = sign_in("social-worker", lang="en")
    assert GROUP["en"] not in text(client.get("/today"))
    ref = decide(client, do, case)
    assert "Urgent placement decision DE 1/2026, before the assessment was ready" in text(
        client.get(f"/children/{case[0]}/path")
    )
    assert "Decision DE 1/2026 kept as a document" in text(client.get(f"/children/{case[0]}/path"))
    assert GROUP["en"] in text(client.get("/today"))
    review = do(lambda s: s.exec(select(ChildService).where(ChildService.kind == "decision_review")).one())
    assert f"/services/{review.number}" in client.get(f"/decisions/{ref}").get_data(as_text=True)
    client.post(
        f"/children/{case[0]}/services/{review.number}/confirm",
        {"version": review.version, "delivered_on": "24.11.2026", "evidence": "Arviointi valmis; päätös tehdään."},
    )
    assert GROUP["en"] not in text(client.get("/today"))
    assert "It was looked at again on 24 November 2026" in text(client.get(f"/decisions/{ref}"))
    assert "Done: Look at the urgent decision again" in text(client.get(f"/children/{case[0]}/path"))


@pytest.mark.parametrize("lang", ["fi", "sv"])
def test_today_names_it_in_the_readers_language(sign_in, do, case, lang):
    client = sign_in("social-worker", lang=lang)
    decide(client, do, case)
    assert GROUP[lang] in text(client.get("/today"))


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("review_on", "24.11.2026", "on a later day than today"),
        ("review_on", "25.2.2027", "by 24 February 2027"),
        ("assessment_on", "2.11.2026", "The assessment was ready on 2 November 2026"),
        ("urgent_reason", "", "Write why the assessment cannot be waited for."),
    ],
)
def test_what_the_law_does_not_allow_is_refused_with_what_was_typed(sign_in, do, case, field, typed, said):
    client = sign_in("social-worker", lang="en")
    begin(client, case)
    page = client.post(f"/decisions/{draft(do).ref}/save", answers(do, **{field: typed}), status=422)
    assert said in text(page)
    assert typed in page.get_data(as_text=True)
    client.post(f"/decisions/{draft(do).ref}/save", answers(do), status=303)


def test_once_the_assessment_is_ready_no_urgent_decision_is_offered_or_made(sign_in, do, case):
    client = sign_in("social-worker", lang="en")
    begin(client, case)
    client.post(f"/decisions/{draft(do).ref}/save", answers(do))

    def ready(session: Session) -> None:
        one = session.exec(select(Decision)).one()
        child, county = one.child_id, one.county_id
        worker = person(session, "social-worker")
        day = TODAY - timedelta(days=1)
        session.add(
            ServiceNeedAssessment(
                child_id=child, county_id=county, number=1, contact_on=day, started_on=day,
                ready_on=day, summary="…", worker_id=worker.id, recorded_at=NOW,
            )
        )  # fmt: skip

    do(ready)
    ref, version = draft(do).ref, draft(do).version
    refused = client.post(f"/decisions/{ref}/make", {"version": version}, status=422)
    assert "The assessment was ready on 23 November 2026" in text(refused)
    client.post(f"/decisions/{ref}/discard", {})
    page = client.get(f"/decisions/new?child={case[0]}&kind=urgent")
    assert "No urgent decision is needed" in text(page)
    assert 'name="kind"' not in page.get_data(as_text=True)


STAYS = {
    "fi": (
        "Lapsi asuu jo täällä", "lapsi asuu edelleen yksikössä Koivukoti",
        "Asut edelleen täällä: Koivukoti.", "vahvisti sen"),
    "sv": (
        "Barnet bor redan här", "barnet fortsätter att bo i enheten Koivukoti",
        "Du fortsätter att bo här: Koivukoti.", "bekräftade det"),
    "en": (
        "The child lives here already", "the child goes on living in the unit Koivukoti",
        "You go on living here: Koivukoti.", "confirmed it"),
}  # fmt: skip


def assessed(do: Any) -> None:
    def work(session: Session) -> None:
        one = session.exec(select(Decision)).first()
        worker = person(session, "social-worker")
        session.add(
            ServiceNeedAssessment(
                child_id=one.child_id, county_id=one.county_id, number=1, contact_on=TODAY, started_on=TODAY,
                ready_on=TODAY, summary="…", worker_id=worker.id, recorded_at=NOW,
            )
        )  # fmt: skip

    do(work)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_decision_on_the_assessment_keeps_the_child_where_it_is(sign_in, do, case, lang):
    client = sign_in("social-worker", lang=lang)
    first = decide(client, do, case)
    assessed(do)
    link = re.search(r'id="decide-[^"]+" href="([^"]+)"', client.get(f"/decisions/{first}").get_data(as_text=True))
    start = client.get(link.group(1)).get_data(as_text=True)
    assert f'id="start-{case[1]}"' in start
    client.post("/decisions/start", {"child": case[0], "unit": case[1]})
    second = do(lambda s: s.exec(select(Decision).where(Decision.ref != first)).one())
    lives_here, in_the_letter, to_the_child, confirmed = STAYS[lang]
    assert lives_here in text(client.get(f"/decisions/new?child={case[0]}"))
    typed = {**ANSWERS, "start": "24.11.2026", "assessment_on": "24.11.2026", "review_on": "24.5.2027", "check": "1"}
    client.post(f"/decisions/{second.ref}/save", {**typed, "version": second.version}, status=303)
    version = do(lambda s: s.get(Decision, second.id).version)
    client.post(f"/decisions/{second.ref}/make", {"version": version}, status=303)
    number = do(lambda s: s.exec(select(Decision).where(Decision.ref == first)).one().case_number)
    assert number in text(client.get(f"/decisions/{second.ref}"))
    assert confirmed in text(client.get(f"/decisions/{first}"))
    paper = PdfReader(BytesIO(client.get(f"/decisions/{second.ref}.pdf?lang={lang}").get_data()))
    written = re.sub(r"\s+", " ", "\n".join(sheet.extract_text() for sheet in paper.pages))
    assert in_the_letter in written
    assert number in written
    assert to_the_child in text(client.get(f"/decisions/{second.ref}/explanation?language={lang}"))
    assert GROUP[lang] not in text(client.get("/today"))
    client.get(f"/children/{case[0]}/path")
    assert do(lambda s: len(s.exec(select(Stay)).all())) == 1
