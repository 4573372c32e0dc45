"""Results as JSON (`placement-result/1`): out, and back in after a check of their shape."""

from __future__ import annotations

import dataclasses
from typing import Any

from optimizer.io import read_json
from optimizer.problem import (
    PLACEMENT_RESULT,
    Blocking,
    Fact,
    LevelResult,
    Parameters,
    Result,
    Timings,
    UnitLoad,
    Unplaced,
)
from optimizer.shape import (
    InputRefused,
    Record,
    boolean,
    integer,
    list_of,
    map_of,
    name,
    nullable,
    number,
    one_of,
    shown,
    text,
)

Json = dict[str, Any]

WHOLE = integer(None, 2**62)


def _place(path: str, value: object, found: list[str]) -> None:
    """Shape of a unit id, a bin's index or null."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        found.append(f"{path}: {shown(value)} is no unit, bin or null")


def _fact(path: str, value: object, found: list[str]) -> None:
    """Shape of a code with numbers, texts or lists of texts beside it."""
    if not isinstance(value, dict) or not isinstance(value.get("code"), str):
        found.append(f"{path}: {shown(value)} is not an object with a code")
        return
    for field, part in value.items():
        texts = isinstance(part, list) and all(isinstance(element, str) for element in part)
        if not texts and part is not None and not isinstance(part, str | int | float):
            found.append(f"{path}.{field}: {shown(part)} is no number, text or list of texts")


LEVEL = Record(
    {
        "name": name,
        "sense": one_of("max", "min"),
        "value": WHOLE,
        "bound": WHOLE,
        "limit": WHOLE,
        "achieved": WHOLE,
        "proven": boolean,
        "seconds": number,
        "solver": text,
    },
)
BLOCKING = Record(
    {"unit": name, "resource": name, "week": WHOLE, "load": WHOLE, "cap": WHOLE, "children": list_of(name)},
)
UNPLACED = Record(
    {
        "child": name,
        "eligible_units": list_of(name),
        "reasons": map_of(list_of(name, least=1)),
        "blocking": list_of(BLOCKING),
    },
)
UNIT_LOAD = Record(
    {"unit": nullable(name), "week": nullable(WHOLE), "resource": name, "load": WHOLE, "cap": WHOLE},
)
RESULT = Record(
    {
        "format": one_of(PLACEMENT_RESULT),
        "instance": name,
        "status": one_of("optimal", "feasible", "infeasible", "unknown"),
        "assignment": map_of(_place),
        "levels": list_of(LEVEL),
        "unplaced": list_of(UNPLACED),
        "warnings": list_of(_fact),
        "unit_load": list_of(UNIT_LOAD),
        "parameters": Record({"seed": WHOLE, "workers": integer(1), "time_limit": nullable(number)}),
        "versions": map_of(text),
        "timings": Record(dict.fromkeys((field.name for field in dataclasses.fields(Timings)), number)),
        "peak_rss_mb": integer(),
    },
    {"conflict": list_of(_fact), "scale": WHOLE, "certificate": map_of(lambda _path, _value, _found: None)},
)


def read_result(path: str) -> Result:
    """Return the result in file `path`. Raises InputRefused with every fault of its shape, OSError."""
    return result_from_json(read_json(path))


def result_from_json(data: Any) -> Result:
    """Return the result a JSON value describes; its claims are `verify`'s business. Raises InputRefused."""
    found: list[str] = []
    RESULT("", data, found)
    if found:
        raise InputRefused(found)
    return Result(
        instance=data["instance"],
        status=data["status"],
        assignment=data["assignment"],
        levels=tuple(LevelResult(**level) for level in data["levels"]),
        unplaced=tuple(_unplaced(entry) for entry in data["unplaced"]),
        warnings=tuple(_fact_from(fact) for fact in data["warnings"]),
        unit_load=tuple(UnitLoad(**row) for row in data["unit_load"]),
        parameters=Parameters(**data["parameters"]),
        versions=data["versions"],
        timings=Timings(**data["timings"]),
        peak_rss_mb=data["peak_rss_mb"],
        conflict=tuple(_fact_from(fact) for fact in data["conflict"]) if "conflict" in data else None,
        scale=data.get("scale"),
        certificate=data.get("certificate"),
    )


def result_to_json(result: Result) -> Json:
    """Return the JSON value of `result`; conflict, scale and certificate only where there is one."""
    data: Json = {
        "format": PLACEMENT_RESULT,
        "instance": result.instance,
        "status": result.status,
        "assignment": dict(result.assignment),
        "levels": [dataclasses.asdict(level) for level in result.levels],
        "unplaced": [_unplaced_to(entry) for entry in result.unplaced],
        "warnings": [fact_to_json(fact) for fact in result.warnings],
        "unit_load": [row._asdict() for row in result.unit_load],
        "parameters": dataclasses.asdict(result.parameters),
        "versions": dict(result.versions),
        "timings": dataclasses.asdict(result.timings),
        "peak_rss_mb": result.peak_rss_mb,
    }
    if result.conflict is not None:
        data["conflict"] = [fact_to_json(fact) for fact in result.conflict]
    if result.scale is not None:
        data["scale"] = result.scale
    if result.certificate is not None:
        data["certificate"] = dict(result.certificate)
    return data


def fact_to_json(fact: Fact) -> Json:
    """Return the JSON value of a coded fact."""
    lists = {key: list(part) if isinstance(part, tuple) else part for key, part in fact.about.items()}
    return {"code": fact.code, **lists}


def _fact_from(data: Json) -> Fact:
    lists = {key: tuple(part) if isinstance(part, list) else part for key, part in data.items()}
    return Fact(data["code"], {key: part for key, part in lists.items() if key != "code"})


def _unplaced(data: Json) -> Unplaced:
    return Unplaced(
        child=data["child"],
        eligible_units=tuple(data["eligible_units"]),
        reasons={unit: tuple(codes) for unit, codes in data["reasons"].items()},
        blocking=tuple(Blocking(**{**row, "children": tuple(row["children"])}) for row in data["blocking"]),
    )


def _unplaced_to(entry: Unplaced) -> Json:
    return {
        "child": entry.child,
        "eligible_units": list(entry.eligible_units),
        "reasons": {unit: list(codes) for unit, codes in entry.reasons.items()},
        "blocking": [
            {
                "unit": row.unit,
                "resource": row.resource,
                "week": row.week,
                "load": row.load,
                "cap": row.cap,
                "children": list(row.children),
            }
            for row in entry.blocking
        ],
    }
