"""Moves: planning one, those to decide, siblings who live apart, and the search that found no suitable place."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from placement.decisions import booking, drafts
from placement.decisions.booking import BookingRefused
from placement.moves import no_place, plans, queries
from placement.moves.no_place_queries import open_states
from placement.permissions import Actor, Permission, Role
from placement.refusals import NotFound, Refusal
from placement.typed import read_day
from placement.web import decision_refusals
from placement.web import today as today_page
from placement.web.child_access import open_child, open_names
from placement.web.decision_words import broken_sentence
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.life_forms import MoveForm, put
from placement.web.life_words import blocked_by
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("moves", __name__)
AHEAD = timedelta(days=14)


@bp.get("/children/<ref:ref>/move")
@requires(Permission.PLAN_MOVES)
def new(ref: str) -> Response:
    day = _asked() or today() + AHEAD
    return _page(
        ref, MoveForm(formdata=None, data={"move_on": day, "unit": request.args.get("unit"), "keep_school": True})
    )


def _asked() -> date | None:
    try:
        found = read_day(request.args.get("move_on", ""))
    except ValueError:
        return None
    return found if today() <= found <= today() + timedelta(days=3650) else None


def _page(ref: str, form: MoveForm, status: int = 200) -> Response:
    opened = open_child(ref, data_used="move")
    day = form.move_on.data if form.move_on.data and form.move_on.data >= today() else today()
    with read_only() as session:
        options = plans.options(session, actor(), opened.id, day, now())
        waiting = plans.open_plans(session, opened.id)
    form.unit.choices = [("", _("Choose")), *((one.unit.ref, one.unit.name) for one in options if one.possible)]
    return render(
        "life/move.html",
        fragment="life/_free_on_date.html" if status == 200 else None,
        status=status,
        opened=opened,
        form=form,
        day=day,
        options=options,
        plans=waiting,
        say=lambda option: [broken_sentence(one) for one in option.broken],
        may_decide=actor().can(Permission.DECIDE),
        hide=not opened.shows_place,
    )


@bp.post("/children/<ref:ref>/move")
@requires(Permission.PLAN_MOVES)
def create(ref: str) -> Response:
    """Put the move on record for decision; with "decide" the decision begins at once, its place held."""
    form = MoveForm()
    opened = open_child(ref, data_used="move")
    if not form.validate():
        return _page(ref, form, status=422)
    deciding = "decide" in request.form and actor().can(Permission.DECIDE)

    def work(session: Session) -> None:
        plans.ask(
            session,
            actor(),
            ref,
            form.unit.data or "",
            form.move_on.data,
            reason=form.reason.data or "",
            keep_school=bool(form.keep_school.data),
            at=now(),
        )
        if deciding:
            asked = drafts.Start(ref, form.unit.data, start=form.move_on.data)
            drafts.start_decision(session, actor(), asked, at=now())

    try:
        if not form.unit.data:
            raise Refusal("unit-missing", field="unit")
        booking.attempt(kit().database, actor(), now(), work)
    except BookingRefused as refused:
        return decision_refusals.lost_page(ref, refused)
    except NotFound:
        put(form, Refusal("unit-missing", field="unit"))
        return _page(ref, form, status=422)
    except Refusal as refused:
        put(form, refused)
        return _page(ref, form, status=refused.status)
    if deciding:
        return to(url_for("decisions.new", child=ref))
    flash(_("The move is on record. It waits for a decision."), "success")
    return to(url_for("life.show", ref=opened.ref))


@bp.post("/children/<ref:ref>/move/take-back")
@requires(Permission.PLAN_MOVES)
def take_back(ref: str) -> Response:
    open_child(ref, data_used="move")
    with transaction() as session:
        plans.take_back(session, actor(), ref, at=now())
    flash(_("The planned move was taken back."), "success")
    return to(url_for("life.show", ref=ref))


@bp.get("/moves")
@requires(Permission.PLAN_MOVES)
def index() -> Response:
    """Show the moves that wait for a decision and the siblings who live apart."""
    with read_only() as session:
        found = plans.to_decide(session, actor(), now())
        apart = queries.siblings_apart(session, actor(), now())
    names = open_names([one.child_id for one in found], data_used="moves")
    return render("life/moves.html", moves=found, apart=apart, names=names, today=today())


@bp.get("/waiting/no-place")
@requires(Permission.SEE_WAITING)
def without_place() -> Response:
    with read_only() as session:
        found = open_states(session, actor(), now())
    names = open_names([one.child_id for one in found], data_used="no-place")
    return render(
        "life/no_place.html",
        states=found,
        names=names,
        say=_blocking,
        may_try=actor().can(Permission.PLAN_MOVES),
    )


def _blocking(text: str) -> list[tuple[str, int]]:
    """Return what keeps the child out, in words with the number of units, the most frequent first."""
    return [(blocked_by(code), count) for code, count in json.loads(text).items()]


@bp.post("/waiting/<ref:ref>/no-place")
@requires(Permission.PLAN_MOVES)
def declare(ref: str) -> Response:
    open_child(ref, data_used="no-place")
    return _tell(
        lambda session: no_place.declare(session, actor(), ref, at=now()),
        _("Recorded. In a week the places are looked at again."),
    )


@bp.post("/waiting/<ref:ref>/try")
@requires(Permission.PLAN_MOVES)
def try_again(ref: str) -> Response:
    opened = open_child(ref, data_used="no-place")
    return _tell(
        lambda session: no_place.try_again(session, actor(), opened.id, at=now()), _("The places were looked at again.")
    )


def _tell(work: Any, said: str) -> Response:
    try:
        with transaction() as session:
            work(session)
    except Refusal as refused:
        if refused.status == 404:
            raise
        flash(sentence(refused), "warning")
    else:
        flash(said, "success")
    return to(url_for("moves.without_place"))


@today_page.source
def _waits(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell of moves to decide, arrivals that nobody recorded, children who ran away and due looks for a place."""
    if who.role not in (Role.SOCIAL_WORKER, Role.COORDINATOR, Role.COUNTY_LEAD):
        return []
    on = today()
    moves, due = plans.to_decide(session, who, at), queries.due(session, who, at)
    groups = [
        today_page.Group(
            key="moves",
            title=_("Moves to decide") if who.can(Permission.DECIDE) else _("Planned moves"),
            count=len(moves),
            url=url_for("moves.index"),
            action=_("Open the moves"),
            oldest_days=max(((at - one.asked_at).days for one in moves), default=None),
        ),
        today_page.Group(
            key="ran-away",
            title=_("Children who ran away"),
            count=len(due.ran_away),
            url=url_for("children.index"),
            action=_("See who is away and who was told"),
            oldest_days=max(((on - day).days for day in due.ran_away), default=None),
        ),
    ]
    if who.can(Permission.RECORD_STAYS):
        groups.append(
            today_page.Group(
                key="arrivals",
                title=_("Arrivals to record"),
                count=len(due.arrivals),
                url=url_for("children.index", status="placed"),
                action=_("Record who came and who did not"),
                oldest_days=max(((on - day).days for day in due.arrivals), default=None),
            )
        )
    return groups
