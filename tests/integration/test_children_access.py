"""The access law on both databases: who is related to whom, what a look leaves behind, what stays sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import InvalidRequestError
from sqlmodel import select

from placement.audit import chain
from placement.audit.tables import UseLog
from placement.children import access, access_log, details, lists, queries, queue, service
from placement.children.rules import Status
from placement.children.tables import CaseRelation, RelationKind
from placement.decisions.tables import (
    Decision,
    DecisionStatus,
    Hold,
    Proposal,
    ProposalRow,
    ProposalStatus,
    Run,
)
from placement.people import queries as people
from placement.people.tables import UserMandate
from placement.refusals import NotFound, Refusal
from tests.conftest import NOW
from tests.web.children_world import TODAY, county, make_child, make_stay, make_unit, person

TASK = {"at": NOW, "data_used": "record", "endpoint": "children.show"}


@pytest.fixture
def session(database):
    with database.transaction() as opened:
        yield opened


def actor(session, key, unit_id=None):
    user = person(session, key)
    mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one()
    found = people.actor_of(session, user, mandate)
    return replace(found, unit_id=unit_id) if unit_id else found


def kind(session, who, child, at=NOW):
    found = access.relation_of(session, who, child.id, at)
    return found.kind if found else None


def test_the_named_worker_is_related_and_a_colleague_is_not(session):
    child = make_child(session, worker="social-worker")
    assert kind(session, actor(session, "social-worker"), child) == "case"
    assert kind(session, actor(session, "coordinator"), child) is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(-5, None, "case"), (-5, 0, "case"), (0, 0, "case"), (-5, -1, None), (1, None, None)],
)
def test_a_dated_relation_holds_on_its_days(session, first, last, expected):
    child = make_child(session)
    who = actor(session, "social-worker")
    session.add(
        CaseRelation(
            child_id=child.id,
            user_id=who.user_id,
            kind=RelationKind.CASE,
            valid_from=TODAY + timedelta(days=first),
            valid_to=None if last is None else TODAY + timedelta(days=last),
        )
    )
    session.flush()
    assert kind(session, who, child) == expected


def test_a_waiting_child_is_the_task_of_those_who_place_and_of_nobody_else(session):
    child = make_child(session, waiting_since=TODAY)
    found = {key: kind(session, actor(session, key), child) for key in ("social-worker", "coordinator", "county-lead")}
    assert set(found.values()) == {"task"}
    for key in ("other-social-worker", "unit-manager", "claims-officer", "reviewer", "auditor", "administrator"):
        assert kind(session, actor(session, key), child) is None, key


def _proposed(session, child, *, status=ProposalStatus.SENT):
    run = Run(
        ref="RU-0000-0001",
        county_id=child.county_id,
        requested_at=NOW - timedelta(days=1),
        as_of=TODAY,
        input="{}",
        input_hash="x",
    )
    session.add(run)
    session.flush()
    proposal = Proposal(ref="PR-0000-0001", run_id=run.id, county_id=child.county_id, status=status)
    session.add(proposal)
    session.flush()
    session.add(ProposalRow(proposal_id=proposal.id, child_id=child.id, start=TODAY, fingerprint="x"))
    session.flush()


def _decided(session, child, unit, status, at=None):
    who = person(session, "social-worker").id
    session.add(
        Decision(
            ref="DE-0000-0001",
            county_id=child.county_id,
            child_id=child.id,
            unit_id=unit.id,
            status=status,
            start=TODAY,
            prepared_by=who,
            created_at=NOW,
            decided_by=who if at else None,
            decided_at=at,
        )
    )
    session.flush()


def test_an_open_proposal_is_a_task_until_the_decision_is_made(session):
    child, unit = make_child(session), make_unit(session)
    who = actor(session, "coordinator")
    _proposed(session, child)
    assert kind(session, who, child) == "task"
    _decided(session, child, unit, DecisionStatus.MADE, at=NOW)
    assert kind(session, who, child) is None


def test_a_withdrawn_proposal_is_no_task(session):
    child = make_child(session)
    _proposed(session, child, status=ProposalStatus.WITHDRAWN)
    assert kind(session, actor(session, "coordinator"), child) is None


def test_a_decision_being_written_is_a_task(session):
    child, unit = make_child(session), make_unit(session)
    _decided(session, child, unit, DecisionStatus.DRAFT)
    assert kind(session, actor(session, "county-lead"), child) == "task"


def test_a_unit_manager_knows_those_who_live_or_have_a_held_place_in_the_unit(session):
    own, other = make_unit(session), make_unit(session)
    lives, elsewhere, held, gone = (make_child(session) for _ in range(4))
    make_stay(session, lives, own, TODAY - timedelta(days=3))
    make_stay(session, elsewhere, other, TODAY - timedelta(days=3))
    make_stay(session, gone, own, TODAY - timedelta(days=9), TODAY)
    who = actor(session, "unit-manager", own.id)
    hold = Hold(
        child_id=held.id,
        unit_id=own.id,
        county_id=held.county_id,
        start=TODAY,
        made_by=who.user_id,
        made_at=NOW,
        expires_at=NOW + timedelta(minutes=30),
    )
    session.add(hold)
    session.flush()
    seen = {child.id for child in session.exec(access.children_visible_to(who, NOW))}
    assert seen == {lives.id, held.id}
    assert kind(session, who, lives) == "unit"
    hold.released_at = NOW
    session.flush()
    with pytest.raises(NotFound):
        access.find(session, who, held.ref, NOW)
    with pytest.raises(NotFound):
        access.find(session, who, gone.ref, NOW)


def test_a_purpose_opens_one_child_to_one_person_for_one_hour(session):
    child, other = make_child(session), make_child(session)
    who = actor(session, "social-worker")
    service.state_purpose(session, who, child.ref, "On duty, the unit called", reveal=False, at=NOW)
    assert kind(session, who, child) == "purpose"
    assert kind(session, who, child, NOW + timedelta(minutes=59)) == "purpose"
    assert kind(session, who, child, NOW + timedelta(hours=1)) is None
    assert kind(session, who, other) is None
    assert kind(session, actor(session, "coordinator"), child) is None


def test_opening_a_child_writes_one_row_and_gives_the_name(session):
    child = make_child(session, worker="social-worker")
    who = actor(session, "social-worker")
    opened = access.open_child(session, who, child.ref, **TASK)
    assert opened.identity.name == f"Aava {child.last_name}"
    (row,) = session.exec(select(UseLog)).all()
    assert (row.user_id, row.user_name, row.child_id, row.relation) == (who.user_id, who.name, child.id, "case")
    assert chain.breaks(session, UseLog) == (1, [])


def test_without_a_relation_no_row_is_written_and_no_name_given(session):
    child = make_child(session)
    with pytest.raises(access.NoRelation):
        access.open_child(session, actor(session, "social-worker"), child.ref, **TASK)
    with pytest.raises(NotFound):
        access.open_child(session, actor(session, "other-social-worker"), child.ref, **TASK)
    assert session.exec(select(UseLog)).all() == []


def test_a_list_logs_exactly_the_names_it_gives_in_one_chain(session):
    who = actor(session, "coordinator")
    shown = [make_child(session, waiting_since=TODAY) for _ in range(5)]
    closed = [make_child(session), make_child(session, waiting_since=TODAY, protected=True)]
    foreign = make_child(session, county_code="04", waiting_since=TODAY)
    keys = [child.id for child in (*shown, *closed, foreign)]
    names = access.open_list(session, who, keys, at=NOW, data_used="list", endpoint="children.index")
    assert set(names) == {child.id for child in shown}
    assert [row.child_id for row in session.exec(select(UseLog).order_by(UseLog.seq))] == sorted(names)
    assert chain.breaks(session, UseLog) == (5, [])


def test_a_list_of_many_costs_a_handful_of_statements(session):
    who = actor(session, "coordinator")
    keys = [make_child(session, waiting_since=TODAY).id for _ in range(40)]
    counted = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *a: counted.append(a[2]))
    access.open_list(session, who, keys, at=NOW, data_used="list", endpoint="x")
    queries.everything_about(session, keys)
    assert len(counted) < 20


@pytest.mark.parametrize(
    "column", ["first_name", "last_name", "identity_code", "school", "own_view", "representative_name"]
)
def test_identity_columns_are_sealed_outside_the_door(database, column):
    with database.transaction() as session:
        make_child(session, worker="social-worker")
    with database.read_only() as session:
        (child,) = session.exec(access.children_visible_to(actor(session, "social-worker"), NOW)).all()
        with pytest.raises(InvalidRequestError):
            getattr(child, column)


def test_a_closed_child_gives_no_code_town_unit_or_narrative(session):
    unit = make_unit(session, name="Kotipesä")
    child = make_child(
        session,
        protected=True,
        waiting_since=TODAY,
        school="Koulu",
        own_view="x",
        representative_name="R",
        municipality_id=unit.municipality_id,
        relatives_municipality_id=unit.municipality_id,
    )
    make_stay(session, child, unit, TODAY)
    opened = access.open_child(session, actor(session, "coordinator"), child.ref, **TASK)
    assert (opened.identity, opened.shown_name) == (None, child.ref)
    found = details.details(session, opened)
    assert found == details.Details(closed=True, worker_name=None)
    assert [(stay.unit_name, stay.unit_ref, stay.decision_ref) for stay in details.stays(session, opened)] == [
        (None, None, None)
    ]


def test_the_list_derives_each_status_from_stays(session):
    unit = make_unit(session)
    who = actor(session, "coordinator")
    placed, ended, coming, waiting, none = (make_child(session) for _ in range(5))
    make_stay(session, placed, unit, TODAY)
    make_stay(session, ended, unit, date(2026, 1, 1), TODAY)
    make_stay(session, coming, unit, TODAY + timedelta(days=1))
    waiting.waiting_since = TODAY
    session.flush()
    found = {row.id: row.status for row in lists.page(session, who, lists.Filters(), at=NOW).rows}
    assert found == {
        placed.id: Status.PLACED,
        ended.id: Status.ENDED,
        coming.id: Status.WAITING,
        waiting.id: Status.WAITING,
        none.id: Status.NO_PLACE_NEEDED,
    }
    for child in (placed, ended, coming, waiting, none):
        assert lists.status_of(session, child.id, child.waiting_since, TODAY) == found[child.id]


@pytest.mark.parametrize("sort", lists.SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_cover_every_child_once_whatever_the_order(session, sort, descending):
    keys = {make_child(session, birth_date=date(2010 + n % 5, 1, 1)).id for n in range(60)}
    who = actor(session, "coordinator")
    seen = []
    for number in (1, 2, 3):
        page = lists.page(
            session, who, lists.Filters(), at=NOW, sort=sort, descending=descending, number=number, size=25
        )
        seen += [row.id for row in page.rows]
        assert (page.total, page.pages, page.number) == (60, 3, number)
    assert len(seen) == 60
    assert set(seen) == keys
    assert lists.page(session, who, lists.Filters(), at=NOW, number=99, size=25).number == 3


def test_the_youngest_stand_first_by_age(session):
    old, young = make_child(session, birth_date=date(2009, 1, 1)), make_child(session, birth_date=date(2015, 1, 1))
    page = lists.page(session, actor(session, "coordinator"), lists.Filters(), at=NOW, sort="age")
    assert [row.id for row in page.rows] == [young.id, old.id]


@pytest.mark.parametrize(
    ("birth", "counted"),
    [(date(2008, 11, 24), 0), (date(2008, 11, 25), 1), (date(2009, 5, 24), 1), (date(2009, 5, 25), 0)],
)
def test_those_turning_18_within_six_months_are_counted_to_the_day(session, birth, counted):
    make_child(session, birth_date=birth, waiting_since=TODAY)
    make_child(session, birth_date=birth)
    assert lists.count_turning_adult(session, actor(session, "coordinator"), NOW, own_only=False) == counted


def test_a_wildcard_in_the_reference_finds_nothing_special(session):
    make_child(session)
    who = actor(session, "coordinator")
    assert lists.page(session, who, lists.Filters(ref="%"), at=NOW).total == 0
    assert lists.page(session, who, lists.Filters(ref="ch-"), at=NOW).total == 1


def test_a_child_without_a_suitable_place_is_counted_until_a_better_proposal(session):
    child, unit = make_child(session, waiting_since=TODAY), make_unit(session)
    who = actor(session, "coordinator")
    _proposed(session, child)
    assert queue.without_suitable_place(session, who, NOW) == [TODAY]
    row = session.exec(select(ProposalRow)).one()
    row.unit_id = unit.id
    session.flush()
    assert queue.without_suitable_place(session, who, NOW) == []


def test_the_auditor_oversees_the_counties_of_the_centre_on_the_day(session):
    mine = county(session, "08").id
    overseen = access_log.overseen_counties(session, actor(session, "auditor"), TODAY)
    assert mine in overseen
    assert county(session, "04").id not in overseen
    assert access_log.overseen_counties(session, actor(session, "social-worker"), TODAY) == []
    assert access_log.overseen_counties(session, actor(session, "county-lead"), TODAY) == [mine]


def test_a_purpose_needs_words_and_not_a_story(session):
    child = make_child(session)
    for purpose in ("", "   short  ", "x" * 501):
        with pytest.raises(Refusal):
            service.state_purpose(session, actor(session, "social-worker"), child.ref, purpose, reveal=False, at=NOW)
