"""Budgets of agreements are cut by unit and half-year without losing a cent or counting an amended year twice."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from agreements.in_force import Coverage
from agreements.period import Period
from agreements.terms import BudgetLine
from placement.reimbursed.budgets import cut

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def covers(unit, *, version=1, number=1, first=FIRST, last=LAST, places=7):
    return Coverage(unit, version, 1, "AG-0000-0001", "three_party", number, Period(first, last), places)


@given(st.integers(1, 10**9), st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(1, 12))
def test_the_parts_add_up_to_the_budget_to_the_cent(cents, places, month):
    units = [covers(at, places=count, first=date(2026, month, 1)) for at, count in enumerate(places)]
    parts = cut(units, {1: [BudgetLine(2026, "food", cents)]})
    assert sum(one.cents for one in parts) == cents
    assert all((one.first.month <= 6) == (one.last.month <= 6) for one in parts)


def test_an_amended_agreement_counts_its_year_once_by_the_version_last_in_force():
    old = covers(1, last=date(2026, 5, 31))
    new = covers(1, version=2, number=2, first=date(2026, 6, 1))
    parts = cut([old, new], {1: [BudgetLine(2026, "food", 100)], 2: [BudgetLine(2026, "food", 900)]})
    assert sum(one.cents for one in parts) == 900


def test_a_year_without_a_day_in_force_and_a_version_without_places_have_no_part():
    assert cut([covers(1)], {1: [BudgetLine(2027, "food", 100)]}) == []
    assert cut([covers(1, places=0)], {1: [BudgetLine(2026, "food", 100)]}) == []
