"""Paying what was decided: one person confirms, another releases, the bank's reference is recorded; once each.

Every act goes through the library's, which books it, and writes one audit event with it. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements import paying, recovering, statements
from agreements.claim_tables import Claim, ClaimStatus
from agreements.claim_values import Gate
from agreements.ledger_rules import Account
from agreements.paying import Offset
from agreements.payment_tables import Payment, PaymentOffset, Recovery
from placement import references
from placement.audit.service import record
from placement.clock import business_day
from placement.people.tables import Organisation, User
from placement.permissions import Actor, Permission
from placement.refusals import NotAllowed, NotFound, Refusal
from placement.reimbursed.acting import log_act, told
from placement.reimbursed.queries import sight
from placement.reviewing import queue, scope

LONGEST_REASON = 200
ROW = TypeVar("ROW", Claim, Organisation, User, Payment, Recovery)


@dataclass(frozen=True, slots=True)
class Payable:
    """A decided application: what is left to pay once payments under way are taken off; sums in cents."""

    claim: Claim
    county: Organisation
    approved_cents: int
    left_cents: int
    waits: bool
    since: date


@dataclass(frozen=True, slots=True)
class Lessened:
    """What a payment is lessened by: the reference of the recovery set off or the advance netted, in cents."""

    kind: str
    ref: str
    cents: int


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment with its claim (None for an advance), payee, people and offsets; `state` is a word's code."""

    payment: Payment
    claim: Claim | None
    county: Organisation
    confirmer: User
    releaser: User | None
    state: str
    offsets: tuple[Lessened, ...]

    @property
    def bank_cents(self) -> int:
        """What the bank pays: the payment less what is set off and netted."""
        return bank_cents(self.payment)


def bank_cents(payment: Payment) -> int:
    return payment.cents - payment.set_off_cents - payment.netted_cents


def state_of(payment: Payment, claim: Claim | None) -> str:
    """Return where a payment stands: confirmed, void (its decision was replaced), released, recorded, sent back."""
    if payment.returned_at is not None:
        return "payment-returned"
    if payment.recorded_at is not None:
        return "payment-recorded"
    if payment.released_at is not None:
        return "payment-released"
    if claim is not None and payment.decision_no != claim.decision_no:
        return "payment-void"
    return "payment-confirmed"


def payables(session: Session, actor: Actor, at: datetime) -> list[Payable]:
    """Return decided applications of the actor's agency with something left to pay, the oldest decision first."""
    if not scope.is_agency(session, actor):
        return []
    query = select(Claim).where(sight(session, actor), Claim.gate == Gate.PAYMENT, Claim.status == ClaimStatus.DECIDED)
    claims = session.exec(query).all()
    found = []
    for row in queue.rows_of(session, claims, at):
        if row.payable_cents <= 0:
            continue
        left = paying.payable_left(session, row.claim)
        if left > 0:
            waits = queue.waits_on(row.claim, business_day(at))
            found.append(Payable(row.claim, row.county, row.approved_cents, left, waits, business_day(row.since)))
    return sorted(found, key=lambda one: (one.waits, one.since, one.claim.id or 0))


def payments(session: Session, actor: Actor) -> list[Paid]:
    """Return the payments of the actor's agency, the newest first."""
    if not scope.is_agency(session, actor):
        return []
    mine = sa.or_(col(Payment.claim_id).is_(None), sight(session, actor))
    query = select(Payment).outerjoin(Claim, col(Claim.id) == Payment.claim_id).where(mine)
    return paid(session, session.exec(query.order_by(col(Payment.id).desc())).all())


def of_claim(session: Session, claim: Claim) -> list[Paid]:
    """Return the payments of a claim, the first first."""
    return paid(
        session, session.exec(select(Payment).where(Payment.claim_id == claim.id).order_by(col(Payment.id))).all()
    )


def paid(session: Session, rows: Sequence[Payment]) -> list[Paid]:
    """Return payments with what their pages show; at most seven statements for any number."""
    claims = _by_key(session, Claim, [row.claim_id for row in rows])
    bodies = _by_key(session, Organisation, [row.county_id for row in rows])
    people = _by_key(session, User, [key for row in rows for key in (row.confirmed_by, row.released_by)])
    offsets = _offsets_of(session, rows)
    return [
        Paid(
            payment=row,
            claim=(claim := claims.get(row.claim_id)),
            county=bodies[row.county_id],
            confirmer=people[row.confirmed_by],
            releaser=people.get(row.released_by),
            state=state_of(row, claim),
            offsets=tuple(offsets.get(row.id, ())),
        )
        for row in rows
    ]


def _by_key(session: Session, table: type[ROW], keys: Sequence[int | None]) -> dict[int | None, ROW]:
    wanted = {key for key in keys if key is not None}
    return {row.id: row for row in session.exec(select(table).where(col(table.id).in_(wanted)))}


def _offsets_of(session: Session, rows: Sequence[Payment]) -> dict[int | None, list[Lessened]]:
    """Return by payment what it is lessened by, in the order it was set off and netted."""
    wanted = {row.id for row in rows if row.set_off_cents or row.netted_cents}
    if not wanted:
        return {}
    query = select(PaymentOffset).where(col(PaymentOffset.payment_id).in_(wanted)).order_by(col(PaymentOffset.id))
    parts = session.exec(query).all()
    recoveries = _by_key(session, Recovery, [part.recovery_id for part in parts])
    advances = _by_key(session, Payment, [part.advance_id for part in parts])
    found: dict[int | None, list[Lessened]] = {}
    for part in parts:
        netted = part.advance_id is not None
        ref = advances[part.advance_id].ref if netted else recoveries[part.recovery_id].ref
        found.setdefault(part.payment_id, []).append(Lessened("advance" if netted else "recovery", ref, part.cents))
    return found


def _payable_claim(session: Session, actor: Actor, ref: str, on: date) -> Claim:
    claim = scope.find(session, actor, ref, on)
    if claim.gate is not Gate.PAYMENT or claim.status is not ClaimStatus.DECIDED:
        raise NotFound
    if claim.authority_id not in scope.bodies(session, actor):
        raise NotAllowed("claim-of-another")
    return claim


def offers(session: Session, claim: Claim) -> tuple[list[tuple[Recovery, int]], list[tuple[Payment, int]]]:
    """Return what a payment to the claim's county may be lessened by: open recoveries and advances, with what is left.

    What is offset in payments that wait for their release is taken off already.
    """
    promised = _promised(session, claim.county_id)
    recoveries = session.exec(
        select(Recovery).where(Recovery.county_id == claim.county_id).order_by(col(Recovery.id))
    ).all()
    advances = session.exec(
        select(Payment).where(
            Payment.county_id == claim.county_id,
            col(Payment.claim_id).is_(None),
            col(Payment.released_at).is_not(None),
            col(Payment.returned_at).is_(None),
        )
    ).all()
    owed = [(row, recovering.left_of(session, row) - promised.get((row.id, None), 0)) for row in recoveries]
    ahead = [(row, paying.advance_left(session, row) - promised.get((None, row.id), 0)) for row in advances]
    return [pair for pair in owed if pair[1] > 0], [pair for pair in ahead if pair[1] > 0]


def _promised(session: Session, county_id: int) -> dict[tuple[int | None, int | None], int]:
    query = (
        select(PaymentOffset)
        .join(Payment, col(Payment.id) == PaymentOffset.payment_id)
        .join(Claim, col(Claim.id) == Payment.claim_id)
        .where(
            Payment.county_id == county_id,
            col(Payment.released_at).is_(None),
            Payment.decision_no == Claim.decision_no,
        )
    )
    found: dict[tuple[int | None, int | None], int] = {}
    for row in session.exec(query):
        key = (row.recovery_id, row.advance_id)
        found[key] = found.get(key, 0) + row.cents
    return found


def confirm(
    session: Session, actor: Actor, ref: str, *, cents: int | None, set_off: bool, net: bool, at: datetime
) -> Payment:
    """Confirm all that is left of an application, or an instalment; lessened by recoveries and advances where asked.

    The same again returns the payment that waits. Raises NotAllowed for who had a hand in the claim.
    """
    claim = _payable_claim(session, actor, ref, business_day(at))
    left = paying.payable_left(session, claim)
    wanted = left if cents is None else cents
    chosen = _offsets(session, claim, wanted, set_off=set_off, net=net)
    with told():
        payment = paying.confirm(
            session,
            claim.id or 0,
            ref=references.new("PA"),
            cents=cents,
            by=actor.user_id,
            at=at,
            on=business_day(at),
            offsets=chosen,
        )
    if payment.confirmed_at == at:
        _log(session, actor, "payment-confirmed", payment, at, claim=ref, cents=payment.cents)
    return payment


def _offsets(session: Session, claim: Claim, cents: int, *, set_off: bool, net: bool) -> list[Offset]:
    """Return the offsets of a payment: oldest recovery first, then advances, never more than the payment."""
    recoveries, advances = offers(session, claim)
    found, rest = [], cents
    for recovery, left in recoveries if set_off else []:
        part = min(left, rest)
        if part > 0:
            found.append(Offset(part, recovery_id=recovery.id))
            rest -= part
    for advance, left in advances if net else []:
        part = min(left, rest)
        if part > 0:
            found.append(Offset(part, advance_id=advance.id))
            rest -= part
    return found


def release(session: Session, actor: Actor, ref: str, at: datetime) -> tuple[Payment, bool]:
    """Release a confirmed payment; returns it and whether this call did it. A released one is returned as it is."""
    found = scope.find_payment(session, actor, ref, business_day(at))
    with told():
        known = paying.locked_payment(session, found.id or 0)
        fresh = known.released_at is None
        payment = paying.release(session, found.id or 0, by=actor.user_id, at=at, on=business_day(at))
    if fresh:
        _log(session, actor, "payment-released", payment, at, cents=payment.cents)
    return payment, fresh


def record_paid(session: Session, actor: Actor, ref: str, bank_reference: str | None, at: datetime) -> Payment:
    """Record the bank's reference of a released payment."""
    found = scope.find_payment(session, actor, ref, business_day(at))
    if not bank_reference:
        raise Refusal("bank-reference-missing", field="bank_reference")
    if found.recorded_at is not None and found.bank_reference == bank_reference:
        return found
    with told():
        payment = paying.record_paid(session, found.id or 0, bank_reference=bank_reference, by=actor.user_id, at=at)
    _log(session, actor, "payment-recorded", payment, at)
    return payment


def sent_back(session: Session, actor: Actor, ref: str, reason: str | None, at: datetime) -> Payment:
    """Book that the bank sent a payment back: its bank part is owed again."""
    found = scope.find_payment(session, actor, ref, business_day(at))
    if not reason:
        raise Refusal("reason-missing", field="reason")
    if found.returned_at is not None:
        return found
    with told():
        payment = paying.sent_back(
            session, found.id or 0, reason=reason[:LONGEST_REASON], by=actor.user_id, at=at, on=business_day(at)
        )
    _log(session, actor, "payment-returned", payment, at)
    return payment


def wait(session: Session, actor: Actor, ref: str, *, waits: bool, at: datetime) -> Claim:
    """Note that an approved application waits for an appropriation (681/2023 § 59), or that it no longer does."""
    on = business_day(at)
    claim = _payable_claim(session, actor, ref, on)
    if queue.waits_on(claim, on) == waits:
        return claim
    since = claim.waits_from if claim.waits_from is not None and not waits else on
    with told():
        claim = paying.wait_for_appropriation(
            session, claim.id or 0, since=since, until=None if waits else _eve(on, since)
        )
    if not waits and since == on:
        claim.waits_from = claim.waits_to = None  # it began today: no day of waiting is left
    log_act(session, actor, "claim-waits" if waits else "claim-waits-over", ref, at)
    return claim


def _eve(on: date, since: date) -> date:
    return max(since, date.fromordinal(on.toordinal() - 1))


def confirm_advance(
    session: Session, actor: Actor, county: Organisation, year: int | None, cents: int | None, at: datetime
) -> Payment:
    """Confirm an advance to a county for a year of care; it is netted in later payments."""
    if not actor.can(Permission.PAY) or not scope.is_agency(session, actor):
        raise NotFound
    if not cents:
        raise Refusal("sum-missing", field="cents")
    if year is None or not 2025 <= year <= business_day(at).year + 1:
        raise Refusal("care-year-unknown", field="year")
    with told():
        payment = paying.confirm_advance(
            session,
            ref=references.new("PA"),
            county_id=county.id or 0,
            care_year=year,
            cents=cents,
            by=actor.user_id,
            at=at,
        )
    _log(session, actor, "payment-confirmed", payment, at, cents=cents)
    return payment


def _log(session: Session, actor: Actor, action: str, payment: Payment, at: datetime, **after: object) -> None:
    record(session, actor=actor, action=action, object_kind="payment", object_ref=payment.ref, at=at, after=after)


def settled(session: Session, claim: Claim) -> tuple[int, int]:
    """Return what was paid of a claim by the books and what is still owed (below zero: owed back), in cents."""
    books = statements.subject_balances(session, [claim.ref])[claim.ref]
    owed = -books.get(Account.PAYABLE, 0)
    approved = books.get(Account.REIMBURSEMENT, 0)
    recoverable = books.get(Account.RECOVERABLE, 0)
    return approved - owed + recoverable, owed


def next_step(found: Paid, actor: Actor) -> str:
    """Return what the actor may do with a payment next: release, other-person, record, nothing."""
    if found.state == "payment-confirmed":
        return "release" if found.payment.confirmed_by != actor.user_id else "other-person"
    if found.state == "payment-released":
        return "record"
    return "nothing"
