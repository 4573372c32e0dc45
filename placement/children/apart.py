"""Who lives apart from what one would expect: siblings of whom only some have a place, a host in another county."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from placement.children.access import Opened
from placement.children.tables import Child, SiblingMember
from placement.decisions.tables import Stay
from placement.people.tables import Organisation
from placement.units.tables import Unit


@dataclass(frozen=True)
class Siblings:
    """References of a child's siblings: those who wait without a place, and those who have one (today or to come)."""

    waiting: tuple[str, ...] = ()
    placed: tuple[str, ...] = ()


def siblings_of(session: Session, child_ids: Collection[int], on: date) -> dict[int, Siblings]:
    """Return the siblings of each child that has any, by key; not scoped: the caller may know of these children."""
    own, other = aliased(SiblingMember), aliased(SiblingMember)
    has_place = (
        sa.select(col(Stay.id))
        .where(col(Stay.child_id) == col(Child.id), sa.or_(col(Stay.end).is_(None), col(Stay.end) > on))
        .exists()
    )
    rows = session.execute(
        sa.select(col(own.child_id), col(Child.ref), col(Child.waiting_since), has_place.label("placed"))
        .join(other, col(other.group_id) == col(own.group_id))
        .join(Child, col(Child.id) == col(other.child_id))
        .where(col(own.child_id).in_(list(child_ids)), col(other.child_id) != col(own.child_id))
        .order_by(col(Child.ref))
    )
    found: dict[int, Siblings] = {}
    for child_id, ref, since, placed in rows:
        known = found.get(child_id, Siblings())
        if placed:
            found[child_id] = Siblings(known.waiting, (*known.placed, ref))
        elif since is not None:
            found[child_id] = Siblings((*known.waiting, ref), known.placed)
    return found


@dataclass(frozen=True)
class Host:
    """The county in which a child lives, and the one that is responsible for it: another one."""

    living: Organisation
    responsible: Organisation


def host_of(session: Session, opened: Opened, on: date) -> Host | None:
    """Return both counties where they differ; None too where the place is not shown (rule for protected children)."""
    if not opened.shows_place:
        return None
    living, own = aliased(Organisation), aliased(Organisation)
    row = session.execute(
        sa.select(living, own)
        .select_from(Stay)
        .join(Unit, col(Unit.id) == col(Stay.unit_id))
        .join(Child, col(Child.id) == col(Stay.child_id))
        .join(living, col(living.id) == col(Unit.county_id))
        .join(own, col(own.id) == col(Child.county_id))
        .where(
            col(Stay.child_id) == opened.id,
            col(Unit.county_id) != col(Child.county_id),
            col(Stay.start) <= on,
            sa.or_(col(Stay.end).is_(None), col(Stay.end) > on),
        )
    ).first()
    return Host(*row) if row is not None else None
