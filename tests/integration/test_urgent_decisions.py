"""Urgent decisions on both databases: what they owe, what ends that, and when they are refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from placement.children.tables import Child
from placement.decisions import drafts, service
from placement.decisions.drafts import Start
from placement.decisions.tables import Decision, DecisionKind, Stay
from placement.integration import path_service
from placement.integration.path_rules import AssessmentPart
from placement.integration.tables import ChildService
from placement.people import queries as people
from placement.permissions import Actor
from placement.refusals import Refusals
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
            assert [one.code for one in drafts.verdict(session, draft, NOW).missing] == missing
        made = service.make_decision(session, who, draft.ref, version=draft.version, at=NOW, typeset=lambda _s, _d: [])
        assert made.kind is DecisionKind.PLACEMENT
        assert owed(session, child) == {}

    database.write(work)
