"""J5 and J6: from the queue to two decisions, a payment by two people, and a correction that is paid back."""

from __future__ import annotations

import re

import pytest

from tests.e2e.driving import Seat

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAYS = {
    "mouse": {"width": 1280},
    "narrow": {"width": 390},
    "keyboard": {"width": 1280, "keyboard": True},
    "no-script": {"width": 1280, "script": False},
}
SHORT = [("keyboard", "fi"), ("no-script", "sv"), ("narrow", "en")]
LONG = [(way, lang) for way in WAYS for lang in ("fi", "sv", "en") if (way, lang) not in SHORT]
MAKE = {
    "fi": r"Tee päätös: hyväksy [\d\s]+,\d\d €, hylkää [\d\s]+,\d\d €",
    "sv": r"Fatta beslutet: godkänn [\d\s]+,\d\d €, avslå [\d\s]+,\d\d €",
    "en": r"Make the decision: approve €[\d,]+\.\d\d, reject €[\d,]+\.\d\d",
}
RELEASED = {"fi": "Vapautettu", "sv": "Frisläppt", "en": "Released"}
UNCHANGED = {
    "fi": "Kirjauksia ei muuteta.",
    "sv": "Bokföringsposter ändras inte.",
    "en": "Ledger entries are not changed.",
}


def seat(open_page, way, lang):
    settings = dict(WAYS[way])
    keyboard = settings.pop("keyboard", False)
    page = open_page(**settings)
    return Seat(page, keyboard=keyboard, script=settings.get("script", True), lang=lang)


@pytest.mark.parametrize(("way", "lang"), SHORT)
def test_a_claim_is_reviewed_decided_paid_and_corrected(open_page, way, lang):
    drive = seat(open_page, way, lang)
    costs_are_decided_by_two_reviewers(drive)
    ref = the_application_is_decided(drive)
    it_is_paid_by_two_people(drive, ref)
    it_is_corrected_and_asked_back(drive, ref)
    assert drive.faults == []
    if drive.keyboard:
        print(f"review, payment and correction in {lang}: {drive.presses} key presses")


@pytest.mark.soak
@pytest.mark.parametrize(("way", "lang"), LONG)
def test_soak_the_same_in_every_language_and_way(open_page, way, lang):
    test_a_claim_is_reviewed_decided_paid_and_corrected(open_page, way, lang)


def costs_are_decided_by_two_reviewers(drive: Seat) -> None:
    drive.be("reviewer")
    drive.press("today-main")
    ref = drive.first_id("claim-CL").removeprefix("claim-")
    drive.press(f"claim-{ref}")
    drive.press(f"take-{ref}")
    drive.open(f"/review/{ref}/lines/1")
    drive.pick("verdict", "part")
    drive.write("cents", "100,00")
    drive.list_choice("code", "above-price")
    drive.write("text", "Sovittu hinta on pienempi.")
    drive.press("say")
    drive.press("all-lines")
    drive.press("clean")
    drive.press("approve-clean")
    drive.press("continue")
    drive.press("to-decision")
    drive.press("second-ask")
    drive.be("reviewer-2")
    drive.open(f"/review/{ref}/decision")
    drive.press("second-confirm")
    drive.be("reviewer")
    drive.open(f"/review/{ref}/decision")
    assert re.search(MAKE[drive.lang], drive.text(f"#make-{ref}").replace("\u202f", " "))
    drive.press(f"make-{ref}")
    the_letter_opens(drive)


def the_letter_opens(drive: Seat) -> None:
    for code in ("fi", "sv", "en"):
        address = drive.page.locator(f"#letter-{code}").get_attribute("href")
        answer = drive.page.request.get(address)
        assert answer.status == 200
        assert answer.body().startswith(b"%PDF")


def the_application_is_decided(drive: Seat) -> str:
    drive.be("payment-examiner")
    drive.open("/review?status=review-asked")
    ref = drive.first_id("claim-CL").removeprefix("claim-")
    drive.press(f"claim-{ref}")
    drive.press("clean")
    drive.press("approve-clean")
    drive.press("continue")
    open_lines = drive.page.locator("tr[id^=line-]").all()
    number = next(
        (row.get_attribute("id") or "").removeprefix("line-")
        for row in open_lines
        if row.locator("td").nth(3).inner_text().strip() == "–"
    )
    drive.open(f"/review/{ref}/lines/{number}")
    drive.pick("verdict", "approve")
    drive.press("say")
    drive.press("to-decision")
    drive.press(f"make-{ref}")
    return ref


def it_is_paid_by_two_people(drive: Seat, ref: str) -> None:
    drive.be("payer")
    drive.press("today-main")
    drive.press(f"pay-{ref}")
    drive.press(f"confirm-{ref}")
    payment = drive.page.url.rsplit("/", 1)[-1]
    drive.be("payer-2")
    drive.open(f"/payments/{payment}")
    drive.press(f"release-{payment}")
    assert RELEASED[drive.lang] in drive.text()
    drive.write("bank_reference", "RF18539007547034")
    drive.press(f"record-{payment}")


def it_is_corrected_and_asked_back(drive: Seat, ref: str) -> None:
    drive.be("claims-officer")
    drive.open(f"/claims/{ref}/decision")
    drive.press("correct")
    field = drive.page.locator("input[id^=line-]").first
    drive.write(field.get_attribute("id"), "1,00")
    drive.press("preview")
    assert drive.page.locator("#effect").count() == 1
    assert UNCHANGED[drive.lang] in drive.text()
    drive.list_choice("ground", "county-asks")
    drive.write("reason", "Hyvitys saatiin jälkikäteen.")
    drive.press("propose")
    address = drive.page.url
    drive.be("payment-examiner")
    drive.open(address)
    drive.press("make")
    assert drive.page.locator("#entries li").count() == 2
    drive.press(drive.first_id("order-20"))
    assert "681/2023" in drive.text()
    drive.write("about", "Summa maksettiin liikaa.")
    drive.press("send-hearing")
    drive.be("claims-officer")
    assert drive.page.locator("#group-hearings").count() == 1
