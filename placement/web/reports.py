"""Reports: granted, claimed, approved and paid by unit, kind, half-year or agreement; what a day cost. With files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session, col, select

from agreements.money import euros
from agreements.period import Period
from placement.children.queries import protected_among
from placement.people.tables import Organisation
from placement.permissions import Permission
from placement.refusals import NotFound
from placement.reimbursed import reporting
from placement.reimbursed.care_days import half_year
from placement.reimbursed.reporting import GROUPS, Report
from placement.reviewing import scope
from placement.units.queries import counties_under
from placement.units.tables import Unit
from placement.web import claim_words as words
from placement.web.children import Paging
from placement.web.decision_forms import whole
from placement.web.edge import actor, read_only, today
from placement.web.guard import requires
from placement.web.i18n import lang
from placement.web.render import render
from placement.web.sheets import sheet

bp = Blueprint("reports", __name__, url_prefix="/reports")
BY = {
    "unit": _l("Unit"),
    "kind": _l("Kind of cost"),
    "period": _l("Half-year"),
    "agreement": _l("Agreement"),
}
SERIES = {
    "granted": _l("Granted"),
    "claimed": _l("Claimed"),
    "approved": _l("Approved"),
    "paid": _l("Paid"),
}
YEARS = 3
PAGE_SIZE = 200


def _counties(session: Session) -> list[int]:
    """Return the counties whose costs the reader may see: the own one, or those the centre decides on."""
    if actor().county_id is not None:
        return [actor().county_id or 0]
    return list(counties_under(session, actor().organisation_id, today()))


def _asked() -> tuple[str, int | None, Period]:
    """Return the grouping, the year (None = the last three) and the days that the address asks for."""
    by = request.args.get("by", "unit")
    by = by if by in GROUPS else "unit"
    year = whole(request.args.get("year"))
    now_year = today().year
    if now_year - YEARS < year <= now_year:
        return by, year, Period(date(year, 1, 1), date(year, 12, 31))
    return by, None, Period(date(now_year - YEARS + 1, 1, 1), date(now_year, 12, 31))


@dataclass(frozen=True)
class Named:
    """A row of the report with its name and the address of what it names."""

    key: str
    name: str
    href: str | None
    sums: reporting.Sums


def _named(session: Session, found: Report) -> list[Named]:
    units = {str(row.id): row for row in session.exec(select(Unit).where(col(Unit.id).in_(_keys(found))))}
    named: list[Named] = []
    for row in found.rows:
        href = None
        if found.by == "unit":
            unit = units.get(row.key)
            href = url_for("units.show", ref=unit.ref) if unit and actor().can(Permission.SEE_UNITS) else None
            name = unit.name if unit else _("The county as a whole")
        elif found.by == "kind":
            name = words.kind(row.key)
        elif found.by == "period":
            name = words.period(half_year(date.fromisoformat(row.key)))
        else:
            href = url_for("agreements.show", ref=row.key) if row.key else None
            name = row.key or _("Without an agreement")
        named.append(Named(row.key, str(name), href, row.sums))
    return sorted(named, key=lambda one: one.name) if found.by == "unit" else named


def _keys(found: Report) -> list[int]:
    return [int(row.key) for row in found.rows if found.by == "unit" and row.key]


@bp.get("")
@requires(Permission.SEE_REPORTS)
def show() -> Response:
    by, year, period = _asked()
    with read_only() as session:
        counties = _counties(session)
        parts = reporting.parts_of(session, counties)
        found = reporting.report(session, parts, period, by)
        rows = _named(session, found)
        days = reporting.unit_days(session, counties, parts, period, today())
        whose = [
            row.name(lang()) for row in session.exec(select(Organisation).where(col(Organisation.id).in_(counties)))
        ]
    most = max((getattr(row.sums, name) for row in rows for name in SERIES), default=0)
    return render(
        "reports/show.html",
        by=by,
        year=year,
        years=range(today().year, today().year - YEARS, -1),
        choices=BY,
        series=SERIES,
        rows=rows,
        total=found.total,
        most=max(most, 1),
        days=[one for one in days if one.place_days or one.cents],
        whose=whose,
        period=period,
        words=words,
        attr=getattr,
    )


@bp.get("/lines")
@requires(Permission.SEE_REPORTS)
def lines() -> Response:
    """Show the lines of claims that one sum of the report is made of; a line the reader may open leads to its page."""
    by, year, period = _asked()
    key, what = request.args.get("key"), request.args.get("what", "")
    if what not in SERIES:
        raise NotFound
    if request.args.get("so_far") == "1":
        period = Period(period.first, max(period.first, min(period.last or today(), today())))
    with read_only() as session:
        found = reporting.lines_behind(session, reporting.parts_of(session, _counties(session)), period, by, key, what)
        pages = max(1, -(-len(found) // PAGE_SIZE))
        number = min(max(1, whole(request.args.get("page"))), pages)
        shown = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        opens = scope.refs_readable(session, actor(), {one.claim_ref for one in shown}, today())
        keys = {one.line.unit_id for one in shown}
        units = {row.id: row for row in session.exec(select(Unit).where(col(Unit.id).in_(keys)))}
        hidden = protected_among(session, (one.line.child_ref for one in shown))
    asked = {name: request.args[name] for name in ("by", "year", "key", "what", "so_far") if name in request.args}
    return render(
        "reports/lines.html",
        rows=shown,
        count=len(found),
        total_cents=sum(one.cents for one in found),
        series=SERIES[what],
        opens=opens,
        units=units,
        hidden=hidden,
        counties_own=actor().county_id is not None,
        back=url_for("reports.show", by=by, year=year),
        period=period,
        words=words,
        paging=Paging(number, pages, url_for("reports.lines"), asked),
    )


@bp.get("/costs.<kind>")
@requires(Permission.SEE_REPORTS)
def export(kind: str) -> Response:
    """Return the report as a file: the same rows and sums as the table."""
    by, _year, period = _asked()
    with read_only() as session:
        found = reporting.report(session, reporting.parts_of(session, _counties(session)), period, by)
        rows = _named(session, found)
    head = [str(BY[by]), *(str(word) for word in SERIES.values())]
    lines = [[row.name, *(euros(getattr(row.sums, one)) for one in SERIES)] for row in rows]
    lines.append([str(_("In all")), *(euros(getattr(found.total, one)) for one in SERIES)])
    table = [head, *lines]
    return sheet(kind, str(_("Reports")), table, f"costs-by-{by}")
