"""Absences: days away while the place stays the child's; running away with whom was told. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from placement.audit.service import record
from placement.children.tables import Child
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions.tables import Stay
from placement.moves import rules, stays
from placement.moves.rules import Span
from placement.moves.tables import Absence
from placement.permissions import Actor
from placement.refusals import Conflict, NotFound, Refusal


@dataclass(frozen=True)
class AbsenceCommand:
    """A child is away from `started_on` on; `back_on` is the day of return, None = not back yet."""

    kind: str
    started_on: date
    back_on: date | None = None
    expected_back_on: date | None = None
    police_told_on: date | None = None
    representative_told_on: date | None = None
    note: str | None = None


def record_absence(
    session: Session,
    actor: Actor,
    child_ref: str,
    start: date,
    command: AbsenceCommand,
    *,
    version: int,
    at: datetime,
) -> Absence:
    """Record that a child is away from the unit of the stay that begins on `start`; the place is kept."""
    child, stay = stays.locked(session, actor, child_ref, start, version, at)
    if stay.realised_start is None:
        raise Refusal("not-arrived-yet", field="started_on")
    others = session.exec(select(Absence).where(Absence.child_id == child.id)).all()
    absence = Span(command.started_on, command.back_on)
    stays.refuse(_faults(command, absence, stay, [Span(one.started_on, one.back_on) for one in others], at))
    row = Absence(
        child_id=child.id or 0,
        stay_id=stay.id or 0,
        unit_id=stay.unit_id,
        county_id=child.county_id,
        kind=command.kind,
        started_on=command.started_on,
        back_on=command.back_on,
        expected_back_on=command.expected_back_on,
        police_told_on=command.police_told_on,
        representative_told_on=command.representative_told_on,
        note=command.note,
        recorded_by=actor.user_id,
        recorded_at=at,
    )
    session.add(row)
    stay.version += 1
    session.add(stay)
    session.flush()
    after = {"kind": row.kind, "from": row.started_on, "back": row.back_on}
    _note(session, actor, child, "absence-recorded", at, after=after)
    return row


def _faults(command: AbsenceCommand, absence: Span, stay: Stay, others: list[Span], at: datetime) -> list[rules.Fault]:
    told = (
        ("police_told_on", command.police_told_on),
        ("representative_told_on", command.representative_told_on),
    )
    return rules.absence_faults(command.kind, absence, stays.span_of(stay), others, told=told, today=business_day(at))


def record_return(
    session: Session,
    actor: Actor,
    child_ref: str,
    started_on: date,
    command: AbsenceCommand,
    *,
    version: int,
    at: datetime,
) -> Absence:
    """Change an absence: the day of return, and who was told. Raises NotFound for none that begins that day."""
    known = find(session, actor, child_ref, started_on, at)
    row: Absence = lock_row(session, Absence, known.id or 0)
    if row.version != version:
        raise Conflict("changed-meanwhile")
    child, stay = session.get_one(Child, row.child_id), session.get_one(Stay, row.stay_id)
    others = [
        Span(one.started_on, one.back_on)
        for one in session.exec(select(Absence).where(Absence.child_id == child.id, col(Absence.id) != row.id))
    ]
    stays.refuse(_faults(command, Span(started_on, command.back_on), stay, others, at))
    before = {"back": row.back_on, "police": row.police_told_on, "representative": row.representative_told_on}
    row.back_on, row.expected_back_on = command.back_on, command.expected_back_on
    row.police_told_on, row.representative_told_on = command.police_told_on, command.representative_told_on
    row.note = command.note
    row.version += 1
    session.add(row)
    session.flush()
    after = {"back": row.back_on, "police": row.police_told_on, "representative": row.representative_told_on}
    _note(session, actor, child, "absence-changed", at, before=before, after=after)
    return row


def find(session: Session, actor: Actor, child_ref: str, started_on: date, at: datetime) -> Absence:
    """Return the absence of a child that begins that day; raises NotFound."""
    row = session.exec(
        select(Absence)
        .join(Child, col(Child.id) == Absence.child_id)
        .where(Child.ref == child_ref, Absence.started_on == started_on)
    ).first()
    if row is None:
        raise NotFound
    stay = session.get_one(Stay, row.stay_id)
    stays.find(session, actor, child_ref, stay.start or stay.planned_start, at)
    return row


def _note(
    session: Session,
    actor: Actor,
    child: Child,
    action: str,
    at: datetime,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    record(
        session,
        actor=actor,
        action=action,
        object_kind="child",
        object_ref=child.ref,
        at=at,
        before=before,
        after=after,
    )
