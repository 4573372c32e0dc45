"""Reads about proposals: each scoped by the actor, none with a name. Names come from `children/access.py`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions import booking, rules
from placement.decisions.booking import Wanted
from placement.decisions.rules import Broken
from placement.decisions.tables import (
    ClosurePlan,
    Decision,
    DecisionStatus,
    Proposal,
    ProposalRow,
    ProposalStatus,
    Run,
    Stay,
)
from placement.permissions import Actor, Permission
from placement.refusals import NotFound
from placement.units import queries as units
from placement.units.tables import Unit


@dataclass(frozen=True)
class Line:
    """One row of a proposal as pages show it, without a name. `explanation` is the row's JSON, read.

    `decision_ref` and `decision_status` are the decision begun or made from this row. `deviates`: a person
    chose another place than the calculation did. `stays`: the place is the home the child has, nothing is decided.
    """

    row_id: int
    child_id: int
    child_ref: str
    birth_date: date
    protected: bool
    waits: bool
    stays: bool
    unit_id: int | None
    unit_ref: str | None
    unit_name: str | None
    proposed_unit_id: int | None
    start: date
    end: date | None
    locked: bool
    lock_reason: str | None
    change_reason: str | None
    broken: tuple[Broken, ...]
    explanation: Mapping[str, Any]
    decision_ref: str | None
    decision_status: DecisionStatus | None
    version: int

    @property
    def deviates(self) -> bool:
        return self.unit_id != self.proposed_unit_id

    @property
    def decided(self) -> bool:
        return self.decision_status is DecisionStatus.MADE

    @property
    def open(self) -> bool:
        """Whether a decision can still be started from this row."""
        return self.waits and not self.decided and not self.stays and self.unit_id is not None


def in_scope(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition of the proposals the actor may know of: those to the own county. Else none."""
    if actor.county_id is None or not actor.can(Permission.SEE_PROPOSALS):
        return sa.false()
    return col(Proposal.county_id) == actor.county_id


def for_closing() -> sa.ColumnElement[bool]:
    """Return the condition that a proposal finds new places for children of a closing unit, who wait for none."""
    return sa.select(col(ClosurePlan.id)).where(col(ClosurePlan.run_id) == col(Proposal.run_id)).exists()


def to_decide() -> sa.ColumnElement[bool]:
    """Return the condition that a row of a proposal still asks for a decision: nobody made one from it, and the
    child waits or has to leave a closing unit."""
    made = sa.select(col(Decision.id)).where(
        col(Decision.status) == DecisionStatus.MADE, col(Decision.proposal_row_id) == col(ProposalRow.id)
    )
    return sa.and_(sa.or_(col(Child.waiting_since).is_not(None), for_closing()), ~made.exists(), ~staying())


def staying() -> sa.ColumnElement[bool]:
    """Return the condition that a row of a proposal leaves the child in the home it has."""
    return (
        sa.select(col(Stay.id))
        .where(
            col(Stay.child_id) == col(ProposalRow.child_id),
            col(Stay.unit_id) == col(ProposalRow.unit_id),
            col(Stay.start) < col(ProposalRow.start),
            sa.or_(col(Stay.end).is_(None), col(Stay.end) > col(ProposalRow.start)),
        )
        .exists()
    )


def find(session: Session, actor: Actor, ref: str) -> Proposal:
    """Return one proposal; raises NotFound for a foreign and a missing one alike."""
    found = session.exec(select(Proposal).where(in_scope(actor), Proposal.ref == ref)).first()
    if found is None:
        raise NotFound
    return found


def of_run(session: Session, actor: Actor, run_id: int) -> Proposal | None:
    """Return the actor's county's proposal from a run, or None."""
    return session.exec(select(Proposal).where(in_scope(actor), Proposal.run_id == run_id)).first()


def lines(session: Session, proposal: Proposal, child_ref: str | None = None) -> list[Line]:
    """Return the rows of a proposal (or one child's), placed ones first, then by reference; two statements."""
    query: Any = (
        sa.select(
            ProposalRow,
            col(Child.ref).label("child_ref"),
            col(Child.birth_date),
            col(Child.protected),
            sa.or_(col(Child.waiting_since).is_not(None), for_closing()).label("waits"),
            staying().label("stays"),
            col(Unit.ref).label("unit_ref"),
            col(Unit.name).label("unit_name"),
        )
        .join(Proposal, col(Proposal.id) == col(ProposalRow.proposal_id))
        .join(Child, col(Child.id) == col(ProposalRow.child_id))
        .outerjoin(Unit, col(Unit.id) == col(ProposalRow.unit_id))
        .where(col(ProposalRow.proposal_id) == proposal.id)
        .order_by(col(ProposalRow.unit_id).is_(None), col(Child.ref))
    )
    if child_ref is not None:
        query = query.where(col(Child.ref) == child_ref)
    rows = session.execute(query).all()
    decisions = decisions_of(session, [row[0].id for row in rows])
    return [_line(row, decisions.get(row[0].id)) for row in rows]


def _line(found: Any, decision: tuple[str, DecisionStatus] | None) -> Line:
    row: ProposalRow = found[0]
    return Line(
        row_id=row.id or 0,
        child_id=row.child_id,
        child_ref=found.child_ref,
        birth_date=found.birth_date,
        protected=found.protected,
        waits=bool(found.waits),
        stays=bool(found.stays) and (decision is None or decision[1] is not DecisionStatus.MADE),
        unit_id=row.unit_id,
        unit_ref=found.unit_ref,
        unit_name=found.unit_name,
        proposed_unit_id=row.proposed_unit_id,
        start=row.start,
        end=row.end,
        locked=row.locked,
        lock_reason=row.lock_reason,
        change_reason=row.change_reason,
        broken=tuple(Broken(one.pop("code"), one) for one in json.loads(row.broken_rules)),
        explanation=json.loads(row.explanation),
        decision_ref=decision[0] if decision else None,
        decision_status=decision[1] if decision else None,
        version=row.version,
    )


def decisions_of(session: Session, row_ids: Collection[int]) -> dict[int, tuple[str, DecisionStatus]]:
    rows = session.execute(
        sa.select(col(Decision.proposal_row_id), col(Decision.ref), col(Decision.status))
        .where(col(Decision.proposal_row_id).in_(list(row_ids)), col(Decision.status) != DecisionStatus.DISCARDED)
        .order_by(col(Decision.id))
    )
    return {row_id: (ref, status) for row_id, ref, status in rows}


def line_of(session: Session, proposal: Proposal, child_ref: str) -> Line:
    """Return one child's row; raises NotFound when the child is not in the proposal."""
    found = lines(session, proposal, child_ref)
    if not found:
        raise NotFound
    return found[0]


def choices(
    session: Session, actor: Actor, proposal: Proposal, line: Line, at: datetime
) -> list[tuple[Unit, tuple[Broken, ...]]]:
    """Return every unit in sight with the rules the child's booking there would break now; the free ones first."""
    seen = {unit.id: unit for unit in units.visible_units(session, actor, business_day(at)) if unit.id is not None}
    wanted = Wanted(line.child_id, line.unit_id or 0, line.start, line.end or line.start, proposal.id)
    judged = booking.facts_of_many(session, wanted, list(seen), at)
    found = []
    for key, facts in judged.items():
        found.append((seen[key], rules.broken_rules(facts)))
    return sorted(found, key=lambda one: (bool(one[1]), any(b.absolute for b in one[1]), one[0].name))


@dataclass(frozen=True)
class Waiting:
    """What waits in a county, for Today. `finished_runs`: when runs ended whose proposal is still a draft.

    `undecided` are rows with a place in sent proposals; `sent_ref` is the newest of these proposals.
    """

    finished_runs: tuple[datetime, ...]
    undecided: int
    undecided_since: datetime | None
    sent_ref: str | None


def waiting(session: Session, actor: Actor) -> Waiting:
    """Return what waits for the actor's county: drafts to look at and send, rows of sent proposals to decide."""
    rows = session.execute(
        sa.select(
            col(Proposal.id),
            col(Proposal.ref),
            col(Proposal.status),
            col(Proposal.sent_at),
            col(Run.finished_at),
            col(ProposalRow.unit_id),
        )
        .join(Run, col(Run.id) == col(Proposal.run_id))
        .join(ProposalRow, col(ProposalRow.proposal_id) == col(Proposal.id))
        .join(Child, col(Child.id) == col(ProposalRow.child_id))
        .where(
            in_scope(actor),
            col(Proposal.status) != ProposalStatus.WITHDRAWN,
            sa.or_(col(Proposal.status) == ProposalStatus.SENT, ~for_closing()),
            to_decide(),
        )
        .order_by(col(Proposal.id))
    ).all()
    drafts = {row.id: row.finished_at for row in rows if row.status == ProposalStatus.DRAFT and row.finished_at}
    sent = [row for row in rows if row.status == ProposalStatus.SENT and row.unit_id is not None]
    return Waiting(
        finished_runs=tuple(sorted(drafts.values())),
        undecided=len(sent),
        undecided_since=min((row.sent_at for row in sent if row.sent_at), default=None),
        sent_ref=sent[-1].ref if sent else None,
    )
