"""Urgent decisions on both databases: what they owe, what ends that, and when they are refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from placement.audit.tables import AuditEvent
from placement.checks import decided, stays
from placement.children.tables import Child
from placement.decisions import drafts, queries, service, verdicts
from placement.decisions.booking import BookingRefused
from placement.decisions.drafts import Start
from placement.decisions.tables import Decision, DecisionKind, Hold, Stay
from placement.integration import path_service
from placement.integration.path_rules import AssessmentPart
from placement.integration.tables import ChildService
from placement.moves import life
from placement.people import queries as people
from placement.permissions import Actor
from placement.refusals import Refusals
from placement.units import capacity
from placement.units import check as units_check
from placement.units.tables import Unit
from tests.conftest import NOW
from tests.deciding import complete, decide
from tests.placing import TODAY, add_child, add_unit, person

URGENT = {
    "kind": "urgent",
    "urgent_reason": "Lapsella ei ole yöpaikkaa.",
    "assessment_on": None,
    "legal_bases": ("care_arranged", "urgent"),
}


def worker(session: Session) -> Actor:
    user = person(session, "social-worker")
    return people.actor_of(session, user, people.mandates_of(session, user.id or 0, TODAY)[0])


def assess(session: Session, child: Child, **days: date) -> None:
    part = AssessmentPart(contact_on=TODAY - timedelta(days=9), summary="…", **days)
    path_service.write(session, worker(session), child.ref, part, at=NOW)


def made_urgently(session: Session, child: Child, **changes: Any) -> Decision:
    asked = Start(child.ref, add_unit(session, places=2).ref, start=TODAY, kind=DecisionKind.URGENT)
    return decide(session, worker(session), asked, NOW, **{**URGENT, **changes})


def owed(session: Session, child: Child) -> dict[str, ChildService]:
    rows = session.exec(select(ChildService).where(ChildService.child_id == child.id).order_by(ChildService.number))
    return {row.kind: row for row in rows}


def test_a_new_urgent_draft_proposes_a_look_a_month_on(database):
    def work(session: Session) -> date | None:
        asked = Start(add_child(session).ref, add_unit(session, places=1).ref, start=TODAY, kind=DecisionKind.URGENT)
        return drafts.start_decision(session, worker(session), asked, at=NOW).review_on

    assert database.write(work) == TODAY + timedelta(days=30)


def test_an_urgent_decision_owes_the_look_and_the_assessment_to_who_decided(database):
    def work(session: Session) -> None:
        child = add_child(session)
        made = made_urgently(session, child, review_on=TODAY + timedelta(days=12))
        rows = owed(session, child)
        assert set(rows) == {"decision_review", "assessment_start"}
        assert rows["decision_review"].watch_on == TODAY + timedelta(days=12)
        assert {row.owner_id for row in rows.values()} == {made.decided_by}
        assert session.exec(select(Stay)).one().decision_id == made.id

    database.write(work)


def test_an_assessment_under_way_is_not_asked_for_twice(database):
    def work(session: Session) -> None:
        child = add_child(session)
        assess(session, child, started_on=TODAY)
        made_urgently(session, child)
        rows = owed(session, child)
        assert rows["assessment_ready"].origin == "follows-assessment_start"
        assert rows["assessment_start"].delivered_on == TODAY
        assert rows["decision_review"].delivered_on is None

    database.write(work)


@pytest.mark.parametrize("ready", [None, TODAY - timedelta(days=1)])
def test_once_the_assessment_is_ready_nothing_is_urgent(database, ready):
    def work(session: Session) -> None:
        child = add_child(session)
        days = {"started_on": TODAY - timedelta(days=2)} | ({"ready_on": ready} if ready else {})
        assess(session, child, **days)
        if ready is None:
            assert made_urgently(session, child).kind is DecisionKind.URGENT
            return
        with pytest.raises(Refusals) as refused:
            made_urgently(session, child)
        assert [(one.code, one.field) for one in refused.value.faults] == [("urgent-assessed", "kind")]
        assert session.exec(select(Stay)).all() == []

    database.write(work)


def test_the_decision_on_the_assessment_is_the_look_at_the_urgent_one(database):
    def work(session: Session) -> None:
        child = add_child(session)
        made_urgently(session, child)
        assess(session, child, started_on=TODAY, ready_on=TODAY)
        asked = Start(child.ref, add_unit(session, "Toinen koti", places=1).ref, start=TODAY + timedelta(days=10))
        made = decide(session, worker(session), asked, NOW, assessment_on=TODAY)
        review = owed(session, child)["decision_review"]
        assert (review.delivered_on, review.evidence) == (TODAY, made.case_number)

    database.write(work)


def test_an_ordinary_decision_owes_no_look(database):
    def work(session: Session) -> None:
        child = add_child(session)
        asked = Start(child.ref, add_unit(session, places=1).ref, start=TODAY)
        decide(session, worker(session), asked, NOW)
        assert owed(session, child) == {}

    database.write(work)


def test_a_draft_changes_from_ordinary_to_urgent_and_back(database):
    def work(session: Session) -> None:
        who, child = worker(session), add_child(session)
        asked = Start(child.ref, add_unit(session, places=1).ref, start=TODAY)
        draft = drafts.start_decision(session, who, asked, at=NOW)
        month = TODAY + timedelta(days=30)
        for changes, missing in (
            (URGENT, ["review-too-late"]),
            ({**URGENT, "review_on": month}, []),
            ({"kind": "placement"}, []),
        ):
            content = complete(draft, NOW, **changes)
            draft = drafts.save_draft(session, who, draft.ref, content, version=draft.version, at=NOW)
            assert [one.code for one in verdicts.verdict(session, draft, NOW).missing] == missing
        made = service.make_decision(session, who, draft.ref, version=draft.version, at=NOW, typeset=lambda _s, _d: [])
        assert made.kind is DecisionKind.PLACEMENT
        assert owed(session, child) == {}

    database.write(work)


def ordinary(session: Session, child: Child, unit: Unit, at: datetime = NOW, **days: date) -> Decision:
    assess(session, child, started_on=TODAY, ready_on=TODAY)
    return decide(session, worker(session), Start(child.ref, unit.ref, **days), at, assessment_on=TODAY)


def placed_urgently(session: Session, *, places: int = 1, **days: date) -> tuple[Child, Unit, Decision]:
    child, unit = add_child(session), add_unit(session, places=places)
    asked = Start(child.ref, unit.ref, start=TODAY, kind=DecisionKind.URGENT, **days)
    return child, unit, decide(session, worker(session), asked, NOW, **URGENT)


def books_hold(session: Session) -> None:
    found = [*stays.run(session, NOW), *units_check.run(session, NOW), *decided.run(session, NOW)]
    assert [text for one in found for text in one.breaches] == []


@pytest.mark.parametrize("end", [None, TODAY + timedelta(days=90)])
def test_the_decision_on_the_assessment_confirms_the_stay_in_the_same_unit(database, end):
    def work(session: Session) -> None:
        child, unit, first = placed_urgently(session)
        before = session.exec(select(Stay)).one()
        began, was = (before.id, before.start), before.end
        made = ordinary(session, child, unit, **({"end": end} if end else {}))
        stay = session.exec(select(Stay)).one()
        session.refresh(stay)
        assert (stay.id, stay.start) == began
        assert stay.end == (end or was)
        assert (stay.decision_id, made.confirms_id) == (first.id, first.id)
        assert capacity.counts(session, [unit.id or 0], TODAY, NOW)[unit.id or 0].free == 0
        assert session.exec(select(Hold).where(col(Hold.id) == (made.hold_id or 0))).all() == []
        review = owed(session, child)["decision_review"]
        assert (review.delivered_on, review.evidence) == (TODAY, made.case_number)
        events = select(AuditEvent).where(AuditEvent.object_ref == made.ref, AuditEvent.action == "decision-made")
        assert first.ref in str(session.exec(events).one().after)
        books_hold(session)

    database.write(work)


def test_the_place_is_held_only_for_the_days_after_the_stay(database):
    def work(session: Session) -> None:
        soon, later = TODAY + timedelta(days=20), TODAY + timedelta(days=60)
        child, unit, _first = placed_urgently(session, end=soon)
        draft = drafts.start_decision(session, worker(session), Start(child.ref, unit.ref, end=soon), at=NOW)
        assert draft.hold_id is None
        assert drafts.has_place(session, draft, NOW)
        for end, days in ((later, (soon, later)), (soon, None), (later, (soon, later))):
            content = complete(draft, NOW, end=end, assessment_on=TODAY)
            draft = drafts.save_draft(session, worker(session), draft.ref, content, version=draft.version, at=NOW)
            hold = queries.hold_of(session, draft)
            assert (None if hold is None else (hold.start, hold.end)) == days
        for day, taken in ((TODAY, 1), (soon, 1)):
            count = capacity.counts(session, [unit.id or 0], day, NOW)[unit.id or 0]
            assert (count.stays + count.holds, count.free) == (taken, 0)
        books_hold(session)

    database.write(work)


def test_longer_than_the_stay_only_where_a_place_is_free_then(database):
    def work(session: Session) -> None:
        soon = TODAY + timedelta(days=20)
        child, unit, _first = placed_urgently(session, end=soon)
        other = add_child(session)
        decide(session, worker(session), Start(other.ref, unit.ref, start=soon), NOW)
        assess(session, child, started_on=TODAY, ready_on=TODAY)
        with pytest.raises(BookingRefused) as refused:
            ordinary(session, child, unit, end=soon + timedelta(days=1))
        assert [one.code for one in refused.value.broken if one.absolute] == ["unit-full"]
        assert ordinary(session, child, unit, end=soon).confirms_id is not None

    database.write(work)


@pytest.mark.parametrize("kind", [DecisionKind.URGENT, DecisionKind.PLACEMENT])
def test_a_stay_is_confirmed_once_and_only_by_an_ordinary_decision(database, kind):
    def work(session: Session) -> None:
        child, unit, _first = placed_urgently(session)
        if kind is DecisionKind.PLACEMENT:
            ordinary(session, child, unit)
        with pytest.raises(BookingRefused) as refused:
            decide(
                session, worker(session), Start(child.ref, unit.ref, kind=kind, start=TODAY + timedelta(days=1)), NOW
            )
        assert refused.value.code == "same-unit"

    database.write(work)


def test_a_move_that_is_called_off_lets_the_confirmed_stay_go_on_as_confirmed(database):
    def work(session: Session) -> None:
        soon = TODAY + timedelta(days=10)
        child, unit, _first = placed_urgently(session, end=TODAY + timedelta(days=40))
        made = ordinary(session, child, unit, end=TODAY + timedelta(days=90))
        there = add_unit(session, "Toinen", places=1)
        decide(session, worker(session), Start(child.ref, there.ref, start=soon), NOW)
        second = session.exec(select(Stay).where(Stay.unit_id == there.id)).one()
        life.not_begun(session, worker(session), child.ref, soon, life.Reason("other"), version=second.version, at=NOW)
        stay = session.exec(select(Stay)).one()
        assert (stay.unit_id, stay.end) == (unit.id, made.end)
        books_hold(session)

    database.write(work)
