"""Reads about children for whom no suitable place was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from placement.children import access
from placement.children.tables import Child
from placement.clock import business_day
from placement.moves.tables import NoPlace
from placement.permissions import Actor


@dataclass(frozen=True)
class State:
    """A child without a suitable place, by reference; `due` = the weekly look is to be made."""

    child_id: int
    ref: str
    protected: bool
    since: date
    blocking: str
    tries: int
    tried_at: datetime
    retry_on: date
    due: bool


def open_states(session: Session, actor: Actor, at: datetime) -> list[State]:
    """Return the open states of the children the actor may know of, the longest first."""
    today = business_day(at)
    rows = session.execute(
        sa.select(NoPlace, col(Child.ref), col(Child.protected))
        .join(Child, col(Child.id) == col(NoPlace.child_id))
        .where(col(NoPlace.ended_on).is_(None), access.in_scope(actor, at))
        .order_by(col(NoPlace.since), col(Child.ref))
    )
    return [
        State(
            row.child_id,
            ref,
            protected,
            row.since,
            row.blocking,
            row.tries,
            row.tried_at,
            row.retry_on,
            row.retry_on <= today,
        )
        for row, ref, protected in rows
    ]
