"""Schools of the demo's children: preparatory teaching first, then what the age says; some still without a school."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlmodel import col, select

from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.demo.path_services import Paths, anybody
from placement.integration.tables import SchoolKind, SchoolPlace
from placement.reference import age_on
from placement.units.tables import Unit

PREPARATORY_LASTS = timedelta(days=300)
A_FORTNIGHT = timedelta(days=14)
WITHOUT = 7
"""Of seven children one has no school yet."""


def write_schools(paths: Paths, children: list[Child]) -> None:
    """Write the schools of each child who lives somewhere; the trip was looked at after the last move of most."""
    rows = paths.writer.session.exec(
        select(Stay, Unit).join(Unit, col(Unit.id) == Stay.unit_id).order_by(col(Stay.start))
    ).all()
    homes = {stay.child_id: (stay, unit) for stay, unit in rows if stay.realised_start is not None}
    for place, child in enumerate(children):
        if child.id not in homes or place % WITHOUT == 0 or age_on(child.birth_date, paths.writer.on) < 6:
            continue
        stay, unit = homes[child.id or 0]
        for kind, first, last in _path_of_learning(child, paths.writer.on):
            checked = (stay.start or first) + A_FORTNIGHT if place % 4 else None
            _write(paths, child, unit.municipality_id, kind, first, last, checked)


def _path_of_learning(child: Child, on: date) -> Iterator[tuple[SchoolKind, date, date | None]]:
    """Yield (kind, first day, last day): preparatory teaching for ten months, then the school of the child's age."""
    first = child.entered_on + A_FORTNIGHT
    if first > on:
        return
    after = first + PREPARATORY_LASTS
    if after > on:
        yield SchoolKind.PREPARATORY, first, None
        return
    yield SchoolKind.PREPARATORY, first, after
    age = age_on(child.birth_date, on)
    then = SchoolKind.BASIC if age < 16 else SchoolKind.TO_UPPER if age == 16 else SchoolKind.VOCATIONAL
    yield then, after + timedelta(days=1), None


def _write(
    paths: Paths, child: Child, town_id: int, kind: SchoolKind, first: date, last: date | None, checked: date | None
) -> None:
    name = "Keskustan ammattiopisto" if kind is SchoolKind.VOCATIONAL else child.school or "Keskustan koulu"
    looked_at = checked if checked is not None and first <= checked <= paths.writer.on and last is None else None
    if last is None:
        child.school = name
    paths.writer.session.add(
        SchoolPlace(
            child_id=child.id or 0,
            county_id=child.county_id,
            number=paths.number("school", child),
            kind=kind,
            name=name,
            municipality_id=town_id,
            from_on=first,
            to_on=last,
            trip_checked_on=looked_at,
            recorded_by=child.worker_id or anybody(paths),
            recorded_at=paths.writer.at,
        )
    )
