"""Deadlines by day, on both sides of 1 January 2025, and working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement import reference
from placement.reference import NotInForce, ReferenceFault, UnknownCode, deadline, due
from placement.reference.deadline_rules import _deadline
from placement.reference.rows import Row

OLD, NEW = date(2024, 12, 31), date(2025, 1, 1)


@pytest.mark.parametrize(
    ("key", "event", "last", "source"),
    [
        ("assessment_start", date(2026, 11, 24), date(2026, 12, 3), "1301/2014 §36"),
        ("assessment_start", date(2026, 12, 23), date(2027, 1, 7), "1301/2014 §36"),
        ("assessment_ready", date(2026, 11, 24), date(2027, 2, 24), "1301/2014 §36"),
        ("assessment_ready", date(2026, 11, 30), date(2027, 2, 28), "1301/2014 §36"),
        ("skills_assessment", OLD, date(2025, 2, 28), "1386/2010 §10"),
        ("skills_assessment", NEW, None, "681/2023 §14.2"),
        ("plan_made", OLD, date(2025, 1, 14), "1386/2010 §13"),
        ("plan_made", NEW, None, "681/2023 §20.1"),
        ("plan_latest", NEW, date(2028, 1, 1), "681/2023 §20.3"),
        ("plan_referral", NEW, date(2025, 2, 1), "681/2023 §20.5"),
        ("plan_review", OLD, date(2025, 12, 31), "1386/2010 §18"),
        ("plan_review", NEW, date(2025, 7, 1), "681/2023 §22.1"),
        ("first_plan_length", OLD, date(2025, 12, 31), "1386/2010 §12"),
        ("first_plan_length", NEW, date(2026, 1, 1), "681/2023 §23.2"),
        ("all_plans_length", NEW, date(2027, 1, 1), "681/2023 §23.2"),
        ("plans_extension", NEW, date(2027, 1, 1), "681/2023 §23.3"),
        ("places_review", NEW, date(2029, 1, 1), "681/2023 §42.2"),
        ("payment_application", OLD, date(2026, 12, 31), "1386/2010 §54"),
        ("payment_application", NEW, date(2027, 12, 31), "681/2023 §70.1"),
        ("recovery_decision", OLD, date(2029, 12, 31), "1386/2010 §55"),
        ("recovery_decision", NEW, date(2030, 12, 31), "681/2023 §71.3"),
        ("calculated_compensation", OLD, date(2027, 12, 31), "1386/2010 §45"),
        ("calculated_compensation", NEW, date(2027, 1, 1), "681/2023 §61.3 §62.3"),
        ("calculated_compensation_quota", OLD, date(2028, 12, 31), "1386/2010 §45"),
        ("calculated_compensation_quota", NEW, date(2028, 1, 1), "681/2023 §61.3 §62.3"),
    ],
)
def test_the_last_day_follows_the_rule_of_the_day_of_the_event(key, event, last, source):
    assert due(key, event) == last
    assert deadline(key, event).source == source


@pytest.mark.parametrize(
    "key", ["plan_latest", "plan_referral", "all_plans_length", "plans_extension", "places_review"]
)
def test_duties_of_the_new_act_do_not_exist_before_2025(key):
    assert deadline(key, NEW)
    with pytest.raises(NotInForce):
        deadline(key, OLD)


def test_a_plan_was_always_made_and_is_now_made_where_needed():
    assert reference.plan_duty(OLD).duty == "always"
    assert reference.plan_duty(NEW).duty == "where_needed"


@pytest.mark.parametrize(
    ("activity", "last"),
    [
        (date(2024, 1, 1), date(2026, 12, 31)),
        (date(2024, 12, 31), date(2026, 12, 31)),
        (date(2025, 1, 1), date(2027, 12, 31)),
        (date(2026, 12, 31), date(2028, 12, 31)),
        (date(2027, 1, 1), date(2029, 12, 31)),
    ],
)
def test_payment_is_applied_for_within_two_years_of_the_end_of_the_year(activity, last):
    assert reference.payment_application_last_day(activity) == last


def test_repayment_counts_from_the_year_paid_for():
    assert reference.recovery_last_day(date(2025, 6, 1)) == date(2030, 12, 31)
    assert reference.recovery_last_day(date(2026, 1, 1)) == date(2031, 12, 31)


def test_old_special_costs_are_claimed_by_the_end_of_2026():
    found = reference.old_act_claims_last_day(NEW)
    assert (found.day, found.source) == (date(2026, 12, 31), "681/2023 §102.1")
    with pytest.raises(NotInForce):
        reference.old_act_claims_last_day(OLD)


def test_an_unknown_deadline_is_refused():
    with pytest.raises(UnknownCode):
        due("apocalypse", NEW)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 12, 4), True),
        (date(2026, 12, 5), False),
        (date(2026, 12, 6), False),
        (date(2026, 12, 7), True),
        (date(2026, 12, 23), True),
        (date(2026, 12, 24), False),
        (date(2026, 12, 25), False),
        (date(2026, 12, 28), True),
        (date(2027, 1, 1), False),
        (date(2027, 1, 6), False),
        (date(2026, 4, 2), True),
        (date(2026, 4, 3), False),
        (date(2026, 4, 6), False),
        (date(2026, 5, 1), False),
        (date(2026, 5, 14), False),
        (date(2026, 6, 18), True),
        (date(2026, 6, 19), False),
        (date(2026, 6, 22), True),
    ],
)
def test_a_working_day_is_a_weekday_that_is_no_holiday(day, open_):
    assert reference.is_working_day(day) is open_


def test_the_day_of_the_event_is_not_counted():
    assert reference.working_days_from(date(2026, 11, 24), 1) == date(2026, 11, 25)
    assert reference.working_days_from(date(2026, 11, 27), 1) == date(2026, 11, 30)
    assert reference.last_day_of_time(date(2026, 11, 23), 1) == date(2026, 11, 24)


@pytest.mark.parametrize("count", [0, -1])
def test_a_time_without_a_day_is_refused(count):
    with pytest.raises(ValueError):
        reference.working_days_from(NEW, count)
    with pytest.raises(ValueError):
        reference.last_day_of_time(NEW, count)


@given(start=st.dates(date(2020, 1, 1), date(2035, 1, 1)), count=st.integers(1, 30))
def test_as_many_working_days_lie_after_the_start_as_were_counted(start, count):
    end = reference.working_days_from(start, count)
    days = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(map(reference.is_working_day, days)) == count
    assert reference.is_working_day(end)


ROW = {
    "key": "x",
    "label": "X",
    "amount": "2",
    "unit": "months",
    "counted_from": "y",
    "valid_from": "2025-01-01",
    "valid_to": "",
    "source": "681/2023",
    "certainty": "seen",
}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"amount": ""}, "do not fit together"),
        ({"amount": "0"}, "do not fit together"),
        ({"unit": "without_delay"}, "do not fit together"),
        ({"unit": "moons"}, "unit is 'moons'; give one of"),
    ],
)
def test_a_faulty_deadline_row_is_named(change, what):
    _deadline(Row("d.csv", 5, ROW))
    with pytest.raises(ReferenceFault, match=r"d\.csv line 5") as refused:
        _deadline(Row("d.csv", 5, ROW | change))
    assert what in str(refused.value)
