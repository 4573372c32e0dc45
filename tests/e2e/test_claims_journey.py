"""A claim from the days that are ready to the receipt, and back: with the keyboard, without JavaScript, narrow."""

from __future__ import annotations

import re

import pytest

from tests.e2e.driving import Driver

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAYS = [
    ("keyboard", "en", {"width": 1280}, "Rent"),
    ("no-script", "fi", {"width": 1280, "script": False}, "Vuokra"),
    ("narrow", "sv", {"width": 390}, "Hyra"),
]
RENTS = {"en": "Rent", "fi": "Vuokra", "sv": "Hyra"}
ALL = [
    (way, lang, settings, rent)
    for way, settings in [("mouse", {"width": 1280}), *((way, settings) for way, _, settings, _ in WAYS)]
    for lang, rent in RENTS.items()
    if (way, lang) not in [one[:2] for one in WAYS]
]
MOST_PRESSES = 900  # every key of the journey with what is typed; the tabs are most of it
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"


@pytest.mark.parametrize(("way", "lang", "settings", "rent"), WAYS, ids=[one[0] for one in WAYS])
def test_a_claim_is_made_approved_sent_and_taken_back(open_page, way, lang, settings, rent):
    officer = driver(open_page, way, lang, settings, "claims-officer")
    officer.open("/claims")
    officer.press("start-2026-10-01")
    ref = officer.page.url.rsplit("/", 1)[1]
    officer.press("task-days")
    officer.press("accept-all")
    officer.press("next")
    add_a_cost(officer, rent)
    officer.press("next")
    add_evidence(officer)
    officer.press("next")
    officer.choose("confirm")
    officer.press("declare")
    assert officer.page.locator("#error-summary").count() == 0, officer.text("#error-summary")
    officer.press(f"hand-over-{ref}")

    approver = driver(open_page, way, lang, settings, "claims-approver")
    approver.open(f"/claims/{ref}")
    approver.press("check")
    assert re.search(r"4.215[,.]00", approver.text(f"#send-{ref}"))
    approver.press(f"send-{ref}")
    assert ref in approver.text("h1 ~ *, .confirmation")
    with approver.page.expect_download() as copy:
        approver.page.click("#copy")
    assert copy.value.suggested_filename == f"{ref}.pdf"
    approver.press("claim")
    approver.press("take-back")
    approver.write("reason", "X")
    approver.press("take_back")
    assert approver.page.url.endswith(ref)
    assert officer.faults + approver.faults == []
    if way == "keyboard":
        presses = officer.presses + approver.presses
        print(f"keyboard claim: {presses} key presses")
        assert presses < MOST_PRESSES


@pytest.mark.soak
@pytest.mark.parametrize(("way", "lang", "settings", "rent"), ALL, ids=[f"{one[0]}-{one[1]}" for one in ALL])
def test_soak_a_claim_in_every_language_and_way(open_page, way, lang, settings, rent):
    test_a_claim_is_made_approved_sent_and_taken_back(open_page, way, lang, settings, rent)


def driver(open_page, way, lang, settings, account):
    drive = Driver(open_page(**settings), keyboard=way == "keyboard", script=settings.get("script", True), lang=lang)
    drive.open(f"/login?lang={lang}")
    drive.press(f"start-{account}")
    return drive


def add_a_cost(drive, rent):
    drive.pick("cost_kind", rent)
    drive.pick("unit", "Koivu")
    drive.write("first_day", "1.10.2026")
    drive.write("last_day", "31.10.2026")
    drive.write("net", "4215")
    drive.write("supplier", "Vuokra Oy")
    drive.write("voucher", "R-10")
    drive.write("voucher_on", "31.10.2026")
    drive.press("add-line")
    assert drive.page.locator("tr[id^=line-]").count() == 1


def add_evidence(drive):
    """Add a file; which file it is can only be said by the system's own dialog, so the browser is told."""
    drive.page.set_input_files("#file", {"name": "vuokra.pdf", "mimeType": "application/pdf", "buffer": PDF})
    drive.press("add-file")
    drive.pick("chosen", "vuokra.pdf")
    drive.choose(drive.page.locator("input[id^=use-]").first.get_attribute("id"))
    drive.press("use-file")
    assert drive.page.locator("#files").count() == 1
