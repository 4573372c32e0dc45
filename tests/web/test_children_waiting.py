from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.children.tables import SiblingGroup, SiblingMember, SiblingMode
from placement.clock import frozen
from placement.decisions.tables import Hold
from placement.people.tables import User
from placement.units.tables import Unit
from tests.conftest import NOW
from tests.web.children_world import TODAY, looks, make_child, make_stay, make_unit


def text(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def queue(app):
    with app.extensions["placement"].database.transaction() as session:
        unit = make_unit(session, name="Kotipesä", registered_from=TODAY - timedelta(days=400))
        found = {
            "long": make_child(session, last_name="Pitkä", priority=2, waiting_since=TODAY - timedelta(days=200)),
            "urgent": make_child(session, last_name="Kiire", priority=5, waiting_since=TODAY),
            "leaving": make_child(session, last_name="Lähtijä", priority=2, waiting_since=TODAY),
            "brother": make_child(session, last_name="Veli", priority=1, waiting_since=TODAY),
            "protected": make_child(session, last_name="Suojattu", priority=1, waiting_since=TODAY, protected=True),
            "foreign": make_child(session, last_name="Vieras", county_code="04", waiting_since=TODAY),
            "settled": make_child(session, last_name="Asuva"),
        }
        make_stay(session, found["leaving"], unit, TODAY - timedelta(days=10))
        make_stay(session, found["settled"], unit, TODAY - timedelta(days=10))
        group = SiblingGroup(county_id=found["urgent"].county_id, mode=SiblingMode.MUST)
        session.add(group)
        session.flush()
        for name in ("urgent", "brother"):
            session.add(SiblingMember(child_id=found[name].id, group_id=group.id))
    return found


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_queue_goes_by_urgency_with_siblings_side_by_side(sign_in, queue, lang):
    page = text(sign_in("coordinator", lang).get("/waiting"))
    order = ["urgent", "brother", "long", "leaving", "protected"]
    places = [page.index(f'id="row-{queue[name].ref}"') for name in order]
    assert places == sorted(places)
    assert "Suojattu" not in page
    assert queue["foreign"].ref not in page
    assert queue["settled"].ref not in page


def test_each_name_in_the_queue_has_its_row_in_the_use_log(app, sign_in, queue):
    sign_in("coordinator").get("/waiting")
    with app.extensions["placement"].database.read_only() as session:
        counts = {name: len(looks(session, child)) for name, child in queue.items()}
    assert counts == {"long": 1, "urgent": 1, "leaving": 1, "brother": 1, "protected": 0, "foreign": 0, "settled": 0}


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_three_best_places_are_a_page_and_a_fragment(app, sign_in, queue, lang):
    client = sign_in("coordinator", lang)
    ref = queue["long"].ref
    client.get(f"/waiting/{ref}/top3")
    fragment = text(client.get(f"/waiting/{ref}/top3", htmx=True))
    assert "<html" not in fragment
    assert f'id="top3-{ref}"' in fragment
    with app.extensions["placement"].database.read_only() as session:
        assert [row.data_used for row in looks(session, queue["long"])] == ["best-places", "best-places"]


def test_the_best_places_of_a_foreign_child_are_no_page(sign_in, queue):
    client = sign_in("coordinator")
    client.get(f"/waiting/{queue['foreign'].ref}/top3", status=404)
    client.get("/waiting/CH-0000-0000/top3", status=404)
    client.get(f"/waiting/{queue['settled'].ref}/top3", status=403)
    client.get(f"/waiting/{queue['settled'].ref}/top3", status=403, htmx=True)


@pytest.mark.parametrize("account", ["claims-officer", "unit-manager", "reviewer", "administrator"])
def test_the_queue_is_for_those_who_place_children(sign_in, queue, account):
    sign_in(account).get("/waiting", status=403)
    sign_in(account).get(f"/waiting/{queue['long'].ref}/top3", status=403)


@pytest.mark.parametrize("account", ["social-worker", "coordinator"])
def test_today_counts_those_who_wait(sign_in, queue, account):
    page = text(sign_in(account).get("/today"))
    group = page[page.index('id="group-waiting"') :][:600]
    assert ">5<" in group.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_kept_place_is_told_instead_of_no_place(app, sign_in, queue, lang):
    kit = app.extensions["placement"]
    child = queue["long"]
    until = NOW + timedelta(minutes=20)
    with kit.database.transaction() as session:
        unit = session.exec(select(Unit).where(Unit.name == "Kotipesä")).one()
        maker = session.exec(select(User).where(User.demo_key == "social-worker")).one()
        session.add(
            Hold(
                child_id=child.id, unit_id=unit.id, county_id=child.county_id, start=TODAY, made_by=maker.id,
                made_at=NOW, expires_at=until,
            )
        )  # fmt: skip
    fragment = text(sign_in("social-worker", lang).get(f"/waiting/{child.ref}/top3", htmx=True))
    assert "Kotipesä" in fragment
    assert "11.20" in fragment or "11:20" in fragment
    assert f'id="write-{child.ref}"' in fragment
    assert f'id="write-{child.ref}"' not in text(sign_in("coordinator").get(f"/waiting/{child.ref}/top3", htmx=True))
    kit.clock = frozen(until)
    assert "11:20" not in text(sign_in("social-worker", "en").get(f"/waiting/{child.ref}/top3", htmx=True))
