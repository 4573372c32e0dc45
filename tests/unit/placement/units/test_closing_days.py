"""Whom a closing sends away: those for whom it leaves no place, not those whose places end anyway."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agreements.period import Period
from placement.decisions import closing
from placement.units.rules import Closed, Places
from placement.units.tables import Closure
from tests.unit.placement.units.test_place_rules import OPEN, D, book, stay

pytestmark = pytest.mark.fast
LATER = D + timedelta(days=1_000)


@pytest.mark.parametrize(("places", "must_move"), [(None, 5), (7, 5), (4, 2), (2, 0)])
def test_as_many_must_move_as_have_no_place_left(places, must_move):
    five = book(stays=tuple(stay(n) for n in range(5)))
    assert closing.inside(five, D, None, places).must_move == must_move


@pytest.mark.parametrize(("places", "must_move"), [(None, 5), (4, 2), (2, 0)])
def test_an_agreement_that_ends_in_some_years_sends_nobody_away_now(places, must_move):
    ending = book(agreed=(Places(Period(OPEN.first, LATER), 7),), stays=tuple(stay(n) for n in range(5)))
    assert closing.inside(ending, D, None, places).must_move == must_move


def test_places_that_another_closing_took_are_not_taken_twice():
    closed = book(closures=(Closed(Period(D, D), 2),), stays=tuple(stay(n) for n in range(5)))
    assert closing.too_many(closed, 1, D) == 1
    assert closing.too_many(closed, None, D) == 5


def test_places_are_closed_from_the_day_the_last_child_left_even_if_that_was_late():
    late = book(stays=(stay(1, end=D + timedelta(days=3)), stay(2, end=D - timedelta(days=9))))
    row = Closure(unit_id=1, valid_from=D, reason="x", places=None)
    assert closing.first_free_day(late, row) == D + timedelta(days=3)
    row.places = 6
    assert closing.first_free_day(late, row) == D
    row.places, row.valid_to = None, D + timedelta(days=2)
    assert closing.first_free_day(late, row) is None
