"""What a booking must keep to, and every rule it breaks. Pure: facts of one moment in, codes out.

A booking is a hold or a stay [start, end); the leaving day is not covered. The same rules are asked when a
place is held, when the draft is shown and, under the unit's lock, when the decision is made. The optimizer
states most of them for weeks; here they hold for days, because a decision names days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from placement.reference import FAMILY_GROUP_HOME, adult_from, age_months, right_ends
from placement.units import rules as places
from placement.units.rules import UnitBook

UNMETERED_LANGUAGE = "fi"
"""Every unit works in Finnish: speaking it takes no counted hours."""

USABLE_LEVEL = 3
"""From this level (of 5) on, a language counts as common."""

LOOK_AHEAD_DAYS = 364
"""How far ahead an agreement and a registration must be known to hold: 52 weeks, as in a calculation."""

ABSOLUTE = frozenset(
    {
        "dates-order",
        "before-entry",
        "right-ended",
        "child-has-stay",
        "same-unit",
        "unit-full",
        "unit-closed",
        "unit-closing",
        "unit-not-registered",
        "agreement-not-in-force",
        "forbidden-unit",
        "apart-pair",
    }
)
"""Rules that no official may break: there is no place, no right, or the safety of a child is at stake."""

BY_SECOND_OFFICIAL = frozenset(
    {
        "age-below",
        "age-above",
        "gender",
        "support-level",
        "service-missing",
        "language-missing",
        "hours-short",
        "county-quota",
        "siblings-must",
        "agreement-ends",
        "registration-ends",
    }
)
"""Rules that may be broken for a reason, when a second official confirms it."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a booking breaks. `about` holds numbers, days (ISO text) and codes, never a name."""

    code: str
    about: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def absolute(self) -> bool:
        return self.code in ABSOLUTE


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """A child as a booking sees it. Languages map a code to a level 1..5, services a code to hours a week."""

    id: int
    county_id: int
    birth_date: date
    entered_on: date
    gender: str
    support_level: int
    care_hours: int
    language_hours: int
    interpreter_hours: int
    languages: Mapping[str, int] = field(default_factory=dict)
    services: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """A unit's offer. Languages and services map a code to hours a week; ages are months, ends included.

    `quota`: most children of a county at one time, None = each county not named; empty = no limit.
    """

    kind: str
    age_min_months: int
    age_max_months: int
    gender: str
    support_min: int
    support_max: int
    care_hours: int
    interpreter_hours: int
    languages: Mapping[str, int] = field(default_factory=dict)
    services: Mapping[str, int] = field(default_factory=dict)
    quota: Mapping[int | None, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resident:
    """Another child with a stay or a live hold in the unit, and its days [start, end)."""

    child: ChildFacts
    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class OwnStay:
    """A stay of the child itself, in whichever unit.

    `provisional`: it goes on by an urgent decision that no decision on the assessment has confirmed yet.
    """

    unit_id: int
    start: date
    end: date | None
    provisional: bool = False

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Booking:
    """Everything one booking is judged by.

    `siblings_elsewhere`: must-siblings with a place in another unit on days of the booking, less those who
    are on their way to this unit by the same proposal. `apart_here`: children to be kept apart with a place
    in this unit on days of the booking. `may_confirm`: the booking is of an ordinary decision, which may confirm a
    provisional stay in this unit.
    """

    child: ChildFacts
    offer: OfferFacts
    book: UnitBook
    start: date
    end: date
    residents: tuple[Resident, ...] = ()
    own_stays: tuple[OwnStay, ...] = ()
    banned: bool = False
    apart_here: int = 0
    siblings_elsewhere: int = 0
    may_confirm: bool = False


def last_leaving_day(birth_date: date, unit_kind: str, on: date) -> date:
    """Return the latest leaving day of a stay: the 18th birthday in a home for children, else the end of the right.

    Source: 1301/2014 § 22 a (children), 681/2023 §§ 2.6 and 34 (age by the rule in force on `on`).
    """
    return adult_from(birth_date) if unit_kind == FAMILY_GROUP_HOME else right_ends(birth_date, on)


def broken_rules(booking: Booking) -> tuple[Broken, ...]:
    """Return every rule the booking breaks, those that nobody may break first; none = it fits."""
    limit = last_leaving_day(booking.child.birth_date, booking.offer.kind, booking.start)
    if booking.start >= limit:
        return (Broken("right-ended", {"day": limit.isoformat()}),)
    if booking.start >= booking.end:
        return (Broken("dates-order"),)
    kept = confirmed_stay(booking)
    own_until = (kept.end or booking.end) if kept is not None else None
    places_there = place_faults(booking.book, booking.start, booking.end, own_until=own_until)
    found = [*_of_the_child(booking, kept), *places_there, *_fit(booking)]
    return tuple(sorted(found, key=lambda one: not one.absolute))


def confirmed_stay(booking: Booking) -> OwnStay | None:
    """Return the stay that the booking confirms: nobody moves, and the place is taken once. None = it is a new stay.

    An urgent decision lasts until the county decides on the assessment (1301/2014 § 12, 681/2023 § 33.2); that decision
    may keep the child where it is. It begins on a day of the provisional stay, its first day included.
    """
    here = (stay for stay in booking.own_stays if stay.unit_id == booking.book.unit_id and stay.provisional)
    return next((stay for stay in here if booking.may_confirm and stay.covers(booking.start)), None)


def _of_the_child(booking: Booking, kept: OwnStay | None) -> Iterable[Broken]:
    child, limit = booking.child, last_leaving_day(booking.child.birth_date, booking.offer.kind, booking.start)
    if booking.start < child.entered_on:
        yield Broken("before-entry", {"day": child.entered_on.isoformat()})
    if booking.end > limit:
        yield Broken("right-ended", {"day": limit.isoformat()})
    here = booking.book.unit_id
    others = [stay for stay in booking.own_stays if stay is not kept]
    if any(stay.unit_id == here and stay.start < booking.start and stay.covers(booking.start) for stay in others):
        yield Broken("same-unit")
    later = [stay for stay in others if booking.start <= stay.start < booking.end]
    if later:
        yield Broken("child-has-stay", {"day": min(stay.start for stay in later).isoformat()})
    if booking.banned:
        yield Broken("forbidden-unit")
    if booking.apart_here:
        yield Broken("apart-pair", {"count": booking.apart_here})


def place_faults(book: UnitBook, start: date, end: date, *, own_until: date | None = None) -> list[Broken]:
    """Return why there is no place in the unit on some day of [start, end): the first such day of each cause.

    An agreement or a registration that runs out later than a year ahead refuses nothing: both are renewed
    from time to time, and what happens to children then is planned when it is known. Before `own_until` the child has
    the place already: nobody else's place is asked for.
    """
    horizon = start + timedelta(days=LOOK_AHEAD_DAYS)
    found: dict[str, Broken] = {}
    further = {own_until} if own_until is not None and start < own_until < end else set()
    for day in sorted({*places.days_to_check(book, start, end), *further}):
        code = _no_place(book, day)
        if code in ("unit-full", "unit-closing") and own_until is not None and day < own_until:
            continue
        if code in ("unit-not-registered", "agreement-not-in-force") and day > start:
            if day > horizon:
                continue
            code = "registration-ends" if code == "unit-not-registered" else "agreement-ends"
        if code and code not in found:
            found[code] = Broken(code, {"day": day.isoformat()})
    return list(found.values())


def _no_place(book: UnitBook, day: date) -> str | None:
    if not book.open_days.covers(day) or places.closed_places(book, day) is None:
        return "unit-closed"
    if not places.usable(book, day):
        return "unit-not-registered"
    if places.agreed_places(book, day) == 0:
        return "agreement-not-in-force"
    if places.count_on(book, day).free >= 1:
        return None
    return "unit-full" if places.closing_places(book, day) == 0 else "unit-closing"


def _fit(booking: Booking) -> Iterable[Broken]:
    child, offer = booking.child, booking.offer
    age = age_months(child.birth_date, booking.start)
    if age < offer.age_min_months:
        yield Broken("age-below", {"age": age // 12, "least": offer.age_min_months // 12})
    if age > offer.age_max_months:
        yield Broken("age-above", {"age": age // 12, "most": offer.age_max_months // 12})
    if offer.gender not in ("any", child.gender):
        yield Broken("gender", {"for": offer.gender})
    if not offer.support_min <= child.support_level <= offer.support_max:
        yield Broken(
            "support-level", {"level": child.support_level, "least": offer.support_min, "most": offer.support_max}
        )
    missing = sorted(set(child.services) - set(offer.services))
    for code in missing:
        yield Broken("service-missing", {"service": code})
    if common_language(child, offer) is None and child.interpreter_hours > offer.interpreter_hours:
        yield Broken("language-missing", {"hours": child.interpreter_hours, "have": offer.interpreter_hours})
    yield from _hours(booking, set(missing))
    if booking.siblings_elsewhere:
        yield Broken("siblings-must", {"count": booking.siblings_elsewhere})


def common_language(child: ChildFacts, offer: OfferFacts) -> str | None:
    """Return the child's best language that staff speak, ties to the first by code; None = an interpreter is needed."""
    shared = [
        (-level, code) for code, level in child.languages.items() if level >= USABLE_LEVEL and code in offer.languages
    ]
    return min(shared)[1] if shared else None


def uses(child: ChildFacts, offer: OfferFacts) -> dict[str, int]:
    """Return what the child uses of the unit in a week, by resource (care, interpreter, language:x, service:x)."""
    language = common_language(child, offer)
    used = {"care": child.care_hours}
    if language is None:
        used["interpreter"] = child.interpreter_hours
    elif language != UNMETERED_LANGUAGE:
        used[f"language:{language}"] = child.language_hours
    used |= {f"service:{code}": hours for code, hours in child.services.items()}
    return {resource: hours for resource, hours in used.items() if hours > 0}


def _has(offer: OfferFacts, resource: str) -> int:
    kind, _, code = resource.partition(":")
    return {
        "care": offer.care_hours,
        "interpreter": offer.interpreter_hours,
        "language": offer.languages.get(code, 0),
        "service": offer.services.get(code, 0),
    }[kind]


def _hours(booking: Booking, missing: set[str]) -> Iterable[Broken]:
    """Yield the weekly hours that do not reach for the child beside those who live there, and the county's quota."""
    child, offer = booking.child, booking.offer
    days = [booking.start, *(r.start for r in booking.residents if booking.start < r.start < booking.end)]
    for resource, hours in uses(child, offer).items():
        have = _has(offer, resource)
        if resource.removeprefix("service:") in missing or (resource == "interpreter" and hours > have):
            continue  # already said: the unit has none of it
        peak = max(_used_on(booking, resource, day) for day in days)
        if peak + hours > have:
            yield Broken("hours-short", {"resource": resource, "need": hours, "have": max(0, have - peak)})
    most = quota(offer, child.county_id)
    if most is not None:
        same = max(
            sum(r.covers(day) and r.child.county_id == child.county_id for r in booking.residents) for day in days
        )
        if same + 1 > most:
            yield Broken("county-quota", {"most": most})


def _used_on(booking: Booking, resource: str, day: date) -> int:
    return sum(uses(one.child, booking.offer).get(resource, 0) for one in booking.residents if one.covers(day))


def quota(offer: OfferFacts, county_id: int) -> int | None:
    """Return how many children of the county may live in the unit at one time; None = no limit."""
    if not offer.quota:
        return None
    return offer.quota.get(county_id, offer.quota.get(None, 0))
