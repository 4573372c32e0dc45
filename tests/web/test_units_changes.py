from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.audit.tables import AuditEvent
from placement.units.tables import Unit, UnitCapacity, UnitKind, UnitLanguage, UnitService
from tests.placing import TODAY, add_child, add_stay, add_unit, town

LANGUAGES = ["fi", "sv", "en"]


def text(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def tampere(app):
    with app.extensions["placement"].database.read_only() as session:
        return str(town(session).id)


@pytest.fixture
def koivu(app):
    with app.extensions["placement"].database.transaction() as session:
        unit = add_unit(session, "Koivu", places=7)
        for n in range(3):
            add_stay(session, add_child(session, f"Lapsi{n}", waiting=False), unit)
    return unit


def stored(app, ref):
    with app.extensions["placement"].database.read_only() as session:
        return session.exec(select(Unit).where(Unit.ref == ref)).one()


def rows(app, table, **where):
    with app.extensions["placement"].database.read_only() as session:
        query = select(table)
        for name, value in where.items():
            query = query.where(getattr(table, name) == value)
        return session.exec(query).all()


def new_unit(tampere, **changes):
    values = {
        "idempotency_key": "abc",
        "name": "Uusi",
        "kind": "family_group_home",
        "municipality": tampere,
        "building": "",
        "provider": "",
        "opened_on": "1.12.2026",
        "age_min": "7",
        "age_max": "17",
        "gender": "any",
        "support_min": "1",
        "support_max": "3",
        "care_hours": "250",
        "interpreter_hours": "10",
        "language_so": "20",
        "language_fi": "0",
        "service_trauma": "5",
        "price_day": "245,50",
        "price_empty_day": "200",
        "places": "7",
        "care_workers": "7",
    }
    return {**values, **changes}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_unit_is_added_with_its_places_languages_and_prices(app, sign_in, tampere, lang):
    page = text(sign_in("coordinator", lang).post("/units/new", new_unit(tampere), follow=True))
    ref = re.search(r"UN-\w{4}-\w{4}", page).group(0)
    unit = stored(app, ref)
    assert (unit.age_min_months, unit.age_max_months, unit.price_day_cents) == (84, 215, 24_550)
    assert [(row.code, row.hours) for row in rows(app, UnitLanguage, unit_id=unit.id)] == [("fi", 0), ("so", 20)]
    assert [(row.code, row.hours) for row in rows(app, UnitService, unit_id=unit.id)] == [("trauma", 5)]
    assert [(row.places, row.care_workers) for row in rows(app, UnitCapacity, unit_id=unit.id)] == [(7, 7)]
    assert [row.action for row in rows(app, AuditEvent, object_ref=ref)] == ["unit-added"]


def test_a_unit_sent_twice_is_added_once(app, sign_in, tampere):
    client = sign_in("coordinator")
    first = client.post("/units/new", new_unit(tampere)).headers["Location"]
    assert client.post("/units/new", new_unit(tampere)).headers["Location"] == first
    assert len(rows(app, Unit, name="Uusi")) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_form_is_answered_with_every_missing_field(sign_in, lang):
    page = text(sign_in("coordinator", lang).post("/units/new", {}, status=422))
    assert page.count("govuk-error-message") >= 8
    assert 'href="#name"' in page


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"places": "8"}, None, "the law allows 7"),
        ({"age_max": "18"}, "age_max", "for ages 0 to 17"),
        ({"age_min": "17", "age_max": "7"}, "age_max", "must not be below"),
        ({"price_empty_day": "300"}, "price_empty_day", "must not cost more"),
        ({"opened_on": "31.2.2026"}, "opened_on", "for example 1.4.2026"),
        ({"places": "seven"}, "places", "whole number"),
        ({"price_day": "12,345"}, "price_day", "in euros"),
        ({"municipality": "99999"}, "municipality", "Not a valid choice"),
        ({"registered_from": "1.1.2026", "registered_to": "1.1.2025"}, "registered_to", "must not end before"),
        ({"two_carers": "y"}, "two_carers", "foster homes only"),
        ({"care_hours": "99999"}, "care_hours", "at most"),
        ({"name": "x" * 121}, "name", "at most 120"),
        ({"gender": "X"}, "gender", "Not a valid choice"),
        ({"kind": "castle"}, "kind", "Not a valid choice"),
    ],
)
def test_bad_input_is_named_at_its_field_and_the_typed_text_is_kept(app, sign_in, tampere, changes, field, said):
    page = text(sign_in("coordinator").post("/units/new", new_unit(tampere, **changes), status=422))
    assert said in page
    assert 'value="Uusi"' in page or "name" in changes
    if field:
        assert f'id="{field}-error"' in page
    assert rows(app, Unit, name="Uusi") == []


def test_a_foster_home_of_two_carers_may_have_six_places_less_its_own_children(app, sign_in, tampere):
    client = sign_in("coordinator")
    foster = {"kind": "foster_home", "two_carers": "y", "own_young_children": "1", "places": "6"}
    assert "the law allows 5" in text(client.post("/units/new", new_unit(tampere, **foster), status=422))
    client.post("/units/new", new_unit(tampere, **{**foster, "places": "5"}))
    assert len(rows(app, Unit, kind=UnitKind.FOSTER_HOME)) == 1


def test_a_second_unit_of_the_same_name_is_refused(sign_in, tampere, koivu):
    page = text(sign_in("coordinator").post("/units/new", new_unit(tampere, name="Koivu"), status=422))
    assert "has a unit of this name already" in page


def edited(page, **changes):
    """Return what a browser would send of the form that stands in the page, with some fields changed."""
    form = re.search(r'<form class="form".*?</form>', page, re.S).group(0)
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form, re.S):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        if name and (kind is None or kind.group(1) not in ("checkbox", "radio") or " checked" in tag):
            fields[name.group(1)] = value.group(1) if value else "y"
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields[name] = chosen.group(1) if chosen else ""
    for name, body in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        fields[name] = body.strip()
    fields.pop("csrf_token")
    return {**fields, **changes}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_offer_is_changed_and_what_changed_is_on_record(app, sign_in, koivu, lang):
    client = sign_in("coordinator", lang)
    page = text(client.get(f"/units/{koivu.ref}/edit"))
    client.post(f"/units/{koivu.ref}/edit", edited(page, care_hours="300", language_prs="", language_uk="12"))
    unit = stored(app, koivu.ref)
    assert (unit.care_hours, unit.version, unit.name) == (300, 2, "Koivu")
    assert {row.code for row in rows(app, UnitLanguage, unit_id=koivu.id)} == {"fi", "so", "uk"}
    event = rows(app, AuditEvent, object_ref=koivu.ref)[-1]
    assert '"care_hours":250' in event.before.replace(" ", "")
    assert '"care_hours":300' in event.after.replace(" ", "")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_change_that_somebody_made_meanwhile_shows_both_and_either_can_be_kept(app, sign_in, koivu, lang):
    mine, theirs = sign_in("coordinator", lang), sign_in("coordinator", "en")
    page = text(mine.get(f"/units/{koivu.ref}/edit"))
    theirs.post(f"/units/{koivu.ref}/edit", edited(page, care_hours="400", language_uk="5"))
    conflict = text(mine.post(f"/units/{koivu.ref}/edit", edited(page, care_hours="300"), status=409))
    assert "Kari Koskinen" in conflict
    table = re.search(r"<table.*?</table>", conflict, re.S).group(0)
    assert [value in table for value in ("250", "300", "400")] == [True, True, True]
    assert 'name="language_uk"' in table
    again = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', conflict))
    again |= {"care_hours": "300", "language_uk": "5"}
    mine.post(f"/units/{koivu.ref}/edit", again)
    assert (stored(app, koivu.ref).care_hours, stored(app, koivu.ref).version) == (300, 3)
    assert {row.code for row in rows(app, UnitLanguage, unit_id=koivu.id)} == {"fi", "so", "prs", "uk"}


def test_a_closing_day_while_children_live_there_is_refused(app, sign_in, koivu):
    client = sign_in("coordinator")
    page = text(client.get(f"/units/{koivu.ref}/edit"))
    answer = text(client.post(f"/units/{koivu.ref}/edit", edited(page, closed_on="31.12.2026"), status=422))
    assert "On 1 January 2027 3 places are taken or held" in answer
    assert stored(app, koivu.ref).closed_on is None


EXCESS = {"extra_places": "1", "valid_from": "1.12.2026", "valid_to": "10.12.2026", "reason": "Hätäsijoitus"}


def places_form(**changes):
    return {"version": "1", "valid_from": "1.12.2026", "valid_to": "", "places": "5", "care_workers": "7", **changes}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_places_are_set_for_some_days_and_come_back(app, sign_in, koivu, lang):
    client = sign_in("coordinator", lang)
    client.post(f"/units/{koivu.ref}/places", places_form(valid_to="31.12.2026"), follow=False)
    found = [(row.valid_from.isoformat(), row.places) for row in rows(app, UnitCapacity, unit_id=koivu.id)]
    assert sorted(found) == [("2024-01-01", 7), ("2026-12-01", 5), ("2027-01-01", 7)]
    assert text(client.get(f"/units/{koivu.ref}/places"))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"places": "8"}, 422),
        ({"places": "2"}, 422),
        ({"valid_from": "1.1.2026"}, 422),
        ({"valid_to": "1.11.2026"}, 422),
        ({"valid_from": ""}, 422),
        ({"version": "0"}, 409),
        ({"version": "x"}, 409),
    ],
)
def test_places_that_cannot_be_are_refused_and_nothing_is_saved(app, sign_in, koivu, changes, status):
    page = text(sign_in("coordinator").post(f"/units/{koivu.ref}/places", places_form(**changes), status=status))
    assert "govuk-error-summary" in page
    assert [row.places for row in rows(app, UnitCapacity, unit_id=koivu.id)] == [7]


def test_a_ceiling_is_passed_only_after_the_county_lead_allowed_it(app, sign_in, koivu):
    coordinator, lead = sign_in("coordinator"), sign_in("county-lead")
    wanted = places_form(places="8", valid_to="10.12.2026")
    assert "the law allows 7" in text(coordinator.post(f"/units/{koivu.ref}/places", wanted, status=422))
    lead.post(
        f"/units/{koivu.ref}/excess",
        {**EXCESS, "idempotency_key": "k"},
    )
    coordinator.post(f"/units/{koivu.ref}/places", wanted)
    page = text(coordinator.get(f"/units/{koivu.ref}?day=2026-12-05&month=2026-12"))
    assert "1 place more" in page
    assert "5 of 8 free" in page


@pytest.mark.parametrize(
    "changes",
    [{"extra_places": "0"}, {"valid_to": ""}, {"reason": ""}, {"valid_from": "1.1.2020"}, {"valid_to": "1.1.2020"}],
)
def test_an_excess_without_end_reason_or_number_is_refused(sign_in, koivu, changes):
    page = text(sign_in("county-lead").post(f"/units/{koivu.ref}/excess", {**EXCESS, **changes}, status=422))
    assert "govuk-error-summary" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_refusals_are_said_in_each_language(app, sign_in, koivu, lang):
    coordinator, lead = sign_in("coordinator", lang), sign_in("county-lead", lang)
    for changes in ({"places": "8"}, {"places": "2"}, {"valid_from": "1.1.2026"}, {"valid_to": "1.11.2026"}):
        coordinator.post(f"/units/{koivu.ref}/places", places_form(**changes), status=422)
    coordinator.post(f"/units/{koivu.ref}/places", places_form(version="0"), status=409)
    lead.post(f"/units/{koivu.ref}/excess", {**EXCESS, "valid_to": ""}, status=422)
    coordinator.get("/units/new")
    with app.extensions["placement"].database.read_only() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.object_kind == "unit")).all() == []


def test_only_those_who_may_change_units_find_the_forms(sign_in, koivu):
    worker = sign_in("social-worker")
    assert "/edit" not in text(worker.get(f"/units/{koivu.ref}"))
    worker.get("/units/new", status=403)
    worker.post(f"/units/{koivu.ref}/places", places_form(), status=403)
    sign_in("coordinator").get(f"/units/{koivu.ref}/excess", status=403)


def test_a_stay_that_ends_lets_places_be_lowered_from_that_day(app, sign_in, tampere):
    with app.extensions["placement"].database.transaction() as session:
        unit = add_unit(session, "Haapa", places=2)
        add_stay(session, add_child(session, "Yksi", waiting=False), unit, end=TODAY + timedelta(days=7))
    client = sign_in("coordinator")
    client.post(f"/units/{unit.ref}/places", places_form(places="0", valid_from="30.11.2026"), status=422)
    client.post(f"/units/{unit.ref}/places", places_form(places="0", valid_from="1.12.2026"))
