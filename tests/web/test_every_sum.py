"""Every sum on every page of the money opens to the line it comes from, in three clicks at most, and back again.

A sum in a link or beside one is shown again by the page it leads to; a sum without a link is what the parts in a
column of its page add up to, or stands on a page that it leads to. At the end stands a line of a claim, with its
days, stay, clause and voucher. Prices and budgets of an agreement are such ground themselves.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from placement.demo.command import fill as fill_demo
from tests.client import JudgingClient
from tests.conftest import NOW
from tests.web import review_world as world
from tests.web.conftest import opened_copy
from tests.web.money_pages import Page, page_number, read, without_page

pytestmark = pytest.mark.slow

STARTS = ("/today", "/claims", "/claims/deadlines", "/review", "/payments", "/recoveries", "/corrections", "/reports",
          "/ledger", "/ledger/periods", "/audit")  # fmt: skip
GROUND = {"claims.line", "review_lines.line", "claims.unclaimed", "agreements.show", "agreements.version"}
LAST = {"ledger.entry", "reports.lines"}
"""Where a sum ends for a reader who may not open the claim: with its reference, day, county and, of a line, voucher."""
SHARES = {"reports.lines"}
"""Pages that show a share beside the whole line: the share itself is nowhere else."""
LISTS = {"recoveries.start": "/recoveries"}
"""Pages of an act on a row of a list, with the list that the way back leads to."""
READERS = ("claims-officer", "reviewer", "payment-examiner", "payer", "auditor")
CLICKS, EACH, EVERY = 3, 1, 10**9


def nearness(url: str) -> tuple[bool, bool]:
    """What to click first: a line, else a claim."""
    return "/lines/" not in url, "/CL-" not in url


class Reader:
    """One account that reads pages, each once, and remembers how far each is from a line."""

    def __init__(self, app: Any, account: str) -> None:
        self.client = JudgingClient(app)
        self.client.sign_in(account)
        self.map = app.url_map.bind("localhost")
        self.pages: dict[str, Page | None] = {}
        self.refused: set[str] = set()
        self.walked: list[Page] = []
        self.sums: dict[str, set[int]] = {}
        self.nearest: dict[tuple[str, int], tuple[Page, int] | None] = {}
        self.led: dict[tuple[str, int, bool], bool] = {}
        self.home: dict[tuple[str, str], bool] = {}

    def page(self, url: str) -> Page | None:
        if url not in self.pages:
            self.pages[url] = self._fetch(url)
        return self.pages[url]

    def _fetch(self, url: str) -> Page | None:
        answer = self.client._send("GET", url)
        if answer.status_code >= 400:
            self.refused.add(url)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            return None
        return read(url, self.map.match(urlsplit(url).path)[0], answer.get_data(as_text=True))

    def walk(self, rng: random.Random, each: int) -> Iterator[Page]:
        """Yield the pages that links lead to from the first ones, at most `each` of one kind that show other things."""
        queue, seen, count = deque(STARTS), set(STARTS), Counter[str]()
        while queue:
            page = self.page(queue.popleft())
            if page is None or count[page.endpoint] >= each:
                continue
            count[page.endpoint] += 1
            self.walked.append(page)
            yield page
            fresh = [url for url in page.links if url not in seen]
            rng.shuffle(fresh)
            seen.update(fresh)
            queue.extend(fresh)

    def line(self, page: Page, left: int, *, last: bool) -> tuple[Page, int] | None:
        """Return a line of a claim that a page leads to and in how many clicks, None for more than `left`.

        With `last`, what stands at the end for a reader who may not open the claim is as good as its line.
        """
        key = (page.url, left if last else -1 - left)
        if key not in self.nearest:
            self.nearest[key] = self._line(page, left, last)
        return self.nearest[key]

    def _line(self, page: Page, left: int, last: bool) -> tuple[Page, int] | None:
        if page.endpoint in GROUND or (last and page.closed and page.endpoint in LAST):
            return page, 0
        for url in sorted(page.links, key=nearness)[:40] if left else ():
            below = self.page(url)
            found = self.line(below, left - 1, last=last) if below is not None else None
            if found is not None:
                return found[0], found[1] + 1
        return None

    def opens(self, page: Page, cents_: int, beside: tuple[str, ...]) -> bool:
        """Whether a sum leads down to a line."""
        if page.endpoint in GROUND or not cents_ or (page.closed and not beside):
            return True
        if any(self._leads(url, abs(cents_), page.endpoint in SHARES) for url in beside):
            return True
        if self.line(page, CLICKS, last=True) is None:
            return False
        if abs(cents_) in self._added(page) | page.averages | page.came_back:
            return True
        elsewhere = (self.page(url) for url in page.links[:40])
        return any(one is not None and self._shows(one, abs(cents_)) for one in elsewhere)

    def _leads(self, url: str, figure: int, share: bool) -> bool:
        """Whether a link beside a sum opens a page that shows it again and leads to a line."""
        if (url, figure, share) not in self.led:
            below = self.page(url)
            shows = below is not None and (share or self._shows(below, figure))
            self.led[url, figure, share] = (
                below is not None and shows and self.line(below, CLICKS - 1, last=True) is not None
            )
        return self.led[url, figure, share]

    def _shows(self, page: Page, figure: int) -> bool:
        return figure in page.figures or figure in self._added(page)

    def _added(self, page: Page) -> set[int]:
        """Return what the columns of a list add up to, all its pages together, and how far two of them differ."""
        if page.url not in self.sums:
            columns = [Counter(one) for one in page.columns]
            for further in self._further(page):
                for one, more in zip(columns, further.columns, strict=False):
                    one.update(more)
            sums = [list(one.values()) for one in columns]
            self.sums[page.url] = {abs(one) for of in sums for one in of} | {
                abs(one - other) for of in sums for one in of for other in of
            }
        return self.sums[page.url]

    def _further(self, page: Page) -> list[Page]:
        """Return the other pages of the same list."""
        found, seen, queue = [], {page.url}, deque([page])
        while queue:
            for url in queue.popleft().links:
                if "page=" not in url or url in seen or without_page(url) != without_page(page.url):
                    continue
                seen.add(url)
                one = self.page(url)
                if one is not None and page_number(one.url) != page_number(page.url):
                    found.append(one)
                    queue.append(one)
        return found

    def back(self, page: Page) -> bool:
        """Whether the line that a page leads to leads back to it."""
        ground = self.line(page, CLICKS, last=False)
        home = LISTS.get(page.endpoint, urlsplit(page.url).path)
        if ground is None or ground[0] is page:
            return True
        if (ground[0].url, home) not in self.home:
            self.home[ground[0].url, home] = self._leads_home(ground[0], home)
        return self.home[ground[0].url, home]

    def _leads_home(self, ground: Page, home: str) -> bool:
        if home in ground.ways:
            return True
        nearer = [*ground.links, *sorted(ground.ways)]
        if any((one := self.page(url)) is not None and home in one.ways for url in nearer):
            return True
        further = (url for near in nearer if (one := self.page(near)) is not None for url in one.links[:30])
        return any((two := self.page(url)) is not None and home in two.ways for url in further)


def crawl(app: Any, account: str, each: int, seed: int = 1) -> tuple[Counter[str], list[str]]:
    """Return how many sums each kind of page showed, and the sums that do not open or do not lead back."""
    reader, shown, closed = Reader(app, account), Counter[str](), list[str]()
    for page in reader.walk(random.Random(seed), each):
        for sum_, beside in page.sums:
            shown[page.endpoint] += 1
            if not reader.opens(page, sum_, beside):
                closed.append(f"{account} {page.url}: {sum_}")
        if page.sums and not reader.back(page):
            closed.append(f"{account} {page.url}: no way back")
    refused = [(page.url, url) for page in reader.walked for url in page.links if url in reader.refused]
    return shown, closed + [f"{account} {url}: {to} is refused" for url, to in refused]


def test_sums_of_every_kind_of_page_open_to_a_line_and_lead_back(worked_module_app):
    kinds = Counter[str]()
    for account in READERS[::2]:
        shown, closed = crawl(worked_module_app, account, EACH)
        assert closed == []
        kinds += shown
    assert sum(kinds.values()) > 500
    assert set(kinds) >= {"claims.show", "claims.days", "claims.deadlines", "reports.show", "reports.lines",
                          "review_lines.show", "review_decision.show", "payments.show", "ledger.index", "ledger.entry",
                          "ledger.periods", "corrections.new"}  # fmt: skip


SET_OFF = {"en": ("Set off", "From the bank"), "fi": ("Kuitattu", "Pankista"), "sv": ("Kvittat", "Från banken")}


def test_payment_less_a_set_off_opens_on_the_decision_it_pays(worked_app):
    ref, payer, other = world.decided(worked_app), JudgingClient(worked_app), JudgingClient(worked_app)
    payer.sign_in("payer")
    other.sign_in("payer-2")
    payment = world.confirmed(payer, worked_app, ref, cents="", set_off="y")
    other.post(f"/payments/{payment}/release")
    row = world.payments(worked_app)[-1]
    parts = (row.cents, row.set_off_cents, row.cents - row.set_off_cents)
    assert min(parts) > 0
    reader = Reader(worked_app, "reviewer")
    decision = reader.page(f"/claims/{ref}/decision")
    [entry] = [url for url in decision.links if re.fullmatch(r"/ledger/\d+", url)]
    for page in (decision, reader.page(entry)):
        assert page.figures >= set(parts)
        assert [sum_ for sum_, beside in page.sums if not reader.opens(page, sum_, beside)] == []
        assert reader.back(page)
    assert all(decision.url in beside for sum_, beside in reader.page(entry).sums if beside)
    for lang, told in SET_OFF.items():
        reader.client.lang = lang
        reader.client._client.set_cookie("placement_lang", lang)
        shown = world.words(reader.client.get(f"/claims/{ref}/decision"))
        assert shown.index(payment) < shown.index(told[0]) < shown.index(told[1])


@pytest.fixture(scope="module")
def whole_demo(filled_file: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Any:
    with opened_copy(filled_file, tmp_path_factory.mktemp("whole")) as app:
        with app.extensions["placement"].database.transaction() as session:
            fill_demo(session, request.param, seed=1, at=NOW)
        yield request.param, app


@pytest.mark.soak
@pytest.mark.parametrize("account", READERS)
@pytest.mark.parametrize("whole_demo", ["small", "national"], indirect=True)
def test_soak_every_sum_of_the_demo(whole_demo, account):
    size, app = whole_demo
    began = time.process_time()
    shown, closed = crawl(app, account, EVERY)
    took = time.process_time() - began
    summary = f"{size}, {account}: {sum(shown.values())} sums of {len(shown)} kinds of page, {len(closed)} closed"
    print("", f"{summary}, {took:.0f} s of processor time", *closed[:20], sep="\n")
    assert closed == []
