"""Whom each chapter of an agreement needs, by kind and day."""

from datetime import date

import pytest

from placement import reference
from placement.reference import NotInForce, ReferenceFault, UnknownCode, heard, required_parties, signatories
from placement.reference.agreement_rules import _party
from placement.reference.rows import Row

OLD, NEW = date(2024, 12, 31), date(2025, 1, 1)


def roles(kind, on, chapter=None, **place):
    return {
        (party.side, party.role) for party in required_parties(kind, on, **place) if chapter in (None, party.chapter)
    }


@pytest.mark.parametrize("day", [date(2023, 1, 1), OLD, NEW, date(2026, 11, 24)])
def test_county_and_state_found_a_home_and_the_municipality_is_heard(day):
    assert roles("founding", day) == {
        ("county", "signatory"),
        ("state", "signatory"),
        ("municipality", "heard"),
    }


def test_the_provision_on_founding_changed_with_2025():
    assert {party.source for party in required_parties("founding", OLD)} == {"1386/2010 §28"}
    assert {party.source for party in required_parties("founding", NEW)} == {"681/2023 §33.3"}


def test_the_three_party_agreement_has_four_chapters_with_their_own_parties():
    assert roles("three_party", NEW, "founding") == {
        ("county", "signatory"),
        ("state", "signatory"),
        ("municipality", "heard"),
    }
    assert roles("three_party", NEW, "placing") == {
        ("county", "signatory"),
        ("state", "signatory"),
        ("municipality", "signatory"),
    }
    assert roles("three_party", NEW, "services") == {("county", "signatory"), ("municipality", "signatory")}
    assert roles("three_party", NEW, "reimbursement") == {("county", "signatory"), ("state", "signatory")}
    chapters = [party.chapter for party in required_parties("three_party", NEW)]
    assert list(dict.fromkeys(chapters)) == ["founding", "placing", "services", "reimbursement"]


def test_the_three_party_agreement_cannot_be_made_before_2025():
    with pytest.raises(NotInForce):
        required_parties("three_party", OLD)


def test_the_agreement_of_section_28_ended_with_2024_and_had_three_signatories_beside_founding():
    assert roles("legacy_28", OLD, "placing") == roles("legacy_28", OLD, "services")
    assert roles("legacy_28", OLD, "services") == {
        ("county", "signatory"),
        ("municipality", "signatory"),
        ("state", "signatory"),
    }
    assert ("municipality", "heard") in roles("legacy_28", OLD, "founding")
    with pytest.raises(NotInForce):
        required_parties("legacy_28", NEW)


def test_municipal_places_are_agreed_by_municipality_and_state_with_the_county_heard():
    assert signatories("municipal_places", NEW) == ("municipality", "state")
    assert heard("municipal_places", NEW) == ("county",)


def test_on_aland_the_health_authority_is_heard_instead_of_a_county():
    assert signatories("municipal_places", NEW, aland=True) == ("municipality", "state")
    assert heard("municipal_places", NEW, aland=True) == ("aland_health_authority",)
    assert required_parties("founding", NEW, aland=True) == []


@pytest.mark.parametrize("kind", ["direction", "foster_care"])
def test_direction_of_a_named_child_needs_all_three(kind):
    assert set(signatories(kind, NEW)) == {"state", "municipality", "county"}
    assert heard(kind, NEW) == ()
    with pytest.raises(NotInForce):
        required_parties(kind, OLD)


def test_a_purchase_contract_is_between_county_and_provider():
    assert set(signatories("purchase", NEW)) == {"county", "provider"}


def test_the_state_side_names_the_task_that_finds_the_authority():
    day = date(2026, 1, 1)
    tasks = {p.chapter: p.task for p in required_parties("three_party", day) if p.side == "state"}
    assert tasks == {
        "founding": "founding",
        "placing": "direction",
        "reimbursement": "agree_compensation",
    }
    bodies = {reference.competent_authority(task, "21", day).key for task in tasks.values()}
    assert bodies == {"edc-pohjois-suomi", "edc-lappi"}


def test_every_kind_that_can_be_made_needs_at_least_two_sides():
    for day in (date(2023, 1, 1), OLD, NEW, date(2026, 11, 24)):
        for kind in reference.agreement_kinds(day):
            assert len(signatories(kind.key, day)) >= 2, (kind.key, day)


def test_an_unknown_kind_is_refused():
    with pytest.raises(UnknownCode):
        required_parties("treaty", NEW)
    with pytest.raises(UnknownCode):
        reference.agreement_kind("treaty", NEW)


PARTY = {
    "kind": "founding",
    "chapter": "founding",
    "side": "state",
    "role": "signatory",
    "task": "founding",
    "where": "all",
    "valid_from": "2025-01-01",
    "valid_to": "",
    "source": "681/2023 §33.3",
}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"task": ""}, "the state side, and only it, has a task"),
        ({"side": "county"}, "the state side, and only it, has a task"),
        ({"task": "adoption"}, "task adoption is not in tasks.csv"),
        ({"role": "witness"}, "give one of signatory, heard"),
    ],
)
def test_a_faulty_party_row_is_named(change, what):
    _party(Row("p.csv", 6, PARTY))
    with pytest.raises(ReferenceFault, match=r"p\.csv line 6") as refused:
        _party(Row("p.csv", 6, PARTY | change))
    assert what in str(refused.value)
