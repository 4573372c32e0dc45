"""A decision explained to the child: six languages, right to left where it is written so, unreviewed text says so."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader
from sqlmodel import select

from placement.catalogues import catalogue
from placement.children.tables import Child
from placement.decisions.explaining_words import LANGUAGES, OTHERS, _catalogue_texts, best_language
from placement.decisions.tables import Decision, DecisionStatus
from placement.documents.explanation import translations
from tests.client import JudgingClient

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
TAGS = {"fi": "fi", "sv": "sv", "en": "en", "ar": "ar", "prs": "fa-AF", "so": "so"}


@pytest.fixture(scope="module")
def told(worked_module_app):
    """An application on the demo and a decision made about a child of the first county."""
    app = worked_module_app
    with app.extensions["placement"].database.read_only() as session:
        made = session.exec(
            select(Decision).join(Child, Child.id == Decision.child_id)
            .where(Decision.status == DecisionStatus.MADE, Child.county_id == 8, Child.protected.is_(False))
        ).first()  # fmt: skip
    return app, made


def client_of(app, account="social-worker", lang="en"):
    client = JudgingClient(app, lang=lang)
    client.sign_in(account)
    return client


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_names_its_language_and_its_direction(told, code):
    app, made = told
    page = client_of(app).get(f"/decisions/{made.ref}/explanation?language={code}").get_data(as_text=True)
    article = re.search(r'<article[^>]*id="explanation"[^>]*>', page).group(0)
    assert f'lang="{TAGS[code]}"' in article
    assert ('dir="rtl"' in article) is (code in ("ar", "prs"))
    assert ('id="unreviewed"' in page) is (code in OTHERS)
    assert 'lang="fi" dir="ltr">Haluan asua' in page, "what the child said stays as it was written"


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_paper_is_one_tagged_page_in_its_language(told, code):
    app, made = told
    answer = client_of(app).get(f"/decisions/{made.ref}/explanation.pdf?language={code}")
    paper = PdfReader(io.BytesIO(answer.get_data()))
    assert len(paper.pages) == 1
    assert paper.trailer["/Root"]["/Lang"].lower() == TAGS[code].lower()
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert answer.headers["Content-Language"] == TAGS[code]
    assert "Haluan" in paper.pages[0].extract_text()


def test_only_a_made_decision_of_the_own_county_is_explained_and_the_look_is_logged(told):
    app, made = told
    client_of(app, "other-social-worker").get(f"/decisions/{made.ref}/explanation", status=404)
    client_of(app, "reviewer").get(f"/decisions/{made.ref}/explanation", status=403)
    with app.extensions["placement"].database.transaction() as session:
        session.get(Child, made.child_id).protected = True
    coordinator = client_of(app, "coordinator")
    assert coordinator._send("GET", f"/decisions/{made.ref}/explanation").status_code == 403
    assert coordinator._send("GET", f"/decisions/{made.ref}/explanation.pdf").status_code == 403


def test_the_language_is_the_one_the_child_speaks_best():
    assert best_language({"so": 5, "fi": 2}) == "so"
    assert best_language({"uk": 5, "ar": 3, "sv": 3}) == "sv", "of two equal ones the one whose text is reviewed"
    assert best_language({"ti": 5}) == "en"


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_there_with_its_values(code):
    english, stored = _catalogue_texts(catalogue("en").gettext), translations()[code]
    assert set(stored) - {"reviewed", "unreviewed"} == set(english)
    assert stored["reviewed"] is False
    for key, text in english.items():
        assert set(PLACEHOLDER.findall(str(stored[key]))) == set(PLACEHOLDER.findall(text)), key
