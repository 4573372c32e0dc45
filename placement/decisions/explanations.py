"""Why each child got this place, what else there was, and why nobody has room: JSON of coded facts. Pure.

One explanation serves the page, the command line and the decision's reasons. It holds references of units and
numbers, no name and no other child's reference, so that it may stand beside a proposal row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from optimizer.loads import Loads
from optimizer.pair_rules import must_group_of, pair_value
from optimizer.problem import Child, Unit
from optimizer.report import companions
from placement.decisions import fit_facts

Fact = dict[str, Any]
ALTERNATIVES = 3
RULES_CHECKED = (
    "AGE",
    "GENDER",
    "SUPPORT_LEVEL",
    "SERVICES",
    "LANGUAGE",
    "IN_FORCE",
    "QUOTA",
    "NOT_FORBIDDEN",
    "PLACE_FREE",
    "CARE_HOURS",
    "NOBODY_TO_AVOID",
    "SIBLINGS_TOGETHER",
)
"""The hard rules of a plan, in the order in which pages tell them."""


def explain(loads: Loads, child_id: str, monday: date, unused: Mapping[str, str]) -> Fact:
    """Return the explanation of one free child's row in the plan whose `loads` are given.

    `unused` are the units without a place in any week, with the cause; it stands before every other reason.

    `reasons` are the parts of the fit in points, `rules` the hard rules kept, `units` one row for each unit
    (`fits`, `fit`, and in `why` what keeps the child out), best first; `alternatives` the best three others that are
    open to the child, those with room first.
    A child without a place has `conflict` (why no unit) instead of reasons and rules.
    """
    instance = loads.instance
    child = instance.child_by_id[child_id]
    homes = {key: str(home) if home is not None else None for key, home in loads.assignment.items()}
    going = companions(instance, child, must_group_of(instance).get(child.id))
    units = _units(loads, child, going, homes.get(child_id), monday, unused)
    found: Fact = {"unit": homes.get(child_id), "units": units}
    found["alternatives"] = [row["unit"] for row in units if not row["proposed"] and _open(row)][:ALTERNATIVES]
    if found["unit"] is None:
        found["reasons"], found["rules"] = [], []
        found["conflict"] = conflict(units)
        return found
    unit = instance.unit_by_id[found["unit"]]
    value = pair_value(instance, child, unit)
    found["reasons"] = [
        *fit_facts.siblings_with(instance, homes, child, unit),
        *fit_facts.points(instance, child, unit),
    ]
    found["rules"] = fit_facts.passed(instance, child, unit, monday)
    found |= {"fit": value.fit, "cost_cents": value.cost, "move": value.move, "conflict": []}
    return found


def _open(row: Fact) -> bool:
    """Whether the rules let the child live in the unit: at most room is missing."""
    return all(fact["code"] in fit_facts.FULL_CODES.values() for fact in row["why"])


def conflict(units: list[Fact]) -> list[Fact]:
    """Return which rules stand in the way of every unit: the codes with the number of units each keeps closed."""
    count: dict[str, int] = {}
    for row in units:
        for code in {fact["code"] for fact in row["why"]}:
            count[code] = count.get(code, 0) + 1
    if not units:
        return [{"code": "NO_UNITS", "units": 0}]
    return [{"code": code, "units": count[code]} for code in sorted(count, key=lambda one: (-count[one], one))]


def _units(
    loads: Loads, child: Child, going: list[Child], home: str | None, monday: date, unused: Mapping[str, str]
) -> list[Fact]:
    rows = [
        _unused_row(loads, child, unit, unused[unit.id], monday)
        if unit.id in unused
        else _unit_row(loads, child, going, unit, home, monday)
        for unit in loads.instance.units
    ]
    return sorted(
        rows, key=lambda row: (not row["proposed"], not row["fits"], len(row["why"]), -row["fit"], row["unit"])
    )


def _unit_row(loads: Loads, child: Child, going: list[Child], unit: Unit, home: str | None, monday: date) -> Fact:
    """Return one unit's row. The proposed unit fits: the plan was checked with the child in it."""
    instance = loads.instance
    if unit.id == home:
        return _row(loads, child, unit, [], proposed=True)
    why = fit_facts.refusals(instance, child, unit, monday) or fit_facts.full(loads, going, unit, monday)
    return _row(loads, child, unit, why)


def _unused_row(loads: Loads, child: Child, unit: Unit, cause: str, monday: date) -> Fact:
    """Return the row of a unit that has no places at all: no bed is "full" there, it is not in use."""
    why = [{"code": "NOT_IN_USE", "cause": cause}, *fit_facts.refusals(loads.instance, child, unit, monday)]
    return _row(loads, child, unit, why)


def _row(loads: Loads, child: Child, unit: Unit, why: list[Fact], *, proposed: bool = False) -> Fact:
    instance = loads.instance
    value = pair_value(instance, child, unit)
    return {
        "unit": unit.id,
        "proposed": proposed,
        "fits": not why,
        "fit": value.fit,
        "cost_cents": value.cost,
        "km": fit_facts.kilometres(instance, child, unit),
        "why": why,
    }
