"""The first two minutes: from the sign-in card to a decision and a filled place, then a euro down to its voucher."""

from __future__ import annotations

import re

import pytest

from tests.e2e.driving import Driver, Seat

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAYS = {
    "mouse": {"width": 1280},
    "narrow": {"width": 390},
    "keyboard": {"width": 1280, "keyboard": True},
    "no-script": {"width": 1280, "script": False},
}
MOST_CLICKS = 3
DECISION_PRESSES = 900  # all keys of the tour with the texts typed; the tabs are most of it


SHORT = [("mouse", "fi"), ("keyboard", "sv"), ("no-script", "en")]
LONG = [(way, lang) for way in WAYS for lang in ("fi", "sv", "en") if (way, lang) not in SHORT]


@pytest.mark.parametrize(("way", "lang"), SHORT)
def test_a_newcomer_places_a_child_and_traces_a_euro(open_page, way, lang):
    settings = dict(WAYS[way])
    keyboard = settings.pop("keyboard", False)
    page = open_page(**settings)
    drive = Seat(page, keyboard=keyboard, script=settings.get("script", True), lang=lang)

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
    a_euro_is_traced(drive)
    assert drive.faults == []
    if keyboard:
        print(f"keyboard tour in {lang}: {drive.presses} key presses")
        assert drive.presses < DECISION_PRESSES


@pytest.mark.soak
@pytest.mark.parametrize(("way", "lang"), LONG)
def test_soak_the_tour_in_every_language_and_way(open_page, way, lang):
    test_a_newcomer_places_a_child_and_traces_a_euro(open_page, way, lang)


def a_euro_is_traced(drive: Seat) -> None:
    """As the reviewer: a sum of the decided costs, the line that was paid of it, and the clause it rests on."""
    page = drive.page
    drive.switch("reviewer")
    drive.open("/review")
    drive.press(page.locator("[id^='claim-CL']").last.get_attribute("id"))
    sum_ = page.locator("tr", has_text="Kotipesä").first.locator("[id^=sum-]")
    cents = sum_.inner_text().split("\n")[0]
    path = [sum_.get_attribute("id")]
    drive.press(path[0])
    assert cents in page.inner_text("#line-facts")
    path += [drive.first_id("place-CL"), "clause"]
    drive.press(path[1])
    for wanted in ("#line-days", "#stays", "#clause-text", "#voucher"):
        assert page.locator(wanted).count() == 1, f"{wanted} is missing on {page.url}"
    line = page.url
    drive.press(path[2])
    assert len(path) <= MOST_CLICKS
    page.goto(line)
    assert page.locator("#tour").count() == 1
    drive.press("tour-claims-officer")
    assert page.url.endswith("/corrections")


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
