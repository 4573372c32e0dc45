"""Which costs of a sheet the county has already, and which look as if somebody paid for them twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements.claim_tables import CostEntry
from agreements.claim_values import PLACE_DAYS, Gate
from placement.children.tables import Child
from placement.imports.cost_columns import CostRow
from placement.reimbursed.expecting import calculated_days
from placement.reimbursed.tables import CareInvoice
from placement.units.tables import Unit

SOME = 400


@dataclass(frozen=True)
class Doubt:
    """A row that may be paid for twice: why (a code) and what it is about; it may still be imported."""

    row: int
    code: str
    about: str


def own_units(session: Session, county_id: int) -> dict[str, tuple[str, ...]]:
    """Return the county's units by key with the words that name them."""
    query = select(Unit).where(Unit.county_id == county_id).order_by(col(Unit.id))
    return {str(unit.id): (unit.name, unit.ref) for unit in session.exec(query)}


def own_children(session: Session, county_id: int, refs: Sequence[str]) -> frozenset[str]:
    """Return those of the references that are children of the county."""
    found: set[str] = set()
    wanted = sorted(set(refs))
    for start in range(0, len(wanted), SOME):
        part = wanted[start : start + SOME]
        found |= set(session.exec(select(Child.ref).where(Child.county_id == county_id, col(Child.ref).in_(part))))
    return frozenset(found)


def already_here(session: Session, county_id: int, rows: Sequence[CostRow]) -> dict[int, str]:
    """Return, by place in `rows`, the reference of the cost that is the same: the same voucher, kind, days and sum."""
    stored: dict[tuple[object, ...], str] = {}
    vouchers = sorted({one.cost.voucher for one in rows})
    for start in range(0, len(vouchers), SOME):
        part = vouchers[start : start + SOME]
        query = select(CostEntry).where(CostEntry.county_id == county_id, col(CostEntry.voucher).in_(part))
        for row in session.exec(query):
            stored[_key(row)] = f"cost-{row.id}"
        invoices = select(CareInvoice).where(CareInvoice.county_id == county_id, col(CareInvoice.voucher).in_(part))
        for invoice in session.exec(invoices):
            stored[_invoice_key(invoice)] = f"inv-{invoice.id}"
    return {place: stored[_key(one.cost)] for place, one in enumerate(rows) if _key(one.cost) in stored}


def _key(row: object) -> tuple[object, ...]:
    return tuple(
        getattr(row, name)
        for name in ("supplier", "voucher", "cost_kind", "unit_id", "child_ref", "first_day", "last_day", "net_cents")
    )


def _invoice_key(row: CareInvoice) -> tuple[object, ...]:
    return (
        row.supplier, row.voucher, PLACE_DAYS, row.unit_id, row.child_ref, row.first_day, row.last_day, row.net_cents,
    )  # fmt: skip


def doubts(session: Session, numbers: Sequence[int], rows: Sequence[CostRow]) -> list[Doubt]:
    """Return what looks like double funding: a voucher of a claim, interpreting on days of calculated compensation."""
    found = []
    claimed = {
        (one.supplier.casefold(), one.voucher.casefold()): one.claim_ref
        for one in reads.vouchers_claimed(
            session, Gate.PAYMENT, {one.cost.voucher for one in rows if one.cost.voucher}, besides=None
        )
    }
    interpreted = {one.cost.child_ref for one in rows if one.cost.cost_kind == "interpreting" and one.cost.child_ref}
    calculated = calculated_days(session, {ref for ref in interpreted if ref})
    for number, one in zip(numbers, rows, strict=True):
        cost = one.cost
        claim = claimed.get((cost.supplier.casefold(), cost.voucher.casefold()))
        if claim is not None:
            found.append(Doubt(number, "voucher-in-claim", claim))
        if cost.cost_kind == "interpreting" and any(
            ref == cost.child_ref and days.first <= cost.last_day and (days.last is None or cost.first_day <= days.last)
            for ref, days in calculated
        ):
            found.append(Doubt(number, "calculated-compensation", cost.child_ref or ""))
        if cost.other_income_cents:
            found.append(Doubt(number, "other-income", str(cost.other_income_cents)))
    return found
