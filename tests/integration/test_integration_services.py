"""Services owed and given, steps of the path and what they bring, merging and undoing; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from placement.audit.tables import AuditEvent
from placement.children.queries import everything_about
from placement.children.tables import Child, ChildNeed
from placement.decisions import intake, problem_builder
from placement.integration import gaps, merging, path_service, queries, rippling, service
from placement.integration.due_rules import ServiceState
from placement.integration.path_rules import (
    AssessmentPart,
    FamilyPart,
    HearingPart,
    ProtocolPart,
    RepresentationPart,
)
from placement.integration.service import NewService
from placement.integration.tables import ChildHearing, ChildService, ClosedAs, Side
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.units.tables import UnitKind
from tests.conftest import NOW
from tests.placing import TODAY, actor, add_child, add_stay, add_unit, person, town

DAY = timedelta(days=1)


@pytest.fixture
def session(database):
    with database.transaction() as opened:
        yield opened


@pytest.fixture
def worker(session):
    return actor(session, "social-worker")


@pytest.fixture
def child(session, worker):
    return add_child(
        session,
        waiting=False,
        eligibility_ground="permit_after_application",
        worker_id=worker.user_id,
        municipality_id=town(session).id,
        permit_on=TODAY - 60 * DAY,
        residence_from=TODAY - 50 * DAY,
        representative_name="Rauha",
    )


def rows(session, child, kind=None):
    found = session.exec(select(ChildService).where(ChildService.child_id == child.id)).all()
    return [one for one in found if kind in (None, one.kind)]


def state(session, child, kind):
    (one,) = [line for line in queries.lines(session, child.id, TODAY) if line.row.kind == kind]
    return one.state


def codes(refused):
    return {one.code for one in refused.value.faults}


def events(session, child):
    return [
        row.action
        for row in session.exec(select(AuditEvent).where(AuditEvent.object_ref == child.ref).order_by(AuditEvent.seq))
    ]


def test_a_service_is_owed_reported_and_confirmed_with_one_event_each(session, worker, child):
    row = service.owe(session, worker, child.ref, NewService("skills_assessment", TODAY - 10 * DAY), at=NOW)
    assert state(session, child, "skills_assessment") is ServiceState.OWED
    service.report(session, worker, child.ref, row.number, on=TODAY - DAY, text="Tehty.", version=1, at=NOW)
    assert state(session, child, "skills_assessment") is ServiceState.REPORTED
    follower = service.confirm(
        session, worker, child.ref, row.number, on=TODAY - DAY, evidence="Raportti.", version=2, at=NOW
    )
    assert state(session, child, "skills_assessment") is ServiceState.DELIVERED
    assert (follower.kind, follower.event_on, follower.source) == (
        "integration_plan", TODAY - DAY, "681/2023 §16 §20.1",
    )  # fmt: skip
    assert events(session, child) == ["service-owed", "service-reported", "service-delivered"]


def test_reviews_follow_the_plan_every_six_months_until_the_plans_end(session, worker, child):
    child.permit_on = child.entered_on = date(2025, 1, 2)
    row = service.owe(session, worker, child.ref, NewService("integration_plan", date(2025, 2, 1)), at=NOW)
    day, due_days = date(2025, 2, 10), []
    for _ in range(4):
        row = service.confirm(
            session, worker, child.ref, row.number, on=day, evidence="Suunnitelma.", version=1, at=NOW
        )
        due_days.append(row.due_on)
        day = row.due_on
        if day > TODAY:
            break
    assert due_days == [date(2025, 8, 10), date(2026, 2, 10), date(2026, 8, 10), date(2027, 2, 10)]


def test_a_service_that_is_late_on_the_day_after_its_last_day(session, worker, child):
    add = {"at": NOW, "origin": "manual"}
    service.add(session, child, "plan_review", date(2026, 5, 24), **add)
    service.add(session, child, "society_orientation", date(2026, 10, 23), **add)
    assert state(session, child, "plan_review") is ServiceState.OWED, "the last day, 24 November, is in time"
    assert state(session, child, "society_orientation") is ServiceState.LATE


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewService("society_orientation", date(2024, 12, 31)), "service-not-in-force"),
        (NewService("magic", TODAY), "service-not-in-force"),
        (NewService("guidance_advice", TODAY, family_number=9), "member-unknown"),
        (NewService("guidance_advice", TODAY, organisation_id=99_999), "giver-unknown"),
    ],
)
def test_a_service_that_cannot_be_owed_is_refused_with_its_reason(session, worker, child, new, code):
    with pytest.raises(Refusals) as refused:
        service.owe(session, worker, child.ref, new, at=NOW)
    assert codes(refused) == {code}
    assert rows(session, child) == []


def test_the_same_service_is_not_owed_twice_but_to_the_family_too(session, worker, child):
    service.owe(session, worker, child.ref, NewService("guidance_advice", TODAY), at=NOW)
    with pytest.raises(Refusals) as refused:
        service.owe(session, worker, child.ref, NewService("guidance_advice", TODAY), at=NOW)
    assert codes(refused) == {"service-open-already"}
    number = path_service.write(session, worker, child.ref, FamilyPart("sibling", "Sisko", TODAY), at=NOW)
    service.owe(session, worker, child.ref, NewService("guidance_advice", TODAY, family_number=number), at=NOW)
    assert len(rows(session, child, "guidance_advice")) == 2


def test_acts_on_an_old_version_and_on_a_done_service_are_refused(session, worker, child):
    row = service.owe(session, worker, child.ref, NewService("third_sector", TODAY - 5 * DAY), at=NOW)
    with pytest.raises(Conflict):
        service.close(
            session, worker, child.ref, row.number, how=ClosedAs.DECLINED, reason="Ei halua.", version=7, at=NOW
        )
    with pytest.raises(Refusals) as refused:
        service.report(session, worker, child.ref, row.number, on=TODAY - 6 * DAY, text="x", version=1, at=NOW)
    assert codes(refused) == {"before-event"}
    with pytest.raises(Refusals) as refused:
        service.report(session, worker, child.ref, row.number, on=TODAY + DAY, text="x", version=1, at=NOW)
    assert codes(refused) == {"day-in-future"}
    service.close(session, worker, child.ref, row.number, how=ClosedAs.DECLINED, reason="Ei halua.", version=1, at=NOW)
    assert state(session, child, "third_sector") is ServiceState.DECLINED
    with pytest.raises(Refusal, match="service-done"):
        service.report(session, worker, child.ref, row.number, on=TODAY, text="x", version=2, at=NOW)


def test_who_sees_and_reports_a_service(session, worker, child):
    row = service.owe(session, worker, child.ref, NewService("integration_plan", TODAY - 9 * DAY), at=NOW)
    other = service.owe(session, worker, child.ref, NewService("psychosocial", TODAY - 9 * DAY), at=NOW)
    municipality, foreign = actor(session, "municipality-worker"), actor(session, "other-social-worker")
    refs = {(one.ref, one.kind) for one in gaps.board(session, municipality, NOW)}
    assert refs == {(child.ref, "integration_plan")}, "the county's own services are not the municipality's"
    assert gaps.board(session, foreign, NOW) == []
    assert gaps.board(session, actor(session, "reviewer"), NOW) == []
    service.report(session, municipality, child.ref, row.number, on=TODAY, text="Laadittu.", version=1, at=NOW)
    for who, number in ((municipality, other.number), (foreign, row.number)):
        with pytest.raises(NotFound):
            service.report(session, who, child.ref, number, on=TODAY, text="x", version=1, at=NOW)
    child.protected = True
    session.flush()
    assert gaps.board(session, municipality, NOW, done=True) == []


def test_a_pathway_adds_what_the_child_does_not_have_yet(session, worker, child):
    service.owe(session, worker, child.ref, NewService("basic_information", TODAY), at=NOW)
    count = service.take_pathway(
        session, worker, child.ref, "teenager", TODAY, ["basic_information", "integration_plan", "plan_review"], at=NOW
    )
    assert count == 2
    assert sorted(one.kind for one in rows(session, child)) == ["basic_information", "integration_plan", "plan_review"]
    with pytest.raises(Refusals) as refused:
        service.take_pathway(session, worker, child.ref, "teenager", TODAY, ["basic_information"], at=NOW)
    assert codes(refused) == {"nothing-chosen"}


def test_needs_recognised_in_an_assessment_reach_the_optimizer_and_become_services(session, worker, child):
    session.add(ChildNeed(child_id=child.id, code="trauma", hours=3))
    session.flush()
    contact = TODAY - 30 * DAY
    number = path_service.write(session, worker, child.ref, AssessmentPart(contact), at=NOW)
    assert [one.kind for one in rows(session, child)] == ["assessment_start"]
    assert rows(session, child)[0].due_on == date(2026, 11, 3), "seven working days from 25 October"
    started = AssessmentPart(contact, TODAY - 25 * DAY)
    path_service.write(session, worker, child.ref, started, at=NOW, number=number, version=1)
    (ready_step,) = rows(session, child, "assessment_ready")
    assert ready_step.due_on == date(2027, 1, 30)
    ready = AssessmentPart(contact, TODAY - 25 * DAY, TODAY - DAY, True, {"trauma": 0, "literacy": 0}, "Yhteenveto.")
    path_service.write(session, worker, child.ref, ready, at=NOW, number=number, version=2)
    assert everything_about(session, [child.id])[child.id].needs == {"literacy": 0, "trauma": 3}
    assert {one.kind for one in rows(session, child) if one.delivered_on is None} == {
        "psychosocial",
        "language_training",
    }
    (support,) = rows(session, child, "psychosocial")
    assert (support.side, support.owner_id, support.origin) == (Side.COUNTY, worker.user_id, "assessment")
    service.confirm(session, worker, child.ref, support.number, on=TODAY, evidence="Alkoi.", version=1, at=NOW)
    path_service.write(session, worker, child.ref, ready, at=NOW, number=number, version=3)
    assert len(rows(session, child, "psychosocial")) == 1, "saving the assessment again owes nothing again"


def test_the_instance_of_the_next_calculation_has_the_recognised_need(session, worker, child):
    add_unit(session, services={"trauma": 10})
    child.waiting_since = TODAY
    part = AssessmentPart(TODAY - 9 * DAY, TODAY - 8 * DAY, TODAY, True, {"trauma": 0}, "Yhteenveto.")
    path_service.write(session, worker, child.ref, part, at=NOW)
    snapshot = intake.read(session, [child.county_id], NOW)
    problem = problem_builder.build(snapshot, problem_builder.Asked(start=TODAY), name="test")
    (seat,) = [one for one in problem.instance.children if one.id == child.ref]
    assert "trauma" in seat.services


def test_an_objection_is_followed_by_alternatives_and_a_second_hearing(session, worker, child):
    objects = {"how": "conversation", "language": "so", "interpreter": True, "said": "Ei halua.", "objects": True}
    with pytest.raises(Refusals) as refused:
        path_service.write(
            session, worker, child.ref, HearingPart("child", "placement", "heard", TODAY, **objects), at=NOW
        )
    assert [one.field for one in refused.value.faults] == ["alternatives"]
    first = HearingPart("child", "placement", "heard", TODAY - 3 * DAY, alternatives="Kaksi muuta.", **objects)
    number = path_service.write(session, worker, child.ref, first, at=NOW)
    assert state(session, child, "second_hearing") is ServiceState.OWED
    again = HearingPart(
        "child", "placement", "heard", TODAY, how="conversation", language="so", said="Hyväksyy.", answers=number
    )
    path_service.write(session, worker, child.ref, again, at=NOW)
    assert state(session, child, "second_hearing") is ServiceState.DELIVERED
    lost = HearingPart("child", "move", "heard", TODAY, how="video", language="so", said="x", answers=9)
    with pytest.raises(Refusals) as refused:
        path_service.write(session, worker, child.ref, lost, at=NOW)
    assert codes(refused) == {"hearing-unknown"}


def test_without_the_interpreter_the_hearing_is_held_again(session, worker, child):
    number = path_service.write(
        session, worker, child.ref, HearingPart("child", "placement", "interpreter-absent", TODAY - DAY), at=NOW
    )
    assert state(session, child, "hearing_again") is ServiceState.OWED
    held = HearingPart("child", "placement", "heard", TODAY, how="phone", language="so", said="Kyllä.", answers=number)
    path_service.write(session, worker, child.ref, held, at=NOW)
    assert state(session, child, "hearing_again") is ServiceState.DELIVERED


def test_a_child_may_be_left_unheard_only_on_a_ground_of_the_law(session, worker, child):
    for part, field in (
        (HearingPart("child", "placement", "not-heard", TODAY, said="x"), "ground"),
        (HearingPart("child", "placement", "not-heard", TODAY, ground="manifestly_unnecessary"), "said"),
        (HearingPart("child", "placement", "interpreter-absent", TODAY, objects=True, alternatives="x"), "objects"),
        (HearingPart("child", "placement", "heard", TODAY + DAY, "video", "so", said="x"), "heard_on"),
    ):
        with pytest.raises(Refusals) as refused:
            path_service.write(session, worker, child.ref, part, at=NOW)
        assert field in [one.field for one in refused.value.faults], part
    assert session.exec(select(ChildHearing)).all() == []


def test_the_representative_is_applied_for_appointed_and_released(session, worker, child):
    child.representative_name = None
    child.no_representative_reason = "Ei vielä."
    service.owe(session, worker, child.ref, NewService("representative", TODAY - 20 * DAY), at=NOW)
    applied = RepresentationPart(TODAY - 15 * DAY, TODAY - 16 * DAY)
    number = path_service.write(session, worker, child.ref, applied, at=NOW)
    assert state(session, child, "representative") is ServiceState.DELIVERED
    bare = RepresentationPart(TODAY - 15 * DAY, None, "Veli Valvoja", TODAY - 5 * DAY)
    with pytest.raises(Refusals) as refused:
        path_service.write(session, worker, child.ref, bare, at=NOW, number=number, version=1)
    assert {one.field for one in refused.value.faults} == {"court", "child_heard_on"}
    appointed = RepresentationPart(
        TODAY - 15 * DAY, TODAY - 16 * DAY, "Veli Valvoja", TODAY - 5 * DAY, "Pirkanmaan käräjäoikeus", "H 1/2026"
    )
    path_service.write(session, worker, child.ref, appointed, at=NOW, number=number, version=1)
    assert session.get(Child, child.id).representative_name == "Veli Valvoja"
    path_service.write(session, worker, child.ref, FamilyPart("guardian", "Äiti", None, TODAY - 2 * DAY), at=NOW)
    assert state(session, child, "representative_release") is ServiceState.OWED
    ended = RepresentationPart(
        *(getattr(appointed, name) for name in ("applied_on", "child_heard_on", "name", "appointed_on", "court")),
        case_number="H 1/2026",
        ended_on=TODAY,
        end_reason="guardian",
        end_words="Huoltaja saapui",
    )
    path_service.write(session, worker, child.ref, ended, at=NOW, number=number, version=2)
    stored = session.get(Child, child.id)
    assert (stored.representative_name, stored.no_representative_reason) == (None, "Huoltaja saapui")
    assert state(session, child, "representative_release") is ServiceState.DELIVERED


@pytest.mark.parametrize(("arrived", "owed"), [(date(2024, 12, 31), 0), (date(2025, 1, 1), 1)])
def test_a_guardians_arrival_asks_for_the_release_since_2025(session, worker, child, arrived, owed):
    path_service.write(session, worker, child.ref, FamilyPart("guardian", "Isä", None, arrived), at=NOW)
    assert len(rows(session, child, "representative_release")) == owed


def test_copies_of_a_protocol_go_to_both_and_only_a_home_has_protocols(session, worker, child):
    home = add_unit(session)
    flat = add_unit(session, "Asunto", kind=UnitKind.SUPPORTED_HOUSING)
    with pytest.raises(Refusals) as refused:
        path_service.write(session, worker, child.ref, ProtocolPart("seizure", flat.ref, TODAY, "Veitsi."), at=NOW)
    assert codes(refused) == {"protocol-home-only"}
    number = path_service.write(
        session, worker, child.ref, ProtocolPart("seizure", home.ref, TODAY - DAY, "Veitsi."), at=NOW
    )
    half = ProtocolPart("seizure", home.ref, TODAY - DAY, "Veitsi.", TODAY)
    path_service.write(session, worker, child.ref, half, at=NOW, number=number, version=1)
    assert state(session, child, "protocol_copies") is ServiceState.OWED
    both = ProtocolPart("seizure", home.ref, TODAY - DAY, "Veitsi.", TODAY, TODAY)
    path_service.write(session, worker, child.ref, both, at=NOW, number=number, version=2)
    assert state(session, child, "protocol_copies") is ServiceState.DELIVERED


def test_what_the_law_owes_and_nobody_recorded_is_on_the_board(session, worker, child):
    child.representative_name = None
    kinds = {one.kind for one in gaps.board(session, worker, NOW) if one.number is None}
    assert kinds == {"basic_information", "skills_assessment", "representative"}
    service.owe(session, worker, child.ref, NewService("basic_information", TODAY), at=NOW)
    kinds = {one.kind for one in gaps.board(session, worker, NOW) if one.number is None}
    assert kinds == {"skills_assessment", "representative"}


def test_the_next_home_is_looked_for_from_six_months_before_adulthood(session, worker):
    home = add_unit(session)
    for days, expected in ((182, False), (180, True)):
        born = date(2009, 5, 24) if expected else date(2009, 5, 25)
        one = add_child(session, worker_id=worker.user_id, birth_date=born, representative_name="Rauha")
        add_stay(session, one, home, end=date(born.year + 18, born.month, born.day))
        kinds = {gap.kind for gap in gaps.board(session, worker, NOW) if gap.child_id == one.id}
        assert ("successor_home" in kinds) is expected, days


def twin(session, worker, child, **changes):
    return add_child(session, worker_id=worker.user_id, birth_date=child.birth_date, temporary_number="M77", **changes)


def test_a_merge_moves_everything_and_undo_gives_it_back(session, worker, child):
    home = add_unit(session)
    second = twin(session, worker, child, waiting_since=TODAY - 9 * DAY)
    stay = add_stay(session, second, home, start=TODAY - 90 * DAY, end=TODAY - 30 * DAY)
    service.owe(session, worker, child.ref, NewService("guidance_advice", TODAY), at=NOW)
    moved = service.owe(session, worker, second.ref, NewService("third_sector", TODAY), at=NOW)
    plan = merging.plan(session, worker, child.ref, second.ref, at=NOW)
    assert plan.rows == {"stay": 1, "child_service": 1}
    merging.merge(session, worker, child.ref, second.ref, reason="Henkilötunnus saapui.", at=NOW)
    session.expire_all()
    assert (stay.child_id, moved.child_id, moved.number) == (child.id, child.id, 2)
    assert session.get(Child, child.id).waiting_since == TODAY - 9 * DAY
    with pytest.raises(NotFound):
        service.owe(session, worker, second.ref, NewService("referral", TODAY), at=NOW)
    assert merging.kept_ref(session, worker, second.ref) == child.ref
    assert merging.undo(session, worker, child.ref, at=NOW) == second.ref
    session.expire_all()
    assert (stay.child_id, moved.child_id, moved.number) == (second.id, second.id, 1)
    assert session.get(Child, child.id).waiting_since is None
    assert session.get(Child, second.id).waiting_since == TODAY - 9 * DAY
    assert len(rows(session, child)) == 1
    with pytest.raises(NotFound):
        merging.undo(session, worker, child.ref, at=NOW)


def test_records_of_two_people_are_not_merged(session, worker, child):
    home = add_unit(session)
    add_stay(session, child, home, start=TODAY - 90 * DAY)
    same_days = twin(session, worker, child)
    add_stay(session, same_days, home, start=TODAY - 10 * DAY)
    older = add_child(session, worker_id=worker.user_id, birth_date=child.birth_date - DAY)
    coded = twin(session, worker, child, identity_index="a")
    child.identity_index = "b"
    session.flush()
    for other, code in ((same_days, "merge-stays"), (older, "merge-birth-dates"), (coded, "merge-two-codes")):
        with pytest.raises(Refusals) as refused:
            merging.merge(session, worker, child.ref, other.ref, reason="Sama henkilö varmasti.", at=NOW)
        assert codes(refused) == {code}
    with pytest.raises(Refusals) as refused:
        merging.merge(session, worker, child.ref, child.ref, reason="Sama henkilö varmasti.", at=NOW)
    assert codes(refused) == {"merge-same"}


def test_a_merge_is_undone_for_thirty_days_only(session, worker, child):
    second = twin(session, worker, child)
    merging.merge(session, worker, child.ref, second.ref, reason="Henkilötunnus saapui.", at=NOW)
    with pytest.raises(Refusal, match="merge-undo-late"):
        merging.undo(session, worker, child.ref, at=NOW + 31 * DAY)
    merging.undo(session, worker, child.ref, at=NOW + 30 * DAY)


def test_a_corrected_birth_date_moves_what_is_counted_from_adulthood(session, worker, child):
    home = add_unit(session)
    add_stay(session, child, home, start=TODAY - 90 * DAY)
    before, after = date(2010, 3, 1), date(2008, 3, 1)
    child.birth_date = before
    row = service.add(session, child, "successor_home", date(2028, 3, 1), origin="manual", at=NOW)
    seen = rippling.preview(session, child.id, after, TODAY)
    assert seen.ripple.adult_already
    assert seen.services == ("successor_home",)
    child.birth_date = after
    rippling.follow(session, child.id, before, at=NOW)
    assert (row.event_on, row.due_on, row.version) == (date(2026, 3, 1), date(2025, 9, 1), 2)
    assert state(session, child, "successor_home") is ServiceState.LATE


def test_a_child_found_to_be_of_age_in_a_home_is_owed_the_next_home_at_once(session, worker, child):
    add_stay(session, child, add_unit(session), start=TODAY - 90 * DAY)
    before, child.birth_date = child.birth_date, date(2008, 3, 1)
    rippling.follow(session, child.id, before, at=NOW)
    assert state(session, child, "successor_home") is ServiceState.LATE


def test_somebody_of_another_county_writes_nothing(session, child):
    stranger = actor(session, "other-social-worker")
    for act in (
        lambda: service.owe(session, stranger, child.ref, NewService("referral", TODAY), at=NOW),
        lambda: path_service.write(session, stranger, child.ref, FamilyPart("sibling", "X"), at=NOW),
        lambda: merging.plan(session, stranger, child.ref, "CH-0000-0000", at=NOW),
    ):
        with pytest.raises(NotFound):
            act()
    assert person(session, "other-social-worker").id == stranger.user_id
