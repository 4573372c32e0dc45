"""Waiting for a place: the queue by urgency, and the best places of one child."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, current_app, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from placement.children import apart, queries
from placement.children import queue as waiting
from placement.children.rules import right_dates
from placement.decisions import queries as decided
from placement.decisions import ranking
from placement.moves import no_place
from placement.permissions import Actor, Permission, Role
from placement.web import explaining, today
from placement.web.child_access import open_child, open_names
from placement.web.edge import actor, now, read_only
from placement.web.edge import today as this_day
from placement.web.guard import requires
from placement.web.render import render

bp = Blueprint("waiting", __name__, url_prefix="/waiting")
BEST = 3


@bp.get("")
@requires(Permission.SEE_WAITING)
def index() -> Response:
    with read_only() as session:
        turns = waiting.queue(session, actor(), now())
        members = [one for turn in turns for one in turn.members]
        siblings = apart.siblings_of(session, [one.facts.id for one in members], this_day())
    names = open_names([one.facts.id for one in members], data_used="queue")
    return render(
        "waiting/index.html",
        turns=turns,
        count=len(members),
        names=names,
        siblings=siblings,
        ages={one.facts.id: right_dates(one.facts.birth_date, this_day()).age for one in members},
        may_calculate=actor().can(Permission.RUN_OPTIMIZER) and "runs.new" in current_app.view_functions,
    )


@bp.get("/<ref:ref>/top3")
@requires(Permission.SEE_WAITING)
def top3(ref: str) -> Response:
    """Show the three best places of one child: a fragment of the queue, or a page of its own."""
    opened = open_child(ref, data_used="best-places")
    with read_only() as session:
        facts = queries.everything_about(session, [opened.id])[opened.id]
        start = max(this_day(), facts.place_from or this_day())
        recorded = no_place.open_of(session, opened.id) is not None
        kept = decided.kept_place(session, actor(), opened.id, now())
        best = () if kept else ranking.best_places(session, actor(), opened.id, start, now(), n=BEST)
    return render(
        "waiting/top3.html",
        fragment="waiting/_top3.html",
        opened=opened,
        kept=kept,
        may_decide=actor().can(Permission.DECIDE),
        may_record=actor().can(Permission.PLAN_MOVES) and not recorded,
        best=[
            {"place": place, "why": [explaining.reason(fact) for fact in place.reasons if explaining.tells_apart(fact)]}
            for place in best
        ],
        start=start,
        has=set(current_app.view_functions),
    )


@today.source
def _waiting(session: Session, who: Actor, at: datetime) -> list[today.Group]:
    """Tell who waits for a place, and for whom the latest calculation found none."""
    if who.role not in (Role.SOCIAL_WORKER, Role.COORDINATOR):
        return []
    members = [one for turn in waiting.queue(session, who, at) for one in turn.members]
    nowhere = waiting.without_suitable_place(session, who, at)
    on = at.date()
    return [
        today.Group(
            key="waiting",
            title=_("Waiting for a place"),
            count=len(members),
            url=url_for("waiting.index"),
            action=_("Look for places"),
            oldest_days=max((one.waiting_days for one in members), default=None),
            main=True,
        ),
        today.Group(
            key="no-suitable-place",
            title=_("No suitable place"),
            count=len(nowhere),
            url=url_for("waiting.index"),
            action=_("See what stands in the way"),
            oldest_days=max(((on - since).days for since in nowhere), default=None),
        ),
    ]
