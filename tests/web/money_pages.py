"""Pages of the money as their readers meet them: sums with the links beside them, where links lead, what adds up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from urllib.parse import parse_qsl, urldefrag, urlsplit
from xml.etree import ElementTree as ET

import html5lib

from agreements.money import round_half_up
from tests.web.claims_world import cents

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
TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
FILE = re.compile(r"export|\.(pdf|csv|xlsx)|/letter|/file|/evidence/\d")


@dataclass(frozen=True, slots=True)
class Page:
    """What one page shows of money. `links` lead from its own text, `ways` are the paths that navigation leads to too.

    `figures` are the sums without sign, `columns` what each column of each table adds up to. `came_back` is money
    beside the bank's reference; `averages` are sums of a row divided by its numbers, as the cost of a place-day is.
    `closed`: the page says that a claim it names opens to others only, who handle it.
    """

    url: str
    endpoint: str
    sums: tuple[tuple[int, tuple[str, ...]], ...]
    links: tuple[str, ...]
    ways: frozenset[str]
    figures: frozenset[int]
    columns: tuple[Counter[int], ...]
    came_back: frozenset[int]
    averages: frozenset[int]
    closed: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What a table shows of money."""

    sums: tuple[tuple[int, tuple[str, ...]], ...]
    links: frozenset[str]
    columns: tuple[Counter[int], ...]
    came_back: frozenset[int]
    averages: frozenset[int]


def read(url: str, endpoint: str, text: str) -> Page | None:
    """Return what a page shows, nothing of its tree kept: thousands of pages are. None for a page without main.

    Tables are read apart and once, for the balances of the books stand on every page of the books.
    """
    tables: list[Table] = []

    def put_aside(found: re.Match[str]) -> str:
        tables.append(_table(found.group()))
        return f'<table id="{len(tables) - 1}"></table>'

    whole = html5lib.parse(TABLE.sub(put_aside, text), namespaceHTMLElements=False)
    main = whole.find(".//main")
    if main is None:
        return None
    mine = [tables[int(one.get("id") or 0)] for one in main.iter("table")]
    sums = (*_sums(main, None, None), *(one for table in mine for one in table.sums))
    links = _links(main).union(*(table.links for table in mine))
    return Page(
        url=url,
        endpoint=endpoint,
        sums=sums,
        links=tuple(sorted(links - {url})),
        ways=frozenset(intern(urlsplit(to).path) for to in _links(whole) | links),
        figures=frozenset(abs(shown) for shown, _ in sums),
        columns=tuple(one for table in mine for one in table.columns),
        came_back=frozenset().union(*(table.came_back for table in mine)),
        averages=frozenset().union(*(table.averages for table in mine)),
        closed=any(one.get("id") == "closed" for one in main.iter("p")),
    )


@lru_cache(maxsize=64)
def _table(text: str) -> Table:
    [table] = html5lib.parseFragment(text, namespaceHTMLElements=False)
    rows = [[_text(one).strip() for one in row] for row in table.iter("tr")]
    back = (shown for one in table.iter("td") for shown in MONEY.findall(_text(one)))
    return Table(
        sums=tuple(_sums(table, None, None)),
        links=frozenset(_links(table)),
        columns=tuple(map(_columns, table.iter("tbody"))),
        came_back=frozenset(abs(cents(one)) for one in back) if table.get("id") == "settlements" else frozenset(),
        averages=frozenset(one for cells in rows for one in _averages(cells)),
    )


def _links(node: ET.Element) -> set[str]:
    return {to for one in node.iter("a") if (to := address(one))}


def address(link: ET.Element) -> str | None:
    """Return where a link leads, if that is a page of the rooms of money."""
    url = urldefrag(link.get("href") or "")[0]
    path = urlsplit(url).path
    return intern(url) if path.startswith("/") and path.split("/")[1] in ROOMS and not FILE.search(path) else None


def without_page(url: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return what a list shows, whichever of its pages it is."""
    parts = urlsplit(url)
    return parts.path, tuple(sorted(one for one in parse_qsl(parts.query) if one[0] != "page"))


def page_number(url: str) -> str:
    """Return which page of a list an address names; the first has no number, or 1."""
    return dict(parse_qsl(urlsplit(url).query)).get("page", "1")


def _sums(node: ET.Element, link: ET.Element | None, row: ET.Element | None) -> Iterator[tuple[int, tuple[str, ...]]]:
    if node.tag in ("tr", "li", "p", "dl", "summary") or "summary-list__row" in (node.get("class") or ""):
        row = node
    if node.tag == "a":
        link = node
    for text in [node.text or "", *((one.tail or "") for one in node)]:
        for shown in MONEY.findall(text):
            beside = [link] if link is not None else list(row.iter("a")) if row is not None else []
            yield cents(shown), tuple(filter(None, map(address, beside)))
    for one in node:
        if isinstance(one.tag, str):
            yield from _sums(one, link, row)


def _text(node: ET.Element) -> str:
    return "".join(node.itertext())


def _columns(body: ET.Element) -> Counter[int]:
    """Return what each column adds up to, counted from the last one, totals left out."""
    found: Counter[int] = Counter()
    for row in body.iter("tr"):
        cells = [one for one in row if one.tag in ("td", "th")]
        for place, cell in enumerate(cells, start=-len(cells)):
            shown = MONEY.findall(_text(cell))
            total = any(MONEY.search(_text(one)) for one in cell.iter("strong"))
            found[place] += cents(shown[0]) if shown and not total else 0
    return found


def _averages(cells: list[str]) -> set[int]:
    """Return what the sums of a row are divided by its numbers."""
    numbers = [int(one) for one in cells if one.isdigit() and int(one)]
    sums = [cents(shown) for one in cells for shown in MONEY.findall(one)] if numbers else []
    return {round_half_up(one, by) for one in sums for by in numbers}
