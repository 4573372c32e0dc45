"""How firm a plan is: other plans nearly as good, and how far a weight can move before anybody does.

Both solve again, level by level; they are for a person who wants to know, not for every run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

from ortools.sat.python import cp_model

from optimizer import frame as frames
from optimizer import plain
from optimizer.measure import levels_of
from optimizer.outcome import Controls
from optimizer.problem import FitWeights, Instance, Result
from optimizer.terms import hard

Plan = Mapping[str, str | int | None]

LARGEST_WEIGHT = 10_000
"""Weights are looked at up to this, ten times the whole."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another plan: its levels' values, and how many children live elsewhere than in the nearest plan before it."""

    assignment: Plan
    levels: Mapping[str, int]
    different: int


@dataclass(frozen=True, slots=True)
class WeightRange:
    """How far one fit weight can move, the others as they are, with the plan still the best.

    `lowest` and `highest` are the last values at which it was; found by halving, so a range that is broken
    off and taken up again further out counts only up to its first break as far as halving sees it.
    `highest` None: still the best at ten times the whole.
    """

    weight: str
    now: int
    lowest: int
    highest: int | None


def neighbours(instance: Instance, result: Result, within_permille: int, n: int = 5) -> tuple[Neighbour, ...]:
    """Return up to `n` other plans whose every level is within `within_permille` of the best, most different first.

    Each is as different as can be from the plan and from those already found: the number of children who
    live elsewhere than in the nearest of them is largest. Fewer than `n` mean that there are no others.
    """
    frame = frames.of(instance)
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in frame.options]
    for rule in plain.RULES:
        rule(model, frame, chosen)
    for level in result.levels:
        goal = plain.GOALS[level.name](model, frame, chosen)
        if level.sense == "max":
            model.add(1000 * goal >= (1000 - within_permille) * level.value)
        else:
            model.add(1000 * goal <= (1000 + within_permille) * level.value)
    distance = model.new_int_var(1, max(1, len(instance.children)), "children who live elsewhere")
    _keep_away(model, frame, chosen, result.assignment, distance)
    model.maximize(distance)
    found: list[Neighbour] = []
    while len(found) < n:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.catch_sigint_signal = False
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        plan = frame.assignment(
            {option.item: k for k, option in enumerate(frame.options) if solver.value(chosen[k])},
        )
        found.append(Neighbour(plan, levels_of(instance, plan), solver.value(distance)))
        _keep_away(model, frame, chosen, plan, distance)
    return tuple(found)


def _keep_away(
    model: cp_model.CpModel, frame: frames.Frame, chosen: hard.Chosen, plan: Plan, distance: cp_model.IntVar
) -> None:
    """Let `distance` be at most the number of children who live elsewhere than in `plan`."""
    there = frame.chosen(plan)
    elsewhere: list[cp_model.LinearExprT] = []
    for item, members in enumerate(frame.items):
        if item in there:
            elsewhere.append(len(members) * (1 - chosen[there[item]]))
        else:
            elsewhere.append(sum(len(members) * chosen[option] for option in frame.options_of[item]))
    model.add(distance <= sum(elsewhere))


def weight_ranges(instance: Instance, result: Result) -> tuple[WeightRange, ...]:
    """Return for each fit weight how far it can move before the plan is no longer the best."""
    return tuple(_range(instance, result, field.name) for field in fields(FitWeights))


def _range(instance: Instance, result: Result, weight: str) -> WeightRange:
    now = getattr(instance.fit_weights, weight)

    def best_at(value: int) -> bool:
        return still_best(with_weight(instance, weight, value), result)

    lowest = 0 if best_at(0) else _last(best_at, now, 0)
    highest = None if best_at(LARGEST_WEIGHT) else _last(best_at, now, LARGEST_WEIGHT)
    return WeightRange(weight, now, lowest, highest)


def _last(best_at: Callable[[int], bool], good: int, bad: int) -> int:
    """Return the last value from `good` towards `bad` at which the plan is the best, by halving."""
    while abs(bad - good) > 1:
        middle = (good + bad) // 2
        if best_at(middle):
            good = middle
        else:
            bad = middle
    return good


def with_weight(instance: Instance, weight: str, value: int) -> Instance:
    """Return the instance with one fit weight changed."""
    return replace(instance, fit_weights=replace(instance.fit_weights, **{weight: value}))


def still_best(changed: Instance, result: Result) -> bool:
    """Whether the result's plan reaches, level by level, what the best plan of `changed` does."""
    outcome = plain.search(changed, Controls(start=result.assignment))
    reached = levels_of(changed, result.assignment)
    for stage in outcome.stages:
        up = 1 if stage.sense == "max" else -1
        if up * reached[stage.name] < up * stage.limit:
            return False
    last = outcome.stages[-1]
    return last.proven and reached[last.name] == last.value
