"""A county's proposal: look at it, change and lock places, send it to the social worker, start decisions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session
from wtforms import HiddenField, SelectField

from placement.decisions import proposal_queries, proposals, staleness
from placement.decisions.proposal_queries import Line
from placement.decisions.proposals import LONGEST_LOCK_REASON, LONGEST_REASON, PlaceRefused
from placement.decisions.rules import Broken
from placement.decisions.tables import Proposal, ProposalRow, ProposalStatus, Run
from placement.permissions import Permission
from placement.reference import age_on
from placement.refusals import NotFound, Refusal
from placement.units import queries as units
from placement.web.child_access import open_names
from placement.web.child_forms import KitForm, text
from placement.web.decision_words import broken_sentence, changed_sentence
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import changed, render, to
from placement.web.sentences import sentence

bp = Blueprint("proposals", __name__, url_prefix="/proposals")


class PlaceForm(KitForm):
    version = HiddenField()
    unit = SelectField(_l("Unit"), validate_choice=False)
    reason = text(_l("Why another place than the calculation proposes"), LONGEST_REASON)


class LockForm(KitForm):
    version = HiddenField()
    reason = text(_l("Why this place must not change"), LONGEST_LOCK_REASON)


def rule_sentence(broken: Broken) -> str:
    """Return a rule that a place would break, as a sentence."""
    if broken.code == proposals.FULL_BY_PROPOSAL:
        return str(_("The last free places are proposed to other children of this proposal."))
    return broken_sentence(broken)


@bp.get("/<ref:proposal>")
@requires(Permission.SEE_PROPOSALS)
def show(proposal: str) -> Response:
    return _page(proposal)


def _page(ref: str, *, status: int = 200, problem: str | None = None) -> Response:
    with read_only() as session:
        found = proposal_queries.find(session, actor(), ref)
        run = session.get_one(Run, found.run_id)
        lines = proposal_queries.lines(session, found)
        stale = proposals.stale_rows(session, found, now()) if found.status is not ProposalStatus.WITHDRAWN else {}
    names = open_names([line.child_id for line in lines], data_used="proposal")
    return render(
        "proposals/show.html",
        status=status,
        problem=problem,
        proposal=found,
        run_ref=run.ref,
        calculated_at=run.finished_at,
        changes=_changes(lines, stale),
        undecided=sum(line.open for line in lines),
        rows=[_row_context(found, line, names, stale.get(line.row_id, [])) for line in lines],
    )


def _changes(lines: list[Line], stale: dict[int, list[str]]) -> list[str]:
    """Return one sentence for each part that changed, with the references of the rows it touches."""
    touched: dict[str, list[str]] = {}
    for line in lines:
        for part in stale.get(line.row_id, []):
            touched.setdefault(part, []).append(line.child_ref)
    return [f"{changed_sentence(part)} ({', '.join(refs)})" for part, refs in touched.items()]


def _row_context(proposal: Proposal, line: Line, names: dict[int, Any], stale: list[str]) -> dict[str, Any]:
    return {
        "proposal": proposal,
        "line": line,
        "name": names[line.child_id].name if line.child_id in names else None,
        "age": age_on(line.birth_date, today()),
        "hidden": line.protected and line.child_id not in names,
        "stale": [changed_sentence(part) for part in stale],
        "broken": [rule_sentence(one) for one in line.broken],
        "may_edit": actor().can(Permission.EDIT_PROPOSALS)
        and proposal.status is ProposalStatus.DRAFT
        and line.waits
        and not line.decided,
        "may_decide": actor().can(Permission.DECIDE) and proposal.status is not ProposalStatus.WITHDRAWN and line.open,
    }


def _row(ref: str, child_ref: str, **more: Any) -> dict[str, Any]:
    """Return the context of one row, read anew; its name is opened with a log row."""
    with read_only() as session:
        found = proposal_queries.find(session, actor(), ref)
        line = proposal_queries.line_of(session, found, child_ref)
        row = session.get_one(ProposalRow, line.row_id)
        stale = staleness.what_changed(session, row, now()) if line.waits else []
        run = session.get_one(Run, found.run_id)
    names = open_names([line.child_id], data_used="proposal")
    return {**_row_context(found, line, names, stale), "run_ref": run.ref, "row_problem": None, **more}


@bp.get("/<ref:proposal>/rows/<ref:child>/place")
@requires(Permission.EDIT_PROPOSALS)
def place(proposal: str, child: str) -> Response:
    """Show the units a row's child could be put into, with the rules each would break now."""
    return _place_page(proposal, child, PlaceForm(formdata=None))


def _place_page(
    ref: str, child_ref: str, form: PlaceForm, *, status: int = 200, broken: tuple[Broken, ...] = ()
) -> Response:
    with read_only() as session:
        found = proposal_queries.find(session, actor(), ref)
        line = proposal_queries.line_of(session, found, child_ref)
        options = proposal_queries.choices(session, actor(), found, line, now())
    fitting = _("Fits")
    breaking = _("Breaks a rule that a second official may allow")
    closed = _("Not possible")
    form.unit.choices = {fitting: [], breaking: [], closed: []}
    for unit, rules in options:
        group = closed if any(one.absolute for one in rules) else breaking if rules else fitting
        words = f"{unit.name}: {rule_sentence(rules[0])}" if rules else unit.name
        form.unit.choices[group].append((unit.ref, words))
    form.unit.choices = {group: rows for group, rows in form.unit.choices.items() if rows}
    if form.unit.data is None or not form.is_submitted():
        form.unit.data = form.unit.data or line.unit_ref
    if not form.is_submitted():
        form.version.data = line.version
    context = _row(ref, child_ref, form=form, broken_now=[rule_sentence(one) for one in broken])
    return render("proposals/place.html", status=status, **context)


@bp.get("/<ref:proposal>/rows/<ref:child>/check")
@requires(Permission.EDIT_PROPOSALS)
def check(proposal: str, child: str) -> Response:
    """Show at once which rules a unit would break for this child; nothing is changed."""
    with read_only() as session:
        found = proposal_queries.find(session, actor(), proposal)
        line = proposal_queries.line_of(session, found, child)
        unit = units.find(session, actor(), request.args.get("unit", ""), today())
        row = session.get_one(ProposalRow, line.row_id)
        end = proposals.leaving_day(session, row, unit)
        broken = proposals.check_place(session, found, row, unit.id or 0, end, now())
    return render(
        "proposals/check.html",
        fragment="proposals/_check.html",
        proposal=found,
        line=line,
        unit=unit,
        end=end,
        broken=[rule_sentence(one) for one in broken],
        impossible=any(proposals.is_absolute(one) for one in broken),
        deviates=unit.id != line.proposed_unit_id,
    )


@bp.post("/<ref:proposal>/rows/<ref:child>/place")
@requires(Permission.EDIT_PROPOSALS)
def change_place(proposal: str, child: str) -> Response:
    form = PlaceForm()
    form.validate()
    try:
        with transaction() as session:
            proposals.change_place(
                session,
                actor(),
                proposal,
                child,
                unit_ref=form.unit.data or "",
                reason=form.reason.data or "",
                version=_whole(form.version.data),
                at=now(),
            )
    except PlaceRefused as refused:
        form.unit.errors = [*form.unit.errors, sentence(refused)]
        return _place_page(proposal, child, form, status=refused.status, broken=refused.broken)
    except NotFound:
        raise
    except Refusal as refused:
        if refused.field is None:
            raise
        getattr(form, refused.field).errors = [sentence(refused)]
        return _place_page(proposal, child, form, status=refused.status)
    flash(_("The place was changed."), "success")
    return to(url_for("proposals.show", proposal=proposal))


@bp.post("/<ref:proposal>/rows/<ref:child>/lock")
@requires(Permission.EDIT_PROPOSALS)
def lock(proposal: str, child: str) -> Response:
    form = LockForm()
    form.validate()
    reason, version = form.reason.data or "", _whole(form.version.data)

    def work(session: Session) -> None:
        proposals.lock(session, actor(), proposal, child, reason=reason, version=version, at=now())

    return _row_act(proposal, child, work)


@bp.post("/<ref:proposal>/rows/<ref:child>/unlock")
@requires(Permission.EDIT_PROPOSALS)
def unlock(proposal: str, child: str) -> Response:
    version = _whole(request.form.get("version"))

    def work(session: Session) -> None:
        proposals.unlock(session, actor(), proposal, child, version=version, at=now())

    return _row_act(proposal, child, work)


def _row_act(ref: str, child_ref: str, work: Any) -> Response:
    """Do something to a row and answer with it; a refused text is told in the row, everything else on its page."""
    try:
        with transaction() as session:
            work(session)
    except Refusal as refused:
        if refused.field is None:
            raise
        context = _row(ref, child_ref, row_problem=sentence(refused))
        return render("proposals/row.html", fragment="proposals/_row.html", status=refused.status, **context)
    return changed(
        fragment="proposals/_row.html",
        page_url=url_for("proposals.show", proposal=ref) + f"#row-{child_ref}",
        **_row(ref, child_ref),
    )


@bp.post("/<ref:proposal>/send")
@requires(Permission.EDIT_PROPOSALS)
def send(proposal: str) -> Response:
    """Send the proposal to the social worker; one that is out of date is shown with what changed instead."""
    try:
        with transaction() as session:
            proposals.send(session, actor(), proposal, version=_whole(request.form.get("version")), at=now())
    except Refusal as refused:
        if refused.code != "proposal-stale":
            raise
        return _page(proposal, status=refused.status, problem=_("The proposal was not sent: it is out of date."))
    flash(_("The proposal was sent to the social worker."), "success")
    return to(url_for("proposals.show", proposal=proposal))


def _whole(text: object) -> int:
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else 0
