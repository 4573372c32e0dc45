from datetime import date, timedelta

import pytest

from optimizer.problem import Window
from placement.decisions.weeks import Weeks, kilometres

MONDAY = date(2026, 11, 23)
WEEKS = Weeks(MONDAY, 52)


def test_week_0_begins_on_the_monday_on_or_before_the_day():
    assert Weeks.of(date(2026, 11, 24), 52).monday == MONDAY
    assert Weeks.of(MONDAY, 52).monday == MONDAY


def test_a_start_goes_to_the_floor_and_a_leaving_day_to_the_ceiling():
    assert WEEKS.first(MONDAY + timedelta(days=6)) == 0
    assert WEEKS.first(MONDAY - timedelta(days=400)) == 0
    assert WEEKS.after(MONDAY + timedelta(days=7)) == 1
    assert WEEKS.after(MONDAY + timedelta(days=8)) == 2


def test_an_agreement_and_a_stay_that_end_on_one_day_end_in_one_week():
    end = MONDAY + timedelta(days=10)
    assert WEEKS.windows([(MONDAY, end, 4)]) == (Window(0, WEEKS.after(end), 4),)


def test_in_a_week_with_two_numbers_the_lower_one_counts_and_a_gap_stays_a_window_without_beds():
    change, closed, again = (MONDAY + timedelta(days=n) for n in (10, 21, 28))
    days = [(MONDAY, change, 6), (change, closed, 4), (closed, again, 0), (again, WEEKS.end, 4)]
    assert WEEKS.windows(days) == (Window(0, 1, 6), Window(1, 3, 4), Window(3, 4, 0), Window(4, 52, 4))


def test_a_unit_that_is_never_usable_has_one_window_without_beds():
    assert WEEKS.windows([(MONDAY, WEEKS.end, 0)]) == (Window(0, 52, 0),)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((60.1674, 24.9427), (61.4981, 23.7600), 161),  # Helsinki, Tampere
        ((60.1674, 24.9427), (66.5039, 25.7294), 706),  # Helsinki, Rovaniemi
        ((60.0973, 19.9348), (62.6010, 29.7636), 594),  # Mariehamn, Joensuu
    ],
)
def test_distances_on_the_plane_are_those_on_the_globe_within_one_per_cent(one, other, apart):
    (x1, y1), (x2, y2) = kilometres(*one), kilometres(*other)
    assert ((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5 == pytest.approx(apart, rel=0.01, abs=1)


def test_no_place_in_the_country_has_a_coordinate_below_zero():
    for place in ((59.8, 22.9), (60.0, 19.3), (70.1, 27.9), (69.0, 20.6), (62.9, 31.6)):
        assert min(kilometres(*place)) >= 0
