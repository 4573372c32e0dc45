"""A county takes a child over: the places in schools that go on follow to its record where school is handed over."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlmodel import select

from placement.audit.tables import AuditEvent
from placement.children.tables import Child
from placement.integration.tables import SchoolPlace
from placement.moves import transfers
from tests.conftest import NOW
from tests.placing import TODAY, actor, add_child, add_school, add_stay, add_unit, county, town

DAY = timedelta(days=1)
OVER_ON = TODAY + 30 * DAY
BEGAN, BEGINS = date(2026, 8, 11), OVER_ON + 40 * DAY
COPIED = {"kind", "name", "municipality_id", "from_on", "to_on", "trip_checked_on"}


def transferred(session, handed):
    """A child with a school that is over, one that goes on and one to come, taken over by the other county."""
    child = add_child(session, waiting=False, school="Keskustan koulu")
    add_stay(session, child, add_unit(session), start=TODAY - 50 * DAY)
    add_school(session, child, number=1, to_on=OVER_ON - DAY)
    add_school(session, child, "908", number=2, from_on=BEGAN).trip_checked_on = TODAY
    add_school(session, child, "092", number=3, from_on=BEGINS, to_on=BEGINS + DAY)
    session.flush()
    before = {row.number: row.model_dump(include=COPIED) for row in session.exec(select(SchoolPlace))}
    command = transfers.TransferCommand(county(session, "04").id, OVER_ON, "Sisko asuu siellä.", handed)
    row = transfers.ask(session, actor(session, "social-worker"), child.ref, command, at=NOW)
    transfers.accept(session, actor(session, "other-social-worker"), row.ref, version=row.version, at=NOW)
    return child, session.get_one(Child, row.new_child_id), before


def schools_of(session, child):
    rows = session.exec(select(SchoolPlace).where(SchoolPlace.child_id == child.id)).all()
    return {row.number: row.model_dump(include=COPIED) for row in rows}


def test_what_goes_on_or_is_to_come_follows_and_the_old_county_keeps_what_was(database):
    with database.transaction() as session:
        child, new, before = transferred(session, ("school",))
        assert schools_of(session, new) == {1: before[2], 2: before[3]}
        assert schools_of(session, child) == {1: before[1], 2: before[2] | {"to_on": OVER_ON - DAY}}
        rows = session.exec(select(SchoolPlace).where(SchoolPlace.child_id == new.id)).all()
        accepted = (new.county_id, actor(session, "other-social-worker").user_id, NOW)
        assert {(row.county_id, row.recorded_by, row.recorded_at) for row in rows} == {accepted}
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "transfer-accepted")).one()
        assert json.loads(event.after)["schools"] == 2
        assert "koulu" not in event.after


@pytest.mark.parametrize("handed", [(), ("needs", "stays")])
def test_without_school_among_what_is_handed_over_nothing_follows(database, handed):
    with database.transaction() as session:
        child, new, before = transferred(session, handed)
        assert (schools_of(session, new), new.school) == ({}, None)
        assert schools_of(session, child) == {1: before[1], 2: before[2] | {"to_on": OVER_ON - DAY}, 3: before[3]}


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fi", ("Perusopetus 11.8.2026 alkaen", "Valkeakoski", "(681/2023) 86 §")),
        ("sv", ("Grundläggande utbildning från 11.8.2026", "Valkeakoski", "(681/2023) 86 §")),
        ("en", ("Basic education from 11 August 2026", "Valkeakoski", "(681/2023) section 86")),
    ],
)
def test_the_preview_tells_which_schools_and_the_asked_county_neither_name_nor_town(app, sign_in, lang, words):
    with app.extensions["placement"].database.transaction() as session:
        worker = actor(session, "social-worker").user_id
        child = add_child(session, waiting=False, worker_id=worker)
        add_school(session, child, "837", number=1, from_on=BEGAN - 300 * DAY, to_on=BEGAN - DAY)
        add_school(session, child, "908", number=2, from_on=BEGAN)
        assert town(session, "908").name(lang) == words[1]
        target, ref = str(county(session, "04").id), child.ref
    client, other = sign_in("social-worker", lang), sign_in("other-social-worker", lang)
    page = shown(client.get(f"/children/{ref}/transfer"))
    assert f"{words[2]}: Keskustan koulu, {words[1]}, {words[0]}" in page
    assert page.count("Keskustan koulu") == 1
    for handed, told in ((["school"], True), (["needs"], False)):
        typed = {"to_county": target, "from_day": "24.12.2026", "reason": "Sisko.", "handed": handed}
        address = client.post(f"/children/{ref}/transfer", typed).headers["Location"]
        for who in (client, other):
            seen = shown(who.get(address))
            assert (words[0] in seen) is told
            assert "Keskustan koulu" not in seen
            assert words[1] not in seen
        client.post(f"{address}/withdraw", {"version": "2"})
        assert words[0] not in shown(other.get(address))


def shown(answer):
    return " ".join(answer.get_data(as_text=True).replace("\xa0", " ").split())
