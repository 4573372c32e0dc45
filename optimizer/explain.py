"""Why a child is where it is, why not elsewhere, and what would let it in: coded facts with numbers.

Every counterfactual is solved again, not estimated: what a unit would cost is the difference between two
proven plans. What needs no search loads no solver. Sentences are the reader's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from optimizer import refusals
from optimizer.loads import Loads
from optimizer.outcome import Controls
from optimizer.pair_rules import (
    common_language,
    must_group_of,
    pair_value,
    reasons,
    score_parts,
    stay,
    urgency,
)
from optimizer.problem import Blocking, Child, Fact, Instance, Requirements, Result, Sense, Unit
from optimizer.report import companions

if TYPE_CHECKING:
    from optimizer.repairs import Repair


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a fit: `weight` per mille times `score` 0..1000; `millipoints` is their product."""

    name: str
    weight: int
    score: int
    millipoints: int


@dataclass(frozen=True, slots=True)
class Placement:
    """What a child in a unit counts.

    `fit` is the parts' sum in whole points, rounded down; `cost` money over the stay of `weeks`: of it
    `filling_week` a week for filling the place and `interpreter_week` for an interpreter. `bonuses` are
    (group, points) of should groups that are whole in the unit. `language` is the one child and staff
    share, None if they need an interpreter.
    """

    child: str
    unit: str
    locked: bool
    urgency: int
    language: str | None
    parts: tuple[ScorePart, ...]
    fit: int
    bonuses: tuple[tuple[str, int], ...]
    weeks: int
    filling_week: int
    interpreter_week: int
    cost: int
    moved: bool


@dataclass(frozen=True, slots=True)
class LevelChange:
    """One level's best value with everybody free to be anywhere (`before`) and with the child there.

    `loss` is how much worse that is, in the level's unit; negative when a tolerance given back at an
    earlier level makes a later one better.
    """

    name: str
    sense: Sense
    before: int
    after: int
    loss: int


@dataclass(frozen=True, slots=True)
class Move:
    """A child who would live elsewhere than in the plan; None = without a place."""

    child: str
    before: str | None
    after: str | None


Verdict = Literal["there", "locked", "refused", "impossible", "possible"]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a child is not in a unit.

    `there`: it is. `locked`: a person decided on `locked_to`. `refused`: by the rules in `refusals`, each
    with its numbers. `impossible`: allowed, but locked children leave no room, as `blocking` says.
    `possible`: then `levels` say what each level would lose, `moves` who else would move (the child
    included), and `blocking` what is in the way while everybody else stays. `proven` whether both plans
    compared are proven.
    """

    child: str
    unit: str
    verdict: Verdict
    locked_to: str | None
    refusals: tuple[Fact, ...]
    blocking: tuple[Blocking, ...]
    levels: tuple[LevelChange, ...]
    moves: tuple[Move, ...]
    proven: bool


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another unit open to a child, while everybody else stays: `free` if nothing is in the way.

    `fit` and `cost` are the child's own there, the `_change`s against where it is now (0 if nowhere).
    """

    unit: str
    free: bool
    fit: int
    fit_change: int
    cost: int
    cost_change: int
    move: bool
    blocking: tuple[Blocking, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Why an unplaced child has no place while everybody placed keeps one, and what would let it in.

    `conflict` is a smallest set of wishes and rules that cannot hold together (`optimizer.conflicts`); empty
    where the rules would allow the child and only the goals, or an unproven plan, leave it out. `repairs`
    are the cheapest changes to units (`optimizer.repairs`).
    """

    child: str
    conflict: tuple[Fact, ...]
    repairs: tuple[Repair, ...]


def placement(instance: Instance, result: Result, child: str) -> Placement | None:
    """Return what the child's placement counts and why, None if it is unplaced. Raises KeyError if unknown."""
    home = result.assignment[child]
    if home is None:
        return None
    return placement_in(instance, result, instance.child_by_id[child], instance.unit_by_id[str(home)])


def placement_in(instance: Instance, result: Result, child: Child, unit: Unit) -> Placement:
    """Return what the child in `unit` counts, be it placed there or not."""
    parts = tuple(
        ScorePart(name, weight, score, weight * score)
        for name, score in score_parts(instance, child, unit).items()
        for weight in (getattr(instance.fit_weights, name),)
    )
    value = pair_value(instance, child, unit)
    shared = common_language(instance, child, unit)
    return Placement(
        child=child.id,
        unit=unit.id,
        locked=child.locked is not None,
        urgency=urgency(child),
        language=shared,
        parts=parts,
        fit=value.fit,
        bonuses=tuple(
            (group.id, group.bonus * len(group.members))
            for group in instance.sibling_groups
            if group.mode == "should"
            and child.id in group.members
            and all(member == child.id or result.assignment[member] == unit.id for member in group.members)
        ),
        weeks=len(stay(instance, child)),
        filling_week=7 * (unit.price_day - unit.price_empty_day),
        interpreter_week=0 if shared else child.interpreter_hours * instance.interpreter_cost_hour,
        cost=value.cost,
        moved=bool(value.move),
    )


def why_not(instance: Instance, result: Result, child: str, unit: str, *, workers: int = 1) -> WhyNot:
    """Return why `child` is not in `unit`; where it could be, by solving again with it there.

    Raises KeyError for an unknown child or unit.
    """
    person, home = instance.child_by_id[child], instance.unit_by_id[unit]
    bare = WhyNot(child, unit, "there", person.locked, (), (), (), (), proven=True)
    if result.assignment[child] == unit:
        return bare
    if person.locked is not None:
        return replace(bare, verdict="locked")
    refused = refusals.facts(instance, person, home)
    if refused:
        return replace(bare, verdict="refused", refusals=refused)
    going = companions(instance, person, must_group_of(instance).get(child))
    blocking = tuple(Loads(instance, result.assignment).blocking(going, home))
    other = _solved_with(instance, result, Requirements(place=((child, unit),)), workers)
    if other is None:
        return replace(bare, verdict="impossible", blocking=blocking)
    levels, assignment, proven = other
    return replace(
        bare,
        verdict="possible",
        blocking=blocking,
        levels=levels,
        moves=moves_between(instance, result.assignment, assignment),
        proven=proven,
    )


def alternatives(instance: Instance, result: Result, child: str, n: int = 3) -> tuple[Alternative, ...]:
    """Return the `n` next best units for the child while everybody else stays: free ones first, then by fit.

    No search: `why_not` tells what one of them would cost all others. Must siblings go along, so a unit
    is free only if all fit. Raises KeyError for an unknown child.
    """
    person = instance.child_by_id[child]
    if person.locked is not None:
        return ()
    group = must_group_of(instance).get(child)
    going = companions(instance, person, group)
    now = result.assignment[child]
    alone = {**result.assignment, **{one.id: None for one in going}}
    loads = Loads(instance, alone)
    here = None if now is None else pair_value(instance, person, instance.unit_by_id[str(now)])
    found = []
    for unit in instance.units:
        if unit.id == now or reasons(instance, person, unit, group):
            continue
        value = pair_value(instance, person, unit)
        blocking = tuple(loads.blocking(going, unit))
        found.append(
            Alternative(
                unit=unit.id,
                free=not blocking,
                fit=value.fit,
                fit_change=value.fit - (here.fit if here else 0),
                cost=value.cost,
                cost_change=value.cost - (here.cost if here else 0),
                move=bool(value.move),
                blocking=blocking,
            ),
        )
    found.sort(key=lambda one: (not one.free, -one.fit, one.cost))
    return tuple(found[:n])


def unplaced(instance: Instance, result: Result, child: str, n: int = 3) -> Missing:
    """Return why an unplaced child has no place, and up to `n` repairs. Raises KeyError if unknown.

    Raises ValueError for a child who has a place: there is nothing to explain.
    """
    return next(all_unplaced(instance, result, n, only=[child]))


def all_unplaced(
    instance: Instance, result: Result, n: int = 1, only: Sequence[str] | None = None
) -> Iterator[Missing]:
    """Yield the explanation of every unplaced child (or of `only` these), in the instance's order."""
    # Imported here, so that explanations without a search load no solver.
    from optimizer.conflicts import ground_of, unplaced_conflict
    from optimizer.repairs import cheapest_repairs, repair_ground

    asked = only or [entry.child for entry in result.unplaced]
    for child in asked:
        if result.assignment[child] is not None:
            raise ValueError(f"{child} has a place in {result.assignment[child]}")
    ground = ground_of(instance, result, asked)
    repairable = repair_ground(instance, result, asked)
    for child in asked:
        yield Missing(
            child=child,
            conflict=unplaced_conflict(result, child, ground, ground.scene([child])),
            repairs=cheapest_repairs(result, child, repairable, repairable.scene([child]), n),
        )


def moves_between(
    instance: Instance, before: Mapping[str, str | int | None], after: Mapping[str, str | int | None]
) -> tuple[Move, ...]:
    """Return who lives elsewhere in `after`, in the instance's order."""
    return tuple(
        Move(child.id, _home(before[child.id]), _home(after[child.id]))
        for child in instance.children
        if before[child.id] != after[child.id]
    )


def _home(unit: str | int | None) -> str | None:
    return None if unit is None else str(unit)


def _solved_with(
    instance: Instance, result: Result, requirements: Requirements, workers: int
) -> tuple[tuple[LevelChange, ...], Mapping[str, str | int | None], bool] | None:
    """Return each level's change, the plan and whether all is proven, under `requirements`; None if none is."""
    # Imported here, so that explanations without a search load no solver.
    from optimizer import plain

    outcome = plain.search(
        instance,
        Controls(workers=workers, start=result.assignment, requirements=requirements),
    )
    if outcome.assignment is None:
        return None
    changes = tuple(
        LevelChange(
            name=stage.name,
            sense=stage.sense,
            before=level.value,
            after=stage.value,
            loss=level.value - stage.value if stage.sense == "max" else stage.value - level.value,
        )
        for level, stage in zip(result.levels, outcome.stages, strict=False)
    )
    proven = all(level.proven for level in result.levels) and all(stage.proven for stage in outcome.stages)
    return changes, outcome.assignment, proven
