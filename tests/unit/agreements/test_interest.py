"""Penalty interest counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.interest_rules import RateMissing, YearlyRate, interest_runs, simple_interest
from agreements.period import Period

RATES = [
    YearlyRate(Period(date(2025, 1, 1), date(2025, 6, 30)), 1050),
    YearlyRate(Period(date(2025, 7, 1), date(2025, 12, 31)), 950),
]


def test_each_day_bears_the_rate_of_its_half_year():
    # 10 000.00 €: 30 days at 10.5 % (86.3013…) and 31 days at 9.5 % (80.6849…) are 166.9863… €
    found = simple_interest(1_000_000, Period(date(2025, 6, 1), date(2025, 7, 31)), RATES, days_in_year=365)
    assert found.cents == 16_699
    assert [(part.days, part.basis_points) for part in found.parts] == [(30, 1050), (31, 950)]


def test_a_half_cent_of_interest_goes_up_once():
    # 1 € for 365 days of 10.5 % would be 10.5 cents; both half-years are rounded together, not apart
    year = [YearlyRate(Period(date(2025, 1, 1), date(2025, 12, 31)), 1050)]
    assert simple_interest(100, Period(date(2025, 1, 1), date(2025, 12, 31)), year, days_in_year=365).cents == 11


def test_a_day_without_a_rate_is_an_error_and_not_free():
    with pytest.raises(RateMissing, match="2026-01-01 to 2026-01-03"):
        simple_interest(100, Period(date(2025, 12, 1), date(2026, 1, 3)), RATES, days_in_year=365)


def test_interest_without_a_last_day_is_refused():
    with pytest.raises(ValueError, match="last day"):
        simple_interest(100, Period(date(2025, 12, 1)), RATES, days_in_year=365)


@given(st.integers(1, 10**9), st.integers(0, 364), st.integers(0, 364))
def test_interest_agrees_with_an_exact_count_day_by_day(principal, start, length):
    first = date(2025, 1, 1) + timedelta(days=start)
    last = min(first + timedelta(days=length), date(2025, 12, 31))
    exact, day = Fraction(0), first
    while day <= last:
        exact += Fraction(principal * (1050 if day.month < 7 else 950), 10_000 * 365)
        day += timedelta(days=1)
    found = simple_interest(principal, Period(first, last), RATES, days_in_year=365).cents
    assert Fraction(-1, 2) < exact - found <= Fraction(1, 2) or exact - found == Fraction(-1, 2)


def test_interest_runs_from_the_day_after_the_rule_s_day_to_the_day_of_repayment():
    days = {"paid_on": date(2025, 3, 1), "due_on": date(2025, 9, 30)}
    assert interest_runs(starts="due_day", until=date(2025, 10, 1), **days) == Period(
        date(2025, 10, 1), date(2025, 10, 1)
    )
    assert interest_runs(starts="due_day", until=date(2025, 9, 30), **days) is None
    assert interest_runs(starts="payment_day", until=date(2025, 3, 2), **days).days == 1
    with pytest.raises(ValueError, match="due_day or payment_day"):
        interest_runs(starts="whenever", until=date(2025, 3, 2), **days)
