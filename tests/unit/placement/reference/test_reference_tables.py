"""A faulty table must stop the load and name the file and the line."""

from datetime import date
from importlib import resources

import pytest

from placement.moves.rules import MAY_BE_HANDED
from placement.reference import NotInForce, ReferenceFault, UnknownCode, Validity, parse_source, validate
from placement.reference.citations import acts
from placement.reference.dated import DatedTable, entry_of
from placement.reference.rows import Row, parse_rows, read_rows

HEADER = "key,age,valid_from,valid_to,source\n"


def age_table(lines: str) -> DatedTable[str, int]:
    rows = parse_rows("ages.csv", HEADER + lines)
    return DatedTable("age", (entry_of(row, lambda r: r.text("key"), lambda r: r.needed_whole("age")) for row in rows))


def test_every_table_of_the_product_loads():
    validate()


def test_a_value_holds_on_its_first_and_its_last_day_and_not_beside_them():
    ages = age_table("a,21,2020-01-01,2020-12-31,681/2023 §34\n")
    assert ages.on("a", date(2020, 1, 1)) == 21
    assert ages.on("a", date(2020, 12, 31)) == 21
    with pytest.raises(NotInForce, match="no age a on 2019-12-31: it holds from 2020-01-01 to 2020-12-31"):
        ages.on("a", date(2019, 12, 31))
    with pytest.raises(NotInForce):
        ages.on("a", date(2021, 1, 1))


def test_a_row_without_an_end_holds_for_ever():
    assert age_table("a,21,2020-01-01,,681/2023\n").on("a", date.max) == 21


def test_a_key_that_never_existed_is_told_from_one_that_does_not_hold():
    with pytest.raises(UnknownCode, match="no age has the code b"):
        age_table("a,21,2020-01-01,,681/2023\n").on("b", date(2020, 1, 1))


@pytest.mark.parametrize(
    ("second", "fits"), [("2020-12-31", False), ("2021-01-01", True)], ids=["same day", "next day"]
)
def test_two_rows_of_one_key_may_touch_but_not_share_a_day(second, fits):
    lines = f"a,21,2020-01-01,2020-12-31,681/2023\na,25,{second},,681/2023\n"
    if fits:
        assert age_table(lines).on("a", date(2021, 1, 1)) == 25
    else:
        with pytest.raises(ReferenceFault, match=r"ages.csv line 3: .* same days as in line 2"):
            age_table(lines)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("a,21,,,681/2023", "valid_from is empty"),
        ("a,21,1.1.2020,,681/2023", "valid_from is '1.1.2020'; give a day such as 2026-01-01"),
        ("a,21,2020-01-02,2020-01-01,681/2023", "valid_to 2020-01-01 is before valid_from 2020-01-02"),
        ("a,21,2020-01-01,,", "source is empty"),
        ("a,21,2020-01-01,,682/1899 §1", "682/1899 is not in acts.csv"),
        ("a,21,2020-01-01,,681/2023 33", "33 cannot be read"),
        ("a,old,2020-01-01,,681/2023", "age is 'old'; give a whole number"),
        ("a,-1,2020-01-01,,681/2023", "age is '-1'; give a whole number"),
        ("a,,2020-01-01,,681/2023", "age is empty"),
        (",21,2020-01-01,,681/2023", "key is empty"),
        ("a,21,2020-01-01,681/2023", "4 cells under 5 columns"),
    ],
)
def test_a_faulty_line_is_named_with_file_line_and_way_out(line, what):
    with pytest.raises(ReferenceFault) as refused:
        age_table("z,18,2000-01-01,,681/2023\n" + line + "\n")
    assert str(refused.value).startswith("ages.csv line 3: ")
    assert what in str(refused.value)
    assert (refused.value.file, refused.value.line) == ("ages.csv", 3)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("key,key\na,b\n", "names a column twice"),
        ("key,\na,b\n", "names a column twice or not at all"),
        ("key\n", "no line below the header"),
        ("", "no line below the header"),
    ],
)
def test_a_faulty_header_is_refused(text, what):
    with pytest.raises(ReferenceFault, match=what):
        parse_rows("x.csv", text)


def test_a_missing_column_is_named():
    (row,) = parse_rows("x.csv", "key\na\n")
    with pytest.raises(ReferenceFault, match=r"x\.csv line 2: the column age is missing"):
        row.text("age")


@pytest.mark.parametrize(
    ("read", "what"),
    [
        (lambda row: row.flag("cell"), "give yes or no"),
        (lambda row: row.decimal("cell"), "give a number such as 60.2063"),
        (lambda row: row.one_of("cell", ("a", "b")), "give one of a, b"),
        (lambda row: row.words("twice"), "names a code twice"),
    ],
)
def test_a_cell_of_another_type_is_refused(read, what):
    row = Row("x.csv", 2, {"cell": "maybe", "twice": "a a"})
    with pytest.raises(ReferenceFault, match=what):
        read(row)


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (Validity(date(2019, 1, 1), date(2019, 12, 31)), False),
        (Validity(date(2019, 1, 1), date(2020, 1, 1)), True),
        (Validity(date(2020, 12, 31)), True),
        (Validity(date(2021, 1, 1)), False),
        (Validity(date(2019, 1, 1)), True),
    ],
)
def test_overlap_is_sharing_a_day(other, overlaps):
    year = Validity(date(2020, 1, 1), date(2020, 12, 31))
    assert year.overlaps(other) is overlaps
    assert other.overlaps(year) is overlaps


TABLES = sorted(
    one.name for one in resources.files("placement.reference").joinpath("data").iterdir() if one.name != "acts.csv"
)


@pytest.mark.parametrize("file", TABLES)
def test_every_row_of_every_table_has_days_and_a_source(file):
    for row in read_rows(file):
        assert row.valid.first
        assert parse_source(row.text("source"))


def test_every_act_listed_is_cited_somewhere():
    cited = {
        citation.act.number
        for file in TABLES
        for row in read_rows(file)
        for citation in parse_source(row.text("source"))
    }
    cited |= {citation.act.number for source in MAY_BE_HANDED.values() for citation in parse_source(source)}
    assert set(acts()) - cited == set()
