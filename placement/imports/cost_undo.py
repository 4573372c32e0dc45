"""Taking an import of costs back from a draft that was written with them. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements.claim_tables import ClaimLine, CostEntry
from agreements.claim_values import PLACE_DAYS
from placement.imports import writing
from placement.imports.tables import ImportBatch
from placement.permissions import Actor
from placement.refusals import NotFound
from placement.reimbursed import preparing
from placement.reimbursed.acting import moving
from placement.reimbursed.tables import CareInvoice


@dataclass(frozen=True, slots=True)
class Added:
    """What one row of the file became, as long as it is still in the county's costs; sums in cents, net."""

    row: int
    kind: str
    first_day: date
    last_day: date
    voucher: str
    net_cents: int


def recent(session: Session, actor: Actor, at: datetime) -> list[ImportBatch]:
    """Return the imports of costs of the actor's county that may still be taken back, the latest first."""
    query = select(ImportBatch).where(
        ImportBatch.what == "costs",
        ImportBatch.county_id == actor.county_id,
        col(ImportBatch.at) > at - timedelta(hours=writing.UNDO_HOURS),
    )
    return list(session.exec(query.order_by(col(ImportBatch.at).desc(), col(ImportBatch.id).desc())))


def find(session: Session, actor: Actor, token: str) -> ImportBatch:
    """Return an import of costs of the actor's county; raises NotFound for any other and a missing one alike."""
    batch = writing.find(session, actor, token)
    if batch.what != "costs":
        raise NotFound
    return batch


def added(session: Session, batch: ImportBatch) -> list[Added]:
    """Return what the import added and is still there, in the order of the file."""
    rows = {row.ref: row.row for row in writing.rows_of(session, batch)}
    costs, invoices = _rows(session, list(rows))
    found = [
        Added(rows[f"cost-{one.id}"], one.cost_kind, one.first_day, one.last_day, one.voucher, one.net_cents)
        for one in costs
    ]
    found += [
        Added(rows[f"inv-{one.id}"], PLACE_DAYS, one.first_day, one.last_day, one.voucher, one.net_cents)
        for one in invoices
    ]
    return sorted(found, key=lambda one: one.row)


def _rows(session: Session, refs: Sequence[str]) -> tuple[list[CostEntry], list[CareInvoice]]:
    costs = [int(ref.removeprefix("cost-")) for ref in refs if ref.startswith("cost-")]
    invoices = [int(ref.removeprefix("inv-")) for ref in refs if ref.startswith("inv-")]
    return (
        list(session.exec(select(CostEntry).where(col(CostEntry.id).in_(costs)))),
        list(session.exec(select(CareInvoice).where(col(CareInvoice.id).in_(invoices)))),
    )


def take_back(session: Session, actor: Actor, claim_ref: str, token: str, *, version: int, at: datetime) -> ImportBatch:
    """Take an import back whole: the draft lets go of its costs, they leave the books, the draft is written anew.

    One already taken back stays so. Raises NotFound for what is not the county's, Conflict for a draft that was
    handed on or saved by somebody else since, and what `writing.undo` refuses: after a day, a cost that another
    claim rests on, a cost that is gone.
    """
    batch = find(session, actor, token)
    claim = preparing.editable(session, actor, claim_ref)
    if batch.undone_at is not None:
        return batch
    costs, invoices = _rows(session, [row.ref for row in writing.rows_of(session, batch)])
    keys = {one.id for one in costs}
    vouchers = {(one.supplier, one.voucher, one.child_ref) for one in invoices}

    def rests(line: ClaimLine) -> bool:
        return line.cost_entry_id in keys or (line.supplier, line.voucher, line.child_ref) in vouchers

    kept = [reads.value_of(line) for line in reads.lines(session, claim) if not rests(line)]
    with moving(session, actor, at):
        preparing.rewrite(session, actor, claim, kept, version=version, at=at)
    batch = writing.undo(session, actor, token, at=at)
    preparing.refresh(session, actor, claim_ref, version=claim.version, at=at)
    return batch
