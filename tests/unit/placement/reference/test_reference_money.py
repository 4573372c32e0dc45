"""Money the law sets, by the day of care."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from agreements.period import Period
from placement.reference import NotInForce, UnknownCode
from placement.reference import money_rules as money

BORN = date(2018, 7, 1)


def test_the_rate_of_the_time_of_care_counts_and_not_that_of_today():
    assert money.yearly_compensation("municipality", "under_7", date(2024, 12, 31)).cents_per_year == 218_500
    assert money.yearly_compensation("municipality", "under_7", date(2025, 1, 1)).cents_per_year == 274_100
    assert money.yearly_compensation("county", "from_7", date(2026, 11, 24)).cents_per_year == 109_700


def test_old_care_has_no_addition_for_the_first_year_as_an_adult():
    with pytest.raises(NotInForce):
        money.yearly_compensation("county", "first_adult_year", date(2024, 6, 1))
    with pytest.raises(UnknownCode):
        money.yearly_compensation("aland_health_authority", "first_adult_year", date(2025, 6, 1))
    assert money.first_adult_year("county", date(2007, 1, 1), date(2025, 2, 1)) == 7_300
    assert money.first_adult_year("county", date(2007, 3, 1), date(2025, 2, 1)) == 0


def test_a_whole_year_of_one_age_is_the_whole_rate():
    for year in (2025, 2026):
        whole = Period(date(year, 1, 1), date(year, 12, 31))
        assert money.calculated_compensation("county", date(2010, 5, 5), whole) == 109_700
    leap = Period(date(2024, 1, 1), date(2024, 12, 31))
    assert money.calculated_compensation("county", date(2010, 5, 5), leap) == 26_400


def test_the_seventh_birthday_splits_a_year():
    # 2025: 181 days under 7 at 948 € and 184 days at 1 097 €: (94800*181 + 109700*184)/365 = 102 311.23… cents
    whole = Period(date(2025, 1, 1), date(2025, 12, 31))
    assert money.calculated_compensation("county", BORN, whole) == 102_311


def test_interest_is_seven_points_above_the_reference_rate_of_the_half_year():
    rates = {rate.valid.first: rate for rate in money.penalty_rates()}
    assert [rates[day].basis_points for day in (date(2023, 1, 1), date(2024, 1, 1), date(2025, 1, 1))] == [
        950,
        1150,
        1050,
    ]
    assert rates[date(2026, 7, 1)].certainty == "uncertain"
    assert money.reference_rate(date(2026, 3, 1)).basis_points == 250
    with pytest.raises(NotInForce):
        money.reference_rate(date(2031, 1, 1))


def test_the_half_years_follow_each_other_without_a_gap():
    rates = money.penalty_rates()
    for earlier, later in itertools.pairwise(rates):
        assert earlier.valid.last + timedelta(days=1) == later.valid.first


def test_costs_are_claimable_from_the_first_municipality_of_residence_or_else_the_first_permit():
    def first(ground, registered, permit):
        return money.earliest_claimable_day(
            ground, on=date(2026, 1, 1), registered_on=registered, first_permit_on=permit
        )

    registered, permit = date(2025, 5, 2), date(2025, 4, 1)
    assert first("quota", registered, permit) == registered
    assert first("quota", None, permit) == permit
    assert first("temporary_protection", None, permit) is None
    assert first("temporary_protection", registered, permit) == registered
    assert first("quota", None, None) is None


def test_the_last_day_is_the_day_before_the_23rd_birthday():
    assert money.last_reimbursable_day(date(2003, 11, 24), date(2026, 11, 23)) == date(2026, 11, 23)
    assert money.last_reimbursable_day(date(2004, 2, 29), date(2026, 11, 23)) == date(2027, 2, 27)


def test_value_added_tax_and_interest_rules_say_how_well_they_are_founded():
    assert (money.vat_refund(date(2026, 1, 1)).applies, money.vat_refund(date(2026, 1, 1)).certainty) == (
        False,
        "uncertain",
    )
    assert money.recovery_interest(date(2026, 1, 1)).certainty == "uncertain"
