"""Looking ahead and over time: places in 3 to 18 months, stays as bars with their table, units on a map."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from placement.permissions import Permission
from placement.units import ahead, on_map, queries, stays_over_time
from placement.units.tables import UnitKind
from placement.web.edge import actor, now, read_only, today
from placement.web.guard import requires
from placement.web.i18n import label
from placement.web.render import render
from placement.web.unit_forms import DayForm

bp = Blueprint("looking_ahead", __name__, url_prefix="/units")
KINDS = tuple(kind.value for kind in UnitKind)


def _kind() -> str:
    given = request.args.get("kind", "")
    return given if given in KINDS else ""


def _kinds() -> list[tuple[str, str]]:
    return [("", _("All")), *((kind, label(kind)) for kind in KINDS)]


@bp.get("/ahead")
@requires(Permission.SEE_BOARD)
def show() -> Response:
    kind, all_ = _kind(), request.args.get("all") == "1"
    with read_only() as session:
        found = ahead.lines(session, actor(), now(), kind=kind, own=not all_)
    return render(
        "ahead/show.html",
        lines=found,
        days=ahead.horizons(today()),
        heads=[ngettext("in %(num)s month", "in %(num)s months", n) if n else _("Today") for n in ahead.MONTHS],
        totals=ahead.totals(found),
        kind=kind,
        kinds=_kinds(),
        all_=all_,
        as_at=now(),
    )


@bp.get("/timeline")
@requires(Permission.SEE_BOARD)
def timeline() -> Response:
    """Show stays as bars and as a table of the same rows; unit, first day and zoom stand in the address."""
    zoom = request.args.get("zoom", "quarter")
    zoom = zoom if zoom in stays_over_time.ZOOMS else "quarter"
    form = DayForm(formdata=request.args) if request.args.get("day") else DayForm(data={"day": _start(zoom)})
    first = form.day.data if form.validate() and form.day.data else _start(zoom)
    ref = request.args.get("unit", "")
    with read_only() as session:
        if ref:
            queries.find(session, actor(), ref, today())
        found = stays_over_time.chart(
            session,
            actor(),
            first=first,
            zoom=zoom,
            unit_ref=ref,
            page=request.args.get("page", 1, type=int),
            on=today(),
        )
        units = [one for one in queries.visible_units(session, actor(), today()) if one.county_id == actor().county_id]
    return render(
        "ahead/timeline.html",
        fragment="ahead/_gantt.html",
        status=422 if form.errors else 200,
        chart=found,
        form=form,
        zoom=zoom,
        unit_ref=ref,
        units=units,
        paging=_Paging(found, zoom, ref),
        address=lambda **changed: _address(first, zoom, ref, found.page, **changed),
        step=timedelta(days=(found.end - found.first).days),
    )


def _start(zoom: str) -> date:
    """Return a first day that shows today with some days before it."""
    back = {"week": 7, "quarter": 14, "year": 60}[zoom]
    return today() - timedelta(days=back)


def _address(first: date, zoom: str, ref: str, number: int, **changed: Any) -> str:
    kept: dict[str, Any] = {
        "day": first.isoformat(),
        "zoom": zoom,
        "unit": ref or None,
        "page": number,
    }
    return url_for("looking_ahead.timeline", **{**kept, **changed})


class _Paging:
    """What the pagination macro needs."""

    def __init__(self, chart: stays_over_time.Chart, zoom: str, ref: str) -> None:
        self.number, self.pages = chart.page, chart.pages
        self._chart, self._zoom, self._ref = chart, zoom, ref

    def url(self, number: int) -> str:
        return _address(self._chart.first, self._zoom, self._ref, number, page=number)


@bp.get("/map")
@requires(Permission.SEE_BOARD)
def map_() -> Response:
    """Show towns with units, and the units by distance from a town; a unit with a secret address is not drawn."""
    kind = _kind()
    with read_only() as session:
        found = on_map.find(session, actor(), now(), kind=kind, origin=request.args.get("from", ""))
    return render("ahead/map.html", fragment="ahead/_distances.html", found=found, kind=kind, kinds=_kinds())
