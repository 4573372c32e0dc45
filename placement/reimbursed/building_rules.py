"""A draft that is written again from the facts keeps what a person chose in it: days left out, words, reasons. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agreements.claim_building import Material, lines_of
from agreements.claim_rules import by_year, care_days
from agreements.claim_values import CARE_DAYS, PLACE_DAYS, Basis, CarePeriod, Cost, Line
from agreements.money import split
from agreements.period import ONE_DAY, Period, gaps

NOT_CLAIMABLE = frozenset({"before-right", "after-right", "agreement-missing", "invoice-missing", "price-missing"})
"""Why the rules leave days out; every other note of a left-out line is a person's reason."""

VoucherDay = tuple[int, str, str, str]
"""Unit, child, voucher and first day: what tells one line of an invoice from another."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Days of a child in a unit that a person left out, and why."""

    child_ref: str
    unit_id: int
    days: Period
    reason: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What people chose in a draft. `late`: reason by year of care; `costs`: reason by cost that is left out."""

    left_out: tuple[LeftOut, ...] = ()
    explained: Mapping[VoucherDay, str] = field(default_factory=dict)
    costs: Mapping[int, str] = field(default_factory=dict)
    late: Mapping[int, str] = field(default_factory=dict)


def choices_in(lines: Iterable[Line]) -> Choices:
    """Return the choices that the lines of a draft hold."""
    left_out, explained = [], {}
    costs: dict[int, str] = {}
    late: dict[int, str] = {}
    for line in lines:
        if line.late_reason:
            late[line.care_year] = line.late_reason
        if line.basis is Basis.PLACE_DAY and line.note:
            explained[voucher_day(line)] = line.note
        elif line.basis is Basis.LEFT_OUT and line.cost_id is not None:
            costs[line.cost_id] = line.note
        elif line.basis is Basis.LEFT_OUT and line.note not in NOT_CLAIMABLE and line.child_ref and line.unit_id:
            left_out.append(LeftOut(line.child_ref, line.unit_id, line.days, line.note))
    return Choices(tuple(left_out), explained, costs, late)


def voucher_day(line: Line) -> VoucherDay:
    return line.unit_id or 0, line.child_ref or "", line.voucher, str(line.days.first)


def compose(material: Material, choices: Choices, more: Sequence[Line] = ()) -> list[Line]:
    """Return the lines of a draft: what the facts give, with the choices kept; `more` comes last.

    Days left out are cut from the care before the invoices are shared, so that their part of an invoice goes with
    them. A choice whose facts are gone is gone.
    """
    cut = replace(material, care=tuple(part for care in material.care for part in _without(care, choices.left_out)))
    days: list[Line] = []
    costs: list[Line] = []
    for line in lines_of(cut):
        kept = _with_choices(line, choices)
        (costs if kept.cost_id is not None else days).append(kept)
    days += [line for one in choices.left_out for line in _left_out(one, material)]
    days.sort(key=lambda line: (line.unit_id or 0, line.child_ref or "", line.days.first, line.voucher))
    return [*days, *costs, *(_late(line, choices) for line in more)]


def _with_choices(line: Line, choices: Choices) -> Line:
    if line.cost_id is not None and line.cost_id in choices.costs:
        return replace(
            line, basis=Basis.LEFT_OUT, claimed_cents=0, note=choices.costs[line.cost_id], grant_line_id=None
        )
    if line.basis is Basis.PLACE_DAY:
        line = replace(line, note=choices.explained.get(voucher_day(line), ""))
    return _late(line, choices)


def _late(line: Line, choices: Choices) -> Line:
    reason = choices.late.get(line.care_year, "")
    return replace(line, late_reason=reason) if reason and line.claimed_cents else line


def _left_out(one: LeftOut, material: Material) -> list[Line]:
    return [
        Line(Basis.LEFT_OUT, PLACE_DAYS, year, year.days or 0, 0, one.unit_id, one.child_ref, note=one.reason)
        for care in material.care
        if (care.child_ref, care.unit_id) == (one.child_ref, one.unit_id)
        for inside in [care_days(care, material.period)]
        if inside is not None and (days := inside.overlap(one.days)) is not None
        for year in by_year(days)
    ]


def _without(care: CarePeriod, left_out: Iterable[LeftOut]) -> list[CarePeriod]:
    """Return the care cut round the days that are left out; each part keeps the right and the agreements."""
    mine = [one.days for one in left_out if (one.child_ref, one.unit_id) == (care.child_ref, care.unit_id)]
    if not mine:
        return [care]
    last = None
    if care.left is not None:
        last = care.left if care.leaving_day_counts else care.left - ONE_DAY
        if last < care.arrived:
            return [care]
    return [
        replace(care, arrived=part.first, left=None if part.last is None else part.last + ONE_DAY,
                leaving_day_counts=False)
        for part in gaps(Period(care.arrived, last), mine)
    ]  # fmt: skip


def part_of_cost(cost: Cost, period: Period) -> Cost | None:
    """Return the part of a cost that falls to a period, shared by days and largest remainder; None outside it.

    The part after the period is what the next one gets, so that two claims of one cost add up to it.
    """
    inside = cost.days.overlap(period)
    if inside is None or cost.days.last is None or inside.last is None:
        return None
    if inside == cost.days:
        return cost
    weights = [(inside.first - cost.days.first).days, inside.days or 0, (cost.days.last - inside.last).days]
    net, vat, other = (split(cents, weights)[1] for cents in (cost.net_cents, cost.vat_cents, cost.other_income_cents))
    return replace(
        cost,
        days=inside,
        net_cents=net,
        vat_cents=vat,
        other_income_cents=other,
        shared_cents=cost.net_cents if cost.shared_cents is None else cost.shared_cents,
        share_rule=cost.share_rule or "by-days",
    )


def unexplained(lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """Return the bought lines whose invoice is not the days times the price, and nobody has said why."""
    return [
        (number, line)
        for number, line in enumerate(lines, start=1)
        if line.basis is Basis.PLACE_DAY and line.invoiced_cents != line.ceiling_cents and not line.note
    ]


def children_in(lines: Iterable[Line]) -> list[str]:
    """Return the children whose days stand in the lines, in order: each is accepted by a person."""
    return sorted({line.child_ref for line in lines if line.basis in CARE_DAYS and line.child_ref})
