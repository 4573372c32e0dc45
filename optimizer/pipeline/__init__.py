"""The fast engine: reduce, bound, find, prove, level by level. `PIPELINE.md` explains it on one page."""

from __future__ import annotations

import time

from optimizer.outcome import Controls, Outcome
from optimizer.pipeline import from_instance, from_pairs
from optimizer.pipeline.levels import solve_levels
from optimizer.problem import AnyInstance, PairInstance


def search(instance: AnyInstance, controls: Controls) -> Outcome:
    """Return the best plan by the instance's levels, in order, within `controls`."""
    begun = time.monotonic()
    if isinstance(instance, PairInstance):
        model = from_pairs.build(instance)
    else:
        model = from_instance.build(instance, controls.requirements)
    return solve_levels(model, controls, {"rows": time.monotonic() - begun})
