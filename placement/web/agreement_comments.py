"""What the parties say of the sections and clauses of a version before it is signed, and that they confirm it."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from agreements.content import clauses_of
from agreements.life_tables import AgreementComment
from agreements.tables import AgreementVersion
from placement.agreed import acting, confirming
from placement.agreed import words as agreed
from placement.audit.service import record
from placement.people.tables import Organisation, User
from placement.permissions import Permission
from placement.refusals import Conflict, NotAllowed
from placement.web import agreement_forms as forms
from placement.web.agreement_draft import bp
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import lang
from placement.web.render import render, to

COMMENT = Permission.COMMENT_AGREEMENTS
OPEN = ("draft", "hearing", "in-signing")


@bp.get("/<ref:ref>/v/<int:number>/comments")
@requires(Permission.SEE_AGREEMENTS)
def comments(ref: str, number: int) -> Response:
    return _page(ref, number)


def _form(session: Session, version: AgreementVersion, *, bound: bool) -> Any:
    """Offer the sections of the version and each of its clauses."""
    form = forms.CommentForm() if bound else forms.CommentForm(formdata=None)
    form.section.choices = [*forms.said(agreed.SECTIONS), *_clauses(session, version).items()]
    return form


def _clauses(session: Session, version: AgreementVersion) -> dict[str, str]:
    """Return the clauses of a version as sections of their own: the title in the reader's language."""
    return {
        f"clause-{one['code']}": _("Clause: %(title)s", title=one["title"][lang()] if one["title"] else one["code"])
        for one in clauses_of(session, version)
    }


def _page(ref: str, number: int, form: Any = None, status: int = 200) -> Response:
    with read_only() as session:
        agreement, version, parties = acting.find(session, actor(), ref, today(), number)
        confirmed = confirming.confirmed_by(session, version.id or 0)
        may_confirm = confirming.may_confirm(actor(), agreement, version, parties)
        return render(
            "agreements/comments.html",
            status=status,
            agreement=agreement,
            version=version,
            form=form or _form(session, version, bound=False),
            lines=_lines(session, version),
            may_confirm=may_confirm and actor().organisation_id not in confirmed,
            open=version.status.value in OPEN and actor().can(COMMENT),
        )


def _lines(session: Session, version: AgreementVersion) -> list[dict[str, Any]]:
    rows = session.exec(
        select(AgreementComment, User, Organisation)
        .join(User, col(User.id) == AgreementComment.by)
        .join(Organisation, col(Organisation.id) == AgreementComment.organisation_id)
        .where(AgreementComment.version_id == version.id)
        .order_by(col(AgreementComment.id))
    ).all()
    titles = {confirming.CONFIRMED: _("Confirms the text"), **_clauses(session, version)}
    return [
        {
            "section": titles.get(row.section) or forms.say(agreed.SECTIONS, row.section),
            "text": row.text,
            "at": row.at,
            "name": user.name,
            "body": body.name(lang()),
        }
        for row, user, body in rows
    ]


@bp.post("/<ref:ref>/v/<int:number>/comments")
@requires(COMMENT)
def comment(ref: str, number: int) -> Response:
    """Keep a comment on a section or clause of a version that is not signed yet, or confirm its whole text."""
    confirms = request.form.get("section") == confirming.CONFIRMED
    with read_only() as session:
        _agreement, version, _parties = acting.find(session, actor(), ref, today(), number)
        form = _form(session, version, bound=True)
    if not confirms and not form.validate():
        return _page(ref, number, form, 422)
    with transaction() as session:
        agreement, version, parties = acting.find(session, actor(), ref, today(), number)
        if version.status.value not in OPEN:
            raise Conflict("content-frozen")
        if confirms and not confirming.may_confirm(actor(), agreement, version, parties):
            raise NotAllowed("not-a-party")
        if confirms and actor().organisation_id in confirming.confirmed_by(session, version.id or 0):
            return to(url_for("agreement_draft.comments", ref=ref, number=number))
        session.add(
            AgreementComment(
                version_id=version.id or 0,
                section=confirming.CONFIRMED if confirms else form.section.data,
                organisation_id=actor().organisation_id,
                by=actor().user_id,
                at=now(),
                text="" if confirms else form.text.data,
            )
        )
        record(
            session, actor=actor(), action="agreement-comment", object_kind="agreement", object_ref=ref, at=now(),
            after={"version": number, "section": confirming.CONFIRMED if confirms else form.section.data},
        )  # fmt: skip
    flash(_("The text was confirmed.") if confirms else _("The comment was given."), "success")
    return to(url_for("agreement_draft.comments", ref=ref, number=number))
