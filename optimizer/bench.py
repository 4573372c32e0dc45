"""How fast and how tight: our pipeline beside plain CP-SAT, HiGHS and SCIP on the same models, in one run.

Times are seconds of wall clock from a loaded instance to a plan, in one warm process, and of processor time
beside them, which says more where others use the machine; ratios between engines of one run, of processor
time, say more than either, which depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from ortools.math_opt.python import mathopt

from optimizer import bench_instances, bench_regions, convert, explain, io, pipeline, plain, plain_pairs
from optimizer.eligibility import Columns, eligible
from optimizer.outcome import Controls, Outcome, Stage
from optimizer.pipeline import from_instance, from_pairs
from optimizer.pipeline.linear import compact, integer
from optimizer.pipeline.model import Limit, passed_on, value
from optimizer.problem import AnyInstance, Instance, PairInstance
from optimizer.report import peak_rss_mb, versions
from optimizer.solve import processors, solve

OURS = "pipeline"
LIMIT_S = {"S": 20.0, "R": 20.0, "RR": 60.0, "M": 120.0, "L": 60.0, "XL": 300.0, "XXL": 300.0}
PUBLIC_LIMIT_S = 60.0
PEER_LIMIT_S = 40.0
"""What peers get at most, so that the whole table is done in half an hour; none is asked above `MOST_FOR_PEERS`."""
MOST_FOR_PEERS = 1_500
PAIRS_ASKED = 8
"""Units asked about for each of as many children in the row of why-not."""
SEEDS = (1, 2, 3)
MANY_SEEDS = ("S", "M")


@dataclass(frozen=True, slots=True)
class Line:
    """One engine on one instance: seconds, levels proven of those asked, the first level's gap per mille.

    `processor_seconds` are those of all threads; `ratio` is ours by theirs, in processor time: at most that
    where they did not prove as much in their time.
    """

    instance: str
    engine: str
    seconds: float
    processor_seconds: float
    proven: int
    levels: int
    gap_permille: float | None
    values: tuple[int, ...]
    ratio: float | None = None


Engine = Callable[[AnyInstance, Controls], Outcome]


def run(asked: argparse.Namespace) -> int:
    """Print the table (or JSON) for what was asked."""
    engines: dict[str, Engine] = {OURS: pipeline.search}
    if asked.peers:
        engines |= {
            "plain CP-SAT": _plain,
            "HiGHS": _peer(mathopt.SolverType.HIGHS),
            "SCIP": _peer(mathopt.SolverType.GSCIP),
        }
    _warm_up()
    lines: list[Line] = []
    for instance, limit in _instances(asked):
        for line in _lines(instance, limit, engines):
            lines.append(line)
            if not asked.json:
                print(_shown(line), flush=True)
    if asked.json:
        about = {"versions": versions(), "processors": processors(), "peak_rss_mb": peak_rss_mb()}
        print(json.dumps({**about, "lines": [asdict(line) for line in lines]}, indent=1))
    else:
        print(", ".join(f"{name} {number}" for name, number in versions().items()), f"{processors()} processors")
    return 0


def _lines(instance: AnyInstance, limit: float, engines: Mapping[str, Engine]) -> Iterator[Line]:
    """Yield a row per engine, and what else is measured on such an instance."""
    children = 0 if isinstance(instance, PairInstance) else len(instance.children)
    if children >= bench_instances.SIZES["XXL"].children and isinstance(instance, Instance):
        yield _eligibility(instance)
    ours: Line | None = None
    for name, engine in engines.items():
        if ours is None:
            yield (ours := _measure(name, engine, instance, limit, None))
        elif children <= MOST_FOR_PEERS:
            yield _measure(name, engine, instance, min(limit, PEER_LIMIT_S), ours)
    if isinstance(instance, Instance) and instance.name.endswith(" day"):
        yield from _explanations(instance)


def _explanations(day: Instance) -> Iterator[Line]:
    """Yield a day solved and all its unplaced explained, and the longest of several questions why not there."""
    begun, used = time.monotonic(), time.process_time()
    result = solve(day, workers=1)
    told = list(explain.all_unplaced(day, result))
    taken = time.monotonic() - begun, time.process_time() - used
    proven = sum(level.proven for level in result.levels)
    yield Line(day.name, "explained", *taken, proven, len(day.levels), None, (len(told),))
    longest, asked = (0.0, 0.0), 0
    for child in [child for child in day.children if child.locked is None][:PAIRS_ASKED]:
        for unit in day.units[:PAIRS_ASKED]:
            begun, used = time.monotonic(), time.process_time()
            explain.why_not(day, result, child.id, unit.id)
            longest = max(longest, (time.process_time() - used, time.monotonic() - begun))
            asked += 1
    yield Line(day.name, "why not, max", longest[1], longest[0], proven, len(day.levels), None, (asked,))


def _eligibility(instance: Instance) -> Line:
    """Return the row of who may live where: its values are the pairs, and bytes a pair as they are kept."""
    begun, used = time.monotonic(), time.process_time()
    columns = Columns(instance)
    found = [eligible(columns, unit).astype(np.int32) for unit in range(len(instance.units))]
    taken = time.monotonic() - begun, time.process_time() - used
    pairs = sum(len(rows) for rows in found)
    return Line(instance.name, "eligibility", *taken, 0, 0, None, (pairs, sum(rows.nbytes for rows in found) // pairs))


def _instances(asked: argparse.Namespace) -> Iterator[tuple[AnyInstance, float]]:
    if asked.instances:
        for path in sorted(Path(asked.instances).glob("*.json*")):
            yield io.read_instance(str(path)), PUBLIC_LIMIT_S
    for size in [] if asked.instances else asked.size.split(","):
        for seed in SEEDS if size in MANY_SEEDS else SEEDS[:1]:
            made = bench_regions.regional if size in bench_regions.REGIONS else bench_instances.instance
            whole = made(size, seed)
            if size == "M":
                plan = pipeline.search(whole, Controls(deadline=time.monotonic() + 5, workers=processors())).assignment
                yield bench_instances.day(whole, plan or {}), LIMIT_S["S"]
            yield whole, LIMIT_S[size]
    if asked.public:
        yield from ((instance, PUBLIC_LIMIT_S) for instance in _public(Path(asked.public)))


def _public(folder: Path) -> Iterator[AnyInstance]:
    for path in sorted((folder / "hias-fy17").glob("FY17_*.json")):
        for dimensions in (1, 3):
            yield io.instance_from_json(convert.hias(str(path), dimensions))
    for path in sorted((folder / "gap").glob("*.txt")):
        yield io.instance_from_json(convert.gap(str(path)))


def _warm_up() -> None:
    """Load solvers and compiled code, so that no engine is charged for it."""
    for seed in SEEDS:
        pipeline.search(bench_instances.instance("S", 100 + seed), Controls(deadline=time.monotonic() + 60))


def _measure(name: str, engine: Engine, instance: AnyInstance, limit: float, ours: Line | None) -> Line:
    begun, used = time.monotonic(), time.process_time()
    outcome = engine(instance, Controls(deadline=begun + limit, workers=processors()))
    seconds, used = time.monotonic() - begun, time.process_time() - used
    levels = 1 if isinstance(instance, PairInstance) else len(instance.levels)
    first = outcome.stages[0] if outcome.stages else None
    gap = None if first is None else 1000 * abs(first.bound - first.value) / max(1, abs(first.bound))
    proven = sum(stage.proven for stage in outcome.stages)
    values = tuple(stage.value for stage in outcome.stages)
    ratio = None if ours is None else ours.processor_seconds / max(used, 1e-9)
    return Line(instance.name, name, seconds, used, proven, levels, gap, values, ratio)


def _shown(line: Line) -> str:
    gap = "   -   " if line.gap_permille is None else f"{line.gap_permille:7.3f}"
    ratio = "" if line.ratio is None else f"  ours/theirs {line.ratio:.3f}"
    proven = f"proven {line.proven}/{line.levels}"
    times = f"{line.seconds:8.3f} s {line.processor_seconds:8.3f} s used"
    if line.engine != OURS and line.gap_permille is None:
        ratio = "  " + ", ".join(str(value) for value in line.values)
    return f"{line.instance:<24} {line.engine:<13} {times}  {proven}  gap {gap} ‰{ratio}"


def _plain(instance: AnyInstance, controls: Controls) -> Outcome:
    if isinstance(instance, PairInstance):
        return plain_pairs.search(instance, controls)
    return plain.search(instance, controls)


def _peer(solver: mathopt.SolverType) -> Engine:
    """Return the engine that gives each level whole to one mixed-integer solver, from cold."""

    def search(instance: AnyInstance, controls: Controls) -> Outcome:
        model = from_instance.build(instance) if isinstance(instance, Instance) else from_pairs.build(instance)
        everything = np.ones(model.pairs, bool)
        limits: tuple[Limit, ...] = model.limits
        stages: list[Stage] = []
        for goal in model.goals:
            sign = 1 if goal.sense == "max" else -1
            objective = Limit(sign * goal.weight, 0, sign * goal.bonus, sign * goal.peak)
            program = compact(model, objective, limits, goal.shares, everything)
            integers = np.arange(len(program.cost)) < model.pairs
            if goal.shares is not None:
                integers[-1] = True
            begun = time.monotonic()
            found = integer(program, integers, solver, controls.seconds_left())
            if found.x is None or not math.isfinite(found.bound):
                break
            reached = value(model, goal, found.x[: model.pairs] > 0.5)
            bound = sign * math.floor(found.bound + sign * goal.constant + 1e-6)
            seconds = time.monotonic() - begun
            stage = Stage(goal.name, goal.sense, goal.tolerance_permille, reached, bound, seconds, solver.name)
            stages.append(stage)
            limits = (*limits, *passed_on(goal, stage.limit))
        return Outcome(None, tuple(stages))

    return search
