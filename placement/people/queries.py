"""Reads about organisations and people."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, or_, select

from placement.people.tables import Cooperation, CooperationMember, Organisation, OrganisationKind, User, UserMandate
from placement.permissions import Actor, Mandate, Role, permissions_of
from placement.refusals import NotFound

COUNTY_KINDS = (OrganisationKind.COUNTY, OrganisationKind.COUNTY_AND_MUNICIPALITY)
CARE_ROLES = frozenset(
    {
        Role.SOCIAL_WORKER,
        Role.COORDINATOR,
        Role.COUNTY_LEAD,
        Role.CLAIMS_OFFICER,
        Role.CLAIMS_APPROVER,
        Role.UNIT_MANAGER,
    }
)


def organisation(session: Session, organisation_id: int) -> Organisation:
    """Return one organisation; raises NotFound for a key that is none (organisations are no secret)."""
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound
    return found


def counties(session: Session, on: date) -> list[Organisation]:
    """Return the wellbeing services counties and Helsinki of the day, by code."""
    rows = session.exec(
        select(Organisation).where(col(Organisation.county_code).is_not(None)).order_by(col(Organisation.county_code))
    )
    return [row for row in rows if _in_force(row, on)]


def county_by_code(session: Session, code: str) -> Organisation:
    """Return the county (or Helsinki) with the official two-digit code; raises NotFound."""
    found = session.exec(select(Organisation).where(Organisation.county_code == code)).first()
    if found is None:
        raise NotFound
    return found


def municipalities(session: Session, county_id: int | None = None) -> list[Organisation]:
    """Return the municipalities (of a county when given), by Finnish name; Helsinki is one of them."""
    query = select(Organisation).where(col(Organisation.municipality_code).is_not(None))
    if county_id is not None:
        query = query.where(or_(Organisation.county_id == county_id, Organisation.id == county_id))
    return list(session.exec(query.order_by(col(Organisation.name_fi))))


def cooperating_counties(session: Session, county_id: int, on: date) -> tuple[int | None, list[int]]:
    """Return (co-operation, county keys) that may be calculated together that day; the county itself is among them."""
    joined = session.exec(
        select(Cooperation)
        .join(CooperationMember, col(CooperationMember.cooperation_id) == Cooperation.id)
        .where(CooperationMember.county_id == county_id, Cooperation.valid_from <= on)
        .where(or_(col(Cooperation.valid_to).is_(None), col(Cooperation.valid_to) >= on))
        .order_by(col(Cooperation.id))
    ).first()
    if joined is None:
        return None, [county_id]
    members = session.exec(select(CooperationMember.county_id).where(CooperationMember.cooperation_id == joined.id))
    return joined.id, sorted(set(members) | {county_id})


def mandates_of(session: Session, user_id: int, on: date) -> list[UserMandate]:
    """Return the mandates of a person that hold on the day, oldest first."""
    rows = session.exec(select(UserMandate).where(UserMandate.user_id == user_id).order_by(col(UserMandate.id)))
    return [row for row in rows if mandate_value(row).holds_on(on)]


def mandate_value(row: UserMandate) -> Mandate:
    return Mandate(
        role=row.role,
        organisation_id=row.organisation_id,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        unit_id=row.unit_id,
        may_decide=row.may_decide,
    )


def actor_of(
    session: Session, user: User, mandate: UserMandate, *, lang: str = "fi", session_id: int | None = None
) -> Actor:
    """Return who acts: this person under this mandate."""
    body = organisation(session, mandate.organisation_id)
    in_county = body.kind in COUNTY_KINDS and mandate.role in CARE_ROLES
    return Actor(
        user_id=_key(user.id),
        name=user.name,
        role=mandate.role,
        organisation_id=_key(body.id),
        organisation_name=body.name(lang),
        county_id=body.id if in_county else None,
        unit_id=mandate.unit_id,
        may_decide=mandate.may_decide,
        session_id=session_id,
        permissions=permissions_of(mandate.role),
    )


def _in_force(row: Organisation, on: date) -> bool:
    return (row.valid_from is None or row.valid_from <= on) and (row.valid_to is None or on <= row.valid_to)


def _key(value: int | None) -> int:
    if value is None:
        raise AssertionError("a stored row has a key")
    return value
