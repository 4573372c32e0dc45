"""What plans are compared by. Each function returns one goal as a linear expression over the model.

`chosen[k]` is option k's variable. A goal may add variables of its own; they are bound in one direction
only, the one the goal's sense pulls against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ortools.sat.python import cp_model

from optimizer.frame import BEDS_WORTH, Frame

Chosen = Sequence[cp_model.IntVar]


def placed(model: cp_model.CpModel, frame: Frame, chosen: Chosen) -> cp_model.LinearExprT:
    """Urgency of the placed children."""
    del model
    return cp_model.LinearExpr.weighted_sum(chosen, [option.urgency for option in frame.options])


def fit(model: cp_model.CpModel, frame: Frame, chosen: Chosen) -> cp_model.LinearExprT:
    """Fit points of the placed children, with the bonus of siblings who should and do live together."""
    bonuses = []
    for group in frame.together:
        whole = model.new_bool_var("")
        for option in group.options:
            model.add_implication(whole, chosen[option])
        bonuses.append(group.points * whole)
    points = cp_model.LinearExpr.weighted_sum(chosen, [option.fit for option in frame.options])
    return points + sum(bonuses) + frame.bonus_constant


def moves(model: cp_model.CpModel, frame: Frame, chosen: Chosen) -> cp_model.LinearExprT:
    """Children who leave the unit they live in for another."""
    del model
    return cp_model.LinearExpr.weighted_sum(chosen, [option.moves for option in frame.options])


def cost(model: cp_model.CpModel, frame: Frame, chosen: Chosen) -> cp_model.LinearExprT:
    """What filling the places costs over the horizon beyond keeping them empty."""
    del model
    return cp_model.LinearExpr.weighted_sum(chosen, [option.cost for option in frame.options])


def fairness(model: cp_model.CpModel, frame: Frame, chosen: Chosen) -> cp_model.LinearExprT:
    """The lowest mean fit of a language community of at least five free children; 0 without one."""
    if not frame.communities:
        return cp_model.LinearExpr.sum([])
    most = min(sum(fit for _, fit in terms) // size for size, terms in frame.communities)
    lowest = model.new_int_var(0, most, "lowest mean fit")
    for size, terms in frame.communities:
        model.add(sum(points * chosen[option] for option, points in terms) >= size * lowest)
    return lowest + 0


def balance(model: cp_model.CpModel, frame: Frame, chosen: Chosen) -> cp_model.LinearExprT:
    """Twentieths of a place above 85 % occupancy, each unit in its fullest week."""
    weeks = defaultdict(list)
    for overfull in frame.overfull:
        weeks[overfull.unit].append(overfull)
    peaks = []
    for unit_weeks in weeks.values():
        worst = max(week.base + BEDS_WORTH * sum(use for _, use in week.terms) for week in unit_weeks)
        peak = model.new_int_var(0, worst, "twentieths above 85 %")
        for week in unit_weeks:
            used = sum(BEDS_WORTH * use * chosen[option] for option, use in week.terms)
            model.add(peak >= week.base + used)
        peaks.append(peak)
    return cp_model.LinearExpr.sum(peaks)
