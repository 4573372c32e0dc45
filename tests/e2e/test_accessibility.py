"""Every page that a link leads to, for every kind of account: axe without a violation, no sideways scrolling,
no reference over two lines.

The pages are found by following links, one address for each route and account, so a new page is judged
without being listed. Here languages, widths and themes take turns and a page is judged for two accounts; the soak
judges every combination for all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, product
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error

from placement.app import create_app
from tests.conftest import SETTINGS
from tests.e2e.driving import Driver
from tests.e2e.judging import axe_faults, broken_references, scrolls_sideways
from tests.e2e.test_tour import chosen_child, write_the_decision

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ACCOUNTS = (
    "social-worker", "coordinator", "county-lead", "unit-manager", "reviewer", "county-signatory",
    "municipality-worker", "auditor", "administrator", "claims-officer", "payer", "payment-examiner",
)  # fmt: skip
LANGUAGES, WIDTHS, THEMES = ("fi", "sv", "en"), (1280, 320), (False, True)
SECTION = re.compile(r"[a-z_-]+")
SKIPPED = ("/static/", "/logout", "/metrics", "/healthz", "/readyz")


def routes() -> Any:
    app = create_app(SETTINGS)
    app.extensions["placement"].database.close()
    return app.url_map.bind("localhost")


def pages_of(page: Any, adapter: Any) -> Iterator[tuple[Any, str]]:
    """Yield what tells a page from others, and one address for each route that links lead to, from Today on."""
    seen, queue = set(), ["/today"]
    while queue:
        address = queue.pop(0)
        path = urlsplit(address).path
        if (
            path.startswith(SKIPPED)
            or path.rsplit(".", 1)[-1] in ("pdf", "xlsx", "csv", "json")
            or not adapter.test(path, "GET")
        ):
            continue
        endpoint, values = adapter.match(path, "GET")
        # A page in sections or steps is a page of its own for each of them, not for each thing, number or day.
        key = (endpoint, *(value for value in values.values() if SECTION.fullmatch(str(value))))
        query = urlsplit(address).query
        key = (*key, query if "view=" in query else "")
        if key in seen:
            continue
        seen.add(key)
        try:
            page.goto(address)
        except Error as told:
            if "Download is starting" in str(told):
                continue  # a file is no page
            raise
        if page.url.split("?")[0].endswith("/login"):
            continue
        yield key, address
        for href in page.eval_on_selector_all(
            "main a[href], nav a[href], footer a[href]", "all => all.map(a => a.getAttribute('href'))"
        ):
            queue += [href] if href.startswith("/") and "lang=" not in href else []


def some_work(open_page: Any) -> None:
    """Leave a calculation, a proposal, a decision made and one being written for the pages to show."""
    page = open_page()
    drive = Driver(page, script=False)
    for path, button in (("/login?lang=en", "start-social-worker"), ("/runs/new", "calculate")):
        page.goto(path)
        page.click(f"#{button}")
    page.wait_for_selector("#open-proposal")
    child = chosen_child(page)
    page.click("#open-proposal")
    proposal = page.url
    page.click(f"#start-{child}")
    drive.judge = lambda: None  # type: ignore[method-assign]
    write_the_decision(drive)
    page.click("[id^=continue-DE]")
    page.click("[id^=make-DE]")
    page.goto(proposal)
    page.locator("[id^=start-CH]").first.click()


def judge(
    open_page: Any, accounts: tuple[str, ...], combinations: Any, most: int | None = None
) -> tuple[int, list[str]]:
    """Return how many pages were judged and their faults; `most` = for how many accounts the same page is."""
    faults, count = [], 0
    judged: Counter[Any] = Counter()
    adapter = routes()
    some_work(open_page)
    for account in accounts:
        finder = open_page()
        finder.goto("/login?lang=en")
        finder.click(f"#start-{account}")
        found = list(pages_of(finder, adapter))
        for key, address in found:
            judged[key] += 1
            if most is not None and judged[key] > most:
                continue
            for lang, width, dark in combinations():
                finder.emulate_media(color_scheme="dark" if dark else "light")
                finder.set_viewport_size({"width": width, "height": 900})
                mark = "&" if "?" in address else "?"
                finder.goto(f"{address}{mark}lang={lang}")
                count += 1
                here = f"{account} {address} {lang} {width} {'dark' if dark else 'light'}"
                faults += [f"{here}: {fault}" for fault in axe_faults(finder)]
                if beyond := scrolls_sideways(finder):
                    faults.append(f"{here}: {beyond} px too wide")
                faults += [f"{here}: {ref} breaks over lines" for ref in broken_references(finder)]
        finder.context.close()
    return count, faults


def test_every_page_is_clean_for_axe(open_page):
    turns = cycle(product(LANGUAGES, WIDTHS, THEMES))
    count, faults = judge(open_page, ACCOUNTS, lambda: [next(turns)], most=2)
    print(f"axe: {count} pages, {len(faults)} faults")
    assert faults == []
    assert count > 60


@pytest.mark.soak
def test_every_page_in_every_language_width_and_theme_is_clean_for_axe(open_page):
    every = list(product(LANGUAGES, WIDTHS, THEMES))
    count, faults = judge(open_page, ACCOUNTS, lambda: every)
    print(f"axe soak: {count} pages, {len(faults)} faults")
    assert faults == []
    assert count >= 600
