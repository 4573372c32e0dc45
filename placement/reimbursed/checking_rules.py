"""What the county's own rules say against sending a claim, besides what the law's rules say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agreements.claim_values import Basis, Gate, Line, Problem
from agreements.period import Period
from placement.reimbursed.building_rules import children_in, unexplained


@dataclass(frozen=True, slots=True)
class Done:
    """What people have said of a draft: declared or not, whose days are accepted; `on` is the day."""

    declared: bool
    accepted: frozenset[str]
    on: date


def county_problems(lines: Sequence[Line], said: Done, period: Period, gate: Gate) -> list[Problem]:
    """Return what a person still has to do or say before the claim may go.

    Each difference of an invoice from its ceiling is explained, each child's days are accepted, the claim is
    declared right. A period that is not over, days without an invoice and costs without a day are told, not barred.
    """
    found = [
        _problem("difference-unexplained", number, invoiced=line.invoiced_cents or 0, ceiling=line.ceiling_cents or 0)
        for number, line in unexplained(lines)
    ]
    if gate is Gate.PAYMENT:
        waiting = [child for child in children_in(lines) if child not in said.accepted]
        if waiting:
            found.append(_problem("days-not-accepted", None, children=len(waiting)))
        if period.covers(said.on) and period.last != said.on:
            found.append(_problem("period-not-over", None, blocking=False, last=str(period.last)))
        found += [
            _problem("invoice-missing", number, blocking=False, days=line.count)
            for number, line in enumerate(lines, start=1)
            if line.basis is Basis.LEFT_OUT and line.note == "invoice-missing"
        ]
    if not said.declared:
        found.append(_problem("not-declared", None))
    return found


def _problem(code: str, line_no: int | None, *, blocking: bool = True, **facts: object) -> Problem:
    return Problem(code, line_no, blocking, tuple((name, str(value)) for name, value in facts.items()))
