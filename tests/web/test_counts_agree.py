"""One day, one number: board, calendar, unit page, presence, claims and the check tell the same of the same moment."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta

import pytest
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
DAYS = [TODAY - timedelta(days=back) for back in (0, 24, 150)]


@pytest.fixture(scope="module")
def demo(demo_with_work, tmp_path_factory):
    file = tmp_path_factory.mktemp("counts") / "placement.db"
    shutil.copy(demo_with_work, file)
    app = create_app({**SETTINGS, "PLACEMENT_DATABASE_URL": f"sqlite:///{file}"})
    yield app
    app.extensions["placement"].database.close()


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
    cells = {ref: re.findall(r"--numeric\">(\d+)<", row.group(0)) for ref, row in rows.items() if row}
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
