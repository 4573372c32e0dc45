"""Imported costs are taken back whole, until a claim rests on one or somebody has taken one out by hand."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from agreements.claim_tables import ClaimLine, CostEntry
from placement.imports.plan import work_out
from placement.imports.writing import carry_out, undo
from placement.refusals import Conflict
from placement.reimbursed import costs
from placement.units.tables import Unit
from tests.conftest import NOW
from tests.placing import actor
from tests.unit.placement.imports.sheets import csv_file
from tests.web import claims_world as world

HEAD = ("Kind of cost", "Unit", "First day", "Last day", "Sum without value added tax", "Supplier",
        "Number of the voucher", "Date of the voucher")  # fmt: skip
VOUCHERS = ("R-901", "R-902")


@pytest.fixture
def app(worked_app):
    return worked_app


@pytest.fixture
def token(app):
    """The token of an import of two rents."""
    with world.database(app).transaction() as session:
        officer, unit = actor(session, "claims-officer"), session.get_one(Unit, 1)
        rows = [(*("rent", unit.name, "1.10.2026", "31.10.2026", "4 215,00", "Vuokra Oy"), number, "31.10.2026")
                for number in VOUCHERS]  # fmt: skip
        plan = work_out(session, officer, "costs", "costs.csv", csv_file([HEAD, *rows]), at=NOW, lang="en",
                        invented_codes=True)  # fmt: skip
        return carry_out(session, officer, plan, skip_bad=False, at=NOW)[0].token


def take_back(app, token):
    with world.database(app).transaction() as session:
        undo(session, actor(session, "claims-officer"), token, at=NOW)


def here(app):
    with world.database(app).read_only() as session:
        return list(session.exec(select(CostEntry.id).where(col(CostEntry.voucher).in_(VOUCHERS))))


def test_imported_costs_are_taken_back_whole(app, token):
    assert len(here(app)) == 2
    take_back(app, token)
    assert here(app) == []


def test_costs_that_a_claim_rests_on_stay(app, sign_in, token):
    world.start(sign_in("claims-officer"))
    with world.database(app).read_only() as session:
        assert session.exec(select(ClaimLine.id).where(col(ClaimLine.cost_entry_id).in_(here(app)))).all()
    with pytest.raises(Conflict) as refused:
        take_back(app, token)
    assert (refused.value.code, refused.value.facts["ref"]) == ("undo-touched", f"cost-{here(app)[0]}")
    assert len(here(app)) == 2


def test_a_cost_taken_out_by_hand_stops_the_undo_of_the_rest(app, token):
    with world.database(app).transaction() as session:
        costs.remove_cost(session, actor(session, "claims-officer"), here(app)[1], at=NOW)
    with pytest.raises(Conflict):
        take_back(app, token)
    assert len(here(app)) == 1
