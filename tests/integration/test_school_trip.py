"""The shortest school trip: measured from the school in which the child has a place on the day of its move."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from placement.clock import frozen
from placement.decisions import intake, problem_builder, runs, solving, staleness
from placement.decisions.problem_builder import Asked
from placement.decisions.runs import Scope
from placement.decisions.tables import ProposalRow, Run
from placement.integration.tables import SchoolPlace
from tests.conftest import NOW
from tests.placing import LONG_AGO, TODAY, add_child, add_school, add_stay, add_unit, county, town

DAY = timedelta(days=1)
MOVES = TODAY + 14 * DAY
HOME, SCHOOL, RELATIVES, OTHER = "837", "908", "091", "092"


def resident(session):
    """A child that lives in one town, with relatives in another, free to move from the freeze date on."""
    child = add_child(session, waiting=False, relatives_municipality_id=town(session, RELATIVES).id)
    add_stay(session, child, add_unit(session, town_code=HOME))
    return child


def measured_from(session, child, preset="school-trip"):
    asked = Asked(TODAY, preset=preset, freeze_until=MOVES, unlocked=frozenset({child.id}))
    snapshot = intake.read(session, [child.county_id], NOW, also=asked.unlocked)
    return problem_builder.build(snapshot, asked, name="test").instance.child_by_id[child.ref].relatives


@pytest.mark.parametrize(
    ("from_on", "to_on", "expected"),
    [
        (LONG_AGO, None, SCHOOL),
        (LONG_AGO, MOVES, SCHOOL),
        (LONG_AGO, MOVES - DAY, HOME),
        (MOVES, None, SCHOOL),
        (MOVES + DAY, None, HOME),
    ],
)
def test_the_trip_is_measured_from_the_school_on_the_day_of_the_move(database, from_on, to_on, expected):
    with database.transaction() as session:
        child = resident(session)
        assert measured_from(session, child) == HOME
        add_school(session, child, SCHOOL, from_on=from_on, to_on=to_on)
        assert measured_from(session, child) == expected
        assert measured_from(session, child, "best-fit") == RELATIVES


def test_of_two_schools_the_later_begun_counts_and_who_waits_keeps_its_school_too(database):
    with database.transaction() as session:
        child, waits = resident(session), add_child(session, relatives_municipality_id=town(session, RELATIVES).id)
        assert measured_from(session, waits) == RELATIVES
        add_school(session, waits, OTHER)
        add_school(session, child, SCHOOL, from_on=date(2026, 8, 11))
        add_school(session, child, OTHER, number=2)
        assert measured_from(session, child) == SCHOOL
        assert measured_from(session, waits) == OTHER


@pytest.mark.parametrize(("preset", "changed"), [("school-trip", ["child-school"]), ("best-fit", [])])
def test_a_plan_by_the_school_trip_rests_on_the_school_and_no_other_does(database, preset, changed):
    with database.transaction() as session:
        child = resident(session)
        add_unit(session, "Haapakoti", town_code=SCHOOL)
        school = add_school(session, child, SCHOOL)
        asked = Asked(TODAY, preset=preset, freeze_until=MOVES, unlocked=frozenset({child.id}), only_unlocked=True)
        run_id = runs.start(session, None, Scope((county(session).id,)), asked, NOW).id
    solving.execute(database, frozen(NOW), run_id)
    with database.transaction() as session:
        row = next(one for one in session.exec(select(ProposalRow)) if one.child_id == child.id)
        assert session.get(Run, run_id).status == "done"
        assert staleness.what_changed(session, row, NOW) == []
        school = session.get(SchoolPlace, school.id)
        school.trip_checked_on = TODAY
        session.flush()
        assert staleness.what_changed(session, row, NOW) == []
        school.municipality_id = town(session, OTHER).id
        session.flush()
        assert staleness.what_changed(session, row, NOW) == changed
        staleness.reseal(session, row, NOW)
        assert staleness.what_changed(session, row, NOW) == []
