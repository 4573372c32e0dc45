"""What every plan must keep to. Each function adds one rule to `model`; `chosen[k]` is option k's variable.

Refused units never become options (`frame.build`), so the rules here are those between children.
"""

from __future__ import annotations

from collections.abc import Sequence

from ortools.sat.python import cp_model

from optimizer.frame import Frame
from optimizer.problem import Requirements

Chosen = Sequence[cp_model.IntVar]


def one_unit(model: cp_model.CpModel, frame: Frame, chosen: Chosen) -> None:
    """Everybody lives in at most one unit; siblings who must stay together are one item."""
    for options in frame.options_of:
        model.add_at_most_one(chosen[option] for option in options)


def capacity(model: cp_model.CpModel, frame: Frame, chosen: Chosen) -> None:
    """In no week does a unit give more beds, hours or quota than are left beside the locked children."""
    for row in frame.rows:
        model.add(sum(use * chosen[option] for option, use in row.terms) <= row.cap)


def apart(model: cp_model.CpModel, frame: Frame, chosen: Chosen) -> None:
    """Children to be kept apart do not share a unit while both are there."""
    for first, second in frame.exclusions:
        model.add_at_most_one(chosen[first], chosen[second])


def insisted(model: cp_model.CpModel, frame: Frame, chosen: Chosen, requirements: Requirements | None) -> None:
    """What a person insists on: a child in a unit, a child placed somewhere, at most so many moves."""
    if requirements is None:
        return
    item_of = {
        frame.instance.children[member].id: item for item, members in enumerate(frame.items) for member in members
    }
    for child, unit in requirements.place:
        if child not in item_of:
            model.add_bool_or(frame.instance.child_by_id[child].locked == unit)
            continue
        there = (
            option
            for option in frame.options_of[item_of[child]]
            if frame.instance.units[frame.options[option].unit].id == unit
        )
        model.add_bool_or(chosen[option] for option in there)
    for child in requirements.placed:
        if child in item_of:
            model.add_bool_or(chosen[option] for option in frame.options_of[item_of[child]])
    if requirements.max_moves is not None:
        moves = sum(option.moves * chosen[index] for index, option in enumerate(frame.options))
        model.add(moves <= requirements.max_moves)
