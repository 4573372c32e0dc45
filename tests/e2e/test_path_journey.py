"""A whole path in the browser: a child is added, assessed, heard twice, placed, served, merged, turns 18 and 23.

The clock is moved by serving the same database at another instant. In three ways and three languages; the full set of
ways and languages is the soak's.
"""

from __future__ import annotations

import itertools
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import waitress.server
from sqlmodel import select

from placement.app import create_app
from placement.children.tables import Child
from placement.crypto import vault
from tests.conftest import NOW, SETTINGS
from tests.e2e.driving import Driver
from tests.e2e.test_tour import WAYS, write_the_decision

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FEW = [("narrow", "sv"), ("keyboard", "fi"), ("no-script", "en")]
ALL = list(itertools.product(WAYS, ("fi", "sv", "en")))
BIRTHDAY = "14.5.2009"
BEFORE_18, ON_18, ON_23 = (datetime(*day, 9, 0, tzinfo=UTC) for day in ((2027, 1, 11), (2027, 5, 14), (2032, 5, 14)))


class Journey:
    """One database, served at any instant, and a driver of one way and language."""

    def __init__(self, browser: Any, file: Any, way: str, lang: str) -> None:
        self.browser, self.file, self.way, self.lang = browser, file, dict(WAYS[way]), lang
        self.faults: list[str] = []

    @contextmanager
    def at(self, instant: datetime, account: str = "social-worker") -> Iterator[Driver]:
        """Serve the database at an instant and sign the account in."""
        url = f"sqlite:///{self.file}"
        app = create_app({**SETTINGS, "PLACEMENT_CLOCK": instant.isoformat(), "PLACEMENT_DATABASE_URL": url})
        app.config["RAISE_FAULTS"] = False
        running = waitress.server.create_server(app, host="127.0.0.1", port=0, threads=4)
        thread = threading.Thread(target=running.run, daemon=True)
        thread.start()
        context = self.browser.new_context(
            base_url=f"http://127.0.0.1:{running.effective_port}",
            viewport={"width": self.way["width"], "height": 900},
            java_script_enabled=self.way.get("script", True),
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("response", lambda got: self.faults.append(f"{got.url} {got.status}") if got.status >= 500 else None)
        drive = Driver(
            page, keyboard=self.way.get("keyboard", False), script=self.way.get("script", True), lang=self.lang
        )
        drive.open(f"/login?lang={self.lang}")
        drive.press(f"start-{account}")
        yield drive
        self.faults += drive.faults
        context.close()
        running.close()
        thread.join(timeout=5)
        app.extensions["placement"].database.close()


def pick(drive: Driver, element_id: str, value: str) -> None:
    """Choose from a list, by its keys or with the mouse."""
    if not drive.keyboard:
        drive.page.select_option(f"#{element_id}", value)
        return
    drive._tab_to(element_id)
    words = drive.page.locator(f"#{element_id} option[value='{value}']").inner_text()
    drive.page.keyboard.type(words[:12])
    assert drive.page.input_value(f"#{element_id}") == value


def add_the_child(drive: Driver, known: set[str]) -> str:
    """Take the four steps of adding a child; return its reference, the one that the queue did not have before."""
    drive.open("/children/new")
    drive.write("temporary_number", "M-2026-5")
    drive.write("first_name", "Polku")
    drive.write("last_name", "Kulkija")
    drive.write("birth_date", BIRTHDAY)
    drive.choose("gender")
    pick(drive, "municipality", "837")
    pick(drive, "ground", "permit_after_application")
    drive.write("entered_on", "1.9.2026")
    drive.write("permit_on", "2.11.2026")
    drive.write("no_representative_reason", "Hakemus on käräjäoikeudessa.")
    drive.press("new-continue")
    pick(drive, "languages-0-code", "so")
    drive.press("new-continue")
    drive.write("own_view", "Haluan käydä koulua Tampereella.")
    drive.write("own_view_on", "20.11.2026")
    pick(drive, "own_view_how", "talk")
    drive.press("new-continue")
    drive.press("save-child")
    return (waiting(drive) - known).pop()


def waiting(drive: Driver) -> set[str]:
    drive.open("/waiting")
    return set(re.findall(r"CH-\w{4}-\w{4}", drive.page.content()))


def assess(drive: Driver, base: str) -> None:
    drive.open(f"{base}/path")
    drive.press("add-assessment")
    drive.write("contact_on", "3.11.2026")
    drive.write("started_on", "9.11.2026")
    drive.write("ready_on", "20.11.2026")
    drive.choose(drive.page.locator("input[name=needs][value=trauma]").get_attribute("id"))
    drive.write("summary", "Nuori tarvitsee traumahoitoa ja turvallisen kodin.")
    drive.press("save-step")


def hear_twice(drive: Driver, base: str) -> None:
    """The child objects; the alternatives are weighed and the child is heard again."""
    for number, day in enumerate(("20.11.2026", "23.11.2026")):
        drive.press("add-hearing")
        drive.choose("whose")
        drive.write("heard_on", day)
        drive.choose("outcome")
        drive.choose("how")
        pick(drive, "language", "so")
        drive.write("said", "Ei halua kauas." if number == 0 else "Hyväksyy.")
        if number == 0:
            drive.choose("objects")
            drive.write("alternatives", "Kaksi lähempää.")
        else:
            pick(drive, "answers", "1")
        drive.press("save-step")


def represent(drive: Driver, base: str) -> None:
    drive.press("add-representation")
    drive.write("applied_on", "4.11.2026")
    drive.write("child_heard_on", "3.11.2026")
    drive.write("name", "Ritva Puolustaja")
    drive.write("appointed_on", "18.11.2026")
    drive.write("court", "Pirkanmaan käräjäoikeus")
    drive.press("save-step")


def decide(drive: Driver, child: str) -> str:
    """Start the decision for a home that gives the recognised need its therapy, write and make it."""
    drive.open(f"/decisions/new?child={child}")
    home = drive.page.locator("[id^=option-UN]", has_text="Koivu")
    assert home.locator("[id^=start-UN]").count() == 1, drive.text()
    drive.press(home.locator("[id^=start-UN]").get_attribute("id"))
    write_the_decision(drive)
    drive.press(drive.page.locator("[id^=continue-DE]").get_attribute("id"))
    assert drive.page.locator("[id^=make-DE]").count() == 1, drive.text()
    drive.press(drive.page.locator("[id^=make-DE]").get_attribute("id"))
    assert re.search(r"DE \d+/2026", drive.text())
    return re.search(r"DE-\w{4}-\w{4}", drive.page.url).group(0)


def explain(drive: Driver, decision: str) -> None:
    drive.press(f"explain-{decision}")
    article = drive.page.locator("#explanation")
    assert article.get_attribute("lang") == "so", "the language the child speaks best"
    assert drive.page.locator("#unreviewed").count() == 1
    drive.open(f"/decisions/{decision}/explanation?language=prs")
    assert (article.get_attribute("lang"), article.get_attribute("dir")) == ("fa-AF", "rtl")
    paper = drive.page.request.get(f"/decisions/{decision}/explanation.pdf?language=ar")
    assert paper.body().startswith(b"%PDF")


def live_there(drive: Driver, base: str) -> None:
    """The child arrives, and is away for a while; the place is kept."""
    drive.open(f"{base}/placement")
    drive.press("arrival-2026-11-24")
    drive.write("arrived_on", "24.11.2026")
    drive.press("save-arrival")
    drive.press("absence-2026-11-24")
    drive.choose("kind")
    drive.write("started_on", "24.11.2026")
    drive.press("save-absence")


def ask_to_transfer(drive: Driver, base: str, from_day: str) -> str:
    """Ask another county to take over; return the address of the question."""
    drive.open(f"{base}/placement")
    drive.press("transfer")
    county = drive.page.locator("#to_county option", has_text=re.compile("^Van(taa|da)")).get_attribute("value")
    pick(drive, "to_county", county)
    drive.write("from_day", from_day)
    drive.write("reason", "Sukulaiset asuvat siellä.")
    drive.press("ask-transfer")
    assert "/transfers/" in drive.page.url, drive.text()
    return drive.page.url.split("/", 3)[-1]


def take_over(drive: Driver, question: str) -> str:
    """Accept the child for the other county; return the reference of the record that it has from now on."""
    drive.open(f"/{question}")
    drive.press("accept-transfer")
    assert drive.page.locator("#main .status--good").count() == 1, drive.text()
    return drive.page.locator("#transfer-facts a").inner_text()


def serve(drive: Driver, base: str) -> None:
    """Take a pathway, record one service as delivered, and see the next one follow."""
    drive.open(f"{base}/services")
    assert "trauma" in drive.page.locator("[id^=group-]").evaluate_all("all => all.map(a => a.id).join(' ')")
    drive.press("group-young_adult")
    drive.press(drive.page.locator("[id^=take-CH]").get_attribute("id"))
    row = drive.page.locator("tr", has=drive.page.locator("a", has_text=re.compile("kompetens|Osaamisen|skills")))
    drive.press(row.locator("a").first.get_attribute("id"))
    drive.write("evidence", "Arviointi 24.11.2026.")
    drive.press(drive.page.locator("button[id^=confirm-]").get_attribute("id"))


def merge_and_undo(drive: Driver, base: str, other: str) -> None:
    drive.open(f"{base}/path")
    drive.press("merge")
    drive.write("other", other)
    drive.write("reason", "Henkilötunnus saapui ja kuuluu samalle nuorelle.")
    drive.press(drive.page.locator("[id^=plan-CH]").get_attribute("id"))
    drive.press(drive.page.locator("[id^=merge-CH]").get_attribute("id"))
    drive.press("undo-merge")
    assert other in drive.text()


def add_a_second_record(file: Any, child: str) -> str:
    """Add the same person once more, as another office would have, behind the pages' back."""
    app = create_app({**SETTINGS, "PLACEMENT_DATABASE_URL": f"sqlite:///{file}"})
    with app.extensions["placement"].database.transaction() as session:
        first = session.exec(select(Child).where(Child.ref == child)).one()
        values = first.model_dump(exclude={"id", "ref", "temporary_number", "temporary_index", "waiting_since"})
        values |= {"ref": "CH-0TWN-0TWN", "temporary_number": "M-9", "temporary_index": vault.blind_index("M-9")}
        session.add(Child(**values))
    app.extensions["placement"].database.close()
    return "CH-0TWN-0TWN"


def travel(journey: Journey) -> None:
    with journey.at(NOW) as drive:
        child = add_the_child(drive, waiting(drive))
        base = f"/children/{child}"
        assess(drive, base)
        hear_twice(drive, base)
        represent(drive, base)
        explain(drive, decide(drive, child))
        live_there(drive, base)
        question = ask_to_transfer(drive, base, "1.12.2026")
    with journey.at(NOW, "other-social-worker") as drive:
        drive.open(f"/{question}")
        assert "Kulkija" not in drive.text(), "no name before the other county accepts"
        drive.choose("code")
        drive.press("refuse-transfer")
    with journey.at(NOW) as drive:
        serve(drive, base)
        merge_and_undo(drive, base, add_a_second_record(journey.file, child))
        drive.open(f"{base}/path")
        assert drive.page.locator("#path .timeline__event").count() >= 20
    with journey.at(BEFORE_18) as drive:
        drive.open(f"{base}/services")
        drive.press("record-successor_home")
        drive.press(f"owe-{child}")
        assert "14" in drive.text("#facts"), "due on 14 November, six months before the birthday"
    with journey.at(ON_18) as drive:
        drive.open(f"{base}/services")
        support = drive.page.locator("#services tr", has_text=re.compile("Tuki oikeuden|Stöd tills|Support until"))
        assert "2027" in support.inner_text(), "counted from the 18th birthday"
        question = ask_to_transfer(drive, base, "1.6.2027")
    with journey.at(ON_18, "other-social-worker") as drive:
        moved = take_over(drive, question)
        assert moved != child, "the other county has a record of its own"
        drive.open(f"/children/{moved}")
        assert "Kulkija" in drive.text(), "named once the county has accepted"
        drive.open("/waiting")
        assert moved in drive.text(), "the child waits for a place in the new county"
    with journey.at(ON_23, "other-social-worker") as drive:
        base = f"/children/{moved}"
        drive.open(f"{base}/path")
        assert drive.page.locator("#right .status--warning").count() == 1, "nothing is reimbursed from the 23rd on"
        drive.open(f"{base}/path?day=13.5.2032")
        assert drive.page.locator("#right .status--good").count() == 1, "the day before is the last one"
    assert journey.faults == []


@pytest.mark.parametrize(("way", "lang"), FEW)
def test_a_whole_path_from_the_permit_to_the_23rd_birthday(browser, demo_file, tmp_path, way, lang):
    file = tmp_path / "path.db"
    shutil.copy(demo_file, file)
    travel(Journey(browser, file, way, lang))


@pytest.mark.soak
@pytest.mark.parametrize(("way", "lang"), ALL)
def test_a_whole_path_in_every_way_and_language(browser, demo_file, tmp_path, way, lang):
    file = tmp_path / "path.db"
    shutil.copy(demo_file, file)
    travel(Journey(browser, file, way, lang))
