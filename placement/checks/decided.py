"""Decisions and the results they rest on: C12 to C16 and C18."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime
from itertools import combinations

from sqlmodel import Session, col, select

from agreements.check import Result
from optimizer.io import instance_from_json
from optimizer.problem import Instance
from optimizer.result_io import result_from_json
from optimizer.verify import verify
from placement.children.tables import Child, SiblingGroup, SiblingMember, SiblingMode
from placement.decisions.confirming import rests_on
from placement.decisions.tables import Decision, DecisionStatus, ProposalRow, Run, Stay
from placement.people.tables import UserMandate


def run(session: Session, _at: datetime) -> list[Result]:
    """Return the results over every made decision, every calculated result and every sibling group."""
    made = list(session.exec(select(Decision).where(Decision.status == DecisionStatus.MADE)))
    runs = list(session.exec(select(Run).where(col(Run.result).is_not(None))))
    return [
        decided_by_whom_the_law_lets(session, made),
        broken_rules_have_a_second_official(made),
        rests_on_what_it_says(session, made),
        results_hold(runs),
        locked_rows_stay(runs),
        siblings_apart_with_a_reason(session),
    ]


def decided_by_whom_the_law_lets(session: Session, made: list[Decision]) -> Result:
    """C12: one official with a mandate to decide that day, reasons, and both hearings or why they were not."""
    mandates = {row.id: row for row in session.exec(select(UserMandate))}
    breaches = []
    for one in made:
        mandate = mandates.get(one.mandate_id)
        if mandate is None or mandate.user_id != one.decided_by or not mandate.may_decide:
            breaches.append(f"{one.ref}: the deciding official had no mandate to decide")
        elif one.decided_on is None or not _holds(mandate, one.decided_on):
            breaches.append(f"{one.ref}: the mandate did not hold on {one.decided_on}")
        elif mandate.organisation_id != one.county_id:
            breaches.append(f"{one.ref}: the mandate is of another county")
        if not one.reasons:
            breaches.append(f"{one.ref}: no reasons")
        if not one.child_hearing or not (one.child_opinion or one.child_not_heard_reason):
            breaches.append(f"{one.ref}: no record of hearing the child, nor why not")
        if not one.representative_hearing or not (one.representative_opinion or one.representative_not_heard_reason):
            breaches.append(f"{one.ref}: no record of hearing the representative, nor why not")
    return Result("C12", len(made), breaches)


def _holds(mandate: UserMandate, on: date) -> bool:
    return mandate.valid_from <= on and (mandate.valid_to is None or on <= mandate.valid_to)


def broken_rules_have_a_second_official(made: list[Decision]) -> Result:
    """C13: a decision that breaks a rule names it, its reason and another person who confirmed it."""
    breaches = []
    for one in made:
        if not json.loads(one.broken_rules):
            continue
        if not one.deviation_reason:
            breaches.append(f"{one.ref}: breaks a rule without a reason")
        if one.second_official_id is None or one.second_official_at is None:
            breaches.append(f"{one.ref}: breaks a rule without a second official")
        elif one.second_official_id == one.decided_by:
            breaches.append(f"{one.ref}: the second official is the one who decided")
    return Result("C13", len(made), breaches)


def rests_on_what_it_says(session: Session, made: list[Decision]) -> Result:
    """C14: a decision from a proposal has the seal of the row it took; one without a proposal has none."""
    rows = {row.id: row for row in session.exec(select(ProposalRow))}
    breaches = []
    for one in made:
        row = rows.get(one.proposal_row_id) if one.proposal_row_id is not None else None
        if row is None:
            if one.fingerprint:
                breaches.append(f"{one.ref}: has a seal, but names no row of a proposal")
        elif row.child_id != one.child_id or row.fingerprint != one.fingerprint:
            breaches.append(f"{one.ref}: decided on another state than its proposal's row")
    return Result("C14", len(made), breaches)


def results_hold(runs: list[Run]) -> Result:
    """C15: the independent checker finds nothing in any stored result, its claims and values among it."""
    breaches = []
    for one in runs:
        try:
            instance = instance_from_json(json.loads(one.input))
            verdict = verify(instance, result_from_json(json.loads(one.result or "")))
        except ValueError as wrong:
            breaches.append(f"{one.ref}: the stored result cannot be read ({type(wrong).__name__})")
            continue
        breaches += [f"{one.ref}: {fault}" for fault in verdict.faults]
    return Result("C15", len(runs), breaches)


def locked_rows_stay(runs: list[Run]) -> Result:
    """C16: whoever was locked went nowhere else in the result."""
    checked, breaches = 0, []
    for one in runs:
        instance = instance_from_json(json.loads(one.input))
        assignment = json.loads(one.result or "{}").get("assignment", {})
        if not isinstance(instance, Instance):
            continue
        for child in instance.children:
            if child.locked is not None:
                checked += 1
                if assignment and assignment.get(child.id) != child.locked:
                    breaches.append(f"{one.ref}: {child.id} was locked to {child.locked} and left it")
    return Result("C16", checked, breaches)


def siblings_apart_with_a_reason(session: Session) -> Result:
    """C18: siblings who must live together and were decided apart have the reason in a decision."""
    refs = {row[0]: row[1] for row in session.exec(select(Child.id, Child.ref))}
    groups: dict[int, list[int]] = defaultdict(list)
    together = (
        select(SiblingMember)
        .join(SiblingGroup, col(SiblingGroup.id) == SiblingMember.group_id)
        .where(SiblingGroup.mode == SiblingMode.MUST)
    )
    for member in session.exec(together):
        groups[member.group_id].append(member.child_id)
    stays: dict[int, list[tuple[Stay, Decision]]] = defaultdict(list)
    decided = select(Stay, Decision).join(Decision, col(Decision.id) == rests_on())
    for stay, decision in session.exec(decided):
        stays[stay.child_id].append((stay, decision))
    checked, breaches = 0, []
    for members in groups.values():
        for one, other in combinations(members, 2):
            checked += 1
            for (stay, decision), (second, later) in ((a, b) for a in stays[one] for b in stays[other]):
                reason = decision.siblings_apart_reason or later.siblings_apart_reason
                if stay.unit_id != second.unit_id and _overlap(stay, second) and not reason:
                    breaches.append(f"{refs[one]} and {refs[other]}: decided apart without a reason")
    return Result("C18", checked, breaches)


def _overlap(one: Stay, other: Stay) -> bool:
    first = max(one.start or date.min, other.start or date.min)
    last = min(one.end or date.max, other.end or date.max)
    return first < last
