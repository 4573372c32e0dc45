"""J5 and J6: from the queue to two decisions, a payment by two people, and a correction with all that follows it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.e2e.driving import Seat

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAYS = {
    "mouse": {"width": 1280},
    "narrow": {"width": 390},
    "keyboard": {"width": 1280, "keyboard": True},
    "no-script": {"width": 1280, "script": False},
}
SHORT = [("mouse", "fi"), ("keyboard", "sv"), ("no-script", "en")]
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
def test_a_claim_is_reviewed_decided_paid_and_corrected(open_page, until, way, lang):
    drive = seat(open_page, way, lang)
    costs_are_decided_by_two_reviewers(drive)
    ref = the_application_is_decided(drive)
    it_is_paid_by_two_people(drive, ref)
    it_is_heard_and_corrected_by_another(drive, ref)
    it_is_asked_to_be_paid_back(drive, ref)
    until(NOW + timedelta(days=1))
    the_order_is_made_and_partly_settled(drive, ref)
    a_request_for_rectification_is_registered(drive, ref)
    the_rest_is_set_off_when_the_difference_is_paid(drive, ref)
    the_request_is_ended_and_an_auditor_finds(drive, ref)
    assert drive.faults == []
    if drive.keyboard:
        print(f"review, payment and correction in {lang}: {drive.presses} key presses")


@pytest.mark.soak
@pytest.mark.parametrize(("way", "lang"), LONG)
def test_soak_the_same_in_every_language_and_way(open_page, until, way, lang):
    test_a_claim_is_reviewed_decided_paid_and_corrected(open_page, until, way, lang)


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
        if row.locator("td").nth(2).inner_text().strip() == "–"
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


def it_is_heard_and_corrected_by_another(drive: Seat, ref: str) -> None:
    address = a_correction_is_proposed(drive, ref, "100,00", "stay-changed", "Hyvitys saatiin jälkikäteen.")
    drive.be("payment-examiner")
    drive.open(address)
    assert drive.page.locator("#make").count() == 0, "it is against the county, which was not heard"
    drive.write("due_on", "8.12.2026")
    drive.press("send-hearing")
    drive.be("claims-officer")
    drive.open(address)
    drive.press("answer-hearing")
    drive.write("statement", "Hyväksymme korjauksen.")
    drive.press("send-statement")
    it_is_made(drive, address)


def a_correction_is_proposed(drive: Seat, ref: str, sum_: str, ground: str, reason: str) -> str:
    """As the county, look at the effect of another sum for the first line with one and propose it; its address."""
    drive.be("claims-officer")
    drive.open(f"/claims/{ref}/decision")
    drive.press("correct")
    fields = drive.page.locator("input[id^=line-]")
    drive.write(fields.last.get_attribute("id"), sum_)
    drive.press("preview")
    assert drive.page.locator("#effect").count() == 1
    assert UNCHANGED[drive.lang] in drive.text()
    drive.list_choice("ground", ground)
    drive.write("reason", reason)
    drive.press("propose")
    return drive.page.url


def it_is_made(drive: Seat, address: str) -> None:
    drive.be("payment-examiner")
    drive.open(address)
    drive.press("make")
    assert drive.page.locator("#entries li").count() == 2


def it_is_asked_to_be_paid_back(drive: Seat, ref: str) -> None:
    drive.press(drive.first_id("order-20"))
    assert "681/2023" in drive.text()
    drive.write("about", "Summa maksettiin liikaa.")
    drive.press("send-hearing")
    drive.be("claims-officer")
    drive.press("today-hearings")
    drive.write("statement", "Maksamme takaisin.")
    drive.press("send-statement")


def the_order_is_made_and_partly_settled(drive: Seat, ref: str) -> None:
    drive.be("payment-examiner")
    drive.press("today-recoveries")
    drive.press(drive.first_id(f"order-{ref}"))
    drive.write("reason", "Vuokrasta maksettiin liikaa.")
    drive.press("order-back")
    order = drive.page.url
    drive.be("payer")
    drive.open(order)
    drive.write("cents", "40,00")
    drive.write("paid_on", "25.11.2026")
    drive.write("reference", "RF18539007547034")
    drive.press("settle")
    assert drive.page.locator("#settlements").count() == 1


def a_request_for_rectification_is_registered(drive: Seat, ref: str) -> None:
    drive.be("payment-examiner")
    drive.open(f"/review/{ref}/objections")
    drive.pick("kind", "rectification")
    drive.write("served_on", "24.11.2026")
    drive.write("received_on", "25.11.2026")
    drive.write("wanted", "Rivi kuuluu korvata osittain.")
    drive.press("register")
    assert drive.page.locator("[id^=end-]").count() == 1


def the_rest_is_set_off_when_the_difference_is_paid(drive: Seat, ref: str) -> None:
    """The request is right: the line is corrected upwards, and what is owed goes against what must come back."""
    address = a_correction_is_proposed(drive, ref, "900,00", "rectification", "Oikaisuvaatimus hyväksytään.")
    it_is_made(drive, address)
    drive.be("payer")
    drive.open(address)
    drive.press("pay-difference")
    drive.choose("set_off")
    drive.press(f"confirm-{ref}")
    payment = drive.page.url.rsplit("/", 1)[-1]
    drive.be("payer-2")
    drive.open(f"/payments/{payment}")
    drive.press(f"release-{payment}")
    assert RELEASED[drive.lang] in drive.text()
    drive.open("/recoveries")
    drive.press(drive.first_id("open-RE"))
    assert drive.page.locator("#settlements tbody tr").count() == 2


def the_request_is_ended_and_an_auditor_finds(drive: Seat, ref: str) -> None:
    drive.be("payment-examiner")
    drive.open(f"/review/{ref}/objections")
    drive.pick("outcome", "changed")
    drive.write("reason", "Päätöstä on muutettu.")
    drive.press(drive.first_id("end-"))
    drive.be("auditor")
    drive.open(f"/audit/findings/{ref}")
    drive.list_choice("category", "arithmetic")
    drive.write("text", "Summa ei täsmää.")
    drive.press("record-finding")
    drive.be("payment-examiner")
    drive.open(f"/audit/findings/{ref}")
    drive.write("answer", "Summa on korjattu.")
    drive.press(drive.page.locator("button[id^=answer-]").get_attribute("id"))
    assert "Summa on korjattu." in drive.text()
