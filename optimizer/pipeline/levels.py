"""The levels one after another: each begins from the plan, patterns and bounds of the one before."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from optimizer.outcome import Controls, Outcome, Stage
from optimizer.pipeline import closing
from optimizer.pipeline.greedy import first_plan
from optimizer.pipeline.linear import UnitCap, least_share
from optimizer.pipeline.model import Flags, Goal, Limit, Model, fits_alone, passed_on
from optimizer.pipeline.patterns import SCALE, Pricer, caps, still_useful
from optimizer.pipeline.stage import Run, prove

PASSED_ON = 3
"""Evaluations of a level whose caps on units tighten the next levels' relaxations."""


def solve_levels(model: Model, controls: Controls, seconds: Mapping[str, float]) -> Outcome:
    """Return the best plan by the model's goals, in order."""
    begun = time.monotonic()
    preferred = None if controls.start is None else model.chosen(controls.start)
    plan = first_plan(model, preferred, model.limits)
    if plan is None:
        plan, infeasible = _any_plan(model, controls)
        if plan is None:
            return Outcome(None, (), infeasible, seconds)
    limits = model.limits
    stages: list[Stage] = []
    pricer = Pricer(model)
    allowed, known = fits_alone(model), list[UnitCap]()
    for goal in model.goals:
        if stages and controls.is_over():
            break
        share = controls.seconds_left() / (len(model.goals) - len(stages))
        now = time.monotonic()
        run = Run(
            model, goal, limits, controls, now + share, now, plan, loosest(model, goal), pricer, allowed,
            caps=known, before=tuple(stages),
        )  # fmt: skip
        run.pass_on()
        prove(run)
        plan, stage = run.best, run.stage
        stages.append(stage)
        limits = (*limits, *passed_on(goal, stage.limit))
        if run.evaluations:
            needed = (run.sign * stage.limit - run.constant) * SCALE
            allowed = still_useful(pricer, run.evaluations[0], allowed, needed) | plan
            known = [*known, *caps(model, run.evaluations[:PASSED_ON])]
    taken = {**seconds, "search": time.monotonic() - begun}
    return Outcome(model.assignment(plan), tuple(stages), seconds=taken)


def loosest(model: Model, goal: Goal) -> int:
    """Return a bound that holds without any search, in max form."""
    if goal.shares is not None:
        return least_share(goal.shares)
    sign = 1 if goal.sense == "max" else -1
    best = np.full(model.items, np.iinfo(np.int64).min, np.int64)
    np.maximum.at(best, model.item, sign * goal.weight)
    best[~model.must] = np.maximum(best[~model.must], 0)
    extra = sum(bonus.points for part in model.parts for bonus in part.bonuses) if sign * goal.bonus > 0 else 0
    lowest_peaks = sum(max(0, *part.peaks.base.tolist()) for part in model.parts if len(part.peaks.base))
    found: int = int(best.sum()) + extra + sign * (goal.constant + goal.peak * lowest_peaks)
    return found


def _any_plan(model: Model, controls: Controls) -> tuple[Flags | None, bool]:
    """Return a plan that keeps musts and limits, or whether it is proven that there is none."""
    everything = np.ones(model.pairs, bool)
    nothing = Limit(np.zeros(model.pairs, np.int64), 0)
    task = closing.Task(nothing, None, model.limits, everything)
    answer = closing.close(model, task, None, controls, seconds=controls.seconds_left())
    return answer.chosen, answer.none
