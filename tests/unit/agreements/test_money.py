"""Whole cents: rounding and splitting against exact decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.money import Money, euros, round_half_up, split

CENTS = st.integers(min_value=-9_999_999_999, max_value=9_999_999_999)


@pytest.mark.parametrize(
    ("numerator", "denominator", "cents"),
    [(1, 2, 1), (-1, 2, -1), (3, 2, 2), (1, 3, 0), (2, 3, 1), (0, 7, 0), (5, 1, 5), (149, 100, 1), (150, 100, 2)],
)
def test_half_a_cent_goes_away_from_zero(numerator, denominator, cents):
    assert round_half_up(numerator, denominator) == cents


@given(CENTS, st.integers(min_value=1, max_value=100_000))
def test_rounding_agrees_with_exact_decimals(numerator, denominator):
    exact = (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert round_half_up(numerator, denominator) == int(exact)


@given(CENTS, st.integers(min_value=1, max_value=100_000))
def test_a_sum_taken_back_is_exactly_the_sum_given(numerator, denominator):
    assert round_half_up(-numerator, denominator) == -round_half_up(numerator, denominator)


def test_a_sum_is_never_divided_by_nothing():
    for denominator in (0, -1):
        with pytest.raises(ValueError, match="divided"):
            round_half_up(1, denominator)


@given(CENTS, st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=40).filter(any))
def test_shares_add_up_and_none_is_a_cent_or_more_off(total, weights):
    shares = split(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(Decimal(share) - Decimal(total) * weight / whole) < 1
        if weight == 0:
            assert share == 0


def test_the_cents_left_over_go_to_those_who_lost_most_and_the_earlier_of_equals():
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(101, [1, 1, 1]) == [34, 34, 33]
    assert split(10, [1, 2, 1]) == [3, 5, 2]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_a_sum_is_not_split_by_weights_that_leave_it_to_nobody(weights):
    with pytest.raises(ValueError, match="weights"):
        split(1, weights)


def test_cents_are_written_as_euros_with_a_point():
    assert [euros(cents) for cents in (0, 5, -5, 123456, -100)] == ["0.00", "0.05", "-0.05", "1234.56", "-1.00"]


def test_money_adds_and_repeats():
    assert Money(5) + Money(-7) == Money(-2)
    assert Money(25_000).times(184) == Money(4_600_000)
