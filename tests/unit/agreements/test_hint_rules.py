"""What a reviewer is told to look at first: budgets, history, order, and which lines have nothing against them."""

from __future__ import annotations

from datetime import date

import pytest

from agreements.claim_values import COST_KINDS, Basis, Line, Problem
from agreements.hint_rules import (
    CATEGORY_OF_KIND,
    Budget,
    Earlier,
    clean_lines,
    gravest_first,
    over_budget,
    unusual,
)
from agreements.period import Period
from agreements.terms import CATEGORIES

JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))


def line(kind: str = "food", cents: int = 310_00, unit: int = 1, **changes: object) -> Line:
    values: dict[str, object] = {"unit_id": unit} | changes
    return Line(Basis.ACTUAL, kind, JANUARY, 0, cents, **values)  # type: ignore[arg-type]


def budget(cents: int, spent: int = 0, category: str = "food") -> Budget:
    return Budget("AG-0000-0001", 2026, category, frozenset({1}), cents, spent)


def test_every_kind_of_cost_but_other_falls_under_a_category_that_agreements_have():
    assert set(COST_KINDS) - set(CATEGORY_OF_KIND) == {"other"}
    assert set(CATEGORY_OF_KIND.values()) <= set(CATEGORIES)


@pytest.mark.parametrize(("spent", "found"), [(0, []), (1, [(2, "1")])])
def test_a_budget_is_exceeded_by_the_first_cent_above_it(spent, found):
    lines = [line(cents=400_00), line(cents=600_00), line("rent", 900_00)]
    problems = over_budget(lines, [budget(1_000_00, spent)])
    assert [(one.line_no, one.fact("over")) for one in problems] == found


def test_a_budget_counts_only_its_own_units_year_and_category():
    lines = [line(cents=900_00, unit=2), line("rent", 900_00), line(cents=100_00)]
    other_year = Budget("AG-0000-0001", 2025, "food", frozenset({1}), 0, 0)
    assert over_budget(lines, [budget(100_00), other_year]) == []


@pytest.mark.parametrize(
    ("a_day", "codes"), [(1250, []), (1251, ["unusual-sum"]), (750, []), (749, ["unusual-sum"]), (1000, [])]
)
def test_a_sum_is_unusual_more_than_a_quarter_above_or_below_what_was_claimed_before(a_day, codes):
    earlier = [Earlier("food", 1, 10, 10_000)]
    found = unusual([line(cents=a_day * 31)], earlier)
    assert [one.code for one in found] == codes


def test_the_range_of_history_is_what_counts():
    earlier = [Earlier("food", 1, 10, 10_000), Earlier("food", 1, 10, 20_000)]
    assert unusual([line(cents=2_500 * 31)], earlier) == []
    assert [one.code for one in unusual([line(cents=2_501 * 31)], earlier)] == ["unusual-sum"]


def test_a_new_kind_of_cost_is_told_only_of_a_unit_with_history():
    earlier = [Earlier("rent", 1, 31, 31_000)]
    assert [one.code for one in unusual([line()], earlier)] == ["new-kind"]
    assert unusual([line(unit=2)], earlier) == []
    assert unusual([line(corrects=7)], earlier) == []


def test_what_would_have_kept_the_claim_from_being_sent_comes_first():
    mild, grave = Problem("evidence-missing", 1, False), Problem("voucher-missing", 9, True)
    doubt = Problem("over-budget", 5, False)
    assert gravest_first([mild, doubt, grave]) == [grave, doubt, mild]


def test_clean_lines_are_the_open_ones_without_a_doubt():
    problems = [Problem("new-kind", 2, False), Problem("above-agreed-places", None, False)]
    assert clean_lines([1, 2, 3, 4], [1, 2, 3], problems) == [1, 3]
