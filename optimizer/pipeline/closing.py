"""The closing search: CP-SAT over the pairs that can still matter, from the best plan so far."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from ortools.sat.python import cp_model

from optimizer.outcome import Controls
from optimizer.pipeline.model import Flags, Ints, Limit, Model, UnitPart

NAME = f"CP-SAT {version('ortools')}"
STOP_CHECK_S = 0.05
SMALL_PAIRS = 300
"""Up to this many pairs one thread and light preprocessing are quicker than many."""


@dataclass(frozen=True, slots=True)
class Task:
    """One level's question: maximise `objective` (or the least share) under the limits.

    Pairs not `allowed` are not taken; only plans of at least `above` are of interest (None = any).
    """

    objective: Limit
    shares: tuple[tuple[int, Ints], ...] | None
    limits: Sequence[Limit]
    allowed: Flags
    above: int | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The best plan found (None = none), a bound on every plan asked for, and whether none is proven."""

    chosen: Flags | None
    bound: float
    none: bool


def close(
    model: Model,
    task: Task,
    hint: Flags | None,
    controls: Controls,
    *,
    seconds: float = math.inf,
    effort: float = math.inf,
    on_better: Callable[[int, float], None] | None = None,
) -> Answer:
    """Search until proven, or for at most `seconds` of wall clock and `effort` of CP-SAT's own time."""
    made = cp_model.CpModel()
    free = np.flatnonzero(task.allowed)
    variable: dict[int, cp_model.IntVar] = {int(pair): made.new_bool_var("") for pair in free}
    _one_place(made, model, variable)
    extras = [_unit(made, part, variable) for part in model.parts]
    for limit in task.limits:
        made.add(_expression(limit, extras, variable) >= limit.at_least)
    goal = _goal(made, task, extras, variable)
    made.maximize(goal)
    if task.above is not None:
        made.add(goal >= task.above)
    if task.below is not None:
        made.add(goal <= task.below)
    if hint is not None:
        for pair, one in variable.items():
            made.add_hint(one, int(hint[pair]))
    solver = cp_model.CpSolver()
    _tune(solver, controls, len(variable), seconds, effort)
    with _watched(solver, controls, on_better) as callback:
        status = solver.solve(made, callback)
    if status == cp_model.INFEASIBLE:
        return Answer(None, -math.inf, True)
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(made.validate())
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(None, math.inf, False)
    chosen = np.zeros(model.pairs, bool)
    for pair, one in variable.items():
        chosen[pair] = solver.boolean_value(one)
    return Answer(chosen, math.floor(solver.best_objective_bound + 1e-6), False)


def _tune(solver: cp_model.CpSolver, controls: Controls, size: int, seconds: float, effort: float) -> None:
    solver.parameters.num_workers = 1 if size <= SMALL_PAIRS else controls.workers
    solver.parameters.random_seed = controls.seed % 2**31
    solver.parameters.catch_sigint_signal = False
    if size <= SMALL_PAIRS:
        solver.parameters.linearization_level = 2
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.symmetry_level = 0
    if seconds < math.inf:
        solver.parameters.max_time_in_seconds = max(0.001, seconds)
    if effort < math.inf:
        solver.parameters.max_deterministic_time = effort


@dataclass(frozen=True, slots=True)
class _Extra:
    """What a unit adds to goals beyond its pairs: bonus terms, and its peak (None = no level asks)."""

    bonuses: tuple[tuple[int, cp_model.IntVar], ...]
    peak: cp_model.IntVar | None


def _one_place(made: cp_model.CpModel, model: Model, variable: dict[int, cp_model.IntVar]) -> None:
    of: list[list[cp_model.IntVar]] = [[] for _ in range(model.items)]
    for pair, one in variable.items():
        of[model.item[pair]].append(one)
    for item, ones in enumerate(of):
        if model.must[item]:
            made.add_exactly_one(ones)
        elif len(ones) > 1:
            made.add_at_most_one(ones)


def _unit(made: cp_model.CpModel, part: UnitPart, variable: dict[int, cp_model.IntVar]) -> _Extra:
    own = {at: variable[part.first + at] for at in range(part.last - part.first) if part.first + at in variable}
    for row, cap in enumerate(part.rows.cap.tolist()):
        using = [(one, int(part.rows.use[at, row])) for at, one in own.items() if part.rows.use[at, row]]
        if sum(use for _, use in using) <= cap:
            continue
        if cap == 1 and all(use == 1 for _, use in using):
            made.add_at_most_one(one for one, _ in using)
        else:
            made.add(sum(use * one for one, use in using) <= cap)
    bonuses = []
    for bonus in part.bonuses:
        if all(int(at) in own for at in bonus.pairs):
            whole = made.new_bool_var("")
            members = [own[int(at)] for at in bonus.pairs]
            for one in members:
                made.add_implication(whole, one)
            made.add_bool_or(whole, *(one.negated() for one in members))
            bonuses.append((bonus.points, whole))
    peak = None
    if len(part.peaks.base):
        worst = max(0, *(part.peaks.base + part.peaks.use.sum(axis=0)).tolist())
        peak = made.new_int_var(0, worst, "")
        for week, base in enumerate(part.peaks.base.tolist()):
            made.add(peak >= base + sum(int(part.peaks.use[at, week]) * one for at, one in own.items()))
    return _Extra(tuple(bonuses), peak)


def _expression(limit: Limit, extras: Sequence[_Extra], variable: dict[int, cp_model.IntVar]) -> cp_model.LinearExprT:
    used = [pair for pair in variable if limit.weight[pair]]
    total = cp_model.LinearExpr.weighted_sum([variable[pair] for pair in used], [int(limit.weight[p]) for p in used])
    if limit.bonus:
        total = total + sum(limit.bonus * points * whole for extra in extras for points, whole in extra.bonuses)
    if limit.peak:
        total = total + sum(limit.peak * extra.peak for extra in extras if extra.peak is not None)
    return total


def _goal(
    made: cp_model.CpModel, task: Task, extras: Sequence[_Extra], variable: dict[int, cp_model.IntVar]
) -> cp_model.LinearExprT:
    if task.shares is None:
        return _expression(task.objective, extras, variable)
    most = min((int(weight[weight > 0].sum()) // size for size, weight in task.shares), default=0)
    least = made.new_int_var(0, most, "")
    for size, weight in task.shares:
        made.add(_expression(Limit(weight, 0), extras, variable) >= size * least)
    return least


class _Seen(cp_model.CpSolverSolutionCallback):
    """Passes on each better solution."""

    def __init__(self, on_better: Callable[[int, float], None]) -> None:
        super().__init__()
        self.on_better = on_better

    def on_solution_callback(self) -> None:
        """Pass on the value and the bound of the moment."""
        self.on_better(round(self.objective_value), self.best_objective_bound)


@contextmanager
def _watched(
    solver: cp_model.CpSolver, controls: Controls, on_better: Callable[[int, float], None] | None
) -> Iterator[_Seen | None]:
    """Stop the solver when asked to."""
    over = threading.Event()

    def watch() -> None:
        while controls.should_stop is not None and not over.wait(STOP_CHECK_S):
            if controls.should_stop():
                solver.stop_search()

    watcher = None
    if controls.should_stop is not None:
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
    try:
        yield None if on_better is None else _Seen(on_better)
    finally:
        over.set()
        if watcher is not None:
            watcher.join()
