"""A protected child's name is in no page, file or feed of those who may not see it, nor its place with its reference.

Every address that the map of routes and the links of pages lead to is asked for as each account; spreadsheets and
PDFs are read too. The child's own worker is the one who may see all of it, and must: else the crawl proves nothing.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlmodel import select

from agreements import claim_reads
from agreements.claim_values import Gate
from agreements.period import Period
from placement.checks import everything
from placement.clock import business_day
from placement.demo.accounts import ACCOUNTS, FIRST_COUNTY, body
from placement.demo.paths import write_paths
from placement.demo.stays import write_stay
from placement.demo.writing import Writer
from placement.people.queries import actor_of
from placement.people.tables import User, UserMandate
from placement.reimbursed import preparing
from placement.units.tables import Closure, UnitKind
from tests.client import JudgingClient
from tests.conftest import NOW

pytestmark = pytest.mark.slow

CLOSING = "UC-0ZZ0-0ZZ0"
QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31))
CLAIM: list[str] = []
"""The address of a claim with the child's days."""
PLACE: list[str] = []
"""The reference of the unit where the child lives."""
ROOMS = (
    "/closures/", "/transfers", "/search?q=", "/units/map", "/units/timeline", "/units/ahead", "/units/board", "/moves",
    "/reports", "/claims", "/services", "/children", "/waiting", "/decisions", "/directions", "/agreements", "/runs",
    "/units/board.csv", "/units/board.xlsx",
)  # fmt: skip
"""What the crawl must have seen, by how its addresses begin."""
NAME, UNIT, TOWN = "Zzsalainen", "Zzkätköpesä", "Valkeakoski"
CHOICES = re.compile(r"<(option|select)\b.*?</\1>", re.S)
FEW_PAGES, MOST_PAGES = 130, 2_000
OWN_WORKER = "social-worker"


@pytest.fixture(scope="module")
def protected(worked_module_app: Any) -> Iterator[tuple[Any, str]]:
    """The demo with one more child: protected, alone in a unit and a town of its own, with every kind of step."""
    app = worked_module_app
    with app.extensions["placement"].database.transaction() as session:
        people = {user.demo_key: user for user in session.exec(select(User))}
        on = business_day(NOW)
        writer = Writer(session=session, rng=random.Random(3), at=NOW, on=on, people=people)
        writer.serial = 700
        writer.cases = {
            (one.id or 0, year): 900 for one in [body(session, "county", FIRST_COUNTY, on)] for year in (2025, 2026)
        }
        county, town = body(session, "county", FIRST_COUNTY, on), body(session, "municipality", "908", on)
        writer.cases = {(county.id or 0, year): 900 for year in (2025, 2026)}
        unit = writer.unit(county, town, UNIT, places=4, kind=UnitKind.SUPPORTED_HOUSING, languages=("so",))
        unit.secret_address = True
        child = writer.child(
            county, town, age_years=16.5, language="so", worker=people[OWN_WORKER], protected=True, family_name=NAME
        )
        write_stay(writer, child, unit, start=-80, decider=people[OWN_WORKER])
        write_paths(writer, 3, only=[child])
        session.add(
            Closure(
                ref=CLOSING,
                unit_id=unit.id or 0,
                valid_from=writer.days(60),
                reason="Remontti",
                planned=True,
                requested_by=people["coordinator"].id,
                requested_at=NOW,
            )
        )
        session.flush()
        user = people["claims-officer"]
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one()
        claim = preparing.start(session, actor_of(session, user, mandate), Gate.PAYMENT, QUARTER, at=NOW)
        assert child.ref in {line.child_ref for line in claim_reads.lines(session, claim)}
        ref, claim_ref, unit_ref = child.ref, claim.ref, unit.ref
    CLAIM.append(f"/claims/{claim_ref}")
    PLACE.append(unit_ref)
    yield app, ref
    app.extensions["placement"].database.close()


def addresses(app: Any, ref: str, client: JudgingClient, most: int) -> Iterator[tuple[str, Any]]:
    """Yield each address with its answer: those of the child, the main pages, and what their links lead to."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint != "static"]
    queue = [rule.rule for rule in rules if not rule.arguments]
    queue += [
        rule.rule.replace("<ref:ref>", ref).replace("<int:number>", "1").replace("<what>", what)
        for rule in rules
        if rule.rule.startswith(("/children/<ref:ref>", "/waiting/<ref", "/services/<ref"))
        for what in (("assessment", "hearing", "representation", "family") if "<what>" in rule.rule else ("",))
    ]
    asked = [NAME[:-1], UNIT[:-1], ref]
    queue += [f"{CLAIM[0]}{page}" for page in ("", "/days", "/lines", "/check", "/copy.pdf")]
    queue += [f"/units/board.{kind}" for kind in ("csv", "xlsx")] + [f"/units/{PLACE[0]}/days.csv"]
    queue += [f"/closures/{CLOSING}", "/units/board?view=table", "/units/timeline?zoom=year", "/units/map?from=908"]
    queue += [f"/search?q={text}" for text in asked]
    queue += [f"/services?show={show}" for show in ("late", "delivered", "reported", "closed", "unrecorded")]
    queue += [f"/services/export.{kind}?show=open" for kind in ("csv", "xlsx")]
    seen: set[str] = set()
    while queue and len(seen) < most:
        address = queue.pop(0)
        shape = re.sub(r"-\w{4}-\w{4}", "", address) if ref not in address else address
        if shape in seen or "<" in address or address.startswith(("/logout", "/static", "/metrics")):
            continue
        seen.add(shape)
        answer = client._send("GET", address)
        yield address, answer
        if answer.mimetype == "text/html" and answer.status_code == 200:
            for href in re.findall(r'href="(/[^"#]*)"', answer.get_data(as_text=True)):
                if "lang=" not in href and not urlsplit(href).path.startswith("/static"):
                    queue.append(href.replace("&amp;", "&"))


def read(answer: Any) -> str:
    """Return what a reader of the answer sees: a page without its lists of choices, a sheet's or a PDF's text."""
    if answer.mimetype == "text/html":
        return CHOICES.sub("", answer.get_data(as_text=True))
    if answer.mimetype == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.get_data())).pages)
    if "spreadsheet" in (answer.mimetype or ""):
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data()))
        return "\n".join(str(row) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
    return answer.get_data().decode("utf-8", "replace")


def faults_of(app: Any, ref: str, most: int) -> tuple[int, list[str]]:
    pages, faults = 0, []
    for account in (one.key for one in ACCOUNTS if one.key != OWN_WORKER):
        client = JudgingClient(app)
        client.sign_in(account)
        for address, answer in addresses(app, ref, client, most):
            text = read(answer)
            pages += 1
            if NAME in text:
                faults.append(f"{account} {address}: the name")
            parts = [text] if answer.mimetype == "text/html" else text.splitlines()
            if any(ref in part and (UNIT in part or TOWN in part) for part in parts):
                faults.append(f"{account} {address}: the reference with its unit or town")
    return pages, faults


def test_nobody_else_reads_the_name_or_learns_the_place(protected):
    pages, faults = faults_of(*protected, FEW_PAGES)
    print(f"protected child: {pages} pages and files, {len(faults)} faults")
    assert faults == []
    assert pages > 800


def test_the_crawl_comes_into_every_room(protected):
    app, ref = protected
    seen: set[str] = set()
    for account in ("coordinator", "county-lead"):
        client = JudgingClient(app)
        client.sign_in(account)
        answers = addresses(app, ref, client, FEW_PAGES)
        seen |= {address for address, answer in answers if answer.status_code == 200}
    assert [room for room in ROOMS if not any(address.startswith(room) for address in seen)] == []


def test_nothing_that_is_stored_to_be_sent_or_counted_names_the_child(protected):
    """Logs, stored texts of events and metrics are scanned for every name and identity code (X6)."""
    with protected[0].extensions["placement"].database.read_only() as session:
        [found] = [one for one in everything.run(session, NOW) if one.id == "X6"]
    assert found.checked > 0
    assert list(found.breaches) == []


@pytest.mark.soak
def test_nobody_else_reads_the_name_in_any_page(protected):
    pages, faults = faults_of(*protected, MOST_PAGES)
    print(f"protected child, soak: {pages} pages and files, {len(faults)} faults")
    assert faults == []
    assert pages > 3_000


def test_the_own_worker_sees_it_all(protected):
    app, ref = protected
    client = JudgingClient(app)
    client.sign_in(OWN_WORKER)
    texts = {address: read(answer) for address, answer in addresses(app, ref, client, MOST_PAGES)}
    assert sum(NAME in text for text in texts.values()) > 10
    assert UNIT in texts[f"/children/{ref}"]
    assert UNIT in texts[f"/children/{ref}/path"]
