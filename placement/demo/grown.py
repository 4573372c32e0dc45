"""The national demo grown tenfold, for measuring: 400 units, some 1,600 children, five years of stays.

It is for `placement bench` only: earlier stays are spread over the homes without asking who else was there.
"""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import col

from placement.decisions.tables import Stay
from placement.demo.national import Place, area_of, write_national, youngster
from placement.demo.national_areas import AREAS, TREES
from placement.demo.stays import write_stay
from placement.demo.writing import Writer
from placement.units.tables import Unit, UnitKind

FIVE_YEARS = 5 * 365
MONTHS_IN_ONE_HOME = 8
SHARE, WAITING = 0.75, 36


def write_grown(writer: Writer, times: int = 10) -> None:
    """Write the national set, and then again its units, residents and those who wait until it is `times` as large."""
    write_national(writer)
    for number in range(1, times):
        names = [f"{tree} {number + 1}" for tree in TREES]
        places = [place for area in AREAS for place in area_of(writer, area, names)]
        for place in places:
            _residents(writer, place)
        for turn in range(WAITING):
            youngster(
                writer,
                places[turn * 7 % len(places)],
                waiting_days=writer.rng.randint(3, 150),
                priority=writer.rng.randint(1, 5),
                temporary_number=True,
            )
    _earlier_stays(writer)


def _residents(writer: Writer, place: Place) -> None:
    for _ in range(place.left):
        if writer.rng.random() <= SHARE:
            child = youngster(writer, place, temporary_number=True, in_finland_days=FIVE_YEARS)
            write_stay(writer, child, place.unit, start=-writer.rng.randint(20, 320), decider=place.worker)
            place.left -= 1


def _earlier_stays(writer: Writer) -> None:
    """Give everybody who lives somewhere a row of homes in the same county before, back to five years ago."""
    homes: dict[int, list[int]] = {}
    for unit_id, county_id in writer.session.execute(
        sa.select(col(Unit.id), col(Unit.county_id)).where(col(Unit.kind) == UnitKind.FAMILY_GROUP_HOME)
    ):
        homes.setdefault(county_id, []).append(unit_id)
    earliest = writer.session.execute(
        sa.select(col(Stay.child_id), col(Stay.county_id), sa.func.min(col(Stay.start))).group_by(
            col(Stay.child_id), col(Stay.county_id)
        )
    ).all()
    rows = []
    for child_id, county_id, first in earliest:
        end = first
        while county_id in homes and end > writer.days(-FIVE_YEARS):
            start = max(end - timedelta(days=30 * MONTHS_IN_ONE_HOME), writer.days(-FIVE_YEARS))
            rows.append(_past(child_id, writer.rng.choice(homes[county_id]), county_id, start, end))
            end = start
    writer.session.execute(sa.insert(Stay), rows)


def _past(child_id: int, unit_id: int, county_id: int, start: date, end: date) -> dict[str, object]:
    kinds, edges = ("planned", "decided", "realised"), (("start", start), ("end", end))
    days = {f"{kind}_{edge}": day for kind in kinds for edge, day in edges}
    return {"child_id": child_id, "unit_id": unit_id, "county_id": county_id, "end_reason": "moved", **days}
