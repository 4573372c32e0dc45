from __future__ import annotations

import re
from datetime import timedelta

import pytest

from placement.children.tables import CaseRelation, RelationKind
from tests.client import JudgingClient
from tests.web.children_world import TODAY, looks, make_child, make_stay, make_unit, person


@pytest.fixture
def world(app):
    database = app.extensions["placement"].database
    with database.transaction() as session:
        unit = make_unit(session, name="Kotipesä")
        found = {
            "own": make_child(session, worker="social-worker", waiting_since=TODAY - timedelta(days=40)),
            "placed": make_child(session, last_name="Muuttolintu"),
            "waiting": make_child(session, last_name="Odottaja", waiting_since=TODAY),
            "protected": make_child(session, last_name="Suojattu", waiting_since=TODAY, protected=True),
            "foreign": make_child(session, county_code="04", last_name="Vieras", waiting_since=TODAY),
        }
        make_stay(session, found["placed"], unit, TODAY - timedelta(days=100))
        make_stay(session, found["protected"], unit, TODAY - timedelta(days=10))
    return found


def text(answer):
    return answer.get_data(as_text=True)


def number_of_looks(app, child):
    with app.extensions["placement"].database.read_only() as session:
        return len(looks(session, child))


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_list_shows_own_children_by_name_and_others_by_reference(app, sign_in, world, lang):
    page = text(sign_in("social-worker", lang).get("/children"))
    assert world["own"].last_name in page
    assert "Muuttolintu" not in page
    assert world["placed"].ref in page


def test_the_list_never_shows_a_child_of_another_county(sign_in, world):
    page = text(sign_in("social-worker").get("/children?size=100"))
    assert world["foreign"].ref not in page
    assert "Vieras" not in page


def test_each_name_in_the_list_has_its_row_in_the_use_log_and_no_other_child_has(app, sign_in, world):
    sign_in("social-worker").get("/children")
    assert number_of_looks(app, world["own"]) == 1
    assert number_of_looks(app, world["waiting"]) == 1
    assert number_of_looks(app, world["placed"]) == 0
    assert number_of_looks(app, world["protected"]) == 0


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
@pytest.mark.parametrize(
    "query", ["?status=placed", "?q=CH-ZZZZ", "?worker=me&sort=age&order=desc&size=25", "?coming=adult"]
)
def test_every_filter_of_the_list_gives_a_page(sign_in, world, lang, query):
    client = sign_in("coordinator", lang)
    client.get("/children" + query)
    client.get("/children" + query, htmx=True)


KNOWN_SORTS = ("ref", "age", "status", "unit", "worker")


@pytest.mark.parametrize("sort", [*KNOWN_SORTS, "first_name;--", "' OR 1=1"])
def test_the_list_sorts_by_what_it_knows_only(sign_in, world, sort):
    client = sign_in("social-worker")
    plain, sorted_ = (re.findall(r'id="row-(CH-[\w-]+)"', text(client.get(url))) for url in
                      ("/children", f"/children?sort={sort}&order=desc"))  # fmt: skip
    assert sorted(plain) == sorted(sorted_)
    assert plain
    if sort == "ref":
        assert sorted_ == sorted(plain, reverse=True)
    if sort not in KNOWN_SORTS:
        assert sorted_ == plain


def test_a_protected_child_is_not_found_by_the_kind_of_its_place(sign_in, world):
    page = text(sign_in("coordinator").get("/children?kind=family_group_home"))
    assert world["placed"].ref in page
    assert world["protected"].ref not in page


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_record_of_an_own_child_opens_and_the_look_is_logged(app, sign_in, world, lang):
    client = sign_in("social-worker", lang)
    page = text(client.get(f"/children/{world['own'].ref}"))
    assert world["own"].last_name in page
    with app.extensions["placement"].database.read_only() as session:
        rows = looks(session, world["own"])
        assert [(row.relation, row.data_used, row.endpoint) for row in rows] == [("case", "record", "children.show")]


def test_no_name_stands_in_a_title_or_an_address(sign_in, world):
    page = text(sign_in("social-worker").get(f"/children/{world['own'].ref}"))
    title = page.split("<title>")[1].split("</title>")[0]
    assert world["own"].last_name not in title
    assert world["own"].ref in title


@pytest.mark.parametrize("page", ["", "/history", "/edit/needs"])
@pytest.mark.parametrize("account", ["social-worker"])
def test_a_foreign_child_and_a_missing_one_are_the_same_404(sign_in, world, page, account):
    client = sign_in(account)
    foreign = text(client.get(f"/children/{world['foreign'].ref}{page}", status=404))
    missing = text(client.get(f"/children/CH-0000-0000{page}", status=404))
    assert foreign.replace(world["foreign"].ref, "CH-0000-0000").count("CH-0000-0000") == missing.count("CH-0000-0000")
    assert len(foreign) == len(missing)


@pytest.mark.parametrize("account", ["claims-officer", "reviewer", "payer", "administrator", "county-signatory"])
def test_roles_that_work_without_children_get_none(sign_in, world, account):
    client = sign_in(account)
    client.get("/children", status=403)
    client.get(f"/children/{world['own'].ref}", status=403)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_child_without_a_relation_asks_for_the_purpose_and_shows_nothing(app, sign_in, world, lang):
    page = text(sign_in("social-worker", lang).get(f"/children/{world['placed'].ref}", status=403))
    assert "Muuttolintu" not in page
    assert "Kotipesä" not in page
    assert number_of_looks(app, world["placed"]) == 0


def test_a_stated_purpose_opens_the_record_for_an_hour_and_is_logged(app, sign_in, make_app, world):
    client = sign_in("social-worker")
    ref = world["placed"].ref
    page = client.post(
        f"/children/{ref}/purpose",
        {"purpose": "On duty, the night unit called", "next": f"/children/{ref}"},
        follow=True,
    )
    assert "Muuttolintu" in text(page)
    with app.extensions["placement"].database.read_only() as session:
        rows = looks(session, world["placed"])
    assert [(row.relation, row.grant_id is not None) for row in rows] == [("purpose", True)]
    later = JudgingClient(make_app(PLACEMENT_CLOCK="2026-11-24T10:01:00+00:00"), lang="en")
    later.sign_in("social-worker")
    later.get(f"/children/{ref}", status=403)


def test_a_purpose_of_one_word_is_not_enough(sign_in, world):
    page = text(sign_in("social-worker").post(f"/children/{world['placed'].ref}/purpose", {"purpose": "x"}, status=422))
    assert "at least 10 characters" in page


def test_a_purpose_for_a_foreign_child_is_refused_as_missing(sign_in, world):
    sign_in("social-worker").post(
        f"/children/{world['foreign'].ref}/purpose", {"purpose": "I would like to know"}, status=404
    )


def test_a_purpose_leads_back_to_our_own_pages_only(sign_in, world):
    ref = world["placed"].ref
    answer = sign_in("social-worker").post(
        f"/children/{ref}/purpose", {"purpose": "On duty, unit called", "next": "https://evil.example/"}
    )
    assert answer.headers["Location"] == "/today"


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_protected_child_shows_neither_name_nor_unit_before_a_reason(sign_in, world, lang):
    client = sign_in("coordinator", lang)
    ref = world["protected"].ref
    for url in (f"/children/{ref}", f"/children/{ref}/history", "/children", "/waiting", "/today"):
        page = text(client.get(url))
        assert "Suojattu" not in page, url
    assert "Kotipesä" not in text(client.get(f"/children/{ref}"))


def test_a_reason_opens_a_protected_identity_and_the_look_rests_on_it(app, sign_in, world):
    client = sign_in("coordinator")
    ref = world["protected"].ref
    page = client.post(f"/children/{ref}/reveal", {"purpose": "A safe place must be found today"}, follow=True)
    assert "Suojattu" in text(page)
    with app.extensions["placement"].database.read_only() as session:
        assert looks(session, world["protected"])[-1].relation == "purpose"


def test_stating_a_purpose_does_not_reveal_a_protected_identity(sign_in, world):
    client = sign_in("county-lead")
    ref = world["protected"].ref
    page = client.post(f"/children/{ref}/purpose", {"purpose": "Checking the queue today"}, follow=True)
    assert "Suojattu" not in text(page)


def test_a_relation_in_the_register_opens_the_child_on_its_days_only(app, sign_in, world):
    child = world["placed"]
    with app.extensions["placement"].database.transaction() as session:
        session.add(
            CaseRelation(
                child_id=child.id,
                user_id=person(session, "social-worker").id,
                kind=RelationKind.CASE,
                valid_from=TODAY - timedelta(days=9),
                valid_to=TODAY - timedelta(days=1),
            )
        )
    client = sign_in("social-worker")
    client.get(f"/children/{child.ref}", status=403)
    with app.extensions["placement"].database.transaction() as session:
        session.add(
            CaseRelation(
                child_id=child.id,
                user_id=person(session, "social-worker").id,
                kind=RelationKind.CASE,
                valid_from=TODAY - timedelta(days=9),
                valid_to=TODAY,
            )
        )
    client.get(f"/children/{child.ref}")


def test_a_child_is_found_by_identity_code_only_by_post(app, sign_in):
    with app.extensions["placement"].database.transaction() as session:
        child = make_child(session, worker="social-worker", identity_code="010514A900Y")
    client = sign_in("social-worker")
    assert client.post("/children/find", {"code": " 010514a900y "}).headers["Location"] == f"/children/{child.ref}"
    assert client.post("/children/find", {"code": "nothing"}).headers["Location"] == "/children"


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_access_log_tells_who_looked_to_those_who_oversee(sign_in, world, lang):
    sign_in("social-worker").get(f"/children/{world['own'].ref}")
    ref = world["own"].ref
    for account in ("county-lead", "auditor"):
        page = text(sign_in(account, lang).get(f"/children/{ref}/access-log"))
        assert "Liisa Lehtinen" in page
        assert world["own"].last_name not in page
    sign_in("auditor").get(f"/children/{world['foreign'].ref}/access-log", status=404)
    sign_in("social-worker").get(f"/children/{ref}/access-log", status=403)


EMPTY = {
    "fi": ("Ei vielä lapsia. Lisää ensimmäinen ja etsi paikka.", "Kaikilla on paikka tai ehdotus."),
    "sv": ("Inga barn ännu. Lägg till det första och sök en plats.", "Alla har en plats eller ett förslag."),
    "en": ("No children yet. Add the first one and look for a place.", "Everyone has a place or a proposal."),
}


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_an_empty_list_says_what_belongs_there(sign_in, lang):
    client = sign_in("social-worker", lang)
    nobody, everyone = EMPTY[lang]
    assert nobody in text(client.get("/children"))
    assert everyone in text(client.get("/waiting"))
