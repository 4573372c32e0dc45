"""Finding a stay by its child and first day, and who may record something about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.children import access
from placement.children.tables import Child
from placement.db import lock_row
from placement.decisions.tables import Stay
from placement.moves.rules import Fault, Span
from placement.permissions import Actor, Role
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.units.tables import Unit


def span_of(stay: Stay) -> Span:
    return Span(stay.start or stay.planned_start, stay.end)


def find(session: Session, actor: Actor, child_ref: str, start: date, at: datetime) -> tuple[Child, Stay]:
    """Return a child the actor may know of and its stay that begins that day; raises NotFound.

    A unit's manager finds the stays in the own unit only, those to come among them.
    """
    child = _child(session, actor, child_ref, at)
    stay = session.exec(select(Stay).where(Stay.child_id == child.id, col(Stay.start) == start)).first()
    if stay is None or (actor.role is Role.UNIT_MANAGER and stay.unit_id != actor.unit_id):
        raise NotFound
    return child, stay


def _child(session: Session, actor: Actor, ref: str, at: datetime) -> Child:
    """Return the child; a unit's manager also finds one who is decided to come, for the day of arrival."""
    if actor.role is not Role.UNIT_MANAGER:
        return access.find(session, actor, ref, at)
    coming = (
        sa.select(col(Stay.id)).where(col(Stay.child_id) == col(Child.id), col(Stay.unit_id) == actor.unit_id).exists()
    )
    found = session.exec(select(Child).where(Child.ref == ref, Child.county_id == actor.county_id, coming)).first()
    if found is None or actor.unit_id is None:
        raise NotFound
    return found


def locked(
    session: Session, actor: Actor, child_ref: str, start: date, version: int, at: datetime
) -> tuple[Child, Stay]:
    """Return child and stay with child, unit and stay locked (in this order); raises Conflict for an old version."""
    child, found = find(session, actor, child_ref, start, at)
    lock_row(session, Child, child.id or 0)
    lock_row(session, Unit, found.unit_id)
    stay: Stay | None = lock_row(session, Stay, found.id or 0)
    if stay is None or stay.version != version:
        raise Conflict("changed-meanwhile")
    return child, stay


def before(session: Session, stay: Stay) -> Stay | None:
    """Return the stay that ends where this one begins: the place the child leaves for it."""
    return session.exec(
        select(Stay).where(
            Stay.child_id == stay.child_id,
            col(Stay.end) == stay.start,
            col(Stay.id) != stay.id,
            Stay.end_reason == "moved",
        )
    ).first()


def refuse(faults: Iterable[Fault | None]) -> None:
    """Raise Refusals with every fault; nothing when there is none."""
    found = [Refusal(one.code, field=one.about, **one.facts) for one in faults if one is not None]
    if found:
        raise Refusals(found)
