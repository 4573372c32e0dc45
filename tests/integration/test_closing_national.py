"""A home of seven closes in the national demo: three plans, each proven, side by side."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from placement.clock import business_day, frozen
from placement.db import Database
from placement.decisions import closing_plans, comparing, run_queries
from placement.decisions.closing_plans import VARIANTS, Wishes
from placement.decisions.solving import execute
from placement.decisions.weights import FREEZE_DAYS
from placement.demo.command import fill
from placement.units import capacity
from placement.units.queries import visible_units
from placement.units.tables import Closure
from tests.conftest import NOW
from tests.placing import actor


@pytest.mark.soak
def test_three_plans_for_a_home_of_seven_are_proven_and_differ(sqlite_url):
    database, today = Database(sqlite_url), business_day(NOW)
    with database.transaction() as session:
        fill(session, "national", seed=1, at=NOW)
    with database.transaction() as session:
        closing = session.exec(select(Closure).where(col(Closure.planned))).one()
        count = capacity.counts(session, [closing.unit_id], today, NOW)[closing.unit_id]
        wishes = Wishes(today + timedelta(days=FREEZE_DAYS))
        made = closing_plans.calculate(
            session, actor(session, "coordinator"), closing.ref or "", wishes, version=closing.version, at=NOW
        )
        keys, refs = [run.id or 0 for run in made], [run.ref for run in made]
    for key in keys:
        assert execute(database, frozen(NOW), key) is not None
    with database.read_only() as session:
        who = actor(session, "coordinator")
        views = [run_queries.view(session, who, ref) for ref in refs]
        own = [one.id or 0 for one in visible_units(session, who, today) if one.county_id == who.county_id]
        columns, rows = comparing.compare(session, views, who.county_id or 0, own, NOW)
    database.close()
    print(f"\nclosing of {count.capacity + count.closed} places, {count.stays} children, seed 1")
    for one in columns:
        print(
            f"  {one.run.preset}: placed {one.placed}, moves {one.moves}, school trips {one.km_total} km "
            f"(longest {one.km_most}), fit {one.fit}, proven {one.proven}"
        )
    assert count.capacity + count.closed == 7
    assert tuple(one.run.preset for one in columns) == VARIANTS
    assert all(one.proven and one.placed == count.stays for one in columns)
    fewest, trip, _best = columns
    assert fewest.moves == min(one.moves for one in columns)
    assert trip.km_total == min(one.km_total for one in columns)
    assert any(row.differs for row in rows)
