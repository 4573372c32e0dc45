"""One day, one number: board, calendar, unit page, their files, presence, claims and the check tell the same.

The days: today, the last day of a month and of a quarter, a day of spring, and the two nights on which the clock
is changed, on which a day has 23 or 25 hours.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import Session, col, select

from agreements.period import Period
from placement.app import create_app
from placement.checks import everything
from placement.demo.accounts import FIRST_COUNTY
from placement.moves import presence
from placement.moves.rules import month_of
from placement.people.queries import county_by_code
from placement.reimbursed.care_days import care_in
from placement.units import capacity
from placement.units.tables import Unit
from tests.client import JudgingClient
from tests.conftest import NOW, SETTINGS
from tests.placing import TODAY

pytestmark = pytest.mark.slow
MONTH_END, QUARTER_END, SUMMER_TIME, WINTER_TIME = (
    date(2026, 10, 31), date(2026, 9, 30), date(2026, 3, 29), date(2026, 10, 25),
)  # fmt: skip
DAYS = [TODAY, MONTH_END, QUARTER_END, TODAY - timedelta(days=150), SUMMER_TIME, WINTER_TIME]
MOMENTS = [
    (datetime(2026, 3, 28, 22, 30, tzinfo=UTC), SUMMER_TIME),
    (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), SUMMER_TIME),
    (datetime(2026, 3, 29, 20, 59, 59, tzinfo=UTC), SUMMER_TIME),
    (datetime(2026, 3, 29, 21, 0, tzinfo=UTC), SUMMER_TIME + timedelta(days=1)),
    (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), WINTER_TIME),
    (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), WINTER_TIME),
    (datetime(2026, 10, 25, 21, 59, 59, tzinfo=UTC), WINTER_TIME),
    (datetime(2026, 10, 25, 22, 0, tzinfo=UTC), WINTER_TIME + timedelta(days=1)),
]
"""Moments around both changes of the clock, and the day that it is in Helsinki then."""


@pytest.fixture(scope="module")
def demo(worked_module_app):
    return worked_module_app


@pytest.fixture(scope="module")
def units(demo):
    with demo.extensions["placement"].database.read_only() as session:
        county = county_by_code(session, FIRST_COUNTY).id
        return dict(session.exec(select(Unit.id, Unit.ref).where(col(Unit.county_id) == county)).all())


@pytest.fixture(scope="module")
def client(demo):
    found = JudgingClient(demo)
    found.sign_in("coordinator")
    return found


def text(answer):
    return answer.get_data(as_text=True).replace("\xa0", " ")


def on_the_board(client, refs, day):
    """Return places and stays of each unit as the board's table tells them."""
    page = text(client.get(f"/units/board?view=table&day={day.day}.{day.month}.{day.year}"))
    rows = {ref: re.search(rf'id="row-{ref}".*?</tr>', page, re.S) for ref in refs}
    cells = {ref: re.findall(r"--numeric\"[^>]*>(\d+)<", row.group(0)) for ref, row in rows.items() if row}
    return {ref: (int(found[0]), int(found[1])) for ref, found in cells.items()}


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_page_tells_the_same_number_of_a_day(demo, client, units, day):
    with demo.extensions["placement"].database.read_only() as session:
        counted = {units[key]: one for key, one in capacity.counts(session, list(units), day, NOW).items()}
        in_months = {units[key]: capacity.timeline(session, key, day, day, NOW)[0] for key in units}
    assert sum(one.stays for one in counted.values()) > 10
    assert on_the_board(client, units.values(), day) == {r: (one.capacity, one.stays) for r, one in counted.items()}
    assert in_months == counted
    for ref, one in counted.items():
        page = text(client.get(f"/units/{ref}?month={day:%Y-%m}&day={day.isoformat()}"))
        facts = re.search(r'id="day-facts".*?</dl>', page, re.S).group(0)
        assert [int(number) for number in re.findall(r">\s*(\d+)\s*<", facts)][:2] == [one.capacity, one.stays], ref


def in_the_file(answer):
    """Return the rows of a CSV or XLSX by the heads of its columns."""
    if answer.mimetype == "text/csv":
        rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))
    else:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data())).get_sheet_by_index(0).to_python()
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def numbers(row):
    return [int(row[head]) for head in ("Places", "Taken", "Held", "Closed", "Free", "Overbooked")]


def told(one):
    return [one.capacity, one.stays, one.holds, one.closed, one.open_places, one.over]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_files_tell_the_numbers_of_the_pages(demo, client, units, day, kind):
    with demo.extensions["placement"].database.read_only() as session:
        counted = {units[key]: told(one) for key, one in capacity.counts(session, list(units), day, NOW).items()}
        first, end = month_of(day)
        month = {
            ref: capacity.timeline(session, key, first, end - timedelta(days=1), NOW) for key, ref in units.items()
        }
    board = {row["Reference"]: row for row in in_the_file(client.get(f"/units/board.{kind}?day={day.isoformat()}"))}
    assert {ref: numbers(board[ref]) for ref in counted} == counted
    assert {board[ref]["Day"] for ref in counted} == {day.isoformat()}
    for ref, days in month.items():
        rows = in_the_file(client.get(f"/units/{ref}/days.{kind}?month={day:%Y-%m}"))
        assert [numbers(row) for row in rows] == [told(one) for one in days], ref
        assert [row["Day"] for row in rows] == [one.day.isoformat() for one in days]


@pytest.mark.parametrize("address", ["board.pdf", "board.csv?day=31.2.2026", "board.xlsx?day=2026-13-01"])
def test_a_file_of_no_day_or_kind_does_not_exist(client, address):
    client.get(f"/units/{address}", status=404)


@pytest.mark.parametrize(("moment", "day"), MOMENTS, ids=str)
def test_the_night_the_clock_is_changed_has_one_day(demo_with_work, units, tmp_path, moment, day):
    """The board without a day in its address is that of the day in Helsinki, to the second."""
    file = tmp_path / "placement.db"
    shutil.copy(demo_with_work, file)
    app = create_app({**SETTINGS, "PLACEMENT_DATABASE_URL": f"sqlite:///{file}", "PLACEMENT_CLOCK": moment.isoformat()})
    with app.extensions["placement"].database.read_only() as session:
        counted = {units[key]: told(one) for key, one in capacity.counts(session, list(units), day, moment).items()}
    signed_in = JudgingClient(app)
    signed_in.sign_in("coordinator")
    answer = signed_in.get("/units/board.csv")
    rows = {row["Reference"]: row for row in in_the_file(answer)}
    assert f"places-{day.isoformat()}.csv" in answer.headers["Content-Disposition"]
    assert {ref: numbers(rows[ref]) for ref in counted} == counted
    app.extensions["placement"].database.close()


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_a_claim_and_the_confirmed_presence_count_the_days_of_the_board(demo, units, day):
    with demo.extensions["placement"].database.read_only() as session:
        county = county_by_code(session, FIRST_COUNTY).id or 0
        care = care_in(session, county, Period(day, day), TODAY)
        counted = {key: one.stays for key, one in capacity.counts(session, list(units), day, NOW).items()}
        claimed = dict.fromkeys(units, 0)
        for one in care:
            claimed[one.unit_id] += one.arrived <= day < one.left
        assert claimed == counted
        assert in_the_month(session, units, day) == board_of_the_month(session, units, day)


def in_the_month(session: Session, units, day: date):
    return {key: sum(one.days for one in presence.of_unit(session, key, day)) for key in units}


def board_of_the_month(session: Session, units, day: date):
    first, end = month_of(day)
    month = {key: capacity.timeline(session, key, first, end - timedelta(days=1), NOW) for key in units}
    return {key: sum(one.stays for one in days) for key, days in month.items()}


def test_the_check_compares_the_same_numbers_and_finds_no_difference(demo):
    with demo.extensions["placement"].database.read_only() as session:
        found = {one.id: one for one in everything.run(session, NOW) if one.id in ("C8", "C10", "C11")}
    assert {key: (one.checked > 0, list(one.breaches)) for key, one in found.items()} == dict.fromkeys(
        ("C8", "C10", "C11"), (True, [])
    )
