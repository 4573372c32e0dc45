"""Costs from the county's ledger: a file or pasted rows, which column is which, every row with its errors; undo."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session

from agreements.claim_values import Gate
from placement.audit import idempotency
from placement.imports import cost_columns, cost_facts, cost_undo, sheet, uploads, writing
from placement.imports.columns import guessed
from placement.imports.cost_columns import CostRow
from placement.imports.plan import Plan, work_out
from placement.imports.tables import ImportUpload
from placement.imports.writing import RowsRefused
from placement.permissions import Permission
from placement.refusals import Conflict, NotFound, Refusal
from placement.reimbursed import preparing
from placement.reimbursed.pasting_rules import as_csv
from placement.web import claim_conflict as conflict
from placement.web import claim_forms as forms
from placement.web.claims import OpenedClaim, bp, opened, shared
from placement.web.decision_forms import whole
from placement.web.edge import actor, kit, now, read_only, transaction
from placement.web.guard import requires
from placement.web.i18n import lang, money
from placement.web.import_page import preview
from placement.web.render import render, to
from placement.web.sentences import sentence

IMPORT = Permission.IMPORT_COSTS
WHAT, PASTED = "costs", "pasted.csv"
DOUBTS = {
    "voucher-in-claim": _l("Row %(row)s: this voucher stands in claim %(about)s already."),
    "calculated-compensation": _l("Row %(row)s: calculated compensation is paid for %(about)s; it holds interpreting."),
    "other-income": _l("Row %(row)s: %(about)s was paid by somebody else and is taken off."),
}


def _draft(session: Session, ref: str) -> OpenedClaim:
    """Return the draft that costs are imported for; raises Conflict for a claim that was handed on."""
    found = opened(session, ref)
    if found.claim.gate is not Gate.PAYMENT:
        raise NotFound
    if not found.editable:
        raise Conflict("claim-wrong-state", claim=ref, status=found.claim.status.value)
    return found


@bp.get("/<ref:ref>/import")
@requires(IMPORT)
def import_costs(ref: str) -> Response:
    return _choose(ref, forms.EvidenceForm(formdata=None), forms.PasteForm(formdata=None))


def _choose(ref: str, form: Any, paste: Any, status: int = 200) -> Response:
    with read_only() as session:
        found = _draft(session, ref)
        done = cost_undo.recent(session, actor(), now())
    return render(
        "claims/import.html",
        status=status,
        found=found,
        done=done,
        form=form,
        paste=paste,
        columns=[(column.name(lang()), column.needed) for column in cost_columns.COLUMNS],
        title_error=bool(form.errors or paste.errors),
        **shared(),
    )


@bp.post("/<ref:ref>/import")
@requires(IMPORT)
def upload_costs(ref: str) -> Response:
    """Keep the file or the pasted rows and ask which column is which; what cannot be read is told at its field."""
    form, paste = forms.EvidenceForm(formdata=None), forms.PasteForm()
    sent = request.files.get("file")
    pasted = request.form.get("rows", "").strip()
    try:
        if sent is not None and sent.filename:
            name, content = sent.filename, sent.stream.read(sheet.MOST_BYTES + 1)
        elif pasted:
            name, content = PASTED, as_csv(pasted)
        else:
            raise Refusal("file-missing")
        sheet.read(name, content)
        with transaction() as session:
            _draft(session, ref)
            token = uploads.keep(session, actor(), WHAT, name, content, at=now())
    except Conflict:
        raise
    except Refusal as refused:
        (paste.rows if pasted else form.file).errors = [sentence(refused)]
        return _choose(ref, form, paste, 422)
    return to(url_for("claims.import_preview", ref=ref, token=token))


def _named(kept: ImportUpload, given: Any) -> dict[str, str]:
    """Return which column of the file each of ours is: what the reader chose, else a guess by the names."""
    chosen = {column.key: given.get(f"as-{column.key}", "") for column in cost_columns.COLUMNS}
    if any(f"as-{column.key}" in given for column in cost_columns.COLUMNS):
        return {key: name for key, name in chosen.items() if name}
    return guessed(sheet.read(kept.file_name, kept.content), cost_columns.COLUMNS)


def _plan(session: Session, kept: ImportUpload, named: dict[str, str]) -> Plan:
    return work_out(
        session,
        actor(),
        WHAT,
        kept.file_name,
        kept.content,
        at=now(),
        lang=lang(),
        invented_codes=kit().settings.demo,
        named=named,
    )


@bp.get("/<ref:ref>/import/<token>")
@requires(IMPORT)
def import_preview(ref: str, token: str) -> Response:
    return _preview(ref, token)


def _preview(ref: str, token: str, refused: RowsRefused | None = None) -> Response:
    with read_only() as session:
        found = _draft(session, ref)
        kept = uploads.find(session, actor(), token, now())
        named = _named(kept, request.values)
        plan = _plan(session, kept, named)
        good = [one for one in plan.good if isinstance(one.said, CostRow)]
        rows = [one.said for one in good if isinstance(one.said, CostRow)]
        doubts = cost_facts.doubts(session, [one.row.number for one in good], rows)
        headers = [name.strip() for name in plan.header.cells if name.strip()]
    total = sum(one.cost.net_cents for one in rows)
    return render(
        "claims/import_preview.html",
        status=refused.status if refused else 200,
        found=found,
        token=token,
        view=preview(plan, refused.problems if refused else None),
        columns=[(column, column.name(lang())) for column in cost_columns.COLUMNS],
        headers=headers,
        named=named,
        total_cents=total,
        doubts=[_doubt(one) for one in doubts],
        key=secrets.token_urlsafe(24),
        title_error=bool(plan.problems or refused),
        **shared(),
    )


def _doubt(one: cost_facts.Doubt) -> str:
    about = money(int(one.about)) if one.code == "other-income" else one.about
    return str(DOUBTS[one.code]) % {"row": one.row, "about": about}


@bp.post("/<ref:ref>/import/<token>")
@requires(IMPORT)
def confirm_import(ref: str, token: str) -> Response:
    """Write the good rows once, however often the form is sent, and write the claim anew with them."""
    key = request.form.get("idempotency_key", "")
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "claims.confirm_import")
            if location is None:
                found = _draft(session, ref)
                kept = uploads.find(session, actor(), token, now())
                plan = _plan(session, kept, _named(kept, request.form))
                batch, _left = writing.carry_out(
                    session, actor(), plan, skip_bad=request.form.get("leave_out") == "1", at=now()
                )
                preparing.refresh(session, actor(), ref, version=found.claim.version, at=now())
                uploads.discard(session, kept)
                location = url_for("claims.import_done", ref=ref, batch=batch.token)
                idempotency.remember(session, actor(), key, "claims.confirm_import", location, now())
    except RowsRefused as refused:
        return _preview(ref, token, refused)
    return to(location)


@bp.get("/<ref:ref>/import/done/<batch>")
@requires(IMPORT)
def import_done(ref: str, batch: str) -> Response:
    """Show what an import of the county added, with the way back as long as there is one."""
    with read_only() as session:
        found = opened(session, ref)
        done = cost_undo.find(session, actor(), batch)
        rows = cost_undo.added(session, done)
    return render(
        "claims/import_done.html",
        found=found,
        batch=done,
        rows=rows,
        may_undo=found.editable and writing.may_undo(done, now()),
        undo_hours=writing.UNDO_HOURS,
        **shared(),
    )


@bp.post("/<ref:ref>/import/done/<batch>/undo")
@requires(IMPORT)
def undo_import(ref: str, batch: str) -> Response:
    """Take the costs of an import out of the draft and of the county's costs again."""
    with transaction() as session:
        version = whole(request.form.get("version"))
        found = opened(session, ref)
        if cost_undo.find(session, actor(), batch).undone_at is None:
            conflict.require_newest(session, found, version)
        done = cost_undo.take_back(session, actor(), ref, batch, version=version, at=now())
    flash(_("The import was undone. Nothing of it is left."), "success")
    return to(url_for("claims.import_done", ref=ref, batch=done.token))
