"""The audit trail: what was changed by whom, whether the logs are unbroken, the findings of an auditor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlmodel import Session
from wtforms import SelectField, StringField

from placement.audit.service import record
from placement.clock import business_day
from placement.imports.files_out import csv_bytes
from placement.permissions import Actor, Permission
from placement.refusals import Refusal
from placement.reviewing import corrections as correcting
from placement.reviewing import objections, scope, sealing, trail
from placement.reviewing.trail import Filters
from placement.web import event_words
from placement.web import review_forms as forms
from placement.web import review_words as words
from placement.web import today as today_page
from placement.web.agreement_parts import attach
from placement.web.child_forms import KitForm
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.fields import DayField
from placement.web.guard import requires
from placement.web.render import render, to
from placement.web.review import EXAMINE

bp = Blueprint("audit", __name__, url_prefix="/audit")
NAMES = ("action", "kind", "ref", "first", "last")


class FilterForm(KitForm):
    action = SelectField(_l("Event"), validate_choice=False)
    kind = SelectField(_l("About"), validate_choice=False)
    ref = StringField(_l("Reference"))
    first = DayField(_l("From"))
    last = DayField(_l("Until"))

    def filters(self) -> Filters:
        return Filters(
            action=self.action.data or "",
            kind=self.kind.data or "",
            ref=(self.ref.data or "").strip(),
            first=self.first.data,
            last=self.last.data,
        )


def _bound(session: Session) -> tuple[FilterForm, set[int], bool]:
    form = FilterForm(formdata=request.args)
    seen = trail.bodies(session, actor(), today())
    form.action.choices = event_words.choices(event_words.ACTIONS, trail.actions(session, seen))
    form.kind.choices = event_words.choices(event_words.KINDS, trail.kinds(session, seen))
    return form, seen, form.validate()


@bp.get("")
@requires(Permission.SEE_AUDIT)
def index() -> Response:
    """Show the events of the auditor's area, and whether the last check found the logs and the books unbroken."""
    with read_only() as session:
        form, seen, readable = _bound(session)
        filters = form.filters()
        found = trail.events(session, filters, seen, whole(request.args.get("page")) or 1)
        check = sealing.last(session)
    return render(
        "audit/index.html",
        fragment="audit/_events.html",
        status=200 if readable else 422,
        form=form,
        filters=filters,
        found=found,
        check=check,
        old=check is None or check.is_old(now()),
        chips=_chips(form),
        paging=_Paging(found.page, found.pages),
        export_url=url_for("audit.export", **_given()),
        whole_refs=words.whole_refs,
        words=event_words,
        title_error=bool(form.errors),
    )


@bp.post("/check")
@requires(Permission.SEE_AUDIT)
def check() -> Response:
    """Walk through every chain now; the trail keeps who asked and what was found."""
    with read_only() as session:
        seals = sealing.walk(session)
    with transaction() as session:
        sealing.keep(session, actor(), seals, now())
    if seals.broken:
        flash(_("A chain is broken. Tell your administrator; decide and pay nothing until it is explained."), "warning")
    else:
        flash(_("All chains are unbroken."), "success")
    return to(url_for("audit.index"))


class _Paging:
    def __init__(self, number: int, pages: int) -> None:
        self.number, self.pages = number, pages

    def url(self, number: int) -> str:
        return url_for("audit.index", **_given(), page=number)


def _given() -> dict[str, Any]:
    return {name: request.args[name] for name in NAMES if request.args.get(name)}


def _chips(form: FilterForm) -> list[dict[str, str]]:
    given = _given()
    tables = {"action": event_words.ACTIONS, "kind": event_words.KINDS}
    return [
        {
            "text": f"{form[name].label.text}: {event_words.say(tables.get(name, {}), given[name])}",
            "href": url_for("audit.index", **{key: value for key, value in given.items() if key != name}),
        }
        for name in given
    ]


@bp.get("/export.csv")
@requires(Permission.SEE_AUDIT)
def export() -> Response:
    """Return the events that fit as CSV; taking them out is an event itself."""
    with read_only() as session:
        form, seen, _readable = _bound(session)
        found = trail.events(session, form.filters(), seen, 1, trail.MOST_EXPORTED)
    head = [
        "seq",
        "at",
        "action",
        "event",
        "object",
        "reference",
        "actor",
        "organisation",
        "before",
        "after",
        "reason",
        "hash",
    ]
    table = [
        [
            str(row.seq),
            row.at.isoformat(),
            row.action,
            event_words.say(event_words.ACTIONS, row.action),
            row.object_kind,
            row.object_ref,
            found.people[row.actor_id].login if row.actor_id in found.people else "",
            found.bodies[row.organisation_id].name_fi if row.organisation_id in found.bodies else "",
            row.before or "",
            row.after or "",
            row.reason,
            row.hash,
        ]
        for row in found.rows
    ]
    with transaction() as session:
        record(
            session, actor=actor(), action="trail-exported", object_kind="audit", object_ref="audit", at=now(),
            after={"rows": len(table)},
        )  # fmt: skip
    answer = make_response(csv_bytes([head, *table]))
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{now():%Y%m%d-%H%M}.csv"'
    return answer


@bp.get("/findings/<ref:ref>")
@requires(Permission.SEE_AUDIT, *EXAMINE)
def findings(ref: str) -> Response:
    return _findings_page(ref, forms.FindingForm(formdata=None))


def _findings_page(ref: str, form: Any, answer: Any = None, key: int = 0, status: int = 200) -> Response:
    with read_only() as session:
        claim, standing = correcting.decided(session, actor(), ref, today())
        every = objections.findings(session, claim)
        mine = scope.may_examine(session, actor(), claim)
    form.offer()
    return render(
        "audit/findings.html",
        status=status,
        claim=claim,
        standing=standing,
        findings=every,
        form=form,
        answer=answer or forms.AnswerForm(formdata=None),
        answer_key=key,
        mine=mine,
        may_find=actor().can(Permission.SEE_AUDIT),
        words=words,
    )


@bp.post("/findings/<ref:ref>")
@requires(Permission.SEE_AUDIT)
def find_out(ref: str) -> Response:
    """Record a finding about a decided claim."""
    form = forms.FindingForm()
    form.offer()
    readable = form.validate()
    try:
        if readable:
            with transaction() as session:
                objections.find_out(
                    session,
                    actor(),
                    ref,
                    line_no=form.line_no.data,
                    category=form.category.data or "",
                    text=form.text.data,
                    cents=form.cents.data,
                    at=now(),
                )
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        readable = False
    if not readable:
        return _findings_page(ref, form, status=422)
    flash(_("The finding is recorded. The authority is asked to answer."), "success")
    return to(url_for("audit.findings", ref=ref))


@bp.post("/findings/<ref:ref>/<int:key>/answer")
@requires(*EXAMINE)
def answer(ref: str, key: int) -> Response:
    form = forms.AnswerForm()
    readable = form.validate()
    try:
        if readable:
            with transaction() as session:
                objections.answer(session, actor(), ref, key, form.answer.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        readable = False
    if not readable:
        return _findings_page(ref, forms.FindingForm(formdata=None), form, key, 422)
    flash(_("The finding is answered."), "success")
    return to(url_for("audit.findings", ref=ref))


@today_page.source
def to_audit(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell an auditor of a broken chain, the week's events and findings without an answer; an examiner of the last."""
    groups = []
    if who.can(Permission.SEE_AUDIT):
        check = sealing.last(session)
        broken = check.seals.broken if check else 0
        stale = check is None or check.is_old(at)
        groups.append(
            today_page.Group(
                key="chain",
                title=_("Chain check"),
                count=broken or int(stale),
                url=url_for("audit.index"),
                action=ngettext("%(num)s chain is broken", "%(num)s chains are broken", broken)
                if broken or not stale
                else _("Check the chains: the last check is missing"),
                main=True,
            )
        )
        week = business_day(at) - timedelta(days=6)
        seen = trail.bodies(session, who, business_day(at))
        groups.append(
            today_page.Group(
                key="trail",
                title=_("Events of the last 7 days"),
                count=trail.how_many(session, Filters(first=week), seen),
                url=url_for("audit.index", first=week.isoformat()),
                action=_("Read the trail"),
            )
        )
    if who.can(Permission.SEE_AUDIT) or any(who.can(one) for one in EXAMINE):
        open_ = objections.open_findings(session, who, today())
        groups.append(
            today_page.Group(
                key="findings",
                title=_("Findings without an answer"),
                count=len(open_),
                url=url_for("audit.findings", ref=open_[0][1].ref) if open_ else url_for("today.show"),
                action=ngettext("%(num)s finding waits", "%(num)s findings wait", len(open_)),
            )
        )
    return groups
