"""A first plan in milliseconds: the most urgent first, each where the order of goals likes it best."""

from __future__ import annotations

import numpy as np

from optimizer.pipeline.model import Flags, Ints, Limit, Model, keeps


def first_plan(model: Model, preferred: Flags | None, limits: tuple[Limit, ...] = ()) -> Flags | None:
    """Return a plan that keeps every rule, near `preferred` where given; None if it misses a must or limit."""
    chosen = fill(model, np.zeros(model.pairs, bool), _worth(model, preferred))
    placed = np.bincount(model.item[chosen], minlength=model.items)
    if (placed[model.must] == 0).any() or not keeps(model, limits, chosen):
        return None
    return chosen


def _worth(model: Model, preferred: Flags | None) -> Ints:
    """Return a rank per pair: musts first, then the preferred, then by the goals in their order."""
    keys = [goal.weight if goal.sense == "max" else -goal.weight for goal in reversed(model.goals)]
    if preferred is not None:
        keys.append(preferred.astype(np.int64))
    keys.append(model.must[model.item].astype(np.int64))
    rank = np.empty(model.pairs, np.int64)
    rank[np.lexsort(keys)] = np.arange(model.pairs)
    return rank


def fill(model: Model, chosen: Flags, worth: Ints) -> Flags:
    """Return `chosen` with every pair added that still fits, dearest first."""
    chosen = chosen.copy()
    left = [part.rows.cap - chosen[part.first : part.last] @ part.rows.use for part in model.parts]
    placed = np.bincount(model.item[chosen], minlength=model.items) > 0
    units = model.unit.tolist()
    for pair in np.argsort(-worth, kind="stable").tolist():
        item, unit = model.item[pair], units[pair]
        if placed[item]:
            continue
        part = model.parts[unit]
        use = part.rows.use[pair - part.first]
        if (use <= left[unit]).all():
            left[unit] -= use
            placed[item] = True
            chosen[pair] = True
    return chosen
