"""How many places a unit has over time: the ceilings, what is taken, and the dated exceptions above them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from agreements.period import ONE_DAY, Period
from placement.audit.service import record
from placement.clock import business_day
from placement.db import lock_row
from placement.permissions import Actor
from placement.reference import NotInForce, ceiling
from placement.refusals import Conflict, Refusal
from placement.units import capacity, rules
from placement.units.offer_rules import CeilingPart, PlannedPlaces, above_building, above_ceiling, with_places
from placement.units.queries import find_own
from placement.units.rules import Places
from placement.units.tables import CapacityException, Unit, UnitCapacity, UnitKind


@dataclass(frozen=True)
class PlacesCommand:
    """So many places with so many care workers on the days of `period` (inclusive)."""

    period: Period
    places: int
    care_workers: int


@dataclass(frozen=True)
class ExcessCommand:
    """Places above the ceiling in an urgent case, with their end and the reason (1301/2014 § 22 a)."""

    period: Period
    extra_places: int
    reason: str


def key_of(unit: Unit) -> int:
    if unit.id is None:
        raise AssertionError("a stored unit has a key")
    return unit.id


def lock_own(session: Session, actor: Actor, ref: str, at: datetime) -> Unit:
    found = find_own(session, actor, ref, business_day(at))
    locked: Unit = lock_row(session, Unit, key_of(found))
    return locked


def set_places(session: Session, actor: Actor, ref: str, command: PlacesCommand, *, version: int, at: datetime) -> Unit:
    """Set a unit's places on the days of a period from today on; earlier days are history and stay.

    Raises Conflict for an old `version`, Refusal "above-ceiling" or "above-building" naming the first day
    (rule C2), and "below-taken" where children or holds would be left without a place (rule C9).
    """
    unit = lock_own(session, actor, ref, at)
    if unit.version != version:
        raise Conflict("changed-meanwhile", unit=ref)
    on = business_day(at)
    if command.period.first < on:
        raise Refusal("places-in-the-past", field="valid_from")
    stored = stored_places(session, key_of(unit))
    planned = with_places(stored, PlannedPlaces(command.period, command.places, command.care_workers))
    refuse_above(session, unit, planned, on)
    book = capacity.books(session, [key_of(unit)], at, since=on)[key_of(unit)]
    changed = replace(book, in_use=tuple(Places(row.period, row.places) for row in planned))
    refuse_less_than_taken(book, changed, command.period, about="places")
    write_places(session, unit, planned)
    unit.version += 1
    unit.updated_at = at
    session.flush()
    record(
        session,
        actor=actor,
        action="unit-places-set",
        object_kind="unit",
        object_ref=ref,
        at=at,
        before={"places": [[row.period.first, row.places] for row in stored], "version": version},
        after={
            "from": command.period.first,
            "to": command.period.last,
            "places": command.places,
            "care_workers": command.care_workers,
            "version": unit.version,
        },
    )
    return unit


def allow_excess(
    session: Session, actor: Actor, ref: str, command: ExcessCommand, *, at: datetime
) -> CapacityException:
    """Allow places above the ceiling for some days, as the approver; the places themselves are set apart."""
    unit = lock_own(session, actor, ref, at)
    if command.extra_places < 1:
        raise Refusal("excess-none", field="extra_places")
    if command.period.first < business_day(at):
        raise Refusal("places-in-the-past", field="valid_from")
    if command.period.last is None:
        raise Refusal("excess-open-ended", field="valid_to")
    row = CapacityException(
        unit_id=key_of(unit),
        valid_from=command.period.first,
        valid_to=command.period.last,
        extra_places=command.extra_places,
        reason=command.reason,
        approved_by=actor.user_id,
        approved_at=at,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor=actor,
        action="capacity-excess-allowed",
        object_kind="unit",
        object_ref=ref,
        at=at,
        after={"from": row.valid_from, "to": row.valid_to, "extra_places": row.extra_places},
        reason=command.reason,
    )
    return row


def ceiling_parts(
    kind: str, first: date, *, two_carers: bool = False, professional: bool = False
) -> tuple[CeilingPart, ...]:
    """Return the ceilings of a kind from `first` on, one part for each stretch of days; none before the law."""
    flags = {"two_carers": two_carers, "professional": professional} if kind == UnitKind.FOSTER_HOME else {}
    parts = []
    day: date | None = first
    while day is not None:
        try:
            found = ceiling(kind, day, **flags)
        except NotInForce:
            break
        parts.append(
            CeilingPart(Period(day, found.valid.last), found.per_unit, found.per_building, found.own_children_counted)
        )
        day = found.valid.last + ONE_DAY if found.valid.last else None
    return tuple(parts)


def stored_places(session: Session, unit_id: int) -> list[PlannedPlaces]:
    rows = session.exec(
        select(UnitCapacity).where(UnitCapacity.unit_id == unit_id).order_by(col(UnitCapacity.valid_from))
    )
    return [PlannedPlaces(Period(row.valid_from, row.valid_to), row.places, row.care_workers) for row in rows]


def write_places(session: Session, unit: Unit, planned: Iterable[PlannedPlaces]) -> None:
    for row in session.exec(select(UnitCapacity).where(UnitCapacity.unit_id == unit.id)):
        session.delete(row)
    session.flush()
    for one in planned:
        session.add(
            UnitCapacity(
                unit_id=key_of(unit),
                valid_from=one.period.first,
                valid_to=one.period.last,
                places=one.places,
                care_workers=one.care_workers,
            )
        )
    session.flush()


def refuse_above(session: Session, unit: Unit, planned: list[PlannedPlaces], since: date) -> None:
    """Refuse places above the ceiling of the unit's kind or of its building on any day from `since` on."""
    parts = ceiling_parts(unit.kind, since, two_carers=unit.two_carers, professional=unit.professional)
    own = _from(since, tuple(Places(row.period, row.places) for row in planned))
    unit_ids = [key_of(unit)]
    above = above_ceiling(own, _extra(session, unit_ids), parts, unit.own_young_children)
    if above is not None:
        raise Refusal(
            "above-ceiling", field="places", day=above.day.isoformat(), places=above.places, allowed=above.allowed
        )
    if unit.building_id is None:
        return
    others = [
        key
        for key in session.exec(
            select(Unit.id).where(Unit.building_id == unit.building_id, Unit.kind == unit.kind, Unit.id != unit.id)
        )
        if key is not None
    ]
    rows = session.exec(select(UnitCapacity).where(col(UnitCapacity.unit_id).in_(others)))
    all_places = own + _from(since, tuple(Places(Period(row.valid_from, row.valid_to), row.places) for row in rows))
    above = above_building(all_places, _extra(session, [*unit_ids, *others]), parts)
    if above is not None:
        raise Refusal(
            "above-building", field="places", day=above.day.isoformat(), places=above.places, allowed=above.allowed
        )


def _from(since: date, rows: tuple[Places, ...]) -> tuple[Places, ...]:
    cut = ((row, row.period.overlap(Period(since))) for row in rows)
    return tuple(Places(period, row.places) for row, period in cut if period is not None)


def _extra(session: Session, unit_ids: list[int]) -> tuple[Places, ...]:
    rows = session.exec(select(CapacityException).where(col(CapacityException.unit_id).in_(unit_ids)))
    return tuple(Places(Period(row.valid_from, row.valid_to), row.extra_places) for row in rows)


def refuse_less_than_taken(before: rules.UnitBook, after: rules.UnitBook, period: Period, *, about: str) -> None:
    """Refuse a change that leaves more children and holds than places on a day, or more too many than before."""
    end = period.last + ONE_DAY if period.last else None
    days = {*rules.days_to_check(before, period.first, end), *rules.days_to_check(after, period.first, end)}
    for day in sorted(days):
        was, now = rules.count_on(before, day), rules.count_on(after, day)
        if now.over > was.over:
            raise Refusal("below-taken", field=about, day=day.isoformat(), taken=now.stays + now.holds)
