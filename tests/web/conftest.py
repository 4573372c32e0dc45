"""A demo in which work is under way, for tests over all pages."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from agreements import claim_reads, claims, recovering
from agreements.claim_tables import Claim
from agreements.claim_values import Basis, Gate, Line
from agreements.period import Period
from agreements.tables import AgreementKind, PartySide, VersionStatus
from placement.app import create_app
from placement.children.tables import Child
from placement.clock import business_day
from placement.db import Database
from placement.demo.accounts import FIRST_COUNTY, OTHER_CENTRE, OTHER_COUNTY, body
from placement.demo.agreed_cases import write_direction_of_the_other_county
from placement.demo.agreements import Side, write_agreement
from placement.demo.claims import actor_for
from placement.demo.command import fill as fill_demo
from placement.demo.examining import write_letters
from placement.demo.writing import Writer
from placement.moves.tables import Transfer
from placement.people.tables import User
from placement.reviewing import corrections
from placement.units.tables import Closure, Unit
from tests.client import JudgingClient
from tests.conftest import NOW, SETTINGS


@pytest.fixture(scope="session")
def demo_with_work(filled_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small demo as a SQLite file, with a calculation, a proposal and an agreement in each of its two counties."""
    file = tmp_path_factory.mktemp("worked") / "demo.db"
    shutil.copy(filled_file, file)
    database = Database(f"sqlite:///{file}")
    with database.transaction() as session:
        fill_demo(session, "small", seed=1, at=NOW)
        add_to_the_other_county(session)
        add_what_comes_back(session)
        add_closings_and_transfers(session)
    database.close()
    app = create_app({**SETTINGS, "PLACEMENT_DATABASE_URL": f"sqlite:///{file}"})
    for account in ("social-worker", "other-social-worker"):
        client = JudgingClient(app)
        client.sign_in(account)
        page = client.get("/runs/new").get_data(as_text=True)
        key = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', page)
        client.post("/runs", {"idempotency_key": key.group(1) if key else "", "scope": "own", "preset": "balanced"})
    kit = app.extensions["placement"]
    with kit.database.writer.connect() as connection:
        connection.connection.driver_connection.execute("pragma wal_checkpoint(truncate)")
    kit.database.close()
    return file


@contextmanager
def opened_copy(demo: Path, folder: Path, **changes: str) -> Iterator[Any]:
    """Open an application on a copy of a demo's file; settings may be changed by name."""
    file = folder / "worked.db"  # not the name that another fixture of the same test copies its own file to
    shutil.copy(demo, file)
    app = create_app({**SETTINGS, "PLACEMENT_DATABASE_URL": f"sqlite:///{file}", **changes})
    try:
        yield app
    finally:
        app.extensions["placement"].database.close()


@pytest.fixture
def worked_app(demo_with_work: Path, tmp_path: Path) -> Iterator[Any]:
    """An application on a copy of the demo with work, for one test."""
    with opened_copy(demo_with_work, tmp_path) as app:
        yield app


@pytest.fixture(scope="module")
def worked_module_app(demo_with_work: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An application on a copy of the demo with work, for the tests of one file."""
    with opened_copy(demo_with_work, tmp_path_factory.mktemp("worked")) as app:
        yield app


def add_to_the_other_county(session: Session) -> None:
    """Give the other county a child who waits and an agreement, which the tour does not need."""
    on = business_day(NOW)
    people = {user.demo_key: user for user in session.exec(select(User))}
    writer = Writer(session=session, rng=random.Random(7), at=NOW, on=on, people=people)
    county, town, centre = (
        body(session, kind, code, on)
        for kind, code in (("county", OTHER_COUNTY), ("municipality", "092"), ("authority", OTHER_CENTRE))
    )
    writer.child(county, town, age_years=18.5, language="so", worker=people["other-social-worker"], waiting_days=9)
    write_direction_of_the_other_county(writer)
    sides = [
        Side(county, PartySide.COUNTY), Side(town, PartySide.MUNICIPALITY), Side(centre, PartySide.STATE),
    ]  # fmt: skip
    write_agreement(writer, AgreementKind.THREE_PARTY, "Muu sopimus", sides, [], first_day=30, last_day=900,
                    status=VersionStatus.DRAFT, price_cents=None)  # fmt: skip
    claims.start(
        session,
        claims.Start(writer.reference("CL"), Gate.COST, county.id or 0, centre.id or 0, Period(on, on)),
        [Line(Basis.BUDGET, "rent", Period(on, on), 0, 100_000)],
        by=people["other-social-worker"].id or 0,
        at=NOW,
    )


def add_what_comes_back(session: Session) -> None:
    """Order what the tour's corrected claim was overpaid back, and propose a further correction of it."""
    people = {user.demo_key: user for user in session.exec(select(User))}
    on = business_day(NOW)
    writer = Writer(session=session, rng=random.Random(8), at=NOW, on=on, people=people)
    claim = session.exec(select(Claim).where(Claim.gate == Gate.PAYMENT, Claim.decision_no > 1)).one()
    [(year, _cents)] = list(recovering.overpaid(session, claim).items())[:1]
    recovering.order(
        session,
        claim.id or 0,
        recovering.Order(
            ref=writer.reference("RE"),
            care_year=year,
            heard_from=on - timedelta(days=20),
            heard_by=on - timedelta(days=5),
            statement="",
            reason="Vuokrasta maksettiin liikaa.",
            due_on=on + timedelta(days=30),
        ),
        recovering.InterestTerms("due_day", 365),
        by=people["payment-examiner"].id or 0,
        at=NOW,
        on=on,
    )
    write_letters(writer)
    line = next(row for row in claim_reads.lines(session, claim) if row.claimed_cents > 100)
    corrections.propose(
        session,
        actor_for(writer, people["claims-officer"]),
        claim.ref,
        {line.line_no: line.claimed_cents - 100},
        "county-asks",
        "Tosite oli puutteellinen.",
        NOW,
    )


def add_closings_and_transfers(session: Session) -> None:
    """Let places close in each county, and each ask a third county, foreign to both, to take over a child."""
    on = business_day(NOW)
    people = {user.demo_key: user for user in session.exec(select(User))}
    writer = Writer(session=session, rng=random.Random(9), at=NOW, on=on, people=people)
    third = body(session, "county", "19", on)
    for code, asker in ((OTHER_COUNTY, "other-social-worker"), (FIRST_COUNTY, "social-worker")):
        county = body(session, "county", code, on)
        unit = session.exec(select(Unit).where(Unit.county_id == county.id).order_by(col(Unit.id))).first()
        child = session.exec(select(Child).where(Child.county_id == county.id).order_by(col(Child.id))).first()
        assert unit is not None
        assert child is not None
        session.add(
            Closure(
                ref=writer.reference("UC"), unit_id=unit.id or 0, valid_from=writer.days(90), places=1,
                reason="Remontti.", planned=True, requested_by=people["coordinator"].id, requested_at=NOW,
            )
        )  # fmt: skip
        session.add(
            Transfer(
                ref=writer.reference("TR"), child_id=child.id or 0, from_county_id=county.id or 0,
                to_county_id=third.id or 0, from_day=writer.days(60), reason="Sukulaiset asuvat siellä.",
                asked_by=people[asker].id or 0, asked_at=NOW,
            )
        )  # fmt: skip
