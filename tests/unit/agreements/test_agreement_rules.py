from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.agreement_rules import (
    PartyFacts,
    Required,
    VersionFacts,
    hearing_state,
    leading,
    missing_parties,
    periods_in_force,
    rate_faults,
    status_on,
    unsigned,
)
from agreements.money import Money
from agreements.period import Period

D = date(2026, 11, 24)
DAY = timedelta(days=1)
pytestmark = pytest.mark.fast


def version(number=1, **changes):
    values = {
        "id": number,
        "agreement_id": 1,
        "number": number,
        "status": "signed",
        "valid_from": D,
        "valid_to": None,
        "activated_on": D,
        "ended_on": None,
    }
    return VersionFacts(**{**values, **changes})


def word(one, day, *others):
    return status_on(one, periods_in_force([one, *others]).get(one.id), day)


@pytest.mark.parametrize("status", ["draft", "hearing", "in-signing", "returned"])
def test_what_a_person_did_is_the_word_until_it_is_signed(status):
    assert word(version(status=status, activated_on=None), D) == status


def test_a_signed_version_that_nobody_put_in_force_is_signed():
    assert word(version(activated_on=None), D) == "signed"


def test_a_version_is_in_force_from_its_first_day_to_its_last():
    term = version(valid_to=D + 9 * DAY)
    assert [word(term, day) for day in (D - DAY, D, D + 9 * DAY, D + 10 * DAY)] == [
        "signed",
        "in-force",
        "in-force",
        "ended",
    ]


def test_a_terminated_version_is_in_force_to_the_day_it_was_ended():
    ended = version(status="terminated", valid_to=D + 90 * DAY, ended_on=D + 9 * DAY)
    assert [word(ended, day) for day in (D + 9 * DAY, D + 10 * DAY)] == ["in-force", "terminated"]


def test_a_later_version_takes_over_on_its_first_day():
    first, second = version(1), version(2, valid_from=D + 10 * DAY)
    periods = periods_in_force([first, second])
    assert periods == {1: Period(D, D + 9 * DAY), 2: Period(D + 10 * DAY)}
    assert status_on(first, periods[1], D + 10 * DAY) == "replaced"


def test_a_later_version_that_is_not_put_in_force_takes_nothing_over():
    assert periods_in_force([version(1), version(2, valid_from=D + DAY, activated_on=None)])[1].last is None


def test_a_retroactive_version_replaces_the_earlier_one_wholly():
    first, second = version(1), version(2, valid_from=D - DAY)
    assert periods_in_force([first, second]) == {2: Period(D - DAY)}
    assert word(first, D, second) == "replaced"


days = st.integers(0, 40).map(lambda n: D + timedelta(days=n))


@st.composite
def lives(draw):
    rows = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        first = draw(days)
        rows.append(
            version(
                number,
                status=draw(st.sampled_from(["draft", "in-signing", "signed", "terminated", "returned"])),
                valid_from=first,
                valid_to=first + draw(st.integers(0, 30)) * DAY if draw(st.booleans()) else None,
                activated_on=draw(st.none() | st.just(first)),
                ended_on=draw(st.none() | days),
            )
        )
    return rows


@given(lives(), days)
def test_at_most_one_version_of_an_agreement_is_in_force_on_a_day(rows, day):
    periods = periods_in_force(rows)
    assert sum(period.covers(day) for period in periods.values()) <= 1
    assert leading(rows, periods, day) in rows


@given(lives(), days)
def test_in_force_is_said_exactly_on_the_days_in_force(rows, day):
    periods = periods_in_force(rows)
    for row in rows:
        said = status_on(row, periods.get(row.id), day)
        assert (said == "in-force") == (row.id in periods and periods[row.id].covers(day))


COUNTY = Required("founding", "county", "signatory", "681/2023 §33.3")
HEARD = Required("founding", "municipality", "heard", "681/2023 §33.3")


def party(key, side, role="signatory", chapter=None):
    return PartyFacts(key, key, side, role, chapter)


def test_a_side_that_only_was_heard_does_not_stand_for_a_signatory():
    assert missing_parties([COUNTY, HEARD], [party(1, "county", "heard"), party(2, "municipality")]) == [COUNTY]


def test_a_party_of_another_chapter_does_not_stand_for_this_one():
    assert missing_parties([COUNTY], [party(1, "county", chapter="services")]) == [COUNTY]
    assert missing_parties([COUNTY], [party(1, "county", chapter="founding")]) == []


def test_a_party_that_is_heard_is_never_waited_for_to_sign():
    parties = [party(1, "county"), party(2, "municipality", "heard"), party(3, "state")]
    assert unsigned(parties, {1}) == [parties[2]]


@pytest.mark.parametrize(
    ("requested", "due", "heard", "state"),
    [
        (None, None, None, "not-asked"),
        (D - 9 * DAY, D, None, "asked"),
        (D - 9 * DAY, D - DAY, None, "silent"),
        (D - 9 * DAY, D - DAY, D - 2 * DAY, "heard"),
        (None, None, D, "heard"),
        (D + DAY, None, None, "not-asked"),
    ],
)
def test_silence_past_the_day_that_was_set_passes_as_heard(requested, due, heard, state):
    assert hearing_state(requested, due, heard, D) == state


def test_prices_must_cover_each_day_of_the_term_once():
    term = Period(D, D + 9 * DAY)
    assert rate_faults(term, [Period(D, D + 4 * DAY), Period(D + 5 * DAY)]) == rate_faults(term, [Period(D)])
    gap = rate_faults(term, [Period(D, D + 3 * DAY), Period(D + 5 * DAY)])
    assert gap.gaps == (Period(D + 4 * DAY, D + 4 * DAY),)
    twice = rate_faults(term, [Period(D, D + 5 * DAY), Period(D + 5 * DAY)])
    assert twice.overlaps == (Period(D + 5 * DAY, D + 5 * DAY),)


def test_money_is_added_and_multiplied_in_whole_cents():
    assert Money(24_550).times(7) + Money(1) == Money(171_851)
