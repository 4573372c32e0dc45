"""Better plans for large instances: a few units at a time are planned anew, everything else stays.

The units' children and everybody unplaced are free; CP-SAT plans them within a fixed effort, so that one
worker and a seed repeat as long as no deadline cuts in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimizer.outcome import Controls
from optimizer.pipeline import closing
from optimizer.pipeline.model import Flags, Ints, Limit, Model, linear

EFFORT = 0.5
"""CP-SAT's effort for units planned anew together."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How many units are planned anew at once, one size after another, each until `patience` vain rounds in a row.

    Only the pairs `among` and those of the best plan are looked at (None = all).
    """

    sizes: tuple[int, ...]
    patience: int
    among: Flags | None = None


def improve(
    model: Model,
    objective: Limit,
    limits: tuple[Limit, ...],
    best: Flags,
    controls: Controls,
    is_over: Callable[[], bool],
    take: Callable[[Flags], None],
    rounds: Rounds,
) -> None:
    """Hand every better plan found to `take`, until `is_over` or every size has had its rounds.

    For instances without peaks: those tie units together that are planned apart here.
    """
    dice = np.random.default_rng(controls.seed)
    units_of = _units_of(model)
    alone = replace(controls, workers=1)
    for size in rounds.sizes:
        vain = 0
        while vain < rounds.patience and not is_over():
            units = _near(model, units_of, int(dice.integers(len(model.parts))), size, dice)
            better = _planned_anew(model, objective, limits, best, units, rounds.among, alone)
            vain += 1
            if better is not None:
                best, vain = better, 0
                take(best)


def _planned_anew(
    model: Model,
    objective: Limit,
    limits: tuple[Limit, ...],
    best: Flags,
    units: Ints,
    among: Flags | None,
    controls: Controls,
) -> Flags | None:
    """Return a better plan that is `best` outside `units`, None if none is found."""
    here = np.isin(model.unit, units)
    kept = best & ~here
    busy = np.zeros(model.items, bool)
    busy[model.item[kept]] = True
    allowed = here & ~busy[model.item]
    if among is not None:
        allowed &= among | best
    left = tuple(replace(one, at_least=one.at_least - _left_side(model, one, kept)) for one in limits)
    above = _left_side(model, objective, best) - _left_side(model, objective, kept) + 1
    rest = replace(model, must=model.must & ~busy)
    answer = closing.close(rest, closing.Task(objective, None, left, allowed, above), None, controls, effort=EFFORT)
    return None if answer.chosen is None else kept | answer.chosen


def _left_side(model: Model, limit: Limit, chosen: Flags) -> int:
    return linear(model, chosen, limit.weight, limit.bonus, limit.peak)


def _units_of(model: Model) -> list[Ints]:
    """Return each item's units."""
    order = np.argsort(model.item, kind="stable")
    bounds = np.searchsorted(model.item[order], np.arange(model.items + 1))
    return [model.unit[order[bounds[i] : bounds[i + 1]]] for i in range(model.items)]


def _near(model: Model, units_of: list[Ints], unit: int, size: int, dice: np.random.Generator) -> Ints:
    """Return `unit` and others that its items could go to, `size` in all, drawn the likelier the more there are."""
    part = model.parts[unit]
    shared = np.zeros(len(model.parts))
    for item in model.item[part.first : part.last]:
        shared[units_of[item]] += 1
    shared[unit] = 0
    others = np.flatnonzero(shared)
    count = min(size - 1, len(others))
    drawn = dice.choice(others, count, replace=False, p=shared[others] / shared[others].sum()) if count else others
    return np.append(drawn, unit)
