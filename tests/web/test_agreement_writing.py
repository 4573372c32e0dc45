"""Writing a draft together: what saves itself, what is not saved yet, and two people in the same place."""

from __future__ import annotations

import re

import pytest

from tests.web.test_agreement_life import db, home, new_agreement, tampere, text, words

__all__ = ["db", "home", "tampere"]  # fixtures of the life of agreements, used here too


def fields(page):
    """Return what the conflict's form would send when every choice that is ticked stays."""
    data = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page))
    for found in re.finditer(r'name="([\w-]+)"\s+value="([^"]*)"\s+checked', page):
        data[found.group(1)] = found.group(2)
    return data


@pytest.fixture
def pair(sign_in, tampere):
    one, other = sign_in("coordinator"), sign_in("county-lead")
    return one, other, new_agreement(one, tampere)


def test_a_clause_saves_itself_and_says_when(pair):
    one, _other, ref = pair
    url = f"/agreements/{ref}/clauses/disputes"
    page = text(one.get(f"/agreements/{ref}/clauses"))
    assert f'hx-post="{url}"' in page
    assert 'hx-trigger="input delay:2s"' in page
    saved = text(one.post(url, {"seen": "0", "choice": "own", "text": "Ensin neuvotellaan."}, status=200, htmx=True))
    assert 'id="saved-disputes"' in saved
    assert 'name="seen" value="1"' in saved
    assert "Draft saved" in saved
    saved = text(one.post(url, {"seen": "1", "choice": "own", "text": "Ensin sovitaan."}, status=200, htmx=True))
    assert 'name="seen" value="2"' in saved
    assert "Ensin sovitaan." in text(one.get(f"/agreements/{ref}/clauses"))


def test_a_clause_is_saved_by_its_button_without_javascript(pair):
    one, _other, ref = pair
    answer = one.post(f"/agreements/{ref}/clauses/disputes", {"seen": "0", "choice": "own", "text": "Oma ehto."})
    assert answer.headers["Location"].endswith("/clauses#clause-disputes")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"choice": "own", "text": ""}, "Write the text."),
        ({"choice": "library", "text": "Kesken"}, "You wrote an own text."),
        ({"choice": "own", "text": "x" * 4001}, "4000"),
    ],
)
def test_what_cannot_be_saved_yet_is_said_and_stays(pair, data, said):
    one, _other, ref = pair
    url = f"/agreements/{ref}/clauses/disputes"
    small = text(one.post(url, {"seen": "0", **data}, status=422, htmx=True))
    assert "Not saved yet:" in small
    assert said in small
    assert "<html" not in small
    whole = text(one.post(url, {"seen": "0", **data}, status=422))
    assert said in whole
    if data["text"]:
        assert data["text"][:200] in whole


def test_two_in_one_clause_choose_what_is_kept(pair):
    one, other, ref = pair
    url = f"/agreements/{ref}/clauses/disputes"
    one.post(url, {"seen": "0", "choice": "own", "text": "Ensimmäinen teksti."})
    page = text(other.post(url, {"seen": "0", "choice": "own", "text": "Toinen teksti."}, status=409))
    assert "Keep mine" in page
    assert "Use theirs" in page
    for both in ("Ensimmäinen teksti.", "Toinen teksti.", "Kari Koskinen"):
        assert both in page
    assert f'href="/agreements/{ref}/clauses"' in page
    other.get(f"/agreements/{ref}/clauses")
    sent = fields(page)
    assert sent["text"] == "Toinen teksti."
    other.post(url, {name: value for name, value in sent.items() if name != "csrf_token"})
    assert "Toinen teksti." in text(one.get(f"/agreements/{ref}/clauses"))
    kept = text(one.post(url, {"seen": "1", "choice": "own", "text": "Kolmas."}, status=409))
    theirs = {**fields(kept), "text": "Toinen teksti."}
    one.post(url, {name: value for name, value in theirs.items() if name != "csrf_token"})
    assert "Toinen teksti." in text(one.get(f"/agreements/{ref}/clauses"))


def test_while_typing_the_choice_takes_the_place_of_the_form(pair):
    one, other, ref = pair
    url = f"/agreements/{ref}/clauses/disputes"
    one.post(url, {"seen": "0", "choice": "own", "text": "Ensimmäinen teksti."})
    answer = other.post(url, {"seen": "0", "choice": "own", "text": "Toinen teksti."}, status=409, htmx=True)
    assert answer.headers["HX-Retarget"] == "#form-disputes"
    assert answer.headers["HX-Reswap"] == "outerHTML"
    assert "Ensimmäinen teksti." in text(answer)


def test_two_in_the_services_see_both_and_lose_nothing(pair):
    one, other, ref = pair
    url = f"/agreements/{ref}/services"
    one.post(url, {"seen": "0", "side-leisure": "third_sector", "what-leisure": "Kaveritoiminta"})
    mine = {"seen": "0", "side-leisure": "municipality", "what-leisure": "Nuorisotalo", "side-interpreting": "county"}
    page = text(other.post(url, mine, status=409))
    shown = words(page)
    assert "Hobbies and free time: Given by" in shown
    for both in ("Third sector", "Municipality", "Kaveritoiminta", "Nuorisotalo"):
        assert both in shown
    other.post(url, {name: value for name, value in fields(page).items() if name != "csrf_token"})
    page = text(one.get(url))
    assert 'value="Nuorisotalo"' in page
    answer = other.post(url, {"seen": "0", "side-leisure": "county"}, status=409, htmx=True)
    assert answer.headers["HX-Retarget"] == "#section-form"


def test_two_in_different_clauses_and_sections_never_meet(pair):
    one, other, ref = pair
    one.post(f"/agreements/{ref}/clauses/disputes", {"seen": "0", "choice": "own", "text": "Oma."})
    other.post(f"/agreements/{ref}/clauses/review", {"seen": "0", "choice": "own", "text": "Eri ehto."})
    other.post(f"/agreements/{ref}/services", {"seen": "0", "side-leisure": "county"})


def test_a_text_beside_nobody_is_not_lost(pair):
    one, _other, ref = pair
    long = one.post(f"/agreements/{ref}/services", {"seen": "0", "side-leisure": "county", "what-leisure": "x" * 301},
                    status=422)  # fmt: skip
    assert "x" * 301 in text(long)
    for side in ("", "hotel"):
        typed = {"seen": "0", "side-leisure": side, "what-leisure": "Kerho"}
        page = text(one.post(f"/agreements/{ref}/services", typed, status=422))
        assert 'value="Kerho"' in page
        assert "Hobbies and free time: choose who gives it, or empty the text." in page
    one.post(f"/agreements/{ref}/services", {"seen": "0", "side-leisure": ""})
