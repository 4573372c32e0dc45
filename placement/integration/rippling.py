"""What a corrected birth date moves: shown before it is saved, and carried out with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions.tables import Stay
from placement.integration.due_rules import due
from placement.integration.queries import guardian_arrived
from placement.integration.right_rules import Facts, Ripple, StayPart, ripple
from placement.integration.service import add, open_of, still_open
from placement.integration.tables import ChildService
from placement.reference import FAMILY_GROUP_HOME, adult_from
from placement.units.tables import Unit

WITH_ADULTHOOD = ("successor_home", "support_to_23")
"""Services that are counted from the 18th birthday."""


@dataclass(frozen=True)
class Preview:
    """What a correction would change; `services` are the kinds whose days move with the 18th birthday."""

    ripple: Ripple
    services: tuple[str, ...]


def preview(session: Session, child_id: int, after: date, on: date) -> Preview:
    """Return what follows when the birth date of an opened child becomes `after`; nothing is changed."""
    child = session.get_one(Child, child_id)
    facts = Facts(
        birth_date=child.birth_date,
        ground=child.eligibility_ground,
        entered_on=child.entered_on,
        permit_on=child.permit_on,
        residence_from=child.residence_from,
        guardian_on=guardian_arrived(session, child_id),
    )
    moved = _of_adulthood(session, child_id, adult_from(child.birth_date))
    return Preview(
        ripple(facts, replace(facts, birth_date=after), _stays(session, child_id), home=FAMILY_GROUP_HOME, on=on),
        tuple(row.kind for row in moved),
    )


def follow(session: Session, child_id: int, before: date, *, at: datetime) -> None:
    """Move the services counted from the 18th birthday, after the birth date was corrected from `before`.

    A child who was already of age and lives in a home for children is owed the next home at once. Writes no event:
    the correction's own one tells it.
    """
    child = session.get_one(Child, child_id)
    adult, on = adult_from(child.birth_date), business_day(at)
    for row in _of_adulthood(session, child_id, adult_from(before)):
        when = due(row.kind, adult, first_permit=child.permit_on)
        row.event_on, row.due_on, row.watch_on, row.source = adult, when.day, when.watch, when.source
        row.version += 1
        session.add(row)
    in_home = any(
        stay.unit_kind == FAMILY_GROUP_HOME and stay.start <= on and (stay.end is None or stay.end > on)
        for stay in _stays(session, child_id)
    )
    if adult <= on and in_home and not open_of(session, child, "successor_home"):
        add(session, child, "successor_home", adult, origin="manual", at=at)
    session.flush()


def _of_adulthood(session: Session, child_id: int, adult: date) -> list[ChildService]:
    rows = session.exec(
        select(ChildService).where(
            ChildService.child_id == child_id,
            col(ChildService.kind).in_(WITH_ADULTHOOD),
            ChildService.event_on == adult,
            still_open(),
        )
    )
    return list(rows)


def _stays(session: Session, child_id: int) -> tuple[StayPart, ...]:
    rows = session.exec(select(Stay, Unit).join(Unit, col(Unit.id) == Stay.unit_id).where(Stay.child_id == child_id))
    return tuple(StayPart(str(unit.kind), stay.start or stay.planned_start, stay.end) for stay, unit in rows)
