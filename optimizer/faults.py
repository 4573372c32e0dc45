"""The faults of a placement instance and of requirements, as JSON values.

Each function returns one line per fault, naming the field (`children[17].wishes[2]: no unit "U99"`), in
the file's order: first what is wrong with the shape, then what does not fit together. Fields with a wrong
shape are left out of the second part, so that one mistake gives one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from optimizer.problem import LEVEL_SENSES, PLACEMENT_INSTANCE, Instance
from optimizer.shape import (
    LARGEST_NUMBER,
    Record,
    boolean,
    integer,
    list_of,
    map_of,
    name,
    nullable,
    one_of,
    shown,
    text,
)

Json = dict[str, Any]
Found = Iterator[str]

LARGEST_SUM = 2**53
"""Sums of cost and value stay below this: exact in a 64-bit float, which a linear solver computes in."""

UNIT_TYPES = ("family_group_home", "supported_housing", "supported_apartment", "foster_family")

MUNICIPALITY = Record(
    {"id": name, "x": integer(), "y": integer(), "county": name, "prep_education": boolean},
)
WINDOW = Record({"from": integer(None), "to": integer(None), "beds": integer()})
UNIT = Record(
    {
        "id": name,
        "type": one_of(*UNIT_TYPES),
        "municipality": name,
        "county": name,
        "windows": list_of(WINDOW, least=1),
        "quota": map_of(integer()),
        "age_min": integer(),
        "age_max": integer(),
        "gender": one_of("any", "F", "M"),
        "support_min": integer(),
        "support_max": integer(),
        "languages": map_of(integer()),
        "interpreter_hours": integer(),
        "services": map_of(integer()),
        "care_hours": integer(),
        "max_same_group_permille": integer(),
        "price_day": integer(),
        "price_empty_day": integer(),
    },
)
CHILD = Record(
    {
        "id": name,
        "age_months": integer(),
        "gender": one_of("F", "M", "X"),
        "languages": map_of(integer(1, 5)),
        "services": map_of(integer()),
        "support_level": integer(1, 4),
        "care_hours": integer(),
        "language_hours": integer(),
        "interpreter_hours": integer(),
        "group": name,
        "county": name,
        "relatives": nullable(name),
        "current": nullable(name),
        "start": integer(),
        "end": integer(),
        "priority": integer(1, 5),
        "waiting_days": integer(),
        "wishes": list_of(name),
        "forbidden": list_of(name),
    },
    {"locked": nullable(name)},
)
SIBLING_GROUP = Record(
    {"id": name, "members": list_of(name, least=1), "mode": one_of("must", "should"), "bonus": integer()},
)
LEVEL = Record(
    {"name": one_of(*LEVEL_SENSES), "sense": one_of("max", "min"), "tolerance_permille": integer(0, 1000)},
)
FIT_WEIGHTS = Record(
    dict.fromkeys(("language", "distance", "wish", "stability", "schooling", "peers"), integer()),
)
REQUIREMENTS = Record(
    {},
    {
        "place": list_of(Record({"child": name, "unit": name})),
        "placed": list_of(name),
        "max_moves": nullable(integer()),
    },
)


HARMLESS: dict[str, Json] = {
    "units": {
        "municipality": None,
        "windows": [],
        "age_min": 0,
        "age_max": LARGEST_NUMBER,
        "support_min": 0,
        "support_max": LARGEST_NUMBER,
        "languages": {},
        "services": {},
        "price_day": LARGEST_NUMBER,
        "price_empty_day": 0,
    },
    "children": {
        "languages": {},
        "services": {},
        "relatives": None,
        "current": None,
        "locked": None,
        "start": 0,
        "end": LARGEST_NUMBER,
        "wishes": [],
        "forbidden": [],
    },
    "sibling_groups": {"id": "?", "members": [], "mode": "should"},
    "levels": {"name": None, "sense": None},
}
"""What stands in for a field of a wrong shape when records are checked against each other."""


def apart_pair(path: str, value: object, found: list[str]) -> None:
    """Shape of two child ids."""
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(v, str) and v for v in value):
        found.append(f"{path}: {shown(value)} is not a pair of child ids")


PLACEMENT = Record(
    {
        "format": one_of(PLACEMENT_INSTANCE),
        "name": text,
        "horizon_weeks": integer(1, 520),
        "languages": list_of(name),
        "services": list_of(name),
        "municipalities": list_of(MUNICIPALITY),
        "children": list_of(CHILD),
        "units": list_of(UNIT),
        "sibling_groups": list_of(SIBLING_GROUP),
        "apart": list_of(apart_pair),
        "fit_weights": FIT_WEIGHTS,
        "interpreter_cost_hour": integer(),
        "levels": list_of(LEVEL, least=1),
    },
    {"seed": integer(None, 2**53)},
)


def placement_faults(data: object) -> list[str]:
    """Return the faults of a placement instance; none means that it can be solved."""
    found: list[str] = []
    PLACEMENT("", data, found)
    if isinstance(data, dict):
        for check in PLACEMENT_CHECKS:
            found.extend(check(data))
    return found or _too_large_to_add(data)


def requirement_faults(data: object, instance: Instance) -> list[str]:
    """Return the faults of a requirements file for `instance`."""
    found: list[str] = []
    REQUIREMENTS("", data, found)
    if found or not isinstance(data, dict):
        return found
    for index, wanted in enumerate(data.get("place", [])):
        if wanted["child"] not in instance.child_by_id:
            found.append(f"place[{index}].child: no child {shown(wanted['child'])}")
        if wanted["unit"] not in instance.unit_by_id:
            found.append(f"place[{index}].unit: no unit {shown(wanted['unit'])}")
    for index, child in enumerate(data.get("placed", [])):
        if child not in instance.child_by_id:
            found.append(f"placed[{index}]: no child {shown(child)}")
    return found


def _sound(data: Json, part: str, shape: Record) -> Iterator[tuple[str, Json]]:
    """Yield path and value of each record of list `part`, fields of a wrong shape made harmless."""
    records = data.get(part)
    for index, value in enumerate(records if isinstance(records, list) else ()):
        faults: list[str] = []
        shape("", value, faults)
        if isinstance(value, dict):
            yield f"{part}[{index}]", shape.repaired(value, HARMLESS[part]) if faults else value


class _Whatever(set[str]):
    """What is known where the list that says so is missing: anything, so that one mistake gives one line."""

    def __contains__(self, value: object) -> bool:
        return True


def _ids(data: Json, part: str) -> set[str]:
    """Return the ids of list `part`, also of records that are faulty otherwise."""
    records = data.get(part)
    if not isinstance(records, list):
        return _Whatever()
    found = set()
    for value in records:
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            found.add(value["id"])
    return found


def _texts(data: Json, part: str) -> set[str]:
    """Return the texts of list `part`."""
    values = data.get(part)
    return {value for value in values if isinstance(value, str)} if isinstance(values, list) else _Whatever()


def _unique_ids(data: Json) -> Found:
    """An id names one record of its list; a code is listed once."""
    for part in ("municipalities", "children", "units", "sibling_groups"):
        seen: dict[str, int] = {}
        records = data.get(part)
        for index, value in enumerate(records if isinstance(records, list) else ()):
            identity = value.get("id") if isinstance(value, dict) else None
            if not isinstance(identity, str):
                continue
            if identity in seen:
                yield f"{part}[{index}].id: {shown(identity)} is already {part}[{seen[identity]}]"
            seen.setdefault(identity, index)
    for part in ("languages", "services"):
        codes: set[str] = set()
        values = data.get(part)
        for index, value in enumerate(values if isinstance(values, list) else ()):
            if isinstance(value, str) and value in codes:
                yield f"{part}[{index}]: {shown(value)} is listed twice"
            elif isinstance(value, str):
                codes.add(value)


def _unit_references(data: Json) -> Found:
    """A unit lies in a known municipality and names known languages and services."""
    municipalities = _ids(data, "municipalities")
    languages, services = _texts(data, "languages"), _texts(data, "services")
    for path, unit in _sound(data, "units", UNIT):
        if unit["municipality"] is not None and unit["municipality"] not in municipalities:
            yield f"{path}.municipality: no municipality {shown(unit['municipality'])}"
        yield from _codes(path, "languages", unit, languages, "language")
        yield from _codes(path, "services", unit, services, "service")


def _codes(path: str, field: str, value: Json, known: set[str], what: str) -> Found:
    for code in value[field]:
        if code not in known:
            yield f"{path}.{field}.{code}: no {what} {shown(code)}"


def _unit_ranges(data: Json) -> Found:
    """Ranges run upward, windows join, an empty place costs no more than a filled one."""
    for path, unit in _sound(data, "units", UNIT):
        for low, high in (("age_min", "age_max"), ("support_min", "support_max")):
            if unit[low] > unit[high]:
                yield f"{path}.{low}: {unit[low]} is above {high} {unit[high]}"
        if unit["price_empty_day"] > unit["price_day"]:
            yield f"{path}.price_empty_day: {unit['price_empty_day']} is above price_day {unit['price_day']}"
        last = None
        for index, window in enumerate(unit["windows"]):
            where = f"{path}.windows[{index}]"
            if window["from"] >= window["to"]:
                yield f"{where}: from {window['from']} to {window['to']} is empty"
            if last is not None and window["from"] != last:
                yield f"{where}.from: {window['from']} is not {last}, where the window before ends"
            last = window["to"]


def _child_references(data: Json) -> Found:
    """A child names known languages, services, municipalities and units."""
    municipalities, units = _ids(data, "municipalities"), _ids(data, "units")
    languages, services = _texts(data, "languages"), _texts(data, "services")
    for path, child in _sound(data, "children", CHILD):
        yield from _codes(path, "languages", child, languages, "language")
        yield from _codes(path, "services", child, services, "service")
        if child["relatives"] is not None and child["relatives"] not in municipalities:
            yield f"{path}.relatives: no municipality {shown(child['relatives'])}"
        for field in ("current", "locked"):
            if child.get(field) is not None and child[field] not in units:
                yield f"{path}.{field}: no unit {shown(child[field])}"
        for field in ("wishes", "forbidden"):
            for index, unit in enumerate(child[field]):
                if unit not in units:
                    yield f"{path}.{field}[{index}]: no unit {shown(unit)}"


def _stays(data: Json) -> Found:
    """A stay begins within the horizon and lasts."""
    horizon = data.get("horizon_weeks")
    for path, child in _sound(data, "children", CHILD):
        if isinstance(horizon, int) and child["start"] >= horizon:
            yield f"{path}.start: {child['start']} is outside 0..{horizon - 1}"
        if child["end"] <= child["start"]:
            yield f"{path}.end: {child['end']} is not after start {child['start']}"


def _siblings(data: Json) -> Found:
    """Members are children, each once, and nobody is in two must groups."""
    children = _ids(data, "children")
    must: dict[str, str] = {}
    for path, group in _sound(data, "sibling_groups", SIBLING_GROUP):
        seen: set[str] = set()
        for index, child in enumerate(group["members"]):
            where = f"{path}.members[{index}]"
            if child not in children:
                yield f"{where}: no child {shown(child)}"
            if child in seen:
                yield f"{where}: {shown(child)} is listed twice"
            elif group["mode"] == "must" and child in must:
                yield f"{where}: {shown(child)} is already in must group {shown(must[child])}"
            elif group["mode"] == "must":
                must[child] = group["id"]
            seen.add(child)


def _apart(data: Json) -> Found:
    """Apart pairs are of two different children, each pair once."""
    children = _ids(data, "children")
    seen: dict[frozenset[str], int] = {}
    pairs = data.get("apart")
    for index, pair in enumerate(pairs if isinstance(pairs, list) else ()):
        faults: list[str] = []
        apart_pair("", pair, faults)
        if faults:
            continue
        for side, child in enumerate(pair):
            if child not in children:
                yield f"apart[{index}][{side}]: no child {shown(child)}"
        if pair[0] == pair[1]:
            yield f"apart[{index}]: {shown(pair[0])} is paired with itself"
        elif frozenset(pair) in seen:
            yield f"apart[{index}]: the pair is already apart[{seen[frozenset(pair)]}]"
        seen.setdefault(frozenset(pair), index)


def _levels(data: Json) -> Found:
    """Each level once and in its own sense."""
    seen: set[str] = set()
    for path, level in _sound(data, "levels", LEVEL):
        name_, sense = level["name"], level["sense"]
        if name_ is None:
            continue
        if name_ in seen:
            yield f"{path}.name: {shown(name_)} is listed twice"
        if sense is not None and sense != LEVEL_SENSES[name_]:
            yield f"{path}.sense: {name_} is a {LEVEL_SENSES[name_]} level"
        seen.add(name_)


PLACEMENT_CHECKS: tuple[Callable[[Json], Found], ...] = (
    _unique_ids,
    _child_references,
    _stays,
    _unit_references,
    _unit_ranges,
    _siblings,
    _apart,
    _levels,
)


def _too_large_to_add(data: object) -> list[str]:
    """Return a fault if the largest thinkable cost or fit could not be added up exactly."""
    assert isinstance(data, dict)
    dearest = max((unit["price_day"] for unit in data["units"]), default=0)
    rate, weeks = data["interpreter_cost_hour"], data["horizon_weeks"]
    cost = sum(weeks * (7 * dearest + child["interpreter_hours"] * rate) for child in data["children"])
    fit = len(data["children"]) * sum(data["fit_weights"].values())
    fit += sum(group["bonus"] * len(group["members"]) for group in data["sibling_groups"])
    # A tolerance multiplies a level's value by up to 2000 before it is divided again.
    return [
        f"{field}: the {what} of a plan could exceed {LARGEST_SUM // 2000}, too large to add up exactly"
        for field, what, worst in (("units", "cost", cost), ("fit_weights", "fit", fit))
        if worst > LARGEST_SUM // 2000
    ]
