"""Inspections, self-monitoring with its due days, house rules: recorded by the coordinator, read by the unit."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from placement.units.supervision import due_days
from placement.units.tables import SelfMonitoring, Unit, UnitInspection
from tests.placing import TODAY, add_unit


def day(value):
    return f"{value.day}.{value.month}.{value.year}"


@pytest.fixture
def koivu(app):
    with app.extensions["placement"].database.transaction() as session:
        return add_unit(session, "Koivu")


def rows(app, table):
    with app.extensions["placement"].database.read_only() as session:
        return session.exec(select(table)).all()


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_an_inspection_with_remarks_says_by_when_they_are_put_right(app, sign_in, koivu, lang):
    client = sign_in("coordinator", lang)
    good = {"inspected_on": day(TODAY - timedelta(days=3)), "inspector": "supervisory-agency", "remarks": "2"}
    address = f"/units/{koivu.ref}/inspections"
    for wrong in (
        {},
        {"put_right_by": day(TODAY - timedelta(days=9))},
        {"inspected_on": day(TODAY + timedelta(days=1))},
    ):
        client.post(address, {**good, "idempotency_key": "w", **wrong}, status=422)
    done = {**good, "put_right_by": day(TODAY + timedelta(days=30)), "idempotency_key": "k"}
    client.post(address, done)
    client.post(address, done)
    assert [(one.remarks, one.announced) for one in rows(app, UnitInspection)] == [(2, False)]
    client.get(f"/units/{koivu.ref}/supervision")


def test_notes_are_kept_and_a_second_save_of_an_old_page_is_refused(app, sign_in, koivu):
    client = sign_in("coordinator")
    page = client.get(f"/units/{koivu.ref}/supervision").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    note = {"version": version, "house_rules": "Kotiin klo 21.", "fit_notes": "Rauhallinen."}
    client.post(f"/units/{koivu.ref}/notes", note)
    client.post(f"/units/{koivu.ref}/notes", note, status=409)
    assert [one.house_rules for one in rows(app, Unit)] == ["Kotiin klo 21."]
    sign_in("reviewer").post(f"/units/{koivu.ref}/notes", note, status=403)
    sign_in("other-social-worker").get(f"/units/{koivu.ref}/supervision", status=404)


def test_self_monitoring_is_recorded(app, sign_in, koivu):
    client = sign_in("coordinator")
    client.post(f"/units/{koivu.ref}/self-monitoring", {"kind": "plan", "done_on": day(TODAY), "idempotency_key": "k"})
    client.post(f"/units/{koivu.ref}/self-monitoring", {"kind": "mood", "done_on": day(TODAY)}, status=422)
    assert [one.kind for one in rows(app, SelfMonitoring)] == ["plan"]


def done(kind, on):
    return SelfMonitoring(unit_id=1, kind=kind, done_on=on, recorded_by=1, recorded_at=None)


@pytest.mark.parametrize(
    ("rows_", "follow_up", "check"),
    [
        ([], None, date(2026, 3, 31)),
        ([done("plan", date(2026, 7, 31))], date(2026, 11, 30), date(2026, 3, 31)),
        ([done("plan", date(2026, 1, 1)), done("follow-up", date(2026, 9, 1))], date(2027, 1, 1), date(2026, 3, 31)),
        ([done("register-check", date(2026, 3, 1))], None, date(2027, 3, 31)),
        ([done("register-check", date(2025, 12, 31))], None, date(2026, 3, 31)),
    ],
)
def test_the_next_days_of_self_monitoring(rows_, follow_up, check):
    found = due_days(rows_, TODAY)
    assert (found.follow_up, found.register_check) == (follow_up, check)
