"""What a direction is on a day, and what keeps it from being opened."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from placement.directing.rules import Fault, Said, State, faults, missing, state

SIDES = ("state", "municipality", "county")
DAY = timedelta(days=1)
ON = date(2026, 11, 24)
SAID = st.lists(st.builds(Said, st.sampled_from(SIDES), st.booleans()), max_size=3, unique_by=lambda one: one.side)


@given(said=SAID, left=st.integers(-3, 3), withdrawn=st.booleans())
def test_each_state_means_what_its_word_says(said, left, withdrawn):
    found = state(SIDES, said, expires_on=ON + left * DAY, withdrawn_on=ON if withdrawn else None, on=ON)
    refused = any(not one.agrees for one in said)
    assert (found is State.DECLINED) == refused
    if found is State.AGREED:
        assert {one.side for one in said} == set(SIDES)
        assert not withdrawn
    if found is State.OPEN:
        assert left >= 0
        assert missing(SIDES, said)
    if found is State.EXPIRED:
        assert left < 0


def test_what_all_agreed_on_does_not_expire():
    said = [Said(side, True) for side in SIDES]
    assert state(SIDES, said, expires_on=ON - DAY, withdrawn_on=None, on=ON) is State.AGREED
    assert state(SIDES, said[:2], expires_on=ON, withdrawn_on=None, on=ON) is State.OPEN
    assert state(SIDES, said[:2], expires_on=ON - DAY, withdrawn_on=None, on=ON) is State.EXPIRED


def test_the_answers_are_there_before_the_child_moves():
    def told(planned, expires, **more):
        values = {"municipal_place": True, "has_places": True, **more}
        return faults(planned_from=planned, expires_on=expires, on=ON, **values)

    assert told(ON, ON) == []
    assert told(ON, ON + DAY) == [Fault("expires_on", "answer-after-move")]
    assert told(ON - DAY, ON) == [Fault("planned_from", "day-has-passed")]
    assert told(ON + 9 * DAY, ON - DAY) == [Fault("expires_on", "day-has-passed")]
    assert told(ON, ON, has_places=False) == [Fault("municipality", "no-municipal-places")]
    assert told(ON, ON, has_places=False, municipal_place=False) == []
