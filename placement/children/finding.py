"""Finding children by reference or name. A name is matched inside `access`, which logs each child it then shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from placement.children.access import in_scope
from placement.children.tables import Child
from placement.permissions import Actor

MOST = 20


@dataclass(frozen=True)
class Hit:
    """A child by reference; whoever may see the name gets it from `access.open_list`."""

    child_id: int
    ref: str
    birth_date: date
    protected: bool


def by_reference(session: Session, actor: Actor, text: str, at: datetime) -> list[Hit]:
    """Return the children the actor may know of whose reference holds the text, at most MOST."""
    return _hits(session, sa.and_(in_scope(actor, at), col(Child.ref).contains(text.upper(), autoescape=True)))


def by_keys(session: Session, actor: Actor, keys: list[int], at: datetime) -> list[Hit]:
    """Return the children with these keys whom the actor may know of, by reference."""
    return _hits(session, sa.and_(in_scope(actor, at), col(Child.id).in_(keys)))


def _hits(session: Session, wanted: sa.ColumnElement[bool]) -> list[Hit]:
    rows = session.execute(
        sa.select(col(Child.id), col(Child.ref), col(Child.birth_date), col(Child.protected))
        .where(wanted)
        .order_by(col(Child.ref))
        .limit(MOST)
    )
    return [Hit(key, ref, born, protected) for key, ref, born, protected in rows if key is not None]
