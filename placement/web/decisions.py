"""Decisions: writing one while its place is held, checking and making it, and what happens next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask import session as web_session
from flask_babel import gettext as _
from sqlmodel import Session

from placement.decisions import booking, drafts, queries, service, verdicts
from placement.decisions.booking import BookingRefused
from placement.decisions.drafts import Start
from placement.decisions.letters import documents as write_documents
from placement.decisions.service import RulesBroken, StaleProposal
from placement.decisions.tables import Decision, DecisionDocument, DecisionKind
from placement.documents.letter import SignNotShown
from placement.permissions import Actor, Permission
from placement.references import is_reference
from placement.refusals import NotAllowed, NotFound, Refusal, Refusals
from placement.web import decision_pages as pages
from placement.web import decision_refusals as refusals
from placement.web import today
from placement.web.child_access import open_child
from placement.web.decision_forms import ContentForm, ReasonForm, ServiceForm, StartForm, attach, whole
from placement.web.demo_cards import PLACED
from placement.web.edge import actor, kit, now, read_only, transaction
from placement.web.guard import requires
from placement.web.render import render, to, wants_fragment
from placement.web.sentences import sentence

bp = Blueprint("decisions", __name__, url_prefix="/decisions")
PAGE_SIZE = 50


@bp.get("")
@requires(Permission.SEE_DECISIONS)
def index() -> Response:
    number = max(1, whole(request.args.get("page")))
    with read_only() as session:
        lines, count = queries.lines(session, actor(), now(), first=(number - 1) * PAGE_SIZE, most=PAGE_SIZE)
    paging = pages.Paging(number, max(1, -(-count // PAGE_SIZE)))
    return render("decisions/index.html", lines=lines, count=count, paging=paging)


@bp.get("/new")
@requires(Permission.DECIDE)
def new() -> Response:
    """Show the decision being written about a child, or the units it could be started for; `?kind=urgent` too."""
    child_ref = request.args.get("child", "")
    if not is_reference("CH", child_ref):
        raise NotFound
    return pages.writing_page(child_ref, _kind(request.args.get("kind")))


def _kind(asked: str | None) -> DecisionKind:
    return DecisionKind.URGENT if asked == DecisionKind.URGENT else DecisionKind.PLACEMENT


@bp.post("/start")
@requires(Permission.DECIDE)
def start() -> Response:
    """Hold the place and open the decision; starting again for the same child goes on with the same one."""
    form = StartForm()
    form.validate()
    asked = Start(
        child_ref=form.child.data or "",
        unit_ref=form.unit.data or None,
        proposal_ref=form.proposal.data or None,
        start=form.start.data,
        end=form.end.data,
        kind=_kind(form.kind.data),
    )

    def work(session: Session) -> Decision:
        return drafts.start_decision(session, actor(), asked, at=now())

    try:
        booking.attempt(kit().database, actor(), now(), work)
    except BookingRefused as refused:
        return refusals.lost_page(asked.child_ref, refused)
    return to(url_for("decisions.new", child=asked.child_ref))


@bp.post("/<ref:ref>/save")
@requires(Permission.DECIDE)
def save(ref: str) -> Response:
    """Save the draft: by itself while typing (htmx), by "Save draft", and before going on to the check page."""
    draft, form = pages.bound_form(ref)
    readable = form.validate()
    try:
        with transaction() as session:
            saved = drafts.save_draft(session, actor(), ref, form.to_command(), version=form.opened_version, at=now())
    except Refusal as refused:
        return _not_saved(draft, form, refused)
    if wants_fragment():
        return render("decisions/_saved.html", version=saved.version, saved_at=now(), problem=None)
    going_on = "check" in request.form
    faults = [Refusal(f"{name}-missing", field=name) for name in ("start", "end") if not form[name].data]
    if going_on:
        with read_only() as session:
            faults += verdicts.verdict(session, queries.find(session, actor(), ref), now()).missing
    if not readable or faults:
        attach(form, faults)
        form.version.data = saved.version
        return pages.form_page(saved, form, status=422)
    if going_on:
        return to(url_for("decisions.check", ref=ref))
    flash(_("Draft saved."), "success")
    return to(url_for("decisions.new", child=pages.child_ref(saved)))


def _not_saved(draft: Decision, form: ContentForm, refused: Refusal) -> Response:
    if refused.code == "changed-meanwhile":
        return refusals.conflict_page(draft, form)
    if refused.field is None:
        raise refused
    if wants_fragment():
        return render(
            "decisions/_saved.html",
            status=refused.status,
            version=form.opened_version,
            saved_at=None,
            problem=sentence(refused),
        )
    attach(form, [refused])
    return pages.form_page(draft, form, status=refused.status)


@bp.get("/<ref:ref>/hold")
@requires(Permission.DECIDE)
def hold(ref: str) -> Response:
    """Show how long the place is held: a part of the page that looks again each minute."""
    with read_only() as session:
        draft = queries.find(session, actor(), ref)
        held = pages.hold_state(session, draft)
        child_ref = pages.child_ref(draft)
    if not wants_fragment():
        return to(url_for("decisions.new", child=child_ref))
    return render("decisions/_hold.html", decision=draft, hold=held)


@bp.post("/<ref:ref>/keep")
@requires(Permission.DECIDE)
def keep(ref: str) -> Response:
    """Keep the place 30 minutes more, or hold it again when the time is over; what was typed is saved first."""
    draft, form = pages.bound_form(ref)
    form.validate()
    child_ref = pages.child_ref(draft)

    def work(session: Session) -> Decision:
        if "version" in request.form:
            drafts.save_draft(session, actor(), ref, form.to_command(), version=form.opened_version, at=now())
        return drafts.keep_or_hold_again(session, actor(), ref, at=now())

    try:
        booking.attempt(kit().database, actor(), now(), work)
    except BookingRefused as refused:
        return refusals.lost_page(child_ref, refused)
    except Refusal as refused:
        return _not_saved(draft, form, refused)
    flash(_("The place is held 30 minutes more."), "success")
    return to(url_for("decisions.new", child=child_ref))


@bp.get("/<ref:ref>/places")
@requires(Permission.DECIDE)
def places(ref: str) -> Response:
    return pages.places_page(ref)


@bp.post("/<ref:ref>/discard")
@requires(Permission.DECIDE)
def discard(ref: str) -> Response:
    with transaction() as session:
        drafts.discard(session, actor(), ref, at=now())
    flash(_("The draft was thrown away and its place given back."), "success")
    return to(url_for("decisions.index"))


@bp.get("/<ref:ref>/check")
@requires(Permission.DECIDE)
def check(ref: str) -> Response:
    return pages.check_page(ref)


@bp.post("/<ref:ref>/make")
@requires(Permission.DECIDE)
def make(ref: str) -> Response:
    """Make the decision; every way it can be refused has its own page, with the typed text kept."""
    child_ref = pages.child_ref_of(ref)
    open_child(child_ref, data_used="decision")  # the documents hold the child's name
    version = whole(request.form.get("version"))

    def work(session: Session) -> Decision:
        return service.make_decision(session, actor(), ref, version=version, at=now(), typeset=_typeset)

    try:
        booking.attempt(kit().database, actor(), now(), work)
    except BookingRefused as refused:
        return refusals.lost_page(child_ref, refused)
    except StaleProposal as stale:
        return refusals.stale_page(ref, stale)
    except SignNotShown as unshown:
        return pages.check_page(ref, refused=Refusal("sign-not-shown", sign=unshown.sign))
    except (Refusals, RulesBroken) as refused:
        return pages.check_page(ref, refused=refused)
    if kit().settings.demo:
        web_session[PLACED] = True
    return to(url_for("decisions.show", ref=ref))


def _typeset(session: Session, decision: Decision) -> list[DecisionDocument]:
    return write_documents(session, decision, demo=kit().settings.demo)


@bp.post("/<ref:ref>/ask")
@requires(Permission.DECIDE)
def ask(ref: str) -> Response:
    """Send the draft to a second official, who confirms or declines that a rule is broken."""
    version = whole(request.form.get("version"))

    def work(session: Session) -> Decision:
        return service.ask_confirmation(session, actor(), ref, version=version, at=now())

    try:
        booking.attempt(kit().database, actor(), now(), work)
    except BookingRefused as refused:
        return refusals.lost_page(pages.child_ref_of(ref), refused)
    except StaleProposal as stale:
        return refusals.stale_page(ref, stale)
    except Refusals as refused:
        return pages.check_page(ref, refused=refused)
    flash(_("Sent to a second official for confirmation."), "success")
    return to(url_for("decisions.check", ref=ref))


@bp.get("/<ref:ref>/confirm")
@requires(Permission.SECOND_OFFICIAL)
def confirming(ref: str) -> Response:
    return pages.confirm_page(ref, ReasonForm(formdata=None))


@bp.post("/<ref:ref>/confirm")
@requires(Permission.SECOND_OFFICIAL)
def confirm(ref: str) -> Response:
    form = ReasonForm()
    form.validate()
    act = service.decline if "decline" in request.form else service.confirm
    try:
        with transaction() as session:
            act(session, actor(), ref, form.reason.data or "", version=whole(form.version.data), at=now())
    except Refusal as refused:
        if refused.field is None:
            raise
        attach(form, [refused])
        return pages.confirm_page(ref, form, status=refused.status)
    words = _("Sent back with your reason.") if "decline" in request.form else _("You confirmed the rule break.")
    flash(words, "success")
    return to(url_for("decisions.index"))


@bp.get("/<ref:ref>")
@requires(Permission.SEE_DECISIONS)
def show(ref: str) -> Response:
    """Show a decision: what was decided and what happens next; a draft leads to where it is written."""
    return pages.decision_page(ref, ServiceForm(formdata=None))


@bp.post("/<ref:ref>/served")
@requires(Permission.DECIDE)
def served(ref: str) -> Response:
    form = ServiceForm()
    if not form.validate():
        return pages.decision_page(ref, form, status=422)
    try:
        with transaction() as session:
            service.record_service(
                session,
                actor(),
                ref,
                child_on=form.served_child_on.data,
                representative_on=form.served_representative_on.data,
                version=whole(form.version.data),
                at=now(),
            )
    except Refusals as refused:
        attach(form, refused.faults)
        return pages.decision_page(ref, form, status=422)
    flash(_("The days of service were recorded."), "success")
    return to(url_for("decisions.show", ref=ref))


@bp.get("/<ref:ref>.pdf")
@requires(Permission.SEE_DECISIONS)
def pdf(ref: str) -> Response:
    """Hand out the decision as it was given, in the language asked for, else its legal text."""
    opened = open_child(pages.child_ref_of(ref), data_used="decision-document")
    if opened.identity is None:
        raise NotAllowed("protected-document")
    with read_only() as session:
        decision = queries.find(session, actor(), ref)
        language = request.args.get("lang") or decision.language
        document = queries.document(session, decision, language)
    answer = make_response(document.content)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Language"] = language
    answer.headers["Content-Disposition"] = f'inline; filename="{ref}-{language}.pdf"'
    return answer


@today.source
def _decisions(session: Session, who: Actor, at: datetime) -> list[today.Group]:
    """Tell which decisions are being written, which are not served yet, and which rule breaks wait to be confirmed."""
    if not who.can(Permission.DECIDE):
        return []
    waits = queries.waiting(session, who)
    groups: list[tuple[str, str, Any, str, bool]] = [
        ("decisions", _("Decisions to make"), waits.drafts, _("Go on writing"), False),
        ("decisions-to-serve", _("Decisions to serve"), waits.to_serve, _("Record the service"), False),
    ]
    if who.can(Permission.SECOND_OFFICIAL):
        groups.insert(0, ("rule-breaks", _("Rule breaks to confirm"), waits.to_confirm, _("Confirm or decline"), True))
    return [
        today.Group(
            key=key,
            title=title,
            count=len(moments),
            url=url_for("decisions.index"),
            action=action,
            oldest_days=(at - moments[0]).days if moments else None,
            main=main,
        )
        for key, title, moments, action, main in groups
    ]
