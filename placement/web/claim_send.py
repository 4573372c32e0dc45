"""Declare a claim right, check it, send it or hand it to the approver, take it back; its receipt and its copy."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Response, flash, request, send_file, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from agreements.claim_reads import verdicts
from agreements.claim_tables import ClaimStatus
from agreements.claim_values import Gate, Problem
from placement.refusals import Conflict, NotFound, Refusal
from placement.reimbursed import preparing, queries, reading
from placement.reimbursed.acting import ClaimNotReady
from placement.reimbursed.comparing import compared
from placement.reimbursed.steps import DECLARATION, done
from placement.web import claim_conflict as conflict
from placement.web import claim_copy
from placement.web import claim_forms as forms
from placement.web import claim_words as words
from placement.web.claims import PREPARE, SEE, SEND, OpenedClaim, bp, opened, shared
from placement.web.decision_forms import whole
from placement.web.edge import actor, kit, now, read_only, transaction
from placement.web.guard import requires
from placement.web.render import render, to
from placement.web.sentences import sentence

REPLY_DAYS = 90


@bp.get("/<ref:ref>/declaration")
@requires(SEE)
def declaration(ref: str) -> Response:
    with read_only() as session:
        found = opened(session, ref)
        declared = DECLARATION in done(session, found.claim)
    return _declaration_page(found, forms.DeclarationForm(formdata=None, data={"confirm": declared}), declared)


def _declaration_page(found: OpenedClaim, form: Any, declared: bool, status: int = 200) -> Response:
    return render("claims/declaration.html", status=status, found=found, form=form, declared=declared, **shared())


@bp.post("/<ref:ref>/declaration")
@requires(PREPARE)
def declare(ref: str) -> Response:
    form = forms.DeclarationForm()
    if not form.confirm.data:
        with read_only() as session:
            found = opened(session, ref)
        form.confirm.errors = [_("Tick the box to confirm, or go back and mend the claim.")]
        return _declaration_page(found, form, False, 422)
    with transaction() as session:
        preparing.declare(session, actor(), ref, at=now())
    return to(url_for("claims.check", ref=ref))


@bp.get("/<ref:ref>/check")
@requires(SEE)
def check(ref: str) -> Response:
    return _check_page(ref)


def _check_page(ref: str, refused: Refusal | None = None, late: Any = None) -> Response:
    """Show the check; `late`: the form that was sent with the reason why the claim is late."""
    with read_only() as session:
        found = opened(session, ref, check=True)
        problems = found.against.problems if found.against else ()
        blocking = _listed(session, found, [one for one in problems if one.blocking])
        doubts = _listed(session, found, [one for one in problems if not one.blocking])
        sums = reading.kind_sums(found.lines)
        differences = compared(session, actor(), found.claim, found.lines)
        saved = conflict.last_saved(session, found)
    extra = list(blocking)
    if refused is not None and refused.code == conflict.CHANGED:
        extra.insert(0, {"text": conflict.now_stands(found, saved), "href": "#answers"})
    if refused is not None and not isinstance(refused, ClaimNotReady):
        extra.insert(0, {"text": sentence(refused), "href": "#answers"})
    return render(
        "claims/check.html",
        status=refused.status if refused else 200,
        found=found,
        blocking=extra,
        doubts=doubts,
        late=_late_form(found, late) if any(one.code == "deadline-passed" for one in problems) else None,
        sums=sums,
        compared=differences,
        may_send=_may_send(found),
        **shared(),
    )


def _late_form(found: OpenedClaim, given: Any) -> Any:
    """Return the form for why the claim is late, in the newest version, with what was typed."""
    if not found.editable:
        return None
    form = given or forms.LateForm(formdata=None)
    form.version.data = str(found.claim.version)
    return form


def _may_send(found: OpenedClaim) -> bool:
    """Whether the reader is the one to send: anybody who prepares, or the approver where two people act."""
    claim = found.claim
    if claim.four_eyes:
        return actor().can(SEND) and claim.status is ClaimStatus.TO_APPROVER
    return claim.status is ClaimStatus.DRAFT and (actor().can(SEND) or actor().can(PREPARE))


def _listed(session: Session, found: OpenedClaim, problems: list[Problem]) -> list[dict[str, str]]:
    """Return problems as sentences with where each is mended; the same sentence of many lines stands once."""
    by_line = {line.line_no: line for line in found.lines}
    grouped: dict[tuple[str, str], list[int]] = {}
    for one in problems:
        href = _where(found, one, by_line.get(one.line_no or 0))
        grouped.setdefault((words.problem(session, one), href), []).append(one.line_no or 0)
    return [{"text": _numbered(text, numbers), "href": href} for (text, href), numbers in grouped.items()]


def _numbered(text: str, numbers: list[int]) -> str:
    """Return the sentence with the numbers of its lines before it; none for the claim as a whole."""
    if not numbers[0]:
        return text
    names = ", ".join(str(number) for number in numbers[:8]) + (" …" if len(numbers) > 8 else "")
    return ": ".join((_("Line %(numbers)s", numbers=names), text))


PLACES = {"not-declared": "declaration", "days-not-accepted": "days", "period-not-over": "show"}


def _where(found: OpenedClaim, one: Problem, line: Any) -> str:
    """Return the page on which a problem is mended."""
    ref = found.ref
    if one.code in PLACES:
        return url_for(f"claims.{PLACES[one.code]}", ref=ref)
    if one.code == "difference-unexplained":
        return url_for("claims.explain", ref=ref, number=one.line_no)
    if one.code == "evidence-missing":
        return url_for("claims.evidence", ref=ref)
    if line is None:
        return url_for("claims.lines", ref=ref)
    if line.cost_kind == "place_days" and line.child_ref:
        return url_for("claims.days", ref=ref, _anchor=f"child-{line.child_ref}")
    if found.editable and (line.cost_entry_id is not None or found.claim.gate is Gate.COST):
        return url_for("claims.change", ref=ref, number=line.line_no)
    return url_for("claims.line", ref=ref, number=line.line_no)


@bp.post("/<ref:ref>/send")
@requires(PREPARE, SEND)
def send(ref: str) -> Response:
    """Send the claim to the authority; pressing twice sends it once."""
    try:
        with transaction() as session:
            preparing.send(session, actor(), ref, version=whole(request.form.get("version")), at=now())
    except Refusal as refused:
        if isinstance(refused, NotFound):
            raise
        return _check_page(ref, refused)
    return to(url_for("claims.submitted", ref=ref))


@bp.post("/<ref:ref>/late")
@requires(PREPARE)
def explain_late(ref: str) -> Response:
    """Say why the claim comes after the last day to apply; it must then be declared right again."""
    form = forms.LateForm()
    if not form.validate():
        return _check_page(ref, Refusal("reason-missing"), form)
    try:
        with transaction() as session:
            preparing.explain_late(session, actor(), ref, form.reason.data, version=whole(form.version.data), at=now())
    except Conflict as refused:
        return _check_page(ref, refused, form)
    return to(url_for("claims.check", ref=ref))


@bp.post("/<ref:ref>/hand-over")
@requires(PREPARE)
def hand_over(ref: str) -> Response:
    """Hand the finished draft to the person who approves and sends it."""
    try:
        with transaction() as session:
            preparing.hand_over(session, actor(), ref, version=whole(request.form.get("version")), at=now())
    except Refusal as refused:
        if isinstance(refused, NotFound):
            raise
        return _check_page(ref, refused)
    flash(_("The claim was sent to the approver."), "success")
    return to(url_for("claims.show", ref=ref))


@bp.get("/<ref:ref>/submitted")
@requires(SEE)
def submitted(ref: str) -> Response:
    """The receipt: a lasting address with the reference, the copy and what happens next."""
    with read_only() as session:
        found = opened(session, ref)
    if found.claim.sent_on is None:
        raise NotFound
    return render(
        "claims/submitted.html", found=found, reply_by=found.claim.sent_on + timedelta(days=REPLY_DAYS), **shared()
    )


@bp.get("/<ref:ref>/copy.pdf")
@requires(SEE)
def copy(ref: str) -> Response:
    """Return the claim as a PDF: every line, the sums, the fingerprint of what was sent."""
    with read_only() as session:
        content = claim_copy.pdf_of(session, opened(session, ref), demo=kit().settings.demo)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=f"{ref}.pdf")


@bp.get("/<ref:ref>/take-back")
@requires(PREPARE, SEND)
def take_back_page(ref: str) -> Response:
    with read_only() as session:
        found = opened(session, ref)
    _require(found, ClaimStatus.SENT, ClaimStatus.TO_APPROVER)
    form = forms.ReasonForm(formdata=None, data={"version": str(found.claim.version)})
    return render("claims/take_back.html", found=found, form=form, **shared())


def _require(found: OpenedClaim, *statuses: ClaimStatus) -> None:
    if found.claim.status not in statuses:
        raise Conflict("claim-wrong-state", claim=found.ref, status=found.claim.status.value)


@bp.post("/<ref:ref>/take-back")
@requires(PREPARE, SEND)
def take_back(ref: str) -> Response:
    """Take the claim back before its review starts; a new version is then in work."""
    return _with_reason(ref, preparing.take_back, "claims/take_back.html", _("The claim was taken back."))


@bp.get("/<ref:ref>/withdraw")
@requires(PREPARE)
def withdraw_page(ref: str) -> Response:
    with read_only() as session:
        found = opened(session, ref)
    _require(found, ClaimStatus.DRAFT)
    form = forms.ReasonForm(formdata=None, data={"version": str(found.claim.version)})
    return render("claims/withdraw.html", found=found, form=form, **shared())


@bp.post("/<ref:ref>/withdraw")
@requires(PREPARE)
def withdraw(ref: str) -> Response:
    """Give the draft up; its days and costs may be claimed again."""
    return _with_reason(ref, preparing.withdraw, "claims/withdraw.html", _("The draft was given up."))


def _with_reason(ref: str, act: Any, template: str, told: str) -> Response:
    def redraw(found: OpenedClaim, form: Any, status: int) -> Response:
        return render(template, status=status, found=found, form=form, **shared())

    form = forms.ReasonForm()
    with read_only() as session:
        found = opened(session, ref)
    if not form.validate():
        return redraw(found, form, 422)
    try:
        with transaction() as session:
            act(session, actor(), ref, form.reason.data, version=whole(form.version.data), at=now())
    except Refusal as refused:
        return conflict.refused_on(refused, ref, form, redraw)
    flash(told, "success")
    return to(url_for("claims.show", ref=ref))


@bp.get("/<ref:ref>/answer")
@requires(PREPARE)
def answer_page(ref: str) -> Response:
    return _answer(ref, {}, {})


def _answer(ref: str, typed: dict[int, str], faults: dict[int, str], status: int = 200) -> Response:
    with read_only() as session:
        found = opened(session, ref)
        asked = queries.open_questions(session, found.claim)
        said = verdicts(session, found.claim)
    questions = [(line, said[line.id or 0][-1]) for line in asked]
    return render(
        "claims/answer.html",
        status=status,
        found=found,
        questions=questions,
        typed=typed,
        faults=faults,
        title_error=bool(faults),
        **shared(),
    )


@bp.post("/<ref:ref>/answer")
@requires(PREPARE)
def answer(ref: str) -> Response:
    """Answer the questions; only lines with one take an answer, each at most 1,000 characters."""
    with read_only() as session:
        found = opened(session, ref)
        asked = [line.line_no for line in queries.open_questions(session, found.claim)]
    typed = {number: (request.form.get(f"answer-{number}") or "").strip() for number in asked}
    faults = {
        number: _("Write at most %(count)s characters.", count=1000)
        for number, text in typed.items()
        if len(text) > 1000
    }
    given = {number: text for number, text in typed.items() if text}
    if not given and asked:
        faults = {number: _("Write the answer.") for number in asked}
    if faults:
        return _answer(ref, typed, faults, 422)
    with transaction() as session:
        preparing.answer(session, actor(), ref, given, at=now())
    flash(_("The answer was sent."), "success")
    return to(url_for("claims.show", ref=ref))
