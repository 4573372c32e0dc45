"""The days that come up in agreements: the list of all, the groups of Today, and recording a review."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session

from placement.agreed import acting, deadlines
from placement.agreed.deadline_rules import Kind
from placement.permissions import Actor, Permission
from placement.refusals import Refusal
from placement.units.queries import organisations_by_key
from placement.web import agreement_parts as parts
from placement.web import today as today_page
from placement.web.agreement_draft import DRAFT, bp
from placement.web.child_forms import KitForm, needed, text
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.fields import DayField
from placement.web.guard import requires
from placement.web.render import render, to

KINDS = {
    Kind.HEARING: _l("Last day to answer in the hearing"),
    Kind.NOTICE: _l("Last day to give notice before the term ends"),
    Kind.ENDS: _l("The agreement ends"),
    Kind.REVIEW: _l("Review at the latest"),
    Kind.REGISTRATION: _l("The registration of the unit ends"),
    Kind.MANDATE: _l("The mandate to sign ends"),
}
HORIZONS = {"60": _l("60 days"), "365": _l("12 months"), "all": _l("All")}


class ReviewForm(KitForm):
    held_on = DayField(_l("Reviewed on"), [needed(_l("Give the day of the review."))])
    outcome = text(_l("What the parties found"), 1000, needed(_l("Write what the parties found.")))


@bp.get("/deadlines")
@requires(Permission.SEE_AGREEMENTS)
def all_deadlines() -> Response:
    """Show the days to come within a horizon; reviews that are overdue stand first."""
    horizon = request.args.get("within", "365")
    horizon = horizon if horizon in HORIZONS else "365"
    with read_only() as session:
        rows = deadlines.all_of(session, actor(), today())
    if horizon != "all":
        rows = [one for one in rows if one.day <= today() + timedelta(days=int(horizon))]
    return render("agreements/deadlines.html", rows=rows, horizon=horizon, horizons=HORIZONS, kinds=KINDS)


@bp.get("/<ref:ref>/reviews")
@requires(DRAFT)
def reviews(ref: str) -> Response:
    return _page(ref, ReviewForm(formdata=None))


def _page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        agreement, _version, _rows = acting.find_own(session, actor(), ref, today())
        held = deadlines.reviews_of(session, agreement)
        bodies = parts.body_names(organisations_by_key(session, [one.organisation_id for one in held]))
        return render(
            "agreements/reviews.html", status=status, agreement=agreement, held=held, bodies=bodies, form=form
        )


@bp.post("/<ref:ref>/reviews")
@requires(DRAFT)
def record_review(ref: str) -> Response:
    form = ReviewForm()
    with read_only() as session:
        acting.find_own(session, actor(), ref, today())
    if not form.validate():
        return _page(ref, form, 422)
    try:
        with transaction() as session:
            deadlines.record_review(session, actor(), ref, form.held_on.data, form.outcome.data, at=now())
    except Refusal as refused:
        refused.field = "held_on"
        parts.attach(form, refused)
        return _page(ref, form, refused.status)
    flash(_("The review was recorded."), "success")
    return to(url_for("agreement_draft.reviews", ref=ref))


@today_page.source
def coming_up(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell drafters and signatories which days of agreements come up within 60 days."""
    if not who.can(Permission.SEE_AGREEMENTS):
        return []
    rows = deadlines.soon(session, who, at)
    return [
        today_page.Group(
            key="agreement-deadlines",
            title=_("Deadlines of agreements"),
            count=len(rows),
            url=url_for("agreement_draft.all_deadlines", within="60"),
            action=_("See what comes up"),
        )
    ]
