"""Import: choose a file, see every row and its errors, import, and take it back within a day."""

from __future__ import annotations

import secrets
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from sqlmodel import Session
from wtforms import RadioField

from placement.audit import idempotency
from placement.imports import files_out, sheet, uploads, writing
from placement.imports.plan import COLUMNS, NEEDED, Plan, work_out
from placement.imports.tables import ImportUpload
from placement.imports.writing import RowsRefused
from placement.permissions import Permission
from placement.refusals import NotFound, Refusal
from placement.web.child_forms import KitForm, needed
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import lang
from placement.web.import_page import preview, reasons
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("imports", __name__, url_prefix="/import")
ANY = (Permission.IMPORT_CHILDREN, Permission.IMPORT_UNITS)
WHAT = {"children": _l("Children"), "units": _l("Units")}
TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class UploadForm(KitForm):
    what = RadioField(_l("What do you import?"), [needed(_l("Choose what you import."))], validate_choice=False)
    file = FileField(_l("File"))


def _allowed() -> list[str]:
    return [what for what in WHAT if actor().can(NEEDED[what])]


def _upload_form(what: str | None = None) -> Any:
    form = UploadForm()
    form.what.choices = [(one, WHAT[one]) for one in _allowed()]
    if what is not None:
        form.what.data = what
    elif form.what.data not in _allowed():
        form.what.data = _allowed()[0] if request.method == "GET" else None
    return form


@bp.get("")
@requires(*ANY)
def index() -> Response:
    return _index(_upload_form())


def _index(form: Any, status: int = 200) -> Response:
    with read_only() as session:
        done = writing.recent(session, actor(), now())
    return render("imports/index.html", status=status, form=form, allowed=_allowed(), what_names=WHAT, done=done)


@bp.get("/template/<what>.<kind>")
@requires(*ANY)
def template(what: str, kind: str) -> Response:
    """Return the empty sheet with the columns of the reader's language."""
    if what not in _allowed() or kind not in TYPES:
        raise NotFound
    return _file(files_out.template(COLUMNS[what], lang(), kind, today()), f"{what}-template.{kind}", kind)


def _file(content: bytes, name: str, kind: str) -> Response:
    return send_file(BytesIO(content), mimetype=TYPES[kind], as_attachment=True, download_name=name)


@bp.post("")
@requires(*ANY)
def upload() -> Response:
    """Keep the file and show what importing it would do; a file that cannot be read is told at its field."""
    form = _upload_form()
    valid = form.validate()
    sent = form.file.data
    if not sent or not sent.filename:
        form.file.errors = [*form.file.errors, sentence(Refusal("file-missing"))]
        valid = False
    if not valid:
        return _index(form, 422)
    content = sent.stream.read(sheet.MOST_BYTES + 1)
    try:
        sheet.read(sent.filename, content)
        with transaction() as session:
            token = uploads.keep(session, actor(), form.what.data, sent.filename, content, at=now())
    except sheet.FileRefused as refused:
        form.file.errors = [sentence(refused)]
        return _index(form, 422)
    return to(url_for("imports.show", token=token))


def _plan(session: Session, kept: ImportUpload) -> Plan:
    return work_out(
        session,
        actor(),
        kept.what,
        kept.file_name,
        kept.content,
        at=now(),
        lang=lang(),
        invented_codes=kit().settings.demo,
    )


@bp.get("/<token>")
@requires(*ANY)
def show(token: str) -> Response:
    with read_only() as session:
        kept = uploads.find(session, actor(), token, now())
        return _preview(token, _plan(session, kept))


def _preview(token: str, plan: Plan, *, refused: RowsRefused | None = None) -> Response:
    return render(
        "imports/show.html",
        status=refused.status if refused else 200,
        token=token,
        view=preview(plan, refused.problems if refused else None),
        form=_upload_form(plan.what),
        what_name=WHAT[plan.what],
        idempotency_key=secrets.token_urlsafe(24),
        title_error=bool(plan.problems or refused),
    )


@bp.get("/<token>/refused.<kind>")
@requires(*ANY)
def refused_rows(token: str, kind: str) -> Response:
    """Return the refused rows with their reasons, to be corrected and uploaded again."""
    if kind not in TYPES:
        raise NotFound
    with read_only() as session:
        kept = uploads.find(session, actor(), token, now())
        plan = _plan(session, kept)
    content = files_out.refused_rows(plan.header.cells, reasons(plan), lang(), kind)
    return _file(content, f"{kept.what}-left-out.{kind}", kind)


@bp.post("/<token>/confirm")
@requires(*ANY)
def confirm(token: str) -> Response:
    """Write the good rows once, however often the form is sent."""
    key = request.form.get("idempotency_key", "")
    plan: Plan | None = None
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "imports.confirm")
            if location is not None:
                return to(location)
            kept = uploads.find(session, actor(), token, now())
            plan = _plan(session, kept)
            batch, left_out = writing.carry_out(
                session, actor(), plan, skip_bad=request.form.get("leave_out") == "1", at=now()
            )
            if not left_out:
                uploads.discard(session, kept)
            location = url_for("imports.done", batch=batch.token, left=token if left_out else None)
            idempotency.remember(session, actor(), key, "imports.confirm", location, now())
    except RowsRefused as refused:
        assert plan is not None
        return _preview(token, plan, refused=refused)
    return to(location)


@bp.get("/done/<batch>")
@requires(*ANY)
def done(batch: str) -> Response:
    with read_only() as session:
        found = writing.find(session, actor(), batch)
        rows = writing.rows_of(session, found)
    return render(
        "imports/done.html",
        batch=found,
        rows=rows,
        left=request.args.get("left"),
        what_name=WHAT[found.what],
        may_undo=writing.may_undo(found, now()),
        undo_hours=writing.UNDO_HOURS,
    )


@bp.post("/done/<batch>/undo")
@requires(*ANY)
def undo(batch: str) -> Response:
    with transaction() as session:
        found = writing.undo(session, actor(), batch, at=now())
    flash(_("The import was undone. Nothing of it is left."), "success")
    return to(url_for("imports.done", batch=found.token))
