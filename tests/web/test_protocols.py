"""Protocols of measures: the home's manager writes them; who marked which copy as sent, and which are late, is told."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from placement.audit.tables import AuditEvent, UseLog
from placement.children.tables import Child
from placement.integration.tables import ChildService, RestrictionProtocol
from placement.people.tables import UserMandate
from placement.units.tables import Unit, UnitKind
from tests.conftest import NOW
from tests.placing import TODAY, add_child, add_stay, add_unit, person

DAY = timedelta(days=1)
WRITTEN = "Puhelin otettiin haltuun kahden työntekijän läsnä ollessa."
TODAYS = {
    "fi": "Lähetettävät pöytäkirjojen jäljennökset",
    "sv": "Kopior av protokoll att skicka",
    "en": "Copies of protocols to send",
}


@pytest.fixture
def do(app: Any) -> Any:
    return app.extensions["placement"].database.write


@pytest.fixture
def world(do: Any) -> dict[str, Any]:
    """The manager's home with a child since five days, another home with another child, and who lives hidden."""

    def work(session: Session) -> dict[str, Any]:
        home, other = add_unit(session, "Koivukoti", places=4), add_unit(session, "Haapakoti", places=4)
        manager = person(session, "unit-manager")
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == manager.id)).one()
        mandate.unit_id = home.id
        session.add(mandate)
        worker = person(session, "social-worker").id
        found: dict[str, Any] = {"home": home.ref, "other": other.ref}
        for name, unit, protected in (("here", home, False), ("there", other, False), ("hidden", home, True)):
            child = add_child(session, name.title(), worker_id=worker, waiting=False, protected=protected)
            stay = add_stay(session, child, unit, start=TODAY - 5 * DAY)
            stay.realised_start = TODAY - 5 * DAY
            session.add(stay)
            found[name] = child.ref
        return found

    return do(work)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def typed(unit: str, **changes: str) -> dict[str, str]:
    made = {
        "kind": "seizure",
        "unit_ref": unit,
        "made_on": "19.11.2026",
        "content": WRITTEN,
        "idempotency_key": "k" * 32,
    }
    return {**made, "copy_county_on": "", "copy_agency_on": "", **changes}


def write(client: Any, world: dict[str, Any], status: int = 303, **changes: str) -> Any:
    assert WRITTEN not in text(client.get(f"/children/{world['here']}/protocols/new"))
    return client.post(f"/children/{world['here']}/protocols/new", typed(world["home"], **changes), status=status)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_manager_writes_it_and_marks_each_copy(sign_in, do, world, lang):
    client = sign_in("unit-manager", lang=lang)
    write(client, world)
    assert TODAYS[lang] in text(client.get("/today"))
    page = f"/children/{world['here']}/protocols/1"
    client.post(page, {"version": "1", "copy_county_on": "20.11.2026", "copy_agency_on": ""})
    client.post(page, {"version": "2", "copy_county_on": "", "copy_agency_on": "24.11.2026"})
    row = do(lambda s: s.exec(select(RestrictionProtocol)).one())
    manager = do(lambda s: person(s, "unit-manager").id)
    assert (row.copy_county_by, row.copy_agency_by, row.copy_county_at, row.recorded_by) == (
        manager,
        manager,
        NOW,
        manager,
    )
    assert do(lambda s: s.exec(select(ChildService.delivered_on)).one()) == TODAY
    name = do(lambda s: person(s, "unit-manager").name)
    shown = text(client.get("/protocols"))
    assert shown.count(name) >= 2
    assert WRITTEN not in shown
    assert TODAYS[lang] not in text(client.get("/today"))
    actions = do(lambda s: list(s.exec(select(AuditEvent.action).where(AuditEvent.object_ref == world["here"]))))
    assert actions == ["protocol-recorded", "protocol-copies-sent", "protocol-copies-sent"]


def test_the_text_is_read_with_a_look_in_the_log_and_only_there(sign_in, do, world):
    client = sign_in("unit-manager")
    write(client, world)
    before = do(lambda s: len(s.exec(select(UseLog)).all()))
    assert WRITTEN not in text(client.get(f"/children/{world['here']}/protocols/1"))
    assert do(lambda s: len(s.exec(select(UseLog)).all())) == before
    assert WRITTEN in text(client.get(f"/children/{world['here']}/protocols/1/text"))
    assert do(lambda s: len(s.exec(select(UseLog)).all())) == before + 1


@pytest.mark.parametrize(("made", "status"), [("19.11.2026", 303), ("18.11.2026", 422), ("25.11.2026", 422)])
def test_only_for_a_day_on_which_the_child_lived_there(sign_in, do, world, made, status):
    page = write(sign_in("unit-manager", lang="en"), world, status, made_on=made)
    assert (len(do(lambda s: s.exec(select(RestrictionProtocol)).all())) == 1) is (status == 303)
    if status == 422:
        assert WRITTEN in page.get_data(as_text=True)


def test_only_for_the_own_home_and_its_children(sign_in, do, world):
    manager = sign_in("unit-manager")
    manager.get(f"/children/{world['there']}/protocols/new", status=404)
    manager.post(f"/children/{world['there']}/protocols/new", typed(world["other"]), status=404)
    write(manager, world, 422, unit_ref=world["other"])
    worker = sign_in("social-worker")
    worker.post(f"/children/{world['there']}/protocols/new", typed(world["other"]))
    manager.get(f"/children/{world['there']}/protocols/1", status=404)
    manager.post(
        f"/children/{world['there']}/protocols/1", {"version": "1", "copy_county_on": "24.11.2026"}, status=404
    )
    assert world["there"] not in text(manager.get("/protocols"))
    sign_in("coordinator").get("/protocols", status=403)
    sign_in("other-social-worker").get(f"/children/{world['there']}/protocols/1", status=404)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_of_a_protected_child_its_home_writes_by_reference_and_nobody_else(sign_in, do, world, lang):
    """The duty is the home's (681/2023 § 33.4); its manager knows who lives there by reference, as for presence."""
    ref = world["hidden"]
    page, typed_in = f"/children/{ref}/protocols/new", typed(world["home"])
    manager = sign_in("unit-manager", lang=lang)
    seen = [manager.get("/residents"), manager.get(page)]
    before = do(lambda s: len(s.exec(select(UseLog)).all()))
    manager.post(page, {**typed_in, "made_on": "18.11.2026"}, status=422)
    address = manager.post(page, typed_in).headers["Location"]
    seen += [manager.get(address), manager.get("/protocols"), manager.get(f"{address}/text"), manager.get("/today")]
    assert do(lambda s: len(s.exec(select(UseLog)).all())) > before
    assert WRITTEN in text(seen[4])
    assert all(ref in text(answer) for answer in seen[:-1])
    assert not [answer.request.path for answer in seen if "Hidden Esimerkki" in text(answer)]
    manager.post(address, {"version": "1", "copy_county_on": "24.11.2026", "copy_agency_on": "24.11.2026"})
    after = do(lambda s: s.exec(select(AuditEvent).where(AuditEvent.action == "protocol-recorded")).one().after)
    assert world["home"] not in after
    assert WRITTEN not in after

    def elsewhere(session: Session) -> None:
        mandate = session.exec(
            select(UserMandate).where(UserMandate.user_id == person(session, "unit-manager").id)
        ).one()
        mandate.unit_id = session.exec(select(Unit.id).where(Unit.ref == world["other"])).one()
        session.add(mandate)

    def own_worker(session: Session, who: str) -> None:
        child = session.exec(select(Child).where(Child.ref == ref)).one()
        child.worker_id, child.waiting_since = person(session, who).id, TODAY
        session.add(child)

    do(lambda s: own_worker(s, "county-lead"))
    for address_ in (page, f"{address}/text"):
        refused = sign_in("social-worker", lang="en").get(address_, status=403)
        assert "Show the identity first and give the reason" in text(refused)
    do(lambda s: own_worker(s, "social-worker"))
    assert WRITTEN in text(sign_in("social-worker").get(f"{address}/text"))
    do(elsewhere)
    other = sign_in("unit-manager")
    for address_ in (page, address, f"{address}/text"):
        other.get(address_, status=404)
    other.post(page, typed_in | {"idempotency_key": "j" * 32}, status=404)
    assert len(do(lambda s: s.exec(select(RestrictionProtocol)).all())) == 1


def test_a_supported_housing_has_no_such_measures(sign_in, do, world):
    def turn(session: Session) -> None:
        unit = session.exec(select(Unit).where(Unit.ref == world["home"])).one()
        unit.kind = UnitKind.SUPPORTED_HOUSING
        session.add(unit)

    do(turn)
    client = sign_in("unit-manager")
    assert "/protocols" not in client.get("/residents").get_data(as_text=True)
    write(client, world, 422)


@pytest.mark.parametrize(
    ("county", "agency", "status"),
    [("", "", 422), ("18.11.2026", "", 422), ("25.11.2026", "", 422), ("19.11.2026", "24.11.2026", 303)],
)
def test_a_copy_goes_from_the_day_of_the_measure_on(sign_in, do, world, county, agency, status):
    client = sign_in("unit-manager")
    write(client, world)
    page = f"/children/{world['here']}/protocols/1"
    client.post(page, {"version": "1", "copy_county_on": county, "copy_agency_on": agency}, status=status)
    client.post(page, {"version": "9", "copy_county_on": "20.11.2026"}, status=409)


def test_a_late_copy_is_told_as_late_on_today_and_in_the_list(sign_in, do, world):
    client = sign_in("unit-manager", lang="en")
    write(client, world)

    def earlier(session: Session) -> None:
        row = session.exec(select(RestrictionProtocol)).one()
        row.made_on = TODAY - 8 * DAY
        session.add(row)

    assert "To send by 26 November 2026" in text(client.get("/protocols"))
    do(earlier)
    assert "Late since 23 November 2026" in text(client.get("/protocols"))
    for who in ("unit-manager", "social-worker"):
        assert TODAYS["en"] in text(sign_in(who, lang="en").get("/today"))
