"""J1: each kind of agreement from its first page to force, by the demo's people, in three languages and four ways."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.driving import Seat

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAYS = {
    "mouse": {"width": 1280},
    "narrow": {"width": 390},
    "keyboard": {"width": 1280, "keyboard": True},
    "no-script": {"width": 1280, "script": False},
}
NAMES = {
    "county-signatory": "Hanna Heikkilä",
    "municipality-signatory": "Kaisa Kinnunen",
    "state-signatory": "Sami Salonen",
}
FIRST, LAST = "1.1.2027", "31.12.2030"
TOWN = {"fi": "Tampere", "sv": "Tammerfors", "en": "Tampere"}
PROVIDER = {"fi": "Hoivakoti", "sv": "Vårdhemmet", "en": "Hoivakoti"}
PDF = {"name": "alkuperainen.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 invented"}


class Signer(Seat):
    """One at the seat who chooses in a list by the words of the option, as long lists of bodies are read."""

    def list_choice(self, element_id: str, starts: str) -> None:
        """Choose the option whose words start so."""
        options = self.page.locator(f"#{element_id} option")
        words = next(text for text in options.all_inner_texts() if text.startswith(starts))
        if not self.keyboard:
            self.page.select_option(f"#{element_id}", label=words)
            return
        self._tab_to(element_id)
        self.page.keyboard.type(words)
        self.presses += len(words)
        assert self.page.eval_on_selector(f"#{element_id}", "one => one.selectedOptions[0].text") == words

    def seen(self, selector: str) -> bool:
        return self.page.query_selector(selector) is not None


def begin(drive: Signer, kind: str, *, town: bool = True, provider: bool = False) -> str:
    """Create an agreement and leave its parties as the law suggests them."""
    drive.open("/agreements")
    drive.press("create-agreement")
    drive.pick("kind", kind)
    drive.write("title", "Uusipesä 2027")
    if town:
        drive.list_choice("municipality", TOWN[drive.lang])
    if provider:
        drive.list_choice("provider", PROVIDER[drive.lang])
    drive.write("valid_from", FIRST)
    drive.press("create-agreement")
    ref = re.search(r"AG-\w{4}-\w{4}", drive.page.url).group(0)
    drive.press("save-parties")
    return ref


def write_home(drive: Signer, ref: str, unit: str, price: str | None) -> None:
    """Write units, rates, services, costs, term and clauses, page after page."""
    drive.list_choice("unit", unit)
    drive.write("places", "7")
    drive.write("valid_from", FIRST)
    drive.write("valid_to", "")
    drive.press("add-row")
    drive.press("next")
    if price:
        drive.write("price_day", price)
        drive.write("price_empty", "190,00")
        drive.write("valid_from", FIRST)
        drive.write("valid_to", "")
        drive.press("add-row")
    drive.press("next")
    finish_draft(drive, ref)


def finish_draft(drive: Signer, ref: str) -> None:
    drive.open(f"/agreements/{ref}/services")
    drive.press("save-services")
    drive.press("save-costs")
    drive.write("valid_to", LAST)
    drive.press("save-validity")
    drive.press("next")


def hear(drive: Signer, ref: str, *accounts: str) -> None:
    drive.press("send-to-hearing")
    for account in accounts:
        drive.be(account)
        drive.open(f"/agreements/{ref}")
        drive.press("act-answer")
        drive.write("statement", "Ei huomautettavaa.")
        drive.press("give-statement")


def sign(drive: Signer, ref: str, *accounts: str) -> None:
    for account in accounts:
        drive.be(account)
        drive.press("today-main")
        if "/sign" not in drive.page.url:
            drive.open(f"/agreements/{ref}")
            drive.press("act-sign")
        elif ref not in drive.page.url:
            drive.open(f"/agreements/{ref}/sign")
        drive.choose("has_read")
        drive.choose("has_right")
        drive.write("proof", NAMES[account])
        drive.press(f"sign-{ref}")


def activate(drive: Signer, ref: str, account: str) -> None:
    drive.be(account)
    drive.open(f"/agreements/{ref}")
    drive.press("act-activate")
    drive.press(f"activate-{ref}")
    assert FIRST in drive.text("#agreement-facts") or "1 January 2027" in drive.text("#agreement-facts")
    drive.open(f"/agreements/{ref}/v/1")
    assert drive.seen("#verified")


def three_party(drive: Signer) -> None:
    drive.be("coordinator")
    ref = begin(drive, "three_party")
    write_home(drive, ref, "Uusipesä", "251,00")
    drive.press("send-for-signature")
    sign(drive, ref, *NAMES)
    activate(drive, ref, "coordinator")
    drive.open("/agreements/in-force?day=1.1.2027")
    drive.list_choice("unit", "Uusipesä")
    drive.press("show-day")
    assert drive.text("#chapters").count(ref) == 4


def founding(drive: Signer) -> None:
    drive.be("coordinator")
    ref = begin(drive, "founding")
    write_home(drive, ref, "Uusipesä", None)
    hear(drive, ref, "municipality-worker")
    drive.be("coordinator")
    drive.open(f"/agreements/{ref}/check")
    drive.press("send-for-signature")
    sign(drive, ref, "county-signatory", "state-signatory")
    activate(drive, ref, "coordinator")


def municipal_places(drive: Signer) -> None:
    drive.be("municipality-worker")
    ref = begin(drive, "municipal_places", town=False)
    finish_draft(drive, ref)
    hear(drive, ref, "coordinator")
    drive.be("municipality-worker")
    drive.open(f"/agreements/{ref}/check")
    drive.press("send-for-signature")
    sign(drive, ref, "municipality-signatory", "state-signatory")
    activate(drive, ref, "municipality-worker")
    drive.open("/deliveries")
    assert drive.seen("#deliveries")


def foster_care(drive: Signer) -> None:
    drive.be("coordinator")
    ref = begin(drive, "foster_care")
    finish_draft(drive, ref)
    drive.press("send-for-signature")
    sign(drive, ref, *NAMES)
    activate(drive, ref, "coordinator")


def purchase(drive: Signer) -> None:
    """The provider signs on paper: the county records the original with its scan."""
    drive.be("coordinator")
    ref = begin(drive, "purchase", town=False, provider=True)
    write_home(drive, ref, "Uusipesä", "251,00")
    drive.press("send-for-signature")
    sign(drive, ref, "county-signatory")
    drive.be("coordinator")
    drive.open(f"/agreements/{ref}")
    drive.press("act-hand")
    drive.list_choice("mandate", "Aino Nimilä")
    drive.write("signed_on", "24.11.2026")
    drive.page.set_input_files("#file", PDF)
    drive.press("record-hand-signed")
    activate(drive, ref, "coordinator")


def direction(drive: Signer) -> None:
    """A direction is no contract: opened from the child's page, answered by three."""
    drive.be("social-worker")
    drive.open("/waiting")
    child = re.search(r"CH-\w{4}-\w{4}", drive.text()).group(0)
    drive.open(f"/children/{child}")
    drive.press("direct")
    drive.list_choice("municipality", TOWN[drive.lang])
    drive.pick("care", "foster-care")
    drive.write("planned_from", "20.12.2026")
    drive.write("expires_on", "15.12.2026")
    drive.press("ask-parties")
    ref = re.search(r"DI-\w{4}-\w{4}", drive.page.url).group(0)
    for account in ("reviewer", "municipality-worker", "county-lead"):
        drive.be(account)
        drive.open("/directions")
        drive.press(f"direction-{ref}")
        drive.pick("answer", "agree")
        drive.press("send-answer")
    said = {"fi": "Kaikki ovat sopineet", "sv": "Alla har avtalat", "en": "Agreed by all"}
    assert said[drive.lang] in drive.text("#direction-state")


KINDS: dict[str, Callable[[Signer], None]] = {
    one.__name__: one for one in (three_party, founding, municipal_places, foster_care, purchase, direction)
}


def travel(open_page: Any, kind: str, way: str, lang: str) -> Signer:
    settings: dict[str, Any] = dict(WAYS[way])
    keyboard = settings.pop("keyboard", False)
    page = open_page(**settings)
    drive = Signer(page, keyboard=keyboard, script=settings.get("script", True), lang=lang)
    KINDS[kind](drive)
    assert drive.faults == []
    print(f"J1 {kind} {way} {lang}: {drive.step} pages, {drive.presses} key presses")
    return drive


@pytest.mark.parametrize(
    ("kind", "way", "lang"),
    [("three_party", "keyboard", "fi"), ("purchase", "no-script", "sv"), ("direction", "narrow", "en")],
)
def test_an_agreement_is_made_from_the_first_page_to_force(open_page, kind, way, lang):
    travel(open_page, kind, way, lang)


@pytest.mark.soak
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_in_every_way_and_language(open_page, kind, way, lang):
    travel(open_page, kind, way, lang)
