"""What a view reaches for: the transaction at the edge, the read-only session, the time, the actor."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from flask import current_app, g
from sqlmodel import Session

from placement.clock import Clock, business_day
from placement.config import Settings
from placement.db import Database
from placement.people.passwords import Passwords
from placement.permissions import Actor

RESULT = TypeVar("RESULT")


@dataclass
class Kit:
    """The parts one application is made of; `wake` tells the job process that a run is waiting."""

    settings: Settings
    database: Database
    clock: Clock
    passwords: Passwords
    wake: Callable[[int], None]


def kit() -> Kit:
    found: Kit = current_app.extensions["placement"]
    return found


def now() -> datetime:
    return kit().clock()


def today() -> date:
    return business_day(now())


def transaction() -> AbstractContextManager[Session]:
    """Return the one write transaction of this request: commits when the block ends well."""
    return kit().database.transaction()


def read_only() -> AbstractContextManager[Session]:
    return kit().database.read_only()


def write(work: Callable[[Session], RESULT]) -> RESULT:
    """Run `work` in its own transaction, tried again while others hold the lock (technical writes, bookings)."""
    return kit().database.write(work)


def actor() -> Actor:
    """Return who is signed in; only called behind the guard, which has seen to it that there is one."""
    found: Actor | None = g.get("actor")
    if found is None:
        raise AssertionError("a view without sign-in asked for the actor")
    return found
