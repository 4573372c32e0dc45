"""Each rule of a booking and its twin: the nearest case that keeps to it, and the nearest that breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from agreements.period import Period
from placement.decisions.rules import (
    ABSOLUTE,
    BY_SECOND_OFFICIAL,
    Booking,
    ChildFacts,
    OfferFacts,
    OwnStay,
    Resident,
    broken_rules,
    common_language,
    last_leaving_day,
    uses,
)
from placement.units import rules as units
from placement.units.rules import Closed, Places, UnitBook

START, END = date(2026, 12, 1), date(2027, 12, 1)
ALWAYS = Period(date(2024, 1, 1), None)
DAY = timedelta(days=1)
HERE, ELSEWHERE = 7, 8


def child(**changes: Any) -> ChildFacts:
    values = {
        "id": 1, "county_id": 8, "birth_date": date(2011, 6, 15), "entered_on": date(2026, 6, 1), "gender": "F",
        "support_level": 2, "care_hours": 20, "language_hours": 3, "interpreter_hours": 3, "languages": {"so": 5},
        "services": {"trauma": 2},
    }  # fmt: skip
    return ChildFacts(**{**values, **changes})


def offer(**changes: Any) -> OfferFacts:
    values = {
        "kind": "family_group_home", "age_min_months": 12 * 12, "age_max_months": 12 * 18 - 1, "gender": "any",
        "support_min": 1, "support_max": 3, "care_hours": 40, "interpreter_hours": 6, "languages": {"so": 6, "fi": 0},
        "services": {"trauma": 4}, "quota": {},
    }  # fmt: skip
    return OfferFacts(**{**values, **changes})


def book(**changes: Any) -> UnitBook:
    values = {
        "unit_id": HERE, "kind": "family_group_home", "own_provider": True, "opened_on": date(2024, 1, 1),
        "closed_on": None, "registration": ALWAYS, "in_use": (Places(ALWAYS, 2),), "agreed": (Places(ALWAYS, 2),),
    }  # fmt: skip
    return UnitBook(**{**values, **changes})


def booking(**changes: Any) -> Booking:
    values = {"child": child(), "offer": offer(), "book": book(), "start": START, "end": END}
    return Booking(**{**values, **changes})


def resident(start: date = START, end: date | None = None, **changes: Any) -> Resident:
    return Resident(child(**{"id": 2, **changes}), start, end)


def stay_of(child_id: int, start: date, end: date | None) -> units.Booking:
    return units.Booking(row_id=child_id, child_id=child_id, start=start, end=end)


def codes(one: Booking) -> list[str]:
    return [broken.code for broken in broken_rules(one)]


def test_a_child_who_fits_breaks_nothing():
    assert codes(booking()) == []


TWINS = {
    "dates-order": (booking(end=START + DAY), booking(end=START)),
    "before-entry": (booking(child=child(entered_on=START)), booking(child=child(entered_on=START + DAY))),
    "right-ended": (booking(end=date(2029, 6, 15)), booking(end=date(2029, 6, 16))),
    "child-has-stay": (
        booking(own_stays=(OwnStay(ELSEWHERE, END, None),)),
        booking(own_stays=(OwnStay(ELSEWHERE, END - DAY, None),)),
    ),
    "same-unit": (
        booking(own_stays=(OwnStay(HERE, date(2026, 7, 1), START),)),
        booking(own_stays=(OwnStay(HERE, date(2026, 7, 1), START + DAY),)),
    ),
    "unit-full": (
        booking(book=book(stays=(stay_of(2, START, None),))),
        booking(book=book(stays=(stay_of(2, START, None), stay_of(3, END - DAY, None)))),
    ),
    "unit-closed": (
        booking(book=book(closures=(Closed(Period(END, END), None),))),
        booking(book=book(closures=(Closed(Period(END - DAY, END - DAY), None),))),
    ),
    "unit-closing": (
        booking(book=book(stays=(stay_of(2, START, None),), closures=(Closed(Period(END, None), 1, planned=True),))),
        booking(
            book=book(stays=(stay_of(2, START, None),), closures=(Closed(Period(END - DAY, None), 1, planned=True),))
        ),
    ),
    "unit-not-registered": (
        booking(book=book(registration=Period(START, None))),
        booking(book=book(registration=Period(START + DAY, None))),
    ),
    "agreement-not-in-force": (
        booking(book=book(agreed=(Places(Period(START, None), 2),))),
        booking(book=book(agreed=(Places(Period(START + DAY, None), 2),))),
    ),
    "forbidden-unit": (booking(banned=False), booking(banned=True)),
    "apart-pair": (booking(apart_here=0), booking(apart_here=1)),
    "age-below": (
        booking(offer=offer(age_min_months=12 * 15 + 5)),
        booking(offer=offer(age_min_months=12 * 15 + 6)),
    ),
    "age-above": (
        booking(offer=offer(age_max_months=12 * 15 + 5)),
        booking(offer=offer(age_max_months=12 * 15 + 4)),
    ),
    "gender": (booking(offer=offer(gender="F")), booking(offer=offer(gender="M"))),
    "support-level": (booking(offer=offer(support_min=2)), booking(offer=offer(support_min=3))),
    "service-missing": (
        booking(child=child(services={"wheelchair": 0}), offer=offer(services={"wheelchair": 0})),
        booking(child=child(services={"wheelchair": 0})),
    ),
    "language-missing": (
        booking(child=child(languages={"ti": 5}, interpreter_hours=6)),
        booking(child=child(languages={"ti": 5}, interpreter_hours=7)),
    ),
    "hours-short": (
        booking(residents=(resident(care_hours=20, services={}),)),
        booking(residents=(resident(care_hours=21, services={}),)),
    ),
    "county-quota": (
        booking(offer=offer(quota={8: 1}), residents=(resident(county_id=4),)),
        booking(offer=offer(quota={8: 1}), residents=(resident(),)),
    ),
    "siblings-must": (booking(siblings_elsewhere=0), booking(siblings_elsewhere=1)),
    "agreement-ends": (
        booking(book=book(agreed=(Places(Period(ALWAYS.first, START + 364 * DAY), 2),))),
        booking(book=book(agreed=(Places(Period(ALWAYS.first, START + 363 * DAY), 2),))),
    ),
    "registration-ends": (
        booking(book=book(registration=Period(ALWAYS.first, START + 364 * DAY))),
        booking(book=book(registration=Period(ALWAYS.first, START + 363 * DAY))),
    ),
}


def test_every_rule_has_its_twins():
    assert set(TWINS) == ABSOLUTE | BY_SECOND_OFFICIAL


@pytest.mark.parametrize("code", TWINS)
def test_a_rule_is_broken_by_one_day_or_one_hour_and_by_no_less(code):
    kept, broken = TWINS[code]
    assert codes(kept) == []
    assert codes(broken) == [code]


def test_an_agreement_that_ends_years_ahead_refuses_nothing():
    long = booking(end=date(2029, 1, 1), book=book(agreed=(Places(Period(ALWAYS.first, date(2028, 5, 1)), 2),)))
    assert codes(long) == []


def test_rules_that_nobody_may_break_come_first_and_all_are_named():
    found = broken_rules(booking(banned=True, offer=offer(gender="M"), siblings_elsewhere=1))
    assert [one.code for one in found] == ["forbidden-unit", "gender", "siblings-must"]
    assert [one.absolute for one in found] == [True, False, False]


def test_a_full_unit_names_the_first_full_day():
    full = booking(book=book(stays=(stay_of(2, START, None), stay_of(3, date(2027, 2, 1), None))))
    assert [dict(one.about) for one in broken_rules(full)] == [{"day": "2027-02-01"}]


def test_a_held_place_counts_like_a_taken_one():
    held = book(stays=(stay_of(2, START, None),), holds=(stay_of(3, START, None),))
    assert codes(booking(book=held)) == ["unit-full"]


def test_the_leaving_day_of_one_is_the_first_day_of_the_next():
    changing = book(stays=(stay_of(2, START, None), stay_of(3, date(2026, 1, 1), START)))
    assert codes(booking(book=changing)) == []


def test_a_child_who_turned_eighteen_has_no_right_to_a_home_but_to_a_flat():
    grown = child(birth_date=date(2008, 6, 15))
    home = booking(child=grown, offer=offer(age_max_months=400))
    flat = replace(home, offer=offer(kind="supported_housing", age_max_months=400))
    assert codes(home) == ["right-ended"]
    assert codes(flat) == []


def test_a_stay_ends_by_age_at_eighteen_in_a_home_and_at_twenty_three_elsewhere():
    born = date(2011, 6, 15)
    assert last_leaving_day(born, "family_group_home", START) == date(2029, 6, 15)
    assert last_leaving_day(born, "foster_home", START) == date(2034, 6, 15)


def test_hours_are_counted_on_the_fullest_day_of_the_stay():
    busy = resident(date(2027, 3, 1), date(2027, 4, 1), care_hours=21, services={})
    gone = resident(date(2026, 1, 1), START, care_hours=21, services={})
    assert codes(booking(residents=(busy,))) == ["hours-short"]
    assert codes(booking(residents=(gone,))) == []


def test_a_service_the_unit_lacks_is_said_once():
    assert codes(booking(child=child(services={"psychiatric": 3}))) == ["service-missing"]


def test_a_county_not_named_has_the_quota_for_the_others_and_none_without_it():
    assert codes(booking(offer=offer(quota={None: 1}))) == []
    assert codes(booking(offer=offer(quota={4: 3}))) == ["county-quota"]


def test_the_best_common_language_is_used_and_a_few_words_are_none():
    assert common_language(child(languages={"so": 3, "ar": 4}), offer(languages={"so": 1, "ar": 1})) == "ar"
    assert common_language(child(languages={"so": 2}), offer(languages={"so": 1})) is None


def test_finnish_takes_no_counted_hours_and_another_common_language_takes_no_interpreter():
    assert uses(child(languages={"fi": 5}, services={}), offer()) == {"care": 20}
    assert uses(child(services={}), offer()) == {"care": 20, "language:so": 3}
    assert uses(child(languages={"ti": 5}, services={}), offer()) == {"care": 20, "interpreter": 3}
