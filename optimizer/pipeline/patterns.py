"""Bounds from whole patterns: what each unit can be worth at given prices of the items.

Give every item a price. A unit takes the pattern worth most after paying them; the prices plus these worths
bound every plan (Lagrange, equivalently Dantzig-Wolfe), far tighter than the linear relaxation, because
each unit is solved in whole patterns. All prices are integers, scaled by `SCALE`, so the bound is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.pipeline import kernels
from optimizer.pipeline.linear import UnitCap
from optimizer.pipeline.model import Flags, Ints, Limit, Model, UnitPart

SCALE = 10_000
"""Prices are in 1/SCALE of the goal's unit."""

EFFORTS: tuple[tuple[Ints, Ints], ...] = (
    (np.array([1, 800]), np.array([2_000, 10_000])),
    (np.array([1, 3_000]), np.array([20_000, 300_000])),
    (np.array([1, 3_000, 40_000]), np.array([20_000, 300_000, 3_000_000])),
)
"""Table sizes and search nodes per stage of `kernels.price`, by effort."""

SUBGRADIENT_STEPS = 60


@dataclass(frozen=True, slots=True)
class Prices:
    """Scaled integer prices: `items` (free in sign only for a must), `limits` and `shares` at least 0."""

    items: Ints
    limits: Ints
    shares: Ints


@dataclass(frozen=True, slots=True)
class Question:
    """One level in max form: the objective, or the shares whose least is raised, and the limits."""

    objective: Limit
    shares: tuple[tuple[int, Ints], ...] | None
    limits: tuple[Limit, ...]

    @property
    def rows(self) -> tuple[Limit, ...]:
        """The limits, then the shares as rows that are to reach nothing in particular."""
        return (*self.limits, *(Limit(weight, 0) for _, weight in self.shares or ()))


@dataclass(frozen=True, slots=True)
class Weighed:
    """What prices make of the pairs, bonuses and peaks, and what the prices add up to by themselves."""

    pair: Ints
    bonus: int
    peak: int
    offset: int


def weigh(question: Question, prices: Prices, item: Ints) -> Weighed:
    """Return the scaled worth of pairs, of a bonus point and of a peak (as a cost), and the offset."""
    objective = question.objective
    pair = SCALE * objective.weight - prices.items[item]
    bonus, peak, offset = SCALE * objective.bonus, -SCALE * objective.peak, int(prices.items.sum())
    for limit, price in zip(question.rows, (*prices.limits.tolist(), *prices.shares.tolist()), strict=True):
        pair = pair + price * limit.weight
        bonus += price * limit.bonus
        peak -= price * limit.peak
        offset -= price * limit.at_least
    return Weighed(pair, bonus, peak, offset)


@dataclass(frozen=True, slots=True)
class Best:
    """A unit's best known pattern at some prices, its worth, and an upper bound on any pattern's."""

    pattern: Flags
    worth: int
    upper: int
    new: bool


class Pricer:
    """Finds each unit's best pattern; remembers patterns and row prices from one question to the next."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.groups = [_groups(part) for part in model.parts]
        self.points = [np.array([bonus.points for bonus in part.bonuses], np.int64) for part in model.parts]
        self.row_price = [np.zeros(len(part.rows.cap)) for part in model.parts]
        self.pools: list[list[Flags]] = [[np.zeros(part.last - part.first, bool)] for part in model.parts]
        self.seen: list[set[bytes]] = [{pool[0].tobytes()} for pool in self.pools]

    def add(self, unit: int, pattern: Flags) -> bool:
        """Remember a pattern; return whether it is new."""
        key = pattern.tobytes()
        if key in self.seen[unit]:
            return False
        self.seen[unit].add(key)
        self.pools[unit].append(pattern)
        return True

    def worth(self, unit: int, weighed: Weighed, pattern: Flags) -> int:
        """Return a pattern's worth."""
        part = self.model.parts[unit]
        total = int(weighed.pair[part.first : part.last][pattern].sum())
        if weighed.bonus and len(part.bonuses):
            whole = sum(bonus.points for bonus in part.bonuses if pattern[bonus.pairs].all())
            total += weighed.bonus * whole
        if weighed.peak and len(part.peaks.base):
            total -= weighed.peak * max(0, int((part.peaks.base + pattern @ part.peaks.use).max()))
        return total

    def best(self, unit: int, weighed: Weighed, allowed: Flags, effort: int, known: Best | None = None) -> Best:
        """Return the unit's best pattern within `effort`, beginning from `known` or the patterns kept."""
        part = self.model.parts[unit]
        if known is None:
            known = self.known(unit, weighed, allowed)
        weight = np.where(allowed[part.first : part.last], weighed.pair[part.first : part.last], -kernels.FAR // 4096)
        rooms, allowances = EFFORTS[effort]
        points = self.points[unit] * weighed.bonus
        peak = weighed.peak if len(part.peaks.base) else 0
        worth, pattern, found, _, upper = kernels.price(
            part.rows.use, part.rows.cap, weight, self.row_price[unit], self.groups[unit], points,
            part.peaks.use, part.peaks.base, peak, known.worth, rooms, allowances, SUBGRADIENT_STEPS,
        )  # fmt: skip
        if found:
            return Best(pattern, int(worth), int(upper), True)
        return Best(known.pattern, known.worth, int(upper), known.new)

    def known(self, unit: int, weighed: Weighed, allowed: Flags) -> Best:
        """Return the best pattern kept, or what is left of it without its loss-making pairs."""
        part = self.model.parts[unit]
        own = weighed.pair[part.first : part.last]
        pool = np.array(self.pools[unit])
        usable: Flags = np.logical_not((pool & ~allowed[part.first : part.last]).any(axis=1))
        usable[0] = True
        if len(part.bonuses) or weighed.peak:
            worths = [
                self.worth(unit, weighed, p) if ok else -int(kernels.FAR) for p, ok in zip(pool, usable, strict=True)
            ]
            at = int(np.argmax(worths))
            return Best(pool[at], int(worths[at]), int(kernels.FAR), False)
        whole = np.where(usable, pool @ own, -kernels.FAR)
        gains = np.maximum(np.where(allowed[part.first : part.last], own, 0), 0)
        trimmed = pool @ gains
        at = int(np.argmax(trimmed))
        if trimmed[at] > whole.max():
            return Best(pool[at] & (gains > 0), int(trimmed[at]), int(kernels.FAR), True)
        at = int(np.argmax(whole))
        return Best(pool[at], int(whole[at]), int(kernels.FAR), False)

    def forced(self, unit: int, weighed: Weighed, allowed: Flags, at: int, beyond: int) -> int:
        """Return an upper bound on a pattern's worth that has the unit's pair `at`, or `beyond` if lower."""
        part = self.model.parts[unit]
        lift = int(kernels.FAR) // 2**14
        weight = np.where(allowed[part.first : part.last], weighed.pair[part.first : part.last], -kernels.FAR // 4096)
        weight[at] += lift
        rooms, allowances = EFFORTS[0]
        peak = weighed.peak if len(part.peaks.base) else 0
        *_, upper = kernels.price(
            part.rows.use, part.rows.cap, weight, self.row_price[unit].copy(), self.groups[unit],
            self.points[unit] * weighed.bonus, part.peaks.use, part.peaks.base, peak,
            beyond + lift, rooms, allowances, SUBGRADIENT_STEPS // 2,
        )  # fmt: skip
        return int(upper) - lift


def _groups(part: UnitPart) -> npt.NDArray[np.bool_]:
    member = np.zeros((part.last - part.first, len(part.bonuses)), bool)
    for column, bonus in enumerate(part.bonuses):
        member[bonus.pairs, column] = True
    return member


@dataclass(frozen=True, slots=True)
class Evaluated:
    """All units at some prices: `bound` and `estimate` (scaled, of the objective), and their best patterns."""

    prices: Prices
    weighed: Weighed
    bests: Sequence[Best]

    @property
    def bound(self) -> int:
        """No plan's scaled objective is above this."""
        return self.weighed.offset + sum(best.upper for best in self.bests)

    @property
    def estimate(self) -> int:
        """What the bound would be if every pattern found were the best."""
        return self.weighed.offset + sum(best.worth for best in self.bests)


def evaluate(
    pricer: Pricer,
    question: Question,
    prices: Prices,
    allowed: Flags,
    effort: int,
    is_over: Callable[[], bool],
) -> Evaluated:
    """Return every unit's best pattern at `prices`, trying harder only while nothing new turns up."""
    weighed = weigh(question, prices, pricer.model.item)
    bests = [pricer.best(unit, weighed, allowed, 0) for unit in range(len(pricer.model.parts))]
    for level in range(1, effort + 1):
        if any(best.new for best in bests) and effort < 2:
            break
        bests = [
            best if best.upper <= best.worth or is_over() else pricer.best(unit, weighed, allowed, level, best)
            for unit, best in enumerate(bests)
        ]
    return Evaluated(prices, weighed, bests)


def refreshed(pricer: Pricer, evaluated: Evaluated, allowed: Flags) -> Evaluated:
    """Return the same evaluation with the patterns found since, where they are worth more."""
    bests = []
    for unit, best in enumerate(evaluated.bests):
        known = pricer.known(unit, evaluated.weighed, allowed)
        better = known.worth > best.worth
        bests.append(Best(known.pattern, known.worth, best.upper, known.new) if better else best)
    return Evaluated(evaluated.prices, evaluated.weighed, bests)


def still_useful(pricer: Pricer, evaluated: Evaluated, allowed: Flags, needed: int) -> Flags:
    """Return the pairs a plan of scaled objective `needed` or more can contain, by the bound with each forced."""
    kept = allowed.copy()
    bound = evaluated.bound
    for unit, (part, best) in enumerate(zip(pricer.model.parts, evaluated.bests, strict=True)):
        others = bound - best.upper
        for at in np.flatnonzero(allowed[part.first : part.last] & ~best.pattern):
            beyond = needed - others - 1
            if pricer.forced(unit, evaluated.weighed, allowed, int(at), beyond) <= beyond:
                kept[part.first + at] = False
    return kept


def caps(model: Model, evaluations: Sequence[Evaluated]) -> list[UnitCap]:
    """Return what the evaluations prove about each unit, as rows; together they carry the pattern bound."""
    found = []
    for evaluated in evaluations:
        for unit, (part, best) in enumerate(zip(model.parts, evaluated.bests, strict=True)):
            weighed, weight = evaluated.weighed, evaluated.weighed.pair[part.first : part.last]
            if (weight > 0).any():
                found.append(UnitCap(unit, weight, weighed.bonus, weighed.peak, best.upper, SCALE))
    return found
