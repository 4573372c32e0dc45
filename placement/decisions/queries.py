"""Reads about decisions: each scoped by the actor, none with a name. Names come from `children/access.py`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, or_, select

from placement.children.tables import Child
from placement.decisions import booking, rules
from placement.decisions.booking import Wanted
from placement.decisions.rules import Broken
from placement.decisions.tables import (
    Decision,
    DecisionDocument,
    DecisionKind,
    DecisionStatus,
    Hold,
    Proposal,
    ProposalRow,
    Stay,
)
from placement.permissions import Actor, Permission
from placement.refusals import NotFound
from placement.units import queries as unit_queries
from placement.units.rules import DayCount, count_on
from placement.units.tables import Unit


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of the decisions this actor may know of: those of the own county. Else none."""
    if actor.county_id is None or not actor.can(Permission.SEE_DECISIONS):
        return sa.false()
    return col(Decision.county_id) == actor.county_id


def find(session: Session, actor: Actor, ref: str) -> Decision:
    """Return one decision; raises NotFound for a foreign and a missing one alike."""
    found = session.exec(select(Decision).where(in_scope(actor), Decision.ref == ref)).first()
    if found is None:
        raise NotFound
    return found


def draft_of(session: Session, actor: Actor, child_id: int) -> Decision | None:
    """Return the decision being written about a child, or None; there is one at most."""
    return session.exec(
        select(Decision)
        .where(in_scope(actor), Decision.child_id == child_id, Decision.status == DecisionStatus.DRAFT)
        .order_by(col(Decision.id).desc())
    ).first()


@dataclass(frozen=True)
class Kept:
    """A unit where a place is kept for a child while a decision is being written, until the instant `until`."""

    unit_ref: str
    unit_name: str
    until: datetime


def kept_place(session: Session, actor: Actor, child_id: int, at: datetime) -> Kept | None:
    """Return where a place is kept for a child of the actor's county at this moment, None where none is."""
    found = session.execute(
        sa.select(col(Unit.ref), col(Unit.name), col(Hold.expires_at))
        .join(Unit, col(Unit.id) == col(Hold.unit_id))
        .where(col(Hold.child_id) == child_id, col(Hold.county_id) == actor.county_id, col(Hold.released_at).is_(None))
        .where(col(Hold.expires_at) > at)
        .order_by(col(Hold.id).desc())
    ).first()
    return Kept(*found) if found is not None else None


def hold_of(session: Session, decision: Decision) -> Hold | None:
    return session.get(Hold, decision.hold_id) if decision.hold_id is not None else None


def proposal_row_of(session: Session, decision: Decision) -> ProposalRow | None:
    return session.get(ProposalRow, decision.proposal_row_id) if decision.proposal_row_id is not None else None


def proposed_row(session: Session, actor: Actor, proposal_ref: str, child_id: int) -> tuple[Proposal, ProposalRow]:
    """Return the child's row in a proposal of the actor's county; raises NotFound."""
    found = session.exec(
        select(Proposal, ProposalRow)
        .join(ProposalRow, col(ProposalRow.proposal_id) == Proposal.id)
        .where(Proposal.ref == proposal_ref, Proposal.county_id == actor.county_id, ProposalRow.child_id == child_id)
    ).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def document(session: Session, decision: Decision, language: str) -> DecisionDocument:
    """Return the decision's text in a language; raises NotFound where none was made."""
    found = session.exec(
        select(DecisionDocument).where(
            DecisionDocument.decision_id == decision.id, DecisionDocument.language == language
        )
    ).first()
    if found is None:
        raise NotFound
    return found


def document_languages(session: Session, decision: Decision) -> list[tuple[str, bool]]:
    """Return (language, whether it is the legal text) of the documents, the legal text first."""
    rows = session.exec(
        select(DecisionDocument.language, DecisionDocument.legal_text)
        .where(DecisionDocument.decision_id == decision.id)
        .order_by(col(DecisionDocument.legal_text).desc(), col(DecisionDocument.language))
    )
    return [(language, legal) for language, legal in rows]


@dataclass(frozen=True)
class Line:
    """One decision in a list; `unit_name` None = the child is protected, so its unit is not told."""

    ref: str
    status: DecisionStatus
    urgent: bool
    case_number: str | None
    child_ref: str
    unit_name: str | None
    start: date
    decided_on: date | None
    created_at: datetime
    expires_at: datetime | None
    waits_for_second: bool
    to_serve: bool


def lines(session: Session, actor: Actor, at: datetime, *, first: int = 0, most: int = 50) -> tuple[list[Line], int]:
    """Return the county's decisions, drafts first, then the newest, and how many there are in all."""
    keys = list(
        session.execute(
            sa.select(col(Decision.id))
            .where(in_scope(actor), col(Decision.status) != DecisionStatus.DISCARDED)
            .order_by(
                col(Decision.status) == DecisionStatus.MADE, col(Decision.created_at).desc(), col(Decision.id).desc()
            )
        ).scalars()
    )
    return _lines(session, keys[first : first + most], at), len(keys)


def _lines(session: Session, keys: Collection[int], at: datetime) -> list[Line]:
    rows = session.execute(
        sa.select(
            col(Decision.id),
            col(Decision.ref),
            col(Decision.status),
            col(Decision.kind),
            col(Decision.case_number),
            col(Child.ref).label("child_ref"),
            col(Child.protected),
            col(Unit.name),
            col(Decision.start),
            col(Decision.decided_on),
            col(Decision.created_at),
            col(Decision.confirmation_asked_at),
            col(Decision.second_official_id),
            col(Decision.served_representative_on),
            col(Decision.served_child_on),
            col(Hold.expires_at),
            col(Hold.released_at),
        )
        .join(Child, col(Child.id) == col(Decision.child_id))
        .join(Unit, col(Unit.id) == col(Decision.unit_id))
        .outerjoin(Hold, col(Hold.id) == col(Decision.hold_id))
        .where(col(Decision.id).in_(keys))
    )
    found = {
        row.id: Line(
            ref=row.ref,
            status=row.status,
            urgent=row.kind == DecisionKind.URGENT,
            case_number=row.case_number,
            child_ref=row.child_ref,
            unit_name=None if row.protected else row.name,
            start=row.start,
            decided_on=row.decided_on,
            created_at=row.created_at,
            expires_at=row.expires_at if row.released_at is None and row.expires_at and at < row.expires_at else None,
            waits_for_second=_waits(row.status, row.confirmation_asked_at, row.second_official_id),
            to_serve=row.status == DecisionStatus.MADE
            and row.served_representative_on is None
            and row.served_child_on is None,
        )
        for row in rows
    }
    return [found[key] for key in keys]


def _waits(status: DecisionStatus, asked_at: datetime | None, second_official_id: int | None) -> bool:
    return status == DecisionStatus.DRAFT and asked_at is not None and second_official_id is None


@dataclass(frozen=True)
class Waiting:
    """What waits for an actor: keys and the oldest moment of each kind, for Today."""

    drafts: tuple[datetime, ...]
    to_serve: tuple[datetime, ...]
    to_confirm: tuple[datetime, ...]


def waiting(session: Session, actor: Actor) -> Waiting:
    """Return when each thing that waits began: drafts being written, decisions not served, rule breaks to confirm."""
    unserved = sa.and_(
        col(Decision.status) == DecisionStatus.MADE,
        col(Decision.served_representative_on).is_(None),
        col(Decision.served_child_on).is_(None),
    )
    rows = session.execute(
        sa.select(
            col(Decision.status),
            col(Decision.created_at),
            col(Decision.decided_at),
            col(Decision.confirmation_asked_at),
            col(Decision.second_official_id),
            col(Decision.prepared_by),
        ).where(in_scope(actor), or_(col(Decision.status) == DecisionStatus.DRAFT, unserved))
    )
    drafts: list[datetime] = []
    serve: list[datetime] = []
    confirm: list[datetime] = []
    for status, created_at, decided_at, asked_at, second, prepared_by in rows:
        if status == DecisionStatus.MADE:
            serve.append(decided_at)
            continue
        if _waits(status, asked_at, second) and prepared_by != actor.user_id:
            confirm.append(asked_at)
        drafts.append(created_at)
    return Waiting(tuple(sorted(drafts)), tuple(sorted(serve)), tuple(sorted(confirm)))


def taken_since(session: Session, unit_id: int, start: date, end: date, since: datetime) -> datetime | None:
    """Return when another decision last took a place in the unit on days of [start, end) after `since`, or None."""
    stays = (
        select(Decision.decided_at)
        .join(Stay, col(Stay.decision_id) == Decision.id)
        .where(
            Stay.unit_id == unit_id,
            col(Decision.decided_at) >= since,
            col(Stay.start) < end,
            or_(col(Stay.end).is_(None), col(Stay.end) > start),
        )
    )
    moments = [one for one in session.exec(stays) if one is not None]
    return max(moments, default=None)


@dataclass(frozen=True)
class Option:
    """A unit the child could have: its places on the first day, and the rules that would be broken there."""

    ref: str
    name: str
    kind: str
    count: DayCount
    broken: tuple[Broken, ...]
    language: str | None
    confirms: bool = False
    """The child lives there by an urgent decision: this one would confirm it."""

    @property
    def possible(self) -> bool:
        return not any(one.absolute for one in self.broken)


def options(
    session: Session, actor: Actor, wanted: Wanted, at: datetime, *, to_the_right: bool = False
) -> list[Option]:
    """Return every unit in scope for the booking, those that fit first; a fixed number of statements.

    `to_the_right`: nobody has said until when, so each kind of unit is judged until its right ends (18 in a home).
    """
    units = {unit.id: unit for unit in unit_queries.visible_units(session, actor, wanted.start) if unit.id is not None}
    judged = booking.facts_of_many(session, wanted, list(units), at)
    found = []
    for key, booking_ in judged.items():
        limit = rules.last_leaving_day(booking_.child.birth_date, units[key].kind.value, wanted.start)
        one = replace(booking_, end=min(booking_.end, limit)) if to_the_right else booking_
        found.append(
            Option(
                ref=units[key].ref,
                name=units[key].name,
                kind=units[key].kind.value,
                count=count_on(one.book, wanted.start),
                broken=rules.broken_rules(one),
                language=rules.common_language(one.child, one.offer),
                confirms=rules.confirmed_stay(one) is not None,
            )
        )
    return sorted(
        found, key=lambda one: (not one.confirms, not one.possible, len(one.broken), one.language is None, one.name)
    )
