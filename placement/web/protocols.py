"""Protocols of seizures and room inspections: the home's manager writes them and marks the copies as sent."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from placement.audit import idempotency
from placement.children.access import Opened
from placement.integration import protocols, scope
from placement.integration.tables import RestrictionProtocol
from placement.permissions import Actor, Permission, Role
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal
from placement.units.tables import Unit, UnitKind
from placement.web import path_forms as forms
from placement.web import path_words as words
from placement.web import today as today_page
from placement.web.child_access import open_child
from placement.web.child_path import agency_name
from placement.web.child_services import refused_on
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("protocols", __name__)


@bp.get("/protocols")
@requires(Permission.RECORD_PROTOCOLS)
def index() -> Response:
    """List the protocols in scope by reference, those with a copy to send first."""
    with read_only() as session:
        found = protocols.lines(session, actor(), now())
    return render("protocols/index.html", lines=found, words=words, today=today())


@bp.get("/children/<ref:ref>/protocols/new")
@requires(Permission.RECORD_PROTOCOLS)
def new(ref: str) -> Response:
    opened = _writable(ref)
    return _draw(opened, forms.ProtocolForm(formdata=None), key=secrets.token_urlsafe(24))


def _writable(ref: str) -> Opened:
    opened = open_child(ref, data_used="protocol")
    if not opened.shows_place and not scope.records_for_home(actor(), opened.relation):
        raise NotAllowed("identity-closed")
    return opened


def _homes(session: Session, opened: Opened) -> list[tuple[str, str]]:
    """Return the homes to choose from: a manager's own one, else those of the county."""
    query = select(Unit).where(Unit.county_id == opened.county_id, Unit.kind == UnitKind.FAMILY_GROUP_HOME)
    if actor().role is Role.UNIT_MANAGER:
        query = query.where(Unit.id == (actor().unit_id or 0))
    return [(one.ref, one.name) for one in session.exec(query.order_by(col(Unit.name)))]


def _offer(opened: Opened, form: forms.ProtocolForm) -> None:
    with read_only() as session:
        homes = _homes(session, opened)
    if len(homes) == 1 and not form.unit_ref.data:
        form.unit_ref.data = homes[0][0]
    forms.offer(form, today(), hearings=[], homes=homes, towns=[])


def _draw(opened: Opened, form: forms.ProtocolForm, *, key: str, status: int = 200) -> Response:
    _offer(opened, form)
    return render("protocols/new.html", status=status, opened=opened, form=form, key=key, agency=agency_name())


@bp.post("/children/<ref:ref>/protocols/new")
@requires(Permission.RECORD_PROTOCOLS)
def create(ref: str) -> Response:
    opened = _writable(ref)
    key, form = request.form.get("idempotency_key", ""), forms.ProtocolForm()
    _offer(opened, form)
    if not form.validate():
        return _draw(opened, form, key=key, status=422)
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "protocols.new")
            if location is None:
                number = protocols.write(session, actor(), ref, form.to_part(), at=now())
                location = url_for("protocols.show", ref=ref, number=number)
                idempotency.remember(session, actor(), key, "protocols.new", location, now())
    except NotFound:
        raise
    except Refusal as refused:
        refused_on(form, refused)
        return _draw(opened, form, key=key, status=refused.status)
    flash(_("The protocol is kept. Send the copies and mark them here."), "success")
    return to(location)


@bp.get("/children/<ref:ref>/protocols/<int:number>")
@requires(Permission.RECORD_PROTOCOLS)
def show(ref: str, number: int) -> Response:
    return _copies_page(ref, number, forms.CopiesForm(formdata=None))


def _copies_page(ref: str, number: int, form: forms.CopiesForm, *, status: int = 200) -> Response:
    """Show what copies have gone, by reference: without the text no look at the child's data is needed."""
    with read_only() as session:
        found = protocols.line(session, actor(), ref, number, now())
    form.version.data = found.version
    return render("protocols/copies.html", status=status, line=found, form=form, words=words, today=today())


@bp.post("/children/<ref:ref>/protocols/<int:number>")
@requires(Permission.RECORD_PROTOCOLS)
def mark(ref: str, number: int) -> Response:
    form = forms.CopiesForm()
    version = whole(form.version.data)
    if not form.validate():
        return _copies_page(ref, number, form, status=422)
    try:
        with transaction() as session:
            protocols.mark_copies(
                session,
                actor(),
                ref,
                number,
                county_on=form.copy_county_on.data,
                agency_on=form.copy_agency_on.data,
                version=version,
                at=now(),
            )
    except Conflict as stale:
        form.form_errors.append(sentence(stale))
        return _copies_page(ref, number, form, status=409)
    except NotFound:
        raise
    except Refusal as refused:
        refused_on(form, refused)
        return _copies_page(ref, number, form, status=refused.status)
    flash(_("The copies are marked as sent."), "success")
    return to(url_for("protocols.index"))


@bp.get("/children/<ref:ref>/protocols/<int:number>/text")
@requires(Permission.RECORD_PROTOCOLS)
def text(ref: str, number: int) -> Response:
    """Show what was written, to who may see the child now; the look is in the use log."""
    opened = _writable(ref)
    with read_only() as session:
        found = protocols.line(session, actor(), ref, number, now())
        written = session.exec(
            select(RestrictionProtocol.content).where(
                RestrictionProtocol.child_id == opened.id, RestrictionProtocol.number == number
            )
        ).one()
    return render("protocols/text.html", opened=opened, line=found, written=written, words=words)


@today_page.source
def _copies(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell which copies are to be sent: those of the own home to its manager, of the county to its social workers."""
    if not who.can(Permission.RECORD_PROTOCOLS):
        return []
    unsent = [one for one in protocols.lines(session, who, at) if not one.sent]
    late = [one.days_late(today()) for one in unsent]
    return [
        today_page.Group(
            key="protocol-copies",
            title=_("Copies of protocols to send"),
            count=len(unsent),
            url=url_for("protocols.index"),
            action=_("Mark the copies sent"),
            oldest_days=max(late, default=0) or None,
        )
    ]
