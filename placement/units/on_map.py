"""Units on a map, and by distance from a town. A unit with a secret address is neither drawn nor given a distance.

No child is on the map: it shows units and their free places only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
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
NARROWEST, EACH = 120, 12
"""How far apart the outermost towns are drawn at least, however near they are, and how much further for each town:
the drawing fills its place on the page, so names are the larger the fewer they are."""
LINE, LETTER = 16, 8
"""How high a town's name is drawn, and how wide a letter of it at most."""


@dataclass(frozen=True)
class Dot:
    """A town with units: where it is drawn, how many units and free places it has.

    `name_x`, `name_y`: where its name begins, beside the dot and over no other name.
    """

    town: Organisation
    x: int
    y: int
    units: int
    free: int
    name_x: int
    name_y: int


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
    drawn = _drawn(spots)
    names = names_apart(
        {
            key: (x + MARGIN // 2 + len(by_town[key]), y + LINE // 3, longest_name(towns[key]))
            for key, (x, y) in drawn.items()
        }
    )
    dots = tuple(
        Dot(
            town=towns[key],
            x=drawn[key][0],
            y=drawn[key][1],
            units=len(by_town[key]),
            free=sum(line.count.open_places for line in by_town[key]),
            name_x=names[key][0],
            name_y=names[key][1],
        )
        for key in sorted(spots, key=lambda key: towns[key].name_fi)
    )
    start = next((town for town in towns.values() if town.municipality_code == origin), None)
    return Map(
        dots=dots,
        near=_by_distance(shown, start),
        hidden=len(every) - len(shown),
        origin=start,
        width=max((dot.name_x + LETTER * longest_name(dot.town) for dot in dots), default=0) + MARGIN,
        height=max((max(dot.y, dot.name_y) for dot in dots), default=0) + MARGIN,
    )


def longest_name(town: Organisation) -> int:
    """Return how many letters the longer name of a town has, with its number of free places behind."""
    return max(len(town.name_fi), len(town.name_sv)) + 4


def _drawn(spots: Mapping[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Return where each town is drawn, north up, the outermost as far apart as their number asks for."""
    if not spots:
        return {}
    xs, ys = [x for x, _y in spots.values()], [y for _x, y in spots.values()]
    extent = max(max(xs) - min(xs), max(ys) - min(ys)) or 1
    widest = max(NARROWEST, EACH * len(spots))
    return {
        key: (MARGIN + (x - min(xs)) * widest // extent, MARGIN + (max(ys) - y) * widest // extent)
        for key, (x, y) in spots.items()
    }


def names_apart(names: Mapping[int, tuple[int, int, int]]) -> dict[int, tuple[int, int]]:
    """Return where each name (x, y, letters) is written: a name that would lie over one above it goes below it."""
    placed: dict[int, tuple[int, int]] = {}
    for key, (x, y, letters) in sorted(names.items(), key=lambda one: (one[1][1], one[1][0], one[0])):
        over = sorted(
            row
            for other, (left, row) in placed.items()
            if left < x + LETTER * letters and x < left + LETTER * names[other][2]
        )
        for row in over:
            if abs(row - y) < LINE:
                y = row + LINE
        placed[key] = (x, y)
    return placed


def _by_distance(shown: list[UnitLine], start: Organisation | None) -> tuple[Near, ...]:
    rows = [Near(line, _km(start, line.town)) for line in shown]
    return tuple(sorted(rows, key=lambda row: (row.km is None, row.km or 0, row.line.facts.name.casefold())))


def _km(start: Organisation | None, town: Organisation | None) -> int | None:
    places = [one for one in (start, town) if one is not None and one.lat is not None and one.lon is not None]
    if len(places) < 2:
        return None
    (x, y), (u, v) = (kilometres(one.lat or 0, one.lon or 0) for one in places)
    return isqrt((x - u) ** 2 + (y - v) ** 2)
