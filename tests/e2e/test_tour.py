"""The first two minutes: from the sign-in card to a decision and a filled place, in three languages and three ways."""

from __future__ import annotations

import re

import pytest

from tests.e2e.driving import Driver

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAYS = {
    "mouse": {"width": 1280},
    "narrow": {"width": 390},
    "keyboard": {"width": 1280, "keyboard": True},
    "no-script": {"width": 1280, "script": False},
}
DECISION_PRESSES = 900  # all keys of the tour with the texts typed; the tabs are most of it


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
@pytest.mark.parametrize("way", list(WAYS))
def test_a_newcomer_places_a_child_in_the_tour(open_page, way, lang):
    settings = dict(WAYS[way])
    keyboard = settings.pop("keyboard", False)
    page = open_page(**settings)
    drive = Driver(page, keyboard=keyboard, script=settings.get("script", True), lang=lang)

    drive.open(f"/login?lang={lang}")
    drive.press("start-social-worker")
    assert page.inner_text("#group-waiting .today-group__count") == "6"
    drive.press("today-main")
    assert page.locator("tr[id^=row-]").count() == 6
    if drive.script:
        drive.wait_for("[id^=top3-] ol")
    drive.press("calculate")
    drive.press("calculate")
    drive.wait_for("#open-proposal")
    assert re.search(r"\b5\b.*\b0\b.*\b1\b", drive.text("#run-title"))

    child = chosen_child(page)
    drive.press(f"why-{child}")
    assert "Kotipesä" in drive.text()
    page.go_back()
    drive.press("open-proposal")
    drive.press(f"start-{child}")
    write_the_decision(drive)
    drive.press(page.locator("[id^=continue-DE]").get_attribute("id"))
    drive.press(page.locator("[id^=make-DE]").get_attribute("id"))
    assert re.search(r"DE \d+/2026", drive.text())
    assert "7/7" in drive.text()
    the_letter_opens(page)

    drive.open("/units/board?view=table")
    full = page.locator("tr", has_text="Mänty").inner_text()
    assert re.search(r"\b7\b.*\b7\b.*\b0\b", full, re.S), full
    assert drive.faults == []
    if keyboard:
        print(f"keyboard tour in {lang}: {drive.presses} key presses")
        assert drive.presses < DECISION_PRESSES


def chosen_child(page) -> str:
    """Return the child for whom the last place of Mänty is proposed."""
    row = page.locator("tr", has_text="Mänty").first
    return row.locator("a[id^=why-]").get_attribute("id").removeprefix("why-")


def write_the_decision(drive: Driver) -> None:
    drive.write("assessment_on", "20.11.2026")
    drive.choose("child_hearing")
    drive.write("child_heard_on", "23.11.2026")
    drive.choose("child_heard_how")
    drive.write("child_opinion", "I want to go to school here.")
    drive.choose("representative_hearing")
    drive.write("representative_heard_on", "23.11.2026")
    drive.write("representative_opinion", "Agrees.")
    drive.write("alternatives", "Three places were weighed.")
    drive.write("reasons", "Own language and school nearby.")


def the_letter_opens(page) -> None:
    for link in page.locator("[id^=pdf-]").all():
        answer = page.request.get(link.get_attribute("href"))
        assert answer.status == 200
        assert answer.body().startswith(b"%PDF")
        assert b"Revontuli" not in answer.headers.get("content-disposition", "").encode()
