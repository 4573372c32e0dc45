"""The county's side of a claim as the host does it: begin, choose, write anew, check, send, take back, answer.

Who may act is asked here, the library is called, one audit event is written for each move; the caller commits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements import claims, review
from agreements.claim_rules import grant_for, last_day_of_application
from agreements.claim_tables import Claim, ClaimStatus, Verdict
from agreements.claim_values import Gate, Grant, Line, Problem
from agreements.claims import Start, Surroundings
from agreements.in_force import coverage
from agreements.period import Period
from agreements.refused import ClaimHasProblems
from placement import references
from placement.clock import business_day
from placement.people.queries import mandate_value
from placement.people.tables import Organisation, UserMandate
from placement.permissions import Actor, Permission, Role
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal
from placement.reimbursed import building, costs, expecting, queries
from placement.reimbursed.acting import ClaimNotReady, filing_day, log_act, moving, told
from placement.reimbursed.building_rules import Choices, choices_in, compose
from placement.reimbursed.checking_rules import Done, county_problems
from placement.reimbursed.steps import DECLARATION, accepted, done, mark, unmark

Change = Callable[[Choices], Choices]
OPEN = (ClaimStatus.DRAFT, ClaimStatus.TO_APPROVER)


@dataclass(frozen=True)
class Against:
    """Everything that stands against sending a claim, the county's own rules among it."""

    problems: tuple[Problem, ...]

    @property
    def blocking(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.blocking)


def two_people(session: Session, county_id: int, on: date) -> bool:
    """Whether the county has somebody who approves claims: then the one who prepared a claim does not send it."""
    rows = session.exec(
        select(UserMandate).where(UserMandate.organisation_id == county_id, UserMandate.role == Role.CLAIMS_APPROVER)
    )
    return any(mandate_value(row).holds_on(on) for row in rows)


def open_claim(session: Session, county_id: int, gate: Gate, period: Period) -> Claim | None:
    """Return the draft of a county for a gate that shares days with a period, None when there is none."""
    return session.exec(
        select(Claim).where(
            Claim.county_id == county_id,
            Claim.gate == gate,
            col(Claim.status).in_(OPEN),
            col(Claim.period_first) <= (period.last or date.max),
            col(Claim.period_last) >= period.first,
        )
    ).first()


def open_claims(session: Session, county_id: int, period: Period) -> list[Claim]:
    """Return the drafts of payment applications of a county that share days with a period, by first day."""
    query = select(Claim).where(
        Claim.county_id == county_id,
        Claim.gate == Gate.PAYMENT,
        col(Claim.status).in_(OPEN),
        col(Claim.period_first) <= (period.last or date.max),
        col(Claim.period_last) >= period.first,
    )
    return list(session.exec(query.order_by(col(Claim.period_first), col(Claim.id))))


def sum_of_facts(session: Session, claim: Claim, on: date) -> int:
    """Return what a draft would claim, in cents, if it were written anew from the facts of the day."""
    choices = choices_in([reads.value_of(row) for row in reads.lines(session, claim)])
    period = Period(claim.period_first, claim.period_last)
    lines = written(session, claim.county_id, claim.gate, period, on, choices, besides=claim.id)
    return sum(line.claimed_cents for line in lines)


def start(session: Session, actor: Actor, gate: Gate, period: Period, *, at: datetime, ref: str | None = None) -> Claim:
    """Begin a claim of the actor's county: a payment application writes itself from the facts of the period.

    Refused while a draft of the same gate shares days with the period: two drafts would claim the same days.
    """
    county_id = _preparer(actor)
    on = business_day(at)
    known = open_claim(session, county_id, gate, period)
    if known is not None:
        raise Conflict("claim-started", claim=known.ref)
    county = session.get_one(Organisation, county_id)
    what = Start(
        ref=ref or references.new("CL"),
        gate=gate,
        county_id=county_id,
        authority_id=queries.competent(session, gate, county, on).id or 0,
        period=period,
        four_eyes=two_people(session, county_id, on),
    )
    with moving(session, actor, at):
        lines = written(session, county_id, gate, period, on, Choices())
        return claims.start(session, what, lines, by=actor.user_id, at=at)


def written(
    session: Session, county_id: int, gate: Gate, period: Period, on: date, choices: Choices, besides: int | None = None
) -> list[Line]:
    """Return the lines that the facts give for a claim; a cost application begins with what last half-year cost."""
    if gate is Gate.COST:
        return expecting.expected(session, county_id, period, on)
    facts = building.material(session, county_id, period, on, besides=besides)
    more = [
        *building.reserved(session, facts.care, facts.prices, period),
        *building.put_off(session, county_id),
        *building.corrections(session, county_id, on),
    ]
    return compose(facts, choices, [_granted(line, facts.grants) for line in more])


def _granted(line: Line, grants: Sequence[Grant]) -> Line:
    grant = grant_for(line, grants) if line.grant_line_id is None and line.claimed_cents else None
    return replace(line, grant_line_id=grant.line_id) if grant else line


def editable(session: Session, actor: Actor, ref: str) -> Claim:
    """Return the actor's own draft; raises NotFound for a foreign one and Conflict for one that was handed on."""
    _preparer(actor)
    claim = queries.find(session, actor, ref)
    if claim.status is not ClaimStatus.DRAFT:
        raise Conflict("claim-wrong-state", claim=claim.ref, status=claim.status.value)
    return claim


def _preparer(actor: Actor) -> int:
    if actor.county_id is None:
        raise NotFound
    if not actor.can(Permission.PREPARE_CLAIMS):
        raise NotAllowed("claims-of-officers")
    return actor.county_id


def refresh(
    session: Session, actor: Actor, ref: str, *, version: int, at: datetime, change: Change | None = None
) -> Claim:
    """Write a draft anew from the facts of today, with its choices, changed as `change` says."""
    claim = editable(session, actor, ref)
    choices = choices_in([reads.value_of(row) for row in reads.lines(session, claim)])
    period = Period(claim.period_first, claim.period_last)
    with moving(session, actor, at):
        lines = written(
            session,
            claim.county_id,
            claim.gate,
            period,
            business_day(at),
            change(choices) if change else choices,
            besides=claim.id,
        )
        return rewrite(session, actor, claim, lines, version=version, at=at)


def rewrite(
    session: Session, actor: Actor, claim: Claim, lines: Sequence[Line], *, version: int, at: datetime
) -> Claim:
    """Replace the lines of a draft; what was declared of the old ones is no longer declared. Call inside `moving`."""
    claims.rewrite(session, claim.id or 0, lines, version=version, by=actor.user_id, at=at)
    unmark(session, claim, DECLARATION)
    return claim


def save_budget(
    session: Session, actor: Actor, ref: str, lines: Sequence[Line], *, version: int, at: datetime
) -> Claim:
    """Save the rows of a cost application; raises NotFound for an application for payment."""
    claim = editable(session, actor, ref)
    if claim.gate is not Gate.COST:
        raise NotFound
    with moving(session, actor, at):
        return rewrite(session, actor, claim, lines, version=version, at=at)


def remove_cost(session: Session, actor: Actor, ref: str, cost_id: int, *, version: int, at: datetime) -> Claim:
    """Take a cost out of the county's books and out of the draft; refused when a claim that was sent rests on it."""
    claim = editable(session, actor, ref)
    kept = [reads.value_of(row) for row in reads.lines(session, claim) if row.cost_entry_id != cost_id]
    with moving(session, actor, at):
        rewrite(session, actor, claim, kept, version=version, at=at)
    costs.remove_cost(session, actor, cost_id, at=at)
    return refresh(session, actor, ref, version=claim.version, at=at)


def explain_late(session: Session, actor: Actor, ref: str, reason: str, *, version: int, at: datetime) -> Claim:
    """Say why a draft comes after the last day to apply; the reason stands on each line of such a year of care."""
    claim = editable(session, actor, ref)
    if not reason.strip():
        raise Refusal("reason-missing", field="reason")
    lines = [reads.value_of(row) for row in reads.lines(session, claim)]
    late = {line.care_year for line in lines if filing_day(at) > last_day_of_application(line.days.first)}
    said = [replace(line, late_reason=reason.strip()) if line.care_year in late else line for line in lines]
    with moving(session, actor, at):
        return rewrite(session, actor, claim, said, version=version, at=at)


def accept_days(session: Session, actor: Actor, ref: str, children: Sequence[str], *, at: datetime) -> Claim:
    """Say that the days of some children are right as they stand."""
    claim = editable(session, actor, ref)
    for child in children:
        mark(session, claim, accepted(child), by=actor.user_id, at=at)
    log_act(session, actor, "claim-days-accepted", ref, at, children=len(children))
    return claim


def declare(session: Session, actor: Actor, ref: str, *, at: datetime) -> Claim:
    """Declare that what the claim says is right; any later change of its lines takes the declaration away."""
    claim = editable(session, actor, ref)
    mark(session, claim, DECLARATION, by=actor.user_id, at=at)
    log_act(session, actor, "claim-declared", ref, at, number=claim.number)
    return claim


def against(session: Session, claim: Claim, *, at: datetime) -> Against:
    """Return everything that stands against sending the claim now, in the order of its lines."""
    on = filing_day(at)
    found = list(claims.check(session, claim, surroundings(session, claim), on=on).problems)
    lines = [reads.value_of(row) for row in reads.lines(session, claim)]
    keys = done(session, claim)
    said = Done(
        declared=DECLARATION in keys or claim.status is not ClaimStatus.DRAFT,
        accepted=frozenset(key.removeprefix("days:") for key in keys if key.startswith("days:")),
        on=business_day(at),
    )
    if claim.status is ClaimStatus.DRAFT:
        found += county_problems(lines, said, Period(claim.period_first, claim.period_last), claim.gate)
    return Against(tuple(sorted(found, key=lambda one: (one.line_no is None, one.line_no or 0, one.code))))


def surroundings(session: Session, claim: Claim) -> Surroundings:
    """Return the agreed places of the county's units in the period, and the days of calculated compensation."""
    period = Period(claim.period_first, claim.period_last)
    lines = reads.lines(session, claim)
    units = sorted({row.unit_id for row in lines if row.unit_id is not None})
    places = [
        (one.unit_id, days, one.places)
        for one in coverage(session, units)
        if "founding" in one.chapters and (days := one.period.overlap(period)) is not None
    ]
    interpreted = {row.child_ref for row in lines if row.cost_kind == "interpreting" and row.child_ref}
    return Surroundings(tuple(places), tuple(expecting.calculated_days(session, interpreted)))


def hand_over(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Claim:
    """Hand a finished draft to the person who approves and sends it."""
    claim = editable(session, actor, ref)
    _require_ready(session, claim, at)
    around = surroundings(session, claim)
    with moving(session, actor, at):
        return claims.to_approver(
            session, claim.id or 0, around, version=version, by=actor.user_id, at=at, on=filing_day(at)
        )


def send(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Claim:
    """Send a claim to the authority that is competent that day: its version is frozen and booked.

    Sent already by the same person in the same version: returned as it is.
    """
    claim = queries.find(session, actor, ref)
    if actor.county_id is None:
        raise NotFound
    if claim.four_eyes and not actor.can(Permission.SEND_CLAIMS):
        raise NotAllowed("claims-of-approvers")
    if not actor.can(Permission.SEND_CLAIMS) and not actor.can(Permission.PREPARE_CLAIMS):
        raise NotAllowed("claims-of-approvers")
    if claim.status in OPEN:
        _require_ready(session, claim, at)
        county = session.get_one(Organisation, claim.county_id)
        claim.authority_id = queries.competent(session, claim.gate, county, business_day(at)).id or 0
    around = surroundings(session, claim)
    with moving(session, actor, at):
        return claims.send(
            session,
            claim.id or 0,
            around,
            version=version,
            by=actor.user_id,
            at=at,
            on=filing_day(at),
            declared=True,
        )


def _require_ready(session: Session, claim: Claim, at: datetime) -> None:
    blocking = against(session, claim, at=at).blocking
    if blocking:
        raise ClaimNotReady(ClaimHasProblems(blocking))


def take_back(session: Session, actor: Actor, ref: str, reason: str, *, version: int, at: datetime) -> Claim:
    """Take a claim back before its review starts: what was booked is reversed and the next version is in work."""
    claim = queries.find(session, actor, ref)
    if actor.county_id is None or not (actor.can(Permission.PREPARE_CLAIMS) or actor.can(Permission.SEND_CLAIMS)):
        raise NotAllowed("claims-of-officers")
    if not reason.strip():
        raise Refusal("reason-missing", field="reason")
    with moving(session, actor, at):
        return claims.take_back(
            session,
            claim.id or 0,
            version=version,
            by=actor.user_id,
            at=at,
            on=business_day(at),
            reason=reason.strip(),
        )


def withdraw(session: Session, actor: Actor, ref: str, reason: str, *, version: int, at: datetime) -> Claim:
    """Give a draft up for good; its days and costs may be claimed again."""
    claim = editable(session, actor, ref)
    if not reason.strip():
        raise Refusal("reason-missing", field="reason")
    with moving(session, actor, at):
        return claims.withdraw(session, claim.id or 0, version=version, by=actor.user_id, at=at, reason=reason.strip())


def answer(session: Session, actor: Actor, ref: str, answers: dict[int, str], *, at: datetime) -> Claim:
    """Answer what the reviewer asked, line by line (number to text); only lines with an open question take one."""
    if actor.county_id is None or not actor.can(Permission.PREPARE_CLAIMS):
        raise NotAllowed("claims-of-officers")
    claim = queries.find(session, actor, ref)
    by_number = {row.line_no: row.id or 0 for row in reads.lines(session, claim)}
    if not set(answers) <= set(by_number):
        raise NotFound
    said = [
        review.Say(by_number[number], Verdict.ANSWER, reason=text.strip()) for number, text in sorted(answers.items())
    ]
    with told():
        review.say(session, claim.id or 0, said, by=actor.user_id, at=at)
    log_act(session, actor, "claim-answered", ref, at, lines=sorted(answers))
    return claim
