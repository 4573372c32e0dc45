"""The plain engine: one CP-SAT model, the levels one after another, each from the last one's solution.

Simple enough to be read against the model and right at every size, slow where everybody is free in a
large country. `optimizer.pipeline` is the fast engine; the bench runs both.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

from ortools.sat.python import cp_model

from optimizer import frame as frames
from optimizer import greedy
from optimizer.frame import Frame
from optimizer.measure import levels_of, loosest
from optimizer.outcome import Controls, Outcome, Progress, Stage
from optimizer.problem import Instance, Level
from optimizer.terms import hard, soft

NAME = f"CP-SAT {version('ortools')}"

RULES = (hard.one_unit, hard.capacity, hard.apart)
"""The rules between children, in the order in which they are added."""

GOALS: Mapping[str, Callable[[cp_model.CpModel, Frame, hard.Chosen], cp_model.LinearExprT]] = {
    "placed": soft.placed,
    "fit": soft.fit,
    "moves": soft.moves,
    "cost": soft.cost,
    "fairness": soft.fairness,
    "balance": soft.balance,
}
"""The goals by level name."""

STOP_CHECK_S = 0.05


@dataclass(frozen=True, slots=True)
class Solved:
    """One CP-SAT run: proven infeasible or not, the variables' values (None = none found), the bound."""

    infeasible: bool
    values: tuple[int, ...] | None
    bound: float


def search(instance: Instance, controls: Controls) -> Outcome:
    """Return the best plan by the instance's levels, in order, within `controls`."""
    begun = time.monotonic()
    frame = frames.of(instance)
    built = time.monotonic()
    outcome = search_frame(frame, instance.levels, controls)
    seconds = {"rows": built - begun, "search": time.monotonic() - built}
    return Outcome(outcome.assignment, outcome.stages, outcome.infeasible, seconds)


def search_frame(frame: Frame, levels: tuple[Level, ...], controls: Controls) -> Outcome:
    """As `search`, for a frame already built and any levels."""
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in frame.options]
    for rule in RULES:
        rule(model, frame, chosen)
    hard.insisted(model, frame, chosen, controls.requirements)
    goals = [GOALS[level.name](model, frame, chosen) for level in levels]
    plan = greedy.plan(frame, frame.chosen(controls.start or {}), controls.requirements)
    hint: Sequence[int] | None = (
        None if plan is None else [int(plan.get(o.item) == k) for k, o in enumerate(frame.options)]
    )
    stages: list[Stage] = []
    for level, goal in zip(levels, goals, strict=True):
        if stages and controls.is_over():
            break
        begun = time.monotonic()
        share = controls.seconds_left() / (len(levels) - len(stages))
        solved = run(model, goal, level, hint, controls, share)
        if solved.infeasible:
            return Outcome(None, tuple(stages), infeasible=True)
        hint = solved.values or hint
        if hint is None:
            break
        stage = _stage(frame, level, solved, hint, time.monotonic() - begun)
        stages.append(stage)
        model.add(goal >= stage.limit if level.sense == "max" else goal <= stage.limit)
    return Outcome(None if hint is None else _assignment(frame, hint), tuple(stages))


def run(
    model: cp_model.CpModel,
    goal: cp_model.LinearExprT,
    level: Level,
    hint: Sequence[int] | None,
    controls: Controls,
    seconds: float,
) -> Solved:
    """Return the outcome of one level within `seconds`; `hint` gives values of the first variables."""
    if level.sense == "max":
        model.maximize(goal)
    else:
        model.minimize(goal)
    model.clear_hints()  # type: ignore[no-untyped-call]
    for index, value in enumerate(hint or ()):
        model.add_hint(model.get_int_var_from_proto_index(index), value)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = controls.workers
    solver.parameters.random_seed = controls.seed % 2**31
    solver.parameters.catch_sigint_signal = False
    if seconds < math.inf:
        solver.parameters.max_time_in_seconds = seconds
    with _watched(solver, level, controls) as seen:
        status = solver.solve(model, seen)
    if status == cp_model.INFEASIBLE:
        return Solved(infeasible=True, values=None, bound=math.nan)
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(model.validate())
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    bound = solver.best_objective_bound if found else math.inf if level.sense == "max" else -math.inf
    return Solved(infeasible=False, values=tuple(solver.response_proto.solution) if found else None, bound=bound)


def _stage(frame: Frame, level: Level, solved: Solved, values: Sequence[int], seconds: float) -> Stage:
    """Return the level's stage: the solution's value, and the better of the solver's and a loose bound."""
    value = levels_of(frame.instance, _assignment(frame, values))[level.name]
    bound = loosest(frame, level)
    if math.isfinite(solved.bound) and level.sense == "max":
        bound = min(bound, math.floor(solved.bound + 1e-6))
    elif math.isfinite(solved.bound):
        bound = max(bound, math.ceil(solved.bound - 1e-6))
    return Stage(level.name, level.sense, level.tolerance_permille, value, bound, seconds, NAME)


def _assignment(frame: Frame, values: Sequence[int]) -> dict[str, str | int | None]:
    """Return the assignment of a solution, whose first values are the options'."""
    options = enumerate(frame.options)
    return frame.assignment({option.item: index for index, option in options if values[index]})


class _Seen(cp_model.CpSolverSolutionCallback):
    """Reports each better solution."""

    def __init__(self, report: Callable[[int | None, float], None]) -> None:
        super().__init__()
        self.report = report

    def on_solution_callback(self) -> None:
        """Pass on the new value and the bound of the moment."""
        self.report(round(self.objective_value), self.best_objective_bound)


@contextmanager
def _watched(solver: cp_model.CpSolver, level: Level, controls: Controls) -> Iterator[_Seen]:
    """Report what the solver finds, and stop it when asked to."""
    begun = time.monotonic()
    best: list[int | None] = [None]

    def report(value: int | None, bound: float) -> None:
        best[0] = value if value is not None else best[0]
        if controls.on_progress is not None:
            whole = round(bound) if abs(bound) < 2**53 else None
            controls.on_progress(Progress(level.name, best[0], whole, time.monotonic() - begun))

    solver.best_bound_callback = lambda bound: report(None, bound)
    over = threading.Event()

    def watch() -> None:
        while controls.should_stop is not None and not over.wait(STOP_CHECK_S):
            if controls.should_stop():
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield _Seen(report)
    finally:
        over.set()
        watcher.join()
