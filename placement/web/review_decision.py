"""The decision on a claim: everything checked on one page, made by one button, its letters, what was decided before."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask_babel import gettext as _

from agreements import statements
from agreements.claim_tables import ClaimStatus
from placement.permissions import Permission
from placement.refusals import Conflict, NotFound, Refusal
from placement.reviewing import corrections, deciding, hearings, objections, payments, recoveries, scope, service, trace
from placement.reviewing import lines as reading
from placement.reviewing.deciding import Wording
from placement.web import review_forms as forms
from placement.web.agreement_parts import attach
from placement.web.decision_forms import whole
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import LANGUAGES, lang
from placement.web.render import render, to
from placement.web.review import EXAMINE
from placement.web.review_lines import opened, shared

bp = Blueprint("review_decision", __name__)
READ = (Permission.SEE_REVIEW, Permission.SEE_LEDGER, Permission.SEE_CLAIMS)


@bp.get("/review/<ref:ref>/decision")
@requires(*EXAMINE)
def check(ref: str) -> Response:
    return check_page(ref)


def check_page(ref: str, form: Any = None, second: Any = None, status: int = 200) -> Response:
    """Return everything that is about to be decided, with what is still missing and who must confirm."""
    with read_only() as session:
        page = opened(session, ref)
        if not page.mine:
            raise NotFound
        if page.claim.status is ClaimStatus.DECIDED:
            return to(url_for("review_decision.show", ref=ref))
        ready = deciding.readiness(session, page.found, today())
        heard = service.hearing(session, page.claim)
    if form is None:
        data = {"legal": "fi", "valid_from": page.claim.period_first, "valid_to": page.claim.period_last}
        form = forms.DecisionForm(formdata=None, data=data)
    form.version.data = str(page.claim.version)
    form.offer()
    return render(
        "review/decision.html",
        status=status,
        work=page,
        ready=ready,
        hearing=heard,
        heard=heard is None or service.is_heard(heard, today()),
        form=form,
        second=second or forms.SecondForm(formdata=None),
        cut=[line for line in page.found.lines if line.state.verdict in ("part", "reject", "park")],
        **shared(),
    )


@bp.post("/review/<ref:ref>/decision")
@requires(*EXAMINE)
def make(ref: str) -> Response:
    """Make the decision: its entry and its letters are saved with it, or nothing is."""
    form = forms.DecisionForm()
    form.offer()
    readable = form.validate()
    try:
        if readable:
            wording = Wording(form.legal.data or "", form.valid_from.data, form.valid_to.data)
            with transaction() as session:
                deciding.decide(
                    session,
                    actor(),
                    ref,
                    version=whole(form.version.data),
                    wording=wording,
                    demo=kit().settings.demo,
                    at=now(),
                )
    except Conflict as conflict:
        if conflict.code != "changed-meanwhile":
            raise
        flash(_("Somebody changed the claim while you were looking. Check it again."), "warning")
        return to(url_for("review_decision.check", ref=ref))
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        readable = False
    if not readable:
        return check_page(ref, form, status=422)
    flash(_("The decision has been made."), "success")
    return to(url_for("review_decision.show", ref=ref))


@bp.get("/claims/<ref:ref>/decision")
@requires(*READ)
def show(ref: str) -> Response:
    """Show the decision that stands: sums, reasons, letters, the decisions before it and what was done against it."""
    with read_only() as session:
        claim, standing = corrections.decided(session, actor(), ref, today())
        found = reading.examined(session, claim)
        page = opened(session, ref)
        letters = deciding.letters_of(session, standing)
        paid = payments.of_claim(session, claim)
        entries = trace.entries_of(session, claim.ref)
        against = [part.ref for one in paid for part in one.offsets if part.kind == "recovery"]
        balances = statements.subject_balances(session, [claim.ref])[claim.ref]
        context: dict[str, Any] = {
            "decisions": deciding.decisions(session, claim),
            "corrections": corrections.of_claim(session, claim),
            "hearings": hearings.of_claim(session, claim),
            "remedies": objections.remedies(session, claim),
            "paid": paid,
            "booked": {row.source_id: row.id for row in entries if row.source_kind == "payment-released"},
            "opens": scope.recoveries_readable(session, actor(), set(against), today()),
            "orders": recoveries.of_claim(session, claim, today()),
            "findings": objections.findings(session, claim),
            "people": deciding.people(session, standing),
        }
    return render(
        "review/decided.html",
        work=page,
        claim=claim,
        standing=standing,
        found=found,
        letters=letters,
        balances=balances,
        languages_=list(LANGUAGES.items()),
        counties_own=actor().county_id is not None,
        may_correct=actor().can(Permission.PROPOSE_CORRECTIONS),
        **context,
        **shared(),
    )


@bp.get("/claims/<ref:ref>/decision/<int:number>.pdf")
@requires(*READ)
def letter(ref: str, number: int) -> Response:
    """Return the letter of a decision; two of its three languages say that they are translations."""
    wanted = request.args.get("lang") if request.args.get("lang") in LANGUAGES else lang()
    with read_only() as session:
        found = deciding.document(session, actor(), ref, number, str(wanted), today())
    return pdf(found.content, f"{ref}-{number}-{found.language}.pdf")


def pdf(content: bytes, name: str) -> Response:
    answer = make_response(content)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@bp.get("/review/<ref:ref>/objections")
@requires(*EXAMINE)
def objection(ref: str) -> Response:
    return _objection_page(ref, forms.RemedyForm(formdata=None))


def _objection_page(ref: str, form: Any, status: int = 200, outcome: Any = None, key: int = 0) -> Response:
    with read_only() as session:
        claim = scope.find_own(session, actor(), ref, today())
        claim, standing = corrections.decided(session, actor(), claim.ref, today())
        every = objections.remedies(session, claim)
    form.offer()
    outcome = outcome or forms.OutcomeForm(formdata=None)
    outcome.offer()
    return render(
        "review/objections.html",
        status=status,
        claim=claim,
        standing=standing,
        form=form,
        outcome=outcome,
        outcome_key=key,
        remedies=every,
        **shared(),
    )


@bp.post("/review/<ref:ref>/objections")
@requires(*EXAMINE)
def register(ref: str) -> Response:
    """Register a rectification request or an appeal; whether it came in time is counted by the law of the day."""
    form = forms.RemedyForm()
    form.offer()
    form.validate()
    try:
        with transaction() as session:
            objections.register(
                session,
                actor(),
                ref,
                kind=form.kind.data or "",
                served_on=form.served_on.data,
                received_on=form.received_on.data,
                wanted=form.wanted.data,
                at=now(),
            )
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        return _objection_page(ref, form, 422)
    flash(_("It is registered."), "success")
    return to(url_for("review_decision.objection", ref=ref))


@bp.post("/review/<ref:ref>/objections/<int:key>")
@requires(*EXAMINE)
def end(ref: str, key: int) -> Response:
    """Record the outcome of a request or an appeal."""
    form = forms.OutcomeForm()
    form.offer()
    form.validate()
    try:
        with transaction() as session:
            objections.end(
                session, actor(), ref, key, outcome=form.outcome.data or "", reason=form.reason.data, at=now()
            )
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        return _objection_page(ref, forms.RemedyForm(formdata=None), 422, form, key)
    flash(_("The outcome is recorded."), "success")
    return to(url_for("review_decision.objection", ref=ref))
