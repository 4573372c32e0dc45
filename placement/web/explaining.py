"""Plain sentences for the coded facts of a calculation: why this place, why not that one, what would help.

Facts come from `placement/decisions/explanations.py` and hold codes, numbers and ISO days. A code without a
sentence is a fault (KeyError), so no page can show a bare code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import flask_babel
from flask_babel import lazy_gettext as _l

from placement.web.decision_words import service_word
from placement.web.i18n import day, label, language_name, money, number

Fact = Mapping[str, Any]


def _(text: str, **about: object) -> str:
    return str(flask_babel.gettext(text, **about))


def ngettext(one: str, many: str, count: int) -> str:
    return str(flask_babel.ngettext(one, many, count))


RULES = {
    "AGE": _l("Age %(age)s years: the unit takes %(least)s to %(most)s years"),
    "GENDER": _l("The unit is for: %(for)s"),
    "SUPPORT_LEVEL": _l("Support level %(level)s: the unit gives levels %(least)s to %(most)s"),
    "COMMON_LANGUAGE": _l("Common language with the staff: %(language)s"),
    "INTERPRETER": _l("Interpreting %(need)s h a week: the unit has %(have)s h"),
    "IN_FORCE": _l("The unit may be used from %(from)s to %(to)s as far as the calculation looks"),
    "QUOTA": _l("Places agreed for the county: enough"),
    "NOT_FORBIDDEN": _l("Nothing forbids this unit for the child"),
    "PLACE_FREE": _l("A place is free for the whole stay"),
    "CARE_HOURS": _l("Care %(need)s h a week: enough hours are left"),
    "NOBODY_TO_AVOID": _l("Nobody to be kept apart from lives there"),
    "SIBLINGS_TOGETHER": _l("Siblings who must live together do"),
}

RULE_TITLES = {
    "AGE": _l("The child's age fits the unit"),
    "GENDER": _l("The unit is for the child's gender"),
    "SUPPORT_LEVEL": _l("The unit gives the level of support the child needs"),
    "SERVICES": _l("The unit gives every service the child needs, in enough hours"),
    "LANGUAGE": _l("Staff share a language with the child, or there is an interpreter in enough hours"),
    "IN_FORCE": _l("The agreement or the registration holds for the whole stay"),
    "QUOTA": _l("The places agreed for each county are not exceeded"),
    "NOT_FORBIDDEN": _l("No child goes to a unit that is forbidden for it"),
    "PLACE_FREE": _l("No unit has more children than places, in any week"),
    "CARE_HOURS": _l("Care, interpreting, language and service hours are enough for all, in every week"),
    "NOBODY_TO_AVOID": _l("Children to be kept apart never live together"),
    "SIBLINGS_TOGETHER": _l("Siblings who must live together do"),
}

WHY = {
    "AGE_BELOW": _l("too young: %(age)s years, the unit takes children from %(least)s"),
    "AGE_ABOVE": _l("too old: %(age)s years, the unit takes children up to %(most)s"),
    "GENDER": _l("the unit is for: %(unit)s"),
    "SUPPORT_LEVEL": _l("needs support level %(child)s, the unit gives levels %(least)s to %(most)s"),
    "SERVICE_MISSING": _l("not enough of: %(service)s"),
    "LANGUAGE": _l("no common language, and %(hours)s h of interpreting a week are needed; the unit has %(unit)s h"),
    "AGREEMENT_NOT_IN_FORCE": _l("no agreement or registration for the whole stay (needed %(start)s to %(end)s)"),
    "NO_QUOTA": _l("no places agreed for this county"),
    "FORBIDDEN": _l("forbidden for this child"),
    "CAPACITY": _l("%(resource)s: %(hours)s h a week are needed, the unit has %(unit)s h"),
    "SIBLING": _l("a sibling who must live in the same place cannot live there"),
    "CARE_HOURS_USED": _l("care hours are used up: %(need)s h a week are needed, %(have)s h are left"),
    "INTERPRETER_HOURS_USED": _l("interpreting is used up: %(need)s h a week are needed, %(have)s h are left"),
    "LANGUAGE_HOURS_USED": _l("%(of)s hours are used up: %(need)s h a week are needed, %(have)s h are left"),
    "SERVICE_HOURS_USED": _l("used up: %(of)s, %(need)s h a week are needed, %(have)s h are left"),
    "QUOTA_USED": _l("the county's agreed places are used up"),
    "APART": _l("somebody the child must be kept apart from lives there"),
}

NOT_IN_USE = {
    "not-open-yet": _l("the unit is not open yet"),
    "closed-down": _l("the unit is closed down"),
    "not-registered": _l("the unit's registration is not in force"),
    "no-agreement": _l("the agreement on the unit is not in force"),
    "no-places": _l("the unit has no places in use"),
    "closure": _l("the unit is wholly closed"),
}
"""Why a unit has no place at all, by the codes of `units/rules.why_none`."""

CONFLICTS = {
    "NOT_IN_USE": _l("not in use: no agreement or registration in force, or closed"),
    "AGE_BELOW": _l("too young for the unit"),
    "AGE_ABOVE": _l("too old for the unit"),
    "GENDER": _l("the unit is for another gender"),
    "SUPPORT_LEVEL": _l("another level of support"),
    "SERVICE_MISSING": _l("a needed service is missing"),
    "LANGUAGE": _l("no common language and too little interpreting"),
    "AGREEMENT_NOT_IN_FORCE": _l("no agreement or registration for the whole stay"),
    "NO_QUOTA": _l("no places agreed for this county"),
    "FORBIDDEN": _l("forbidden for this child"),
    "CAPACITY": _l("more hours needed than the unit has"),
    "SIBLING": _l("a sibling cannot live there"),
    "FULL": _l("no free place"),
    "CARE_HOURS_USED": _l("care hours used up"),
    "INTERPRETER_HOURS_USED": _l("interpreting used up"),
    "LANGUAGE_HOURS_USED": _l("hours in the child's language used up"),
    "SERVICE_HOURS_USED": _l("hours of a service used up"),
    "QUOTA_USED": _l("the county's agreed places used up"),
    "APART": _l("somebody to be kept apart from lives there"),
    "NO_UNITS": _l("there are no units"),
}

STEPS = {
    "MORE_CARE_HOURS": _l("%(hours)s h more care a week"),
    "MORE_INTERPRETER_HOURS": _l("%(hours)s h more interpreting a week"),
    "MORE_LANGUAGE_HOURS": _l("%(hours)s h more a week in: %(of)s"),
    "MORE_SERVICE_HOURS": _l("%(hours)s h more a week of: %(of)s"),
    "ADD_SERVICE": _l("%(of)s (new service)"),
    "AGREEMENT_IN_FORCE": _l("an agreement in force"),
    "LONGER_AGREEMENT": _l("an agreement or registration in force from %(from)s to %(to)s"),
}

LEFT_OUT = {
    "no-right-left": _l("The right to a place ends before the place would begin."),
    "starts-too-late": _l("The place is needed more than a year from now; it is calculated closer to the day."),
}

LEVELS = {
    "placed": (
        _l("Children placed"),
        _l("As many as possible get a place, the most urgent first. The number is the sum of urgency points."),
    ),
    "fit": (_l("Fit"), _l("Language, distance, wishes, stability and schooling, in points. More is better.")),
    "moves": (_l("Moves"), _l("Children who would have to leave where they live now. Fewer is better.")),
    "cost": (_l("Cost"), _l("What filling the places and interpreting cost in a year. Less is better.")),
    "balance": (_l("Crowding"), _l("How far units are above 85 % full. Less is better.")),
}

FAULTS = {
    "solver-disagrees": _l("The plan did not pass the independent check, so it is not shown. The fault is on record."),
    "input-refused": _l("The stored data could not be calculated. Start a new calculation."),
}

SCORES = {
    "language": _l("Language"),
    "distance": _l("Distance to relatives"),
    "wish": _l("The child's wishes"),
    "stability": _l("Stability"),
    "schooling": _l("Schooling"),
    "siblings": _l("Siblings"),
}

PRESETS = {
    "fewest-moves": (_l("Fewest moves"), _l("As few children as possible move; then the fit.")),
    "school-trip": (_l("Shortest school trip"), _l("Near the town where each child goes to school now.")),
    "best-fit": (_l("Best fit"), _l("Language, distance to relatives, wishes and stability, as always.")),
    "balanced": (_l("Balanced"), _l("Language weighs most, then distance, stability and wishes.")),
    "closest": (_l("Closest to relatives and school"), _l("Distance to relatives weighs most, then schooling.")),
    "language": (_l("Best language"), _l("A language that child and staff share weighs most.")),
}

GROUP_KINDS = {"language": _l("First language"), "sex": _l("Gender"), "age": _l("Age")}


def years(months: int) -> int:
    return months // 12


def iso_day(text: str | None) -> str:
    return day(date.fromisoformat(text)) if text else ""


def reason(fact: Fact) -> str:
    """Return why the place is worth what it is in one part, as a sentence."""
    code = fact["code"]
    if code == "language":
        shared = fact["language"]
        if shared is None:
            return _("No common language: an interpreter is used")
        return _(
            "Staff speak %(language)s (the child's level %(level)s of 5)",
            language=language_name(shared),
            level=fact["level"],
        )
    if code == "distance":
        return _school_trip(fact["km"]) if fact.get("to") == "school" else _distance(fact["km"])
    if code == "wish":
        return (
            _("The child's wish number %(rank)s", rank=fact["rank"])
            if fact["rank"]
            else _("Not among the child's wishes")
        )
    if code == "stability":
        return {
            "new": _("A first place: nobody has to move"),
            "stays": _("The child can stay where it lives"),
            "moves": _("The child has to move from another place"),
        }[fact["how"]]
    if code == "schooling":
        if not fact["needed"]:
            return _("Preparatory teaching is not needed")
        return _("Preparatory teaching in the same town") if fact["given"] else _("No preparatory teaching in the town")
    return _siblings(fact)


def tells_apart(fact: Fact) -> bool:
    """Whether a part of the fit says something about this place: not what holds of every place for the child."""
    return {
        "language": True,
        "distance": fact.get("km") is not None,
        "wish": bool(fact.get("rank")),
        "stability": fact.get("how") in ("stays", "moves"),
        "schooling": bool(fact.get("needed")),
        "siblings": True,
    }[fact["code"]]


def _school_trip(km: int | None) -> str:
    if km is None:
        return _("Where the child goes to school is not known, so the trip is neutral")
    if km == 0:
        return _("In the town of the present school")
    return _("%(km)s km to the town of the present school", km=km)


def _distance(km: int | None) -> str:
    if km is None:
        return _("No relatives are known, so distance is neutral")
    if km == 0:
        return _("In the relatives' town")
    return ngettext("%(num)s km to the relatives' town", "%(num)s km to the relatives' town", km)


def _siblings(fact: Fact) -> str:
    together, others = fact["together"], fact["others"]
    if together == others:
        return _("All siblings together")
    return _("%(together)s of %(others)s siblings there", together=together, others=others)


def rule(fact: Fact) -> str:
    """Return a hard rule that the place keeps to, with its numbers."""
    code = fact["code"]
    if code == "GENDER" and fact["for"] == "any":
        return _("The unit takes everyone, whatever their gender")
    if code == "SERVICES":
        if not fact["services"]:
            return _("No special services are needed")
        return _(
            "The unit gives: %(services)s", services=", ".join(_inside(service_word(one)) for one in fact["services"])
        )
    return str(RULES[code]) % _words(fact)


def why_not(fact: Fact) -> str:
    """Return what keeps a child out of a unit; begins with a small letter, for use after "because"."""
    if fact["code"] == "FULL":
        until = fact.get("until")
        if until:
            return _("full until %(day)s", day=iso_day(until))
        return _("full from %(day)s, and no place becomes free during the stay", day=iso_day(fact["from"]))
    if fact["code"] == "NOT_IN_USE":
        return str(NOT_IN_USE[fact["cause"]])
    return str(WHY[fact["code"]]) % _words(fact)


def why_not_all(facts: list[Fact]) -> str:
    return "; ".join(why_not(fact) for fact in facts)


def conflict(fact: Fact) -> str:
    """Return how many units one rule keeps closed: "3 units: no free place"."""
    if fact["code"] == "NO_UNITS":
        return str(CONFLICTS["NO_UNITS"])
    count = ngettext("%(num)s unit", "%(num)s units", fact["units"])
    return f"{count}: {CONFLICTS[fact['code']]}"


def step(fact: Fact) -> str:
    """Return one thing that a county can arrange so that the child fits."""
    if fact["code"] == "MORE_PLACES":
        return ngettext("%(num)s more place", "%(num)s more places", fact["count"])
    if fact["code"] == "MORE_QUOTA":
        return ngettext(
            "%(num)s more place agreed for the county", "%(num)s more places agreed for the county", fact["count"]
        )
    return str(STEPS[fact["code"]]) % _words(fact)


def _words(fact: Fact) -> dict[str, Any]:
    """Return the fact's numbers in the reader's words: months as years, codes as names, days in their form."""
    words = dict(fact)
    if "age_months" in words:
        words["age"] = years(words["age_months"])
    if fact["code"] in ("AGE", "AGE_BELOW", "AGE_ABOVE"):
        words |= {key: years(words[key]) for key in ("least", "most") if key in words}
        words["age"] = years(fact.get("age_months", fact.get("age", 0)))
    if fact["code"] == "GENDER":
        words |= {key: _inside(label(words[key])) for key in ("for", "unit") if key in words}
    if "language" in words:
        words["language"] = language_name(words["language"])
    if "service" in words:
        words["service"] = _inside(service_word(words["service"]))
    if "resource" in words:
        words["resource"] = _resource(words["resource"])
    if "of" in words:
        words["of"] = _of(fact["code"], words["of"])
    words |= {key: iso_day(words[key]) for key in ("from", "to", "start", "end") if isinstance(words.get(key), str)}
    return words


def _inside(word: str) -> str:
    """Return a word of a list as it stands inside a sentence: with a small first letter."""
    return word[:1].lower() + word[1:]


def _resource(resource: str) -> str:
    kind, _colon, code = resource.partition(":")
    return language_name(code) if kind == "lang" else _("Care")


def _of(code: str, of: Any) -> Any:
    """Return the word for what a fact is about: a language, a service, or the number or reference it is."""
    if code in ("LANGUAGE_HOURS_USED", "MORE_LANGUAGE_HOURS"):
        return language_name(of)
    return _inside(service_word(of)) if code in ("SERVICE_HOURS_USED", "MORE_SERVICE_HOURS", "ADD_SERVICE") else of


def level_value(level: Mapping[str, Any], key: str = "value") -> str:
    """Return the value or the bound of a goal in the reader's form: money for the cost, a number for the rest."""
    return money(level[key]) if level["name"] == "cost" else number(level[key])


def level_name(name: str) -> str:
    return str(LEVELS[name][0])


def level_meaning(name: str) -> str:
    return str(LEVELS[name][1])


def score_name(code: str) -> str:
    return str(SCORES[code])


def preset_name(key: str) -> str:
    return str(PRESETS[key][0])


def rule_title(code: str) -> str:
    return str(RULE_TITLES[code])


def left_out(code: str) -> str:
    return str(LEFT_OUT[code])


def fault(code: str | None) -> str:
    """Return why a run failed; a crash without a code of its own gets the general sentence."""
    known = FAULTS.get(code or "")
    return str(known) if known else _("The calculation broke off. The fault is on record; start a new calculation.")


def group_kind(kind: str) -> str:
    return str(GROUP_KINDS[kind])


def group_name(kind: str, group: str) -> str:
    """Return the name of a group in the fairness report."""
    if group == "others":
        return _("Others together")
    if kind == "language":
        return _("No language recorded") if group == "none" else language_name(group)
    if kind == "sex":
        return label(group)
    return _("%(ages)s years", ages=group.replace("-", "–"))


FILTERS: dict[str, Callable[..., Any]] = {
    "reason": reason,
    "rule": rule,
    "why_not": why_not,
    "why_not_all": why_not_all,
    "conflict": conflict,
    "repair_step": step,
    "level_name": level_name,
    "level_value": level_value,
    "level_meaning": level_meaning,
    "score_name": score_name,
    "preset_name": preset_name,
    "rule_title": rule_title,
    "left_out": left_out,
    "group_kind": group_kind,
    "group_name": group_name,
    "iso_day": iso_day,
}
"""Jinja filters of the pages about calculations."""
