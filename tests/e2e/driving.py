"""Three ways to use a page: with the mouse, with the keyboard only, and with the mouse but without JavaScript."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.e2e.judging import axe_faults, scrolls_sideways

MOST_TABS = 160


class Driver:
    """Drives one page by element ids. With `keyboard` it may only press keys and counts them."""

    def __init__(self, page: Any, *, keyboard: bool = False, script: bool = True, lang: str = "en") -> None:
        self.page, self.keyboard, self.script, self.lang = page, keyboard, script, lang
        self.presses = 0
        self.step = 0
        self.faults: list[str] = []

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.judge()

    def press(self, element_id: str) -> None:
        """Press a button or follow a link."""
        if self.keyboard:
            self._tab_to(element_id)
            with self.page.expect_navigation():
                self._key("Enter")
        else:
            self.page.click(f"#{element_id}")
            self.page.wait_for_load_state("load")
        self.judge()

    def choose(self, element_id: str) -> None:
        """Tick a box or choose a radio button, unless it is ticked already."""
        if self.page.is_checked(f"#{element_id}"):
            return
        if not self.keyboard:
            self.page.check(f"#{element_id}")
            return
        self._tab_to(element_id)
        self._key("Space")

    def write(self, element_id: str, text: str) -> None:
        if not self.keyboard:
            self.page.fill(f"#{element_id}", text)
            return
        self._tab_to(element_id)
        self._key("Control+A")
        self.page.keyboard.type(text)
        self.presses += len(text)

    def pick(self, element_id: str, label: str) -> None:
        """Choose from a list by its words; with the keyboard by typing them while the list has the focus."""
        if not self.keyboard:
            self.page.select_option(f"#{element_id}", label=label)
            return
        self._tab_to(element_id)
        self.page.keyboard.type(label)
        self.presses += len(label)
        chosen = self.page.eval_on_selector(f"#{element_id}", "one => one.selectedOptions[0].label")
        assert chosen.strip() == label, f"{label} was typed in #{element_id}, {chosen} is chosen"

    def wait_for(self, selector: str) -> None:
        """Wait until something is there; without JavaScript the page is asked for again, as a person would."""
        for _ in range(20):
            if self.page.query_selector(selector):
                break
            self.page.wait_for_timeout(250)
            if not self.script:
                self.page.reload()
        assert self.page.query_selector(selector), f"{selector} did not come on {self.page.url}"
        self.judge()

    def text(self, selector: str = "main") -> str:
        return str(self.page.inner_text(selector)).replace("\xa0", " ")

    def judge(self) -> None:
        """Keep a picture when asked to, and note what axe and the layout have against the page as it stands."""
        self.step += 1
        width = self.page.viewport_size["width"]
        folder = os.environ.get("PLACEMENT_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            way = "keys" if self.keyboard else "mouse" if self.script else "noscript"
            self.page.screenshot(path=f"{folder}/{way}-{self.lang}-{width}-{self.step:02d}.png", full_page=True)
        if self.script:
            here = self.page.url.split("/", 3)[-1]
            self.faults += [f"{here}: {fault}" for fault in axe_faults(self.page)]
            if scrolls_sideways(self.page):
                self.faults.append(f"{here}: scrolls sideways at {width}")

    def _tab_to(self, element_id: str) -> None:
        for _ in range(MOST_TABS):
            if self.page.evaluate("() => document.activeElement.id") == element_id:
                return
            self._key("Tab")
        raise AssertionError(f"#{element_id} cannot be reached with {MOST_TABS} tabs on {self.page.url}")

    def _key(self, key: str) -> None:
        self.presses += 1
        self.page.keyboard.press(key)


class Seat(Driver):
    """A driver at whose screen people change, and who chooses in groups and lists with the keys alone."""

    def be(self, account: str) -> None:
        self.page.context.clear_cookies()
        self.open(f"/login?lang={self.lang}")
        self.press(f"start-{account}")

    def pick(self, name: str, value: str) -> None:
        wanted = f"input[name='{name}'][value='{value}']"
        if not self.keyboard:
            self.page.check(wanted)
            return
        checked = self.page.locator(f"input[name='{name}']:checked")
        start = checked if checked.count() else self.page.locator(f"input[name='{name}']").first
        self._tab_to(start.get_attribute("id"))
        if not checked.count():
            self._key("Space")
        for _ in range(12):
            if self.page.is_checked(wanted):
                return
            self._key("ArrowDown")
        raise AssertionError(f"{name} {value} cannot be chosen with the keys")

    def list_choice(self, element_id: str, value: str) -> None:
        if not self.keyboard:
            self.page.select_option(f"#{element_id}", value)
            return
        self._tab_to(element_id)
        self._key("Home")
        while self.page.input_value(f"#{element_id}") != value:
            self._key("ArrowDown")

    def switch(self, account: str) -> None:
        """Become somebody else by the role switch of the demo, at the top of every page."""
        if self.keyboard:
            self._tab_to("user-summary")
            self._key("Enter")
        else:
            self.page.click("#user-summary")
        self.list_choice("switch-account", account)
        self.press("switch-account-go")

    def first_id(self, start: str) -> str:
        found = self.page.locator(f"[id^='{start}']").first.get_attribute("id")
        assert found, f"nothing begins with {start} on {self.page.url}"
        return found
