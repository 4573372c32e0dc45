"""The services owed to one child and its family: what, until when, who, and what was delivered."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from placement.agreed import to_child
from placement.agreed import words as agreed
from placement.audit import idempotency
from placement.children import access, choices
from placement.children.access import Opened
from placement.integration import pathway_rules, queries, service
from placement.integration.tables import ClosedAs
from placement.permissions import Permission
from placement.reference import UnknownCode
from placement.reference.dated import NotInForce
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal
from placement.web import service_forms as forms
from placement.web import service_words as words
from placement.web.child_access import open_child
from placement.web.child_forms import KitForm
from placement.web.children import record_of
from placement.web.decision_forms import attach, whole
from placement.web.deliveries import STATES as PROMISE_STATES
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import day, lang
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("child_services", __name__, url_prefix="/children/<ref:ref>/services")
ENTRY = "manual"


@bp.get("")
@requires(Permission.SEE_CHILDREN)
def index(ref: str) -> Response:
    opened = open_child(ref, data_used="services")
    with read_only() as session:
        record = record_of(session, opened)
        lines = queries.lines(session, opened.id, today())
        gaps = queries.gaps_of(session, opened, today())
        groups = _groups(session, opened)
        promised = to_child.promised(session, actor(), opened, today())
    return render(
        "services/child.html",
        **record,
        tab="services",
        lines=lines,
        promised=promised,
        agreed=agreed,
        said=PROMISE_STATES,
        gaps=gaps,
        groups=groups,
        words=words,
        may=_may(opened),
        group_names=dict(words.pathway_choices(today())),
    )


def _may(opened: Opened) -> bool:
    return actor().can(Permission.EDIT_CHILDREN) and opened.shows_place


def _groups(session: Session, opened: Opened) -> tuple[str, ...]:
    from placement.children import queries as children

    needs = children.everything_about(session, [opened.id])[opened.id].needs
    arriving = any(one.arrived_on is None for one in queries.family(session, opened.id))
    return pathway_rules.groups(opened.birth_date, needs, today(), family_arrives=arriving)


def _writable(ref: str) -> Opened:
    opened = open_child(ref, data_used="services")
    if not opened.shows_place:
        raise NotAllowed("identity-closed")
    return opened


def _people(session: Session, opened: Opened) -> dict[str, Any]:
    return {
        "givers": queries.givers(session, opened.county_id, lang()),
        "owners": choices.workers(session, opened.county_id, today()),
    }


@bp.get("/new")
@requires(Permission.EDIT_CHILDREN)
def new(ref: str) -> Response:
    opened = _writable(ref)
    offered = dict(words.service_choices(today()))
    wished = request.args.get("kind", "")
    start = {"kind": wished if wished in offered else ""}
    with read_only() as session:
        gap = next((one for one in queries.gaps_of(session, opened, today()) if one.kind == wished), None)
    if gap is not None:
        start["event_on"] = gap.event  # type: ignore[assignment]
    return _draw_new(opened, forms.OweForm(formdata=None, data=start), secrets.token_urlsafe(24))


def _offer(opened: Opened, form: forms.OweForm) -> None:
    with read_only() as session:
        members = {str(one.number): one.name for one in queries.family(session, opened.id)}
        form.offer(on=today(), members=members, **_people(session, opened))


def _draw_new(opened: Opened, form: forms.OweForm, key: str, status: int = 200) -> Response:
    _offer(opened, form)
    return render("services/new.html", status=status, opened=opened, form=form, key=key)


@bp.post("")
@requires(Permission.EDIT_CHILDREN)
def owe(ref: str) -> Response:
    opened = _writable(ref)
    key = request.form.get("idempotency_key", "")
    form = forms.OweForm()
    _offer(opened, form)
    if not form.validate():
        return _draw_new(opened, form, key, 422)
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "child_services.owe")
            if location is None:
                row = service.owe(session, actor(), ref, form.to_new(), at=now())
                location = url_for("child_services.show", ref=ref, number=row.number)
                idempotency.remember(session, actor(), key, "child_services.owe", location, now())
    except Refusal as refused:
        return _draw_new(opened, refused_on(form, refused), key, refused.status)
    flash(_("The service is recorded as owed."), "success")
    return to(location)


def refused_on(form: KitForm, refused: Refusal) -> Any:
    """Put what was refused on the form; what is about no form (another's object, the relation) goes on.

    A question left open is named in its sentence, so that the summary says which one.
    """
    if isinstance(refused, (NotFound, NotAllowed, access.NoRelation)):
        raise refused
    faults = getattr(refused, "faults", [refused])
    for fault in faults:
        if fault.code == "answer-missing" and fault.field in form:
            fault.facts["field"] = form[fault.field].label.text
    attach(form, faults)
    return form


@bp.get("/pathway")
@requires(Permission.EDIT_CHILDREN)
def pathway(ref: str) -> Response:
    """Show the steps a target group's pathway proposes for this child, each with its day; nothing is added yet."""
    opened = _writable(ref)
    with read_only() as session:
        own = _groups(session, opened)
    asked = request.args.get("group", "")
    group = asked if asked in dict(words.pathway_choices(today())) else own[0]
    return _draw_pathway(opened, forms.PathwayForm(formdata=None, data={"pathway": group, "begins": today()}), own)


def _draw_pathway(opened: Opened, form: forms.PathwayForm, own: tuple[str, ...], status: int = 200) -> Response:
    names = dict(words.pathway_choices(today()))
    begins = form.begins.data or today()
    try:
        with read_only() as session:
            facts = record_of(session, opened)
            steps = pathway_rules.steps(
                form.pathway.data,
                begins,
                birth_date=opened.birth_date,
                first_permit=facts["details"].permit_on,
                open_kinds=service.open_kinds(session, opened.id),
            )
    except (UnknownCode, NotInForce):
        raise NotFound from None
    chosen = form.steps.data if form.steps.data else [one.kind for one in steps if not one.has]
    return render(
        "services/pathway.html",
        status=status,
        opened=opened,
        form=form,
        steps=steps,
        chosen=chosen,
        names=names,
        own=own,
        words=words,
        key=secrets.token_urlsafe(24),
    )


@bp.post("/pathway")
@requires(Permission.EDIT_CHILDREN)
def take(ref: str) -> Response:
    opened = _writable(ref)
    key, form = request.form.get("idempotency_key", ""), forms.PathwayForm()
    with read_only() as session:
        own = _groups(session, opened)
    if not form.validate() or "show" in request.form:
        return _draw_pathway(opened, form, own, 422 if form.errors else 200)
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "child_services.take")
            if location is None:
                count = service.take_pathway(
                    session, actor(), ref, form.pathway.data, form.begins.data, form.steps.data or (), at=now()
                )
                location = url_for("child_services.index", ref=ref)
                idempotency.remember(session, actor(), key, "child_services.take", location, now())
                flash(ngettext("%(num)s service was added.", "%(num)s services were added.", count), "success")
    except Refusal as refused:
        return _draw_pathway(opened, refused_on(form, refused), own, refused.status)
    return to(location)


@bp.get("/<int:number>")
@requires(Permission.SEE_CHILDREN)
def show(ref: str, number: int) -> Response:
    return _service_page(ref, number, {})


def _service_page(ref: str, number: int, given: dict[str, KitForm], status: int = 200) -> Response:
    """Show one service with everything that can be done with it; `given` are forms that came back with faults."""
    opened = open_child(ref, data_used="services")
    with read_only() as session:
        found = queries.line(session, actor(), ref, number, today(), now())
        people = _people(session, opened)
    row = found.row
    acts: dict[str, Any] = {
        "report": forms.ReportForm(formdata=None, data={"reported_on": today()}),
        "confirm": forms.ConfirmForm(
            formdata=None, data={"delivered_on": row.reported_on or today(), "evidence": row.report or ""}
        ),
        "close": forms.CloseForm(formdata=None),
        "assign": forms.AssignForm(
            formdata=None,
            data={"giver": str(row.organisation_id or ""), "owner": str(row.owner_id or "")},
        ),
        **given,
    }
    if found.giver is not None:
        people["givers"] = {**people["givers"], str(found.giver.id): found.giver.name(lang())}
    if found.owner and row.owner_id:
        people["owners"] = {**people["owners"], str(row.owner_id): found.owner}
    acts["assign"].offer(**people)
    wrong = next((form for form in given.values() if form.errors), None)
    return render(
        "services/show.html",
        status=status,
        opened=opened,
        line=found,
        forms=acts,
        form=wrong,
        may=_may(opened),
        words=words,
    )


def _act(ref: str, number: int, name: str, form: Any, done: str, work: Callable[[Session], None]) -> Response:
    """Carry out one act; a fault redraws the page as typed, another's save shows what stands now beside it."""
    _writable(ref)
    if name == "assign":
        with read_only() as session:
            opened = access.find(session, actor(), ref, now())
            form.giver.validate_choice = form.owner.validate_choice = False
            form.offer(
                givers=queries.givers(session, opened.county_id, lang()),
                owners=choices.workers(session, opened.county_id, today()),
            )
    if not form.validate():
        return _service_page(ref, number, {name: form}, 422)
    try:
        with transaction() as session:
            work(session)
    except Conflict as stale:
        form.form_errors.append(sentence(stale))
        form.form_errors.append(_("Your text is below, what stands now is in the facts. Save again to keep yours."))
        return _service_page(ref, number, {name: form}, 409)
    except Refusal as refused:
        return _service_page(ref, number, {name: refused_on(form, refused)}, refused.status)
    flash(done, "success")
    return to(url_for("child_services.show", ref=ref, number=number))


@bp.post("/<int:number>/report")
@requires(Permission.EDIT_CHILDREN)
def report(ref: str, number: int) -> Response:
    """Record what the giver reported to the worker."""
    form = forms.ReportForm()

    def work(session: Session) -> None:
        service.report(
            session,
            actor(),
            ref,
            number,
            on=form.reported_on.data,
            text=form.report.data or "",
            version=whole(form.version.data),
            at=now(),
        )

    return _act(ref, number, "report", form, _("The report was recorded."), work)


@bp.post("/<int:number>/confirm")
@requires(Permission.EDIT_CHILDREN)
def confirm(ref: str, number: int) -> Response:
    form = forms.ConfirmForm()

    def work(session: Session) -> None:
        follower = service.confirm(
            session,
            actor(),
            ref,
            number,
            on=form.delivered_on.data,
            evidence=form.evidence.data or "",
            version=whole(form.version.data),
            at=now(),
        )
        if follower is not None:
            flash(_next_words(follower.kind, follower.due_on), "success")

    return _act(ref, number, "confirm", form, _("The service is recorded as delivered."), work)


def _next_words(kind: str, due_on: date | None) -> str:
    name = words.service_name(kind)
    if due_on is None:
        return str(_("Next, without delay: %(service)s.", service=name))
    return str(_("Next, by %(day)s: %(service)s.", service=name, day=day(due_on)))


@bp.post("/<int:number>/close")
@requires(Permission.EDIT_CHILDREN)
def close(ref: str, number: int) -> Response:
    form = forms.CloseForm()

    def work(session: Session) -> None:
        how = form.how.data if form.how.data in list(ClosedAs) else ClosedAs.NOT_NEEDED
        service.close(
            session,
            actor(),
            ref,
            number,
            how=ClosedAs(how),
            reason=form.closed_reason.data or "",
            version=whole(form.version.data),
            at=now(),
        )

    return _act(ref, number, "close", form, _("The service was closed."), work)


@bp.post("/<int:number>/assign")
@requires(Permission.EDIT_CHILDREN)
def assign(ref: str, number: int) -> Response:
    form = forms.AssignForm()

    def work(session: Session) -> None:
        service.assign(
            session,
            actor(),
            ref,
            number,
            owner_id=forms.key(form.owner.data),
            organisation_id=forms.key(form.giver.data),
            version=whole(form.version.data),
            at=now(),
        )

    return _act(ref, number, "assign", form, _("Saved."), work)
