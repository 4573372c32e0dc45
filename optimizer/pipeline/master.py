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

from optimizer.pipeline.linear import Floats, attempt
from optimizer.pipeline.model import Flags
from optimizer.pipeline.patterns import SCALE, Evaluated, Pricer, Prices, Question, evaluate, refreshed

MOST_ROUNDS = 150
KEPT = 8
"""Evaluations handed on: the caps they put on units tighten the closing search."""

NOTHING = 0.02
"""A promise below this part of a mean price is not worth a look, unless a whole point hangs on it."""
WIDEST, NARROWEST_BOX, PATIENCE = 1e4, 0.02, 3
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
        self.up: list[mathopt.Variable] = []
        self.down: list[mathopt.Variable] = []
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
        solved = attempt(self.solver.solve)
        if solved is None or solved.termination.reason != mathopt.TerminationReason.OPTIMAL:
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


class Walk:
    """The way from first prices to the best: the centre, the box around it, and what was seen."""

    def __init__(self, pricer: Pricer, question: Question, duals: Floats, climate: Climate) -> None:
        self.pricer, self.question, self.climate = pricer, question, climate
        self.master = Master(pricer, question)
        items = len(self.master.items)
        self.reach = max(1e-3, float(np.abs(duals[:items]).mean()))
        self.radius = np.full(len(duals), 0.1 * self.reach)
        self.radius[items:] = 0.2 * np.abs(duals[items:]) + 1e-4
        self.factor, self.effort, self.dull = 1.0, 0, 0
        self.seen: list[Evaluated] = []
        self.centre, _ = self.look(scaled(question, duals, self.master.free), 1)

    def look(self, prices: Prices, effort: int) -> tuple[Evaluated, bool]:
        """Evaluate `prices`; return that and whether a new pattern turned up."""
        found = evaluate(self.pricer, self.question, prices, self.climate.allowed, effort, self.climate.is_over)
        if not self.seen or found.bound < self.tightest:
            self.climate.on_bound(found.bound)
        self.seen.append(found)
        new = [self.pricer.add(unit, best.pattern) for unit, best in enumerate(found.bests)]
        return found, any(new)

    @property
    def tightest(self) -> int:
        """The smallest scaled bound seen."""
        return min(one.bound for one in self.seen)

    def step(self) -> bool:
        """Try the master's next proposal; return whether there is reason to go on."""
        self.master.extend()
        centre = self.centre = refreshed(self.pricer, self.centre, self.climate.allowed)
        at = np.concatenate([centre.prices.items, centre.prices.limits, centre.prices.shares]) / SCALE
        proposal = self.master.propose(at, self.factor * self.radius)
        if proposal is None:
            return False
        promised = centre.estimate / SCALE - proposal.promise
        same = math.floor(proposal.promise + 1e-6) >= math.floor(centre.estimate / SCALE)
        if promised < NOTHING * self.reach and same:
            return self._settle(proposal)
        trial, fresh = self.look(scaled(self.question, proposal.duals, self.master.free), self.effort)
        self._move(trial, promised * SCALE)
        self.effort = 0 if fresh else min(2, self.effort + 1)
        return True

    def _settle(self, proposal: Proposal) -> bool:
        """Widen a box that binds, else look at the centre with all effort; return whether that was news."""
        if proposal.boxed and self.factor < WIDEST:
            self.factor *= 4
            return True
        if all(best.upper <= best.worth for best in self.centre.bests):
            return False
        self.centre, fresh = self.look(self.centre.prices, 2)
        return fresh

    def _move(self, trial: Evaluated, promised: float) -> None:
        """Move the centre to a trial that keeps enough of its promise; shrink the box after dull ones."""
        gain = self.centre.estimate - trial.estimate
        if gain > SERIOUS * promised:
            self.factor *= 1.5 if gain > GOOD * promised else 1.0
            self.centre, self.dull = trial, 0
            return
        self.dull += 1
        if self.dull >= PATIENCE:
            self.factor, self.dull = max(0.6 * self.factor, NARROWEST_BOX), 0


def generate(pricer: Pricer, question: Question, duals: Floats, climate: Climate) -> list[Evaluated]:
    """Return evaluations from `duals` on (items, limits, shares), the one with the smallest bound first.

    `climate.is_enough` is told each scaled bound and says when it suffices; `on_bound` hears of better ones.
    """
    walk = Walk(pricer, question, duals, climate)
    for _ in range(MOST_ROUNDS):
        if climate.is_enough(walk.tightest) or climate.is_over() or not walk.step():
            break
    return sorted(walk.seen, key=lambda one: one.bound)[:KEPT]
