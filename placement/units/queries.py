"""Reads about units: which of them an actor may see, and everything about many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from agreements.in_force import Coverage, coverage
from agreements.period import Period
from agreements.tables import AgreementQuota
from placement.people.queries import cooperating_counties
from placement.people.tables import Organisation, OrganisationKind
from placement.permissions import Actor, Permission, Role
from placement.reference import NoCompetentAuthority, competent_authority
from placement.refusals import NotFound
from placement.units.capacity import registration
from placement.units.tables import Building, Unit, UnitLanguage, UnitService

DECIDING_TASKS = ("founding", "reimbursement_decision")


@dataclass(frozen=True, slots=True)
class Quota:
    """Most children of one county at a time on the days of `period`; county None = each county not named."""

    period: Period
    county_id: int | None
    places: int


@dataclass(frozen=True)
class UnitFacts:
    """What rules, the optimizer and the pages need to know of a unit.

    Ages are months, both inclusive; hours are a week; prices are cents a day. `languages` and `services` map
    a code to hours (0 = spoken, there, not metered). `agreements` are the versions in force with the chapters
    founding or placing, with their days (inclusive). `quotas` empty = no agreement limits it by county.
    """

    id: int
    ref: str
    name: str
    county_id: int
    municipality_id: int
    building_id: int | None
    provider_id: int | None
    kind: str
    two_carers: bool
    professional: bool
    own_young_children: int
    opened_on: date
    closed_on: date | None
    age_min_months: int
    age_max_months: int
    gender: str
    support_min: int
    support_max: int
    care_hours: int
    interpreter_hours: int
    price_day_cents: int
    price_empty_day_cents: int
    secret_address: bool
    notes: str
    version: int
    registered_from: date | None
    registered_to: date | None
    registration: Period | None
    languages: Mapping[str, int] = field(default_factory=dict)
    services: Mapping[str, int] = field(default_factory=dict)
    agreements: tuple[Coverage, ...] = ()
    quotas: tuple[Quota, ...] = ()

    def quotas_on(self, day: date) -> dict[int | None, int]:
        """Return {county key, or None for each county not named: most children} as agreed for the day."""
        return {quota.county_id: quota.places for quota in self.quotas if quota.period.covers(day)}

    def founded_by(self, day: date) -> Coverage | None:
        """Return the version in force on the day that founds the unit, or None."""
        return next((one for one in self.agreements if "founding" in one.chapters and one.period.covers(day)), None)


PLAIN = tuple(
    name
    for name in UnitFacts.__dataclass_fields__
    if name not in ("kind", "gender", "registration", "languages", "services", "agreements", "quotas")
)


def everything_about(session: Session, unit_ids: Collection[int]) -> dict[int, UnitFacts]:
    """Return the facts of each unit by key, in the order of the keys; six statements for any number.

    Not scoped: the caller has chosen the units through `units_visible_to` or by counties that co-operate. A key
    without a unit is absent.
    """
    wanted = sorted(set(unit_ids))
    if not wanted:
        return {}
    languages: dict[int, dict[str, int]] = {key: {} for key in wanted}
    for spoken in session.exec(select(UnitLanguage).where(col(UnitLanguage.unit_id).in_(wanted))):
        languages[spoken.unit_id][spoken.code] = spoken.hours
    services: dict[int, dict[str, int]] = {key: {} for key in wanted}
    for given in session.exec(select(UnitService).where(col(UnitService.unit_id).in_(wanted))):
        services[given.unit_id][given.code] = given.hours
    agreed: dict[int, list[Coverage]] = {key: [] for key in wanted}
    for one in coverage(session, wanted):
        if {"founding", "placing"} & set(one.chapters):
            agreed[one.unit_id].append(one)
    quotas = _quotas(session, agreed)
    return {
        key: UnitFacts(
            **{name: getattr(unit, name) for name in PLAIN},
            kind=str(unit.kind),
            gender=str(unit.gender),
            registration=registration(unit),
            languages=dict(sorted(languages[key].items(), key=lambda item: (-item[1], item[0]))),
            services=dict(sorted(services[key].items())),
            agreements=tuple(agreed[key]),
            quotas=tuple(quotas[key]),
        )
        for unit in session.exec(select(Unit).where(col(Unit.id).in_(wanted)).order_by(col(Unit.id)))
        if (key := unit.id) is not None
    }


def _quotas(session: Session, agreed: Mapping[int, list[Coverage]]) -> dict[int, list[Quota]]:
    periods = {(one.version_id, one.unit_id): one.period for rows in agreed.values() for one in rows}
    found: dict[int, list[Quota]] = {key: [] for key in agreed}
    versions = {version_id for version_id, _ in periods}
    if not versions:
        return found
    for row in session.exec(select(AgreementQuota).where(col(AgreementQuota.version_id).in_(versions))):
        period = periods.get((row.version_id, row.unit_id))
        if period is not None:
            found[row.unit_id].append(Quota(period, row.county_id, row.places))
    return found


def units_visible_to(session: Session, actor: Actor, on: date) -> SelectOfScalar[Unit]:
    """Return the query of the units this actor may see.

    Those who place children see the units of their county and of counties that co-operate with it that day;
    other county roles those of their county; a unit manager the own unit; a reviewer those of the counties
    whose homes or costs the centre decides on. Everybody else: none. Foreign and missing are then the same.
    """
    query = select(Unit)
    if not actor.can(Permission.SEE_UNITS):
        return query.where(col(Unit.id).is_(None))
    if actor.role is Role.UNIT_MANAGER:
        return query.where(col(Unit.id) == actor.unit_id, col(Unit.county_id) == actor.county_id)
    if actor.county_id is None:
        return query.where(col(Unit.county_id).in_(counties_under(session, actor.organisation_id, on)))
    if actor.can(Permission.SEE_BOARD):
        _, together = cooperating_counties(session, actor.county_id, on)
        return query.where(col(Unit.county_id).in_(together))
    return query.where(col(Unit.county_id) == actor.county_id)


def visible_units(session: Session, actor: Actor, on: date) -> list[Unit]:
    """Return the units this actor may see, by name."""
    return list(session.exec(units_visible_to(session, actor, on).order_by(col(Unit.name), col(Unit.id))))


def find(session: Session, actor: Actor, ref: str, on: date) -> Unit:
    """Return a unit the actor may see; raises NotFound for a foreign and a missing one alike."""
    found = session.exec(units_visible_to(session, actor, on).where(Unit.ref == ref)).first()
    if found is None:
        raise NotFound
    return found


def find_own(session: Session, actor: Actor, ref: str, on: date) -> Unit:
    """Return a unit of the actor's own county: one of a co-operating county is seen but not changed."""
    found = find(session, actor, ref, on)
    if found.county_id != actor.county_id:
        raise NotFound
    return found


def shows_town(actor: Actor, *, county_id: int, secret_address: bool) -> bool:
    """Whether the actor may know where a unit is: a secret address is known in its own county only."""
    return not secret_address or actor.county_id == county_id


def counties_under(session: Session, organisation_id: int, on: date) -> list[int]:
    """Return the keys of the counties whose homes or costs this state body decides on that day.

    Looked up by task, county and day, never by region (Decree 935/2025 §§ 1, 3, 5, 11); empty for a body that
    decides nothing, such as the paying agency.
    """
    body = session.get(Organisation, organisation_id)
    if body is None or body.authority_code is None:
        return []
    counties = session.exec(select(Organisation).where(col(Organisation.county_code).is_not(None))).all()
    return sorted(row.id for row in counties if row.id is not None and _decides(body.authority_code, row, on))


def _decides(authority_code: str, county: Organisation, on: date) -> bool:
    for task in DECIDING_TASKS:
        try:
            found = competent_authority(task, county.county_code or "", on)
        except NoCompetentAuthority:
            continue
        if found.key == authority_code:
            return True
    return False


def units_of_county(session: Session, county_ids: Collection[int]) -> list[int]:
    """Return the keys of all units of these counties."""
    return list(session.exec(select(Unit.id).where(col(Unit.county_id).in_(county_ids)).order_by(col(Unit.id))))  # type: ignore[arg-type]


def buildings_of(session: Session, county_id: int) -> list[Building]:
    """Return the county's buildings by name."""
    return list(session.exec(select(Building).where(Building.county_id == county_id).order_by(col(Building.name))))


def units_in_building(session: Session, building_id: int) -> list[Unit]:
    """Return every unit of a building, by name."""
    query = select(Unit).where(Unit.building_id == building_id).order_by(col(Unit.name))
    return list(session.exec(query))


def providers(session: Session) -> list[Organisation]:
    """Return the private providers that are known, by name."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.PROVIDER)
    return list(session.exec(query.order_by(col(Organisation.name_fi))))


def organisations_by_key(session: Session, keys: Collection[int | None]) -> dict[int, Organisation]:
    """Return the organisations with these keys."""
    wanted = {key for key in keys if key is not None}
    rows = session.exec(select(Organisation).where(col(Organisation.id).in_(wanted))) if wanted else ()
    return {row.id: row for row in rows if row.id is not None}
