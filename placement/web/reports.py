"""Reports: budget, granted, claimed, approved and paid by unit, category and so on; what a day cost. With files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlmodel import Session, col, select

from agreements.money import euros
from agreements.period import Period
from placement.agreed.words import CATEGORIES
from placement.children.queries import protected_among
from placement.documents.agreement import Paper, Table, pdf
from placement.imports.files_out import csv_bytes
from placement.people.tables import Organisation
from placement.permissions import Permission
from placement.refusals import NotFound
from placement.reimbursed import reporting
from placement.reimbursed.budgets import budget_parts
from placement.reimbursed.care_days import half_year
from placement.reimbursed.reporting import GROUPS, NO_CATEGORY, Part, Report
from placement.reviewing import scope
from placement.units.queries import counties_under
from placement.units.tables import Unit
from placement.web import claim_words as words
from placement.web.children import Paging
from placement.web.decision_forms import whole
from placement.web.edge import actor, kit, read_only, today
from placement.web.guard import requires
from placement.web.i18n import day, lang, money
from placement.web.render import render
from placement.web.sheets import sheet

bp = Blueprint("reports", __name__, url_prefix="/reports")
BY = {
    "unit": _l("Unit"),
    "kind": _l("Kind of cost"),
    "category": _l("Category of the budget"),
    "period": _l("Half-year"),
    "agreement": _l("Agreement"),
}
SERIES = {
    "budget": _l("Budget"),
    "granted": _l("Granted"),
    "claimed": _l("Claimed"),
    "approved": _l("Approved"),
    "paid": lazy_pgettext("a sum", "Paid"),
}
YEARS = 3
PAGE_SIZE = 200


def _series(by: str) -> dict[str, Any]:
    """Return the columns of a grouping: budgets are agreed by category, so a kind of cost has none."""
    return {code: word for code, word in SERIES.items() if code != "budget" or by != "kind"}


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


def _category(code: str) -> str:
    return str(_("No category")) if code == NO_CATEGORY else str(_(CATEGORIES[code]))


def _found(session: Session, counties: list[int], by: str, period: Period) -> tuple[Report, list[Named], list[Part]]:
    """Return the report that is asked for, its rows with their names, and the lines of claims it is made of."""
    parts = reporting.parts_of(session, counties)
    found = reporting.report(session, parts, period, by, budget_parts(session, counties))
    return found, _named(session, found), parts


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
        elif found.by == "category":
            name = _category(row.key)
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
        found, rows, parts = _found(session, counties, by, period)
        days = reporting.unit_days(session, counties, parts, period, today())
        whose = _names(session, counties)
    most = max((getattr(row.sums, name) for row in rows for name in SERIES), default=0)
    return render(
        "reports/show.html",
        by=by,
        year=year,
        years=range(today().year, today().year - YEARS, -1),
        choices=BY,
        series=_series(by),
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
    if what == "budget":
        return _budget_page(by, year, period, key)
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


def _budget_page(by: str, year: int | None, period: Period, key: str | None) -> Response:
    """Show the parts of budgets that one budget of the report is made of, each with its agreement."""
    with read_only() as session:
        every = reporting.budgets_behind(budget_parts(session, _counties(session)), period, by, key)
        units = {
            row.id: row for row in session.exec(select(Unit).where(col(Unit.id).in_({one.unit_id for one in every})))
        }
    rows = sorted(every, key=lambda one: (one.agreement_ref, one.first, one.category, units[one.unit_id].name))
    return render(
        "reports/budget.html",
        rows=rows,
        total_cents=sum(one.cents for one in rows),
        units=units,
        category=_category,
        back=url_for("reports.show", by=by, year=year),
        period=period,
        words=words,
    )


@bp.get("/costs.<kind>")
@requires(Permission.SEE_REPORTS)
def export(kind: str) -> Response:
    """Return the report as a file: the same rows and sums as the table."""
    by, _year, period = _asked()
    with read_only() as session:
        counties = _counties(session)
        found, rows, _parts = _found(session, counties, by, period)
        whose = _names(session, counties)
    series = _series(by)
    head = [str(BY[by]), *(str(word) for word in series.values())]
    lines = [[row.name, *(euros(getattr(row.sums, one)) for one in series)] for row in rows]
    lines.append([str(_("In all")), *(euros(getattr(found.total, one)) for one in series)])
    table = [head, *lines]
    if kind == "pdf":
        shown = [(row.name, row.sums) for row in rows] + [(str(_("In all")), found.total)]
        printed = [(name, *(money(getattr(sums, one)) for one in series)) for name, sums in shown]
        file = BytesIO(_pdf(table, printed, whose, period))
        return send_file(file, mimetype="application/pdf", as_attachment=True, download_name=f"costs-by-{by}.pdf")
    return sheet(kind, str(_("Reports")), table, f"costs-by-{by}")


def _names(session: Session, counties: list[int]) -> list[str]:
    return [row.name(lang()) for row in session.exec(select(Organisation).where(col(Organisation.id).in_(counties)))]


def _pdf(table: list[list[str]], printed: list[tuple[str, ...]], whose: list[str], period: Period) -> bytes:
    """Return the report as a PDF/UA-1 file: `printed` for the reader; its fingerprint is that of the report as CSV."""
    head = table[0]
    return pdf(
        Paper(
            language=lang(),
            title=str(_("Report on costs")),
            number=words.span(period.first, period.last or today()),
            content_hash=sha256(csv_bytes(table)).hexdigest(),
            hash_label=str(_("Fingerprint of the content")),
            frozen_on=today(),
            facts=((str(_("County")), ", ".join(whose)), (str(_("As at")), day(today()))),
            tables=(
                Table(str(_("By")) + ": " + head[0], tuple(head), tuple(printed), numeric=tuple(range(1, len(head)))),
            ),
            clauses_title="",
            clauses=(),
            demo=str(_("DEMO – invented data")) if kit().settings.demo else None,
        )
    )
