"""A year counted by hand in tests/data, step by step and line by line, matched to the cent on both databases."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from agreements import check_payments, claim_reads, claims, paying, recovering, review, statements
from agreements.claim_building import Material, shared_costs
from agreements.claim_tables import Claim, Verdict
from agreements.claim_values import CarePeriod, Gate
from agreements.claims import Start
from agreements.money import euros
from agreements.period import Period
from agreements.recovering import InterestTerms, Order
from agreements.review import Say
from placement.reference import money_rules
from placement.references import new
from tests.claiming import CLEAR, HALF, budget, care, cost, decide, grant, invoice, price, review_all, scene
from tests.claiming import version as version_of
from tests.conftest import NOW

DATA = Path(__file__).parents[1] / "data"
SUMS = ("under review", "reimbursement", "payable", "bank", "recoverable", "interest", "granted")


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class WorkedYear:
    """The steps of the year, by number; `stays` is what was known of the children at the end."""

    def __init__(self, session: Session) -> None:
        self.who = scene(session)
        self.home, self.own = self.who.units
        self.claim_ref = ""
        self.recovery_id = 0
        self.stays: list[CarePeriod] = [
            care("CH-0000-0001", unit=self.home),
            care("CH-0000-0002", unit=self.home, arrived=date(2026, 2, 10), left=date(2026, 5, 15)),
        ]

    def material(self) -> Material:
        prices = (
            price(unit=self.home, cents=250_00, last=date(2026, 3, 31)),
            price(unit=self.home, cents=260_00, first=date(2026, 4, 1)),
        )
        spring, summer = Period(date(2026, 1, 1), date(2026, 3, 31)), Period(date(2026, 4, 1), date(2026, 6, 30))
        stayed = Period(date(2026, 2, 10), date(2026, 5, 14))
        invoices = (
            invoice("CH-0000-0001", unit=self.home, days=spring, cents=22_500_00, voucher="A-1"),
            invoice("CH-0000-0001", unit=self.home, days=summer, cents=24_000_00, voucher="A-2"),
            invoice("CH-0000-0002", unit=self.home, days=stayed, cents=23_000_01, voucher="A-3"),
        )
        rent = shared_costs(cost("rent", 10_000_00, voucher="B-2"), [(self.own, 181), (self.home, 90)], "days 181 : 90")
        costs = (
            cost("staff", 61_234_56, unit=self.own, voucher="B-1"),
            rent[0],
            cost("food", 4_321_09, unit=self.own, voucher="B-3", other_income_cents=321_09),
        )
        return Material(HALF, tuple(self.stays), prices, invoices, costs)

    def claim(self, session: Session) -> Claim:
        return claim_reads.claim_by_ref(session, self.claim_ref)

    def granted(self, session: Session, on: date) -> None:
        own = self.own
        lines = [budget("place_days", 75_000_00, unit=self.home), budget("staff", 65_000_00, unit=own)]
        lines += [budget("rent", 7_000_00, unit=own), budget("food", 5_000_00, unit=own)]
        grant(session, self.who, lines, on=on)

    def sent(self, session: Session, on: date) -> None:
        start = Start(new("CL"), Gate.PAYMENT, self.who.county, self.who.agency, HALF)
        claim = claims.build(session, start, self.material(), by=self.who.officer, at=NOW)
        self.claim_ref = claim.ref
        claims.send(
            session, claim.id or 0, CLEAR, version=claim.version, by=self.who.officer, at=NOW, on=on, declared=True
        )

    def decided(self, session: Session, on: date) -> None:
        part = Say(0, Verdict.PART, 60_000_00, "overhead", "administration beyond the agreed share")
        review_all(session, self.claim(session), by=self.who.examiner, besides={7: part})
        decide(session, self.claim(session), by=self.who.examiner, on=on)

    def paid(self, session: Session, on: date) -> None:
        payment = paying.confirm(
            session, self.claim(session).id or 0, ref=new("PA"), cents=None, by=self.who.payer, at=NOW, on=on
        )
        paying.release(session, payment.id or 0, by=self.who.payer_2, at=NOW, on=on)

    def corrected(self, session: Session, on: date) -> None:
        self.stays[0] = care("CH-0000-0001", unit=self.home, left=date(2026, 6, 21))
        claim = self.claim(session)
        line = claim_reads.lines(session, claim)[1]
        review.correct(
            session,
            claim.id or 0,
            {line.id or 0: 21_060_00},
            version=version_of(session, claim),
            proposed_by=self.who.examiner,
            by=self.who.second,
            at=NOW,
            on=on,
            reason="the child left on 21 June",
        )

    def ordered(self, session: Session, on: date) -> None:
        rule = money_rules.recovery_interest(on)
        order = Order(new("RE"), 2026, date(2026, 11, 3), date(2026, 11, 17), "", "paid beyond", date(2026, 12, 18))
        made = recovering.order(
            session,
            self.claim(session).id or 0,
            order,
            InterestTerms(rule.starts, rule.days_in_year),
            by=self.who.examiner,
            at=NOW,
            on=on,
        )
        assert made.last_day == date(2031, 12, 31)
        self.recovery_id = made.id or 0

    def back_in_time(self, session: Session, on: date) -> None:
        self._settle(session, 1_000_00, "RF-1", on)

    def back_late(self, session: Session, on: date) -> None:
        self._settle(session, 1_600_00, "RF-2", on)

    def _settle(self, session: Session, cents: int, reference: str, on: date) -> None:
        recovering.settle(
            session,
            self.recovery_id,
            principal_cents=cents,
            reference=reference,
            rates=money_rules.penalty_rates(),
            by=self.who.payer,
            at=NOW,
            on=on,
        )

    def steps(self) -> list[Callable[[Session, date], None]]:
        return [
            self.granted,
            self.sent,
            self.decided,
            self.paid,
            self.corrected,
            self.ordered,
            self.back_in_time,
            self.back_late,
        ]


@pytest.fixture
def year(database: Any) -> tuple[Any, WorkedYear]:
    return database, database.write(WorkedYear)


def sums(session: Session, as_of: date) -> dict[str, str]:
    found = dict.fromkeys(SUMS, 0)
    for row in statements.balances(session, as_of):
        name = row.account.value.replace("-", " ")
        if name in found:
            found[name] += row.net_cents
    return {name: euros(cents) for name, cents in found.items()}


def test_every_step_of_the_year_leaves_the_balances_counted_by_hand(year):
    database, worked = year
    rows = table("worked-year.csv")
    assert len(rows) == len(worked.steps())
    for row, step in zip(rows, worked.steps(), strict=True):
        on = date.fromisoformat(row["date"])
        database.write(lambda session, step=step, on=on: step(session, on))
        with database.read_only() as session:
            assert sums(session, on) == {name: row[name] for name in SUMS}, row["event"]
    with database.read_only() as session:
        for row in rows:  # asked at the end, each day still gives what it gave
            assert sums(session, date.fromisoformat(row["date"])) == {name: row[name] for name in SUMS}
    with database.transaction() as session:
        results = check_payments.run_all(session, care=worked.stays)
    assert {result.id: result.breaches for result in results if result.breaches} == {}


def test_every_line_of_the_claim_is_what_was_counted_by_hand(year):
    database, worked = year
    rows = table("worked-year-lines.csv")
    for step, on in zip(worked.steps()[:5], (row["date"] for row in table("worked-year.csv")), strict=False):
        database.write(lambda session, step=step, on=on: step(session, date.fromisoformat(on)))
    with database.read_only() as session:
        claim = worked.claim(session)
        lines = claim_reads.lines(session, claim)
        final = claim_reads.decision(session, claim)
        said = claim_reads.decision_lines(session, final.id)
        for row, line in zip(rows[:-1], lines, strict=True):
            assert [row[name] for name in ("first", "last", "days")] == [
                str(value) for value in (line.first_day, line.last_day, line.days)
            ]
            assert [row[name] for name in ("price", "ceiling", "invoiced", "claimed")] == [
                "" if cents is None else euros(cents)
                for cents in (line.day_cents, line.ceiling_cents, line.invoiced_cents, line.claimed_cents)
            ]
            assert row["corrected"] == euros(said[line.id].approved_cents)
        assert rows[-1]["corrected"] == euros(final.approved_cents)
        assert rows[-1]["claimed"] == euros(final.claimed_cents)
