"""Reads of one child's services and path. A child is opened (and the look logged) before any text is read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.children.access import Opened
from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.integration import scope
from placement.integration.due_rules import OPEN, Given, ServiceState, days_late, state
from placement.integration.missing_rules import Missing, Standing, missing
from placement.integration.tables import ChildService, FamilyMember, Relationship, Representation
from placement.people.tables import Organisation, OrganisationKind, User
from placement.permissions import Actor


@dataclass(frozen=True)
class ServiceLine:
    """One service of a child as pages show it. `giver` and `owner` None = nobody is named."""

    row: ChildService
    state: ServiceState
    days_late: int
    giver: Organisation | None
    owner: str | None
    member: FamilyMember | None

    @property
    def unserved(self) -> bool:
        """Whether it is open and nobody gives it."""
        return self.state in OPEN and self.giver is None


def given(row: ChildService) -> Given:
    return Given(row.watch_on, row.reported_on, row.delivered_on, row.closed_as)


def lines(session: Session, child_id: int, on: date) -> list[ServiceLine]:
    """Return every service of an opened child: open ones first, by their last day, then the others, latest first."""
    wanted: Any = (ChildService, Organisation, col(User.name), FamilyMember)
    rows = session.execute(
        sa.select(*wanted)
        .outerjoin(Organisation, col(Organisation.id) == col(ChildService.organisation_id))
        .outerjoin(User, col(User.id) == col(ChildService.owner_id))
        .outerjoin(FamilyMember, col(FamilyMember.id) == col(ChildService.family_member_id))
        .where(col(ChildService.child_id) == child_id)
    )
    found = [
        ServiceLine(row, state(given(row), on), days_late(given(row), on), giver, owner, member)
        for row, giver, owner, member in rows
    ]
    still = sorted((one for one in found if one.state in OPEN), key=lambda one: one.row.due_on or one.row.watch_on)
    rest = sorted((one for one in found if one.state not in OPEN), key=_done_on, reverse=True)
    return still + rest


def _done_on(one: ServiceLine) -> date:
    return one.row.delivered_on or one.row.reported_on or one.row.closed_on or one.row.event_on


def line(session: Session, actor: Actor, ref: str, number: int, on: date, at: datetime) -> ServiceLine:
    """Return one service in the actor's scope, by the child's reference; raises NotFound."""
    child, row = scope.find(session, actor, ref, number, at)
    return next(one for one in lines(session, child.id or 0, on) if one.row.number == row.number)


def family(session: Session, child_id: int) -> list[FamilyMember]:
    """Return the family unit of an opened child, by number."""
    return list(
        session.exec(select(FamilyMember).where(FamilyMember.child_id == child_id).order_by(col(FamilyMember.number)))
    )


def guardian_arrived(session: Session, child_id: int) -> date | None:
    """Return the day on which the first guardian arrived, None = none has."""
    return session.exec(
        select(sa.func.min(col(FamilyMember.arrived_on))).where(
            FamilyMember.child_id == child_id, FamilyMember.relationship == Relationship.GUARDIAN
        )
    ).one()


def standings(session: Session, where: Any, on: date) -> dict[int, Standing]:
    """Return what is known of the children of a condition, by key; three statements for any number."""
    plain = session.execute(
        sa.select(
            col(Child.id),
            col(Child.birth_date),
            col(Child.permit_on),
            col(Child.residence_from),
            col(Child.entered_on),
            sa.or_(col(Child.representative_name).is_not(None), col(Child.no_representative_reason).is_not(None)).label(
                "represented"
            ),
        ).where(where)
    ).all()
    keys = sa.select(col(Child.id)).where(where)
    recorded: dict[int, set[str]] = {}
    kinds = sa.select(col(ChildService.child_id), col(ChildService.kind)).where(
        col(ChildService.child_id).in_(keys), col(ChildService.family_member_id).is_(None)
    )
    for key, kind in session.execute(kinds):
        recorded.setdefault(key, set()).add(kind)
    for (key,) in session.execute(
        sa.select(col(Representation.child_id)).where(col(Representation.child_id).in_(keys))
    ):
        recorded.setdefault(key, set()).add("representative")
    stays: dict[int, list[tuple[date, date | None]]] = {}
    for key, start, end in session.execute(
        sa.select(col(Stay.child_id), col(Stay.start), col(Stay.end)).where(col(Stay.child_id).in_(keys))
    ):
        if end is None or end > on:
            stays.setdefault(key, []).append((start, end))
    return {
        row[0]: Standing(
            birth_date=row[1],
            permit_on=row[2],
            residence_from=row[3],
            entered_on=row[4],
            has_representative=bool(row[5]),
            recorded=recorded.get(row[0], ()),
            lives=row[0] in stays,
            lives_until=_last(stays.get(row[0], [])),
        )
        for row in plain
    }


def _last(stays: list[tuple[date, date | None]]) -> date | None:
    if not stays or any(end is None for _start, end in stays):
        return None
    return max(end for _start, end in stays if end is not None)


def gaps_of(session: Session, opened: Opened, on: date) -> tuple[Missing, ...]:
    """Return what the law owes the child today and nobody has recorded."""
    return missing(standings(session, col(Child.id) == opened.id, on)[opened.id], on)


def givers(session: Session, county_id: int, lang: str) -> dict[str, str]:
    """Return who may give a service in the county: key as text to name; the county itself first."""
    rows = session.exec(
        select(Organisation)
        .where(
            sa.or_(
                col(Organisation.id) == county_id,
                sa.and_(col(Organisation.municipality_code).is_not(None), col(Organisation.county_id) == county_id),
                col(Organisation.kind) == OrganisationKind.PROVIDER,
            ),
            col(Organisation.valid_to).is_(None),
        )
        .order_by(col(Organisation.name_fi))
    )
    every = sorted(rows, key=lambda one: one.id != county_id)
    return {str(one.id): one.name(lang) for one in every}
