"""Decisions from the first hold to the made decision, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from placement.audit.tables import AuditEvent
from placement.children.tables import ApartPair, ChildBan, SiblingGroup, SiblingMember, SiblingMode
from placement.decisions import booking, drafts, holds, letters, queries, service, verdicts
from placement.decisions.booking import BookingRefused
from placement.decisions.content_rules import Content
from placement.decisions.drafts import Start
from placement.decisions.tables import (
    BookingRefusal,
    Decision,
    DecisionDocument,
    DecisionStatus,
    Hold,
    Proposal,
    ProposalRow,
    Run,
    RunStatus,
    Stay,
)
from placement.people import queries as people
from placement.permissions import Actor
from placement.references import new
from placement.refusals import Conflict, NotAllowed, NotFound, Refusals
from tests.conftest import NOW
from tests.placing import TODAY, add_child, add_stay, add_unit, county, person

HALF_HOUR = timedelta(minutes=30)
MINUTE = timedelta(minutes=1)


def actor(session: Session, key: str = "social-worker") -> Actor:
    user = person(session, key)
    return people.actor_of(session, user, people.mandates_of(session, user.id or 0, TODAY)[0])


def typeset(session: Session, decision: Decision) -> list[DecisionDocument]:
    return letters.documents(session, decision, demo=True)


def whole(draft: Decision, **changes: Any) -> Content:
    """Return a content that lacks nothing."""
    return replace(
        verdicts.content_of(draft),
        **{
            "assessment_on": TODAY - timedelta(days=20),
            "child_hearing": "heard",
            "child_heard_on": TODAY - timedelta(days=2),
            "child_heard_how": "conversation",
            "child_heard_language": "so",
            "child_opinion": "Haluan käydä samaa koulua.",
            "representative_hearing": "heard",
            "representative_heard_on": TODAY - timedelta(days=1),
            "representative_opinion": "Puoltaa.",
            "alternatives": "Kaksi muuta yksikköä arvioitiin.",
            "reasons": "Yhteinen kieli ja koulu lähellä.",
            "legal_bases": ("care_arranged", "best_interests"),
            **changes,
        },
    )


@pytest.fixture
def do(database: Any) -> Callable[[Callable[[Session], Any]], Any]:
    return database.write


def begin(session: Session, child_ref: str, unit_ref: str, *, who: str = "social-worker", at: Any = NOW) -> str:
    return drafts.start_decision(session, actor(session, who), Start(child_ref, unit_ref), at=at).ref


def write_whole(session: Session, ref: str, **changes: Any) -> int:
    who = actor(session)
    draft = queries.find(session, who, ref)
    saved = drafts.save_draft(session, who, ref, whole(draft, **changes), version=draft.version, at=NOW)
    return saved.version


def make(session: Session, ref: str, *, who: str = "social-worker", at: Any = NOW) -> Decision:
    acting = actor(session, who)
    version = queries.find(session, acting, ref).version
    return service.make_decision(session, acting, ref, version=version, at=at, typeset=typeset)


@pytest.fixture
def case(do: Any) -> tuple[str, str]:
    """A waiting child and a home with one place: their references."""

    def work(session: Session) -> tuple[str, str]:
        return add_child(session).ref, add_unit(session, places=1).ref

    return do(work)


def test_a_decision_fills_the_place_numbers_the_case_and_writes_three_documents(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref))
    do(lambda s: make(s, ref))

    def look(session: Session) -> None:
        made = queries.find(session, actor(session), ref)
        assert made.status is DecisionStatus.MADE
        assert made.case_number == "DE 1/2026"
        stay = session.exec(select(Stay)).one()
        assert (stay.decision_id, stay.start, stay.end) == (made.id, made.start, made.end)
        assert session.exec(select(Hold)).one().released_at == NOW
        found = {row.language: row.legal_text for row in session.exec(select(DecisionDocument))}
        assert found == {"fi": True, "sv": False, "en": False}
        actions = [row.action for row in session.exec(select(AuditEvent).order_by(AuditEvent.seq))]
        assert actions == ["decision-started", "decision-draft-saved", "decision-made"]

    do(look)


def test_pressing_twice_makes_one_decision(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref))
    version = do(lambda s: queries.find(s, actor(s), ref).version)

    def press(session: Session) -> str | None:
        made = service.make_decision(session, actor(session), ref, version=version, at=NOW, typeset=typeset)
        return made.case_number

    assert do(press) == do(press) == "DE 1/2026"
    assert do(lambda s: len(s.exec(select(Stay)).all())) == 1


def test_a_draft_without_hearing_and_reasons_is_refused_field_by_field(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    with pytest.raises(Refusals) as refused:
        do(lambda s: make(s, ref))
    assert {one.field for one in refused.value.faults} >= {
        "assessment_on",
        "child_hearing",
        "representative_hearing",
        "alternatives",
        "reasons",
        "legal_bases",
    }
    assert do(lambda s: s.exec(select(Stay)).all()) == []


def test_a_held_place_is_taken_for_others_and_free_again_after_half_an_hour(database, do, case):
    child_ref, unit_ref = case
    other = do(lambda s: add_child(s, "Toinen").ref)
    do(lambda s: begin(s, child_ref, unit_ref))
    who = do(lambda s: actor(s))
    with pytest.raises(BookingRefused) as refused:
        booking.attempt(database, who, NOW, lambda s: begin(s, other, unit_ref))
    assert [one.code for one in refused.value.broken] == ["unit-full"]
    assert do(lambda s: [row.code for row in s.exec(select(BookingRefusal))]) == ["unit-full"]

    with pytest.raises(BookingRefused):
        do(lambda s: begin(s, other, unit_ref, at=NOW + HALF_HOUR - MINUTE))
    assert do(lambda s: begin(s, other, unit_ref, at=NOW + HALF_HOUR))


def test_a_hold_is_extended_once(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: drafts.keep_place(s, actor(s), ref, at=NOW + MINUTE))
    until = do(lambda s: s.exec(select(Hold)).one().expires_at)
    assert until == NOW + 2 * HALF_HOUR
    with pytest.raises(Conflict, match="hold-extended-once"):
        do(lambda s: drafts.keep_place(s, actor(s), ref, at=NOW + MINUTE))


def test_a_hold_that_is_over_is_not_extended(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    with pytest.raises(Conflict, match="hold-over"):
        do(lambda s: drafts.keep_place(s, actor(s), ref, at=NOW + HALF_HOUR))


def test_a_decision_whose_hold_ran_out_is_made_while_the_place_is_free_and_refused_when_it_is_not(do, case):
    child_ref, unit_ref = case
    late = NOW + 2 * HALF_HOUR
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref))
    other = do(lambda s: add_child(s, "Toinen").ref)
    theirs = do(lambda s: begin(s, other, unit_ref, at=late))
    with pytest.raises(BookingRefused):
        do(lambda s: make(s, ref, at=late))
    do(lambda s: drafts.discard(s, actor(s), theirs, at=late))
    assert do(lambda s: make(s, ref, at=late).status) is DecisionStatus.MADE
    kept = do(lambda s: queries.find(s, actor(s), ref).reasons)
    assert kept == "Yhteinen kieli ja koulu lähellä."


def test_two_drafts_of_one_place_that_both_lost_their_hold_fill_it_once(do, case):
    child_ref, unit_ref = case
    late = NOW + 2 * HALF_HOUR
    first = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, first))
    other = do(lambda s: add_child(s, "Toinen").ref)
    second = do(lambda s: begin(s, other, unit_ref, at=NOW + HALF_HOUR))
    do(lambda s: write_whole(s, second))
    do(lambda s: make(s, second, at=late))
    with pytest.raises(BookingRefused):
        do(lambda s: make(s, first, at=late))
    moment = do(lambda s: _taken(s, first))
    assert moment == late


def _taken(session: Session, ref: str) -> Any:
    row = queries.find(session, actor(session), ref)
    return queries.taken_since(session, row.unit_id, row.start, row.end or row.start, NOW)


def test_starting_again_moves_the_draft_and_keeps_the_typed_text(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref))
    elsewhere = do(lambda s: add_unit(s, "Haapa").ref)
    assert do(lambda s: begin(s, child_ref, elsewhere)) == ref
    assert do(lambda s: queries.find(s, actor(s), ref).reasons)
    live = do(lambda s: [holds.is_live(row, NOW) for row in s.exec(select(Hold).order_by(Hold.id))])
    assert live == [False, True]


def test_an_older_version_does_not_overwrite_a_newer_one(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    opened = do(lambda s: queries.find(s, actor(s), ref).version)
    do(lambda s: write_whole(s, ref))
    with pytest.raises(Conflict, match="changed-meanwhile"):
        do(lambda s: drafts.save_draft(s, actor(s), ref, Content(reasons="toinen"), version=opened, at=NOW))


def test_another_county_finds_neither_child_nor_decision(do, case):
    child_ref, unit_ref = case
    with pytest.raises(NotFound):
        do(lambda s: begin(s, child_ref, unit_ref, who="other-social-worker"))
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    for act in (drafts.keep_place, drafts.discard):
        with pytest.raises(NotFound):
            do(lambda s, act=act: act(s, actor(s, "other-social-worker"), ref, at=NOW))


def test_only_a_mandate_to_decide_starts_a_decision(do, case):
    child_ref, unit_ref = case
    with pytest.raises(NotAllowed, match="no-deciding-mandate"):
        do(lambda s: begin(s, child_ref, unit_ref, who="coordinator"))


def test_a_moving_child_leaves_the_old_place_on_the_first_day_in_the_new_one(do):
    def prepare(session: Session) -> tuple[str, str]:
        child = add_child(session)
        add_stay(session, child, add_unit(session, "Vanha"), start=date(2026, 7, 1))
        return child.ref, add_unit(session, "Uusi").ref

    child_ref, unit_ref = do(prepare)
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref))
    start = do(lambda s: make(s, ref).start)
    old, new_one = do(lambda s: [(row.start, row.end) for row in s.exec(select(Stay).order_by(Stay.id))])
    assert old == (date(2026, 7, 1), start)
    assert new_one[0] == start


def test_a_stay_to_come_refuses_a_second_one_over_it(do, case):
    child_ref, unit_ref = case

    def plan(session: Session) -> None:
        row = session.exec(select(Hold)).first()
        assert row is None
        from placement.children.tables import Child

        child = session.exec(select(Child).where(Child.ref == child_ref)).one()
        add_stay(session, child, add_unit(session, "Muu"), start=TODAY + timedelta(days=60))

    do(plan)
    with pytest.raises(BookingRefused) as refused:
        do(lambda s: begin(s, child_ref, unit_ref))
    assert "child-has-stay" in [one.code for one in refused.value.broken]


def test_a_broken_rule_waits_for_a_second_person_and_names_them(do):
    child_ref, unit_ref = do(lambda s: (add_child(s).ref, add_unit(s, "Nuoret", age_min_months=16 * 12).ref))
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref, deviation_reason="Sisarukset asuvat lähellä."))
    with pytest.raises(service.RulesBroken) as refused:
        do(lambda s: make(s, ref))
    assert refused.value.codes == ("age-below",)
    do(lambda s: service.ask_confirmation(s, actor(s), ref, version=_version(s, ref), at=NOW))
    do(lambda s: service.confirm(s, actor(s, "county-lead"), ref, "Perusteltu.", version=_version(s, ref), at=NOW))
    made = do(lambda s: make(s, ref))
    lead = do(lambda s: person(s, "county-lead").id)
    assert (made.status, made.second_official_id) == (DecisionStatus.MADE, lead)
    assert [one.code for one in service.load_rules(made.broken_rules)] == ["age-below"]


def _version(session: Session, ref: str) -> int:
    return queries.find(session, actor(session), ref).version


def test_a_broken_rule_needs_a_reason_before_it_is_sent_on(do):
    child_ref, unit_ref = do(lambda s: (add_child(s).ref, add_unit(s, "Nuoret", age_min_months=16 * 12).ref))
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref))
    with pytest.raises(Refusals) as refused:
        do(lambda s: service.ask_confirmation(s, actor(s), ref, version=_version(s, ref), at=NOW))
    assert [one.field for one in refused.value.faults] == ["deviation_reason"]


def test_nobody_confirms_a_decision_of_ones_own(do):
    child_ref, unit_ref = do(lambda s: (add_child(s).ref, add_unit(s, "Nuoret", age_min_months=16 * 12).ref))
    ref = do(lambda s: begin(s, child_ref, unit_ref, who="county-lead"))
    do(lambda s: write_whole(s, ref, deviation_reason="Syy."))
    do(lambda s: service.ask_confirmation(s, actor(s, "county-lead"), ref, version=_version(s, ref), at=NOW))
    with pytest.raises(NotAllowed, match="second-official-same-person"):
        do(lambda s: service.confirm(s, actor(s, "county-lead"), ref, "Ok", version=_version(s, ref), at=NOW))


def test_a_change_after_the_confirmation_takes_it_back(do):
    child_ref, unit_ref = do(lambda s: (add_child(s).ref, add_unit(s, "Nuoret", age_min_months=16 * 12).ref))
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref, deviation_reason="Syy."))
    do(lambda s: service.ask_confirmation(s, actor(s), ref, version=_version(s, ref), at=NOW))
    do(lambda s: service.confirm(s, actor(s, "county-lead"), ref, "Ok", version=_version(s, ref), at=NOW))
    do(lambda s: write_whole(s, ref, deviation_reason="Toinen syy."))
    with pytest.raises(service.RulesBroken):
        do(lambda s: make(s, ref))


def test_must_siblings_apart_need_a_recorded_reason(do):
    def prepare(session: Session) -> tuple[str, str]:
        one, other = add_child(session, "Yksi"), add_child(session, "Kaksi")
        group = SiblingGroup(county_id=one.county_id, mode=SiblingMode.MUST)
        session.add(group)
        session.flush()
        for child in (one, other):
            session.add(SiblingMember(child_id=child.id or 0, group_id=group.id or 0))
        add_stay(session, other, add_unit(session, "Toisaalla"), start=TODAY - timedelta(days=9))
        return one.ref, add_unit(session, "Täällä").ref

    child_ref, unit_ref = do(prepare)
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref))
    with pytest.raises(Refusals) as refused:
        do(lambda s: make(s, ref))
    assert [one.field for one in refused.value.faults] == ["siblings_apart_reason"]


@pytest.mark.parametrize("code", ["forbidden-unit", "apart-pair"])
def test_safety_is_not_set_aside_by_anybody(do, code):
    def prepare(session: Session) -> tuple[str, str]:
        child, unit = add_child(session), add_unit(session)
        if code == "forbidden-unit":
            session.add(ChildBan(child_id=child.id or 0, unit_id=unit.id or 0, reason="turvallisuus"))
        else:
            other = add_child(session, "Muu", waiting=False)
            add_stay(session, other, unit)
            low, high = sorted((child.id or 0, other.id or 0))
            session.add(ApartPair(child_a_id=low, child_b_id=high, county_id=child.county_id, reason="turvallisuus"))
        return child.ref, unit.ref

    child_ref, unit_ref = do(prepare)
    with pytest.raises(BookingRefused) as refused:
        do(lambda s: begin(s, child_ref, unit_ref))
    assert [one.code for one in refused.value.broken] == [code]


def propose(session: Session, child_ref: str, unit_ref: str) -> str:
    """Add a finished run whose proposal sends the child to the unit, sealed as things are now."""
    import json

    from placement.children.tables import Child
    from placement.decisions import staleness
    from placement.units.tables import Unit

    child = session.exec(select(Child).where(Child.ref == child_ref)).one()
    unit = session.exec(select(Unit).where(Unit.ref == unit_ref)).one()
    home = county(session).id or 0
    run = Run(
        ref=new("RU"), county_id=home, requested_at=NOW, as_of=TODAY, status=RunStatus.DONE, input="{}",
        input_hash="", rests_on="{}",
    )  # fmt: skip
    session.add(run)
    session.flush()
    proposal = Proposal(ref=new("PR"), run_id=run.id or 0, county_id=home)
    session.add(proposal)
    session.flush()
    row = ProposalRow(
        proposal_id=proposal.id or 0,
        child_id=child.id or 0,
        proposed_unit_id=unit.id,
        unit_id=unit.id,
        start=TODAY + timedelta(days=7),
        explanation=json.dumps({"rests_on": {}, "since": TODAY.isoformat()}),
        fingerprint="",
    )
    session.add(row)
    session.flush()
    staleness.reseal(session, row, NOW)
    session.add(row)
    return proposal.ref


def test_a_proposal_whose_child_changed_is_refused_with_what_changed(do, case):
    child_ref, unit_ref = case
    proposal_ref = do(lambda s: propose(s, child_ref, unit_ref))
    ref = do(lambda s: drafts.start_decision(s, actor(s), Start(child_ref, proposal_ref=proposal_ref), at=NOW).ref)
    do(lambda s: write_whole(s, ref))

    def change(session: Session) -> None:
        from placement.children.tables import Child

        child = session.exec(select(Child).where(Child.ref == child_ref)).one()
        child.care_hours += 1
        session.add(child)

    do(change)
    with pytest.raises(service.StaleProposal) as refused:
        do(lambda s: make(s, ref))
    assert refused.value.changes == ("child-hours",)


def test_a_proposal_that_still_holds_is_decided(do, case):
    child_ref, unit_ref = case
    proposal_ref = do(lambda s: propose(s, child_ref, unit_ref))
    ref = do(lambda s: drafts.start_decision(s, actor(s), Start(child_ref, proposal_ref=proposal_ref), at=NOW).ref)
    do(lambda s: write_whole(s, ref))
    assert do(lambda s: make(s, ref).status) is DecisionStatus.MADE


def test_deciding_against_the_proposal_asks_for_a_reason(do, case):
    child_ref, unit_ref = case
    other = do(lambda s: add_unit(s, "Haapa").ref)
    proposal_ref = do(lambda s: propose(s, child_ref, unit_ref))
    ref = do(lambda s: drafts.start_decision(s, actor(s), Start(child_ref, other, proposal_ref), at=NOW).ref)
    do(lambda s: write_whole(s, ref))
    with pytest.raises(Refusals) as refused:
        do(lambda s: make(s, ref))
    assert [one.field for one in refused.value.faults] == ["deviation_reason"]
    do(lambda s: write_whole(s, ref, deviation_reason="Lapsi toivoi muuta."))
    assert do(lambda s: make(s, ref).status) is DecisionStatus.MADE


def test_case_numbers_run_in_each_county_by_itself(do):
    from placement.decisions import case_numbers

    first = do(lambda s: case_numbers.next_number(s, county(s).id or 0, TODAY))
    assert first == "DE 1/2026"
    for _ in range(2):
        child_ref, unit_ref = do(lambda s: (add_child(s).ref, add_unit(s, new("UN")).ref))
        ref = do(lambda s, c=child_ref, u=unit_ref: begin(s, c, u))
        do(lambda s, r=ref: write_whole(s, r))
        do(lambda s, r=ref: make(s, r))
    assert do(lambda s: case_numbers.next_number(s, county(s).id or 0, TODAY)) == "DE 3/2026"
    assert do(lambda s: case_numbers.next_number(s, county(s, "04").id or 0, TODAY)) == "DE 1/2026"
    assert do(lambda s: case_numbers.next_number(s, county(s).id or 0, date(2027, 1, 1))) == "DE 1/2027"


def test_service_days_are_recorded_for_child_and_representative_and_not_before_the_decision(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    do(lambda s: write_whole(s, ref))
    do(lambda s: make(s, ref))

    def serve(session: Session, child_on: date | None, representative_on: date | None) -> Decision:
        return service.record_service(
            session, actor(session), ref, child_on=child_on, representative_on=representative_on,
            version=_version(session, ref), at=NOW,
        )  # fmt: skip

    with pytest.raises(Refusals) as refused:
        do(lambda s: serve(s, TODAY - timedelta(days=1), TODAY + timedelta(days=1)))
    assert [one.code for one in refused.value.faults] == ["served-before-decision", "day-in-future"]
    do(lambda s: serve(s, TODAY, None))
    do(lambda s: serve(s, None, TODAY))
    row = do(lambda s: queries.find(s, actor(s), ref))
    assert (row.served_child_on, row.served_representative_on) == (TODAY, TODAY)


def test_starting_the_same_place_again_gains_no_time(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    assert do(lambda s: begin(s, child_ref, unit_ref, at=NOW + 20 * MINUTE)) == ref
    assert do(lambda s: [row.expires_at for row in s.exec(select(Hold))]) == [NOW + HALF_HOUR]
    assert do(lambda s: len(s.exec(select(AuditEvent)).all())) == 1
    do(lambda s: begin(s, child_ref, unit_ref, at=NOW + HALF_HOUR))
    assert do(lambda s: len(s.exec(select(Hold)).all())) == 2


def test_a_decision_is_made_of_the_text_that_was_shown_and_of_no_other(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    shown = do(lambda s: write_whole(s, ref))
    do(lambda s: write_whole(s, ref, reasons="Aivan muut perustelut."))
    with pytest.raises(Conflict, match="changed-meanwhile"):
        do(lambda s: service.make_decision(s, actor(s), ref, version=shown, at=NOW, typeset=typeset))


def test_lists_and_queries_know_the_own_county_only(do, case):
    child_ref, unit_ref = case
    ref = do(lambda s: begin(s, child_ref, unit_ref))
    assert do(lambda s: queries.lines(s, actor(s), NOW)[1]) == 1
    for key in ("other-social-worker", "unit-manager", "reviewer", "administrator"):
        assert do(lambda s, key=key: queries.lines(s, actor(s, key), NOW)) == ([], 0)
        assert do(lambda s, key=key: queries.waiting(s, actor(s, key))) == queries.Waiting((), (), ())
        with pytest.raises(NotFound):
            do(lambda s, key=key: queries.find(s, actor(s, key), ref))
