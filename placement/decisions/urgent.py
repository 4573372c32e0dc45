"""Urgent decisions, made before the assessment of service needs is ready: until when they last, and what they owe.

The child has a right to what is necessary in an urgent case (1301/2014 § 12); the county then decides again on the
assessment (681/2023 § 33.2), which is ready within three months (1301/2014 § 36).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session, col, select

from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions.tables import Decision, DecisionKind
from placement.integration import due_rules, service
from placement.integration.tables import ChildService, ServiceNeedAssessment
from placement.permissions import Actor
from placement.reference import deadline

REVIEW = "decision_review"
ASSESSMENT = ("assessment_start", "assessment_ready")
ORIGIN = "urgent-decision"


def latest_review(today: date) -> date | None:
    """Return the last day (inclusive) by which an urgent decision of today is looked at again."""
    return deadline("assessment_ready", today).last_day(today)


def first_review(start: date, end: date, today: date) -> date:
    """Return the day of the next look that a new urgent draft proposes: a month on, inside the stay and the law."""
    days = (due_rules.due(REVIEW, max(start, today)).watch, latest_review(today), end)
    return min(day for day in days if day is not None)


def assessed_on(session: Session, child_id: int) -> date | None:
    """Return the day on which the child's latest assessment became ready; None = there is none, or it goes on."""
    latest = session.exec(
        select(ServiceNeedAssessment)
        .where(ServiceNeedAssessment.child_id == child_id)
        .order_by(col(ServiceNeedAssessment.contact_on).desc(), col(ServiceNeedAssessment.number).desc())
    ).first()
    return latest.ready_on if latest is not None else None


def follow(session: Session, actor: Actor, decision: Decision, at: datetime) -> dict[str, object]:
    """Owe what an urgent decision asks for, or end what an earlier one left open; returns it for the event.

    An urgent one owes the look at it again by `review_on`, to who decided, and the assessment where none is under
    way. The decision on the assessment is that look: it ends the open one.
    """
    child = session.get_one(Child, decision.child_id)
    opened = service.open_of(session, child, REVIEW)
    if opened is not None:
        shown = decision.case_number or decision.ref
        service.deliver(session, actor, child, opened, on=business_day(at), evidence=shown, at=at)
    if decision.kind is not DecisionKind.URGENT or decision.decided_on is None or decision.review_on is None:
        return {} if opened is None else {"reviewed": opened.number}
    review = service.add(
        session, child, REVIEW, decision.decided_on, origin=ORIGIN, at=at, owner_id=decision.decided_by
    )
    review.watch_on = decision.review_on
    session.add(review)
    owed = [review.number]
    if not _under_way(session, child):
        start = service.add(
            session, child, ASSESSMENT[0], decision.decided_on, origin=ORIGIN, at=at, owner_id=decision.decided_by
        )
        owed.append(start.number)
    session.flush()
    return {"review": decision.review_on, "owed": owed}


def _under_way(session: Session, child: Child) -> bool:
    begun = select(ServiceNeedAssessment.id).where(
        ServiceNeedAssessment.child_id == child.id, col(ServiceNeedAssessment.ready_on).is_(None)
    )
    owed = any(service.open_of(session, child, kind) is not None for kind in ASSESSMENT)
    return owed or session.exec(begun).first() is not None


def review_of(session: Session, decision: Decision) -> ChildService | None:
    """Return the look at an urgent decision again, done or to be done; None for another kind of decision."""
    if decision.kind is not DecisionKind.URGENT or decision.decided_on is None:
        return None
    return session.exec(
        select(ChildService)
        .where(
            ChildService.child_id == decision.child_id,
            ChildService.kind == REVIEW,
            ChildService.event_on == decision.decided_on,
        )
        .order_by(col(ChildService.number).desc())
    ).first()
