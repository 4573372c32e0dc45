"""The faults of a pair-resource instance, as a JSON value: one line per fault, naming the field."""

from __future__ import annotations

from optimizer.faults import LARGEST_SUM, Found, Json
from optimizer.problem import PAIR_RESOURCE
from optimizer.shape import Record, boolean, integer, list_of, name, one_of, shown, text

PAIR = Record(
    {
        "format": one_of(PAIR_RESOURCE),
        "name": text,
        "sense": one_of("max", "min"),
        "scale": integer(1, LARGEST_SUM),
        "items": integer(),
        "bins": integer(),
        "must_assign": boolean,
        "pairs": Record(
            {
                "item": list_of(integer()),
                "bin": list_of(integer()),
                "value": list_of(integer(None, LARGEST_SUM)),
            },
        ),
        "resources": list_of(
            Record(
                {
                    "id": name,
                    "cap": integer(0, LARGEST_SUM),
                    "pair": list_of(integer()),
                    "use": list_of(integer(0, LARGEST_SUM)),
                },
            ),
        ),
    },
)


def pair_faults(data: object) -> list[str]:
    """Return the faults of a pair-resource instance; none means that it can be solved."""
    found: list[str] = []
    PAIR("", data, found)
    if found or not isinstance(data, dict):
        return found
    return [*_pairs(data), *_resources(data), *_pair_sums(data)]


def _pairs(data: Json) -> Found:
    pairs = data["pairs"]
    if not len(pairs["item"]) == len(pairs["bin"]) == len(pairs["value"]):
        yield f"pairs: {len(pairs['item'])} items, {len(pairs['bin'])} bins, {len(pairs['value'])} values"
        return
    seen: dict[tuple[int, int], int] = {}
    for index, key in enumerate(zip(pairs["item"], pairs["bin"], strict=True)):
        for field, position, count in (("item", key[0], data["items"]), ("bin", key[1], data["bins"])):
            if position >= count:
                yield f"pairs.{field}[{index}]: {position} is outside 0..{count - 1}"
        if key in seen:
            yield f"pairs.item[{index}]: item {key[0]} in bin {key[1]} is already pair {seen[key]}"
        seen.setdefault(key, index)


def _resources(data: Json) -> Found:
    count = len(data["pairs"]["item"])
    named: dict[str, int] = {}
    for index, resource in enumerate(data["resources"]):
        where = f"resources[{index}]"
        if resource["id"] in named:
            yield f"{where}.id: {shown(resource['id'])} is already resources[{named[resource['id']]}]"
        named.setdefault(resource["id"], index)
        if len(resource["pair"]) != len(resource["use"]):
            yield f"{where}: {len(resource['pair'])} pairs, {len(resource['use'])} uses"
        seen: set[int] = set()
        for position, pair in enumerate(resource["pair"]):
            if pair >= count:
                yield f"{where}.pair[{position}]: no pair {pair}"
            elif pair in seen:
                yield f"{where}.pair[{position}]: pair {pair} is listed twice"
            seen.add(pair)


def _pair_sums(data: Json) -> Found:
    worst: dict[int, int] = {}
    for item, value in zip(data["pairs"]["item"], data["pairs"]["value"], strict=False):
        worst[item] = max(worst.get(item, 0), abs(value))
    if sum(worst.values()) > 2**62:
        yield f"pairs.value: the value of a plan could exceed {2**62}, too large to add up exactly"
    for index, resource in enumerate(data["resources"]):
        if sum(resource["use"]) > 2**62:
            yield f"resources[{index}].use: the uses could exceed {2**62}, too large to add up exactly"
