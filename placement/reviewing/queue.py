"""The queue of claims to examine or to pay: where each stands, who has it, what happened last. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from agreements import statements
from agreements.claim_tables import (
    Claim,
    ClaimDecision,
    ClaimDecisionLine,
    ClaimEvent,
    ClaimLine,
    ClaimLineVerdict,
    ClaimStatus,
    ClaimVersion,
    Verdict,
)
from agreements.claim_values import Gate
from agreements.ledger_rules import Account
from agreements.payment_tables import Payment
from placement.clock import business_day
from placement.people.queries import mandate_value
from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Actor, permissions_of
from placement.reimbursed.queries import sight
from placement.reviewing.queue_rules import Facts, Standing, standing
from placement.reviewing.scope import EXAMINERS
from placement.reviewing.tables import ClaimHearing, ClaimQuestion, HearingKind, SecondLook


@dataclass(frozen=True, slots=True)
class Row:
    """A claim in the queue. `since` is when something last happened, `action` what; sums in cents."""

    claim: Claim
    county: Organisation
    authority: Organisation
    reviewer: User | None
    claimed_cents: int
    approved_cents: int
    payable_cents: int
    standing: Standing
    action: str
    since: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the queue is shown; an empty value shows all. `whose`: mine, nobody; `waits` as in Standing."""

    status: str = ""
    waits: str = ""
    whose: str = ""
    county: str = ""

    @property
    def any(self) -> bool:
        return any((self.status, self.waits, self.whose, self.county))


def rows(session: Session, actor: Actor, at: datetime) -> list[Row]:
    """Return every claim before the actor's body, the longest waiting first; about ten statements for any number."""
    claims = session.exec(select(Claim).where(sight(session, actor))).all()
    found = rows_of(session, claims, at)
    return sorted(found, key=lambda row: (row.standing.waits_for == "nobody", row.since, row.claim.id or 0))


def rows_of(session: Session, claims: Sequence[Claim], at: datetime) -> list[Row]:
    """Return the rows of claims the caller may see."""
    keys = [claim.id or 0 for claim in claims]
    wanted = {key for one in claims for key in (one.county_id, one.authority_id)}
    bodies = {row.id: row for row in session.exec(select(Organisation).where(col(Organisation.id).in_(wanted)))}
    people = {
        row.id: row for row in session.exec(select(User).where(col(User.id).in_({c.reviewer_id for c in claims})))
    }
    facts, last = facts_of(session, claims, business_day(at)), _last_events(session, keys)
    claimed = _claimed(session, keys)
    return [
        Row(
            claim=one,
            county=bodies[one.county_id],
            authority=bodies[one.authority_id],
            reviewer=people.get(one.reviewer_id),
            claimed_cents=claimed.get(one.id or 0, 0),
            approved_cents=facts[one.id or 0].approved_cents,
            payable_cents=facts[one.id or 0].payable_cents,
            standing=standing(facts[one.id or 0]),
            action=last[one.id or 0].action,
            since=last[one.id or 0].at,
            days=(business_day(at) - business_day(last[one.id or 0].at)).days,
        )
        for one in claims
    ]


def chosen(every: Sequence[Row], filters: Filters, actor: Actor) -> list[Row]:
    """Return the rows that fit the filters, in the order given."""

    def fits(row: Row) -> bool:
        whose = {"mine": row.claim.reviewer_id == actor.user_id, "nobody": row.claim.reviewer_id is None}
        return (
            filters.status in ("", row.standing.status)
            and filters.waits in ("", row.standing.waits_for)
            and whose.get(filters.whose, True)
            and filters.county in ("", row.county.county_code)
        )

    return [row for row in every if fits(row)]


def facts_of(session: Session, claims: Sequence[Claim], on: date) -> dict[int, Facts]:
    """Return what the standing of each claim follows from, by claim."""
    examined = [one.id or 0 for one in claims if one.status is ClaimStatus.IN_REVIEW]
    words = _last_words(session, examined)
    hearings = _open_hearings(session, examined)
    looks = second_looks(session, examined)
    approved = _approved(session, [one.id or 0 for one in claims if one.status is ClaimStatus.DECIDED])
    paid = [one for one in claims if one.status is ClaimStatus.DECIDED and one.gate is Gate.PAYMENT]
    books = statements.subject_balances(session, [one.ref for one in paid])
    payments = _payments(session, [one.id or 0 for one in paid])
    found = {}
    for one in claims:
        key = one.id or 0
        base = Facts(one.status.value, pays=one.gate is Gate.PAYMENT, approved_cents=approved.get(key, 0))
        if one.status is ClaimStatus.IN_REVIEW:
            look = looks.get(key)
            base = replace(
                base,
                asked=Verdict.ASK in words.get(key, ()),
                answered=Verdict.ANSWER in words.get(key, ()),
                in_hearing=key in hearings,
                second_asked=look is not None and look.answered_at is None,
                second_agreed=look is not None and bool(look.agreed),
            )
        elif one in paid:
            base = replace(
                base,
                payable_cents=-books[one.ref].get(Account.PAYABLE, 0),
                unreleased=any(_waits(payment, one) for payment in payments.get(key, ())),
                returned=any(payment.returned_at is not None for payment in payments.get(key, ())),
                waits=waits_on(one, on),
            )
        found[key] = base
    return found


def waits_on(claim: Claim, on: date) -> bool:
    """Whether an approved claim waits for an appropriation on the day (681/2023 § 59)."""
    return claim.waits_from is not None and claim.waits_from <= on and (claim.waits_to is None or on <= claim.waits_to)


def _waits(payment: Payment, claim: Claim) -> bool:
    return payment.released_at is None and payment.decision_no == claim.decision_no


def _last_words(session: Session, keys: Collection[int]) -> dict[int, set[Verdict]]:
    """Return the verdicts that stand on the lines of claims: the last one of each line of the present version."""
    newest = (
        sa.select(sa.func.max(col(ClaimLineVerdict.id)))
        .join(ClaimLine, col(ClaimLine.id) == ClaimLineVerdict.line_id)
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .join(Claim, sa.and_(col(Claim.id) == ClaimVersion.claim_id, col(Claim.number) == ClaimVersion.number))
        .where(col(Claim.id).in_(keys))
        .group_by(col(ClaimLineVerdict.line_id))
    )
    query = (
        sa.select(col(ClaimVersion.claim_id), col(ClaimLineVerdict.verdict))
        .select_from(ClaimLineVerdict)
        .join(ClaimLine, col(ClaimLine.id) == ClaimLineVerdict.line_id)
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .where(col(ClaimLineVerdict.id).in_(newest))
        .distinct()
    )
    found: dict[int, set[Verdict]] = {}
    for key, verdict in session.execute(query):
        found.setdefault(key, set()).add(verdict)
    return found


def _open_hearings(session: Session, keys: Collection[int]) -> set[int]:
    query = select(ClaimHearing.claim_id).where(
        col(ClaimHearing.claim_id).in_(keys),
        ClaimHearing.kind == HearingKind.DECISION,
        col(ClaimHearing.answered_at).is_(None),
    )
    return set(session.exec(query))


def second_looks(session: Session, keys: Collection[int]) -> dict[int, SecondLook]:
    """Return the newest second look at each claim."""
    query = select(SecondLook).where(col(SecondLook.claim_id).in_(keys)).order_by(col(SecondLook.id))
    return {row.claim_id: row for row in session.exec(query)}


def _approved(session: Session, keys: Collection[int]) -> dict[int, int]:
    query = (
        select(Claim.id, ClaimDecision.approved_cents)
        .join(ClaimDecision, col(ClaimDecision.claim_id) == Claim.id)
        .where(col(Claim.id).in_(keys), ClaimDecision.number == Claim.decision_no)
    )
    return {key or 0: cents for key, cents in session.exec(query)}


def _claimed(session: Session, keys: Collection[int]) -> dict[int, int]:
    query = (
        select(Claim.id, ClaimVersion.claimed_cents)
        .join(ClaimVersion, col(ClaimVersion.claim_id) == Claim.id)
        .where(col(Claim.id).in_(keys), ClaimVersion.number == Claim.number)
    )
    return {key or 0: cents for key, cents in session.exec(query)}


def _payments(session: Session, keys: Collection[int]) -> Mapping[int, list[Payment]]:
    found: dict[int, list[Payment]] = {}
    for row in session.exec(select(Payment).where(col(Payment.claim_id).in_(keys)).order_by(col(Payment.id))):
        found.setdefault(row.claim_id or 0, []).append(row)
    return found


def _last_events(session: Session, keys: Collection[int]) -> dict[int, ClaimEvent]:
    newest = sa.select(sa.func.max(col(ClaimEvent.id))).where(col(ClaimEvent.claim_id).in_(keys))
    query = select(ClaimEvent).where(col(ClaimEvent.id).in_(newest.group_by(col(ClaimEvent.claim_id))))
    return {row.claim_id: row for row in session.exec(query)}


def reviewers(session: Session, organisation_id: int, gate: Gate, on: date) -> list[User]:
    """Return the people of a body who examine claims of a gate on the day, by name."""
    rows_found = session.exec(
        select(User, UserMandate)
        .join(UserMandate, col(UserMandate.user_id) == User.id)
        .where(UserMandate.organisation_id == organisation_id, col(User.active))
        .order_by(col(User.name))
    )
    fitting = {
        user.id: user
        for user, mandate in rows_found
        if mandate_value(mandate).holds_on(on) and EXAMINERS[gate] in permissions_of(mandate.role)
    }
    return list(fitting.values())


def due_days(session: Session, keys: Collection[int]) -> dict[int, date]:
    """Return the last day on which the county answers, by claim: the newest question's or open hearing's."""
    found: dict[int, date] = {}
    asked = select(ClaimQuestion).where(col(ClaimQuestion.claim_id).in_(keys)).order_by(col(ClaimQuestion.id))
    for question in session.exec(asked):
        found[question.claim_id] = question.due_on
    heard = select(ClaimHearing).where(col(ClaimHearing.claim_id).in_(keys), col(ClaimHearing.answered_at).is_(None))
    for hearing in session.exec(heard.order_by(col(ClaimHearing.id))):
        found[hearing.claim_id] = hearing.due_on
    return found


def parked_count(session: Session, keys: Collection[int]) -> int:
    """Return how many lines the standing decisions on claims put off that no later claim has taken over."""
    later = select(ClaimLine.parked_from_id).where(col(ClaimLine.parked_from_id).is_not(None))
    query = (
        select(func.count())
        .select_from(ClaimDecisionLine)
        .join(ClaimDecision, col(ClaimDecision.id) == ClaimDecisionLine.decision_id)
        .join(Claim, sa.and_(col(Claim.id) == ClaimDecision.claim_id, col(Claim.decision_no) == ClaimDecision.number))
        .where(
            col(Claim.id).in_(keys),
            ClaimDecisionLine.verdict == Verdict.PARK,
            col(ClaimDecisionLine.line_id).not_in(later),
        )
    )
    return session.exec(query).one()
