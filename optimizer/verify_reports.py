"""Checks what a result reports beside the plan: loads, unplaced children, warnings. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from optimizer.problem import (
    About,
    Blocking,
    Child,
    Fact,
    Instance,
    Result,
    SiblingGroup,
    Unit,
    UnitLoad,
    Unplaced,
)
from optimizer.recount import Recount, consumption, limits, refusals, together_in_time

Homes = Mapping[str, str]


def report_faults(instance: Instance, result: Result, homes: Homes, counted: Recount) -> Iterator[str]:
    """Yield what does not hold of the result's reports."""
    yield from _load_faults(instance, result, counted)
    yield from _unplaced_faults(instance, result, homes, counted)
    yield from _warning_faults(instance, result, counted)


def _load_faults(instance: Instance, result: Result, counted: Recount) -> Iterator[str]:
    claimed = {}
    for index, row in enumerate(result.unit_load):
        if (row.unit, row.week, row.resource) in claimed:
            yield f"unit_load[{index}]: {row.unit} week {row.week} {row.resource} is listed twice"
        claimed[row.unit, row.week, row.resource] = row
    for (home, resource), load in counted.loads.items():
        caps = limits(instance, instance.unit_by_id[home], resource, counted)
        for week in range(instance.horizon_weeks):
            if load[week] == 0:
                continue
            true = UnitLoad(home, week, resource, load[week], caps[week])
            said = claimed.pop((home, week, resource), None)
            if said != true:
                yield f"unit_load: {home} week {week} {resource}: {said and said[3:]} instead of {true[3:]}"
    for row in claimed.values():
        yield f"unit_load: {row.unit} week {row.week} {row.resource}: {row.load}, but nothing is used"


def _unplaced_faults(instance: Instance, result: Result, homes: Homes, counted: Recount) -> Iterator[str]:
    missing = [child for child in instance.children if child.id not in homes]
    left_out = [fact.about.get("children") for fact in result.warnings if fact.code == "UNPLACED_LEFT_OUT"]
    if left_out:
        if left_out != [len(missing) - len(result.unplaced)] or not result.unplaced:
            yield f"warnings: {left_out} unplaced children are said to be left out"
        missing = missing[: len(result.unplaced)]
    if [entry.child for entry in result.unplaced] != [child.id for child in missing]:
        yield "unplaced: not the children without a unit, in the instance's order"
        return
    for index, (entry, child) in enumerate(zip(result.unplaced, missing, strict=True)):
        yield from _entry_faults(f"unplaced[{index}]", instance, entry, child, homes, counted)


def _entry_faults(
    where: str, instance: Instance, entry: Unplaced, child: Child, homes: Homes, counted: Recount
) -> Iterator[str]:
    eligible = []
    for unit in instance.units:
        codes = refusals(instance, child, unit)
        if not codes:
            eligible.append(unit)
        if list(entry.reasons.get(unit.id, ())) != codes:
            yield f"{where}.reasons.{unit.id}: {list(entry.reasons.get(unit.id, ()))} instead of {codes}"
    for name in entry.reasons:
        if name not in instance.unit_by_id:
            yield f"{where}.reasons.{name}: no such unit"
    if list(entry.eligible_units) != [unit.id for unit in eligible]:
        yield f"{where}.eligible_units: not the units without a reason, in the instance's order"
        return
    yield from _blocking_faults(where, instance, entry, child, eligible, homes, counted)


def _blocking_faults(
    where: str,
    instance: Instance,
    entry: Unplaced,
    child: Child,
    eligible: list[Unit],
    homes: Homes,
    counted: Recount,
) -> Iterator[str]:
    said = list(entry.blocking)
    for unit in eligible:
        for true in _blocking(instance, child, unit, homes, counted):
            if true in said:
                said.remove(true)
            else:
                yield f"{where}.blocking: {unit.id} {true.resource} week {true.week} is missing or wrong"
    for row in said:
        yield f"{where}.blocking: {row.unit} {row.resource} week {row.week} does not block"


def _going_with(instance: Instance, child: Child) -> list[Child]:
    """Return who has to go where the child goes, the child included."""
    group = instance.must_group_by_child.get(child.id)
    members = [] if group is None else [instance.child_by_id[member] for member in group.members]
    return [child] if not members or any(member.locked for member in members) else members


def _blocking(instance: Instance, child: Child, unit: Unit, homes: Homes, counted: Recount) -> Iterator[Blocking]:
    """Yield each resource whose capacity the child (and who goes with it) would break, in the first week."""
    going = _going_with(instance, child)
    nothing = [0] * instance.horizon_weeks
    for resource in {name for one in going for name, _ in consumption(instance, one, unit)}:
        load = counted.loads.get((unit.id, resource), nothing)
        taken = counted.locked_loads.get((unit.id, resource), nothing)
        caps = limits(instance, unit, resource, counted)
        for week, more in _wanted(instance, going, unit, resource):
            if load[week] + more > caps[week] and load[week] + more > taken[week]:
                there = _users(instance, unit, resource, week, homes)
                yield Blocking(unit.id, resource, week, load[week], caps[week], there)
                break
    yield from _apart_blocking(instance, going, unit, homes)


def _wanted(instance: Instance, going: list[Child], unit: Unit, resource: str) -> Iterator[tuple[int, int]]:
    """Yield the weeks in which some of those who go use the resource, and how much."""
    amounts = [(one, dict(consumption(instance, one, unit)).get(resource, 0)) for one in going]
    for week in range(min(one.start for one in going), instance.horizon_weeks):
        more = 0
        for one, amount in amounts:
            if one.start <= week < one.end:
                more += amount
        if more:
            yield week, more


def _users(instance: Instance, unit: Unit, resource: str, week: int, homes: Homes) -> tuple[str, ...]:
    found = []
    for child in instance.children:
        there = homes.get(child.id) == unit.id and child.start <= week < child.end
        if there and resource in dict(consumption(instance, child, unit)):
            found.append(child.id)
    return tuple(found)


def _apart_blocking(instance: Instance, going: list[Child], unit: Unit, homes: Homes) -> Iterator[Blocking]:
    first_week = instance.horizon_weeks
    near = set()
    for one in going:
        for other in instance.foes_by_child.get(one.id, ()):
            goes_too = instance.child_by_id[other] in going
            weeks = together_in_time(instance, one.id, other) if goes_too or homes.get(other) == unit.id else []
            if weeks:
                near.add(other)
                first_week = min(first_week, weeks[0])
    if near:
        there = tuple(child.id for child in instance.children if child.id in near)
        yield Blocking(unit.id, "apart", first_week, len(there), 0, there)


def _warning_faults(instance: Instance, result: Result, counted: Recount) -> Iterator[str]:
    true = [*_locked_over(instance, counted), *_odd_groups(instance)]
    said = [fact for fact in result.warnings if fact.code not in ("TIME_LIMIT", "UNPLACED_LEFT_OUT")]
    for fact in true:
        if fact in said:
            said.remove(fact)
        else:
            yield f"warnings: {fact.code} {dict(fact.about)} is missing"
    for fact in said:
        yield f"warnings: {fact.code} {dict(fact.about)} does not hold"


def _locked_over(instance: Instance, counted: Recount) -> Iterator[Fact]:
    for (home, resource), load in counted.locked_loads.items():
        caps = limits(instance, instance.unit_by_id[home], resource, counted)
        for week in range(instance.horizon_weeks):
            if load[week] > caps[week]:
                about: dict[str, About] = {"unit": home, "resource": resource, "week": week}
                about |= {"load": load[week], "cap": caps[week]}
                yield Fact("LOCKED_OVER_CAPACITY", about)
                break


def _odd_groups(instance: Instance) -> Iterator[Fact]:
    for group in instance.sibling_groups:
        if group.mode != "must":
            continue
        homes = {instance.child_by_id[member].locked for member in group.members} - {None}
        if len(homes) > 1:
            units = tuple(sorted(str(home) for home in homes))
            yield Fact("MUST_GROUP_LOCKED_APART", {"group": group.id, "units": units})
        if not homes:
            at_odds = _at_odds(instance, group)
            if at_odds:
                yield Fact("APART_IN_MUST_GROUP", {"group": group.id, "children": at_odds})


def _at_odds(instance: Instance, group: SiblingGroup) -> tuple[str, ...]:
    found = []
    for member in group.members:
        for first, second in instance.apart:
            other = {first: second, second: first}.get(member)
            if other in group.members and together_in_time(instance, first, second):
                found.append(member)
                break
    return tuple(found)
