"""Which file proves which line: kept with the cost or the invoice the line is written from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from agreements.claim_tables import Claim, ClaimLine, CostEntry, Evidence
from placement.permissions import Actor
from placement.refusals import NotFound
from placement.reimbursed.acting import log_act
from placement.reimbursed.preparing import editable
from placement.reimbursed.tables import CareInvoice


def use_file(
    session: Session, actor: Actor, claim: Claim, lines: Sequence[ClaimLine], evidence_id: int, *, at: datetime
) -> int:
    """Let a file of the county prove lines of its draft; returns how many costs and invoices it proves now.

    Raises NotFound for a file of another county. The draft must be written anew afterwards.
    """
    editable(session, actor, claim.ref)
    file = session.get(Evidence, evidence_id)
    if file is None or file.county_id != claim.county_id:
        raise NotFound
    rows = _behind(session, claim, lines)
    for row in rows:
        row.evidence_id = evidence_id
        session.add(row)
    session.flush()
    log_act(session, actor, "evidence-used", claim.ref, at, file=f"EV-{evidence_id}", lines=len(lines))
    return len(rows)


def _behind(session: Session, claim: Claim, lines: Sequence[ClaimLine]) -> list[CostEntry | CareInvoice]:
    """Return the costs and the invoices that lines are written from."""
    found: list[CostEntry | CareInvoice] = []
    costs = {line.cost_entry_id for line in lines if line.cost_entry_id is not None}
    found += session.exec(select(CostEntry).where(col(CostEntry.id).in_(costs))).all()
    for line in lines:
        if line.cost_entry_id is None and line.voucher and line.child_ref:
            query = select(CareInvoice).where(
                CareInvoice.county_id == claim.county_id,
                CareInvoice.supplier == line.supplier,
                CareInvoice.voucher == line.voucher,
                CareInvoice.child_ref == line.child_ref,
                CareInvoice.unit_id == line.unit_id,
            )
            found += session.exec(query).all()
    return found
