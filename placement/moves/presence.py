"""Monthly presence: the unit's manager confirms who was there. The days are those of the stays, as everywhere else."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from placement.audit.service import record
from placement.children.tables import Child
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions.tables import Stay
from placement.moves import rules
from placement.moves.rules import Presence, Span
from placement.moves.tables import Absence, PresenceMonth
from placement.permissions import Actor, Permission
from placement.refusals import Conflict, NotFound, Refusal
from placement.units.tables import Unit


@dataclass(frozen=True)
class Line:
    """A child in the month, by reference; the name is opened by the page."""

    child_id: int
    ref: str
    protected: bool
    days: int
    away: int


@dataclass(frozen=True)
class Sheet:
    """A unit's month. `changed`: stays or absences differ from what was confirmed; `seal` is of what stands now."""

    month: date
    lines: tuple[Line, ...]
    confirmed: PresenceMonth | None
    seal: str

    @property
    def days(self) -> int:
        return sum(line.days for line in self.lines)

    @property
    def away(self) -> int:
        return sum(line.away for line in self.lines)

    @property
    def changed(self) -> bool:
        return self.confirmed is not None and self.confirmed.seal != self.seal


def of_unit(session: Session, unit_id: int, month: date) -> list[Presence]:
    """Return each child's days in the unit in the month of `month`; not scoped: the caller has chosen the unit."""
    first, end = rules.month_of(month)
    found: dict[int, list[Span]] = defaultdict(list)
    for stay in session.exec(
        select(Stay).where(
            Stay.unit_id == unit_id, col(Stay.start) < end, or_(col(Stay.end).is_(None), col(Stay.end) > first)
        )
    ):
        found[stay.child_id].append(Span(stay.start or stay.planned_start, stay.end))
    away: dict[int, list[Span]] = defaultdict(list)
    for absence in session.exec(
        select(Absence).where(
            Absence.unit_id == unit_id,
            Absence.started_on < end,
            or_(col(Absence.back_on).is_(None), col(Absence.back_on) > first),
        )
    ):
        away[absence.child_id].append(Span(absence.started_on, absence.back_on))
    return rules.presence(first, found, away)


def sheet(session: Session, unit_id: int, month: date) -> Sheet:
    """Return the unit's month with what was confirmed."""
    first, _ = rules.month_of(month)
    known = of_unit(session, unit_id, first)
    refs = _refs(session, [one.child_id for one in known])
    lines = tuple(Line(one.child_id, *refs[one.child_id], one.days, one.away) for one in known)
    confirmed = session.exec(
        select(PresenceMonth).where(PresenceMonth.unit_id == unit_id, PresenceMonth.month == first)
    ).first()
    return Sheet(first, tuple(sorted(lines, key=lambda line: line.ref)), confirmed, seal_of(known))


def _refs(session: Session, child_ids: list[int]) -> Mapping[int, tuple[str, bool]]:
    rows = session.execute(
        sa.select(col(Child.id), col(Child.ref), col(Child.protected)).where(col(Child.id).in_(child_ids))
    )
    return {key: (ref, protected) for key, ref, protected in rows if key is not None}


def seal_of(known: list[Presence]) -> str:
    return hashlib.sha256(json.dumps([[one.child_id, one.days, one.away] for one in known]).encode()).hexdigest()


def confirm(session: Session, actor: Actor, month: date, seal: str, note: str, *, at: datetime) -> PresenceMonth:
    """Confirm a month that is over, as it was shown (`seal`); confirming again after a change keeps the new days.

    Raises NotFound for who manages no unit, Refusal for a month that is not over, Conflict when it changed meanwhile.
    """
    if actor.unit_id is None or not actor.can(Permission.CONFIRM_PRESENCE):
        raise NotFound
    unit: Unit = lock_row(session, Unit, actor.unit_id)
    if not rules.presence_due(month, business_day(at)):
        raise Refusal("month-not-over")
    found = sheet(session, actor.unit_id, month)
    if found.seal != seal:
        raise Conflict("presence-changed")
    row = found.confirmed or PresenceMonth(
        unit_id=actor.unit_id,
        county_id=unit.county_id,
        month=found.month,
        children=0,
        days=0,
        away_days=0,
        seal="",
        confirmed_by=actor.user_id,
        confirmed_at=at,
        version=0,
    )
    if row.seal == seal:
        return row
    row.children, row.days, row.away_days = len(found.lines), found.days, found.away
    row.seal, row.note = seal, note.strip()[:400]
    row.confirmed_by, row.confirmed_at = actor.user_id, at
    row.version += 1
    session.add(row)
    session.flush()
    record(
        session,
        actor=actor,
        action="presence-confirmed",
        object_kind="unit",
        object_ref=unit.ref,
        at=at,
        after={"month": row.month, "children": row.children, "days": row.days, "away": row.away_days},
    )
    return row


def missing(session: Session, actor: Actor, today: date, *, most: int = 6) -> list[date]:
    """Return which of the last `most` months with anybody in the unit are not confirmed as they stand, oldest first."""
    if actor.unit_id is None:
        return []
    done = {
        row.month: row.seal for row in session.exec(select(PresenceMonth).where(PresenceMonth.unit_id == actor.unit_id))
    }
    months = []
    month = rules.month_of(today)[0]
    for _ in range(most):
        month = rules.month_of(month - timedelta(days=1))[0]
        known = of_unit(session, actor.unit_id, month)
        if known and done.get(month) != seal_of(known):
            months.append(month)
    return sorted(months)
