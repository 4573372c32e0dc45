"""Directions of a child to a municipality (681/2023 § 43.5): the list, one direction with its answers, a new one."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from placement.audit.idempotency import once, remember
from placement.audit.service import View, log_views
from placement.directing import queries, service
from placement.directing.queries import DirectionLine
from placement.directing.rules import USUAL_TIME, State
from placement.directing.service import NewDirection
from placement.directing.tables import Care, Direction
from placement.people.queries import municipalities
from placement.permissions import Actor, Permission
from placement.refusals import Conflict, NotAllowed, Refusal
from placement.web import direction_words as said
from placement.web import today as today_page
from placement.web.agreement_parts import attach
from placement.web.child_access import open_child
from placement.web.decision_forms import whole
from placement.web.direction_forms import AGREE, AnswerForm, NewDirectionForm, WithdrawForm
from placement.web.edge import actor, now, read_only, today, transaction, write
from placement.web.guard import requires
from placement.web.i18n import lang
from placement.web.render import render, to

bp = Blueprint("directions", __name__)
RELATION = "direction"
MOVE_AFTER = timedelta(days=28)


@bp.context_processor
def _words() -> dict[str, object]:
    return {"said": said}


@bp.get("/directions")
@requires(Permission.SEE_DIRECTIONS)
def index() -> Response:
    with read_only() as session:
        lines = queries.lines(session, actor(), now())
        waiting = {one.row.ref for one in lines if queries.own_sides(session, actor(), one)}
    return render("directions/index.html", lines=lines, waiting=waiting)


@bp.get("/directions/<ref:ref>")
@requires(Permission.SEE_DIRECTIONS)
def show(ref: str) -> Response:
    return _page(ref)


def _page(ref: str, form: Any = None, *, withdrawal: Any = None, status: int = 200) -> Response:
    """Show a direction; whoever is shown the child's age and languages is written to the use log first."""
    row = _look(ref)
    if form is None:
        form = AnswerForm(formdata=None)
        form.offer(_("Choose"))
    with read_only() as session:
        line = queries.told(session, [queries.find(session, actor(), ref, now())], today())[0]
        own = actor().can(Permission.EDIT_CHILDREN) and actor().county_id == row.county_id
        return render(
            "directions/show.html",
            status=status,
            line=line,
            given=queries.answers(session, line),
            seen=queries.seen_of(session, row.child_id, today()),
            agreement_ref=queries.agreement_ref(session, line.row),
            sides=queries.own_sides(session, actor(), line),
            form=form,
            withdrawal=withdrawal or WithdrawForm(formdata=None),
            may_withdraw=own and line.state is State.OPEN,
            opens_child=own,
        )


def _look(ref: str) -> Direction:
    def work(session: Session) -> Direction:
        row = queries.find(session, actor(), ref, now())
        view = View(child_id=row.child_id, relation=RELATION)
        log_views(session, actor(), [view], data_used="direction", endpoint=request.endpoint or "", at=now())
        return row

    return write(work)


@bp.post("/directions/<ref:ref>/answer")
@requires(Permission.ANSWER_DIRECTION)
def answer(ref: str) -> Response:
    """Agree or decline for the own body; a third answer that agrees makes it agreed by all."""
    form = AnswerForm()
    form.offer(_("Choose"))
    with read_only() as session:
        queries.find(session, actor(), ref, now())
    if not form.validate():
        return _page(ref, form, status=422)
    try:
        with transaction() as session:
            line = service.answer(
                session,
                actor(),
                ref,
                agrees=form.answer.data == AGREE,
                reason=form.reason.data or None,
                words=form.words.data,
                at=now(),
            )
    except Refusal as refused:
        if refused.status == 404:
            raise
        attach(form, refused)
        return _page(ref, form, status=refused.status)
    words = _("All have agreed.") if line.state is State.AGREED else _("The answer was given.")
    flash(words, "success")
    return to(url_for("directions.show", ref=ref))


@bp.post("/directions/<ref:ref>/withdrawal")
@requires(Permission.EDIT_CHILDREN)
def withdraw(ref: str) -> Response:
    form = WithdrawForm()
    with read_only() as session:
        queries.find(session, actor(), ref, now())
    if not form.validate():
        return _page(ref, withdrawal=form, status=422)
    try:
        with transaction() as session:
            service.withdraw(session, actor(), ref, form.reason.data, at=now())
    except (Conflict, NotAllowed) as refused:
        attach(form, refused)
        return _page(ref, withdrawal=form, status=refused.status)
    flash(_("The direction was withdrawn."), "success")
    return to(url_for("directions.show", ref=ref))


@bp.get("/children/<ref:ref>/directions/new")
@requires(Permission.EDIT_CHILDREN)
def new(ref: str) -> Response:
    form = NewDirectionForm(formdata=None)
    form.care.data = Care.MUNICIPAL_PLACE.value
    form.planned_from.data, form.expires_on.data = today() + MOVE_AFTER, today() + USUAL_TIME
    return _new_page(ref, form)


def _new_page(ref: str, form: Any, status: int = 200) -> Response:
    opened = open_child(ref, data_used="direction")
    with read_only() as session:
        rows = [(str(one.id), one.name(lang())) for one in municipalities(session)]
    form.offer([("", _("Choose")), *rows])
    return render(
        "directions/new.html",
        status=status,
        opened=opened,
        form=form,
        idempotency_key=request.form.get("idempotency_key") or secrets.token_urlsafe(16),
    )


@bp.post("/children/<ref:ref>/directions")
@requires(Permission.EDIT_CHILDREN)
def create(ref: str) -> Response:
    """Ask the three parties; the child's worker must be linked to the child."""
    open_child(ref, data_used="direction")
    form = NewDirectionForm()
    form.offer([])
    if not form.validate() or not _known(form):
        return _new_page(ref, form, 422)
    key = request.form.get("idempotency_key", "")
    try:
        with transaction() as session:
            before = once(session, actor(), key, "directions.create")
            if before:
                return to(before)
            row = service.open_direction(
                session,
                actor(),
                ref,
                NewDirection(
                    municipality_id=whole(form.municipality.data),
                    care=form.care.data,
                    planned_from=form.planned_from.data,
                    expires_on=form.expires_on.data,
                ),
                at=now(),
            )
            location = url_for("directions.show", ref=row.ref)
            remember(session, actor(), key, "directions.create", location, now())
    except Refusal as refused:
        if refused.status in (403, 404):
            raise
        attach(form, refused)
        return _new_page(ref, form, refused.status)
    flash(_("The three parties are asked."), "success")
    return to(location)


def _known(form: Any) -> bool:
    """Whether the choices are ones that were offered; a foreign value is told like a missing one."""
    with read_only() as session:
        keys = {str(one.id) for one in municipalities(session)}
    if form.municipality.data not in keys:
        form.municipality.errors = [str(said.REFUSED["municipality-missing"])]
    if form.care.data not in list(Care):
        form.care.errors = [_("Choose what the child is directed to.")]
    return not (form.municipality.errors or form.care.errors)


@today_page.source
def to_answer(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell a party which directions wait for its answer, and a worker which own ones ended without agreement."""
    if not who.can(Permission.SEE_DIRECTIONS):
        return []
    if not who.can(Permission.ANSWER_DIRECTION):
        return [_ended(queries.lines(session, who, at))]
    waiting = queries.to_answer(session, who, at)
    urgent = min((one.days_left for one in waiting if one.days_left is not None), default=0)
    return [
        today_page.Group(
            key="directions-to-answer",
            title=_("Directions to answer"),
            count=len(waiting),
            url=_url(waiting),
            action=ngettext("Answer within %(num)s day", "Answer within %(num)s days", urgent),
            main=True,
        )
    ]


def _ended(lines: list[DirectionLine]) -> today_page.Group:
    stopped = [one for one in lines if one.state in (State.DECLINED, State.EXPIRED) and one.row.planned_from >= one.day]
    return today_page.Group(
        key="directions-not-agreed",
        title=_("Directions not agreed"),
        count=len(stopped),
        url=_url(stopped),
        action=_("Plan another municipality"),
    )


def _url(lines: list[DirectionLine]) -> str:
    return url_for("directions.show", ref=lines[0].row.ref) if len(lines) == 1 else url_for("directions.index")
