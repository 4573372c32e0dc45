"""What the law owes a child today although nobody has recorded it: the gaps that no list of rows can show. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from placement.integration.due_rules import Due, due
from placement.reference import NotInForce, adult_from, has_right_by_age, months_after

NEWCOMER_MONTHS, LEAD_MONTHS = 36, 6
"""A newcomer: three years from the first permit (681/2023 § 14.1). The next home is looked for half a year ahead."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a child. `recorded`: kinds on record, done or not; `lives_until`: leaving day of the latest
    stay, None = no stay; `has_representative`: one is named, or the record says why there is none."""

    birth_date: date
    permit_on: date | None
    residence_from: date | None
    entered_on: date
    has_representative: bool
    recorded: Collection[str]
    lives: bool
    lives_until: date | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    kind: str
    event: date
    due: Due


def missing(one: Standing, on: date) -> tuple[Missing, ...]:
    """Return what is owed on the day and stands nowhere, the longest due first.

    A newcomer: basic information from the permit, the assessment from the municipality of residence. A child without
    a representative: the application, from the day the child came. A home that ends with the 18th birthday within
    half a year: the next one. A young adult with the right: support. Nothing for those whose right is over.
    """
    if not has_right_by_age(one.birth_date, on):
        return ()
    adult = adult_from(one.birth_date)
    wanted: list[tuple[str, date]] = []
    if one.permit_on is not None and one.permit_on <= on < months_after(one.permit_on, NEWCOMER_MONTHS):
        wanted.append(("basic_information", one.permit_on))
        begins = one.residence_from or one.permit_on
        if begins <= on:
            wanted.append(("skills_assessment", begins))
    if on < adult and not one.has_representative:
        wanted.append(("representative", one.entered_on))
    ends_then = one.lives and (one.lives_until is None or one.lives_until <= adult)
    if ends_then and months_after(adult, -LEAD_MONTHS) <= on < adult:
        wanted.append(("successor_home", adult))
    if adult <= on:
        wanted.append(("support_to_23", adult))
    found = []
    for kind, event in wanted:
        if kind in one.recorded:
            continue
        try:
            found.append(Missing(kind, event, due(kind, event, first_permit=one.permit_on)))
        except NotInForce:
            continue
    return tuple(sorted(found, key=lambda gap: (gap.due.last, gap.kind)))
