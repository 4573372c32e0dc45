"""Next steps for a target group: which services a pathway proposes, and which groups a child belongs to. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from placement.integration.due_rules import Due, due
from placement.reference import (
    NotInForce,
    adult_from,
    age_on,
    integration_service,
    months_after,
    pathway,
    service_for_need,
)

YOUNG_BELOW, GROWN_FROM = 13, 17
NEED_GROUPS = {
    "trauma": "trauma",
    "psychiatric": "trauma",
    "literacy": "illiterate",
    "somatic_care": "disability",
    "sensory": "disability",
    "wheelchair": "disability",
    "neuropsychiatric": "disability",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A proposed step: the service, the day it is counted from and when it is due. `has` = the child has it open."""

    kind: str
    event: date
    due: Due
    has: bool


def groups(birth_date: date, needs: Collection[str], on: date, *, family_arrives: bool = False) -> tuple[str, ...]:
    """Return the target groups that fit the child on the day: by age first, then by recognised needs.

    Below 13 a young child, below 17 a teenager, from then on a young adult: the way to adulthood begins a year
    before the 18th birthday. Groups are proposals that a worker may change.
    """
    age = age_on(birth_date, on)
    own = "young_child" if age < YOUNG_BELOW else "teenager" if age < GROWN_FROM else "young_adult"
    by_need = [NEED_GROUPS[need] for need in sorted(needs) if need in NEED_GROUPS]
    return tuple(dict.fromkeys([own, *by_need, *(["family_arrives"] if family_arrives else [])]))


def steps(
    key: str,
    begins: date,
    *,
    birth_date: date,
    first_permit: date | None,
    open_kinds: Collection[str],
) -> tuple[Step, ...]:
    """Return the steps of a pathway that begins on a day, in order of their days.

    A step in month n is counted from that day n months later. Left out is what the law does not know on that day,
    support for adults before the 18th birthday, and integration training while education is compulsory (681/2023
    § 26.1). Raises UnknownCode for an unknown pathway.
    """
    found = []
    for kind, months in pathway(key, begins).steps:
        event = months_after(begins, months)
        if kind in ("integration_training", "support_to_23"):
            event = max(event, adult_from(birth_date))
        try:
            when = due(kind, event, first_permit=first_permit)
        except NotInForce:
            continue
        found.append(Step(kind, event, when, kind in open_kinds))
    return tuple(sorted(found, key=lambda step: (step.event, step.due.last, step.kind)))


def services_for(needs: Collection[str], on: date) -> dict[str, tuple[str, ...]]:
    """Return the integration services that answer recognised needs on the day, each with the needs it answers."""
    found: dict[str, list[str]] = {}
    for need in sorted(needs):
        kind = service_for_need(need, on)
        integration_service(kind, on)
        found.setdefault(kind, []).append(need)
    return {kind: tuple(codes) for kind, codes in found.items()}
