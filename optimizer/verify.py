"""The checker: recounts everything a result claims, without a solver and by rules of its own.

It checks the assignment against every rule, each level's value, bound, limit and achieved value against
each other and the recount, the loads, the reasons and blockings of unplaced children, the warnings, the
status and the instance's digest. A bound is believed only as far as arithmetic goes; where the result
carries a certificate, the bound is recomputed from it. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimizer.certificate import certificate_faults
from optimizer.io import digest
from optimizer.problem import (
    AnyInstance,
    Instance,
    LevelResult,
    PairInstance,
    Requirements,
    Result,
    Sense,
)
from optimizer.recount import Recount, recount
from optimizer.verify_pairs import pair_faults
from optimizer.verify_reports import report_faults


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults` has one line per claim that does not hold, `levels` the recounted value of each level."""

    faults: tuple[str, ...]
    levels: Mapping[str, int]

    @property
    def valid(self) -> bool:
        """Whether everything the result claims holds."""
        return not self.faults


def verify(instance: AnyInstance, result: Result, requirements: Requirements | None = None) -> Verdict:
    """Return the verdict on `result` for `instance`, and for `requirements` where it answers to some.

    Of an infeasible or unknown result only the form is checked: that nothing can be done is a statement
    about every plan, which no recount of one plan can confirm.
    """
    if result.assignment:
        return (
            _placement(instance, result, requirements) if isinstance(instance, Instance) else _pairs(instance, result)
        )
    return Verdict(tuple(_without_plan(instance, result)), {})


def _without_plan(instance: AnyInstance, result: Result) -> Iterator[str]:
    yield from _identity(instance, result)
    people = instance.children if isinstance(instance, Instance) else range(instance.items)
    if result.status in ("optimal", "feasible") and people:
        yield f"assignment: empty, but the status is {result.status}"
    if result.status == "infeasible" and not result.conflict:
        yield "conflict: missing, but the status is infeasible"
    if result.levels and people:
        yield "levels: claimed without an assignment"


def _pairs(instance: PairInstance, result: Result) -> Verdict:
    found, levels = pair_faults(instance, result)
    claims = _claims(result, [("value", instance.sense, 0)], levels) if levels else ()
    return Verdict((*_identity(instance, result), *found, *claims, *_status(result, 1)), levels)


def _placement(instance: Instance, result: Result, requirements: Requirements | None) -> Verdict:
    faults = [*_identity(instance, result), *_known(instance, result)]
    if faults:
        return Verdict(tuple(faults), {})
    homes = {child: str(unit) for child, unit in result.assignment.items() if unit is not None}
    counted = recount(instance, homes)
    wanted = [(level.name, level.sense, level.tolerance_permille) for level in instance.levels]
    faults += counted.faults
    faults += _claims(result, wanted, counted.levels)
    faults += _status(result, len(wanted))
    faults += report_faults(instance, result, homes, counted)
    if result.certificate is not None:
        faults += certificate_faults(instance, result)
    faults += _insisted(homes, counted, requirements)
    return Verdict(tuple(faults), counted.levels)


def _identity(instance: AnyInstance, result: Result) -> Iterator[str]:
    if result.instance != digest(instance):
        yield f"instance: {result.instance} is the digest of another instance"
    scale = instance.scale if isinstance(instance, PairInstance) else None
    if result.scale != scale:
        yield f"scale: {result.scale} instead of {scale}"
    limited = [fact for fact in result.warnings if fact.code == "TIME_LIMIT"]
    expected = [] if result.parameters.time_limit is None else [{"seconds": result.parameters.time_limit}]
    if [dict(fact.about) for fact in limited] != expected:
        yield "warnings: the time limit is not said"


def _known(instance: Instance, result: Result) -> Iterator[str]:
    for child in instance.children:
        if child.id not in result.assignment:
            yield f"assignment: {child.id} is missing"
    for name, unit in result.assignment.items():
        if name not in instance.child_by_id:
            yield f"assignment.{name}: no such child"
        if unit is not None and unit not in instance.unit_by_id:
            yield f"assignment.{name}: no unit {unit}"


def _claims(result: Result, wanted: Sequence[tuple[str, Sense, int]], counted: Mapping[str, int]) -> Iterator[str]:
    """Yield what does not hold of the levels; `wanted` are name, sense and tolerance in order."""
    if len(result.levels) > len(wanted):
        yield f"levels: {len(result.levels)} levels, the instance has {len(wanted)}"
    for index, (level, (name, sense, tolerance)) in enumerate(zip(result.levels, wanted, strict=False)):
        where = f"levels[{index}]"
        if (level.name, level.sense) != (name, sense):
            yield f"{where}: {level.name} {level.sense} instead of {name} {sense}"
            continue
        yield from _claim(where, level, tolerance, counted[name])
    if len(result.levels) == len(wanted) and result.levels[-1].achieved != result.levels[-1].value:
        last = result.levels[-1]
        yield f"levels[{len(wanted) - 1}].value: {last.value}, but the plan at hand has {last.achieved}"


def _claim(where: str, level: LevelResult, tolerance: int, counted: int) -> Iterator[str]:
    """Yield what does not hold of one level."""
    up = 1 if level.sense == "max" else -1
    if level.achieved != counted:
        yield f"{where}.achieved: {level.achieved} instead of {counted}"
    if up * level.value > up * level.bound:
        yield f"{where}.bound: {level.bound} does not bound the value {level.value}"
    if up * counted > up * level.bound:
        yield f"{where}.bound: {level.bound} does not bound the plan's own {counted}"
    if level.proven != (level.value == level.bound):
        yield f"{where}.proven: {level.proven}, but value is {level.value} and bound {level.bound}"
    if level.sense == "max":
        limit = (level.value * (1000 - tolerance) + 999) // 1000
    else:
        limit = level.value * (1000 + tolerance) // 1000
    if level.limit != limit:
        yield f"{where}.limit: {level.limit} instead of {limit}"
    if up * counted < up * limit:
        yield f"{where}.achieved: {counted} does not keep to {limit}"


def _status(result: Result, wanted: int) -> Iterator[str]:
    proven = len(result.levels) == wanted and all(level.proven for level in result.levels)
    if result.status != ("optimal" if proven else "feasible"):
        reached = sum(level.proven for level in result.levels)
        yield f"status: {result.status}, but {reached} of {wanted} levels are proven"
    if result.conflict:
        yield "conflict: given beside an assignment"


def _insisted(homes: Mapping[str, str], counted: Recount, requirements: Requirements | None) -> Iterator[str]:
    """Yield what a person insists on and the plan does not keep."""
    if requirements is None:
        return
    for child, unit in requirements.place:
        if homes.get(child) != unit:
            yield f"assignment.{child}: {homes.get(child)} instead of the required {unit}"
    for child in requirements.placed:
        if child not in homes:
            yield f"assignment.{child}: required to be placed"
    most = requirements.max_moves
    if most is not None and counted.levels["moves"] > most:
        yield f"assignment: {counted.levels['moves']} moves, at most {most} required"
