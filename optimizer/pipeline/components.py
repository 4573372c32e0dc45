"""Regions that share nothing are solved one by one: their sums are the whole's values and bounds.

That is right as long as no level gives anything back (then each region keeps its own optimum) and no level
looks at all regions at once, as the least share of fairness does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from optimizer.outcome import Controls, Outcome, Progress, Stage
from optimizer.pipeline.greedy import first_plan
from optimizer.pipeline.levels import loosest
from optimizer.pipeline.model import Goal, Ints, Model, value

SolveLevels = Callable[[Model, Controls, Mapping[str, float]], Outcome]


def regions(model: Model) -> Ints:
    """Return each pair's region: pairs are in one when items and units link them."""
    unit_region = np.arange(len(model.parts))
    by_item = np.argsort(model.item, kind="stable")
    item, unit = model.item[by_item], model.unit[by_item]
    links = np.flatnonzero(item[1:] == item[:-1])

    def root(one: int) -> int:
        while unit_region[one] != one:
            unit_region[one] = unit_region[unit_region[one]]
            one = int(unit_region[one])
        return one

    for link in links.tolist():
        one, other = root(int(unit[link])), root(int(unit[link + 1]))
        unit_region[max(one, other)] = min(one, other)
    return np.array([root(unit) for unit in range(len(model.parts))], np.int64)


def can_split(model: Model) -> bool:
    """Whether the regions can be solved apart."""
    gives_back = any(goal.tolerance_permille for goal in model.goals[:-1])
    return not (gives_back or model.limits or any(goal.shares is not None for goal in model.goals))


def solve_apart(model: Model, controls: Controls, seconds: Mapping[str, float], solve: SolveLevels) -> Outcome:
    """Return the outcome of the whole, from one solve per region."""
    begun = time.monotonic()
    _pass_on_first(model, controls)
    parts = list(split(model))
    assignment = dict(model.fixed)
    sums: list[list[Stage]] = []
    for index, part in enumerate(parts):
        share = controls.seconds_left() / (len(parts) - index)
        alone = replace(controls, deadline=time.monotonic() + share, on_progress=None, on_better=None)
        outcome = solve(part, alone, {})
        if outcome.assignment is None:
            return Outcome(None, (), outcome.infeasible, seconds)
        assignment.update(outcome.assignment)
        sums.append(list(outcome.stages))
        _tell(controls, sums, len(parts), begun)
    stages = tuple(_summed(level) for level in zip(*sums, strict=False))
    return Outcome(assignment, stages, seconds={**seconds, "search": time.monotonic() - begun})


def _pass_on_first(model: Model, controls: Controls) -> None:
    """Hand a plan of the whole to whoever keeps the best so far."""
    if controls.on_better is None or (plan := first_plan(model, None)) is None:
        return
    goal = model.goals[0]
    bound = loosest(model, goal) if goal.sense == "max" else -loosest(model, goal)
    stage = Stage(goal.name, goal.sense, goal.tolerance_permille, value(model, goal, plan), bound, 0.0, "count")
    controls.on_better(Outcome(model.assignment(plan), (stage,)))


def _tell(controls: Controls, sums: list[list[Stage]], parts: int, begun: float) -> None:
    """Report the first level's value so far; it has no bound before the last region is done."""
    if controls.on_progress is not None:
        first = [stages[0] for stages in sums]
        bound = sum(stage.bound for stage in first) if len(sums) == parts else None
        value = sum(stage.value for stage in first)
        controls.on_progress(Progress(first[0].name, value, bound, time.monotonic() - begun))


def _summed(level: tuple[Stage, ...]) -> Stage:
    """Return one level's stage of the whole."""
    engines = sorted({stage.solver for stage in level})
    return replace(
        level[0],
        value=sum(stage.value for stage in level),
        bound=sum(stage.bound for stage in level),
        seconds=sum(stage.seconds for stage in level),
        solver=", ".join(engines),
    )


def split(model: Model) -> Iterator[Model]:
    """Yield a model per region; units nobody can go to and items without a pair are with the first."""
    region = regions(model)
    pair_region = region[model.unit]
    names = np.unique(pair_region) if model.pairs else np.zeros(1, np.int64)
    home = np.full(model.items, names[0], np.int64)
    home[model.item] = pair_region
    for name in names.tolist():
        units = [u for u, part in enumerate(model.parts) if region[u] == name]
        if name == names[0]:
            units += [u for u, part in enumerate(model.parts) if region[u] not in names]
        yield _sub_model(model, sorted(units), np.flatnonzero(home == name), is_first=name == names[0])


def _sub_model(model: Model, units: list[int], items: Ints, *, is_first: bool) -> Model:
    chosen = [np.arange(model.parts[unit].first, model.parts[unit].last) for unit in units]
    pairs = np.concatenate([np.zeros(0, np.int64), *chosen])
    item_at = np.full(model.items, -1, np.int64)
    item_at[items] = np.arange(len(items))
    parts, first = [], 0
    for unit in units:
        part = model.parts[unit]
        parts.append(replace(part, first=first, last=first + part.last - part.first))
        first += part.last - part.first
    return Model(
        items=len(items),
        must=model.must[items],
        item=item_at[model.item[pairs]],
        unit=np.repeat(np.arange(len(units)), [part.last - part.first for part in parts]),
        parts=tuple(parts),
        goals=tuple(_sub_goal(goal, pairs, is_first=is_first) for goal in model.goals),
        limits=(),
        fixed={name: None for pair in pairs.tolist() for name, _ in model.labels[pair]},
        labels=[model.labels[pair] for pair in pairs.tolist()],
    )


def _sub_goal(goal: Goal, pairs: Ints, *, is_first: bool) -> Goal:
    return replace(goal, weight=goal.weight[pairs], constant=goal.constant if is_first else 0)
