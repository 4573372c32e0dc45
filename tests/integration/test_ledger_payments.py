"""Payments, corrections, recoveries and set-off of a decided claim, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from agreements import claim_reads, claims, paying, recovering, review, statements
from agreements.claim_tables import Claim, ClaimDecision
from agreements.claim_values import Basis, Gate, Line
from agreements.claims import Start
from agreements.interest_rules import YearlyRate
from agreements.ledger_rules import Account
from agreements.ledger_tables import LedgerEntry
from agreements.paying import Offset
from agreements.payment_tables import Payment, Recovery
from agreements.period import Period
from agreements.recovering import InterestTerms, Order
from agreements.refused import Refused
from placement.references import new
from tests.claim_steps import CHILD, breaches, fresh, granted, material, net
from tests.claiming import (
    CLEAR,
    HALF,
    apply,
    approved_claim,
    budget,
    care,
    decide,
    grant,
    invoice,
    pay,
    review_all,
    scene,
    send,
)
from tests.conftest import NOW

RATES = [YearlyRate(Period(date(2019, 1, 1), date(2031, 12, 31)), 950)]
TERMS = InterestTerms("due_day", 365)


@pytest.fixture
def do(database: Any) -> Any:
    return database.write


@pytest.fixture
def who(do: Any) -> Any:
    return do(scene)


def test_a_payment_is_confirmed_and_released_by_two_people_who_had_no_hand_in_the_claim(do, who):
    granted(do, who)
    claim = do(lambda s: approved_claim(s, who, material(who)))

    def confirm(by: int, cents: int | None = None) -> Payment:
        return do(
            lambda s: paying.confirm(s, claim.id, ref=new("PA"), cents=cents, by=by, at=NOW, on=date(2026, 10, 1))
        )

    def release(payment: Payment, by: int) -> Payment:
        return do(lambda s: paying.release(s, payment.id, by=by, at=NOW, on=date(2026, 10, 1)))

    for hand in (who.officer, who.examiner):
        with pytest.raises(Refused, match="own-claim"):
            confirm(hand)
    with pytest.raises(Refused, match="beyond-owed"):
        confirm(who.payer, 5_100_001)
    payment = confirm(who.payer)
    assert confirm(who.payer).id == payment.id
    with pytest.raises(Refused, match="beyond-owed"):
        confirm(who.payer_2)
    for hand, code in ((who.payer, "second-is-first"), (who.examiner, "own-claim")):
        with pytest.raises(Refused, match=code):
            release(payment, hand)
    first = release(payment, who.payer_2)
    second = release(payment, who.payer_2)
    assert (first.released_at, second.released_at) == (NOW, NOW)
    assert net(do, claim.ref)["bank"] == -5_100_000
    with pytest.raises(Refused, match="beyond-owed"):
        confirm(who.payer)


def test_the_database_itself_refuses_one_person_for_both_and_a_second_payment(do, who, database):
    granted(do, who)
    claim = do(lambda s: approved_claim(s, who, material(who)))
    payment = do(lambda s: pay(s, who, claim, cents=100))
    for statement in (
        "UPDATE payment SET released_by = confirmed_by",
        "INSERT INTO payment (ref, claim_id, decision_no, instalment, county_id, cents, set_off_cents, netted_cents,"
        " confirmed_by, confirmed_at) SELECT 'PA-X', claim_id, decision_no, instalment, county_id, 5, 0, 0,"
        " confirmed_by, confirmed_at FROM payment",
        "UPDATE claim_line SET claimed_cents = ceiling_cents + 1 WHERE basis = 'place-day'",
        "UPDATE claim_decision SET approved_cents = 1",
        "UPDATE claim_decision_line SET approved_cents = 1, rejected_cents = claimed_cents - 1",
        "DELETE FROM claim_event",
        "UPDATE claim_line SET note = 'edited'",
        "DELETE FROM claim_line",
        "UPDATE claim_version SET claimed_cents = 1",
        "DELETE FROM claim_version",
        "INSERT INTO claim_line (version_id, line_no, gate, basis, cost_kind, first_day, last_day, care_year, days,"
        " claimed_cents, vat_cents, other_income_cents, supplier, voucher, clause, note, late_reason)"
        " SELECT version_id, 99, gate, basis, cost_kind, first_day, last_day, care_year, days, 1, 0, 0, supplier,"
        " voucher, clause, note, late_reason FROM claim_line WHERE basis = 'actual'",
    ):
        with pytest.raises(sa.exc.DBAPIError), database.writer.begin() as connection:
            connection.execute(sa.text(statement))
    assert payment.instalment == 1


def test_an_approved_claim_that_waits_for_an_appropriation_is_not_paid(do, who):
    granted(do, who)
    claim = do(lambda s: approved_claim(s, who, material(who)))
    do(lambda s: paying.wait_for_appropriation(s, claim.id, since=date(2026, 9, 20), until=None))
    with pytest.raises(Refused, match="waits-for-appropriation"):
        do(lambda s: pay(s, who, claim))
    do(lambda s: paying.wait_for_appropriation(s, claim.id, since=date(2026, 9, 20), until=date(2026, 9, 30)))
    do(lambda s: pay(s, who, claim))


def test_instalments_add_up_and_a_payment_sent_back_is_owed_again(do, who):
    granted(do, who)
    claim = do(lambda s: approved_claim(s, who, material(who)))
    first = do(lambda s: pay(s, who, claim, cents=5_000_000))
    second = do(lambda s: pay(s, who, claim))
    assert (first.instalment, second.instalment, second.cents) == (1, 2, 100_000)
    do(lambda s: paying.record_paid(s, first.id, bank_reference="RF1", by=who.payer, at=NOW))
    do(lambda s: paying.record_paid(s, first.id, bank_reference="RF1", by=who.payer, at=NOW))
    with pytest.raises(Refused, match="wrong-state"):
        do(lambda s: paying.record_paid(s, first.id, bank_reference="RF2", by=who.payer, at=NOW))
    for _ in range(2):
        do(
            lambda s: paying.sent_back(
                s, second.id, reason="account closed", by=who.payer, at=NOW, on=date(2026, 10, 9)
            )
        )
    assert net(do, claim.ref) == {"reimbursement": 5_100_000, "bank": -5_000_000, "payable": -100_000}
    again = do(lambda s: pay(s, who, claim))
    assert again.cents == 100_000
    assert "payable" not in net(do, claim.ref)
    assert breaches(do) == {}


def correct(do: Any, who: Any, claim: Claim, approved: dict[int, int], **changes: Any) -> ClaimDecision:
    rows = do(lambda s: claim_reads.lines(s, claim))
    values = {"proposed_by": who.examiner, "by": who.second, "reason": "the child had left", "on": date(2026, 11, 2)}
    return do(
        lambda s: review.correct(
            s,
            claim.id,
            {rows[number - 1].id: cents for number, cents in approved.items()},
            version=fresh(do, claim).version,
            at=NOW,
            **values | changes,
        )
    )


def test_a_correction_reverses_the_old_entry_books_a_new_one_and_edits_nothing(do, who):
    granted(do, who)
    claim = do(lambda s: approved_claim(s, who, material(who)))
    made = correct(do, who, claim, {1: 4_000_000})
    assert (made.number, made.approved_cents) == (2, 4_600_000)
    kinds = do(lambda s: [(row.source_kind, row.reverses_entry_id) for row in s.exec(select(LedgerEntry))])
    assert kinds[-2:] == [("claim-corrected", len(kinds) - 2), ("claim-decided", None)]
    assert net(do, claim.ref) == {"reimbursement": 4_600_000, "payable": -4_600_000}
    for approved, changes, code in (
        ({1: 4_000_000}, {}, "nothing-changes"),
        ({1: 4_500_001}, {}, "part-not-between"),
        ({1: -1}, {}, "part-not-between"),
        ({1: 1}, {"by": who.examiner}, "second-is-first"),
        ({1: 1}, {"by": who.officer}, "own-claim"),
        ({1: 1}, {"reason": ""}, "reason-missing"),
    ):
        with pytest.raises(Refused, match=code):
            correct(do, who, claim, approved, **changes)
    assert breaches(do) == {}


def test_a_refused_line_that_another_claim_took_over_is_not_approved_by_a_correction(do, who):
    granted(do, who)
    free = do(lambda s: approved_claim(s, who, material(who)))
    correct(do, who, free, {1: 0})
    correct(do, who, free, {1: 1_000_000})  # nobody else claims the days: they may be approved again
    correct(do, who, free, {1: 0})
    other = do(lambda s: send(s, who, apply(s, who, material(who, costs=()))))
    with pytest.raises(Refused, match="claimed-since") as refused:
        correct(do, who, free, {1: 1_000_000})
    assert refused.value.facts == {"line": 1, "other": other.ref}
    correct(do, who, free, {2: 500_000})
    assert breaches(do) == {}


def test_a_payment_confirmed_before_a_correction_is_not_released_after_it(do, who):
    granted(do, who)
    claim = do(lambda s: approved_claim(s, who, material(who)))
    payment = do(
        lambda s: paying.confirm(s, claim.id, ref=new("PA"), cents=None, by=who.payer, at=NOW, on=date(2026, 10, 1))
    )
    correct(do, who, claim, {1: 4_000_000})
    with pytest.raises(Refused, match="decision-replaced"):
        do(lambda s: paying.release(s, payment.id, by=who.payer_2, at=NOW, on=date(2026, 11, 3)))
    assert do(lambda s: pay(s, who, claim)).cents == 4_600_000


def overpaid_claim(do: Any, who: Any) -> Claim:
    granted(do, who)
    claim = do(lambda s: approved_claim(s, who, material(who)))
    do(lambda s: pay(s, who, claim))
    correct(do, who, claim, {1: 4_000_000})
    return claim


def an_order(**changes: Any) -> Order:
    values = {
        "ref": new("RE"),
        "care_year": 2026,
        "heard_from": date(2026, 11, 3),
        "heard_by": date(2026, 11, 17),
        "statement": "",
        "reason": "the child had left",
        "due_on": date(2026, 12, 18),
    }
    return Order(**values | changes)


def order(do: Any, who: Any, claim: Claim, on: date = date(2026, 11, 18), **changes: Any) -> Recovery:
    what = an_order(**changes)
    return do(lambda s: recovering.order(s, claim.id, what, TERMS, by=who.examiner, at=NOW, on=on))


def test_what_was_overpaid_is_ordered_back_and_comes_back_with_interest_apart(do, who):
    claim = overpaid_claim(do, who)
    recovery = order(do, who, claim)
    assert (recovery.principal_cents, recovery.last_day) == (500_000, date(2031, 12, 31))
    assert order(do, who, claim).id == recovery.id
    assert net(do, claim.ref) == {"reimbursement": 4_600_000, "bank": -5_100_000, "recoverable": 500_000}

    def settle(cents: int, reference: str, on: date) -> Any:
        return do(
            lambda s: recovering.settle(
                s, recovery.id, principal_cents=cents, reference=reference, rates=RATES, by=who.payer, at=NOW, on=on
            )
        )

    assert settle(200_000, "A", date(2026, 12, 18)).interest_cents == 0
    # 3 000.00 € × 9.5 % × 13 days / 365 = 10.1506… €
    assert settle(300_000, "B", date(2026, 12, 31)).interest_cents == 1_015
    assert settle(300_000, "B", date(2026, 12, 31)).interest_cents == 1_015
    with pytest.raises(Refused, match="beyond-owed"):
        settle(1, "C", date(2026, 12, 31))
    assert net(do, claim.ref) == {"reimbursement": 4_600_000, "bank": -4_598_985, "interest": -1_015}
    assert breaches(do) == {}


@pytest.mark.parametrize(
    ("on", "changes", "code"),
    [
        (date(2032, 1, 1), {"due_on": date(2032, 2, 1)}, "recovery-too-late"),
        (date(2026, 11, 17), {}, "not-heard"),
        (date(2026, 11, 18), {"reason": ""}, "reason-missing"),
        (date(2026, 11, 18), {"care_year": 2025}, "nothing-overpaid"),
    ],
)
def test_an_order_too_late_unheard_unreasoned_or_for_nothing_is_refused(do, who, on, changes, code):
    claim = overpaid_claim(do, who)
    with pytest.raises(Refused, match=code):
        order(do, who, claim, on=on, **changes)


def test_a_recovery_is_set_off_and_an_advance_netted_in_the_next_payment(do, who):
    claim = overpaid_claim(do, who)
    recovery = order(do, who, claim)
    advance = do(
        lambda s: paying.confirm_advance(
            s, ref=new("PA"), county_id=who.county, care_year=2026, cents=50_000, by=who.payer, at=NOW
        )
    )
    do(lambda s: paying.release(s, advance.id, by=who.payer_2, at=NOW, on=date(2026, 10, 5)))
    other = care("CH-BBBB-0002", unit=who.units[0])
    bought = invoice("CH-BBBB-0002", unit=who.units[0], cents=900_000, voucher="V2")
    second = do(lambda s: approved_claim(s, who, material(who, care=(other,), invoices=(bought,), costs=())))
    offsets = (Offset(500_000, recovery_id=recovery.id), Offset(50_000, advance_id=advance.id))
    with pytest.raises(Refused, match="offset-refused"):
        do(lambda s: pay(s, who, second, offsets=(Offset(500_001, recovery_id=recovery.id),)))
    do(lambda s: pay(s, who, second, offsets=offsets))
    assert net(do, second.ref) == {"reimbursement": 900_000, "bank": -350_000}
    assert net(do, claim.ref) == {"reimbursement": 4_600_000, "bank": -5_100_000}
    assert net(do, advance.ref) == {"bank": -50_000}
    assert do(lambda s: recovering.left_of(s, recovery)) == 0
    assert do(lambda s: statements.ageing(s, date(2027, 1, 1), [Account.RECOVERABLE, Account.ADVANCES])) == []
    assert breaches(do) == {}


def test_a_difference_after_payment_lessens_the_next_claim_and_leaves_the_old_entry(do, who):
    granted(do, who)
    claim = do(lambda s: approved_claim(s, who, material(who)))
    do(lambda s: pay(s, who, claim))
    before = do(lambda s: s.exec(select(func.count()).select_from(LedgerEntry)).one())
    corrected = do(lambda s: claim_reads.lines(s, claim))[0]
    back = Line(
        Basis.DIFFERENCE,
        "place_days",
        HALF,
        10,
        -250_000,
        who.units[0],
        CHILD,
        corrects=corrected.id,
        grant_line_id=corrected.grant_line_id,
        note="recounted",
    )
    autumn = Period(date(2026, 7, 1), date(2026, 12, 31))
    rent = Line(
        Basis.ACTUAL,
        "rent",
        autumn,
        0,
        300_000,
        who.units[1],
        supplier="Vuokra Oy",
        voucher="C9",
        grant_line_id=None,
    )
    do(lambda s: grant(s, who, [budget("rent", 900_000, days=autumn)], period=autumn))
    grants = do(lambda s: claim_reads.grants(s, who.county, autumn))
    lines = [back, replace(rent, grant_line_id=grants[0].line_id)]
    what = Start(new("CL"), Gate.PAYMENT, who.county, who.agency, autumn)
    second = do(lambda s: claims.start(s, what, lines, by=who.officer, at=NOW))
    do(lambda s: send(s, who, second, on=date(2027, 1, 15)))
    do(lambda s: review_all(s, second, by=who.examiner))
    do(lambda s: decide(s, second, by=who.examiner, on=date(2027, 2, 1)))
    assert net(do, second.ref) == {"reimbursement": 50_000, "payable": -50_000}
    assert net(do, claim.ref) == {"reimbursement": 5_100_000, "bank": -5_100_000}
    assert do(lambda s: claim_reads.approved_of(s, [corrected.id])) == {corrected.id: 4_250_000}
    too_much = replace(back, claimed_cents=-4_250_001)
    third = do(lambda s: claims.start(s, replace(what, ref=new("CL")), [too_much], by=who.officer, at=NOW))
    found = do(lambda s: claims.check(s, third, CLEAR, on=date(2027, 3, 1))).problems
    assert "takes-back-too-much" in [one.code for one in found]
    assert before < do(lambda s: s.exec(select(func.count()).select_from(LedgerEntry)).one())
    assert breaches(do) == {}
