"""The one form every instance takes in the pipeline: items, pairs and rows as arrays.

A *pair* is an item in a unit that may take it. Pairs are sorted by unit, and everything but "an item goes
to one unit at most" (and the rows earlier levels leave behind) concerns the pairs of a single unit. That
is what the pipeline lives on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem import LevelName, Sense

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one unit: `use[pair, row]` (pairs of the unit) sums to at most `cap[row]`."""

    use: Ints
    cap: Ints


@dataclass(frozen=True, slots=True)
class Bonus:
    """`points` if all of `pairs` (indexes within the unit) are chosen."""

    pairs: Ints
    points: int


@dataclass(frozen=True, slots=True)
class Peaks:
    """A unit's peak is the largest of 0 and `base[week] + use[pair, week]` summed over its chosen pairs."""

    use: Ints
    base: Ints


@dataclass(frozen=True, slots=True)
class UnitPart:
    """What concerns one unit: its pairs `[first, last)`, rows, bonuses and peaks."""

    first: int
    last: int
    rows: Rows
    bonuses: tuple[Bonus, ...]
    peaks: Peaks


@dataclass(frozen=True, slots=True)
class Goal:
    """A linear goal: per-pair `weight`, plus bonuses and minus-or-plus peaks by their factors.

    A plan's value is `constant + weight . chosen + bonus * points earned + peak * peaks`. A goal with
    `shares` is instead the least `weight_g . chosen // size_g` over them (0 without any).
    """

    name: LevelName
    sense: Sense
    tolerance_permille: int
    weight: Ints
    bonus: int = 0
    peak: int = 0
    constant: int = 0
    shares: tuple[tuple[int, Ints], ...] | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A row over all units: `weight . chosen + bonus * points + peak * peaks >= at_least`."""

    weight: Ints
    at_least: int
    bonus: int = 0
    peak: int = 0


@dataclass(frozen=True)
class Model:
    """See the module. `item[pair]`, `unit[pair]`; an item with `must` has to be placed.

    `labels[pair]` says what choosing the pair means to the caller: (child or item id, unit or bin).
    """

    items: int
    must: Flags
    item: Ints
    unit: Ints
    parts: tuple[UnitPart, ...]
    goals: tuple[Goal, ...]
    limits: tuple[Limit, ...]
    fixed: Mapping[str, str | int | None]
    labels: Sequence[tuple[tuple[str, str | int], ...]]

    @property
    def pairs(self) -> int:
        """The number of pairs."""
        return len(self.item)

    def assignment(self, chosen: Flags) -> dict[str, str | int | None]:
        """Return who goes where when the pairs `chosen` are taken."""
        found = dict(self.fixed)
        for pair in np.flatnonzero(chosen).tolist():
            found.update(self.labels[pair])
        return found

    def chosen(self, assignment: Mapping[str, str | int | None]) -> Flags:
        """Return the pairs that `assignment` takes, every member of the item where the pair says."""
        found = np.zeros(self.pairs, bool)
        for pair, members in enumerate(self.labels):
            found[pair] = all(name in assignment and assignment[name] == place for name, place in members)
        return found


def is_feasible(model: Model, chosen: Flags) -> bool:
    """Whether `chosen` keeps every rule of the model but the limits."""
    counts = np.bincount(model.item[chosen], minlength=model.items)
    if (counts > 1).any() or (counts[model.must] == 0).any():
        return False
    return all((chosen[p.first : p.last] @ p.rows.use <= p.rows.cap).all() for p in model.parts)


def earned(part: UnitPart, chosen: Flags) -> int:
    """Return the bonus points of one unit for its own pairs `chosen`."""
    return sum(bonus.points for bonus in part.bonuses if chosen[bonus.pairs].all())


def peak(part: UnitPart, chosen: Flags) -> int:
    """Return the unit's peak for its own pairs `chosen`."""
    return max(0, int((part.peaks.base + chosen @ part.peaks.use).max())) if len(part.peaks.base) else 0


def linear(model: Model, chosen: Flags, weight: Ints, bonus: int, peak_factor: int) -> int:
    """Return `weight . chosen` plus bonuses and peaks by their factors."""
    total = int(weight[chosen].sum())
    for part in model.parts if bonus or peak_factor else ():
        own = chosen[part.first : part.last]
        total += bonus * earned(part, own) if bonus else 0
        total += peak_factor * peak(part, own) if peak_factor else 0
    return total


def value(model: Model, goal: Goal, chosen: Flags) -> int:
    """Return the goal's value of a plan."""
    if goal.shares is not None:
        return min((int(weight[chosen].sum()) // size for size, weight in goal.shares), default=0)
    return goal.constant + linear(model, chosen, goal.weight, goal.bonus, goal.peak)


def keeps(model: Model, limits: Sequence[Limit], chosen: Flags) -> bool:
    """Whether a plan satisfies every limit."""
    return all(linear(model, chosen, one.weight, one.bonus, one.peak) >= one.at_least for one in limits)


def passed_on(goal: Goal, limit: int) -> tuple[Limit, ...]:
    """Return the rows that hold later levels to the goal's `limit`."""
    if goal.shares is not None:
        return tuple(Limit(weight, limit * size) for size, weight in goal.shares)
    if goal.sense == "max":
        return (Limit(goal.weight, limit - goal.constant, goal.bonus, goal.peak),)
    return (Limit(-goal.weight, goal.constant - limit, -goal.bonus, -goal.peak),)


def fits_alone(model: Model) -> Flags:
    """Return the pairs whose unit has room for them when empty; siblings together may need more than there is."""
    found = np.ones(model.pairs, bool)
    for part in model.parts:
        found[part.first : part.last] = (part.rows.use <= part.rows.cap).all(axis=1)
    return found
