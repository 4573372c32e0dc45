"""A second, independent statement of the placement rules, for checking: plain loops, week by week.

Nothing here is shared with the code that builds models. A mistake in one of the two shows as a
disagreement; a rule stated once would be wrong in both. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isqrt

from optimizer.problem import Child, Instance, Unit

Assignment = Mapping[str, str]
"""Child id to unit id, of the placed children only."""


@dataclass
class Recount:
    """What an assignment amounts to: broken rules, level values, and what is used of the units.

    `loads` and `locked_loads` (of locked children only) map (unit, resource) to a load per week, `limits`
    to a capacity per week, as far as it was asked for.
    """

    faults: list[str] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    loads: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    locked_loads: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    limits: dict[tuple[str, str], list[int]] = field(default_factory=dict)


def spoken(instance: Instance, child: Child, unit: Unit) -> tuple[str, int] | None:
    """Return language and proficiency in which child and staff talk, None if they need an interpreter."""
    found = None
    for code, proficiency in child.languages.items():
        if proficiency < 3 or code not in unit.languages:
            continue
        earlier = found is not None and instance.language_rank[code] < instance.language_rank[found[0]]
        if found is None or proficiency > found[1] or (proficiency == found[1] and earlier):
            found = code, proficiency
    return found


def allowed_of_county(unit: Unit, county: str) -> int:
    """Return the unit's quota for one county."""
    if county in unit.quota:
        return unit.quota[county]
    return unit.quota.get("*", 0)


def beds_in(unit: Unit, week: int) -> int:
    """Return the beds the unit has in a week."""
    found = 0
    for window in unit.windows:
        if window.start <= week and week < window.end:
            found += window.beds
    return found


def _unfit(child: Child, unit: Unit) -> list[str]:
    """Return the codes for age, gender, support and services."""
    found: list[str] = []
    age_at_start = child.age_months + (child.start * 3) // 13
    if age_at_start < unit.age_min:
        found.append("AGE_BELOW")
    if age_at_start > unit.age_max:
        found.append("AGE_ABOVE")
    if unit.gender != "any" and child.gender != unit.gender:
        found.append("GENDER")
    if child.support_level < unit.support_min or child.support_level > unit.support_max:
        found.append("SUPPORT_LEVEL")
    for service in child.services:
        if service not in unit.services or child.services[service] > unit.services[service]:
            found.append("SERVICE_MISSING")
            break
    return found


def own_refusals(instance: Instance, child: Child, unit: Unit) -> list[str]:
    """Return the codes that refuse the child the unit, without looking at siblings."""
    found = _unfit(child, unit)
    language = spoken(instance, child, unit)
    if language is None and unit.interpreter_hours < child.interpreter_hours:
        found.append("LANGUAGE")
    leaves = child.end if child.end < instance.horizon_weeks else instance.horizon_weeks
    opens = min(window.start for window in unit.windows)
    closes = max(window.end for window in unit.windows)
    if child.start < opens or leaves > closes:
        found.append("AGREEMENT_NOT_IN_FORCE")
    if allowed_of_county(unit, child.county) < 1:
        found.append("NO_QUOTA")
    if unit.id in child.forbidden:
        found.append("FORBIDDEN")
    too_much_care = unit.care_hours < child.care_hours
    too_much_language = (
        language is not None and language[0] != "fi" and unit.languages[language[0]] < child.language_hours
    )
    if too_much_care or too_much_language:
        found.append("CAPACITY")
    return found


def refusals(instance: Instance, child: Child, unit: Unit) -> list[str]:
    """Return all codes that refuse a free child the unit, in the order of the reason list."""
    found = own_refusals(instance, child, unit)
    group = instance.must_group_by_child.get(child.id)
    if group is not None:
        siblings = [instance.child_by_id[member] for member in group.members if member != child.id]
        homes = {sibling.locked for sibling in siblings if sibling.locked}
        if len(homes) == 1 and unit.id not in homes:
            found.append("SIBLING")
        if not homes and any(own_refusals(instance, sibling, unit) for sibling in siblings):
            found.append("SIBLING")
    return found


def worth(instance: Instance, child: Child, unit: Unit) -> tuple[int, int, int]:
    """Return fit points, cost over the stay and whether it is a move (0 or 1) of a placement."""
    weights = instance.fit_weights
    language = spoken(instance, child, unit)
    place = instance.municipality_by_id[unit.municipality]
    total = weights.language * (language[1] * 200 if language else 100)
    if child.relatives is None:
        total += weights.distance * 500
    else:
        family = instance.municipality_by_id[child.relatives]
        away = isqrt((family.x - place.x) * (family.x - place.x) + (family.y - place.y) * (family.y - place.y))
        total += weights.distance * (1000 - 2 * away if away < 500 else 0)
    for rank, wish in enumerate(child.wishes):
        if wish == unit.id:
            total += weights.wish * [1000, 700, 400, 200, 100][rank if rank < 4 else 4]
            break
    if child.current is None:
        total += weights.stability * 300
    elif child.current == unit.id:
        total += weights.stability * 1000
    if place.prep_education or "prep_education" not in child.services:
        total += weights.schooling * 1000
    if child.group in unit.languages:
        total += weights.peers * 1000
    leaves = child.end if child.end < instance.horizon_weeks else instance.horizon_weeks
    per_week = (unit.price_day - unit.price_empty_day) * 7
    if language is None:
        per_week += child.interpreter_hours * instance.interpreter_cost_hour
    moved = 1 if child.current is not None and child.current != unit.id else 0
    return total // 1000, per_week * (leaves - child.start), moved


def consumption(instance: Instance, child: Child, unit: Unit) -> list[tuple[str, int]]:
    """Return what the child uses of the unit in every week of the stay."""
    used = [("beds", 1), ("care", child.care_hours)]
    language = spoken(instance, child, unit)
    if language is None:
        used.append(("interp", child.interpreter_hours))
    elif language[0] != "fi":
        used.append(("lang:" + language[0], child.language_hours))
    for service, hours in child.services.items():
        used.append(("serv:" + service, hours))
    if unit.max_same_group_permille < 1000:
        used.append(("group:" + child.group, 1))
    used.append(("quota:" + child.county, 1))
    return [(resource, amount) for resource, amount in used if amount]


def limit(unit: Unit, resource: str, week: int) -> int:
    """Return the unit's capacity of a resource in a week."""
    if resource == "beds":
        return beds_in(unit, week)
    if resource == "care":
        return unit.care_hours
    if resource == "interp":
        return unit.interpreter_hours
    kind, code = resource.split(":", 1)
    if kind == "lang":
        return unit.languages.get(code, 0)
    if kind == "serv":
        return unit.services.get(code, 0)
    if kind == "quota":
        return allowed_of_county(unit, code)
    return max(1, beds_in(unit, week) * unit.max_same_group_permille // 1000)


def limits(instance: Instance, unit: Unit, resource: str, counted: Recount) -> list[int]:
    """Return the unit's capacity of a resource in each week, counted once: only beds change with the weeks."""
    key = unit.id, resource
    if key not in counted.limits:
        if resource == "beds" or resource.startswith("group:"):
            counted.limits[key] = [limit(unit, resource, week) for week in range(instance.horizon_weeks)]
        else:
            counted.limits[key] = [limit(unit, resource, 0)] * instance.horizon_weeks
    return counted.limits[key]


def recount(instance: Instance, assignment: Assignment) -> Recount:
    """Return what `assignment` amounts to. Its children and units must exist."""
    found = Recount()
    _children(instance, assignment, found)
    _capacities(instance, found)
    _apart(instance, assignment, found)
    _siblings(instance, assignment, found)
    _fairness(instance, assignment, found)
    _balance(instance, found)
    return found


def _children(instance: Instance, assignment: Assignment, found: Recount) -> None:
    placed = fit = moves = cost = 0
    for child in instance.children:
        home = assignment.get(child.id)
        if child.locked and home != child.locked:
            found.faults.append(f"assignment.{child.id}: locked to {child.locked}, but in {home}")
        if home is None:
            continue
        unit = instance.unit_by_id[home]
        if not child.locked:
            refused = own_refusals(instance, child, unit)
            if refused:
                found.faults.append(f"assignment.{child.id}: {home} is refused by {', '.join(refused)}")
            points, money, moved = worth(instance, child, unit)
            placed += child.priority * 10 + min(child.waiting_days // 30, 9)
            placed += 0 if child.current is None else 5
            fit, moves, cost = fit + points, moves + moved, cost + money
        add_use(instance, child, unit, found.loads)
        if child.locked:
            add_use(instance, child, unit, found.locked_loads)
    found.levels = {"placed": placed, "fit": fit, "moves": moves, "cost": cost}


def add_use(instance: Instance, child: Child, unit: Unit, loads: dict[tuple[str, str], list[int]]) -> None:
    """Add what the child uses of the unit to `loads`, week by week."""
    for resource, amount in consumption(instance, child, unit):
        if (unit.id, resource) not in loads:
            loads[unit.id, resource] = [0] * instance.horizon_weeks
        load = loads[unit.id, resource]
        for week in range(child.start, min(child.end, instance.horizon_weeks)):
            load[week] += amount


def _capacities(instance: Instance, found: Recount) -> None:
    nothing = [0] * instance.horizon_weeks
    for (home, resource), load in found.loads.items():
        caps = limits(instance, instance.unit_by_id[home], resource, found)
        taken = found.locked_loads.get((home, resource), nothing)
        for week in range(instance.horizon_weeks):
            if load[week] > taken[week] and load[week] > caps[week]:
                found.faults.append(f"{home} week {week}: {resource} {load[week]} is above {caps[week]}")


def together_in_time(instance: Instance, first: str, second: str) -> list[int]:
    """Return the weeks in which both children need a place."""
    one, other = instance.child_by_id[first], instance.child_by_id[second]
    return [
        week
        for week in range(instance.horizon_weeks)
        if one.start <= week < one.end and other.start <= week < other.end
    ]


def _apart(instance: Instance, assignment: Assignment, found: Recount) -> None:
    for first, second in instance.apart:
        if instance.child_by_id[first].locked and instance.child_by_id[second].locked:
            continue
        home = assignment.get(first)
        if home and home == assignment.get(second) and together_in_time(instance, first, second):
            found.faults.append(f"apart pair {first}, {second}: both in {home}")


def _siblings(instance: Instance, assignment: Assignment, found: Recount) -> None:
    for group in instance.sibling_groups:
        homes = {assignment.get(member) for member in group.members}
        locks = {instance.child_by_id[member].locked for member in group.members} - {None}
        if group.mode == "should":
            if len(homes) == 1 and None not in homes:
                found.levels["fit"] += group.bonus * len(group.members)
        elif not locks and len(homes) > 1:
            found.faults.append(f"siblings {group.id}: not all in one unit")
        elif len(locks) == 1 and homes - {None} - locks:
            found.faults.append(f"siblings {group.id}: not with their locked sibling")


def _fairness(instance: Instance, assignment: Assignment, found: Recount) -> None:
    members: dict[str, list[Child]] = {}
    for child in instance.children:
        if not child.locked:
            members.setdefault(child.group, []).append(child)
    means = []
    for children in members.values():
        if len(children) < 5:
            continue
        points = 0
        for child in children:
            home = assignment.get(child.id)
            if home is not None:
                points += worth(instance, child, instance.unit_by_id[home])[0]
        means.append(points // len(children))
    found.levels["fairness"] = min(means) if means else 0


def _balance(instance: Instance, found: Recount) -> None:
    total = 0
    for unit in instance.units:
        used = found.loads.get((unit.id, "beds"), [0] * instance.horizon_weeks)
        worst = 0
        for week in range(instance.horizon_weeks):
            worst = max(worst, 20 * used[week] - 17 * beds_in(unit, week))
        total += worst
    found.levels["balance"] = total
