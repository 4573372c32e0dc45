"""`placement ledger export`: the whole books on standard output, nothing else there."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from agreements import ledger
from placement import cli
from placement.db import Database
from tests.bookkeeping import DAY, approved
from tests.conftest import NOW, SETTINGS
from tests.integration.test_ledger import bean_check


@pytest.fixture
def command(sqlite_url, monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Run the command line on this test's books (two entries on two days)."""
    for name, value in {**SETTINGS, "PLACEMENT_DATABASE_URL": sqlite_url}.items():
        monkeypatch.setenv(name, value)
    database = Database(sqlite_url)
    database.write(lambda s: ledger.post_all(s, [approved("1"), approved("2", day=DAY + timedelta(days=5))], at=NOW))
    database.close()

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(["ledger", "export", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_books_are_exported_for_beancount(command, tmp_path):
    code, out, err = command("--format", "beancount")
    assert (code, err) == (0, "")
    assert out.count(' * "claim-decided') == 2
    assert bean_check(tmp_path, out) == (0, "")


def test_the_books_are_exported_as_csv_up_to_a_day(command):
    code, out, _ = command("--format", "csv", "--as-of", str(DAY + timedelta(days=4)))
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [(row["entry"], row["account"], row["side"], row["amount"]) for row in rows] == [
        ("1", "reimbursement", "debit", "123.45"),
        ("1", "payable", "credit", "123.45"),
    ]
    assert date.fromisoformat(rows[0]["date"]) == DAY


def test_a_format_that_does_not_exist_is_wrong_usage(command):
    with pytest.raises(SystemExit) as ended:
        command("--format", "ledger-cli")
    assert ended.value.code == 2
