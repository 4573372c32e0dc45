"""Why a unit refuses a child, each code with the numbers behind it; standard library only."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.pair_rules import (
    UNMETERED_LANGUAGE,
    common_language,
    locked_units,
    must_group_of,
    own_reasons,
    reasons,
)
from optimizer.problem import About, Child, Fact, Instance, SiblingGroup, Unit


def facts(instance: Instance, child: Child, unit: Unit) -> tuple[Fact, ...]:
    """Return a fact per reason (and per service or hour behind it); empty if the unit is open to the child.

    The codes are those of `REASON_CODES`; `about` holds what is needed and what the unit has, in months,
    hours a week or weeks.
    """
    group = must_group_of(instance).get(child.id)
    return tuple(
        Fact(code, about)
        for code in reasons(instance, child, unit, group)
        for about in _about(instance, child, unit, group, code)
    )


def _about(
    instance: Instance, child: Child, unit: Unit, group: SiblingGroup | None, code: str
) -> Iterator[dict[str, About]]:
    age = child.age_months + 3 * child.start // 13
    if code == "SERVICE_MISSING":
        yield from _services(child, unit)
    elif code == "CAPACITY":
        yield from _hours(instance, child, unit)
    elif code == "SIBLING":
        assert group is not None
        yield from _siblings(instance, child, unit, group)
    else:
        numbers: dict[str, dict[str, About]] = {
            "AGE_BELOW": {"age_months": age, "least": unit.age_min},
            "AGE_ABOVE": {"age_months": age, "most": unit.age_max},
            "GENDER": {"child": child.gender, "unit": unit.gender},
            "SUPPORT_LEVEL": {
                "child": child.support_level,
                "least": unit.support_min,
                "most": unit.support_max,
            },
            "LANGUAGE": {"hours": child.interpreter_hours, "unit": unit.interpreter_hours},
            "AGREEMENT_NOT_IN_FORCE": {
                "start": child.start,
                "end": min(child.end, instance.horizon_weeks),
                "from": unit.windows[0].start,
                "to": unit.windows[-1].end,
            },
            "NO_QUOTA": {"county": child.county},
            "FORBIDDEN": {},
        }
        yield numbers[code]


def _services(child: Child, unit: Unit) -> Iterator[dict[str, About]]:
    for service, hours in child.services.items():
        offered = unit.services.get(service)
        if offered is None or offered < hours:
            yield {"service": service, "hours": hours, "unit": offered}


def _hours(instance: Instance, child: Child, unit: Unit) -> Iterator[dict[str, About]]:
    if child.care_hours > unit.care_hours:
        yield {"resource": "care", "hours": child.care_hours, "unit": unit.care_hours}
    shared = common_language(instance, child, unit)
    if shared not in (None, UNMETERED_LANGUAGE) and child.language_hours > unit.languages[str(shared)]:
        yield {"resource": f"lang:{shared}", "hours": child.language_hours, "unit": unit.languages[str(shared)]}


def _siblings(instance: Instance, child: Child, unit: Unit, group: SiblingGroup) -> Iterator[dict[str, About]]:
    locks = locked_units(instance, group)
    if locks:
        yield {"group": group.id, "locked_to": min(locks)}
        return
    for member in group.members:
        codes = own_reasons(instance, instance.child_by_id[member], unit)
        if member != child.id and codes:
            yield {"group": group.id, "sibling": member, "reasons": codes}
