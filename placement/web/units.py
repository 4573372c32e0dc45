"""Units: the list, the board "Places now", one unit's page, and changing what a unit offers."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from agreements.period import Period
from placement.audit import idempotency
from placement.people.queries import municipalities
from placement.permissions import Actor, Permission
from placement.reference import services
from placement.refusals import Conflict, Refusal
from placement.typed import read_day
from placement.units import changes, lists, page, places, queries, service
from placement.units.lists import Filters, UnitLine
from placement.units.tables import Unit
from placement.web import today as today_page
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import month_words, weekday_words
from placement.web.render import render, to, wants_fragment
from placement.web.unit_conflict import conflict_page
from placement.web.unit_forms import (
    DayForm,
    ExcessForm,
    PlacesForm,
    filter_form,
    offer_data,
    offer_form,
    put_faults,
)

bp = Blueprint("units", __name__, url_prefix="/units")
FILTERS = ("kind", "municipality", "language", "free", "sort")


@bp.get("")
@requires(Permission.SEE_UNITS)
def index() -> Response:
    with read_only() as session:
        every = lists.lines(session, actor(), today(), now(), today())
    form = filter_form(request.args, _towns(every), {code for line in every for code in line.facts.languages})
    filters = Filters(
        kind=form.kind.data or "",
        municipality=form.municipality.data or "",
        language=form.language.data or "",
        free=bool(form.free.data),
        sort=form.sort.data if form.sort.data in lists.SORTS else "name",
    )
    return render(
        "units/index.html",
        fragment="units/_filters_result.html",
        lines=lists.chosen(every, filters),
        nothing=not every,
        filters=filters,
        form=form,
        chips=_chips(form),
        sort_url=lambda key: url_for("units.index", **_kept({"sort": key})),
    )


def _towns(every: list[UnitLine]) -> list[Any]:
    return list({line.town.id: line.town for line in every if line.town is not None}.values())


def _kept(changed: dict[str, str | None]) -> dict[str, Any]:
    given = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return {name: value for name, value in {**given, **changed}.items() if value}


def _chips(form: Any) -> list[dict[str, str]]:
    found = []
    for field in (form.kind, form.municipality, form.language):
        words = dict(field.choices).get(field.data) if field.data else None
        if words:
            found.append(
                {"text": f"{field.label.text}: {words}", "href": url_for("units.index", **_kept({field.name: None}))}
            )
    if form.free.data:
        found.append({"text": form.free.label.text, "href": url_for("units.index", **_kept({"free": None}))})
    return found


@bp.get("/board")
@requires(Permission.SEE_BOARD)
def board() -> Response:
    """Show every unit's places on a day as cards, or as a table with the same numbers; `privacy` hides references."""
    form = DayForm(formdata=request.args) if request.args.get("day") else DayForm(data={"day": today()})
    day = form.day.data if form.validate() and form.day.data else today()
    privacy = request.args.get("privacy") == "1"
    with read_only() as session:
        lines = lists.lines(session, actor(), day, now(), today())
        keys = [line.facts.id for line in lines]
        refs = {} if privacy else lists.own_references(session, actor(), keys, day)
        waiting = lists.waiting(session, actor(), day)
    return render(
        "units/board.html",
        fragment="units/_board_now.html",
        status=422 if form.errors else 200,
        lines=lines,
        signs={line.facts.id: lists.signs(line.count, refs.get(line.facts.id, [])) for line in lines},
        waiting=waiting,
        privacy=privacy,
        as_table=request.args.get("view") == "table",
        day=day,
        is_today=day == today(),
        as_at=now(),
        form=form,
        address=_board_address(day),
    )


def _board_address(day: date) -> Any:
    kept = {name: request.args[name] for name in ("view", "privacy") if request.args.get(name)}

    def address(**changed: str | None) -> str:
        wanted: dict[str, Any] = {**kept, "day": None if day == today() else day.isoformat(), **changed}
        return url_for("units.board", **{name: value for name, value in wanted.items() if value})

    return address


@bp.get("/<ref:ref>")
@requires(Permission.SEE_UNITS)
def show(ref: str) -> Response:
    day = _day_asked("day", today())
    month = _day_asked("month", day)
    with read_only() as session:
        unit = queries.find(session, actor(), ref, today())
        found = page.show(session, actor(), unit, month=month, day=day, at=now(), on=today())
    asked = "day" if request.headers.get("HX-Target") == "day" else "calendar"
    return render(
        "units/show.html",
        fragment=f"units/_{asked}.html",
        focus=asked if wants_fragment() else None,
        found=found,
        line=found.line,
        unit=found.line.facts,
        today=today(),
        may_edit=found.line.own and actor().can(Permission.EDIT_UNITS),
        may_exceed=found.line.own and actor().can(Permission.SECOND_OFFICIAL),
        may_open_children=actor().can(Permission.SEE_CHILDREN),
        service_words={one.key: _(one.label) for one in services(today())},
        month_words=month_words(found.month.first),
        weekdays=weekday_words(),
    )


def _day_asked(name: str, otherwise: date) -> date:
    """Return the day (or the month's first day, written 2026-11) of the address; what is no day is passed over."""
    given = request.args.get(name, "")
    try:
        found = read_day(given if len(given) > 7 else f"{given}-01")
    except ValueError:
        return otherwise
    return found if 2000 <= found.year <= 2100 else otherwise


@bp.get("/new")
@requires(Permission.EDIT_UNITS)
def new() -> Response:
    with read_only() as session:
        form = _offer_form(session, new=True, data=None)
    return _new_page(form)


@bp.post("/new")
@requires(Permission.EDIT_UNITS)
def add() -> Response:
    key = request.form.get("idempotency_key", "")
    with read_only() as session:
        form = _offer_form(session, new=True, data=None)
    if not form.validate():
        return _new_page(form, status=422)
    command = form.to_command(form.kind.data)
    start = places.PlacesCommand(Period(form.opened_on.data), form.places.data, form.care_workers.data)
    try:
        with transaction() as session:
            address = idempotency.once(session, actor(), key, "units.add")
            if address is None:
                unit = service.add_unit(session, actor(), command, start, at=now())
                address = url_for("units.show", ref=unit.ref)
                idempotency.remember(session, actor(), key, "units.add", address, now())
    except Conflict:
        raise
    except Refusal as refused:
        put_faults(form, refused)
        return _new_page(form, status=refused.status)
    return to(address)


def _new_page(form: Any, status: int = 200) -> Response:
    return render("units/new.html", status=status, form=form, idempotency_key=_key())


def _key() -> str:
    return request.form.get("idempotency_key") or secrets.token_urlsafe(24)


def _offer_form(session: Session, *, new: bool, data: dict[str, Any] | None) -> Any:
    county_id = actor().county_id or 0
    return offer_form(
        on=today(),
        municipalities=municipalities(session, county_id),
        buildings=queries.buildings_of(session, county_id),
        providers=queries.providers(session),
        new=new,
        data=data,
    )


@bp.get("/<ref:ref>/edit")
@requires(Permission.EDIT_UNITS)
def edit(ref: str) -> Response:
    with read_only() as session:
        unit, data = _stored(session, ref)
        form = _offer_form(session, new=False, data=data)
    return _edit_page(unit, form, unit.version)


@bp.post("/<ref:ref>/edit")
@requires(Permission.EDIT_UNITS)
def save(ref: str) -> Response:
    version = _version()
    with read_only() as session:
        unit, _data = _stored(session, ref)
        form = _offer_form(session, new=False, data=None)
    if not form.validate():
        return _edit_page(unit, form, version, status=422)
    try:
        with transaction() as session:
            service.change_offer(session, actor(), ref, form.to_command(unit.kind), version=version, at=now())
    except Conflict:
        return _offer_conflict(ref, form, version)
    except Refusal as refused:
        put_faults(form, refused)
        return _edit_page(unit, form, version, status=refused.status)
    return to(url_for("units.show", ref=ref))


def _stored(session: Session, ref: str) -> tuple[Unit, dict[str, Any]]:
    unit = queries.find_own(session, actor(), ref, today())
    facts = queries.everything_about(session, [unit.id or 0])[unit.id or 0]
    return unit, offer_data(facts, unit.address)


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _edit_page(unit: Unit, form: Any, version: int, status: int = 200) -> Response:
    return render("units/edit.html", status=status, unit=unit, form=form, version=version)


def _offer_conflict(ref: str, form: Any, version: int) -> Response:
    """Show both versions (409): each field that differs keeps its own name, so choosing sends the same form again."""
    with read_only() as session:
        unit, data = _stored(session, ref)
        stored = _offer_form(session, new=False, data=data)
        change = changes.since(session, ref, version)
    return conflict_page(form, stored, change, unit.version, url_for("units.save", ref=ref))


@bp.get("/<ref:ref>/places")
@requires(Permission.EDIT_UNITS)
def plan(ref: str) -> Response:
    with read_only() as session:
        unit = queries.find_own(session, actor(), ref, today())
        form = PlacesForm(data={"valid_from": today()})
        return _places_page(session, unit, form, unit.version)


@bp.post("/<ref:ref>/places")
@requires(Permission.EDIT_UNITS)
def set_places(ref: str) -> Response:
    version, form = _version(), PlacesForm()
    with read_only() as session:
        unit = queries.find_own(session, actor(), ref, today())
        if not form.validate():
            return _places_page(session, unit, form, version, status=422)
    try:
        with transaction() as session:
            places.set_places(session, actor(), ref, form.to_command(), version=version, at=now())
    except Conflict:
        with read_only() as session:
            form.form_errors.append(
                _("Someone else saved this while you were editing. Check the places below and save again.")
            )
            return _places_page(session, unit, form, unit.version, status=409)
    except Refusal as refused:
        put_faults(form, refused)
        with read_only() as session:
            return _places_page(session, unit, form, version, status=refused.status)
    return to(url_for("units.show", ref=ref) + "#places")


def _places_page(session: Session, unit: Unit, form: Any, version: int, status: int = 200) -> Response:
    found = page.show(session, actor(), unit, month=today(), day=today(), at=now(), on=today())
    return render("units/places.html", status=status, unit=unit, found=found, form=form, version=version)


@bp.get("/<ref:ref>/excess")
@requires(Permission.SECOND_OFFICIAL)
def excess(ref: str) -> Response:
    with read_only() as session:
        unit = queries.find_own(session, actor(), ref, today())
    return render("units/excess.html", unit=unit, form=ExcessForm(data={"valid_from": today()}), idempotency_key=_key())


@bp.post("/<ref:ref>/excess")
@requires(Permission.SECOND_OFFICIAL)
def allow_excess(ref: str) -> Response:
    form, key = ExcessForm(), request.form.get("idempotency_key", "")
    with read_only() as session:
        unit = queries.find_own(session, actor(), ref, today())
    refused: Refusal | None = None
    if form.validate():
        try:
            with transaction() as session:
                address = idempotency.once(session, actor(), key, "units.allow_excess")
                if address is None:
                    places.allow_excess(session, actor(), ref, form.to_command(), at=now())
                    address = url_for("units.show", ref=ref) + "#places"
                    idempotency.remember(session, actor(), key, "units.allow_excess", address, now())
            return to(address)
        except Refusal as fault:
            refused = fault
            put_faults(form, fault)
    status = refused.status if refused else 422
    return render("units/excess.html", status=status, unit=unit, form=form, idempotency_key=_key())


@today_page.source
def overbooked_or_closing(session: Session, who: Actor, at: Any) -> list[today_page.Group]:
    """Tell the coordinator of units in which children are too many, without basis soon, or whose places close."""
    if not who.can(Permission.EDIT_UNITS) or who.county_id is None:
        return []
    troubled = lists.troubled(session, who, today(), at)
    return [
        today_page.Group(
            key="units-troubled",
            title=_("Overbooked or closing units"),
            count=troubled,
            url=url_for("units.board"),
            action=ngettext("%(num)s unit to look at", "%(num)s units to look at", troubled),
        )
    ]
