"""A day without the basis that its kind of care requires is refused to placements and to claims; one with it is not.

Foster care without an agreement goes the whole way: placed, arrived, claimed on the centre's decision alone. A home
without an agreement in force takes nobody, and days that were lived there all the same are not claimed.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from agreements import in_force
from agreements.claim_values import Basis
from agreements.period import Period
from agreements.tables import Agreement, AgreementKind
from placement.checks import everything
from placement.children.tables import Child
from placement.decisions.tables import BookingRefusal, Hold, Stay
from placement.people.tables import UserMandate
from placement.units.tables import Unit
from tests import claiming
from tests.agreement_data import Maker
from tests.client import JudgingClient
from tests.placing import TODAY, add_agreement, add_child, add_stay, add_unit, person
from tests.web import claims_world
from tests.web.claims_world import text, words
from tests.web.test_decisions import ANSWERS, begin, draft

LATER = "2027-01-20T09:00:00+00:00"
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)
DAYS = Period(FIRST, LAST)


@pytest.fixture
def store(app):
    return app.extensions["placement"].database


@pytest.fixture
def do(store):
    return store.write


@pytest.fixture
def places(store):
    """A foster family and a home, neither of them with an agreement, a child for each; the family's manager."""
    with store.transaction() as session:
        foster = add_unit(session, "Perhe Aalto", kind="foster_home", places=2, two_carers=True)
        home = add_unit(session, "Koivu", places=7, agreed=False)
        worker = person(session, "social-worker").id
        children = [
            add_child(session, worker_id=worker, residence_from=date(2026, 10, 1), place_from=FIRST) for _ in range(2)
        ]
        mandate = session.exec(
            select(UserMandate).where(UserMandate.user_id == person(session, "unit-manager").id)
        ).one()
        mandate.unit_id = foster.id
        session.add(mandate)
        return {"foster": foster.ref, "home": home.ref, "fits": children[0].ref, "other": children[1].ref}


def rows(store, table):
    with store.read_only() as session:
        return session.exec(select(table)).all()


def checks(store, at):
    with store.transaction() as session:
        return {one.id: one for one in everything.run(session, at)}


def placed(sign_in, do, places):
    """Decide the foster family for the child, through the pages."""
    client = sign_in("social-worker")
    begin(client, (places["fits"], places["foster"]))
    ref = draft(do).ref
    client.post(f"/decisions/{ref}/save", {**ANSWERS, "version": draft(do).version, "check": "1"})
    client.post(f"/decisions/{ref}/make", {"version": draft(do).version})
    return ref


def arrived(store, places, later):
    manager = JudgingClient(later)
    manager.sign_in("unit-manager")
    url = f"/children/{places['fits']}/stays/{FIRST.isoformat()}/arrival"
    version = re.search(r'name="version" value="(\d+)"', text(manager.get(url))).group(1)
    manager.post(url, {"version": version, "arrived_on": "1.12.2026"})
    assert [one.realised_start for one in rows(store, Stay)] == [FIRST]


def claimed(app, later, unit, *, first="1.12.2026"):
    """Begin a claim of December with the fee of the family in it; return the officer's client and the claim."""
    officer = JudgingClient(later)
    officer.sign_in("claims-officer")
    ref = claims_world.start(officer, first, "31.12.2026")
    claims_world.add_cost(
        officer, app, ref, cost_kind="foster_fee", unit=str(unit), first_day="1.12.2026", last_day="31.12.2026",
        net="900,00", voucher_on="31.12.2026",
    )  # fmt: skip
    return officer, ref


def send(officer, app, later, ref, status=303):
    claims_world.to_approver(officer, app, ref, status=status)
    if status == 303:
        approver = JudgingClient(later)
        approver.sign_in("claims-approver")
        approver.post(f"/claims/{ref}/send", {"version": str(claims_world.by_ref(app, ref).version)})


def grant_foster(session):
    who = claiming.scene(session, units=0)
    claiming.grant(session, who, [claiming.budget("foster_fee", 500_000, days=DAYS)], period=DAYS)


def test_foster_care_without_an_agreement_is_placed_lived_and_claimed(app, make_app, sign_in, store, do, places):
    placed(sign_in, do, places)
    assert rows(store, Agreement) == []
    assert [(one.decided_start, one.decision_id is not None) for one in rows(store, Stay)] == [(FIRST, True)]
    later = make_app(PLACEMENT_DATABASE_URL=str(store.url), PLACEMENT_CLOCK=LATER)
    arrived(store, places, later)
    with store.read_only() as session:
        unit = session.exec(select(Unit.id).where(Unit.ref == places["foster"])).one()
    officer, ref = claimed(app, later, unit)
    [days] = [one for one in claims_world.lines(app, ref) if one.child_ref == places["fits"]]
    assert (days.basis, days.days, days.note) == (Basis.OWN_DAY, 31, "")

    page = words(text(officer.get(f"/claims/{ref}/check")))
    assert "No decision of the deciding centre covers" in page, "without the centre's decision nothing is claimed"
    send(officer, app, later, ref, status=422)

    with store.transaction() as session:
        grant_foster(session)
    officer.post(f"/claims/{ref}/refresh", {"version": str(claims_world.by_ref(app, ref).version)})
    assert "No decision of the deciding centre covers" not in words(text(officer.get(f"/claims/{ref}/check")))
    send(officer, app, later, ref)
    assert claims_world.by_ref(app, ref).status.value == "sent"

    kept = later.extensions["placement"]
    found = checks(store, kept.clock())
    assert {
        key: one.breaches for key, one in found.items() if one.breaches and key in ("A7", "L13", "C12", "C17")
    } == {}
    assert found["A7"].checked > 0
    assert found["L13"].checked > 0


def test_a_home_without_an_agreement_takes_nobody_and_says_why(sign_in, store, do, places):
    client = sign_in("social-worker")
    page = words(text(client.post("/decisions/start", {"child": places["other"], "unit": places["home"]}, status=409)))
    assert "agreement" in page
    assert [one.code for one in rows(store, BookingRefusal)] == ["agreement-not-in-force"]
    assert rows(store, Hold) == []


def test_days_lived_in_a_home_without_an_agreement_are_left_out_of_the_claim(app, make_app, store, places):
    """The agreement begins on 11 December: the ten days before it are refused by their code, the rest is claimed."""
    with store.transaction() as session:
        home = session.exec(select(Unit).where(Unit.ref == places["home"])).one()
        child = session.exec(select(Child).where(Child.ref == places["other"])).one()
        stay = add_stay(session, child, home, start=FIRST)
        stay.realised_start = FIRST
        session.add(stay)
        version = add_agreement(session, home, 7)
        version.valid_from = FIRST + timedelta(days=10)
        session.add(version)
    later = make_app(PLACEMENT_DATABASE_URL=str(store.url), PLACEMENT_CLOCK=LATER)
    officer = JudgingClient(later)
    officer.sign_in("claims-officer")
    ref = claims_world.start(officer, "1.12.2026", "31.12.2026")
    said = [(one.basis, one.days, one.note) for one in claims_world.lines(app, ref) if one.child_ref]
    assert set(said) == {(Basis.OWN_DAY, 21, ""), (Basis.LEFT_OUT, 10, "agreement-missing")}
    assert "No agreement on the unit is in force" in words(text(officer.get(f"/claims/{ref}/days")))


def test_a_day_of_a_unit_is_one_query_and_one_page(sign_in, store):
    """Per chapter the version in force, its clause and its price: one statement, shown together on one page."""
    with store.transaction() as session:
        make = Maker(session)
        unit = add_unit(session, "Koivu", places=7, agreed=False)
        version = make.version(make.agreement(AgreementKind.THREE_PARTY), make.three())
        make.covers(version, unit)
        key, ref = unit.id, session.get(Agreement, version.agreement_id).ref
    statements = []
    engine = store.reader

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        with store.read_only() as session:
            found = in_force.in_force(session, key, TODAY)
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    assert [one.split()[0] for one in statements if one.split()[0] != "BEGIN"] == ["SELECT"]
    assert set(found) == {"founding", "placing", "services", "reimbursement"}
    assert {(one.clause.agreement_ref, one.clause.number, one.clause.places) for one in found.values()} == {(ref, 1, 7)}
    page = text(sign_in("coordinator").get(f"/agreements/in-force?unit={unit.ref}"))
    table = page[page.index('id="chapters"') :]
    assert table[: table.index("</table>")].count(ref) >= 4
    assert "245.50" in table
