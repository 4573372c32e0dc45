"""Correcting a decision: seen before it is booked, proposed by one person, made by another, with links both ways.

Nothing that was decided or booked is edited: the next decision reverses the entry of the one it replaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from agreements import claim_reads as reads
from agreements import claims, review, statements
from agreements.claim_tables import Claim, ClaimDecision, ClaimLine, ClaimStatus, ClaimVersion, Verdict
from agreements.claim_values import Gate, Problem
from agreements.ledger import following
from agreements.ledger_rules import Account, month
from agreements.ledger_tables import PostingPeriod
from agreements.payment_tables import Payment, Recovery
from agreements.period import Period
from placement import references
from placement.audit.service import record
from placement.clock import business_day
from placement.people.tables import User
from placement.permissions import Actor
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal, Refusals
from placement.reimbursed.acting import moving, told
from placement.reviewing import deciding, letters, scope, service
from placement.reviewing.effect_rules import Effect, Impossible, LineNow, YearEffect, effect
from placement.reviewing.tables import ClaimHearing, Correction, CorrectionLine, CorrectionStatus, HearingKind

GROUNDS = ("county-asks", "evident-error", "misleading-data", "stay-changed", "price-changed", "birth-date", "finding",
           "rectification", "court")  # fmt: skip
"""Why a decision is corrected; the first and the changed facts come from the county itself."""
OPEN = (CorrectionStatus.PROPOSED, CorrectionStatus.IN_HEARING)


@dataclass(frozen=True, slots=True)
class Dependent:
    """Something later that rests on the decision: `kind` is a word's code, `ref` leads there."""

    kind: str
    ref: str
    cents: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The decision that stands, what changing it does, what depends on it, and the month it would be booked in.

    `taken`: refused lines that another claim has taken over since; with one of them the correction is not made.
    """

    claim: Claim
    decision: ClaimDecision
    now: tuple[LineNow, ...]
    effect: Effect
    dependents: tuple[Dependent, ...]
    month: str
    taken: tuple[Problem, ...] = ()


def decided(session: Session, actor: Actor, ref: str, on: date) -> tuple[Claim, ClaimDecision]:
    """Return a decided claim the actor may open and the decision that stands; raises NotFound."""
    claim = scope.find(session, actor, ref, on)
    standing = reads.decision(session, claim)
    if claim.status is not ClaimStatus.DECIDED or standing is None:
        raise NotFound
    return claim, standing


def preview(session: Session, actor: Actor, ref: str, after: Mapping[int, int], on: date) -> Preview:
    """Return what approving other sums would do; nothing is booked. Raises Refusal for a sum that cannot be."""
    claim, standing = decided(session, actor, ref, on)
    now = lines_now(session, claim, standing)
    unknown = set(after) - {line.number for line in now}
    if unknown:
        raise NotFound
    try:
        found = effect(now, after, paid_by_year(session, claim, now), pays=claim.gate is Gate.PAYMENT, on=on)
    except Impossible as wrong:
        raise Refusal(
            f"correction-{wrong.code}", field=f"line-{wrong.line}", line=wrong.line, cents=wrong.cents
        ) from wrong
    keys = _keys(session, claim)
    taken = review.taken_over(session, claim, {keys[line.number]: line.after_cents for line in found.lines})
    rests, booked_in = tuple(dependents(session, claim)), posting_month(session, on)
    return Preview(claim, standing, tuple(now), found, rests, booked_in, tuple(taken))


def _keys(session: Session, claim: Claim) -> dict[int, int]:
    """Return the key of each line of a claim's present version, by its number."""
    return {line.line_no: line.id or 0 for line in reads.lines(session, claim)}


def _claimed_since(kind: type[Refusal], problem: Problem) -> Refusal:
    """Return the refusal of a line that another claim has taken over, as the books themselves would refuse it."""
    number = problem.line_no or 0
    return kind("claim-claimed-since", field=f"line-{number}", line=number, other=problem.fact("claim") or "")


def lines_now(session: Session, claim: Claim, standing: ClaimDecision) -> list[LineNow]:
    """Return each line as the decision that stands has it."""
    said = reads.decision_lines(session, standing.id or 0)
    left = {}
    if claim.gate is Gate.COST:
        period = Period(claim.period_first, claim.period_last)
        left = {one.line_id: one.left_cents for one in reads.grants(session, claim.county_id, period)}
    found = []
    for row in reads.lines(session, claim):
        approved = said[row.id or 0].approved_cents
        used = approved - left[row.id or 0] if row.id in left else 0
        parked = said[row.id or 0].verdict is Verdict.PARK
        found.append(LineNow(row.line_no, row.care_year, row.claimed_cents, approved, parked, used))
    return found


def paid_by_year(session: Session, claim: Claim, now: list[LineNow]) -> dict[int, int]:
    """Return what the county was paid of a claim by year of care and keeps: what was ordered back is not in it."""
    approved: dict[int, int] = {}
    for line in now:
        approved[line.care_year] = approved.get(line.care_year, 0) + line.approved_cents
    owed = statements.net_by_year(session, claim.ref, Account.PAYABLE)
    return {year: cents + owed.get(year, 0) for year, cents in approved.items()}


def dependents(session: Session, claim: Claim) -> list[Dependent]:
    """Return what rests on the decision: payments, recoveries, applications that use its grants, later lines."""
    found = []
    for payment in session.exec(select(Payment).where(Payment.claim_id == claim.id).order_by(col(Payment.id))):
        if payment.released_at is None and payment.decision_no != claim.decision_no:
            continue
        kind = "payment-waiting" if payment.released_at is None else "payment-made"
        found.append(Dependent(kind, payment.ref, payment.cents))
    recoveries = session.exec(select(Recovery).where(Recovery.claim_id == claim.id).order_by(col(Recovery.id)))
    found += [Dependent("recovery", one.ref, one.principal_cents) for one in recoveries]
    version = reads.version_of(session, claim)
    mine = select(ClaimLine.id).where(ClaimLine.version_id == version.id)
    for column, kind in (
        (ClaimLine.grant_line_id, "used-by"),
        (ClaimLine.parked_from_id, "parked-to"),
        (ClaimLine.corrects_line_id, "corrected-by"),
    ):
        later = (
            select(Claim.ref, func.sum(ClaimLine.claimed_cents))
            .join(ClaimVersion, col(ClaimVersion.claim_id) == Claim.id)
            .join(ClaimLine, col(ClaimLine.version_id) == ClaimVersion.id)
            .where(col(column).in_(mine), Claim.number == ClaimVersion.number, col(Claim.status).in_(reads.COUNTING))
            .group_by(Claim.ref)
            .order_by(Claim.ref)
        )
        found += [Dependent(kind, ref, int(cents)) for ref, cents in session.exec(later)]
    return found


def posting_month(session: Session, on: date) -> str:
    """Return the month that an entry of the day would be posted in: its own, or the first open one."""
    rows = {row.code: row.closed_at for row in session.exec(select(PostingPeriod))}
    closed = max((code for code, at in rows.items() if at is not None), default="")
    own = month(on)
    if own > closed:
        return own
    return min((code for code, at in rows.items() if at is None and code > closed), default=following(closed))


def propose(
    session: Session, actor: Actor, ref: str, after: Mapping[int, int], ground: str, reason: str | None, at: datetime
) -> Correction:
    """Propose other sums for lines of a decision, with why; nothing is booked until another person makes it.

    Raises Conflict while another correction of the decision is open, and Refusals for what is missing and for refused
    lines that another claim has taken over.
    """
    on = business_day(at)
    found = preview(session, actor, ref, after, on)
    faults = []
    if ground not in GROUNDS:
        faults.append(Refusal("ground-missing", field="ground"))
    if not reason:
        faults.append(Refusal("reason-missing", field="reason"))
    if not found.effect.lines:
        faults.append(Refusal("claim-nothing-changes"))
    faults += [_claimed_since(Refusal, one) for one in found.taken]
    if faults or not reason:
        raise Refusals(faults)
    with told():
        claims.locked(session, found.claim.id or 0)
    if any(one.status in OPEN for one in of_claim(session, found.claim)):
        raise Conflict("correction-open")
    row = Correction(
        ref=references.new("CO"),
        claim_id=found.claim.id or 0,
        decision_no=found.decision.number,
        ground=ground,
        reason=reason,
        status=CorrectionStatus.PROPOSED,
        proposed_by=actor.user_id,
        proposed_at=at,
    )
    session.add(row)
    session.flush()
    keys = _keys(session, found.claim)
    session.add_all(
        CorrectionLine(
            correction_id=row.id or 0,
            line_id=keys[line.number],
            before_cents=line.before_cents,
            after_cents=line.after_cents,
        )
        for line in found.effect.lines
    )
    _log(session, actor, "correction-proposed", row, at, claim=ref, change=found.effect.change_cents)
    return row


def of_claim(session: Session, claim: Claim) -> list[Correction]:
    """Return the corrections of a claim, the newest first."""
    query = select(Correction).where(Correction.claim_id == claim.id).order_by(col(Correction.id).desc())
    return list(session.exec(query))


def wanted(session: Session, correction: Correction) -> dict[int, int]:
    """Return the sums that a correction approves, by line number."""
    query = (
        select(ClaimLine.line_no, CorrectionLine.after_cents)
        .join(CorrectionLine, col(CorrectionLine.line_id) == ClaimLine.id)
        .where(CorrectionLine.correction_id == correction.id)
    )
    return dict(session.exec(query).all())


def hearing(session: Session, correction: Correction) -> ClaimHearing | None:
    query = select(ClaimHearing).where(ClaimHearing.correction_id == correction.id)
    return session.exec(query.order_by(col(ClaimHearing.id).desc()).limit(1)).first()


def _open(session: Session, actor: Actor, ref: str, at: datetime) -> tuple[Correction, Claim]:
    """Return a correction that waits and its claim, both under a lock; only who examines such claims acts on it."""
    correction, claim = scope.find_correction(session, actor, ref, business_day(at))
    if not scope.may_examine(session, actor, claim):
        raise NotAllowed("claim-of-another")
    with told():
        locked = claims.locked(session, claim.id or 0)
    session.refresh(correction)
    if correction.status not in OPEN:
        raise Conflict("correction-closed")
    if correction.decision_no != locked.decision_no:
        raise Conflict("claim-decision-replaced")
    return correction, locked


def send_for_hearing(session: Session, actor: Actor, ref: str, due_on: date | None, at: datetime) -> None:
    """Ask the county for its view on a correction against it, until a day."""
    correction, claim = _open(session, actor, ref, at)
    due = service.due_day(due_on, business_day(at))
    if hearing(session, correction) is not None:
        raise Conflict("hearing-open")
    session.add(
        ClaimHearing(
            claim_id=claim.id or 0,
            kind=HearingKind.CORRECTION,
            decision_no=claim.decision_no,
            correction_id=correction.id,
            about=correction.reason,
            due_on=due,
            asked_by=actor.user_id,
            asked_at=at,
            asked_on=business_day(at),
        )
    )
    correction.status = CorrectionStatus.IN_HEARING
    correction.version += 1
    session.add(correction)
    _log(session, actor, "correction-heard", correction, at, due=due.isoformat())


def lacks(session: Session, actor: Actor, correction: Correction, found: Preview, on: date) -> str | None:
    """Return what keeps the actor from making a correction, or None.

    Words: other-person, claimed-since, hearing-needed, hearing-open.
    """
    if correction.proposed_by == actor.user_id:
        return "other-person"
    if found.taken:
        return "claimed-since"
    if not found.effect.against_county or correction.ground in ("county-asks",):
        return None
    asked = hearing(session, correction)
    if asked is None:
        return "hearing-needed"
    return None if service.is_heard(asked, on) else "hearing-open"


def make(session: Session, actor: Actor, ref: str, *, legal: str, demo: bool, at: datetime) -> ClaimDecision:
    """Make a correction: the old decision's entry is reversed, a new one booked, the letters written.

    Raises NotAllowed for who proposed it and Conflict while the county must still be heard.
    """
    on = business_day(at)
    correction, claim = _open(session, actor, ref, at)
    found = preview(session, actor, claim.ref, wanted(session, correction), on)
    missing = lacks(session, actor, correction, found, on)
    if missing == "other-person":
        raise NotAllowed("correction-yours")
    if missing == "claimed-since":
        raise _claimed_since(Conflict, found.taken[0])
    if missing:
        raise Conflict(f"correction-{missing}")
    if legal not in letters.LEGAL_LANGUAGES:
        raise Refusal("legal-language-unknown", field="legal")
    keys = _keys(session, claim)
    with moving(session, actor, at):
        made = review.correct(
            session,
            claim.id or 0,
            {keys[number]: cents for number, cents in wanted(session, correction).items()},
            version=claim.version,
            proposed_by=correction.proposed_by,
            by=actor.user_id,
            at=at,
            on=on,
            reason=correction.reason,
        )
    correction.status, correction.made_no = CorrectionStatus.MADE, made.number
    correction.made_by, correction.made_at = actor.user_id, at
    correction.version += 1
    session.add(correction)
    session.flush()
    deciding.write_letters(session, claim, made, legal=legal, demo=demo)
    return made


def withdraw(session: Session, actor: Actor, ref: str, at: datetime) -> None:
    """Give a proposed correction up; who proposed it or who examines the claim may."""
    correction, claim = scope.find_correction(session, actor, ref, business_day(at))
    if correction.proposed_by != actor.user_id and not scope.may_examine(session, actor, claim):
        raise NotAllowed("claim-of-another")
    if correction.status not in OPEN:
        raise Conflict("correction-closed")
    correction.status = CorrectionStatus.WITHDRAWN
    correction.version += 1
    session.add(correction)
    _log(session, actor, "correction-withdrawn", correction, at)


def every(session: Session, actor: Actor, on: date) -> list[tuple[Correction, Claim]]:
    """Return the corrections of claims the actor may open, those that wait first, then the newest first."""
    query = (
        select(Correction, Claim)
        .join(Claim, col(Claim.id) == Correction.claim_id)
        .where(scope.readable(session, actor, on))
        .order_by(col(Correction.id).desc())
    )
    return sorted(session.exec(query), key=lambda pair: pair[0].status not in OPEN)


def waiting_count(session: Session, actor: Actor, on: date) -> int:
    """Return how many corrections wait that the actor may make: proposed by others, on claims of the own body."""
    return sum(
        1
        for one, claim in every(session, actor, on)
        if one.status in OPEN and one.proposed_by != actor.user_id and scope.may_examine(session, actor, claim)
    )


def changes(session: Session, correction: Correction) -> list[tuple[int, int, int]]:
    """Return each line a correction changes: number, cents before, cents after."""
    query = (
        select(ClaimLine.line_no, CorrectionLine.before_cents, CorrectionLine.after_cents)
        .join(CorrectionLine, col(CorrectionLine.line_id) == ClaimLine.id)
        .where(CorrectionLine.correction_id == correction.id)
        .order_by(col(ClaimLine.line_no))
    )
    return list(session.exec(query).all())


def after(session: Session, claim: Claim, on: date) -> list[YearEffect]:
    """Return for each year of care of a decided application what is owed to or by the county now."""
    standing = reads.decision(session, claim)
    assert standing is not None  # only decided claims are asked about
    now = lines_now(session, claim, standing)
    return list(effect(now, {}, paid_by_year(session, claim, now), pays=True, on=on).years)


def people(session: Session, correction: Correction) -> tuple[User, User | None]:
    """Return who proposed and who made a correction."""
    maker = session.get(User, correction.made_by) if correction.made_by else None
    return session.get_one(User, correction.proposed_by), maker


def _log(session: Session, actor: Actor, action: str, correction: Correction, at: datetime, **after: object) -> None:
    record(session, actor=actor, action=action, object_kind="correction", object_ref=correction.ref, at=at, after=after)
