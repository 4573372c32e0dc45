"""Correcting what was decided: the effect first, hearing, made by another person, then paid or brought back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, select

from agreements.claim_tables import Claim
from agreements.claim_values import Gate
from agreements.ledger_tables import LedgerEntry
from placement.audit import idempotency
from placement.permissions import Actor, Permission
from placement.refusals import NotFound, Refusal
from placement.reviewing import books, corrections, hearings, queue, scope
from placement.reviewing import lines as reading
from placement.reviewing.corrections import GROUNDS, Preview
from placement.reviewing.tables import Correction
from placement.web import review_forms as forms
from placement.web import review_words as words
from placement.web import today as today_page
from placement.web.agreement_parts import attach
from placement.web.decision_forms import whole
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.fields import SignedCentsField
from placement.web.guard import requires
from placement.web.i18n import money
from placement.web.render import render, to
from placement.web.review_lines import opened, shared

bp = Blueprint("corrections", __name__, url_prefix="/corrections")
READ = (Permission.PROPOSE_CORRECTIONS, Permission.SEE_CLAIMS, Permission.SEE_LEDGER)
DAYS = timedelta(days=14)


def _sums_form(page: Any, *, bound: bool) -> Any:
    """Return a form with one field for each line that can be corrected, filled with what is approved now."""

    class Sums(forms.CorrectionForm):
        pass

    for line in page.found.lines:
        if line.state.verdict != "park" and line.state.claimed_cents:
            label = _("Line %(number)s: approved", number=line.number)
            setattr(Sums, f"line-{line.number}", SignedCentsField(label))
    data = {f"line-{line.number}": line.state.approved_cents for line in page.found.lines}
    form = Sums() if bound else Sums(formdata=None, data=data)
    form.offer(GROUNDS)
    return form


def _typed(form: Any) -> dict[int, int]:
    found = {}
    for field in form:
        if field.name.startswith("line-") and field.data is not None:
            found[whole(field.name.removeprefix("line-"))] = field.data
    return found


@bp.get("/new")
@requires(Permission.PROPOSE_CORRECTIONS)
def new() -> Response:
    """Open the correction of a claim's decision, from the claim itself or from an entry of the books."""
    ref = _claim_ref()
    with read_only() as session:
        _claim, _standing = corrections.decided(session, actor(), ref, today())
        page = opened(session, ref)
    form = _sums_form(page, bound=False)
    return _form_page(ref, form)


def _claim_ref() -> str:
    """Return the claim that the address names, or the one that the named entry is about; raises NotFound."""
    if request.args.get("claim"):
        return request.args["claim"]
    with read_only() as session:
        number = whole(request.args.get("entry"))
        seen = scope.counties_seen(session, actor(), today())
        found = books.entry(session, number, seen)
        if found.claim is None:
            raise NotFound
        return found.claim.ref


def _form_page(ref: str, form: Any, status: int = 200, found: Preview | None = None) -> Response:
    with read_only() as session:
        page = opened(session, ref)
        now_ = corrections.preview(session, actor(), ref, {}, today())
        named = {one.ref for one in now_.dependents} | _others(found)
        opens = scope.refs_readable(session, actor(), named, today())
        open_ = [one for one in corrections.of_claim(session, page.claim) if one.status in corrections.OPEN]
    return render(
        "corrections/new.html",
        status=status,
        work=page,
        form=form,
        now_=now_,
        found=found,
        opens=opens,
        open_=open_,
        key=request.form.get("idempotency_key") or secrets.token_urlsafe(16),
        **shared(),
    )


def _others(found: Preview | None) -> set[str]:
    """Return the other claims that have taken refused lines over since."""
    return {one.fact("claim") or "" for one in found.taken} if found is not None else set()


@bp.post("/new")
@requires(Permission.PROPOSE_CORRECTIONS)
def preview() -> Response:
    """Show before, change and after, or propose what was shown; nothing is booked by either."""
    ref = request.form.get("claim", "")
    with read_only() as session:
        corrections.decided(session, actor(), ref, today())
        page = opened(session, ref)
    form = _sums_form(page, bound=True)
    if not form.validate():
        return _form_page(ref, form, 422)
    try:
        with read_only() as session:
            found = corrections.preview(session, actor(), ref, _typed(form), today())
        if request.form.get("step") != "propose":
            if not found.effect.lines:
                raise Refusal("claim-nothing-changes")
            return _form_page(ref, form, found=found)
        with transaction() as session:
            key = request.form.get("idempotency_key", "")
            earlier = idempotency.once(session, actor(), key, "corrections.preview")
            if earlier:
                return to(earlier)
            row = corrections.propose(
                session, actor(), ref, _typed(form), form.ground.data or "", form.reason.data, now()
            )
            url = url_for("corrections.show", ref=row.ref)
            idempotency.remember(session, actor(), key, "corrections.preview", url, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        _attach(form, refused)
        return _form_page(ref, form, 422)
    flash(_("The correction is proposed. Nothing is booked until another person makes it."), "success")
    return to(url)


def _attach(form: Any, refused: Refusal) -> None:
    if "cents" in refused.facts:
        refused.facts = {**refused.facts, "cents": money(int(str(refused.facts["cents"])))}
    attach(form, refused)


@bp.get("")
@requires(*READ)
def index() -> Response:
    """List the corrections of the claims the actor may open, those that wait first."""
    with read_only() as session:
        rows = corrections.every(session, actor(), today())
    return render("corrections/index.html", rows=rows, words=words)


@bp.get("/<ref:ref>")
@requires(*READ)
def show(ref: str) -> Response:
    return _page(ref)


def _page(ref: str, due: Any = None, status: int = 200) -> Response:
    with read_only() as session:
        correction, claim = scope.find_correction(session, actor(), ref, today())
        mine = scope.may_examine(session, actor(), claim)
        waits = correction.status in corrections.OPEN and correction.decision_no == claim.decision_no
        found = (
            corrections.preview(session, actor(), claim.ref, corrections.wanted(session, correction), today())
            if waits
            else None
        )
        lacks = corrections.lacks(session, actor(), correction, found, today()) if found is not None else None
        opens = scope.refs_readable(session, actor(), _others(found), today())
        asked = corrections.hearing(session, correction)
        entries = _entries(session, correction, claim) if correction.made_no else []
        changes = corrections.changes(session, correction)
        lines = {line.number: line for line in reading.examined(session, claim).lines}
        after = corrections.after(session, claim, today()) if claim.gate is Gate.PAYMENT else []
        people = corrections.people(session, correction)
        others = (
            queue.reviewers(session, actor().organisation_id, claim.gate, today()) if lacks == "other-person" else []
        )
    return render(
        "corrections/show.html",
        status=status,
        correction=correction,
        claim=claim,
        found=found,
        lacks=lacks,
        opens=opens,
        hearing=asked,
        entries=entries,
        changes=changes,
        lines=lines,
        after=after,
        people=people,
        mine=mine,
        alone=mine and lacks == "other-person" and all(one.id == correction.proposed_by for one in others),
        due=due or forms.DueForm(formdata=None, data={"due_on": today() + DAYS}),
        can_pay=actor().can(Permission.PAY),
        can_order=actor().can(Permission.ORDER_RECOVERY),
        own_county=actor().county_id is not None,
        **shared(),
    )


def _entries(session: Session, correction: Correction, claim: Claim) -> list[LedgerEntry]:
    """Return the reversal of the old decision and the entry of the new one."""
    made = correction.made_no or 0
    wanted = [("claim-corrected", f"{claim.ref}/{made - 1}"), ("claim-decided", f"{claim.ref}/{made}")]
    found = []
    for kind, key in wanted:
        row = session.exec(
            select(LedgerEntry).where(LedgerEntry.source_kind == kind, LedgerEntry.source_id == key)
        ).first()
        if row is not None:
            found.append(row)
    return found


@bp.post("/<ref:ref>/hearing")
@requires(Permission.REVIEW_COSTS, Permission.REVIEW_PAYMENTS)
def send_for_hearing(ref: str) -> Response:
    form = forms.DueForm()
    form.validate()
    try:
        with transaction() as session:
            corrections.send_for_hearing(session, actor(), ref, form.due_on.data, now())
    except Refusal as refused:
        if refused.status != 422:
            raise
        attach(form, refused)
        return _page(ref, form, 422)
    flash(_("The county is asked for its view."), "success")
    return to(url_for("corrections.show", ref=ref))


@bp.post("/<ref:ref>/make")
@requires(Permission.REVIEW_COSTS, Permission.REVIEW_PAYMENTS)
def make(ref: str) -> Response:
    """Make the correction: a reversal and a new entry in an open month, with the letters of the new decision."""
    with transaction() as session:
        corrections.make(
            session, actor(), ref, legal=request.form.get("legal", "fi"), demo=kit().settings.demo, at=now()
        )
    flash(_("The correction is made."), "success")
    return to(url_for("corrections.show", ref=ref))


@bp.post("/<ref:ref>/withdraw")
@requires(Permission.PROPOSE_CORRECTIONS)
def withdraw(ref: str) -> Response:
    with transaction() as session:
        corrections.withdraw(session, actor(), ref, now())
    flash(_("The correction is withdrawn."), "success")
    return to(url_for("corrections.show", ref=ref))


@today_page.source
def waiting(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:  # noqa: ARG001 - a source's shape
    """Tell who examines claims which corrections wait, and a county which hearings wait for its answer."""
    groups = []
    if who.can(Permission.REVIEW_COSTS) or who.can(Permission.REVIEW_PAYMENTS):
        count = corrections.waiting_count(session, who, today())
        groups.append(
            today_page.Group(
                key="corrections",
                title=_("Corrections to make"),
                count=count,
                url=url_for("corrections.index"),
                action=ngettext("%(num)s correction waits", "%(num)s corrections wait", count),
            )
        )
    if who.can(Permission.PREPARE_CLAIMS) or who.can(Permission.SEND_CLAIMS):
        asked = hearings.waiting(session, who)
        if asked:
            first, claim = asked[0]
            groups.append(
                today_page.Group(
                    key="hearings",
                    title=_("Hearings to answer"),
                    count=len(asked),
                    url=url_for("review_lines.statement", ref=claim.ref, key=first.id),
                    action=ngettext("%(num)s statement is waited for", "%(num)s statements are waited for", len(asked)),
                )
            )
    return groups
