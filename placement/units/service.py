"""Adding units and changing what they offer and how many places they have. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from agreements.period import Period
from placement import references
from placement.audit.service import record
from placement.clock import business_day
from placement.people.queries import municipalities
from placement.permissions import Actor
from placement.reference import unit_kind
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.units import capacity
from placement.units.offer_rules import Fault, KindLimits, Offer, PlannedPlaces, offer_faults
from placement.units.places import (
    PlacesCommand,
    key_of,
    lock_own,
    refuse_above,
    refuse_less_than_taken,
    stored_places,
    write_places,
)
from placement.units.queries import buildings_of
from placement.units.tables import GenderPolicy, Unit, UnitKind, UnitLanguage, UnitService

OFFER_COLUMNS = (
    "two_carers",
    "professional",
    "own_young_children",
    "opened_on",
    "closed_on",
    "support_min",
    "support_max",
    "care_hours",
    "interpreter_hours",
    "registered_from",
    "registered_to",
    "price_day_cents",
    "price_empty_day_cents",
)
CODE = TypeVar("CODE", UnitLanguage, UnitService)
CEILING_COLUMNS = ("two_carers", "professional", "own_young_children", "building_id")


@dataclass(frozen=True)
class UnitCommand:
    """A unit as a person describes it; `provider_id` None = the county's own."""

    name: str
    municipality_id: int
    building_id: int | None
    provider_id: int | None
    gender: GenderPolicy
    secret_address: bool
    address: str | None
    notes: str
    offer: Offer


def add_unit(session: Session, actor: Actor, command: UnitCommand, start: PlacesCommand, *, at: datetime) -> Unit:
    """Add a unit of the actor's county with its first places; raises Refusals with every fault at once."""
    county_id = _county(actor)
    faults = _faults(session, county_id, command, unit_id=None, on=business_day(at))
    if faults:
        raise Refusals(faults)
    unit = Unit(
        ref=references.new("UN"),
        county_id=county_id,
        municipality_id=command.municipality_id,
        name=command.name,
        kind=UnitKind(command.offer.kind),
        opened_on=command.offer.opened_on,
        age_min_months=0,
        age_max_months=0,
        care_hours=0,
        updated_at=at,
    )
    _describe(unit, command)
    session.add(unit)
    session.flush()
    _write_offer(session, key_of(unit), command.offer)
    planned = [PlannedPlaces(start.period, start.places, start.care_workers)]
    refuse_above(session, unit, planned, start.period.first)
    write_places(session, unit, planned)
    record(
        session,
        actor=actor,
        action="unit-added",
        object_kind="unit",
        object_ref=unit.ref,
        at=at,
        after={**_recorded(unit, command.offer), "places": start.places},
    )
    return unit


def change_offer(session: Session, actor: Actor, ref: str, command: UnitCommand, *, version: int, at: datetime) -> Unit:
    """Change what a unit offers. Raises Conflict when somebody saved it since `version`, Refusals for faults.

    Days on which a child would have no place any more (an earlier closing day, a lapsed registration) are
    refused: a closure with a plan for each child is another act (rule C9).
    """
    unit = lock_own(session, actor, ref, at)
    if unit.version != version:
        raise Conflict("changed-meanwhile", unit=ref)
    on = business_day(at)
    command = replace(command, offer=replace(command.offer, kind=unit.kind))
    faults = _faults(session, unit.county_id, command, unit_id=key_of(unit), on=on)
    if faults:
        raise Refusals(faults)
    before = _recorded(unit, _offer_of(session, unit))
    book = capacity.books(session, [key_of(unit)], at, since=on)[key_of(unit)]
    _describe(unit, command)
    unit.version += 1
    unit.updated_at = at
    session.flush()
    _write_offer(session, key_of(unit), command.offer)
    after = capacity.books(session, [key_of(unit)], at, since=on)[key_of(unit)]
    refuse_less_than_taken(book, after, Period(on), about="closed_on")
    now = _recorded(unit, command.offer)
    differing = _differing(now, before)
    if any(name in differing for name in CEILING_COLUMNS):
        refuse_above(session, unit, stored_places(session, key_of(unit)), on)
    record(
        session,
        actor=actor,
        action="unit-offer-changed",
        object_kind="unit",
        object_ref=ref,
        at=at,
        before={**_differing(before, now), "version": version},
        after={**differing, "version": unit.version},
    )
    return unit


def _county(actor: Actor) -> int:
    if actor.county_id is None:
        raise NotFound
    return actor.county_id


def _faults(session: Session, county_id: int, command: UnitCommand, *, unit_id: int | None, on: date) -> list[Refusal]:
    known = unit_kind(command.offer.kind, on)
    limits = KindLimits(known.youngest, known.oldest, command.offer.kind == UnitKind.FOSTER_HOME)
    faults = offer_faults(command.offer, limits)
    if command.municipality_id not in {row.id for row in municipalities(session, county_id)}:
        faults.append(Fault("municipality-elsewhere", "municipality_id"))
    if command.building_id is not None and command.building_id not in {
        row.id for row in buildings_of(session, county_id)
    }:
        faults.append(Fault("building-elsewhere", "building_id"))
    namesake = session.exec(
        select(Unit.id).where(Unit.county_id == county_id, Unit.name == command.name, col(Unit.id) != (unit_id or 0))
    ).first()
    if namesake is not None:
        faults.append(Fault("unit-name-taken", "name"))
    return [Refusal(fault.code, field=fault.about, **fault.facts) for fault in faults]


def _describe(unit: Unit, command: UnitCommand) -> None:
    offer = command.offer
    unit.name, unit.municipality_id = command.name, command.municipality_id
    unit.building_id, unit.provider_id = command.building_id, command.provider_id
    unit.gender, unit.secret_address, unit.notes = command.gender, command.secret_address, command.notes
    unit.address = command.address
    unit.age_min_months, unit.age_max_months = offer.age_min * 12, offer.age_max * 12 + 11
    for name in OFFER_COLUMNS:
        setattr(unit, name, getattr(offer, name))


def _write_offer(session: Session, unit_id: int, offer: Offer) -> None:
    _write_codes(session, UnitLanguage, unit_id, offer.languages)
    _write_codes(session, UnitService, unit_id, offer.services)
    session.flush()


def _write_codes(session: Session, table: type[CODE], unit_id: int, wanted: Mapping[str, int]) -> None:
    stored = {row.code: row for row in session.exec(select(table).where(table.unit_id == unit_id))}
    for code, row in stored.items():
        if code not in wanted:
            session.delete(row)
    for code, hours in wanted.items():
        if code in stored:
            stored[code].hours = hours
        else:
            session.add(table(unit_id=unit_id, code=code, hours=hours))


def _offer_of(session: Session, unit: Unit) -> Offer:
    languages = session.exec(select(UnitLanguage).where(UnitLanguage.unit_id == unit.id))
    services = session.exec(select(UnitService).where(UnitService.unit_id == unit.id))
    return Offer(
        kind=unit.kind,
        age_min=unit.age_min_months // 12,
        age_max=unit.age_max_months // 12,
        languages={row.code: row.hours for row in languages},
        services={row.code: row.hours for row in services},
        **{name: getattr(unit, name) for name in OFFER_COLUMNS},
    )


def _recorded(unit: Unit, offer: Offer) -> dict[str, object]:
    """Return what the audit trail keeps of a unit: numbers, codes and days; of the notes only their length, of
    the address only whether there is one."""
    return {
        **asdict(offer),
        "municipality_id": unit.municipality_id,
        "building_id": unit.building_id,
        "provider_id": unit.provider_id,
        "gender": str(unit.gender),
        "secret_address": unit.secret_address,
        "name": unit.name,
        "notes_length": len(unit.notes),
        "has_address": bool(unit.address),
    }


def _differing(values: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if other.get(name) != value}
