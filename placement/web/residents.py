"""A unit's own pages: who lives here, what the county asks, and the monthly presence."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from placement.moves import answers, presence, queries, rules
from placement.permissions import Actor, Permission, Role
from placement.reference import age_on, services
from placement.refusals import Conflict, NotFound, Refusal
from placement.typed import read_day
from placement.units.tables import Unit
from placement.web import today as today_page
from placement.web.child_access import open_names
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import month_words
from placement.web.life_forms import AnswerForm, coded, put
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("residents", __name__)


@bp.get("/residents")
@requires(Permission.CONFIRM_PRESENCE)
def show() -> Response:
    with read_only() as session:
        unit = _unit(session)
        found = queries.residents(session, actor(), now())
    names = open_names([one.child_id for one in found if one.arrived], data_used="residents")
    return render("life/residents.html", unit=unit, residents=found, names=names, today=today())


def _unit(session: Session) -> Unit:
    found = session.get(Unit, actor().unit_id) if actor().unit_id is not None else None
    if found is None:
        raise NotFound
    return found


@bp.get("/requests")
@requires(Permission.ANSWER_REQUESTS)
def requests() -> Response:
    return _requests_page()


def _requests_page(status: int = 200, wrong: tuple[str, AnswerForm] | None = None) -> Response:
    with read_only() as session:
        unit = _unit(session)
        found = answers.requests(session, actor())
    words = {one.key: _(one.label) for one in services(today())}
    forms = {one.child_ref: AnswerForm(formdata=None, prefix=one.child_ref) for one in found}
    if wrong is not None:
        forms[wrong[0]] = wrong[1]
    return render(
        "life/requests.html",
        status=status,
        unit=unit,
        requests=found,
        forms=forms,
        form=wrong[1] if wrong else None,
        ages={one.child_ref: age_on(one.facts.birth_date, today()) for one in found},
        service_words=words,
    )


@bp.post("/requests/<ref:proposal>/children/<ref:child>")
@requires(Permission.ANSWER_REQUESTS)
def answer(proposal: str, child: str) -> Response:
    form = AnswerForm(prefix=child)
    takes = "takes" in request.form
    with read_only() as session:
        answers.find(session, actor(), proposal, child)
    form.validate()
    known = form.reason_code.data if form.reason_code.data in dict(form.reason_code.choices) else None
    try:
        with transaction() as session:
            answers.answer(
                session, actor(), proposal, child, takes=takes, reason_code=known, note=form.note.data, at=now()
            )
    except Conflict as refused:
        form.form_errors.append(sentence(refused))
        return _requests_page(refused.status, (child, form))
    except Refusal as refused:
        if refused.status == 404:
            raise
        put(form, refused)
        return _requests_page(refused.status, (child, form))
    flash(_("Your answer was sent to the county."), "success")
    return to(url_for("residents.requests"))


@bp.get("/units/answers")
@requires(Permission.SEE_BOARD)
def register() -> Response:
    """Show what units refused and why; filters in the address."""
    reason, all_ = request.args.get("reason", ""), request.args.get("all") == "1"
    with read_only() as session:
        found = answers.register(session, actor(), reason=reason, noes=not all_)
    counts: dict[str, int] = {}
    for one in found:
        if one.reason_code:
            counts[one.reason_code] = counts.get(one.reason_code, 0) + 1
    return render(
        "life/register.html",
        fragment="life/_register.html",
        lines=found,
        counts=sorted(counts.items(), key=lambda item: -item[1]),
        reason=reason,
        all_=all_,
        reasons=coded("unit_refusal"),
    )


@bp.get("/presence")
@requires(Permission.CONFIRM_PRESENCE)
def month() -> Response:
    return _month_page(_asked(request.args.get("month", "")))


def _asked(text: str) -> date:
    """Return the month written as 2026-11; what is none is the month before this one."""
    try:
        found = read_day(f"{text}-01")
    except ValueError:
        return rules.month_of(rules.month_of(today())[0] - timedelta(days=1))[0]
    return found if 2015 <= found.year <= 2100 else today()


def _month_page(month: date, status: int = 200, problem: str | None = None) -> Response:
    with read_only() as session:
        unit = _unit(session)
        found = presence.sheet(session, unit.id or 0, month)
        missing = presence.missing(session, actor(), today())
    names = open_names([line.child_id for line in found.lines], data_used="presence")
    return render(
        "life/presence.html",
        status=status,
        unit=unit,
        sheet=found,
        names=names,
        missing=[(one, month_words(one)) for one in missing],
        month_words=month_words(found.month),
        before=rules.month_of(found.month - timedelta(days=1))[0],
        after=rules.month_of(found.month)[1],
        over=rules.presence_due(found.month, today()),
        problem=problem,
    )


@bp.post("/presence")
@requires(Permission.CONFIRM_PRESENCE)
def confirm() -> Response:
    month = _asked(request.form.get("month", ""))
    try:
        with transaction() as session:
            presence.confirm(
                session, actor(), month, request.form.get("seal", ""), request.form.get("note", ""), at=now()
            )
    except Refusal as refused:
        if refused.status == 404:
            raise
        return _month_page(month, refused.status, sentence(refused))
    flash(_("The presence was confirmed."), "success")
    return to(url_for("residents.month", month=f"{month:%Y-%m}"))


@today_page.source
def _unit_waits(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell a unit's manager of months to confirm, requests to answer and arrivals to record."""
    if who.role is not Role.UNIT_MANAGER or who.unit_id is None:
        return []
    months = presence.missing(session, who, today())
    asked = [one for one in answers.requests(session, who) if one.answer is None]
    coming = [one for one in queries.residents(session, who, at) if not one.arrived and one.start <= today()]
    groups: list[tuple[str, str, int, Any, str]] = [
        (
            "presence",
            _("Presence to confirm"),
            len(months),
            url_for("residents.month", month=f"{months[0]:%Y-%m}" if months else None),
            _("Confirm who was here"),
        ),
        ("requests", _("Requests"), len(asked), url_for("residents.requests"), _("Answer the county")),
        ("arrivals", _("Arrivals to record"), len(coming), url_for("residents.show"), _("Record the arrival")),
    ]
    return [
        today_page.Group(key=key, title=title, count=count, url=url, action=action, main=key == "requests")
        for key, title, count, url, action in groups
    ]
