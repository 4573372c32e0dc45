"""Places as files: the board of a day and one unit's month, each number from the count that the pages show.

Days are written 2026-11-24: every spreadsheet in every language takes that for a day.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from placement.permissions import Permission
from placement.refusals import NotFound
from placement.typed import read_day
from placement.units import capacity, lists, page, queries
from placement.units.lists import UnitLine
from placement.units.rules import DayCount
from placement.web.edge import actor, now, read_only, today
from placement.web.guard import requires
from placement.web.i18n import label, lang
from placement.web.sheets import sheet

bp = Blueprint("places_out", __name__, url_prefix="/units")


@bp.get("/board.<kind>")
@requires(Permission.SEE_BOARD)
def board(kind: str) -> Response:
    """Return the board of a day as a file: counts only, no child is named, not even by reference."""
    on = _asked("day", today())
    with read_only() as session:
        lines = lists.lines(session, actor(), on, now(), today())
    heads = [_("Unit"), _("Reference"), _("Kind of unit"), _("Municipality"), *_heads(), _("Next free")]
    return sheet(kind, _("Places now"), [heads, *map(_cells, lines)], f"places-{on.isoformat()}")


@bp.get("/<ref:ref>/days.<kind>")
@requires(Permission.SEE_UNITS)
def days(ref: str, kind: str) -> Response:
    """Return one unit's month day by day as a file: the numbers of its calendar."""
    first, last = page.ends(_asked("month", today()))
    with read_only() as session:
        unit = queries.find(session, actor(), ref, today())
        found = capacity.timeline(session, unit.id or 0, first, last, now())
    table: list[list[str | int]] = [[*_heads()], *map(_numbers, found)]
    return sheet(kind, _("Places free on each day")[:31], table, f"{unit.ref}-{first:%Y-%m}")


def _asked(name: str, otherwise: date) -> date:
    """Return the day (or a day of the month, written 2026-11) of the address; raises NotFound for what is none.

    A page passes over such an address and shows today; a file would be kept and taken for the day that was asked.
    """
    given = request.args.get(name, "")
    if not given:
        return otherwise
    try:
        found = read_day(given if len(given) > len("2026-11") else f"{given}-01")
    except ValueError:
        raise NotFound from None
    if not 2000 <= found.year <= 2100:
        raise NotFound
    return found


def _cells(line: UnitLine) -> list[str | int]:
    next_free = line.overview.next_free
    return [
        line.facts.name,
        line.facts.ref,
        label(line.facts.kind),
        line.town.name(lang()) if line.town else _("Not shown: secret address"),
        *_numbers(line.count),
        next_free.isoformat() if next_free else _("Not known"),
    ]


def _heads() -> list[str]:
    return [_("Day"), _("Places"), _("Taken"), _("Held"), _("Closed"), _("Free"), _("Overbooked")]


def _numbers(count: DayCount) -> list[str | int]:
    counted = (count.capacity, count.stays, count.holds, count.closed, count.open_places, count.over)
    return [count.day.isoformat(), *counted]
