"""All feasible plans of a small instance, by pruned enumeration, and the levels' optima among them.

The rules for one child and one unit are the checker's (`optimizer.recount`); everything between children
is stated here once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.problem import Child, Instance
from optimizer.recount import consumption, limit, recount, refusals, together_in_time

Plan = dict[str, str]


@dataclass(frozen=True)
class Optimum:
    """One level's best value and the row it hands on."""

    name: str
    value: int
    limit: int


def plans(instance: Instance) -> Iterator[Plan]:
    """Yield every plan that keeps to the rules; the locked children are in all of them."""
    locked = {child.id: child.locked for child in instance.children if child.locked is not None}
    base: dict[tuple[str, int, str], int] = {}
    for name, home in locked.items():
        _use(instance, instance.child_by_id[name], home, base, 1)
    free = [child for child in instance.children if child.locked is None]
    yield from _extend(instance, free, dict(locked), dict(base), base)


def optima(instance: Instance, among: list[Plan] | None = None) -> list[Optimum]:
    """Return each level's optimum in turn, over the plans that keep to the rows of the levels before."""
    values = [recount(instance, plan).levels for plan in (plans(instance) if among is None else among)]
    found = []
    for level in instance.levels:
        if level.sense == "max":
            best = max(value[level.name] for value in values)
            bar = -((-best * (1000 - level.tolerance_permille)) // 1000)
            values = [value for value in values if value[level.name] >= bar]
        else:
            best = min(value[level.name] for value in values)
            bar = best * (1000 + level.tolerance_permille) // 1000
            values = [value for value in values if value[level.name] <= bar]
        found.append(Optimum(level.name, best, bar))
    return found


def _extend(
    instance: Instance,
    free: list[Child],
    plan: Plan,
    loads: dict[tuple[str, int, str], int],
    base: dict[tuple[str, int, str], int],
) -> Iterator[Plan]:
    if not free:
        if _siblings_kept(instance, plan):
            yield dict(plan)
        return
    child, rest = free[0], free[1:]
    yield from _extend(instance, rest, plan, loads, base)
    for unit in instance.units:
        if refusals(instance, child, unit) or _meets_foe(instance, child, unit.id, plan):
            continue
        _use(instance, child, unit.id, loads, 1)
        if _fits(instance, child, unit.id, loads, base):
            plan[child.id] = unit.id
            yield from _extend(instance, rest, plan, loads, base)
            del plan[child.id]
        _use(instance, child, unit.id, loads, -1)


def _weeks(instance: Instance, child: Child) -> range:
    return range(child.start, min(child.end, instance.horizon_weeks))


def _use(instance: Instance, child: Child, home: str, loads: dict[tuple[str, int, str], int], sign: int) -> None:
    for resource, amount in consumption(instance, child, instance.unit_by_id[home]):
        for week in _weeks(instance, child):
            key = home, week, resource
            loads[key] = loads.get(key, 0) + sign * amount


def _fits(
    instance: Instance,
    child: Child,
    home: str,
    loads: dict[tuple[str, int, str], int],
    base: dict[tuple[str, int, str], int],
) -> bool:
    unit = instance.unit_by_id[home]
    return all(
        loads[home, week, resource] <= max(limit(unit, resource, week), base.get((home, week, resource), 0))
        for resource, _ in consumption(instance, child, unit)
        for week in _weeks(instance, child)
    )


def _meets_foe(instance: Instance, child: Child, home: str, plan: Plan) -> bool:
    return any(
        child.id in pair
        and plan.get(next(other for other in pair if other != child.id)) == home
        and together_in_time(instance, *pair)
        for pair in instance.apart
    )


def _siblings_kept(instance: Instance, plan: Plan) -> bool:
    for group in instance.sibling_groups:
        locks = {instance.child_by_id[member].locked for member in group.members} - {None}
        homes = {plan.get(member) for member in group.members}
        if group.mode != "must" or len(locks) > 1:
            continue
        if (len(locks) == 1 and not homes - {None} <= locks) or (not locks and len(homes) > 1):
            return False
    return True
