"""`placement import` and `placement check` from the command line: exit codes, sentences, files."""

from __future__ import annotations

import json

import pytest
from sqlmodel import func, select

from placement import cli
from placement.children.tables import Child
from placement.db import Database
from placement.imports import sheet
from tests.conftest import SETTINGS
from tests.integration.test_imports import PLANTED, sheet_of_500
from tests.unit.placement.imports.sheets import CHILD_HEADER, UNIT_HEADER, child_row, csv_file, unit_row, xlsx_file


@pytest.fixture
def call(sqlite_url, monkeypatch, capsys):
    for name, value in {**SETTINGS, "PLACEMENT_DATABASE_URL": sqlite_url}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(one) for one in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def children(url: str) -> int:
    database = Database(url)
    with database.read_only() as session:
        found = session.exec(select(func.count()).select_from(Child)).one()
    database.close()
    return found


def test_twenty_planted_faults_stand_on_twenty_lines_and_nothing_is_written(call, sqlite_url, tmp_path):
    file = tmp_path / "lapset.csv"
    file.write_bytes(csv_file(sheet_of_500(faults=True)))
    code, out, err = call("import", "children", file)

    lines = [line for line in err.splitlines() if line.startswith("lapset.csv: row ")]
    for (row, _column), (index, _text) in PLANTED.items():
        assert any(line.startswith(f"lapset.csv: row {row}, column {sheet.letters(index)} (") for line in lines)
    assert (code, len(lines), children(sqlite_url)) == (1, 20, 0)
    assert "nothing was imported: 20 rows refused" in out


def test_the_corrected_file_is_imported_once(call, sqlite_url, tmp_path):
    file = tmp_path / "lapset.xlsx"
    file.write_bytes(xlsx_file(sheet_of_500(faults=False)[:31]))

    assert call("import", "children", file, "--dry-run")[:2] == (
        0, "30 children can be imported, 0 already there, 0 refused; dry run\n",
    )  # fmt: skip
    assert children(sqlite_url) == 0
    assert call("import", "children", file)[:2] == (0, "30 children imported, 0 already there, 0 left out\n")
    assert call("import", "children", file)[:2] == (0, "0 children imported, 30 already there, 0 left out\n")
    assert children(sqlite_url) == 30


def test_skip_bad_writes_the_good_rows_and_saves_the_others_for_their_owner(call, sqlite_url, tmp_path):
    rows = [CHILD_HEADER, child_row(0), child_row(1)]
    rows[2][5] = "no day"
    file = tmp_path / "lapset.csv"
    file.write_bytes(csv_file(rows))
    code, _, _ = call("import", "children", file, "--skip-bad")
    left = tmp_path / "lapset-left-out.csv"

    assert (code, children(sqlite_url)) == (1, 1)
    assert left.stat().st_mode & 0o077 == 0
    assert sheet.read(left.name, left.read_bytes()).rows[0].cells[:3] == tuple(rows[2][:3])


def test_units_are_imported_for_the_county_of_their_municipalities(call, tmp_path):
    file = tmp_path / "yksikot.csv"
    file.write_bytes(csv_file([UNIT_HEADER, unit_row(0), unit_row(1)]))
    assert call("import", "units", file)[:2] == (0, "2 units imported, 0 already there, 0 left out\n")


@pytest.mark.parametrize(
    ("arguments", "way_out"),
    [
        (("children", "missing.csv"), "check the path"),
        (("units", "{file}", "--county", "77"), "give the official code"),
        (("units", "{file}", "--county", "04"), "has a mandate to import"),
        (("units", "{file}", "--county", "08", "--as", "nobody"), "has a mandate to import"),
        (("units", "{pdf}"), "holds something else"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(call, tmp_path, arguments, way_out):
    file, pdf = tmp_path / "a.csv", tmp_path / "pdf.csv"
    file.write_bytes(csv_file([UNIT_HEADER, unit_row(0)]))
    pdf.write_bytes(b"%PDF-1.7")
    code, _, err = call("import", *(one.format(file=file, pdf=pdf) for one in arguments))

    assert (code, err.count("\n")) == (1, 1)
    assert way_out in err


def test_check_prints_json_and_tells_a_breach_by_its_exit_code(call, sqlite_url, tmp_path):
    file = tmp_path / "lapset.csv"
    file.write_bytes(csv_file([CHILD_HEADER, child_row(0)]))
    call("import", "children", file)
    code, out, _ = call("check", "--json")
    results = json.loads(out)

    assert code == 0
    assert set(results[0]) == {"id", "checked", "breaches"}
    database = Database(sqlite_url)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE child SET permit_on = '24.11.2026'")
    database.close()
    code, out, _ = call("check")
    assert code == 1
    assert "24.11.2026 is no plain day" in out
