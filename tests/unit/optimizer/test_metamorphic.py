"""Changes to an instance that must not change, or must change in a known way, what is reached."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from optimizer import solve
from optimizer.problem import Child, Instance, Result
from tests.unit.optimizer.random_instances import small

SEEDS = range(3000, 3012)


def values(result: Result) -> list[tuple[str, int]]:
    return [(level.name, level.value) for level in result.levels]


@pytest.mark.parametrize("seed", SEEDS)
def test_order_and_names_change_no_value(seed: int) -> None:
    original = small(seed)
    dice = random.Random(seed)
    renamed = renamed_children(original)
    shuffled = replace(
        renamed,
        children=tuple(dice.sample(renamed.children, len(renamed.children))),
        units=tuple(dice.sample(renamed.units, len(renamed.units))),
        sibling_groups=tuple(reversed(renamed.sibling_groups)),
        apart=tuple((second, first) for first, second in reversed(renamed.apart)),
    )

    assert values(solve(shuffled, workers=1)) == values(solve(original, workers=1))


@pytest.mark.parametrize("seed", SEEDS)
def test_weights_ten_times_as_large_give_at_least_ten_times_the_fit(seed: int) -> None:
    original = replace(small(seed), levels=small(seed).levels[:1])
    original = replace(original, levels=(replace(original.levels[0], name="fit", sense="max"),))
    weights = original.fit_weights
    tenfold = replace(
        weights,
        **{name: 10 * getattr(weights, name) for name in ("language", "distance", "wish")},
        **{name: 10 * getattr(weights, name) for name in ("stability", "schooling", "peers")},
    )
    groups = tuple(replace(group, bonus=10 * group.bonus) for group in original.sibling_groups)

    before = solve(original, workers=1).levels[0].value
    after = solve(replace(original, fit_weights=tenfold, sibling_groups=groups), workers=1).levels[0].value

    # Only the rounding down of each child's points may be gained.
    assert 10 * before <= after < 10 * (before + len(original.children)) + 1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_unit_nobody_may_live_in_changes_no_value(seed: int) -> None:
    original = small(seed)
    useless = replace(original.units[0], id="useless", age_min=900, age_max=901)

    assert values(solve(replace(original, units=(useless, *original.units)), workers=1)) == values(
        solve(original, workers=1)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_one_more_bed_never_places_less(seed: int) -> None:
    original = small(seed)
    placed_only = replace(original, levels=(replace(original.levels[0], name="placed", sense="max"),))
    first, *others = placed_only.units
    windows = tuple(replace(window, beds=window.beds + 1) for window in first.windows)
    roomier = replace(placed_only, units=(replace(first, windows=windows), *others))

    assert solve(roomier, workers=1).levels[0].value >= solve(placed_only, workers=1).levels[0].value


@pytest.mark.parametrize("seed", SEEDS)
def test_locking_the_whole_plan_leaves_it_as_it_is(seed: int) -> None:
    original = small(seed)
    plan = solve(original, workers=1)
    locked = replace(
        original,
        children=tuple(
            replace(child, locked=str(home)) if (home := plan.assignment[child.id]) is not None else child
            for child in original.children
        ),
    )
    placed_only = replace(locked, levels=(replace(locked.levels[0], name="placed", sense="max"),))

    again = solve(placed_only, workers=1)

    for child, home in plan.assignment.items():
        if home is not None:
            assert again.assignment[child] == home


@pytest.mark.parametrize("seed", SEEDS)
def test_starting_from_the_optimum_reaches_the_same_values(seed: int) -> None:
    original = small(seed)
    plan = solve(original, workers=1)

    assert values(solve(original, workers=1, start=plan)) == values(plan)


@pytest.mark.parametrize("seed", SEEDS)
def test_groups_swapped_between_children_change_nothing_where_groups_do_not_count(seed: int) -> None:
    original = small(seed)
    neutral = replace(
        original,
        fit_weights=replace(original.fit_weights, peers=0),
        units=tuple(replace(unit, max_same_group_permille=1000) for unit in original.units),
        levels=tuple(level for level in original.levels if level.name != "fairness") or original.levels[:1],
    )
    groups = [child.group for child in neutral.children]
    random.Random(seed).shuffle(groups)
    swapped = replace(
        neutral,
        children=tuple(replace(child, group=group) for child, group in zip(neutral.children, groups, strict=True)),
    )

    assert solve(swapped, workers=1).assignment == solve(neutral, workers=1).assignment


def renamed_children(instance: Instance) -> Instance:
    def new(name: str) -> str:
        return f"renamed {name}"

    def rename(child: Child) -> Child:
        return replace(child, id=new(child.id))

    return replace(
        instance,
        children=tuple(rename(child) for child in instance.children),
        sibling_groups=tuple(
            replace(group, members=tuple(map(new, group.members))) for group in instance.sibling_groups
        ),
        apart=tuple((new(first), new(second)) for first, second in instance.apart),
    )
