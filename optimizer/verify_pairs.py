"""Checks what a result says about a pair-resource instance. Standard library only."""

from __future__ import annotations

from optimizer.problem import PairInstance, Result, UnitLoad


def pair_faults(instance: PairInstance, result: Result) -> tuple[list[str], dict[str, int]]:
    """Return the faults of assignment and loads, and the recounted value (none if it cannot be counted)."""
    faults, used = _used(instance, result)
    if used is None:
        return faults, {}
    loads = []
    for row in instance.resources:
        load = 0
        for pair, use in zip(row.pair, row.use, strict=True):
            if pair in used:
                load += use
        if load > row.cap:
            faults.append(f"resource {row.id}: {load} is above {row.cap}")
        if load > 0:
            loads.append(UnitLoad(None, None, row.id, load, row.cap))
    if tuple(loads) != result.unit_load:
        faults.append("unit_load: not what the assignment uses")
    if result.unplaced:
        faults.append("unplaced: has no meaning for a pair-resource instance")
    value = 0
    for pair in used:
        value += instance.pairs.value[pair]
    return faults, {"value": value}


def _used(instance: PairInstance, result: Result) -> tuple[list[str], set[int] | None]:
    """Return faults of the assignment and the pairs it uses, None if one does not exist."""
    faults = []
    pair_of = {}
    for pair, item in enumerate(instance.pairs.item):
        pair_of[str(item), instance.pairs.bin[pair]] = pair
    for item in range(instance.items):
        if str(item) not in result.assignment:
            faults.append(f"assignment: item {item} is missing")
        elif instance.must_assign and result.assignment[str(item)] is None:
            faults.append(f"assignment.{item}: must be assigned")
    used = set()
    strangers = False
    for name, place in result.assignment.items():
        if place is None:
            continue
        if not isinstance(place, int) or (name, place) not in pair_of:
            faults.append(f"assignment.{name}: bin {place} is not open to it")
            strangers = True
        else:
            used.add(pair_of[name, place])
    return faults, None if strangers else used
