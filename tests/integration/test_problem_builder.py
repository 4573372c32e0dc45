"""From the register to the instance: what is frozen, what is free, and that the reference rules accept it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from agreements.tables import AgreementQuota
from optimizer.pair_rules import reasons
from optimizer.solve import solve
from optimizer.verify import verify
from placement.children.tables import ApartPair, ChildBan, ChildWish, SiblingGroup, SiblingMember, SiblingMode
from placement.decisions import intake, problem_builder
from placement.decisions.problem_builder import Asked
from placement.decisions.tables import Hold
from placement.units.tables import Closure, UnitKind
from tests.conftest import NOW
from tests.placing import TODAY, add_agreement, add_child, add_stay, add_unit, county, person, town


@pytest.fixture
def session(database):
    with database.transaction() as opened:
        yield opened


def built(session, asked=None, counties=("08",)):
    asked = asked or Asked(TODAY)
    ids = [county(session, code).id for code in counties]
    snapshot = intake.read(session, ids, NOW, also=asked.unlocked)
    return problem_builder.build(snapshot, asked, name="test")


def pairs(problem, child, unit):
    instance = problem.instance
    return reasons(instance, instance.child_by_id[child.ref], instance.unit_by_id[unit.ref], None)


def test_those_who_live_somewhere_are_locked_and_those_who_wait_are_free(session):
    home = add_unit(session)
    resident, waiting = add_child(session, waiting=False), add_child(session)
    add_stay(session, resident, home)

    problem = built(session)

    found = problem.instance.child_by_id
    assert found[resident.ref].locked == home.ref
    assert (found[waiting.ref].locked, found[waiting.ref].current) == (None, None)
    assert set(problem.free) == {waiting.ref}


def test_the_model_knows_no_community_no_mix_limit_and_no_fairness_level(session):
    add_unit(session)
    add_child(session)

    instance = built(session).instance

    assert {child.group for child in instance.children} == {"all"}
    assert instance.fit_weights.peers == 0
    assert {unit.max_same_group_permille for unit in instance.units} == {1000}
    assert [level.name for level in instance.levels] == ["placed", "fit", "moves", "cost"]


def test_swapping_the_group_of_two_children_changes_no_proposal(session):
    add_unit(session, "A", places=1)
    add_unit(session, "B", places=1, languages={"prs": 9, "fi": 0})
    add_child(session, languages={"so": 5})
    add_child(session, languages={"prs": 5})
    add_child(session, languages={"ar": 5})
    before = built(session).instance
    first, second, *rest = before.children
    marked = replace(before, children=(replace(first, group="so"), replace(second, group="prs"), *rest))
    swapped = replace(before, children=(replace(first, group="prs"), replace(second, group="so"), *rest))

    assert solve(marked, workers=1).assignment == solve(swapped, workers=1).assignment


def test_a_stay_without_an_end_ends_on_the_18th_birthday(session):
    home = add_unit(session)
    resident = add_child(session, waiting=False, birth_date=date(2009, 3, 14))
    add_stay(session, resident, home)

    child = built(session).instance.child_by_id[resident.ref]

    monday = date(2026, 11, 23)
    assert monday + timedelta(weeks=child.end - 1) < date(2027, 3, 14) <= monday + timedelta(weeks=child.end)


def test_somebody_past_18_who_still_lives_in_a_home_takes_up_a_place(session):
    home = add_unit(session)
    grown = add_child(session, waiting=False, birth_date=date(2008, 3, 14))
    add_stay(session, grown, home)

    child = built(session).instance.child_by_id[grown.ref]

    assert child.locked == home.ref
    assert child.end > 1


def test_an_unlocked_child_stays_put_until_the_freeze_date_and_is_free_after(session):
    home = add_unit(session)
    resident = add_child(session, waiting=False)
    add_stay(session, resident, home)
    freeze = TODAY + timedelta(days=14)

    problem = built(session, Asked(TODAY, freeze_until=freeze, unlocked=frozenset({resident.id})))

    kept, free = problem.instance.child_by_id[f"{resident.ref}.1"], problem.instance.child_by_id[resident.ref]
    assert (kept.locked, kept.start, kept.end) == (home.ref, 0, 2)
    assert (free.locked, free.current, free.start) == (None, home.ref, 2)
    assert problem.free[resident.ref].start == freeze


def test_an_unlocked_child_can_stay_in_its_own_full_home(session):
    home = add_unit(session, places=1)
    resident = add_child(session, waiting=False)
    add_stay(session, resident, home)

    problem = built(session, Asked(TODAY, freeze_until=TODAY + timedelta(days=9), unlocked=frozenset({resident.id})))

    result = solve(problem.instance, workers=1)
    assert result.assignment[resident.ref] == home.ref
    assert {level.name: level.value for level in result.levels}["moves"] == 0


def test_a_place_held_for_a_decision_is_not_planned_again(session):
    home = add_unit(session, places=1)
    held, other = add_child(session), add_child(session)
    session.add(
        Hold(
            child_id=held.id,
            unit_id=home.id,
            county_id=held.county_id,
            start=TODAY,
            end=TODAY + timedelta(days=300),
            made_by=person(session, "social-worker").id,
            made_at=NOW,
            expires_at=NOW + timedelta(minutes=30),
        )
    )

    problem = built(session)

    assert problem.instance.child_by_id[held.ref].locked == home.ref
    assert set(problem.free) == {other.ref}


def test_a_child_whose_right_has_run_out_is_left_out_with_the_reason(session):
    add_unit(session)
    grown = add_child(session, birth_date=date(2003, 11, 1))

    problem = built(session)

    assert [(one.ref, one.code) for one in problem.left_out] == [(grown.ref, "no-right-left")]


def test_a_home_without_an_agreement_is_open_to_nobody(session):
    bare = add_unit(session, agreed=False)
    child = add_child(session)

    problem = built(session)

    assert max(window.beds for window in problem.instance.unit_by_id[bare.ref].windows) == 0
    assert solve(problem.instance, workers=1).assignment[child.ref] is None


def test_supported_housing_needs_no_agreement(session):
    housing = add_unit(
        session,
        kind=UnitKind.SUPPORTED_HOUSING,
        age_min_months=192,
        age_max_months=275,
        price_day_cents=9_000,
        price_empty_day_cents=5_000,
    )
    young = add_child(session, age=17)

    assert pairs(built(session), young, housing) == ()


def test_closed_places_are_missing_in_their_weeks_only(session):
    home = add_unit(session, places=5)
    closed = (date(2027, 1, 4), date(2027, 1, 17))
    session.add(Closure(unit_id=home.id, valid_from=closed[0], valid_to=closed[1], places=2, reason="Water damage"))
    session.flush()

    windows = built(session).instance.unit_by_id[home.ref].windows

    assert [(one.start, one.end, one.beds) for one in windows] == [(0, 6, 5), (6, 8, 3), (8, 52, 5)]


def test_bans_wishes_and_siblings_reach_the_model(session):
    home, other = add_unit(session, "A"), add_unit(session, "B")
    one, two = add_child(session), add_child(session)
    session.add(ChildBan(child_id=one.id, unit_id=home.id, reason="Safety"))
    session.add(ChildWish(child_id=one.id, unit_id=other.id, rank=1))
    group = SiblingGroup(county_id=one.county_id, mode=SiblingMode.MUST)
    session.add(group)
    session.flush()
    session.add_all(SiblingMember(child_id=child.id, group_id=group.id) for child in (one, two))
    session.flush()

    problem = built(session)

    assert pairs(problem, one, home) == ("FORBIDDEN",)
    assert problem.instance.child_by_id[one.ref].wishes == (other.ref,)
    assert problem.instance.sibling_groups[0].members == tuple(sorted((one.ref, two.ref)))


def test_two_children_to_be_kept_apart_are_so_in_every_stay(session):
    home = add_unit(session)
    resident, waiting = add_child(session, waiting=False), add_child(session)
    add_stay(session, resident, home)
    low, high = sorted((resident.id, waiting.id))
    session.add(ApartPair(child_a_id=low, child_b_id=high, county_id=waiting.county_id, reason="Conflict"))
    session.flush()

    problem = built(session, Asked(TODAY, freeze_until=TODAY + timedelta(days=7), unlocked=frozenset({resident.id})))

    assert {frozenset(pair) for pair in problem.instance.apart} == {
        frozenset({waiting.ref, resident.ref}),
        frozenset({waiting.ref, f"{resident.ref}.1"}),
    }


def test_a_must_sibling_placed_in_another_county_keeps_the_child_from_being_split_off_unseen(session):
    here, away = add_unit(session, "A"), add_unit(session, "B", county_code="04", town_code="092")
    placed, waiting = add_child(session, waiting=False), add_child(session)
    add_stay(session, placed, away)
    group = SiblingGroup(county_id=waiting.county_id, mode=SiblingMode.MUST)
    session.add(group)
    session.flush()
    session.add_all(SiblingMember(child_id=child.id, group_id=group.id) for child in (placed, waiting))
    session.flush()

    problem = built(session)
    result = solve(problem.instance, workers=1)

    assert result.assignment[waiting.ref] is None
    assert result.unplaced[0].reasons == {here.ref: ("SIBLING",), away.ref: ("NO_QUOTA",)}


def test_a_unit_takes_its_own_county_and_by_co_operation_the_others(session):
    home = add_unit(session)
    neighbour = add_child(session, county_code="04")

    alone = built(session, Asked(TODAY), counties=("04", "08"))
    joined = built(session, Asked(TODAY, joined=True), counties=("04", "08"))

    assert pairs(alone, neighbour, home) == ("NO_QUOTA",)
    assert pairs(joined, neighbour, home) == ()


def test_what_an_agreement_allots_to_counties_holds_as_it_stands(session):
    home = add_unit(session, agreed=False)
    version = add_agreement(session, home, 3)
    for code, places in (("08", 2), ("04", 1)):
        session.add(
            AgreementQuota(version_id=version.id, unit_id=home.id, county_id=county(session, code).id, places=places)
        )
    session.flush()

    assert built(session).instance.unit_by_id[home.ref].quota == {"08": 2, "04": 1}


def test_relatives_and_unit_lie_as_far_apart_as_their_towns(session):
    home = add_unit(session)
    child = add_child(session, relatives_municipality_id=town(session, "091").id)

    instance = built(session).instance

    places = {one.id: (one.x, one.y) for one in instance.municipalities}
    (x1, y1), (x2, y2) = places["837"], places[instance.child_by_id[child.ref].relatives]
    assert ((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5 == pytest.approx(161, abs=3)
    assert instance.unit_by_id[home.ref].municipality == "837"


@pytest.mark.parametrize("seed", range(6))
def test_the_checker_accepts_every_plan_of_random_registers(session, seed):
    dice = random.Random(seed)
    languages = ("so", "prs", "ar", "fi")
    homes = [
        add_unit(
            session,
            f"Unit {number}",
            places=dice.randint(1, 4),
            languages={code: dice.choice((0, 5, 20)) for code in dice.sample(languages, 2)},
            interpreter_hours=dice.choice((0, 3, 12)),
            care_hours=dice.choice((40, 90)),
        )
        for number in range(4)
    ]
    for number in range(12):
        child = add_child(
            session,
            age=dice.randint(6, 17),
            languages={dice.choice(languages): dice.randint(1, 5)},
            needs=dice.choice(({}, {"trauma": dice.randint(1, 6)})),
            waiting=number % 2 == 0,
            priority=dice.randint(1, 5),
        )
        if number % 2:
            add_stay(session, child, dice.choice(homes), end=dice.choice((None, TODAY + timedelta(days=60))))
    problem = built(session)

    result = solve(problem.instance, workers=1)

    assert result.status == "optimal"
    assert verify(problem.instance, result).faults == ()
