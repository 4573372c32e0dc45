"""Money that must come back: what may be ordered back until when, the order with its letters, what came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from placement.permissions import Actor, Permission
from placement.refusals import NotFound, Refusal
from placement.reviewing import recoveries, scope, trace
from placement.web import review_forms as forms
from placement.web import review_words as words
from placement.web import today as today_page
from placement.web.agreement_parts import attach
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import LANGUAGES, lang
from placement.web.render import render, to
from placement.web.review_decision import pdf

bp = Blueprint("recoveries", __name__, url_prefix="/recoveries")
READ = (Permission.SEE_PAYMENTS, Permission.SEE_LEDGER, Permission.SEE_CLAIMS)
HEARING_DAYS = timedelta(days=14)


@bp.get("")
@requires(*READ)
def index() -> Response:
    with read_only() as session:
        every = recoveries.every(session, actor(), today())
        open_ = recoveries.overpaid(session, actor())
    return render(
        "recoveries/index.html",
        rows=every,
        overpaid=open_,
        may_order=actor().can(Permission.ORDER_RECOVERY),
        words=words,
        today=today(),
    )


@bp.get("/claims/<ref:ref>/<int:year>")
@requires(Permission.ORDER_RECOVERY)
def start(ref: str, year: int) -> Response:
    data = {"due_on": today() + HEARING_DAYS}
    return _order_page(ref, year, forms.HearingForm(formdata=None, data=data), forms.OrderForm(formdata=None))


def _order_page(ref: str, year: int, hearing: Any, order: Any, status: int = 200) -> Response:
    with read_only() as session:
        scope.find_own(session, actor(), ref, today())
        found = next(
            (one for one in recoveries.overpaid(session, actor()) if one.claim.ref == ref and one.year == year), None
        )
        if found is None:
            raise NotFound
    order.offer()
    order.legal.data = order.legal.data or "fi"
    return render(
        "recoveries/order.html", status=status, found=found, hearing=hearing, form=order, today=today(), words=words
    )


@bp.post("/claims/<ref:ref>/<int:year>/hearing")
@requires(Permission.ORDER_RECOVERY)
def hear(ref: str, year: int) -> Response:
    """Ask the county for its view before the sum is ordered back."""
    form = forms.HearingForm()
    form.validate()
    try:
        with transaction() as session:
            recoveries.hear(session, actor(), ref, year, form.about.data, form.due_on.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        return _order_page(ref, year, form, forms.OrderForm(formdata=None), 422)
    flash(_("The county is asked for its view."), "success")
    return to(url_for("recoveries.start", ref=ref, year=year))


@bp.post("/claims/<ref:ref>/<int:year>")
@requires(Permission.ORDER_RECOVERY)
def order(ref: str, year: int) -> Response:
    """Order the sum back, by the rule of interest of the day; the same again leads to the order there is."""
    form = forms.OrderForm()
    form.offer()
    form.validate()
    try:
        with transaction() as session:
            made = recoveries.order(
                session,
                actor(),
                ref,
                year,
                form.reason.data,
                legal=form.legal.data or "",
                demo=kit().settings.demo,
                at=now(),
            )
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        data = {"due_on": today() + HEARING_DAYS}
        return _order_page(ref, year, forms.HearingForm(formdata=None, data=data), form, 422)
    flash(_("The sum is ordered back."), "success")
    return to(url_for("recoveries.show", ref=made.ref))


@bp.get("/<ref:ref>")
@requires(*READ)
def show(ref: str) -> Response:
    return _page(ref, forms.SettleForm(formdata=None, data={"paid_on": today()}))


def _page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        recovery, claim = scope.find_recovery(session, actor(), ref, today())
        found = recoveries.standing(session, recovery, claim, today())
        entries = [one for one in trace.entries_of(session, claim.ref) if one.source_id.split("/")[0] == ref]
    return render(
        "recoveries/show.html",
        status=status,
        found=found,
        entries=entries,
        form=form,
        languages_=list(LANGUAGES.items()),
        may_settle=actor().can(Permission.PAY) or actor().can(Permission.ORDER_RECOVERY),
        words=words,
        today=today(),
    )


@bp.post("/<ref:ref>/settlements")
@requires(Permission.PAY, Permission.ORDER_RECOVERY)
def settle(ref: str) -> Response:
    """Record money that came back; its interest to that day is booked apart."""
    form = forms.SettleForm()
    readable = form.validate()
    try:
        if readable:
            with transaction() as session:
                recoveries.settle(session, actor(), ref, form.cents.data, form.reference.data, form.paid_on.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        if refused.code == "claim-beyond-owed":
            refused.field = "cents"
        attach(form, refused)
        readable = False
    if not readable:
        return _page(ref, form, 422)
    flash(_("Recorded."), "success")
    return to(url_for("recoveries.show", ref=ref))


@bp.get("/<ref:ref>/letter.pdf")
@requires(*READ)
def letter(ref: str) -> Response:
    wanted = request.args.get("lang") if request.args.get("lang") in LANGUAGES else lang()
    with read_only() as session:
        found = recoveries.document(session, actor(), ref, str(wanted), today())
    return pdf(found.content, f"{ref}-{found.language}.pdf")


@today_page.source
def to_recover(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:  # noqa: ARG001 - a source's shape
    """Tell who orders repayment what is overpaid, and payers what has not come back yet."""
    if not (who.can(Permission.ORDER_RECOVERY) or who.can(Permission.PAY)):
        return []
    open_ = [one for one in recoveries.every(session, who, today()) if one.left_cents]
    count = len(open_) + (len(recoveries.overpaid(session, who)) if who.can(Permission.ORDER_RECOVERY) else 0)
    return [
        today_page.Group(
            key="recoveries",
            title=_("Recoveries"),
            count=count,
            url=url_for("recoveries.index"),
            action=ngettext("%(num)s sum must come back", "%(num)s sums must come back", count),
        )
    ]
