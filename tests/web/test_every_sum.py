"""Every sum on every page of the money opens to the line it comes from, in three clicks at most, and back again.

A sum in a link or beside one is shown again by the page it leads to; a sum without a link is what the parts in a
column of its page add up to, or stands on a page that it leads to. At the end stands a line of a claim, with its
days, stay, clause and voucher. Prices and budgets of an agreement are such ground themselves.
"""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest

from agreements.money import round_half_up
from placement.app import create_app
from placement.db import Database
from placement.demo.command import fill as fill_demo
from tests.client import JudgingClient
from tests.conftest import NOW, SETTINGS
from tests.web.claims_world import cents

pytestmark = pytest.mark.slow

MONEY = re.compile(r"[-−]?€[\d,]+\.\d\d")
ROOMS = (
    "claims",
    "review",
    "payments",
    "recoveries",
    "corrections",
    "reports",
    "ledger",
    "audit",
    "today",
    "agreements",
)
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
CLICKS, EACH, MOST = 3, 1, 20_000


@dataclass
class Page:
    """One page as a reader meets it: its sums with the links that stand with them, its links, its columns."""

    url: str
    endpoint: str
    main: ET.Element
    whole: ET.Element
    sums: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._walk(self.main, None, None)

    def _walk(self, node: ET.Element, link: ET.Element | None, row: ET.Element | None) -> None:
        if node.tag in ("form", "summary") or "summary-list__row" in (node.get("class") or ""):
            row = node if node.tag != "form" else row
        if node.tag in ("tr", "li", "p", "dl"):
            row = node
        if node.tag == "a":
            link = node
        for text in [node.text or "", *((one.tail or "") for one in node)]:
            for shown in MONEY.findall(text):
                beside = [link] if link is not None else list(row.iter("a")) if row is not None else []
                self.sums.append((cents(shown), tuple(filter(None, map(address, beside)))))
        for one in node:
            if isinstance(one.tag, str):
                self._walk(one, link, row)

    @cached_property
    def links(self) -> list[str]:
        """Where the links of the page itself lead."""
        return sorted({url for one in self.main.iter("a") if (url := address(one)) and url != self.url})

    @cached_property
    def ways(self) -> set[str]:
        """The paths that every link of the page leads to, navigation too."""
        return {urlsplit(url).path for one in self.whole.iter("a") if (url := address(one))}

    @cached_property
    def figures(self) -> set[int]:
        return {abs(shown) for shown, _ in self.sums}

    @cached_property
    def columns(self) -> list[Counter[int]]:
        """What each column of each table of the page adds up to, counted from the last one, totals left out."""
        found = []
        for body in self.main.iter("tbody"):
            columns: Counter[int] = Counter()
            for row in body.iter("tr"):
                cells = [one for one in row if one.tag in ("td", "th")]
                for place, cell in enumerate(cells, start=-len(cells)):
                    shown = MONEY.findall("".join(cell.itertext()))
                    total = any(MONEY.search("".join(one.itertext())) for one in cell.iter("strong"))
                    columns[place] += cents(shown[0]) if shown and not total else 0
            found.append(columns)
        return found

    @cached_property
    def came_back(self) -> set[int]:
        """Money that came back, beside the bank's reference: that is its voucher."""
        rows = (row for one in self.main.iter() if one.get("id") == "settlements" for row in one.iter("td"))
        return {abs(cents(shown)) for cell in rows for shown in MONEY.findall("".join(cell.itertext()))}

    @cached_property
    def averages(self) -> set[int]:
        """What the sums of a row are divided by its numbers: the cost of a place-day, of a used day."""
        found = set()
        for row in self.main.iter("tr"):
            cells = ["".join(one.itertext()).strip() for one in row]
            numbers = [int(one) for one in cells if one.isdigit() and int(one)]
            found |= {
                round_half_up(cents(shown), by) for one in cells for shown in MONEY.findall(one) for by in numbers
            }
        return found

    @cached_property
    def closed(self) -> bool:
        """Whether the page says that a claim it names opens to others only, who handle it."""
        return any(one.get("id") == "closed" for one in self.main.iter("p"))


def address(link: ET.Element) -> str | None:
    """Return where a link leads, if that is a page of the rooms of money."""
    url = urldefrag(link.get("href") or "")[0]
    path = urlsplit(url).path
    file = re.search(r"export|\.(pdf|csv|xlsx)|/letter|/file|/evidence/\d", path)
    return url if path.startswith("/") and path.split("/")[1] in ROOMS and file is None else None


def without_page(url: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return what a list shows, whichever of its pages it is."""
    parts = urlsplit(url)
    return parts.path, tuple(sorted(one for one in parse_qsl(parts.query) if one[0] != "page"))


def nearness(url: str) -> tuple[bool, bool]:
    """What to click first: a line, else a claim."""
    return "/lines/" not in url, "/CL-" not in url


class Reader:
    """One account that reads pages, each once."""

    def __init__(self, app: Any, account: str) -> None:
        self.client = JudgingClient(app)
        self.client.sign_in(account)
        self.map = app.url_map.bind("localhost")
        self.pages: dict[str, Page | None] = {}
        self.refused: set[str] = set()
        self.sums: dict[str, set[int]] = {}

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
        whole = html5lib.parse(answer.get_data(as_text=True), namespaceHTMLElements=False)
        main = whole.find(".//main")
        return Page(url, self.map.match(urlsplit(url).path)[0], main, whole) if main is not None else None

    def walk(self, rng: random.Random, each: int) -> Iterator[Page]:
        """Yield the pages that links lead to from the first ones, at most `each` of one kind that show other things."""
        queue, seen, count = deque(STARTS), set(STARTS), Counter[str]()
        while queue and len(self.pages) < MOST:
            page = self.page(queue.popleft())
            if page is None or count[page.endpoint] >= each:
                continue
            count[page.endpoint] += 1
            yield page
            fresh = [url for url in page.links if url not in seen]
            rng.shuffle(fresh)
            seen.update(fresh)
            queue.extend(fresh)

    def clicks(self, page: Page, left: int) -> int | None:
        """Return how many clicks lead from a page to a line of a claim, None for more than `left`."""
        if page.endpoint in GROUND or (page.closed and page.endpoint in LAST):
            return 0
        if left == 0:
            return None
        for url in sorted(page.links, key=nearness)[:40]:
            below = self.page(url)
            found = self.clicks(below, left - 1) if below is not None else None
            if found is not None:
                return found + 1
        return None

    def opens(self, page: Page, cents_: int, beside: tuple[str, ...]) -> bool:
        """Whether a sum leads down to a line."""
        if page.endpoint in GROUND or not cents_ or (page.closed and not beside):
            return True
        for url in beside:
            below = self.page(url)
            shows = below is not None and (page.endpoint in SHARES or self._shows(below, abs(cents_)))
            if below is not None and shows and self.clicks(below, CLICKS - 1) is not None:
                return True
        if self.clicks(page, CLICKS) is None:
            return False
        if abs(cents_) in self._added(page) | page.averages | page.came_back:
            return True
        elsewhere = (self.page(url) for url in page.links[:40])
        return any(one is not None and self._shows(one, abs(cents_)) for one in elsewhere)

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
                numbered = any(name == "page" for name, _ in parse_qsl(urlsplit(url).query))
                if not numbered or url in seen or without_page(url) != without_page(page.url):
                    continue
                seen.add(url)
                one = self.page(url)
                if one is not None and not self._is_same(one, page):
                    found.append(one)
                    queue.append(one)
        return found

    @staticmethod
    def _is_same(one: Page, other: Page) -> bool:
        """Whether two addresses show one page: the first of a list has no number, or 1."""
        first = {dict(parse_qsl(urlsplit(page.url).query)).get("page", "1") for page in (one, other)}
        return len(first) == 1

    def back(self, page: Page) -> bool:
        """Whether the line that a page leads to leads back to it."""
        ground = self._ground(page, CLICKS)
        home = LISTS.get(page.endpoint, urlsplit(page.url).path)
        if ground is None or ground is page or home in ground.ways:
            return True
        nearer = [*ground.links, *sorted(ground.ways)]
        if any((one := self.page(url)) is not None and home in one.ways for url in nearer):
            return True
        further = (url for near in nearer if (one := self.page(near)) is not None for url in one.links[:30])
        return any((two := self.page(url)) is not None and home in two.ways for url in further)

    def _ground(self, page: Page, left: int) -> Page | None:
        if page.endpoint in GROUND:
            return page
        for url in sorted(page.links, key=nearness)[:40] if left else ():
            below = self.page(url)
            found = self._ground(below, left - 1) if below is not None else None
            if found is not None:
                return found
        return None


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
        closed += [f"{account} {page.url}: {url} is refused" for url in page.links if url in reader.refused]
    return shown, closed


@pytest.fixture(scope="module")
def small(demo_with_work: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    file = tmp_path_factory.mktemp("sums") / "placement.db"
    shutil.copy(demo_with_work, file)
    app = create_app({**SETTINGS, "PLACEMENT_DATABASE_URL": f"sqlite:///{file}"})
    yield app
    app.extensions["placement"].database.close()


def test_sums_of_every_kind_of_page_open_to_a_line_and_lead_back(small):
    kinds = Counter[str]()
    for account in READERS[::2]:
        shown, closed = crawl(small, account, EACH)
        assert closed == []
        kinds += shown
    assert sum(kinds.values()) > 500
    assert set(kinds) >= {"claims.show", "claims.days", "claims.deadlines", "reports.show", "reports.lines",
                          "review_lines.show", "review_decision.show", "payments.show", "ledger.index", "ledger.entry",
                          "ledger.periods", "corrections.new"}  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("size", ["small", "national"])
def test_soak_every_sum_of_the_demo(filled_file, tmp_path, size):
    file = tmp_path / "placement.db"
    shutil.copy(filled_file, file)
    database = Database(f"sqlite:///{file}")
    with database.transaction() as session:
        fill_demo(session, size, seed=1, at=NOW)
    database.close()
    app = create_app({**SETTINGS, "PLACEMENT_DATABASE_URL": f"sqlite:///{file}"})
    every = []
    for account in READERS:
        shown, closed = crawl(app, account, MOST)
        summary = f"{size}, {account}: {sum(shown.values())} sums of {len(shown)} kinds of page, {len(closed)} closed"
        print("", summary, *closed[:20], sep="\n")
        every += closed
    assert every == []
    app.extensions["placement"].database.close()
