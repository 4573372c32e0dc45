"""Places of a home close, in the browser: whom it touches, three plans side by side, a decision for each, confirmed.

The coordinator closes and chooses, the social worker decides on each child, the coordinator confirms. An emergency is
begun, looked at by a second person and cancelled.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.driving import Driver
from tests.e2e.test_tour import WAYS, write_the_decision

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FEW = [("mouse", "fi"), ("keyboard", "sv"), ("no-script", "en")]
PROVEN = {"fi": "Todistetusti paras", "sv": "Bevisat bäst", "en": "Proven best"}
TWO_AFFECTED = {"fi": "5 lasta", "sv": "5 barn", "en": "5 children"}
CLOSING_PRESSES, DECIDING_PRESSES = 700, 900  # all keys with the texts typed; the tabs are most of it


def driver(open_page: Any, way: str, lang: str, account: str) -> Driver:
    """Sign the account in, in a browser of its own that is used in this way."""
    settings = dict(WAYS[way])
    keyboard = bool(settings.pop("keyboard", False))
    page = open_page(**settings)
    drive = Driver(page, keyboard=keyboard, script=bool(settings.get("script", True)), lang=lang)
    drive.open(f"/login?lang={lang}")
    drive.press(f"start-{account}")
    return drive


def open_unit(drive: Driver, name: str) -> None:
    drive.open("/units")
    drive.press(drive.page.locator("a[id^=unit-UN]", has_text=name).first.get_attribute("id"))


def some_of_them(drive: Driver) -> None:
    """Choose the second of the two ways to close; by keys it is the arrow that goes on from the first."""
    if not drive.keyboard:
        drive.choose("how-2")
        return
    drive._tab_to("how")
    drive._key("ArrowDown")
    assert drive.page.is_checked("#how-2")


def close_four_of_seven(drive: Driver) -> str:
    """Close four places of a home where five live; return the address of the closing."""
    open_unit(drive, "Koivu")
    drive.press("close-places")
    drive.write("valid_from", "1.2.2027")
    some_of_them(drive)
    drive.write("places", "4")
    drive.write("reason", "Vesivahinko korjataan.")
    if drive.script:
        drive.wait_for("#affected strong")
        assert TWO_AFFECTED[drive.lang] in drive.text("#affected")
    drive.press("close-places")
    assert "/closures/" in drive.page.url, drive.text()
    return str(drive.page.url.split("/", 3)[-1])


def choose_the_plan(drive: Driver) -> None:
    """Calculate three plans, look at what differs, use the one with the fewest moves and send it."""
    drive.press("calculate-places")
    drive.wait_for("#use-c")
    assert drive.text("#compare-figures").count(PROVEN[drive.lang]) == 3
    moves = drive.page.locator("#compare-figures tbody tr").nth(2).locator("td").all_inner_texts()
    assert moves[0] == "2", moves
    drive.press("use-a")
    drive.press("send-proposals")


def decide_on_each(drive: Driver) -> int:
    """Decide on each child of the plan that was sent; return how many there were."""
    decided = 0
    drive.press("today-proposals")
    proposal = drive.page.url.split("/", 3)[-1]
    while True:
        drive.open(f"/{proposal}")
        waits = drive.page.locator("[id^=start-CH]")
        if waits.count() == 0:
            return decided
        drive.press(waits.first.get_attribute("id"))
        write_the_decision(drive)
        drive.press(drive.page.locator("[id^=continue-DE]").get_attribute("id"))
        drive.press(drive.page.locator("[id^=make-DE]").get_attribute("id"))
        assert re.search(r"DE \d+/2026", drive.text())
        decided += 1


@pytest.mark.parametrize(("way", "lang"), FEW)
def test_places_close_with_a_decision_for_each_child(open_page, way, lang):
    coordinator = driver(open_page, way, lang, "coordinator")
    closing = close_four_of_seven(coordinator)
    assert coordinator.page.locator("#confirm-closure").count() == 0, "not before everybody has another place"
    choose_the_plan(coordinator)

    worker = driver(open_page, way, lang, "social-worker")
    assert decide_on_each(worker) == 2

    coordinator.open(f"/{closing}")
    coordinator.press("confirm-closure")
    assert coordinator.page.locator("#confirm-closure, #cancelling").count() == 0
    assert coordinator.faults + worker.faults == []
    if coordinator.keyboard:
        print(f"closing by keyboard in {lang}: {coordinator.presses} + {worker.presses} key presses")
        assert coordinator.presses < CLOSING_PRESSES


def test_an_emergency_is_looked_at_by_another_and_cancelled_on_a_phone(open_page):
    coordinator = driver(open_page, "narrow", "sv", "coordinator")
    open_unit(coordinator, "Haapa")
    coordinator.press("close-places")
    coordinator.write("reason", "Brand i köket.")
    coordinator.press("close-now")
    assert "6" in coordinator.text("#without-plan")
    closing = coordinator.page.url.split("/", 3)[-1]
    coordinator.open("/today")

    lead = driver(open_page, "narrow", "sv", "county-lead")
    lead.open(f"/{closing}")
    lead.press("look-at-emergency")
    assert lead.page.locator("#look-at-emergency").count() == 0

    coordinator.open(f"/{closing}")
    coordinator.page.click("#cancel-summary")
    coordinator.press("cancel-closure")
    assert coordinator.page.locator("#cancelling").count() == 0
    assert coordinator.faults + lead.faults == []
