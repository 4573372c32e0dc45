"""The public instances: the same bytes twice, certificates that hold, proofs of which no number can be changed."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optimizer import verify
from optimizer.__main__ import main
from optimizer.certificate import certificate_faults
from optimizer.io import read_instance
from optimizer.problem import Instance, Result
from optimizer.result_io import read_result
from tests.unit.optimizer.reference import checker, file
from tests.unit.optimizer.test_certificate import changed, numbers

VOLATILE = ("timings", "peak_rss_mb")
LARGEST = 1_000_000
"""Bytes of a certificate."""


def instance_file(name: str) -> str:
    return file("optimizer", "instances", f"{name}.json{'' if name[0] in 'SM' else '.gz'}")


def solve_file(name: str, into: Path) -> dict[str, Any]:
    """Solve with one worker and a certificate; return what was written, without times and memory."""
    assert main(["solve", instance_file(name), "-o", str(into), "--workers", "1", "--seed", "1", "--certificate"]) == 0
    data: dict[str, Any] = json.loads(into.read_text())
    for level in data["levels"]:
        del level["seconds"]
    for field in VOLATILE:
        del data[field]
    return data


def check_repeats(name: str, into: Path) -> tuple[Instance, Result]:
    """Solve twice: the same bytes, every bound proven by prices or by two engines; return the solved instance."""
    first, again = (solve_file(name, into / f"{turn}.json") for turn in range(2))
    assert json.dumps(first) == json.dumps(again)
    instance, result = read_instance(instance_file(name)), read_result(str(into / "0.json"))
    assert isinstance(instance, Instance)
    assert verify(instance, result).valid
    assert checker().verify(json.loads(json.dumps(_raw(name))), first)["valid"]
    assert len(json.dumps(first["certificate"])) < LARGEST
    entries = first["certificate"]["levels"]
    assert [entry["level"] for entry in entries] == [level.name for level in instance.levels]
    for entry in entries:
        second = entry.get("second") or {"solver": ""}
        assert entry["rests_on"] == "prices" or second["solver"].startswith("HiGHS"), entry["level"]
    return instance, result


def _raw(name: str) -> Any:
    return checker().load(instance_file(name))


def check_changes(instance: Instance, result: Result, most: int) -> int:
    """Change up to `most` numbers of the certificate, one at a time; each change must be refused."""
    certificate = dict(result.certificate or {})
    dice = random.Random(most)
    paths = list(numbers(certificate))
    for path in dice.sample(paths, min(most, len(paths))):
        by = dice.choice([-1, 1, 17, -1000, 10**6])
        wrong = replace(result, certificate=changed(certificate, path, by))
        assert list(certificate_faults(instance, wrong)), (path, by)
    return min(most, len(paths))


@pytest.mark.parametrize("name", ["S-1", "S-2"])
def test_small_public_instances_repeat_and_no_number_of_their_proof_can_be_changed(name: str, tmp_path: Path) -> None:
    assert check_changes(*check_repeats(name, tmp_path), most=40) == 40


@pytest.mark.soak
def test_no_number_of_the_small_instances_proofs_can_be_changed(tmp_path: Path) -> None:
    refused = 0
    for name in ("S-1", "S-2"):
        instance, result = check_repeats(name, tmp_path)
        while refused < (500 if name == "S-1" else 1000):
            refused += check_changes(instance, result, 500)
    assert refused >= 1000


@pytest.mark.soak
@pytest.mark.parametrize("name", ["R-1", "M-1", "M-2"])
def test_larger_public_instances_repeat_and_their_proofs_hold(name: str, tmp_path: Path) -> None:
    assert check_changes(*check_repeats(name, tmp_path), most=100) > 0
