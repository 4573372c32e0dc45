"""The audit trail as an auditor reads it: events that fit a filter. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from placement.audit.tables import AuditEvent
from placement.clock import HELSINKI
from placement.people.tables import Organisation, User
from placement.permissions import Actor
from placement.reviewing import scope

PAGE = 50
MOST_EXPORTED = 50_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the trail is shown; an empty value shows all. Days are Helsinki's, both inclusive."""

    action: str = ""
    kind: str = ""
    ref: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def any(self) -> bool:
        return any((self.action, self.kind, self.ref, self.first, self.last))


@dataclass(frozen=True, slots=True)
class Found:
    """One page of events, newest first, with the people and bodies that acted."""

    rows: tuple[AuditEvent, ...]
    people: dict[int, User]
    bodies: dict[int, Organisation]
    count: int
    page: int
    pages: int


def bodies(session: Session, actor: Actor, on: date) -> set[int]:
    """Return the bodies whose events the auditor reads: the own one, those it succeeds, and its area's counties."""
    counties = scope.counties_seen(session, actor, on)
    return scope.bodies(session, actor) | (counties or set())


def _fits(filters: Filters, seen: set[int]) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [col(AuditEvent.organisation_id).in_(seen)]
    if filters.action:
        found.append(col(AuditEvent.action) == filters.action)
    if filters.kind:
        found.append(col(AuditEvent.object_kind) == filters.kind)
    if filters.ref:
        found.append(col(AuditEvent.object_ref) == filters.ref)
    if filters.first is not None:
        found.append(col(AuditEvent.at) >= _midnight(filters.first))
    if filters.last is not None:
        found.append(col(AuditEvent.at) < _midnight(filters.last + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HELSINKI)


def events(session: Session, filters: Filters, seen: set[int], page: int, size: int = PAGE) -> Found:
    """Return one page of the events that fit."""
    fitting = _fits(filters, seen)
    count = how_many(session, filters, seen)
    pages = max(1, -(-count // size))
    page = min(max(1, page), pages)
    query = select(AuditEvent).where(*fitting).order_by(col(AuditEvent.seq).desc())
    rows = tuple(session.exec(query.offset((page - 1) * size).limit(size)))
    people = session.exec(select(User).where(col(User.id).in_({row.actor_id for row in rows})))
    places = session.exec(select(Organisation).where(col(Organisation.id).in_({row.organisation_id for row in rows})))
    return Found(rows, {one.id or 0: one for one in people}, {one.id or 0: one for one in places}, count, page, pages)


def how_many(session: Session, filters: Filters, seen: set[int]) -> int:
    """Return how many events fit."""
    return session.exec(select(func.count()).select_from(AuditEvent).where(*_fits(filters, seen))).one()


def actions(session: Session, seen: set[int]) -> list[str]:
    query = select(AuditEvent.action).where(col(AuditEvent.organisation_id).in_(seen)).distinct()
    return sorted(session.exec(query))


def kinds(session: Session, seen: set[int]) -> list[str]:
    query = select(AuditEvent.object_kind).where(col(AuditEvent.organisation_id).in_(seen)).distinct()
    return sorted(session.exec(query))
