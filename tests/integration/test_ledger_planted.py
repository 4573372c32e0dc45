"""For each money rule a breach planted by force in sound books: the check must name it, or it proves nothing."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from agreements import check_payments, claim_reads, ledger, paying, recovering, review, triggers
from agreements.claim_building import Material
from agreements.claim_tables import Evidence, Verdict
from agreements.interest_rules import YearlyRate
from agreements.paying import Offset
from agreements.period import Period
from agreements.recovering import InterestTerms, Order
from agreements.review import Say
from placement.db import Database
from placement.models import APPEND_ONLY
from placement.references import new
from tests.claiming import (
    HALF,
    apply,
    approved_claim,
    budget,
    care,
    cost,
    decide,
    grant,
    invoice,
    pay,
    price,
    scene,
    send,
)
from tests.claiming import version as version_of
from tests.conftest import NOW
from tests.integration.test_ledger_sealed import break_seal

CHILD, SIBLING = "CH-AAAA-0001", "CH-BBBB-0002"
FILE = b"%PDF-1.7 receipt"
RATES = [YearlyRate(Period(date(2019, 1, 1), date(2039, 12, 31)), 950)]


def a_year(session: Session) -> list[Any]:
    """Book every kind of event there is; return the stays."""
    who = scene(session)
    first, second = who.units
    evidence = Evidence(
        county_id=who.county,
        sha256=hashlib.sha256(FILE).hexdigest(),
        media_type="application/pdf",
        size=len(FILE),
        added_by=who.officer,
        added_at=NOW,
    )
    session.add(evidence)
    session.flush()
    grant(session, who, [budget("place_days", 90_000_000), budget("rent", 9_000_000)])
    stays = [care(unit=first), care(SIBLING, unit=first)]
    material = Material(
        HALF,
        (stays[0],),
        (price(unit=first),),
        (invoice(unit=first, cents=4_500_000),),
        (cost(unit=second, cents=600_000, evidence_id=evidence.id), cost(unit=second, cents=7_000, voucher="C2")),
    )
    odd = {2: Say(0, Verdict.PART, 500_000, "x", "y"), 3: Say(0, Verdict.PARK, None, "x", "y")}
    claim = approved_claim(session, who, material, besides=odd)
    pay(session, who, claim)
    rows = claim_reads.lines(session, claim)
    review.correct(
        session,
        claim.id or 0,
        {rows[0].id or 0: 4_000_000},
        version=version_of(session, claim),
        proposed_by=who.examiner,
        by=who.second,
        at=NOW,
        on=date(2026, 11, 2),
        reason="recounted",
    )
    order = Order(new("RE"), 2026, date(2026, 11, 3), date(2026, 11, 10), "", "unfounded", date(2026, 11, 12))
    recovery = recovering.order(
        session, claim.id or 0, order, InterestTerms("due_day", 365), by=who.examiner, at=NOW, on=date(2026, 11, 12)
    )
    recovering.settle(
        session,
        recovery.id or 0,
        principal_cents=200_000,
        reference="B1",
        rates=RATES,
        by=who.payer,
        at=NOW,
        on=date(2026, 11, 23),
    )
    more = Material(
        HALF, (stays[1],), (price(unit=first),), (invoice(SIBLING, unit=first, cents=900_000, voucher="V2"),)
    )
    other = approved_claim(session, who, more)
    pay(session, who, other, offsets=(Offset(100_000, recovery_id=recovery.id),), cents=800_000)
    paying.confirm(session, other.id or 0, ref=new("PA"), cents=None, by=who.payer, at=NOW, on=date(2026, 11, 20))
    waiting = apply(session, who, Material(HALF, costs=(cost(unit=second, cents=4_000, voucher="C3"),)))
    send(session, who, waiting)
    ledger.close_month(session, "2026-02", by=who.payer, at=NOW)
    assert decide
    return stays


PAID_LINE = "(SELECT min(id) FROM claim_line WHERE basis = 'place-day')"
PLANTS = {
    "L1": "UPDATE ledger_leg SET cents = cents + 1 WHERE entry_id = 2 AND line_no = 1",
    "L2": "UPDATE ledger_leg SET currency = 'SEK' WHERE entry_id = 2 AND line_no = 1",
    "L3": "UPDATE ledger_leg SET side = 'debit' WHERE entry_id = 3",
    "L4": "UPDATE ledger_entry SET prev_hash = hash WHERE id = 3",
    "L5": "UPDATE ledger_leg SET subject = 'CL-0000-0000' WHERE entry_id = 2",
    "L6": "UPDATE ledger_entry SET source_id = (SELECT source_id FROM ledger_entry WHERE id = 1),"
    " source_kind = (SELECT source_kind FROM ledger_entry WHERE id = 1) WHERE id = 2",
    "L7": "UPDATE ledger_entry SET reverses_entry_id = 1 WHERE reverses_entry_id IS NOT NULL",
    "L8": "UPDATE claim_decision_line SET approved_cents = approved_cents + 1 WHERE approved_cents > 0",
    "L9": "UPDATE claim_decision SET approved_cents = approved_cents + 1, rejected_cents = rejected_cents - 1",
    "L10": "UPDATE payment SET cents = cents + 1 WHERE released_at IS NOT NULL",
    "L11": "INSERT INTO payment (ref, claim_id, decision_no, instalment, county_id, cents, set_off_cents, netted_cents,"
    " confirmed_by, confirmed_at, released_by, released_at) SELECT 'PA-0000-0000', claim_id, decision_no, instalment,"
    " county_id, cents, 0, 0, confirmed_by, confirmed_at, released_by, released_at FROM payment"
    " WHERE released_at IS NOT NULL LIMIT 1",
    "L12": f"UPDATE claim_line SET child_ref = '{SIBLING}' WHERE id = {PAID_LINE}",
    "L13": f"UPDATE claim_line SET unit_id = unit_id + 1 WHERE child_ref = '{SIBLING}'",
    "L14": f"UPDATE claim_line SET day_cents = day_cents - 200 WHERE child_ref = '{SIBLING}' AND 1 <= {PAID_LINE}",
    "L15": "UPDATE posting_period SET total_cents = total_cents + 1 WHERE closed_at IS NOT NULL",
    "L16": "UPDATE payment SET released_by = confirmed_by WHERE released_at IS NOT NULL",
    "L17": "UPDATE book_balance SET debit_cents = debit_cents + 1 WHERE account = 'bank'",
    "L18": "UPDATE claim SET status = 'sent', decision_no = 0 WHERE status = 'in-review' OR decision_no = 2",
    "L19": f"UPDATE claim_evidence SET sha256 = '{'0' * 64}'",
    "L20": "UPDATE claim SET sent_on = '2029-01-01' WHERE gate = 'payment'",
    "L21": "UPDATE recovery SET decided_on = '2032-01-01', last_day = '2032-12-31'",
}


def broken(connection: sa.Connection, stays: list[Any]) -> dict[str, list[str]]:
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        results = check_payments.run_all(session, care=stays, content_of=lambda _: FILE)
    return {result.id: result.breaches for result in results if result.breaches}


@pytest.fixture
def year(database: Database) -> tuple[Database, list[Any]]:
    return database, database.write(a_year)


def test_sound_books_have_a_case_of_every_rule_and_no_breach(year):
    database, stays = year
    with database.transaction() as session:
        results = check_payments.run_all(session, care=stays, content_of=lambda _: FILE)
    assert [result.id for result in results] == [f"L{number}" for number in range(1, 22)]
    assert {result.id: result.breaches for result in results if result.breaches} == {}
    assert [result.id for result in results if not result.checked] == []


def test_each_planted_breach_is_found(year):
    database, stays = year
    dialect = "sqlite" if database.is_sqlite else "postgresql"
    connection = database.writer.connect()
    if database.is_sqlite:
        connection.connection.driver_connection.execute("pragma foreign_keys=off")
        connection.connection.driver_connection.execute("pragma ignore_check_constraints=on")
    missed = []
    with connection, connection.begin():
        force_open(connection, dialect)
        assert set(broken(connection, stays)) == {"L5"}  # the seal itself is gone, which L5 tells
        before = broken(connection, stays)["L5"]
        for rule, statement in PLANTS.items():
            planted = connection.begin_nested()
            done = connection.execute(sa.text(statement))
            found = broken(connection, stays)
            if not done.rowcount or rule not in found or found[rule] == before:
                missed.append(rule)
            planted.rollback()
    assert missed == []
    assert len(PLANTS) == 21


def force_open(connection: sa.Connection, dialect: str) -> None:
    """Take every trigger, check and unique key away that would stop a breach from being planted."""
    break_seal(connection)
    for table in APPEND_ONLY:
        for statement in triggers.unseal(table, dialect):
            connection.execute(sa.text(statement))
    if dialect == "sqlite":
        for statement in (
            "DROP INDEX uq_payment_instalment",
            "CREATE TABLE copied AS SELECT * FROM ledger_entry",
            "DROP TABLE ledger_entry",
            "ALTER TABLE copied RENAME TO ledger_entry",
        ):
            connection.execute(sa.text(statement))
        return
    rows = connection.execute(
        sa.text(
            "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('c', 'f', 'u')"
            " AND conrelid::regclass::text IN ('ledger_entry', 'claim', 'claim_line', 'claim_decision', 'payment',"
            " 'claim_decision_line', 'recovery', 'claim_evidence', 'posting_period')"
        )
    ).all()
    for table, name in rows:
        connection.execute(sa.text(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}" CASCADE'))
    connection.execute(sa.text("DROP INDEX uq_payment_instalment"))
