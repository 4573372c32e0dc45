"""Reassigning: ticked services, or everything open of a colleague who leaves; asked first, told line by line after."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask import session as browser
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session
from wtforms import SelectField

from placement.audit import idempotency
from placement.integration import handing_over
from placement.integration.handing_over import Line, Outcome
from placement.permissions import Permission
from placement.refusals import NotFound, Refusal, Refusals
from placement.web import service_words as words
from placement.web.child_access import open_names
from placement.web.child_forms import KitForm, needed
from placement.web.decision_forms import attach, whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import render, to
from placement.web.sentences import sentence
from placement.web.service_forms import key as chosen_key

bp = Blueprint("handing_over", __name__, url_prefix="/services/reassign")
RESULT = "reassigned"
"""Where the browser's session keeps the latest result: the form's key, the receiver, and each line with its code."""


class ReassignForm(KitForm):
    to = SelectField(_l("Reassign to"), [needed(_l("Choose who takes these over."))], default="", validate_choice=False)


@bp.get("")
@requires(Permission.REASSIGN)
def index() -> Response:
    """Ask to whom the ticked lines go, or everything of `owner`; without either, show who sees to how much."""
    if request.args.getlist("row"):
        with read_only() as session:
            lines = handing_over.picked(session, actor(), request.args.getlist("row"), now())
        return _ask(lines, ReassignForm(formdata=None), secrets.token_urlsafe(24))
    if request.args.get("owner"):
        owner = chosen_key(request.args["owner"])
        if owner is None:
            raise NotFound
        with read_only() as session:
            lines = handing_over.of_owner(session, actor(), owner, now())
        return _ask(lines, ReassignForm(formdata=None), secrets.token_urlsafe(24), owner=owner)
    with read_only() as session:
        loads = handing_over.loads(session, actor(), now())
    return render("services/reassign_whose.html", loads=loads)


def _ask(
    lines: list[Line],
    form: ReassignForm,
    key: str,
    *,
    owner: int | None = None,
    ticked: dict[str, int] | None = None,
    status: int = 200,
) -> Response:
    with read_only() as session:
        people = handing_over.receivers(session, actor(), today())
    free = [one for one in lines if one.refused is None]
    kept = [(one, sentence(Refusal(one.refused))) for one in lines if one.refused is not None]
    owners = {one.owner_id for one in free}
    only = next(iter(owners)) if len(owners) == 1 else None
    others = [(one, name) for one, name in people.items() if one != str(only)]
    form.to.choices = [("", _("Choose")), *others]
    return render(
        "services/reassign.html",
        status=status,
        lines=free,
        kept=kept,
        nobody=not others,
        form=form,
        key=key,
        owner=next((one.owner for one in lines if one.owner_id == owner), None) if owner else None,
        owner_id=owner,
        ticked=ticked if ticked is not None else {one.key: one.version for one in free},
        names=open_names({one.child_id for one in lines}, data_used="services"),
        words=words,
    )


@bp.post("")
@requires(Permission.REASSIGN)
def reassign() -> Response:
    """Give what is still ticked to the chosen worker; the list and the ticks come back when something is missing."""
    form, key = ReassignForm(), request.form.get("idempotency_key", "")
    given = dict(_sent(one) for one in request.form.getlist("item"))
    if not form.validate() or not given:
        if not given:
            form.form_errors.append(_("Tick at least one line."))
        return _ask_again(form, key, given, 422)
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "handing_over.reassign")
            if location is None:
                receiver = chosen_key(form.to.data) or 0
                outcomes = handing_over.hand_over(session, actor(), given.items(), receiver, at=now())
                location = url_for("handing_over.result", key=key[:16])
                idempotency.remember(session, actor(), key, "handing_over.reassign", location, now())
                _keep(session, key, receiver, outcomes)
    except Refusals as refused:
        attach(form, refused.faults)
        return _ask_again(form, key, given, refused.status)
    return to(location)


def _sent(item: str) -> tuple[str, int]:
    name, _colon, version = item.partition(":")
    return name[:40], whole(version)


def _ask_again(form: ReassignForm, key: str, given: dict[str, int], status: int) -> Response:
    """Draw the page as it was sent: everything it listed, ticked where it still was."""
    listed = request.form.getlist("listed")
    if not listed:
        raise NotFound
    with read_only() as session:
        lines = handing_over.picked(session, actor(), listed, now())
    return _ask(lines, form, key, owner=chosen_key(request.form.get("owner")), ticked=given, status=status)


def _keep(session: Session, key: str, receiver: int, outcomes: list[Outcome]) -> None:
    name = handing_over.receivers(session, actor(), today())[str(receiver)]
    browser[RESULT] = {
        "key": key[:16],
        "name": name,
        "lines": [[one.key, one.ref, one.kind, one.refused] for one in outcomes],
    }


@bp.get("/result")
@requires(Permission.REASSIGN)
def result() -> Response:
    """Show what the latest reassigning of this browser came to, line by line."""
    kept: dict[str, Any] | None = browser.get(RESULT)
    if not kept or request.args.get("key", "") != kept["key"]:
        return to(url_for("handing_over.index"))
    outcomes = [Outcome(*line) for line in kept["lines"]]
    return render(
        "services/reassigned.html",
        name=kept["name"],
        done=[one for one in outcomes if one.refused is None],
        failed=[(one, sentence(Refusal(one.refused))) for one in outcomes if one.refused is not None],
        words=words,
    )
