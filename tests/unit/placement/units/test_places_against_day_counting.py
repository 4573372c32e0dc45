"""The rules that jump from change to change, against a count that walks every day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.period import Period
from placement.units import rules
from placement.units.rules import Booking, Closed, Places, UnitBook

START = date(2026, 1, 1)
SPAN = 60
pytestmark = pytest.mark.fast

days = st.integers(-20, SPAN + 20).map(lambda n: START + timedelta(days=n))


@st.composite
def periods(draw):
    first = draw(days)
    last = draw(st.none() | st.integers(0, 40).map(lambda n: first + timedelta(days=n)))
    return Period(first, last)


@st.composite
def bookings(draw, child_id):
    first = draw(days)
    end = draw(st.none() | st.integers(1, 40).map(lambda n: first + timedelta(days=n)))
    return Booking(row_id=child_id, child_id=child_id, start=first, end=end)


places = st.builds(Places, periods(), st.integers(0, 8))


@st.composite
def books(draw):
    opened = draw(st.integers(-30, 10).map(lambda n: START + timedelta(days=n)))
    closed = draw(st.none() | st.integers(0, 80).map(lambda n: opened + timedelta(days=n)))
    in_use = draw(st.lists(places, max_size=3, unique_by=lambda row: row.period.first))
    return UnitBook(
        unit_id=1,
        kind=draw(st.sampled_from(["family_group_home", "supported_housing", "foster_home"])),
        own_provider=draw(st.booleans()),
        opened_on=opened,
        closed_on=closed,
        registration=draw(st.none() | periods()),
        in_use=tuple(in_use),
        agreed=tuple(draw(st.lists(places, max_size=2))),
        extra=tuple(draw(st.lists(places, max_size=1))),
        closures=tuple(
            Closed(period, count)
            for period, count in draw(st.lists(st.tuples(periods(), st.none() | st.integers(1, 3)), max_size=2))
        ),
        stays=tuple(draw(bookings(n)) for n in range(draw(st.integers(0, 4)))),
        holds=tuple(draw(bookings(100 + n)) for n in range(draw(st.integers(0, 2)))),
    )


def inside(period, day):
    return period.first <= day and (period.last is None or day <= period.last)


def counted(book, day):
    """Capacity and taken places of one day, said again in plain words."""
    taken = sum(one.start <= day and (one.end is None or day < one.end) for one in (*book.stays, *book.holds))
    is_open = book.opened_on <= day and (book.closed_on is None or day <= book.closed_on)
    if book.registration:
        registered = inside(book.registration, day)
    elif book.kind == "foster_home":
        registered = True
    else:
        registered = book.own_provider and day <= date(2028, 12, 31)
    beds = 0
    latest = None
    for row in book.in_use:
        if inside(row.period, day) and (latest is None or row.period.first > latest):
            latest, beds = row.period.first, row.places
    if book.kind == "family_group_home":
        agreed = [row.places for row in book.agreed if inside(row.period, day)]
        extra = sum(row.places for row in book.extra if inside(row.period, day))
        beds = min(beds, max(agreed) + extra) if agreed else 0
    if not is_open or not registered:
        beds = 0
    for closure in book.closures:
        if inside(closure.period, day):
            beds = 0 if closure.places is None else beds - closure.places
    return max(0, beds), taken


def every_day(first, end):
    return [first + timedelta(days=n) for n in range((end - first).days)]


@settings(max_examples=80, deadline=None)
@given(books(), days)
def test_a_day_has_the_places_that_plain_counting_gives(book, day):
    capacity, taken = counted(book, day)
    count = rules.count_on(book, day)
    assert (count.capacity, count.taken, count.free) == (capacity, taken, capacity - taken)


@settings(max_examples=80, deadline=None)
@given(books(), days, st.integers(1, 50))
def test_least_free_is_the_smallest_of_all_days(book, start, length):
    end = start + timedelta(days=length)
    walked = [counted(book, day) for day in every_day(start, end)]
    assert rules.least_free(book, start, end) == min(capacity - taken for capacity, taken in walked)


@settings(max_examples=60, deadline=None)
@given(books(), days)
def test_an_open_booking_is_looked_at_to_the_last_known_change(book, start):
    far = max([*rules.change_days(book), start]) + timedelta(days=2)
    near = [day for day in every_day(start, far) if day <= start + timedelta(days=364)]
    assert rules.least_free(book, start, None) <= min(c - t for c, t in (counted(book, day) for day in near))


@settings(max_examples=60, deadline=None)
@given(books(), days)
def test_the_next_free_day_is_the_first_with_a_place(book, day):
    far = max([*rules.change_days(book), day]) + timedelta(days=2)
    walked = next((one for one in every_day(day, far) if counted(book, one)[0] > counted(book, one)[1]), None)
    assert rules.next_free_day(book, day) == walked


@settings(max_examples=60, deadline=None)
@given(books(), days, st.integers(1, 60))
def test_windows_are_contiguous_and_say_each_days_capacity(book, first, length):
    end = first + timedelta(days=length)
    windows = rules.capacity_windows(book, first, end)
    assert windows[0][0] == first
    assert windows[-1][1] == end
    assert all(a[1] == b[0] and a[2] != b[2] for a, b in pairwise(windows))
    for start, stop, beds in windows:
        assert all(counted(book, day)[0] == beds for day in every_day(start, stop))


@settings(max_examples=60, deadline=None)
@given(books(), days)
def test_a_days_signs_add_up_and_its_state_is_one_of_five(book, day):
    count = rules.count_on(book, day)
    assert count.state in ("free", "full", "over", "lapsed", "closed")
    assert count.open_places == max(0, count.free)
    assert count.over == max(0, count.taken - count.room)
    assert count.room >= count.capacity


@settings(max_examples=60, deadline=None)
@given(books(), days, st.integers(1, 60))
def test_overbooked_days_are_counted_one_by_one(book, first, length):
    end = first + timedelta(days=length)
    assert rules.days_over(book, first, end) == sum(rules.count_on(book, day).over > 0 for day in every_day(first, end))
