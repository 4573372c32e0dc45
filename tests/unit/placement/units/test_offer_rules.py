from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.period import Period
from placement.units.offer_rules import (
    Above,
    CeilingPart,
    KindLimits,
    Offer,
    PlannedPlaces,
    above_building,
    above_ceiling,
    offer_faults,
    with_places,
)
from placement.units.places import ceiling_parts
from placement.units.rules import Places

D = date(2026, 11, 24)
HOME = KindLimits(0, 17, foster_home=False)
pytestmark = pytest.mark.fast


def offer(**changes):
    values = {
        "kind": "family_group_home",
        "two_carers": False,
        "professional": False,
        "own_young_children": 0,
        "opened_on": D,
        "closed_on": None,
        "age_min": 7,
        "age_max": 17,
        "support_min": 1,
        "support_max": 4,
        "care_hours": 250,
        "interpreter_hours": 10,
        "registered_from": D,
        "registered_to": None,
        "price_day_cents": 24_550,
        "price_empty_day_cents": 20_000,
    }
    return Offer(**{**values, **changes})


def test_a_sound_offer_has_no_fault():
    assert offer_faults(offer(), HOME) == []


@pytest.mark.parametrize(
    ("changes", "code", "about"),
    [
        ({"age_min": 17, "age_max": 7}, "ages-crossed", "age_max"),
        ({"age_max": 18}, "age-outside-kind", "age_max"),
        ({"support_min": 4, "support_max": 1}, "support-crossed", "support_max"),
        ({"price_empty_day_cents": 24_551}, "empty-dearer", "price_empty_day_cents"),
        ({"closed_on": D - timedelta(days=1)}, "closes-before-opening", "closed_on"),
        ({"registered_to": D - timedelta(days=1)}, "registration-crossed", "registered_to"),
        ({"own_young_children": 1}, "carers-of-no-foster-home", "two_carers"),
        ({"care_hours": 5_000}, "hours-too-many", "care_hours"),
    ],
)
def test_each_fault_is_named_at_its_field(changes, code, about):
    assert [(fault.code, fault.about) for fault in offer_faults(offer(**changes), HOME)] == [(code, about)]


def test_all_faults_are_told_at_once():
    bad = offer(age_min=25, age_max=20, price_empty_day_cents=99_999)
    assert {fault.code for fault in offer_faults(bad, HOME)} >= {"ages-crossed", "age-outside-kind", "empty-dearer"}


def places(number, first=D, last=None):
    return Places(Period(first, last), number)


@pytest.mark.parametrize(
    ("kind", "flags", "own", "most"),
    [
        ("family_group_home", {}, 0, 7),
        ("foster_home", {}, 0, 4),
        ("foster_home", {}, 1, 3),
        ("foster_home", {"two_carers": True}, 0, 6),
        ("foster_home", {"two_carers": True}, 2, 4),
        ("foster_home", {"professional": True}, 0, 7),
    ],
)
def test_the_ceiling_of_each_kind_is_reached_and_not_passed(kind, flags, own, most):
    parts = ceiling_parts(kind, D, **flags)
    assert above_ceiling((places(most),), (), parts, own) is None
    assert above_ceiling((places(most + 1),), (), parts, own) == Above(D, most + 1, most)


@pytest.mark.parametrize("kind", ["supported_housing", "supported_own_flat", "private_accommodation"])
def test_other_kinds_have_no_ceiling(kind):
    assert above_ceiling((places(40),), (), ceiling_parts(kind, D), 0) is None


def test_two_carers_may_have_six_only_since_the_law_says_so():
    parts = ceiling_parts("foster_home", date(2016, 1, 1), two_carers=True)
    before = places(5, date(2016, 6, 1), date(2016, 6, 30))
    assert above_ceiling((before,), (), parts, 0) == Above(date(2016, 6, 1), 5, 4)
    assert above_ceiling((places(6, date(2016, 7, 1)),), (), parts, 0) is None


def test_an_exception_lifts_the_ceiling_on_its_days_only():
    parts = ceiling_parts("family_group_home", D)
    urgent = (places(1, D, D + timedelta(days=10)),)
    assert above_ceiling((places(8, D, D + timedelta(days=10)),), urgent, parts, 0) is None
    assert above_ceiling((places(8, D),), urgent, parts, 0) == Above(D + timedelta(days=11), 8, 7)


def test_a_building_has_at_most_24_places_together():
    parts = ceiling_parts("family_group_home", D)
    assert above_building((places(7), places(7), places(7), places(3)), (), parts) is None
    assert above_building((places(7), places(7), places(7), places(4)), (), parts) == Above(D, 25, 24)


def test_two_homes_that_follow_each_other_are_not_added_up():
    parts = (CeilingPart(Period(D), 7, 7, own_children_counted=False),)
    later = places(7, D + timedelta(days=10))
    assert above_building((places(7, D, D + timedelta(days=9)), later), (), parts) is None


days = st.integers(0, 60).map(lambda n: D + timedelta(days=n))


@st.composite
def planned(draw):
    first = draw(days)
    last = draw(st.none() | st.integers(0, 30).map(lambda n: first + timedelta(days=n)))
    return PlannedPlaces(Period(first, last), draw(st.integers(0, 9)), 7)


@given(st.lists(planned(), min_size=1, max_size=5))
def test_setting_places_gives_each_day_the_number_set_last(steps):
    rows: list[PlannedPlaces] = []
    for step in steps:
        rows = with_places(rows, step)
    for n in range(100):
        day = D + timedelta(days=n)
        covering = [row for row in rows if row.period.covers(day)]
        wanted = next((step.places for step in reversed(steps) if step.period.covers(day)), None)
        assert len(covering) <= 1
        assert (covering[0].places if covering else None) == wanted


def test_places_that_are_set_for_some_days_come_back_after_them():
    rows = with_places(
        [PlannedPlaces(Period(D), 7, 8)], PlannedPlaces(Period(D + timedelta(days=5), D + timedelta(days=9)), 5, 7)
    )
    assert [(row.period.first, row.period.last, row.places) for row in rows] == [
        (D, D + timedelta(days=4), 7),
        (D + timedelta(days=5), D + timedelta(days=9), 5),
        (D + timedelta(days=10), None, 7),
    ]
