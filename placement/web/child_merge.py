"""Making two records of one person one, after looking at what goes over, and apart again."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from placement.audit import idempotency
from placement.integration import merging
from placement.permissions import Permission
from placement.references import is_reference
from placement.refusals import NotAllowed, NotFound, Refusal, Refusals
from placement.web.child_access import open_child
from placement.web.child_forms import KitForm, line, needed, text
from placement.web.child_services import refused_on
from placement.web.edge import actor, now, read_only, transaction
from placement.web.guard import requires
from placement.web.render import render, to

bp = Blueprint("child_merge", __name__, url_prefix="/children/<ref:ref>/merge")
WORDS = {
    "stay": _l("Stays"),
    "decision": _l("Decisions"),
    "child_service": _l("Services"),
    "child_hearing": _l("Hearings"),
    "service_need_assessment": _l("Assessments of service needs"),
    "representation": _l("Representatives"),
    "family_member": _l("Family members"),
    "restriction_protocol": _l("Protocols"),
    "direction": _l("Directions to a municipality"),
    "absence": _l("Absences"),
    "hold": _l("Held places"),
    "proposal_row": _l("Rows of proposals"),
    "school_place": _l("Schools"),
    "transfer": _l("Transfers between counties"),
    "move_plan": _l("Planned moves"),
    "no_place": _l("No suitable place"),
    "unit_answer": _l("Answers of units"),
    "stay_not_begun": _l("Stays that never began"),
    "booking_refusal": _l("Bookings that found no free place"),
}
"""A word for each table whose rows go over."""


class MergeForm(KitForm):
    other = line(_l("Reference of the other record"), 20, needed(_l("Write the reference of the other record.")))
    reason = text(_l("How you know that it is the same person"), 500)


@bp.get("")
@requires(Permission.EDIT_CHILDREN)
def ask(ref: str) -> Response:
    other = request.args.get("other", "")
    form = MergeForm(formdata=None, data={"other": other if is_reference("CH", other) else ""})
    return _draw(ref, form)


def _draw(ref: str, form: MergeForm, status: int = 200, plan: merging.Plan | None = None, key: str = "") -> Response:
    opened = open_child(ref, data_used="merge")
    if not opened.shows_place:
        raise NotAllowed("identity-closed")
    return render(
        "path/merge.html",
        status=status,
        opened=opened,
        form=form,
        plan=plan,
        key=key or secrets.token_urlsafe(24),
        words=WORDS,
    )


@bp.post("")
@requires(Permission.EDIT_CHILDREN)
def send(ref: str) -> Response:
    """Show what would go over; with the second button, merge. The record of the address is the one that is kept."""
    form = MergeForm()
    key = request.form.get("idempotency_key", "")
    if not form.validate():
        return _draw(ref, form, 422, key=key)
    other = (form.other.data or "").upper()
    try:
        if not is_reference("CH", other):
            raise Refusals([Refusal("child-unknown", field="other", ref=other)])
        _open_other(other)
        if "merge" not in request.form:
            with read_only() as session:
                plan = merging.plan(session, actor(), ref, other, at=now())
            return _draw(ref, form, plan=plan, key=key)
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "child_merge.send")
            if location is None:
                merging.merge(session, actor(), ref, other, reason=form.reason.data or "", at=now())
                location = url_for("child_path.show", ref=ref)
                idempotency.remember(session, actor(), key, "child_merge.send", location, now())
    except Refusal as refused:
        refused_on(form, refused)
        return _draw(ref, form, refused.status, key=key)
    flash(_("The records were merged. You can undo it for 30 days."), "success")
    return to(location)


def _open_other(ref: str) -> None:
    """Log the look at the other record; a reference that leads nowhere is a fault of the field."""
    try:
        open_child(ref, data_used="merge")
    except NotFound:
        raise Refusals([Refusal("child-unknown", field="other", ref=ref)]) from None


@bp.post("/undo")
@requires(Permission.EDIT_CHILDREN)
def undo(ref: str) -> Response:
    with transaction() as session:
        other = merging.undo(session, actor(), ref, at=now())
    flash(_("The merge was undone. The other record is there again: %(ref)s.", ref=other), "success")
    return to(url_for("child_path.show", ref=ref))
