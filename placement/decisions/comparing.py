"""Up to three calculations side by side: what each gives, and where each puts every child. Numbers only, no names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isqrt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.children.queries import everything_about
from placement.children.tables import Child
from placement.decisions import intake
from placement.decisions.run_queries import RunView
from placement.decisions.tables import Stay
from placement.decisions.weeks import kilometres
from placement.people.tables import Organisation
from placement.units import capacity
from placement.units.tables import Unit

Spot = tuple[int, int]
"""A town by whole kilometres east and north."""


@dataclass(frozen=True)
class Row:
    """One child in every calculation: the reference of its unit in each (None = no suitable place)."""

    child_id: int
    ref: str
    birth_date: date
    protected: bool
    home: str | None
    units: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.units)) > 1


@dataclass(frozen=True)
class Column:
    """What one calculation gives. Kilometres are from the town of the school on the day of the move to the new home's,
    for a child without a school from that of the present home.

    `level_rows` are (name, value, bound, proven) by goal; `siblings_together` of `sibling_groups` with all
    members placed in one unit; `free_left` places of the units in sight stay free on the first day.
    """

    run: RunView
    placed: int
    moves: int
    fit: int
    km_total: int
    km_most: int
    siblings_together: int
    sibling_groups: int
    free_left: int
    level_rows: tuple[tuple[str, int | None, int | None, bool], ...]

    @property
    def proven(self) -> bool:
        return bool(self.level_rows) and all(one[3] for one in self.level_rows)


def compare(
    session: Session, views: Sequence[RunView], county_id: int, unit_ids: Collection[int], at: datetime
) -> tuple[list[Column], list[Row]]:
    """Return a column for each calculation with a result, and a row for each of the county's children, those that
    differ first. `unit_ids` are the units whose free places are counted."""
    done = [one for one in views if one.summary is not None]
    placed = [{row["child"]: row for row in _own(view, county_id)} for view in done]
    refs = sorted({ref for rows in placed for ref in rows})
    children = _children(session, refs)
    homes = _homes(session, [key for key, *_ in children.values()], done[0].as_of if done else date.max)
    towns = _towns(session, {row["unit"] for rows in placed for row in rows.values()} | set(homes.values()))
    rows = [
        Row(key, ref, born, protected, homes.get(key), tuple(one.get(ref, {}).get("unit") for one in placed))
        for ref, (key, born, protected) in children.items()
    ]
    groups = _groups(session, [row.child_id for row in rows])
    free = _free(session, unit_ids, placed, at)
    origins = _origins(session, rows, placed, towns)
    columns = [
        _column(view, number, rows, placed[number], _trips(rows, number, origins[number], towns), groups, free)
        for number, view in enumerate(done)
    ]
    return columns, sorted(rows, key=lambda row: (not row.differs, row.ref))


def _own(view: RunView, county_id: int) -> list[Mapping[str, Any]]:
    return [row for row in (view.summary or {}).get("rows", ()) if row["county"] == county_id]


def _children(session: Session, refs: Collection[str]) -> dict[str, tuple[int, date, bool]]:
    rows = session.execute(
        sa.select(col(Child.ref), col(Child.id), col(Child.birth_date), col(Child.protected))
        .where(col(Child.ref).in_(refs))
        .order_by(col(Child.ref))
    )
    return {ref: (key, born, protected) for ref, key, born, protected in rows if key is not None}


def _homes(session: Session, child_ids: Collection[int], on: date) -> dict[int, str]:
    rows = session.execute(
        sa.select(col(Stay.child_id), col(Unit.ref))
        .join(Unit, col(Unit.id) == col(Stay.unit_id))
        .where(
            col(Stay.child_id).in_(child_ids),
            col(Stay.start) <= on,
            sa.or_(col(Stay.end).is_(None), col(Stay.end) > on),
        )
    )
    return {row[0]: row[1] for row in rows}


def _towns(session: Session, refs: Collection[str | None]) -> dict[str, Spot]:
    rows = session.execute(
        sa.select(col(Unit.ref), col(Organisation.lat), col(Organisation.lon))
        .join(Organisation, col(Organisation.id) == col(Unit.municipality_id))
        .where(col(Unit.ref).in_([ref for ref in refs if ref]))
    )
    return {ref: kilometres(lat, lon) for ref, lat, lon in rows if lat is not None and lon is not None}


def _origins(
    session: Session,
    rows: Sequence[Row],
    placed: Sequence[Mapping[str, Mapping[str, Any]]],
    towns: Mapping[str, Spot],
) -> list[dict[int, Spot | None]]:
    """Return for each calculation where each child's trip to school begins on the day of its move."""
    code, place = col(Organisation.municipality_code), (col(Organisation.lat), col(Organisation.lon))
    bodies = session.execute(sa.select(col(Organisation.id), code, *place).where(code.is_not(None))).all()
    spots = {town: kilometres(lat, lon) for _key, town, lat, lon in bodies if lat is not None and lon is not None}
    known = intake.schools(session, [row.child_id for row in rows], {key: town for key, town, *_ in bodies})
    found = []
    for one in placed:
        begins = {}
        for row in rows:
            start = one.get(row.ref, {}).get("start")
            school = intake.school_on(known.get(row.child_id, ()), date.fromisoformat(start)) if start else None
            begins[row.child_id] = spots.get(school.town) if school is not None else towns.get(row.home or "")
        found.append(begins)
    return found


def _groups(session: Session, child_ids: Collection[int]) -> list[frozenset[int]]:
    """Return the sibling groups of which at least two members are among these children."""
    known, found = everything_about(session, child_ids), set()
    for child in known.values():
        inside = frozenset(child.siblings.members) & frozenset(known) if child.siblings else frozenset()
        if len(inside) > 1:
            found.add(inside)
    return sorted(found, key=sorted)


def _free(
    session: Session, unit_ids: Collection[int], placed: Sequence[Mapping[str, Mapping[str, Any]]], at: datetime
) -> dict[str, int]:
    """Return the free places of each unit on the first day on which anybody would move."""
    starts = [row["start"] for rows in placed for row in rows.values()]
    if not starts:
        return {}
    day = date.fromisoformat(min(starts))
    refs = dict(session.exec(select(Unit.id, Unit.ref).where(col(Unit.id).in_(unit_ids))).all())
    return {refs[key]: max(0, free) for key, free in capacity.free_places(session, unit_ids, day, at).items()}


def _column(
    view: RunView,
    number: int,
    rows: Sequence[Row],
    placed: Mapping[str, Mapping[str, Any]],
    trips: Sequence[int],
    groups: Sequence[frozenset[int]],
    free: Mapping[str, int],
) -> Column:
    summary = view.summary or {}
    new = {row.child_id: row.units[number] for row in rows}
    into = [row.units[number] for row in rows if row.units[number] and row.units[number] != row.home]
    return Column(
        run=view,
        placed=sum(unit is not None for unit in new.values()),
        moves=len(into),
        fit=sum(one.get("fit") or 0 for one in placed.values()),
        km_total=sum(trips),
        km_most=max(trips, default=0),
        siblings_together=sum(len({new[member] for member in group}) == 1 for group in groups),
        sibling_groups=len(groups),
        free_left=sum(free.values()) - sum(1 for unit in into if unit in free),
        level_rows=tuple((one["name"], one["value"], one["bound"], one["proven"]) for one in summary["levels"]),
    )


def _trips(
    rows: Sequence[Row], number: int, origins: Mapping[int, Spot | None], towns: Mapping[str, Spot]
) -> list[int]:
    """Return the whole kilometres of each child's trip to school by one calculation, where both ends are known."""
    ends = [(origins[row.child_id], towns.get(row.units[number] or "")) for row in rows]
    return [isqrt((one[0] - two[0]) ** 2 + (one[1] - two[1]) ** 2) for one, two in ends if one and two]
