"""What a child means for a unit, as coded facts with numbers: passed rules, refusals, what is full, points.

Pure: the optimizer's own scalar rules are asked, so page and plan cannot disagree. Sentences are the
business of `web/explaining.py`. Days are ISO text; ages are months; nothing here names a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from math import isqrt
from typing import Any

from optimizer import pair_rules
from optimizer import refusals as optimizer_refusals
from optimizer.loads import Loads
from optimizer.problem import Blocking, Child, Instance, Unit

Fact = dict[str, Any]
FULL_CODES = {
    "beds": "FULL",
    "care": "CARE_HOURS_USED",
    "interp": "INTERPRETER_HOURS_USED",
    "lang": "LANGUAGE_HOURS_USED",
    "serv": "SERVICE_HOURS_USED",
    "quota": "QUOTA_USED",
    "apart": "APART",
}
"""What keeps a child out of a unit that fits it, by the resource that is used up."""


def day_of(monday: date, week: int) -> str:
    return (monday + timedelta(weeks=week)).isoformat()


def refusals(instance: Instance, child: Child, unit: Unit, monday: date) -> list[Fact]:
    """Return a fact for every rule that refuses the child this unit, siblings included; none = it may live there.

    Weeks become days, and a sibling's reference is left out: the fact stands beside the child's own row.
    """
    found: list[Fact] = []
    for one in optimizer_refusals.facts(instance, child, unit):
        about = {key: value for key, value in one.about.items() if key not in ("sibling", "group", "county")}
        if one.code == "AGREEMENT_NOT_IN_FORCE":
            about = {key: day_of(monday, int(str(week))) for key, week in about.items()}
        fact: Fact = {"code": one.code, **{key: list(v) if isinstance(v, tuple) else v for key, v in about.items()}}
        if fact not in found:
            found.append(fact)
    return found


def passed(instance: Instance, child: Child, unit: Unit, monday: date) -> list[Fact]:
    """Return the hard rules the place keeps to, each with the numbers it was judged by."""
    age = child.age_months + 3 * child.start // 13
    facts: list[Fact] = [
        {"code": "AGE", "age": age, "least": unit.age_min, "most": unit.age_max},
        {"code": "GENDER", "for": unit.gender},
        {"code": "SUPPORT_LEVEL", "level": child.support_level, "least": unit.support_min, "most": unit.support_max},
        {"code": "SERVICES", "services": sorted(child.services)},
        _language_passed(instance, child, unit),
        {
            "code": "IN_FORCE",
            "from": day_of(monday, unit.windows[0].start),
            "to": day_of(monday, unit.windows[-1].end),
        },
        {"code": "QUOTA", "most": pair_rules.quota(unit, child.county)},
        {"code": "NOT_FORBIDDEN"},
        {"code": "PLACE_FREE"},
        {"code": "CARE_HOURS", "need": child.care_hours, "have": unit.care_hours},
        {"code": "NOBODY_TO_AVOID"},
    ]
    if child.id in pair_rules.must_group_of(instance):
        facts.append({"code": "SIBLINGS_TOGETHER"})
    return facts


def _language_passed(instance: Instance, child: Child, unit: Unit) -> Fact:
    shared = pair_rules.common_language(instance, child, unit)
    if shared is None:
        return {"code": "INTERPRETER", "need": child.interpreter_hours, "have": unit.interpreter_hours}
    return {"code": "COMMON_LANGUAGE", "language": shared, "level": child.languages[shared]}


def full(loads: Loads, going: list[Child], unit: Unit, monday: date) -> list[Fact]:
    """Return a fact for each thing that leaves no room for `going` (a child, or siblings who go together).

    Where the beds are taken, the county's quota says nothing more and is left out.
    """
    rows = list(loads.blocking(going, unit))
    no_bed = any(row.resource == "beds" for row in rows)
    kept = [row for row in rows if not (no_bed and row.resource.startswith("quota:"))]
    return [_full_fact(loads, row, going, unit, monday) for row in kept]


def _full_fact(loads: Loads, row: Blocking, going: list[Child], unit: Unit, monday: date) -> Fact:
    kind, _, of = row.resource.partition(":")
    fact: Fact = {"code": FULL_CODES[kind], "from": day_of(monday, row.week)}
    if kind == "apart":
        return {**fact, "count": row.load}
    need = sum(pair_rules.uses(loads.instance, child, unit).get(row.resource, 0) for child in going)
    fact |= {"need": need, "have": max(0, row.cap - row.load), "cap": row.cap}
    if of:
        fact["of"] = of
    if kind == "beds":
        fact["until"] = _room_again(loads, need, going, unit, monday)
    return fact


def _room_again(loads: Loads, need: int, going: list[Child], unit: Unit, monday: date) -> str | None:
    """Return the day from which there are beds to the end of the stay; None when that never comes."""
    last = None
    weeks = sorted({week for child in going for week in pair_rules.stay(loads.instance, child)})
    for week in weeks:
        load = loads.all[unit.id].get("beds", [0] * (loads.instance.horizon_weeks + 1))[week]
        if load + need > loads.cap(unit, "beds", week):
            last = week
    return None if last is None or last == weeks[-1] else day_of(monday, last + 1)


def points(instance: Instance, child: Child, unit: Unit) -> list[Fact]:
    """Return the parts of the fit in points (`of` = the most the part can give) with what they rest on."""
    scores = pair_rules.score_parts(instance, child, unit)
    found: list[Fact] = []
    for part, score in scores.items():
        weight = getattr(instance.fit_weights, part)
        if not weight:
            continue
        about = _behind(instance, child, unit, part)
        found.append({"code": part, "points": weight * score // 1000, "of": weight, **about})
    return found


def _behind(instance: Instance, child: Child, unit: Unit, part: str) -> Fact:
    if part == "language":
        shared = pair_rules.common_language(instance, child, unit)
        return {"language": shared, "level": child.languages[shared] if shared else 0}
    if part == "distance":
        return {"km": kilometres(instance, child, unit)}
    if part == "wish":
        return {"rank": child.wishes.index(unit.id) + 1 if unit.id in child.wishes else None}
    if part == "stability":
        return {"how": "new" if child.current is None else "stays" if child.current == unit.id else "moves"}
    return {
        "needed": "prep_education" in child.services,
        "given": instance.municipality_by_id[unit.municipality].prep_education,
    }


def kilometres(instance: Instance, child: Child, unit: Unit) -> int | None:
    """Return the distance from the unit's town to the relatives' in whole kilometres, None without relatives."""
    if child.relatives is None:
        return None
    home, theirs = instance.municipality_by_id[unit.municipality], instance.municipality_by_id[child.relatives]
    return isqrt((home.x - theirs.x) ** 2 + (home.y - theirs.y) ** 2)


def siblings_with(instance: Instance, assignment: dict[str, str | None], child: Child, unit: Unit) -> Iterator[Fact]:
    """Yield one fact for each sibling group of the child: how many of it live in the unit with it."""
    for group in instance.sibling_groups:
        if child.id not in group.members:
            continue
        others = [member for member in group.members if member != child.id]
        together = sum(assignment.get(member) == unit.id for member in others)
        whole = together == len(others)
        yield {
            "code": "siblings",
            "mode": group.mode,
            "together": together,
            "others": len(others),
            "points": group.bonus if whole else 0,
            "of": group.bonus,
        }
