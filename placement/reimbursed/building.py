"""What a county's claim of a period is built from, read together: care, prices, invoices, costs, what is granted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements.claim_building import ApprovedDays, Material, differences, reserved_lines
from agreements.claim_rules import care_days, payable_days
from agreements.claim_tables import Claim, ClaimDecision, ClaimDecisionLine, ClaimLine, ClaimVersion, CostEntry
from agreements.claim_values import Basis, CarePeriod, Cost, DayPrice, Gate, Invoice, Line
from agreements.in_force import coverage
from agreements.period import Period
from agreements.tables import AgreementVersion
from agreements.terms import load as load_terms
from placement.reimbursed.building_rules import part_of_cost
from placement.reimbursed.care_days import care_in, care_of_children, day_prices
from placement.reimbursed.tables import CareInvoice


def material(session: Session, county_id: int, period: Period, on: date, *, besides: int | None = None) -> Material:
    """Return the facts of a payment application of a period; what stands in other claims is taken already."""
    care = care_in(session, county_id, period, on)
    prices = day_prices(session, {one.unit_id for one in care})
    children = {one.child_ref for one in care}
    return Material(
        period=period,
        care=tuple(care),
        prices=tuple(prices),
        invoices=tuple(invoices(session, county_id, period)),
        costs=tuple(costs(session, county_id, period, besides=besides)),
        grants=tuple(reads.grants(session, county_id, period, besides=besides)),
        taken=tuple(reads.days_claimed(session, Gate.PAYMENT, children, period, besides=besides)),
    )


def invoices(session: Session, county_id: int, period: Period) -> list[Invoice]:
    """Return the providers' invoices for days of a period, by day and voucher."""
    query = select(CareInvoice).where(
        CareInvoice.county_id == county_id,
        col(CareInvoice.first_day) <= (period.last or date.max),
        col(CareInvoice.last_day) >= period.first,
    )
    return [
        Invoice(
            row.unit_id,
            row.child_ref,
            Period(row.first_day, row.last_day),
            row.net_cents,
            row.supplier,
            row.voucher,
            row.voucher_on,
            row.evidence_id,
        )
        for row in session.exec(query.order_by(col(CareInvoice.first_day), col(CareInvoice.id)))
    ]


def cost_rows(session: Session, county_id: int, period: Period) -> list[CostEntry]:
    """Return the costs of a county's books that touch a period, by day."""
    query = select(CostEntry).where(
        CostEntry.county_id == county_id,
        col(CostEntry.first_day) <= (period.last or date.max),
        col(CostEntry.last_day) >= period.first,
    )
    return list(session.exec(query.order_by(col(CostEntry.first_day), col(CostEntry.id))))


def costs(session: Session, county_id: int, period: Period, *, besides: int | None) -> list[Cost]:
    """Return what of the county's costs falls to a period and stands in no other claim that was sent."""
    rows = cost_rows(session, county_id, period)
    taken = claimed_costs(session, [row.id or 0 for row in rows], period, besides=besides)
    parts = (part_of_cost(cost_value(row), period) for row in rows if row.id not in taken)
    return [part for part in parts if part is not None]


def cost_value(row: CostEntry) -> Cost:
    """Return a stored cost as the value that the claim is built from."""
    return Cost(
        id=row.id,
        cost_kind=row.cost_kind,
        unit_id=row.unit_id,
        child_ref=row.child_ref,
        days=Period(row.first_day, row.last_day),
        net_cents=row.net_cents,
        supplier=row.supplier,
        voucher=row.voucher,
        voucher_on=row.voucher_on,
        vat_cents=row.vat_cents,
        other_income_cents=row.other_income_cents,
        shared_cents=row.shared_cents,
        share_rule=row.share_rule,
        evidence_id=row.evidence_id,
    )


def claimed_costs(session: Session, cost_ids: Sequence[int], period: Period, *, besides: int | None) -> dict[int, str]:
    """Return for each cost the claim that was sent with days of the period of it, whatever was decided there."""
    wanted = set(cost_ids)
    if not wanted:
        return {}
    few = len(wanted) <= reads.SOME
    named = col(ClaimLine.cost_entry_id)
    query = (
        sa.select(ClaimLine.cost_entry_id, Claim.ref)  # type: ignore[call-overload]
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .join(Claim, sa.and_(col(Claim.id) == ClaimVersion.claim_id, col(Claim.number) == ClaimVersion.number))
        .where(
            named.in_(wanted) if few else named.between(min(wanted), max(wanted)),
            col(ClaimLine.basis) != Basis.LEFT_OUT,
            col(ClaimLine.first_day) <= (period.last or date.max),
            col(ClaimLine.last_day) >= period.first,
            col(Claim.status).in_(reads.COUNTING),
            col(Claim.id) != (besides or 0),
        )
    )
    return {row[0]: row[1] for row in session.execute(query) if row[0] in wanted}


def corrections(session: Session, county_id: int, on: date) -> list[Line]:
    """Return a line for each bought line that was approved and whose days or price are other today (F20)."""
    rows = session.execute(
        sa.select(ClaimLine, ClaimDecisionLine.approved_cents)  # type: ignore[call-overload]
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .join(Claim, sa.and_(col(Claim.id) == ClaimVersion.claim_id, col(Claim.number) == ClaimVersion.number))
        .join(
            ClaimDecision,
            sa.and_(col(ClaimDecision.claim_id) == Claim.id, col(ClaimDecision.number) == Claim.decision_no),
        )
        .join(
            ClaimDecisionLine,
            sa.and_(
                col(ClaimDecisionLine.decision_id) == ClaimDecision.id, col(ClaimDecisionLine.line_id) == ClaimLine.id
            ),
        )
        .where(
            col(Claim.county_id) == county_id,
            col(Claim.gate) == Gate.PAYMENT,
            col(ClaimLine.basis) == Basis.PLACE_DAY,
            col(ClaimDecisionLine.approved_cents) == ClaimLine.claimed_cents,
        )
    ).all()
    now = reads.approved_of(session, [line.id or 0 for line, _ in rows])
    approved = [
        ApprovedDays(
            line_id=line.id or 0,
            child_ref=line.child_ref or "",
            unit_id=line.unit_id or 0,
            days=Period(line.first_day, line.last_day),
            day_cents=line.day_cents or 0,
            invoiced_cents=line.invoiced_cents or 0,
            approved_cents=now.get(line.id or 0, cents),
            voucher=line.voucher,
            supplier=line.supplier,
        )
        for line, cents in rows
    ]
    care = care_of_children(session, {one.child_ref for one in approved}, on)
    prices = day_prices(session, {one.unit_id for one in approved})
    found = differences(approved, care, prices)
    by_line = {line.id: line.grant_line_id for line, _ in rows}
    return [replace(line, grant_line_id=by_line.get(line.corrects)) for line in found]


def put_off(session: Session, county_id: int) -> list[Line]:
    """Return the lines of earlier claims that were parked: the next claim takes them with it."""
    return [replace(reads.value_of(row), parked_from=row.id) for row in reads.parked(session, county_id, Gate.PAYMENT)]


def reserved(session: Session, care: Sequence[CarePeriod], prices: Sequence[DayPrice], period: Period) -> list[Line]:
    """Return the empty places that a contract reserves, unit by unit and price by price."""
    units = {price.unit_id for price in prices}
    rows = coverage(session, sorted(units))
    keys = {one.version_id for one in rows}
    terms = {
        key: load_terms(text)
        for key, text in session.exec(
            select(AgreementVersion.id, AgreementVersion.terms).where(col(AgreementVersion.id).in_(keys))
        )
    }
    found: list[Line] = []
    for price in prices:
        days = period.overlap(price.valid)
        mine = [
            one
            for one in rows
            if one.version_id == price.version_id
            and one.unit_id == price.unit_id
            and terms[one.version_id].cost_basis == "reserved_place"
        ]
        for one in mine if days is not None else []:
            inside = days.overlap(one.period) if days is not None else None
            if inside is not None:
                empty = one.places * (inside.days or 0) - _used(care, one.unit_id, inside)
                found += reserved_lines(inside, price, empty)
    return found


def _used(care: Collection[CarePeriod], unit_id: int, days: Period) -> int:
    return sum(
        part.days or 0
        for one in care
        if one.unit_id == unit_id and (inside := care_days(one, days)) is not None
        for part in payable_days(one, inside)[0]
    )
