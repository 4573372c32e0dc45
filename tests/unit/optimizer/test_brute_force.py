"""The solver finds what trying every plan finds."""

from __future__ import annotations

import pytest

from optimizer import solve
from tests.unit.optimizer.brute_force import optima
from tests.unit.optimizer.random_instances import small

USUAL = range(60)
MANY = range(60, 2100)


def agree(seed: int) -> None:
    instance = small(seed)
    result = solve(instance, workers=1)
    found = [(level.name, level.value, level.bound, level.limit) for level in result.levels]
    expected = [(best.name, best.value, best.value, best.limit) for best in optima(instance)]
    assert found == expected, f"seed {seed}"
    assert result.status == "optimal"


@pytest.mark.parametrize("seed", USUAL)
def test_every_level_equals_the_best_of_all_plans(seed: int) -> None:
    agree(seed)


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(0, len(MANY), 100))
def test_every_level_equals_the_best_of_all_plans_on_thousands(chunk: int) -> None:
    for seed in MANY[chunk : chunk + 100]:
        agree(seed)
