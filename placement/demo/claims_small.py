"""The tour's claims: a draft with one error, one sent with one query, one paid with a later correction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import col, select

from agreements import claim_reads as reads
from agreements import review
from agreements.claim_tables import Claim, CostEntry, Verdict
from agreements.period import ONE_DAY, Period
from agreements.review import Say
from placement.demo.claims import (
    Desk,
    actor_for,
    examine,
    finish,
    noon,
    pay,
    quarter,
    say,
    send,
    send_costs,
    start_payment,
    take,
    write_costs,
)
from placement.demo.writing import Writer
from placement.people.tables import Organisation, OrganisationKind
from placement.permissions import Actor
from placement.reimbursed.acting import moving
from placement.reimbursed.tables import CareInvoice
from placement.units.tables import Unit

TOO_MUCH_CENTS = 18_600
CORRECTED_CENTS = 124_000


def provider(writer: Writer, *units: Unit) -> Organisation:
    """Add the provider that these units are bought from."""
    row = Organisation(
        kind=OrganisationKind.PROVIDER,
        name_fi="Hoivakoti Pihlaja Oy",
        name_sv="Vårdhemmet Rönnen Ab",
        name_en="Hoivakoti Pihlaja Oy",
    )
    writer.session.add(row)
    writer.session.flush()
    for unit in units:
        unit.provider_id = row.id
        writer.session.add(unit)
    writer.session.flush()
    return row


def desk_of(writer: Writer, county: Organisation, units: Sequence[Unit]) -> Desk:
    """Return the desk of the county whose accounts have sign-in cards."""

    def who(key: str) -> Actor:
        return actor_for(writer, writer.people[key])

    return Desk(
        writer=writer,
        county=county,
        units=units,
        officer=who("claims-officer"),
        approver=who("claims-approver"),
        reviewer=who("reviewer"),
        second=who("reviewer-2"),
        examiner=who("payment-examiner"),
        payer=who("payer"),
        payer_2=who("payer-2"),
    )


def write_small_claims(writer: Writer, county: Organisation, units: Sequence[Unit]) -> None:
    """Write the last three quarters: paid and corrected, in review with a question, a draft with one error.

    The costs of all of them, and of the running quarter, were granted before; the next ones wait for the centre.
    """
    desk = desk_of(writer, county, units)
    running = quarter(writer.on)
    draft = quarter(running.first - ONE_DAY)
    asked = quarter(draft.first - ONE_DAY)
    paid = quarter(asked.first - ONE_DAY)
    write_costs(desk, Period(paid.first, draft.last))
    _soon_too_late(desk)
    granted = send_costs(desk, Period(paid.first, running.last), paid.first - timedelta(days=40))
    examine(desk, granted, desk.reviewer, paid.first - timedelta(days=12), second=desk.second)
    _paid(desk, paid)
    _asked(desk, asked)
    _draft(desk, draft)
    assert running.last is not None  # a quarter has an end
    send_costs(desk, quarter(running.last + ONE_DAY), writer.on - timedelta(days=6))


def _soon_too_late(desk: Desk) -> None:
    """Leave two costs of the year before last unclaimed: they lapse on the last day of this year."""
    year = desk.writer.on.year - 2
    for kind, cents, supplier in (("alterations", 1_840_000, "Rakennus Kivi Oy"), ("start_up", 612_350, "Kaluste Oy")):
        desk.session.add(
            CostEntry(
                county_id=desk.county.id or 0,
                unit_id=desk.own_units[0].id,
                cost_kind=kind,
                cost_centre="K0001",
                first_day=date(year, 12, 1),
                last_day=date(year, 12, 31),
                net_cents=cents,
                supplier=supplier,
                voucher=f"{kind[:2].upper()}-{year}",
                voucher_on=date(year, 12, 20),
                added_by=desk.officer.user_id,
                added_at=desk.writer.at,
            )
        )
    desk.session.flush()


def _paid(desk: Desk, period: Period) -> None:
    """Paid in full; months later the county told of a rent that a tenant had paid, and the decision was corrected."""
    assert period.last is not None
    claim = send(desk, start_payment(desk, period, period.last + timedelta(days=25)), period.last + timedelta(days=27))
    examine(desk, claim, desk.examiner, period.last + timedelta(days=60))
    pay(desk, claim, period.last + timedelta(days=70))
    rent = next(row for row in reads.lines(desk.session, claim) if row.cost_kind == "rent")
    day = period.last + timedelta(days=140)
    with moving(desk.session, desk.examiner, noon(day)):
        review.correct(
            desk.session,
            claim.id or 0,
            {rent.id or 0: rent.claimed_cents - CORRECTED_CENTS},
            version=claim.version,
            proposed_by=desk.officer.user_id,
            by=desk.examiner.user_id,
            at=noon(day),
            on=day,
            reason="Vuokranantaja hyvitti osan vuokrasta.",
        )


def _asked(desk: Desk, period: Period) -> None:
    """Sent and being examined; the examiner asks about the largest line."""
    assert period.last is not None
    claim = send(desk, start_payment(desk, period, period.last + timedelta(days=25)), period.last + timedelta(days=27))
    day = period.last + timedelta(days=50)
    take(desk, claim, desk.examiner, day)
    rows = sorted(reads.lines(desk.session, claim), key=lambda row: (-row.claimed_cents, row.line_no))
    words = [Say(row.id or 0, Verdict.APPROVE) for row in rows[1:6]]
    question = "Mihin henkilöstömenojen kasvu edelliseen jaksoon verrattuna perustuu?"
    words.append(Say(rows[0].id or 0, Verdict.ASK, reason=question))
    say(desk, claim, words, desk.examiner, day)


def _draft(desk: Desk, period: Period) -> Claim:
    """Ready but for one thing: an invoice is above the days at the agreed price, and nobody has said why."""
    invoice = desk.session.exec(
        select(CareInvoice)
        .where(CareInvoice.county_id == desk.county.id, CareInvoice.first_day >= period.first)
        .order_by(col(CareInvoice.first_day), col(CareInvoice.id))
    ).first()
    if invoice is not None:
        invoice.net_cents += TOO_MUCH_CENTS
        desk.session.add(invoice)
        desk.session.flush()
    claim = start_payment(desk, period, desk.writer.on - timedelta(days=1))
    finish(desk, claim, noon(desk.writer.on - timedelta(days=1)))
    return claim
