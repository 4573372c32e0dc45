from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.children.rules import (
    AccessFacts,
    EventKind,
    Relation,
    Status,
    StayDates,
    next_event,
    relation,
    right_dates,
    status,
    urgency,
)

pytestmark = pytest.mark.fast
ON = date(2026, 11, 24)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def stay(start, end=None):
    return StayDates(start, end)


def test_a_child_whose_stay_covers_the_day_is_placed_even_while_waiting_for_another():
    assert status([stay(date(2026, 1, 1))], waiting_since=ON, on=ON) is Status.PLACED


def test_the_leaving_day_is_no_day_of_the_stay():
    assert status([stay(date(2026, 1, 1), ON)], waiting_since=None, on=ON) is Status.ENDED
    assert status([stay(date(2026, 1, 1), ON + timedelta(days=1))], waiting_since=None, on=ON) is Status.PLACED


def test_the_first_day_of_a_stay_counts():
    assert status([stay(ON)], waiting_since=None, on=ON) is Status.PLACED
    assert status([stay(ON + timedelta(days=1))], waiting_since=None, on=ON) is Status.WAITING


def test_a_child_without_stays_and_without_a_wait_needs_no_place():
    assert status([], waiting_since=None, on=ON) is Status.NO_PLACE_NEEDED
    assert status([], waiting_since=ON, on=ON) is Status.WAITING


@given(st.lists(st.tuples(DAYS, st.integers(1, 300) | st.none()), max_size=4), DAYS | st.none(), DAYS)
def test_placed_means_a_stay_today_and_waiting_means_none(dates, waiting_since, on):
    stays = [stay(start, start + timedelta(days=days) if days else None) for start, days in dates]
    found = status(stays, waiting_since=waiting_since, on=on)
    assert (found is Status.PLACED) == any(one.covers(on) for one in stays)


@pytest.mark.parametrize(
    ("priority", "waited", "has_place", "points"),
    [(1, 0, False, 10), (2, 29, False, 20), (2, 30, False, 21), (5, 400, False, 59), (2, 60, True, 27)],
)
def test_urgency_is_ten_a_priority_one_a_month_and_five_for_leaving(priority, waited, has_place, points):
    since = ON - timedelta(days=waited)
    assert urgency(priority=priority, waiting_since=since, has_place=has_place, on=ON) == points


def test_a_wait_that_has_not_begun_gives_no_points():
    assert urgency(priority=1, waiting_since=ON + timedelta(days=90), has_place=False, on=ON) == 10


def test_the_next_event_is_the_nearest_after_the_day():
    stays = [stay(date(2026, 1, 1), date(2026, 12, 31)), stay(date(2026, 12, 31))]
    found = next_event(date(2009, 1, 15), stays, ON)
    assert (found.day, found.kind) == (date(2026, 12, 31), EventKind.MOVE_IN)
    assert next_event(date(2009, 1, 15), stays, date(2026, 12, 31)).kind is EventKind.TURNS_ADULT


def test_nothing_lies_ahead_of_a_person_whose_right_has_ended():
    assert next_event(date(2000, 1, 1), [], ON) is None


def test_the_right_ends_on_the_23rd_birthday_and_its_last_day_is_the_day_before():
    found = right_dates(date(2010, 3, 4), ON)
    assert (found.age, found.adult_from) == (16, date(2028, 3, 4))
    assert (found.right_ends, found.last_day) == (date(2033, 3, 4), date(2033, 3, 3))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (AccessFacts(), None),
        (AccessFacts(case=True, task=True, unit=True), Relation("case")),
        (AccessFacts(unit=True, task=True), Relation("unit")),
        (AccessFacts(task=True, grant_id=7), Relation("task")),
        (AccessFacts(grant_id=7), Relation("purpose", 7)),
        (AccessFacts(protected=True), None),
        (AccessFacts(protected=True, case=True), Relation("case")),
        (AccessFacts(protected=True, unit=True), Relation("unit", shows_identity=False)),
        (AccessFacts(protected=True, task=True), Relation("task", shows_identity=False)),
        (AccessFacts(protected=True, grant_id=7), Relation("purpose", 7, shows_identity=False)),
        (AccessFacts(protected=True, task=True, grant_id=9, reveal_grant_id=8), Relation("purpose", 8)),
        (AccessFacts(reveal_grant_id=8, grant_id=8, task=True), Relation("task")),
    ],
)
def test_the_relation_is_the_strongest_and_protection_closes_all_but_the_case_and_the_reason(facts, expected):
    assert relation(facts) == expected


@given(st.booleans(), st.booleans(), st.booleans(), st.none() | st.integers(1, 9))
def test_a_protected_identity_is_never_shown_without_the_case_or_a_reason(case, unit, task, grant):
    found = relation(AccessFacts(protected=True, case=case, unit=unit, task=task, grant_id=grant))
    assert found is None or found.shows_identity == case
