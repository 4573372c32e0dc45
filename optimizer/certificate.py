"""Certificates: a proof of each level's bound that can be checked by hand, so to speak, without a solver.

A level's bound rests on *prices*: a price per child (or sibling group) for its one place, and one per row
handed on by earlier levels. Whatever plan there is, it is worth no more than all the prices together plus
what each unit can make at most of children who pay theirs; and that is computed exactly, unit by unit
(`optimizer.unit_pricing`). Prices are integers, so nothing is rounded. Where prices do not close the gap,
the bound rests on a *search*, and the certificate says so and names the solver, and the second engine that
proved the same bound by itself, where one did.

Of VIPR (certificates of branch and cut for MIP) this shares the exact numbers and the separate checker; of
VeriPB (pseudo-Boolean proof logging) that every step is sound by itself. It lacks branching: what prices
alone do not prove is not proven here. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.problem import Instance, LevelResult, Result
from optimizer.shape import Record, integer, map_of, name, nullable, one_of, text
from optimizer.unit_pricing import MOST_STEPS, Best, Resident, TooManySteps, UnitPart, best, items_of, parts

Json = dict[str, Any]

SMALLEST_COMMUNITY = 5

PRICE = integer(1, 2**80)
SUM = integer(None, 2**100)
SECOND = Record({"solver": text, "bound": SUM})
PRICED = Record(
    {
        "level": name,
        "rests_on": one_of("prices"),
        "scale": PRICE,
        "items": map_of(PRICE),
        "rows": map_of(PRICE),
        "communities": map_of(PRICE),
        "shares": map_of(PRICE),
        "units": map_of(SUM),
        "total": SUM,
        "sum": SUM,
    },
)
SEARCHED = Record({"level": name, "rests_on": one_of("search"), "solver": text, "second": nullable(SECOND)})


@dataclass(frozen=True)
class Prices:
    """The multipliers behind one level's bound, all at least 0.

    `scale` is what one unit of the level's goal counts. `items` price a child's or sibling group's one
    place (by first child), `rows` the rows of earlier levels by name, `communities` the row of an earlier
    fairness level by group, `shares` the groups' shares in this fairness level.
    """

    scale: int
    items: Mapping[str, int]
    rows: Mapping[str, int]
    communities: Mapping[str, int]
    shares: Mapping[str, int]


@dataclass(frozen=True)
class Case:
    """What prices are checked against: the units' parts, the levels so far, groups and certain bonuses."""

    parts: tuple[UnitPart, ...]
    items: frozenset[str]
    communities: Mapping[str, int]
    certain_bonus: int
    levels: Sequence[LevelResult]


def case_of(instance: Instance, result: Result) -> Case:
    """Return the case of a result of `instance`."""
    size: dict[str, int] = {}
    for child in instance.children:
        if not child.locked:
            size[child.group] = size.get(child.group, 0) + 1
    certain = 0
    for group in instance.sibling_groups:
        homes = {instance.child_by_id[member].locked for member in group.members}
        if group.mode == "should" and len(homes) == 1 and None not in homes:
            certain += group.bonus * len(group.members)
    return Case(
        parts=parts(instance),
        items=frozenset(items_of(instance)),
        communities={group: count for group, count in size.items() if count >= SMALLEST_COMMUNITY},
        certain_bonus=certain,
        levels=result.levels,
    )


def certificate_faults(instance: Instance, result: Result) -> Iterator[str]:
    """Yield what does not hold of the result's certificate: each proven level needs its entry, in order."""
    assert result.certificate is not None
    entries = result.certificate.get("levels")
    if set(result.certificate) != {"levels"} or not isinstance(entries, list):
        yield "certificate: is not an object with a list of levels"
        return
    proven = [(index, level) for index, level in enumerate(result.levels) if level.proven]
    if len(entries) != len(proven):
        yield f"certificate.levels: {len(entries)} entries for {len(proven)} proven levels"
        return
    case = case_of(instance, result)
    for position, (entry, (index, level)) in enumerate(zip(entries, proven, strict=True)):
        where = f"certificate.levels[{position}]"
        rests = entry.get("rests_on") if isinstance(entry, dict) else None
        faults: list[str] = []
        (SEARCHED if rests == "search" else PRICED)(where, entry, faults)
        if faults:
            yield from faults
        elif entry["level"] != level.name:
            yield f"{where}.level: {entry['level']} instead of {level.name}"
        elif rests == "search":
            yield from _search_faults(where, entry, level)
        else:
            yield from _price_faults(where, case, index, entry)


def bound_of(level: LevelResult, scale: int, total: int) -> int:
    """Return the bound that a total proves: rounded to the safe side of the level's sense."""
    return total // scale if level.sense == "max" else -(total // scale)


def weigh(case: Case, index: int, prices: Prices) -> tuple[dict[str, Best], int]:
    """Return what each unit can make at most, and the total that bounds level `index`, both times scale.

    For every plan that keeps to the earlier levels' rows, the level's value (negated for a min level) times
    `prices.scale` is at most the total: prices are only ever added for what a plan may not exceed.
    Raises TooManySteps where the units' searches together need more than `MOST_STEPS`.
    """
    level = case.levels[index]
    bonus = (prices.scale if level.name == "fit" else 0) + prices.rows.get("fit", 0)
    balance = (prices.scale if level.name == "balance" else 0) + prices.rows.get("balance", 0)
    units, left = dict[str, Best](), MOST_STEPS
    for part in case.parts:
        values = [value_at(case, level, prices, resident) for resident in part.residents]
        units[part.unit] = best(part, values, bonus, balance, left)
        left -= units[part.unit].steps
    total = sum(prices.items.values()) + sum(most.worth for most in units.values()) + bonus * case.certain_bonus
    for earlier in case.levels[:index]:
        sign = 1 if earlier.sense == "max" else -1
        if earlier.name == "fairness":
            total -= sum(price * case.communities[group] * earlier.limit for group, price in prices.communities.items())
        else:
            total -= sign * prices.rows.get(earlier.name, 0) * earlier.limit
    return units, total


def value_at(case: Case, level: LevelResult, prices: Prices, resident: Resident) -> int:
    """Return what a resident counts at these prices."""
    value = -prices.items.get(resident.item, 0)
    if level.name in resident.counts:
        value += prices.scale * resident.counts[level.name] * (1 if level.sense == "max" else -1)
    for earlier in case.levels:
        if earlier.name in prices.rows and earlier.name in resident.counts:
            sign = 1 if earlier.sense == "max" else -1
            value += sign * prices.rows[earlier.name] * resident.counts[earlier.name]
    for group, fit in resident.fits.items():
        value += (prices.communities.get(group, 0) + prices.shares.get(group, 0)) * fit
    return value


def _search_faults(where: str, entry: Json, level: LevelResult) -> Iterator[str]:
    if entry["solver"] != level.solver:
        yield f"{where}.solver: {entry['solver']} instead of {level.solver}"
    if entry["second"] is not None and entry["second"]["solver"] == entry["solver"]:
        yield f"{where}.second.solver: {entry['solver']} is the first engine"
    if entry["second"] is not None and entry["second"]["bound"] != level.bound:
        yield f"{where}.second.bound: {entry['second']['bound']}, but the bound is {level.bound}"


def _price_faults(where: str, case: Case, index: int, entry: Json) -> Iterator[str]:
    level = case.levels[index]
    prices = Prices(entry["scale"], entry["items"], entry["rows"], entry["communities"], entry["shares"])
    faults = list(_misnamed(where, case, index, prices))
    if faults:
        yield from faults
        return
    try:
        bests, total = weigh(case, index, prices)
    except TooManySteps:
        yield f"{where}: the prices leave units that take more than {MOST_STEPS} steps to check"
        return
    units = {unit: most.worth for unit, most in bests.items()}
    stated = {unit: entry["units"].get(unit, 0) for unit in units}
    if stated != units or set(entry["units"]) - set(units):
        wrong = next((unit for unit in units if stated[unit] != units[unit]), "an unknown unit")
        yield f"{where}.units: {wrong} makes {units.get(wrong)} at most, not {stated.get(wrong)}"
    if total != entry["total"]:
        yield f"{where}.total: {entry['total']} instead of {total}"
    if bound_of(level, prices.scale, total) != level.bound:
        yield f"{where}: proves {bound_of(level, prices.scale, total)}, not the bound {level.bound}"
    if sum_of(prices) != entry["sum"]:
        yield f"{where}.sum: {entry['sum']} instead of {sum_of(prices)}"


def sum_of(prices: Prices) -> int:
    """Return the sum of all prices, which a copying mistake in any one of them changes."""
    parts_ = (prices.items, prices.rows, prices.communities, prices.shares)
    return prices.scale + sum(sum(part.values()) for part in parts_)


def _misnamed(where: str, case: Case, index: int, prices: Prices) -> Iterator[str]:
    level = case.levels[index]
    earlier = {one.name for one in case.levels[:index]}
    for item in prices.items:
        if item not in case.items:
            yield f"{where}.items.{item}: no such child"
    for row in prices.rows:
        if row not in earlier - {"fairness"}:
            yield f"{where}.rows.{row}: no earlier level"
    for group in (*prices.communities, *prices.shares):
        if group not in case.communities:
            yield f"{where}: no group {group} of {SMALLEST_COMMUNITY} or more free children"
    if prices.communities and "fairness" not in earlier:
        yield f"{where}.communities: fairness is no earlier level"
    yield from _misshared(where, case, level, prices)


def _misshared(where: str, case: Case, level: LevelResult, prices: Prices) -> Iterator[str]:
    """Yield what is wrong with the shares: of fairness they make the scale, of no other level there are any."""
    shared = sum(share * case.communities.get(group, 0) for group, share in prices.shares.items())
    if level.name == "fairness" and case.communities and prices.scale != shared:
        yield f"{where}.scale: {prices.scale} is not {shared}, the shares over the groups' children"
    if prices.shares and (level.name != "fairness" or not case.communities):
        yield f"{where}.shares: this level shares nothing"
