"""The rest of an opened child's record: codes, representative, narratives, people around, stays.

Every function takes an `Opened`, which only `access.open_child` gives: the look is already in the use log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from placement.audit.tables import AuditEvent
from placement.children.access import Opened
from placement.children.rules import StayDates
from placement.children.tables import (
    ApartPair,
    BirthDateCorrection,
    Child,
    ChildBan,
    ChildWish,
    SiblingMember,
)
from placement.decisions.confirming import rests_on
from placement.decisions.tables import Decision, Stay
from placement.people.tables import Organisation, User
from placement.units.tables import Unit


@dataclass(frozen=True)
class Details:
    """What an opened child's record holds beside the facts. `closed`: protected and not revealed; then every
    code, name, town, unit and narrative is None or empty.
    """

    closed: bool
    permit_on: date | None = None
    residence_from: date | None = None
    protected_until: date | None = None
    identity_code: str | None = None
    temporary_number: str | None = None
    school: str | None = None
    representative_name: str | None = None
    representative_contact: str | None = None
    representative_from: date | None = None
    no_representative_reason: str | None = None
    own_view: str | None = None
    own_view_on: date | None = None
    own_view_how: str | None = None
    no_view_reason: str | None = None
    worker_name: str | None = None
    municipality: Organisation | None = None
    relatives_municipality: Organisation | None = None
    sibling_refs: tuple[str, ...] = ()
    apart_refs: tuple[str, ...] = ()
    apart_reason: str | None = None
    wishes: tuple[tuple[str, str], ...] = ()
    bans: tuple[tuple[str, str], ...] = ()
    ban_reason: str | None = None

    @property
    def wish_refs(self) -> tuple[str, ...]:
        return tuple(ref for ref, _name in self.wishes)

    @property
    def ban_refs(self) -> tuple[str, ...]:
        return tuple(ref for ref, _name in self.bans)


@dataclass(frozen=True)
class StayRow:
    """One stay; the unit is None for a protected child whose place is closed. `end` is the leaving day."""

    dates: StayDates
    unit_ref: str | None
    unit_name: str | None
    unit_kind: str | None
    decision_ref: str | None
    realised: bool
    decided: bool


@dataclass(frozen=True)
class Event:
    """One line of the history: who did what when, and the names of the fields that changed."""

    at: datetime
    action: str
    who: str | None
    before: str
    after: str


@dataclass(frozen=True)
class Correction:
    before: date
    after: date
    source: str
    who: str
    at: datetime = field(compare=False)


OPEN = (
    Child.permit_on,
    Child.residence_from,
    Child.protected_until,
    Child.identity_code,
    Child.temporary_number,
    Child.school,
    Child.representative_name,
    Child.representative_contact,
    Child.representative_from,
    Child.no_representative_reason,
    Child.own_view,
    Child.own_view_on,
    Child.own_view_how,
    Child.no_view_reason,
)
CLOSED = (Child.permit_on, Child.residence_from, Child.protected_until)


def details(session: Session, opened: Opened) -> Details:
    """Return the record's texts and people; of a closed child only the dates that tell no identity."""
    closed = not opened.shows_place
    columns: Any = CLOSED if closed else OPEN
    row = session.execute(sa.select(*columns).where(col(Child.id) == opened.id)).one()
    worker = session.get(User, opened.worker_id) if opened.worker_id else None
    siblings, apart, reasons = _people(session, opened)
    known: dict[str, Any] = {
        **row._mapping,
        "closed": closed,
        "worker_name": worker.name if worker else None,
        "sibling_refs": siblings,
        "apart_refs": apart,
    }
    if not closed:
        known |= {"apart_reason": reasons, **_places(session, opened), **_towns(session, opened)}
    return Details(**known)


def _people(session: Session, opened: Opened) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """Return references of siblings and of those kept apart, and the reason when it is the same for all."""
    group = sa.select(col(SiblingMember.group_id)).where(col(SiblingMember.child_id) == opened.id)
    siblings = session.execute(
        sa.select(col(Child.ref))
        .join(SiblingMember, col(SiblingMember.child_id) == col(Child.id))
        .where(col(SiblingMember.group_id).in_(group), col(Child.id) != opened.id)
        .order_by(col(Child.ref))
    ).scalars()
    first, second = col(ApartPair.child_a_id), col(ApartPair.child_b_id)
    pairs = session.execute(
        sa.select(col(Child.ref), col(ApartPair.reason))
        .join(ApartPair, sa.or_(first == col(Child.id), second == col(Child.id)))
        .where(sa.or_(first == opened.id, second == opened.id), col(Child.id) != opened.id)
        .order_by(col(Child.ref))
    ).all()
    return tuple(siblings), tuple(row[0] for row in pairs), _the_one({row[1] for row in pairs})


def _places(session: Session, opened: Opened) -> dict[str, object]:
    wishes = session.execute(
        sa.select(col(Unit.ref), col(Unit.name))
        .join(ChildWish, col(ChildWish.unit_id) == col(Unit.id))
        .where(col(ChildWish.child_id) == opened.id)
        .order_by(col(ChildWish.rank))
    )
    bans = session.execute(
        sa.select(col(Unit.ref), col(Unit.name), col(ChildBan.reason))
        .join(ChildBan, col(ChildBan.unit_id) == col(Unit.id))
        .where(col(ChildBan.child_id) == opened.id)
        .order_by(col(Unit.name))
    ).all()
    return {
        "wishes": tuple((row[0], row[1]) for row in wishes),
        "bans": tuple((row[0], row[1]) for row in bans),
        "ban_reason": _the_one({row[2] for row in bans}),
    }


def _towns(session: Session, opened: Opened) -> dict[str, object]:
    keys = session.execute(
        sa.select(col(Child.municipality_id), col(Child.relatives_municipality_id)).where(col(Child.id) == opened.id)
    ).one()
    own, relatives = (session.get(Organisation, key) if key else None for key in keys)
    return {"municipality": own, "relatives_municipality": relatives}


def _the_one(reasons: set[str]) -> str | None:
    return next(iter(reasons)) if len(reasons) == 1 else None


def stays(session: Session, opened: Opened) -> list[StayRow]:
    """Return the child's stays, the latest first; without units when the place is closed."""
    place: Any = (
        (col(Unit.ref), col(Unit.name), col(Unit.kind)) if opened.shows_place else (sa.null(), sa.null(), sa.null())
    )
    query = (
        sa.select(
            col(Stay.start), col(Stay.end), *place, col(Decision.ref), col(Stay.realised_start), col(Stay.decided_start)
        )
        .select_from(Stay)
        .outerjoin(Decision, col(Decision.id) == rests_on())
        .where(col(Stay.child_id) == opened.id)
        .order_by(col(Stay.start).desc())
    )
    if opened.shows_place:
        query = query.join(Unit, col(Unit.id) == col(Stay.unit_id))
    return [
        StayRow(
            dates=StayDates(row[0], row[1]),
            unit_ref=row[2],
            unit_name=row[3],
            unit_kind=row[4],
            decision_ref=row[5] if opened.shows_place else None,
            realised=row[6] is not None,
            decided=row[7] is not None,
        )
        for row in session.execute(query)
    ]


def corrections(session: Session, opened: Opened) -> list[Correction]:
    """Return the corrections of the birth date, the latest first."""
    rows = session.execute(
        sa.select(BirthDateCorrection, col(User.name))
        .join(User, col(User.id) == col(BirthDateCorrection.recorded_by))
        .where(col(BirthDateCorrection.child_id) == opened.id)
        .order_by(col(BirthDateCorrection.recorded_at).desc())
    )
    return [Correction(row.before, row.after, row.source, name, row.recorded_at) for row, name in rows]


def history(session: Session, ref: str, *, most: int = 200) -> list[Event]:
    """Return the latest events about a child, newest first; they hold codes and dates only."""
    rows = session.execute(
        sa.select(
            col(AuditEvent.at), col(AuditEvent.action), col(User.name), col(AuditEvent.before), col(AuditEvent.after)
        )
        .outerjoin(User, col(User.id) == col(AuditEvent.actor_id))
        .where(col(AuditEvent.object_kind) == "child", col(AuditEvent.object_ref) == ref)
        .order_by(col(AuditEvent.seq).desc())
        .limit(most)
    )
    return [Event(*row) for row in rows]
