"""Units on a map, and by distance from a town. A unit with a secret address is neither drawn nor given a distance.

No child is on the map: it shows units and their free places only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from math import isqrt

from sqlmodel import Session

from placement.clock import business_day
from placement.decisions.weeks import kilometres
from placement.people.tables import Organisation
from placement.permissions import Actor
from placement.units.lists import UnitLine, lines

MARGIN = 20


@dataclass(frozen=True)
class Dot:
    """A town with units: where it is drawn, how many units and free places it has."""

    town: Organisation
    x: int
    y: int
    units: int
    free: int


@dataclass(frozen=True)
class Near:
    """A unit with its distance in whole kilometres from the town chosen; None = no town chosen."""

    line: UnitLine
    km: int | None


@dataclass(frozen=True)
class Map:
    dots: tuple[Dot, ...]
    near: tuple[Near, ...]
    hidden: int
    origin: Organisation | None
    width: int
    height: int


def find(session: Session, actor: Actor, at: datetime, *, kind: str, origin: str) -> Map:
    """Return the map of the units in sight and the list by distance from the municipality with the code `origin`."""
    today = business_day(at)
    every = [line for line in lines(session, actor, today, at, today) if kind in ("", line.facts.kind)]
    shown = [line for line in every if not line.facts.secret_address and line.town is not None]
    by_town: dict[int, list[UnitLine]] = defaultdict(list)
    towns = {}
    for line in shown:
        assert line.town is not None
        if line.town.lat is not None and line.town.lon is not None:
            by_town[line.town.id or 0].append(line)
            towns[line.town.id or 0] = line.town
    spots = {key: kilometres(town.lat or 0, town.lon or 0) for key, town in towns.items()}
    left = min((x for x, _y in spots.values()), default=0)
    top = max((y for _x, y in spots.values()), default=0)
    dots = tuple(
        Dot(
            town=towns[key],
            x=spots[key][0] - left + MARGIN,
            y=top - spots[key][1] + MARGIN,
            units=len(by_town[key]),
            free=sum(line.count.open_places for line in by_town[key]),
        )
        for key in sorted(spots, key=lambda key: towns[key].name_fi)
    )
    start = next((town for town in towns.values() if town.municipality_code == origin), None)
    return Map(
        dots=dots,
        near=_by_distance(shown, start),
        hidden=len(every) - len(shown),
        origin=start,
        width=max((dot.x for dot in dots), default=0) + 6 * MARGIN,
        height=max((dot.y for dot in dots), default=0) + MARGIN,
    )


def _by_distance(shown: list[UnitLine], start: Organisation | None) -> tuple[Near, ...]:
    rows = [Near(line, _km(start, line.town)) for line in shown]
    return tuple(sorted(rows, key=lambda row: (row.km is None, row.km or 0, row.line.facts.name.casefold())))


def _km(start: Organisation | None, town: Organisation | None) -> int | None:
    places = [one for one in (start, town) if one is not None and one.lat is not None and one.lon is not None]
    if len(places) < 2:
        return None
    (x, y), (u, v) = (kilometres(one.lat or 0, one.lon or 0) for one in places)
    return isqrt((x - u) ** 2 + (y - v) ** 2)
