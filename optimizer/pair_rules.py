"""What one child means for one unit: refusals, the parts of the fit, cost, move and use of resources.

The scalar statement of the rules, for small models and explanations; `optimizer.eligibility` states them
for whole matrices and `optimizer.verify` once more for checking. Pure functions, standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt

from optimizer.problem import Child, Instance, SiblingGroup, Unit

UNMETERED_LANGUAGE = "fi"
"""Every unit works in Finnish: speaking it with a child takes no counted hours."""

USABLE_PROFICIENCY = 3
"""From this proficiency (of 5) on, a language counts as common."""

WISH_POINTS = (1000, 700, 400, 200, 100)
"""Points of a child's first, second, ... wish; the last also for every later one."""


@dataclass(frozen=True, slots=True)
class PairValue:
    """What placing a child in a unit is worth: fit points, money over the stay, 1 if it is a move."""

    fit: int
    cost: int
    move: int


def stay(instance: Instance, child: Child) -> range:
    """Return the weeks of the horizon in which the child needs a place."""
    return range(child.start, min(child.end, instance.horizon_weeks))


def urgency(child: Child) -> int:
    """Return what placing the child counts: priority first, then waiting, then having a home now."""
    return 10 * child.priority + min(9, child.waiting_days // 30) + (5 if child.current else 0)


def common_language(instance: Instance, child: Child, unit: Unit) -> str | None:
    """Return the child's best language that the staff speak, ties to the earlier one, else None."""
    rank = instance.language_rank
    known = [
        (-level, rank[code], code)
        for code, level in child.languages.items()
        if level >= USABLE_PROFICIENCY and code in unit.languages
    ]
    return min(known)[2] if known else None


def own_reasons(instance: Instance, child: Child, unit: Unit) -> tuple[str, ...]:
    """Return the codes of every rule that refuses the child this unit, siblings aside."""
    age = child.age_months + 3 * child.start // 13
    shared = common_language(instance, child, unit)
    refused = {
        "AGE_BELOW": age < unit.age_min,
        "AGE_ABOVE": age > unit.age_max,
        "GENDER": unit.gender not in ("any", child.gender),
        "SUPPORT_LEVEL": not unit.support_min <= child.support_level <= unit.support_max,
        "SERVICE_MISSING": any(unit.services.get(code, -1) < hours for code, hours in child.services.items()),
        "LANGUAGE": shared is None and child.interpreter_hours > unit.interpreter_hours,
        "AGREEMENT_NOT_IN_FORCE": child.start < unit.windows[0].start
        or min(child.end, instance.horizon_weeks) > unit.windows[-1].end,
        "NO_QUOTA": quota(unit, child.county) == 0,
        "FORBIDDEN": unit.id in child.forbidden,
        "CAPACITY": child.care_hours > unit.care_hours
        or (shared is not None and shared != UNMETERED_LANGUAGE and child.language_hours > unit.languages[shared]),
    }
    return tuple(code for code, holds in refused.items() if holds)


def quota(unit: Unit, county: str) -> int:
    """Return how many children of `county` may live in the unit at one time."""
    return unit.quota.get(county, unit.quota.get("*", 0))


def beds(unit: Unit, week: int) -> int:
    """Return the unit's beds in `week`: 0 outside its windows."""
    return next((window.beds for window in unit.windows if window.start <= week < window.end), 0)


def covers(unit: Unit, weeks: range) -> bool:
    """Whether the unit's windows hold all of `weeks`."""
    return unit.windows[0].start <= weeks.start and weeks.stop <= unit.windows[-1].end


def capacity(unit: Unit, resource: str, week: int) -> int | None:
    """Return the unit's capacity of `resource` in `week`, None where it does not limit it."""
    kind, _, code = resource.partition(":")
    if kind == "beds":
        return beds(unit, week)
    if kind == "group":
        share = unit.max_same_group_permille
        return None if share >= 1000 else max(1, beds(unit, week) * share // 1000)
    return {
        "care": unit.care_hours,
        "interp": unit.interpreter_hours,
        "lang": unit.languages.get(code, 0),
        "serv": unit.services.get(code, 0),
        "quota": quota(unit, code),
    }[kind]


def uses(instance: Instance, child: Child, unit: Unit) -> dict[str, int]:
    """Return what the child uses of the unit in each week of its stay, by resource, amounts above 0."""
    shared = common_language(instance, child, unit)
    used = {"beds": 1, "care": child.care_hours}
    if shared is None:
        used["interp"] = child.interpreter_hours
    elif shared != UNMETERED_LANGUAGE:
        used[f"lang:{shared}"] = child.language_hours
    used.update((f"serv:{code}", hours) for code, hours in child.services.items())
    if unit.max_same_group_permille < 1000:
        used[f"group:{child.group}"] = 1
    used[f"quota:{child.county}"] = 1
    return {resource: amount for resource, amount in used.items() if amount > 0}


def score_parts(instance: Instance, child: Child, unit: Unit) -> dict[str, int]:
    """Return the parts of the fit, each in 0..1000, in the order of the weights."""
    shared = common_language(instance, child, unit)
    home = instance.municipality_by_id[unit.municipality]
    distance = 500
    if child.relatives is not None:
        relatives = instance.municipality_by_id[child.relatives]
        kilometres = isqrt((relatives.x - home.x) ** 2 + (relatives.y - home.y) ** 2)
        distance = max(0, 1000 - 2 * kilometres)
    wish = 0
    if unit.id in child.wishes:
        wish = WISH_POINTS[min(child.wishes.index(unit.id), len(WISH_POINTS) - 1)]
    no_school = "prep_education" in child.services and not home.prep_education
    return {
        "language": 100 if shared is None else 200 * child.languages[shared],
        "distance": distance,
        "wish": wish,
        "stability": 300 if child.current is None else 1000 * (child.current == unit.id),
        "schooling": 0 if no_school else 1000,
        "peers": 1000 * (child.group in unit.languages),
    }


def pair_value(instance: Instance, child: Child, unit: Unit) -> PairValue:
    """Return fit, cost and move of the pair."""
    parts = score_parts(instance, child, unit)
    fit = sum(getattr(instance.fit_weights, part) * points for part, points in parts.items()) // 1000
    week = 7 * (unit.price_day - unit.price_empty_day)
    if common_language(instance, child, unit) is None:
        week += child.interpreter_hours * instance.interpreter_cost_hour
    moved = child.current is not None and child.current != unit.id
    return PairValue(fit, len(stay(instance, child)) * week, int(moved))


def must_group_of(instance: Instance) -> Mapping[str, SiblingGroup]:
    """Return each child's must group, for the children who are in one."""
    return instance.must_group_by_child


def locked_units(instance: Instance, group: SiblingGroup) -> frozenset[str]:
    """Return the units in which members of the group are locked."""
    locks = (instance.child_by_id[member].locked for member in group.members)
    return frozenset(unit for unit in locks if unit is not None)


def reasons(instance: Instance, child: Child, unit: Unit, group: SiblingGroup | None) -> tuple[str, ...]:
    """Return every code that refuses a free child this unit, including what its must `group` adds.

    Without a lock the siblings go where all of them can; with one locked unit the free ones may only join
    it; locked in two units the group binds nobody.
    """
    own = own_reasons(instance, child, unit)
    if group is None:
        return own
    locks = locked_units(instance, group)
    if locks:
        bound = len(locks) == 1 and unit.id not in locks
    else:
        siblings = (instance.child_by_id[member] for member in group.members if member != child.id)
        bound = any(own_reasons(instance, sibling, unit) for sibling in siblings)
    return (*own, "SIBLING") if bound else own


def overlap(instance: Instance, first: Child, second: Child) -> range:
    """Return the weeks in which both children need a place."""
    one, other = stay(instance, first), stay(instance, second)
    return range(max(one.start, other.start), min(one.stop, other.stop))
