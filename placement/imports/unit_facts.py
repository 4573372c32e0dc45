"""Which units of a sheet the county has already, what differs, and whether the law allows the places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from placement.imports.columns import ReadRow
from placement.refusals import Refusal
from placement.units.offer_rules import above_ceiling
from placement.units.places import PlacesCommand, ceiling_parts
from placement.units.rules import Places
from placement.units.service import UnitCommand
from placement.units.tables import Unit, UnitCapacity, UnitLanguage, UnitService


@dataclass(frozen=True)
class Said:
    """A row as the two commands that add a unit with its first places."""

    command: UnitCommand
    start: PlacesCommand


@dataclass(frozen=True)
class Stored:
    """A unit as it is recorded; `places` holds the number of each recorded stretch of days."""

    unit: Unit
    places: frozenset[int]
    languages: Mapping[str, int]
    services: Mapping[str, int]


def already_here(session: Session, county_id: int, names: Sequence[str]) -> dict[str, Stored]:
    """Return the county's units with these names, by name; four statements."""
    units = session.exec(select(Unit).where(Unit.county_id == county_id, col(Unit.name).in_(set(names)))).all()
    keys = [one.id for one in units]
    places = session.exec(select(UnitCapacity).where(col(UnitCapacity.unit_id).in_(keys))).all()
    spoken = session.exec(select(UnitLanguage).where(col(UnitLanguage.unit_id).in_(keys))).all()
    given = session.exec(select(UnitService).where(col(UnitService.unit_id).in_(keys))).all()
    return {
        one.name: Stored(
            unit=one,
            places=frozenset(row.places for row in places if row.unit_id == one.id),
            languages={row.code: row.hours for row in spoken if row.unit_id == one.id},
            services={row.code: row.hours for row in given if row.unit_id == one.id},
        )
        for one in units
    }


def differing(row: ReadRow, said: Said, stored: Stored, municipality_ids: Mapping[str, int]) -> list[str]:
    """Return the columns whose filled cells say something else than what is recorded.

    An import adds and never changes: what it would leave as it is must not look as if it had been taken over.
    """
    command, unit = said.command, stored.unit
    recorded: dict[str, object] = {
        "kind": str(unit.kind),
        "municipality": unit.municipality_id,
        "building": unit.building_id,
        "provider": unit.provider_id,
        "age_min": unit.age_min_months // 12,
        "age_max": unit.age_max_months // 12,
        "price_day": unit.price_day_cents,
        "price_empty_day": unit.price_empty_day_cents,
        "languages": dict(stored.languages),
        "services": dict(stored.services),
        "gender": str(unit.gender),
        "places": said.start.places if said.start.places in stored.places else None,
    }
    in_file: dict[str, object] = {
        "kind": command.offer.kind,
        "municipality": municipality_ids.get(str(row.values.get("municipality"))),
        "building": command.building_id,
        "provider": command.provider_id,
        "languages": dict(command.offer.languages),
        "services": dict(command.offer.services),
        "gender": str(command.gender),
    }
    found = []
    for key, value in row.values.items():
        if key == "care_workers":
            continue
        typed: Any = in_file.get(key, value)
        if typed != recorded.get(key, getattr(unit, key, None)):
            found.append(key)
    return found


def places_faults(row: ReadRow, said: Said) -> list[Refusal]:
    """Return a fault where the places are more than the law allows in one unit of the kind."""
    if row.faulty & {"places", "kind", "opened_on", "own_young_children", "two_carers", "professional"}:
        return []
    offer, start = said.command.offer, said.start
    parts = ceiling_parts(offer.kind, start.period.first, two_carers=offer.two_carers, professional=offer.professional)
    above = above_ceiling((Places(start.period, start.places),), (), parts, offer.own_young_children)
    if above is None:
        return []
    facts = {"day": above.day.isoformat(), "places": above.places, "allowed": above.allowed}
    return [Refusal("above-ceiling", field="places", **facts)]
