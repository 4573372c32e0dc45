"""Stays of units over a span of days, as bars and as rows: one read, so that the picture and its table agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, or_

from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.permissions import Actor, Permission
from placement.units.page import stay_status
from placement.units.queries import visible_units
from placement.units.tables import Unit

ZOOMS = {"week": 21, "quarter": 92, "year": 366}
PAGE = 12
LANE, HEAD, WIDTH, LABEL = 26, 30, 1000, 170


@dataclass(frozen=True)
class Bar:
    """One stay within the span; `ref` None = not to be named. `x`, `width` and `lane` place it in the picture."""

    ref: str | None
    protected: bool
    start: date
    end: date | None
    status: str
    x: float
    width: float
    lane: int


@dataclass(frozen=True)
class Row:
    """A unit with its bars; `top` and `height` of its band in the picture."""

    unit: Unit
    bars: tuple[Bar, ...]
    top: int
    height: int


@dataclass(frozen=True)
class Chart:
    """The span [first, end) with a row for each unit of the page, and where its ticks are."""

    first: date
    end: date
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, date], ...]
    today_x: float | None
    height: int
    units: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.units // PAGE))


def chart(
    session: Session,
    actor: Actor,
    *,
    first: date,
    zoom: str,
    unit_ref: str,
    page: int,
    on: date,
) -> Chart:
    """Return the stays of the actor's own units (or of one unit in sight) in the span that begins on `first`.

    Only for those who may see the county's children; a child of another county or under non-disclosure is a bar
    without a reference.
    """
    end = first + timedelta(days=ZOOMS.get(zoom, ZOOMS["quarter"]))
    seen = visible_units(session, actor, on)
    units = [one for one in seen if (one.ref == unit_ref if unit_ref else one.county_id == actor.county_id)]
    page = min(max(1, page), max(1, -(-len(units) // PAGE)))
    shown = units[(page - 1) * PAGE : page * PAGE]
    stays = _stays(session, actor, [one.id or 0 for one in shown], first, end, on)
    rows, top = [], HEAD
    for unit in shown:
        bars = _in_lanes(stays.get(unit.id or 0, ()), first, end)
        height = LANE * max(1, 1 + max((bar.lane for bar in bars), default=0)) + 8
        rows.append(Row(unit, tuple(bars), top, height))
        top += height
    return Chart(
        first=first,
        end=end,
        rows=tuple(rows),
        ticks=tuple((_x(day, first, end), day) for day in _ticks(first, end)),
        today_x=_x(on, first, end) if first <= on < end else None,
        height=top + 4,
        units=len(units),
        page=page,
    )


Found = tuple[str | None, bool, date, date | None, str]


def _stays(
    session: Session, actor: Actor, unit_ids: Sequence[int], first: date, end: date, on: date
) -> dict[int, list[Found]]:
    rows = session.execute(
        sa.select(Stay, col(Child.ref), col(Child.protected), col(Child.county_id))
        .join(Child, col(Child.id) == col(Stay.child_id))
        .where(
            col(Stay.unit_id).in_(unit_ids),
            col(Stay.start) < end,
            or_(col(Stay.end).is_(None), col(Stay.end) > first),
        )
        .order_by(col(Stay.start), col(Stay.id))
    )
    names = actor.can(Permission.SEE_CHILDREN)
    found: dict[int, list[Found]] = {}
    for stay, ref, protected, county_id in rows:
        own = names and county_id == actor.county_id
        found.setdefault(stay.unit_id, []).append(
            (ref if own and not protected else None, protected and own, stay.start, stay.end, stay_status(stay, on))
        )
    return found


def _in_lanes(stays: Sequence[Found], first: date, end: date) -> list[Bar]:
    """Return the bars, each in the first lane in which the days before it are free."""
    free: list[date] = []
    bars = []
    for ref, protected, start, leaves, status in stays:
        lane = next((number for number, until in enumerate(free) if until <= start), len(free))
        if lane == len(free):
            free.append(date.min)
        free[lane] = leaves or date.max
        left, right = _x(max(start, first), first, end), _x(min(leaves or end, end), first, end)
        bars.append(Bar(ref, protected, start, leaves, status, left, max(2.0, round(right - left, 1)), lane))
    return bars


def _x(day: date, first: date, end: date) -> float:
    return round(LABEL + (WIDTH - LABEL) * (day - first).days / (end - first).days, 1)


def _ticks(first: date, end: date) -> list[date]:
    """Return the Mondays of a short span, the first days of months of a long one."""
    days = (first + timedelta(days=n) for n in range((end - first).days))
    if (end - first).days <= 31:
        return [day for day in days if day.weekday() == 0]
    return [day for day in days if day.day == 1]
