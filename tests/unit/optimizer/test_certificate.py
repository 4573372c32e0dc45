"""Bounds that rest on prices are proven without a solver, and no number of a proof can be changed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from optimizer import certificate, solve, verify
from optimizer.certificate import certificate_faults
from optimizer.io import read_instance
from optimizer.problem import Instance, Result
from optimizer.result_io import result_from_json, result_to_json
from optimizer.unit_pricing import best, parts, peak
from tests.unit.optimizer.named import ALL_LEVELS
from tests.unit.optimizer.random_instances import small
from tests.unit.optimizer.reference import file


def certified(seed: int) -> tuple[Instance, Result]:
    instance = replace(small(seed), levels=ALL_LEVELS)
    return instance, solve(instance, workers=1, certify=True)


def entries(result: Result) -> list[dict[str, Any]]:
    assert result.certificate is not None
    found = result.certificate["levels"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("seed", range(500, 530))
def test_every_proven_level_has_an_entry_that_is_accepted(seed: int) -> None:
    instance, result = certified(seed)

    assert [entry["level"] for entry in entries(result)] == [level.name for level in result.levels]
    assert list(certificate_faults(instance, result)) == []
    assert verify(instance, result_from_json(result_to_json(result))).valid


def test_nearly_all_levels_of_small_instances_rest_on_prices():
    rests = [entry["rests_on"] for seed in range(500, 530) for entry in entries(certified(seed)[1])]

    assert rests.count("prices") > 0.95 * len(rests)


def test_a_result_without_a_certificate_has_none():
    assert solve(small(500), workers=1).certificate is None


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all numbers in a JSON value."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from numbers(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from numbers(part, (*path, index))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path


def changed(proof: dict[str, Any], path: tuple[Any, ...], by: int) -> dict[str, Any]:
    copied = copy.deepcopy(proof)
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] += by
    return copied


def check_changes(seeds: range, most: int) -> int:
    refused = 0
    for seed in seeds:
        instance, result = certified(seed)
        proof = dict(result.certificate or {})
        dice = random.Random(seed)
        for path in numbers(proof):
            by = dice.choice([-1, 1, 17, -1000, 10**6])
            wrong = replace(result, certificate=changed(proof, path, by))
            assert list(certificate_faults(instance, wrong)), (seed, path, by)
            refused += 1
            if refused == most:
                return refused
    return refused


def test_no_number_of_a_proof_can_be_changed():
    assert check_changes(range(500, 530), 150) == 150


@pytest.mark.soak
def test_no_number_of_a_thousand_can_be_changed():
    assert check_changes(range(500, 700), 1000) == 1000


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: found["levels"].pop(),
        lambda found: found["levels"].reverse(),
        lambda found: found["levels"][0].update(rests_on="faith"),
        lambda found: found["levels"][0].update(rests_on="search"),
        lambda found: found["levels"][0]["items"].update(nobody=5),
        lambda found: found["levels"][0]["rows"].update(fit=5),
        lambda found: found["levels"][0]["shares"].update(so=5),
        lambda found: found["levels"][0]["communities"].update(so=5),
        lambda found: found["levels"][0]["units"].update(nowhere=5),
        lambda found: found.update(more=1),
    ],
)
def test_a_spoilt_certificate_is_refused(spoil: Any) -> None:
    instance, result = certified(503)
    found = json.loads(json.dumps(result.certificate))
    spoil(found)

    assert not verify(instance, replace(result, certificate=found)).valid


def test_prices_do_not_prove_a_bound_that_is_too_good():
    for seed in range(500, 520):
        instance, result = certified(seed)
        first = result.levels[0]
        better = replace(first, value=first.value + 1, bound=first.bound + 1, limit=first.limit + 1)
        assert list(certificate_faults(instance, replace(result, levels=(better, *result.levels[1:]))))


@pytest.mark.parametrize("seed", range(600, 640))
def test_the_best_residents_of_a_unit_are_those_of_all_sets(seed: int) -> None:
    dice = random.Random(seed)
    for part in parts(small(seed)):
        count = len(part.residents)
        value = [dice.randint(-20, 60) for _ in range(count)]
        bonus, balance = dice.choice([0, 1]), dice.choice([0, 2])
        worths = []
        for mask in range(1 << count):
            chosen = frozenset(index for index in range(count) if mask >> index & 1)
            if any(sum(use for k, use in row.terms if k in chosen) > row.cap for row in part.rows):
                continue
            if any(part.excluded[k] & chosen for k in chosen):
                continue
            worth = sum(value[k] for k in chosen) - balance * peak(part, chosen)
            worths.append(worth + bonus * sum(points for points, needed in part.bonuses if needed <= chosen))
        assert best(part, value, bonus, balance).worth == max(worths)


def test_prices_too_hard_to_check_are_refused_and_none_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    instance, result = certified(503)
    monkeypatch.setattr(certificate, "MOST_STEPS", 1)

    assert any("more than 1 steps" in fault for fault in certificate_faults(instance, result))
    assert {entry["rests_on"] for entry in entries(certified(503)[1])} == {"search"}


@pytest.mark.parametrize("name", ["S-1", "S-2"])
def test_all_levels_of_the_public_small_instances_rest_on_prices(name: str) -> None:
    instance = read_instance(file("optimizer", "instances", f"{name}.json"))

    result = solve(instance, workers=1, certify=True)

    assert {entry["rests_on"] for entry in entries(result)} == {"prices"}
