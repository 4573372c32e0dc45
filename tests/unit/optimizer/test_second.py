"""A bound that rests on a search is asked of a second engine, which agrees, disagrees or says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer import SolverDisagrees, solve
from optimizer import certify as certifying
from optimizer.certificate import certificate_faults
from optimizer.outcome import Controls
from optimizer.pipeline import second
from optimizer.pipeline.second import Disagreement, SecondEngine
from optimizer.problem import Instance, Result
from tests.unit.optimizer.named import ALL_LEVELS
from tests.unit.optimizer.random_instances import small


def solved(seed: int) -> tuple[Instance, Result]:
    instance = replace(small(seed), levels=ALL_LEVELS)
    return instance, solve(instance, workers=1)


def has_community(instance: Instance, level: str) -> bool:
    groups = [child.group for child in instance.children if child.locked is None]
    return level != "fairness" or any(groups.count(group) >= 5 for group in groups)


def too_good(result: Result, index: int) -> Result:
    """Return the result with a bound at one level that its own plan passes."""
    level = result.levels[index]
    up = 1 if level.sense == "max" else -1
    levels = list(result.levels)
    levels[index] = replace(level, bound=level.achieved - up)
    return replace(result, levels=tuple(levels))


@pytest.mark.parametrize("seed", range(700, 715))
def test_it_agrees_with_every_proven_level(seed: int) -> None:
    instance, result = solved(seed)
    engine = SecondEngine(instance, result, Controls())

    for index, level in enumerate(result.levels):
        assert engine.agrees(index) == has_community(instance, level.name), level.name


@pytest.mark.parametrize("seed", range(700, 715))
def test_it_disagrees_with_a_bound_that_a_plan_passes(seed: int) -> None:
    instance, result = solved(seed)

    with pytest.raises(Disagreement, match="placed"):
        SecondEngine(instance, too_good(result, 0), Controls()).agrees(0)


def test_it_answers_the_same_from_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "SMALL_PAIRS", 0)
    instance = replace(small(701, 60, 30), levels=ALL_LEVELS[:1])  # more than a pipe holds
    result = solve(instance, workers=1)

    assert SecondEngine(instance, result, Controls()).agrees(0)
    with pytest.raises(Disagreement):
        SecondEngine(instance, too_good(result, 0), Controls()).agrees(0)


def test_it_says_nothing_once_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "SMALL_PAIRS", 0)
    instance, result = solved(701)
    asked: list[bool] = []

    def stop_while_it_runs() -> bool:
        asked.append(True)
        return len(asked) > 2

    assert not SecondEngine(instance, result, Controls(should_stop=stop_while_it_runs)).agrees(0)
    assert len(asked) == 3
    assert not SecondEngine(instance, result, Controls(should_stop=lambda: True)).agrees(0)


def test_a_bound_without_prices_names_its_search_and_the_second_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certifying._Pricing, "prices", lambda self, steps: None)
    instance = replace(small(703), levels=ALL_LEVELS[:4])

    result = solve(instance, workers=1, certify=True)

    assert result.certificate is not None
    assert list(certificate_faults(instance, result)) == []
    assert result.certificate["levels"] == [
        {
            "level": level.name,
            "rests_on": "search",
            "solver": level.solver,
            "second": {"solver": second.NAME, "bound": level.bound},
        }
        for level in result.levels
    ]


def test_a_disagreement_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def has_better(self: SecondEngine, index: int) -> bool:
        raise Disagreement("a better plan")

    monkeypatch.setattr(certifying._Pricing, "prices", lambda self, steps: None)
    monkeypatch.setattr(SecondEngine, "agrees", has_better)

    with pytest.raises(SolverDisagrees, match="a better plan"):
        solve(small(703), workers=1, certify=True)
