"""The days that come up in the agreements a person may see, and the record of their reviews."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements import terms
from agreements.life_tables import AgreementReview
from agreements.refused import Refused
from agreements.tables import Agreement, AgreementKind, AgreementUnit, AgreementVersion, VersionStatus
from placement.agreed import acting, queries
from placement.agreed.deadline_rules import InForceFacts, Kind, days_of
from placement.agreed.heads import Head
from placement.agreed.writing import told
from placement.audit.service import record
from placement.clock import business_day
from placement.people.tables import User, UserMandate
from placement.permissions import Actor, Permission, Role
from placement.reference import NotInForce, due
from placement.units.tables import Unit

REVIEW_MONTHS = 48
"""Municipal places are reviewed at least every four years (681/2023 § 42.2)."""

SOON = timedelta(days=60)


@dataclass(frozen=True)
class Deadline:
    """A day to come (or a review that is overdue): of which agreement, and what it is about (a unit, a person)."""

    kind: Kind
    day: date
    ref: str | None
    title: str
    about: str
    days_left: int


def all_of(session: Session, actor: Actor, on: date) -> list[Deadline]:
    """Return every deadline of the agreements that the actor may see, and of the own body's mandates, by day."""
    heads = [one for one in queries.seen_heads(session, actor, on) if one.status == "in-force"]
    found = [
        *_of_versions(session, heads, on),
        *_hearings(session, actor, on),
        *_registrations(session, heads, on),
        *_mandates(session, actor, on),
    ]
    return sorted(found, key=lambda one: (one.day, list(Kind).index(one.kind), one.ref or "", one.about))


def soon(session: Session, actor: Actor, at: datetime) -> list[Deadline]:
    """Return the deadlines within 60 days and overdue reviews, without the ends, which Today tells by themselves."""
    if not (actor.can(Permission.DRAFT_AGREEMENTS) or actor.can(Permission.SIGN_AGREEMENTS)):
        return []
    on = business_day(at)
    return [one for one in all_of(session, actor, on) if one.day <= on + SOON and one.kind is not Kind.ENDS]


def _of_versions(session: Session, heads: Sequence[Head], on: date) -> list[Deadline]:
    agreed = _terms(session, [one.facts.id for one in heads])
    reviews = _reviews(session, [one.agreement_id for one in heads])
    found = []
    for head in heads:
        title, text = agreed[head.facts.id]
        values = terms.load(text)
        reviewed_on = max([head.facts.valid_from, *reviews.get(head.agreement_id, ())])
        facts = InForceFacts(
            reviewed_on=reviewed_on,
            ends_on=head.ends_on,
            by_term=head.ends_on == head.facts.valid_to,
            notice_months=values.notice_months,
            review_months=values.review_months,
            law_due=review_by_law(head.kind, reviewed_on),
        )
        found += [_deadline(kind, day, on, head.ref, title, "") for kind, day in days_of(facts, on)]
    return found


def review_by_law(kind: str, reviewed_on: date) -> date | None:
    """Return the day by which the law asks for a review after one on a day; only municipal places have one."""
    if kind != AgreementKind.MUNICIPAL_PLACES:
        return None
    try:
        return due("places_review", reviewed_on)
    except NotInForce:
        return None


def _deadline(kind: Kind, day: date, on: date, ref: str | None, title: str, about: str) -> Deadline:
    return Deadline(kind, day, ref, title, about, (day - on).days)


def _terms(session: Session, version_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        sa.select(col(AgreementVersion.id), col(Agreement.title), col(AgreementVersion.terms))
        .join(Agreement, col(Agreement.id) == AgreementVersion.agreement_id)
        .where(col(AgreementVersion.id).in_(version_ids))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _reviews(session: Session, agreement_ids: Collection[int]) -> dict[int, list[date]]:
    found: dict[int, list[date]] = {}
    query = select(AgreementReview).where(col(AgreementReview.agreement_id).in_(agreement_ids))
    for row in session.exec(query):
        found.setdefault(row.agreement_id, []).append(row.held_on)
    return found


def _hearings(session: Session, actor: Actor, on: date) -> list[Deadline]:
    rows = session.exec(
        select(Agreement, AgreementVersion)
        .join(AgreementVersion, col(AgreementVersion.agreement_id) == Agreement.id)
        .where(
            queries.in_sight(session, actor, on),
            AgreementVersion.status == VersionStatus.HEARING,
            col(AgreementVersion.heard_on).is_(None),
            col(AgreementVersion.hearing_due_on) >= on,
        )
    ).all()
    return [
        _deadline(Kind.HEARING, version.hearing_due_on, on, agreement.ref, agreement.title, "")
        for agreement, version in rows
        if version.hearing_due_on is not None
    ]


def _registrations(session: Session, heads: Sequence[Head], on: date) -> list[Deadline]:
    by_version = {one.facts.id: one for one in heads}
    rows = session.exec(
        select(AgreementUnit.version_id, Unit)
        .join(Unit, col(Unit.id) == AgreementUnit.unit_id)
        .where(col(AgreementUnit.version_id).in_(by_version), col(Unit.registered_to) >= on)
        .distinct()
    ).all()
    return [
        _deadline(Kind.REGISTRATION, unit.registered_to, on, by_version[key].ref, "", unit.name)
        for key, unit in rows
        if unit.registered_to is not None
    ]


def _mandates(session: Session, actor: Actor, on: date) -> list[Deadline]:
    """Return when mandates to sign for the own body end; a signatory is told of the own one only."""
    query = (
        select(UserMandate, User)
        .join(User, col(User.id) == UserMandate.user_id)
        .where(
            UserMandate.organisation_id == actor.organisation_id,
            UserMandate.role == Role.SIGNATORY,
            col(UserMandate.valid_to) >= on,
            col(User.active),
        )
    )
    if not actor.can(Permission.DRAFT_AGREEMENTS):
        query = query.where(UserMandate.user_id == actor.user_id)
    return [
        _deadline(Kind.MANDATE, mandate.valid_to, on, None, "", user.name)
        for mandate, user in session.exec(query)
        if mandate.valid_to is not None
    ]


def reviews_of(session: Session, agreement: Agreement) -> list[AgreementReview]:
    """Return the reviews of an agreement, the latest first."""
    query = select(AgreementReview).where(AgreementReview.agreement_id == agreement.id)
    return list(session.exec(query.order_by(col(AgreementReview.held_on).desc(), col(AgreementReview.id).desc())))


def record_review(session: Session, actor: Actor, ref: str, held_on: date, outcome: str, *, at: datetime) -> None:
    """Record that the parties reviewed the agreement on a day; the same day again is refused.

    Raises Refusal: the day is to come, before the agreement was in force, or recorded already.
    """
    on = business_day(at)
    agreement, version, _ = acting.find_own(session, actor, ref, on)
    with told():
        if held_on > on:
            raise Refused("day-in-future")
        head = next(one for one in queries.seen_heads(session, actor, on) if one.ref == ref)
        if head.status != "in-force" or held_on < head.facts.valid_from:
            raise Refused("review-outside-term")
        if any(one.held_on == held_on for one in reviews_of(session, agreement)):
            raise Refused("review-recorded")
    session.add(
        AgreementReview(
            agreement_id=agreement.id or 0,
            held_on=held_on,
            outcome=outcome.strip(),
            organisation_id=actor.organisation_id,
            by=actor.user_id,
            at=at,
        )
    )
    session.flush()
    record(
        session, actor=actor, action="agreement-reviewed", object_kind="agreement", object_ref=ref, at=at,
        after={"held_on": held_on.isoformat(), "version": version.number},
    )  # fmt: skip
