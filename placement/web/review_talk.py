"""What an examiner asks others: the county for clarification or its view, a colleague for a second look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from placement.permissions import Permission
from placement.refusals import NotFound, Refusal
from placement.reviewing import deciding, hearings, scope, service
from placement.web import review_forms as forms
from placement.web import review_words as words
from placement.web.agreement_parts import attach
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import render, to
from placement.web.review import EXAMINE
from placement.web.review_lines import bp as bp
from placement.web.review_lines import opened, shared

ANSWER_DAYS = timedelta(days=14)
STATE = (Permission.PREPARE_CLAIMS, Permission.SEND_CLAIMS)


@bp.get("/<ref:ref>/query")
@requires(*EXAMINE)
def query(ref: str) -> Response:
    chosen = request.args.getlist("lines")
    data = {"lines": chosen, "due_on": today() + ANSWER_DAYS}
    return _query_page(ref, forms.AskForm(formdata=None, data=data))


def _query_page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        page = opened(session, ref)
    if not page.mine:
        raise NotFound
    form.lines.choices = [
        (str(line.number), words.whole_refs(_line_words(line))) for line in page.found.lines if line.state.is_open
    ]
    return render("review/query.html", status=status, work=page, form=form, **shared())


def _line_words(line: Any) -> str:
    return ", ".join(
        part
        for part in (
            f"{line.number}",
            words.kind(line),
            words.place(line),
            line.row.child_ref,
            words.days(line.row.first_day, line.row.last_day),
        )
        if part
    )


@bp.post("/<ref:ref>/query")
@requires(*EXAMINE)
def ask(ref: str) -> Response:
    """Ask about the ticked lines: only these are open to the county's answer."""
    form = forms.AskForm()
    form.lines.choices = []
    form.validate()
    numbers = [whole(text) for text in form.lines.data or []]
    try:
        with transaction() as session:
            service.ask(session, actor(), ref, numbers, form.question.data, form.due_on.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        return _query_page(ref, form, 422)
    flash(_("The question was sent to the county. Only those lines are open to its answer."), "success")
    return to(url_for("review_lines.show", ref=ref))


@bp.get("/<ref:ref>/hearing")
@requires(*EXAMINE)
def hearing(ref: str) -> Response:
    return _hearing_page(ref, forms.HearingForm(formdata=None, data={"due_on": today() + ANSWER_DAYS}))


def _hearing_page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        page = opened(session, ref)
        if not page.mine:
            raise NotFound
        every = hearings.of_claim(session, page.claim)
    return render("review/hearing.html", status=status, work=page, form=form, hearings=every, today=today(), **shared())


@bp.post("/<ref:ref>/hearing")
@requires(*EXAMINE)
def hear(ref: str) -> Response:
    form = forms.HearingForm()
    form.validate()
    try:
        with transaction() as session:
            service.hear(session, actor(), ref, form.about.data, form.due_on.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        return _hearing_page(ref, form, 422)
    flash(_("The county is asked for its view."), "success")
    return to(url_for("review_lines.show", ref=ref))


@bp.post("/<ref:ref>/second")
@requires(*EXAMINE)
def ask_second(ref: str) -> Response:
    """Ask another reviewer to confirm what is said of the lines."""
    with transaction() as session:
        deciding.ask_second(session, actor(), ref, now())
    flash(_("Another reviewer is asked to confirm. You are told on Today when it is done."), "success")
    return to(url_for("review_decision.check", ref=ref))


@bp.post("/<ref:ref>/second/answer")
@requires(*EXAMINE)
def answer_second(ref: str) -> Response:
    """Confirm, or send back with a remark."""
    form = forms.SecondForm()
    form.validate()
    agrees = request.form.get("answer") == "confirm"
    try:
        with transaction() as session:
            deciding.answer_second(session, actor(), ref, agrees=agrees, remark=form.remark.data, at=now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        from placement.web.review_decision import check_page

        attach(form, refused)
        return check_page(ref, second=form, status=422)
    flash(_("You confirmed the decision.") if agrees else _("You sent the claim back to the reviewer."), "success")
    return to(url_for("review_lines.show", ref=ref))


@bp.get("/<ref:ref>/hearings/<int:key>")
@requires(*STATE)
def statement(ref: str, key: int) -> Response:
    return _statement_page(ref, key, forms.StatementForm(formdata=None))


def _statement_page(ref: str, key: int, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        claim = scope.find(session, actor(), ref, today())
        asked = hearings.find(session, actor(), claim, key)
    return render("review/statement.html", status=status, claim=claim, asked=asked, form=form, words=words)


@bp.post("/<ref:ref>/hearings/<int:key>")
@requires(*STATE)
def state(ref: str, key: int) -> Response:
    """Give the county's view on what is about to be decided."""
    form = forms.StatementForm()
    readable = form.validate()
    try:
        with transaction() as session:
            claim = scope.find(session, actor(), ref, today())
            if readable:
                hearings.state(session, actor(), claim, key, form.statement.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        readable = False
    if not readable:
        return _statement_page(ref, key, form, 422)
    flash(_("The statement was sent."), "success")
    return to(url_for("claims.show", ref=ref))
