"""Finds the prices of a certificate, by column generation over whole units with OR-Tools' GLOP.

The linear program chooses one set of residents per unit; its duals are the prices. Each round every unit
is asked for its best residents at the prices of the moment (`optimizer.unit_pricing`, the checker's own
code), which both adds a column and gives an exact bound: the search ends as soon as that proves the value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ortools.linear_solver import pywraplp  # type: ignore[import-untyped]

from optimizer.certificate import Case, Json, Prices, bound_of, case_of, sum_of, weigh
from optimizer.outcome import Controls
from optimizer.pipeline.second import NAME, SecondEngine
from optimizer.problem import Instance, LevelResult, Result
from optimizer.unit_pricing import TooManySteps, UnitPart, peak

SCALE = 10**6
"""Prices are millionths of a level's unit."""

STEPS = 200_000
"""Steps of pricing a level: about a second."""


def certificate_of(
    instance: Instance, result: Result, steps: int = STEPS, controls: Controls | None = None
) -> Json | None:
    """Return the certificate of `result`, None if no level is proven.

    Prices are looked for with about `steps` steps of pricing a level, so that the same result always has
    the same certificate; a level they do not prove rests on its search, and a second engine is asked
    whether it agrees, as long as `controls` allow (None: until it answers). The result must not answer to
    requirements: those are no part of a certificate. Raises Disagreement if the second engine has a
    better plan.
    """
    case = case_of(instance, result)
    second = SecondEngine(instance, result, controls or Controls())
    entries = []
    for index, level in enumerate(result.levels):
        if level.proven:
            prices = _Pricing(case, index, result).prices(steps)
            entries.append(_searched(level, second, index) if prices is None else _priced(case, index, prices))
    return {"levels": entries} if entries else None


def _searched(level: LevelResult, second: SecondEngine, index: int) -> Json:
    agreed = {"solver": NAME, "bound": level.bound} if second.agrees(index) else None
    return {"level": level.name, "rests_on": "search", "solver": level.solver, "second": agreed}


def _priced(case: Case, index: int, prices: Prices) -> Json:
    bests, total = weigh(case, index, prices)
    return {
        "level": case.levels[index].name,
        "rests_on": "prices",
        "scale": prices.scale,
        "items": dict(prices.items),
        "rows": dict(prices.rows),
        "communities": dict(prices.communities),
        "shares": dict(prices.shares),
        "units": {unit: best.worth for unit, best in bests.items() if best.worth},
        "total": total,
        "sum": sum_of(prices),
    }


@dataclass(frozen=True, slots=True)
class _Column:
    """A set of residents of one unit, with what it counts by level and by group."""

    counts: Mapping[str, int]
    fits: Mapping[str, int]
    items: tuple[str, ...]


class _Pricing:
    """The column generation of one level."""

    def __init__(self, case: Case, index: int, result: Result) -> None:
        self.case = case
        self.index = index
        self.level = case.levels[index]
        self.sign = 1 if self.level.sense == "max" else -1
        self.lp = pywraplp.Solver.CreateSolver("GLOP")
        self.known: set[tuple[str, frozenset[int]]] = set()
        infinity = self.lp.infinity()
        self.once = {item: self.lp.Constraint(-infinity, 1) for item in sorted(case.items)}
        self.convex = {part.unit: self.lp.Constraint(1, 1) for part in case.parts}
        self.rows: dict[str, pywraplp.Constraint] = {}
        self.groups: dict[str, pywraplp.Constraint] = {}
        self.shares: dict[str, pywraplp.Constraint] = {}
        for earlier in case.levels[:index]:
            self._add_row(earlier)
        self.lp.Objective().SetMaximization()
        if self.level.name == "fairness":
            lowest = self.lp.NumVar(0, infinity, "lowest mean fit")
            self.lp.Objective().SetCoefficient(lowest, 1 if case.communities else 0)
            for group, size in case.communities.items():
                self.shares[group] = self.lp.Constraint(0, infinity)
                self.shares[group].SetCoefficient(lowest, -size)
        for part in case.parts:
            self._add(part, frozenset())
            self._add(part, _at_home(part, result))

    def prices(self, steps: int) -> Prices | None:
        """Return prices that prove the level's bound, None if none are found within about `steps`."""
        while True:
            if self.lp.Solve() != pywraplp.Solver.OPTIMAL:
                return None
            prices = self._rounded()
            try:
                bests, total = weigh(self.case, self.index, prices)
            except TooManySteps:
                return None
            if bound_of(self.level, prices.scale, total) == self.level.bound:
                return prices
            steps -= sum(best.steps for best in bests.values())
            grown = [self._add(part, bests[part.unit].chosen) for part in self.case.parts]
            if steps < 0 or not any(grown):
                return None

    def _add_row(self, earlier: LevelResult) -> None:
        infinity = self.lp.infinity()
        if earlier.name == "fairness":
            for group, size in self.case.communities.items():
                self.groups[group] = self.lp.Constraint(size * earlier.limit, infinity)
            return
        certain = self.case.certain_bonus if earlier.name == "fit" else 0
        if earlier.sense == "max":
            self.rows[earlier.name] = self.lp.Constraint(earlier.limit - certain, infinity)
        else:
            self.rows[earlier.name] = self.lp.Constraint(-infinity, earlier.limit)

    def _add(self, part: UnitPart, chosen: frozenset[int]) -> bool:
        """Add the column of these residents; return whether it is new."""
        if (part.unit, chosen) in self.known:
            return False
        self.known.add((part.unit, chosen))
        column = _column(part, chosen)
        share = self.lp.NumVar(0, self.lp.infinity(), "")
        self.convex[part.unit].SetCoefficient(share, 1)
        for item in column.items:
            self.once[item].SetCoefficient(share, 1)
        for name, row in self.rows.items():
            row.SetCoefficient(share, column.counts[name])
        for rows in (self.groups, self.shares):
            for group, row in rows.items():
                row.SetCoefficient(share, column.fits.get(group, 0))
        if self.level.name != "fairness":
            self.lp.Objective().SetCoefficient(share, self.sign * column.counts[self.level.name])
        return True

    def _rounded(self) -> Prices:
        """Return the duals as whole prices, none below 0."""
        items = _whole({item: row.dual_value() for item, row in self.once.items()})
        rows = _whole({name: abs(row.dual_value()) for name, row in self.rows.items()})
        communities = _whole({group: -row.dual_value() for group, row in self.groups.items()})
        shares = _whole({group: -row.dual_value() for group, row in self.shares.items()})
        scale = SCALE
        if self.shares:
            if not shares:
                shares = dict.fromkeys(self.shares, 1)
            scale = sum(share * self.case.communities[group] for group, share in shares.items())
        return Prices(scale, items, rows, communities, shares)


def _whole(duals: Mapping[str, float]) -> dict[str, int]:
    rounded = {name: round(SCALE * dual) for name, dual in duals.items()}
    return {name: price for name, price in rounded.items() if price > 0}


def _at_home(part: UnitPart, result: Result) -> frozenset[int]:
    """Return the residents whom the result's plan has in the unit."""
    return frozenset(
        index for index, resident in enumerate(part.residents) if result.assignment[resident.item] == part.unit
    )


def _column(part: UnitPart, chosen: frozenset[int]) -> _Column:
    residents: Sequence[int] = sorted(chosen)
    counts = {
        name: sum(part.residents[index].counts[name] for index in residents)
        for name in ("placed", "fit", "moves", "cost")
    }
    counts["fit"] += sum(points for points, needed in part.bonuses if needed <= chosen)
    counts["balance"] = peak(part, chosen)
    fits: dict[str, int] = {}
    for index in residents:
        for group, fit in part.residents[index].fits.items():
            fits[group] = fits.get(group, 0) + fit
    return _Column(counts, fits, tuple(part.residents[index].item for index in residents))
