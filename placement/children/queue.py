"""The queue of children who wait for a place, the most urgent first, siblings side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from placement.children.access import in_scope
from placement.children.lists import stays_of
from placement.children.queries import ChildFacts, everything_about
from placement.children.rules import urgency
from placement.children.tables import Child, SiblingMode
from placement.clock import business_day
from placement.decisions.tables import Proposal, ProposalRow, ProposalStatus
from placement.permissions import Actor


@dataclass(frozen=True)
class Waiting:
    """One child who waits. `points` order the queue; `has_place` = lives somewhere that must be left."""

    facts: ChildFacts
    points: int
    waiting_days: int
    has_place: bool


@dataclass(frozen=True)
class Turn:
    """One place in the queue: a child, or siblings who wait together (`mode` says how firmly)."""

    members: tuple[Waiting, ...]
    mode: SiblingMode | None


def queue(session: Session, actor: Actor, at: datetime) -> list[Turn]:
    """Return the queue of the actor's county; a group stands where its most urgent member would stand."""
    on = business_day(at)
    keys = list(
        session.execute(
            sa.select(col(Child.id)).where(in_scope(actor, at), col(Child.waiting_since).is_not(None))
        ).scalars()
    )
    facts = everything_about(session, keys)
    stays = stays_of(session, keys)
    rows = []
    for key, one in facts.items():
        assert one.waiting_since is not None
        has_place = any(stay.covers(on) for stay in stays.get(key, []))
        points = urgency(priority=one.priority, waiting_since=one.waiting_since, has_place=has_place, on=on)
        rows.append(Waiting(one, points, max(0, (on - one.waiting_since).days), has_place))
    return turns(rows)


def turns(rows: list[Waiting]) -> list[Turn]:
    """Order by points, then the longest wait, then the reference, and join siblings who all wait."""
    ordered = sorted(rows, key=lambda one: (-one.points, -one.waiting_days, one.facts.ref))
    found: list[Turn] = []
    seen: set[int] = set()
    for row in ordered:
        group = row.facts.siblings
        if row.facts.id in seen:
            continue
        members = [one for one in ordered if group and one.facts.id in group.members] if group else [row]
        seen |= {one.facts.id for one in members}
        found.append(Turn(tuple(members), group.mode if group and len(members) > 1 else None))
    return found


def without_suitable_place(session: Session, actor: Actor, at: datetime) -> list[date]:
    """Return since when each child waits whose latest proposal found no suitable place."""
    latest = (
        sa.select(col(ProposalRow.child_id), sa.func.max(col(ProposalRow.id)).label("row"))
        .join(Proposal, col(Proposal.id) == col(ProposalRow.proposal_id))
        .where(col(Proposal.status) != ProposalStatus.WITHDRAWN)
        .group_by(col(ProposalRow.child_id))
        .subquery()
    )
    rows = session.execute(
        sa.select(col(Child.waiting_since))
        .join(latest, latest.c.child_id == col(Child.id))
        .join(ProposalRow, col(ProposalRow.id) == latest.c.row)
        .where(in_scope(actor, at), col(Child.waiting_since).is_not(None), col(ProposalRow.unit_id).is_(None))
    )
    return list(rows.scalars())
