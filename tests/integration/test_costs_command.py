"""`placement import costs`: by the names of columns, dry first, once, and nothing of a sheet with a wrong cell."""

from __future__ import annotations

import pytest
from sqlmodel import func, select

from agreements.claim_tables import CostEntry
from placement import cli
from placement.db import Database
from tests.conftest import SETTINGS
from tests.placing import add_unit
from tests.unit.placement.imports.sheets import csv_file, xlsx_file

HEAD = ("Kind of cost", "Unit", "First day", "Last day", "Sum without value added tax", "Supplier",
        "Number of the voucher", "Date of the voucher")  # fmt: skip
ROW = ("rent", "Koivu", "1.10.2026", "31.10.2026", "4 215,00", "Vuokra Oy", "R-10", "31.10.2026")


@pytest.fixture
def call(sqlite_url, monkeypatch, capsys):
    for name, value in {**SETTINGS, "PLACEMENT_DATABASE_URL": sqlite_url}.items():
        monkeypatch.setenv(name, value)
    database = Database(sqlite_url)
    with database.transaction() as session:
        add_unit(session, "Koivu")
    database.close()

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(one) for one in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def stored(url: str) -> tuple[int, int]:
    database = Database(url)
    with database.read_only() as session:
        found = session.exec(select(func.count(), func.coalesce(func.sum(CostEntry.net_cents), 0))).one()
    database.close()
    return int(found[0]), int(found[1])


def test_costs_are_tried_imported_and_not_imported_twice(call, sqlite_url, tmp_path):
    file = tmp_path / "ote.xlsx"
    file.write_bytes(xlsx_file([HEAD, ROW, (*ROW[:4], "12,30", *ROW[5:6], "R-11", ROW[7])]))
    assert call("import", "costs", file, "--dry-run")[:2] == (
        0, "2 costs can be imported, 0 already there, 0 refused; dry run\n",
    )  # fmt: skip
    assert stored(sqlite_url) == (0, 0)
    assert call("import", "costs", file)[:2] == (0, "2 costs imported, 0 already there, 0 left out\n")
    assert call("import", "costs", file)[:2] == (0, "0 costs imported, 2 already there, 0 left out\n")
    assert stored(sqlite_url) == (2, 422_730)


def test_a_wrong_cell_is_named_and_nothing_of_the_sheet_is_written(call, sqlite_url, tmp_path):
    file = tmp_path / "ote.csv"
    file.write_bytes(csv_file([HEAD, ROW, (*ROW[:4], "paljon", *ROW[5:])]))
    code, out, err = call("import", "costs", file)
    assert (code, stored(sqlite_url)) == (1, (0, 0))
    assert "ote.csv: row 3, column E (Sum without value added tax)" in err
    assert "nothing was imported: 1 rows refused, 1 good" in out
    file.write_bytes(csv_file([HEAD, (ROW[0], "Muualla", *ROW[2:])]))
    assert "add --county CODE" in call("import", "costs", file)[2]
    assert call("import", "costs", file, "--county", "08")[0] == 1
