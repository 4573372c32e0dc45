"""A claim as its examiner reads it: lines with what was said and what to doubt, and totals that always add up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements import claims, hint_rules
from agreements.agreement_rules import CHAPTERS
from agreements.claim_tables import (
    Claim,
    ClaimDecision,
    ClaimDecisionLine,
    ClaimLine,
    ClaimLineVerdict,
    ClaimStatus,
    ClaimVersion,
)
from agreements.claim_values import Problem
from agreements.hint_rules import Budget, Earlier
from agreements.in_force import coverage
from agreements.period import Period
from agreements.review import line_states
from agreements.review_rules import LineState
from agreements.tables import AgreementVersion
from agreements.terms import load as load_terms
from placement.children.queries import protected_among
from placement.units.tables import Unit


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its state. `hidden`: the child's identity is protected, so the unit is not named."""

    row: ClaimLine
    state: LineState
    hints: tuple[Problem, ...]
    unit: Unit | None
    hidden: bool
    said: tuple[ClaimLineVerdict, ...]

    @property
    def number(self) -> int:
        return self.row.line_no

    @property
    def key(self) -> int:
        return self.row.id or 0

    @property
    def answered(self) -> bool:
        return bool(self.said) and self.said[-1].verdict.value == "answer"


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over lines in cents: claimed = approved + rejected + parked + open, whatever is said (rule L8)."""

    claimed: int
    approved: int
    rejected: int
    parked: int
    open: int
    lines: int
    lines_open: int


@dataclass(frozen=True, slots=True)
class Examined:
    """A claim with its lines; `hints` are the doubts about the whole, `clean` the open lines without any doubt."""

    claim: Claim
    lines: tuple[Line, ...]
    hints: tuple[Problem, ...]
    totals: Totals
    clean: tuple[int, ...]

    def line(self, number: int) -> Line | None:
        return next((one for one in self.lines if one.number == number), None)

    @property
    def doubted(self) -> int:
        return sum(1 for one in self.lines if one.hints)


def examined(session: Session, claim: Claim, made: ClaimDecision | None = None) -> Examined:
    """Return a claim with its lines; a decided one as `made` says of them, by default the decision that stands."""
    rows = reads.lines(session, claim)
    made = made or reads.decision(session, claim)
    states = line_states(session, claim) if made is None else decided_states(session, made)
    said = reads.verdicts(session, claim)
    doubts = hints(session, claim, rows) if claim.status is not ClaimStatus.DECIDED else []
    by_line: dict[int | None, list[Problem]] = {}
    for one in doubts:
        by_line.setdefault(one.line_no, []).append(one)
    units = _units(session, rows)
    hidden = protected_among(session, (row.child_ref for row in rows))
    lines = tuple(
        Line(
            row=row,
            state=states[row.id or 0],
            hints=tuple(by_line.get(row.line_no, ())),
            unit=units.get(row.unit_id or 0),
            hidden=row.child_ref in hidden,
            said=tuple(said.get(row.id or 0, ())),
        )
        for row in rows
    )
    waiting = [one.number for one in lines if one.state.is_open and not one.said]
    clean = hint_rules.clean_lines([one.number for one in lines], waiting, doubts)
    return Examined(claim, lines, tuple(by_line.get(None, ())), totals(one.state for one in lines), tuple(clean))


def totals(states: Iterable[LineState]) -> Totals:
    every = list(states)
    return Totals(
        claimed=sum(one.claimed_cents for one in every),
        approved=sum(one.approved_cents for one in every),
        rejected=sum(one.rejected_cents for one in every),
        parked=sum(one.parked_cents for one in every),
        open=sum(one.open_cents for one in every),
        lines=len(every),
        lines_open=sum(1 for one in every if one.is_open),
    )


def decided_states(session: Session, made: ClaimDecision) -> dict[int, LineState]:
    """Return what a decision says of each line."""
    return {
        key: LineState(
            row.claimed_cents,
            row.approved_cents,
            row.rejected_cents,
            row.parked_cents,
            0,
            row.verdict.value,
            False,
            row.reason_code,
            row.reason,
        )
        for key, row in reads.decision_lines(session, made.id or 0).items()
    }


def fingerprint(lines: Sequence[Line]) -> str:
    """Return a hash over what is said of each line: a second look holds only for the verdicts it was given for."""
    said = [
        [one.key, one.state.verdict, one.state.approved_cents, one.state.reason_code, one.state.reason] for one in lines
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def hints(session: Session, claim: Claim, rows: Sequence[ClaimLine]) -> list[Problem]:
    """Return every doubt about a claim, the gravest first: what the check of sending finds today, budget, history."""
    values = [reads.value_of(row) for row in rows]
    checked = claims.check(session, claim, surroundings(session, claim, rows), on=claim.sent_on or claim.period_last)
    found = [
        *checked.problems,
        *hint_rules.over_budget(values, budgets(session, claim, rows)),
        *hint_rules.unusual(values, earlier(session, claim)),
    ]
    return hint_rules.gravest_first(found)


def surroundings(session: Session, claim: Claim, rows: Sequence[ClaimLine]) -> claims.Surroundings:
    """Return the agreed places of the claim's units in its period."""
    period = Period(claim.period_first, claim.period_last)
    places = [
        (one.unit_id, days, one.places)
        for one in coverage(session, {row.unit_id for row in rows if row.unit_id})
        if "founding" in CHAPTERS[one.kind] and (days := one.period.overlap(period)) is not None
    ]
    return claims.Surroundings(places=tuple(places))


def budgets(session: Session, claim: Claim, rows: Sequence[ClaimLine]) -> list[Budget]:
    """Return the yearly budgets of agreements over the claim's units, with what earlier decisions took of them."""
    units: dict[int, set[int]] = {}
    refs: dict[int, str] = {}
    for one in coverage(session, {row.unit_id for row in rows if row.unit_id}):
        if one.period.overlap(Period(claim.period_first, claim.period_last)) is not None:
            units.setdefault(one.version_id, set()).add(one.unit_id)
            refs[one.version_id] = one.agreement_ref
    found = []
    spent = _spent(session, claim) if units else {}
    for version in session.exec(select(AgreementVersion).where(col(AgreementVersion.id).in_(units))):
        inside = frozenset(units[version.id or 0])
        for line in load_terms(version.terms).budget:
            taken = sum(
                cents
                for (unit, kind, year), cents in spent.items()
                if unit in inside and year == line.year and hint_rules.CATEGORY_OF_KIND.get(kind) == line.category
            )
            found.append(Budget(refs[version.id or 0], line.year, line.category, inside, line.cents, taken))
    return found


def _decided(claim: Claim, *columns: object) -> sa.Select[Any]:
    """Return a query over the lines of other decided claims of the same body and gate, with their decision."""
    query: sa.Select[Any] = (
        sa.select(*columns)  # type: ignore[call-overload]
        .select_from(ClaimLine)
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
        .where(col(Claim.county_id) == claim.county_id, col(Claim.gate) == claim.gate, col(Claim.id) != claim.id)
    )
    return query


def _spent(session: Session, claim: Claim) -> dict[tuple[int | None, str, int], int]:
    group = (col(ClaimLine.unit_id), col(ClaimLine.cost_kind), col(ClaimLine.care_year))
    query = _decided(claim, *group, sa.func.sum(ClaimDecisionLine.approved_cents)).group_by(*group)
    return {(unit, kind, year): int(cents) for unit, kind, year, cents in session.execute(query)}


def earlier(session: Session, claim: Claim) -> list[Earlier]:
    """Return the lines of earlier decided claims of the same body and gate, to see what is usual."""
    query = _decided(
        claim,
        col(ClaimLine.cost_kind),
        col(ClaimLine.unit_id),
        col(ClaimLine.first_day),
        col(ClaimLine.last_day),
        col(ClaimLine.claimed_cents),
    ).where(col(Claim.period_first) < claim.period_first)
    return [
        Earlier(kind, unit, (last - first).days + 1, cents) for kind, unit, first, last, cents in session.execute(query)
    ]


def _units(session: Session, rows: Sequence[ClaimLine]) -> dict[int, Unit]:
    wanted = {row.unit_id for row in rows if row.unit_id is not None}
    return {row.id or 0: row for row in session.exec(select(Unit).where(col(Unit.id).in_(wanted)))}
