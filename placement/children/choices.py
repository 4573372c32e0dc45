"""What the forms of a child's record offer to choose from: municipalities, units, workers of the county."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, or_

from placement.people import queries as people
from placement.people.tables import User, UserMandate
from placement.permissions import Role
from placement.units.tables import Unit


@dataclass(frozen=True)
class Choices:
    """`municipalities` and `all_municipalities`: code -> name; `municipality_ids`: code -> key; `units`:
    reference -> name of the units of the county and its partners open on the day; `workers`: key -> name.
    """

    municipalities: Mapping[str, str]
    all_municipalities: Mapping[str, str]
    municipality_ids: Mapping[str, int]
    units: Mapping[str, str]
    workers: Mapping[str, str]

    def municipality_id(self, code: str | None) -> int | None:
        return self.municipality_ids[code] if code else None

    def municipality_code(self, key: int | None) -> str | None:
        return next((code for code, one in self.municipality_ids.items() if one == key), None)


def load(session: Session, county_id: int, lang: str, on: date) -> Choices:
    """Return the choices for a child of the county, names in `lang`; six statements."""
    every = [one for one in people.municipalities(session) if one.municipality_code]
    own = [one for one in every if county_id in (one.county_id, one.id)]
    _, counties = people.cooperating_counties(session, county_id, on)
    units = session.execute(
        sa.select(col(Unit.ref), col(Unit.name))
        .where(
            col(Unit.county_id).in_(counties),
            col(Unit.opened_on) <= on,
            or_(col(Unit.closed_on).is_(None), col(Unit.closed_on) >= on),
        )
        .order_by(col(Unit.name))
    )
    return Choices(
        municipalities={one.municipality_code or "": one.name(lang) for one in own},
        all_municipalities={one.municipality_code or "": one.name(lang) for one in every},
        municipality_ids={one.municipality_code or "": one.id or 0 for one in every},
        units={row[0]: row[1] for row in units},
        workers=workers(session, county_id, on),
    )


def workers(session: Session, county_id: int, on: date) -> dict[str, str]:
    """Return the social workers of the county on the day: key as text -> name, by name."""
    rows = session.execute(
        sa.select(col(User.id), col(User.name))
        .join(UserMandate, col(UserMandate.user_id) == col(User.id))
        .where(
            col(UserMandate.organisation_id) == county_id,
            col(UserMandate.role) == Role.SOCIAL_WORKER,
            col(UserMandate.valid_from) <= on,
            or_(col(UserMandate.valid_to).is_(None), col(UserMandate.valid_to) >= on),
            col(User.active),
        )
        .order_by(col(User.name))
        .distinct()
    )
    return {str(row[0]): row[1] for row in rows}
