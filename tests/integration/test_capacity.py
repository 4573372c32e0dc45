"""Places in the database, on both: one count from everywhere, holds by the clock, planted breaches found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from agreements.period import Period
from placement.decisions.tables import Hold
from placement.refusals import Conflict, NotFound, Refusal
from placement.units import capacity, check, places, queries
from placement.units.places import PlacesCommand
from placement.units.tables import Building, CapacityException, Closure, Unit, UnitCapacity, UnitKind
from tests.conftest import NOW
from tests.placing import LONG_AGO, TODAY, actor, add_child, add_stay, add_unit, county, person, town

DAY = timedelta(days=1)


def hold(session, child, unit, *, start=TODAY, end=None, minutes=30, released=None):
    row = Hold(
        child_id=child.id,
        unit_id=unit.id,
        county_id=child.county_id,
        start=start,
        end=end,
        made_by=person(session, "social-worker").id,
        made_at=NOW,
        expires_at=NOW + timedelta(minutes=minutes),
        released_at=released,
    )
    session.add(row)
    session.flush()
    return row


def test_a_hold_counts_until_it_expires_and_never_after(database):
    with database.transaction() as session:
        unit = add_unit(session, places=2)
        hold(session, add_child(session), unit)
        hold(session, add_child(session), unit, released=NOW)
    with database.read_only() as session:
        before = NOW + timedelta(minutes=30) - timedelta(microseconds=1)
        moments = (NOW, before, NOW + timedelta(minutes=30))
        assert [capacity.free_places(session, [unit.id], TODAY, at)[unit.id] for at in moments] == [1, 1, 2]


def test_free_places_are_capacity_less_stays_less_holds(database):
    with database.transaction() as session:
        unit = add_unit(session, places=5)
        add_stay(session, add_child(session), unit)
        add_stay(session, add_child(session), unit, end=TODAY)
        add_stay(session, add_child(session), unit, start=TODAY + DAY)
        hold(session, add_child(session), unit)
        session.add(Closure(unit_id=unit.id, valid_from=TODAY, valid_to=TODAY, places=1, reason="Remontti"))
        session.add(Closure(unit_id=unit.id, valid_from=TODAY, reason="Peruttu", cancelled_at=NOW))
    with database.read_only() as session:
        count = capacity.counts(session, [unit.id], TODAY, NOW)[unit.id]
        assert (count.capacity, count.stays, count.holds, count.closed, count.free) == (4, 1, 1, 1, 2)
        days = capacity.timeline(session, unit.id, TODAY, TODAY + DAY, NOW)
        assert [one.free for one in days] == [2, 2]
        assert capacity.windows(session, [unit.id], TODAY, TODAY + 2 * DAY, NOW)[unit.id] == [
            (TODAY, TODAY + DAY, 4),
            (TODAY + DAY, TODAY + 2 * DAY, 5),
        ]


def test_the_number_of_statements_does_not_grow_with_the_units(database):
    with database.transaction() as session:
        keys = [add_unit(session, f"Yksikkö {n}").id for n in range(12)]
    seen = []
    sa.event.listen(database.reader, "before_cursor_execute", lambda *args: seen.append(args[2]))
    with database.read_only() as session:
        capacity.overviews(session, keys[:1], TODAY, NOW)
        one = len(seen)
        capacity.overviews(session, keys, TODAY, NOW)
        assert len(seen) - one <= one
        before = len(seen)
        queries.everything_about(session, keys)
        assert len(seen) - before <= 6


def test_a_unit_that_is_not_there_has_no_places(database):
    with database.read_only() as session, pytest.raises(NotFound):
        capacity.min_free(session, 999_999, TODAY, None, NOW)


def test_the_childs_own_place_and_one_hold_can_be_left_out(database):
    with database.transaction() as session:
        unit, child = add_unit(session, places=1), add_child(session)
        kept = hold(session, child, unit)
    with database.read_only() as session:
        assert capacity.min_free(session, unit.id, TODAY, None, NOW) == 0
        assert capacity.min_free(session, unit.id, TODAY, None, NOW, excluding_child=child.id) == 1
        assert capacity.min_free(session, unit.id, TODAY, None, NOW, excluding_hold=kept.id) == 1


def test_everything_about_a_unit_comes_with_its_agreement_in_force(database):
    with database.transaction() as session:
        unit = add_unit(session, places=4, languages={"so": 20, "fi": 0})
    with database.read_only() as session:
        facts = queries.everything_about(session, [unit.id, 999_999])
        assert list(facts) == [unit.id]
        found = facts[unit.id]
        assert (dict(found.languages), found.kind, found.founded_by(TODAY).places) == (
            {"so": 20, "fi": 0},
            "family_group_home",
            4,
        )
        assert found.founded_by(LONG_AGO - DAY) is None


def test_places_are_set_by_one_and_refused_to_the_other_with_an_old_version(database):
    with database.transaction() as session:
        unit = add_unit(session, places=5)
    command = PlacesCommand(Period(TODAY), 4, 7)
    with database.transaction() as session:
        places.set_places(session, actor(session, "coordinator"), unit.ref, command, version=1, at=NOW)
    with database.transaction() as session, pytest.raises(Conflict):
        places.set_places(session, actor(session, "coordinator"), unit.ref, command, version=1, at=NOW)


@pytest.mark.parametrize(
    ("number", "first", "code"),
    [(8, TODAY, "above-ceiling"), (0, TODAY, "below-taken"), (5, TODAY - DAY, "places-in-the-past")],
)
def test_places_outside_the_law_or_below_the_children_are_refused(database, number, first, code):
    with database.transaction() as session:
        unit = add_unit(session, places=5)
        add_stay(session, add_child(session), unit)
    command = PlacesCommand(Period(first), number, 7)
    with database.transaction() as session, pytest.raises(Refusal) as refused:
        places.set_places(session, actor(session, "coordinator"), unit.ref, command, version=1, at=NOW)
    assert refused.value.code == code


def test_the_fourth_home_of_a_building_has_only_what_is_left_of_24(database):
    with database.transaction() as session:
        house = Building(county_id=county(session).id, municipality_id=town(session).id, name="Talo")
        session.add(house)
        session.flush()
        for n in range(3):
            add_unit(session, f"Koti {n}", places=7, building_id=house.id)
        last = add_unit(session, "Koti 3", places=2, building_id=house.id)
    with database.transaction() as session:
        places.set_places(
            session, actor(session, "coordinator"), last.ref, PlacesCommand(Period(TODAY), 3, 6), version=1, at=NOW
        )
    with database.transaction() as session, pytest.raises(Refusal) as refused:
        places.set_places(
            session, actor(session, "coordinator"), last.ref, PlacesCommand(Period(TODAY), 4, 6), version=2, at=NOW
        )
    assert (refused.value.code, refused.value.facts["allowed"]) == ("above-building", 24)


def test_a_manager_without_a_unit_and_the_payer_see_no_unit(database):
    with database.transaction() as session:
        add_unit(session)
    with database.read_only() as session:
        for key in ("unit-manager", "payer"):
            assert queries.visible_units(session, actor(session, key), TODAY) == []


def by_id(results):
    return {one.id: one for one in results}


def test_the_checks_of_places_find_nothing_in_a_sound_register(database):
    with database.transaction() as session:
        unit = add_unit(session, places=2)
        add_stay(session, add_child(session), unit)
        add_unit(session, "Pihla", kind=UnitKind.FOSTER_HOME, places=4)
    with database.read_only() as session:
        found = check.run(session, NOW)
        assert [one.id for one in found] == ["C1", "C2", "C5", "C8"]
        assert all(one.checked > 0 and one.breaches == [] for one in found)


def test_a_planted_overbooking_is_found_and_an_ended_agreement_is_none(database):
    with database.transaction() as session:
        full = add_unit(session, "Täysi", places=1)
        add_stay(session, add_child(session), full)
        add_stay(session, add_child(session), full)
        lapsed = add_unit(session, "Päättynyt", places=2, agreed=False)
        add_stay(session, add_child(session), lapsed)
    with database.read_only() as session:
        breaches = by_id(check.run(session, NOW))["C1"].breaches
        assert breaches
        assert all(full.ref in one for one in breaches)


def test_planted_places_above_the_ceiling_are_found_unless_an_exception_covers_them(database):
    with database.transaction() as session:
        home = add_unit(session, "Koti", places=8, agreed=False)
        foster = add_unit(session, "Pihla", kind=UnitKind.FOSTER_HOME, places=4, own_young_children=1)
        lifted = add_unit(session, "Lupa", places=1, agreed=False)
        session.add(UnitCapacity(unit_id=lifted.id, valid_from=TODAY, valid_to=TODAY, places=7))
        session.add(
            CapacityException(
                unit_id=lifted.id,
                valid_from=TODAY,
                valid_to=TODAY,
                extra_places=1,
                reason="Hätä",
                approved_by=person(session, "county-lead").id,
                approved_at=NOW,
            )
        )
    with database.read_only() as session:
        breaches = by_id(check.run(session, NOW))["C2"].breaches
        assert sorted(one.split(":")[0] for one in breaches) == sorted([home.ref, foster.ref])


def test_a_child_in_a_closed_unit_is_found(database):
    with database.transaction() as session:
        unit = add_unit(session, places=2)
        add_stay(session, add_child(session), unit)
        session.add(Closure(unit_id=unit.id, valid_from=TODAY, reason="Palo"))
    with database.read_only() as session:
        assert unit.ref in by_id(check.run(session, NOW))["C5"].breaches[0]


def test_a_page_that_counts_otherwise_than_the_rows_is_found(database, monkeypatch):
    with database.transaction() as session:
        unit = add_unit(session, places=2)
        hold(session, add_child(session), unit)
    honest = capacity.books
    monkeypatch.setattr(
        capacity,
        "books",
        lambda *args, **more: {key: replace(book, holds=()) for key, book in honest(*args, **more).items()},
    )
    with database.read_only() as session:
        assert by_id(check.run(session, NOW))["C8"].breaches


def test_the_units_of_a_county_are_found_by_key(database):
    with database.transaction() as session:
        own = add_unit(session)
        add_unit(session, "Toinen", county_code="04", town_code="092")
    with database.read_only() as session:
        assert queries.units_of_county(session, [county(session).id]) == [own.id]
        assert session.exec(select(Unit.id).order_by(col(Unit.id))).all() != [own.id]
