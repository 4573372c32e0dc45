"""The best places for one child: who fits, has room and fits best, without the solver."""

from __future__ import annotations

import pytest

from placement.children.tables import ChildBan, SiblingGroup, SiblingMember, SiblingMode
from placement.decisions.ranking import best_places
from placement.refusals import NotFound
from placement.units.tables import GenderPolicy
from tests.conftest import NOW
from tests.placing import TODAY, actor, add_child, add_stay, add_unit


@pytest.fixture
def session(database):
    with database.transaction() as opened:
        yield opened


def places(session, child, n=3):
    return [one.unit_name for one in best_places(session, actor(session, "social-worker"), child.id, TODAY, NOW, n)]


def test_the_best_fit_comes_first_and_full_or_forbidden_units_not_at_all(session):
    speaks = add_unit(session, "Speaks Somali")
    add_unit(session, "Interpreter", languages={"fi": 0})
    add_unit(session, "Boys", gender=GenderPolicy.BOYS)
    full = add_unit(session, "Full", places=1)
    add_stay(session, add_child(session, waiting=False), full)
    banned = add_unit(session, "Banned")
    child = add_child(session)
    session.add(ChildBan(child_id=child.id, unit_id=banned.id, reason="Safety"))
    session.flush()

    assert places(session, child) == ["Speaks Somali", "Interpreter"]
    assert speaks.id == best_places(session, actor(session, "coordinator"), child.id, TODAY, NOW)[0].unit_id


def test_at_most_n_are_given(session):
    for number in range(5):
        add_unit(session, f"Unit {number}")
    child = add_child(session)
    assert len(places(session, child, n=2)) == 2


def test_must_siblings_need_room_for_all_of_them(session):
    add_unit(session, "One place", places=1)
    add_unit(session, "Two places", places=2)
    one, two = add_child(session), add_child(session)
    group = SiblingGroup(county_id=one.county_id, mode=SiblingMode.MUST)
    session.add(group)
    session.flush()
    session.add_all(SiblingMember(child_id=child.id, group_id=group.id) for child in (one, two))
    session.flush()

    assert places(session, one) == ["Two places"]


def test_a_child_with_a_place_is_ranked_from_the_place_it_has(session):
    home = add_unit(session, "Home", places=1)
    add_unit(session, "Other")
    resident = add_child(session, waiting=False)
    add_stay(session, resident, home)
    assert places(session, resident) == ["Home", "Other"]


def test_a_child_of_another_county_is_not_found(session):
    add_unit(session)
    foreign = add_child(session, county_code="04")
    with pytest.raises(NotFound):
        places(session, foreign)
