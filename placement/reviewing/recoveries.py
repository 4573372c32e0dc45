"""Money that must come back: heard, ordered with its letter, counted with interest, settled until nothing is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from agreements import claims, recovering
from agreements.claim_rules import last_day_of_recovery
from agreements.claim_tables import Claim, ClaimStatus
from agreements.claim_values import Gate
from agreements.interest_rules import Interest, RateMissing
from agreements.payment_tables import Payment, Recovery, RecoverySettlement
from agreements.recovering import InterestTerms, Order
from placement import references
from placement.audit.service import record
from placement.clock import business_day
from placement.documents.letter import SignNotShown
from placement.people.tables import Organisation, User
from placement.permissions import Actor
from placement.reference.money_rules import penalty_rates, recovery_interest
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.reimbursed.acting import told
from placement.reimbursed.queries import sight
from placement.reviewing import letters, scope, service
from placement.reviewing.tables import ClaimDocument, ClaimHearing, HearingKind


@dataclass(frozen=True, slots=True)
class Overpaid:
    """What was paid beyond what is approved for a year of care and is not ordered back yet, in cents."""

    claim: Claim
    county: Organisation
    year: int
    cents: int
    last_day: date
    hearing: ClaimHearing | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An order to pay back: what is left of it, what is set off in payments that wait, its interest if paid today."""

    recovery: Recovery
    claim: Claim
    county: Organisation
    left_cents: int
    settlements: tuple[RecoverySettlement, ...]
    interest: Interest | None
    rate_missing: bool


def overpaid(session: Session, actor: Actor) -> list[Overpaid]:
    """Return what may be ordered back, by claim and year, the nearest last day first."""
    query = select(Claim).where(sight(session, actor), Claim.gate == Gate.PAYMENT, Claim.status == ClaimStatus.DECIDED)
    found = []
    for claim in session.exec(query):
        for year, cents in recovering.overpaid(session, claim).items():
            county = session.get_one(Organisation, claim.county_id)
            asked = hearing(session, claim, year)
            found.append(Overpaid(claim, county, year, cents, last_day_of_recovery(year), asked))
    return sorted(found, key=lambda one: (one.last_day, one.claim.id or 0))


def hearing(session: Session, claim: Claim, year: int) -> ClaimHearing | None:
    """Return the hearing about ordering back what was overpaid for a year by the decision that stands."""
    query = select(ClaimHearing).where(
        ClaimHearing.claim_id == claim.id,
        ClaimHearing.kind == HearingKind.RECOVERY,
        ClaimHearing.care_year == year,
        ClaimHearing.decision_no == claim.decision_no,
    )
    return session.exec(query.order_by(col(ClaimHearing.id).desc()).limit(1)).first()


def _claim(session: Session, actor: Actor, ref: str, at: datetime) -> Claim:
    claim = scope.find_own(session, actor, ref, business_day(at))
    if claim.gate is not Gate.PAYMENT or claim.status is not ClaimStatus.DECIDED:
        raise NotFound
    return claim


def hear(
    session: Session, actor: Actor, ref: str, year: int, about: str | None, due_on: date | None, at: datetime
) -> None:
    """Ask the county for its view before what was overpaid for a year is ordered back."""
    claim = _claim(session, actor, ref, at)
    if not recovering.overpaid(session, claim).get(year):
        raise Refusal("claim-nothing-overpaid")
    if hearing(session, claim, year) is not None:
        raise Conflict("hearing-open")
    faults = [] if about else [Refusal("about-missing", field="about")]
    try:
        due = service.due_day(due_on, business_day(at))
    except Refusal as refused:
        raise Refusals([*faults, refused]) from refused
    if faults or about is None:
        raise Refusals(faults)
    session.add(
        ClaimHearing(
            claim_id=claim.id or 0,
            kind=HearingKind.RECOVERY,
            decision_no=claim.decision_no,
            care_year=year,
            about=about,
            due_on=due,
            asked_by=actor.user_id,
            asked_at=at,
            asked_on=business_day(at),
        )
    )
    record(
        session, actor=actor, action="recovery-heard", object_kind="claim", object_ref=ref, at=at,
        after={"year": year, "due": due.isoformat()},
    )  # fmt: skip


def order(
    session: Session, actor: Actor, ref: str, year: int, reason: str | None, *, legal: str, demo: bool, at: datetime
) -> Recovery:
    """Order what was overpaid for a year back, by the rule of interest of the day, and write the letters."""
    on = business_day(at)
    claim = _claim(session, actor, ref, at)
    asked = hearing(session, claim, year)
    faults = []
    if asked is None or not service.is_heard(asked, on) or not asked.asked_on < on:
        faults.append(Refusal("claim-not-heard", heard_by=asked.due_on if asked else on))
    if not reason:
        faults.append(Refusal("reason-missing", field="reason"))
    if legal not in letters.LEGAL_LANGUAGES:
        faults.append(Refusal("legal-language-unknown", field="legal"))
    if faults or asked is None or reason is None:
        raise Refusals(faults)
    rule = recovery_interest(on)
    heard_by = min(asked.due_on, on - timedelta(days=1))
    what = Order(
        ref=references.new("RE"),
        care_year=year,
        heard_from=asked.asked_on,
        heard_by=heard_by,
        statement=asked.statement[:1000],
        reason=reason,
        due_on=on + timedelta(days=rule.due_days),
    )
    with told():
        claims.locked(session, claim.id or 0)
        known = session.exec(
            select(Recovery).where(
                Recovery.claim_id == claim.id, Recovery.decision_no == claim.decision_no, Recovery.care_year == year
            )
        ).one_or_none()
        if known is not None:
            return known
        made = recovering.order(
            session, claim.id or 0, what, InterestTerms(rule.starts, rule.days_in_year), by=actor.user_id, at=at, on=on
        )
    record(
        session, actor=actor, action="recovery-ordered", object_kind="recovery", object_ref=made.ref, at=at,
        after={"claim": ref, "year": year, "cents": made.principal_cents},
    )  # fmt: skip
    _write(session, claim, made, legal=legal, demo=demo)
    return made


def _write(session: Session, claim: Claim, made: Recovery, *, legal: str, demo: bool) -> None:
    facts = letters.Order(
        claim=claim,
        recovery=made,
        county=session.get_one(Organisation, claim.county_id),
        authority=session.get_one(Organisation, claim.authority_id),
        decider=session.get_one(User, made.decided_by),
        legal=legal,
        demo=demo,
    )
    try:
        letters.papers(session, facts)
    except SignNotShown as unshown:
        raise Refusal("sign-not-shown", sign=unshown.sign) from unshown


def standing(session: Session, recovery: Recovery, claim: Claim, on: date) -> Standing:
    """Return where an order stands on a day; without a rate for some day the interest is not guessed."""
    left = recovering.left_of(session, recovery)
    interest, missing = None, False
    if left > 0:
        try:
            interest = recovering.interest_on(recovery, left, on, penalty_rates())
        except RateMissing:
            missing = True
    query = select(RecoverySettlement).where(RecoverySettlement.recovery_id == recovery.id)
    return Standing(
        recovery=recovery,
        claim=claim,
        county=session.get_one(Organisation, recovery.county_id),
        left_cents=left,
        settlements=tuple(session.exec(query.order_by(col(RecoverySettlement.id)))),
        interest=interest,
        rate_missing=missing,
    )


def every(session: Session, actor: Actor, on: date) -> list[Standing]:
    """Return the orders whose claims the actor may open, open ones first, the newest first."""
    query = (
        select(Recovery, Claim)
        .join(Claim, col(Claim.id) == Recovery.claim_id)
        .where(scope.readable(session, actor, on))
        .order_by(col(Recovery.id).desc())
    )
    found = [standing(session, recovery, claim, on) for recovery, claim in session.exec(query)]
    return sorted(found, key=lambda one: one.left_cents == 0)


def of_claim(session: Session, claim: Claim, on: date) -> list[Standing]:
    """Return the orders to pay back of a claim, the newest first."""
    query = select(Recovery).where(Recovery.claim_id == claim.id).order_by(col(Recovery.id).desc())
    return [standing(session, recovery, claim, on) for recovery in session.exec(query)]


def settle(
    session: Session,
    actor: Actor,
    ref: str,
    cents: int | None,
    reference: str | None,
    paid_on: date | None,
    at: datetime,
) -> RecoverySettlement:
    """Book money that came back on a day; interest to that day is a leg of its own."""
    on = business_day(at)
    recovery, _claim_of = scope.find_recovery(session, actor, ref, on)
    faults = []
    if not cents:
        faults.append(Refusal("sum-missing", field="cents"))
    if not reference:
        faults.append(Refusal("bank-reference-missing", field="reference"))
    if paid_on is None or not recovery.decided_on <= paid_on <= on:
        faults.append(Refusal("paid-on-outside", field="paid_on", first=recovery.decided_on))
    if faults or not cents or not reference or paid_on is None:
        raise Refusals(faults)
    known = session.exec(
        select(RecoverySettlement).where(
            RecoverySettlement.recovery_id == recovery.id, RecoverySettlement.reference == reference
        )
    ).one_or_none()
    if known is not None:
        return known
    try:
        with told():
            row = recovering.settle(
                session,
                recovery.id or 0,
                principal_cents=cents,
                reference=reference,
                rates=penalty_rates(),
                by=actor.user_id,
                at=at,
                on=paid_on,
            )
    except RateMissing as missing:
        raise Refusal("rate-missing", field="paid_on") from missing
    record(
        session, actor=actor, action="recovery-settled", object_kind="recovery", object_ref=ref, at=at,
        after={"cents": cents, "interest": row.interest_cents},
    )  # fmt: skip
    return row


def document(session: Session, actor: Actor, ref: str, lang: str, on: date) -> ClaimDocument:
    """Return the letter of an order in a language; raises NotFound."""
    recovery, _claim_of = scope.find_recovery(session, actor, ref, on)
    found = session.exec(
        select(ClaimDocument).where(ClaimDocument.recovery_id == recovery.id, ClaimDocument.language == lang)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def payments_of(session: Session, claim: Claim) -> Sequence[Payment]:
    """Return the payments of a claim, the first first."""
    return session.exec(select(Payment).where(Payment.claim_id == claim.id).order_by(col(Payment.id))).all()
