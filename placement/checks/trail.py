"""What was done and looked at: X3, X4 and X5."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from agreements.check import Result
from agreements.claim_tables import Claim, ClaimEvent, ClaimLine, ClaimVersion
from placement.audit import chain
from placement.audit.tables import AuditAnchor, AuditEvent, UseLog
from placement.children import access
from placement.children.tables import BirthDateCorrection, Child, PurposeGrant
from placement.clock import business_day
from placement.decisions.tables import Decision, DecisionStatus, Hold, Proposal, Run
from placement.directing.tables import Direction, DirectionAnswer
from placement.people.queries import actor_of, mandate_value
from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Permission
from placement.units.tables import CapacityException, Unit

CHILD_ADDED = ("child-added", "child-imported")
RELATIONS = frozenset({"case", "unit", "task", "purpose"})
PARTY = "direction"
"""A look by a party of a direction of the child, whose body may be a municipality or a state authority."""
MOST_LOOKS = 60
INVENTED = "DEMO"
"""The basis of mandates that came with the invented data, whose loading is one event."""


def one_event_for_each_change(session: Session) -> Result:
    """X3: what is stored was changed by an event, and each event left what it says; exactly one for each change."""
    count = Counter(
        (row[0], row[1]) for row in session.execute(sa.select(col(AuditEvent.action), col(AuditEvent.object_ref)))
    )
    checked, breaches = 0, []
    for action, refs in _changes(session).items():
        for ref, wanted in refs.items():
            checked += 1
            if count[action, ref] != wanted:
                breaches.append(f"{ref}: {count[action, ref]} events {action} for {wanted} changes")
        for (what, ref), found in count.items():
            if what == action and ref not in refs:
                breaches.append(f"{ref}: {found} events {action} without the change")
    given = set(session.scalars(sa.select(col(UserMandate.id)).where(col(UserMandate.basis) != INVENTED)))
    for mandate in given:
        checked += 1
        if count["mandate-given", f"mandate-{mandate}"] != 1:
            breaches.append(f"mandate-{mandate}: {count['mandate-given', f'mandate-{mandate}']} events of giving it")
    more, found_breaches = _holds(session)
    added, missing = _added(session, count)
    return Result("X3", checked + more + added, breaches + found_breaches + missing)


def _changes(session: Session) -> dict[str, Counter[str]]:
    """Return, by action, how many events the stored rows call for, by reference."""

    def refs(query: Any) -> Counter[str]:
        return Counter(session.scalars(query))

    child_of = sa.select(col(Child.ref))
    grant = child_of.join(PurposeGrant, col(PurposeGrant.child_id) == col(Child.id))
    return {
        "decision-made": refs(sa.select(col(Decision.ref)).where(col(Decision.status) == DecisionStatus.MADE)),
        "proposal-sent": refs(sa.select(col(Proposal.ref)).where(col(Proposal.sent_at).is_not(None))),
        "run-started": refs(sa.select(col(Run.ref))),
        "birth-date-corrected": refs(
            child_of.join(BirthDateCorrection, col(BirthDateCorrection.child_id) == col(Child.id))
        ),
        "purpose-stated": refs(grant.where(~col(PurposeGrant.reveals_protected))),
        "identity-revealed": refs(grant.where(col(PurposeGrant.reveals_protected))),
        **_claim_moves(session),
        "direction-opened": refs(sa.select(col(Direction.ref))),
        "direction-withdrawn": refs(sa.select(col(Direction.ref)).where(col(Direction.withdrawn_on).is_not(None))),
        "direction-agreed": refs(_answered(agrees=True)),
        "direction-declined": refs(_answered(agrees=False)),
        "capacity-excess-allowed": refs(
            sa.select(col(Unit.ref)).join(CapacityException, col(CapacityException.unit_id) == col(Unit.id))
        ),
    }


def _answered(*, agrees: bool) -> Any:
    """Return the reference of each direction once for each body that answered so: one body's sides are one act."""
    return (
        sa.select(col(Direction.ref))
        .join(DirectionAnswer, col(DirectionAnswer.direction_id) == col(Direction.id))
        .where(col(DirectionAnswer.agrees) == agrees)
        .group_by(col(Direction.ref), col(DirectionAnswer.organisation_id))
    )


def _claim_moves(session: Session) -> dict[str, Counter[str]]:
    """Return, by action, the moves of each claim: one event each."""
    found: dict[str, Counter[str]] = {}
    query = sa.select(col(ClaimEvent.action), col(Claim.ref)).join_from(ClaimEvent, Claim)
    for action, ref in session.execute(query):
        found.setdefault(f"claim-{action}", Counter())[ref] += 1
    return found


def _holds(session: Session) -> tuple[int, list[str]]:
    """Each hold was taken by a decision that was started at that very moment by that person."""
    started = Counter(
        (row[0], row[1])
        for row in session.execute(
            sa.select(col(AuditEvent.actor_id), col(AuditEvent.at)).where(col(AuditEvent.action) == "decision-started")
        )
    )
    holds = session.exec(select(Hold)).all()
    return len(holds), [f"hold {one.id}: no event" for one in holds if not started[one.made_by, one.made_at]]


def _added(session: Session, count: Counter[tuple[str, str]]) -> tuple[int, list[str]]:
    """Each child was added by one event, or stood in the invented data when it was loaded."""
    loaded = set(session.scalars(sa.select(col(AuditEvent.at)).where(col(AuditEvent.action) == "demo-loaded")))
    rows = session.execute(sa.select(col(Child.ref), col(Child.created_at))).all()
    breaches = []
    for ref, created in rows:
        events = sum(count[action, ref] for action in CHILD_ADDED)
        wanted = 0 if loaded and created <= max(loaded) and not events else 1
        if events != wanted:
            breaches.append(f"{ref}: {events} events of adding")
    return len(rows), breaches


def looks_are_lawful(session: Session, at: datetime) -> Result:
    """X4: each row of the use log rests on a relation or a purpose, and showing a child writes exactly one row.

    The second is tried for people and children of the sample, in a savepoint that is rolled back: the session
    must be one that may write.
    """
    checked, breaches = _stored_looks(session)
    for user, mandate in _people(session, at):
        actor = actor_of(session, user, mandate)
        refs = list(session.scalars(access.children_visible_to(actor, at).with_only_columns(col(Child.ref)).limit(3)))
        for ref in refs:
            checked += 1
            before = session.scalar(select(func.count()).select_from(UseLog))
            tried = session.begin_nested()
            try:
                access.open_child(session, actor, ref, at=at, data_used="check", endpoint="check")
                after, shown = session.scalar(select(func.count()).select_from(UseLog)), 1
            except access.NoRelation:
                after, shown = session.scalar(select(func.count()).select_from(UseLog)), 0
            finally:
                tried.rollback()
            if (after or 0) - (before or 0) != shown:
                breaches.append(f"{ref}: shown to {actor.role} {actor.user_id} without its row in the use log")
    return Result("X4", checked, breaches)


def _people(session: Session, at: datetime) -> list[tuple[User, UserMandate]]:
    rows = session.exec(
        select(User, UserMandate)
        .join(UserMandate, col(UserMandate.user_id) == User.id)
        .where(col(User.active))
        .order_by(col(User.id))
        .limit(MOST_LOOKS)
    ).all()
    return [
        (user, mandate)
        for user, mandate in rows
        if mandate_value(mandate).holds_on(business_day(at))
        and Permission.SEE_CHILDREN in actor_of(session, user, mandate).permissions
    ]


def _stored_looks(session: Session) -> tuple[int, list[str]]:
    grants = {
        row[0]: row[1:]
        for row in session.execute(
            sa.select(
                col(PurposeGrant.id),
                col(PurposeGrant.user_id),
                col(PurposeGrant.child_id),
                col(PurposeGrant.granted_at),
                col(PurposeGrant.expires_at),
            )
        )
    }
    county_of = {row[0]: row[1] for row in session.execute(sa.select(col(Child.id), col(Child.county_id)))}
    parties, claimed = _parties(session), _claimed_before(session)
    checked, breaches = 0, []
    for row in session.exec(select(UseLog).order_by(col(UseLog.seq))).yield_per(500):
        checked += 1
        if row.relation == PARTY:
            if row.organisation_id not in parties.get(row.child_id, set()):
                breaches.append(f"use log {row.seq}: is of no party of a direction of that child")
        elif row.relation == "purpose" and (row.organisation_id, row.child_id) in claimed:
            pass  # who examines a claim about the child, for a stated reason; the reason is checked below
        elif row.relation not in RELATIONS or row.organisation_id != county_of.get(row.child_id):
            breaches.append(f"use log {row.seq}: {row.relation} is no relation to a child of that county")
        if row.relation != "purpose":
            continue
        grant = grants.get(row.grant_id or 0)
        if grant is None or tuple(grant[:2]) != (row.user_id, row.child_id):
            breaches.append(f"use log {row.seq}: rests on no purpose that this person stated for this child")
        elif not grant[2] <= row.at < grant[3]:
            breaches.append(f"use log {row.seq}: looked when the stated purpose had run out")
    return checked, breaches


def _parties(session: Session) -> dict[int, set[int]]:
    """Return, for each child, the bodies that are parties of its directions, and those that act after them."""
    heirs = {
        row[0]: row[1]
        for row in session.execute(
            sa.select(col(Organisation.id), col(Organisation.successor_id)).where(
                col(Organisation.successor_id).is_not(None)
            )
        )
    }
    found: dict[int, set[int]] = {}
    for row in session.exec(select(Direction)):
        bodies = {row.county_id, row.municipality_id, row.centre_id}
        after = {heirs[key] for key in bodies if key in heirs}
        found.setdefault(row.child_id, set()).update(bodies, after)
    return found


def _claimed_before(session: Session) -> set[tuple[int | None, int]]:
    """Return which body examines claims with lines about which child: the authority, and who acts after it."""
    rows = session.execute(
        sa.select(col(Claim.authority_id), col(Child.id))
        .join(ClaimVersion, col(ClaimVersion.claim_id) == Claim.id)
        .join(ClaimLine, col(ClaimLine.version_id) == ClaimVersion.id)
        .join(Child, col(Child.ref) == ClaimLine.child_ref)
        .distinct()
    )
    after = {row.id: row.successor_id for row in session.exec(select(Organisation))}
    found: set[tuple[int | None, int]] = set()
    for authority, child in rows:
        body: int | None = authority
        while body is not None and (body, child) not in found:
            found.add((body, child))
            body = after.get(body)
    return found


def chains_hold(session: Session) -> Result:
    """X5: both chains hold from the first row to the head, and every anchor is met by the row it names."""
    checked, breaches = 0, []
    anchors = session.exec(select(AuditAnchor).order_by(col(AuditAnchor.id))).all()
    for table in (AuditEvent, UseLog):
        name = str(table.__tablename__)
        rows, found = chain.breaks(session, table)
        checked += rows
        breaches += [f"{one.table} {one.seq}: {one.fault}" for one in found]
        for anchor in (one for one in anchors if one.chain == name):
            checked += 1
            hashes = session.scalars(sa.select(col(table.hash)).where(col(table.seq) == anchor.seq)).all()
            if anchor.hash not in hashes:
                breaches.append(f"{name} {anchor.seq}: is not what was anchored at {anchor.at.isoformat()}")
    return Result("X5", checked, breaches)
