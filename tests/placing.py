"""A small county for tests of calculations and proposals: units, children and stays, each with sane defaults."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from agreements.tables import Agreement, AgreementKind, AgreementUnit, AgreementVersion, VersionStatus
from placement import references
from placement.children.tables import Child, ChildLanguage, ChildNeed, Gender
from placement.decisions.tables import Stay
from placement.integration.tables import SchoolKind, SchoolPlace
from placement.people.queries import actor_of, county_by_code, mandates_of
from placement.people.tables import Organisation, User
from placement.permissions import Actor
from placement.units.tables import GenderPolicy, Unit, UnitCapacity, UnitKind, UnitLanguage, UnitService
from tests.conftest import NOW

TODAY = date(2026, 11, 24)
LONG_AGO = date(2024, 1, 1)


def county(session: Session, code: str = "08") -> Organisation:
    return county_by_code(session, code)


def town(session: Session, code: str = "837") -> Organisation:
    return session.exec(select(Organisation).where(Organisation.municipality_code == code)).one()


def person(session: Session, key: str) -> User:
    return session.exec(select(User).where(User.demo_key == key)).one()


def add_unit(
    session: Session,
    name: str = "Koivukoti",
    *,
    places: int = 3,
    county_code: str = "08",
    town_code: str = "837",
    languages: dict[str, int] | None = None,
    services: dict[str, int] | None = None,
    agreed: bool = True,
    **changes: Any,
) -> Unit:
    """Add a unit; a family group home gets a founding agreement in force unless `agreed` is False."""
    values: dict[str, Any] = {
        "kind": UnitKind.FAMILY_GROUP_HOME,
        "opened_on": LONG_AGO,
        "age_min_months": 0,
        "age_max_months": 215,
        "gender": GenderPolicy.ANY,
        "care_hours": 250,
        "interpreter_hours": 10,
        "price_day_cents": 25_000,
        "price_empty_day_cents": 18_000,
        "registered_from": LONG_AGO,
    }
    unit = Unit(
        ref=references.new("UN"),
        county_id=county(session, county_code).id or 0,
        municipality_id=town(session, town_code).id or 0,
        name=name,
        updated_at=NOW,
        **{**values, **changes},
    )
    session.add(unit)
    session.flush()
    session.add(UnitCapacity(unit_id=unit.id or 0, valid_from=LONG_AGO, places=places, care_workers=8))
    for code, hours in (languages or {"so": 20, "prs": 20, "fi": 0}).items():
        session.add(UnitLanguage(unit_id=unit.id or 0, code=code, hours=hours))
    for code, hours in (services or {"trauma": 10}).items():
        session.add(UnitService(unit_id=unit.id or 0, code=code, hours=hours))
    if unit.kind is UnitKind.FAMILY_GROUP_HOME and agreed:
        add_agreement(session, unit, places)
    session.flush()
    return unit


def add_agreement(session: Session, unit: Unit, places: int) -> AgreementVersion:
    agreement = Agreement(
        ref=references.new("AG"),
        kind=AgreementKind.FOUNDING,
        county_id=unit.county_id,
        title=f"Agreement on {unit.name}",
    )
    session.add(agreement)
    session.flush()
    version = AgreementVersion(
        agreement_id=agreement.id or 0,
        number=1,
        status=VersionStatus.SIGNED,
        valid_from=LONG_AGO,
        activated_on=LONG_AGO,
    )
    session.add(version)
    session.flush()
    session.add(AgreementUnit(version_id=version.id or 0, unit_id=unit.id or 0, valid_from=LONG_AGO, places=places))
    session.flush()
    return version


def add_child(
    session: Session,
    first_name: str = "Aava",
    *,
    age: int = 15,
    county_code: str = "08",
    languages: dict[str, int] | None = None,
    needs: dict[str, int] | None = None,
    waiting: bool = True,
    **changes: Any,
) -> Child:
    values: dict[str, Any] = {
        "gender": Gender.GIRL,
        "eligibility_ground": "permit_after_application",
        "entered_on": date(2026, 6, 1),
        "birth_date": date(TODAY.year - age, 3, 14),
        "care_hours": 20,
        "waiting_since": TODAY - timedelta(days=40) if waiting else None,
        "place_from": TODAY + timedelta(days=7) if waiting else None,
    }
    child = Child(
        ref=references.new("CH"),
        county_id=county(session, county_code).id or 0,
        first_name=first_name,
        last_name="Esimerkki",
        created_at=NOW,
        updated_at=NOW,
        **{**values, **changes},
    )
    session.add(child)
    session.flush()
    for code, level in (languages or {"so": 5}).items():
        session.add(ChildLanguage(child_id=child.id or 0, code=code, level=level))
    for code, hours in (needs or {}).items():
        session.add(ChildNeed(child_id=child.id or 0, code=code, hours=hours))
    session.flush()
    return child


def add_stay(session: Session, child: Child, unit: Unit, *, start: date = LONG_AGO, end: date | None = None) -> Stay:
    stay = Stay(
        child_id=child.id or 0,
        unit_id=unit.id or 0,
        county_id=child.county_id,
        planned_start=start,
        planned_end=end,
        decided_start=start,
        decided_end=end,
        realised_start=start if start <= TODAY else None,
    )
    session.add(stay)
    session.flush()
    return stay


def add_school(
    session: Session,
    child: Child,
    town_code: str = "837",
    *,
    number: int = 1,
    from_on: date = LONG_AGO,
    to_on: date | None = None,
) -> SchoolPlace:
    school = SchoolPlace(
        child_id=child.id or 0,
        county_id=child.county_id,
        number=number,
        kind=SchoolKind.BASIC,
        name="Keskustan koulu",
        municipality_id=town(session, town_code).id or 0,
        from_on=from_on,
        to_on=to_on,
        recorded_by=person(session, "social-worker").id or 0,
        recorded_at=NOW,
    )
    session.add(school)
    session.flush()
    return school


def actor(session: Session, key: str) -> Actor:
    """Return a demo person as the one who acts."""
    found = person(session, key)
    return actor_of(session, found, mandates_of(session, found.id or 0, TODAY)[0])
