"""Evidence of a claim: files added once, by type, size and fingerprint, and used for the lines they prove."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from agreements.claim_values import Gate
from agreements.life import file_fingerprint
from placement.refusals import Conflict, NotFound, Refusal
from placement.reimbursed import evidence, linking, preparing
from placement.web import claim_conflict as conflict
from placement.web import claim_forms as forms
from placement.web.agreement_parts import attach
from placement.web.claims import PREPARE, SEE, bp, opened, shared
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, transaction
from placement.web.guard import requires
from placement.web.render import render, to

MOST_LINES = 200


@bp.get("/<ref:ref>/evidence", endpoint="evidence")
@requires(SEE)
def files(ref: str) -> Response:
    return _page(ref, None)


def _page(ref: str, form: Any, status: int = 200, stale: Refusal | None = None) -> Response:
    """Show the files; `stale`: a choice of file and lines came too late and is shown again, for the same lines."""
    with read_only() as session:
        found = opened(session, ref)
        if found.claim.gate is not Gate.PAYMENT:
            raise NotFound
        used = evidence.in_claim(session, found.claim)
        every = evidence.rows_of(session, found.claim.county_id)
        saved = conflict.last_saved(session, found)
    bare = [line for line in found.lines if line.claimed_cents and line.evidence_id is None]
    chosen = {"chosen": request.form.get("chosen", "")} if stale else {}
    use = forms.UseFileForm(formdata=None, data={"version": str(found.claim.version), **chosen})
    form = form or forms.EvidenceForm(formdata=None)
    if stale:
        attach(form, stale)
        form.form_errors.append(conflict.now_stands(found, saved))
    use.chosen.choices = [("", _("Choose")), *((str(one.id), one.name) for one in every)]
    return render(
        "claims/evidence.html",
        status=status,
        found=found,
        mine=[one for one in every if one.id in used],
        every=every,
        bare=bare[:MOST_LINES],
        bare_count=len(bare),
        form=form,
        use=use,
        about=conflict.about,
        ticked=_ticked() if stale else (),
        lines_with={one: sum(line.evidence_id == one for line in found.lines) for one in used},
        **shared(),
    )


@bp.post("/<ref:ref>/evidence")
@requires(PREPARE)
def add_evidence(ref: str) -> Response:
    """Keep a file; with `all`, it proves every line of the claim that has none."""
    form = forms.EvidenceForm()
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Refusal("file-missing", field="file")
        content = sent.read()
        with transaction() as session:
            found = opened(session, ref)
            if not found.editable:
                raise Conflict("claim-wrong-state", claim=ref, status=found.claim.status.value)
            row = evidence.add(session, actor(), sent.filename, content, at=now())
            name = evidence.rows_of(session, found.claim.county_id, only=[row.id or 0])[0].name
    except Refusal as refused:
        if refused.code.startswith("claim-attachment"):
            refused.field = "file"
        form.file.errors = []
        attach(form, refused)
        return _page(ref, form, refused.status)
    flash(_("The file %(name)s was added.", name=name), "success")
    return to(url_for("claims.evidence", ref=ref))


@bp.post("/<ref:ref>/evidence/use")
@requires(PREPARE)
def use_evidence(ref: str) -> Response:
    """Use a file that is here for the chosen lines."""
    numbers = {whole(text) for text in request.form.getlist("line")}
    key = whole(request.form.get("chosen"))
    if not key or not numbers:
        form = forms.EvidenceForm(formdata=None)
        form.form_errors.append(_("Choose the file and at least one line."))
        return _page(ref, form, 422)
    try:
        with transaction() as session:
            found = opened(session, ref)
            chosen = [line for line in found.lines if line.line_no in numbers]
            linking.use_file(session, actor(), found.claim, chosen, key, at=now())
            preparing.refresh(session, actor(), ref, version=whole(request.form.get("version")), at=now())
    except Conflict as refused:
        if refused.code != conflict.CHANGED:
            raise
        return _page(ref, None, 409, stale=refused)
    flash(ngettext("The file proves %(num)s line.", "The file proves %(num)s lines.", len(chosen)), "success")
    return to(url_for("claims.evidence", ref=ref))


def _ticked() -> frozenset[str]:
    """Return what the ticked lines are, whatever their numbers became."""
    return frozenset(request.form.get(f"about-{number}", "") for number in request.form.getlist("line"))


@bp.get("/<ref:ref>/evidence/<int:number>")
@requires(SEE)
def evidence_file(ref: str, number: int) -> Response:
    """Return a file as a download; one whose bytes are not those of its fingerprint is not given out."""
    with read_only() as session:
        row, file = evidence.open_file(session, actor(), ref, number)
    if file_fingerprint(file.content) != row.sha256:
        raise Conflict("attachment-changed")
    answer = make_response(file.content)
    answer.mimetype = row.media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name.encode("ascii", "replace").decode()}"'
    return answer
