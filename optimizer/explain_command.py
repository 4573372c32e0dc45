"""The explain command: coded facts as JSON, or the same as indented lines."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from optimizer import explain
from optimizer.problem import Fact, Instance, Result
from optimizer.result_io import fact_to_json
from optimizer.shape import InputRefused, shown


def explained(instance: Instance, result: Result, child: str | None, unit: str | None) -> dict[str, Any]:
    """Return what is asked for as a JSON value.

    With a unit: why the child is not there. With a child: why it is where it is and the next best units,
    or why it has no place. With neither: that for every child, without the units next in line.

    Raises InputRefused for an unknown child or unit, or a unit without a child.
    """
    if child is not None and child not in instance.child_by_id:
        raise InputRefused([f"--child: no child {shown(child)}"])
    if unit is not None and unit not in instance.unit_by_id:
        raise InputRefused([f"--unit: no unit {shown(unit)}"])
    if child is None and unit is not None:
        raise InputRefused(["--unit: needs --child"])
    if child is None:
        return {
            "placed": [as_json(one) for one in _placements(instance, result)],
            "unplaced": [as_json(one) for one in explain.all_unplaced(instance, result, n=3)],
        }
    if unit is not None:
        return {"why_not": as_json(explain.why_not(instance, result, child, unit))}
    nearby = [as_json(one) for one in explain.alternatives(instance, result, child)]
    placed = explain.placement(instance, result, child)
    if placed is not None:
        return {"placement": as_json(placed), "alternatives": nearby}
    return {"unplaced": as_json(explain.unplaced(instance, result, child)), "alternatives": nearby}


def _placements(instance: Instance, result: Result) -> Iterator[explain.Placement]:
    for child in instance.children:
        placed = explain.placement(instance, result, child.id)
        if placed is not None:
            yield placed


def as_json(value: Any) -> Any:
    """Return a dataclass of explanations as a JSON value."""
    if isinstance(value, Fact):
        return fact_to_json(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [as_json(element) for element in value]
    return value


def lines(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield a JSON value as indented lines, a field or an element on each."""
    indent = "  " * depth
    for name, part in value.items():
        if isinstance(part, dict):
            yield f"{indent}{name}:"
            yield from lines(part, depth + 1)
        elif isinstance(part, list) and any(isinstance(element, dict) for element in part):
            yield f"{indent}{name}:"
            for element in part:
                yield from _element(element, depth + 1)
        elif isinstance(part, list):
            yield f"{indent}{name}: {', '.join(map(str, part)) or '-'}"
        else:
            yield f"{indent}{name}: {'-' if part is None else part}"


def _element(element: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if not isinstance(element, dict):
        yield f"{indent}- {element}"
        return
    for position, line in enumerate(lines(element, depth + 1)):
        yield f"{indent}- {line.lstrip()}" if position == 0 else line
