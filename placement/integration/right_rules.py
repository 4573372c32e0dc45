"""The eligibility calculator: on which ground, by which rule of the day, and for which days the state pays. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from placement.reference import (
    EndAge,
    Ground,
    NotInForce,
    adult_from,
    age_on,
    birthday,
    eligibility_ground,
    guardian_effect,
    last_day_as_child,
    support_end,
)

OLD_GROUND = "old_act"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the right depends on. `guardian_on`: the day a guardian came, None = none has."""

    birth_date: date
    ground: str
    entered_on: date
    permit_on: date | None = None
    residence_from: date | None = None
    guardian_on: date | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """The right as the law of the day sees it; days are inclusive, None = not known or none.

    `first_paid`: the first day the state reimburses; `last_paid`: the last one by age (and by a guardian's arrival
    before 2025); `home_last`: the last day in a home for children. `ground` None: the code did not exist that day.
    """

    on: date
    age: int
    ground: Ground | None
    end: EndAge
    turns_18: date
    turns_23: date
    first_paid: date | None
    why_not_yet: str | None
    last_paid: date
    home_last: date | None
    support_from: date

    @property
    def holds(self) -> bool:
        """Whether the state reimburses on the day asked about."""
        return self.first_paid is not None and self.first_paid <= self.on <= self.last_paid


def right(facts: Facts, on: date) -> Right:
    """Return the right by the rules in force on `on`.

    First day: that of the first registered municipality of residence; without one, that of the first permit; with
    temporary protection only the registration counts (681/2023 § 59). Last day: the day before the birthday that
    ends support by the rule of the day (21, then 25, now 23 years). A guardian's arrival ends the home that day and,
    before 2025, the support too (323/2024 § 27.2).

    Raises ValueError for a day before the birth and NotInForce for one before the rules (1 September 2011).
    """
    end = support_end(on)
    ground = _ground(facts.ground, on)
    first, why = _first(facts, ground)
    last = birthday(facts.birth_date, end.age) - timedelta(days=1)
    home_last: date | None = last_day_as_child(facts.birth_date)
    if ground is not None and not ground.home_possible:
        home_last = None
    if facts.guardian_on is not None:
        effect = guardian_effect(facts.guardian_on)
        if effect.home_ends and home_last is not None:
            home_last = min(home_last, facts.guardian_on)
        if effect.support_ends:
            last = min(last, facts.guardian_on)
    return Right(
        on=on,
        age=age_on(facts.birth_date, on),
        ground=ground,
        end=end,
        turns_18=adult_from(facts.birth_date),
        turns_23=birthday(facts.birth_date, 23),
        first_paid=first,
        why_not_yet=why,
        last_paid=last,
        home_last=home_last,
        support_from=adult_from(facts.birth_date),
    )


def _ground(key: str, on: date) -> Ground | None:
    """Return the ground of the day; under the act of 2010 every ground was the one of its § 27."""
    for code in (key, OLD_GROUND):
        try:
            return eligibility_ground(code, on)
        except NotInForce:
            continue
    return None


def _first(facts: Facts, ground: Ground | None) -> tuple[date | None, str | None]:
    if facts.residence_from is not None:
        return facts.residence_from, None
    if ground is not None and ground.needs_municipality_of_residence:
        return None, "residence-missing"
    if facts.permit_on is None:
        return None, "permit-missing"
    return facts.permit_on, None


@dataclass(frozen=True, slots=True)
class Moved:
    """A date that a corrected birth date moves: what, from which day to which."""

    what: str
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class StayPart:
    """A stay as far as the right goes: `unit_kind`, first day and leaving day (exclusive, None = open)."""

    unit_kind: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Ripple:
    """What a corrected birth date changes. `stays_after` = stays beyond the new right, with the last day allowed."""

    moved: tuple[Moved, ...]
    age_before: int
    age_after: int
    adult_already: bool
    right_over: bool
    stays_after: tuple[tuple[StayPart, date], ...]
    days_not_paid: int


def ripple(before: Facts, after: Facts, stays: tuple[StayPart, ...], *, home: str, on: date) -> Ripple:
    """Return everything that follows when the birth date of `before` becomes that of `after`.

    `home` is the kind of unit for children only. `days_not_paid` counts days lived, up to `on`, that the new right no
    longer covers (they were claimed or would be): days after the new last day paid. Raises as `right`.
    """
    old, new = right(before, on), right(after, on)
    pairs = (
        ("turns-18", old.turns_18, new.turns_18),
        ("turns-23", old.turns_23, new.turns_23),
        ("last-paid", old.last_paid, new.last_paid),
        ("hearing-12", birthday(before.birth_date, 12), birthday(after.birth_date, 12)),
        ("hearing-15", birthday(before.birth_date, 15), birthday(after.birth_date, 15)),
    )
    beyond = []
    lost = 0
    for stay in stays:
        limit = new.turns_18 if stay.unit_kind == home else new.last_paid + timedelta(days=1)
        if stay.end is None or stay.end > limit:
            beyond.append((stay, max(limit, stay.start) - timedelta(days=1)))
        lived_to = min(stay.end or on + timedelta(days=1), on + timedelta(days=1))
        lost += max(0, (lived_to - max(stay.start, new.last_paid + timedelta(days=1))).days)
    return Ripple(
        moved=tuple(Moved(what, one, other) for what, one, other in pairs if one != other),
        age_before=old.age,
        age_after=new.age,
        adult_already=new.turns_18 <= on,
        right_over=new.last_paid < on,
        stays_after=tuple(beyond),
        days_not_paid=lost,
    )
