"""Both demos: proven best, accepted by the optimizer's own checker, and free of breaches."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select

from placement.audit.tables import AuditEvent
from placement.checks import everything
from placement.clock import business_day
from placement.db import Database
from placement.decisions.tables import Decision, DecisionDocument, DecisionStatus
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


def unlike_the_service(session, size):
    """Return the decisions whose event does not say what the service records, fingerprints of documents too."""
    hashes = {}
    for row in session.exec(select(DecisionDocument)):
        hashes.setdefault(row.decision_id, {})[row.language] = row.sha256
    events = {
        one.object_ref: json.loads(one.after)
        for one in session.exec(select(AuditEvent).where(AuditEvent.action == "decision-made"))
    }
    found = [
        made.ref
        for made in session.exec(select(Decision).where(Decision.status == DecisionStatus.MADE))
        if (said := events[made.ref])["documents"] != hashes.get(made.id, {})
        or (said["status"], said["case_number"], said["start"]) != ("made", made.case_number, made.start.isoformat())
    ]
    assert size == "small" or hashes
    return found


@pytest.mark.slow
@pytest.mark.parametrize("size", ["small", "national"])
def test_the_demo_breaks_no_invariant_and_holds_a_case_of_each(sqlite_url, size):
    database = Database(sqlite_url)
    with database.transaction() as session:
        fill(session, size, seed=1, at=NOW)
    with database.transaction() as session:
        results = everything.run(session, NOW)
        in_state = every_service_in_every_state(session)
        unlike = unlike_the_service(session, size)
    database.close()

    assert [result for result in results if result.breaches] == []
    assert unlike == []
    nobody_is_near = {"successor_home": {"late"}} if size == "small" else {}
    assert in_state == nobody_is_near, "in the small demo nobody comes of age within half a year"
    assert {"X1", "X2", "X3", "X5", "X6", "X7", "C1", "C2", "C3", "C12", "C17"} <= {result.id for result in results}
    money = {result.id: result.checked for result in results if result.id.startswith("L")}
    assert set(money) == {f"L{number}" for number in range(1, 22)}
    assert size == "small" or min(money.values()) > 0, "the national demo holds a real case of each money rule"
    assert size == "small" or money["L1"] >= 200
