"""Arrival, non-arrival and departure: what really happened to a decided stay. Flushes, never commits.

A decision says what is to be; here is what was. The days of a stay are the realised ones as soon as they are known
(`Stay.start` and `Stay.end`), so every count of places and days follows from one recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from placement.audit.service import record
from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions.confirming import confirmed_by
from placement.decisions.rules import last_leaving_day
from placement.decisions.tables import Decision, Stay
from placement.moves import rules, stays
from placement.moves.tables import Absence, StayNotBegun
from placement.permissions import Actor
from placement.refusals import Conflict, Refusal
from placement.units import capacity
from placement.units.tables import Unit

MOVED = "moved"
NOT_ARRIVED, CALLED_OFF = "not-arrived", "called-off"


@dataclass(frozen=True)
class Reason:
    """A code of a list with what more there is to say; the text is kept encrypted."""

    code: str
    note: str | None = None


def record_arrival(
    session: Session, actor: Actor, child_ref: str, start: date, arrived: date, *, version: int, at: datetime
) -> Stay:
    """Record on which day the child came. The place the child left for this one is left on the same day.

    Coming earlier needs a place in the unit on those days; staying longer in the old unit needs one there.
    """
    child, stay = stays.locked(session, actor, child_ref, start, version, at)
    span = stays.span_of(stay)
    stays.refuse(
        [
            rules.arrival_fault(
                arrived,
                span,
                already=stay.realised_start is not None,
                entered_on=child.entered_on,
                today=business_day(at),
            )
        ]
    )
    old = stays.before(session, stay)
    if arrived < span.start:
        _refuse_full(session, stay.unit_id, arrived, span.start, child.id or 0, at)
        _refuse_two_places(session, child, stay, old, arrived)
    if old is not None and old.end != arrived:
        _move_end(session, old, arrived, child, at)
    stay.realised_start = arrived
    _saved(session, stay)
    _note(session, actor, child, "arrival-recorded", at, before={"start": span.start}, after={"start": arrived})
    return stay


def _move_end(session: Session, old: Stay, day: date, child: Child, at: datetime) -> None:
    start, end = old.start or old.planned_start, old.end
    if day <= start:
        raise Refusal("left-before-coming", field="arrived_on", day=start)
    if end is not None and day > end:
        _refuse_full(session, old.unit_id, end, day, child.id or 0, at)
    old.realised_end = day
    _saved(session, old)


def _refuse_two_places(session: Session, child: Child, stay: Stay, old: Stay | None, arrived: date) -> None:
    """Refuse an earlier arrival that would cover days of another stay than the one left for this."""
    kept = {stay.id, old.id if old else None}
    others = session.exec(
        select(Stay).where(
            Stay.child_id == child.id,
            col(Stay.start) < stay.start,
            or_(col(Stay.end).is_(None), col(Stay.end) > arrived),
        )
    )
    if any(one.id not in kept for one in others):
        raise Refusal("child-has-stay", field="arrived_on", day=arrived)


def _refuse_next_stay(session: Session, stay: Stay, left: date) -> None:
    """Refuse a leaving day after the first day in the next place: who moves later arrives there later."""
    following = session.exec(
        select(Stay).where(Stay.child_id == stay.child_id, col(Stay.start) > stay.start, col(Stay.start) < left)
    ).first()
    if following is not None:
        raise Refusal("child-has-stay", field="left_on", day=following.start)


def _refuse_full(
    session: Session, unit_id: int, start: date, end: date, child_id: int, at: datetime, *, field: str = "arrived_on"
) -> None:
    if start < end and capacity.min_free(session, unit_id, start, end, at, excluding_child=child_id) < 1:
        raise Refusal("no-place-those-days", field=field)


def record_departure(
    session: Session,
    actor: Actor,
    child_ref: str,
    start: date,
    left: date,
    reason: Reason,
    *,
    needs_place: bool,
    version: int,
    at: datetime,
) -> Stay:
    """Record the leaving day (no longer covered) and why; with `needs_place` the child waits for a place from then on.

    A stay that lasted longer than decided needs a place on those days. An absence that is still open ends with it.
    """
    child, stay = stays.locked(session, actor, child_ref, start, version, at)
    span, today = stays.span_of(stay), business_day(at)
    kind = session.get_one(Unit, stay.unit_id).kind.value
    stays.refuse(
        [
            rules.departure_fault(
                left,
                span,
                arrived=stay.realised_start is not None,
                right_ends=last_leaving_day(child.birth_date, kind, span.start),
                today=today,
            )
        ]
    )
    if stay.realised_end is not None:
        raise Conflict("departed-already")
    if span.end is not None and left > span.end:
        _refuse_next_stay(session, stay, left)
        _refuse_full(session, stay.unit_id, span.end, left, child.id or 0, at, field="left_on")
    stay.realised_end, stay.end_reason = left, reason.code
    _saved(session, stay)
    _end_absences(session, stay, left)
    if needs_place:
        _let_wait(child, left, at)
    _note(
        session,
        actor,
        child,
        "departure-recorded",
        at,
        before={"end": span.end},
        after={"end": left, "reason": reason.code, "needs_place": needs_place},
    )
    return stay


def _end_absences(session: Session, stay: Stay, left: date) -> None:
    """End absences with the stay; one that would only begin afterwards never was."""
    for absence in session.exec(select(Absence).where(Absence.stay_id == stay.id)):
        if absence.started_on >= left:
            session.delete(absence)
        elif absence.back_on is None or absence.back_on > left:
            absence.back_on = left
            absence.version += 1
            session.add(absence)
    session.flush()


def not_begun(
    session: Session,
    actor: Actor,
    child_ref: str,
    start: date,
    reason: Reason,
    *,
    version: int,
    at: datetime,
) -> StayNotBegun:
    """Record that a decided stay never began: the child did not come, or it is called off before its first day.

    The place is free at once. A child who was to move stays where it lives as long as the decision on that place
    lasts and the place is still there; else it waits for a place. Raises Conflict when the child has arrived.
    """
    child, stay = stays.locked(session, actor, child_ref, start, version, at)
    if stay.realised_start is not None:
        raise Conflict("arrived-already")
    today, span = business_day(at), stays.span_of(stay)
    old = stays.before(session, stay)
    row = StayNotBegun(
        child_id=stay.child_id,
        unit_id=stay.unit_id,
        county_id=stay.county_id,
        decision_id=stay.decision_id,
        start=span.start,
        end=span.end,
        kind=NOT_ARRIVED if span.start <= today else CALLED_OFF,
        reason_code=reason.code,
        note=reason.note,
        noted_on=today,
        noted_by=actor.user_id,
        noted_at=at,
    )
    session.add(row)
    session.delete(stay)
    session.flush()
    kept = old is not None and _keep(session, old, child, at)
    if not kept and not _has_place(session, child, today):
        _let_wait(child, today, at)
    _note(
        session,
        actor,
        child,
        "stay-not-begun",
        at,
        before={"start": span.start, "end": span.end},
        after={"kind": row.kind, "reason": reason.code, "keeps_old_place": kept},
    )
    return row


def _keep(session: Session, old: Stay, child: Child, at: datetime) -> bool:
    """Let the old stay go on as decided or until the next one, when nobody has its place; returns whether it does."""
    decision = confirmed_by(session, old.decision_id) or session.get(Decision, old.decision_id or 0)
    until = decision.end if decision is not None else old.planned_end
    end = old.end
    following = session.execute(
        sa.select(sa.func.min(col(Stay.start))).where(
            col(Stay.child_id) == child.id, col(Stay.id) != old.id, col(Stay.start) >= end
        )
    )
    moves_on = following.scalar_one()
    if moves_on is not None and (until is None or moves_on < until):
        until = moves_on
    if end is None or old.realised_end is not None or (until is not None and until <= end):
        return False
    if capacity.min_free(session, old.unit_id, end, until, at, excluding_child=child.id) < 1:
        return False
    old.decided_end, old.end_reason = until, "moved" if until == moves_on else None
    if old.decided_end is None:
        old.planned_end = None
    _saved(session, old)
    return True


def _has_place(session: Session, child: Child, day: date) -> bool:
    found = session.exec(
        select(Stay.id).where(Stay.child_id == child.id, or_(col(Stay.end).is_(None), col(Stay.end) > day))
    ).first()
    return found is not None


def _let_wait(child: Child, since: date, at: datetime) -> None:
    child.waiting_since = since
    child.place_from = since
    child.version += 1
    child.updated_at = at


def _saved(session: Session, stay: Stay) -> None:
    stay.version += 1
    session.add(stay)
    session.flush()
    session.refresh(stay)


def _note(
    session: Session,
    actor: Actor,
    child: Child,
    action: str,
    at: datetime,
    *,
    before: dict[str, object],
    after: dict[str, object],
) -> None:
    session.add(child)
    session.flush()
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
