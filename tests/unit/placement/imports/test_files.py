"""Files as spreadsheets write them, files that are no spreadsheets, and files that would do harm."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from placement.imports import files_out, sheet, xlsx_file
from placement.imports.sheet import FileRefused
from tests.unit.placement.imports.sheets import csv_file
from tests.unit.placement.imports.sheets import xlsx_file as workbook

ROWS = [("nimi", "hinta", "päivä"), ("Yksikkö; Ä", "1 234,50", "1.4.2026"), ("Õ", "0,5", "")]


def texts(read: sheet.Sheet) -> list[tuple[str, ...]]:
    return [read.header.cells, *(row.cells for row in read.rows)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_read_whatever_its_letters_and_separators(encoding, delimiter):
    assert texts(sheet.read("a.csv", csv_file(ROWS, encoding, delimiter))) == ROWS


def test_a_leading_line_that_names_the_separator_is_no_header():
    read = sheet.read("a.csv", b"sep=,\na,b\n1,2")
    assert (read.header.cells, read.header.number, read.rows[0].number) == (("a", "b"), 2, 3)


def test_rows_keep_the_numbers_that_a_spreadsheet_shows():
    read = sheet.read("a.csv", b'\n\na;b\n"1\n2";x\n\n;\n3;y')
    assert (read.header.number, [row.number for row in read.rows]) == (3, [4, 7])


def test_a_workbook_gives_days_sums_and_codes_as_text():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        day = book.add_format({"num_format": "d.m.yyyy"})
        page.write_row(0, 0, ["a", "b", "c", "d", "e"])
        page.write_datetime(1, 0, date(2026, 4, 1), day)
        page.write_number(1, 1, 245.5)
        page.write_number(1, 2, 837)
        page.write_boolean(1, 3, True)
        page.write_string(1, 4, "=1+1")
    assert sheet.read("A.XLSX", out.getvalue()).rows[0].cells == ("2026-04-01", "245.5", "837", "1", "=1+1")


def test_only_the_first_sheet_is_read():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("x").write_column(0, 0, ["first", "1"])
        book.add_worksheet("y").write_column(0, 0, ["second", "2"])
    assert sheet.read("a.xlsx", out.getvalue()).header.cells == ("first",)


def test_a_formula_without_a_value_and_an_error_are_named_where_they_stand():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["a", "b"])
        page.write_formula(1, 1, "=1+1", None, "")
        page.write_formula(2, 0, "=1+1", None, 2)
        page.write_formula(6, 0, "=1/0", None, "#DIV/0!")
    read = sheet.read("a.xlsx", out.getvalue())
    assert [(one.row, one.column, one.code) for one in read.faults] == [(2, 1, "cell-formula"), (7, 0, "cell-error")]
    assert [row.number for row in read.rows] == [2, 3, 7]


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def repacked(change) -> bytes:
    """Return a good workbook with its parts changed: name -> bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["a"], ["1"]]))) as good, zipfile.ZipFile(out, "w") as bad:
        for name, content in change({name: good.read(name) for name in good.namelist()}).items():
            bad.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def many_parts(parts):
    return parts | {f"x{n}": b"" for n in range(1_001)}


def with_entity(parts):
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    name = "xl/worksheets/sheet1.xml"
    return parts | {name: parts[name].replace(b"<?xml", evil + b"<?xml")}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "file-empty"),
        ("a.csv", b"\n \n;;\n", "file-empty"),
        ("a.csv", b"a;b", "file-only-header"),
        ("a.doc", b"x", "file-kind"),
        ("noending", b"x", "file-kind"),
        ("../../a.csv", b"%PDF-1.7", "file-not-csv"),
        ("a.csv", b"\x89PNG\r\n", "file-not-csv"),
        ("a.csv", b"<!DOCTYPE html><p>", "file-not-csv"),
        ("a.csv", b"a;b\x00\n1;2", "file-not-csv"),
        ("a.csv", b"a;b\n1;\x81", "file-encoding"),
        ("a.csv", b'a;b\n"1;2\n3;4', "file-quotes"),
        ("a.csv", b"a\n" + b"1\n" * 5_001, "file-rows"),
        ("a.csv", b"a;" * 201 + b"\n1", "file-columns"),
        ("a.csv", b"x" * (sheet.MOST_BYTES + 1), "file-too-big"),
        ("a.xlsx", b"a;b\n1;2", "file-not-xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1", "file-old-or-locked"),
        ("a.xlsx", b"PK\x03\x04 not really", "file-damaged"),
        ("a.xlsx", archive(word__document=b"<x/>"), "file-not-xlsx"),
        ("a.xlsx", archive(xl__workbook=b"<x/>"), "file-not-xlsx"),
        ("a.xlsx", repacked(many_parts), "file-unpacks-too-big"),
        ("a.xlsx", repacked(lambda parts: parts | {"big": bytes(101 * 1024 * 1024)}), "file-unpacks-too-big"),
        ("a.xlsx", repacked(with_entity), "file-damaged"),
        ("a.xlsx", workbook([["a"], ["1"]])[:-30], "file-damaged"),
    ],
)
def test_a_file_that_cannot_be_trusted_or_read_is_refused_with_its_own_reason(name, content, code):
    with pytest.raises(FileRefused) as refused:
        sheet.read(name, content)
    assert refused.value.code == code


def test_an_archive_that_lies_about_its_size_is_refused():
    content = bytearray(repacked(lambda parts: parts | {"big": bytes(5 * 1024 * 1024)}))
    for start in (content.find(b"big") - 46 + 24, content.rfind(b"big") - 46 + 24):
        if start > 0:
            content[start : start + 4] = (10).to_bytes(4, "little")
    with pytest.raises(FileRefused):
        sheet.read("a.xlsx", bytes(content))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_never_more(content):
    for name in ("a.csv", "a.xlsx"):
        try:
            sheet.read(name, content)
        except FileRefused:
            continue


@given(st.binary(max_size=60), st.integers(0, 3_000))
def test_a_damaged_workbook_is_read_or_refused_and_never_more(noise, place):
    good = workbook([["a", "b"], ["1", "2"]])
    try:
        sheet.read("a.xlsx", good[:place] + noise + good[place + len(noise) :])
    except FileRefused:
        return


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=12), min_size=1, max_size=5)
)
def test_what_we_write_as_csv_is_read_back_and_no_cell_begins_a_formula(cells):
    content = files_out.csv_bytes([["h"] * len(cells), cells])
    for line in content.decode("utf-8-sig").split("\r\n")[1:2]:
        assert not line.startswith(("=", "+", "-", "@", "\t"))
    if any(cell.strip() for cell in cells):
        back = sheet.read("a.csv", content).rows[0].cells
        assert [cell for cell in back if not cell.startswith("'")] == [
            cell for cell in cells if not cell.startswith("'")
        ]


def test_formulas_in_a_refused_row_stay_text_in_a_workbook():
    content = files_out.refused_rows(["a"], [(["=1+1"], "why")], "en", "xlsx")
    read = sheet.read("a.xlsx", content)
    assert (read.rows[0].cells, read.faults) == (("=1+1", "why"), ())


def test_letters_are_those_of_a_spreadsheet():
    assert [sheet.letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_the_template_has_an_example_that_passes_its_own_readers():
    from placement.imports.cost_columns import words_of_kinds
    from placement.imports.plan import COLUMNS
    from placement.imports.words import vocabulary

    words = vocabulary(
        date(2026, 11, 24),
        "en",
        {"building": {}, "provider": {}, "worker": {}, "cost_kind": words_of_kinds(), "cost_unit": {}},
    )
    for columns in COLUMNS.values():
        for column in columns:
            if column.example:
                column.read(column.example, words)
            else:
                assert not column.needed


def test_limits_are_those_that_are_promised():
    assert (sheet.MOST_BYTES, xlsx_file.MOST_UNPACKED, xlsx_file.MOST_PARTS) == (10 << 20, 100 << 20, 1_000)
