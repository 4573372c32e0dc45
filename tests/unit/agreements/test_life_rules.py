"""Moves of a version and the days of notice, as pure rules."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agreements.life_rules import MOVES, Moved, earliest_end, faults_of, months_later, notice_day, target

STATUSES = ("", "draft", "hearing", "in-signing", "signed", "returned", "terminated")
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def test_the_moves_are_those_of_the_life_and_no_other():
    allowed = {(one, to) for sources, to in MOVES.values() for one in sources if one != to}
    assert allowed == {
        ("", "draft"), ("draft", "hearing"), ("draft", "in-signing"), ("hearing", "in-signing"),
        ("in-signing", "signed"), ("hearing", "returned"), ("in-signing", "returned"), ("signed", "terminated"),
    }  # fmt: skip


@pytest.mark.parametrize("status", ["returned", "terminated"])
def test_nothing_leads_out_of_a_closed_version(status):
    assert [target(move, status) for move in MOVES] == [None] * len(MOVES)


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=12))
def test_a_history_of_possible_moves_has_no_fault_and_a_wrong_end_has_one(tried):
    history, status = [Moved("started", "", "draft")], "draft"
    for move in tried:
        after = target(move, status)
        if after is not None and (move == "returned" or all(one.move != move for one in history)):
            history.append(Moved(move, status, after))
            status = after
    assert faults_of(history, status) == []
    for other in STATUSES:
        assert bool(faults_of(history, other)) == (other != status)
    assert faults_of(history[1:], status) or len(history) == 1


@given(DAYS, st.integers(0, 36))
@example(date(2020, 4, 30), 1)
@example(date(2027, 2, 28), 1)
def test_notice_given_on_its_last_day_ends_in_time_and_a_day_later_does_not(last, months):
    day = notice_day(last, months)
    assert earliest_end(day, months) <= last
    assert earliest_end(date.fromordinal(day.toordinal() + 1), months) > last


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 11, 24), 6, date(2027, 5, 24)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
    ],
)
def test_months_end_where_the_month_is_shorter(day, months, later):
    assert months_later(day, months) == later
