"""What of a period nobody has sent in a claim yet, line by line: the ground under the board of deadlines."""

from __future__ import annotations

from datetime import date

from flask import Response, request, url_for
from sqlmodel import col, select

from agreements.claim_values import CARE_DAYS
from agreements.period import Period
from placement.children.queries import protected_among
from placement.refusals import NotFound
from placement.reimbursed import evidence, timing
from placement.units.tables import Unit
from placement.web.children import Paging
from placement.web.claims import SEE, bp, shared
from placement.web.decision_forms import whole
from placement.web.edge import actor, read_only, today
from placement.web.guard import requires
from placement.web.render import render

PAGE_SIZE = 200


def _period() -> Period:
    """Return the days that the address asks for; raises NotFound for what is no period of the open years."""
    try:
        first, last = (date.fromisoformat(request.args.get(name, "")) for name in ("first", "last"))
    except ValueError:
        raise NotFound from None
    if not today().year - timing.YEARS_OPEN <= first.year <= last.year or last < first or first > today():
        raise NotFound
    return Period(first, min(last, today()))


@bp.get("/deadlines/lines")
@requires(SEE)
def unclaimed() -> Response:
    """Show the lines that a claim of the period would have if it were begun now."""
    period = _period()
    with read_only() as session:
        county = actor().county_id or 0
        lines = [one for one in timing.unclaimed(session, county, period, today()) if one.claimed_cents or one.count]
        pages = max(1, -(-len(lines) // PAGE_SIZE))
        number = min(max(1, whole(request.args.get("page"))), pages)
        shown = lines[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        keys = {one.unit_id for one in shown}
        units = {row.id: row for row in session.exec(select(Unit).where(col(Unit.id).in_(keys)))}
        files = {
            one.id: one
            for one in evidence.rows_of(session, county, only={one.evidence_id for one in shown if one.evidence_id})
        }
        hidden = protected_among(session, (one.child_ref for one in shown))
    asked = {name: request.args[name] for name in ("first", "last")}
    return render(
        "claims/unclaimed.html",
        lines=shown,
        count=len(lines),
        total_cents=sum(one.claimed_cents for one in lines),
        days=sum(one.count for one in lines if one.basis in CARE_DAYS),
        units=units,
        files=files,
        hidden=hidden,
        period=period,
        paging=Paging(number, pages, url_for("claims.unclaimed"), asked),
        **shared(),
    )
