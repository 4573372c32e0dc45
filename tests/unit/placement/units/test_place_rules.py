from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from agreements.period import Period
from placement.units import lists, rules
from placement.units.rules import Booking, Closed, Places, UnitBook

D = date(2026, 11, 24)
DAY = timedelta(days=1)
OPEN = Period(date(2024, 1, 1))
pytestmark = pytest.mark.fast


def book(**changes):
    values = {
        "unit_id": 1,
        "kind": "family_group_home",
        "own_provider": True,
        "opened_on": OPEN.first,
        "closed_on": None,
        "registration": OPEN,
        "in_use": (Places(OPEN, 7),),
        "agreed": (Places(OPEN, 7),),
    }
    return UnitBook(**{**values, **changes})


def stay(child_id, start=OPEN.first, end=None):
    return Booking(child_id, child_id, start, end)


def test_a_home_has_no_place_without_an_agreement_and_a_foster_home_has():
    assert rules.capacity_on(book(agreed=()), D) == 0
    assert rules.capacity_on(book(agreed=(), kind="foster_home"), D) == 7


def test_the_agreement_limits_the_places_in_use():
    assert rules.capacity_on(book(agreed=(Places(OPEN, 5),)), D) == 5


def test_an_urgent_exception_counts_above_the_agreed_places():
    urgent = book(in_use=(Places(OPEN, 8),), extra=(Places(Period(D, D), 1),))
    assert (rules.capacity_on(urgent, D), rules.capacity_on(urgent, D + DAY)) == (8, 7)


def test_the_last_day_of_an_agreement_can_be_used_and_the_next_cannot():
    ending = book(agreed=(Places(Period(OPEN.first, D), 7),))
    assert (rules.capacity_on(ending, D), rules.capacity_on(ending, D + DAY)) == (7, 0)


def test_a_county_runs_an_unregistered_home_until_the_transition_ends_and_a_company_never():
    last = rules.PUBLIC_TRANSITION_ENDS
    own = book(registration=None)
    assert (rules.capacity_on(own, last), rules.capacity_on(own, last + DAY)) == (7, 0)
    assert rules.capacity_on(book(registration=None, own_provider=False), D) == 0


def test_a_child_leaves_the_place_free_on_the_leaving_day():
    leaving = book(stays=(stay(1, end=D),))
    assert [rules.count_on(leaving, day).stays for day in (D - DAY, D)] == [1, 0]


def test_closures_take_places_away_and_a_whole_one_takes_all():
    assert rules.count_on(book(closures=(Closed(Period(D, D), 2),)), D).capacity == 5
    whole = rules.count_on(book(closures=(Closed(Period(D, D), None),)), D)
    assert (whole.capacity, whole.closed, whole.state) == (0, 7, "closed")


def test_a_lapsed_agreement_is_not_overbooking():
    lapsed = rules.count_on(book(agreed=(), stays=(stay(1), stay(2))), D)
    assert (lapsed.state, lapsed.over, lapsed.free) == ("lapsed", 0, -2)


def test_more_children_than_places_is_overbooking():
    crowded = rules.count_on(book(in_use=(Places(OPEN, 1),), stays=(stay(1), stay(2))), D)
    assert (crowded.state, crowded.over) == ("over", 1)


def test_an_agreement_that_ends_later_than_a_year_ahead_refuses_no_booking():
    far = book(agreed=(Places(Period(OPEN.first, D + timedelta(days=365)), 7),))
    near = book(agreed=(Places(Period(OPEN.first, D + timedelta(days=100)), 7),))
    assert (rules.least_free(far, D, None), rules.least_free(near, D, None)) == (7, 0)


def test_a_closure_far_ahead_refuses_a_booking_that_reaches_it():
    closed = book(closures=(Closed(Period(D + timedelta(days=700)), None),))
    assert rules.least_free(closed, D, None) == 0
    assert rules.least_free(closed, D, D + timedelta(days=700)) == 7


def test_a_booking_of_no_day_is_refused():
    with pytest.raises(ValueError, match="covers no day"):
        rules.least_free(book(), D, D)


def test_a_child_can_be_left_out_of_the_count():
    full = book(in_use=(Places(OPEN, 1),), stays=(stay(1),), holds=(stay(2),))
    assert rules.least_free(rules.without(full, child_id=1), D, None) == 0
    assert rules.least_free(rules.without(full, child_id=1, hold_id=2), D, None) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"opened_on": D + DAY}, "not-open-yet"),
        ({"closed_on": D - DAY}, "closed-down"),
        ({"registration": Period(OPEN.first, D - DAY)}, "not-registered"),
        ({"agreed": ()}, "no-agreement"),
        ({"in_use": ()}, "no-places"),
        ({"closures": (Closed(Period(D, D), None),)}, "closure"),
        ({}, None),
    ],
)
def test_every_cause_of_no_place_has_its_word(changes, why):
    assert rules.why_none(book(**changes), D) == why


def test_a_card_shows_each_place_once_and_those_too_many_as_over():
    crowded = replace(book(in_use=(Places(OPEN, 2),)), stays=(stay(1), stay(2), stay(3)))
    signs = lists.signs(rules.count_on(crowded, D), ["CH-1", "CH-2"])
    assert [(one.state, one.label) for one in signs] == [("taken", "CH-1"), ("taken", "CH-2"), ("over", None)]


def test_a_card_shows_held_free_and_closed_places():
    mixed = book(in_use=(Places(OPEN, 4),), closures=(Closed(OPEN, 1),), stays=(stay(1),), holds=(stay(2),))
    assert [one.state for one in lists.signs(rules.count_on(mixed, D), [])] == ["taken", "held", "free", "closed"]
