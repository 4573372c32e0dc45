"""The schemas shipped with the package accept what the reader accepts and refuse wrong shapes."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from optimizer import solve
from optimizer.faults import PLACEMENT
from optimizer.io import instance_to_json
from optimizer.result_io import RESULT, result_to_json
from optimizer.shape import Record
from tests.unit.optimizer.random_instances import small, small_json
from tests.unit.optimizer.test_faults import MALFORMED, PAIRS, good


def schema(name: str) -> Any:
    text = files("optimizer").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    found = json.loads(text)
    Draft202012Validator.check_schema(found)
    return found


def plain(data: Any) -> Any:
    return json.loads(json.dumps(data))


@pytest.mark.parametrize("seed", range(5))
def test_instances_and_results_keep_to_their_schemas(seed: int) -> None:
    instance = small(seed)

    Draft202012Validator(schema("placement-instance")).validate(plain(instance_to_json(instance)))
    Draft202012Validator(schema("placement-result")).validate(plain(result_to_json(solve(instance, workers=1))))
    Draft202012Validator(schema("pair-resource")).validate(PAIRS)


def test_what_has_a_wrong_shape_is_refused_by_the_schema_too() -> None:
    validator = Draft202012Validator(schema("placement-instance"))
    refused = 0
    for change, _ in MALFORMED:
        data = good()
        change(data)
        faults: list[str] = []
        PLACEMENT("", data, faults)
        if faults and "1.0" not in faults[0]:  # to a schema 1.0 is an integer
            assert not validator.is_valid(data), faults
            refused += 1
    assert refused > 20


@pytest.mark.parametrize(("name", "record"), [("placement-instance", PLACEMENT), ("placement-result", RESULT)])
def test_schema_and_reader_know_the_same_fields(name: str, record: Record) -> None:
    found = schema(name)

    assert set(found["properties"]) == set(record.fields)
    assert set(found["required"]) == set(record.needed)


def test_the_schema_of_a_child_names_every_field_that_is_read() -> None:
    child = small_json(1)["children"][0]

    assert set(schema("placement-instance")["$defs"]["child"]["properties"]) == {*child, "locked"}
