"""The check of the chains: each walked through whole, every day by the job process and when an auditor asks.

A walk takes time that grows with every year of use, so pages tell what the last one found. What it found is an event
of the trail itself: nobody can say later that the chains were checked when they were not.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from placement.audit import chain
from placement.audit.service import record
from placement.audit.tables import AuditEvent, UseLog
from placement.clock import Clock
from placement.db import Database
from placement.permissions import Actor
from placement.reviewing import books

CHECKED = "chains-checked"
EVERY = timedelta(days=1)
TOO_OLD = timedelta(days=2)
"""From this age on a check tells nothing about today: one night was missed."""


@dataclass(frozen=True, slots=True)
class Seals:
    """What a walk found: how many rows each chain has, how many faults the logs, and the first broken entry."""

    changes: int
    change_faults: int
    looks: int
    look_faults: int
    entries: int
    broken_at: int | None

    @property
    def broken(self) -> int:
        """How many of the three chains are broken."""
        return (self.change_faults > 0) + (self.look_faults > 0) + (self.broken_at is not None)


@dataclass(frozen=True, slots=True)
class Check:
    """The last check that was kept, and when."""

    at: datetime
    seals: Seals

    def is_old(self, at: datetime) -> bool:
        return at - self.at >= TOO_OLD


def walk(session: Session) -> Seals:
    """Walk through the trail of changes, the log of looks at children and the books, each from its first row."""
    changes, change_faults = chain.breaks(session, AuditEvent)
    looks, look_faults = chain.breaks(session, UseLog)
    ledger = books.chain(session)
    return Seals(changes, len(change_faults), looks, len(look_faults), ledger.entries, ledger.broken_at)


def keep(session: Session, actor: Actor | None, seals: Seals, at: datetime) -> None:
    """Put into the trail what a walk found; no `actor` is the daily check."""
    record(
        session, actor=actor, action=CHECKED, object_kind="audit", object_ref="audit", at=at, after=asdict(seals),
    )  # fmt: skip


def last(session: Session) -> Check | None:
    """Return the last check; None = never checked."""
    query = select(AuditEvent).where(AuditEvent.action == CHECKED).order_by(col(AuditEvent.seq).desc())
    event = session.exec(query.limit(1)).first()
    return Check(event.at, Seals(**json.loads(event.after))) if event else None


def check_daily(database: Database, clock: Clock) -> bool:
    """Check when the last check is a day old; return whether it was done. Writers wait only for the event."""
    with database.read_only() as session:
        before = last(session)
        if before is not None and clock() - before.at < EVERY:
            return False
        seals = walk(session)
    with database.transaction() as session:
        keep(session, None, seals, clock())
    return True
