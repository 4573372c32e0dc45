"""The prices that make the pattern bound smallest, by column generation inside a moving box.

The restricted master program proposes prices, within a box around the best prices so far; the units answer
with patterns that are worth more than it thought. The box keeps early, wild proposals from wasting work.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ortools.math_opt.python import mathopt

from optimizer.pipeline.linear import Floats
from optimizer.pipeline.model import Flags
from optimizer.pipeline.patterns import SCALE, Evaluated, Pricer, Prices, Question, evaluate, refreshed

MOST_ROUNDS = 300
KEPT = 8
"""Evaluations handed on: the caps they put on units tighten the closing search."""

SERIOUS, GOOD = 0.1, 0.5
"""Shares of the promised improvement at which the centre moves, and the box grows."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Prices from the master: rows' duals (items, then limits and shares), the value they promise (unscaled)."""

    duals: Floats
    promise: float
    boxed: bool


class Master:
    """The restricted master program, kept warm while patterns are added."""

    def __init__(self, pricer: Pricer, question: Question) -> None:
        model = pricer.model
        self.pricer = pricer
        self.question = question
        self.program = mathopt.Model()
        self.program.objective.is_maximize = True
        add = self.program.add_linear_constraint
        self.items = [add(lb=1.0 if must else -math.inf, ub=1.0) for must in model.must]
        self.free = np.concatenate([model.must, np.zeros(len(question.rows), bool)])
        self.rows = [add(lb=float(row.at_least)) for row in question.rows]
        self.units = [add(lb=1.0, ub=1.0) for _ in model.parts]
        self.added = [0] * len(model.parts)
        self.up, self.down = [], []
        for row, sign in [*((row, 1.0) for row in self.items), *((row, -1.0) for row in self.rows)]:
            for columns, entry in ((self.up, -sign), (self.down, sign)):
                column = self.program.add_variable(lb=0.0)
                row.set_coefficient(column, entry)
                columns.append(column)
        if question.shares is not None:
            least = self.program.add_variable(lb=0.0)
            self.program.objective.set_linear_coefficient(least, 1.0)
            for row, (size, _) in zip(self.rows[len(question.limits) :], question.shares, strict=True):
                row.set_coefficient(least, -float(size))
        self.solver = mathopt.IncrementalSolver(self.program, mathopt.SolverType.GLOP)

    def extend(self) -> None:
        """Add the patterns the pricer has found since."""
        model, objective = self.pricer.model, self.question.objective
        for unit, part in enumerate(model.parts):
            pool = self.pricer.pools[unit]
            for pattern in pool[self.added[unit] :]:
                column = self.program.add_variable(lb=0.0)
                pairs = part.first + np.flatnonzero(pattern)
                earned = sum(bonus.points for bonus in part.bonuses if pattern[bonus.pairs].all())
                high = 0
                if len(part.peaks.base):
                    high = max(0, int((part.peaks.base + pattern @ part.peaks.use).max()))
                worth = int(objective.weight[pairs].sum()) + objective.bonus * earned + objective.peak * high
                self.program.objective.set_linear_coefficient(column, float(worth))
                self.units[unit].set_coefficient(column, 1.0)
                for item in model.item[pairs]:
                    self.items[item].set_coefficient(column, 1.0)
                for row, limit in zip(self.rows, self.question.rows, strict=True):
                    entry = int(limit.weight[pairs].sum()) + limit.bonus * earned + limit.peak * high
                    if entry:
                        row.set_coefficient(column, float(entry))
            self.added[unit] = len(pool)

    def propose(self, centre: Floats, radius: Floats) -> Proposal | None:
        """Return the best prices within `radius` of `centre`, None if the program could not be solved."""
        objective = self.program.objective
        low = centre - radius
        low[~self.free] = np.maximum(low[~self.free], 0.0)
        for column, price in zip(self.up, (centre + radius).tolist(), strict=True):
            objective.set_linear_coefficient(column, -price)
        for column, price in zip(self.down, low.tolist(), strict=True):
            objective.set_linear_coefficient(column, price)
        solved = self.solver.solve()
        if solved.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return None
        duals = np.array(solved.dual_values([*self.items, *self.rows]))
        duals[len(self.items) :] *= -1.0
        used = sum(solved.variable_values([*self.up, *self.down]))
        return Proposal(duals, solved.objective_value(), used > 1e-7)


def scaled(question: Question, duals: Floats, free: Flags) -> Prices:
    """Return integer prices near `duals`, valid ones: no negative price but for a must."""
    rounded = np.rint(duals * SCALE).astype(np.int64)
    rounded[~free] = np.maximum(rounded[~free], 0)
    items = len(free) - len(question.rows)
    shares = rounded[items + len(question.limits) :]
    if question.shares is not None and len(shares):
        sizes = np.array([size for size, _ in question.shares], np.int64)
        missing = SCALE - int(shares @ sizes)
        if missing > 0:
            shares[0] += -(-missing // sizes[0])
    return Prices(rounded[:items], rounded[items : items + len(question.limits)], shares)


@dataclass(slots=True)
class Climate:
    """What the search for prices looks at besides prices."""

    allowed: Flags
    is_enough: Callable[[int], bool]
    is_over: Callable[[], bool]
    on_bound: Callable[[int], None]


def generate(pricer: Pricer, question: Question, duals: Floats, climate: Climate) -> list[Evaluated]:
    """Return evaluations from `duals` on (items, limits, shares), the one with the smallest bound first.

    `climate.is_enough` is told each scaled bound and says when it suffices; `on_bound` hears of better ones.
    """
    master = Master(pricer, question)
    free, allowed = master.free, climate.allowed
    reach = max(1e-3, float(np.abs(duals[: len(master.items)]).mean()))
    radius = np.full(len(free), 0.1 * reach)
    radius[len(master.items) :] = 0.2 * np.abs(duals[len(master.items) :]) + 1e-4
    effort, factor, dull = 0, 1.0, 0
    centre = evaluate(pricer, question, scaled(question, duals, free), allowed, 1)
    tightest = centre
    kept = [centre]
    for _ in range(MOST_ROUNDS):
        for unit, best in enumerate(centre.bests):
            pricer.add(unit, best.pattern)
        if climate.is_enough(tightest.bound) or climate.is_over():
            break
        master.extend()
        centre = refreshed(pricer, centre, allowed)
        at = np.concatenate([centre.prices.items, centre.prices.limits, centre.prices.shares]) / SCALE
        proposal = master.propose(at, factor * radius)
        if proposal is None:
            break
        promised = centre.estimate / SCALE - proposal.promise
        if promised < 0.02 * reach and math.floor(proposal.promise + 1e-6) >= math.floor(centre.estimate / SCALE):
            if proposal.boxed and factor < 1e4:
                factor *= 4
                continue
            if all(best.upper <= best.worth for best in centre.bests):
                break
            centre = evaluate(pricer, question, centre.prices, allowed, 2)
            kept.append(centre)
            if centre.bound < tightest.bound:
                tightest = centre
                climate.on_bound(centre.bound)
            added = [pricer.add(unit, best.pattern) for unit, best in enumerate(centre.bests)]
            if not any(added):
                break
            continue
        trial = evaluate(pricer, question, scaled(question, proposal.duals, free), allowed, effort)
        kept.append(trial)
        fresh = [pricer.add(unit, best.pattern) for unit, best in enumerate(trial.bests)]
        if trial.bound < tightest.bound:
            tightest = trial
            climate.on_bound(trial.bound)
        if trial.estimate < centre.estimate - SERIOUS * promised * SCALE:
            if trial.estimate < centre.estimate - GOOD * promised * SCALE:
                factor *= 1.5
            centre, dull = trial, 0
        else:
            dull += 1
            if dull >= 3:
                factor, dull = max(0.6 * factor, 0.02), 0
        effort = 0 if any(fresh) else min(2, effort + 1)
    return sorted(kept, key=lambda one: one.bound)[:KEPT]
