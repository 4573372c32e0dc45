"""Other plans nearly as good, and how far a weight can move, checked by trying all plans."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer import solve
from optimizer.problem import Instance, Level, Result
from optimizer.recount import recount
from optimizer.what_if import neighbours, weight_ranges, with_weight
from tests.unit.optimizer.brute_force import optima, plans
from tests.unit.optimizer.named import ALL_LEVELS, AMIR, HAAPA, KOIVU, instance
from tests.unit.optimizer.random_instances import small

TWO = (Level("placed", "max", 0), Level("fit", "max", 0))


def within(whole: Instance, result: Result, permille: int) -> list[dict[str, str]]:
    """Return all plans whose every level is within `permille` of the best."""
    found = []
    for plan in plans(whole):
        values = recount(whole, plan).levels
        if all(
            1000 * values[level.name] >= (1000 - permille) * level.value
            if level.sense == "max"
            else 1000 * values[level.name] <= (1000 + permille) * level.value
            for level in result.levels
        ):
            found.append(plan)
    return found


@pytest.mark.parametrize("seed", range(700, 712))
def test_neighbours_are_all_the_plans_there_are_most_different_first(seed: int) -> None:
    whole = replace(small(seed), levels=ALL_LEVELS[:2])
    result = solve(whole, workers=1)

    found = neighbours(whole, result, within_permille=100, n=50)

    there_are = within(whole, result, 100)
    assert len(found) == min(50, len(there_are) - 1)
    for neighbour in found:
        assert {child: home for child, home in neighbour.assignment.items() if home} in there_are
    assert [one.different for one in found] == sorted((one.different for one in found), reverse=True)


def test_the_wish_weighs_until_the_language_outweighs_it():
    wished = replace(AMIR, wishes=("haapa",), languages={"so": 4}, group="ar")
    silent = replace(HAAPA, languages={"fi": 0})
    whole = instance([wished], [KOIVU, silent], levels=TWO)
    whole = with_weight(whole, "wish", 300)
    result = solve(whole, workers=1)

    found = {one.weight: one for one in weight_ranges(whole, result)}

    # haapa: 300 x 100 + 300 x 1000 of the wish; koivu: 300 x 800 and no wish
    assert result.assignment == {"amir": "haapa"}
    assert (found["wish"].now, found["wish"].highest) == (300, None)
    assert found["wish"].lowest == 210
    # at 429: 42 + 300 against 343; at 428 both have 342
    assert found["language"].highest == 428
    assert found["distance"].lowest == 0


@pytest.mark.parametrize("seed", range(720, 726))
def test_at_the_ends_of_a_range_the_plan_is_best_and_beyond_them_it_is_not(seed: int) -> None:
    whole = replace(small(seed, most_children=5, most_units=3), levels=TWO)
    result = solve(whole, workers=1)
    homes = {child: str(home) for child, home in result.assignment.items() if home is not None}

    for found in weight_ranges(whole, result):
        for value, best in ((found.lowest, True), (found.lowest - 1, False), (found.highest, True)):
            if value is None or value < 0:
                continue
            changed = with_weight(whole, found.weight, value)
            reached = recount(changed, homes).levels
            assert (reached["fit"] == optima(changed)[1].value) == best, (found, value)
