"""Children, units and stays for web tests: small makers with sensible defaults, changed by keyword."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from sqlmodel import Session, select

from placement.audit.tables import UseLog
from placement.children.tables import Child, ChildLanguage, Gender
from placement.clock import business_day
from placement.crypto import vault
from placement.decisions.tables import Stay
from placement.demo.accounts import OTHER_COUNTY
from placement.people.tables import Organisation, User
from placement.references import new
from placement.units.tables import GenderPolicy, Unit, UnitCapacity, UnitKind
from tests.conftest import NOW

TODAY = business_day(NOW)
_numbers = itertools.count(1)


def county(session: Session, code: str = "08") -> Organisation:
    return session.exec(select(Organisation).where(Organisation.county_code == code)).one()


def person(session: Session, key: str) -> User:
    return session.exec(select(User).where(User.demo_key == key)).one()


def make_child(session: Session, *, worker: str | None = None, county_code: str = "08", **changes: Any) -> Child:
    """Add a 12-year-old boy with a name no other text contains."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "ref": new("CH"),
        "county_id": county(session, county_code).id,
        "first_name": "Aava",
        "last_name": f"Kanarialintu{number}",
        "birth_date": date(2014, 5, 1),
        "gender": Gender.BOY,
        "eligibility_ground": "permit_after_application",
        "entered_on": date(2026, 1, 2),
        "worker_id": person(session, worker).id if worker else None,
        "created_at": NOW,
        "updated_at": NOW,
        **changes,
    }
    if values.get("identity_code"):
        values["identity_index"] = vault.blind_index(values["identity_code"])
    child = Child(**values)
    session.add(child)
    session.flush()
    session.add(ChildLanguage(child_id=child.id or 0, code="so", level=5))
    session.flush()
    return child


def make_unit(session: Session, *, county_code: str = "08", places: int = 7, **changes: Any) -> Unit:
    body = county(session, county_code)
    town = session.exec(select(Organisation).where(Organisation.county_id == body.id)).first()
    values: dict[str, Any] = {
        "ref": new("UN"),
        "county_id": body.id,
        "municipality_id": town.id if town else body.id,
        "name": f"Koivula {next(_numbers)}",
        "kind": UnitKind.FAMILY_GROUP_HOME,
        "opened_on": date(2024, 1, 1),
        "age_min_months": 0,
        "age_max_months": 215,
        "gender": GenderPolicy.ANY,
        "care_hours": 400,
        "updated_at": NOW,
        **changes,
    }
    unit = Unit(**values)
    session.add(unit)
    session.flush()
    session.add(UnitCapacity(unit_id=unit.id or 0, valid_from=date(2024, 1, 1), places=places, care_workers=7))
    session.flush()
    return unit


def make_stay(session: Session, child: Child, unit: Unit, start: date, end: date | None = None) -> Stay:
    stay = Stay(
        child_id=child.id or 0,
        unit_id=unit.id or 0,
        county_id=child.county_id,
        planned_start=start,
        decided_start=start,
        realised_start=start if start <= TODAY else None,
        planned_end=end,
    )
    session.add(stay)
    session.flush()
    return stay


def looks(session: Session, child: Child) -> list[UseLog]:
    return list(session.exec(select(UseLog).where(UseLog.child_id == child.id).order_by(UseLog.seq)))


__all__ = ["OTHER_COUNTY", "TODAY", "county", "looks", "make_child", "make_stay", "make_unit", "person"]
