"""A form that is sent twice is carried out once: the second time answers with the first one's page."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from placement.audit.tables import IdempotencyKey
from placement.permissions import Actor
from placement.refusals import Conflict

LONGEST = 64


def once(session: Session, actor: Actor, key: str, endpoint: str, at: datetime) -> str | None:
    """Return the page that the same form led to before, or None when it is new.

    Call inside the write transaction, before the act. An empty key is a form that carries none: always new.
    Raises Conflict for a key of another person or another form, which only a forged form can carry.
    """
    found = session.get(IdempotencyKey, key[:LONGEST]) if key else None
    if found is None:
        return None
    if found.user_id != actor.user_id or found.endpoint != endpoint or found.at > at:
        raise Conflict("key-used")
    return found.location


def remember(session: Session, actor: Actor, key: str, endpoint: str, location: str, at: datetime) -> None:
    """Keep where the form led to, in the transaction that carried it out."""
    if key:
        session.add(
            IdempotencyKey(key=key[:LONGEST], user_id=actor.user_id, endpoint=endpoint, location=location, at=at)
        )
        session.flush()
