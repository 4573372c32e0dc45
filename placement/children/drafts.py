"""A child being added: what was typed, kept encrypted for its author until it is saved or thrown away."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from placement.children.tables import ChildDraft
from placement.permissions import Actor
from placement.refusals import NotFound, Refusal

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
LARGEST = 200_000
Typed = dict[str, Any]


def new_token() -> str:
    return secrets.token_urlsafe(24)


def find(session: Session, actor: Actor, token: str) -> ChildDraft:
    """Return the actor's own draft; raises NotFound for a missing and for somebody else's alike."""
    found = session.exec(
        select(ChildDraft).where(ChildDraft.token == token, ChildDraft.user_id == actor.user_id)
    ).first()
    if found is None:
        raise NotFound
    return found


def own(session: Session, actor: Actor) -> list[ChildDraft]:
    """Return the actor's drafts, the latest first."""
    rows = select(ChildDraft).where(ChildDraft.user_id == actor.user_id)
    return list(session.exec(rows.order_by(col(ChildDraft.updated_at).desc(), col(ChildDraft.id).desc())))


def typed(draft: ChildDraft) -> Typed:
    """Return the list of typed texts by field name, as the forms sent them."""
    return dict(json.loads(draft.content))


def keep(
    session: Session,
    actor: Actor,
    token: str,
    values: Mapping[str, Sequence[str]],
    names: Sequence[str],
    *,
    at: datetime,
) -> None:
    """Store what one step holds: the step's fields `names` are replaced as a whole, the other steps' stay.

    A draft that does not exist begins here. Raises NotFound for a token of somebody else and Refusal for a
    text beyond every measure.
    """
    if not TOKEN.fullmatch(token):
        raise NotFound
    draft = session.exec(select(ChildDraft).where(ChildDraft.token == token)).first()
    if draft is None:
        draft = ChildDraft(token=token, user_id=actor.user_id, content="{}", updated_at=at)
    if draft.user_id != actor.user_id:
        raise NotFound
    kept = {name: value for name, value in typed(draft).items() if name not in names}
    kept |= {name: list(values[name]) for name in names if name in values}
    content = json.dumps(kept, ensure_ascii=False)
    if len(content) > LARGEST:
        raise Refusal("draft-large")
    draft.content, draft.updated_at = content, at
    session.add(draft)
    session.flush()


def discard(session: Session, actor: Actor, token: str) -> None:
    """Throw a draft away; raises NotFound."""
    session.delete(find(session, actor, token))
    session.flush()
