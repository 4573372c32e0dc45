"""What every command line needs before it works: settings, open vault, database, clock."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select

from placement import config, log, migration
from placement.cli import CommandRefused
from placement.clock import Clock, frozen, system_clock
from placement.crypto import vault
from placement.db import Database
from placement.people.tables import User


@dataclass(frozen=True)
class Workplace:
    settings: config.Settings
    database: Database
    clock: Clock


def open_workplace(*, migrated: bool = True) -> Workplace:
    """Return the settings, database and clock of this command; the vault is open afterwards.

    Raises CommandRefused when the database is not at this code's migration (`migrated`): working on an
    older one would fail half-way, on a newer one would lose what it holds.
    """
    values = config.load()
    vault.open(values.encryption_keys, values.secret_key)
    log.set_up()
    database = Database(values.database_url)
    if migration.current(database.writer) is not None:
        refuse_real_people(values, database)
    if migrated and migration.current(database.writer) != migration.head():
        raise CommandRefused("the database is not up to date; run `placement db upgrade` first")
    return Workplace(values, database, frozen(values.clock) if values.clock else system_clock)


def refuse_real_people(values: config.Settings, database: Database) -> None:
    """Raise CommandRefused when a demo that nobody asked for (PLACEMENT_ENV unset) meets real accounts."""
    if values.named or not values.demo:
        return
    with database.read_only() as session:
        real = session.exec(select(func.count(col(User.id))).where(col(User.demo_key).is_(None))).one()
    if real:
        raise CommandRefused("PLACEMENT_ENV is not set and the database holds real accounts; set it to production")
