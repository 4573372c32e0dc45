"""A real server with its own demo database, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import waitress.server

from placement.app import create_app
from placement.clock import frozen
from placement.db import Database
from placement.demo.command import fill as fill_demo
from tests.conftest import NOW, SETTINGS, fill

CHROMIUM_ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

QUIET = ("status of 4", "htmx:sendAbort", "htmx:afterRequest")
"""No faults: a refusal the test looks at, and a question that a newer one replaced (told twice by htmx)."""


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small demo, as of the tests' frozen day."""
    file = tmp_path_factory.mktemp("demo") / "demo.db"
    database = Database(f"sqlite:///{file}")
    fill(database)
    with database.transaction() as session:
        fill_demo(session, "small", seed=1, at=NOW)
    with database.writer.connect() as connection:
        connection.connection.driver_connection.execute("pragma wal_checkpoint(truncate)")
    database.close()
    return file


class Phone:
    """The application as over a phone's connection: the first byte of a page comes well before the rest.

    What looks at a page before it has come whole then sees an empty one every time, and not only on a busy machine.
    """

    def __init__(self, app: Any, pause: float = 0.05) -> None:
        self.app, self.pause = app, pause

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        answer = self.app(environ, start_response)
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        yield body[:1]
        time.sleep(self.pause)
        yield body[1:]


@pytest.fixture
def application(demo_file: Path, tmp_path: Path) -> Iterator[Any]:
    """The application on a fresh copy of the demo."""
    file = tmp_path / "placement.db"
    shutil.copy(demo_file, file)
    app = create_app({**SETTINGS, "PLACEMENT_DATABASE_URL": f"sqlite:///{file}"})
    app.config["RAISE_FAULTS"] = False
    yield app
    app.extensions["placement"].database.close()


@pytest.fixture
def until(application: Any) -> Callable[[datetime], None]:
    """Let the time of the server go on to an instant."""

    def go_on(instant: datetime) -> None:
        application.extensions["placement"].clock = frozen(instant)

    return go_on


@pytest.fixture
def server(application: Any) -> Iterator[str]:
    """The address of a server; its log must stay free of faults."""
    app = application
    running = waitress.server.create_server(Phone(app), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.effective_port}"
    running.close()
    thread.join(timeout=5)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    found = chromium()
    if found is None:
        pytest.skip("no Chromium: set CHROMIUM or install it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=found, args=list(CHROMIUM_ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Any, server: str) -> Iterator[Callable[..., Any]]:
    """Open a page in a browser of its own; console errors and failed requests are faults, told at the end."""
    contexts, faults = [], []

    def open_(*, width: int = 1280, script: bool = True, dark: bool = False) -> Any:
        context = browser.new_context(
            base_url=server,
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda wrong: faults.append(str(wrong)))
        page.set_default_timeout(15_000)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [one for one in faults if not any(quiet in one for quiet in QUIET)] == []
