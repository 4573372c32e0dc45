"""The levels' values of an assignment, counted child by child; standard library only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from optimizer.frame import BEDS_WORTH, FULL_ENOUGH, Frame
from optimizer.pair_rules import beds, pair_value, stay, urgency
from optimizer.problem import Instance, Level

SMALLEST_COMMUNITY = 5
"""Fairness counts groups of at least this many free children."""


def levels_of(instance: Instance, assignment: Mapping[str, str | int | None]) -> dict[str, int]:
    """Return the value of each of the six levels for `assignment` (child id to unit id or None).

    Locked children count in none, but their beds count in `balance` and they complete a should group.
    """
    value = dict.fromkeys(("placed", "fit", "moves", "cost"), 0)
    fit_of: dict[str, int] = {}
    for child in instance.children:
        home = assignment.get(child.id)
        if home is None or child.locked is not None:
            continue
        pair = pair_value(instance, child, instance.unit_by_id[str(home)])
        fit_of[child.id] = pair.fit
        value["placed"] += urgency(child)
        value["fit"] += pair.fit
        value["moves"] += pair.move
        value["cost"] += pair.cost
    value["fit"] += sum(
        group.bonus * len(group.members)
        for group in instance.sibling_groups
        if group.mode == "should" and _whole({assignment.get(member) for member in group.members})
    )
    value["fairness"] = _fairness(instance, fit_of)
    value["balance"] = _balance(instance, assignment)
    return value


def loosest(frame: Frame, level: Level) -> int:
    """Return a bound of `level` that holds without any search: each item at its best by itself."""
    if level.sense == "min":
        return 0
    if level.name == "fairness":
        return min((sum(fit for _, fit in terms) // size for size, terms in frame.communities), default=0)
    best = sum(
        max((getattr(frame.options[option], _FIELD[level.name]) for option in options), default=0)
        for options in frame.options_of
    )
    if level.name == "fit":
        best += frame.bonus_constant + sum(group.points for group in frame.together)
    return best


_FIELD = {"placed": "urgency", "fit": "fit"}


def _whole(homes: set[str | int | None]) -> bool:
    return len(homes) == 1 and None not in homes


def _fairness(instance: Instance, fit_of: Mapping[str, int]) -> int:
    size: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for child in instance.children:
        if child.locked is None:
            size[child.group] += 1
            total[child.group] += fit_of.get(child.id, 0)
    return min((total[group] // size[group] for group in size if size[group] >= SMALLEST_COMMUNITY), default=0)


def _balance(instance: Instance, assignment: Mapping[str, str | int | None]) -> int:
    used: dict[str, list[int]] = {unit.id: [0] * instance.horizon_weeks for unit in instance.units}
    for child in instance.children:
        home = assignment.get(child.id)
        if home is not None:
            for week in stay(instance, child):
                used[str(home)][week] += 1
    return sum(
        max(
            0,
            *(
                BEDS_WORTH * used[unit.id][week] - FULL_ENOUGH * beds(unit, week)
                for week in range(instance.horizon_weeks)
            ),
        )
        for unit in instance.units
    )
