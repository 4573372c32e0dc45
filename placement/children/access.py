"""The access law of a child's data (703/2023 §§ 9-10): a verified relation, a use-log row, and only then the data.

A child's name lives in `Identity`, and the only functions that return one are `open_child`, `open_list` and
`open_matching`: each checks the relation and writes the use-log rows in the same transaction that reads the
names. Every other query here gives children whose identity columns are sealed: touching one raises.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.audit.service import View, log_views
from placement.children.rules import AccessFacts, Relation, relation
from placement.children.tables import CaseRelation, Child, Gender, PurposeGrant, RelationKind
from placement.clock import business_day
from placement.decisions.tables import (
    Decision,
    DecisionStatus,
    Hold,
    Proposal,
    ProposalRow,
    ProposalStatus,
    Run,
    Stay,
)
from placement.integration.tables import ChildMerge
from placement.permissions import Actor, Permission, Role
from placement.refusals import NotAllowed, NotFound

TASK_PERMISSIONS = frozenset(
    {Permission.RUN_OPTIMIZER, Permission.EDIT_PROPOSALS, Permission.DECIDE, Permission.SECOND_OFFICIAL}
)
SEALED = (
    Child.first_name,
    Child.last_name,
    Child.identity_code,
    Child.temporary_number,
    Child.school,
    Child.representative_name,
    Child.representative_contact,
    Child.no_representative_reason,
    Child.own_view,
    Child.no_view_reason,
)


def sealed() -> list[ORMOption]:
    """Return the options of a query that leave what identifies a child where it is: neither fetched nor decrypted."""
    return [defer(column, raiseload=True) for column in SEALED]  # type: ignore[arg-type]


class NoRelation(NotAllowed):
    """The child is of the actor's county, but nothing links the actor to it: a purpose must be stated first."""

    def __init__(self, ref: str) -> None:
        super().__init__("no-relation")
        self.ref = ref


@dataclass(frozen=True)
class Identity:
    """Who a child is. Returned by `open_child` and `open_list` only, after the use-log row was written."""

    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def __repr__(self) -> str:
        return "Identity(…)"


@dataclass(frozen=True)
class Opened:
    """A child whose data this actor may see now; the look is in the use log.

    `identity` None: protected and not revealed; the reference stands for the name, and unit and town stay
    closed (`shows_place` False).
    """

    id: int
    ref: str
    county_id: int
    birth_date: date
    gender: Gender
    protected: bool
    worker_id: int | None
    version: int
    relation: Relation
    identity: Identity | None

    @property
    def shown_name(self) -> str:
        return self.identity.name if self.identity else self.ref

    @property
    def shows_place(self) -> bool:
        return self.relation.shows_identity


def children_visible_to(actor: Actor, at: datetime) -> SelectOfScalar[Child]:
    """Return the base query of the children this actor may know of, identity columns sealed.

    County roles that may see children: those of their county. A unit manager: those who stay, or have a held
    place, in the own unit. Everybody else: none. Foreign and missing are then the same.
    """
    query = select(Child).options(*sealed())
    return query.where(in_scope(actor, at))


def in_scope(actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Return the condition on `child` that `children_visible_to` applies, for queries of other shape."""
    if actor.county_id is None or not actor.can(Permission.SEE_CHILDREN):
        return sa.false()
    own_county = sa.and_(col(Child.county_id) == actor.county_id, ~merged_away())
    if actor.role is Role.UNIT_MANAGER:
        return sa.and_(own_county, _in_own_unit(actor, at))
    return own_county


def merged_away() -> ColumnElement[bool]:
    """Return the condition that the record was a second one of a person and is hidden behind the one that was kept."""
    merge = sa.select(col(ChildMerge.id)).where(
        col(ChildMerge.merged_id) == Child.id, col(ChildMerge.undone_at).is_(None)
    )
    return merge.exists()


def lives_in(unit_id: int, on: date) -> ColumnElement[bool]:
    """Return the condition that a child's stay covers the day in a unit."""
    stay = sa.select(col(Stay.id)).where(col(Stay.child_id) == Child.id, col(Stay.unit_id) == unit_id, covers(on))
    return stay.correlate(Child).exists()


def covers(on: date) -> ColumnElement[bool]:
    """Return the condition that a stay covers a day (its end is the leaving day, exclusive)."""
    return sa.and_(col(Stay.start) <= on, or_(col(Stay.end).is_(None), col(Stay.end) > on))


def find(session: Session, actor: Actor, ref: str, at: datetime) -> Child:
    """Return a child the actor may know of, sealed; raises NotFound for a foreign and a missing one alike."""
    found = session.exec(children_visible_to(actor, at).where(Child.ref == ref)).first()
    if found is None:
        raise NotFound
    return found


def relation_of(session: Session, actor: Actor, child_id: int, at: datetime) -> Relation | None:
    """Return what links the actor to one child now, or None."""
    return relations_of(session, actor, [child_id], at).get(child_id)


def relations_of(session: Session, actor: Actor, child_ids: Collection[int], at: datetime) -> dict[int, Relation]:
    """Return the relation of each child that the actor has one to; three statements for any number.

    Case: an own client by a dated relation or as the named worker. Unit: a stay today or a held place in
    the manager's unit. Task: a child of the own county who waits, or has an open proposal or a decision being
    written, for those whose work that is. Purpose: a stated one that has not run out.
    """
    if not child_ids or actor.county_id is None:
        return {}
    own = _own_relations(session, actor, child_ids, business_day(at))
    grants = _grants(session, actor, child_ids, at)
    rows = session.execute(
        sa.select(
            col(Child.id),
            col(Child.protected),
            (sa.func.coalesce(col(Child.worker_id), 0) == actor.user_id).label("worker"),
            _in_own_unit(actor, at).label("unit"),
            _has_task(actor).label("task"),
        ).where(col(Child.id).in_(child_ids), in_scope(actor, at))
    )
    found: dict[int, Relation] = {}
    for child_id, protected, worker, unit, task in rows:
        kinds, (grant, reveal) = own.get(child_id, set()), grants.get(child_id, (None, None))
        held = relation(
            AccessFacts(
                protected=protected,
                case=bool(worker) or RelationKind.CASE in kinds,
                unit=bool(unit) or RelationKind.UNIT in kinds,
                task=bool(task) or RelationKind.TASK in kinds,
                grant_id=grant,
                reveal_grant_id=reveal,
            )
        )
        if held is not None:
            found[child_id] = held
    return found


def open_child(session: Session, actor: Actor, ref: str, *, at: datetime, data_used: str, endpoint: str) -> Opened:
    """Log the look and return the child. Call in a short write transaction that commits before rendering.

    Raises NotFound for a foreign or missing child and NoRelation where a purpose must be stated first;
    nothing is logged then, because nothing is shown.
    """
    child = find(session, actor, ref, at)
    key = child.id or 0
    held = relation_of(session, actor, key, at)
    if held is None:
        raise NoRelation(ref)
    view = View(child_id=key, relation=held.kind, grant_id=held.grant_id)
    log_views(session, actor, [view], data_used=data_used, endpoint=endpoint, at=at)
    names = _identities(session, [key]) if held.shows_identity else {}
    return Opened(
        id=key,
        ref=child.ref,
        county_id=child.county_id,
        birth_date=child.birth_date,
        gender=child.gender,
        protected=child.protected,
        worker_id=child.worker_id,
        version=child.version,
        relation=held,
        identity=names.get(key),
    )


def open_list(
    session: Session, actor: Actor, child_ids: Collection[int], *, at: datetime, data_used: str, endpoint: str
) -> dict[int, Identity]:
    """Log a look at each child whose name a list will show, and return those names by child key.

    A child without a relation, or protected and not revealed, is absent: its row shows reference, age and
    status only, and nothing of it is logged. Call in a write transaction that commits before rendering.
    """
    held = relations_of(session, actor, child_ids, at)
    shown = {key: one for key, one in held.items() if one.shows_identity}
    views = [View(child_id=key, relation=one.kind, grant_id=one.grant_id) for key, one in sorted(shown.items())]
    log_views(session, actor, views, data_used=data_used, endpoint=endpoint, at=at)
    return _identities(session, shown)


def claimed_child(session: Session, ref: str) -> Child:
    """Return a child, sealed, for whom costs are claimed; the caller has found the claim in the actor's scope."""
    query = select(Child).options(*sealed())
    found = session.exec(query.where(Child.ref == ref)).first()
    if found is None:
        raise NotFound
    return found


def open_claimed(
    session: Session, actor: Actor, grant: PurposeGrant, *, at: datetime, data_used: str, endpoint: str
) -> Identity:
    """Log an examiner's look that rests on a purpose stated just now, and return who the claimed child is.

    Call in a short write transaction that commits before rendering. Raises NoRelation for another person's purpose
    and for one that has run out.
    """
    if grant.user_id != actor.user_id or not grant.granted_at <= at < grant.expires_at:
        raise NoRelation("")
    view = View(child_id=grant.child_id, relation="purpose", grant_id=grant.id)
    log_views(session, actor, [view], data_used=data_used, endpoint=endpoint, at=at)
    return _identities(session, [grant.child_id])[grant.child_id]


def open_matching(
    session: Session, actor: Actor, text: str, *, at: datetime, data_used: str, endpoint: str, most: int = 20
) -> dict[int, Identity]:
    """Log a look at each child whose name holds the text and whom the actor may name; return those names by key.

    Names of others are compared with nothing: they are neither read nor logged. Call in a write transaction that
    commits before rendering.
    """
    scope = session.execute(sa.select(col(Child.id)).where(in_scope(actor, at))).scalars()
    held = relations_of(session, actor, [key for key in scope if key is not None], at)
    names = _identities(session, [key for key, one in held.items() if one.shows_identity])
    wanted = text.casefold()
    found = [key for key, name in sorted(names.items()) if wanted in name.name.casefold()][:most]
    views = [View(child_id=key, relation=held[key].kind, grant_id=held[key].grant_id) for key in found]
    log_views(session, actor, views, data_used=data_used, endpoint=endpoint, at=at)
    return {key: names[key] for key in found}


def _identities(session: Session, child_ids: Iterable[int]) -> dict[int, Identity]:
    wanted = list(child_ids)
    if not wanted:
        return {}
    rows = session.execute(
        sa.select(col(Child.id), col(Child.first_name), col(Child.last_name)).where(col(Child.id).in_(wanted))
    )
    return {key: Identity(first, last) for key, first, last in rows}


def _own_relations(
    session: Session, actor: Actor, child_ids: Collection[int], on: date
) -> dict[int, set[RelationKind]]:
    rows = session.execute(
        sa.select(col(CaseRelation.child_id), col(CaseRelation.kind)).where(
            col(CaseRelation.user_id) == actor.user_id,
            col(CaseRelation.child_id).in_(child_ids),
            col(CaseRelation.valid_from) <= on,
            or_(col(CaseRelation.valid_to).is_(None), col(CaseRelation.valid_to) >= on),
        )
    )
    found: dict[int, set[RelationKind]] = {}
    for child_id, kind in rows:
        found.setdefault(child_id, set()).add(kind)
    return found


def _grants(
    session: Session, actor: Actor, child_ids: Collection[int], at: datetime
) -> dict[int, tuple[int | None, int | None]]:
    """Return (latest grant, latest grant that reveals) of each child with an unexpired one."""
    rows = session.execute(
        sa.select(col(PurposeGrant.child_id), col(PurposeGrant.id), col(PurposeGrant.reveals_protected))
        .where(
            col(PurposeGrant.user_id) == actor.user_id,
            col(PurposeGrant.child_id).in_(child_ids),
            col(PurposeGrant.granted_at) <= at,
            col(PurposeGrant.expires_at) > at,
        )
        .order_by(col(PurposeGrant.id))
    )
    found: dict[int, tuple[int | None, int | None]] = {}
    for child_id, grant_id, reveals in rows:
        _, reveal = found.get(child_id, (None, None))
        found[child_id] = (grant_id, grant_id if reveals else reveal)
    return found


def _in_own_unit(actor: Actor, at: datetime) -> ColumnElement[bool]:
    if actor.role is not Role.UNIT_MANAGER or actor.unit_id is None:
        return sa.false()
    held = sa.select(col(Hold.id)).where(
        col(Hold.child_id) == Child.id,
        col(Hold.unit_id) == actor.unit_id,
        col(Hold.released_at).is_(None),
        col(Hold.expires_at) > at,
    )
    return or_(lives_in(actor.unit_id, business_day(at)), held.correlate(Child).exists())


def _has_task(actor: Actor) -> ColumnElement[bool]:
    if not actor.permissions & TASK_PERMISSIONS:
        return sa.false()
    written = sa.select(col(Decision.id)).where(
        col(Decision.child_id) == Child.id, col(Decision.status) == DecisionStatus.DRAFT
    )
    decided_since = sa.select(col(Decision.id)).where(
        col(Decision.child_id) == Child.id,
        col(Decision.status) == DecisionStatus.MADE,
        col(Decision.decided_at) >= Run.requested_at,
    )
    proposed = (
        sa.select(col(ProposalRow.id))
        .join(Proposal, col(Proposal.id) == col(ProposalRow.proposal_id))
        .join(Run, col(Run.id) == col(Proposal.run_id))
        .where(
            col(ProposalRow.child_id) == Child.id,
            col(Proposal.status) != ProposalStatus.WITHDRAWN,
            ~decided_since.exists(),
        )
    )
    return or_(col(Child.waiting_since).is_not(None), written.exists(), proposed.exists())
