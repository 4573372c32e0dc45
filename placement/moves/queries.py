"""What the pages of a placement's life show: stays and absences of a child, and who lives in or comes to a unit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from placement.children import access
from placement.children.access import Opened
from placement.children.tables import Child, SiblingGroup, SiblingMember
from placement.clock import business_day
from placement.decisions.confirming import rests_on
from placement.decisions.tables import Decision, Stay
from placement.moves.tables import Absence, MovePlan, NoPlace, StayNotBegun, Transfer, UnitAnswer
from placement.people.tables import Organisation
from placement.permissions import Actor
from placement.units.page import stay_status
from placement.units.tables import Unit

SOON = timedelta(days=30)


@dataclass(frozen=True)
class StayLine:
    """A stay with its three days kept apart. `unit_name` None = the child is protected and not revealed."""

    start: date
    end: date | None
    planned: tuple[date, date | None]
    decided: tuple[date | None, date | None]
    realised: tuple[date | None, date | None]
    status: str
    unit_name: str | None
    unit_ref: str | None
    unit_id: int
    decision_ref: str | None
    end_reason: str | None
    version: int

    @property
    def arrived(self) -> bool:
        return self.realised[0] is not None

    @property
    def left(self) -> bool:
        return self.realised[1] is not None


@dataclass(frozen=True)
class Life:
    """Everything that happened in a child's placements."""

    stays: tuple[StayLine, ...]
    absences: tuple[Absence, ...]
    not_begun: tuple[tuple[StayNotBegun, str | None], ...]
    transfers: tuple[tuple[Transfer, Organisation], ...]
    answers: tuple[tuple[UnitAnswer, str | None], ...]
    plans: tuple[tuple[MovePlan, str | None], ...]
    no_place: tuple[NoPlace, ...]


def life(session: Session, opened: Opened, plans: Collection[MovePlan], on: date) -> Life:
    """Return the life of a child that was opened; units of a protected child stay closed until it is revealed."""
    shown = opened.shows_place
    units = {unit.id: unit for unit in session.exec(select(Unit).where(_of_child(opened.id)))}

    def name(unit_id: int) -> str | None:
        unit = units.get(unit_id) or session.get(Unit, unit_id)
        return unit.name if shown and unit else None

    rows = session.exec(
        select(Stay, Decision.ref)
        .outerjoin(Decision, col(Decision.id) == rests_on())
        .where(Stay.child_id == opened.id)
        .order_by(col(Stay.start).desc())
    ).all()
    return Life(
        stays=tuple(_line(stay, ref, units[stay.unit_id], shown, on) for stay, ref in rows),
        absences=tuple(
            session.exec(select(Absence).where(Absence.child_id == opened.id).order_by(col(Absence.started_on).desc()))
        ),
        not_begun=tuple(
            (row, name(row.unit_id))
            for row in session.exec(
                select(StayNotBegun).where(StayNotBegun.child_id == opened.id).order_by(col(StayNotBegun.start).desc())
            )
        ),
        transfers=tuple(
            session.exec(
                select(Transfer, Organisation)
                .join(Organisation, col(Organisation.id) == Transfer.to_county_id)
                .where(Transfer.child_id == opened.id)
                .order_by(col(Transfer.id).desc())
            ).all()
        ),
        answers=tuple(
            (row, name(row.unit_id))
            for row in session.exec(
                select(UnitAnswer).where(UnitAnswer.child_id == opened.id).order_by(col(UnitAnswer.id).desc())
            )
        ),
        plans=tuple((row, name(row.unit_id)) for row in plans),
        no_place=tuple(
            session.exec(select(NoPlace).where(NoPlace.child_id == opened.id).order_by(col(NoPlace.id).desc()))
        ),
    )


def _of_child(child_id: int) -> sa.ColumnElement[bool]:
    return sa.select(col(Stay.id)).where(col(Stay.unit_id) == col(Unit.id), col(Stay.child_id) == child_id).exists()


def _line(stay: Stay, decision_ref: str | None, unit: Unit, shown: bool, on: date) -> StayLine:
    return StayLine(
        start=stay.start or stay.planned_start,
        end=stay.end,
        planned=(stay.planned_start, stay.planned_end),
        decided=(stay.decided_start, stay.decided_end),
        realised=(stay.realised_start, stay.realised_end),
        status=stay_status(stay, on),
        unit_name=unit.name if shown else None,
        unit_ref=unit.ref if shown else None,
        unit_id=stay.unit_id,
        decision_ref=decision_ref,
        end_reason=stay.end_reason,
        version=stay.version,
    )


@dataclass(frozen=True)
class Resident:
    """Someone who lives in the manager's unit or is to come, by reference; `away_since` of an open absence."""

    child_id: int
    ref: str
    protected: bool
    start: date
    end: date | None
    arrived: bool
    away_since: date | None
    away_kind: str | None


def residents(session: Session, actor: Actor, at: datetime) -> list[Resident]:
    """Return who lives in the manager's own unit or is to come there within a month, those to come first."""
    if actor.unit_id is None:
        return []
    today = business_day(at)
    rows = session.execute(
        select(Stay, Child.ref, Child.protected)
        .join(Child, col(Child.id) == Stay.child_id)
        .where(
            Stay.unit_id == actor.unit_id,
            Stay.county_id == actor.county_id,
            col(Stay.start) <= today + SOON,
            or_(col(Stay.end).is_(None), col(Stay.end) > today),
        )
        .order_by(col(Stay.realised_start).is_not(None), col(Stay.start), col(Child.ref))
    ).all()
    away = {
        one.child_id: one
        for one in session.exec(
            select(Absence).where(
                col(Absence.child_id).in_([stay.child_id for stay, _ref, _protected in rows]),
                Absence.started_on <= today,
                or_(col(Absence.back_on).is_(None), col(Absence.back_on) > today),
            )
        )
    }
    return [
        Resident(
            stay.child_id,
            ref,
            protected,
            stay.start or stay.planned_start,
            stay.end,
            stay.realised_start is not None,
            away[stay.child_id].started_on if stay.child_id in away else None,
            away[stay.child_id].kind if stay.child_id in away else None,
        )
        for stay, ref, protected in rows
    ]


@dataclass(frozen=True)
class Due:
    """What waits in a county: arrivals not recorded, children away without a day of return, by how long."""

    arrivals: tuple[date, ...]
    ran_away: tuple[date, ...]


def due(session: Session, actor: Actor, at: datetime) -> Due:
    """Return what the actor should record, among the children the actor may know of (a manager's own unit)."""
    today = business_day(at)
    arrivals = (
        sa.select(col(Stay.start))
        .join(Child, col(Child.id) == col(Stay.child_id))
        .where(
            col(Stay.realised_start).is_(None),
            col(Stay.start) <= today,
            or_(col(Stay.end).is_(None), col(Stay.end) > today),
            access.in_scope(actor, at),
        )
    )
    away = (
        sa.select(col(Absence.started_on))
        .join(Child, col(Child.id) == col(Absence.child_id))
        .where(
            col(Absence.kind) == "ran-away",
            col(Absence.started_on) <= today,
            col(Absence.back_on).is_(None),
            access.in_scope(actor, at),
        )
    )
    return Due(
        tuple(sorted(day for day in session.scalars(arrivals) if day is not None)),
        tuple(sorted(session.scalars(away))),
    )


@dataclass(frozen=True)
class Apart:
    """Siblings who live in different units today: their references with the unit (None = protected)."""

    mode: str
    members: tuple[tuple[str, str | None], ...]


def siblings_apart(session: Session, actor: Actor, at: datetime) -> list[Apart]:
    """Return the sibling groups of the actor's county that live in more than one unit today."""
    today = business_day(at)
    rows = session.execute(
        sa.select(
            col(SiblingGroup.id),
            col(SiblingGroup.mode),
            col(Child.ref),
            col(Child.protected),
            col(Unit.id),
            col(Unit.name),
        )
        .join(SiblingMember, col(SiblingMember.group_id) == col(SiblingGroup.id))
        .join(Child, col(Child.id) == col(SiblingMember.child_id))
        .join(Stay, col(Stay.child_id) == col(Child.id))
        .join(Unit, col(Unit.id) == col(Stay.unit_id))
        .where(access.in_scope(actor, at), access.covers(today))
        .order_by(col(SiblingGroup.id), col(Child.ref))
    ).all()
    groups: dict[int, list[tuple[str, str, bool, int, str]]] = {}
    for group_id, mode, ref, protected, unit_id, name in rows:
        groups.setdefault(group_id, []).append((mode, ref, protected, unit_id, name))
    return [
        Apart(str(members[0][0]), tuple((ref, None if hidden else name) for _mode, ref, hidden, _unit, name in members))
        for members in groups.values()
        if len({unit_id for *_rest, unit_id, _name in members}) > 1
    ]
