"""What correcting a decision does: line by line and year by year, and what cannot be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.reviewing.effect_rules import Impossible, LineNow, effect

ON = date(2026, 11, 24)
LINES = [
    LineNow(1, 2025, 10_000, 10_000, False),
    LineNow(2, 2025, 5_000, 2_000, False),
    LineNow(3, 2026, 4_000, 4_000, False),
    LineNow(4, 2026, -3_000, -3_000, False),
    LineNow(5, 2026, 700, 0, True),
]


def test_the_effect_is_what_changes_and_what_is_owed_then():
    found = effect(LINES, {1: 9_000, 2: 2_000}, {2025: 12_000, 2026: 1_000}, pays=True, on=ON)
    assert [(one.number, one.change_cents) for one in found.lines] == [(1, -1_000)]
    assert (found.before_cents, found.change_cents, found.after_cents) == (13_000, -1_000, 12_000)
    assert [(year.year, year.owed_cents) for year in found.years] == [(2025, -1_000), (2026, 0)]
    assert found.years[0].last_day == date(2030, 12, 31)
    assert found.against_county


def test_more_for_the_county_is_not_against_it():
    found = effect(LINES, {2: 5_000}, {2025: 12_000}, pays=True, on=ON)
    assert not found.against_county
    assert found.years[0].owed_cents == 3_000


def test_taking_less_back_is_for_the_county():
    assert not effect(LINES, {4: -1_000}, {}, pays=True, on=ON).against_county


@pytest.mark.parametrize(
    ("after", "code"),
    [({1: 10_001}, "sum-outside"), ({1: -1}, "sum-outside"), ({4: -3_001}, "sum-outside"), ({5: 1}, "line-parked")],
)
def test_a_sum_lies_between_nothing_and_what_was_claimed(after, code):
    with pytest.raises(Impossible) as wrong:
        effect(LINES, after, {}, pays=True, on=ON)
    assert wrong.value.code == code


def test_a_grant_is_not_lowered_below_what_applications_rest_on():
    granted = [LineNow(1, 2026, 10_000, 10_000, False, used_cents=6_000)]
    assert effect(granted, {1: 6_000}, {}, pays=False, on=ON).after_cents == 6_000
    with pytest.raises(Impossible) as wrong:
        effect(granted, {1: 5_999}, {}, pays=False, on=ON)
    assert (wrong.value.code, wrong.value.cents) == ("grant-used", 6_000)


@pytest.mark.parametrize(("on", "in_time"), [(date(2030, 12, 31), True), (date(2031, 1, 1), False)])
def test_the_last_day_is_the_end_of_the_fifth_year_after_the_year_paid_for(on, in_time):
    found = effect(LINES, {1: 0}, {2025: 12_000}, pays=True, on=on)
    assert found.years[0].in_time is in_time


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 100)), min_size=1, max_size=8),
    st.lists(st.integers(0, 100), min_size=8, max_size=8),
)
def test_parts_always_add_up(claims, shares):
    lines = [
        LineNow(number, 2025 + number % 2, cents, cents * share // 100, False)
        for number, (cents, share) in enumerate(claims, start=1)
    ]
    after = {line.number: line.claimed_cents * shares[place] // 100 for place, line in enumerate(lines)}
    found = effect(lines, after, {}, pays=True, on=ON)
    assert found.before_cents + sum(line.change_cents for line in found.lines) == found.after_cents
    assert sum(year.after_cents for year in found.years) == found.after_cents
