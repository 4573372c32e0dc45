"""Which claims a person may see, and what their pages show of them. Foreign and missing are the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements import statements
from agreements.claim_tables import Claim, ClaimDecision, ClaimLine, ClaimStatus, ClaimVersion
from agreements.claim_values import Gate
from agreements.ledger_rules import Account
from agreements.payment_tables import Payment
from agreements.review import line_states
from placement.agreed.facts import competent_body
from placement.agreed.queries import predecessors
from placement.people.tables import Organisation
from placement.permissions import Actor, Permission
from placement.refusals import NotFound

ARRIVED = (ClaimStatus.SENT, ClaimStatus.IN_REVIEW, ClaimStatus.DECIDED)
TASKS = {Gate.COST: "reimbursement_decision", Gate.PAYMENT: "payment"}


@dataclass(frozen=True)
class ClaimRow:
    """A claim in a list: what it asks for, what was approved and paid, and what it waits for."""

    claim: Claim
    county: Organisation
    authority: Organisation
    claimed_cents: int
    approved_cents: int | None
    paid_cents: int
    state: str
    questions: int


def sight(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `claim` for what this actor may see.

    A county sees its own in every state; the centre and the paying agency what was sent to them or to a body
    they succeed (a successor takes open claims over), a payer the decided payment applications of them.
    """
    if actor.county_id is not None and actor.can(Permission.SEE_CLAIMS):
        return col(Claim.county_id) == actor.county_id
    bodies = {actor.organisation_id} | predecessors(session, actor.organisation_id)
    arrived = sa.and_(col(Claim.authority_id).in_(bodies), col(Claim.status).in_(ARRIVED))
    gates = [
        gate
        for gate, permission in ((Gate.COST, Permission.REVIEW_COSTS), (Gate.PAYMENT, Permission.REVIEW_PAYMENTS))
        if actor.can(permission)
    ]
    if gates:
        return sa.and_(arrived, col(Claim.gate).in_(gates))
    if actor.can(Permission.PAY):
        return sa.and_(arrived, col(Claim.gate) == Gate.PAYMENT, col(Claim.status) == ClaimStatus.DECIDED)
    return sa.false()


def find(session: Session, actor: Actor, ref: str) -> Claim:
    """Return a claim the actor may see; raises NotFound for a foreign and a missing one alike."""
    found = session.exec(select(Claim).where(Claim.ref == ref, sight(session, actor))).first()
    if found is None:
        raise NotFound
    return found


def visible(session: Session, actor: Actor) -> list[Claim]:
    """Return the claims the actor may see, the latest period first."""
    query = select(Claim).where(sight(session, actor))
    return list(session.exec(query.order_by(col(Claim.period_first).desc(), col(Claim.id).desc())))


def rows(session: Session, claims: Sequence[Claim]) -> list[ClaimRow]:
    """Return the claims with their sums; a handful of statements for any number."""
    keys = [claim.id or 0 for claim in claims]
    claimed = _claimed(session, keys)
    approved = _approved(session, keys)
    paid = paid_by_claim(session, keys)
    bodies = {
        row.id: row
        for row in session.exec(
            select(Organisation).where(
                col(Organisation.id).in_({one.county_id for one in claims} | {one.authority_id for one in claims})
            )
        )
    }
    asked = {claim.id: len(open_questions(session, claim)) for claim in claims if claim.status is ClaimStatus.IN_REVIEW}
    owed = {claim.ref: 0 for claim in claims if claim.gate is Gate.PAYMENT and claim.status is ClaimStatus.DECIDED}
    owed = {
        ref: -balances.get(Account.PAYABLE, 0)
        for ref, balances in statements.subject_balances(session, list(owed)).items()
    }
    return [
        ClaimRow(
            claim=claim,
            county=bodies[claim.county_id],
            authority=bodies[claim.authority_id],
            claimed_cents=claimed.get(claim.id or 0, 0),
            approved_cents=approved.get(claim.id or 0),
            paid_cents=paid.get(claim.id or 0, 0),
            state=state_of(claim, asked.get(claim.id, 0), paid.get(claim.id or 0, 0), owed.get(claim.ref, 0)),
            questions=asked.get(claim.id, 0),
        )
        for claim in claims
    ]


def state_of(claim: Claim, questions: int, paid_cents: int, owed_cents: int) -> str:
    """Return the word for where a claim stands: its status, made finer by open questions and by the books.

    `owed_cents` is what is owed and not paid; below zero, too much was paid.
    """
    if claim.status is ClaimStatus.IN_REVIEW and questions:
        return "asked"
    if claim.status is not ClaimStatus.DECIDED or claim.gate is Gate.COST:
        return claim.status.value
    if owed_cents < 0:
        return "overpaid"
    if owed_cents == 0:
        return "paid" if paid_cents else "decided"
    if claim.waits_from is not None and claim.waits_to is None:
        return "waits-appropriation"
    return "part-paid" if paid_cents else "to-be-paid"


def _claimed(session: Session, keys: Collection[int]) -> dict[int, int]:
    query = (
        sa.select(Claim.id, ClaimVersion.claimed_cents)  # type: ignore[call-overload]
        .join(ClaimVersion, sa.and_(col(ClaimVersion.claim_id) == Claim.id, col(ClaimVersion.number) == Claim.number))
        .where(col(Claim.id).in_(keys))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _approved(session: Session, keys: Collection[int]) -> dict[int, int]:
    query = (
        sa.select(Claim.id, ClaimDecision.approved_cents)  # type: ignore[call-overload]
        .join(
            ClaimDecision,
            sa.and_(col(ClaimDecision.claim_id) == Claim.id, col(ClaimDecision.number) == Claim.decision_no),
        )
        .where(col(Claim.id).in_(keys))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def paid_by_claim(session: Session, keys: Collection[int]) -> dict[int, int]:
    """Return what was released of each claim, less what the bank sent back, in cents."""
    found: dict[int, int] = {}
    query = select(Payment).where(col(Payment.claim_id).in_(keys), col(Payment.released_at).is_not(None))
    for one in session.exec(query):
        sent_back = one.cents - one.set_off_cents - one.netted_cents if one.returned_at else 0
        found[one.claim_id or 0] = found.get(one.claim_id or 0, 0) + one.cents - sent_back
    return found


def open_questions(session: Session, claim: Claim) -> list[ClaimLine]:
    """Return the lines on which the reviewer asked and the county has not answered."""
    states = line_states(session, claim)
    return [row for row in reads.lines(session, claim) if states[row.id or 0].asked]


def competent(session: Session, gate: Gate, county: Organisation, on: date) -> Organisation:
    """Return the body that a claim of a gate goes to on a day; raises NotFound where the law names none."""
    found = competent_body(session, TASKS[gate], county.county_code or "", on)
    if found is None:
        raise NotFound
    return found
