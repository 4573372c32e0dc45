"""Lists with their filters under a name: one's own, and those that somebody shares with the own organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from placement.audit.service import record
from placement.moves.tables import SavedView
from placement.people.tables import User
from placement.permissions import Actor
from placement.refusals import NotFound, Refusal, Refusals

LONGEST_NAME, LONGEST_QUERY = 80, 1000


@dataclass(frozen=True)
class Shown:
    """A view as the actor sees it; `by` names who shares it, None = the actor's own."""

    id: int
    page: str
    name: str
    query: str
    shared: bool
    by: str | None


def visible(session: Session, actor: Actor) -> list[Shown]:
    """Return the actor's own views in this organisation and those shared in it, by name."""
    rows = session.exec(
        select(SavedView, User.name)
        .join(User, col(User.id) == SavedView.user_id)
        .where(SavedView.organisation_id == actor.organisation_id)
        .where(or_(SavedView.user_id == actor.user_id, col(SavedView.shared)))
    )
    found = [
        Shown(row.id or 0, row.page, row.name, row.query, row.shared, None if row.user_id == actor.user_id else name)
        for row, name in rows
    ]
    return sorted(found, key=lambda one: (one.page, one.name.casefold(), one.id))


def save(session: Session, actor: Actor, page: str, name: str, query: str, *, shared: bool, at: datetime) -> int:
    """Keep the filters under a name; raises Refusals when it is missing, too long or taken, or nothing is chosen."""
    faults = _name_faults(session, actor, page, name, None)
    if not query or len(query) > LONGEST_QUERY:
        faults.append(Refusal("view-without-filters", field="name"))
    if faults:
        raise Refusals(faults)
    row = SavedView(
        user_id=actor.user_id,
        organisation_id=actor.organisation_id,
        page=page,
        name=name.strip(),
        query=query,
        shared=shared,
        saved_at=at,
    )
    session.add(row)
    session.flush()
    _note(session, actor, row, "view-saved", at)
    return row.id or 0


def own(session: Session, actor: Actor, key: int) -> SavedView:
    """Return a view of the actor; raises NotFound for somebody else's, shared or not, and for a missing one alike."""
    found = session.exec(
        select(SavedView).where(
            SavedView.id == key,
            SavedView.user_id == actor.user_id,
            SavedView.organisation_id == actor.organisation_id,
        )
    ).first()
    if found is None:
        raise NotFound
    return found


def change(session: Session, actor: Actor, key: int, name: str, *, shared: bool, at: datetime) -> None:
    """Rename the view, share it or share it no more. The same again changes nothing."""
    row = own(session, actor, key)
    faults = _name_faults(session, actor, row.page, name, row.id)
    if faults:
        raise Refusals(faults)
    if (row.name, row.shared) == (name.strip(), shared):
        return
    row.name, row.shared = name.strip(), shared
    session.add(row)
    session.flush()
    _note(session, actor, row, "view-changed", at)


def remove(session: Session, actor: Actor, key: int, *, at: datetime) -> str:
    """Remove the view, for everybody it was shared with; returns the list it was of."""
    row = own(session, actor, key)
    page = row.page
    _note(session, actor, row, "view-removed", at)
    session.delete(row)
    session.flush()
    return page


def _name_faults(session: Session, actor: Actor, page: str, name: str, but: int | None) -> list[Refusal]:
    text = name.strip()
    if not text:
        return [Refusal("answer-missing", field="name")]
    if len(text) > LONGEST_NAME:
        return [Refusal("text-too-long", field="name", most=LONGEST_NAME)]
    query = select(SavedView.id).where(
        SavedView.user_id == actor.user_id, SavedView.page == page, SavedView.name == text
    )
    taken = [one for one in session.exec(query) if one != but]
    return [Refusal("view-name-taken", field="name")] if taken else []


def _note(session: Session, actor: Actor, row: SavedView, action: str, at: datetime) -> None:
    """The trail says which list and whether it is shared; the name is free text and stays out of it."""
    record(
        session,
        actor=actor,
        action=action,
        object_kind="saved-view",
        object_ref=str(row.id),
        at=at,
        after={"page": row.page, "shared": row.shared},
    )
