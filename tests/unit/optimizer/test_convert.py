"""Public benchmark files become instances whose optima are the published ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from optimizer import solve, verify
from optimizer.__main__ import main
from optimizer.convert import gap, hias, mmkp
from optimizer.io import instance_from_json, read_instance, write_json
from optimizer.problem import PairInstance
from optimizer.shape import InputRefused
from tests.unit.optimizer.reference import file

Json = dict[str, Any]


def two_towns() -> Json:
    return {
        "source": "invented",
        "localities": ["Turku", "Oulu"],
        "dimensions": ["children", "adults"],
        "capacity": [[2, 1], [0, 2]],
        "family_size": [[1, 1], [0, 2], [1, 1]],
        "compatible": [[1, 1], [1, 1], [1, 0]],
        "weight": [[0.5, 0.25], [0.125, 1.0], [0.75, 0.0]],
        "normaliser": 2.0,
    }


def converted(tmp_path: Path, data: Json, dimensions: int = 2) -> PairInstance:
    path = tmp_path / "towns.json"
    write_json(str(path), data)
    found = instance_from_json(hias(str(path), dimensions))
    assert isinstance(found, PairInstance)
    return found


def test_families_go_where_they_fit_and_count_most(tmp_path: Path) -> None:
    instance = converted(tmp_path, two_towns())

    result = solve(instance, workers=1)

    # Turku has room for one of the first and third family, Oulu takes the second: (0.75 + 1.0) / 2
    assert result.assignment == {"0": None, "1": 1, "2": 0}
    assert result.scale is not None
    assert result.levels[0].value / result.scale == 0.875
    assert verify(instance, result).valid


def test_with_one_dimension_people_are_counted_together(tmp_path: Path) -> None:
    instance = converted(tmp_path, two_towns(), dimensions=1)

    assert [(row.id, row.cap) for row in instance.resources] == [("Turku: people", 3), ("Oulu: people", 2)]


def test_tables_by_name_are_joined_by_name(tmp_path: Path) -> None:
    by_name = two_towns()
    by_name["capacity"] = {"Oulu": [0, 2], "Turku": [2, 1]}
    by_name["weight"] = [{"Oulu": row[1], "Turku": row[0]} for row in by_name["weight"]]

    assert converted(tmp_path, by_name) == converted(tmp_path, two_towns())


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("capacity", {"Turku": [2, 1], "Uleåborg": [0, 2]}, 'capacity: the names disagree with localities on "Oulu"'),
        ("capacity", [[2, 1]], "capacity: 1 entries, 2 localities"),
        ("capacity", [[2, 1], [0, -2]], "capacity[1]: -2 is not a whole number"),
        ("family_size", [[1, 1], [0, 2]], "compatible: 3 families, family_size has 2"),
        ("weight", [[0.5], [0.125], [0.75]], "weight[0]: 1 entries, 2 localities"),
        ("weight", [["x", 1], [1, 1], [1, 1]], 'weight[0][0]: "x" is not a number'),
        ("localities", ["Turku", "Turku"], 'localities: "Turku" is listed twice'),
        ("normaliser", 0, "normaliser: 0 is not a number above 0"),
    ],
)
def test_a_file_that_does_not_fit_together_is_refused(field: str, value: Any, fault: str, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        converted(tmp_path, {**two_towns(), field: value})
    assert refused.value.faults[0].startswith(fault)


def test_a_gap_file_is_minimised_with_every_item_assigned(tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    # 2 agents, 3 items; costs; uses; capacities
    path.write_text("2 3\n 1 9 4\n 2 3 9\n 5 5 5\n 4 4 4\n 10 4\n")

    result = solve(instance_from_json(gap(str(path))), workers=1)

    assert result.assignment == {"0": 0, "1": 1, "2": 0}
    assert result.levels[0].value == 1 + 3 + 4


@pytest.mark.parametrize("content", ["", "2 3 1 2", "2 3 x", "0 3"])
def test_a_cut_gap_file_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    path.write_text(content)

    with pytest.raises(InputRefused):
        gap(str(path))
    assert main(["convert", "gap", str(path)]) == 2


def test_an_infeasible_instance_names_items_and_capacities_that_clash(tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    path.write_text("2 3\n 1 1 1\n 1 1 1\n 5 5 5\n 5 5 5\n 5 5\n")

    instance = instance_from_json(gap(str(path)))
    result = solve(instance, workers=1)

    assert result.status == "infeasible"
    assert result.conflict is not None
    assert sorted(fact.code for fact in result.conflict) == ["ITEM_ASSIGNED"] * 3 + ["RESOURCE"] * 2
    assert verify(instance, result).valid


def test_an_mmkp_file_takes_one_choice_of_each_class(tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    # 2 classes of 2 choices, 1 resource of capacity 5
    path.write_text("2 2 1\n5\n1\n 3.5 2\n 9 4\n2\n 1 1\n 7 3\n")

    result = solve(instance_from_json(mmkp(str(path))), workers=1)

    # 3.5 + 7 uses 5; 9 + 1 uses 5 as well and is worth less
    assert result.assignment == {"0": 0, "1": 1}
    assert result.scale is not None
    assert result.levels[0].value / result.scale == 10.5


def test_several_files_go_to_a_directory(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text("1 1\n 2\n 1\n 1\n")
    into = tmp_path / "instances"
    into.mkdir()

    files = [str(tmp_path / "one.txt"), str(tmp_path / "two.txt")]
    assert main(["convert", "gap", *files, "-o", str(into)]) == 0
    assert sorted(path.name for path in into.iterdir()) == ["one.json", "two.json"]
    assert main(["convert", "gap", *files, "-o", str(tmp_path / "single.json")]) == 2


@pytest.mark.parametrize("name", ["gap1-0", "gap3-1", "gap5-2"])
def test_small_public_gap_instances_reach_their_known_optimum(name: str, tmp_path: Path) -> None:
    with Path(file("data", "gap", "values.csv")).open() as table:
        known = {row["file"]: int(row["optimum"]) for row in csv.DictReader(table)}
    path = tmp_path / "instance.json"
    assert main(["convert", "gap", file("data", "gap", f"{name}.txt"), "-o", str(path)]) == 0

    result = solve(read_instance(str(path)), workers=2)

    assert result.status == "optimal"
    assert result.levels[0].value == known[f"{name}.txt"]


def test_the_public_resettlement_year_is_read_as_published(tmp_path: Path) -> None:
    source = file("data", "hias-fy17", "FY17_name-aligned.json")
    published = json.loads(Path(source).read_text())

    instance = instance_from_json(hias(source, 3))

    assert isinstance(instance, PairInstance)
    assert (instance.items, instance.bins) == (329, 20)
    assert instance.scale == round(published["normaliser"] * 10**9)
    assert len(instance.resources) == 60
    assert sum(map(sum, published["compatible"])) == len(instance.pairs.item)


@pytest.mark.soak
@pytest.mark.parametrize("dimensions", [1, 3])
@pytest.mark.parametrize("reading", ["FY17_as-published-positional.json", "FY17_name-aligned.json"])
def test_the_public_year_of_refugee_families_is_proven_at_its_published_optimum(reading: str, dimensions: int) -> None:
    published = json.loads(Path(file("data", "hias-fy17", "optima.json")).read_text())
    optimum = next(one["optimum"] for one in published if (one["file"], one["dimensions"]) == (reading, dimensions))
    instance = instance_from_json(hias(file("data", "hias-fy17", reading), dimensions))

    result = solve(instance, workers=1)

    assert isinstance(instance, PairInstance)
    assert result.status == "optimal"
    assert abs(result.levels[0].value / instance.scale - optimum) < 1e-8
