"""Better plans for large instances: a few units at a time are planned anew, everything else stays.

The units' children and everybody unplaced are free; CP-SAT plans them within a fixed effort, so that one
worker and a seed repeat as long as no deadline cuts in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.outcome import Controls
from optimizer.pipeline import closing
from optimizer.pipeline.model import Flags, Ints, Limit, Model, linear

UNITS_AT_ONCE, EFFORT = 8, 0.5
"""Units planned anew together, and CP-SAT's effort for it."""


def improve(
    model: Model,
    objective: Limit,
    limits: tuple[Limit, ...],
    best: Flags,
    controls: Controls,
    is_over: Callable[[], bool],
    take: Callable[[Flags], None],
    patience: int,
) -> None:
    """Hand every better plan found to `take`, until `is_over` or `patience` vain rounds in a row.

    For instances without musts and peaks: those tie units together that are planned apart here.
    """
    dice = np.random.default_rng(controls.seed)
    units_of = _units_of(model)
    alone = replace(controls, workers=1)
    vain = 0
    while vain < patience and not is_over():
        units = _near(model, units_of, int(dice.integers(len(model.parts))), dice)
        here = np.isin(model.unit, units)
        kept = best & ~here
        busy = np.zeros(model.items, bool)
        busy[model.item[kept]] = True
        allowed = here & ~busy[model.item]
        left = tuple(replace(one, at_least=one.at_least - _left_side(model, one, kept)) for one in limits)
        above = _left_side(model, objective, best) - _left_side(model, objective, kept) + 1
        task = closing.Task(objective, None, left, allowed, above)
        answer = closing.close(model, task, None, alone, effort=EFFORT)
        vain += 1
        if answer.chosen is not None:
            best, vain = kept | answer.chosen, 0
            take(best)


def _left_side(model: Model, limit: Limit, chosen: Flags) -> int:
    return linear(model, chosen, limit.weight, limit.bonus, limit.peak)


def _units_of(model: Model) -> list[Ints]:
    """Return each item's units."""
    order = np.argsort(model.item, kind="stable")
    bounds = np.searchsorted(model.item[order], np.arange(model.items + 1))
    return [model.unit[order[bounds[i] : bounds[i + 1]]] for i in range(model.items)]


def _near(model: Model, units_of: list[Ints], unit: int, dice: np.random.Generator) -> Ints:
    """Return `unit` and others that its items could go to, drawn the likelier the more there are."""
    part = model.parts[unit]
    shared = np.zeros(len(model.parts))
    for item in model.item[part.first : part.last]:
        shared[units_of[item]] += 1
    shared[unit] = 0
    others = np.flatnonzero(shared)
    count = min(UNITS_AT_ONCE - 1, len(others))
    drawn = dice.choice(others, count, replace=False, p=shared[others] / shared[others].sum()) if count else others
    return np.append(drawn, unit)
