"""What a draft still lacks before it may go to hearing or to signing: pure rules, every problem at once.

What the law requires, who is competent and what each unit may hold come in as values. Ends are inclusive days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from agreements.agreement_rules import CHAPTERS, PartyFacts, Required, missing_parties, rate_faults
from agreements.period import Period, gaps, overlaps


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to put right: `section` is where, facts are keys, numbers and days."""

    code: str
    section: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnitLimits:
    """What bounds a unit's places: the ceiling of its kind and of its building (None = none), its registration.

    `registered` None and `must_register` False: its kind needs none.
    """

    unit_id: int
    per_unit: int | None
    building_id: int | None
    per_building: int | None
    registered: Period | None
    must_register: bool


@dataclass(frozen=True, slots=True)
class Places:
    unit_id: int
    period: Period
    places: int


@dataclass(frozen=True, slots=True)
class Price:
    unit_id: int | None
    period: Period
    day_cents: int
    empty_day_cents: int


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """A draft as the rules see it. `required` None: the law of `law_day` does not know the kind.

    `bodies` are the days on which each party's organisation exists; `competent` names per chapter the only
    organisation that may be the state's side, where the law says so.
    """

    kind: str
    term: Period
    law_day: date
    required: Sequence[Required] | None
    parties: Sequence[PartyFacts]
    bodies: Mapping[int, Period]
    competent: Mapping[str, int]
    hearing: str
    places: Sequence[Places]
    limits: Mapping[int, UnitLimits]
    prices: Sequence[Price]
    cost_basis: str


def problems(draft: DraftFacts, *, before_hearing: bool = False) -> list[Problem]:
    """Return everything that keeps the draft from signing, in the order of the page; [] = it may go.

    `before_hearing` leaves out that somebody is still to be heard.
    """
    found = [*_party_problems(draft), *_place_problems(draft), *_price_problems(draft)]
    must_hear = any(party.role == "heard" for party in draft.parties)
    if must_hear and not before_hearing and draft.hearing not in ("heard", "silent"):
        found.append(Problem("hearing-open", "hearing"))
    return found


def _party_problems(draft: DraftFacts) -> list[Problem]:
    if draft.required is None:
        return [Problem("kind-unknown", "parties", {"day": draft.law_day})]
    found = [
        Problem("party-missing", "parties", {"chapter": need.chapter, "side": need.side, "role": need.role})
        for need in missing_parties(draft.required, draft.parties)
    ]
    for party in draft.parties:
        life = draft.bodies.get(party.organisation_id)
        if life is not None and not life.covers(draft.law_day):
            found.append(Problem("body-ended", "parties", {"organisation": party.organisation_id}))
    for chapter, body in draft.competent.items():
        state = [one for one in draft.parties if one.side == "state" and one.chapter in (None, chapter)]
        if state and all(one.organisation_id != body for one in state):
            found.append(Problem("not-competent", "parties", {"chapter": chapter, "organisation": body}))
    return found


def _place_problems(draft: DraftFacts) -> list[Problem]:
    found = []
    if "founding" in CHAPTERS[draft.kind] and not draft.places:
        found.append(Problem("no-units", "units"))
    by_unit: dict[int, list[Places]] = {}
    for row in draft.places:
        by_unit.setdefault(row.unit_id, []).append(row)
    for unit_id, rows in by_unit.items():
        found += _of_unit(draft, unit_id, rows)
    return [*found, *_buildings(draft)]


def _of_unit(draft: DraftFacts, unit_id: int, rows: Sequence[Places]) -> list[Problem]:
    limits, found = draft.limits[unit_id], []
    for row in rows:
        facts = {"unit": unit_id, "day": row.period.first, "places": row.places}
        if limits.per_unit is not None and row.places > limits.per_unit:
            found.append(Problem("above-ceiling", "units", {**facts, "allowed": limits.per_unit}))
        if gaps(row.period, [draft.term]):
            found.append(Problem("outside-term", "units", facts))
        if limits.must_register and limits.registered is None:
            found.append(Problem("not-registered", "units", facts))
        elif limits.registered is not None:
            missing = gaps(row.period, [limits.registered])
            if missing and (missing[0].first <= draft.term.first or row.period.last is not None):
                found.append(Problem("outside-registration", "units", {**facts, "day": missing[0].first}))
    twice = overlaps(row.period for row in rows)
    return found + [Problem("places-twice", "units", {"unit": unit_id, "day": shared.first}) for shared in twice]


def _buildings(draft: DraftFacts) -> list[Problem]:
    found = []
    buildings = {one.building_id for one in draft.limits.values() if one.building_id is not None}
    for building in sorted(buildings):
        inside = [row for row in draft.places if draft.limits[row.unit_id].building_id == building]
        allowed = [draft.limits[row.unit_id].per_building for row in inside]
        limit = min((one for one in allowed if one is not None), default=None)
        for day in sorted({row.period.first for row in inside}):
            total = sum(row.places for row in inside if row.period.covers(day))
            if limit is not None and total > limit:
                facts = {"building": building, "day": day, "places": total, "allowed": limit}
                found.append(Problem("above-building", "units", facts))
                break
    return found


def _price_problems(draft: DraftFacts) -> list[Problem]:
    priced = draft.cost_basis in ("place_day", "reserved_place")
    if not priced:
        return [Problem("price-not-used", "rates", {"basis": draft.cost_basis})] if draft.prices else []
    found = []
    for row in draft.places:
        own = [one for one in draft.prices if one.unit_id == row.unit_id]
        rows = own or [one for one in draft.prices if one.unit_id is None]
        faults = rate_faults(row.period, [one.period for one in rows])
        found += [Problem("price-gap", "rates", {"unit": row.unit_id, "day": one.first}) for one in faults.gaps]
        found += [Problem("price-twice", "rates", {"unit": row.unit_id, "day": one.first}) for one in faults.overlaps]
    if not draft.prices and not draft.places:
        found.append(Problem("no-price", "rates"))
    for one in draft.prices:
        if one.empty_day_cents > one.day_cents:
            found.append(Problem("empty-dearer", "rates", {"day": one.period.first}))
    return found
