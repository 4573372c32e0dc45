"""The review queue: what waits for whom, taking and giving claims, and what of it stands on Today."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from placement.permissions import Actor, Permission
from placement.refusals import Refusal
from placement.reviewing import queue, service
from placement.reviewing.queue import Filters, Row
from placement.reviewing.scope import EXAMINERS
from placement.web import review_forms as forms
from placement.web import review_words as words
from placement.web import today as today_page
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import lang
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("review", __name__, url_prefix="/review")
EXAMINE = (Permission.REVIEW_COSTS, Permission.REVIEW_PAYMENTS)
READ = (Permission.SEE_REVIEW, Permission.SEE_LEDGER)
"""Reading a claim's lines: who examines claims, and who reads the books that they are booked in."""
FILTERS = ("status", "waits", "whose", "county")
WEEK = timedelta(days=7)


@bp.get("")
@requires(Permission.SEE_REVIEW)
def index() -> Response:
    return _queue()


def _queue(problem: str | None = None, status: int = 200) -> Response:
    form = forms.FilterForm(formdata=request.args)
    with read_only() as session:
        every = queue.rows(session, actor(), now())
        gates = [gate for gate, needed in EXAMINERS.items() if actor().can(needed)]
        colleagues = queue.reviewers(session, actor().organisation_id, gates[0], today()) if gates else []
    counties = {row.county.county_code or "": row.county.name(lang()) for row in every}
    form.offer(sorted(counties.items(), key=lambda one: one[1]))
    filters = Filters(**{name: form[name].data or "" for name in FILTERS})
    shown = queue.chosen(every, filters, actor())
    return render(
        "review/index.html",
        fragment="review/_queue.html",
        status=status,
        rows=shown,
        nothing=not every,
        filters=filters,
        form=form,
        chips=_chips(form),
        colleagues=colleagues,
        problem=problem,
        title_error=problem is not None,
        words=words,
        may_take=bool(gates),
    )


def _chips(form: Any) -> list[dict[str, str]]:
    given = {name: form[name].data for name in FILTERS if form[name].data}
    found = []
    for name in given:
        word = dict(form[name].choices).get(given[name], given[name])
        rest: dict[str, Any] = {key: value for key, value in given.items() if key != name}
        found.append({"text": f"{form[name].label.text}: {word}", "href": url_for("review.index", **rest)})
    return found


@bp.post("/assign")
@requires(*EXAMINE)
def assign() -> Response:
    """Give the ticked claims to a colleague; what could not be given is told claim by claim."""
    refs, to_user = request.form.getlist("refs"), whole(request.form.get("to"))
    if not refs or not to_user:
        return _queue(_("Tick at least one claim and choose who takes it."), 422)
    with transaction() as session:
        results = service.assign(session, actor(), refs, to_user, now())
    given = [ref for ref, code in results if code is None]
    if given:
        flash(ngettext("%(num)s claim was reassigned.", "%(num)s claims were reassigned.", len(given)), "success")
    for ref, code in results:
        if code is not None:
            flash(f"{ref}: {sentence(Refusal(code))}", "warning")
    return to(url_for("review.index"))


@bp.post("/<ref:ref>/take")
@requires(*EXAMINE)
def take(ref: str) -> Response:
    """Take a claim for review: the county can no longer take it back."""
    with transaction() as session:
        service.take(session, actor(), ref, whole(request.form.get("version")), now())
    flash(_("You have the claim in review. The county can no longer take it back."), "success")
    return to(url_for("review_lines.show", ref=ref))


@today_page.source
def to_review(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell an examiner which claims are new, answered, due within a week or parked, and the second reviewer's part."""
    if not any(who.can(one) for one in EXAMINE):
        return []
    rows = queue.rows(session, who, at)
    pays = who.can(Permission.REVIEW_PAYMENTS)
    new = _("Applications to examine") if pays else _("New claims")
    return [
        _group("review-new", new, [r for r in rows if r.standing.status == "review-new"], "review-new", main=True),
        _group(
            "review-answered",
            _("Answers received"),
            [r for r in rows if r.standing.status == "review-answered"],
            "review-answered",
        ),
        _group("review-second", _("To confirm as second reviewer"), _second(session, who, rows), "review-second"),
        _due(session, rows, at),
        _parked(session, rows),
    ]


def _group(key: str, title: str, rows: list[Row], status: str, *, main: bool = False) -> today_page.Group:
    count = len(rows)
    return today_page.Group(
        key=key,
        title=title,
        count=count,
        url=url_for("review.index", status=status),
        action=ngettext("Open %(num)s claim", "Open %(num)s claims", count),
        oldest_days=max((row.days for row in rows), default=None),
        main=main,
    )


def _second(session: Session, who: Actor, rows: list[Row]) -> list[Row]:
    waiting = [row for row in rows if row.standing.status == "review-second"]
    looks = queue.second_looks(session, [row.claim.id or 0 for row in waiting])
    return [row for row in waiting if looks[row.claim.id or 0].asked_by != who.user_id]


def _due(session: Session, rows: list[Row], at: datetime) -> today_page.Group:
    """Return the claims whose question or hearing ends within a week."""
    asked = [row for row in rows if row.standing.status in ("review-asked", "review-hearing")]
    until = queue.due_days(session, [row.claim.id or 0 for row in asked])
    soon = [row for row in asked if (due := until.get(row.claim.id or 0)) is not None and due <= at.date() + WEEK]
    return today_page.Group(
        key="review-due",
        title=_("Due this week"),
        count=len(soon),
        url=url_for("review.index", waits="county"),
        action=ngettext("%(num)s answer is due", "%(num)s answers are due", len(soon)),
    )


def _parked(session: Session, rows: list[Row]) -> today_page.Group:
    count = queue.parked_count(session, [row.claim.id or 0 for row in rows if row.claim.status.value == "decided"])
    return today_page.Group(
        key="review-parked",
        title=_("Parked"),
        count=count,
        url=url_for("review.index", status="review-decided"),
        action=ngettext("%(num)s parked line", "%(num)s parked lines", count),
    )
