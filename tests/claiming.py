"""A county that claims, a centre that grants and an agency that pays, for tests: small steps with sane defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, select

from agreements import claim_reads, claims, paying, review
from agreements.claim_building import Material
from agreements.claim_tables import Claim, ClaimDecision, Verdict
from agreements.claim_values import Basis, CarePeriod, Cost, Cover, DayPrice, Gate, Invoice, Line
from agreements.claims import Start, Surroundings
from agreements.payment_tables import Payment
from agreements.period import Period
from agreements.review import Say
from placement.people.tables import Organisation, User
from placement.references import new
from tests.conftest import NOW

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
HALF = Period(FIRST, LAST)
SENT_ON = date(2026, 8, 14)
CLEAR = Surroundings()


@dataclass
class Scene:
    """Keys of the bodies and of seven different people."""

    county: int
    other_county: int
    centre: int
    agency: int
    people: list[int]
    units: list[int] = field(default_factory=list)

    officer = property(lambda self: self.people[0])
    approver = property(lambda self: self.people[1])
    reviewer = property(lambda self: self.people[2])
    second = property(lambda self: self.people[3])
    examiner = property(lambda self: self.people[4])
    payer = property(lambda self: self.people[5])
    payer_2 = property(lambda self: self.people[6])


def scene(session: Session, units: int = 2) -> Scene:
    from tests.placing import add_unit, county

    bodies = {row.authority_code: row.id for row in session.exec(select(Organisation)) if row.authority_code}
    people = [row.id or 0 for row in session.exec(select(User).order_by(User.id)).all()]
    found = Scene(
        county=county(session, "08").id or 0,
        other_county=county(session, "04").id or 0,
        centre=next(key or 0 for code, key in bodies.items() if "sisa" in code),
        agency=next(key or 0 for code, key in bodies.items() if "keha" in code),
        people=people[:7],
    )
    found.units = [add_unit(session, f"Yksikkö {number}").id or 0 for number in range(1, units + 1)]
    return found


def care(child: str = "CH-AAAA-0001", unit: int = 1, **changes: Any) -> CarePeriod:
    values: dict[str, Any] = {
        "child_ref": child,
        "unit_id": unit,
        "care_kind": "family_group_home",
        "arrived": date(2025, 9, 1),
        "left": None,
        "right": Period(date(2025, 6, 1), date(2031, 5, 4)),
        "needs_agreement": False,
    }
    return CarePeriod(**values | changes)


def price(unit: int = 1, cents: int = 25_000, first: date = date(2025, 1, 1), last: date | None = None) -> DayPrice:
    return DayPrice(unit, Period(first, last), cents, cents // 2, version_id=None, clause="AG 1 v1 § 5")


def invoice(
    child: str = "CH-AAAA-0001", unit: int = 1, *, days: Period = HALF, cents: int, voucher: str = "V1"
) -> Invoice:
    return Invoice(unit, child, days, cents, "Hoiva Oy", voucher, days.last or days.first)


def cost(
    kind: str = "rent", cents: int = 100_000, *, unit: int | None = 1, voucher: str = "C1", **changes: Any
) -> Cost:
    values: dict[str, Any] = {
        "id": None,
        "cost_kind": kind,
        "unit_id": unit,
        "child_ref": None,
        "days": HALF,
        "net_cents": cents,
        "supplier": "Vuokra Oy",
        "voucher": voucher,
        "voucher_on": LAST,
    }
    return Cost(**values | changes)


def cover(first: date = date(2025, 1, 1), last: date | None = None) -> Cover:
    return Cover(Period(first, last), 1, "AG 1 v1 § 2")


def budget(kind: str, cents: int, *, unit: int | None = None, days: Period = HALF) -> Line:
    return Line(Basis.BUDGET, kind, days, 0, cents, unit_id=unit)


def version(session: Session, claim: Claim) -> int:
    """The version of a claim as it is now, whatever this object still says."""
    return session.get_one(Claim, claim.id).version


def grant(
    session: Session, who: Scene, lines: list[Line], *, on: date = date(2026, 2, 1), period: Period = HALF
) -> Claim:
    """Apply for costs at gate 1 and have all of them granted."""
    claim = claims.start(
        session, Start(new("CL"), Gate.COST, who.county, who.centre, period), lines, by=who.officer, at=NOW
    )
    send(session, who, claim, on=on)
    review_all(session, claim, by=who.reviewer)
    decide(session, claim, by=who.reviewer, second=who.second, on=on)
    return claim


def apply(session: Session, who: Scene, material: Material, *, county: int | None = None) -> Claim:
    start = Start(new("CL"), Gate.PAYMENT, county or who.county, who.agency, material.period)
    return claims.build(session, start, material, by=who.officer, at=NOW)


def send(session: Session, who: Scene, claim: Claim, *, on: date = SENT_ON, around: Surroundings = CLEAR) -> Claim:
    return claims.send(
        session, claim.id or 0, around, version=version(session, claim), by=who.officer, at=NOW, on=on, declared=True
    )


def review_all(session: Session, claim: Claim, *, by: int, besides: dict[int, Say] | None = None) -> None:
    """Take a claim and approve every line but those for which something else is said, by line number."""
    review.take(session, claim.id or 0, version=version(session, claim), by=by, at=NOW)
    other = besides or {}
    what = [
        Say(row.id or 0, **_said(other[row.line_no])) if row.line_no in other else Say(row.id or 0, Verdict.APPROVE)
        for row in claim_reads.lines(session, claim)
    ]
    review.say(session, claim.id or 0, what, by=by, at=NOW)


def _said(what: Say) -> dict[str, Any]:
    return {
        "verdict": what.verdict,
        "approved_cents": what.approved_cents,
        "reason_code": what.reason_code,
        "reason": what.reason,
    }


def decide(
    session: Session, claim: Claim, *, by: int, second: int | None = None, on: date = date(2026, 9, 15)
) -> ClaimDecision:
    return review.decide(session, claim.id or 0, version=version(session, claim), by=by, second=second, at=NOW, on=on)


def pay(
    session: Session, who: Scene, claim: Claim, *, cents: int | None = None, on: date = date(2026, 10, 1), **more: Any
) -> Payment:
    payment = paying.confirm(session, claim.id or 0, ref=new("PA"), cents=cents, by=who.payer, at=NOW, on=on, **more)
    return paying.release(session, payment.id or 0, by=who.payer_2, at=NOW, on=on)


def approved_claim(session: Session, who: Scene, material: Material, besides: dict[int, Say] | None = None) -> Claim:
    """A payment application that was sent, examined and decided."""
    claim = apply(session, who, material)
    send(session, who, claim)
    review_all(session, claim, by=who.examiner, besides=besides)
    decide(session, claim, by=who.examiner)
    return claim


Do = Callable[[Callable[[Session], Any]], Any]
