"""Which claims, payments and entries of the books an actor of the state side or of a county may open, in SQL.

A claim lies before one authority; who acts for it is its staff, or the staff of the body that took its place. The
paying agency also reads the centres' decisions that payments rest on, a centre (and the auditor of its area) also
reads what was decided on payments to its counties. Foreign and missing are the same.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from agreements.claim_tables import Claim, ClaimStatus
from agreements.claim_values import Gate
from agreements.payment_tables import Payment, Recovery
from placement.agreed.queries import predecessors
from placement.people.tables import Organisation, OrganisationKind
from placement.permissions import Actor, Permission
from placement.refusals import NotAllowed, NotFound
from placement.reimbursed.queries import sight
from placement.reviewing.tables import Correction
from placement.units.queries import counties_under

EXAMINERS = {Gate.COST: Permission.REVIEW_COSTS, Gate.PAYMENT: Permission.REVIEW_PAYMENTS}
"""What lets a person examine claims of a gate."""


def bodies(session: Session, actor: Actor) -> set[int]:
    """Return the actor's body and those that ended and whose work it does now."""
    return {actor.organisation_id} | predecessors(session, actor.organisation_id)


def counties_seen(session: Session, actor: Actor, on: date) -> set[int] | None:
    """Return the counties whose books the actor reads: those of the centre's area; None = all (the paying agency)."""
    body = session.get_one(Organisation, actor.organisation_id)
    if body.kind is OrganisationKind.PAYING_AGENCY:
        return None
    if actor.county_id is not None:
        return {actor.county_id}
    return set(counties_under(session, actor.organisation_id, on))


def readable(session: Session, actor: Actor, on: date) -> ColumnElement[bool]:
    """Return the condition that the actor may open a claim."""
    if actor.county_id is not None:
        return sight(session, actor)
    if not actor.can(Permission.SEE_LEDGER):
        return sa.false()
    decided = col(Claim.status) == ClaimStatus.DECIDED
    counties = counties_seen(session, actor, on)
    if counties is None:
        return sa.or_(sight(session, actor), sa.and_(decided, col(Claim.gate) == Gate.COST))
    return sa.or_(sight(session, actor), sa.and_(decided, col(Claim.county_id).in_(counties)))


def find(session: Session, actor: Actor, ref: str, on: date) -> Claim:
    """Return a claim the actor may open; raises NotFound for a foreign and a missing one alike."""
    found = session.exec(select(Claim).where(Claim.ref == ref, readable(session, actor, on))).one_or_none()
    if found is None:
        raise NotFound
    return found


def refs_readable(session: Session, actor: Actor, refs: Collection[str], on: date) -> set[str]:
    """Return which of the claims the actor may open."""
    return set(session.exec(select(Claim.ref).where(col(Claim.ref).in_(refs), readable(session, actor, on))))


def find_own(session: Session, actor: Actor, ref: str, on: date) -> Claim:
    """Return a claim the actor may examine; raises NotFound, or NotAllowed for one that is only read."""
    claim = find(session, actor, ref, on)
    if not may_examine(session, actor, claim):
        raise NotAllowed("claim-of-another")
    return claim


def may_examine(session: Session, actor: Actor, claim: Claim) -> bool:
    """Whether the actor examines claims of this gate and the claim lies before the actor's body."""
    return actor.can(EXAMINERS[claim.gate]) and claim.authority_id in bodies(session, actor)


def find_payment(session: Session, actor: Actor, ref: str, on: date) -> Payment:
    """Return a payment (or an advance) of the actor's agency; raises NotFound."""
    payment = session.exec(select(Payment).where(Payment.ref == ref)).one_or_none()
    if payment is None or not actor.can(Permission.SEE_PAYMENTS) or not is_agency(session, actor):
        raise NotFound
    if payment.claim_id is not None:
        find(session, actor, session.get_one(Claim, payment.claim_id).ref, on)
    return payment


def is_agency(session: Session, actor: Actor) -> bool:
    return session.get_one(Organisation, actor.organisation_id).kind is OrganisationKind.PAYING_AGENCY


def recoveries_readable(session: Session, actor: Actor, refs: Collection[str], on: date) -> set[str]:
    """Return which of the orders to pay back the actor may open."""
    if not refs:
        return set()
    query = select(Recovery.ref).join(Claim, col(Claim.id) == Recovery.claim_id)
    return set(session.exec(query.where(col(Recovery.ref).in_(refs), readable(session, actor, on))))


def find_recovery(session: Session, actor: Actor, ref: str, on: date) -> tuple[Recovery, Claim]:
    """Return an order to pay back and its claim; raises NotFound unless the actor may open the claim."""
    recovery = session.exec(select(Recovery).where(Recovery.ref == ref)).one_or_none()
    if recovery is None:
        raise NotFound
    return recovery, find(session, actor, session.get_one(Claim, recovery.claim_id).ref, on)


def find_correction(session: Session, actor: Actor, ref: str, on: date) -> tuple[Correction, Claim]:
    """Return a proposed or made correction and its claim; raises NotFound unless the actor may open the claim."""
    correction = session.exec(select(Correction).where(Correction.ref == ref)).one_or_none()
    if correction is None:
        raise NotFound
    return correction, find(session, actor, session.get_one(Claim, correction.claim_id).ref, on)
