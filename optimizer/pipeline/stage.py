"""One level: bounded by its relaxation, then by unit patterns, then closed by a search on what is left."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np
from ortools.math_opt.python import mathopt

from optimizer.outcome import Controls, Outcome, Progress, Stage
from optimizer.pipeline import closing, neighbours
from optimizer.pipeline.greedy import fill
from optimizer.pipeline.linear import Relaxed, UnitCap, compact, integer, relax
from optimizer.pipeline.master import Climate, generate
from optimizer.pipeline.model import Flags, Goal, Limit, Model, is_feasible, keeps, value
from optimizer.pipeline.patterns import SCALE, Evaluated, Pricer, Question, still_useful

GLOP = closing.NAME.replace("CP-SAT", "GLOP")
SCIP = closing.NAME.replace("CP-SAT", "SCIP")
PATTERNS = "unit patterns"
ROUNDING = 1e-6
EASY_PAIRS = 250
"""Up to this many pairs left, CP-SAT alone is quicker than a better bound."""
MOST_PATTERN_PAIRS = 6_000
"""Above this many pairs, patterns cost more time than they are worth."""
THIN = 100
"""Where plan and relaxation are within this part of the bound at the first level, branching beats patterns."""
VAIN_ROUNDS, VAIN_ROUNDS_LARGE = 10, 200
"""Rounds without a better plan after which planning a few units anew ends."""
UNITS_AT_ONCE = 8
"""Units planned anew together."""
SIZES_OF_MUSTS, VAIN_OF_MUSTS, CORE = (4, 6, 8, 10), 60, 4
"""The same where all must be placed, more units one after another; of the pairs nearest to the bound, CORE an item."""
NARROW, NARROW_LATER, NARROWEST = 100, 25, 4
"""The search first asks for plans within this part (the first level, later ones) of the bound, at least
within NARROWEST, then twice as far, and so on: what is asked for decides which pairs can be left out."""


@dataclass(slots=True)
class Run:
    """A level on its way, in max form: values and bounds are negated where the level is a minimum."""

    model: Model
    goal: Goal
    limits: tuple[Limit, ...]
    controls: Controls
    deadline: float
    begun: float
    best: Flags
    bound: int
    pricer: Pricer
    allowed: Flags
    solver: str = "count"
    caps: list[UnitCap] = field(default_factory=list)
    evaluations: list[Evaluated] = field(default_factory=list)
    before: tuple[Stage, ...] = ()

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
        """Take a plan if it is better and keeps every rule and limit."""
        if not is_feasible(self.model, chosen) or not keeps(self.model, self.limits, chosen):
            return
        if self.sign * value(self.model, self.goal, chosen) > self.value:
            self.best = chosen
            self.report()
            self.pass_on()

    def lower(self, bound: float, solver: str) -> None:
        """Take a bound (in max form, constant included) if it is tighter."""
        if math.isfinite(bound) and math.floor(bound + ROUNDING) < self.bound:
            self.bound = math.floor(bound + ROUNDING)
            self.solver = solver
            self.report()
            self.pass_on()

    @property
    def stage(self) -> Stage:
        """The level as it stands."""
        return Stage(
            self.goal.name,
            self.goal.sense,
            self.goal.tolerance_permille,
            self.sign * self.value,
            self.sign * self.bound,
            time.monotonic() - self.begun,
            self.solver,
        )

    def pass_on(self) -> None:
        """Hand the best plan so far to whoever keeps it."""
        if self.controls.on_better is not None:
            self.controls.on_better(Outcome(self.model.assignment(self.best), (*self.before, self.stage)))

    def seconds_left(self) -> float:
        """Return what is left of the level's share of the time."""
        return max(0.0, self.deadline - time.monotonic())

    def is_over(self) -> bool:
        """Whether the level has to end now."""
        return self.seconds_left() <= 0 or self.controls.is_over()

    def report(self) -> None:
        """Tell whoever listens."""
        if self.controls.on_progress is not None:
            seconds = time.monotonic() - self.begun
            self.controls.on_progress(Progress(self.goal.name, self.sign * self.value, self.sign * self.bound, seconds))


def prove(run: Run) -> None:
    """Close one level as far as the controls allow: linear bound, pattern bound, then search on the rest."""
    if run.proven or run.is_over():
        return
    relaxed = _relax(run)
    if run.proven or run.is_over():
        return
    left = int(run.allowed.sum())
    if EASY_PAIRS < left <= MOST_PATTERN_PAIRS and not run.limits and THIN * (run.bound - run.value) <= abs(run.bound):
        _close(run, run.allowed, run.value + 1, proving=False)
        return
    if left > EASY_PAIRS and run.goal.shares is None and not run.model.must.any():
        patience = VAIN_ROUNDS if left <= MOST_PATTERN_PAIRS else VAIN_ROUNDS_LARGE
        _neighbours(run, neighbours.Rounds((UNITS_AT_ONCE,), patience))
    if run.proven or run.is_over():
        return
    if EASY_PAIRS < left <= MOST_PATTERN_PAIRS and len(run.model.parts) > 1 and relaxed is not None and not run.limits:
        _patterns(run, relaxed)
    if run.proven or run.is_over():
        return
    _close(run, run.allowed, run.value + 1)


def _neighbours(run: Run, rounds: neighbours.Rounds) -> None:
    """Better the plan a few units at a time; the bound stays the relaxation's."""
    if any(len(part.peaks.base) for part in run.model.parts):
        return
    neighbours.improve(
        run.model,
        run.objective,
        run.limits,
        run.best,
        run.controls,
        lambda: run.proven or run.is_over(),
        run.improve,
        rounds,
    )


def _relax(run: Run) -> Relaxed | None:
    """Bound the level by its linear relaxation and drop the pairs no better plan can contain."""
    asked = (run.model, run.objective, run.limits, run.goal.shares, run.allowed)
    relaxed = relax(compact(*asked, run.caps))
    if relaxed is None and run.caps:
        # The caps are dense rows of unlike size and may defeat the solver; the bound holds without them.
        relaxed = relax(compact(*asked))
    if relaxed is None:
        return None
    run.lower(relaxed.bound + run.constant, GLOP)
    pairs = run.model.pairs
    worth = np.empty(pairs, np.int64)
    worth[np.lexsort((run.objective.weight, np.rint(relaxed.x[:pairs] * SCALE)))] = np.arange(pairs)
    run.improve(fill(run.model, np.zeros(pairs, bool), worth))
    room = relaxed.bound + run.constant - (run.value + 1) + ROUNDING
    run.allowed = (relaxed.net[:pairs] >= -room) & run.allowed
    return relaxed


def _patterns(run: Run, relaxed: Relaxed) -> None:
    """Bound the level by unit patterns, and drop the pairs no better plan can contain."""
    pricer, model = run.pricer, run.model
    for unit, part in enumerate(model.parts):
        pricer.add(unit, run.best[part.first : part.last].copy())
    question = Question(run.objective, run.goal.shares, run.limits)
    row = model.items
    for unit, part in enumerate(model.parts):
        pricer.row_price[unit] = np.maximum(0.0, relaxed.duals[row : row + len(part.rows.cap)]) * SCALE
        row += len(part.rows.cap)
    sides = -relaxed.duals[row : row + len(question.rows)]
    duals = np.concatenate([relaxed.duals[: model.items], sides])

    def is_enough(bound: int) -> bool:
        return bound // SCALE + run.constant <= run.value

    climate = Climate(
        run.allowed,
        is_enough,
        run.is_over,
        lambda bound: run.lower(bound // SCALE + run.constant, PATTERNS),
    )
    evaluations = generate(pricer, question, duals, climate)
    evaluated = evaluations[0]
    run.evaluations = evaluations
    run.lower(evaluated.bound // SCALE + run.constant, PATTERNS)
    if model.must.any() and question.shares is None and len(model.parts) >= 2 * max(SIZES_OF_MUSTS):
        _neighbours(run, neighbours.Rounds(SIZES_OF_MUSTS, VAIN_OF_MUSTS, _nearest_the_bound(run, evaluated)))
    gap = max(NARROWEST, abs(run.bound) // (NARROW_LATER if run.limits else NARROW))
    while not run.proven and not run.is_over():
        needed = max(run.value + 1, run.bound - gap + 1)
        useful = still_useful(pricer, evaluated, run.allowed, (needed - run.constant) * SCALE)
        _close(run, useful, needed)
        gap *= 2


def _nearest_the_bound(run: Run, evaluated: Evaluated) -> Flags:
    """Return the pairs of plans near the bound, as near as leaves at least CORE pairs an item."""
    gap, useful = 1, run.allowed & False
    while useful.sum() < CORE * run.model.items and gap <= max(1, abs(run.bound)):
        useful = still_useful(run.pricer, evaluated, run.allowed, (run.bound - gap + 1 - run.constant) * SCALE)
        gap *= 2
    return useful


def _close(run: Run, useful: Flags, needed: int, *, proving: bool = True) -> None:
    """Search the `useful` pairs, which hold every plan of value `needed` or more, until proven."""
    least, most = needed - run.constant, run.bound - run.constant
    run.pass_on()
    if useful.sum() <= EASY_PAIRS:
        task = closing.Task(run.objective, run.goal.shares, run.limits, useful, least, most)
        answer = closing.close(run.model, task, None, run.controls, seconds=run.seconds_left())
        name = closing.NAME
    else:
        answer = _branch(run, useful, least, most, proving=proving)
        name = SCIP
    if answer.chosen is not None:
        run.improve(answer.chosen)
    run.lower(needed - 1 if answer.none else answer.bound + run.constant, name)


def _branch(run: Run, useful: Flags, least: int, most: int, *, proving: bool) -> closing.Answer:
    """As `_close`, by branch and bound with linear programs, which is stronger where many pairs are left.

    `proving` is for where the best plan is good already and the bound is what is missing. Only plans of
    `least` or more are bounded: the best plan may have pairs that are not `useful`.
    """
    shares, hint, asked = run.goal.shares, None, run.limits
    if least == run.value - run.constant + 1 and not (run.best & ~useful).any():
        hint = run.best
    elif shares is None:
        asked = (*run.limits, replace(run.objective, at_least=least))
    program = compact(run.model, run.objective, asked, shares, useful, run.caps)
    integers = np.arange(len(program.cost)) < run.model.pairs
    integers[len(program.cost) - (shares is not None) :] = True
    engine, stop = mathopt.SolverType.GSCIP, run.controls.should_stop
    found = integer(program, integers, engine, run.seconds_left(), stop, hint, proving=proving)
    if found.x is None:
        return closing.Answer(None, min(found.bound, most), found.infeasible)
    chosen = found.x[: run.model.pairs] > 0.5
    return closing.Answer(chosen, min(max(found.bound, least - 1), most), False)
