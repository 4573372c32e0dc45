"""Public benchmark files as pair-resource instances (JSON values, not yet checked). Standard library only.

Where a file has names, what belongs together is joined by them: reading by position has swapped two
capacities in published work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from optimizer.io import read_json
from optimizer.problem import PAIR_RESOURCE
from optimizer.shape import InputRefused, Shape, list_of, name, shown

Json = dict[str, Any]

BILLION = 10**9
"""HIAS weights have nine decimals; they become integers exactly."""


def hias(path: str, dimensions: int = 3) -> Json:
    """Return the refugee resettlement instance of a HIAS file: maximise weight / normaliser.

    Families are items, localities bins; with 3 `dimensions` a locality has a capacity for each of the
    file's (children, adults, seniors), with 1 their sums are compared. A family may stay unassigned.

    Tables may be lists in the order of `localities` or objects keyed by locality; an object whose names
    are not those of `localities` is refused, as are tables of the wrong size. Raises InputRefused, OSError.
    """
    data = read_json(path)
    faults: list[str] = []
    _HIAS_SHAPE("", data, faults)
    if faults:
        raise InputRefused(faults)
    localities = data["localities"]
    if len(set(localities)) < len(localities):
        twice = next(one for one in localities if localities.count(one) > 1)
        raise InputRefused([f"localities: {shown(twice)} is listed twice"])
    families = len(data["family_size"])
    table = _Table(localities, len(data["dimensions"]))
    capacity = table.by_locality("capacity", data["capacity"], table.amounts)
    sizes = [table.amounts(f"family_size[{index}]", row) for index, row in enumerate(data["family_size"])]
    compatible = table.per_family("compatible", data["compatible"], families)
    weight = table.per_family("weight", data["weight"], families)
    if dimensions == 1:
        capacity, sizes, named = [[sum(row)] for row in capacity], [[sum(row)] for row in sizes], ["people"]
    else:
        named = data["dimensions"]
    pairs = [
        (family, place) for family in range(families) for place in range(len(localities)) if compatible[family][place]
    ]
    resources = [
        {
            "id": f"{localities[place]}: {named[kind]}",
            "cap": capacity[place][kind],
            "pair": [k for k, (family, there) in enumerate(pairs) if there == place and sizes[family][kind]],
            "use": [sizes[family][kind] for family, there in pairs if there == place and sizes[family][kind]],
        }
        for place in range(len(localities))
        for kind in range(len(named))
    ]
    values = [_billionths(f"weight[{family}][{place}]", weight[family][place]) for family, place in pairs]
    scale = _billionths("normaliser", data["normaliser"])
    title = f"{Path(path).stem}-{dimensions}dim"
    return _instance(title, "max", scale, (families, len(localities)), False, pairs, values, resources)


def gap(path: str) -> Json:
    """Return the generalised assignment instance of a text file: minimise, every item assigned.

    The file holds agents m and items n, m x n costs, m x n uses and m capacities, in any lines. Raises
    InputRefused, OSError.
    """
    numbers = [_whole(path, token) for token in _tokens(path)]
    if len(numbers) < 2 or min(numbers[:2]) < 1:
        raise InputRefused([f"{path}: does not begin with the numbers of agents and items"])
    agents, items = numbers[:2]
    expected = 2 + 2 * agents * items + agents
    if len(numbers) != expected:
        raise InputRefused([f"{path}: {len(numbers)} numbers, {expected} expected for {agents} x {items}"])
    costs = numbers[2 : 2 + agents * items]
    uses = numbers[2 + agents * items : 2 + 2 * agents * items]
    pairs = [(item, agent) for agent in range(agents) for item in range(items)]
    resources = [
        {
            "id": f"agent {agent}",
            "cap": numbers[expected - agents + agent],
            "pair": list(range(agent * items, (agent + 1) * items)),
            "use": uses[agent * items : (agent + 1) * items],
        }
        for agent in range(agents)
    ]
    return _instance(Path(path).stem, "min", 1, (items, agents), True, pairs, costs, resources)


def mmkp(path: str) -> Json:
    """Return the multiple-choice multidimensional knapsack instance of a text file: maximise.

    The file holds the numbers of classes, of choices per class and of resources, the capacities, then for
    each class its number and for each choice a value and what it uses. Exactly one choice of each class
    is taken: classes are items, choices bins. Decimals are scaled up. Raises InputRefused, OSError.
    """
    numbers = [_decimal(path, token) for token in _tokens(path)]
    if len(numbers) < 3 or any(number < 1 or number != int(number) for number in numbers[:3]):
        raise InputRefused([f"{path}: does not begin with the numbers of classes, choices and resources"])
    classes, choices, kinds = (int(number) for number in numbers[:3])
    expected = 3 + kinds + classes * (1 + choices * (1 + kinds))
    if len(numbers) != expected:
        raise InputRefused([f"{path}: {len(numbers)} numbers, {expected} expected"])
    places = max(-int(number.as_tuple().exponent) for number in numbers)
    scale = 10 ** max(0, places)
    values: list[int] = []
    uses: list[list[int]] = [[] for _ in range(kinds)]
    position = 3 + kinds
    for index in range(classes):
        if numbers[position] not in (index, index + 1):
            raise InputRefused([f"{path}: class {index + 1} is numbered {numbers[position]}"])
        position += 1
        for _ in range(choices):
            values.append(int(numbers[position] * scale))
            for kind in range(kinds):
                uses[kind].append(int(numbers[position + 1 + kind] * scale))
            position += 1 + kinds
    pairs = [(item, choice) for item in range(classes) for choice in range(choices)]
    resources = [
        {
            "id": f"resource {kind}",
            "cap": int(numbers[3 + kind] * scale),
            "pair": [pair for pair, use in enumerate(uses[kind]) if use],
            "use": [use for use in uses[kind] if use],
        }
        for kind in range(kinds)
    ]
    return _instance(Path(path).stem, "max", scale, (classes, choices), True, pairs, values, resources)


KINDS: Mapping[str, Callable[..., Json]] = {"hias": hias, "gap": gap, "mmkp": mmkp}
"""The kinds of files that can be converted."""


def _real(path: str, value: object, faults: list[str]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        faults.append(f"{path}: {shown(value)} is not a number above 0")


def _needs(shapes: Mapping[str, Shape]) -> Shape:
    """Shape of an object with the fields `shapes` and any others."""

    def check(path: str, value: object, faults: list[str]) -> None:
        if not isinstance(value, dict):
            faults.append(f"{path or 'the file'}: {shown(value)} is not an object")
            return
        for field, shape in shapes.items():
            if field not in value:
                faults.append(f"{field}: missing")
            else:
                shape(field, value[field], faults)

    return check


def _rows(path: str, value: object, faults: list[str]) -> None:
    if not isinstance(value, list | dict):
        faults.append(f"{path}: {shown(value)} is neither a list nor an object")


_HIAS_SHAPE = _needs(
    {
        "localities": list_of(name, least=1),
        "dimensions": list_of(name, least=1),
        "capacity": _rows,
        "family_size": list_of(_rows, least=1),
        "compatible": list_of(_rows, least=1),
        "weight": list_of(_rows, least=1),
        "normaliser": _real,
    },
)


class _Table:
    """Reads a HIAS file's tables in the order of its localities."""

    def __init__(self, localities: list[str], dimensions: int) -> None:
        self.localities = localities
        self.dimensions = dimensions

    def by_locality(self, path: str, rows: Any, read: Callable[[str, Any], Any]) -> list[Any]:
        """Return `read` of each locality's row."""
        return [read(where, row) for where, row in self._in_order(path, rows)]

    def per_family(self, path: str, rows: list[Any], families: int) -> list[list[Any]]:
        """Return a number per family and locality."""
        if len(rows) != families:
            raise InputRefused([f"{path}: {len(rows)} families, family_size has {families}"])
        return [self.by_locality(f"{path}[{index}]", row, _number) for index, row in enumerate(rows)]

    def amounts(self, path: str, row: Any) -> list[int]:
        """Return a whole number per dimension."""
        if not isinstance(row, list) or len(row) != self.dimensions:
            raise InputRefused([f"{path}: {shown(row)} is not a list of {self.dimensions} numbers"])
        for value in row:
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise InputRefused([f"{path}: {shown(value)} is not a whole number of at least 0"])
        return row

    def _in_order(self, path: str, rows: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(rows, dict):
            strangers = sorted(set(rows) ^ set(self.localities))
            if strangers:
                raise InputRefused([f"{path}: the names disagree with localities on {shown(strangers[0])}"])
            return ((f"{path}.{locality}", rows[locality]) for locality in self.localities)
        if len(rows) != len(self.localities):
            raise InputRefused([f"{path}: {len(rows)} entries, {len(self.localities)} localities"])
        return ((f"{path}[{index}]", row) for index, row in enumerate(rows))


def _number(path: str, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise InputRefused([f"{path}: {shown(value)} is not a number of at least 0"])
    return value


def _billionths(path: str, value: Any) -> int:
    """Return `value` in billionths, rounded to the nearest."""
    return round(Decimal(str(_number(path, value))) * BILLION)


def _tokens(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").split()
    except UnicodeDecodeError as broken:
        raise InputRefused([f"{path}: not a text file"]) from broken


def _whole(path: str, token: str) -> int:
    if not re.fullmatch(r"\d{1,12}", token):
        raise InputRefused([f"{path}: {shown(token)} is not a whole number of at least 0"])
    return int(token)


def _decimal(path: str, token: str) -> Decimal:
    if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", token):
        raise InputRefused([f"{path}: {shown(token)} is not a number of at least 0"])
    return Decimal(token)


def _instance(
    title: str,
    sense: str,
    scale: int,
    size: tuple[int, int],
    must_assign: bool,
    pairs: list[tuple[int, int]],
    values: list[int],
    resources: list[Json],
) -> Json:
    return {
        "format": PAIR_RESOURCE,
        "name": title,
        "sense": sense,
        "scale": scale,
        "items": size[0],
        "bins": size[1],
        "must_assign": must_assign,
        "pairs": {"item": [item for item, _ in pairs], "bin": [bin_ for _, bin_ in pairs], "value": values},
        "resources": resources,
    }
