"""`placement demo load`: invented data from a seed. Real data is never touched."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, col, func, select

from placement import migration
from placement.audit.service import record
from placement.cli import CommandRefused
from placement.clock import Clock, business_day
from placement.commanding import Workplace, open_workplace
from placement.db import Database
from placement.decisions import runs
from placement.decisions.problem_builder import Asked
from placement.decisions.solving import execute
from placement.demo.accounts import add_accounts
from placement.demo.grown import write_grown
from placement.demo.national import write_national
from placement.demo.paths import write_paths
from placement.demo.small import write_small
from placement.demo.writing import Writer
from placement.people.organisations import write_organisations
from placement.people.queries import actor_of
from placement.people.tables import User, UserMandate
from placement.reviewing import sealing

SIZES: dict[str, Callable[[Writer], None]] = {"small": write_small, "national": write_national, "tenfold": write_grown}


def run(arguments: argparse.Namespace) -> int:
    """Load the demo; refused outside demo and test, on real data, and (without --reset) on data that is there."""
    place = open_workplace(migrated=False)
    if not place.settings.demo:
        raise CommandRefused("demo data is for PLACEMENT_ENV=demo only")
    migration.upgrade(place.database.writer)
    with place.database.read_only() as session:
        people, real = _people(session)
    if real:
        raise CommandRefused("the database holds real people; use another PLACEMENT_DATABASE_URL for the demo")
    if people and arguments.if_empty:
        return 0
    if people and not arguments.reset:
        raise CommandRefused("there is data already; use --reset to start from fresh demo data")
    if people:
        _empty(place)
    load(place.database.transaction, arguments.size, seed=arguments.seed, at=place.clock())
    if arguments.size == "national":
        calculate_once(place.database, place.clock)
    print(f"demo data loaded: {arguments.size}, seed {arguments.seed}")
    return 0


def load(transaction: Callable[[], object], size: str, *, seed: int, at: datetime) -> None:
    """Write the official bodies, the accounts and the invented data of `size` in one transaction."""
    with transaction() as session:  # type: ignore[attr-defined]
        write_organisations(session)
        fill(session, size, seed=seed, at=at)


def calculate_once(database: Database, clock: Clock) -> None:
    """Calculate once for the first county and the one it plans with: a proven result to look at and to check."""

    def begin(session: Session) -> int:
        at = clock()
        user = session.exec(select(User).where(User.demo_key == "coordinator")).one()
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one()
        who = actor_of(session, user, mandate)
        scope = runs.scope_of(session, who, business_day(at), joined=True)
        return runs.start(session, who, scope, Asked(business_day(at), joined=True), at).id or 0

    execute(database, clock, database.write(begin))


def fill(session: Session, size: str, *, seed: int, at: datetime) -> None:
    """Write the accounts (when missing) and the invented data of `size`; the caller commits."""
    on = business_day(at)
    known = {user.demo_key: user for user in session.exec(select(User).where(col(User.demo_key).is_not(None)))}
    people = {key: user for key, user in known.items() if key} or add_accounts(session, at=at, on=on)
    writer = Writer(session=session, rng=random.Random(f"{size}-{seed}"), at=at, on=on, people=people)  # noqa: S311
    SIZES[size](writer)
    write_paths(writer, seed)
    record(session, actor=None, action="demo-loaded", object_kind="demo", object_ref=size, at=at, after={"seed": seed})
    sealing.keep(session, None, sealing.walk(session), at)


def _people(session: Session) -> tuple[int, int]:
    """Return how many accounts there are, and how many of them are no demo account."""
    total = session.exec(select(func.count(col(User.id)))).one()
    real = session.exec(select(func.count(col(User.id))).where(col(User.demo_key).is_(None))).one()
    return total, real


def _empty(place: Workplace) -> None:
    """Take all tables down and up again: sealed tables cannot be emptied in any other way."""
    migration.downgrade(place.database.writer, "base")
    migration.upgrade(place.database.writer)
