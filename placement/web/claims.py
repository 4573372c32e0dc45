"""The county's claims: the list, what can still be claimed until when, starting a claim, one claim's page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements.claim_tables import Claim, ClaimLine, ClaimStatus
from agreements.claim_values import CARE_DAYS, Gate
from agreements.period import Period
from placement.audit import idempotency
from placement.children.queries import protected_among
from placement.permissions import Permission
from placement.refusals import NotFound, Refusal
from placement.reimbursed import preparing, queries, reading, timing
from placement.reimbursed.preparing import Against
from placement.reimbursed.queries import ClaimRow
from placement.units.tables import Unit
from placement.web import claim_forms as forms
from placement.web import claim_words as words
from placement.web.agreement_parts import attach
from placement.web.children import Paging
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import render, to

bp = Blueprint("claims", __name__, url_prefix="/claims")
SEE, PREPARE, SEND = Permission.SEE_CLAIMS, Permission.PREPARE_CLAIMS, Permission.SEND_CLAIMS
PAGE_SIZE = 50
STATES = ("draft", "to-approver", "sent", "in-review", "decided", "withdrawn")


@dataclass(frozen=True)
class OpenedClaim:
    """A claim as its pages need it: where it stands, its lines, what stands against it, who may do what."""

    row: ClaimRow
    lines: list[ClaimLine]
    units: Mapping[int, Unit]
    against: Against | None
    mine: bool
    hidden: frozenset[str]
    """The children of the lines whose identity is protected: their place is not named."""

    @property
    def claim(self) -> Claim:
        return self.row.claim

    @property
    def ref(self) -> str:
        return self.claim.ref

    @property
    def period(self) -> Period:
        return Period(self.claim.period_first, self.claim.period_last)

    @property
    def draft(self) -> bool:
        return self.claim.status is ClaimStatus.DRAFT

    @property
    def editable(self) -> bool:
        """Whether the reader may change the claim now."""
        return self.draft and self.mine

    @property
    def total_cents(self) -> int:
        return sum(line.claimed_cents for line in self.lines)


def opened(session: Session, ref: str, *, check: bool = False) -> OpenedClaim:
    """Return the claim when the actor may see it; raises NotFound. `check`: with everything that stands against it."""
    claim = queries.find(session, actor(), ref)
    lines = reads.lines(session, claim)
    keys = {line.unit_id for line in lines if line.unit_id is not None}
    waits = claim.status in (ClaimStatus.DRAFT, ClaimStatus.TO_APPROVER)
    return OpenedClaim(
        row=queries.rows(session, [claim])[0],
        lines=lines,
        units={row.id or 0: row for row in session.exec(select(Unit).where(col(Unit.id).in_(keys)))},
        against=preparing.against(session, claim, at=now()) if check and waits else None,
        mine=actor().can(PREPARE) and claim.county_id == actor().county_id,
        hidden=protected_among(session, (line.child_ref for line in lines)),
    )


def shared() -> dict[str, Any]:
    """Return what every template of the claims uses."""
    return {"words": words, "Gate": Gate}


@bp.get("")
@requires(SEE)
def index() -> Response:
    gate, state = request.args.get("gate", ""), request.args.get("state", "")
    with read_only() as session:
        every = queries.visible(session, actor())
        kept = [
            claim
            for claim in every
            if (not gate or claim.gate.value == gate) and (not state or claim.status.value == state)
        ]
        pages = max(1, -(-len(kept) // PAGE_SIZE))
        number = min(max(1, whole(request.args.get("page"))), pages)
        rows = queries.rows(session, kept[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
        county = actor().county_id or 0
        ready = _ready(session, county) if actor().can(PREPARE) else []
        lapsing = timing.lapsing(session, county, today())
    return render(
        "claims/index.html",
        rows=rows,
        nothing=not every,
        count=len(kept),
        paging=Paging(number, pages, url_for("claims.index"), {k: v for k, v in _given(gate, state) if v}),
        ready=ready,
        lapsing=lapsing,
        gate=gate,
        state=state,
        states=STATES,
        key=secrets.token_urlsafe(24),
        **shared(),
    )


def _ready(session: Session, county_id: int) -> list[timing.Claimable]:
    return [one for one in timing.claimable(session, county_id, today()) if one.ready]


def _given(gate: str, state: str) -> list[tuple[str, str]]:
    return [("gate", gate), ("state", state)]


@bp.get("/deadlines")
@requires(SEE)
def deadlines() -> Response:
    """Show what can still be claimed until when: by year of care with its last day, and by period."""
    with read_only() as session:
        county = actor().county_id or 0
        lapsing = timing.lapsing(session, county, today())
        ready = _ready(session, county)
    return render(
        "claims/deadlines.html",
        lapsing=lapsing,
        ready=ready,
        total=sum(one.cents for one in lapsing),
        as_of=today(),
        **shared(),
    )


@bp.get("/start")
@requires(PREPARE)
def start() -> Response:
    form = forms.StartForm(formdata=None, data={"gate": request.args.get("gate", "payment")})
    with read_only() as session:
        newest = next(timing.claimable(session, actor().county_id or 0, today()), None)
    if newest is not None:
        form.first.data, form.last.data = newest.period.first, newest.period.last
    return _start_page(form)


def _start_page(form: Any, status: int = 200) -> Response:
    form.gate.choices = [(one.value, words.gate(one)) for one in Gate]
    return render("claims/start.html", status=status, form=form, key=secrets.token_urlsafe(24), **shared())


@bp.post("/start")
@requires(PREPARE)
def begin() -> Response:
    """Begin a claim of a period: a payment application writes itself from the facts."""
    form = forms.StartForm()
    form.gate.choices = [(one.value, words.gate(one)) for one in Gate]
    valid = form.validate()
    if valid and form.last.data < form.first.data:
        form.last.errors = [_("The last day must not be before the first.")]
        valid = False
    if not valid:
        return _start_page(form, 422)
    key = request.form.get("idempotency_key", "")
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "claims.begin")
            if location is None:
                period = Period(form.first.data, form.last.data)
                claim = preparing.start(session, actor(), Gate(form.gate.data), period, at=now())
                location = url_for("claims.show", ref=claim.ref)
                idempotency.remember(session, actor(), key, "claims.begin", location, now())
    except Refusal as refused:
        attach(form, refused)
        return _start_page(form, refused.status)
    return to(location)


@bp.get("/<ref:ref>")
@requires(SEE)
def show(ref: str) -> Response:
    with read_only() as session:
        found = opened(session, ref, check=True)
        sums = reading.kind_sums(found.lines)
        history = reading.events(session, found.claim)
        versions = reading.versions(session, found.claim)
        asked = queries.open_questions(session, found.claim) if found.row.questions else []
        states = reading.states(session, found.claim)
        problems = found.against.problems if found.against else ()
        tasks = _tasks(found) if found.draft else []
    return render(
        "claims/show.html",
        found=found,
        sums=[(one, _of_kind(found.lines, states, one.kind)) for one in sums],
        history=history,
        versions=versions,
        asked=asked,
        tasks=tasks,
        blocking=sum(one.blocking for one in problems),
        **shared(),
    )


def _of_kind(lines: list[ClaimLine], states: Mapping[int, Any], kind: str) -> int:
    """Return what is approved of the lines of one kind so far, in cents."""
    return sum(states[line.id or 0].approved_cents for line in lines if line.cost_kind == kind and line.id in states)


def _tasks(found: OpenedClaim) -> list[dict[str, object]]:
    """Return the steps of a draft in order, each with its word."""
    blocking = found.against.blocking if found.against else ()
    codes = {one.code for one in blocking}
    by_line = {line.line_no: line for line in found.lines}
    days_wrong = bool(codes & {"days-not-accepted"}) or any(
        by_line[one.line_no].cost_kind == "place_days" for one in blocking if one.line_no in by_line
    )
    lines_wrong = any(by_line[one.line_no].cost_kind != "place_days" for one in blocking if one.line_no in by_line)
    costs = reading.cost_lines(found.lines)
    bare = sum(1 for line in found.lines if line.claimed_cents and line.evidence_id is None)
    tasks = []
    if found.claim.gate is Gate.PAYMENT:
        tasks.append(_task("days", _("Placement days"), found, "problem" if days_wrong else "done", _day_hint(found)))
    title = _("Other costs") if found.claim.gate is Gate.PAYMENT else _("Estimated costs")
    count = ngettext("%(num)s line", "%(num)s lines", len(costs))
    tasks.append(_task("lines", title, found, "problem" if lines_wrong else "done" if costs else "none", count))
    if found.claim.gate is Gate.PAYMENT:
        hint = ngettext("%(num)s line has no file", "%(num)s lines have no file", bare) if bare else ""
        tasks.append(_task("evidence", _("Evidence"), found, "todo" if bare else "done", hint))
    declared = "not-declared" not in codes
    tasks.append(_task("declaration", _("Declaration"), found, "done" if declared else "todo"))
    ready = not blocking
    tasks.append(_task("check", _("Check and send"), found, "todo" if ready else "problem"))
    return tasks


def _day_hint(found: OpenedClaim) -> str:
    days = sum(line.days for line in found.lines if line.basis in CARE_DAYS)
    return str(ngettext("%(num)s day", "%(num)s days", days))


def _task(key: str, title: str, found: OpenedClaim, state: str, hint: str = "") -> dict[str, object]:
    word, tone = {
        "done": (_("Completed"), "quiet"),
        "problem": (_("There is a problem"), "danger"),
        "todo": (_("Not yet started"), "info"),
        "none": (_("Nothing here yet"), "neutral"),
    }[state]
    href = url_for(f"claims.{key}", ref=found.ref)
    return {"id": f"task-{key}", "title": title, "href": href, "status": word, "tone": tone, "hint": hint or None}


@bp.get("/<ref:ref>/v/<int:number>")
@requires(SEE)
def version(ref: str, number: int) -> Response:
    """Show an earlier version as it was sent: it is never edited."""
    with read_only() as session:
        found = opened(session, ref)
        row = next((one for one in reading.versions(session, found.claim) if one.number == number), None)
        if row is None:
            raise NotFound
        lines = reading.lines_of_version(session, row)
        keys = {line.unit_id for line in lines if line.unit_id is not None}
        units = {one.id or 0: one for one in session.exec(select(Unit).where(col(Unit.id).in_(keys)))}
        hidden = protected_among(session, (line.child_ref for line in lines))
    return render("claims/version.html", found=found, version=row, lines=lines, units=units, hidden=hidden, **shared())
