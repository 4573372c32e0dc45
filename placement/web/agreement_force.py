"""Putting a signed agreement in force, and preparing its next version."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from placement.agreed import writing
from placement.agreed.effect import effect, replaced_by
from placement.refusals import Refusal
from placement.web import agreement_forms as forms
from placement.web import agreement_parts as parts
from placement.web.agreement_draft import DRAFT, bp
from placement.web.agreement_send import signing_lines
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import day
from placement.web.render import render, to
from placement.web.sentences import sentence


@bp.get("/<ref:ref>/activation")
@requires(DRAFT)
def activation(ref: str) -> Response:
    return _activation_page(ref, forms.ActivateForm(formdata=None))


def _activation_page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        work = parts.open_work(session, ref)
        return render(
            "agreements/activation.html",
            status=status,
            work=work,
            form=form,
            late=work.version.valid_from < today(),
            possible=work.version.status.value == "signed" and work.version.activated_on is None,
            effect=effect(session, actor(), work.version, now()) if work.draft.units else None,
            lines=signing_lines(session, work.version),
            ends=[
                _("Version %(number)s ends on %(day)s", number=number, day=day(last))
                if last is not None
                else _("Version %(number)s is replaced from its first day", number=number)
                for number, last in replaced_by(session, work.version)
            ],
        )


@bp.post("/<ref:ref>/activation")
@requires(DRAFT)
def activate(ref: str) -> Response:
    form = forms.ActivateForm()
    with read_only() as session:
        parts.open_work(session, ref)
    form.validate()
    try:
        with transaction() as session:
            version = writing.activate(session, actor(), ref, form.reason.data, at=now())
    except Refusal as refused:
        if refused.code == "retroactive-reason-missing":
            form.reason.errors = [sentence(refused)]
        else:
            parts.attach(form, refused)
        return _activation_page(ref, form, refused.status)
    flash(_("In force from %(day)s.", day=day(version.valid_from)), "success")
    return to(url_for("agreements.show", ref=ref))


@bp.post("/<ref:ref>/amendment")
@requires(DRAFT)
def amend(ref: str) -> Response:
    """Begin the next version as a copy; the present one holds until the new one takes over."""
    with transaction() as session:
        new = writing.amend(session, actor(), ref, at=now())
    flash(
        _("Version %(number)s is a copy of the one before. Change what is to be different.", number=new.number),
        "success",
    )
    return to(url_for("agreement_draft.work", ref=ref))
