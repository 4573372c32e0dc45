"""A unit's supervision page: inspections, self-monitoring with its due days, house rules, who fits."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session
from wtforms import BooleanField, HiddenField, RadioField

from placement.audit import idempotency
from placement.permissions import Permission
from placement.refusals import Refusal
from placement.units import queries, supervision
from placement.units.supervision import InspectionCommand
from placement.web.child_forms import KitForm, needed, text
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.fields import DayField, WholeField
from placement.web.guard import requires
from placement.web.life_forms import coded, put
from placement.web.render import render, to

bp = Blueprint("supervision", __name__, url_prefix="/units")


class InspectionForm(KitForm):
    inspected_on = DayField(_l("Inspected on"), [needed(_l("Write the day."))])
    inspector = RadioField(_l("Who inspected"), [needed(_l("Choose who inspected."))])
    announced = BooleanField(_l("Announced beforehand"))
    remarks = WholeField(_l("Number of remarks"), default=0)
    findings = text(_l("What was found; nothing about a child"), 2000)
    put_right_by = DayField(_l("To be put right by"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inspector.choices = coded("inspector")


class MonitoringForm(KitForm):
    kind = RadioField(_l("What was done"), [needed(_l("Choose what was done."))])
    done_on = DayField(_l("Day"), [needed(_l("Write the day."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = coded("self_monitoring")


class NotesForm(KitForm):
    version = HiddenField()
    house_rules = text(_l("House rules"), 4000)
    fit_notes = text(_l("Who fits here; nothing about a child"), 2000)


@bp.get("/<ref:ref>/supervision")
@requires(Permission.SEE_UNITS)
def show(ref: str) -> Response:
    return _page(ref)


def _page(ref: str, status: int = 200, **forms: Any) -> Response:
    with read_only() as session:
        unit = queries.find(session, actor(), ref, today())
        inspections = supervision.inspections(session, unit.id or 0)
        done = supervision.monitoring(session, unit.id or 0)
    notes = forms.get("notes") or NotesForm(
        formdata=None, data={"house_rules": unit.house_rules, "fit_notes": unit.fit_notes, "version": unit.version}
    )
    return render(
        "units/supervision.html",
        status=status,
        unit=unit,
        inspections=inspections,
        done=done,
        due=supervision.due_days(done, today()),
        today=today(),
        may_edit=unit.county_id == actor().county_id and actor().can(Permission.EDIT_UNITS),
        inspection=forms.get("inspection") or InspectionForm(formdata=None, data={"announced": True, "remarks": 0}),
        monitoring=forms.get("monitoring") or MonitoringForm(formdata=None, data={"done_on": today()}),
        notes=notes,
        form=next(iter(forms.values()), None),
        idempotency_key=request.form.get("idempotency_key") or secrets.token_urlsafe(24),
    )


def _save(ref: str, name: str, form: Any, work: Callable[[Session], object], said: str) -> Response:
    key = request.form.get("idempotency_key", "")
    with read_only() as session:
        queries.find_own(session, actor(), ref, today())
    if not form.validate():
        return _page(ref, 422, **{name: form})
    address = url_for("supervision.show", ref=ref)
    try:
        with transaction() as session:
            if idempotency.once(session, actor(), key, f"supervision.{name}") is None:
                work(session)
                idempotency.remember(session, actor(), key, f"supervision.{name}", address, now())
    except Refusal as refused:
        if refused.status == 404:
            raise
        put(form, refused)
        return _page(ref, refused.status, **{name: form})
    flash(said, "success")
    return to(address)


@bp.post("/<ref:ref>/inspections")
@requires(Permission.EDIT_UNITS)
def inspect(ref: str) -> Response:
    form = InspectionForm()

    def work(session: Session) -> object:
        command = InspectionCommand(
            form.inspected_on.data,
            form.inspector.data,
            bool(form.announced.data),
            form.remarks.data or 0,
            form.findings.data or "",
            form.put_right_by.data,
        )
        return supervision.add_inspection(session, actor(), ref, command, at=now())

    return _save(ref, "inspection", form, work, _("The inspection was recorded."))


@bp.post("/<ref:ref>/self-monitoring")
@requires(Permission.EDIT_UNITS)
def monitor(ref: str) -> Response:
    form = MonitoringForm()

    def work(session: Session) -> object:
        return supervision.add_monitoring(session, actor(), ref, form.kind.data, form.done_on.data, at=now())

    return _save(ref, "monitoring", form, work, _("Recorded."))


@bp.post("/<ref:ref>/notes")
@requires(Permission.EDIT_UNITS)
def write(ref: str) -> Response:
    form = NotesForm()
    version = int(form.version.data) if str(form.version.data or "").isdigit() else 0

    def work(session: Session) -> object:
        rules, fits = form.house_rules.data or "", form.fit_notes.data or ""
        return supervision.write_notes(session, actor(), ref, rules, fits, version=version, at=now())

    return _save(ref, "notes", form, work, _("The notes were saved."))
