"""Both demos: proven best, accepted by the optimizer's own checker, and free of breaches."""

from __future__ import annotations

import pytest
from sqlmodel import select

from placement.checks import everything
from placement.clock import business_day
from placement.db import Database
from placement.demo.command import fill
from placement.integration.due_rules import state
from placement.integration.queries import given
from placement.integration.tables import ChildService
from placement.reference import integration_service_keys
from tests.conftest import NOW


def every_service_in_every_state(session):
    """Return the kinds of service and step that the demo does not hold as owed, late, reported or delivered."""
    found = {}
    for row in session.exec(select(ChildService)):
        found.setdefault(row.kind, set()).add(str(state(given(row), business_day(NOW))))
    wanted = {"owed", "late", "reported", "delivered"}
    return {key: lacking for key in integration_service_keys() if (lacking := wanted - found.get(key, set()))}


@pytest.mark.slow
@pytest.mark.parametrize("size", ["small", "national"])
def test_the_demo_breaks_no_invariant_and_holds_a_case_of_each(sqlite_url, size):
    database = Database(sqlite_url)
    with database.transaction() as session:
        fill(session, size, seed=1, at=NOW)
    with database.transaction() as session:
        results = everything.run(session, NOW)
        in_state = every_service_in_every_state(session)
    database.close()

    assert [result for result in results if result.breaches] == []
    nobody_is_near = {"successor_home": {"late"}} if size == "small" else {}
    assert in_state == nobody_is_near, "in the small demo nobody comes of age within half a year"
    assert {"X1", "X2", "X3", "X5", "X6", "X7", "C1", "C2", "C3", "C12", "C17"} <= {result.id for result in results}
    money = {result.id: result.checked for result in results if result.id.startswith("L")}
    assert set(money) == {f"L{number}" for number in range(1, 22)}
    assert size == "small" or min(money.values()) > 0, "the national demo holds a real case of each money rule"
    assert size == "small" or money["L1"] >= 200
