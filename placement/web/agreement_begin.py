"""Beginning an agreement: which kind, what about, with whom."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from placement.agreed import acting, writing
from placement.audit.idempotency import once, remember
from placement.reference import agreement_kind, cite_briefly, recorded_kinds
from placement.refusals import Refusal
from placement.web import agreement_forms as forms
from placement.web import agreement_parts as parts
from placement.web.agreement_draft import DRAFT, bp, offer_bodies
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import label, lang
from placement.web.render import render, to


@bp.get("/new")
@requires(DRAFT)
def new() -> Response:
    form = forms.NewForm(formdata=None)
    form.valid_from.data = _next_month(today())
    return _new_page(form)


def _next_month(on: date) -> date:
    year, month = divmod(on.year * 12 + on.month + 1, 12)
    return date(year, month + 1, 1)


def _new_page(form: Any, status: int = 200) -> Response:
    with read_only() as session:
        kinds = acting.kinds_for(session, actor(), today())
        form.kind.choices = [(kind, label(kind)) for kind in kinds]
        offer_bodies(session, form)
    return render(
        "agreements/new.html",
        status=status,
        form=form,
        sources={kind: _source(kind) for kind in kinds},
        idempotency_key=request.form.get("idempotency_key") or secrets.token_urlsafe(16),
    )


def _source(kind: str) -> str:
    """Return the provisions of a kind, and that one of an earlier law is only recorded."""
    if kind in recorded_kinds(today()):
        return str(_("Made before 2025 and still in force: recorded with the scan of the signed original."))
    return cite_briefly(agreement_kind(kind, today()).source, lang())


@bp.post("")
@requires(DRAFT)
def create() -> Response:
    """Begin an agreement; the page of its parties is next."""
    form = forms.NewForm()
    with read_only() as session:
        form.kind.choices = [(kind, label(kind)) for kind in acting.kinds_for(session, actor(), today())]
        offer_bodies(session, form)
    if not form.validate():
        return _new_page(form, 422)
    key = request.form.get("idempotency_key", "")
    try:
        with transaction() as session:
            before = once(session, actor(), key, "agreement_draft.create")
            if before:
                return to(before)
            agreement, _version = writing.create(
                session,
                actor(),
                kind=form.kind.data,
                title=form.title.data,
                municipality_id=whole(form.municipality.data) or None,
                provider_id=whole(form.provider.data) or None,
                case_number=form.case_number.data,
                valid_from=form.valid_from.data,
                at=now(),
            )
            location = url_for("agreement_draft.parties", ref=agreement.ref)
            remember(session, actor(), key, "agreement_draft.create", location, now())
    except Refusal as refused:
        parts.attach(form, refused)
        return _new_page(form, refused.status)
    return to(location)
