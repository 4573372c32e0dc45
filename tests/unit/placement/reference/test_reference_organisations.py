"""Counties, Helsinki, Åland, municipalities and authorities by day."""

import csv
import os
from datetime import date
from pathlib import Path

import pytest

from placement import reference
from placement.reference import NotInForce, ReferenceFault, UnknownCode
from placement.reference.organisations import _municipality
from placement.reference.rows import Row
from placement.reference.state_authorities import _succession

TODAY = date(2026, 11, 24)


def test_there_are_21_counties_helsinki_and_aland():
    kinds = [county.kind for county in reference.counties(TODAY)]
    assert kinds.count("wellbeing_services_county") == 21
    assert kinds.count("city") == 1
    assert kinds.count("province") == 1


def test_there_are_308_municipalities_each_in_a_county_that_exists():
    places = reference.municipalities(TODAY)
    assert len(places) == 308
    assert len({place.code for place in places}) == 308
    by_county = sum(len(reference.municipalities(TODAY, code)) for code in reference.county_codes())
    assert by_county == 308


def test_helsinki_is_one_body_as_county_and_as_municipality():
    county = reference.county("90", TODAY)
    place = reference.municipality("091", TODAY)
    assert county.body == place.body == "municipality-091"
    assert county.same_as_municipality == place.code
    assert place.county == county.code


def test_espoo_and_its_county_are_two_bodies():
    assert reference.municipality("049", TODAY).body != reference.county("03", TODAY).body


def test_on_aland_the_municipality_claims_and_elsewhere_the_county_does():
    assert reference.claiming_body("91", "478", TODAY) == "municipality-478"
    assert reference.claiming_body("03", "049", TODAY) == "county-03"
    assert reference.claiming_body("90", "091", TODAY) == "municipality-091"


def test_a_claim_for_a_municipality_of_another_county_is_refused():
    with pytest.raises(ValueError, match="municipality 049 is in county 03, not 90"):
        reference.claiming_body("90", "049", TODAY)


@pytest.mark.parametrize(
    ("code", "languages"),
    [
        ("90", ("fi", "sv")),
        ("01", ("fi", "sv")),
        ("02", ("fi",)),
        ("03", ("fi", "sv")),
        ("04", ("fi", "sv")),
        ("05", ("fi", "sv")),
        ("10", ("fi", "sv")),
        ("17", ("sv", "fi")),
        ("18", ("fi", "sv")),
        ("21", ("fi",)),
        ("91", ("sv",)),
    ],
)
def test_a_county_is_bilingual_when_a_municipality_is(code, languages):
    assert reference.county_languages(code, TODAY) == languages


def test_coordinates_lie_in_finland():
    for place in reference.municipalities(TODAY):
        assert 59.7 < place.latitude < 70.1, place.code
        assert 19.3 < place.longitude < 31.6, place.code


def test_a_municipality_is_found_by_any_of_its_names():
    for name in ("Turku", "åbo", " TURKU "):
        assert reference.municipality_named(name, TODAY).code == "853"
    with pytest.raises(UnknownCode, match="no municipality is called 'Atlantis'"):
        reference.municipality_named("Atlantis", TODAY)


def test_counties_begin_with_2023():
    assert reference.county("03", date(2023, 1, 1)).fi == "Länsi-Uudenmaan hyvinvointialue"
    with pytest.raises(NotInForce):
        reference.county("03", date(2022, 12, 31))


def test_employment_areas_begin_with_2025():
    area = reference.municipality("049", TODAY).employment_area
    assert reference.employment_area(area, date(2025, 1, 1)).sv == "Esbo-Grankulla"
    with pytest.raises(NotInForce):
        reference.employment_area(area, date(2024, 12, 31))


def test_unknown_codes_are_refused():
    for lookup in (
        lambda: reference.county("22", TODAY),
        lambda: reference.municipality("000", TODAY),
        lambda: reference.region("99", TODAY),
        lambda: reference.municipalities(TODAY, "22"),
    ):
        with pytest.raises(UnknownCode):
            lookup()


def test_names_come_in_three_languages_and_no_other():
    place = reference.municipality("049", TODAY)
    assert [place.name(language) for language in ("fi", "sv", "en")] == ["Espoo", "Esbo", "Espoo"]
    with pytest.raises(ValueError, match="no name in 'de'"):
        place.name("de")


def test_a_municipality_in_a_county_that_does_not_exist_is_a_fault():
    cells = {"code": "001", "languages": "fi", "county": "22", "region": "01", "employment_area": "01"}
    with pytest.raises(ReferenceFault, match=r"m\.csv line 7: county 22 is in no row"):
        _municipality(Row("m.csv", 7, cells))


def test_fifteen_ely_centres_until_2025_and_ten_centres_from_2026():
    last, first = date(2025, 12, 31), date(2026, 1, 1)
    assert len(reference.authorities(last, "ely_centre")) == 15
    assert len(reference.authorities(last, "economic_development_centre")) == 0
    assert len(reference.authorities(first, "ely_centre")) == 0
    assert len(reference.authorities(first, "economic_development_centre")) == 10


@pytest.mark.parametrize(
    ("day", "fi"),
    [
        (
            date(2024, 12, 31),
            "Elinkeino-, liikenne- ja ympäristökeskusten sekä työ- ja elinkeinotoimistojen kehittämis- ja "
            "hallintokeskus",
        ),
        (date(2025, 1, 1), "Elinkeino-, liikenne- ja ympäristökeskusten kehittämis- ja hallintokeskus"),
        (date(2025, 12, 31), "Elinkeino-, liikenne- ja ympäristökeskusten kehittämis- ja hallintokeskus"),
        (date(2026, 1, 1), "Työllisyys-, kehittämis- ja hallintokeskus"),
    ],
)
def test_the_paying_agency_keeps_its_key_and_changes_its_name(day, fi):
    assert reference.authority(reference.PAYING_AGENCY, day).fi == fi


def test_the_supervisory_agency_follows_valvira_and_the_regional_agencies():
    last, first = date(2025, 12, 31), date(2026, 1, 1)
    assert reference.authority("valvira", last).short_fi == "Valvira"
    assert len(reference.authorities(last, "regional_state_agency")) == 6
    with pytest.raises(NotInForce):
        reference.authority("lvv", last)
    assert reference.authority("lvv", first).sv == "Tillstånds- och tillsynsverket"
    assert [one.key for one in reference.successors("valvira", first)] == ["lvv"]
    assert [one.key for one in reference.successors("avi-lappi", first)] == ["lvv"]


def test_nobody_has_taken_over_from_an_ely_centre_before_2026():
    assert reference.successors("ely-uusimaa", date(2025, 12, 31)) == ()
    assert [one.key for one in reference.successors("ely-uusimaa", date(2026, 1, 1))] == ["edc-uusimaa"]


def test_hame_was_split_between_two_successors_by_county():
    first = date(2026, 1, 1)
    assert {one.key for one in reference.successors("ely-hame", first)} == {
        "edc-sisa-suomi",
        "edc-kaakkois-suomi",
    }
    assert reference.successor("ely-hame", "07", first).key == "edc-sisa-suomi"
    assert reference.successor("ely-hame", "09", first).key == "edc-kaakkois-suomi"
    assert reference.successor("ely-hame", "09", date(2025, 12, 31)).key == "ely-hame"
    with pytest.raises(UnknownCode, match="nobody took over from ely-hame in county 21"):
        reference.successor("ely-hame", "21", first)


def test_every_ely_centre_has_a_successor_in_every_county_of_its_area():
    for county in reference.county_codes():
        heirs = {
            reference.successor(one.key, county, date(2026, 1, 1)).key
            for one in reference.authorities(date(2025, 12, 31), "ely_centre")
            if _took_over(one.key, county)
        }
        assert len(heirs) == 1, county


def _took_over(key: str, county: str) -> bool:
    try:
        reference.successor(key, county, date(2026, 1, 1))
    except UnknownCode:
        return False
    return True


def test_a_succession_from_an_authority_that_does_not_exist_is_a_fault():
    row = Row("s.csv", 4, {"predecessor": "ely-atlantis", "successor": "lvv", "counties": "01"})
    with pytest.raises(ReferenceFault, match=r"s\.csv line 4: predecessor ely-atlantis is not in"):
        _succession(row)


def _public_data() -> Path | None:
    named = os.environ.get("PLACEMENT_SHARED_DATA")
    beside = [folder / "shared" / "data" for folder in Path(__file__).parents]
    for place in [Path(named), *beside] if named else beside:
        if (place / "finland" / "municipalities-2026.csv").exists():
            return place / "finland"
    return None


def test_municipalities_agree_with_the_public_classification():
    folder = _public_data()
    if folder is None:
        pytest.skip("the public classification is not at hand")
    with (folder / "municipalities-2026.csv").open(encoding="utf-8") as file:
        public = list(csv.DictReader(file))
    assert len(public) == 308
    status = {"0": ("fi",), "1": ("fi", "sv"), "2": ("sv",), "3": ("sv", "fi")}
    for row in public:
        ours = reference.municipality(row["code"], TODAY)
        assert (ours.fi, ours.sv, ours.en) == (row["fi"].strip(), row["sv"].strip(), row["en"].strip())
        assert (ours.county, ours.region) == (row["county"], row["region"])
        assert ours.languages == status[row["language_status"]]
        assert int(ours.employment_area) == int(row["employment_area"])
        assert (ours.latitude, ours.longitude) == (float(row["lat"]), float(row["lon"]))
