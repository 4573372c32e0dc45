"""Giving notice of an agreement or ending it by consent, with the children who live in its units in view."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _
from sqlmodel import Session, select

from agreements.tables import AgreementUnit, AgreementVersion
from placement.agreed import acting, writing
from placement.refusals import Refusal
from placement.units import capacity
from placement.web import agreement_forms as forms
from placement.web import agreement_parts as parts
from placement.web.agreement_draft import DRAFT, bp
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import day
from placement.web.render import render, to
from placement.web.sentences import sentence


@bp.get("/<ref:ref>/v/<int:number>/end")
@requires(DRAFT)
def ending(ref: str, number: int) -> Response:
    return _end_page(ref, number, forms.EndForm(formdata=None))


def _living(session: Session, version: AgreementVersion) -> int:
    """Return how many children live in the version's units today."""
    units = set(session.exec(select(AgreementUnit.unit_id).where(AgreementUnit.version_id == version.id)))
    return sum(one.stays for one in capacity.counts(session, units, today(), now()).values())


def _end_page(ref: str, number: int, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        agreement, version, _rows = acting.find_own(session, actor(), ref, today(), number)
        living = _living(session, version)
    return render("agreements/end.html", status=status, agreement=agreement, version=version, form=form, living=living)


@bp.post("/<ref:ref>/v/<int:number>/end")
@requires(DRAFT)
def end(ref: str, number: int) -> Response:
    form = forms.EndForm()
    with read_only() as session:
        _agreement, version, _rows = acting.find_own(session, actor(), ref, today(), number)
        living = _living(session, version)
    readable = form.validate()
    if readable and living and not form.know.data:
        form.know.errors = [_("Children live there. Tick the box when their new places are being arranged.")]
        readable = False
    if not readable:
        return _end_page(ref, number, form, 422)
    try:
        with transaction() as session:
            writing.terminate(
                session,
                actor(),
                ref,
                number,
                last_day=form.last_day.data,
                reason=form.reason.data,
                by_consent=bool(form.by_consent.data),
                at=now(),
            )
    except Refusal as refused:
        if refused.code in ("notice-too-short", "ends-by-term"):
            form.last_day.errors = [sentence(refused)]
        else:
            parts.attach(form, refused)
        return _end_page(ref, number, form, refused.status)
    flash(_("The agreement ends on %(day)s.", day=day(form.last_day.data)), "success")
    return to(url_for("agreements.show", ref=ref))
