"""The child's path on one page: the right by the rule of a day, three dates kept apart, everything that happened."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from placement.audit import idempotency
from placement.children.access import Opened
from placement.decisions.tables import Decision, DecisionStatus
from placement.integration import merging, path_service, queries, right_rules, schooling, timeline
from placement.integration.path_service import TABLES
from placement.integration.tables import ChildHearing
from placement.people import queries as people
from placement.people.tables import Organisation
from placement.permissions import Permission
from placement.reference import NotInForce, authority, hearing_rules
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal
from placement.units.tables import Unit, UnitKind
from placement.web import path_forms as forms
from placement.web import path_words as words
from placement.web.child_access import open_child
from placement.web.child_services import refused_on
from placement.web.children import record_of
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import day, lang
from placement.web.render import render, to
from placement.web.sentences import sentence
from placement.web.service_words import provisions
from placement.web.unit_forms import DayForm

bp = Blueprint("child_path", __name__, url_prefix="/children/<ref:ref>/path")
BY_NAME: dict[str, type[Any]] = dict(TABLES.values())


@bp.get("")
@requires(Permission.SEE_CHILDREN)
def show(ref: str) -> Response:
    """Show the path; `?day=` asks for the right by the rule in force on another day."""
    opened = open_child(ref, data_used="path")
    asked = DayForm(formdata=request.args) if request.args.get("day") else DayForm(data={"day": today()})
    on = asked.day.data if asked.validate() and asked.day.data else today()
    with read_only() as session:
        record = record_of(session, opened)
        right, refused = _right(session, opened, record, on)
        items = timeline.items(session, opened, today())
        dates = _three_dates(session, opened, record)
        merge_notes = _merged(session, opened)
        schools = schooling.places(session, opened)
        home_town = schooling.home_town(session, opened.id, today()) if opened.shows_place else None
    return render(
        "path/show.html",
        status=422 if asked.errors else 200,
        **record,
        tab="path",
        right_on=right,
        refused=refused,
        asked=asked,
        form=asked if asked.errors else None,
        items=items,
        dates=dates,
        words=words,
        hearing=_duties(opened),
        may=actor().can(Permission.EDIT_CHILDREN) and opened.shows_place,
        merged=merge_notes,
        schools=schools,
        home_town=home_town,
        provisions=provisions,
        has=set(current_app.view_functions),
    )


def facts_of(session: Session, opened: Opened, record: dict[str, Any]) -> right_rules.Facts:
    """Return what the right depends on, of an opened child."""
    details, facts = record["details"], record["facts"]
    return right_rules.Facts(
        birth_date=opened.birth_date,
        ground=facts.eligibility_ground,
        entered_on=facts.entered_on,
        permit_on=details.permit_on,
        residence_from=details.residence_from,
        guardian_on=queries.guardian_arrived(session, opened.id),
    )


def _right(
    session: Session, opened: Opened, record: dict[str, Any], on: date
) -> tuple[right_rules.Right | None, str | None]:
    """Return the right by the rules of a day, or why there is none to tell."""
    try:
        return right_rules.right(facts_of(session, opened, record), on), None
    except NotInForce:
        return None, _("The rules of that day are not in the tables. Ask for a day from 1 September 2011 on.")
    except ValueError:
        return None, _("The child was not born on that day.")


def _three_dates(session: Session, opened: Opened, record: dict[str, Any]) -> dict[str, date | None]:
    """Return direction, decision and move: three days that are never one status."""
    decided = session.exec(
        select(sa.func.max(col(Decision.decided_on))).where(
            Decision.child_id == opened.id, Decision.status == DecisionStatus.MADE
        )
    ).one()
    moved = [stay.dates.start for stay in record["stays"] if stay.realised]
    return {
        "direction": timeline.agreed_on(session, opened, today()),
        "decision": decided,
        "move": max(moved, default=None),
        "residence": record["details"].residence_from,
    }


def _duties(opened: Opened) -> list[tuple[str, str]]:
    return [(_(rule.label), provisions(rule.source)) for rule in hearing_rules(opened.birth_date, today())]


def _merged(session: Session, opened: Opened) -> Any:
    return merging.latest(session, opened.id)


@bp.get("/<what>/new")
@requires(Permission.EDIT_CHILDREN)
def new(ref: str, what: str) -> Response:
    opened = _writable(ref, what)
    given = {"answers": request.args.get("answers", "")} if what == "hearing" else None
    form = forms.FORMS[what](formdata=None, data=given)
    return _draw(opened, what, form, key=secrets.token_urlsafe(24))


def _writable(ref: str, what: str) -> Opened:
    if what not in forms.FORMS:
        raise NotFound
    opened = open_child(ref, data_used="path")
    if not opened.shows_place:
        raise NotAllowed("identity-closed")
    return opened


def _offer(opened: Opened, form: forms.StepForm) -> None:
    with read_only() as session:
        hearings = session.exec(
            select(ChildHearing).where(ChildHearing.child_id == opened.id).order_by(col(ChildHearing.number))
        )
        earlier = [(str(one.number), f"{day(one.heard_on)} · {words.WHOSE[one.whose]}") for one in hearings]
        homes = session.execute(
            sa.select(col(Unit.ref), col(Unit.name))
            .where(col(Unit.county_id) == opened.county_id, col(Unit.kind) == UnitKind.FAMILY_GROUP_HOME)
            .order_by(col(Unit.name))
        )
        towns = [(one.municipality_code or "", one.name(lang())) for one in people.municipalities(session)]
        places = [(row[0], row[1]) for row in homes]
        forms.offer(form, today(), hearings=earlier, homes=places, towns=sorted(towns, key=lambda one: one[1]))


def _draw(
    opened: Opened,
    what: str,
    form: forms.StepForm,
    *,
    key: str = "",
    row: Any = None,
    status: int = 200,
) -> Response:
    _offer(opened, form)
    return render(
        "path/step.html",
        status=status,
        opened=opened,
        what=what,
        form=form,
        key=key,
        row=row,
        title=words.STEPS[what] if row is not None else words.ADD[what],
        agency=agency_name() if what == "protocol" else None,
    )


def agency_name() -> str:
    """Return the body that gets a copy of a protocol today, by its own name of the day."""
    return authority("lvv", today()).name(lang())


@bp.post("/<what>")
@requires(Permission.EDIT_CHILDREN)
def record_step(ref: str, what: str) -> Response:
    opened = _writable(ref, what)
    key, form = request.form.get("idempotency_key", ""), forms.FORMS[what]()
    _offer(opened, form)
    if not form.validate():
        return _draw(opened, what, form, key=key, status=422)
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, f"child_path.{what}")
            if location is None:
                path_service.write(session, actor(), ref, form.to_part(), at=now())
                location = url_for("child_path.show", ref=ref)
                idempotency.remember(session, actor(), key, f"child_path.{what}", location, now())
    except Refusal as refused:
        refused_on(form, refused)
        return _draw(opened, what, form, key=key, status=refused.status)
    flash(_("Saved."), "success")
    return to(location)


def _row(session: Session, opened: Opened, what: str, number: int) -> Any:
    table = BY_NAME[what]
    found = session.exec(select(table).where(table.child_id == opened.id, table.number == number)).first()
    if found is None:
        raise NotFound
    return found


@bp.get("/<what>/<int:number>")
@requires(Permission.EDIT_CHILDREN)
def step(ref: str, what: str, number: int) -> Response:
    opened = _writable(ref, what)
    with read_only() as session:
        row = _row(session, opened, what, number)
        data = forms.data_of(what, row)
        if what == "protocol":
            data["unit_ref"] = session.get_one(Unit, row.unit_id).ref
        if what == "school":
            data["municipality"] = session.get_one(Organisation, row.municipality_id).municipality_code
    return _draw(opened, what, forms.FORMS[what](formdata=None, data=data), row=row)


@bp.post("/<what>/<int:number>")
@requires(Permission.EDIT_CHILDREN)
def change_step(ref: str, what: str, number: int) -> Response:
    """Change a step; somebody else's save in between shows what stands now beside what was typed."""
    opened = _writable(ref, what)
    form = forms.FORMS[what]()
    _offer(opened, form)
    with read_only() as session:
        row = _row(session, opened, what, number)
    if not form.validate():
        return _draw(opened, what, form, row=row, status=422)
    try:
        with transaction() as session:
            path_service.write(
                session, actor(), ref, form.to_part(), at=now(), number=number, version=whole(form.version.data)
            )
    except Conflict as stale:
        form.form_errors.append(sentence(stale))
        form.form_errors.append(_("Your text is below. Open the step again to see theirs, or save to keep yours."))
        return _draw(opened, what, form, row=row, status=409)
    except Refusal as refused:
        refused_on(form, refused)
        return _draw(opened, what, form, row=row, status=refused.status)
    flash(_("Saved."), "success")
    return to(url_for("child_path.show", ref=ref))
