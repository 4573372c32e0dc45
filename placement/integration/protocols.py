"""Protocols of measures in a family group home (681/2023 § 33.4): who writes them, and which copies are to be sent.

The home's manager writes them for a child who lives there; copies go without delay to the county and to the supervisory
agency. Lists tell references and days, no text of a protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, or_, select

from placement.audit.service import record
from placement.children import access
from placement.children.tables import Child
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions.tables import Stay
from placement.integration import due_rules, path_service
from placement.integration.path_rules import ProtocolPart
from placement.integration.path_service import Step
from placement.integration.tables import RestrictionProtocol
from placement.people.tables import User
from placement.permissions import Actor, Permission, Role
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.units.tables import Unit


@dataclass(frozen=True)
class Copy:
    """One copy: the day it went (None = it has not), who marked it and when (None = not known)."""

    on: date | None
    by: str | None
    at: datetime | None


@dataclass(frozen=True)
class Line:
    """One protocol in a list; `unit` None = the child is protected. `watch_on`: the day by which copies should go."""

    child_ref: str
    number: int
    kind: str
    unit: str | None
    made_on: date
    county: Copy
    agency: Copy
    watch_on: date
    version: int

    @property
    def sent(self) -> bool:
        return self.county.on is not None and self.agency.on is not None

    def days_late(self, on: date) -> int:
        return 0 if self.sent else max(0, (on - self.watch_on).days)


def in_scope(actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Return the condition on protocols joined to children: a manager's own home, else the children one may know of."""
    if not actor.can(Permission.RECORD_PROTOCOLS):
        return sa.false()
    if actor.role is Role.UNIT_MANAGER:
        own_home = col(RestrictionProtocol.unit_id) == (actor.unit_id or 0)
        return sa.and_(own_home, col(RestrictionProtocol.county_id) == actor.county_id, ~access.merged_away())
    return access.in_scope(actor, at)


def lines(session: Session, actor: Actor, at: datetime) -> list[Line]:
    """Return the protocols in scope: those with a copy to send first, the oldest of them first, then the latest."""
    return sorted(_lines(session, in_scope(actor, at)), key=_order)


def _order(line: Line) -> tuple[bool, int, str]:
    days = line.made_on.toordinal()
    return line.sent, -days if line.sent else days, line.child_ref


def _lines(session: Session, *conditions: ColumnElement[bool]) -> list[Line]:
    county_by, agency_by = aliased(User), aliased(User)
    wanted = (
        RestrictionProtocol,
        col(Child.ref),
        col(Child.protected),
        col(Unit.name),
        county_by.name,
        agency_by.name,
    )
    rows = session.execute(
        sa.select(*wanted)  # type: ignore[call-overload]
        .join(Child, col(Child.id) == col(RestrictionProtocol.child_id))
        .join(Unit, col(Unit.id) == col(RestrictionProtocol.unit_id))
        .outerjoin(county_by, col(county_by.id) == col(RestrictionProtocol.copy_county_by))
        .outerjoin(agency_by, col(agency_by.id) == col(RestrictionProtocol.copy_agency_by))
        .where(*conditions)
    )
    return [
        Line(
            child_ref=ref,
            number=row.number,
            kind=row.kind,
            unit=None if protected else unit,
            made_on=row.made_on,
            county=Copy(row.copy_county_on, county_name, row.copy_county_at),
            agency=Copy(row.copy_agency_on, agency_name, row.copy_agency_at),
            watch_on=due_rules.due("protocol_copies", row.made_on).watch,
            version=row.version,
        )
        for row, ref, protected, unit, county_name, agency_name in rows
    ]


def line(session: Session, actor: Actor, ref: str, number: int, at: datetime) -> Line:
    """Return one protocol in scope, without its text; raises NotFound for a foreign and a missing one alike."""
    found = _lines(session, in_scope(actor, at), col(Child.ref) == ref, col(RestrictionProtocol.number) == number)
    if not found:
        raise NotFound
    return found[0]


def write(session: Session, actor: Actor, ref: str, part: ProtocolPart, *, at: datetime) -> int:
    """Record a protocol and return its number; a manager only for the own home and a day when the child lived there.

    The duty is the home's for each child who lives there, so its manager writes of a protected one too, by reference.
    Raises as `path_service.write`; NotFound for a manager without that home.
    """
    if actor.role is Role.UNIT_MANAGER and part.unit_ref is not None:
        unit = session.get(Unit, actor.unit_id or 0)
        if unit is None or part.unit_ref != unit.ref:
            raise NotFound
        if part.made_on is not None and not _lived_there(session, ref, unit, part.made_on):
            raise Refusals([Refusal("protocol-not-there", field="made_on")])
    return path_service.write(session, actor, ref, part, at=at, by_home=True)


def _lived_there(session: Session, ref: str, unit: Unit, on: date) -> bool:
    stay = (
        select(Stay.id)
        .join(Child, col(Child.id) == Stay.child_id)
        .where(Child.ref == ref, Stay.unit_id == unit.id, col(Stay.realised_start).is_not(None))
        .where(col(Stay.start) <= on, or_(col(Stay.end).is_(None), col(Stay.end) > on))
    )
    return session.exec(stay).first() is not None


def mark_copies(
    session: Session,
    actor: Actor,
    ref: str,
    number: int,
    *,
    county_on: date | None,
    agency_on: date | None,
    version: int,
    at: datetime,
) -> None:
    """Record on which days the copies went; None leaves what is marked already. The same again changes nothing.

    Raises NotFound, Conflict when somebody saved meanwhile, and Refusals with every wrong day.
    """
    found = session.exec(
        select(RestrictionProtocol, Child.id)
        .join(Child, col(Child.id) == RestrictionProtocol.child_id)
        .where(in_scope(actor, at), Child.ref == ref, RestrictionProtocol.number == number)
    ).first()
    if found is None:
        raise NotFound
    child = lock_row(session, Child, found[1] or 0)
    row = lock_row(session, RestrictionProtocol, found[0].id or 0)
    if row.version != version:
        raise Conflict("changed-meanwhile", version=row.version)
    before = row.model_dump()
    days = {"copy_county_on": county_on or row.copy_county_on, "copy_agency_on": agency_on or row.copy_agency_on}
    faults = [*_wrong_days(days, row.made_on, business_day(at))]
    if county_on is None and agency_on is None:
        faults.append(Refusal("answer-missing", field="copy_county_on"))
    if faults:
        raise Refusals(faults)
    if all(before[name] == day for name, day in days.items()):
        return
    row.copy_county_on, row.copy_agency_on = days["copy_county_on"], days["copy_agency_on"]
    row.version += 1
    path_service.copies_marked(Step(session, actor, child, row, before, at))
    record(
        session,
        actor=actor,
        action="protocol-copies-sent",
        object_kind="child",
        object_ref=ref,
        at=at,
        before={name: before[name] for name in days},
        after={"number": number, **days},
    )


def _wrong_days(days: Mapping[str, date | None], made_on: date, today: date) -> Iterable[Refusal]:
    for name, day in days.items():
        if day is not None and day > today:
            yield Refusal("day-in-future", field=name)
        elif day is not None and day < made_on:
            yield Refusal("days-crossed", field=name, day=made_on)
