"""How fast a claim writes itself: a half-year of 100 children and 5,000 costs, on both databases.

Part of `placement bench`. Everything is read, built, checked for what stands in other claims, and stored.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlmodel import Session, select

from agreements.claim_tables import CostEntry
from agreements.claim_values import Gate
from placement import config, migration, references
from placement.agreed.bench import databases
from placement.clock import business_day
from placement.crypto import vault
from placement.db import Database
from placement.demo.accounts import COUNTY, MUNICIPALITY, add_accounts, body
from placement.demo.claims import actor_for
from placement.demo.claims_small import provider
from placement.demo.stays import write_stay
from placement.demo.writing import Writer
from placement.people.organisations import write_organisations
from placement.people.tables import User
from placement.permissions import Actor
from placement.reimbursed import preparing
from placement.reimbursed.care_days import half_year, half_year_before
from placement.reimbursed.costs import ENTERED_KINDS
from placement.reimbursed.tables import CareInvoice
from placement.units.tables import Unit, UnitKind

CHILDREN, COSTS, UNITS = 100, 5_000, 15
Timed = Callable[[Callable[[], object]], float]


def measure(folder: Path, timed: Timed, rounds: int) -> dict[str, list[float]]:
    """Return times in milliseconds by database; each round builds the claim and takes it back."""
    found: dict[str, list[float]] = {}
    for name, url in databases(folder, "claims"):
        settings = config.load({"PLACEMENT_ENV": "test", "PLACEMENT_DATABASE_URL": url})
        vault.open(settings.encryption_keys, settings.secret_key)
        database = Database(url)
        migration.upgrade(database.writer)
        at = datetime.now(UTC)
        with database.transaction() as session:
            write_organisations(session)
            officer = _fill(session, at)
        work = partial(_built, database, officer, at)
        found[f"claim of 100 children, 5,000 costs ({name})"] = [timed(work) for _ in range(rounds)]
        database.close()
    return found


class _Again(Exception):
    """Ends a round: what was built is not kept."""


def _built(database: Database, officer: Actor, at: datetime) -> None:
    period = half_year_before(half_year(business_day(at)))
    try:
        with database.transaction() as session:
            preparing.start(session, officer, Gate.PAYMENT, period, at=at)
            raise _Again
    except _Again:
        return


def _fill(session: Session, at: datetime) -> Actor:
    on = business_day(at)
    add_accounts(session, at=at, on=on)
    people = {user.demo_key or "": user for user in session.exec(select(User))}
    writer = Writer(session=session, rng=random.Random(1), at=at, on=on, people=people)  # noqa: S311 - invented data
    county, town = (body(session, *where, on) for where in (COUNTY, MUNICIPALITY))
    units = [
        writer.unit(county, town, f"Yksikkö {number}", places=7, kind=UnitKind.SUPPORTED_HOUSING, ages=(0, 22))
        for number in range(UNITS)
    ]
    provider(writer, *units[::3])
    period = half_year_before(half_year(on))
    first_day = (period.first - on).days - 60
    for number in range(CHILDREN):
        child = writer.child(county, town, age_years=18.9 + number / 60, language="so", in_finland_days=600 - first_day)
        unit = units[number % UNITS]
        write_stay(writer, child, unit, start=first_day, decider=people["social-worker"])
        if unit.provider_id is not None:
            _invoices(session, writer, unit, child.ref, period.first)
    rng = writer.rng
    for number in range(COSTS):
        day = period.first + timedelta(days=rng.randrange(150))
        session.add(
            CostEntry(
                county_id=county.id or 0,
                unit_id=rng.choice(units).id,
                cost_kind=rng.choice(ENTERED_KINDS),
                first_day=day,
                last_day=day + timedelta(days=rng.randrange(30)),
                net_cents=rng.randint(100, 900_000),
                supplier=f"Toimittaja {number % 97}",
                voucher=f"T-{number}",
                voucher_on=day,
                import_key=references.new("CL") + str(number),
                added_by=people["claims-officer"].id or 0,
                added_at=at,
            )
        )
    session.flush()
    return actor_for(writer, people["claims-officer"])


def _invoices(session: Session, writer: Writer, unit: Unit, child_ref: str, first: date) -> None:
    for month in range(6):
        day = date(first.year, first.month + month, 1)
        last = (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        session.add(
            CareInvoice(
                county_id=unit.county_id,
                unit_id=unit.id or 0,
                child_ref=child_ref,
                first_day=day,
                last_day=last,
                net_cents=((last - day).days + 1) * unit.price_day_cents,
                supplier="Hoivakoti Pihlaja Oy",
                voucher=f"{child_ref}-{month}",
                voucher_on=last,
                added_by=writer.people["claims-officer"].id or 0,
                added_at=writer.at,
            )
        )
