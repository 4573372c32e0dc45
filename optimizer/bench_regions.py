"""Instances for the bench that fall apart into regions which share nothing, as where agreements bind to a county."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from optimizer.bench_instances import Size, as_json
from optimizer.io import instance_from_json
from optimizer.problem import Child, Instance, Level, Unit

REGIONS: Mapping[str, tuple[int, Size]] = {
    "R": (20, Size(20, 6, 1.0, 0.85, 0.2)),
    "RR": (40, Size(125, 33, 1.0, 0.85, 0.2)),
}
"""How many regions there are, and what each is like: 400 / 120 and 5,000 / 1,320 in all."""


def regional(size: str, seed: int) -> Instance:
    """Return the instance of that size and seed, always the same, with four levels that give nothing back."""
    count, asked = REGIONS[size]
    parts = [_named(_part(size, seed * 1_000 + k, asked), f"R{k}-") for k in range(count)]
    return replace(
        parts[0],
        name=f"bench {size} {seed}",
        municipalities=tuple(place for part in parts for place in part.municipalities),
        children=tuple(child for part in parts for child in part.children),
        units=tuple(unit for part in parts for unit in part.units),
        sibling_groups=tuple(group for part in parts for group in part.sibling_groups),
        apart=tuple(pair for part in parts for pair in part.apart),
        levels=(Level("placed", "max", 0), Level("fit", "max", 0), Level("moves", "min", 0), Level("cost", "min", 0)),
    )


def _part(size: str, seed: int, asked: Size) -> Instance:
    made = instance_from_json(as_json(size, seed, asked))
    assert isinstance(made, Instance)
    return made


def _named(part: Instance, mark: str) -> Instance:
    """Return the region with `mark` before every name, and its units open to its own counties only."""
    counties = sorted({place.county for place in part.municipalities} | {child.county for child in part.children})
    return replace(
        part,
        municipalities=tuple(
            replace(place, id=mark + place.id, county=mark + place.county) for place in part.municipalities
        ),
        children=tuple(_child(child, mark) for child in part.children),
        units=tuple(_unit(unit, mark, counties) for unit in part.units),
        sibling_groups=tuple(
            replace(group, id=mark + group.id, members=tuple(mark + member for member in group.members))
            for group in part.sibling_groups
        ),
        apart=tuple((mark + one, mark + other) for one, other in part.apart),
    )


def _child(child: Child, mark: str) -> Child:
    return replace(
        child,
        id=mark + child.id,
        county=mark + child.county,
        relatives=None if child.relatives is None else mark + child.relatives,
        current=None if child.current is None else mark + child.current,
        wishes=tuple(mark + unit for unit in child.wishes),
        forbidden=tuple(mark + unit for unit in child.forbidden),
    )


def _unit(unit: Unit, mark: str, counties: list[str]) -> Unit:
    most = {county: unit.quota.get(county, unit.quota.get("*", 0)) for county in counties}
    return replace(
        unit,
        id=mark + unit.id,
        municipality=mark + unit.municipality,
        county=mark + unit.county,
        quota={mark + county: number for county, number in most.items()},
    )
