"""Why a claim asks for more or less than the one before it, by kind of cost and unit. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agreements.money import round_half_up


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """What is compared: a kind of cost in a unit; no unit is the county as a whole.

    `hidden`: the costs of children whose identity is protected, of all units together; the unit is then not kept.
    """

    kind: str
    unit: int
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """One line as it is compared: care days (0 for a cost without days) and what is claimed, in cents."""

    place: Place
    days: int
    cents: int


@dataclass(frozen=True, slots=True)
class Change:
    """How one kind of cost in one unit changed; the five parts add up to `cents` exactly.

    `days_cents`: the change of days at the old price of a day. `price_cents`: the rest where both claims have
    days. `other_cents`: a cost without days in one of them. `new_cents`, `gone_cents`: it stands in one claim only.
    """

    place: Place
    days_before: int
    days_now: int
    cents_before: int
    cents_now: int
    days_cents: int = 0
    price_cents: int = 0
    other_cents: int = 0
    new_cents: int = 0
    gone_cents: int = 0

    @property
    def cents(self) -> int:
        return self.cents_now - self.cents_before

    @property
    def day_before_cents(self) -> int:
        """What a day cost before on average, in whole cents; 0 without days."""
        return round_half_up(self.cents_before, self.days_before) if self.days_before else 0

    @property
    def day_now_cents(self) -> int:
        return round_half_up(self.cents_now, self.days_now) if self.days_now else 0


def changes(before: Iterable[Amount], now: Iterable[Amount]) -> list[Change]:
    """Return the change of each kind and unit that costs something in either claim, the biggest difference first."""
    old, new = _summed(before), _summed(now)
    found = [_change(place, old.get(place), new.get(place)) for place in sorted(old.keys() | new.keys())]
    return sorted(
        (one for one in found if one.cents_before or one.cents_now), key=lambda one: (-abs(one.cents), one.place)
    )


def _summed(amounts: Iterable[Amount]) -> dict[Place, tuple[int, int]]:
    found: dict[Place, tuple[int, int]] = {}
    for one in amounts:
        days, cents = found.get(one.place, (0, 0))
        found[one.place] = (days + one.days, cents + one.cents)
    return found


def _change(place: Place, old: tuple[int, int] | None, new: tuple[int, int] | None) -> Change:
    days_before, cents_before = old or (0, 0)
    days_now, cents_now = new or (0, 0)
    whole = (place, days_before, days_now, cents_before, cents_now)
    if old is None:
        return Change(*whole, new_cents=cents_now)
    if new is None:
        return Change(*whole, gone_cents=-cents_before)
    if days_before and days_now:
        by_days = round_half_up((days_now - days_before) * cents_before, days_before)
        return Change(*whole, days_cents=by_days, price_cents=cents_now - cents_before - by_days)
    return Change(*whole, other_cents=cents_now - cents_before)
