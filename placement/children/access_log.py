"""Who looked at a child's data, for those who oversee it. The log shows no identity of the child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from placement.audit.tables import UseLog
from placement.children.tables import Child, PurposeGrant
from placement.clock import business_day
from placement.people import queries as people
from placement.people.tables import Organisation
from placement.permissions import Actor, Permission
from placement.reference import NoCompetentAuthority, competent_authority
from placement.refusals import NotFound

OVERSIGHT_TASK = "supervise"


@dataclass(frozen=True)
class Look:
    """One look: who, when, what was shown, on which relation, and the typed purpose where there was one."""

    at: datetime
    user_name: str
    organisation_id: int
    relation: str
    data_used: str
    purpose: str | None


@dataclass(frozen=True)
class Looks:
    rows: list[Look]
    total: int
    number: int
    pages: int


def looks(session: Session, actor: Actor, ref: str, *, at: datetime, number: int = 1, size: int = 50) -> Looks:
    """Return a page of the use log of one child, the latest first; a number beyond the end gives the last page.

    Raises NotFound unless the child's county is overseen by the actor.
    """
    found = session.execute(
        sa.select(col(Child.id)).where(
            col(Child.ref) == ref, col(Child.county_id).in_(overseen_counties(session, actor, business_day(at)))
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    own = col(UseLog.child_id) == found
    total = session.execute(sa.select(sa.func.count()).select_from(UseLog).where(own)).scalar_one()
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    rows = session.execute(
        sa.select(
            col(UseLog.at),
            col(UseLog.user_name),
            col(UseLog.organisation_id),
            col(UseLog.relation),
            col(UseLog.data_used),
            col(PurposeGrant.purpose),
        )
        .outerjoin(PurposeGrant, col(PurposeGrant.id) == col(UseLog.grant_id))
        .where(own)
        .order_by(col(UseLog.seq).desc())
        .limit(size)
        .offset((number - 1) * size)
    )
    return Looks([Look(*row) for row in rows], total, number, pages)


def overseen_counties(session: Session, actor: Actor, on: date) -> list[int]:
    """Return the counties whose use logs the actor may read: the own one, or those of the state centre.

    A centre oversees the counties where it guides and supervises family group homes on the day (681/2023
    § 55.1(5), Decree 935/2025).
    """
    if not actor.can(Permission.SEE_ACCESS_LOG):
        return []
    if actor.county_id is not None:
        return [actor.county_id]
    body = session.get(Organisation, actor.organisation_id)
    if body is None or body.authority_code is None:
        return []
    return [
        county.id or 0
        for county in people.counties(session, on)
        if _overseer(county.county_code or "", on) == body.authority_code
    ]


def _overseer(county_code: str, on: date) -> str | None:
    try:
        return competent_authority(OVERSIGHT_TASK, county_code, on).key
    except NoCompetentAuthority:
        return None
