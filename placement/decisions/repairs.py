"""The smallest changes that would open a unit for a child nobody has room for. Pure.

A repair is what a county can arrange: a place more, hours, a service, a place in the quota, an agreement
that lasts. Age, gender, support band, bans and siblings are not arranged away, so such a unit is no repair.
"""

from __future__ import annotations

from typing import Any

Fact = dict[str, Any]
NOT_ARRANGED = frozenset({"AGE_BELOW", "AGE_ABOVE", "GENDER", "SUPPORT_LEVEL", "FORBIDDEN", "SIBLING", "APART"})
STEPS = {
    "FULL": "MORE_PLACES",
    "CARE_HOURS_USED": "MORE_CARE_HOURS",
    "INTERPRETER_HOURS_USED": "MORE_INTERPRETER_HOURS",
    "LANGUAGE_HOURS_USED": "MORE_LANGUAGE_HOURS",
    "SERVICE_HOURS_USED": "MORE_SERVICE_HOURS",
    "QUOTA_USED": "MORE_QUOTA",
}
EFFORT = {
    "MORE_INTERPRETER_HOURS": 1,
    "MORE_QUOTA": 2,
    "MORE_LANGUAGE_HOURS": 3,
    "MORE_CARE_HOURS": 3,
    "MORE_SERVICE_HOURS": 3,
    "LONGER_AGREEMENT": 4,
    "MORE_PLACES": 5,
    "ADD_SERVICE": 6,
}
"""How hard a step is beside others, to order equally long lists; not a price."""


def smallest(units: list[Fact], *, most: int = 3) -> list[Fact]:
    """Return at most `most` repairs {"unit", "steps"}, the fewest and lightest steps first.

    `units` are the rows of an explanation: each with `unit` and the facts `why` that keep the child out.
    """
    found = []
    for row in units:
        if not row["why"] or any(fact["code"] in NOT_ARRANGED for fact in row["why"]):
            continue
        steps = _merged([_step(fact) for fact in row["why"]])
        found.append({"unit": row["unit"], "steps": steps, "fit": row["fit"]})
    found.sort(key=lambda one: (len(one["steps"]), sum(EFFORT[step["code"]] for step in one["steps"]), -one["fit"]))
    return [{"unit": one["unit"], "steps": one["steps"]} for one in found[:most]]


def _step(fact: Fact) -> Fact:
    code = fact["code"]
    if code == "CAPACITY":
        kind, _, language = str(fact["resource"]).partition(":")
        step: Fact = {"code": "MORE_CARE_HOURS" if kind == "care" else "MORE_LANGUAGE_HOURS"}
        return step | {"hours": fact["hours"] - fact["unit"]} | ({"of": language} if language else {})
    if code == "SERVICE_MISSING":
        return {"code": "ADD_SERVICE", "of": fact["service"], "hours": fact["hours"] - (fact["unit"] or 0)}
    if code == "LANGUAGE":
        return {"code": "MORE_INTERPRETER_HOURS", "hours": fact["hours"] - fact["unit"]}
    if code == "AGREEMENT_NOT_IN_FORCE":
        return {"code": "LONGER_AGREEMENT", "from": fact["start"], "to": fact["end"]}
    if code == "NO_QUOTA":
        return {"code": "MORE_QUOTA", "count": 1}
    short = max(1, fact["need"] - fact["have"])
    step = {"code": STEPS[code]}
    if code in ("FULL", "QUOTA_USED"):
        return step | {"count": short} | ({"from": fact["from"], "until": fact.get("until")} if code == "FULL" else {})
    return step | {"hours": short} | ({"of": fact["of"]} if "of" in fact else {})


def _merged(steps: list[Fact]) -> list[Fact]:
    """Return one step for each thing to arrange: of two that say the same, the larger."""
    best: dict[tuple[str, str], Fact] = {}
    for step in steps:
        key = (step["code"], str(step.get("of", "")))
        if key not in best or _size(step) > _size(best[key]):
            best[key] = step
    return [best[key] for key in sorted(best)]


def _size(step: Fact) -> int:
    return int(step.get("hours") or step.get("count") or 0)
