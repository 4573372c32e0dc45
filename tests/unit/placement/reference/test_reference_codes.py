"""Code lists and their catalogues."""

from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import placement
from placement import reference
from placement.reference import UnknownCode

TODAY = date(2026, 11, 24)


def catalogue(language):
    path = Path(placement.__file__).parent / "translations" / language / "reference.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_message_of_the_tables_is_translated(language):
    found = {entry.id: entry for entry in catalogue(language) if entry.id}
    assert set(found) == set(reference.messages())
    for entry in found.values():
        assert entry.string, entry.id
        assert not entry.fuzzy, entry.id


def test_finnish_and_swedish_are_not_the_english_text():
    for language in ("fi", "sv"):
        same = [entry.id for entry in catalogue(language) if entry.id and entry.string == entry.id]
        assert same == []


def test_glossary_terms_are_used():
    fi, sv = catalogue("fi"), catalogue("sv")
    assert fi.get("Family group home").string == "Perheryhmäkoti"
    assert sv.get("Family group home").string == "Familjegrupphem"
    assert fi.get("Founding agreement").string == "Perustamissopimus"
    assert sv.get("Placement decision").string == "Beslut om ordnande av boende"


def test_every_language_has_a_name_in_the_three_languages():
    for one in reference.languages(TODAY):
        names = [one.name(language) for language in ("fi", "sv", "en")]
        assert all(names), one.code


@pytest.mark.parametrize(
    ("code", "fi", "sv", "en", "right_to_left"),
    [
        ("prs", "dari", "dari", "Dari", True),
        ("ckb", "soranî", "centralkurdiska", "Central Kurdish", True),
        ("so", "somali", "somaliska", "Somali", False),
        ("ti", "tigrinja", "tigrinja", "Tigrinya", False),
    ],
)
def test_languages_that_babel_calls_otherwise_have_a_name_too(code, fi, sv, en, right_to_left):
    one = reference.language(code, TODAY)
    assert (one.name("fi"), one.name("sv"), one.name("en")) == (fi, sv, en)
    assert one.right_to_left is right_to_left


def test_an_unknown_language_or_service_is_refused():
    with pytest.raises(UnknownCode):
        reference.language("tlh", TODAY)
    with pytest.raises(UnknownCode):
        reference.service("wizardry", TODAY)


def test_services_are_counted_in_hours_except_access():
    uncounted = [one.key for one in reference.services(TODAY) if not one.counted_in_hours]
    assert uncounted == ["wheelchair"]
    assert {"psychiatric", "trauma", "prep_education", "substance", "school_support"} <= {
        one.key for one in reference.services(TODAY)
    }


def test_a_list_gives_its_codes_in_order_and_another_name_is_refused():
    assert [code.key for code in reference.codes("chapter", TODAY)] == [
        "founding",
        "placing",
        "services",
        "reimbursement",
    ]
    assert reference.code_label("party_role", "heard", TODAY) == "Is heard"
    with pytest.raises(UnknownCode, match="no code list is called spells"):
        reference.codes("spells", TODAY)


def test_every_name_the_package_offers_exists():
    assert [name for name in reference.__all__ if not hasattr(reference, name)] == []
    assert len(set(reference.__all__)) == len(reference.__all__)
