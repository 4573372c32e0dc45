"""Closing places of a unit with a plan for each child: the wizard, its page, and every act on the way."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from placement.audit import idempotency
from placement.decisions import closing, closing_plans, closing_queries
from placement.decisions.weights import FREEZE_DAYS, WEB_TIME_LIMIT_S
from placement.permissions import Actor, Permission
from placement.refusals import Conflict, Refusal
from placement.units import capacity, queries
from placement.units.tables import Unit
from placement.web import today as today_page
from placement.web.closure_forms import ClosureForm, WishesForm
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import render, to
from placement.web.sentences import sentence
from placement.web.unit_forms import put_faults

bp = Blueprint("closures", __name__)


@bp.get("/units/<ref:ref>/closures/new")
@requires(Permission.EDIT_UNITS)
def new(ref: str) -> Response:
    """Ask which places close and when; with days in the address it tells at once whom that touches."""
    asked = request.args.keys() & {"valid_from", "valid_to", "how", "places"}
    form = ClosureForm(formdata=request.args) if asked else ClosureForm(formdata=None, data={"how": "all"})
    return _new_page(ref, form)


@bp.post("/units/<ref:ref>/closures/new")
@requires(Permission.EDIT_UNITS)
def create(ref: str) -> Response:
    """Begin to close; the emergency button closes from today on, whatever day stands in the form."""
    emergency = "emergency" in request.form
    form = ClosureForm()
    if emergency and not form.valid_from.data:
        form.valid_from.data = today()
    key = request.form.get("idempotency_key", "")
    with read_only() as session:
        queries.find_own(session, actor(), ref, today())
    if not form.validate():
        return _new_page(ref, form, status=422)
    try:
        with transaction() as session:
            address = idempotency.once(session, actor(), key, "closures.create")
            if address is None:
                row = closing.close_places(session, actor(), ref, form.to_command(emergency=emergency), at=now())
                address = url_for("closures.show", closure=row.ref)
                idempotency.remember(session, actor(), key, "closures.create", address, now())
    except Refusal as refused:
        if refused.field is None:
            raise
        put_faults(form, refused)
        return _new_page(ref, form, status=refused.status)
    return to(address)


def _new_page(ref: str, form: ClosureForm, status: int = 200) -> Response:
    with read_only() as session:
        unit = queries.find_own(session, actor(), ref, today())
        touched = _touched(session, unit, form)
    return render(
        "closures/new.html",
        fragment="closures/_affected.html" if status == 200 else None,
        status=status,
        unit=unit,
        form=form,
        touched=touched,
        idempotency_key=request.form.get("idempotency_key") or secrets.token_urlsafe(24),
    )


def _touched(session: Session, unit: Unit, form: ClosureForm) -> closing.Inside | None:
    """Return whom the days in the form touch, None while no first day stands in it that can be read."""
    first, last = form.valid_from.data, form.valid_to.data
    if first is None or (last is not None and last < first):
        return None
    book = capacity.books(session, [unit.id or 0], now(), since=min(first, today()))[unit.id or 0]
    return closing.inside(book, first, last, form.places.data if form.how.data == "some" else None)


@bp.get("/closures/<ref:closure>")
@requires(Permission.SEE_BOARD)
def show(closure: str) -> Response:
    return _page(closure)


def _page(ref: str, *, status: int = 200, form: WishesForm | None = None, problem: str | None = None) -> Response:
    with read_only() as session:
        row, unit = closing.find(session, actor(), ref, today())
        found = closing_queries.page(session, actor(), row, unit, now())
    if form is None:
        first = max(today(), min(row.valid_from, today() + timedelta(days=FREEZE_DAYS)))
        form = WishesForm(formdata=None, data={"freeze_until": first, "siblings_together": True})
    form.version.data = row.version
    under_way = any(run.status in ("queued", "running") for _plan, run in found.plans)
    return render(
        "closures/show.html",
        fragment="closures/_plans.html" if status == 200 else None,
        status=status,
        closure=row,
        unit=unit,
        found=found,
        form=form,
        problem=problem,
        today=today(),
        under_way=under_way,
        compare_url=_compare_url(found),
        may_close=actor().can(Permission.EDIT_UNITS),
        may_look=actor().can(Permission.SECOND_OFFICIAL) and row.requested_by != actor().user_id,
    )


def _compare_url(found: closing_queries.ClosingPage) -> str | None:
    return comparison_of([run.ref for _plan, run in found.plans]) if found.plans else None


def comparison_of(refs: Sequence[str]) -> str:
    """Return the address that compares up to three calculations."""
    chosen: dict[str, Any] = dict(zip("abc", refs, strict=False))
    return url_for("compare.show", **chosen)


@bp.post("/closures/<ref:closure>/calculate")
@requires(Permission.EDIT_UNITS)
def calculate(closure: str) -> Response:
    """Calculate new places three ways; the answer is the page that compares them."""
    form = WishesForm()
    with read_only() as session:
        closing.find(session, actor(), closure, today())
    if not form.validate():
        return _page(closure, status=422, form=form)
    try:
        with transaction() as session:
            made = closing_plans.calculate(
                session,
                actor(),
                closure,
                form.to_wishes(),
                version=_version(),
                at=now(),
                time_limit_s=WEB_TIME_LIMIT_S,
            )
            keys, refs = [run.id or 0 for run in made], [run.ref for run in made]
    except Conflict as refused:
        return _page(closure, status=refused.status, form=form, problem=sentence(refused))
    except Refusal as refused:
        if refused.status == 404:
            raise
        put_faults(form, refused)
        return _page(closure, status=refused.status, form=form)
    for key in keys:
        kit().wake(key)
    return to(comparison_of(refs))


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _act(ref: str, work: Callable[[Session], object], said: str) -> Response:
    """Do one act on a closing; what stands against it is told on its page."""
    try:
        with transaction() as session:
            work(session)
    except Conflict as refused:
        return _page(ref, status=refused.status, problem=sentence(refused))
    flash(said, "success")
    return to(url_for("closures.show", closure=ref))


@bp.post("/closures/<ref:closure>/use")
@requires(Permission.EDIT_UNITS)
def use(closure: str) -> Response:
    run, version = request.form.get("run", ""), _version()

    def work(session: Session) -> object:
        return closing_plans.use(session, actor(), closure, run, version=version, at=now())

    return _act(closure, work, _("The proposal was chosen. Look at it and send it for decision."))


@bp.post("/closures/<ref:closure>/send")
@requires(Permission.EDIT_UNITS)
def send(closure: str) -> Response:
    version = _version()

    def work(session: Session) -> object:
        return closing_plans.send(session, actor(), closure, version=version, at=now())

    return _act(closure, work, _("Sent. An official now decides on each child."))


@bp.post("/closures/<ref:closure>/confirm")
@requires(Permission.EDIT_UNITS)
def confirm(closure: str) -> Response:
    version = _version()

    def work(session: Session) -> object:
        return closing.confirm(session, actor(), closure, version=version, at=now())

    return _act(closure, work, _("The closure was confirmed."))


@bp.post("/closures/<ref:closure>/cancel")
@requires(Permission.EDIT_UNITS)
def cancel(closure: str) -> Response:
    version = _version()

    def work(session: Session) -> object:
        return closing_plans.cancel(session, actor(), closure, version=version, at=now())

    return _act(closure, work, _("The closure was cancelled."))


@bp.post("/closures/<ref:closure>/look")
@requires(Permission.SECOND_OFFICIAL)
def look(closure: str) -> Response:
    """Record that a second person has looked at an emergency."""
    version = _version()

    def work(session: Session) -> object:
        return closing.look_at_emergency(session, actor(), closure, version=version, at=now())

    return _act(closure, work, _("Recorded: you have looked at this emergency closing."))


@today_page.source
def _closing(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell of closings under preparation, of children without a plan in them, and of emergencies to look at."""
    if who.county_id is None or not (who.can(Permission.EDIT_UNITS) or who.can(Permission.SECOND_OFFICIAL)):
        return []
    waits = closing_queries.waiting(session, who, at)
    groups = []
    if who.can(Permission.EDIT_UNITS):
        groups.append(
            today_page.Group(
                key="closing",
                title=_("Closing units: children without a plan"),
                count=waits.without_plan,
                url=_address(waits.first),
                action=ngettext("Open %(num)s closing unit", "Open the first of %(num)s closing units", waits.open),
                main=waits.emergency,
            )
        )
    if who.can(Permission.SECOND_OFFICIAL):
        groups.append(
            today_page.Group(
                key="emergencies",
                title=_("Emergency closings to look at"),
                count=len(waits.to_look_at),
                url=_address(waits.to_look_at[0] if waits.to_look_at else None),
                action=_("Look at the emergency"),
                main=True,
            )
        )
    return groups


def _address(ref: str | None) -> str:
    return url_for("closures.show", closure=ref) if ref else url_for("units.board")
