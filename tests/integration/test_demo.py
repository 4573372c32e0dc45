"""Both demos: proven best, accepted by the optimizer's own checker, and free of breaches."""

from __future__ import annotations

import pytest

from placement.checks import everything
from placement.db import Database
from placement.demo.command import fill
from tests.conftest import NOW


@pytest.mark.slow
@pytest.mark.parametrize("size", ["small", "national"])
def test_the_demo_breaks_no_invariant_and_holds_a_case_of_each(sqlite_url, size):
    database = Database(sqlite_url)
    with database.transaction() as session:
        fill(session, size, seed=1, at=NOW)
    with database.transaction() as session:
        results = everything.run(session, NOW)
    database.close()

    assert [result for result in results if result.breaches] == []
    assert {"X1", "X2", "X3", "X5", "X6", "X7", "C1", "C2", "C3", "C12", "C17"} <= {result.id for result in results}
