"""The proving engine agrees with the plain one, with the scalar rules, and with trying everything."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from optimizer import pipeline, plain, plain_pairs
from optimizer.eligibility import Columns, named, own_reasons, pair_values, reason_masks
from optimizer.outcome import Controls, Outcome
from optimizer.pair_rules import must_group_of, pair_value, reasons
from optimizer.pipeline import from_instance, kernels, neighbours, stage
from optimizer.pipeline.components import can_split
from optimizer.pipeline.linear import attempt, compact, relax
from optimizer.pipeline.model import Limit
from optimizer.pipeline.patterns import Pricer, Prices, Question, evaluate
from optimizer.problem import Level, PairInstance, Pairs, Requirements, Resource
from tests.unit.optimizer.random_instances import small


def figures(outcome: Outcome) -> list[tuple[str, int, int, int]]:
    return [(stage.name, stage.value, stage.bound, stage.limit) for stage in outcome.stages]


@pytest.mark.parametrize("seed", range(40))
def test_reason_masks_name_what_the_scalar_rules_name(seed: int) -> None:
    instance = small(seed, 12, 5)
    masks, group_of = reason_masks(instance), must_group_of(instance)
    for row, child in enumerate(instance.children):
        if child.locked is not None:
            continue
        for column, unit in enumerate(instance.units):
            expected = reasons(instance, child, unit, group_of.get(child.id))
            assert set(named(int(masks[row, column]))) == set(expected), (child.id, unit.id)


@pytest.mark.parametrize("seed", range(40))
def test_pair_values_are_those_of_the_scalar_rules(seed: int) -> None:
    instance = small(seed, 12, 5)
    columns, rows = Columns(instance), np.arange(len(instance.children))
    for unit_index, unit in enumerate(instance.units):
        values = pair_values(columns, unit_index, rows)
        for row, child in enumerate(instance.children):
            expected = pair_value(instance, child, unit)
            assert (values.fit[row], values.cost[row], values.move[row]) == (expected.fit, expected.cost, expected.move)


def test_a_changed_rule_changes_the_mask() -> None:
    instance = small(3, 12, 5)
    columns = Columns(instance)
    before = own_reasons(columns, 0, np.arange(columns.size))
    columns.age = columns.age + 10_000
    assert (own_reasons(columns, 0, np.arange(columns.size)) != before).any()


@pytest.mark.parametrize("seed", range(30))
def test_pattern_bounds_and_search_prove_what_the_plain_engine_proves(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "EASY_PAIRS", 0)
    instance = small(seed, 18, 6)
    assert figures(pipeline.search(instance, Controls())) == figures(plain.search(instance, Controls()))


@pytest.mark.parametrize("seed", range(120))
def test_the_best_pattern_is_the_best_of_all_subsets(seed: int) -> None:
    dice = np.random.default_rng(seed)
    size, rows, weeks = int(dice.integers(1, 9)), int(dice.integers(0, 5)), int(dice.integers(0, 3))
    use, cap = dice.integers(0, 5, (size, rows)), dice.integers(0, 9, rows)
    weight = dice.integers(-20, 50, size) * 100
    groups = int(dice.integers(0, 3))
    member = np.zeros((size, groups), bool)
    for group in range(groups):
        member[dice.choice(size, min(size, 2), replace=False), group] = True
    points = dice.integers(0, 30, groups) * 100
    peak_use, peak_base = dice.integers(0, 3, (size, weeks)) * 20, dice.integers(-60, 20, weeks)
    factor = int(dice.integers(0, 3)) * 50

    def worth(x: np.ndarray) -> int:
        earned = sum(int(points[g]) for g in range(groups) if x[member[:, g]].all())
        high = max(0, *(peak_base + x @ peak_use).tolist()) if weeks else 0
        return int(weight[x].sum()) + earned - factor * high

    subsets = [np.array([code >> i & 1 for i in range(size)], bool) for code in range(2**size)]
    expected = max(worth(x) for x in subsets if (x @ use <= cap).all())
    for nodes in (5, 100_000):
        best, chosen, found, exact, upper = kernels.price(
            use, cap, weight, np.zeros(rows), member, points, peak_use, peak_base, factor,
            -(10**9), np.array([1, 200]), np.array([nodes, nodes]), 40,
        )  # fmt: skip
        assert upper >= expected
        assert not exact or best == expected
        assert not found or worth(chosen) == best
    assert exact


def test_the_pattern_bound_is_valid_at_any_prices_and_below_the_relaxation_at_its_own() -> None:
    for seed in range(20):
        instance = small(seed, 14, 4)
        model = from_instance.build(instance)
        goal = next((goal for goal in model.goals if goal.name == "placed"), None)
        if goal is None or not model.pairs:
            continue
        question = Question(Limit(goal.weight, 0), None, ())
        everything = np.ones(model.pairs, bool)
        relaxed = relax(compact(model, question.objective, (), None, everything))
        assert relaxed is not None
        best = pipeline.search(instance, Controls()).stages
        optimum = next(stage.value for stage in best if stage.name == "placed") if best[0].name == "placed" else 0
        nothing = np.zeros(0, np.int64)
        for items in (np.rint(relaxed.duals[: model.items] * 10_000).astype(np.int64), np.full(model.items, 77_000)):
            prices = Prices(np.maximum(items, 0), nothing, nothing)
            found = evaluate(Pricer(model), question, prices, everything, 2, lambda: False)
            assert found.bound >= optimum * 10_000
        at_duals = evaluate(
            Pricer(model),
            question,
            Prices(np.maximum(np.rint(relaxed.duals[: model.items] * 10_000).astype(np.int64), 0), nothing, nothing),
            everything,
            2,
            lambda: False,
        )
        assert at_duals.bound <= (relaxed.bound + 0.01 * model.items) * 10_000


def test_one_worker_and_a_seed_repeat_exactly() -> None:
    for seed in range(8):
        instance = small(seed, 20, 6)
        first, second = (pipeline.search(instance, Controls(seed=5)) for _ in range(2))
        assert first.assignment == second.assignment
        assert figures(first) == figures(second)


def test_a_stop_keeps_a_plan_and_a_valid_bound() -> None:
    instance = small(11, 20, 6)
    outcome = pipeline.search(instance, Controls(should_stop=lambda: True))
    optimum = plain.search(instance, Controls()).stages[0]
    assert outcome.assignment is not None
    sign = 1 if optimum.sense == "max" else -1
    assert sign * outcome.stages[0].value <= sign * optimum.value <= sign * outcome.stages[0].bound


def test_a_passed_deadline_still_gives_the_first_level_a_bound() -> None:
    instance = small(12, 20, 6)
    outcome = pipeline.search(instance, Controls(deadline=time.monotonic() - 1))
    assert outcome.assignment is not None
    assert len(outcome.stages) == 1


def test_requirements_are_met_or_proven_impossible() -> None:
    for seed in range(30):
        instance = small(seed, 10, 4)
        free = [child.id for child in instance.children if child.locked is None]
        requirements = Requirements(placed=tuple(free[:2]), max_moves=1)
        ours = pipeline.search(instance, Controls(requirements=requirements))
        theirs = plain.search(instance, Controls(requirements=requirements))
        assert ours.infeasible == theirs.infeasible, seed
        assert figures(ours) == figures(theirs)


def test_progress_is_reported_while_a_level_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    instance = small(4, 20, 6)
    pipeline.search(instance, Controls(on_progress=lambda progress: heard.append(progress.level)))
    assert heard
    assert set(heard) <= {level.name for level in instance.levels}


@pytest.mark.parametrize("seed", range(40))
def test_regions_solved_apart_give_the_values_of_the_whole(seed: int) -> None:
    usual = small(seed, 14, 6)
    kept = tuple(replace(level, tolerance_permille=0) for level in usual.levels if level.name != "fairness")
    instance = replace(usual, levels=kept or (Level("placed", "max", 0),))
    assert can_split(from_instance.build(instance))
    assert figures(pipeline.search(instance, Controls())) == figures(plain.search(instance, Controls()))


def test_levels_that_give_back_or_look_at_all_keep_the_regions_together() -> None:
    usual = small(1, 8, 4)
    giving = replace(usual, levels=(Level("placed", "max", 10), Level("moves", "min", 0)))
    fair = replace(usual, levels=(Level("fairness", "max", 0),))
    assert not can_split(from_instance.build(giving))
    assert not can_split(from_instance.build(fair))


@pytest.mark.parametrize("seed", range(6))
def test_planning_a_few_units_anew_keeps_the_rules_and_the_proof(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "EASY_PAIRS", 0)
    monkeypatch.setattr(stage, "MOST_PATTERN_PAIRS", 0)
    monkeypatch.setattr(stage, "VAIN_ROUNDS_LARGE", 5)
    monkeypatch.setattr(stage, "UNITS_AT_ONCE", 3)
    instance = small(seed, 18, 6)
    assert figures(pipeline.search(instance, Controls())) == figures(plain.search(instance, Controls()))


def all_must(seed: int, items: int = 16, bins: int = 8) -> PairInstance:
    """Return a tight assignment problem in which what costs little takes much room."""
    dice = np.random.default_rng(seed)
    use = dice.integers(1, 101, (items, bins))
    cost = 111 - use + dice.integers(-10, 11, (items, bins))
    pair = np.arange(items * bins)
    rows = [pair[pair % bins == one] for one in range(bins)]
    caps = 0.8 * use.sum(axis=0) / bins
    resources = [
        Resource(str(k), int(caps[k]), tuple(row.tolist()), tuple(use[:, k].tolist())) for k, row in enumerate(rows)
    ]
    pairs = Pairs(tuple((pair // bins).tolist()), tuple((pair % bins).tolist()), tuple(cost.ravel().tolist()))
    return PairInstance("all must", "min", 1, items, bins, True, pairs, tuple(resources))


@pytest.mark.parametrize("seed", range(3))
def test_where_all_must_be_placed_units_planned_anew_lead_to_what_the_plain_engine_proves(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[bool] = []
    planned = neighbours._planned_anew

    def counted(*asked: object) -> object:
        better = planned(*asked)
        found.append(better is not None)
        return better

    monkeypatch.setattr(neighbours, "_planned_anew", counted)
    monkeypatch.setattr(stage, "EASY_PAIRS", 0)
    monkeypatch.setattr(stage, "VAIN_OF_MUSTS", 3)
    monkeypatch.setattr(stage, "SIZES_OF_MUSTS", (3, 4))
    instance = all_must(seed)
    assert figures(pipeline.search(instance, Controls())) == figures(plain_pairs.search(instance, Controls()))
    assert any(found)


def test_an_engine_that_gives_up_is_no_answer_but_other_mistakes_are_not_hidden() -> None:
    def gives_up() -> None:
        raise RuntimeError("the numbers are beyond me")

    def mistaken() -> None:
        raise AttributeError("no such thing")

    assert attempt(gives_up) is None  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        attempt(mistaken)  # type: ignore[arg-type]
