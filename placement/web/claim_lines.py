"""Other costs of a claim: the grid of a payment application's costs, the rows of a cost application."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from agreements.claim_reads import value_of
from agreements.claim_rules import by_year
from agreements.claim_tables import ClaimLine, ClaimStatus
from agreements.claim_values import CARE_DAYS, COST_KINDS, Basis, Gate, Line
from agreements.money import split
from agreements.period import Period
from placement.audit import idempotency
from placement.refusals import NotFound, Refusal
from placement.reimbursed import costs, evidence, preparing, reading
from placement.reimbursed.building_rules import Choices
from placement.reimbursed.comparing import compared, place_code, place_of
from placement.units.queries import visible_units
from placement.web import claim_conflict as conflict
from placement.web import claim_forms as forms
from placement.web import claim_words as words
from placement.web.child_forms import KitForm
from placement.web.children import Paging
from placement.web.claims import PREPARE, SEE, OpenedClaim, bp, opened, shared
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.render import render, to

PAGE_SIZE = 100


@bp.get("/<ref:ref>/lines")
@requires(SEE)
def lines(ref: str) -> Response:
    return _grid(ref, None)


def _units(session: Session) -> list[tuple[str, str]]:
    """Return the units of the reader's county as choices."""
    return [
        (str(unit.id), unit.name)
        for unit in visible_units(session, actor(), today())
        if unit.county_id == actor().county_id
    ]


def _form(session: Session, gate: Gate, *, bound: bool, data: dict[str, Any] | None = None) -> Any:
    kind: type[KitForm] = forms.CostForm if gate is Gate.PAYMENT else forms.BudgetForm
    form: Any = kind() if bound else kind(formdata=None, data=data)
    if gate is Gate.PAYMENT:
        form.offer(_units(session))
    else:
        form.cost_kind.choices = [("", _("Choose")), *((code, words.kind(code)) for code in COST_KINDS)]
        form.unit.choices = [("", _("The county as a whole")), *_units(session)]
    return form


def _stands_at(found: OpenedClaim, line: ClaimLine) -> tuple[str, str]:
    """Return the kind of cost and the place of a line as an address names them."""
    return line.cost_kind, place_code(place_of(line, found.hidden), found.units)


def _grid(ref: str, form: Any, status: int = 200) -> Response:
    kind, at = request.args.get("kind", ""), request.args.get("unit", "")
    chosen = {name: value for name, value in (("kind", kind), ("unit", at)) if value}
    with read_only() as session:
        found = opened(session, ref)
        every = [line for line in reading.cost_lines(found.lines) if not kind or line.cost_kind == kind]
        change, earlier = None, None
        if at:
            every = [line for line in found.lines if _stands_at(found, line) == (kind, at)]
            differences = compared(session, actor(), found.claim, found.lines)
            if differences is not None:
                earlier = differences.earlier
                change = differences.at(kind, at)
        states = reading.states(session, found.claim)
        pages = max(1, -(-len(every) // PAGE_SIZE))
        number = min(max(1, whole(request.args.get("page"))), pages)
        shown = every[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        files = {
            one.id: one
            for one in evidence.rows_of(
                session, found.claim.county_id, only={line.evidence_id for line in shown if line.evidence_id}
            )
        }
        form = form or _form(
            session, found.claim.gate, bound=False,
            data={"version": str(found.claim.version), "first_day": found.period.first, "last_day": found.period.last},
        )  # fmt: skip
    return render(
        "claims/lines.html",
        status=status,
        found=found,
        lines=shown,
        count=len(every),
        total_cents=sum(line.claimed_cents for line in every),
        approved_cents=(
            sum(states[line.id or 0].approved_cents for line in every if (line.id or 0) in states)
            if found.claim.status is ClaimStatus.DECIDED
            else None
        ),
        states=states,
        files=files,
        form=form,
        kind=kind,
        at=at,
        change=change,
        earlier=earlier,
        key=secrets.token_urlsafe(24),
        paging=Paging(
            number,
            pages,
            url_for("claims.lines", ref=ref),
            chosen,
        ),
        **shared(),
    )


@bp.post("/<ref:ref>/lines")
@requires(PREPARE)
def add_line(ref: str) -> Response:
    """Add a cost (or a row of a cost application); the claim is written anew with it."""
    with read_only() as session:
        found = opened(session, ref)
        form = _form(session, found.claim.gate, bound=True)
    if not form.validate():
        return _grid(ref, form, 422)
    key = request.form.get("idempotency_key", "")
    location = url_for("claims.lines", ref=ref)
    try:
        with transaction() as session:
            if idempotency.once(session, actor(), key, "claims.add_line") is None:
                _add(session, ref, found, form)
                idempotency.remember(session, actor(), key, "claims.add_line", location, now())
    except Refusal as refused:
        return conflict.refused_on(refused, ref, form, lambda _found, form, status: _grid(ref, form, status))
    flash(_("The line was added."), "success")
    return to(location)


def _add(session: Session, ref: str, found: OpenedClaim, form: Any) -> None:
    version = whole(form.version.data)
    if found.claim.gate is Gate.COST:
        rows = [value_of(line) for line in found.lines]
        preparing.save_budget(session, actor(), ref, [*rows, *_budget(form)], version=version, at=now())
        return
    if form.unit.data == "shared":
        costs.share_cost(session, actor(), form.value(), _weights(found), "by-days", at=now())
    else:
        costs.add_cost(session, actor(), form.value(), at=now())
    preparing.refresh(session, actor(), ref, version=version, at=now())


def _weights(found: OpenedClaim) -> list[tuple[int, int]]:
    """Return the days that the claim counts in each unit: what a shared cost is divided by."""
    days: dict[int, int] = {}
    for line in found.lines:
        if line.basis in CARE_DAYS and line.unit_id is not None:
            days[line.unit_id] = days.get(line.unit_id, 0) + line.days
    weights = [(unit, count) for unit, count in sorted(days.items()) if count]
    if not weights:
        raise Refusal("nothing-to-share-by", field="unit")
    return weights


def _budget(form: Any) -> list[Line]:
    """Return the row of a cost application as a line for each year."""
    if form.last_day.data < form.first_day.data:
        raise Refusal("ends-before-start", field="last_day")
    years = by_year(Period(form.first_day.data, form.last_day.data))
    unit = int(form.unit.data) if (form.unit.data or "").isdigit() else None
    sums = split(form.net.data, [year.days or 0 for year in years])
    return [
        Line(Basis.BUDGET, form.cost_kind.data, year, 0, cents, unit, note=form.note.data or "")
        for year, cents in zip(years, sums, strict=True)
    ]


def _own_line(found: OpenedClaim, number: int) -> ClaimLine:
    return _of_costs(found, next((one for one in found.lines if one.line_no == number), None))


def _of_costs(found: OpenedClaim, line: ClaimLine | None) -> ClaimLine:
    numbers = {one.line_no for one in reading.cost_lines(found.lines)}
    if line is None or line.line_no not in numbers:
        raise NotFound
    if found.claim.gate is Gate.PAYMENT and line.cost_entry_id is None:
        raise NotFound
    return line


@bp.get("/<ref:ref>/lines/<int:number>/change")
@requires(PREPARE)
def change(ref: str, number: int) -> Response:
    with read_only() as session:
        found = opened(session, ref)
        line = _own_line(found, number)
        form = _form(session, found.claim.gate, bound=False, data=_stored(session, found, line))
    return _change_page(found, line, form)


def _stored(session: Session, found: OpenedClaim, line: ClaimLine) -> dict[str, Any]:
    """Return a line's values as the form shows them; those of a cost are the whole cost's."""
    version, about = str(found.claim.version), conflict.about(line)
    if line.cost_entry_id is None:
        return {
            "version": version, "about": about, "cost_kind": line.cost_kind, "unit": str(line.unit_id or ""),
            "note": line.note, "first_day": line.first_day, "last_day": line.last_day, "net": line.claimed_cents,
        }  # fmt: skip
    row = costs.find_cost(session, actor(), line.cost_entry_id)
    return {
        "version": version,
        "about": about,
        "cost_kind": row.cost_kind,
        "unit": str(row.unit_id or ""),
        "child": row.child_ref,
        "first_day": row.first_day,
        "last_day": row.last_day,
        "net": row.net_cents,
        "vat": row.vat_cents or None,
        "other_income": row.other_income_cents or None,
        "supplier": row.supplier,
        "voucher": row.voucher,
        "voucher_on": row.voucher_on,
    }


def _change_page(found: OpenedClaim, line: ClaimLine, form: Any, status: int = 200) -> Response:
    return render("claims/change_line.html", status=status, found=found, line=line, form=form, **shared())


@bp.post("/<ref:ref>/lines/<int:number>/change")
@requires(PREPARE)
def change_line(ref: str, number: int) -> Response:
    """Change a cost that no sent version rests on, or a row of a cost application."""
    with read_only() as session:
        found = opened(session, ref)
        form = _form(session, found.claim.gate, bound=True)
    edited = conflict.edited(found, form, number)
    if edited is None:
        return conflict.gone(ref, form)
    line = _of_costs(found, edited)
    if not form.validate():
        return _change_page(found, line, form, 422)
    version = whole(form.version.data)
    try:
        with transaction() as session:
            if line.cost_entry_id is not None:
                costs.change_cost(session, actor(), line.cost_entry_id, _kept_file(form, line), at=now())
                preparing.refresh(session, actor(), ref, version=version, at=now())
            else:
                rows = _without(found, line.line_no)
                preparing.save_budget(session, actor(), ref, [*rows, *_budget(form)], version=version, at=now())
    except Refusal as refused:
        return conflict.refused_on_line(
            refused, ref, number, form, redraw=_change_page, endpoint="claims.change_line", stored=_as_stored
        )
    flash(_("The line was changed."), "success")
    return to(url_for("claims.lines", ref=ref))


def _as_stored(session: Session, found: OpenedClaim, line: ClaimLine) -> KitForm:
    form: KitForm = _form(session, found.claim.gate, bound=False, data=_stored(session, found, line))
    return form


def _kept_file(form: Any, line: ClaimLine) -> costs.CostInput:
    what: costs.CostInput = form.value()
    return replace(what, evidence_id=line.evidence_id)


def _without(found: OpenedClaim, number: int) -> list[Line]:
    return [value_of(one) for one in found.lines if one.line_no != number]


@bp.post("/<ref:ref>/lines/<int:number>/remove")
@requires(PREPARE)
def remove_line(ref: str, number: int) -> Response:
    """Take a row out of a cost application; a cost of the books is left out with a reason instead."""
    with transaction() as session:
        found = opened(session, ref)
        version = whole(request.form.get("version"))
        conflict.require_newest(session, found, version)
        line = _own_line(found, number)
        if line.cost_entry_id is not None:
            raise NotFound
        preparing.save_budget(session, actor(), ref, _without(found, number), version=version, at=now())
    return to(url_for("claims.lines", ref=ref))


@bp.post("/<ref:ref>/lines/<int:number>/delete")
@requires(PREPARE)
def delete_cost(ref: str, number: int) -> Response:
    """Take a cost out of the county's books: it was entered by mistake."""
    with transaction() as session:
        found = opened(session, ref)
        version = whole(request.form.get("version"))
        conflict.require_newest(session, found, version)
        line = _own_line(found, number)
        if line.cost_entry_id is None:
            raise NotFound
        preparing.remove_cost(session, actor(), ref, line.cost_entry_id, version=version, at=now())
    flash(_("The cost was removed."), "success")
    return to(url_for("claims.lines", ref=ref))


@bp.get("/<ref:ref>/lines/<int:number>/leave-out")
@requires(PREPARE)
def leave_line_out(ref: str, number: int) -> Response:
    with read_only() as session:
        found = opened(session, ref)
        line = _own_line(found, number)
    data = {"version": str(found.claim.version), "about": conflict.about(line)}
    return _leave_page(found, line, forms.LineReasonForm(formdata=None, data=data))


def _leave_page(found: OpenedClaim, line: ClaimLine, form: Any, status: int = 200) -> Response:
    return render("claims/leave_line.html", status=status, found=found, line=line, form=form, **shared())


@bp.post("/<ref:ref>/lines/<int:number>/leave-out")
@requires(PREPARE)
def leave_cost_out(ref: str, number: int) -> Response:
    """Leave a cost out of this claim, with the reason; it stays in the county's books."""
    form = forms.LineReasonForm()
    with read_only() as session:
        found = opened(session, ref)
    edited = conflict.edited(found, form, number)
    if edited is None:
        return conflict.gone(ref, form)
    line = _of_costs(found, edited)
    if line.cost_entry_id is None:
        raise NotFound
    if not form.validate():
        return _leave_page(found, line, form, 422)
    try:
        with transaction() as session:
            _choose(session, ref, whole(form.version.data), line.cost_entry_id, form.reason.data)
    except Refusal as refused:
        return conflict.refused_on_line(
            refused, ref, number, form, redraw=_leave_page, endpoint="claims.leave_cost_out", stored=_left_out
        )
    return to(url_for("claims.lines", ref=ref))


def _left_out(_session: Session, _found: OpenedClaim, line: ClaimLine) -> KitForm | None:
    """Return the reason with which somebody else left the same cost out, None when it stands in the claim."""
    out = line.basis is Basis.LEFT_OUT
    return forms.LineReasonForm(formdata=None, data={"reason": line.note}) if out else None


@bp.post("/<ref:ref>/lines/<int:number>/restore")
@requires(PREPARE)
def restore_line(ref: str, number: int) -> Response:
    """Take a cost that was left out into the claim again."""
    with transaction() as session:
        found = opened(session, ref)
        version = whole(request.form.get("version"))
        conflict.require_newest(session, found, version)
        line = _own_line(found, number)
        if line.cost_entry_id is None:
            raise NotFound
        _choose(session, ref, version, line.cost_entry_id, None)
    return to(url_for("claims.lines", ref=ref))


def _choose(session: Session, ref: str, version: int, cost_id: int, reason: str | None) -> None:
    def change(known: Choices) -> Choices:
        left = {key: why for key, why in known.costs.items() if key != cost_id}
        return replace(known, costs=left | ({cost_id: reason} if reason else {}))

    preparing.refresh(session, actor(), ref, version=version, at=now(), change=change)
