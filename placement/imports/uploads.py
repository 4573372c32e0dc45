"""A file between its preview and its import: kept encrypted for its author, for two hours."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.imports.tables import ImportUpload
from placement.permissions import Actor
from placement.refusals import NotFound

KEPT = timedelta(hours=2)
LONGEST_NAME = 120


def keep(session: Session, actor: Actor, what: str, file_name: str, content: bytes, *, at: datetime) -> str:
    """Store the file and return the token that leads to it; what has expired is thrown away with it."""
    if actor.county_id is None:
        raise NotFound
    session.execute(sa.delete(ImportUpload).where(col(ImportUpload.expires_at) <= at))
    token = secrets.token_urlsafe(24)
    session.add(
        ImportUpload(
            token=token,
            user_id=actor.user_id,
            county_id=actor.county_id,
            what=what,
            file_name=file_name[-LONGEST_NAME:],
            content=content,
            created_at=at,
            expires_at=at + KEPT,
        )
    )
    session.flush()
    return token


def find(session: Session, actor: Actor, token: str, at: datetime) -> ImportUpload:
    """Return the actor's own upload; raises NotFound for a missing, an expired and somebody else's alike."""
    found = session.exec(
        select(ImportUpload).where(ImportUpload.token == token, ImportUpload.user_id == actor.user_id)
    ).first()
    if found is None or found.expires_at <= at or found.county_id != actor.county_id:
        raise NotFound
    return found


def discard(session: Session, upload: ImportUpload) -> None:
    """Throw the file away: once imported, what it said stands in the register."""
    session.delete(upload)
    session.flush()
