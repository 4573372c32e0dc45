"""The payer's side: confirmed by one person, released once by another, recorded, sent back; advances and set-off.

A payment is booked when it is released, in the same transaction. Pressing twice, a retry and two payers at once
all get the one payment there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements import ledger, statements
from agreements.claim_tables import Claim, ClaimStatus
from agreements.claim_values import Gate
from agreements.claims import locked
from agreements.ledger_rules import Account, Leg, Posting, credit, debit
from agreements.payment_tables import Payment, PaymentOffset, Recovery
from agreements.recovering import book_settlement, left_of
from agreements.refused import ClaimNotFound, Refused


@dataclass(frozen=True, slots=True)
class Offset:
    """What a payment is lessened by, in cents of principal: a recovery that is set off or an advance that is netted."""

    cents: int
    recovery_id: int | None = None
    advance_id: int | None = None


def wait_for_appropriation(session: Session, claim_id: int, *, since: date, until: date | None) -> Claim:
    """Note that an approved claim waits for an appropriation, or since when it no longer does (681/2023 § 59)."""
    claim = locked(session, claim_id)
    if claim.status is not ClaimStatus.DECIDED:
        raise Refused("wrong-state", claim=claim.ref, status=claim.status.value)
    claim.waits_from, claim.waits_to = since, until
    claim.version += 1
    session.add(claim)
    session.flush()
    return claim


def payable_left(session: Session, claim: Claim) -> int:
    """Return what a claim is owed and no payment is confirmed for, in cents; negative when too much was paid.

    Payments confirmed on a decision that was replaced since are never released, so they keep nothing back.
    """
    owed = -sum(statements.net_by_year(session, claim.ref, Account.PAYABLE).values())
    waiting = session.exec(
        select(Payment).where(
            Payment.claim_id == claim.id,
            Payment.decision_no == claim.decision_no,
            col(Payment.released_at).is_(None),
        )
    ).all()
    return owed - sum(payment.cents for payment in waiting)


def confirm(
    session: Session,
    claim_id: int,
    *,
    ref: str,
    cents: int | None,
    by: int,
    at: datetime,
    on: date,
    offsets: Sequence[Offset] = (),
) -> Payment:
    """Confirm that a decided payment application is paid: all that is left, or an instalment of it.

    An unreleased payment of the same decision with the same sum is returned instead of a second one. Raises Refused
    for a claim of the other gate, one that waits for an appropriation, a sum beyond what is left, and who prepared,
    sent or decided the claim.
    """
    claim = locked(session, claim_id)
    _require_payable(session, claim, by, on)
    earlier = session.exec(
        select(Payment).where(
            Payment.claim_id == claim.id, Payment.decision_no == claim.decision_no, col(Payment.returned_at).is_(None)
        )
    ).all()
    for payment in earlier:
        if payment.released_at is None and payment.confirmed_by == by and cents in (None, payment.cents):
            return payment
    left = payable_left(session, claim)
    wanted = left if cents is None else cents
    if not 0 < wanted <= left:
        raise Refused("beyond-owed", claim=claim.ref, left=left)
    payment = Payment(
        ref=ref,
        claim_id=claim.id,
        decision_no=claim.decision_no,
        instalment=max((one.instalment for one in earlier), default=0) + 1,
        county_id=claim.county_id,
        cents=wanted,
        confirmed_by=by,
        confirmed_at=at,
    )
    session.add(payment)
    session.flush()
    _add_offsets(session, payment, offsets)
    return payment


def _require_payable(session: Session, claim: Claim, by: int, on: date) -> None:
    if claim.gate is not Gate.PAYMENT or claim.status is not ClaimStatus.DECIDED:
        raise Refused("wrong-state", claim=claim.ref, status=claim.status.value)
    if claim.waits_from and claim.waits_from <= on and (claim.waits_to is None or on <= claim.waits_to):
        raise Refused("waits-for-appropriation", claim=claim.ref, since=claim.waits_from)
    _require_other_person(session, claim, by)


def _require_other_person(session: Session, claim: Claim, by: int) -> None:
    decision = reads.decision(session, claim)
    hands = {claim.prepared_by, claim.sent_by}
    if decision is not None:
        hands |= {decision.decided_by, decision.second_id}
    if by in hands:
        raise Refused("own-claim", claim=claim.ref)


def _add_offsets(session: Session, payment: Payment, offsets: Sequence[Offset]) -> None:
    for one in offsets:
        if one.recovery_id is not None:
            recovery = session.get(Recovery, one.recovery_id)
            fits = recovery is not None and recovery.county_id == payment.county_id
            if not fits or recovery is None or one.cents > left_of(session, recovery):
                raise Refused("offset-refused", payment=payment.ref)
            payment.set_off_cents += one.cents
        else:
            advance = session.get(Payment, one.advance_id)
            fits = advance is not None and advance.county_id == payment.county_id and advance.claim_id is None
            if not fits or advance is None or one.cents > advance_left(session, advance):
                raise Refused("offset-refused", payment=payment.ref)
            payment.netted_cents += one.cents
        session.add(
            PaymentOffset(
                payment_id=payment.id or 0, recovery_id=one.recovery_id, advance_id=one.advance_id, cents=one.cents
            )
        )
    if payment.set_off_cents + payment.netted_cents > payment.cents:
        raise Refused("offset-refused", payment=payment.ref)
    session.add(payment)
    session.flush()


def confirm_advance(
    session: Session, *, ref: str, county_id: int, care_year: int, cents: int, by: int, at: datetime
) -> Payment:
    """Confirm an advance for a year of care, where the agreement has them; it is netted in later payments."""
    if cents < 1:
        raise Refused("beyond-owed", left=0)
    payment = Payment(ref=ref, county_id=county_id, care_year=care_year, cents=cents, confirmed_by=by, confirmed_at=at)
    session.add(payment)
    session.flush()
    return payment


def advance_left(session: Session, advance: Payment) -> int:
    """Return what of a released advance is not netted yet, in cents."""
    return sum(statements.net_by_year(session, advance.ref, Account.ADVANCES).values())


def release(session: Session, payment_id: int, *, by: int, at: datetime, on: date) -> Payment:
    """Release a confirmed payment and book it, once; a released one is returned as it is.

    Raises Refused for who confirmed it, who prepared, sent or decided the claim, and where a correction since the
    confirmation leaves less than the payment.
    """
    payment = locked_payment(session, payment_id)
    if payment.released_at is not None:
        return payment
    if by == payment.confirmed_by:
        raise Refused("second-is-first", payment=payment.ref)
    ledger.lock_books(session)
    legs = _advance_legs(payment) if payment.claim_id is None else _claim_legs(session, payment, by, on)
    payment.released_by, payment.released_at, payment.released_on = by, at, on
    session.add(payment)
    session.flush()
    ledger.post(session, Posting("payment-released", payment.ref, on, tuple(legs)), at=at)
    for offset in session.exec(select(PaymentOffset).where(PaymentOffset.payment_id == payment.id)):
        if offset.recovery_id is not None:
            book_settlement(session, offset.recovery_id, offset.cents, payment.ref, by=by, at=at, on=on)
    return payment


def _advance_legs(payment: Payment) -> list[Leg]:
    year = payment.care_year or 0
    return [
        debit(Account.ADVANCES, payment.cents, payment.county_id, payment.ref, year),
        credit(Account.BANK, payment.cents, payment.county_id, payment.ref, year),
    ]


def _claim_legs(session: Session, payment: Payment, by: int, on: date) -> list[Leg]:
    """Return the legs of a payment: what is owed goes down, oldest year of care first, and what covers it.

    The bank pays what is neither set off nor netted, and is booked on the years that are left at the end.
    """
    claim = locked(session, payment.claim_id or 0)
    _require_payable(session, claim, by, on)
    if payment.decision_no != claim.decision_no:
        raise Refused("decision-replaced", payment=payment.ref, claim=claim.ref)
    owed = {year: -cents for year, cents in statements.net_by_year(session, claim.ref, Account.PAYABLE).items()}
    if payment.cents > sum(owed.values()):
        raise Refused("beyond-owed", claim=claim.ref, left=sum(owed.values()))
    settled = by_oldest(owed, payment.cents)
    legs = [debit(Account.PAYABLE, cents, claim.county_id, claim.ref, year) for year, cents in settled.items()]
    for offset in session.exec(select(PaymentOffset).where(PaymentOffset.payment_id == payment.id)):
        legs += _offset_legs(session, offset)
    bank = by_oldest(settled, payment.cents - payment.set_off_cents - payment.netted_cents)
    return legs + [credit(Account.BANK, cents, claim.county_id, claim.ref, year) for year, cents in bank.items()]


def _offset_legs(session: Session, offset: PaymentOffset) -> list[Leg]:
    if offset.recovery_id is not None:
        recovery = session.get_one(Recovery, offset.recovery_id)
        if offset.cents > left_of(session, recovery):
            raise Refused("offset-refused", recovery=recovery.ref)
        subject = session.get_one(Claim, recovery.claim_id).ref
        return [credit(Account.RECOVERABLE, offset.cents, recovery.county_id, subject, recovery.care_year)]
    advance = session.get_one(Payment, offset.advance_id)
    if offset.cents > advance_left(session, advance):
        raise Refused("offset-refused", payment=advance.ref)
    return [credit(Account.ADVANCES, offset.cents, advance.county_id, advance.ref, advance.care_year or 0)]


def by_oldest(sums: dict[int, int], cents: int) -> dict[int, int]:
    """Return how a sum falls on years of care that have something left: the oldest first, none below zero."""
    found: dict[int, int] = {}
    for year in sorted(sums):
        part = min(max(sums[year], 0), cents)
        if part:
            found[year] = part
            cents -= part
    return found


def locked_payment(session: Session, payment_id: int) -> Payment:
    """Return a payment under a lock that lasts to the end of the transaction; raises ClaimNotFound."""
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise ClaimNotFound(payment_id)
    return payment


def record_paid(session: Session, payment_id: int, *, bank_reference: str, by: int, at: datetime) -> Payment:
    """Record the bank's reference of a released payment; recording the same one again is harmless."""
    payment = locked_payment(session, payment_id)
    if payment.recorded_at is not None and payment.bank_reference == bank_reference:
        return payment
    if payment.released_at is None or payment.recorded_at is not None or payment.returned_at is not None:
        raise Refused("wrong-state", payment=payment.ref)
    if not bank_reference:
        raise Refused("reference-missing", payment=payment.ref)
    payment.bank_reference, payment.recorded_by, payment.recorded_at = bank_reference, by, at
    session.add(payment)
    session.flush()
    return payment


def sent_back(session: Session, payment_id: int, *, reason: str, by: int, at: datetime, on: date) -> Payment:
    """Book that the bank sent a payment back: its bank part is owed again; set-off and netting stand.

    Sent back once; again returns the payment. Raises Refused before its release and where no bank part was paid.
    """
    payment = locked_payment(session, payment_id)
    if payment.returned_at is not None:
        return payment
    booked = ledger.entry_of(session, "payment-released", payment.ref)
    if booked is None:
        raise Refused("wrong-state", payment=payment.ref)
    subject = payment.ref if payment.claim_id is None else session.get_one(Claim, payment.claim_id).ref
    account = Account.ADVANCES if payment.claim_id is None else Account.PAYABLE
    bank = [leg for leg in ledger.legs_of(session, [booked.id])[booked.id] if leg.account is Account.BANK]
    if not bank:
        raise Refused("nothing-paid", payment=payment.ref)
    if payment.claim_id is None and advance_left(session, payment) < payment.cents:
        raise Refused("advance-netted", payment=payment.ref)
    legs = [leg.mirrored() for leg in bank]
    legs += [credit(account, leg.cents, leg.party_id, subject, leg.care_year) for leg in bank]
    payment.returned_at, payment.returned_by, payment.return_reason = at, by, reason
    session.add(payment)
    session.flush()
    ledger.post(session, Posting("payment-sent-back", payment.ref, on, tuple(legs)), at=at)
    return payment
