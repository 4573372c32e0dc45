"""The county's costs and its providers' invoices: added, changed, taken out, as long as no sent claim rests on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements.claim_building import shared_costs
from agreements.claim_tables import Claim, ClaimLine, ClaimVersion, CostEntry, Evidence
from agreements.claim_values import COST_KINDS, PLACE_DAYS, Cost
from agreements.period import Period
from placement.children.tables import Child
from placement.permissions import Actor, Permission
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal
from placement.reimbursed.acting import log_act
from placement.reimbursed.tables import CareInvoice
from placement.units.tables import Unit

ENTERED_KINDS = tuple(kind for kind in COST_KINDS if kind not in (PLACE_DAYS, "reserved_places"))
"""Kinds that a person enters as costs; bought days come from invoices."""


@dataclass(frozen=True, slots=True)
class CostInput:
    """A cost as a person or a file gives it, net of value added tax; unit and child None = of the county as a whole."""

    cost_kind: str
    unit_id: int | None
    child_ref: str | None
    first_day: date
    last_day: date
    net_cents: int
    supplier: str
    voucher: str
    voucher_on: date
    vat_cents: int = 0
    other_income_cents: int = 0
    cost_centre: str = ""
    evidence_id: int | None = None
    shared_cents: int | None = None
    share_rule: str = ""
    import_key: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceInput:
    """A provider's invoice for a child's days as a person or a file gives it."""

    unit_id: int
    child_ref: str
    first_day: date
    last_day: date
    net_cents: int
    supplier: str
    voucher: str
    voucher_on: date
    evidence_id: int | None = None


def _county(actor: Actor) -> int:
    if actor.county_id is None:
        raise NotFound
    if not (actor.can(Permission.PREPARE_CLAIMS) or actor.can(Permission.IMPORT_COSTS)):
        raise NotAllowed("claims-of-officers")
    return actor.county_id


def _require_own(
    session: Session, county_id: int, unit_id: int | None, child_ref: str | None, evidence_id: int | None
) -> None:
    """Raise a refusal for a unit, a child or a file that is not the county's; foreign and missing are the same."""
    if unit_id is not None:
        unit = session.get(Unit, unit_id)
        if unit is None or unit.county_id != county_id:
            raise Refusal("cost-unit-unknown", field="unit")
    if child_ref is not None:
        child = session.exec(select(Child.county_id).where(Child.ref == child_ref)).first()
        if child != county_id:
            raise Refusal("child-unknown", field="child", ref=child_ref)
    if evidence_id is not None:
        file = session.get(Evidence, evidence_id)
        if file is None or file.county_id != county_id:
            raise NotFound


def _require_sane(first: date, last: date, cost_kind: str | None) -> None:
    if last < first:
        raise Refusal("ends-before-start", field="last_day")
    if cost_kind is not None and cost_kind not in ENTERED_KINDS:
        raise Refusal("cost-kind-unknown", field="cost_kind")


def add_cost(session: Session, actor: Actor, what: CostInput, *, at: datetime) -> CostEntry:
    """Add a cost to the county's books here; the same file's row again is the one there is."""
    county_id = _county(actor)
    _require_sane(what.first_day, what.last_day, what.cost_kind)
    _require_own(session, county_id, what.unit_id, what.child_ref, what.evidence_id)
    if what.import_key is not None:
        known = session.exec(select(CostEntry).where(CostEntry.import_key == what.import_key)).first()
        if known is not None:
            return known
    row = CostEntry(county_id=county_id, added_by=actor.user_id, added_at=at, **_values(what))
    session.add(row)
    session.flush()
    log_act(session, actor, "cost-added", f"cost-{row.id}", at, kind=what.cost_kind, cents=what.net_cents)
    return row


def _values(what: CostInput) -> dict[str, Any]:
    return {name: getattr(what, name) for name in CostInput.__dataclass_fields__}


def share_cost(
    session: Session, actor: Actor, what: CostInput, weights: Sequence[tuple[int, int]], rule: str, *, at: datetime
) -> list[CostEntry]:
    """Add a cost that several units bear as one cost for each, shared by `weights` (unit, weight) and `rule`."""
    whole = Cost(
        None, what.cost_kind, None, None, Period(what.first_day, what.last_day), what.net_cents,
        what.supplier, what.voucher, what.voucher_on, what.vat_cents, what.other_income_cents,
    )  # fmt: skip
    return [
        add_cost(
            session,
            actor,
            CostInput(
                what.cost_kind, part.unit_id, None, what.first_day, what.last_day, part.net_cents,
                what.supplier, what.voucher, what.voucher_on, part.vat_cents, part.other_income_cents,
                what.cost_centre, what.evidence_id, part.shared_cents, part.share_rule,
            ),
            at=at,
        )
        for part in shared_costs(whole, weights, rule)
    ]  # fmt: skip


def find_cost(session: Session, actor: Actor, key: int) -> CostEntry:
    """Return a cost of the actor's county; raises NotFound for a foreign and a missing one alike."""
    row = session.get(CostEntry, key)
    if row is None or row.county_id != actor.county_id:
        raise NotFound
    return row


def change_cost(session: Session, actor: Actor, key: int, what: CostInput, *, at: datetime) -> CostEntry:
    """Change a cost that stands in no version that was sent; those are corrected with a new entry."""
    county_id = _county(actor)
    row = find_cost(session, actor, key)
    _require_unsent(session, col(ClaimLine.cost_entry_id) == key)
    _require_sane(what.first_day, what.last_day, what.cost_kind)
    _require_own(session, county_id, what.unit_id, what.child_ref, what.evidence_id)
    before = row.net_cents
    for name, value in _values(what).items():
        if name not in ("import_key", "shared_cents", "share_rule"):
            setattr(row, name, value)
    session.add(row)
    session.flush()
    log_act(session, actor, "cost-changed", f"cost-{key}", at, before_cents=before, cents=what.net_cents)
    return row


def remove_cost(session: Session, actor: Actor, key: int, *, at: datetime) -> None:
    """Take a cost out of the books here, when no version of a claim rests on it. Drafts are written anew first."""
    _county(actor)
    row = find_cost(session, actor, key)
    _require_unused(session, ClaimLine.cost_entry_id == key, row.voucher)
    session.delete(row)
    session.flush()
    log_act(session, actor, "cost-removed", f"cost-{key}", at)


def _require_unused(session: Session, condition: Any, voucher: str) -> None:
    """Raise Conflict with the voucher and the first claim of which a line rests on it, sent or in draft."""
    used = (
        select(Claim.ref)
        .join(ClaimVersion, col(ClaimVersion.claim_id) == Claim.id)
        .join(ClaimLine, col(ClaimLine.version_id) == ClaimVersion.id)
        .where(condition)
        .order_by(col(Claim.id))
    )
    claim = session.exec(used).first()
    if claim is not None:
        raise Conflict("cost-in-claim", claim=claim, voucher=voucher)


def _require_unsent(session: Session, condition: object) -> None:
    sent = (
        select(ClaimLine.id)
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .where(condition, col(ClaimVersion.sent_at).is_not(None))  # type: ignore[arg-type]
    )
    if session.exec(sent).first() is not None:
        raise Conflict("cost-in-claim")


def add_invoice(session: Session, actor: Actor, what: InvoiceInput, *, at: datetime) -> CareInvoice:
    """Add a provider's invoice for a child's days; the same voucher for the same child and days is the one there is."""
    county_id = _county(actor)
    _require_sane(what.first_day, what.last_day, None)
    if what.net_cents <= 0:
        raise Refusal("cell-money", field="net")
    if session.exec(select(Child.county_id).where(Child.ref == what.child_ref)).first() != county_id:
        raise Refusal("child-unknown", field="child", ref=what.child_ref)
    known = session.exec(
        select(CareInvoice).where(
            CareInvoice.county_id == county_id,
            CareInvoice.supplier == what.supplier,
            CareInvoice.voucher == what.voucher,
            CareInvoice.unit_id == what.unit_id,
            CareInvoice.child_ref == what.child_ref,
            CareInvoice.first_day == what.first_day,
        )
    ).one_or_none()
    if known is not None:
        return known
    row = CareInvoice(
        county_id=county_id,
        added_by=actor.user_id,
        added_at=at,
        **{name: getattr(what, name) for name in InvoiceInput.__dataclass_fields__},
    )
    session.add(row)
    session.flush()
    log_act(session, actor, "invoice-added", f"invoice-{row.id}", at, cents=what.net_cents)
    return row


def invoice_of(cost: CostInput) -> InvoiceInput:
    """Return a row of bought days as the provider's invoice it is; the row names its unit and its child."""
    assert cost.unit_id is not None  # the row was refused otherwise
    assert cost.child_ref is not None
    return InvoiceInput(
        cost.unit_id,
        cost.child_ref,
        cost.first_day,
        cost.last_day,
        cost.net_cents,
        cost.supplier,
        cost.voucher,
        cost.voucher_on,
        cost.evidence_id,
    )


def remove_invoice(session: Session, actor: Actor, key: int, *, at: datetime) -> None:
    """Take a provider's invoice out, as long as no version of a claim names its voucher for the child."""
    county_id = _county(actor)
    row = session.get(CareInvoice, key)
    if row is None or row.county_id != county_id:
        raise NotFound
    used = sa.and_(
        col(ClaimLine.supplier) == row.supplier,
        col(ClaimLine.voucher) == row.voucher,
        col(ClaimLine.child_ref) == row.child_ref,
    )
    _require_unused(session, used, row.voucher)
    session.delete(row)
    session.flush()
    log_act(session, actor, "invoice-removed", f"invoice-{key}", at)
