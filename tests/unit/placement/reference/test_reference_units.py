"""Ceilings and staffing by kind of unit and day (Act 1301/2014 § 22a, Act 263/2015 §§ 7-9)."""

from datetime import date

import pytest

from placement.reference import NotInForce, UnknownCode, ceiling, unit_kind, unit_kinds

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2025, 1, 1), TODAY])
def test_a_family_group_home_has_7_places_and_24_in_a_building(day):
    found = ceiling("family_group_home", day)
    assert (found.per_unit, found.per_building) == (7, 24)


def test_the_ceiling_of_a_home_moved_to_the_social_welfare_act_in_2025():
    assert ceiling("family_group_home", date(2024, 12, 31)).source == "1386/2010 §28; 417/2007 §59"
    assert ceiling("family_group_home", date(2025, 1, 1)).source == "1301/2014 §22a"


def test_a_home_alone_needs_seven_workers_and_beside_others_six():
    home = ceiling("family_group_home", TODAY)
    assert home.least_staff(1) == 7
    assert home.least_staff(2) == 6
    assert home.least_staff(3) == 6
    with pytest.raises(ValueError, match="at least one unit, not 0"):
        home.least_staff(0)


@pytest.mark.parametrize(
    ("flags", "places"),
    [
        ({}, 4),
        ({"two_carers": True}, 6),
        ({"professional": True}, 7),
        ({"two_carers": True, "professional": True}, 7),
    ],
)
def test_a_foster_home_has_four_six_or_seven_places(flags, places):
    found = ceiling("foster_home", TODAY, **flags)
    assert found.per_unit == places
    assert found.per_building is None
    assert found.own_children_counted
    assert found.siblings_may_exceed


def test_two_carers_may_have_six_children_since_july_2016():
    assert ceiling("foster_home", date(2016, 6, 30), two_carers=True).per_unit == 4
    assert ceiling("foster_home", date(2016, 7, 1), two_carers=True).per_unit == 6


def test_there_is_no_foster_home_rule_before_the_foster_care_act():
    assert ceiling("foster_home", date(2015, 4, 1)).per_unit == 4
    with pytest.raises(NotInForce):
        ceiling("foster_home", date(2015, 3, 31))


@pytest.mark.parametrize("kind", ["supported_housing", "supported_own_flat", "private_accommodation"])
def test_other_housing_has_no_ceiling(kind):
    found = ceiling(kind, TODAY)
    assert (found.per_unit, found.per_building, found.staff) == (None, None, None)
    assert found.least_staff(1) is None


def test_the_other_residential_unit_ended_with_2024():
    assert ceiling("other_residential_unit", date(2024, 12, 31)).per_unit == 7
    assert unit_kind("other_residential_unit", date(2024, 12, 31)).needs_agreement
    for lookup in (ceiling, unit_kind):
        with pytest.raises(NotInForce):
            lookup("other_residential_unit", date(2025, 1, 1))


def test_carers_of_a_home_are_refused_as_a_mistake():
    with pytest.raises(ValueError, match="foster homes only, not family_group_home"):
        ceiling("family_group_home", TODAY, two_carers=True)
    with pytest.raises(ValueError, match="foster homes only, not supported_housing"):
        ceiling("supported_housing", TODAY, professional=True)


def test_an_unknown_kind_is_refused():
    with pytest.raises(UnknownCode, match="no unit kind has the code hotel"):
        ceiling("hotel", TODAY)


def test_only_a_home_needs_an_agreement_besides_the_decision():
    assert [kind.key for kind in unit_kinds(TODAY) if kind.needs_agreement] == ["family_group_home"]


def test_a_home_is_for_children_only():
    home = unit_kind("family_group_home", TODAY)
    assert (home.youngest, home.oldest) == (0, 17)


def test_every_kind_of_unit_has_a_ceiling_row_on_every_day_it_exists():
    for day in (date(2015, 4, 1), date(2024, 12, 31), date(2025, 1, 1), TODAY):
        for kind in unit_kinds(day):
            assert ceiling(kind.key, day).kind == kind.key
