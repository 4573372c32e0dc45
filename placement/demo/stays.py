"""Stays of the demo with the decisions they rest on, as an official would have made them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import select

from placement.children.tables import Child
from placement.decisions.letters import documents
from placement.decisions.service import record_made
from placement.decisions.tables import Decision, DecisionStatus, Stay
from placement.demo.writing import Writer
from placement.people import queries
from placement.people.tables import User, UserMandate
from placement.units.tables import Unit

BASES = ("care_arranged", "best_interests", "assessment", "hearing", "content", "reasons")


def write_stay(
    writer: Writer,
    child: Child,
    unit: Unit,
    *,
    start: int,
    decider: User,
    end: int | None = None,
    realised_end: int | None = None,
    end_reason: str | None = None,
) -> Stay:
    """Add a decision and the stay that follows it; `start` and `end` count days from the day of loading.

    A stay without `end` lasts to the 18th birthday, or to the end of the right of a grown one. A stay whose
    first day has come is realised; the child no longer waits.
    """
    first = writer.days(start)
    last = writer.days(end) if end is not None else writer.last_day(child, first)
    decision = write_decision(writer, child, unit, first, last, decider)
    arrived = first if first <= writer.on else None
    left = writer.days(realised_end) if realised_end is not None else None
    if left is None and end is not None and last <= writer.on:
        left = last
    stay = Stay(
        child_id=child.id or 0,
        unit_id=unit.id or 0,
        county_id=child.county_id,
        decision_id=decision.id,
        planned_start=first,
        planned_end=last,
        decided_start=first,
        decided_end=last,
        realised_start=arrived,
        realised_end=left,
        end_reason=end_reason,
    )
    writer.session.add(stay)
    if left is None or left > writer.on:
        child.waiting_since = None
    return stay


def write_decision(writer: Writer, child: Child, unit: Unit, first: date, last: date, decider: User) -> Decision:
    """Add a made decision on a place with its event, as the service records it; the stay is the caller's."""
    decided_on = min(first - timedelta(days=7), writer.on - timedelta(days=1))
    decided_at = datetime.combine(decided_on, time(10, 0), UTC)
    mandate = writer.session.exec(select(UserMandate).where(UserMandate.user_id == decider.id)).first()
    if mandate is None:
        raise LookupError(f"{decider.login} has no mandate")
    series = (child.county_id, decided_on.year)
    writer.cases[series] = writer.cases.get(series, 0) + 1
    row = Decision(
        ref=writer.reference("DE"),
        county_id=child.county_id,
        child_id=child.id or 0,
        unit_id=unit.id or 0,
        status=DecisionStatus.MADE,
        case_number=f"DE {writer.cases[series]}/{decided_on.year}",
        start=first,
        end=last,
        assessment_on=decided_on - timedelta(days=20),
        child_hearing="heard",
        child_heard_on=decided_on - timedelta(days=5),
        child_heard_how="conversation",
        child_heard_language="fi",
        child_opinion="Haluan asua lähellä koulua.",
        representative_hearing="heard",
        representative_heard_on=decided_on - timedelta(days=4),
        representative_opinion="Puoltaa sijoitusta.",
        alternatives="Arvioitiin kolme vapaata paikkaa.",
        reasons="Yksikössä on lapsen kielen osaajia ja koulu lähellä.",
        legal_bases=json.dumps(list(BASES)),
        prepared_by=decider.id or 0,
        decided_by=decider.id,
        mandate_id=mandate.id,
        decided_at=decided_at,
        decided_on=decided_on,
        served_child_on=decided_on + timedelta(days=1),
        served_representative_on=decided_on + timedelta(days=1),
        created_at=decided_at,
    )
    writer.session.add(row)
    writer.session.flush()
    letters = documents(writer.session, row, demo=True) if writer.letters else []
    writer.session.add_all(letters)
    writer.session.flush()
    record_made(writer.session, queries.actor_of(writer.session, decider, mandate), row, letters, {}, decided_at)
    return row
