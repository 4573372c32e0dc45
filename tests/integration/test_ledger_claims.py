"""A claim from its writing to its payment and back, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, func, select

from agreements import claim_reads, claims, review, statements
from agreements.claim_building import Material
from agreements.claim_tables import ClaimDecision, ClaimLine, ClaimStatus, ClaimVersion, Verdict
from agreements.claim_values import Basis, Gate, Line
from agreements.claims import Start
from agreements.period import Period
from agreements.refused import ChangedMeanwhile, ClaimHasProblems, Refused
from agreements.review import Say
from placement.references import new
from tests.claim_steps import CHILD, breaches, fresh, granted, material, net
from tests.claiming import (
    CLEAR,
    HALF,
    LAST,
    SENT_ON,
    apply,
    approved_claim,
    care,
    cost,
    decide,
    pay,
    review_all,
    scene,
    send,
)
from tests.conftest import NOW


@pytest.fixture
def do(database: Any) -> Any:
    return database.write


@pytest.fixture
def who(do: Any) -> Any:
    return do(scene)


def test_a_claim_goes_from_grant_to_payment_and_the_books_clear(do, who):
    centre = granted(do, who)
    claim = do(lambda s: apply(s, who, material(who)))
    assert [(row.basis, row.claimed_cents) for row in do(lambda s: claim_reads.lines(s, claim))] == [
        (Basis.PLACE_DAY, 4_500_000),
        (Basis.ACTUAL, 600_000),
    ]
    assert net(do, centre.ref) == {"committed": 18_000_000, "granted": -18_000_000}
    do(lambda s: send(s, who, claim))
    assert net(do, claim.ref) == {"claimed": 5_100_000, "under-review": -5_100_000}
    cut = {1: Say(0, Verdict.PART, 4_400_000, "absence", "two days away"), 2: Say(0, Verdict.APPROVE)}
    do(lambda s: review_all(s, claim, by=who.examiner, besides=cut))
    made = do(lambda s: decide(s, claim, by=who.examiner))
    assert (made.approved_cents, made.rejected_cents, made.parked_cents) == (5_000_000, 100_000, 0)
    assert net(do, claim.ref) == {"reimbursement": 5_000_000, "payable": -5_000_000}
    assert net(do, centre.ref) == {"committed": 13_000_000, "granted": -13_000_000}
    do(lambda s: pay(s, who, claim))
    assert net(do, claim.ref) == {"reimbursement": 5_000_000, "bank": -5_000_000}
    assert do(lambda s: statements.owed(s, date(2027, 1, 1))) == []
    assert breaches(do) == {}


def test_a_claim_with_problems_is_not_sent_and_all_of_them_are_told(do, who):
    two = material(who, costs=(cost(unit=who.units[1], voucher=""), cost("food", unit=who.units[1], voucher="")))
    claim = do(lambda s: apply(s, who, two))
    with pytest.raises(ClaimHasProblems) as refused:
        do(lambda s: send(s, who, claim))
    assert [(one.line_no, one.code) for one in refused.value.problems] == [
        (1, "decision-missing"),
        (2, "decision-missing"),
        (2, "voucher-missing"),
        (3, "decision-missing"),
        (3, "voucher-missing"),
    ]
    assert fresh(do, claim).status is ClaimStatus.DRAFT
    assert net(do, claim.ref) == {}


def test_a_claim_after_the_last_day_is_refused_unless_the_reason_is_given(do, who):
    granted(do, who)
    claim = do(lambda s: apply(s, who, material(who)))
    with pytest.raises(ClaimHasProblems) as refused:
        do(lambda s: send(s, who, claim, on=date(2029, 1, 1)))
    assert {one.code for one in refused.value.problems} == {"deadline-passed"}
    do(lambda s: send(s, who, claim, on=date(2028, 12, 31)))


def test_a_claim_is_not_sent_without_the_declaration_nor_on_an_old_page(do, who):
    granted(do, who)
    claim = do(lambda s: apply(s, who, material(who)))

    def try_send(version: int, declared: bool) -> None:
        do(
            lambda s: claims.send(
                s, claim.id, CLEAR, version=version, by=who.officer, at=NOW, on=SENT_ON, declared=declared
            )
        )

    with pytest.raises(Refused, match="not-declared"):
        try_send(claim.version, False)
    with pytest.raises(ChangedMeanwhile):
        try_send(claim.version - 1, True)
    try_send(claim.version, True)
    try_send(claim.version, True)
    assert fresh(do, claim).status is ClaimStatus.SENT


def test_where_four_eyes_are_set_another_person_sends(do, who):
    granted(do, who)
    what = Start(new("CL"), Gate.PAYMENT, who.county, who.agency, HALF, four_eyes=True)
    claim = do(lambda s: claims.build(s, what, material(who), by=who.officer, at=NOW))
    with pytest.raises(Refused, match="wrong-state"):
        do(lambda s: send(s, who, claim))
    do(lambda s: claims.to_approver(s, claim.id, CLEAR, version=claim.version, by=who.officer, at=NOW, on=SENT_ON))
    with pytest.raises(Refused, match="own-claim"):
        do(lambda s: send(s, who, fresh(do, claim)))
    waiting = fresh(do, claim)
    do(
        lambda s: claims.send(
            s, claim.id, CLEAR, version=waiting.version, by=who.approver, at=NOW, on=SENT_ON, declared=True
        )
    )
    assert fresh(do, claim).sent_by == who.approver


def test_a_claim_taken_back_keeps_the_sent_version_and_reverses_what_was_booked(do, who):
    granted(do, who)
    claim = do(lambda s: apply(s, who, material(who)))
    do(lambda s: send(s, who, claim))
    sent = fresh(do, claim)
    do(
        lambda s: claims.take_back(
            s, claim.id, version=sent.version, by=who.officer, at=NOW, on=SENT_ON, reason="an invoice is missing"
        )
    )
    back = fresh(do, claim)
    assert (back.status, back.number) == (ClaimStatus.DRAFT, 2)
    assert net(do, claim.ref) == {}
    first, second = do(lambda s: list(s.exec(select(ClaimVersion).where(ClaimVersion.claim_id == claim.id))))
    assert (first.content_hash is not None, second.content_hash) == (True, None)
    assert first.claimed_cents == second.claimed_cents == 5_100_000
    do(lambda s: send(s, who, back))
    assert net(do, claim.ref) == {"claimed": 5_100_000, "under-review": -5_100_000}
    do(lambda s: review.take(s, claim.id, version=fresh(do, claim).version, by=who.examiner, at=NOW))
    with pytest.raises(Refused, match="wrong-state"):
        do(
            lambda s: claims.take_back(
                s, claim.id, version=fresh(do, claim).version, by=who.officer, at=NOW, on=SENT_ON, reason="late"
            )
        )
    assert breaches(do) == {}


def test_a_draft_is_rewritten_and_a_sent_version_never(do, who):
    granted(do, who)
    claim = do(lambda s: apply(s, who, material(who)))
    rows = [claim_reads.value_of(row) for row in do(lambda s: claim_reads.lines(s, claim))]
    do(lambda s: claims.rewrite(s, claim.id, rows[1:], version=claim.version, by=who.officer, at=NOW))
    assert len(do(lambda s: claim_reads.lines(s, claim))) == 1
    do(lambda s: send(s, who, fresh(do, claim)))
    with pytest.raises(Refused, match="wrong-state"):
        do(lambda s: claims.rewrite(s, claim.id, rows, version=fresh(do, claim).version, by=who.officer, at=NOW))


def test_a_day_claimed_by_one_county_is_refused_to_another(do, who):
    granted(do, who)
    first = do(lambda s: apply(s, who, material(who)))
    do(lambda s: send(s, who, first))
    again = do(lambda s: apply(s, who, material(who), county=who.other_county))
    assert [row.basis for row in do(lambda s: claim_reads.lines(s, again))] == [Basis.ACTUAL]
    row = Line(Basis.OWN_DAY, "place_days", Period(LAST, LAST), 1, 0, who.units[1], CHILD)
    forced = do(
        lambda s: claims.start(
            s, Start(new("CL"), Gate.PAYMENT, who.other_county, who.agency, HALF), [row], by=who.officer, at=NOW
        )
    )
    found = do(lambda s: claims.check(s, forced, CLEAR, on=SENT_ON)).problems
    assert ("already-claimed", first.ref) in [(one.code, one.fact("claim")) for one in found]


def test_a_line_that_was_refused_or_put_off_may_be_claimed_again(do, who):
    granted(do, who)
    off = {1: Say(0, Verdict.PARK, None, "invoice", "the invoice is disputed")}
    first = do(lambda s: approved_claim(s, who, material(who), besides=off))
    [row] = do(lambda s: claim_reads.parked(s, who.county, Gate.PAYMENT))
    assert (row.line_no, fresh(do, first).status) == (1, ClaimStatus.DECIDED)
    later = replace(claim_reads.value_of(row), parked_from=row.id)
    second = do(
        lambda s: claims.start(
            s, Start(new("CL"), Gate.PAYMENT, who.county, who.agency, HALF), [later], by=who.officer, at=NOW
        )
    )
    do(lambda s: send(s, who, second))
    assert do(lambda s: claim_reads.parked(s, who.county, Gate.PAYMENT)) == []
    assert net(do, second.ref) == {"claimed": 4_500_000, "under-review": -4_500_000}


def test_the_reviewer_is_nobody_who_made_the_claim_and_every_verdict_against_it_has_a_reason(do, who):
    granted(do, who)
    claim = do(lambda s: apply(s, who, material(who)))
    do(lambda s: send(s, who, claim))
    with pytest.raises(Refused, match="own-claim"):
        do(lambda s: review.take(s, claim.id, version=fresh(do, claim).version, by=who.officer, at=NOW))
    do(lambda s: review.take(s, claim.id, version=fresh(do, claim).version, by=who.examiner, at=NOW))
    line = do(lambda s: claim_reads.lines(s, claim))[0].id

    def try_say(*what: Say, by: int) -> None:
        do(lambda s: review.say(s, claim.id, what, by=by, at=NOW))

    for what, code in (
        (Say(line, Verdict.REJECT), "reason-missing"),
        (Say(line, Verdict.PART, None, "x"), "part-without-sum"),
        (Say(line, Verdict.PART, 4_500_000, "x"), "part-not-between"),
        (Say(line, Verdict.APPROVE, 5), "part-without-sum"),
        (Say(line, Verdict.ANSWER, None, "", "here"), "nothing-asked"),
        (Say(10**6, Verdict.APPROVE), "foreign-line"),
    ):
        with pytest.raises(Refused, match=code):
            try_say(what, by=who.examiner)
    try_say(Say(line, Verdict.ASK, None, "", "why two invoices?"), by=who.examiner)
    with pytest.raises(Refused, match="lines-open"):
        do(lambda s: decide(s, fresh(do, claim), by=who.examiner))
    try_say(Say(line, Verdict.ANSWER, None, "", "one is a credit note"), by=who.officer)
    with pytest.raises(Refused, match="own-claim"):
        try_say(Say(line, Verdict.APPROVE), by=who.officer)


def test_deciding_twice_makes_one_decision(do, who):
    granted(do, who)
    claim = do(lambda s: approved_claim(s, who, material(who)))
    again = do(lambda s: decide(s, fresh(do, claim), by=who.examiner))
    assert again.number == 1
    assert do(lambda s: s.exec(select(func.count()).select_from(ClaimDecision)).one()) == 2  # the grant's and this


def test_grants_are_used_up_by_what_is_claimed_and_approved(do, who):
    centre = granted(do, who, 5_000_000)
    claim = do(lambda s: apply(s, who, material(who)))
    do(lambda s: send(s, who, claim))

    def left(session: Session) -> dict[str, int]:
        return {one.cost_kind: one.left_cents for one in claim_reads.grants(session, who.county, HALF)}

    assert do(left) == {"place_days": 500_000, "rent": 4_400_000}
    cut = {1: Say(0, Verdict.PART, 4_000_000, "absence", "x")}
    do(lambda s: review_all(s, claim, by=who.examiner, besides=cut))
    do(lambda s: decide(s, claim, by=who.examiner))
    assert do(left) == {"place_days": 1_000_000, "rent": 4_400_000}
    assert net(do, centre.ref)["granted"] == -(10_000_000 - 4_600_000)


def test_building_a_claim_of_100_children_and_5000_costs_writes_it_in_a_few_statements(do, who, database):
    children = tuple(care(f"CH-{number:04d}-0000", unit=who.units[number % 2]) for number in range(100))
    costs = tuple(
        cost(unit=who.units[number % 2], voucher=f"C{number}", cents=1_000 + number) for number in range(5_000)
    )
    seen: list[str] = []
    sa.event.listen(database.writer, "before_cursor_execute", lambda *more: seen.append(more[2]))
    claim = do(lambda s: apply(s, who, Material(HALF, care=children, costs=costs)))
    assert do(lambda s: s.exec(select(func.count()).select_from(ClaimLine)).one()) == 5_100
    assert len(seen) < 25
    assert do(lambda s: claim_reads.version_of(s, claim)).claimed_cents == sum(1_000 + n for n in range(5_000))
