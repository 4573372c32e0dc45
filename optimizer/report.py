"""From what a search found to the result that is handed out: recounted levels, reasons, loads, warnings."""

from __future__ import annotations

import platform
import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version

from optimizer.io import digest
from optimizer.loads import Loads
from optimizer.measure import levels_of
from optimizer.outcome import Outcome, Stage
from optimizer.pair_rules import locked_units, must_group_of, overlap
from optimizer.problem import (
    AnyInstance,
    Child,
    Fact,
    Instance,
    LevelResult,
    PairInstance,
    Parameters,
    Result,
    SiblingGroup,
    Status,
    Timings,
    UnitLoad,
    Unplaced,
)

MOST_REASONS = 1_000_000
"""Pairs of unplaced child and unit a result gives reasons for: more would fill the memory."""

Assignment = Mapping[str, str | int | None]


def result_of(instance: AnyInstance, outcome: Outcome, parameters: Parameters) -> Result:
    """Return the result for what a search found; a conflict is added by the caller who looks for it."""
    bare = Result(
        instance=digest(instance),
        status=_status(instance, outcome),
        assignment=outcome.assignment or {},
        levels=(),
        unplaced=(),
        warnings=tuple(_about_time(parameters)),
        unit_load=(),
        parameters=parameters,
        versions=versions(),
        timings=replace(Timings(), **outcome.seconds),
        peak_rss_mb=peak_rss_mb(),
        scale=instance.scale if isinstance(instance, PairInstance) else None,
        certificate=outcome.certificate,
    )
    if outcome.assignment is None:
        return bare
    if isinstance(instance, PairInstance):
        return _with_pairs(bare, instance, outcome)
    loads = Loads(instance, outcome.assignment)
    achieved = levels_of(instance, outcome.assignment)
    missing = [child for child in instance.children if outcome.assignment[child.id] is None]
    told = told_of(instance, missing)
    left_out = [Fact("UNPLACED_LEFT_OUT", {"children": len(missing) - len(told)})] if len(told) < len(missing) else []
    return replace(
        bare,
        levels=tuple(_level(stage, achieved[stage.name]) for stage in outcome.stages),
        unplaced=tuple(_unplaced(instance, told, loads)),
        warnings=(*_about_locks(instance, loads), *left_out, *bare.warnings),
        unit_load=tuple(loads.rows()),
    )


def versions() -> dict[str, str]:
    """Return the versions an answer depends on."""
    return {
        "optimizer": version("placement-coordinator"),
        "ortools": version("ortools"),
        "python": platform.python_version(),
    }


def peak_rss_mb() -> int:
    """Return the most memory this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


def _status(instance: AnyInstance, outcome: Outcome) -> Status:
    if outcome.infeasible:
        return "infeasible"
    if outcome.assignment is None:
        return "unknown"
    wanted = 1 if isinstance(instance, PairInstance) else len(instance.levels)
    reached = len(outcome.stages) == wanted and all(stage.proven for stage in outcome.stages)
    return "optimal" if reached else "feasible"


def _level(stage: Stage, achieved: int) -> LevelResult:
    return LevelResult(
        name=stage.name,
        sense=stage.sense,
        value=stage.value,
        bound=stage.bound,
        limit=stage.limit,
        achieved=achieved,
        proven=stage.proven,
        seconds=stage.seconds,
        solver=stage.solver,
    )


def _about_time(parameters: Parameters) -> Iterator[Fact]:
    """A run under a time limit may differ from the next one; the reader has to know."""
    if parameters.time_limit is not None:
        yield Fact("TIME_LIMIT", {"seconds": parameters.time_limit})


def _about_locks(instance: Instance, loads: Loads) -> Iterator[Fact]:
    """Yield what stands in the data against itself and is passed over."""
    yield from loads.over_by_locks()
    for group in instance.sibling_groups:
        if group.mode != "must":
            continue
        homes = locked_units(instance, group)
        if len(homes) > 1:
            yield Fact("MUST_GROUP_LOCKED_APART", {"group": group.id, "units": tuple(sorted(homes))})
        elif not homes and (pairs := _quarrels(instance, group)):
            yield Fact("APART_IN_MUST_GROUP", {"group": group.id, "children": pairs})


def _quarrels(instance: Instance, group: SiblingGroup) -> tuple[str, ...]:
    """Return the members who are to be kept apart from another member while both are there."""
    found = set()
    for first, second in instance.apart:
        one, other = instance.child_by_id[first], instance.child_by_id[second]
        if {first, second} <= set(group.members) and overlap(instance, one, other):
            found |= {first, second}
    return tuple(member for member in group.members if member in found)


def _unplaced(instance: Instance, children: Sequence[Child], loads: Loads) -> Iterator[Unplaced]:
    """Yield why each of the unplaced `children` has no place."""
    # Imported here, so that who only reads or checks results never loads numpy.
    from optimizer.eligibility import named, reason_masks

    if not children:
        return
    masks = reason_masks(instance)
    codes_of = cache(named)
    row_of = {child.id: row for row, child in enumerate(instance.children)}
    group_of = must_group_of(instance)
    for child in children:
        going = companions(instance, child, group_of.get(child.id))
        row: list[int] = masks[row_of[child.id]].tolist()
        open_to = [unit for unit, mask in zip(instance.units, row, strict=True) if not mask]
        yield Unplaced(
            child=child.id,
            eligible_units=tuple(unit.id for unit in open_to),
            reasons={unit.id: tuple(codes_of(mask)) for unit, mask in zip(instance.units, row, strict=True) if mask},
            blocking=tuple(row for unit in open_to for row in loads.blocking(going, unit)),
        )


def told_of(instance: Instance, missing: Sequence[Child]) -> Sequence[Child]:
    """Return the unplaced children a result explains: as many as `MOST_REASONS` allows."""
    return missing[: max(1, MOST_REASONS // max(1, len(instance.units)))]


def companions(instance: Instance, child: Child, group: SiblingGroup | None) -> list[Child]:
    """Return the children who go where `child` goes: it and the siblings of an unlocked must group."""
    if group is None or locked_units(instance, group):
        return [child]
    return [instance.child_by_id[member] for member in group.members]


def _with_pairs(bare: Result, instance: PairInstance, outcome: Outcome) -> Result:
    """Return `bare` with the one level and the loads of a pair-resource instance."""
    assert outcome.assignment is not None
    pair_of = {
        (str(item), bin_): pair
        for pair, (item, bin_) in enumerate(zip(instance.pairs.item, instance.pairs.bin, strict=True))
    }
    used = {pair_of[item, int(bin_)] for item, bin_ in outcome.assignment.items() if bin_ is not None}
    value = sum(instance.pairs.value[pair] for pair in used)
    rows = (
        (row, sum(use for pair, use in zip(row.pair, row.use, strict=True) if pair in used))
        for row in instance.resources
    )
    return replace(
        bare,
        levels=tuple(_level(stage, value) for stage in outcome.stages),
        unit_load=tuple(UnitLoad(None, None, row.id, load, row.cap) for row, load in rows if load > 0),
    )
