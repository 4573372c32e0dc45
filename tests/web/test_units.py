from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.decisions.tables import Hold
from placement.people.tables import Cooperation, CooperationMember, UserMandate
from placement.units import capacity, lists
from placement.units.tables import Building, Closure, UnitKind
from tests.conftest import NOW
from tests.placing import LONG_AGO, TODAY, actor, add_child, add_stay, add_unit, county, person, town

LANGUAGES = ["fi", "sv", "en"]


@pytest.fixture
def world(app):
    """Koivu (7 places, 2 taken, 1 held), Haapa in the same building (full), Pihla (foster), Korento (other county)."""
    with app.extensions["placement"].database.transaction() as session:
        house = Building(county_id=county(session).id, municipality_id=town(session).id, name="Metsäkoto")
        session.add(house)
        session.flush()
        found = {
            "koivu": add_unit(session, "Koivu", places=7, building_id=house.id),
            "haapa": add_unit(session, "Haapa", places=1, languages={"uk": 10}, building_id=house.id),
            "pihla": add_unit(
                session, "Pihla", places=2, kind=UnitKind.FOSTER_HOME, town_code="536", secret_address=True
            ),
            "korento": add_unit(session, "Korento", places=5, county_code="04", town_code="092", secret_address=True),
        }
        found["child"] = add_child(session, "Aava", waiting=False)
        found["protected"] = add_child(session, "Piilo", waiting=False, protected=True)
        found["third"] = add_child(session, "Kolmas", waiting=False)
        found["waiting"] = add_child(session, "Odottaja")
        add_stay(session, found["child"], found["koivu"])
        add_stay(session, found["protected"], found["koivu"])
        add_stay(session, found["third"], found["haapa"], end=TODAY + timedelta(days=30))
        session.add(
            Hold(
                child_id=found["waiting"].id,
                unit_id=found["koivu"].id,
                county_id=found["waiting"].county_id,
                start=TODAY,
                made_by=person(session, "social-worker").id,
                made_at=NOW,
                expires_at=NOW + timedelta(minutes=30),
            )
        )
        manager = person(session, "unit-manager")
        session.exec(select(UserMandate).where(UserMandate.user_id == manager.id)).one().unit_id = found["haapa"].id
    return found


def text(answer):
    return answer.get_data(as_text=True)


def row_of(page, unit):
    return re.search(rf'id="row-{unit.ref}".*?</tr>', page, re.S).group(0)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_shows_own_units_only(sign_in, world, lang):
    page = text(sign_in("coordinator", lang).get("/units"))
    assert all(world[name].ref in page for name in ("koivu", "haapa", "pihla"))
    assert world["korento"].ref not in page


def test_units_of_a_cooperating_county_are_seen_without_a_secret_town(app, sign_in, world):
    with app.extensions["placement"].database.transaction() as session:
        joint = Cooperation(name="Yhdessä", valid_from=LONG_AGO)
        session.add(joint)
        session.flush()
        for code in ("08", "04"):
            session.add(CooperationMember(cooperation_id=joint.id, county_id=county(session, code).id))
    page = text(sign_in("coordinator").get("/units"))
    assert "Not shown: secret address" in row_of(page, world["korento"])
    assert "Vantaa" not in page.replace("Vantaan ja Keravan", "").replace("Vantaa and Kerava", "")
    assert "Nokia" in row_of(page, world["pihla"])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=foster_home", ["pihla"]),
        ("municipality=536", ["pihla"]),
        ("language=uk", ["haapa"]),
        ("free=y", ["koivu", "pihla"]),
        ("kind=nonsense", []),
        ("sort=next&free=y", ["koivu", "pihla"]),
    ],
)
def test_filters_in_the_address_narrow_the_list(sign_in, world, query, names):
    page = text(sign_in("coordinator").get(f"/units?{query}"))
    shown = [name for name in ("koivu", "haapa", "pihla") if f'id="row-{world[name].ref}"' in page]
    assert shown == names


def test_a_filter_that_finds_nothing_says_so_and_can_be_cleared(sign_in, world):
    page = text(sign_in("coordinator").get("/units?language=xx"))
    assert "No units match these filters." in page


def test_the_list_answers_htmx_with_its_fragment_only(sign_in, world):
    page = text(sign_in("coordinator").get("/units?free=y", htmx=True))
    assert page.strip().startswith('<div id="filters-result">')


def test_a_county_without_units_is_told_what_belongs_here(sign_in):
    assert "No units yet." in text(sign_in("coordinator").get("/units"))
    assert "No units to show." in text(sign_in("social-worker").get("/units/board"))


def test_the_next_free_day_stands_beside_a_full_unit(sign_in, world):
    assert "24 December 2026" in row_of(text(sign_in("coordinator").get("/units")), world["haapa"])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("query", ["", "?view=table", "?privacy=1", "?day=2027-01-15", "?day=32.13.2026"])
def test_the_board_is_sound_in_each_view_and_language(sign_in, world, lang, query):
    status = 422 if "32.13" in query else 200
    assert text(sign_in("coordinator", lang).get(f"/units/board{query}", status=status))


def test_cards_and_table_and_list_and_calendar_give_the_same_numbers(app, sign_in, world):
    client = sign_in("coordinator")
    board, table = text(client.get("/units/board")), text(client.get("/units/board?view=table"))
    index = text(client.get("/units"))
    with app.extensions["placement"].database.read_only() as session:
        free = capacity.free_places(session, [world[name].id for name in ("koivu", "haapa", "pihla")], TODAY, NOW)
    for name in ("koivu", "haapa", "pihla"):
        unit = world[name]
        cells = [words(cell).strip() for cell in re.findall(r"<td.*?</td>", row_of(table, unit), re.S)]
        card = words(re.search(rf'id="unit-{unit.ref}".*?</article>', board, re.S).group(0))
        page = words(re.search(r'id="unit-now".*?</p>', text(client.get(f"/units/{unit.ref}")), re.S).group(0))
        assert int(cells[5]) == free[unit.id]
        assert card.count("Free") - card.count("Free now") == free[unit.id]
        spoken = f"{free[unit.id]} of "
        assert spoken in page
        assert spoken in words(row_of(index, unit))
        assert spoken in card


def test_a_card_names_own_children_by_reference_but_never_a_protected_one(sign_in, world):
    board = text(sign_in("coordinator").get("/units/board"))
    assert f'href="/children/{world["child"].ref}"' in board
    assert world["protected"].ref not in board
    assert "Aava" not in board


def test_privacy_mode_shows_no_reference_at_all(sign_in, world):
    board = text(sign_in("coordinator").get("/units/board?privacy=1"))
    assert "CH-" not in board
    assert "1 child waits for a place" in board


def test_the_board_of_today_asks_for_itself_each_minute_and_can_be_paused(sign_in, world):
    client = sign_in("coordinator")
    today, later = text(client.get("/units/board")), text(client.get("/units/board?day=2027-01-15"))
    assert 'hx-trigger="every 60s, resume"' in today
    assert "data-pause-updates" in today
    assert "every 60s" not in later
    assert text(client.get("/units/board", htmx=True)).strip().startswith('<div id="board-now"')


def test_a_closure_is_told_in_words_on_its_card(app, sign_in, world):
    with app.extensions["placement"].database.transaction() as session:
        session.add(Closure(unit_id=world["koivu"].id, valid_from=TODAY, places=2, reason="Vesivahinko"))
    card = text(sign_in("coordinator").get("/units/board"))
    assert "2 places closed" in card
    assert card.count("place place--closed") == 2 + 1


def test_too_many_children_make_a_banner_a_word_and_a_group_on_today(app, sign_in, world):
    with app.extensions["placement"].database.transaction() as session:
        add_stay(session, add_child(session, "Liika", waiting=False), world["haapa"], end=TODAY + timedelta(days=3))
    client = sign_in("coordinator")
    page = text(client.get(f"/units/{world['haapa'].ref}"))
    assert "Overbooked on 3 days" in page
    assert "Overbooked: 2 in 1" in page
    assert "Overbooked or closing units" in text(client.get("/today"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("account", ["coordinator", "social-worker", "county-lead", "reviewer", "claims-officer"])
def test_the_page_of_a_unit_is_sound_for_each_role(sign_in, world, account, lang):
    page = text(sign_in(account, lang).get(f"/units/{world['koivu'].ref}?month=2027-02&day=2027-02-28"))
    assert world["koivu"].ref in page


def test_a_reviewer_sees_numbers_and_no_child(sign_in, world):
    page = text(sign_in("reviewer").get(f"/units/{world['koivu'].ref}"))
    assert "CH-" not in page
    assert "Available: 4 of 7 free" in page


def test_a_unit_manager_sees_the_own_unit_and_no_other(sign_in, world):
    client = sign_in("unit-manager")
    assert world["haapa"].ref in text(client.get("/units"))
    assert world["third"].ref in text(client.get(f"/units/{world['haapa'].ref}"))
    client.get(f"/units/{world['koivu'].ref}", status=404)


def test_a_protected_child_is_counted_and_not_named_on_the_units_page(sign_in, world):
    page = text(sign_in("coordinator").get(f"/units/{world['koivu'].ref}"))
    assert "Protected, not named here" in page
    assert world["protected"].ref not in page
    assert world["child"].ref in page


def test_the_building_shows_its_places_against_the_24_of_the_law(sign_in, world):
    page = words(text(sign_in("coordinator").get(f"/units/{world['koivu'].ref}")))
    assert "Places: 8, taken: 4." in page
    assert "The law allows 24 places in a building." in page


def test_calendar_and_day_are_fragments_of_their_own(sign_in, world):
    client, ref = sign_in("coordinator"), world["koivu"].ref
    assert text(client.get(f"/units/{ref}?month=2027-01", htmx=True)).strip().startswith('<div id="calendar"')
    answer = client._client.get(
        f"/units/{ref}?month=2027-01&day=2027-01-05", headers={"HX-Request": "true", "HX-Target": "day"}
    )
    assert text(answer).strip().startswith('<section id="day"')


@pytest.mark.parametrize("path", ["", "/edit", "/places", "/excess"])
def test_a_foreign_unit_and_a_missing_one_are_the_same_404(sign_in, world, path):
    account = "county-lead" if path == "/excess" else "coordinator"
    client = sign_in(account)
    foreign = text(client.get(f"/units/{world['korento'].ref}{path}", status=404))
    missing = text(client.get(f"/units/UN-0000-0000{path}", status=404))
    plain = re.compile(r"UN-[0-9A-Z-]+|[\w.-]{60,}")
    assert plain.sub("", foreign) == plain.sub("", missing)


def test_another_centres_reviewer_sees_only_its_own_counties(sign_in, world):
    page = text(sign_in("other-reviewer").get("/units"))
    assert world["korento"].ref in page
    assert world["koivu"].ref not in page
    assert "Not shown: secret address" in page


def test_waiting_children_stand_beside_the_board_by_reference(app, world):
    with app.extensions["placement"].database.read_only() as session:
        found = lists.waiting(session, actor(session, "coordinator"), TODAY)
        assert [(one.ref, one.days) for one in found] == [(world["waiting"].ref, 40)]
        assert lists.waiting(session, actor(session, "reviewer"), TODAY) == []
