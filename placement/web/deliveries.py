"""Services that municipalities promised in agreements and what was delivered: the lists, and reporting a period."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session
from wtforms import RadioField

from agreements.delivery_rules import Fulfilment, Reported
from placement.agreed import obligations, queries
from placement.agreed import words as agreed
from placement.agreed.obligations import Owed
from placement.permissions import Actor, Permission
from placement.refusals import NotFound, Refusal
from placement.web import today as today_page
from placement.web.agreement_forms import say
from placement.web.agreement_parts import attach
from placement.web.child_forms import KitForm, needed, text
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import render, to

bp = Blueprint("deliveries", __name__)
STATES = {
    Fulfilment.PROMISED: (_l("Promised"), "neutral"),
    Fulfilment.OWED: (_l("Owed"), "info"),
    Fulfilment.DELIVERED: (_l("Delivered"), "good"),
    Fulfilment.LATE: (_l("Late"), "danger"),
}
REPORTED = {
    Reported.DELIVERED: _l("Delivered as promised"),
    Reported.PARTLY: _l("Delivered in part"),
    Reported.NOT_DELIVERED: _l("Not delivered"),
}


class ReportForm(KitForm):
    said = RadioField(_l("How was it delivered?"), [needed(_l("Choose how it was delivered."))], validate_choice=False)
    note = text(_l("What was delivered, or why not, without names"), 1000)

    def offer(self) -> None:
        self.said.choices = [(code.value, str(words)) for code, words in REPORTED.items()]


@bp.context_processor
def _words() -> dict[str, object]:
    return {
        "service_word": lambda code: say(agreed.SERVICES, code),
        "giver_word": lambda code: say(agreed.GIVERS, code),
        "states": STATES,
        "reported": REPORTED,
        "reportable": lambda one: one.obligation.period.first <= today(),
    }


@bp.get("/deliveries")
@requires(Permission.REPORT_DELIVERY)
def index() -> Response:
    """Show what the reader's municipality promised, owes and delivered, the late first."""
    with read_only() as session:
        rows = obligations.of_own_municipality(session, actor(), today())
    return render("deliveries/index.html", rows=rows, counts=_counts(rows), own=True)


def _counts(rows: list[Owed]) -> list[tuple[Fulfilment, int]]:
    return [(state, sum(one.obligation.state is state for one in rows)) for state in obligations.URGENCY]


@bp.get("/agreements/<ref:ref>/deliveries")
@requires(Permission.SEE_AGREEMENTS)
def of_agreement(ref: str) -> Response:
    """Show to every party of an agreement what its municipality promised and delivered."""
    with read_only() as session:
        agreement = queries.find(session, actor(), ref, today())
        rows = obligations.of_agreement(session, actor(), ref, today())
        mine = {one.body.id for one in obligations.of_own_municipality(session, actor(), today())}
        return render(
            "deliveries/agreement.html",
            agreement=agreement,
            rows=rows,
            counts=_counts(rows),
            own=bool(mine & {one.body.id for one in rows}),
        )


@bp.get("/agreements/<ref:ref>/deliveries/<service>/<side>/<first>")
@requires(Permission.REPORT_DELIVERY)
def report(ref: str, service: str, side: str, first: str) -> Response:
    form = ReportForm(formdata=None)
    with read_only() as session:
        owed = _find(session, ref, service, side, first)
    if owed.obligation.report is not None:
        form.said.data, form.note.data = owed.obligation.report.state, owed.obligation.report.note
    return _page(owed, form)


def _find(session: Session, ref: str, service: str, side: str, first: str) -> Owed:
    try:
        day = date.fromisoformat(first)
    except ValueError as wrong:
        raise NotFound from wrong
    return obligations.find(session, actor(), ref, service, side, day, today())


def _page(owed: Owed, form: Any, status: int = 200) -> Response:
    form.offer()
    return render("deliveries/report.html", status=status, owed=owed, form=form)


@bp.post("/agreements/<ref:ref>/deliveries/<service>/<side>/<first>")
@requires(Permission.REPORT_DELIVERY)
def save(ref: str, service: str, side: str, first: str) -> Response:
    """Report one period of one service; a later report of the same period counts instead."""
    form = ReportForm()
    form.offer()
    with read_only() as session:
        owed = _find(session, ref, service, side, first)
    if not form.validate():
        return _page(owed, form, 422)
    try:
        with transaction() as session:
            owed = _find(session, ref, service, side, first)
            obligations.report(session, actor(), owed, said=form.said.data, note=form.note.data or "", at=now())
    except Refusal as refused:
        if refused.status == 404:
            raise
        attach(form, refused)
        return _page(owed, form, refused.status)
    flash(_("The report was given."), "success")
    return to(url_for("deliveries.index"))


@today_page.source
def owed_and_late(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell a municipality what it owes and has not reported."""
    if not who.can(Permission.REPORT_DELIVERY):
        return []
    rows = obligations.waiting(session, who, at)
    late = sum(one.obligation.state is Fulfilment.LATE for one in rows)
    return [
        today_page.Group(
            key="owed-and-late",
            title=_("Owed and late"),
            count=len(rows),
            url=url_for("deliveries.index"),
            action=_("Report the delivery") if late else _("Report the period that is over"),
        )
    ]
