"""The child's path as dated items, from the permit to the end of the right: what happened and what is to come.

Every function takes an `Opened`: the look is in the use log. Of a protected child whose identity is closed the items
have no unit, no town and no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.children.access import Opened
from placement.children.tables import BirthDateCorrection, Child
from placement.clock import business_day
from placement.decisions.tables import Decision, DecisionDocument, DecisionStatus, Stay
from placement.directing import queries as directing
from placement.directing.rules import State
from placement.integration import schooling
from placement.integration.tables import (
    ChildHearing,
    ChildService,
    FamilyMember,
    Representation,
    RestrictionProtocol,
    ServiceNeedAssessment,
)
from placement.moves.tables import Absence
from placement.reference import adult_from, birthday, integration_service, right_ends
from placement.units.tables import Unit


@dataclass(frozen=True)
class Item:
    """One thing on the path. `what` is a code of the web's words, `facts` its values (codes, days, names of units),
    `link` an endpoint with its values; `number` tells rows of one kind apart.
    """

    day: date
    what: str
    facts: dict[str, Any] = field(default_factory=dict)
    link: tuple[str, dict[str, Any]] | None = None


Source = Callable[[Session, Opened, date], Iterable[Item]]
SOURCES: list[Source] = []


def source(function: Source) -> Source:
    """Register what adds items to the path; other rooms bring theirs."""
    if function not in SOURCES:
        SOURCES.append(function)
    return function


def items(session: Session, opened: Opened, on: date) -> list[Item]:
    """Return everything on the child's path by its day."""
    found = [item for tell in SOURCES for item in tell(session, opened, on)]
    return sorted(found, key=lambda item: (item.day, item.what))


@source
def _person(session: Session, opened: Opened, on: date) -> Iterator[Item]:
    child = session.execute(
        sa.select(col(Child.entered_on), col(Child.permit_on), col(Child.residence_from)).where(
            col(Child.id) == opened.id
        )
    ).one()
    for what, day in (("client-since", child[0]), ("permit", child[1]), ("residence", child[2])):
        if day is not None:
            yield Item(day, what)
    yield Item(adult_from(opened.birth_date), "turns-18")
    yield Item(birthday(opened.birth_date, 23), "turns-23")
    ends = right_ends(opened.birth_date, on)
    if ends != birthday(opened.birth_date, 23):
        yield Item(ends, "right-ends")
    rows = session.exec(select(BirthDateCorrection).where(BirthDateCorrection.child_id == opened.id))
    for one in rows:
        day = business_day(one.recorded_at)
        yield Item(day, "birth-date-corrected", {"before": one.before, "after": one.after})


@source
def _decisions(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    made = select(Decision).where(Decision.child_id == opened.id, Decision.status == DecisionStatus.MADE)
    for one in session.exec(made):
        link = _shown(one)
        if one.decided_on is not None:
            kind = "confirms" if one.confirms_id is not None else one.kind
            yield Item(one.decided_on, f"decided-{kind}", {"case": one.case_number or ""}, link)
        if one.review_on is not None:
            yield Item(one.review_on, "review", {"case": one.case_number or ""}, link)
        if one.child_heard_on is not None:
            yield Item(one.child_heard_on, "child-heard", {"language": one.child_heard_language}, link)
        if one.representative_heard_on is not None:
            yield Item(one.representative_heard_on, "representative-heard", {}, link)


@source
def _documents(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    """The letters kept of decisions, one item for each decision on the day it was given."""
    kept = (
        select(Decision)
        .where(Decision.child_id == opened.id, Decision.status == DecisionStatus.MADE)
        .where(col(Decision.id).in_(select(DecisionDocument.decision_id)))
    )
    for one in session.exec(kept):
        if one.decided_on is not None:
            yield Item(one.decided_on, "document-kept", {"case": one.case_number or ""}, _shown(one))


def _shown(decision: Decision) -> tuple[str, dict[str, Any]]:
    return ("decisions.show", {"ref": decision.ref})


@source
def _stays(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    wanted: Any = (Stay, col(Unit.name), col(Unit.ref))
    rows = session.execute(
        sa.select(*wanted).join(Unit, col(Unit.id) == col(Stay.unit_id)).where(col(Stay.child_id) == opened.id)
    )
    for stay, name, ref in rows:
        facts = {"unit": name if opened.shows_place else None}
        link = ("units.show", {"ref": ref}) if opened.shows_place else None
        yield Item(stay.start, "moved-in" if stay.realised_start else "moves-in", facts, link)
        if stay.end is not None:
            yield Item(stay.end, "moved-out" if stay.realised_end else "moves-out", facts, link)


@source
def _directions(session: Session, opened: Opened, on: date) -> Iterator[Item]:
    """The direction to a municipality (681/2023 § 43.5): begun, and agreed or declined on the day of the last word."""
    for one in directing.of_child(session, opened.id, on):
        link = ("directions.show", {"ref": one.row.ref})
        yield Item(one.row.opened_on, "direction-opened", {}, link)
        words = [business_day(answer.at) for answer in one.answers.values()]
        if one.state in (State.AGREED, State.DECLINED):
            yield Item(max(words), str(one.state), {}, link)


def agreed_on(session: Session, opened: Opened, on: date) -> date | None:
    """Return the day on which the latest agreed direction was agreed by all parties; None = none is."""
    agreed = [one for one in directing.of_child(session, opened.id, on) if one.state is State.AGREED]
    return max((business_day(answer.at) for one in agreed[:1] for answer in one.answers.values()), default=None)


@source
def _absences(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    for one in session.exec(select(Absence).where(Absence.child_id == opened.id)):
        yield Item(one.started_on, "absence-began")
        if one.back_on is not None:
            yield Item(one.back_on, "absence-ended")


@source
def _assessments(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    rows = session.exec(select(ServiceNeedAssessment).where(ServiceNeedAssessment.child_id == opened.id))
    for one in rows:
        link = _link(opened, "assessment", one.number)
        yield Item(one.contact_on, "assessment-contact", {}, link)
        if one.started_on is not None:
            yield Item(one.started_on, "assessment-started", {}, link)
        if one.ready_on is not None:
            yield Item(one.ready_on, "assessment-ready", {}, link)


@source
def _hearings(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    for one in session.exec(select(ChildHearing).where(ChildHearing.child_id == opened.id)):
        facts = {"whose": str(one.whose), "about": one.about, "language": one.language, "objects": one.objects}
        yield Item(one.heard_on, f"hearing-{one.outcome}", facts, _link(opened, "hearing", one.number))


@source
def _representatives(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    for one in session.exec(select(Representation).where(Representation.child_id == opened.id)):
        link = _link(opened, "representation", one.number)
        yield Item(one.applied_on, "representative-applied", {}, link)
        if one.appointed_on is not None:
            yield Item(one.appointed_on, "representative-appointed", {"court": one.court or ""}, link)
        if one.ended_on is not None:
            yield Item(one.ended_on, "representative-ended", {"reason": one.end_reason}, link)


@source
def _family(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    for one in session.exec(select(FamilyMember).where(FamilyMember.child_id == opened.id)):
        facts, link = {"relationship": str(one.relationship)}, _link(opened, "family", one.number)
        if one.arrived_on is not None:
            yield Item(one.arrived_on, "family-arrived", facts, link)
        elif one.expected_on is not None:
            yield Item(one.expected_on, "family-expected", facts, link)


@source
def _schools(session: Session, opened: Opened, on: date) -> Iterator[Item]:
    for one in schooling.places(session, opened):
        facts: dict[str, Any] = {"school": one.name, "education": one.kind, "town": one.town}
        link = _link(opened, "school", one.number)
        yield Item(one.from_on, "school-began" if one.from_on <= on else "school-begins", facts, link)
        if one.to_on is not None:
            yield Item(one.to_on, "school-ended" if one.to_on <= on else "school-ends", facts, link)


@source
def _protocols(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    for one in session.exec(select(RestrictionProtocol).where(RestrictionProtocol.child_id == opened.id)):
        yield Item(one.made_on, f"protocol-{one.kind}", {}, _link(opened, "protocol", one.number))


@source
def _services(session: Session, opened: Opened, _on: date) -> Iterator[Item]:
    for one in session.exec(select(ChildService).where(ChildService.child_id == opened.id)):
        link = ("child_services.show", {"ref": opened.ref, "number": one.number})
        group = integration_service(one.kind, one.event_on).group
        if one.delivered_on is not None:
            yield Item(one.delivered_on, f"{group}-delivered", {"kind": one.kind}, link)
        elif one.closed_on is None and one.due_on is not None:
            yield Item(one.due_on, f"{group}-due", {"kind": one.kind}, link)


def _link(opened: Opened, what: str, number: int) -> tuple[str, dict[str, Any]]:
    return ("child_path.step", {"ref": opened.ref, "what": what, "number": number})
