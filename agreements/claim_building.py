"""A claim that writes itself: care, prices, invoices and costs in, lines out, in a stable order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agreements.claim_rules import (
    PricedPart,
    by_year,
    care_days,
    claimable,
    cover_of,
    grant_for,
    payable_days,
    priced_parts,
    without,
)
from agreements.claim_values import (
    PLACE_DAYS,
    Basis,
    CarePeriod,
    Claimed,
    Cost,
    DayPrice,
    Grant,
    Invoice,
    Line,
)
from agreements.money import split
from agreements.period import Period


@dataclass(frozen=True, slots=True)
class Material:
    """What the claim of a period is built from. `taken`: days of children that stand in other claims already."""

    period: Period
    care: tuple[CarePeriod, ...] = ()
    prices: tuple[DayPrice, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    costs: tuple[Cost, ...] = ()
    grants: tuple[Grant, ...] = ()
    taken: tuple[Claimed, ...] = ()


def lines_of(material: Material) -> list[Line]:
    """Return the lines of the claim: days first (by unit, child, day), then costs (by unit, kind, day, voucher).

    A day of a child is in one line: bought days with their invoice, days of own units without a sum, days that
    the law or the agreement does not pay for left out with the reason. Days already claimed are not in it again.
    Each line names the centre's decision that allows it, if there is one; a missing one is a problem, not a gap.
    """
    found: list[Line] = []
    priced = {price.unit_id for price in material.prices}
    stays: dict[tuple[int, str], list[CarePeriod]] = {}
    for care in sorted(material.care, key=lambda one: (one.unit_id, one.child_ref, one.arrived)):
        stays.setdefault((care.unit_id, care.child_ref), []).append(care)
    for (unit_id, _), rows in stays.items():
        found += _child_lines(material, rows, bought=unit_id in priced)
    for cost in _in_order(material.costs):
        found += _cost_lines(cost)
    return [_granted(line, material.grants) for line in found]


def _child_lines(material: Material, stays: Sequence[CarePeriod], *, bought: bool) -> list[Line]:
    """Return the lines of one child in one unit, by first day."""
    unit_id, child_ref = stays[0].unit_id, stays[0].child_ref
    taken = [other.days for other in material.taken if other.child_ref == child_ref]
    found: list[Line] = []
    payable: list[Period] = []
    for care in stays:
        days = care_days(care, material.period)
        for free in without(days, taken) if days is not None else []:
            paid, refused = payable_days(care, free)
            payable += paid
            if not bought:
                found += [line for part in paid for line in _own_lines(care, part)]
            found += [_left_out(unit_id, child_ref, year, code) for part, code in refused for year in by_year(part)]
    if bought:
        found += _bought_lines(material, unit_id, child_ref, payable)
    return sorted(found, key=lambda line: (line.days.first, line.voucher))


def _left_out(unit_id: int, child_ref: str, days: Period, code: str) -> Line:
    return Line(Basis.LEFT_OUT, PLACE_DAYS, days, days.days or 0, 0, unit_id, child_ref, note=code)


def _own_lines(care: CarePeriod, days: Period) -> list[Line]:
    found = []
    for part in by_year(days):
        version_id, clause = cover_of(care, part.first)
        found.append(
            Line(
                Basis.OWN_DAY,
                PLACE_DAYS,
                part,
                part.days or 0,
                0,
                care.unit_id,
                care.child_ref,
                agreement_version_id=version_id,
                clause=clause,
            )
        )
    return found


def _bought_lines(material: Material, unit_id: int, child_ref: str, payable: Sequence[Period]) -> list[Line]:
    """Return a line for each invoice, year and price; days without an invoice are left out until it comes."""
    invoices = sorted(
        (one for one in material.invoices if (one.unit_id, one.child_ref) == (unit_id, child_ref)),
        key=lambda one: (one.days.first, one.voucher),
    )
    found: list[Line] = []
    reached: list[Period] = []
    for invoice in invoices:
        named = [both for days in payable for free in without(days, reached) if (both := free.overlap(invoice.days))]
        found += _invoice_lines(material.prices, invoice, named)
        reached.append(invoice.days)
    found += [
        _left_out(unit_id, child_ref, part, "invoice-missing")
        for days in payable
        for gap in without(days, reached)
        for part in by_year(gap)
    ]
    return found


def _invoice_lines(prices: Sequence[DayPrice], invoice: Invoice, payable: Sequence[Period]) -> list[Line]:
    """Return the lines of one invoice: its sum goes to its days at their prices, by largest remainder, once.

    Days that it names and that are not payable take their share with them: nobody pays for them here.
    """
    priced = [price.valid for price in prices if price.unit_id == invoice.unit_id]
    idle = [both for gap in without(invoice.days, payable) for valid in priced if (both := gap.overlap(valid))]
    parts = [(part, days in payable) for days in [*payable, *idle] for part in _yearly_parts(days, invoice, prices)]
    if not payable:
        return []
    shares = split(invoice.net_cents, [part.ceiling_cents for part, _ in parts])
    return [
        Line(
            Basis.PLACE_DAY,
            PLACE_DAYS,
            part.days,
            part.count,
            claimable(share, part.ceiling_cents),
            invoice.unit_id,
            invoice.child_ref,
            day_cents=part.price.day_cents,
            ceiling_cents=part.ceiling_cents,
            invoiced_cents=share,
            supplier=invoice.supplier,
            voucher=invoice.voucher,
            voucher_on=invoice.voucher_on,
            agreement_version_id=part.price.version_id,
            clause=part.price.clause,
            evidence_id=invoice.evidence_id,
        )
        for (part, paid), share in zip(parts, shares, strict=True)
        if paid
    ]


def _yearly_parts(days: Period, invoice: Invoice, prices: Sequence[DayPrice]) -> list[PricedPart]:
    return [part for year in by_year(days) for part in priced_parts(year, invoice.unit_id, prices)]


def _in_order(costs: Iterable[Cost]) -> list[Cost]:
    return sorted(
        costs, key=lambda one: (one.unit_id or 0, one.cost_kind, one.child_ref or "", one.days.first, one.voucher)
    )


def _cost_lines(cost: Cost) -> list[Line]:
    """Return a cost as a line for each year, shared by days and largest remainder; other income is taken off."""
    years = by_year(cost.days)
    weights = [year.days or 0 for year in years]
    claimed = split(max(0, cost.net_cents - cost.other_income_cents), weights)
    vats, others = split(cost.vat_cents, weights), split(cost.other_income_cents, weights)
    return [
        Line(
            Basis.ACTUAL,
            cost.cost_kind,
            days,
            0,
            cents,
            cost.unit_id,
            cost.child_ref,
            vat_cents=vat,
            other_income_cents=other,
            supplier=cost.supplier,
            voucher=cost.voucher,
            voucher_on=cost.voucher_on,
            cost_id=cost.id,
            evidence_id=cost.evidence_id,
            shared_cents=cost.shared_cents,
            note=cost.share_rule,
        )
        for days, cents, vat, other in zip(years, claimed, vats, others, strict=True)
    ]


def _granted(line: Line, grants: Sequence[Grant]) -> Line:
    grant = grant_for(line, grants) if line.claimed_cents else None
    return replace(line, grant_line_id=grant.line_id) if grant else line


def reserved_lines(period: Period, price: DayPrice, empty_days: int) -> list[Line]:
    """Return the line for places that the agreement reserves and nobody used, at the price of an empty place.

    `empty_days` are place-days of one price inside the period. Nothing where the agreement has no such price.
    """
    days = period.overlap(price.valid)
    if days is None or not price.empty_day_cents or empty_days <= 0:
        return []
    cents = empty_days * price.empty_day_cents
    return [
        Line(
            Basis.RESERVED_PLACE,
            "reserved_places",
            days,
            empty_days,
            cents,
            price.unit_id,
            day_cents=price.empty_day_cents,
            ceiling_cents=cents,
            agreement_version_id=price.version_id,
            clause=price.clause,
        )
    ]


def shared_costs(cost: Cost, weights: Sequence[tuple[int, int]], rule: str) -> list[Cost]:
    """Return the parts of a cost that several units bear; `weights`: unit and its weight, such as its days.

    The parts add up to the whole by largest remainder; `rule` says in words what was shared by what.
    """
    ids = [unit_id for unit_id, _ in weights]
    values = [weight for _, weight in weights]
    nets, vats, others = (split(cents, values) for cents in (cost.net_cents, cost.vat_cents, cost.other_income_cents))
    return [
        replace(
            cost,
            unit_id=unit_id,
            net_cents=net,
            vat_cents=vat,
            other_income_cents=other,
            shared_cents=cost.net_cents,
            share_rule=rule,
        )
        for unit_id, net, vat, other in zip(ids, nets, vats, others, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class ApprovedDays:
    """A line of bought days as it was approved: what a later change of stay, price or birth date is compared with."""

    line_id: int
    child_ref: str
    unit_id: int
    days: Period
    day_cents: int
    invoiced_cents: int
    approved_cents: int
    voucher: str = ""
    supplier: str = ""


def differences(approved: Iterable[ApprovedDays], care: Sequence[CarePeriod], prices: Sequence[DayPrice]) -> list[Line]:
    """Return a line for each approved line whose days or price are other today; the old line stays as it is.

    The days that still count at today's price give the new ceiling; what may be claimed for them is the part of
    the invoice that falls to them, at most that ceiling. The line carries the difference, negative when too much
    was approved. Days that are new are no difference: the next claim takes them as days not yet claimed.
    """
    found = []
    for line in approved:
        kept = [
            part
            for one in care
            if one.child_ref == line.child_ref and one.unit_id == line.unit_id
            for days in [care_days(one, line.days)]
            if days is not None
            for part in payable_days(one, days)[0]
        ]
        count = sum(part.days or 0 for part in kept)
        ceiling = sum(part.ceiling_cents for days in kept for part in priced_parts(days, line.unit_id, prices))
        whole = line.days.days or 1
        invoiced = split(line.invoiced_cents, [count, whole - count])[0] if count != whole else line.invoiced_cents
        due = claimable(invoiced, ceiling)
        if due != line.approved_cents:
            found.append(
                Line(
                    Basis.DIFFERENCE,
                    PLACE_DAYS,
                    line.days,
                    whole - count,
                    due - line.approved_cents,
                    line.unit_id,
                    line.child_ref,
                    supplier=line.supplier,
                    voucher=line.voucher,
                    corrects=line.line_id,
                    note="recounted",
                )
            )
    return found
