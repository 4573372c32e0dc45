"""Checks that claims, payments and recoveries are what the books say; and all money rules together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements import check_claims, check_ledger
from agreements.check import Result
from agreements.check_claims import Claims
from agreements.claim_rules import last_day_of_recovery
from agreements.claim_tables import Claim, ClaimStatus
from agreements.claim_values import CarePeriod, Gate
from agreements.ledger_rules import Account, Side
from agreements.ledger_tables import LedgerEntry, LedgerLeg
from agreements.payment_tables import Payment, PaymentOffset, Recovery, RecoverySettlement, SettlementKind

Moved = dict[tuple[str, str, Account], int]
"""Debits less credits by subject, kind of event and account, in cents. Events of another claim or payment that moved
the subject's account have "other:" before their kind."""


def run_all(
    session: Session, *, care: Iterable[CarePeriod] = (), content_of: Callable[[int], bytes | None] = lambda _: None
) -> list[Result]:
    """Return L1 to L21, each once; the session must be able to write (see check_ledger)."""
    books = check_claims.load(session)
    moved = _moved(session)
    payments = list(session.exec(select(Payment).order_by(col(Payment.id))))
    recoveries = list(session.exec(select(Recovery).order_by(col(Recovery.id))))
    results = [
        *check_ledger.run(session),
        *check_claims.run(session, books, care=care, content_of=content_of),
        approved_is_booked(books, moved),
        paid_is_owed(session, books, payments, recoveries, moved),
        paid_once(session, payments),
        different_people(books, payments),
        recovered_in_time(session, recoveries, moved),
        payments_follow(session, books, payments, moved),
    ]
    merged: dict[str, Result] = {}
    for one in results:
        known = merged.get(one.id)
        merged[one.id] = (
            one if known is None else Result(one.id, known.checked + one.checked, known.breaches + one.breaches)
        )
    return sorted(merged.values(), key=lambda one: int(one.id[1:]))


def _moved(session: Session) -> Moved:
    signed = sa.case((col(LedgerLeg.side) == Side.DEBIT, LedgerLeg.cents), else_=-LedgerLeg.cents)
    own = col(LedgerEntry.source_id).startswith(col(LedgerLeg.subject))
    kind = sa.case((own, LedgerEntry.source_kind), else_=sa.literal("other:").concat(col(LedgerEntry.source_kind)))
    query = (
        sa.select(LedgerLeg.subject, kind, LedgerLeg.account, sa.func.sum(signed))  # type: ignore[call-overload]
        .join(LedgerEntry, col(LedgerEntry.id) == LedgerLeg.entry_id)
        .group_by(LedgerLeg.subject, kind, LedgerLeg.account)
    )
    return {(subject, word, account): int(cents) for subject, word, account, cents in session.execute(query)}


def _sum(moved: Moved, subject: str, account: Account, *kinds: str) -> int:
    return sum(moved.get((subject, kind, account), 0) for kind in kinds)


def _approved(books: Claims, claim: Claim) -> int:
    made = books.standing(claim)
    return made.approved_cents if made else 0


def approved_is_booked(books: Claims, moved: Moved) -> Result:
    """L9: approved of the lines = approved of the claim = what its decisions credited to payable (or to granted)."""
    decided = [claim for claim in books.claims.values() if claim.status is ClaimStatus.DECIDED]
    breaches = []
    for claim in decided:
        lines = sum(
            said.approved_cents for line in books.lines.get(claim.id or 0, []) if (said := books.of(line, claim))
        )
        account = Account.PAYABLE if claim.gate is Gate.PAYMENT else Account.GRANTED
        booked = -_sum(moved, claim.ref, account, "claim-decided", "claim-corrected")
        if not lines == _approved(books, claim) == booked:
            breaches.append(f"{claim.ref}: lines {lines}, decision {_approved(books, claim)}, books {booked} cents")
    return Result("L9", len(decided), breaches)


def paid_is_owed(
    session: Session, books: Claims, payments: list[Payment], recoveries: list[Recovery], moved: Moved
) -> Result:
    """L10: nothing is paid that is not owed; what was paid beyond what stands is open until it has come back."""
    decided = [one for one in books.claims.values() if one.status is ClaimStatus.DECIDED and one.gate is Gate.PAYMENT]
    breaches = []
    for claim in decided:
        paid = sum(one.cents - _returned(one) for one in payments if one.claim_id == claim.id and one.released_at)
        ordered = sum(one.principal_cents for one in recoveries if one.claim_id == claim.id)
        owed = -sum(
            cents
            for (subject, _, account), cents in moved.items()
            if (subject, account) == (claim.ref, Account.PAYABLE)
        )
        if paid < 0 or owed != _approved(books, claim) - paid + ordered:
            breaches.append(f"{claim.ref}: approved {_approved(books, claim)}, paid {paid}, owed {owed} cents")
    settled: Counter[int] = Counter()
    for row in session.exec(select(RecoverySettlement)):
        settled[row.recovery_id] += row.principal_cents
    open_by_claim: Counter[str] = Counter()
    for recovery in recoveries:
        left = recovery.principal_cents - settled[recovery.id or 0]
        if left < 0:
            breaches.append(f"{recovery.ref}: more came back than was ordered")
        open_by_claim[books.claims[recovery.claim_id].ref] += left
    for (subject, _, account), cents in moved.items():
        if account is Account.RECOVERABLE:
            open_by_claim[subject] -= cents
    breaches += [
        f"{ref}: recoveries and books differ by {cents} cents" for ref, cents in open_by_claim.items() if cents
    ]
    return Result("L10", len(decided), breaches)


def _returned(payment: Payment) -> int:
    return payment.cents - payment.set_off_cents - payment.netted_cents if payment.returned_at else 0


def paid_once(session: Session, payments: list[Payment]) -> Result:
    """L11: an instalment of a decision is paid at most once, and each released payment is booked exactly once."""
    claims = [one for one in payments if one.claim_id is not None and one.returned_at is None]
    counts = Counter((one.claim_id, one.decision_no, one.instalment) for one in claims)
    breaches = [
        f"claim {key[0]}, decision {key[1]}: instalment {key[2]} stands {n} times" for key, n in counts.items() if n > 1
    ]
    query = select(LedgerEntry.source_id).where(LedgerEntry.source_kind == "payment-released")
    booked = Counter(session.exec(query))
    released = Counter(one.ref for one in payments if one.released_at is not None)
    breaches += [
        f"{ref} is released {released[ref]} and booked {booked[ref]} times"
        for ref in booked.keys() | released.keys()
        if booked[ref] != released[ref]
    ]
    return Result("L11", len(payments), breaches)


def different_people(books: Claims, payments: list[Payment]) -> Result:
    """L16: who made the claim, who decided it, who confirmed and who released its payment are different people."""
    breaches, checked = [], 0
    for claim in books.claims.values():
        makers = {claim.prepared_by, claim.sent_by}
        if claim.four_eyes and claim.sent_by == claim.prepared_by:
            breaches.append(f"{claim.ref} was prepared and sent by one person")
        hands = set(makers)
        for made in books.decisions.get(claim.id or 0, []):
            checked += 1
            deciders = {made.decided_by, made.second_id} - {None}
            if deciders & makers or made.decided_by == made.second_id:
                breaches.append(f"{claim.ref}: decision {made.number} was made by who made the claim, or by one alone")
            if made.number == claim.decision_no:
                hands |= deciders
        for payment in payments:
            if payment.claim_id == claim.id and payment.decision_no == claim.decision_no:
                checked += 1
                if {payment.confirmed_by, payment.released_by} & hands - {None}:
                    breaches.append(f"{payment.ref} was paid by who had a hand in {claim.ref}")
    breaches += [
        f"{one.ref} was confirmed and released by one person" for one in payments if one.confirmed_by == one.released_by
    ]
    return Result("L16", checked, breaches)


def recovered_in_time(session: Session, recoveries: list[Recovery], moved: Moved) -> Result:
    """L21: ordered back by the fifth calendar year after the year paid for; interest is a leg of its own."""
    breaches = []
    for one in recoveries:
        last = last_day_of_recovery(one.care_year)
        if one.last_day != last or one.decided_on > last:
            breaches.append(f"{one.ref} was ordered on {one.decided_on}; the last day was {last}")
    interest = {
        (subject, kind): cents for (subject, kind, account), cents in moved.items() if account is Account.INTEREST
    }
    booked = -sum(interest.values())
    counted = sum(row.interest_cents for row in session.exec(select(RecoverySettlement)))
    if booked != counted:
        breaches.append(f"interest booked is {booked} cents, interest settled {counted}")
    return Result("L21", len(recoveries), breaches)


def payments_follow(session: Session, books: Claims, payments: list[Payment], moved: Moved) -> Result:
    """L18 for payments: set-offs and nettings are the sums of their rows, and what is under review is what is sent."""
    offsets: Counter[tuple[int, bool]] = Counter()
    for row in session.exec(select(PaymentOffset)):
        offsets[(row.payment_id, row.recovery_id is not None)] += row.cents
    breaches = [
        f"{one.ref}: its set-off and netting are not the sums of their rows"
        for one in payments
        if (offsets[(one.id or 0, True)], offsets[(one.id or 0, False)]) != (one.set_off_cents, one.netted_cents)
    ]
    set_off = Counter(
        {
            row.reference: row.principal_cents
            for row in session.exec(select(RecoverySettlement))
            if row.kind is SettlementKind.SET_OFF
        }
    )
    breaches += [
        f"{one.ref}: its set-off settled no recovery"
        for one in payments
        if one.released_at and one.set_off_cents and not set_off[one.ref]
    ]
    for claim in books.claims.values():
        waiting = claim.status in (ClaimStatus.SENT, ClaimStatus.IN_REVIEW)
        claimed = sum(line.claimed_cents for line in books.lines.get(claim.id or 0, [])) if waiting else 0
        booked = -sum(
            cents
            for (subject, _, account), cents in moved.items()
            if (subject, account) == (claim.ref, Account.UNDER_REVIEW)
        )
        if claimed != booked:
            breaches.append(f"{claim.ref}: {booked} cents are under review, {claimed} were sent")
    return Result("L18", len(payments), breaches)
