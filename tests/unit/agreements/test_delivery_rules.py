"""What is promised, owed, delivered or late in a reporting period, on each side of every border."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.delivery_rules import (
    MONTHS,
    Fulfilment,
    Report,
    due_on,
    fulfilment,
    latest,
    period_of,
    reporting_periods,
)
from agreements.period import Period

DAY = timedelta(days=1)
HALF = Period(date(2026, 1, 1), date(2026, 6, 30))
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "kind", "period"),
    [
        (date(2026, 2, 28), "month", Period(date(2026, 2, 1), date(2026, 2, 28))),
        (date(2028, 2, 28), "month", Period(date(2028, 2, 1), date(2028, 2, 29))),
        (date(2026, 11, 24), "quarter", Period(date(2026, 10, 1), date(2026, 12, 31))),
        (date(2026, 7, 1), "half_year", Period(date(2026, 7, 1), date(2026, 12, 31))),
        (date(2026, 6, 30), "half_year", HALF),
        (date(2026, 12, 31), "year", Period(date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_a_period_follows_the_calendar(day, kind, period):
    assert period_of(day, kind) == period


@given(first=DAYS, length=st.one_of(st.none(), st.integers(0, 900)), on=DAYS, kind=st.sampled_from(sorted(MONTHS)))
def test_the_periods_cover_each_day_in_force_up_to_the_day_once(first, length, on, kind):
    term = Period(first, None if length is None else first + length * DAY)
    found = reporting_periods(term, kind, on)
    assert found[0].first == first
    for one, following in itertools.pairwise(found):
        assert following.first == one.last + DAY
    assert all(period_of(one.first, kind).covers(one.last) for one in found)
    if term.covers(on):
        assert found[-1].covers(on)
    assert all(one.first <= max(on, first) for one in found)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2025, 12, 31), Fulfilment.PROMISED),
        (date(2026, 1, 1), Fulfilment.OWED),
        (due_on(HALF), Fulfilment.OWED),
        (due_on(HALF) + DAY, Fulfilment.LATE),
    ],
)
def test_an_unreported_period_goes_from_promised_to_owed_to_late(on, state):
    assert fulfilment(HALF, [], on) is state


def test_the_last_report_counts_and_must_cover_the_whole_period():
    late = due_on(HALF) + DAY
    short = Report(1, Period(HALF.first, HALF.last - DAY), "delivered")
    assert fulfilment(HALF, [short], late) is Fulfilment.LATE
    whole = Report(2, HALF, "delivered")
    assert fulfilment(HALF, [short, whole], late) is Fulfilment.DELIVERED
    assert fulfilment(HALF, [whole, Report(3, HALF, "partly")], late) is Fulfilment.LATE
    assert latest(HALF, [whole, short]) == whole
