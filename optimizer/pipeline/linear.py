"""Linear and mixed-integer programs through OR-Tools MathOpt, from arrays."""

from __future__ import annotations

import datetime
import logging
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.math_opt.solvers.gscip import gscip_pb2
from ortools.util.python.solve_interrupter import SolveInterrupter

from optimizer.pipeline.model import Bonus, Ints, Limit, Model, UnitPart

Floats = npt.NDArray[np.float64]
Answer = TypeVar("Answer")

STOP_CHECK_S = 0.05
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sparse:
    """A matrix by entries, `rows` of them, with bounds on each row's product."""

    row: Ints
    column: Ints
    entry: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An optimal linear program: a safe bound on its value, solution, one dual per row, reduced costs.

    The bound is recomputed from the duals, with their signs made right, so that it holds whatever the
    solver's tolerances; what remains is the rounding of a sum.
    """

    bound: float
    x: Floats
    duals: Floats
    net: Floats


@dataclass(frozen=True, slots=True)
class Compact:
    """The pairs' own program: item rows first, then unit rows, limits, and bonus links.

    Columns are the pairs, then one per bonus, then one per unit with peaks, then the least share if asked.
    """

    cost: Floats
    upper: Floats
    sparse: Sparse
    pairs: int
    items: int
    limits: int
    """The index of the first row that belongs to a limit."""


@dataclass(frozen=True, slots=True)
class UnitCap:
    """No pattern of `unit` has `weight . chosen + bonus * points - peak * its peak` above `most`."""

    unit: int
    weight: Ints
    bonus: int
    peak: int
    most: int
    scale: int


def proto(cost: Floats, upper: Floats, sparse: Sparse, integers: npt.NDArray[np.bool_]) -> model_pb2.ModelProto:
    """Return the program that maximises `cost . x` for 0 <= x <= upper."""
    made = model_pb2.ModelProto()
    columns, rows = range(len(cost)), range(len(sparse.low))
    made.variables.ids.extend(columns)
    made.variables.lower_bounds.extend([0.0] * len(cost))
    made.variables.upper_bounds.extend(upper.tolist())
    made.variables.integers.extend(integers.tolist())
    made.variables.names.extend([""] * len(cost))
    made.objective.maximize = True
    used = np.flatnonzero(cost)
    made.objective.linear_coefficients.ids.extend(used.tolist())
    made.objective.linear_coefficients.values.extend(cost[used].tolist())
    made.linear_constraints.ids.extend(rows)
    made.linear_constraints.lower_bounds.extend(sparse.low.tolist())
    made.linear_constraints.upper_bounds.extend(sparse.high.tolist())
    made.linear_constraints.names.extend([""] * len(sparse.low))
    order = np.lexsort((sparse.column, sparse.row))
    made.linear_constraint_matrix.row_ids.extend(sparse.row[order].tolist())
    made.linear_constraint_matrix.column_ids.extend(sparse.column[order].tolist())
    made.linear_constraint_matrix.coefficients.extend(sparse.entry[order].tolist())
    return made


def relax(program: Compact) -> Relaxed | None:
    """Return the linear relaxation by GLOP, None if it has no optimum."""
    made = proto(program.cost, program.upper, program.sparse, np.zeros(len(program.cost), bool))
    built = mathopt.Model.from_model_proto(made)
    solved = attempt(lambda: mathopt.solve(built, mathopt.SolverType.GLOP))
    if solved is None or solved.termination.reason != mathopt.TerminationReason.OPTIMAL:
        return None
    values = solved.variable_values()
    duals = solved.dual_values()
    x = np.array([values[variable] for variable in built.variables()])
    prices = np.array([duals[row] for row in built.linear_constraints()])
    sparse = program.sparse
    prices = np.where(np.isinf(sparse.low), np.maximum(prices, 0), prices)
    prices = np.where(np.isinf(sparse.high), np.minimum(prices, 0), prices)
    net = program.cost.copy()
    np.subtract.at(net, sparse.column, prices[sparse.row] * sparse.entry)
    sides = np.where(prices > 0, sparse.high, np.where(prices < 0, sparse.low, 0.0))
    bound = float(prices @ sides + np.maximum(net, 0) @ program.upper)
    return Relaxed(bound + 1e-11 * abs(bound), x, prices, net)


def attempt(solve: Callable[[], Answer]) -> Answer | None:
    """Return what `solve` returns; None, with a warning in the log, where the engine gives up on the numbers.

    OR-Tools 9.15 means to raise its own error then, but fails in making it, which shows as AttributeError.
    """
    try:
        return solve()
    except AttributeError as failed:
        if type(failed.__context__).__name__ != "StatusNotOk":
            raise
        log.warning("a solver gave up: %s", failed.__context__)
        return None
    except (RuntimeError, ValueError) as failed:
        log.warning("a solver gave up: %s", failed)
        return None


@dataclass(frozen=True, slots=True)
class Found:
    """A mixed-integer run: solution (None = none), bound, and whether it is proven that none exists."""

    x: Floats | None
    bound: float
    infeasible: bool


def integer(
    program: Compact,
    integers: npt.NDArray[np.bool_],
    solver: mathopt.SolverType,
    seconds: float,
    should_stop: Callable[[], bool] | None = None,
    hint: npt.NDArray[np.generic] | None = None,
    *,
    proving: bool = False,
) -> Found:
    """Return the integer optimum by one of OR-Tools' own engines, or the best within `seconds`.

    `hint` is a known solution's first columns; `proving` turns SCIP from finding plans to proving bounds.
    """
    built = mathopt.Model.from_model_proto(proto(program.cost, program.upper, program.sparse, integers))
    parameters = mathopt.SolveParameters(relative_gap_tolerance=0.0, absolute_gap_tolerance=0.0)
    if proving:
        parameters.gscip = gscip_pb2.GScipParameters(heuristics=gscip_pb2.GScipParameters.FAST)
        parameters.gscip.int_params["presolving/maxrestarts"] = 0
    known = mathopt.ModelSolveParameters()
    if hint is not None:
        values = dict(zip(built.variables(), hint.astype(float).tolist(), strict=False))
        known.solution_hints.append(mathopt.SolutionHint(variable_values=values))
    if seconds < math.inf:
        parameters.time_limit = datetime.timedelta(seconds=max(0.01, seconds))
    with _interrupted(should_stop) as interrupter:
        solved = attempt(
            lambda: mathopt.solve(built, solver, params=parameters, model_params=known, interrupter=interrupter)
        )
    if solved is None:
        return Found(None, math.inf, False)
    if solved.termination.reason == mathopt.TerminationReason.INFEASIBLE:
        return Found(None, -math.inf, True)
    bound = solved.best_objective_bound() if solved.termination.objective_bounds else math.inf
    if not solved.has_primal_feasible_solution():
        return Found(None, bound, False)
    reached = solved.variable_values()
    return Found(np.array([reached[variable] for variable in built.variables()]), bound, False)


@contextmanager
def _interrupted(should_stop: Callable[[], bool] | None) -> Iterator[SolveInterrupter | None]:
    """Yield what stops the solver once `should_stop` says so, None if nobody may stop it."""
    if should_stop is None:
        yield None
        return
    interrupter, over = SolveInterrupter(), threading.Event()

    def watch() -> None:
        while not over.wait(STOP_CHECK_S):
            if should_stop():
                interrupter.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield interrupter
    finally:
        over.set()
        watcher.join()


class _Entries:
    """Rows collected one after another."""

    def __init__(self) -> None:
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.entry: list[Floats] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, columns: Ints, entries: npt.NDArray[np.generic], low: float, high: float) -> None:
        self.row.append(np.full(len(columns), len(self.low), np.int64))
        self.column.append(columns)
        self.entry.append(np.asarray(entries, float))
        self.low.append(low)
        self.high.append(high)

    def block(self, columns: Ints, use: Ints, cap: Ints) -> None:
        """Add `use[column, row] . x <= cap[row]`."""
        at, row = np.nonzero(use)
        self.row.append(row + len(self.low))
        self.column.append(columns[at])
        self.entry.append(use[at, row].astype(float))
        self.low.extend([-math.inf] * len(cap))
        self.high.extend(cap.astype(float).tolist())

    def sparse(self) -> Sparse:
        return Sparse(
            np.concatenate([np.zeros(0, np.int64), *self.row]),
            np.concatenate([np.zeros(0, np.int64), *self.column]),
            np.concatenate([np.zeros(0), *self.entry]),
            np.array(self.low),
            np.array(self.high),
        )


def compact(
    model: Model,
    objective: Limit,
    limits: tuple[Limit, ...],
    shares: tuple[tuple[int, Ints], ...] | None,
    allowed: npt.NDArray[np.bool_],
    caps: Sequence[UnitCap] = (),
) -> Compact:
    """Return the program over all pairs for one level; pairs not `allowed` are held at 0.

    `objective` is maximised (its `at_least` is ignored); with `shares` the least share is instead. `caps`
    are rows known to hold for every pattern of a unit, which tighten the relaxation.
    """
    bonuses = [(part, bonus) for part in model.parts for bonus in part.bonuses]
    peaked = [part for part in model.parts if len(part.peaks.base)]
    first_bonus, first_peak = model.pairs, model.pairs + len(bonuses)
    least = first_peak + len(peaked)
    size = least + (shares is not None)
    points = np.array([bonus.points for _, bonus in bonuses], float)

    def row(limit: Limit) -> Floats:
        whole = np.zeros(size)
        whole[: model.pairs] = limit.weight
        whole[first_bonus:first_peak] = limit.bonus * points
        whole[first_peak:least] = limit.peak
        return whole

    entries = _Entries()
    everything = np.arange(model.pairs)
    by_item = np.argsort(model.item, kind="stable")
    entries.row.append(model.item[by_item])
    entries.column.append(by_item)
    entries.entry.append(np.ones(model.pairs))
    entries.low.extend(np.where(model.must, 1.0, -math.inf).tolist())
    entries.high.extend([1.0] * model.items)
    for part in model.parts:
        entries.block(everything[part.first : part.last], part.rows.use, part.rows.cap)
    mark = len(entries.low)
    for limit in limits:
        whole = row(limit)
        used = np.flatnonzero(whole)
        entries.add(used, whole[used], float(limit.at_least), math.inf)
    for size_of, weight in shares or ():
        used = np.flatnonzero(weight)
        entries.add(np.append(used, least), np.append(weight[used], -size_of), 0.0, math.inf)
    _link(entries, bonuses, first_bonus, peaked, first_peak)
    _cap(entries, model, caps, bonuses, first_bonus, peaked, first_peak)
    upper = np.empty(size)
    upper[first_peak:least] = [max(0, *(p.peaks.base + p.peaks.use.sum(axis=0)).tolist()) for p in peaked]
    upper[least:] = least_share(shares or ())
    upper[: model.pairs] = allowed
    upper[first_bonus:first_peak] = 1.0
    cost = row(objective)
    if shares is not None:
        cost[:] = 0.0
        cost[least] = 1.0
    return Compact(cost, upper, entries.sparse(), model.pairs, model.items, mark)


def _link(
    entries: _Entries,
    bonuses: list[tuple[UnitPart, Bonus]],
    first_bonus: int,
    peaked: list[UnitPart],
    first_peak: int,
) -> None:
    """Add that a bonus needs all its pairs, and that a peak is as high as each week."""
    for index, (part, bonus) in enumerate(bonuses):
        for pair in bonus.pairs:
            entries.add(np.array([first_bonus + index, part.first + pair]), np.array([1.0, -1.0]), -math.inf, 0.0)
    for index, part in enumerate(peaked):
        for week, base in enumerate(part.peaks.base):
            used = np.flatnonzero(part.peaks.use[:, week])
            entries.add(
                np.append(part.first + used, first_peak + index),
                np.append(-part.peaks.use[used, week], 1.0),
                float(base),
                math.inf,
            )


def _cap(
    entries: _Entries,
    model: Model,
    caps: Sequence[UnitCap],
    bonuses: list[tuple[UnitPart, Bonus]],
    first_bonus: int,
    peaked: list[UnitPart],
    first_peak: int,
) -> None:
    """Add the rows known to hold for a unit's patterns."""
    peak_of = {part.first: first_peak + index for index, part in enumerate(peaked)}
    bonus_of = {id(bonus): first_bonus + index for index, (_, bonus) in enumerate(bonuses)}
    for cap in caps:
        part = model.parts[cap.unit]
        used = np.flatnonzero(cap.weight)
        columns, weights = (part.first + used).tolist(), cap.weight[used].tolist()
        if cap.bonus:
            columns += [bonus_of[id(bonus)] for bonus in part.bonuses]
            weights += [cap.bonus * bonus.points for bonus in part.bonuses]
        if cap.peak and part.first in peak_of:
            columns.append(peak_of[part.first])
            weights.append(-cap.peak)
        entries.add(np.array(columns, np.int64), np.array(weights) / cap.scale, -math.inf, cap.most / cap.scale)


def least_share(shares: Sequence[tuple[int, Ints]]) -> int:
    """Return what the least share cannot exceed when everybody gets the most of every pair; 0 without any."""
    return min((int(weight[weight > 0].sum()) // size for size, weight in shares), default=0)
