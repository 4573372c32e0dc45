"""Malformed instances are refused with each field named, exit code 2, and nothing is solved."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optimizer.__main__ import main
from optimizer.io import instance_from_json, instance_to_json
from optimizer.shape import InputRefused
from tests.unit.optimizer.named import AMIR, HAAPA, KOIVU, ZAHRA, instance, must

Json = dict[str, Any]


def good() -> Json:
    whole = instance([AMIR, ZAHRA], [KOIVU, HAAPA], groups=[must("amir", "zahra")], apart=[("amir", "zahra")])
    return json.loads(json.dumps(instance_to_json(whole)))


def put(*path: Any) -> Callable[[Json], None]:
    """Return a change that sets the last of `path` at the fields before it."""

    def change(data: Json) -> None:
        place: Any = data
        for step in path[:-2]:
            place = place[step]
        place[path[-2]] = path[-1]

    return change


def drop(*path: Any) -> Callable[[Json], None]:
    """Return a change that takes a field away."""

    def change(data: Json) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


WINDOW = {"from": 0, "to": 52, "beds": 3}
MALFORMED: list[tuple[Callable[[Json], None], str]] = [
    (put("format", "placement-instance/2"), "format: "),
    (drop("children"), "children: missing"),
    (put("units", "koivu"), 'units: "koivu" is not a list'),
    (put("colour", "red"), "colour: unknown field"),
    (put("children", 0, "shoe_size", 41), "children[0].shoe_size: unknown field"),
    (put("units", 1, "windows", 0, "rent", 1), "units[1].windows[0].rent: unknown field"),
    (drop("children", 1, "county"), "children[1].county: missing"),
    (put("children", 0, "start", 1.0), "children[0].start: 1.0 is not an integer"),
    (put("children", 0, "priority", True), "children[0].priority: true is not an integer"),
    (put("children", 0, "care_hours", "10"), 'children[0].care_hours: "10" is not an integer'),
    (put("children", 0, "care_hours", -1), "children[0].care_hours: -1 is negative"),
    (put("units", 0, "windows", 0, "beds", -1), "units[0].windows[0].beds: -1 is negative"),
    (put("units", 0, "quota", "North", -2), "units[0].quota.North: -2 is negative"),
    (put("children", 0, "priority", 6), "children[0].priority: 6 is outside 1..5"),
    (put("children", 0, "languages", "so", 0), "children[0].languages.so: 0 is outside 1..5"),
    (put("children", 0, "gender", "male"), 'children[0].gender: "male" is not one of F, M, X'),
    (put("units", 0, "gender", "all"), 'units[0].gender: "all" is not one of any, F, M'),
    (put("units", 0, "type", "hotel"), 'units[0].type: "hotel" is not one of'),
    (put("children", 1, "id", "amir"), 'children[1].id: "amir" is already children[0]'),
    (put("units", 1, "id", "koivu"), 'units[1].id: "koivu" is already units[0]'),
    (put("municipalities", 1, "id", "Helsinki"), 'municipalities[1].id: "Helsinki" is already municipalities[0]'),
    (put("languages", 2, "so"), 'languages[2]: "so" is listed twice'),
    (put("children", 0, "languages", {"xx": 3}), 'children[0].languages.xx: no language "xx"'),
    (put("children", 0, "services", {"yoga": 3}), 'children[0].services.yoga: no service "yoga"'),
    (put("units", 0, "languages", {"xx": 3}), 'units[0].languages.xx: no language "xx"'),
    (put("units", 0, "services", {"yoga": 3}), 'units[0].services.yoga: no service "yoga"'),
    (put("units", 0, "municipality", "Atlantis"), 'units[0].municipality: no municipality "Atlantis"'),
    (put("children", 0, "relatives", "Atlantis"), 'children[0].relatives: no municipality "Atlantis"'),
    (put("children", 0, "current", "U99"), 'children[0].current: no unit "U99"'),
    (put("children", 0, "locked", "U99"), 'children[0].locked: no unit "U99"'),
    (put("children", 0, "wishes", ["koivu", "haapa", "U99"]), 'children[0].wishes[2]: no unit "U99"'),
    (put("children", 1, "forbidden", ["U99"]), 'children[1].forbidden[0]: no unit "U99"'),
    (put("children", 0, "start", 52), "children[0].start: 52 is outside 0..51"),
    (put("children", 0, "end", 0), "children[0].end: 0 is not after start 0"),
    (put("units", 0, "windows", []), "units[0].windows: 0 elements"),
    (put("units", 0, "windows", [{"from": 5, "to": 5, "beds": 1}]), "units[0].windows[0]: from 5 to 5 is empty"),
    (
        put("units", 0, "windows", [WINDOW, {"from": 53, "to": 60, "beds": 1}]),
        "units[0].windows[1].from: 53 is not 52",
    ),
    (put("units", 0, "age_min", 216), "units[0].age_min: 216 is above age_max 215"),
    (put("units", 0, "support_min", 5), "units[0].support_min: 5 is above support_max 4"),
    (put("units", 0, "price_empty_day", 301), "units[0].price_empty_day: 301 is above price_day 300"),
    (put("sibling_groups", 0, "members", ["amir", "leila"]), 'sibling_groups[0].members[1]: no child "leila"'),
    (put("sibling_groups", 0, "members", ["amir", "amir"]), 'sibling_groups[0].members[1]: "amir" is listed twice'),
    (put("sibling_groups", 0, "mode", "may"), 'sibling_groups[0].mode: "may" is not one of must, should'),
    (
        lambda data: data["sibling_groups"].append({**data["sibling_groups"][0], "id": "other"}),
        'sibling_groups[1].members[0]: "amir" is already in must group "family"',
    ),
    (put("apart", [["amir", "leila"]]), 'apart[0][1]: no child "leila"'),
    (put("apart", [["amir", "amir"]]), 'apart[0]: "amir" is paired with itself'),
    (put("apart", [["amir", "zahra"], ["zahra", "amir"]]), "apart[1]: the pair is already apart[0]"),
    (put("apart", [["amir"]]), 'apart[0]: ["amir"] is not a pair of child ids'),
    (put("levels", []), "levels: 0 elements"),
    (put("levels", 0, "name", "beauty"), 'levels[0].name: "beauty" is not one of'),
    (put("levels", 0, "sense", "min"), "levels[0].sense: placed is a max level"),
    (put("levels", 0, "tolerance_permille", 1001), "levels[0].tolerance_permille: 1001 is outside 0..1000"),
    (lambda data: data["levels"].append(data["levels"][0]), 'levels[1].name: "placed" is listed twice'),
    (put("fit_weights", "luck", 1), "fit_weights.luck: unknown field"),
    (put("interpreter_cost_hour", 10**9), "units: the cost of a plan could exceed"),
    (put("seed", "lucky"), 'seed: "lucky" is not an integer'),
]


def test_the_unchanged_instance_is_accepted():
    instance_from_json(good())


@pytest.mark.parametrize(("change", "fault"), MALFORMED, ids=[fault for _, fault in MALFORMED])
def test_a_malformed_instance_is_refused_with_its_field_named(
    change: Callable[[Json], None], fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = good()
    if "cost of a plan" in fault:
        data["children"][0]["interpreter_hours"] = 10**6
    change(data)
    source, result = tmp_path / "instance.json", tmp_path / "result.json"
    source.write_text(json.dumps(data))

    code = main(["solve", str(source), "-o", str(result)])

    told = capsys.readouterr().err.splitlines()
    assert code == 2
    assert told[0].startswith(fault)
    assert not result.exists()


def test_a_missing_list_is_one_fault_and_not_one_for_each_reference_to_it():
    data = good()
    del data["children"]

    with pytest.raises(InputRefused) as refused:
        instance_from_json(data)

    assert refused.value.faults == ("children: missing",)


def test_every_fault_is_named_at_once():
    data = good()
    for change, _ in MALFORMED[6:9]:
        change(data)
    put("children", 1, "current", "U99")(data)

    with pytest.raises(InputRefused) as refused:
        instance_from_json(data)

    assert len(refused.value.faults) == 4


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "not readable as JSON"),
        ("{", "not readable as JSON"),
        ("[1]", "the file: [1] is not an object"),
        ('{"format": NaN}', "NaN is not a number"),
        ('{"format": "placement-instance/1", "format": "x"}', "format: the key stands twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"format": "placement-instance/1", "name": "\\ud800"}', "children: missing"),
    ],
    ids=["empty", "cut off", "a list", "NaN", "key twice", "too deep", "half a character"],
)
def test_what_is_no_strict_json_is_refused(
    content: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "instance.json"
    source.write_text(content)

    assert main(["solve", str(source), "-o", str(tmp_path / "result.json")]) == 2
    assert told in capsys.readouterr().err


def test_half_a_character_in_a_name_is_refused():
    data = good()
    data["name"] = "\ud800"

    with pytest.raises(InputRefused, match="half a character"):
        instance_from_json(data)


def test_a_broken_archive_and_a_missing_file_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "instance.json.gz"
    broken.write_bytes(b"no archive")

    assert main(["solve", str(broken)]) == 2
    assert main(["solve", str(tmp_path / "nothing.json")]) == 2
    assert main(["verify", str(broken), str(broken)]) == 2
    told = capsys.readouterr().err
    assert "not readable" in told
    assert "nothing.json: No such file" in told


@pytest.mark.parametrize(
    ("requirements", "fault"),
    [
        ({"place": [{"child": "leila", "unit": "koivu"}]}, 'place[0].child: no child "leila"'),
        ({"place": [{"child": "amir", "unit": "U99"}]}, 'place[0].unit: no unit "U99"'),
        ({"placed": ["amir", "leila"]}, 'placed[1]: no child "leila"'),
        ({"max_moves": -1}, "max_moves: -1 is negative"),
        ({"max_cost": 1}, "max_cost: unknown field"),
    ],
)
def test_malformed_requirements_are_refused(
    requirements: Json, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, wanted = tmp_path / "instance.json", tmp_path / "requirements.json"
    source.write_text(json.dumps(good()))
    wanted.write_text(json.dumps(requirements))

    assert main(["solve", str(source), "--require", str(wanted)]) == 2
    assert capsys.readouterr().err.strip() == fault


PAIRS: Json = {
    "format": "pair-resource/1",
    "name": "two",
    "sense": "max",
    "scale": 1,
    "items": 2,
    "bins": 2,
    "must_assign": False,
    "pairs": {"item": [0, 0, 1], "bin": [0, 1, 1], "value": [3, 2, 4]},
    "resources": [{"id": "a", "cap": 1, "pair": [0, 2], "use": [1, 1]}],
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (put("sense", "most"), 'sense: "most" is not one of max, min'),
        (put("scale", 0), "scale: 0 is outside 1.."),
        (put("must_assign", 1), "must_assign: 1 is neither true nor false"),
        (put("pairs", "bin", [0, 1]), "pairs: 3 items, 2 bins, 3 values"),
        (put("pairs", "item", 2, 2), "pairs.item[2]: 2 is outside 0..1"),
        (put("pairs", "bin", 1, 0), "pairs.item[1]: item 0 in bin 0 is already pair 0"),
        (put("resources", 0, "pair", [0, 3]), "resources[0].pair[1]: no pair 3"),
        (put("resources", 0, "pair", [0, 0]), "resources[0].pair[1]: pair 0 is listed twice"),
        (put("resources", 0, "use", [1]), "resources[0]: 2 pairs, 1 uses"),
        (put("resources", 0, "cap", -1), "resources[0].cap: -1 is negative"),
        (
            lambda data: data["resources"].append(data["resources"][0]),
            'resources[1].id: "a" is already resources[0]',
        ),
    ],
)
def test_a_malformed_pair_instance_is_refused(change: Callable[[Json], None], fault: str) -> None:
    data = copy.deepcopy(PAIRS)
    instance_from_json(copy.deepcopy(data))
    change(data)

    with pytest.raises(InputRefused) as refused:
        instance_from_json(data)

    assert refused.value.faults[0].startswith(fault)
