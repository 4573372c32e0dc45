"""Imported costs are taken back whole, until a claim rests on one or somebody has taken one out by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from agreements.claim_tables import CostEntry
from placement.demo.accounts import OTHER_COUNTY
from placement.imports.plan import work_out
from placement.imports.tables import ImportBatch
from placement.imports.writing import carry_out, undo
from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Role
from placement.reimbursed import costs
from placement.units.tables import Unit
from tests.client import JudgingClient
from tests.conftest import NOW
from tests.placing import actor
from tests.unit.placement.imports.sheets import csv_file
from tests.web import claims_world as world
from tests.web.claims_world import text, words

HEAD = ("Kind of cost", "Unit", "First day", "Last day", "Sum without value added tax", "Supplier",
        "Number of the voucher", "Date of the voucher")  # fmt: skip
VOUCHERS = ("R-901", "R-902")


@pytest.fixture
def app(worked_app):
    return worked_app


def rents(app):
    with world.database(app).read_only() as session:
        unit = session.get_one(Unit, 1).name
    return [("rent", unit, "1.10.2026", "31.10.2026", "4 215,00", "Vuokra Oy", one, "31.10.2026") for one in VOUCHERS]


@pytest.fixture
def token(app):
    """The token of an import of two rents."""
    with world.database(app).transaction() as session:
        officer = actor(session, "claims-officer")
        plan = work_out(session, officer, "costs", "costs.csv", csv_file([HEAD, *rents(app)]), at=NOW, lang="en",
                        invented_codes=True)  # fmt: skip
        return carry_out(session, officer, plan, skip_bad=False, at=NOW)[0].token


@pytest.fixture
def officer(sign_in):
    return sign_in("claims-officer")


def take_back(app, token):
    with world.database(app).transaction() as session:
        undo(session, actor(session, "claims-officer"), token, at=NOW)


def here(app):
    with world.database(app).read_only() as session:
        return list(session.exec(select(CostEntry.id).where(col(CostEntry.voucher).in_(VOUCHERS))))


def press(client, app, ref, token, status=303):
    version = {"version": str(world.by_ref(app, ref).version)}
    return client.post(f"/claims/{ref}/import/done/{token}/undo", version, status=status)


def rests_on_import(app, ref):
    keys = here(app)
    return [line for line in world.lines(app, ref) if line.cost_entry_id in keys]


def test_imported_costs_are_taken_back_whole(app, token):
    assert len(here(app)) == 2
    take_back(app, token)
    assert here(app) == []


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_an_officer_imports_into_a_draft_and_takes_it_back(app, sign_in, lang):
    client = sign_in("claims-officer", lang)
    ref = world.start(client)
    before = [(line.cost_kind, line.claimed_cents) for line in world.lines(app, ref)]
    sheet = {"rows": "\n".join("\t".join(row) for row in [HEAD, *rents(app)])}
    preview = client.post(f"/claims/{ref}/import", sheet).headers["Location"]
    key = {"idempotency_key": world.key_in(text(client.get(preview)))}
    done = client.post(preview, key).headers["Location"]
    assert client.post(preview, key).headers["Location"] == done, "imported once, however often it is sent"
    page = text(client.get(done))
    assert page.count("R-90") == 2
    assert len(rests_on_import(app, ref)) == 2
    assert done in text(client.get(f"/claims/{ref}/import"))
    with world.database(app).read_only() as session:
        token = session.exec(select(ImportBatch.token)).one()
    assert press(client, app, ref, token).headers["Location"] == done
    assert here(app) == []
    assert [(line.cost_kind, line.claimed_cents) for line in world.lines(app, ref)] == before
    assert 'id="undo"' not in text(client.get(done))
    press(client, app, ref, token)  # a second press finds it undone
    client.get(f"/claims/{ref}/import")


def test_costs_that_another_claim_rests_on_stay_and_the_claim_is_named(app, officer, token):
    sent = world.start(officer)
    world.to_approver(officer, app, sent)
    ref = world.start(officer, "1.1.2027", "30.6.2027")
    answer = words(text(press(officer, app, ref, token, status=409)))
    assert f"Claim {sent} rests on voucher R-901 (row 2)" in answer
    assert len(here(app)) == 2
    assert 'id="undo"' not in text(officer.get(f"/claims/{sent}/import/done/{token}")), "the claim was handed on"
    press(officer, app, sent, token, status=409)


def test_a_cost_taken_out_by_hand_stops_the_undo_of_the_rest(app, officer, token):
    ref = world.start(officer, "1.1.2027", "30.6.2027")
    with world.database(app).transaction() as session:
        costs.remove_cost(session, actor(session, "claims-officer"), here(app)[1], at=NOW)
    assert "The cost of row 3 was taken out by hand" in words(text(press(officer, app, ref, token, status=409)))
    assert len(here(app)) == 1


def test_only_a_claims_officer_of_the_county_takes_costs_back(app, officer, sign_in, token):
    ref = world.start(officer)
    for account in ("claims-approver", "coordinator", "social-worker", "reviewer"):
        press(sign_in(account), app, ref, token, status=403)
    sign_in("coordinator").get(f"/import/done/{token}", status=404)
    move_to_county(app, "claims-officer", OTHER_COUNTY)
    press(officer, app, ref, token, status=404)
    foreign = world.start(officer, "1.1.2027", "30.6.2027")
    officer.get(f"/claims/{foreign}/import/done/{token}", status=404)
    press(officer, app, foreign, token, status=404)
    assert len(here(app)) == 2


def test_another_officer_of_the_same_county_takes_them_back(app, sign_in, token):
    with world.database(app).transaction() as session:
        user = session.exec(select(User).where(User.demo_key == "claims-approver")).one()
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one()
        mandate.role = Role.CLAIMS_OFFICER
    colleague = sign_in("claims-approver")
    press(colleague, app, world.start(colleague), token)
    assert here(app) == []


def test_an_import_is_not_taken_back_after_a_day_nor_over_somebody_elses_save(app, officer, make_app, token):
    ref = world.start(officer)
    old = str(world.by_ref(app, ref).version)
    world.add_cost(officer, app, ref, voucher="R-11")
    officer.post(f"/claims/{ref}/import/done/{token}/undo", {"version": old}, status=409)
    later = JudgingClient(make_app(
        PLACEMENT_DATABASE_URL=str(world.database(app).url), PLACEMENT_CLOCK=(NOW + timedelta(hours=25)).isoformat()
    ))  # fmt: skip
    later.sign_in("claims-officer")
    assert 'id="undo"' not in text(later.get(f"/claims/{ref}/import/done/{token}"))
    press(later, app, ref, token, status=409)
    assert len(here(app)) == 2


def move_to_county(app, account, code):
    with world.database(app).transaction() as session:
        user = session.exec(select(User).where(User.demo_key == account)).one()
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one()
        mandate.organisation_id = session.exec(select(Organisation.id).where(Organisation.county_code == code)).one()
