"""Ages, birthdays, and the age at which the right to support ends, by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement import reference
from placement.reference import NotInForce, UnknownCode, age_months, age_on, birthday, right_ends

BIRTHS = st.dates(date(1990, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("day", "age", "source"),
    [
        (date(2011, 9, 1), 21, "1386/2010 §27"),
        (date(2020, 7, 14), 21, "1386/2010 §27"),
        (date(2020, 7, 15), 25, "1386/2010 §27"),
        (date(2024, 6, 30), 25, "1386/2010 §27"),
        (date(2024, 7, 1), 23, "1386/2010 §27"),
        (date(2024, 12, 31), 23, "1386/2010 §27"),
        (date(2025, 1, 1), 23, "681/2023 §2.6 §34.2 §69.3"),
        (date(2026, 11, 24), 23, "681/2023 §2.6 §34.2 §69.3"),
    ],
)
def test_support_ends_at_21_then_25_then_23(day, age, source):
    assert reference.support_end_age(day) == age
    assert reference.support_end(day).source == source


def test_there_is_no_end_of_support_before_the_act_of_2010():
    with pytest.raises(NotInForce):
        reference.support_end_age(date(2011, 8, 31))


def test_the_right_ends_on_the_23rd_birthday_and_the_day_before_is_the_last():
    born = date(2003, 11, 24)
    on = date(2026, 11, 23)
    assert right_ends(born, on) == date(2026, 11, 24)
    assert reference.last_day_of_right(born, on) == date(2026, 11, 23)
    assert reference.has_right_by_age(born, date(2026, 11, 23))
    assert not reference.has_right_by_age(born, date(2026, 11, 24))


def test_the_same_person_had_two_more_years_by_the_rule_of_june_2024():
    born = date(2000, 5, 5)
    assert reference.has_right_by_age(born, date(2024, 6, 30))
    assert not reference.has_right_by_age(born, date(2024, 7, 1))
    assert right_ends(born, date(2024, 6, 30)) == date(2025, 5, 5)
    assert right_ends(born, date(2024, 7, 1)) == date(2023, 5, 5)


@pytest.mark.parametrize(
    ("born", "age", "day"),
    [
        (date(2004, 2, 29), 18, date(2022, 2, 28)),
        (date(2004, 2, 29), 20, date(2024, 2, 29)),
        (date(2004, 2, 29), 23, date(2027, 2, 28)),
        (date(2004, 2, 28), 18, date(2022, 2, 28)),
        (date(2004, 3, 1), 18, date(2022, 3, 1)),
        (date(2008, 12, 31), 18, date(2026, 12, 31)),
        (date(2008, 1, 1), 0, date(2008, 1, 1)),
    ],
)
def test_a_birthday_without_its_day_is_the_last_of_the_month(born, age, day):
    assert birthday(born, age) == day
    assert age_on(born, day) == age
    if age:
        assert age_on(born, day - timedelta(days=1)) == age - 1


@pytest.mark.parametrize(
    ("born", "day", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 31), date(2026, 3, 30), 1),
        (date(2026, 1, 31), date(2026, 3, 31), 2),
        (date(2009, 11, 25), date(2026, 11, 24), 203),
        (date(2009, 11, 24), date(2026, 11, 24), 204),
        (date(2009, 11, 24), date(2009, 11, 24), 0),
    ],
)
def test_months_of_age_are_complete_months(born, day, months):
    assert age_months(born, day) == months


def test_an_age_before_the_birth_is_a_mistake():
    with pytest.raises(ValueError, match="2026-01-01 is before the birth on 2026-01-02"):
        age_on(date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(ValueError, match="never negative"):
        birthday(date(2026, 1, 2), -1)


@given(born=BIRTHS, age=st.integers(0, 30))
def test_age_changes_exactly_on_the_birthday(born, age):
    day = birthday(born, age)
    assert age_on(born, day) == age
    if age:
        assert age_on(born, day - timedelta(days=1)) == age - 1


@given(born=BIRTHS, days=st.integers(0, 12000))
def test_months_and_years_of_age_agree(born, days):
    day = born + timedelta(days=days)
    assert age_months(born, day) // 12 == age_on(born, day)
    assert age_months(born, day + timedelta(days=1)) - age_months(born, day) in (0, 1)


@given(born=BIRTHS)
def test_a_child_is_a_child_until_the_day_before_the_18th_birthday(born):
    last = reference.last_day_as_child(born)
    assert reference.is_child(born, last)
    assert not reference.is_child(born, last + timedelta(days=1))
    assert reference.adult_from(born) == last + timedelta(days=1)
    assert age_on(born, last) == 17


def test_the_grounds_of_2025_are_the_code_list_of_section_2():
    keys = {ground.key for ground in reference.eligibility_grounds(date(2025, 1, 1))}
    assert len(keys) == 11
    assert "old_act" not in keys
    assert {one.key for one in reference.eligibility_grounds(date(2024, 12, 31))} == {"old_act"}


def test_of_age_on_arrival_means_support_and_never_a_home():
    on = date(2026, 1, 1)
    homeless = [ground.key for ground in reference.eligibility_grounds(on) if not ground.home_possible]
    assert homeless == ["quota_adult_on_arrival"]


def test_temporary_protection_needs_a_municipality_of_residence():
    on = date(2026, 1, 1)
    needing = {g.key for g in reference.eligibility_grounds(on) if g.needs_municipality_of_residence}
    assert needing == {"temporary_protection", "left_alone_temporary_protection"}


def test_points_5_and_6_say_minor_and_are_marked_uncertain():
    on = date(2026, 1, 1)
    minors = [ground for ground in reference.eligibility_grounds(on) if ground.as_minor_only]
    assert {ground.source for ground in minors} == {
        "681/2023 §2.6(5a)",
        "681/2023 §2.6(5b)",
        "681/2023 §2.6(5c)",
        "681/2023 §2.6(5d)",
        "681/2023 §2.6(6)",
    }
    assert {ground.certainty for ground in minors} == {"uncertain"}


def test_citizenship_continues_another_ground():
    assert reference.eligibility_ground("citizen", date(2026, 1, 1)).continues_other_ground


def test_an_unknown_ground_is_refused():
    with pytest.raises(UnknownCode, match="no eligibility ground has the code tourist"):
        reference.eligibility_ground("tourist", date(2026, 1, 1))
