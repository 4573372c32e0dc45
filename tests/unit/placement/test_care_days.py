"""Stays as claimable days: half-open in, closed out; the right by person and by the rule of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.claim_rules import care_days, payable_days
from agreements.claim_values import Cover
from agreements.period import Period
from placement.reimbursed.acting import filing_day
from placement.reimbursed.care_days import StayFacts, care_of, half_year, half_year_before

ON = date(2026, 11, 24)
STAY = StayFacts(
    child_ref="CH-AAAA-0001",
    birth_date=date(2010, 5, 4),
    ground="permit_after_application",
    residence_from=date(2025, 6, 1),
    permit_on=date(2025, 5, 1),
    unit_id=1,
    kind="supported_housing",
    arrived=date(2026, 3, 28),
    left=date(2026, 3, 30),
)
YEARS = Period(date(2020, 1, 1), date(2030, 12, 31))


def counted(stay, on=ON, period=YEARS, **more):
    """(claimable days, {reason: days left out}) of a stay."""
    paid, refused = 0, {}
    for care in care_of(stay, (), on=on, **more):
        inside = care_days(care, period)
        if inside is not None:
            good, bad = payable_days(care, inside)
            paid += sum(part.days or 0 for part in good)
            for part, code in bad:
                refused[code] = refused.get(code, 0) + (part.days or 0)
    return paid, refused


@pytest.mark.parametrize("first", [date(2026, 3, 28), date(2026, 10, 24)])
def test_the_nights_the_clocks_change_are_days_like_others(first):
    assert counted(replace(STAY, arrived=first, left=first + timedelta(days=2))) == (2, {})


def test_the_day_of_leaving_counts_only_where_it_is_agreed():
    assert counted(STAY, leaving_day_counts=True)[0] == 3
    assert counted(replace(STAY, left=STAY.arrived))[0] == 0


def test_a_stay_that_goes_on_counts_to_today_and_no_further():
    assert counted(replace(STAY, arrived=date(2026, 11, 20), left=None))[0] == 5
    assert counted(replace(STAY, arrived=date(2026, 11, 20), left=None), leaving_day_counts=True)[0] == 5


def test_days_before_the_first_municipality_of_residence_are_left_out():
    stay = replace(STAY, arrived=date(2025, 5, 30), left=date(2025, 6, 3))
    assert counted(stay) == (2, {"before-right": 2})
    assert counted(replace(stay, residence_from=None)) == (4, {})  # from the permit
    assert counted(replace(stay, residence_from=None, permit_on=None)) == (0, {"before-right": 4})


def test_the_right_ends_the_day_before_the_birthday_of_the_rule_of_the_day():
    turns_23 = replace(STAY, birth_date=date(2003, 10, 10), arrived=date(2026, 10, 1), left=date(2026, 10, 15))
    assert counted(turns_23) == (9, {"after-right": 5})
    # aged 24 on 30 June 2024 under the rule of 25 years; from 1 July the rule is 23
    older = replace(
        STAY, birth_date=date(2000, 3, 1), residence_from=date(2020, 1, 1), arrived=date(2024, 6, 1),
        left=date(2024, 7, 11),
    )  # fmt: skip
    assert counted(older) == (30, {"after-right": 10})


def test_born_on_the_leap_day_the_right_ends_by_the_day_the_law_counts():
    leap = replace(STAY, birth_date=date(2004, 2, 29), residence_from=date(2020, 1, 1), arrived=date(2027, 2, 20),
                   left=date(2027, 3, 10))  # fmt: skip
    paid, refused = counted(leap, on=date(2027, 4, 1))
    assert paid + refused["after-right"] == 18


def test_a_home_without_an_agreement_in_force_has_no_claimable_day():
    home = replace(STAY, kind="family_group_home", arrived=date(2026, 3, 1), left=date(2026, 3, 11))
    covered = Cover(Period(date(2026, 3, 5), date(2026, 3, 7)), 1, "AG-AAAA-0001 v1 units")
    assert counted(home) == (0, {"agreement-missing": 10})
    [care] = care_of(home, (covered,), on=ON)
    inside = care_days(care, YEARS)
    assert inside is not None
    good, bad = payable_days(care, inside)
    assert (sum(one.days or 0 for one in good), sum(one.days or 0 for one, _ in bad)) == (3, 7)


@given(
    arrived=st.dates(date(2023, 1, 1), date(2026, 11, 20)),
    length=st.integers(0, 900),
    born=st.dates(date(1999, 1, 1), date(2012, 12, 31)),
)
def test_every_day_of_a_stay_is_claimable_or_has_a_reason_exactly_once(arrived, length, born):
    left = arrived + timedelta(days=length)
    stay = replace(STAY, arrived=arrived, left=left, birth_date=born, residence_from=date(2024, 2, 1))
    paid, refused = counted(stay)
    assert paid + sum(refused.values()) == length


def test_a_claim_sent_after_the_office_has_closed_is_of_the_next_day():
    def at(hour, minute):
        return datetime(2026, 12, 31, hour - 2, minute, tzinfo=UTC)  # Helsinki is two hours ahead in winter

    assert filing_day(at(16, 15)) == date(2026, 12, 31)
    assert filing_day(at(16, 16)) == date(2027, 1, 1)
    assert filing_day(datetime(2026, 12, 31, 22, 30, tzinfo=UTC)) == date(2027, 1, 1)


def test_half_years():
    assert half_year(date(2026, 6, 30)) == Period(date(2026, 1, 1), date(2026, 6, 30))
    assert half_year_before(half_year(date(2026, 1, 1))) == Period(date(2025, 7, 1), date(2025, 12, 31))
