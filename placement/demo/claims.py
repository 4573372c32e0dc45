"""Invented claims, made by the same services as real ones: costs and invoices first, then each act on its day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, select

from agreements import claim_reads as reads
from agreements import paying, review
from agreements.claim_rules import by_year, care_days, payable_days
from agreements.claim_tables import Claim, CostEntry, Verdict
from agreements.claim_values import PLACE_DAYS, Basis, DayPrice, Gate, Line
from agreements.payment_tables import Payment
from agreements.period import ONE_DAY, Period
from agreements.review import Say
from placement.demo.writing import Writer
from placement.people.queries import actor_of
from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Actor
from placement.reimbursed import evidence, preparing
from placement.reimbursed.acting import log_act, moving, told
from placement.reimbursed.building_rules import children_in
from placement.reimbursed.care_days import care_in, day_prices
from placement.reimbursed.tables import CareInvoice
from placement.units.tables import Unit, UnitKind

OWN_COSTS: Mapping[UnitKind, Sequence[tuple[str, int, str]]] = {
    UnitKind.FAMILY_GROUP_HOME: (
        ("staff", 4_218_000, "Palkkahallinto"),
        ("rent", 421_500, "Kiinteistö Oy Metsäkoto"),
        ("food", 214_350, "Ruokatukku Oy"),
    ),
    UnitKind.FOSTER_HOME: (
        ("foster_fee", 155_000, "Perhehoitajat"),
        ("foster_expenses", 82_132, "Perhehoitajat"),
    ),
    UnitKind.SUPPORTED_HOUSING: (("supported_housing", 1_840_000, "Asumispalvelut"), ("rent", 212_000, "Asunnot Oy")),
    UnitKind.SUPPORTED_OWN_FLAT: (("supported_housing", 182_000, "Asumispalvelut"),),
}
"""What an own unit costs in a month, in cents, by kind of unit: kind of cost, sum, supplier."""


@dataclass
class Desk:
    """Who handles the claims of one county, and its units."""

    writer: Writer
    county: Organisation
    units: Sequence[Unit]
    officer: Actor
    approver: Actor
    reviewer: Actor
    second: Actor
    examiner: Actor
    payer: Actor
    payer_2: Actor
    files: dict[str, int] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return self.writer.session

    @property
    def own_units(self) -> list[Unit]:
        return [unit for unit in self.units if unit.provider_id is None]


def noon(day: date) -> datetime:
    return datetime.combine(day, time(9, 0), UTC)


def actor_for(writer: Writer, user: User) -> Actor:
    """Return who this invented person is when acting."""
    mandate = writer.session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).first()
    if mandate is None:
        raise LookupError(f"{user.login} has no mandate")
    return actor_of(writer.session, user, mandate)


def months(period: Period) -> list[Period]:
    """Return the calendar months that a closed period holds."""
    found, day = [], period.first.replace(day=1)
    while period.last is not None and day <= period.last:
        following = (day + timedelta(days=31)).replace(day=1)
        found.append(Period(day, following - ONE_DAY))
        day = following
    return found


def quarter(day: date) -> Period:
    """Return the quarter of a day."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return Period(first, (first + timedelta(days=95)).replace(day=1) - ONE_DAY)


def write_costs(desk: Desk, period: Period) -> None:
    """Write what the own units cost and what providers invoiced, month by month, with a file for each month."""
    prices = day_prices(desk.session, [unit.id or 0 for unit in desk.units])
    for month in months(period):
        if month.first > desk.writer.on:
            continue
        for unit in desk.own_units:
            _own_costs(desk, unit, month)
        _invoices(desk, month, prices)
    desk.session.flush()


def _own_costs(desk: Desk, unit: Unit, month: Period) -> None:
    last = month.last or month.first
    if unit.opened_on > month.first or last > desk.writer.on:
        return
    for kind, cents, supplier in OWN_COSTS[unit.kind]:
        varied = cents + desk.writer.rng.randint(-300, 300) * 10
        desk.session.add(
            CostEntry(
                county_id=desk.county.id or 0,
                unit_id=unit.id,
                cost_kind=kind,
                cost_centre=f"K{unit.id or 0:04d}",
                first_day=month.first,
                last_day=last,
                net_cents=varied,
                vat_cents=varied * 255 // 1000 if kind in ("food",) else 0,
                supplier=supplier,
                voucher=f"{kind[:2].upper()}{unit.id}-{month.first:%y%m}",
                voucher_on=last,
                evidence_id=file_of(desk, f"paakirja-{month.first:%Y-%m}"),
                added_by=desk.officer.user_id,
                added_at=desk.writer.at,
            )
        )


def _invoices(desk: Desk, month: Period, prices: Sequence[DayPrice]) -> None:
    """Write one invoice for each child and month in bought care: the payable days at the agreed price."""
    bought = {price.unit_id for price in prices}
    for care in care_in(desk.session, desk.county.id or 0, month, desk.writer.on):
        inside = care_days(care, month)
        if care.unit_id not in bought or inside is None or (month.last or month.first) > desk.writer.on:
            continue
        for days in payable_days(care, inside)[0]:
            cents = sum(
                (part.days or 0) * price.day_cents
                for price in prices
                if price.unit_id == care.unit_id and (part := days.overlap(price.valid)) is not None
            )
            desk.session.add(
                CareInvoice(
                    county_id=desk.county.id or 0,
                    unit_id=care.unit_id,
                    child_ref=care.child_ref,
                    first_day=days.first,
                    last_day=days.last or days.first,
                    net_cents=cents,
                    supplier="Hoivakoti Pihlaja Oy",
                    voucher=f"HP{care.unit_id}-{days.first:%y%m}-{care.child_ref[-4:]}",
                    voucher_on=month.last or month.first,
                    evidence_id=file_of(desk, f"laskut-{month.first:%Y-%m}"),
                    added_by=desk.officer.user_id,
                    added_at=desk.writer.at,
                )
            )


def file_of(desk: Desk, name: str) -> int:
    """Return the key of an invented file of the county, kept once."""
    if name not in desk.files:
        content = pdf(f"DEMO {desk.county.county_code} {name}")
        row = evidence.add(desk.session, desk.officer, f"{name}.pdf", content, at=desk.writer.at)
        desk.files[name] = row.id or 0
    return desk.files[name]


def pdf(text: str) -> bytes:
    """Return a one-page PDF that shows a line of plain ASCII text."""
    stream = f"BT /F1 18 Tf 60 760 Td ({text}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + trailer


def budget(desk: Desk, period: Period) -> list[Line]:
    """Return the rows of a cost application: a tenth above what own units cost, bought places at their price."""
    found = []
    for year in by_year(period):
        share = len(months(year))
        for unit in desk.own_units:
            for kind, cents, _ in OWN_COSTS[unit.kind]:
                found.append(Line(Basis.BUDGET, kind, year, 0, cents * share * 11 // 10, unit.id))
        ceilings: dict[int, int] = {}
        for price in day_prices(desk.session, [unit.id or 0 for unit in desk.units]):
            days = year.overlap(price.valid)
            if days is not None:
                ceilings[price.unit_id] = ceilings.get(price.unit_id, 0) + (days.days or 0) * price.day_cents * 8
        found += [Line(Basis.BUDGET, PLACE_DAYS, year, 0, cents, key) for key, cents in sorted(ceilings.items())]
    return found


def send_costs(desk: Desk, period: Period, day: date) -> Claim:
    """Apply for the costs of a period; the application lies before the centre."""
    at = noon(day)
    ref = desk.writer.reference("CL")
    claim = preparing.start(desk.session, desk.officer, Gate.COST, period, at=at, ref=ref)
    preparing.save_budget(desk.session, desk.officer, ref, budget(desk, period), version=claim.version, at=at)
    return send(desk, claim, day)


def start_payment(desk: Desk, period: Period, day: date) -> Claim:
    """Begin the payment application of a period; its days are accepted and it is declared right."""
    at = noon(day)
    claim = preparing.start(desk.session, desk.officer, Gate.PAYMENT, period, at=at, ref=desk.writer.reference("CL"))
    return claim


def finish(desk: Desk, claim: Claim, at: datetime) -> None:
    """Accept every child's days and declare the claim right."""
    lines = [reads.value_of(row) for row in reads.lines(desk.session, claim)]
    if claim.gate is Gate.PAYMENT:
        preparing.accept_days(desk.session, desk.officer, claim.ref, children_in(lines), at=at)
    preparing.declare(desk.session, desk.officer, claim.ref, at=at)


def send(desk: Desk, claim: Claim, day: date) -> Claim:
    """Finish a draft and send it: by the approver where the county has one."""
    at = noon(day)
    finish(desk, claim, at)
    if claim.four_eyes:
        preparing.hand_over(desk.session, desk.officer, claim.ref, version=claim.version, at=at)
    return preparing.send(desk.session, desk.approver, claim.ref, version=claim.version, at=at)


def take(desk: Desk, claim: Claim, by: Actor, day: date) -> None:
    with moving(desk.session, by, noon(day)):
        review.take(desk.session, claim.id or 0, version=claim.version, by=by.user_id, at=noon(day))


def say(desk: Desk, claim: Claim, what: Sequence[Say], by: Actor, day: date) -> None:
    with told():
        review.say(desk.session, claim.id or 0, what, by=by.user_id, at=noon(day))
    log_act(desk.session, by, "claim-lines-judged", claim.ref, noon(day), lines=len(what))


Judge = Callable[[int, Line], Say | None]
"""Says something else than "approve" of a line (key, line), or None."""


def examine(
    desk: Desk, claim: Claim, by: Actor, day: date, *, second: Actor | None = None, judge: Judge | None = None
) -> None:
    """Take a claim, say what of each line, and decide it on the same day."""
    take(desk, claim, by, day)
    words = []
    for row in reads.lines(desk.session, claim):
        other = judge(row.id or 0, reads.value_of(row)) if judge else None
        words.append(other or Say(row.id or 0, Verdict.APPROVE))
    say(desk, claim, words, by, day)
    with moving(desk.session, by, noon(day)):
        review.decide(
            desk.session,
            claim.id or 0,
            version=claim.version,
            by=by.user_id,
            second=second.user_id if second else None,
            at=noon(day),
            on=day,
        )


def pay(
    desk: Desk, claim: Claim, day: date, *, cents: int | None = None, offsets: Sequence[paying.Offset] = ()
) -> Payment | None:
    """Confirm, release and record a payment of what is left, or of an instalment; None where nothing is owed."""
    left = paying.payable_left(desk.session, claim)
    if left <= 0:
        return None
    at = noon(day)
    with told():
        payment = paying.confirm(
            desk.session,
            claim.id or 0,
            ref=desk.writer.reference("PA"),
            cents=cents,
            by=desk.payer.user_id,
            at=at,
            on=day,
            offsets=offsets,
        )
        log_act(desk.session, desk.payer, "payment-confirmed", payment.ref, at, cents=payment.cents)
        later = noon(day + ONE_DAY)
        paying.release(desk.session, payment.id or 0, by=desk.payer_2.user_id, at=later, on=day + ONE_DAY)
        log_act(desk.session, desk.payer_2, "payment-released", payment.ref, later, cents=payment.cents)
        paying.record_paid(
            desk.session,
            payment.id or 0,
            bank_reference=f"RF{18 + (payment.id or 0) % 70} {claim.ref[3:7]}",
            by=desk.payer.user_id,
            at=noon(day + timedelta(days=3)),
        )
        log_act(desk.session, desk.payer, "payment-recorded", payment.ref, noon(day + timedelta(days=3)))
    return payment
