"""What was paid and should not have been: ordered back by the paying agency, settled with interest apart.

A correction lowers what is approved; what was paid beyond it is the debt that a recovery moves to its own account.
Source: Act 681/2023, section 71.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, func, select

from agreements import ledger, statements
from agreements.claim_rules import last_day_of_recovery
from agreements.claim_tables import Claim, ClaimStatus
from agreements.claim_values import Gate
from agreements.claims import locked
from agreements.interest_rules import Interest, YearlyRate, interest_runs, simple_interest
from agreements.ledger_rules import Account, Leg, Posting, credit, debit
from agreements.payment_tables import Payment, Recovery, RecoverySettlement, SettlementKind
from agreements.refused import ClaimNotFound, Refused


@dataclass(frozen=True, slots=True)
class InterestTerms:
    """The dated rule of interest on the day of the decision: from which day, by which day count."""

    starts: str
    days_in_year: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order to pay back: for which year of care, heard when, why, due when."""

    ref: str
    care_year: int
    heard_from: date
    heard_by: date
    statement: str
    reason: str
    due_on: date


def overpaid(session: Session, claim: Claim) -> dict[int, int]:
    """Return what was paid beyond what is approved, by year of care; what is ordered back already is not in it."""
    nets = statements.net_by_year(session, claim.ref, Account.PAYABLE)
    return {year: cents for year, cents in nets.items() if cents > 0}


def order(
    session: Session, claim_id: int, what: Order, terms: InterestTerms, *, by: int, at: datetime, on: date
) -> Recovery:
    """Order what was overpaid for a year of care back and book it. The same order again is harmless.

    Raises Refused after the last day (the fifth calendar year after the year paid for), before the county's time
    to be heard is over, without a reason, and where nothing is overpaid.
    """
    claim = locked(session, claim_id)
    query = select(Recovery).where(
        Recovery.claim_id == claim.id,
        Recovery.decision_no == claim.decision_no,
        Recovery.care_year == what.care_year,
    )
    known = session.exec(query).one_or_none()
    if known is not None:
        return known
    if claim.gate is not Gate.PAYMENT or claim.status is not ClaimStatus.DECIDED:
        raise Refused("wrong-state", claim=claim.ref, status=claim.status.value)
    last_day = last_day_of_recovery(what.care_year)
    if on > last_day:
        raise Refused("recovery-too-late", claim=claim.ref, last_day=last_day)
    if not (what.heard_from <= what.heard_by < on):
        raise Refused("not-heard", claim=claim.ref, heard_by=what.heard_by)
    if not what.reason:
        raise Refused("reason-missing", claim=claim.ref)
    ledger.lock_books(session)
    cents = overpaid(session, claim).get(what.care_year, 0)
    if not cents:
        raise Refused("nothing-overpaid", claim=claim.ref, year=what.care_year)
    recovery = Recovery(
        ref=what.ref,
        claim_id=claim.id or 0,
        decision_no=claim.decision_no,
        county_id=claim.county_id,
        care_year=what.care_year,
        principal_cents=cents,
        paid_on=_last_paid_on(session, claim),
        heard_from=what.heard_from,
        heard_by=what.heard_by,
        statement=what.statement,
        reason=what.reason,
        decided_by=by,
        decided_at=at,
        decided_on=on,
        due_on=what.due_on,
        last_day=last_day,
        interest_starts=terms.starts,
        days_in_year=terms.days_in_year,
    )
    session.add(recovery)
    session.flush()
    legs = (
        debit(Account.RECOVERABLE, cents, claim.county_id, claim.ref, what.care_year),
        credit(Account.PAYABLE, cents, claim.county_id, claim.ref, what.care_year),
    )
    ledger.post(session, Posting("recovery-ordered", what.ref, on, legs), at=at)
    return recovery


def _last_paid_on(session: Session, claim: Claim) -> date:
    payments = session.exec(select(Payment).where(Payment.claim_id == claim.id)).all()
    paid = [payment.released_on for payment in payments if payment.released_on is not None]
    if not paid:
        raise Refused("nothing-overpaid", claim=claim.ref)
    return max(paid)


def left_of(session: Session, recovery: Recovery) -> int:
    """Return the principal of a recovery that has not come back yet, in cents."""
    query = select(func.coalesce(func.sum(RecoverySettlement.principal_cents), 0))
    settled = session.exec(query.where(RecoverySettlement.recovery_id == recovery.id)).one()
    return recovery.principal_cents - int(settled)


def interest_on(recovery: Recovery, principal_cents: int, until: date, rates: Sequence[YearlyRate]) -> Interest | None:
    """Return the interest on a part of the principal that comes back on a day, None when none has run yet.

    Source: Act 681/2023, section 71.2; Act 633/1982, section 4.1.
    """
    running = interest_runs(
        starts=recovery.interest_starts, paid_on=recovery.paid_on, due_on=recovery.due_on, until=until
    )
    if running is None:
        return None
    return simple_interest(principal_cents, running, rates, days_in_year=recovery.days_in_year)


def settle(
    session: Session,
    recovery_id: int,
    *,
    principal_cents: int,
    reference: str,
    rates: Sequence[YearlyRate],
    by: int,
    at: datetime,
    on: date,
) -> RecoverySettlement:
    """Book money that came back: the principal, and its interest to that day as a leg of its own.

    `reference` is the bank's: the same one again returns what it booked. Raises Refused for more than is left.
    """
    recovery = _locked(session, recovery_id)
    known = _settled(session, recovery, reference)
    if known is not None:
        return known
    if not 0 < principal_cents <= left_of(session, recovery):
        raise Refused("beyond-owed", recovery=recovery.ref, left=left_of(session, recovery))
    interest = interest_on(recovery, principal_cents, on, rates)
    interest_cents = interest.cents if interest else 0
    row = _add(session, recovery, SettlementKind.PAID, principal_cents, interest_cents, reference, by, at, on)
    subject = session.get_one(Claim, recovery.claim_id).ref
    where = (recovery.county_id, subject, recovery.care_year)
    legs: list[Leg] = [
        debit(Account.BANK, principal_cents + interest_cents, *where),
        credit(Account.RECOVERABLE, principal_cents, *where),
    ]
    if interest_cents:
        legs.append(credit(Account.INTEREST, interest_cents, *where))
    ledger.post(session, Posting("recovery-settled", f"{recovery.ref}/{reference}", on, tuple(legs)), at=at)
    return row


def book_settlement(
    session: Session, recovery_id: int, cents: int, payment_ref: str, *, by: int, at: datetime, on: date
) -> None:
    """Note that a payment was lessened by a recovery; the payment's own entry books it. Set-off bears no interest."""
    recovery = _locked(session, recovery_id)
    if _settled(session, recovery, payment_ref) is None:
        _add(session, recovery, SettlementKind.SET_OFF, cents, 0, payment_ref, by, at, on)


def _settled(session: Session, recovery: Recovery, reference: str) -> RecoverySettlement | None:
    query = select(RecoverySettlement).where(
        RecoverySettlement.recovery_id == recovery.id, RecoverySettlement.reference == reference
    )
    return session.exec(query).one_or_none()


def _add(
    session: Session,
    recovery: Recovery,
    kind: SettlementKind,
    principal_cents: int,
    interest_cents: int,
    reference: str,
    by: int,
    at: datetime,
    on: date,
) -> RecoverySettlement:
    row = RecoverySettlement(
        recovery_id=recovery.id or 0,
        kind=kind,
        principal_cents=principal_cents,
        interest_cents=interest_cents,
        settled_on=on,
        reference=reference,
        by=by,
        at=at,
    )
    session.add(row)
    session.flush()
    return row


def _locked(session: Session, recovery_id: int) -> Recovery:
    recovery = session.get(Recovery, recovery_id, with_for_update=True, populate_existing=True)
    if recovery is None:
        raise ClaimNotFound(recovery_id)
    return recovery
