"""The child's places in schools, in order, and whether a move asks for the trip to school to be looked at again.

When another county takes the child over, the places that go on may be handed over to its record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, or_, select

from placement.children.access import Opened
from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.integration.path_rules import trip_unchecked
from placement.integration.service import next_number
from placement.integration.tables import SchoolPlace
from placement.people.tables import Organisation
from placement.units.tables import Unit


@dataclass(frozen=True)
class Place:
    """A school place. Of a protected child whose identity is closed `name` and `town` are None.

    `moved_on`: the day of a move that asks for the trip to be looked at again, None = it needs no look.
    """

    number: int
    kind: str
    name: str | None
    town: Organisation | None
    from_on: date
    to_on: date | None
    trip_checked_on: date | None
    moved_on: date | None

    def goes_on(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


def places(session: Session, opened: Opened) -> list[Place]:
    """Return the school places of an opened child by their first day."""
    rows = session.exec(
        select(SchoolPlace, Organisation)
        .join(Organisation, col(Organisation.id) == SchoolPlace.municipality_id)
        .where(SchoolPlace.child_id == opened.id)
        .order_by(col(SchoolPlace.from_on), col(SchoolPlace.number))
    ).all()
    moves = _moves(session, opened.id)
    return [
        Place(
            number=row.number,
            kind=row.kind,
            name=row.name if opened.shows_place else None,
            town=town if opened.shows_place else None,
            from_on=row.from_on,
            to_on=row.to_on,
            trip_checked_on=row.trip_checked_on,
            moved_on=next(
                (day for day in moves if trip_unchecked(day, row.from_on, row.to_on, row.trip_checked_on)), None
            ),
        )
        for row, town in rows
    ]


@dataclass(frozen=True, slots=True)
class Taught:
    """What is taught from which day to which, the last inclusive (None = it goes on); neither school nor town."""

    kind: str
    from_on: date
    to_on: date | None


def taught_from(session: Session, child_id: int, day: date) -> tuple[Taught, ...]:
    """Return the places in schools that go on or begin on the day or later, by their first day."""
    return tuple(Taught(row.kind.value, row.from_on, row.to_on) for row in _from(session, child_id, day))


def hand_over(session: Session, child: Child, receiver: Child, day: date, by: int, at: datetime) -> int:
    """Give the other county's record the places in schools that go on or begin from the day on; return how many.

    One that has not begun by then goes over as it stands: it never was a place of a child of the old county.
    """
    rows = _from(session, child.id or 0, day)
    for row in rows:
        copied = row.model_dump(include={"kind", "name", "municipality_id", "from_on", "to_on", "trip_checked_on"})
        session.add(
            SchoolPlace(
                child_id=receiver.id or 0,
                county_id=receiver.county_id,
                number=next_number(session, SchoolPlace, receiver.id or 0),
                recorded_by=by,
                recorded_at=at,
                **copied,
            )
        )
        if row.from_on >= day:
            session.delete(row)
        session.flush()
    return len(rows)


def end_before(session: Session, child_id: int, day: date) -> None:
    """Let the places in schools that have begun and go on end with the day before."""
    for row in _from(session, child_id, day):
        if row.from_on < day:
            row.to_on = day - timedelta(days=1)
            row.version += 1
            session.add(row)
    session.flush()


def _from(session: Session, child_id: int, day: date) -> list[SchoolPlace]:
    rows = session.exec(
        select(SchoolPlace)
        .where(SchoolPlace.child_id == child_id, or_(col(SchoolPlace.to_on).is_(None), col(SchoolPlace.to_on) >= day))
        .order_by(col(SchoolPlace.from_on), col(SchoolPlace.number))
    )
    return list(rows)


def _moves(session: Session, child_id: int) -> list[date]:
    """Return the first days of the child's stays, the latest first; decided ones that are to come are among them."""
    rows = session.exec(select(Stay).where(Stay.child_id == child_id).order_by(col(Stay.start).desc()))
    return [stay.start for stay in rows if stay.start is not None]


def home_town(session: Session, child_id: int, on: date) -> Organisation | None:
    """Return the municipality of the unit where the child lives on the day, or None."""
    return session.exec(
        select(Organisation)
        .join(Unit, col(Unit.municipality_id) == Organisation.id)
        .join(Stay, col(Stay.unit_id) == Unit.id)
        .where(Stay.child_id == child_id, col(Stay.start) <= on, or_(col(Stay.end).is_(None), col(Stay.end) > on))
    ).first()
