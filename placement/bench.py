"""`placement bench`: how fast pages answer, a run is proven and places are booked, beside a reference in the same run.

Everything happens on a national demo in a temporary folder; the product's own database is not touched.
Times are milliseconds of server time; a ratio tells how many times the reference it took.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlmodel import col, select

from placement import bench_tenfold, config, migration, serving
from placement.agreed import bench as agreed_bench
from placement.app import create_app
from placement.clock import business_day
from placement.crypto import vault
from placement.db import Database
from placement.demo.accounts import ACCOUNTS, FIRST_COUNTY
from placement.demo.command import load
from placement.people.queries import county_by_code
from placement.reimbursed import bench as claims_bench
from placement.reimbursed import bench_books
from placement.units import capacity
from placement.units.tables import Unit

ROUNDS = 40
PAGES = (
    ("social-worker", "/today"), ("social-worker", "/children"), ("social-worker", "/waiting"),
    ("coordinator", "/units"), ("coordinator", "/units/board"), ("coordinator", "/runs"), ("coordinator", "/runs/new"),
    ("coordinator", "{run}"), ("coordinator", "{why}"), ("coordinator", "{proposal}"), ("coordinator", "/agreements"),
    ("coordinator", "{unit}"), ("social-worker", "{child}"), ("social-worker", "/decisions"),
    ("social-worker", "/settings"),
)  # fmt: skip
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
KEY = re.compile(r'name="idempotency_key"[^>]*value="([^"]+)"')
REF = re.compile(r"[A-Z]{2}-\w{4}-\w{4}")
HREF = re.compile(r'href="(/[^"?#]*)')
MEMORY = """
import re
from placement.app import create_app
client = create_app().test_client()
token = re.search('name="csrf_token" value="([^"]+)"', client.get("/login").get_data(as_text=True)).group(1)
client.post("/login/demo", data={"account": "social-worker", "csrf_token": token})
for page in ("/help", "/how-proposals-are-made", "/today", "/children", "/waiting", "/units/board", "/runs/new"):
    assert client.get(page).status_code == 200, page
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def run(arguments: argparse.Namespace) -> int:
    """Measure and print a table, or JSON with `--json`."""
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    if arguments.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, values in figures.items():
            print(f"{name:34} " + "  ".join(f"{key} {value}" for key, value in values.items()))
    return 0


def measure(folder: Path) -> dict[str, dict[str, float]]:
    """Return the figures by what was measured, on a fresh national demo in `folder`."""
    settings = {
        "PLACEMENT_ENV": "test",
        "PLACEMENT_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "PLACEMENT_INLINE_JOBS": "1",
    }
    values = config.load(settings)
    vault.open(values.encryption_keys, values.secret_key)
    database = Database(values.database_url)
    migration.upgrade(database.writer)
    load(database.transaction, "national", seed=1, at=datetime.now(UTC))
    app = create_app(settings)
    figures: dict[str, dict[str, float]] = {}
    reference = _reference()
    figures["reference: a page of one line"] = _spread(reference)
    base = statistics.median(reference)
    clients = {account: _client(app, account) for account in {account for account, _ in PAGES}}
    figures["run: press to proven result"], places = _one_run(clients["coordinator"])
    with database.read_only() as session:
        unit = session.exec(select(Unit).where(Unit.county_id == county_by_code(session, FIRST_COUNTY).id)).first()
    places["unit"] = f"/units/{unit.ref}" if unit else "/units"
    places["child"] = _first(clients["social-worker"], "/waiting", r"/children/CH-[\w-]+")
    serving.settle()
    for account, page in PAGES:
        address = page.format(**places)
        times = [_timed(lambda who=account, url=address: _good(clients[who], url)) for _ in range(ROUNDS)]  # type: ignore[misc]
        figures[f"page {REF.sub('…', address)}"] = _spread(times) | {"ratio": round(statistics.median(times) / base, 1)}
    figures |= _linked(app)
    figures["places of all units for a day"] = _places(database)
    for name, times in agreed_bench.measure(folder, _timed, _client, ROUNDS).items():
        figures[name] = _spread(times)
    for name, times in bench_tenfold.measure(folder, _timed, _client, ROUNDS).items():
        figures[name] = _spread(times)
    for name, times in claims_bench.measure(folder, _timed, ROUNDS // 4).items():
        figures[name] = _spread(times)
    figures |= bench_books.measure(folder, _timed, _spread, ROUNDS // 4)
    figures["memory of a web process"] = {"MB": _memory(settings)}
    database.close()
    app.extensions["placement"].database.close()
    return figures


def _reference() -> list[float]:
    bare = Flask("reference")
    bare.add_url_rule("/", view_func=lambda: "ok")
    client = bare.test_client()
    return [_timed(lambda: client.get("/")) for _ in range(ROUNDS * 5)]


def _client(app: Flask, account: str) -> Any:
    client = app.test_client()
    token = TOKEN.search(client.get("/login").get_data(as_text=True))
    client.post("/login/demo", data={"account": account, "csrf_token": token.group(1) if token else ""})
    return client


def _good(client: Any, url: str) -> str:
    answer = client.get(url)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return str(answer.get_data(as_text=True))


def _one_run(client: Any) -> tuple[dict[str, float], dict[str, str]]:
    """Press Calculate proposals and wait for the answer (the run is solved in this process)."""
    import optimizer.solve  # noqa: F401 - a worker has loaded its solver before the first run

    form = _good(client, "/runs/new")
    token, key = TOKEN.search(form), KEY.search(form)
    data = {"csrf_token": token.group(1) if token else "", "idempotency_key": key.group(1) if key else ""}
    started = time.perf_counter()
    answer = client.post("/runs", data={**data, "scope": "own", "preset": "balanced"})
    seconds = time.perf_counter() - started
    run = answer.headers["Location"]
    page = _good(client, run)
    found = {"run": run, "why": _link(page, rf"{run}/why/CH-[\w-]+"), "proposal": _link(page, r"/proposals/PR-[\w-]+")}
    return {"s": round(seconds, 2)}, found


def _first(client: Any, url: str, pattern: str) -> str:
    return _link(_good(client, url), pattern)


def _link(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    if found is None:
        raise RuntimeError(f"no link {pattern} on the page")
    return found.group(0)


def _linked(app: Flask) -> dict[str, dict[str, float]]:
    """Return the slowest page among all that every demo account's Today links to, by its 95th percentile."""
    slowest: tuple[float, str, dict[str, float]] = (0.0, "", {})
    seen = set()
    for account in ACCOUNTS:
        client = _client(app, account.key)
        for address in sorted(set(HREF.findall(_good(client, "/today")))):
            shown = REF.sub("…", address)
            if (account.key, shown) in seen or client.get(address).mimetype != "text/html":
                continue
            seen.add((account.key, shown))
            spread = _spread([_timed(lambda who=client, url=address: who.get(url)) for _ in range(ROUNDS)])  # type: ignore[misc]
            slowest = max(slowest, (spread["p95_ms"], f"{shown} ({account.key})", spread), key=lambda one: one[0])
    return {f"slowest of {len(seen)}: {slowest[1]}": slowest[2]}


def _places(database: Database) -> dict[str, float]:
    at = datetime.now(UTC)
    with database.read_only() as session:
        units = [key for key in session.exec(select(col(Unit.id))) if key is not None]
        times = [_timed(lambda: capacity.free_places(session, units, business_day(at), at)) for _ in range(ROUNDS)]
    return _spread(times)


def _memory(settings: dict[str, str]) -> float:
    """Return the largest resident memory (VmHWM, Linux) of a process that has served pages, in MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], env={**os.environ, **settings}, capture_output=True, text=True, check=True
    )
    return round(int(done.stdout.strip().splitlines()[-1]) / 1024)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _spread(times: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile (the smallest time that 95 % of all do not exceed)."""
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[math.ceil(len(ordered) * 0.95) - 1], 1),
    }
