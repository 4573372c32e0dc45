"""Files of an agreement: annexes of a draft, and originals that were signed by hand."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import Response, flash, make_response, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from agreements import attachments as files
from agreements.life import file_fingerprint
from agreements.life_tables import AgreementAttachment
from agreements.tables import PartyRole
from placement.agreed import acting, writing
from placement.agreed import words as agreed
from placement.audit.service import record
from placement.permissions import Permission
from placement.reference import law_day
from placement.refusals import Conflict, NotFound, Refusal
from placement.web import agreement_forms as forms
from placement.web import agreement_parts as parts
from placement.web.agreement_draft import DRAFT, bp, opened, section_page
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import render, to

KINDS = ("annex", "resolution", "hearing")


@bp.get("/<ref:ref>/attachments")
@requires(DRAFT)
def attachments(ref: str) -> Response:
    return _files_page(ref, _file_form(bound=False))


def _file_form(*, bound: bool) -> Any:
    form = forms.FileForm() if bound else forms.FileForm(formdata=None)
    form.kind.choices = forms.said(agreed.ATTACHMENTS, KINDS)
    return form


def _files_page(ref: str, form: Any, status: int = 200) -> Response:
    work = opened(ref)
    with read_only() as session:
        rows = session.exec(
            select(AgreementAttachment)
            .where(AgreementAttachment.version_id == work.version.id)
            .order_by(col(AgreementAttachment.id))
        ).all()
    return section_page(
        ref, "attachments", form, status=status, rows=rows, kind_words=agreed.ATTACHMENTS, say=forms.say
    )


def _upload() -> tuple[str, bytes]:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Refusal("attachment-missing", field="file")
    content = sent.read()
    sent.close()
    return sent.filename, content


def _on_file(form: Any, refused: Refusal) -> None:
    form.file.errors = [*form.file.errors]
    if refused.code.startswith("attachment-"):
        refused.field = "file"
    parts.attach(form, refused)


@bp.post("/<ref:ref>/attachments")
@requires(DRAFT)
def add_file(ref: str) -> Response:
    """Keep a file of the draft; one that is not what its name says is refused."""
    opened(ref)
    form = _file_form(bound=True)
    form.validate()
    try:
        name, content = _upload()
        with transaction() as session:
            work = parts.open_work(session, ref)
            with writing.told():
                kind = form.kind.data if form.kind.data in KINDS else KINDS[0]
                row = files.add(
                    session, work.version.id or 0, kind=kind, name=name, content=content, by=actor().user_id, at=now()
                )
            _log(session, ref, "agreement-file-added", row.sha256)
    except Refusal as refused:
        _on_file(form, refused)
        return _files_page(ref, form, refused.status)
    flash(_("The file was added."), "success")
    return to(url_for("agreement_draft.attachments", ref=ref))


def _log(session: Session, ref: str, action: str, sha256: str) -> None:
    record(
        session, actor=actor(), action=action, object_kind="agreement", object_ref=ref, at=now(),
        after={"sha256": sha256},
    )  # fmt: skip


@bp.post("/<ref:ref>/attachments/remove")
@requires(DRAFT)
def remove_file(ref: str) -> Response:
    with transaction() as session:
        work = parts.open_work(session, ref)
        row = session.get(AgreementAttachment, whole(request.form.get("row")))
        if row is None or row.version_id != work.version.id:
            raise NotFound
        with writing.told():
            files.remove(session, work.version.id or 0, row.id or 0)
        _log(session, ref, "agreement-file-removed", row.sha256)
    return to(url_for("agreement_draft.attachments", ref=ref))


@bp.get("/<ref:ref>/v/<int:number>/files/<int:file_id>")
@requires(Permission.SEE_AGREEMENTS)
def stored_file(ref: str, number: int, file_id: int) -> Response:
    """Return a file of a version as a download; one whose bytes are not those of its fingerprint is not given out."""
    with read_only() as session:
        _agreement, version, _rows = acting.find(session, actor(), ref, today(), number)
        row = session.get(AgreementAttachment, file_id)
    if row is None or row.version_id != version.id:
        raise NotFound
    if file_fingerprint(row.content) != row.sha256:
        raise Conflict("attachment-changed")
    answer = make_response(row.content)
    answer.mimetype = row.media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.name.encode("ascii", "replace").decode()}"'
    return answer


@bp.get("/<ref:ref>/hand-signed")
@requires(DRAFT)
def hand_signed(ref: str) -> Response:
    return _hand_page(ref, _hand_form(ref, bound=False))


def _hand_form(ref: str, *, bound: bool) -> Any:
    form = forms.HandSignedForm() if bound else forms.HandSignedForm(formdata=None)
    work = opened(ref)
    law = law_day(work.agreement.kind.value, work.version.valid_from, today()) or today()
    with read_only() as session:
        people = [
            (str(mandate.id), f"{user.name} – {work.bodies[one.organisation_id].name_fi}")
            for one in work.draft.parties
            if one.role is PartyRole.SIGNATORY
            for mandate, user in acting.signatories(session, one.organisation_id, law)
        ]
    form.mandate.choices = [("", _("Choose")), *people]
    return form


def _hand_page(ref: str, form: Any, status: int = 200) -> Response:
    work = opened(ref)
    return render(
        "agreements/hand_signed.html",
        status=status,
        work=work,
        form=form,
        open=work.version.status.value == "in-signing",
    )


@bp.post("/<ref:ref>/hand-signed")
@requires(DRAFT)
def record_hand_signed(ref: str) -> Response:
    """Record an original signed by hand: who, on which day, and its scan."""
    form = _hand_form(ref, bound=True)
    if not form.validate():
        return _hand_page(ref, form, 422)
    try:
        name, content = _upload()
        with transaction() as session:
            work = parts.open_work(session, ref)
            with writing.told():
                scan = files.scan(
                    session, work.version.id or 0, name=name, content=content, by=actor().user_id, at=now()
                )
            writing.record_by_hand(
                session,
                actor(),
                ref,
                mandate_id=whole(form.mandate.data),
                signed_on=form.signed_on.data,
                signed_at=min(datetime.combine(form.signed_on.data, time(10), UTC), now()),
                scan=scan,
                at=now(),
            )
    except Refusal as refused:
        _on_file(form, refused)
        return _hand_page(ref, form, refused.status)
    flash(_("The signed original was recorded."), "success")
    return to(url_for("agreements.show", ref=ref))
