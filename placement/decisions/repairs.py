"""The optimizer's repairs of an unplaced child as facts for pages: what a county could arrange, unit by unit. Pure.

Each repair is proven by a plan in which everybody else stays placed. Steps hold units, numbers and days, and
only the number of other children who would be proposed elsewhere, not who they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from optimizer.problem import Instance
from placement.decisions.fit_facts import day_of

if TYPE_CHECKING:
    from optimizer.repairs import Change, Repair

Fact = dict[str, Any]
MOST = 3
HOURS = {
    "care": "MORE_CARE_HOURS",
    "interp": "MORE_INTERPRETER_HOURS",
    "lang": "MORE_LANGUAGE_HOURS",
    "serv": "MORE_SERVICE_HOURS",
}
COUNTS = {"beds": "MORE_PLACES", "quota": "MORE_QUOTA"}


def told(instance: Instance, found: Iterable[Repair], monday: date, unused: Mapping[str, str]) -> list[Fact]:
    """Return the repairs as {"unit", "steps", "others"}, the cheapest first, as the optimizer gave them.

    Where a unit of `unused` (units without any place, with the cause) waits for its agreement, places there mean
    that the agreement comes into force.
    """
    return [
        {
            "unit": repair.unit,
            "steps": [_step(instance, change, monday, unused) for change in repair.changes],
            "others": len(repair.moves),
        }
        for repair in found
    ]


def _step(instance: Instance, change: Change, monday: date, unused: Mapping[str, str]) -> Fact:
    kind, _, of = change.what.partition(":")
    if kind == "beds" and unused.get(change.unit) == "no-agreement":
        return {"code": "AGREEMENT_IN_FORCE", "unit": change.unit}
    if kind == "window":
        weeks = {"from": day_of(monday, change.start or 0), "to": day_of(monday, change.end or instance.horizon_weeks)}
        return {"code": "LONGER_AGREEMENT", "unit": change.unit, **weeks}
    if kind in COUNTS:
        return {"code": COUNTS[kind], "unit": change.unit, "count": change.amount}
    if kind == "serv" and of not in instance.unit_by_id[change.unit].services:
        return {"code": "ADD_SERVICE", "unit": change.unit, "of": of, "hours": change.amount}
    step: Fact = {"code": HOURS[kind], "unit": change.unit, "hours": change.amount}
    return step | ({"of": of} if of else {})
