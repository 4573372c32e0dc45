"""Up to three calculations on one page, what differs first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from placement.decisions import closing_queries, comparing, run_queries
from placement.permissions import Permission
from placement.reference import age_on
from placement.references import is_reference
from placement.refusals import NotFound
from placement.units import queries as units
from placement.web.child_access import open_names
from placement.web.edge import actor, now, read_only, today
from placement.web.guard import requires
from placement.web.render import render

bp = Blueprint("compare", __name__, url_prefix="/runs")
LETTERS = "abc"


@bp.get("/compare")
@requires(Permission.SEE_RUNS)
def show() -> Response:
    """Compare the calculations named a, b and c in the address; without one it says how to choose them."""
    refs = [ref for letter in LETTERS if (ref := request.args.get(letter, ""))]
    if any(not is_reference("RU", ref) for ref in refs):
        raise NotFound
    with read_only() as session:
        views = [run_queries.view(session, actor(), ref) for ref in dict.fromkeys(refs)]
        visible = units.visible_units(session, actor(), today())
        own = [unit.id for unit in visible if unit.id is not None and unit.county_id == actor().county_id]
        columns, rows = comparing.compare(session, views, actor().county_id or 0, own, now())
        closing = closing_queries.closing_of_runs(session, [view.id for view in views])
        recent, _count = run_queries.views(session, actor(), first=0, most=10) if not refs else ([], 0)
    names = open_names([row.child_id for row in rows], data_used="comparison")
    only = request.args.get("only") == "1"
    kept: dict[str, Any] = dict(zip(LETTERS, refs, strict=False))
    return render(
        "runs/compare.html",
        fragment="runs/_compare.html",
        views=views,
        columns=columns,
        rows=[row for row in rows if row.differs] if only else rows,
        hidden_rows=sum(not row.differs for row in rows),
        only=only,
        names=names,
        ages={row.child_id: age_on(row.birth_date, today()) for row in rows},
        unit_names={unit.ref: unit.name for unit in visible},
        closing=closing,
        under_way=[view for view in views if view.under_way],
        recent=recent,
        letters=dict(zip([view.ref for view in views], "ABC", strict=False)),
        may_use=actor().can(Permission.EDIT_UNITS),
        here=url_for("compare.show", **kept, only="1" if only else None),
        other=url_for("compare.show", **kept, only=None if only else "1"),
    )
