"""How fast pages answer at ten times the national demo: 1,600 children, 400 units, five years, on both databases.

Part of `placement bench`. PostgreSQL is measured where its wheel is installed (the development extras).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from placement import config, migration
from placement.agreed.bench import databases
from placement.app import create_app
from placement.children.tables import Child
from placement.crypto import vault
from placement.db import Database
from placement.decisions.tables import Stay
from placement.demo.accounts import FIRST_COUNTY
from placement.demo.command import load
from placement.people.queries import county_by_code
from placement.serving import settle
from placement.units.tables import Unit

Timed = Callable[[Callable[[], object]], float]
Client = Callable[[Any, str], Any]
PAGES = (
    ("social-worker", "today", "/today"),
    ("coordinator", "today of the coordinator", "/today"),
    ("claims-officer", "today of the claims officer", "/today"),
    ("social-worker", "list of children", "/children"),
    ("social-worker", "waiting", "/waiting"),
    ("social-worker", "decisions", "/decisions"),
    ("social-worker", "services", "/services"),
    ("coordinator", "list of units", "/units"),
    ("coordinator", "board", "/units/board"),
    ("coordinator", "board as a table", "/units/board?view=table"),
    ("coordinator", "board as a file", "/units/board.xlsx"),
    ("coordinator", "moves", "/moves"),
    ("coordinator", "places ahead", "/units/ahead"),
    ("coordinator", "timeline", "/units/timeline"),
    ("coordinator", "map", "/units/map"),
    ("claims-officer", "list of claims", "/claims"),
    ("social-worker", "search by name", "/search?q=Usva"),
    ("social-worker", "search by reference", "/search?q=CH-"),
    ("coordinator", "calendar", "{unit}"),
    ("coordinator", "calendar of another month", "{unit}?month=2026-03"),
)


def measure(folder: Path, timed: Timed, client: Client, rounds: int) -> dict[str, list[float]]:
    """Return times in milliseconds by what was measured; `client` signs in to an application as an account."""
    found: dict[str, list[float]] = {}
    for name, url in databases(folder, "tenfold"):
        settings = {"PLACEMENT_ENV": "test", "PLACEMENT_DATABASE_URL": url, "PLACEMENT_INLINE_JOBS": "1"}
        size, unit = _fill(settings)
        app = create_app(settings)
        settle()
        clients = {account: client(app, account) for account in {account for account, *_ in PAGES}}
        for account, title, page in PAGES:
            address, who = page.format(unit=f"/units/{unit}"), clients[account]
            found[f"{size}, {title} ({name})"] = [
                timed(lambda who=who, address=address: _good(who, address))  # type: ignore[misc]
                for _ in range(rounds)
            ]
        app.extensions["placement"].database.close()
    return found


def _good(client: Any, url: str) -> None:
    answer = client.get(url)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")


def _fill(settings: dict[str, str]) -> tuple[str, str]:
    """Fill a new database; return its size in words and the reference of a home of the first county."""
    values = config.load(settings)
    vault.open(values.encryption_keys, values.secret_key)
    database = Database(values.database_url)
    migration.upgrade(database.writer)
    load(database.transaction, "tenfold", seed=1, at=datetime.now(UTC))
    if database.url.startswith("postgresql"):
        with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
    with database.read_only() as session:
        children, units, stays = (
            session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (Child, Unit, Stay)
        )
        county = county_by_code(session, FIRST_COUNTY)
        unit = session.exec(select(Unit.ref).where(col(Unit.county_id) == county.id).order_by(col(Unit.id))).first()
    database.close()
    return f"{children:,} children, {units} units, {stays:,} stays", unit or ""
