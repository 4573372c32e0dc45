"""What the parties say of the sections of a version before it is signed."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from agreements.life_tables import AgreementComment
from agreements.tables import AgreementVersion
from placement.agreed import acting
from placement.agreed import words as agreed
from placement.audit.service import record
from placement.people.tables import Organisation, User
from placement.permissions import Permission
from placement.refusals import Conflict
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
    return _page(ref, number, _form(bound=False))


def _form(*, bound: bool) -> Any:
    form = forms.CommentForm() if bound else forms.CommentForm(formdata=None)
    form.section.choices = forms.said(agreed.SECTIONS)
    return form


def _page(ref: str, number: int, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        agreement, version, _parties = acting.find(session, actor(), ref, today(), number)
        return render(
            "agreements/comments.html",
            status=status,
            agreement=agreement,
            version=version,
            form=form,
            lines=_lines(session, version),
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
    return [
        {"section": forms.say(agreed.SECTIONS, row.section), "text": row.text, "at": row.at, "name": user.name,
         "body": body.name(lang())}
        for row, user, body in rows
    ]  # fmt: skip


@bp.post("/<ref:ref>/v/<int:number>/comments")
@requires(COMMENT)
def comment(ref: str, number: int) -> Response:
    """Keep a comment on a section of a version that is not signed yet."""
    with read_only() as session:
        acting.find(session, actor(), ref, today(), number)
    form = _form(bound=True)
    if not form.validate():
        return _page(ref, number, form, 422)
    with transaction() as session:
        _agreement, version, _parties = acting.find(session, actor(), ref, today(), number)
        if version.status.value not in OPEN:
            raise Conflict("content-frozen")
        session.add(
            AgreementComment(
                version_id=version.id or 0,
                section=form.section.data,
                organisation_id=actor().organisation_id,
                by=actor().user_id,
                at=now(),
                text=form.text.data,
            )
        )
        record(
            session, actor=actor(), action="agreement-comment", object_kind="agreement", object_ref=ref, at=now(),
            after={"version": number, "section": form.section.data},
        )  # fmt: skip
    flash(_("The comment was given."), "success")
    return to(url_for("agreement_draft.comments", ref=ref, number=number))
