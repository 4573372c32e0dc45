"""Which children's services an actor sees, and the child behind an act. Foreign and missing are the same."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from placement.children import access
from placement.children.rules import Relation
from placement.children.tables import Child
from placement.integration.tables import ChildService, Side
from placement.permissions import Actor, Permission, Role
from placement.refusals import NotAllowed, NotFound

MUNICIPAL_SIDES = (Side.MUNICIPALITY, Side.SCHOOL, Side.EMPLOYMENT_AUTHORITY)


def visible(actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Return the condition on `child_service` joined to `child` for the services this actor may know of.

    County roles: those of the children they may know of. A municipality: what it answers for or gives, of children
    who live there; never of a protected child, whose town nobody else is told (703/2023 § 38).
    """
    if not actor.can(Permission.SEE_SERVICES):
        return sa.false()
    if actor.role is not Role.MUNICIPALITY_WORKER:
        return access.in_scope(actor, at)
    lives_here = sa.and_(
        col(Child.municipality_id) == actor.organisation_id, col(ChildService.side).in_(MUNICIPAL_SIDES)
    )
    given_here = col(ChildService.organisation_id) == actor.organisation_id
    return sa.and_(sa.or_(lives_here, given_here), ~col(Child.protected), ~access.merged_away())


def find(session: Session, actor: Actor, ref: str, number: int, at: datetime) -> tuple[Child, ChildService]:
    """Return the child (identity sealed) and its service; raises NotFound for a foreign and a missing one alike."""
    found = session.exec(
        select(Child, ChildService)
        .join(ChildService, col(ChildService.child_id) == Child.id)
        .where(Child.ref == ref, ChildService.number == number, visible(actor, at))
        .options(*access.sealed())
    ).first()
    if found is None:
        raise NotFound
    return found


def own_child(session: Session, actor: Actor, ref: str, at: datetime, *, by_home: bool = False) -> Child:
    """Return the child (identity sealed) whose path the actor may write on.

    Raises NotFound, NoRelation without a relation, and NotAllowed for a protected child whose identity is closed.
    `by_home`: what the home must record of a child who lives there is written by reference, so its manager may.
    """
    child = access.find(session, actor, ref, at)
    held = access.relation_of(session, actor, child.id or 0, at)
    if held is None:
        raise access.NoRelation(ref)
    if not held.shows_identity and not (by_home and records_for_home(actor, held)):
        raise NotAllowed("identity-closed")
    return child


def records_for_home(actor: Actor, held: Relation) -> bool:
    """Return whether the actor is the manager of the unit in which the child lives, protected or not."""
    return actor.role is Role.UNIT_MANAGER and held.kind == "unit"
