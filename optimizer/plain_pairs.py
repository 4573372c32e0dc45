"""The plain engine for pair-resource instances: one CP-SAT model."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Mapping

from ortools.sat.python import cp_model

from optimizer.outcome import Controls, Outcome, Stage
from optimizer.plain import NAME, Solved, run
from optimizer.problem import Level, PairInstance


def search(instance: PairInstance, controls: Controls) -> Outcome:
    """Return the best assignment of items to bins within `controls`."""
    begun = time.monotonic()
    level = Level("value", instance.sense, 0)
    options_of = pairs_of(instance)
    if instance.must_assign and not all(options_of):
        return Outcome(None, (), infeasible=True)
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in instance.pairs.item]
    for pairs in options_of:
        rule = model.add_exactly_one if instance.must_assign else model.add_at_most_one
        rule(chosen[pair] for pair in pairs)
    for resource in instance.resources:
        model.add(cp_model.LinearExpr.weighted_sum([chosen[k] for k in resource.pair], resource.use) <= resource.cap)
    goal = cp_model.LinearExpr.weighted_sum(chosen, instance.pairs.value)
    built = time.monotonic()
    solved = run(model, goal, level, _hint(instance, controls.start), controls, controls.seconds_left())
    seconds = {"rows": built - begun, "search": time.monotonic() - built}
    if solved.infeasible:
        return Outcome(None, (), infeasible=True, seconds=seconds)
    values = solved.values or (None if instance.must_assign else (0,) * len(chosen))
    if values is None:
        return Outcome(None, (), seconds=seconds)
    used = [pair for pair, value in enumerate(values[: len(chosen)]) if value]
    value = sum(instance.pairs.value[pair] for pair in used)
    stage = Stage("value", level.sense, 0, value, _bound(instance, solved), time.monotonic() - built, NAME)
    assignment: dict[str, str | int | None] = {str(item): None for item in range(instance.items)}
    assignment.update((str(instance.pairs.item[pair]), instance.pairs.bin[pair]) for pair in used)
    return Outcome(assignment, (stage,), seconds=seconds)


def pairs_of(instance: PairInstance) -> list[list[int]]:
    """Return the indexes of each item's pairs."""
    found: dict[int, list[int]] = defaultdict(list)
    for pair, item in enumerate(instance.pairs.item):
        found[item].append(pair)
    return [found[item] for item in range(instance.items)]


def loosest(instance: PairInstance) -> int:
    """Return a bound that holds without any search: each item in its best bin."""
    best = max if instance.sense == "max" else min
    nowhere = [] if instance.must_assign else [0]
    value = instance.pairs.value
    return sum(best([*nowhere, *(value[pair] for pair in pairs)], default=0) for pairs in pairs_of(instance))


def _bound(instance: PairInstance, solved: Solved) -> int:
    loose = loosest(instance)
    if not math.isfinite(solved.bound):
        return loose
    if instance.sense == "max":
        return min(loose, math.floor(solved.bound + 1e-6))
    return max(loose, math.ceil(solved.bound - 1e-6))


def _hint(instance: PairInstance, start: Mapping[str, str | int | None] | None) -> list[int] | None:
    if start is None:
        return None
    pairs = zip(instance.pairs.item, instance.pairs.bin, strict=True)
    return [int(start.get(str(item)) == bin_ and bin_ is not None) for item, bin_ in pairs]
