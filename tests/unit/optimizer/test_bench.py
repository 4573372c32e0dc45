"""The bench makes its own instances, the same each time, and prints its table."""

from __future__ import annotations

import json

import numpy as np
import pytest

from optimizer import pipeline
from optimizer.__main__ import main
from optimizer.bench_instances import as_json, day, instance
from optimizer.bench_regions import REGIONS, regional
from optimizer.outcome import Controls
from optimizer.pipeline import from_instance
from optimizer.pipeline.components import can_split, regions


def test_an_instance_is_the_same_for_its_size_and_seed() -> None:
    assert as_json("M", 1) == as_json("M", 1)
    assert as_json("M", 1) != as_json("M", 2)


def test_every_size_up_to_l_is_a_valid_instance() -> None:
    assert [len(instance(size, 1).children) for size in ("S", "M", "L")] == [20, 150, 1000]


def test_regions_share_no_unit_and_are_as_many_as_asked() -> None:
    made = regional("R", 1)

    assert (len(made.children), len(made.units)) == (400, 120)
    model = from_instance.build(made)
    assert can_split(model)
    assert len(np.unique(regions(model)[model.unit])) >= REGIONS["R"][0]


def test_a_day_locks_four_fifths_of_the_placed_where_they_are() -> None:
    whole = instance("S", 1)
    plan = pipeline.search(whole, Controls()).assignment
    assert plan is not None
    placed = [child for child, unit in plan.items() if unit is not None]
    locked = {child.id: child.locked for child in day(whole, plan).children if child.locked is not None}
    assert len(locked) == len(placed) * 4 // 5
    assert all(plan[child] == unit for child, unit in locked.items())


def test_the_table_has_a_proven_line_per_instance(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--size", "S", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["versions"]["ortools"]
    assert [line["proven"] for line in table["lines"]] == [5, 5, 5]
