"""School on the child's path: with its days on the timeline and in its table, and asked again after a move."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from placement.audit.tables import AuditEvent
from placement.children.tables import Child
from placement.integration.path_rules import trip_unchecked
from placement.integration.tables import ChildService, SchoolPlace
from tests.placing import TODAY, add_child, add_stay, add_unit, person

DAY = timedelta(days=1)
FROM, TO = date(2026, 8, 11), date(2027, 6, 5)
TYPED = {
    "kind": "basic", "name": "Hervannan koulu", "municipality": "837", "from_on": "11.8.2026", "to_on": "",
    "trip_checked_on": "",
}  # fmt: skip
WORDS = {
    "fi": ("Aloitti koulussa: Hervannan koulu, Tampere (perusopetus)", "Tarkista koulumatka uudelleen"),
    "sv": ("Började i skolan: Hervannan koulu, Tammerfors (grundläggande utbildning)", "Granska skolvägen på nytt"),
    "en": ("Began school: Hervannan koulu, Tampere (basic education)", "Look at the trip to school again"),
}


@pytest.mark.parametrize(
    ("moved", "to_on", "checked", "asked"),
    [
        (FROM, None, None, False),
        (FROM + DAY, None, None, True),
        (TO, TO, None, True),
        (TO + DAY, TO, None, False),
        (FROM + 9 * DAY, None, FROM + 9 * DAY, False),
        (FROM + 9 * DAY, None, FROM + 8 * DAY, True),
    ],
)
def test_a_move_asks_for_the_trip_until_it_was_looked_at(moved, to_on, checked, asked):
    assert trip_unchecked(moved, FROM, to_on, checked) is asked


@pytest.fixture
def do(app: Any) -> Any:
    return app.extensions["placement"].database.write


@pytest.fixture
def children(do: Any) -> dict[str, str]:
    def work(session: Session) -> dict[str, str]:
        worker = person(session, "social-worker").id
        home = add_unit(session, "Koivukoti", places=4)
        found = {
            "open": add_child(session, "Avoin", worker_id=worker, waiting=False),
            "hidden": add_child(session, "Salattu", protected=True, waiting=False),
        }
        for child in found.values():
            add_stay(session, child, home, start=TODAY - 30 * DAY)
        return {key: child.ref for key, child in found.items()}

    return do(work)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def record(client: Any, ref: str, status: int = 303, **changes: str) -> Any:
    form = client.get(f"/children/{ref}/path/school/new").get_data(as_text=True)
    key = re.search(r'name="idempotency_key" value="([^"]+)"', form).group(1)
    return client.post(f"/children/{ref}/path/school", {**TYPED, "idempotency_key": key, **changes}, status=status)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_school_stands_on_the_path_and_asks_for_the_trip_after_a_move(sign_in, do, children, lang):
    client, ref = sign_in("social-worker", lang=lang), children["open"]
    record(client, ref)
    page = text(client.get(f"/children/{ref}/path"))
    began, ask = WORDS[lang]
    assert began in page
    assert ask in page
    row = do(lambda s: s.exec(select(SchoolPlace)).one())
    changed = {**TYPED, "trip_checked_on": "24.11.2026", "version": row.version}
    client.post(f"/children/{ref}/path/school/{row.number}", changed, status=303)
    assert ask not in text(client.get(f"/children/{ref}/path"))


def test_it_keeps_the_record_the_services_and_the_trail(sign_in, do, children):
    client, ref = sign_in("social-worker"), children["open"]

    def owe(session: Session) -> None:
        child = session.exec(select(Child).where(Child.ref == ref)).one()
        session.add(
            ChildService(
                child_id=child.id, county_id=child.county_id, number=1, kind="preparatory_teaching", side="school",
                event_on=FROM, watch_on=TODAY, source="628/1998 §5", origin="manual", created_at=child.updated_at,
            )
        )  # fmt: skip

    do(owe)
    record(client, ref, kind="preparatory")

    def found(session: Session) -> tuple[Any, ...]:
        child = session.exec(select(Child).where(Child.ref == ref)).one()
        owed = session.exec(select(ChildService)).one()
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "school-recorded")).one()
        return (
            child.school,
            owed.delivered_on,
            event.object_ref,
            "Hervannan" in str(event.after),
            "837" in str(event.after),
        )

    assert do(found) == ("Hervannan koulu", FROM, ref, False, False)
    row = do(lambda s: s.exec(select(SchoolPlace)).one())
    client.post(f"/children/{ref}/path/school/1", {**TYPED, "to_on": "20.11.2026", "version": row.version}, status=303)
    assert do(lambda s: s.exec(select(Child.school).where(Child.ref == ref)).one()) is None


@pytest.mark.parametrize("changes", [{"name": ""}, {"municipality": "999"}, {"from_on": ""}, {"to_on": "10.8.2026"}])
def test_what_is_missing_or_crossed_comes_back_with_what_was_typed(sign_in, do, children, changes):
    page = record(sign_in("social-worker"), children["open"], status=422, **changes)
    assert page.get_data(as_text=True).count("govuk-error-message") >= 1
    assert do(lambda s: s.exec(select(SchoolPlace)).all()) == []


def test_a_protected_childs_school_and_town_are_hidden(sign_in, do, children):
    def add(session: Session) -> None:
        child = session.exec(select(Child).where(Child.ref == children["hidden"])).one()
        worker = person(session, "social-worker")
        town = session.exec(select(SchoolPlace)).first()
        session.add(
            SchoolPlace(
                child_id=child.id, county_id=child.county_id, number=1, kind="basic", name="Salainen koulu",
                municipality_id=town.municipality_id, from_on=FROM, recorded_by=worker.id, recorded_at=child.updated_at,
            )
        )  # fmt: skip

    client = sign_in("social-worker")
    record(client, children["open"])
    do(add)
    lead, ref = sign_in("coordinator", lang="en"), children["hidden"]
    lead.post(f"/children/{ref}/purpose", {"purpose": "Siirron suunnittelu yksikön kanssa."})
    page = text(lead.get(f"/children/{ref}/path"))
    assert "Began school: Hidden, Hidden (basic education)" in page
    for secret in ("Salainen koulu", "Koivukoti"):
        assert secret not in page
    assert "The school is in" not in page


def test_only_who_keeps_the_record_records_a_school(sign_in, children):
    client = sign_in("unit-manager")
    client.get(f"/children/{children['open']}/path/school/new", status=403)
