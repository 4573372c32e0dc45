"""Payments: what is to be paid, confirmed by one person and released by another, recorded, sent back; advances."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from placement.audit import idempotency
from placement.imports.files_out import csv_bytes
from placement.people import queries as people
from placement.people.tables import Organisation
from placement.permissions import Actor, Permission
from placement.refusals import NotFound, Refusal
from placement.reviewing import payments, queue, recoveries, scope, trace
from placement.web import review_forms as forms
from placement.web import review_words as words
from placement.web import today as today_page
from placement.web.agreement_parts import attach
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import clock_time, day, lang
from placement.web.render import render, to

bp = Blueprint("payments", __name__, url_prefix="/payments")


@bp.get("")
@requires(Permission.SEE_PAYMENTS)
def index() -> Response:
    with read_only() as session:
        due = payments.payables(session, actor(), now())
        every = payments.payments(session, actor())
        overpaid = recoveries.overpaid(session, actor())
    waiting = [one for one in every if one.state == "payment-confirmed"]
    return render(
        "payments/index.html",
        due=due,
        waiting=waiting,
        rest=[one for one in every if one not in waiting],
        overpaid=overpaid,
        words=words,
    )


@bp.get("/claims/<ref:ref>")
@requires(Permission.PAY)
def start(ref: str) -> Response:
    return _confirm_page(ref, forms.ConfirmForm(formdata=None, data={"set_off": True, "net": True}))


def _confirm_page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        claim = scope.find(session, actor(), ref, today())
        [row] = queue.rows_of(session, [claim], now())
        due = next((one for one in payments.payables(session, actor(), now()) if one.claim.id == claim.id), None)
        owed, ahead = payments.offers(session, claim)
        mine = payments.paid(session, recoveries.payments_of(session, claim))
    return render(
        "payments/confirm.html",
        status=status,
        claim=claim,
        row=row,
        due=due,
        recoveries=owed,
        advances=ahead,
        payments=mine,
        form=form,
        words=words,
        waits=queue.waits_on(claim, today()),
    )


@bp.post("/claims/<ref:ref>")
@requires(Permission.PAY)
def confirm(ref: str) -> Response:
    """Confirm all that is left, or an instalment; the same again leads to the payment that waits."""
    form = forms.ConfirmForm()
    readable = form.validate()
    try:
        if readable:
            with transaction() as session:
                payment = payments.confirm(
                    session,
                    actor(),
                    ref,
                    cents=form.cents.data,
                    set_off=bool(form.set_off.data),
                    net=bool(form.net.data),
                    at=now(),
                )
            flash(_("Confirmed. Another person releases the payment."), "success")
            return to(url_for("payments.show", ref=payment.ref))
    except Refusal as refused:
        if refused.status != 422:
            raise
        if refused.code == "claim-beyond-owed":
            refused.field = "cents"
        attach(form, refused)
    return _confirm_page(ref, form, 422)


@bp.post("/claims/<ref:ref>/wait")
@requires(Permission.PAY)
def wait(ref: str) -> Response:
    """Note that the application waits for an appropriation (681/2023 § 59)."""
    with transaction() as session:
        payments.wait(session, actor(), ref, waits=True, at=now())
    flash(_("Noted: approved, waits for appropriation."), "success")
    return to(url_for("payments.index"))


@bp.post("/claims/<ref:ref>/wait/over")
@requires(Permission.PAY)
def wait_over(ref: str) -> Response:
    with transaction() as session:
        payments.wait(session, actor(), ref, waits=False, at=now())
    flash(_("There is an appropriation. The application can be paid."), "success")
    return to(url_for("payments.start", ref=ref))


@bp.get("/<ref:ref>")
@requires(Permission.SEE_PAYMENTS)
def show(ref: str) -> Response:
    return _page(ref)


def _page(ref: str, bank: Any = None, back: Any = None, status: int = 200) -> Response:
    with read_only() as session:
        payment = scope.find_payment(session, actor(), ref, today())
        [found] = payments.paid(session, [payment])
        entries = trace.entries_of(session, found.claim.ref if found.claim else ref)
    return render(
        "payments/show.html",
        status=status,
        found=found,
        step=payments.next_step(found, actor()),
        entries=[one for one in entries if one.source_id == ref],
        bank=bank or forms.BankForm(formdata=None),
        back=back or forms.BackForm(formdata=None),
        may_pay=actor().can(Permission.PAY),
        words=words,
    )


@bp.post("/<ref:ref>/release")
@requires(Permission.PAY)
def release(ref: str) -> Response:
    """Release a payment once; who presses later is told who was first."""
    with transaction() as session:
        payment, fresh = payments.release(session, actor(), ref, now())
        [found] = payments.paid(session, [payment])
    if fresh:
        flash(_("The payment is released."), "success")
    else:
        by = found.releaser.name if found.releaser else ""
        flash(_("Already released by %(name)s, %(day)s %(time)s.", name=by, day=day(payment.released_on),
                time=clock_time(payment.released_at)), "info")  # fmt: skip
    return to(url_for("payments.show", ref=ref))


@bp.post("/<ref:ref>/recorded")
@requires(Permission.PAY)
def record_paid(ref: str) -> Response:
    form = forms.BankForm()
    readable = form.validate()
    try:
        if readable:
            with transaction() as session:
                payments.record_paid(session, actor(), ref, form.bank_reference.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        readable = False
    if not readable:
        return _page(ref, bank=form, status=422)
    flash(_("Recorded as paid. The county sees it on the claim."), "success")
    return to(url_for("payments.show", ref=ref))


@bp.post("/<ref:ref>/returned")
@requires(Permission.PAY)
def sent_back(ref: str) -> Response:
    """Record that the bank sent the payment back: its bank part is owed again."""
    form = forms.BackForm()
    readable = form.validate()
    try:
        if readable:
            with transaction() as session:
                payments.sent_back(session, actor(), ref, form.reason.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        readable = False
    if not readable:
        return _page(ref, back=form, status=422)
    flash(_("The payment was sent back. The sum is owed again."), "success")
    return to(url_for("payments.show", ref=ref))


@bp.get("/advance")
@requires(Permission.PAY)
def advance() -> Response:
    return _advance_page(forms.AdvanceForm(formdata=None, data={"year": today().year}))


def _advance_page(form: Any, status: int = 200) -> Response:
    with read_only() as session:
        if not scope.is_agency(session, actor()):
            raise NotFound
        counties = people.counties(session, today())
    form.county.choices = [("", _("Choose")), *((one.county_code, one.name(lang())) for one in counties)]
    return render("payments/advance.html", status=status, form=form, key=secrets.token_urlsafe(16))


@bp.post("/advance")
@requires(Permission.PAY)
def confirm_advance() -> Response:
    """Confirm an advance for a year of care; another person releases it."""
    form = forms.AdvanceForm()
    form.county.choices = []
    readable = form.validate()
    try:
        with transaction() as session:
            key = request.form.get("idempotency_key", "")
            earlier = idempotency.once(session, actor(), key, "payments.confirm_advance")
            if earlier:
                return to(earlier)
            county = _county(session, form.county.data)
            if county is None:
                raise Refusal("county-missing", field="county")
            if readable:
                payment = payments.confirm_advance(session, actor(), county, form.year.data, form.cents.data, now())
                url = url_for("payments.show", ref=payment.ref)
                idempotency.remember(session, actor(), key, "payments.confirm_advance", url, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        readable = False
    if not readable:
        return _advance_page(form, 422)
    flash(_("Confirmed. Another person releases the payment."), "success")
    return to(url)


def _county(session: Session, code: str | None) -> Organisation | None:
    return next((one for one in people.counties(session, today()) if code and one.county_code == code), None)


@bp.get("/export.csv")
@requires(Permission.SEE_PAYMENTS)
def export() -> Response:
    """Return the released payments that the bank's reference is missing of, for the payer's own system."""
    with read_only() as session:
        rows = [one for one in payments.payments(session, actor()) if one.state == "payment-released"]
    head = ["payment", "claim", "case_number", "payee", "amount_eur", "released_on", "message"]
    lines = [
        [
            one.payment.ref,
            one.claim.ref if one.claim else "",
            (one.claim.case_number or "") if one.claim else "",
            one.county.name_fi,
            f"{one.bank_cents // 100}.{one.bank_cents % 100:02d}",
            one.payment.released_on.isoformat() if one.payment.released_on else "",
            f"{one.payment.ref} {one.claim.ref if one.claim else one.payment.care_year}",
        ]
        for one in rows
    ]
    answer = make_response(csv_bytes([head, *lines]))
    answer.mimetype = "text/csv"
    name = f"payments-{now():%Y%m%d-%H%M}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@today_page.source
def to_pay(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell a payer what is to be confirmed, released and recorded, and what the bank sent back."""
    if not who.can(Permission.PAY):
        return []
    due = [one for one in payments.payables(session, who, at) if not one.waits]
    every = payments.payments(session, who)
    release_ = [one for one in every if payments.next_step(one, who) == "release"]
    record = [one for one in every if one.state == "payment-released"]
    failed = [one for one in due if any(paid.state == "payment-returned" and paid.claim is not None
                                        and paid.claim.id == one.claim.id for paid in every)]  # fmt: skip
    return [
        _group(
            "pay-due",
            _("To pay"),
            len(due),
            ngettext("Confirm %(num)s application", "Confirm %(num)s applications", len(due)),
            main=True,
        ),
        _group(
            "pay-release",
            _("To release"),
            len(release_),
            ngettext("Release %(num)s payment", "Release %(num)s payments", len(release_)),
        ),
        _group(
            "pay-record",
            _("To record as paid"),
            len(record),
            ngettext("Record %(num)s payment", "Record %(num)s payments", len(record)),
        ),
        _group(
            "pay-failed",
            _("Failed payments"),
            len(failed),
            ngettext("%(num)s sum is owed again", "%(num)s sums are owed again", len(failed)),
        ),
    ]


def _group(key: str, title: str, count: int, action: str, *, main: bool = False) -> today_page.Group:
    return today_page.Group(key=key, title=title, count=count, url=url_for("payments.index"), action=action, main=main)
