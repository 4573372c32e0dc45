"""The fast engine: reduce, bound, find, prove, level by level. `PIPELINE.md` explains it on one page."""

from __future__ import annotations

import time

from optimizer.outcome import Controls, Outcome
from optimizer.pipeline import from_instance, from_pairs
from optimizer.pipeline.components import can_split, solve_apart
from optimizer.pipeline.levels import solve_levels
from optimizer.problem import AnyInstance, PairInstance


def search(instance: AnyInstance, controls: Controls) -> Outcome:
    """Return the best plan by the instance's levels, in order, within `controls`."""
    begun = time.monotonic()
    if isinstance(instance, PairInstance):
        model = from_pairs.build(instance)
    else:
        model = from_instance.build(instance, controls.requirements)
    seconds = {"rows": time.monotonic() - begun}
    if can_split(model):
        return solve_apart(model, controls, seconds, solve_levels)
    return solve_levels(model, controls, seconds)
