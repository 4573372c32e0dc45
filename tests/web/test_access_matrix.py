"""Every route × every account × own, other county's and missing object × its methods, generated from the URL map.

What a cell must be follows from three things stated elsewhere: the permission the view declares, the role's
permissions, and the scope of the object. The table of who may open what (`tests/data/access.txt`) is generated
too, and kept: a permission added, removed or exchanged shows as a difference there and turns this red.
Write the table anew with PLACEMENT_WRITE_ACCESS=1 and read the difference like code.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from placement.audit.tables import UseLog
from placement.children.tables import Child
from placement.demo.accounts import ACCOUNTS, FIRST_COUNTY, OTHER_COUNTY
from placement.people.tables import User
from placement.permissions import permissions_of
from placement.web import guard
from tests.client import JudgingClient

TABLE = Path(__file__).parents[1] / "data" / "access.txt"
KINDS = {
    "children": "child", "services": "child", "waiting": "child", "why": "child", "rows": "child", "units": "unit",
    "runs": "run",
    "proposals": "proposal", "decisions": "decision", "agreements": "agreement",
    "directions": "direction", "claims": "claim", "review": "claim",
    "findings": "claim", "payments": "payment", "recoveries": "recovery", "corrections": "correction",
    "closures": "closure", "transfers": "transfer", "requests": "proposal",
}  # fmt: skip
PREFIX = {
    "child": "CH", "unit": "UN", "run": "RU", "proposal": "PR", "decision": "DE", "agreement": "AG", "direction": "DI",
    "claim": "CL", "payment": "PA", "recovery": "RE", "correction": "CO",
    "closure": "UC", "transfer": "TR",
}  # fmt: skip
OF_THE_STATE = {"payment": "payment", "recovery": "recovery", "correction": "claim_correction"}
"""Kinds that one authority has for all counties: none of them is foreign to its staff, so a missing one stands in."""
OWN_COUNTY = "JOIN organisation o ON o.id = t.county_id"
COUNTY_OF = {
    "closure": "JOIN unit u ON u.id = t.unit_id JOIN organisation o ON o.id = u.county_id",
    "transfer": "JOIN organisation o ON o.id = t.from_county_id",
}
"""How a kind belongs to a county where it has no `county_id` of its own."""
VARIABLE = re.compile(r"/([\w-]+)/<ref:(\w+)>")
TOKEN = re.compile(r'value="[^"]{40,}"|"X-CSRFToken": "[^"]+"')


@dataclass(frozen=True)
class Cell:
    """One request: the rule, the method and the URL with an own, a foreign or a missing object in it."""

    endpoint: str
    method: str
    relation: str
    url: str


@pytest.fixture(scope="module")
def matrix_app(worked_module_app: Any) -> Any:
    return worked_module_app


def objects(app: Any) -> dict[str, dict[str, str]]:
    """Return a reference of each kind in the first county and in the other one."""
    found: dict[str, dict[str, str]] = {}
    with app.extensions["placement"].database.reader.connect() as connection:
        for kind, table in OF_THE_STATE.items():
            ref = connection.execute(sa.text(f'SELECT ref FROM "{table}" ORDER BY id DESC LIMIT 1')).scalar()
            assert ref, f"the demo has no {kind}"
            found[kind] = {"own": ref, "foreign": f"{PREFIX[kind]}-1111-1111"}
        for kind in PREFIX.keys() - OF_THE_STATE.keys():
            for relation, code in (("own", FIRST_COUNTY), ("foreign", OTHER_COUNTY)):
                ref = connection.execute(
                    sa.text(
                        f'SELECT t.ref FROM "{kind}" t {COUNTY_OF.get(kind, OWN_COUNTY)} '
                        "WHERE o.county_code = :code ORDER BY t.id DESC LIMIT 1"
                    ),
                    {"code": code},
                ).scalar()
                assert ref, f"the demo has no {kind} in county {code}"
                found.setdefault(kind, {})[relation] = ref
    return found


def cells(app: Any) -> list[Cell]:
    known = objects(app)
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        if rule.endpoint == "static":
            continue
        kinds = {name: KINDS[segment] for segment, name in VARIABLE.findall(rule.rule)}
        for relation in ("own", "foreign", "missing") if kinds else ("none",):
            values = {name: value(rule, name, kinds, relation, known) for name in rule.arguments}
            with app.test_request_context():
                url = app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods)))
            path = url.removeprefix("http://localhost")
            found += [Cell(rule.endpoint, one, relation, path) for one in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return found


def value(rule: Any, name: str, kinds: dict[str, str], relation: str, known: dict[str, dict[str, str]]) -> Any:
    """Return a value for a URL variable: a reference by kind and relation, else one its converter allows."""
    if name in kinds:
        kind = kinds[name]
        return f"{PREFIX[kind]}-0000-0000" if relation == "missing" else known[kind][relation]
    return 999_999 if type(rule._converters[name]).__name__ == "IntegerConverter" else "x"


def ask(client: JudgingClient, cell: Cell) -> Any:
    return client._send(cell.method, cell.url, data={} if cell.method != "GET" else None, token=cell.method != "GET")


@pytest.mark.slow
def test_every_cell_is_as_declared(matrix_app):
    """Undeclared and unpermitted are 403, foreign and missing the same 404, permitted is neither 401 nor 5xx."""
    faults, asked = [], 0
    every = cells(matrix_app)
    for account in ACCOUNTS:
        client = JudgingClient(matrix_app)
        client.sign_in(account.key)
        may = permissions_of(account.role)
        for cell in every:
            needed = guard.declared(matrix_app, cell.endpoint)
            if cell.endpoint in ("auth.logout", "auth.demo", "account.end_others") or needed == frozenset():
                continue
            answer = ask(client, cell)
            asked += 1
            if answer.status_code >= 500 or answer.status_code == 401:
                faults.append(f"{account.key} {cell.method} {cell.url}: {answer.status_code}")
            elif needed is None or not needed & may:
                if answer.status_code != 403:
                    faults.append(f"{account.key} {cell.method} {cell.url}: {answer.status_code}, not refused")
            elif (
                cell.relation in ("foreign", "missing") and foreign_to(account.key, cell) and answer.status_code != 404
            ):
                faults.append(
                    f"{account.key} {cell.method} {cell.url} ({cell.relation}): {answer.status_code}, not 404"
                )
    print(f"access matrix: {asked} requests, {len(faults)} faults")
    assert faults == []
    assert asked > 1_000


def foreign_to(account: str, cell: Cell) -> bool:
    """Whether the cell's object is foreign to the account; for those of the other county the first one is."""
    return cell.relation == "missing" or not account.startswith("other-")


@pytest.mark.slow
def test_the_first_county_is_foreign_to_the_other(matrix_app):
    faults = []
    for account in ("other-social-worker", "other-reviewer"):
        client = JudgingClient(matrix_app)
        client.sign_in(account)
        may = permissions_of(next(one.role for one in ACCOUNTS if one.key == account))
        for cell in cells(matrix_app):
            if cell.relation == "own" and (guard.declared(matrix_app, cell.endpoint) or frozenset()) & may:
                answer = ask(client, cell)
                if answer.status_code != 404:
                    faults.append(f"{account} {cell.method} {cell.url}: {answer.status_code}")
    assert faults == []


@pytest.mark.slow
def test_foreign_and_missing_answer_the_same_page(matrix_app):
    client = JudgingClient(matrix_app)
    client.sign_in("social-worker")
    by_route: dict[tuple[str, str], dict[str, str]] = {}
    for cell in cells(matrix_app):
        if cell.method == "GET" and cell.relation in ("foreign", "missing"):
            answer = ask(client, cell)
            if answer.status_code == 404:
                text = TOKEN.sub("", answer.get_data(as_text=True)).replace(cell.url, "")
                by_route.setdefault((cell.endpoint, cell.method), {})[cell.relation] = text
    different = [key for key, pair in by_route.items() if pair.get("foreign") != pair.get("missing")]
    assert by_route
    assert different == []


def test_who_may_open_what_is_as_written(matrix_app):
    lines = []
    for rule in sorted(matrix_app.url_map.iter_rules(), key=lambda one: (one.rule, sorted(one.methods))):
        needed = guard.declared(matrix_app, rule.endpoint)
        if needed == frozenset():
            who = "everybody"
        else:
            who = (
                " ".join(one.key for one in ACCOUNTS if (needed or frozenset()) & permissions_of(one.role)) or "nobody"
            )
        methods = ",".join(sorted(rule.methods - {"HEAD", "OPTIONS"}))
        lines.append(f"{methods:5} {rule.rule}  {who}")
    text = "\n".join(lines) + "\n"
    if os.environ.get("PLACEMENT_WRITE_ACCESS"):
        TABLE.write_text(text)
    assert text == TABLE.read_text(), "who may open what has changed; PLACEMENT_WRITE_ACCESS=1 writes it anew"


@pytest.mark.slow
def test_every_page_that_shows_a_name_has_logged_the_look(matrix_app):
    """Whatever shows a child's name has written that child's row for that person before; pages found by the map."""
    database = matrix_app.extensions["placement"].database
    with database.read_only() as session:
        names = {f"{one.first_name} {one.last_name}": one.id for one in session.exec(select(Child))}
        users = {one.demo_key: one.id for one in session.exec(select(User))}
    shown, missing = 0, []
    for account in ("social-worker", "coordinator", "county-lead", "unit-manager", "other-social-worker"):
        client = JudgingClient(matrix_app)
        client.sign_in(account)
        for cell in cells(matrix_app):
            if cell.method != "GET" or cell.relation in ("missing",):
                continue
            with database.read_only() as session:
                before = session.exec(select(func.max(UseLog.seq))).one() or 0
            text = ask(client, cell).get_data().decode("utf-8", "ignore")
            seen = {child for name, child in names.items() if name in text}
            with database.read_only() as session:
                rows = session.exec(select(UseLog).where(UseLog.seq > before, UseLog.user_id == users[account])).all()
            shown += len(seen)
            missing += [f"{account} {cell.url}: child {child}" for child in seen - {row.child_id for row in rows}]
    print(f"use log: {shown} names shown, {len(missing)} without a row")
    assert missing == []
    assert shown > 100
