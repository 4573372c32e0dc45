"""Calculations: what would be calculated, starting one, its progress and result, and why each place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session
from wtforms import HiddenField, RadioField, SelectMultipleField
from wtforms.validators import ValidationError

from placement.audit import idempotency
from placement.decisions import proposal_queries, run_queries, runs
from placement.decisions.problem_builder import Asked
from placement.decisions.proposal_queries import Line
from placement.decisions.run_queries import RunView
from placement.decisions.weights import DEFAULT_PRESET, FREEZE_DAYS, PRESETS, WEB_TIME_LIMIT_S
from placement.people.queries import cooperating_counties
from placement.permissions import Actor, Permission, Role
from placement.reference import age_on
from placement.references import new as new_reference
from placement.refusals import NotFound, Refusal
from placement.units import queries as units
from placement.web import explaining
from placement.web import today as today_page
from placement.web.child_access import open_child, open_names
from placement.web.child_forms import KitForm
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.fields import DayField
from placement.web.guard import requires
from placement.web.i18n import day, lang
from placement.web.render import changed, render, to
from placement.web.sentences import sentence

bp = Blueprint("runs", __name__, url_prefix="/runs")
PAGE_SIZE = 25
for _filter, _function in explaining.FILTERS.items():
    bp.add_app_template_filter(_function, _filter)


class RunForm(KitForm):
    """What is asked of a calculation; children are named by reference."""

    idempotency_key = HiddenField()
    scope = RadioField(_l("Who is calculated"), default="own")
    preset = RadioField(_l("What weighs most"), default=DEFAULT_PRESET)
    freeze_until = DayField(_l("Do not move children before"))
    unlocked = SelectMultipleField(_l("Children who may be moved"), validate_choice=False)

    def validate_freeze_until(self, field: Any) -> None:
        if field.data is not None and field.data < today():
            raise ValidationError(_("The day cannot be in the past."))


@dataclass(frozen=True)
class Paging:
    number: int
    pages: int

    def url(self, number: int) -> str:
        return url_for("runs.index", page=number)


@bp.get("")
@requires(Permission.SEE_RUNS)
def index() -> Response:
    number = max(1, request.args.get("page", 1, type=int))
    with read_only() as session:
        found, count = run_queries.views(session, actor(), first=(number - 1) * PAGE_SIZE, most=PAGE_SIZE)
    return render("runs/index.html", runs=found, count=count, paging=Paging(number, max(1, -(-count // PAGE_SIZE))))


@bp.get("/new")
@requires(Permission.RUN_OPTIMIZER)
def new() -> Response:
    form = RunForm(request.args if request.args.keys() & {"scope", "unlocked", "preset"} else None)
    if form.freeze_until.data is None and not getattr(form.freeze_until, "typed", ""):
        form.freeze_until.data = today() + timedelta(days=FREEZE_DAYS)
    form.idempotency_key.data = new_reference("RU")
    return _form_page(form)


@bp.post("")
@requires(Permission.RUN_OPTIMIZER)
def create() -> Response:
    form = RunForm()
    with read_only() as session:
        _offer(session, form)
    if not form.validate():
        return _form_page(form, status=422)
    key = form.idempotency_key.data or ""
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "runs.create")
            if location is not None:
                return to(location)
            asked, scope = _asked(session, form)
            run = runs.start(session, actor(), scope, asked, now(), time_limit_s=WEB_TIME_LIMIT_S)
            location = url_for("runs.show", run=run.ref)
            idempotency.remember(session, actor(), key, "runs.create", location, now())
    except Refusal as refused:
        form.form_errors.append(sentence(refused))
        return _form_page(form, status=refused.status, busy=refused.facts.get("run"))
    kit().wake(run.id or 0)
    return to(location)


def _asked(session: Session, form: RunForm) -> tuple[Asked, runs.Scope]:
    """Return what the form asks for; a child of another county in it is the same 404 as one that is not there."""
    joined = form.scope.data == "joined"
    scope = runs.scope_of(session, actor(), today(), joined=joined)
    refs = list(dict.fromkeys(form.unlocked.data or []))
    known = run_queries.own_children(session, actor().county_id or 0, refs)
    if len(known) != len(refs):
        raise NotFound
    asked = Asked(
        start=today(),
        preset=form.preset.data,
        freeze_until=form.freeze_until.data or today() + timedelta(days=FREEZE_DAYS),
        unlocked=frozenset(known.values()),
        joined=scope.cooperation_id is not None,
    )
    return asked, scope


def _offer(session: Session, form: RunForm) -> list[run_queries.Movable]:
    """Fill in the choices this actor has: scopes, presets, children who live somewhere."""
    _cooperation, counties = cooperating_counties(session, actor().county_id or 0, today())
    names = run_queries.county_names(session, tuple(counties), lang())
    form.scope.choices = [("own", names.get(actor().county_id or 0, ""))]
    if len(counties) > 1:
        form.scope.choices.append(("joined", _("Counties that co-operate: %(names)s", names=", ".join(names.values()))))
    form.preset.choices = [(key, explaining.preset_name(key)) for key in PRESETS]
    movable = run_queries.movable(session, actor(), today(), now())
    form.unlocked.choices = [
        (
            one.ref,
            _("%(ref)s, %(age)s y, %(unit)s", ref=one.ref, age=age_on(one.birth_date, today()), unit=one.unit_name),
        )
        for one in movable
    ]
    return movable


def _form_page(form: RunForm, *, status: int = 200, busy: object = None) -> Response:
    with read_only() as session:
        movable = _offer(session, form)
        if form.scope.data not in dict(form.scope.choices):
            form.scope.data = "own"
        if form.preset.data not in PRESETS:
            form.preset.data = DEFAULT_PRESET
        own = frozenset(one.id for one in movable)
        estimate = _estimate(session, form, own)
    return render(
        "runs/new.html",
        fragment="runs/_estimate.html" if status == 200 else None,
        status=status,
        form=form,
        estimate=estimate,
        busy=busy,
        preset_hints={key: str(explaining.PRESETS[key][1]) for key in PRESETS},
        freeze_example=day(today() + timedelta(days=FREEZE_DAYS)),
        minutes=WEB_TIME_LIMIT_S // 60,
    )


def _estimate(session: Session, form: RunForm, movable: frozenset[int]) -> run_queries.Estimate:
    refs = set(form.unlocked.data or [])
    form.unlocked.data = [ref for ref in form.unlocked.data or [] if ref in dict(form.unlocked.choices)]
    asked, scope = _asked(session, form) if refs == set(form.unlocked.data) else (Asked(today()), _own_scope(session))
    problem = runs.prepare(session, scope, asked, now())
    waiting = frozenset(
        run_queries.own_children(session, actor().county_id or 0, [seat.id for seat in problem.free.values()]).values()
    )
    left = run_queries.own_children(session, actor().county_id or 0, [one.ref for one in problem.left_out])
    return run_queries.estimate(problem, waiting | movable | frozenset(left.values()))


def _own_scope(session: Session) -> runs.Scope:
    return runs.scope_of(session, actor(), today(), joined=False)


@bp.get("/<ref:run>")
@requires(Permission.SEE_RUNS)
def show(run: str) -> Response:
    return render("runs/show.html", fragment="runs/_run.html", polled=True, **_run_context(run))


@bp.post("/<ref:run>/stop")
@requires(Permission.RUN_OPTIMIZER)
def stop(run: str) -> Response:
    """Stop and keep best: the worker ends within a second and saves what it has."""
    with transaction() as session:
        runs.ask_to_stop(session, actor(), run, now())
    return changed(fragment="runs/_run.html", page_url=url_for("runs.show", run=run), polled=False, **_run_context(run))


def _run_context(ref: str) -> dict[str, Any]:
    """Return what the page of a run shows; names of the own county's children are opened, each with its log row."""
    with read_only() as session:
        run = run_queries.view(session, actor(), ref)
        own, counties = _result_rows(session, run)
        unit_names = _unit_names(session)
    names = open_names([line.child_id for line in own], data_used="run-result")
    return {
        "run": run,
        "lines": own,
        "others": _pseudonyms(run, counties),
        "names": names,
        "unit_names": unit_names,
        "ages": {line.child_id: age_on(line.birth_date, today()) for line in own},
        "county_names": counties,
        "hidden": {line.child_id for line in own if line.protected and line.child_id not in names},
        "fault": explaining.fault(run.fault),
        "reload_url": url_for("runs.show", run=ref),
    }


def _result_rows(session: Session, run: RunView) -> tuple[list[Line], dict[int, str]]:
    counties = run_queries.county_names(session, run.counties, lang())
    proposal = proposal_queries.of_run(session, actor(), run.id)
    return (proposal_queries.lines(session, proposal) if proposal else []), counties


def _pseudonyms(run: RunView, counties: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return the rows of other counties' children: a county and a number that means something in this run only."""
    found = []
    number: dict[int, int] = {}
    for row in run.summary["rows"] if run.summary else ():
        if row["county"] != actor().county_id:
            number[row["county"]] = number.get(row["county"], 0) + 1
            label = _("%(county)s, child %(number)s", county=counties[row["county"]], number=number[row["county"]])
            found.append({"label": label, "unit": row["unit"], "placed": row["unit"] is not None})
    return found


def _unit_names(session: Session) -> dict[str, str]:
    return {unit.ref: unit.name for unit in units.visible_units(session, actor(), today())}


@bp.get("/<ref:run>/why/<ref:child>")
@requires(Permission.SEE_RUNS)
def why(run: str, child: str) -> Response:
    """Show why a child got its place, the best other ones, and every unit with what keeps the child out."""
    with read_only() as session:
        found = run_queries.view(session, actor(), run)
        proposal = proposal_queries.of_run(session, actor(), found.id)
        if proposal is None:
            raise NotFound
        line = proposal_queries.line_of(session, proposal, child)
        unit_names = _unit_names(session)
    opened = open_child(child, data_used="why-this-place")
    return render(
        "runs/why.html",
        run=found,
        proposal=proposal,
        line=line,
        told=line.explanation,
        by_unit={row["unit"]: row for row in line.explanation["units"]},
        opened=opened,
        unit_names=unit_names,
    )


@today_page.source
def _waiting(session: Session, who: Actor, _at: datetime) -> list[today_page.Group]:
    """Tell which results wait for somebody to look at them, and which proposals wait for decisions."""
    if who.role not in (Role.COORDINATOR, Role.SOCIAL_WORKER):
        return []
    waits = proposal_queries.waiting(session, who)
    groups = []
    if who.can(Permission.EDIT_PROPOSALS):
        groups.append(
            today_page.Group(
                key="runs-finished",
                title=_("Calculations finished"),
                count=len(waits.finished_runs),
                url=url_for("runs.index"),
                action=_("Look at the result and send the proposal"),
                oldest_days=_days(waits.finished_runs),
            )
        )
    decides = who.can(Permission.DECIDE)
    groups.append(
        today_page.Group(
            key="proposals",
            title=_("Decisions to make") if decides else _("Proposals not yet decided"),
            count=waits.undecided,
            url=url_for("proposals.show", proposal=waits.sent_ref) if waits.sent_ref else url_for("runs.index"),
            action=_("Open the proposal"),
            oldest_days=_days((waits.undecided_since,) if waits.undecided_since else ()),
            main=decides,
        )
    )
    return groups


def _days(moments: tuple[datetime, ...]) -> int | None:
    return max(((now() - moment).days for moment in moments), default=None)
