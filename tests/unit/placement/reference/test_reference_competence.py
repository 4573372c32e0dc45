"""Who is competent, by task, county and day (Decrees 1373/2018 and 935/2025)."""

from datetime import date

import pytest

from placement.reference import (
    NoCompetentAuthority,
    ReferenceFault,
    UnknownCode,
    authority,
    competence,
    competent_authority,
    county_codes,
    tasks,
)
from placement.reference.competence_rules import _rule
from placement.reference.rows import Row

LAST_ELY = date(2025, 12, 31)
FIRST_CENTRE = date(2026, 1, 1)
CENTRALISED = ("founding", "representative", "supervise", "reimbursement_decision")
BY_AREA = ("agree_compensation", "municipal_places", "direction")


@pytest.mark.parametrize(
    ("county", "deciding", "area"),
    [
        ("90", "edc-uusimaa", "edc-uusimaa"),
        ("01", "edc-uusimaa", "edc-uusimaa"),
        ("02", "edc-uusimaa", "edc-uusimaa"),
        ("03", "edc-uusimaa", "edc-uusimaa"),
        ("04", "edc-uusimaa", "edc-uusimaa"),
        ("09", "edc-uusimaa", "edc-kaakkois-suomi"),
        ("10", "edc-uusimaa", "edc-kaakkois-suomi"),
        ("11", "edc-uusimaa", "edc-kaakkois-suomi"),
        ("12", "edc-uusimaa", "edc-ita-suomi"),
        ("13", "edc-uusimaa", "edc-ita-suomi"),
        ("14", "edc-uusimaa", "edc-ita-suomi"),
        ("07", "edc-sisa-suomi", "edc-sisa-suomi"),
        ("08", "edc-sisa-suomi", "edc-sisa-suomi"),
        ("05", "edc-sisa-suomi", "edc-lounais-suomi"),
        ("06", "edc-sisa-suomi", "edc-lounais-suomi"),
        ("91", "edc-sisa-suomi", "edc-lounais-suomi"),
        ("15", "edc-sisa-suomi", "edc-keski-suomi"),
        ("16", "edc-sisa-suomi", "edc-etela-pohjanmaa"),
        ("19", "edc-pohjois-suomi", "edc-pohjois-suomi"),
        ("20", "edc-pohjois-suomi", "edc-pohjois-suomi"),
        ("17", "edc-pohjois-suomi", "edc-pohjanmaa"),
        ("18", "edc-pohjois-suomi", "edc-pohjanmaa"),
        ("21", "edc-pohjois-suomi", "edc-lappi"),
    ],
)
def test_from_2026_four_tasks_are_centralised_and_three_stay_in_the_area(county, deciding, area):
    assert {competent_authority(task, county, FIRST_CENTRE).key for task in CENTRALISED} == {deciding}
    assert {competent_authority(task, county, FIRST_CENTRE).key for task in BY_AREA} == {area}


def test_only_three_of_the_ten_centres_decide():
    deciding = {competent_authority("reimbursement_decision", c, FIRST_CENTRE).key for c in county_codes()}
    assert deciding == {"edc-uusimaa", "edc-sisa-suomi", "edc-pohjois-suomi"}


def test_in_lapland_the_state_side_of_one_agreement_is_two_bodies():
    assert competent_authority("founding", "21", FIRST_CENTRE).fi == "Pohjois-Suomen elinvoimakeskus"
    assert competent_authority("reimbursement_decision", "21", FIRST_CENTRE).key == "edc-pohjois-suomi"
    assert competent_authority("direction", "21", FIRST_CENTRE).fi == "Lapin elinvoimakeskus"
    assert competent_authority("agree_compensation", "21", FIRST_CENTRE).key == "edc-lappi"


@pytest.mark.parametrize("task", [*CENTRALISED, *BY_AREA])
def test_the_day_before_2026_the_ely_centre_is_competent(task):
    assert competent_authority(task, "21", LAST_ELY).key == "ely-lappi"
    assert competent_authority(task, "90", LAST_ELY).key == "ely-uusimaa"


def test_counties_that_another_ely_centre_served_are_marked_uncertain():
    served = {"06": "ely-varsinais-suomi", "07": "ely-uusimaa", "12": "ely-pohjois-savo"}
    for county, centre in served.items():
        found = competence("reimbursement_decision", county, LAST_ELY)
        assert (found.authority.key, found.certainty) == (centre, "uncertain")
    assert competence("reimbursement_decision", "13", LAST_ELY).certainty == "seen"


def test_aland_is_marked_uncertain_before_and_after_2026():
    for day in (LAST_ELY, FIRST_CENTRE):
        assert competence("reimbursement_decision", "91", day).certainty == "uncertain"


@pytest.mark.parametrize("task", ["payment", "recovery"])
@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2025, 1, 1), LAST_ELY, FIRST_CENTRE])
def test_one_agency_pays_and_orders_repayment_in_every_county(task, day):
    assert {competent_authority(task, county, day).key for county in county_codes()} == {"keha"}


def test_the_authority_carries_the_name_of_the_day():
    assert competent_authority("payment", "03", FIRST_CENTRE).fi == "Työllisyys-, kehittämis- ja hallintokeskus"
    assert "Elinkeino-" in competent_authority("payment", "03", LAST_ELY).fi


def test_the_provision_is_that_of_the_day():
    assert competence("founding", "03", date(2024, 12, 31)).task.source == "1386/2010 §28"
    assert competence("founding", "03", date(2025, 1, 1)).task.source == "681/2023 §33.3"
    assert competence("founding", "10", FIRST_CENTRE).source == "935/2025 §3.2"


def test_representatives_are_a_task_of_the_state_centre_since_2025_only():
    assert competent_authority("representative", "03", date(2025, 1, 1)).key == "ely-uusimaa"
    with pytest.raises(NoCompetentAuthority, match="for representative in county 03 on 2024-12-31"):
        competent_authority("representative", "03", date(2024, 12, 31))


def test_nobody_is_competent_before_the_counties_existed():
    assert competent_authority("founding", "03", date(2023, 1, 1)).key == "ely-uusimaa"
    with pytest.raises(NoCompetentAuthority, match=r"add a row with its source to competence\.csv"):
        competent_authority("founding", "03", date(2022, 12, 31))


def test_an_unknown_task_or_county_is_told_apart_from_no_competence():
    with pytest.raises(UnknownCode, match="no task has the code adoption"):
        competent_authority("adoption", "03", FIRST_CENTRE)
    with pytest.raises(UnknownCode, match="no county has the code 22"):
        competent_authority("founding", "22", FIRST_CENTRE)


def test_every_task_of_the_day_has_an_authority_in_every_county():
    for day in (date(2023, 1, 1), date(2024, 12, 31), date(2025, 1, 1), LAST_ELY, FIRST_CENTRE):
        for task in tasks(day):
            for county in county_codes():
                found = competent_authority(task.key, county, day)
                assert found.valid.covers(day)
                assert authority(found.key, day) == found


BASE = {
    "tasks": "founding",
    "counties": "03",
    "authority": "edc-uusimaa",
    "valid_from": "2026-01-01",
    "valid_to": "",
    "source": "935/2025 §1",
    "certainty": "seen",
}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"authority": "edc-atlantis"}, "edc-atlantis is not in state_authorities.csv"),
        ({"valid_from": "2025-12-31"}, "edc-uusimaa does not exist on all these days"),
        ({"authority": "ely-uusimaa", "valid_from": "2025-01-01"}, "does not exist on all these days"),
        ({"counties": "03 22"}, "counties names 22, which counties.csv does not have"),
        ({"counties": ""}, "counties is empty"),
        ({"tasks": "adoption"}, "tasks names adoption, which tasks.csv does not have"),
        ({"certainty": "sure"}, "certainty is 'sure'; give one of seen, inferred, uncertain"),
    ],
)
def test_a_rule_that_points_nowhere_is_a_fault(change, what):
    _rule(Row("c.csv", 9, BASE))
    with pytest.raises(ReferenceFault, match=r"c\.csv line 9") as refused:
        _rule(Row("c.csv", 9, BASE | change))
    assert what in str(refused.value)
