"""Urgent decisions of the demo, made before the assessment was ready, and the look at each of them again."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlmodel import col, select

from placement.children.tables import Child
from placement.decisions import urgent
from placement.decisions.tables import Decision, DecisionKind, DecisionStatus, Stay
from placement.demo.path_services import Paths, anybody, write_service
from placement.demo.stays import BASES, write_decision
from placement.integration.tables import ChildHearing, ChildService, HearingOutcome, ServiceNeedAssessment, Whose
from placement.people.tables import User
from placement.units.tables import Unit

STATES = ("late", "reported", "delivered")
REASON = "Lapsella ei ole yöpaikkaa, ja arviointi on kesken."
A_MONTH = timedelta(days=30)


def write_urgent(paths: Paths) -> None:
    """Make the newest decision on a child without a ready assessment urgent, and three older ones of the tour's worker.

    The newest is still to be looked at again, the others stand in each other state. The one that was looked at again
    was confirmed by the decision on the assessment: the child lives where it lived.
    """
    session, on = paths.writer.session, paths.writer.on
    ready = select(ServiceNeedAssessment.child_id).where(col(ServiceNeedAssessment.ready_on).is_not(None))
    rows = session.exec(
        select(Decision, Child)
        .join(Child, col(Child.id) == Decision.child_id)
        .join(Stay, col(Stay.decision_id) == Decision.id)
        .where(
            Decision.status == DecisionStatus.MADE,
            col(Stay.realised_start).is_not(None),
            col(Decision.child_id).not_in(ready),
        )
        .order_by(col(Decision.decided_on).desc(), col(Decision.id))
    ).all()
    newest = [one for one in rows if (last := urgent.latest_review(one[0].decided_on or on)) and last > on][:1]
    older = [
        one for one in rows if one[0].decided_by == anybody(paths) and (one[0].decided_on or on) < on - 3 * A_MONTH
    ]
    cases = [*((one, "owed") for one in newest), *zip(older, STATES, strict=False)]
    for (decision, child), state in cases:
        _write(paths, decision, child, state)
        if state == "delivered":
            _confirm(paths, decision, child)


def _write(paths: Paths, decision: Decision, child: Child, state: str) -> None:
    session, on = paths.writer.session, paths.writer.on
    made = decision.decided_on or on
    last = urgent.latest_review(made)
    decision.kind, decision.urgent_reason, decision.assessment_on = DecisionKind.URGENT, REASON, None
    decision.legal_bases = json.dumps([*(one for one in BASES if one != "assessment"), "urgent"])
    decision.review_on = last if state == "owed" and last else made + A_MONTH
    session.add(decision)
    session.add(
        ChildHearing(
            child_id=child.id or 0,
            county_id=child.county_id,
            number=paths.number("hearing", child),
            whose=Whose.CHILD,
            about="urgent-placement",
            outcome=HearingOutcome.HEARD,
            heard_on=decision.child_heard_on or made,
            how="conversation",
            language="so",
            interpreter=True,
            said="Toivoo turvallista paikkaa heti.",
            recorded_by=decision.decided_by or 0,
            recorded_at=paths.writer.at,
        )
    )
    write_service(paths, child, urgent.REVIEW, made, urgent.ORIGIN, state, on=made + A_MONTH)
    session.flush()
    review = session.exec(
        select(ChildService).where(ChildService.child_id == child.id, ChildService.kind == urgent.REVIEW)
    ).one()
    review.watch_on, review.owner_id = decision.review_on, decision.decided_by
    session.add(review)


def _confirm(paths: Paths, decision: Decision, child: Child) -> None:
    session = paths.writer.session
    stay = session.exec(select(Stay).where(Stay.decision_id == decision.id)).one()
    first = (decision.decided_on or paths.writer.on) + A_MONTH + timedelta(days=7)
    if stay.end is None or stay.end <= first:
        raise LookupError(f"the stay by {decision.ref} ended before it was looked at again")
    decider, unit = session.get_one(User, decision.decided_by), session.get_one(Unit, decision.unit_id)
    made = write_decision(paths.writer, child, unit, first, stay.end, decider)
    made.confirms_id = decision.id
    session.add(made)
