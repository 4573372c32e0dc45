"""The levels one after another: each begins from the plan, prices and patterns of the one before."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from optimizer.outcome import Controls, Outcome, Progress, Stage
from optimizer.pipeline import search
from optimizer.pipeline.greedy import first_plan
from optimizer.pipeline.linear import compact, relax
from optimizer.pipeline.model import Flags, Goal, Limit, Model, keeps, passed_on, value

GLOP = search.NAME.replace("CP-SAT", "GLOP")
ROUNDING = 1e-6


@dataclass(slots=True)
class Run:
    """A level on its way, in max form: values and bounds are negated where the level is a minimum."""

    model: Model
    goal: Goal
    limits: tuple[Limit, ...]
    controls: Controls
    begun: float
    best: Flags
    bound: int
    solver: str = "count"
    allowed: Flags = field(default_factory=lambda: np.zeros(0, bool))

    @property
    def sign(self) -> int:
        """1 for a maximum, -1 for a minimum."""
        return 1 if self.goal.sense == "max" else -1

    @property
    def value(self) -> int:
        """The best plan's value, in max form."""
        return self.sign * value(self.model, self.goal, self.best)

    @property
    def objective(self) -> Limit:
        """The goal as a row to be made large, without its constant."""
        goal = self.goal
        return Limit(self.sign * goal.weight, 0, self.sign * goal.bonus, self.sign * goal.peak)

    @property
    def constant(self) -> int:
        """What the objective leaves out of the value, in max form."""
        return self.sign * self.goal.constant

    @property
    def proven(self) -> bool:
        """Whether the bound is reached."""
        return self.value >= self.bound

    def improve(self, chosen: Flags) -> None:
        """Take a plan if it is better and keeps every limit."""
        if not keeps(self.model, self.limits, chosen):
            return
        if self.sign * value(self.model, self.goal, chosen) > self.value:
            self.best = chosen
            self.report()

    def lower(self, bound: float, solver: str) -> None:
        """Take a bound (in max form, constant included) if it is tighter."""
        if math.isfinite(bound) and math.floor(bound + ROUNDING) < self.bound:
            self.bound = math.floor(bound + ROUNDING)
            self.solver = solver
            self.report()

    def report(self) -> None:
        """Tell whoever listens."""
        if self.controls.on_progress is not None:
            seconds = time.monotonic() - self.begun
            self.controls.on_progress(
                Progress(self.goal.name, self.sign * self.value, self.sign * self.bound, seconds)
            )


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
    for goal in model.goals:
        if stages and controls.is_over():
            break
        run = Run(model, goal, limits, controls, time.monotonic(), plan, loosest(model, goal))
        prove(run)
        plan = run.best
        stage = Stage(
            goal.name,
            goal.sense,
            goal.tolerance_permille,
            run.sign * run.value,
            run.sign * run.bound,
            time.monotonic() - run.begun,
            run.solver,
        )
        stages.append(stage)
        limits = (*limits, *passed_on(goal, stage.limit))
    taken = {**seconds, "search": time.monotonic() - begun}
    return Outcome(model.assignment(plan), tuple(stages), seconds=taken)


def loosest(model: Model, goal: Goal) -> int:
    """Return a bound that holds without any search, in max form."""
    if goal.shares is not None:
        return min((int(weight[weight > 0].sum()) // size for size, weight in goal.shares), default=0)
    sign = 1 if goal.sense == "max" else -1
    best = np.full(model.items, np.iinfo(np.int64).min, np.int64)
    np.maximum.at(best, model.item, sign * goal.weight)
    best[~model.must] = np.maximum(best[~model.must], 0)
    extra = sum(bonus.points for part in model.parts for bonus in part.bonuses) if sign * goal.bonus > 0 else 0
    lowest_peaks = sum(max(0, *part.peaks.base.tolist()) for part in model.parts if len(part.peaks.base))
    return int(best.sum()) + extra + sign * (goal.constant + goal.peak * lowest_peaks)


def _any_plan(model: Model, controls: Controls) -> tuple[Flags | None, bool]:
    """Return a plan that keeps musts and limits, or whether it is proven that there is none."""
    everything = np.ones(model.pairs, bool)
    nothing = Limit(np.zeros(model.pairs, np.int64), 0)
    task = search.Task(nothing, None, model.limits, everything)
    answer = search.close(model, task, None, controls, seconds=controls.seconds_left())
    return answer.chosen, answer.none


def prove(run: Run) -> None:
    """Close one level as far as the controls allow."""
    run.allowed = np.ones(run.model.pairs, bool)
    if run.proven or run.controls.is_over():
        return
    _relax(run)
    if run.proven or run.controls.is_over():
        return
    _close(run)


def _relax(run: Run) -> None:
    """Bound the level by its linear relaxation and drop the pairs no better plan can contain."""
    program = compact(run.model, run.objective, run.limits, run.goal.shares, run.allowed)
    relaxed = relax(program)
    if relaxed is None:
        return
    run.lower(relaxed.value + run.constant, GLOP)
    net = program.cost.copy()
    np.subtract.at(net, program.sparse.column, relaxed.duals[program.sparse.row] * program.sparse.entry)
    pairs = run.model.pairs
    room = relaxed.value + run.constant - (run.value + 1)
    run.allowed = (net[:pairs] >= -room - ROUNDING * max(1.0, abs(relaxed.value))) & run.allowed


def _close(run: Run) -> None:
    """Search what is left until proven."""
    above = run.value + 1 - run.constant
    task = search.Task(run.objective, run.goal.shares, run.limits, run.allowed, above, run.bound - run.constant)
    answer = search.close(run.model, task, None, run.controls, seconds=run.controls.seconds_left())
    if answer.chosen is not None:
        run.improve(answer.chosen)
    if answer.none:
        run.lower(run.value, search.NAME)
    else:
        run.lower(answer.bound + run.constant, search.NAME)
