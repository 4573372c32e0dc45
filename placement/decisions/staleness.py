"""Whether a proposed row still rests on what is true now (invariant C14), and what has changed if not."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from placement.decisions import fingerprint, intake
from placement.decisions.intake import Snapshot
from placement.decisions.tables import Proposal, ProposalRow


def what_changed(session: Session, row: ProposalRow, at: datetime) -> list[str]:
    """Return the codes of the parts that touch the row's child or unit and differ from when it was calculated."""
    return what_changed_in(session, [row], at)[row.id or 0]


def what_changed_in(session: Session, rows: Collection[ProposalRow], at: datetime) -> dict[int, list[str]]:
    """Return the changed parts of each row by its key; a fixed number of statements for any number of rows."""
    if not rows:
        return {}
    explained = {row.id or 0: json.loads(row.explanation) for row in rows}
    since = min(date.fromisoformat(one["since"]) for one in explained.values())
    snapshot = _about(session, rows, at, since)
    companions = companions_of(session, rows)
    return {
        row.id or 0: fingerprint.changed_parts(
            explained[row.id or 0]["rests_on"],
            _seals_now(snapshot, row, explained[row.id or 0], companions.get(row.unit_id or 0, frozenset())),
        )
        for row in rows
    }


def reseal(session: Session, row: ProposalRow, at: datetime) -> None:
    """Let the row rest on what is true now: a person has just looked at it and moved it to another place."""
    explanation: dict[str, Any] = json.loads(row.explanation)
    since = date.fromisoformat(explanation["since"])
    companions = companions_of(session, [row]).get(row.unit_id or 0, frozenset()) | {row.child_id}
    explanation["rests_on"] = _seals_now(_about(session, [row], at, since), row, explanation, companions)
    row.explanation = json.dumps(explanation, ensure_ascii=False)
    row.fingerprint = fingerprint.whole(explanation["rests_on"])


def _about(session: Session, rows: Collection[ProposalRow], at: datetime, since: date) -> Snapshot:
    counties = set(
        session.exec(select(Proposal.county_id).where(col(Proposal.id).in_({row.proposal_id for row in rows})))
    )
    child_ids = {row.child_id for row in rows}
    unit_ids = {row.unit_id for row in rows if row.unit_id is not None}
    return intake.about(session, counties, child_ids, unit_ids, at, since=since)


def _seals_now(
    snapshot: Snapshot, row: ProposalRow, explanation: Mapping[str, Any], companions: Collection[int]
) -> dict[str, str]:
    """Return the seals of a row as things are in the snapshot; a child that is gone has none."""
    child = snapshot.children.get(row.child_id)
    near_school = fingerprint.SCHOOL in explanation["rests_on"]
    found = fingerprint.of_child(snapshot, child, near_school=near_school) if child else {}
    unit = snapshot.units.get(row.unit_id or 0)
    if unit is not None:
        there = fingerprint.residents(unit.book)
        found |= fingerprint.of_unit(unit) | fingerprint.of_residents(there, row.start, row.end, companions)
    return found


def companions_of(session: Session, rows: Collection[ProposalRow]) -> Mapping[int, frozenset[int]]:
    """Return by unit the children whom the same calculation sends there, in whichever county's proposal."""
    runs = select(Proposal.run_id).where(col(Proposal.id).in_({row.proposal_id for row in rows}))
    proposals = select(Proposal.id).where(col(Proposal.run_id).in_(runs))
    found: dict[int, set[int]] = {}
    for unit_id, child_id in session.exec(
        select(ProposalRow.unit_id, ProposalRow.child_id).where(col(ProposalRow.proposal_id).in_(proposals))
    ):
        if unit_id is not None:
            found.setdefault(unit_id, set()).add(child_id)
    return {unit_id: frozenset(children) for unit_id, children in found.items()}
