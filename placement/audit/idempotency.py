"""A form that is sent twice is carried out once: the second time answers with the first one's page."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from placement.audit.tables import IdempotencyKey
from placement.permissions import Actor
from placement.refusals import Conflict

LONGEST = 64


def once(session: Session, actor: Actor, key: str, endpoint: str) -> str | None:
    """Return the page that the same form led to before, or None when it is new.

    Call inside the write transaction, before the act: a twin that is under way is waited for. An empty
    key is a form that carries none: always new.
    Raises Conflict for a key of another person or another form, which only a forged form can carry.
    """
    if not key:
        return None
    if session.get_bind().dialect.name == "postgresql":  # SQLite's writer is alone already
        session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})
    found = session.get(IdempotencyKey, key[:LONGEST])
    if found is None:
        return None
    if found.user_id != actor.user_id or found.endpoint != endpoint:
        raise Conflict("key-used")
    return found.location


def remember(session: Session, actor: Actor, key: str, endpoint: str, location: str, at: datetime) -> None:
    """Keep where the form led to, in the transaction that carried it out."""
    if key:
        session.add(
            IdempotencyKey(key=key[:LONGEST], user_id=actor.user_id, endpoint=endpoint, location=location, at=at)
        )
        session.flush()
