"""Placement days of a claim, by child and month: accept them, leave some out with a reason, explain a difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from agreements.claim_reads import value_of
from agreements.claim_tables import ClaimLine
from agreements.claim_values import Basis, Gate
from agreements.period import Period
from placement.people.tables import Organisation
from placement.refusals import NotFound, Refusal
from placement.reimbursed import costs, preparing, reading
from placement.reimbursed.building_rules import Choices, LeftOut, voucher_day
from placement.web import claim_conflict as conflict
from placement.web import claim_forms as forms
from placement.web.child_forms import KitForm
from placement.web.claims import PREPARE, SEE, OpenedClaim, bp, opened, shared
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import render, to


@bp.get("/<ref:ref>/days")
@requires(SEE)
def days(ref: str) -> Response:
    with read_only() as session:
        found = opened(session, ref, check=True)
        if found.claim.gate is not Gate.PAYMENT:
            raise NotFound
        children = reading.child_days(session, found.claim, today())
    waiting = [one for one in children if one.days and not one.accepted]
    wrong = [row for one in children for row in one.rows if row.unexplained]
    return render(
        "claims/days.html",
        found=found,
        children=children,
        waiting=len({one.child_ref for one in waiting}),
        wrong=wrong if found.draft else [],
        total_days=sum(one.days for one in children),
        total_cents=sum(one.cents for one in children),
        **shared(),
    )


@bp.post("/<ref:ref>/days/accept")
@requires(PREPARE)
def accept_days(ref: str) -> Response:
    """Accept the days of one child, or of every child at once."""
    child = request.form.get("child", "")
    with transaction() as session:
        found = opened(session, ref)
        every = sorted({one.child_ref for one in reading.child_days(session, found.claim, today()) if one.days})
        chosen = [one for one in every if child in ("", one)]
        if not chosen:
            raise NotFound
        preparing.accept_days(session, actor(), ref, chosen, at=now())
    if len(chosen) > 1:
        flash(ngettext("The days of %(num)s child are accepted.", "The days of %(num)s children are accepted.",
                       len(chosen)), "success")  # fmt: skip
    return to(url_for("claims.days", ref=ref, _anchor=f"child-{child}" if child else None))


def _line(found: OpenedClaim, number: int) -> ClaimLine:
    return _of_days(next((one for one in found.lines if one.line_no == number), None))


def _of_days(line: ClaimLine | None) -> ClaimLine:
    if line is None or line.child_ref is None or line.unit_id is None:
        raise NotFound
    return line


@bp.get("/<ref:ref>/days/<int:number>/leave-out")
@requires(PREPARE)
def leave_out(ref: str, number: int) -> Response:
    with read_only() as session:
        found = opened(session, ref)
        line = _line(found, number)
    form = forms.LeaveOutForm(
        formdata=None, data={"first": line.first_day, "last": line.last_day, **_opened_on(found, line)}
    )
    return _leave_page(found, line, form)


def _opened_on(found: OpenedClaim, line: ClaimLine) -> dict[str, str]:
    return {"version": str(found.claim.version), "about": conflict.about(line)}


def _leave_page(found: OpenedClaim, line: ClaimLine, form: Any, status: int = 200) -> Response:
    return render("claims/leave_out.html", status=status, found=found, line=line, form=form, **shared())


@bp.post("/<ref:ref>/days/<int:number>/leave-out")
@requires(PREPARE)
def leave_days_out(ref: str, number: int) -> Response:
    """Leave days of a line out with a reason; their part of an invoice goes with them."""
    form = forms.LeaveOutForm()
    with read_only() as session:
        found = opened(session, ref)
    edited = conflict.edited(found, form, number)
    if edited is None:
        return conflict.gone(ref, form)
    line = _of_days(edited)
    valid = form.validate()
    if valid and form.last.data < form.first.data:
        form.last.errors = [_("The last day must not be before the first.")]
        valid = False
    elif valid and not (line.first_day <= form.first.data and form.last.data <= line.last_day):
        form.first.errors = [_("Give days of this line.")]
        valid = False
    if not valid:
        return _leave_page(found, line, form, 422)
    left = LeftOut(line.child_ref or "", line.unit_id or 0, Period(form.first.data, form.last.data), form.reason.data)
    try:
        with transaction() as session:
            preparing.refresh(
                session,
                actor(),
                ref,
                version=whole(form.version.data),
                at=now(),
                change=lambda known: replace(known, left_out=(*known.left_out, left)),
            )
    except Refusal as refused:
        return conflict.refused_on_line(
            refused, ref, number, form, redraw=_leave_page, endpoint="claims.leave_days_out", stored=_left_out
        )
    return to(url_for("claims.days", ref=ref, _anchor=f"child-{line.child_ref}"))


def _left_out(_session: Session, _found: OpenedClaim, line: ClaimLine) -> KitForm | None:
    """Return what somebody else left out of the same line, None when it stands in the claim."""
    if line.basis is not Basis.LEFT_OUT:
        return None
    data = {"first": line.first_day, "last": line.last_day, "reason": line.note}
    return forms.LeaveOutForm(formdata=None, data=data)


@bp.post("/<ref:ref>/days/<int:number>/take-in")
@requires(PREPARE)
def take_in(ref: str, number: int) -> Response:
    """Take days that a person left out into the claim again."""
    with transaction() as session:
        found = opened(session, ref)
        version = whole(request.form.get("version"))
        conflict.require_newest(session, found, version)
        line = _line(found, number)
        if line.basis is not Basis.LEFT_OUT:
            raise NotFound

        def change(known: Choices) -> Choices:
            kept = [one for one in known.left_out if not _same(one, line)]
            return replace(known, left_out=tuple(kept))

        preparing.refresh(session, actor(), ref, version=version, at=now(), change=change)
    return to(url_for("claims.days", ref=ref, _anchor=f"child-{line.child_ref}"))


def _same(one: LeftOut, line: ClaimLine) -> bool:
    inside = one.days.first <= line.last_day and line.first_day <= (one.days.last or date.max)
    return (one.child_ref, one.unit_id) == (line.child_ref, line.unit_id) and inside


@bp.get("/<ref:ref>/days/<int:number>/explain")
@requires(PREPARE)
def explain(ref: str, number: int) -> Response:
    with read_only() as session:
        found = opened(session, ref)
        line = _line(found, number)
    return _explain_page(found, line, _explained(found, line))


def _explained(found: OpenedClaim, line: ClaimLine) -> Any:
    """Return the form with what is said of a line: a ready reason, or words of somebody's own."""
    known = dict(forms.said(forms.ExplainForm(formdata=None)).why.choices)
    data = _opened_on(found, line)
    if line.note:
        data |= {"why": line.note} if line.note in known else {"why": "own", "own": line.note}
    return forms.said(forms.ExplainForm(formdata=None, data=data))


def _explain_page(found: OpenedClaim, line: ClaimLine, form: Any, status: int = 200) -> Response:
    return render("claims/explain.html", status=status, found=found, line=line, form=form, **shared())


@bp.post("/<ref:ref>/days/<int:number>/explain")
@requires(PREPARE)
def explain_difference(ref: str, number: int) -> Response:
    """Say why an invoice is not the days at their price."""
    form = forms.said(forms.ExplainForm())
    with read_only() as session:
        found = opened(session, ref)
    edited = conflict.edited(found, form, number)
    if edited is None:
        return conflict.gone(ref, form)
    line = _of_days(edited)
    valid = form.validate()
    if valid and form.why.data == "own" and not form.own.data:
        form.own.errors = [_("Write the reason.")]
        valid = False
    if not valid:
        return _explain_page(found, line, form, 422)
    key, note = voucher_day(value_of(line)), form.note()
    try:
        with transaction() as session:
            preparing.refresh(
                session,
                actor(),
                ref,
                version=whole(form.version.data),
                at=now(),
                change=lambda known: replace(known, explained={**known.explained, key: note}),
            )
    except Refusal as refused:
        return conflict.refused_on_line(
            refused, ref, number, form, redraw=_explain_page, endpoint="claims.explain_difference",
            stored=lambda _session, found, line: _explained(found, line),
        )  # fmt: skip
    return to(url_for("claims.days", ref=ref, _anchor=f"child-{line.child_ref}"))


@bp.get("/<ref:ref>/days/<int:number>/invoice")
@requires(PREPARE)
def invoice(ref: str, number: int) -> Response:
    with read_only() as session:
        found = opened(session, ref)
        line = _line(found, number)
        unit = found.units[line.unit_id or 0]
        provider = session.get(Organisation, unit.provider_id) if unit.provider_id else None
    data = {
        **_opened_on(found, line), "first_day": line.first_day, "last_day": line.last_day,
        "supplier": provider.name_fi if provider else "",
    }  # fmt: skip
    return _invoice_page(found, line, forms.InvoiceForm(formdata=None, data=data))


def _invoice_page(found: OpenedClaim, line: ClaimLine, form: Any, status: int = 200) -> Response:
    return render("claims/invoice.html", status=status, found=found, line=line, form=form, **shared())


@bp.post("/<ref:ref>/days/<int:number>/invoice")
@requires(PREPARE)
def add_invoice(ref: str, number: int) -> Response:
    """Add a provider's invoice for days of the line; the claim is written anew with it."""
    form = forms.InvoiceForm()
    with read_only() as session:
        found = opened(session, ref)
    edited = conflict.edited(found, form, number)
    if edited is None:
        return conflict.gone(ref, form)
    line = _of_days(edited)
    if not form.validate():
        return _invoice_page(found, line, form, 422)
    what = costs.InvoiceInput(
        line.unit_id or 0,
        line.child_ref or "",
        form.first_day.data,
        form.last_day.data,
        form.net.data,
        form.supplier.data,
        form.voucher.data,
        form.voucher_on.data,
    )
    try:
        with transaction() as session:
            costs.add_invoice(session, actor(), what, at=now())
            preparing.refresh(session, actor(), ref, version=whole(form.version.data), at=now())
    except Refusal as refused:
        return conflict.refused_on_line(refused, ref, number, form, redraw=_invoice_page, endpoint="claims.add_invoice")
    flash(_("The invoice was added."), "success")
    return to(url_for("claims.days", ref=ref, _anchor=f"child-{line.child_ref}"))


@bp.post("/<ref:ref>/refresh")
@requires(PREPARE)
def refresh(ref: str) -> Response:
    """Write the draft anew from the facts of today; choices are kept."""
    with transaction() as session:
        version = whole(request.form.get("version"))
        conflict.require_newest(session, opened(session, ref), version)
        preparing.refresh(session, actor(), ref, version=version, at=now())
    flash(_("The claim was written anew from the stays, invoices and costs of today."), "success")
    return to(url_for("claims.show", ref=ref))


@bp.get("/<ref:ref>/lines/<int:number>")
@requires(SEE)
def line(ref: str, number: int) -> Response:
    """Show one line down to the ground: days, stay, clause, voucher, the centre's decision, and up again."""
    with read_only() as session:
        found = opened(session, ref)
        row = next((one for one in found.lines if one.line_no == number), None)
        if row is None:
            raise NotFound
        page = reading.line_page(session, found.claim, row)
    return render("claims/line.html", found=found, line=row, ground=page, **shared())
