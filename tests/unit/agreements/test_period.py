from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.period import Period, gaps, overlaps

D = date(2026, 1, 1)
pytestmark = pytest.mark.fast
days = st.integers(0, 50).map(lambda n: D + timedelta(days=n))


@st.composite
def periods(draw):
    first = draw(days)
    return Period(first, draw(st.none() | st.integers(0, 20).map(lambda n: first + timedelta(days=n))))


EVERY = [D + timedelta(days=n) for n in range(120)]


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="before it begins"):
        Period(D, D - timedelta(days=1))


def test_both_ends_are_inside():
    assert Period(D, D).days == 1
    assert Period(D, D).covers(D)


@given(periods(), periods())
def test_the_overlap_is_the_days_that_are_in_both(one, other):
    shared = one.overlap(other)
    assert [day for day in EVERY if shared and shared.covers(day)] == [
        day for day in EVERY if one.covers(day) and other.covers(day)
    ]


@given(periods(), st.lists(periods(), max_size=4))
def test_gaps_are_the_days_that_nothing_covers(term, covered):
    found = gaps(term, covered)
    assert [day for day in EVERY if any(gap.covers(day) for gap in found)] == [
        day for day in EVERY if term.covers(day) and not any(one.covers(day) for one in covered)
    ]


@given(st.lists(periods(), max_size=4))
def test_overlaps_are_the_days_that_two_cover(rows):
    found = overlaps(rows)
    assert {day for day in EVERY if any(one.covers(day) for one in found)} == {
        day for day in EVERY if sum(one.covers(day) for one in rows) > 1
    }
