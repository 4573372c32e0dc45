"""The life of a child's placement: what was recorded about each stay, and recording arrival, absence and leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from placement.children.access import Opened
from placement.decisions.tables import Stay
from placement.moves import absences, life, plans, queries, stays
from placement.permissions import Permission, Role
from placement.reference import code_label
from placement.refusals import Conflict, NotFound, Refusal
from placement.web.child_access import open_child
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.life_forms import AbsenceForm, ArrivalForm, DepartureForm, NotBegunForm, put
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("life", __name__)


def word(list_name: str) -> Callable[[str], str]:
    """Return the filter that gives the word of a code of a list, whether the code is in use today or not."""
    return lambda code: _(code_label(list_name, code, date(2026, 1, 1)))


for _list in (
    "absence_kind",
    "departure_reason",
    "not_begun_reason",
    "unit_refusal",
    "transfer_refusal",
    "handed_over",
    "inspector",
    "self_monitoring",
):
    bp.add_app_template_filter(word(_list), f"{_list}_word")


def ended_because(code: str | None) -> str:
    """Return why a stay ended: moved and transferred are recorded by decisions, the rest by a reason code."""
    own = {"moved": _("Moved to another unit"), "transferred": _("Another county took over")}
    return own.get(code or "") or (word("departure_reason")(code) if code else "")


bp.add_app_template_filter(ended_because)


@bp.get("/children/<ref:ref>/placement")
@requires(Permission.SEE_CHILDREN)
def show(ref: str) -> Response:
    opened = open_child(ref, data_used="placement-life")
    with read_only() as session:
        found = queries.life(session, opened, plans.open_plans(session, opened.id), today())
    return render("life/show.html", opened=opened, life=found, today=today(), may=_may(opened))


def _may(opened: Opened) -> dict[str, bool]:
    who = actor()
    return {
        "record": who.can(Permission.RECORD_STAYS),
        "move": who.can(Permission.PLAN_MOVES),
        "transfer": who.can(Permission.TRANSFER_CHILDREN) and opened.shows_place,
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def _stay(ref: str, start: str) -> tuple[Opened | None, Stay]:
    """Return the child as it may be shown and the stay; a manager knows one who is to come by reference only."""
    with read_only() as session:
        _child, stay = stays.find(session, actor(), ref, _day(start), now())
    coming = actor().role is Role.UNIT_MANAGER and not (stay.realised_start and stay.realised_start <= today())
    return None if coming else open_child(ref, data_used="stay"), stay


def _back(ref: str) -> str:
    """Return where an act leads to: a unit's manager to the unit's residents, others to the child."""
    own = actor().role is Role.UNIT_MANAGER
    return url_for("residents.show") if own else url_for("life.show", ref=ref)


def _page(act: str, ref: str, start: str, form: Any, status: int = 200) -> Response:
    opened, stay = _stay(ref, start)
    if not form.version.data:
        form.version.data = stay.version
    return render(
        f"life/{act}.html",
        status=status,
        ref=ref,
        start=start,
        opened=opened,
        stay=stay,
        form=form,
        back_url=_back(ref),
    )


def _act(act: str, ref: str, start: str, form: Any, work: Callable[[Session, int], object], said: str) -> Response:
    """Validate, do the act under the stay's version, and tell what stands against it at its field."""
    if not form.validate():
        return _page(act, ref, start, form, status=422)
    version = int(form.version.data) if str(form.version.data or "").isdigit() else 0
    try:
        with transaction() as session:
            work(session, version)
    except Conflict as refused:
        form.form_errors.append(sentence(refused))
        form.version.data = None
        return _page(act, ref, start, form, status=refused.status)
    except Refusal as refused:
        if refused.status == 404:
            raise
        put(form, refused)
        return _page(act, ref, start, form, status=refused.status)
    flash(said, "success")
    return to(_back(ref))


@bp.get("/children/<ref:ref>/stays/<start>/arrival")
@requires(Permission.RECORD_STAYS)
def arrival(ref: str, start: str) -> Response:
    day = min(_day(start), today())
    return _page("arrival", ref, start, ArrivalForm(formdata=None, data={"arrived_on": day}))


@bp.post("/children/<ref:ref>/stays/<start>/arrival")
@requires(Permission.RECORD_STAYS)
def record_arrival(ref: str, start: str) -> Response:
    form = ArrivalForm()
    _stay(ref, start)

    def work(session: Session, version: int) -> object:
        return life.record_arrival(session, actor(), ref, _day(start), form.arrived_on.data, version=version, at=now())

    return _act("arrival", ref, start, form, work, _("The arrival was recorded."))


@bp.get("/children/<ref:ref>/stays/<start>/not-begun")
@requires(Permission.RECORD_STAYS)
def not_begun(ref: str, start: str) -> Response:
    return _page("not_begun", ref, start, NotBegunForm(formdata=None))


@bp.post("/children/<ref:ref>/stays/<start>/not-begun")
@requires(Permission.RECORD_STAYS)
def record_not_begun(ref: str, start: str) -> Response:
    form = NotBegunForm()
    _stay(ref, start)

    def work(session: Session, version: int) -> object:
        return life.not_begun(session, actor(), ref, _day(start), form.to_reason(), version=version, at=now())

    return _act("not_begun", ref, start, form, work, _("Recorded: the stay never began. The place is free."))


@bp.get("/children/<ref:ref>/stays/<start>/departure")
@requires(Permission.RECORD_STAYS)
def departure(ref: str, start: str) -> Response:
    return _page("departure", ref, start, DepartureForm(formdata=None, data={"left_on": today()}))


@bp.post("/children/<ref:ref>/stays/<start>/departure")
@requires(Permission.RECORD_STAYS)
def record_departure(ref: str, start: str) -> Response:
    form = DepartureForm()
    _stay(ref, start)

    def work(session: Session, version: int) -> object:
        return life.record_departure(
            session,
            actor(),
            ref,
            _day(start),
            form.left_on.data,
            life.Reason(form.code.data),
            needs_place=bool(form.needs_place.data),
            version=version,
            at=now(),
        )

    return _act("departure", ref, start, form, work, _("The departure was recorded."))


@bp.get("/children/<ref:ref>/stays/<start>/absence")
@requires(Permission.RECORD_STAYS)
def absence(ref: str, start: str) -> Response:
    return _page("absence", ref, start, AbsenceForm(formdata=None, data={"started_on": today()}))


@bp.post("/children/<ref:ref>/stays/<start>/absence")
@requires(Permission.RECORD_STAYS)
def record_absence(ref: str, start: str) -> Response:
    form = AbsenceForm()
    _stay(ref, start)

    def work(session: Session, version: int) -> object:
        command = form.to_command()
        return absences.record_absence(session, actor(), ref, _day(start), command, version=version, at=now())

    return _act("absence", ref, start, form, work, _("The absence was recorded."))


@bp.get("/children/<ref:ref>/absences/<start>")
@requires(Permission.RECORD_STAYS)
def change_absence(ref: str, start: str) -> Response:
    return _absence_page(ref, start, None)


def _absence_page(ref: str, start: str, form: AbsenceForm | None, status: int = 200) -> Response:
    with read_only() as session:
        row = absences.find(session, actor(), ref, _day(start), now())
    opened = open_child(ref, data_used="absence")
    if form is None:
        names = (
            "kind",
            "started_on",
            "back_on",
            "expected_back_on",
            "police_told_on",
            "representative_told_on",
            "note",
        )
        form = AbsenceForm(formdata=None, data={name: getattr(row, name) for name in names})
    if not form.version.data:
        form.version.data = row.version
    return render(
        "life/absence_change.html",
        status=status,
        ref=ref,
        start=start,
        opened=opened,
        form=form,
        row=row,
        back_url=_back(ref),
    )


@bp.post("/children/<ref:ref>/absences/<start>")
@requires(Permission.RECORD_STAYS)
def save_absence(ref: str, start: str) -> Response:
    """Keep the day of return and who was told; kind and first day stay as they were recorded."""
    with read_only() as session:
        row = absences.find(session, actor(), ref, _day(start), now())
    form = AbsenceForm()
    form.kind.data, form.started_on.data = row.kind, row.started_on
    form.started_on.unread = False
    if not form.validate():
        return _absence_page(ref, start, form, status=422)
    version = int(form.version.data) if str(form.version.data or "").isdigit() else 0
    try:
        with transaction() as session:
            absences.record_return(session, actor(), ref, _day(start), form.to_command(), version=version, at=now())
    except Conflict as refused:
        form.form_errors.append(sentence(refused))
        form.version.data = None
        return _absence_page(ref, start, form, status=refused.status)
    except Refusal as refused:
        if refused.status == 404:
            raise
        put(form, refused)
        return _absence_page(ref, start, form, status=refused.status)
    flash(_("The absence was saved."), "success")
    return to(_back(ref))
