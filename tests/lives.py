"""Random lives of claims: a seeded run of operations against the real services, and a plain record of what happened.

The record knows nothing of the books: it holds raw events (approved, paid, sent back, ordered, settled) with their
sums, and is added up in plain Python to what the balances must be.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from agreements import claim_reads, claims, ledger, paying, recovering, review
from agreements.claim_building import Material
from agreements.claim_tables import Claim, ClaimStatus, Verdict
from agreements.claim_values import CarePeriod, Gate
from agreements.claims import Start
from agreements.interest_rules import YearlyRate
from agreements.ledger import MonthRefused
from agreements.ledger_tables import PostingPeriod
from agreements.paying import Offset
from agreements.payment_tables import Payment, Recovery
from agreements.period import Period
from agreements.recovering import InterestTerms, Order
from agreements.refused import ClaimHasProblems, Refused
from agreements.review import Say
from placement.db import Database
from placement.references import new
from placement.refusals import Refusal
from placement.reimbursed import evidence
from tests.claiming import CLEAR, Scene, budget, care, cost, invoice, price
from tests.placing import actor

RATES = [YearlyRate(Period(date(2019, 1, 1), date(2039, 12, 31)), 950)]
BEGIN = date(2026, 8, 1)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


class NothingThere(Exception):
    """The operation drawn has nothing to act on yet."""


@dataclass
class Life:
    """One sequence: its dice, its clock, what it knows and what happened."""

    rng: random.Random
    who: Scene
    number: int
    day: date = BEGIN
    claims: list[int] = field(default_factory=list)
    stays: list[CarePeriod] = field(default_factory=list)
    events: list[tuple[str, str, int, int, date]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    vouchers: int = 0

    @property
    def at(self) -> datetime:
        from tests.conftest import NOW

        return NOW + timedelta(days=(self.day - BEGIN).days)

    def note(self, what: str, ref: str, year: int, cents: int) -> None:
        self.events.append((what, ref, year, cents, self.day))


def live(database: Database, who: Scene, seed: int, number: int, steps: int) -> Life:
    """Run `steps` random operations, each in its own transaction; a refusal is one, nothing to act on is none."""
    life = Life(random.Random(f"{seed}:{number}"), who, number)
    _grant(database, life)
    lived = tried = 0
    while lived < steps:
        tried += 1
        assert tried < 40 * steps, f"life {seed}:{number} found nothing to do"
        operation = life.rng.choices(OPERATIONS, WEIGHTS)[0]
        before = len(life.events)
        try:
            database.write(lambda session, operation=operation: operation(session, life))  # type: ignore[misc]
            life.done[operation.__name__] += 1
        except NothingThere:
            continue
        except (Refused, Refusal, MonthRefused) as refused:
            del life.events[before:]
            life.refused[getattr(refused, "code", "month")] += 1
        lived += 1
        life.day += timedelta(days=life.rng.choice((0, 0, 0, 1, 1, 5)))
    return life


def _grant(database: Database, life: Life) -> None:
    who = life.who

    def work(session: Session) -> None:
        lines = [budget(kind, life.rng.randint(1, 30_000_000), days=YEAR) for kind in ("place_days", "rent", "food")]
        what = Start(new("CL"), Gate.COST, who.county, who.centre, YEAR)
        claim = claims.start(session, what, lines, by=who.officer, at=life.at)
        claims.send(
            session, claim.id or 0, CLEAR, version=claim.version, by=who.officer, at=life.at, on=life.day, declared=True
        )
        review.take(session, claim.id or 0, version=claim.version, by=who.reviewer, at=life.at)
        rows = claim_reads.lines(session, claim)
        review.approve_clean(session, claim.id or 0, [row.id or 0 for row in rows], by=who.reviewer, at=life.at)
        review.decide(
            session, claim.id or 0, version=claim.version, by=who.reviewer, second=who.second, at=life.at, on=life.day
        )
        life.note("granted", claim.ref, 2026, sum(row.claimed_cents for row in rows))

    database.write(work)


def _claim(session: Session, life: Life, *statuses: ClaimStatus) -> Claim:
    found = [
        claim
        for key in life.claims
        if (claim := session.get(Claim, key, populate_existing=True)) is not None
        and (not statuses or claim.status in statuses)
    ]
    if not found:
        raise NothingThere
    return life.rng.choice(found)


def start(session: Session, life: Life) -> None:
    rng = life.rng
    month = rng.randint(1, 12)
    first = date(2026, month, 1)
    period = Period(first, first + timedelta(days=rng.randint(0, 27)))
    stays, invoices = [], []
    for _ in range(rng.randint(0, 2)):
        life.vouchers += 1
        child = f"CH-{life.number % 10_000:04d}-{rng.randint(1, 3):04d}"
        unit = life.who.units[0]
        stay = care(child, unit=unit, arrived=first, left=first + timedelta(days=rng.randint(1, 40)))
        stays.append(stay)
        invoices.append(
            invoice(
                child, unit=unit, days=period, cents=rng.randint(1, 900_000), voucher=f"V{life.number}-{life.vouchers}"
            )
        )
    costs = []
    for _ in range(rng.randint(0, 3)):
        life.vouchers += 1
        costs.append(
            cost(
                rng.choice(("rent", "food", "staff")) if rng.random() < 0.1 else rng.choice(("rent", "food")),
                rng.randint(1, 500_000),
                unit=life.who.units[1],
                voucher=f"C{life.number}-{life.vouchers}",
                days=period,
                other_income_cents=rng.choice((0, 0, 500)),
            )
        )
    what = Start(new("CL"), Gate.PAYMENT, life.who.county, life.who.agency, period)
    material = Material(
        period,
        tuple(stays),
        (price(unit=life.who.units[0], cents=rng.randint(1, 30_000)),),
        tuple(invoices),
        tuple(costs),
    )
    claim = claims.build(session, what, material, by=life.who.officer, at=life.at)
    session.flush()
    life.claims.append(claim.id or 0)
    life.stays += stays


def send(session: Session, life: Life) -> None:
    claim = _claim(session, life, ClaimStatus.DRAFT, ClaimStatus.SENT)
    known = claim.status is ClaimStatus.SENT
    try:
        claims.send(
            session,
            claim.id or 0,
            CLEAR,
            version=claim.version - (1 if known else 0),
            by=life.who.officer,
            at=life.at,
            on=life.day,
            declared=True,
        )
    except ClaimHasProblems:
        rows = claim_reads.lines(session, claim)
        keep = [claim_reads.value_of(row) for row in rows if row.grant_line_id is not None]
        claims.rewrite(session, claim.id or 0, keep[:1], version=claim.version, by=life.who.officer, at=life.at)


def take_back(session: Session, life: Life) -> None:
    claim = _claim(session, life, ClaimStatus.SENT, ClaimStatus.IN_REVIEW)
    claims.take_back(
        session, claim.id or 0, version=claim.version, by=life.who.officer, at=life.at, on=life.day, reason="mistake"
    )


def take(session: Session, life: Life) -> None:
    claim = _claim(session, life, ClaimStatus.SENT, ClaimStatus.IN_REVIEW)
    review.take(session, claim.id or 0, version=claim.version, by=life.who.examiner, at=life.at)


def say(session: Session, life: Life) -> None:
    claim = _claim(session, life, ClaimStatus.IN_REVIEW)
    what = []
    for row in claim_reads.lines(session, claim):
        verdict = life.rng.choice(
            (
                *[Verdict.APPROVE] * 12,
                Verdict.PART,
                Verdict.PART,
                Verdict.PART,
                Verdict.REJECT,
                Verdict.PARK,
                Verdict.ASK,
            )
        )
        part = verdict is Verdict.PART and row.claimed_cents > 1
        if verdict is Verdict.PART and not part:
            verdict = Verdict.APPROVE
        cents = life.rng.randint(1, row.claimed_cents - 1) if part else None
        what.append(Say(row.id or 0, verdict, cents, "code", "why"))
    review.say(session, claim.id or 0, what, by=life.who.examiner, at=life.at)


def decide(session: Session, life: Life) -> None:
    claim = _claim(session, life, ClaimStatus.IN_REVIEW, ClaimStatus.DECIDED)
    known = claim.decision_no
    made = review.decide(
        session, claim.id or 0, version=claim.version, by=life.who.examiner, second=None, at=life.at, on=life.day
    )
    if not known:
        life.note("approved", claim.ref, 2026, made.approved_cents)


def correct(session: Session, life: Life) -> None:
    claim = _claim(session, life, ClaimStatus.DECIDED)
    before = claim_reads.decision(session, claim)
    row = life.rng.choice(claim_reads.lines(session, claim))
    cents = life.rng.choice((0, row.claimed_cents, life.rng.randint(0, max(0, row.claimed_cents))))
    made = review.correct(
        session,
        claim.id or 0,
        {row.id or 0: cents},
        version=claim.version,
        proposed_by=life.who.examiner,
        by=life.who.second,
        at=life.at,
        on=life.day,
        reason="recounted",
    )
    life.note("approved", claim.ref, 2026, made.approved_cents - (before.approved_cents if before else 0))


def confirm(session: Session, life: Life) -> None:
    claim = _claim(session, life, ClaimStatus.DECIDED)
    left = paying.payable_left(session, claim)
    cents = life.rng.choice((None, left, max(1, left // 2), left + 1))
    offsets: tuple[Offset, ...] = ()
    recovery = _recovery(session, life)
    if recovery is not None and life.rng.random() < 0.5:
        part = min(recovering.left_of(session, recovery), left if cents is None else cents)
        if part > 0:
            offsets = (Offset(part, recovery_id=recovery.id),)
    paying.confirm(
        session,
        claim.id or 0,
        ref=new("PA"),
        cents=cents,
        by=life.who.payer,
        at=life.at,
        on=life.day,
        offsets=offsets,
    )


def _payment(session: Session, life: Life) -> Payment:
    query = select(Payment).where(col(Payment.claim_id).in_(life.claims)).order_by(col(Payment.id))
    rows = session.exec(query).all()
    if not rows:
        raise NothingThere
    return life.rng.choice(rows)


def release(session: Session, life: Life) -> None:
    payment = _payment(session, life)
    known = payment.released_at
    paid = paying.release(session, payment.id or 0, by=life.who.payer_2, at=life.at, on=life.day)
    if known is None:
        claim = session.get_one(Claim, paid.claim_id)
        life.note("paid", claim.ref, 2026, paid.cents)
        life.note("bank-out", claim.ref, 2026, paid.cents - paid.set_off_cents)
        life.note("set-off", claim.ref, 2026, paid.set_off_cents)


def sent_back(session: Session, life: Life) -> None:
    payment = _payment(session, life)
    if payment.returned_at is None:
        back = paying.sent_back(session, payment.id or 0, reason="closed", by=life.who.payer, at=life.at, on=life.day)
        claim = session.get_one(Claim, back.claim_id)
        life.note("paid", claim.ref, 2026, -(back.cents - back.set_off_cents))
        life.note("bank-out", claim.ref, 2026, -(back.cents - back.set_off_cents))


def order(session: Session, life: Life) -> None:
    claim = _claim(session, life, ClaimStatus.DECIDED)
    known = session.exec(
        select(Recovery).where(Recovery.claim_id == claim.id, Recovery.decision_no == claim.decision_no)
    ).one_or_none()
    what = Order(
        new("RE"),
        2026,
        life.day - timedelta(days=20),
        life.day - timedelta(days=1),
        "",
        "unfounded",
        life.day + timedelta(days=30),
    )
    made = recovering.order(
        session, claim.id or 0, what, InterestTerms("due_day", 365), by=life.who.examiner, at=life.at, on=life.day
    )
    if known is None:
        life.note("ordered", claim.ref, 2026, made.principal_cents)


def _recovery(session: Session, life: Life) -> Recovery | None:
    query = select(Recovery).where(col(Recovery.claim_id).in_(life.claims)).order_by(col(Recovery.id))
    rows = session.exec(query).all()
    return life.rng.choice(rows) if rows else None


def settle(session: Session, life: Life) -> None:
    recovery = _recovery(session, life)
    if recovery is None:
        raise NothingThere
    left = recovering.left_of(session, recovery)
    reference = f"B{life.rng.randint(1, 4)}"
    before = left
    row = recovering.settle(
        session,
        recovery.id or 0,
        principal_cents=life.rng.choice((left, max(1, left // 3), left + 1)),
        reference=reference,
        rates=RATES,
        by=life.who.payer,
        at=life.at,
        on=life.day + timedelta(days=life.rng.choice((0, 60))),
    )
    if recovering.left_of(session, recovery) != before:
        claim = session.get_one(Claim, recovery.claim_id)
        life.events.append(("settled", claim.ref, 2026, row.principal_cents, row.settled_on))
        life.events.append(("interest", claim.ref, 2026, row.interest_cents, row.settled_on))


def close_month(session: Session, life: Life) -> None:
    open_months = sorted(row.code for row in session.exec(select(PostingPeriod)) if row.closed_at is None)
    if not open_months:
        raise NothingThere
    ledger.close_month(session, open_months[0], by=life.who.payer, at=life.at)


def prove(session: Session, life: Life) -> None:
    """Keep a receipt of the county: one at times one that is kept already, or a file of a wrong kind."""
    number = life.rng.randint(1, 4)
    content = life.rng.choice((b"%PDF-1.7", b"%PDF-1.7", b"%PDF-1.7", b"PK")) + b" receipt %d" % number
    evidence.add(session, actor(session, "claims-officer"), f"receipt {life.number}.pdf", content, at=life.at)


OPERATIONS = (
    start,
    prove,
    send,
    take_back,
    take,
    say,
    decide,
    correct,
    confirm,
    release,
    sent_back,
    order,
    settle,
    close_month,
)
WEIGHTS = (3, 1, 6, 1, 6, 6, 9, 6, 9, 12, 1, 6, 4, 1)
