"""What a unit may offer and how many places its kind allows. Pure: the dated law comes in as values.

Every function returns all faults at once, as (code, about, facts), so that a person mends them in one go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from agreements.period import ONE_DAY, Period, earliest
from placement.units.rules import Places

HOURS_IN_A_WEEK = 168
MOST_HOURS = 20 * HOURS_IN_A_WEEK


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not allowed: `code` names the rule, `about` the input it concerns."""

    code: str
    about: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a unit offers. Ages are whole years, both inclusive; hours are a week; prices are cents a day."""

    kind: str
    two_carers: bool
    professional: bool
    own_young_children: int
    opened_on: date
    closed_on: date | None
    age_min: int
    age_max: int
    support_min: int
    support_max: int
    care_hours: int
    interpreter_hours: int
    registered_from: date | None
    registered_to: date | None
    price_day_cents: int
    price_empty_day_cents: int
    languages: Mapping[str, int] = field(default_factory=dict)
    services: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KindLimits:
    """What the law says of the kind on the day: ages in whole years (inclusive) and whether it is a foster home."""

    youngest: int
    oldest: int
    foster_home: bool


def offer_faults(offer: Offer, limits: KindLimits) -> list[Fault]:
    """Return what is wrong with the offer; an empty list when it stands."""
    faults = [
        *_order("age_max", "ages-crossed", offer.age_min, offer.age_max),
        *_order("support_max", "support-crossed", offer.support_min, offer.support_max),
        *_order("price_empty_day_cents", "empty-dearer", offer.price_empty_day_cents, offer.price_day_cents),
        *_days("closed_on", "closes-before-opening", offer.opened_on, offer.closed_on),
        *_days("registered_to", "registration-crossed", offer.registered_from, offer.registered_to),
    ]
    if offer.age_min < limits.youngest or offer.age_max > limits.oldest:
        facts = {"youngest": limits.youngest, "oldest": limits.oldest}
        faults.append(Fault("age-outside-kind", "age_max", facts))
    if not limits.foster_home and (offer.two_carers or offer.professional or offer.own_young_children):
        faults.append(Fault("carers-of-no-foster-home", "two_carers"))
    for name, hours in (("care_hours", offer.care_hours), ("interpreter_hours", offer.interpreter_hours)):
        if hours > MOST_HOURS:
            faults.append(Fault("hours-too-many", name, {"most": MOST_HOURS}))
    return faults


def _order(name: str, code: str, low: int, high: int) -> list[Fault]:
    return [Fault(code, name)] if low > high else []


def _days(name: str, code: str, first: date | None, last: date | None) -> list[Fault]:
    return [Fault(code, name)] if first is not None and last is not None and last < first else []


@dataclass(frozen=True, slots=True)
class CeilingPart:
    """The ceiling of the unit's kind on the days of `period`; None where the law sets no number."""

    period: Period
    per_unit: int | None
    per_building: int | None
    own_children_counted: bool


def unit_ceiling(part: CeilingPart, own_young_children: int) -> int | None:
    """Return the most places of one unit: in a foster home the household's own young children take theirs.

    Source: 1301/2014 § 22 a (7 in a family group home), 263/2015 §§ 7 to 9 (4, 6 or 7 in a foster home).
    """
    if part.per_unit is None:
        return None
    return max(0, part.per_unit - (own_young_children if part.own_children_counted else 0))


@dataclass(frozen=True, slots=True)
class Above:
    """From `day` on there are more places than the law allows: `places` against `allowed`."""

    day: date
    places: int
    allowed: int


def _on(rows: tuple[Places, ...], day: date) -> int:
    return sum(row.places for row in rows if row.period.covers(day))


def above_ceiling(
    planned: tuple[Places, ...],
    extra: tuple[Places, ...],
    ceilings: tuple[CeilingPart, ...],
    own_young_children: int,
) -> Above | None:
    """Return the first day on which the unit has more places than its kind allows, or None.

    `extra` are dated exceptions for urgent cases, each with a reason and an approver; siblings who may
    exceed a foster home's number (263/2015 § 7) are recorded as such an exception too.
    """
    for day in _turning_days(planned, extra, ceilings):
        part = next((one for one in ceilings if one.period.covers(day)), None)
        most = unit_ceiling(part, own_young_children) if part else None
        if most is not None and _on(planned, day) > most + _on(extra, day):
            return Above(day, _on(planned, day), most + _on(extra, day))
    return None


def above_building(
    planned: tuple[Places, ...], extra: tuple[Places, ...], ceilings: tuple[CeilingPart, ...]
) -> Above | None:
    """Return the first day on which the homes of one building have more places together than allowed, or None.

    `planned` and `extra` are those of every home in the building (24 places, 1301/2014 § 22 a).
    """
    for day in _turning_days(planned, extra, ceilings):
        part = next((one for one in ceilings if one.period.covers(day)), None)
        most = part.per_building if part else None
        if most is not None and _on(planned, day) > most + _on(extra, day):
            return Above(day, _on(planned, day), most + _on(extra, day))
    return None


def _turning_days(
    planned: tuple[Places, ...], extra: tuple[Places, ...], ceilings: tuple[CeilingPart, ...]
) -> list[date]:
    periods = [row.period for row in (*planned, *extra)] + [part.period for part in ceilings]
    days = {period.first for period in periods}
    days |= {period.last + ONE_DAY for period in periods if period.last is not None}
    first = min((row.period.first for row in planned), default=None)
    return sorted(day for day in days if first is not None and day >= first)


@dataclass(frozen=True, slots=True)
class PlannedPlaces:
    """One stored stretch of places with its care workers."""

    period: Period
    places: int
    care_workers: int


def with_places(rows: list[PlannedPlaces], new: PlannedPlaces) -> list[PlannedPlaces]:
    """Return the rows with the days of `new` given over to it: earlier and later days stay as they were.

    Equal neighbours are not joined, so that what was recorded stays to be read.
    """
    kept: list[PlannedPlaces] = []
    for row in rows:
        if row.period.overlap(new.period) is None:
            kept.append(row)
            continue
        if row.period.first < new.period.first:
            before = earliest(row.period.last, new.period.first - ONE_DAY)
            kept.append(PlannedPlaces(Period(row.period.first, before), row.places, row.care_workers))
        if new.period.last is not None and (row.period.last is None or row.period.last > new.period.last):
            after = Period(new.period.last + ONE_DAY, row.period.last)
            kept.append(PlannedPlaces(after, row.places, row.care_workers))
    return sorted([*kept, new], key=lambda row: row.period.first)
