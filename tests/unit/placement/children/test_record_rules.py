from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from placement.children import record_rules as rules
from placement.reference import demo_identity_code

pytestmark = pytest.mark.fast
ON = date(2026, 11, 24)
BIRTH = date(2013, 5, 6)
GOOD = rules.IdentityPart(
    first_name="Aava",
    last_name="Esimerkki",
    birth_date=BIRTH,
    gender="F",
    municipality_id=1,
    ground="permit_after_application",
    entered_on=date(2026, 1, 2),
    identity_code=demo_identity_code(BIRTH, "female"),
)


def codes(faults):
    return [(one.code, one.field) for one in faults]


def identity(**changes):
    return codes(rules.identity_faults(replace(GOOD, **changes), on=ON, invented_codes=True))


def test_a_good_identity_has_no_fault():
    assert identity() == []


def test_an_invented_code_is_refused_where_children_are_real():
    assert codes(rules.identity_faults(GOOD, on=ON, invented_codes=False)) == [("code-temporary", "identity_code")]


def test_a_temporary_number_stands_in_for_a_code_but_nothing_does_not():
    assert identity(identity_code=None, temporary_number="M-1") == []
    assert identity(identity_code=None) == [("code-missing", "identity_code")]


@pytest.mark.parametrize(
    ("code", "fault"),
    [("060513", "code-format"), ("310213A9009", "code-date"), (GOOD.identity_code[:-1] + "?", "code-format")],
)
def test_each_way_a_code_is_wrong_has_its_own_words(code, fault):
    assert identity(identity_code=code)[0][0] in (fault, "code-check")


def test_the_code_and_the_birth_date_must_agree():
    assert identity(birth_date=date(2013, 5, 7)) == [("birth-differs", "birth_date")]


def test_the_right_ends_on_the_23rd_birthday():
    last = date(2003, 11, 25)
    assert identity(identity_code=None, temporary_number="M", birth_date=last) == []
    assert identity(identity_code=None, temporary_number="M", birth_date=last - timedelta(days=1)) == [
        ("right-over", "birth_date")
    ]


def test_nobody_is_born_or_arrives_tomorrow():
    tomorrow = ON + timedelta(days=1)
    assert identity(identity_code=None, temporary_number="M", birth_date=tomorrow)[0] == ("birth-ahead", "birth_date")
    assert identity(entered_on=tomorrow) == [("day-ahead", "entered_on")]
    assert identity(permit_on=tomorrow) == [("day-ahead", "permit_on")]
    assert identity(entered_on=BIRTH - timedelta(days=1)) == [("before-birth", "entered_on")]


def test_temporary_protection_needs_a_municipality_of_residence():
    assert identity(ground="temporary_protection") == [("residence-missing", "residence_from")]
    assert identity(ground="temporary_protection", residence_from=ON) == []
    assert identity(ground="nothing") == [("ground-unknown", "ground")]
    assert identity(ground="old_act") == [("ground-unknown", "ground")]


def test_a_child_has_a_representative_or_the_reason_why_not_and_an_adult_needs_none():
    nobody = rules.RepresentativePart()
    assert codes(rules.representative_faults(nobody, BIRTH, ON)) == [("representative-missing", "representative_name")]
    assert rules.representative_faults(replace(nobody, none_reason="applied for"), BIRTH, ON) == []
    assert rules.representative_faults(nobody, date(2008, 11, 24), ON) == []
    assert rules.representative_faults(nobody, date(2008, 11, 25), ON) != []


def test_protection_has_an_end_that_lies_ahead_or_none():
    part = rules.ProtectionPart(protected=True, until=ON)
    assert rules.protection_faults(part, ON) == []
    assert codes(rules.protection_faults(part, ON + timedelta(days=1))) == [("protection-over", "protected_until")]
    assert codes(rules.protection_faults(rules.ProtectionPart(until=ON), ON)) == [("protection-off", "protected")]


def test_hours_are_those_of_a_week():
    part = rules.NeedsPart(2, 168, 0, 0, {"trauma": 169, "nothing": 1})
    assert codes(rules.needs_faults(part, ON)) == [("hours", "hours_trauma"), ("service-unknown", "support_level")]
    assert codes(rules.needs_faults(replace(part, care_hours=169, services={}), ON)) == [("hours", "care_hours")]


def test_languages_are_known_and_each_stands_once():
    assert codes(rules.languages_faults(rules.LanguagesPart(()), ON)) == [("language-missing", "languages-0-code")]
    twice = rules.LanguagesPart((("so", 5), ("so", 3), ("xx", 2)))
    assert codes(rules.languages_faults(twice, ON)) == [
        ("language-twice", "languages-1-code"),
        ("language-unknown", "languages-2-code"),
    ]


def test_siblings_and_persons_apart_are_told_with_how_and_why():
    both = rules.PeoplePart(("CH-A",), None, ("CH-A",), None)
    assert [code for code, _ in codes(rules.people_faults(both))] == [
        "sibling-mode-missing",
        "apart-reason-missing",
        "sibling-and-apart",
    ]
    assert rules.people_faults(rules.PeoplePart(("CH-A",), "must", ("CH-B",), "quarrel")) == []


def test_a_unit_is_wished_once_and_not_ruled_out_too():
    assert codes(rules.wishes_faults(rules.WishesPart(("A", "A"), ("A",)))) == [
        ("wish-twice", "wishes-0"),
        ("wish-ruled-out", "ruled_out-0"),
        ("ruled-out-reason-missing", "ruled_out_reason"),
    ]
    assert rules.wishes_faults(rules.WishesPart(("A", "B"), ("C",), "safety")) == []


def test_the_view_says_when_and_how_or_why_not():
    assert codes(rules.view_faults(rules.ViewPart(), ON)) == [("view-missing", "own_view")]
    assert rules.view_faults(rules.ViewPart(none_reason="endangers"), ON) == []
    told = rules.ViewPart("to live near", None, None)
    assert [code for code, _ in codes(rules.view_faults(told, ON))] == ["view-day-missing", "view-how-missing"]
    assert rules.view_faults(rules.ViewPart("x", ON, "talk"), ON) == []
    assert codes(rules.view_faults(rules.ViewPart("x", ON + timedelta(days=1), "talk"), ON)) == [
        ("day-ahead", "own_view_on")
    ]


def test_a_place_ends_after_it_begins():
    part = rules.PlacePart(2, ON, ON, ON)
    assert codes(rules.place_faults(part, ON)) == [("place-order", "place_until")]
    assert rules.place_faults(replace(part, place_until=ON + timedelta(days=1)), ON) == []
    assert codes(rules.place_faults(rules.PlacePart(2, ON + timedelta(days=1)), ON)) == [("day-ahead", "waiting_since")]
