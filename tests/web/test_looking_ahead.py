"""Places ahead, stays over time, the map and the search: equal numbers, filters in the address, nothing foreign."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from sqlmodel import select

from placement.audit.tables import UseLog
from placement.units import ahead, capacity, lists, page
from tests.conftest import NOW
from tests.placing import TODAY, actor, add_child, add_stay, add_unit, person

LANGUAGES = ["fi", "sv", "en"]


def text(answer):
    return answer.get_data(as_text=True).replace("\xa0", " ")


@pytest.fixture
def store(app):
    return app.extensions["placement"].database


@pytest.fixture
def world(store):
    with store.transaction() as session:
        koivu = add_unit(session, "Koivu", places=3)
        secret = add_unit(session, "Salakoti", places=2, secret_address=True)
        far = add_unit(session, "Korento", places=5, county_code="04", town_code="092")
        worker = person(session, "social-worker").id
        soon = add_child(session, "Aikuistuva", waiting=False, birth_date=date(2009, 1, 10), worker_id=worker)
        add_stay(session, soon, koivu, end=date(2027, 1, 10))
        open_ended = add_child(session, "Avoin", waiting=False, birth_date=date(2010, 1, 10))
        add_stay(session, open_ended, koivu)
        hidden = add_child(session, "Piilo", waiting=False, protected=True)
        add_stay(session, hidden, koivu, end=TODAY + timedelta(days=10))
        other = add_child(session, "Aikuistuva", county_code="04", waiting=False)
        add_stay(session, other, far)
    return {"koivu": koivu, "secret": secret, "far": far, "soon": soon, "hidden": hidden, "other": other}


def row(shown, key):
    return re.search(rf'id="{key}"(.*?)</tr>', shown, re.S).group(1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_places_ahead_follow_from_stays_and_birthdays(sign_in, world, lang):
    shown = text(sign_in("coordinator", lang).get("/units/ahead"))
    free = re.findall(r"numeric\"[^>]*>\s*(\d+)", row(shown, f"ahead-{world['koivu'].ref}"))
    assert free == ["0", "2", "2", "2", "3"]
    assert "Korento" not in shown
    text(sign_in("coordinator", lang).get("/units/ahead?kind=foster_home"))


def test_a_home_gives_no_place_from_the_day_its_agreement_ends(store, world):
    with store.transaction() as session:
        unit = add_unit(session, "Haapa", places=4, registered_to=TODAY + timedelta(days=100))
        (line,) = [one for one in ahead.lines(session, actor(session, "coordinator"), NOW) if one.facts.id == unit.id]
    assert line.free == (4, 4, 0, 0, 0)
    assert [one.code for one in line.ends] == ["registration"]


def test_board_calendar_list_ahead_and_rows_give_one_number(store, world):
    with store.read_only() as session:
        who, unit = actor(session, "coordinator"), world["koivu"]
        for days in (0, 9, 10, 60):
            day = TODAY + timedelta(days=days)
            board = next(one for one in lists.lines(session, who, day, NOW, TODAY) if one.facts.id == unit.id)
            calendar = page.show(session, who, unit, month=day, day=day, at=NOW, on=TODAY)
            cell = next(one for week in calendar.month.weeks for one in week if one and one.day == day)
            counts = capacity.counts(session, [unit.id], day, NOW)[unit.id]
            assert board.count == cell == calendar.day == counts
        line = next(one for one in ahead.lines(session, who, NOW) if one.facts.id == unit.id)
        assert line.counts[0] == capacity.counts(session, [unit.id], TODAY, NOW)[unit.id]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_bars_and_the_table_have_the_same_stays(sign_in, world, lang):
    client = sign_in("coordinator", lang)
    for zoom in ("week", "quarter", "year"):
        shown = text(client.get(f"/units/timeline?zoom={zoom}"))
        table = re.search(r'<table[^>]*id="stays-table".*?</table>', shown, re.S).group(0)
        assert shown.count("<rect ") == table.count("<tr") - 1 == 3
    assert "Piilo" not in shown
    assert world["hidden"].ref not in shown
    assert world["soon"].ref in shown
    client.get("/units/timeline?day=31.2.2026", status=422)
    client.get(f"/units/timeline?unit={world['far'].ref}", status=404)
    client.get(f"/units/timeline?unit={world['koivu'].ref}&day=1.1.2027&zoom=year&page=9", htmx=True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_unit_with_a_secret_address_is_not_on_the_map(sign_in, world, lang):
    shown = text(sign_in("coordinator", lang).get("/units/map?from=837"))
    assert "Koivu" in shown
    assert "Salakoti" not in shown
    assert world["soon"].ref not in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_search_finds_what_the_person_may_see_and_nothing_else(store, sign_in, world, lang):
    client = sign_in("social-worker", lang)
    shown = text(client.get("/search?q=aikuist"))
    assert f"/children/{world['soon'].ref}" in shown
    assert world["other"].ref not in shown
    with store.read_only() as session:
        looks = session.exec(select(UseLog).where(UseLog.data_used == "search")).all()
    assert [one.child_id for one in looks] == [world["soon"].id]
    assert world["koivu"].ref in text(client.get("/search?q=koiv", htmx=True))
    assert "Korento" not in text(client.get("/search?q=korento"))
    assert "Piilo" not in text(client.get("/search?q=piilo")).split('id="hits"')[1]
    assert world["hidden"].ref in text(client.get(f"/search?q={world['hidden'].ref}"))


def test_the_search_of_a_state_reviewer_knows_no_child(sign_in, world):
    shown = text(sign_in("reviewer").get("/search?q=aikuist"))
    assert world["soon"].ref not in shown
    assert (
        world["soon"].ref not in text(sign_in("payer").get(f"/search?q={world['soon'].ref[:7]}")).split('id="hits"')[1]
    )


@pytest.mark.parametrize("typed", ["010109A900X", "010109-900X", "  010109a900x "])
def test_an_identity_code_is_neither_searched_nor_shown_back(sign_in, world, typed):
    shown = text(sign_in("social-worker").get(f"/search?q={typed}"))
    assert "900" not in shown.split("<main")[1].lower().replace("x-csrf", "")[:4000] or 'value=""' in shown
    assert "identity code" in shown


@pytest.mark.parametrize("typed", ["", "a", "%", "'; drop table child; --", "x" * 500, "<script>"])
def test_odd_searches_are_harmless(sign_in, world, typed):
    client = sign_in("social-worker")
    client.get(f"/search?q={quote(typed)}")
