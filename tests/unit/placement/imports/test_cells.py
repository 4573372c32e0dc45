"""What people write in cells, and what the importer makes of it."""

from __future__ import annotations

from datetime import date

import pytest

from placement.imports import cells
from placement.imports.columns import Column, match, read_rows
from placement.imports.sheet import Row, Sheet
from placement.imports.words import fold, vocabulary
from placement.refusals import Refusal

WORDS = vocabulary(date(2026, 11, 24), "en", {"building": {"7": ("Metsäkoto",)}, "provider": {}, "worker": {}})


@pytest.mark.parametrize(
    "text", ["1.4.2026", "01.04.2026", "1/4/2026", "2026-04-01", "2026-04-01 00:00:00", "1. 4. 2026"]
)
def test_a_day_is_understood_as_people_write_it(text):
    assert cells.day(text, WORDS) == date(2026, 4, 1)


@pytest.mark.parametrize(("text", "cents"), [("1 234,50", 123_450), ("245.5", 24_550), ("12 €", 1_200), ("0", 0)])
def test_a_sum_is_understood_as_people_write_it(text, cents):
    assert cells.cents(text, WORDS) == cents


@pytest.mark.parametrize("text", ["Tampere", "TAMMERFORS", " tampere ", "837"])
def test_a_municipality_is_known_by_any_name_and_its_code(text):
    assert cells.one_of("municipality")(text, WORDS) == "837"


def test_a_code_that_lost_its_zeros_in_a_spreadsheet_is_known():
    assert cells.one_of("municipality")("91", WORDS) == cells.one_of("municipality")("091", WORDS) == "091"


@pytest.mark.parametrize("text", ["kyllä", "Ja", "YES", "x", "1"])
def test_yes_is_yes_in_each_language(text):
    assert cells.yes_no(text, WORDS) is True


@pytest.mark.parametrize("text", ["ei", "nej", "No", "-", "0"])
def test_no_is_no_in_each_language(text):
    assert cells.yes_no(text, WORDS) is False


@pytest.mark.parametrize(
    "text", ["somali 5; suomi 2", "so 5, fi 2", "Somaliska: 5\nfinska=2", "somali (5); Finnish 2;"]
)
def test_languages_are_listed_as_people_list_them(text):
    read = cells.listed("language", low=1, high=5, without=None)
    assert read(text, WORDS) == (("so", 5), ("fi", 2))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("somali", "cell-item-number"),
        ("klingon 5", "cell-language-unknown"),
        ("5", "cell-language-unknown"),
        ("somali 6", "cell-item-range"),
        ("somali 0", "cell-item-range"),
        ("somali 5; so 4", "cell-item-twice"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_its_reason(text, code):
    with pytest.raises(Refusal) as refused:
        cells.listed("language", low=1, high=5, without=None)(text, WORDS)
    assert refused.value.code == code


def test_services_without_hours_are_there_and_not_metered():
    read = cells.listed("service", low=0, high=168, without=0)
    assert read("trauma 2; wheelchair; Preparatory teaching", WORDS) == (
        ("trauma", 2), ("wheelchair", 0), ("prep_education", 0)
    )  # fmt: skip


@pytest.mark.parametrize("text", ["31.2.2026", "yesterday", "1.4.26", "2026-13-01", "45000"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(Refusal, match="cell-day"):
        cells.day(text, WORDS)


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("7,0", 7), ("7.00", 7), ("1 000", 1_000)])
def test_a_whole_number_may_carry_a_fraction_of_zeros(text, number):
    assert cells.whole(text, WORDS) == number


@pytest.mark.parametrize("text", ["7,5", "-7", "seven", "7.7.2026", "1e9", "٧"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(Refusal, match="cell-whole"):
        cells.whole(text, WORDS)


def test_names_are_compared_without_accents_capitals_and_signs():
    assert fold("Hémilö – tunnus!") == fold("HEMILO tunnus")


COLUMNS = (
    Column("name", "Name", "", cells.text(10), needed=True, other_names=("nimi",)),
    Column("day", "Day", "", cells.day),
)


def sheet_of(*rows: tuple[str, ...]) -> Sheet:
    return Sheet(Row(1, rows[0]), tuple(Row(number, row) for number, row in enumerate(rows[1:], start=2)))


def test_columns_are_found_by_name_wherever_they_stand():
    table = sheet_of(("DAY", " Nimi "), ("1.4.2026", "Koivu"))
    found = match(table, COLUMNS, "en")
    assert found.problems == ()
    assert read_rows(table, COLUMNS, found, WORDS)[0].values == {"name": "Koivu", "day": date(2026, 4, 1)}


def test_every_problem_of_the_header_is_named_at_once():
    found = match(sheet_of(("Day", "day", "Daay", "Colour", ""), ("", "", "", "", "x")), COLUMNS, "en")
    assert [(one.fault.code, one.place) for one in found.problems] == [
        ("column-twice", "B"), ("column-near", "C"), ("column-unknown", "D"), ("column-nameless", "E"),
        ("column-missing", None),
    ]  # fmt: skip


def test_a_value_beyond_the_last_column_is_not_lost_without_a_word():
    table = sheet_of(("Name", "Day"), ("Koivu", "", "", "left over"))
    row = read_rows(table, COLUMNS, match(table, COLUMNS, "en"), WORDS)[0]
    assert [(one.fault.code, one.place) for one in row.problems] == [("cell-beyond", "D")]


def test_every_problem_of_a_row_is_named_at_once():
    table = sheet_of(("Name", "Day"), ("x" * 11, "never"))
    row = read_rows(table, COLUMNS, match(table, COLUMNS, "en"), WORDS)[0]
    assert [(one.fault.code, one.row, one.place) for one in row.problems] == [
        ("cell-long", 2, "A"), ("cell-day", 2, "B"),
    ]  # fmt: skip
