"""One claim in review: its lines with what to doubt, one line with what it rests on, clean lines, the sample."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, col, select

from agreements.claim_tables import Claim, ClaimStatus, Verdict
from placement.permissions import Permission
from placement.refusals import Conflict, NotFound, Refusal
from placement.reimbursed import evidence
from placement.reimbursed.words import BASES, GATES, REASONS
from placement.reimbursed.words import VERDICTS as SAID
from placement.reviewing import deciding, identity, objections, queue, scope, service, trace
from placement.reviewing import lines as reading
from placement.reviewing.lines import Examined, Line
from placement.reviewing.queue import Row
from placement.units.tables import Unit
from placement.web import claim_words
from placement.web import review_forms as forms
from placement.web import review_words as words
from placement.web.agreement_parts import attach
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction, write
from placement.web.guard import requires
from placement.web.render import render, to
from placement.web.review import EXAMINE, READ
from placement.web.sentences import sentence

bp = Blueprint("review_lines", __name__, url_prefix="/review")


@dataclass(frozen=True)
class Page:
    """A claim as its pages need it: lines, where it stands, whether the actor examines it now."""

    found: Examined
    row: Row
    units: Mapping[int, Unit]
    mine: bool
    shows_children: bool

    @property
    def claim(self) -> Claim:
        return self.found.claim

    @property
    def open(self) -> bool:
        """Whether verdicts can be given here and now."""
        return self.mine and self.claim.status is ClaimStatus.IN_REVIEW

    def doubts(self, line: Line) -> list[str]:
        return [words.doubt(one, self.units) for one in line.hints]


def opened(session: Session, ref: str) -> Page:
    """Return the claim when the actor may open it; raises NotFound."""
    claim = scope.find(session, actor(), ref, today())
    found = reading.examined(session, claim)
    return Page(
        found=found,
        row=queue.rows_of(session, [claim], now())[0],
        units={line.unit.id or 0: line.unit for line in found.lines if line.unit is not None},
        mine=scope.may_examine(session, actor(), claim),
        shows_children=actor().can(Permission.SEE_REVIEW),
    )


def shared() -> dict[str, Any]:
    return {
        "words": words,
        "bases": BASES,
        "gates": GATES,
        "reasons": REASONS,
        "said": SAID,
        "viewer": actor().user_id,
        "note_of": claim_words.note,
    }


@bp.get("/<ref:ref>")
@requires(*READ)
def show(ref: str) -> Response:
    """Show the lines on the left and the first one that needs a look, or the one asked for, on the right."""
    with read_only() as session:
        page = opened(session, ref)
        chosen = _chosen(page.found)
        traced = trace.trace(session, page.claim, chosen, today()) if chosen else None
        extra = _state_of_things(session, page.claim, page.found)
        can_open = _readable(session, traced)
        granted = trace.by_decision(session, page.found.lines)
        opens = scope.refs_readable(session, actor(), {one.ref for one in granted}, today())
    return render(
        "review/show.html",
        work=page,
        line=chosen,
        traced=traced,
        can_open=can_open,
        granted=granted,
        opens=opens,
        form=_form(chosen, None),
        focus=False,
        **extra,
        **shared(),
    )


def _chosen(found: Examined) -> Line | None:
    asked = found.line(whole(request.args.get("line")))
    doubted = next((line for line in found.lines if line.state.is_open and line.hints), None)
    waiting = next((line for line in found.lines if line.state.is_open), None)
    return asked or doubted or waiting or (found.lines[0] if found.lines else None)


def _state_of_things(session: Session, claim: Claim, found: Examined) -> dict[str, Any]:
    samples = service.samples(session, claim)
    return {
        "questions": service.questions(session, claim),
        "hearing": service.hearing(session, claim),
        "look": deciding.second_look(session, claim),
        "sample": service.sample_result(found, samples[0]) if samples else None,
        "decisions": deciding.decisions(session, claim),
        "findings": objections.findings(session, claim),
        "remedies": objections.remedies(session, claim),
    }


def _readable(session: Session, traced: trace.Trace | None) -> set[str]:
    """Return the references of other claims that the actor may open from this line."""
    refs = {place.claim for place in traced.places} if traced else set()
    if not refs:
        return set()
    query = select(Claim.ref).where(col(Claim.ref).in_(refs), scope.readable(session, actor(), today()))
    return set(session.exec(query))


def _form(line: Line | None, form: Any) -> Any:
    if form is None:
        values = {} if line is None or not line.said else {"seen": str(len(line.said)), **_last(line)}
        form = forms.VerdictForm(formdata=None, data=values)
    form.offer()
    return form


def _last(line: Line) -> dict[str, Any]:
    state = line.state
    if state.verdict not in forms.VERDICTS:
        return {}
    part = state.approved_cents if state.verdict == "part" else None
    return {"verdict": state.verdict, "cents": part, "code": state.reason_code, "text": state.reason}


@bp.get("/<ref:ref>/lines/<int:number>")
@requires(*READ)
def line(ref: str, number: int) -> Response:
    return line_page(ref, number)


def line_page(
    ref: str, number: int, form: Any = None, *, status: int = 200, meanwhile: bool = False, who: Any = None
) -> Response:
    """Return one line with its days, stay, clause, voucher, decision, entries and payments."""
    with read_only() as session:
        page = opened(session, ref)
        chosen = page.found.line(number)
        if chosen is None:
            raise NotFound
        traced = trace.trace(session, page.claim, chosen, today())
        can_open = _readable(session, traced)
        findings = objections.findings(session, page.claim)
    return render(
        "review/line.html",
        fragment="review/_panel.html",
        status=status,
        work=page,
        line=chosen,
        traced=traced,
        can_open=can_open,
        findings=findings,
        form=_form(chosen, form),
        meanwhile=meanwhile,
        who=who,
        focus=True,
        numbers=[one.number for one in page.found.lines],
        **shared(),
    )


@bp.post("/<ref:ref>/lines/<int:number>")
@requires(*EXAMINE)
def say(ref: str, number: int) -> Response:
    """Give a verdict on a line and go to the next one that waits; a second one given meanwhile is shown first."""
    form = forms.VerdictForm()
    form.offer()
    readable = form.validate()
    if form.verdict.data not in forms.VERDICTS:
        form.verdict.errors = [_("Choose what you say of the line.")]
        readable = False
    if not readable:
        with read_only() as session:
            scope.find_own(session, actor(), ref, today())
        return line_page(ref, number, form, status=422)
    verdict = Verdict(form.verdict.data)
    part = form.cents.data if verdict is Verdict.PART else None
    given = service.Given(verdict, part, form.code.data or "", form.text.data or "")
    try:
        with transaction() as session:
            service.say(session, actor(), ref, number, given, seen=whole(form.seen.data), at=now())
    except Conflict as conflict:
        if conflict.code != "changed-meanwhile":
            raise
        return _said_meanwhile(ref, number, form)
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        return line_page(ref, number, form, status=422)
    return to(_next(ref, number))


def _said_meanwhile(ref: str, number: int, form: Any) -> Response:
    """Show what somebody else said meanwhile beside what was typed here; sending again is then a choice made."""
    with read_only() as session:
        newest = opened(session, ref).found.line(number)
    form.seen.data = str(len(newest.said)) if newest else "0"
    return line_page(ref, number, form, status=409, meanwhile=True)


def _next(ref: str, number: int) -> str:
    with read_only() as session:
        lines = opened(session, ref).found.lines
    later = [one.number for one in lines if one.state.is_open and not one.state.asked]
    after = next((one for one in later if one > number), None) or next(iter(later), None)
    if after is None:
        return url_for("review_lines.show", ref=ref)
    return url_for("review_lines.line", ref=ref, number=after)


@bp.post("/<ref:ref>/lines/<int:number>/reopen")
@requires(*EXAMINE)
def reopen(ref: str, number: int) -> Response:
    with transaction() as session:
        service.reopen(session, actor(), ref, [number], now())
    flash(_("Line %(number)s waits for a verdict again.", number=number), "success")
    return to(url_for("review_lines.line", ref=ref, number=number))


@bp.get("/<ref:ref>/clean")
@requires(*EXAMINE)
def clean(ref: str) -> Response:
    """List the open lines that nothing stands against, before they are approved together."""
    with read_only() as session:
        page = opened(session, ref)
    chosen = [one for one in page.found.lines if one.number in set(page.found.clean)]
    return render("review/clean.html", work=page, lines=chosen, **shared())


@bp.post("/<ref:ref>/clean")
@requires(*EXAMINE)
def approve_clean(ref: str) -> Response:
    numbers = [whole(text) for text in request.form.getlist("lines")]
    with transaction() as session:
        done = service.approve_clean(session, actor(), ref, numbers, now())
    flash(
        ngettext(
            "%(num)s line was approved. Undo is possible until the decision.",
            "%(num)s lines were approved. Undo is possible until the decision.",
            len(done),
        ),
        "success",
    )
    return to(url_for("review_lines.approved", ref=ref, lines=" ".join(str(one) for one in done)))


@bp.get("/<ref:ref>/clean/done")
@requires(*EXAMINE)
def approved(ref: str) -> Response:
    """Show what was approved together, with the way back."""
    numbers = {whole(text) for text in request.args.get("lines", "").split()}
    with read_only() as session:
        page = opened(session, ref)
    chosen = [one for one in page.found.lines if one.number in numbers and one.state.verdict == "approve"]
    return render("review/approved.html", work=page, lines=chosen, **shared())


@bp.post("/<ref:ref>/clean/undo")
@requires(*EXAMINE)
def undo_clean(ref: str) -> Response:
    numbers = [whole(text) for text in request.form.getlist("lines")]
    with transaction() as session:
        service.reopen(session, actor(), ref, numbers, now())
    flash(_("Undone. The lines wait for a verdict again."), "success")
    return to(url_for("review_lines.show", ref=ref))


@bp.get("/<ref:ref>/sample")
@requires(*EXAMINE)
def sample(ref: str) -> Response:
    seed = str(secrets.randbelow(10**6))
    return _sample_page(ref, forms.SampleForm(formdata=None, data={"size": 5, "seed": int(seed)}))


def _sample_page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        page = opened(session, ref)
        if not page.mine:
            raise NotFound
        results = [service.sample_result(page.found, one) for one in service.samples(session, page.claim)]
    return render("review/sample.html", status=status, work=page, form=form, results=results, **shared())


@bp.post("/<ref:ref>/sample")
@requires(*EXAMINE)
def draw(ref: str) -> Response:
    form = forms.SampleForm()
    form.validate()
    try:
        with transaction() as session:
            service.draw(session, actor(), ref, form.size.data, form.seed.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        return _sample_page(ref, form, 422)
    flash(_("The sample is drawn."), "success")
    return to(url_for("review_lines.sample", ref=ref))


@bp.post("/<ref:ref>/lines/<int:number>/identity")
@requires(*EXAMINE)
def show_identity(ref: str, number: int) -> Response:
    """Show who the child of a line is, for a reason: the look is in the child's use log before the name is read."""
    form = forms.IdentityForm()
    form.validate()

    def look(session: Session) -> Any:
        return identity.show(
            session, actor(), ref, number, form.purpose.data or "", at=now(), endpoint=request.endpoint or ""
        )

    try:
        who = write(look)
    except Refusal as refused:
        if refused.status != 422:
            raise
        flash(sentence(refused), "error")
        return to(url_for("review_lines.line", ref=ref, number=number))
    return line_page(ref, number, who=who)


@bp.get("/<ref:ref>/evidence/<int:evidence_id>")
@requires(*EXAMINE)
def file(ref: str, evidence_id: int) -> Response:
    """Return a file of evidence as a download; opening it is recorded, because it may hold a name."""

    def open_(session: Session) -> tuple[Any, Any]:
        found = evidence.open_file(session, actor(), ref, evidence_id)
        service.log_opened(session, actor(), ref, evidence_id, now())
        return found

    row, stored = write(open_)
    answer = make_response(stored.content)
    answer.mimetype = row.media_type
    name = f"{ref}-{row.sha256[:8]}.{row.media_type.split('/')[-1]}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
