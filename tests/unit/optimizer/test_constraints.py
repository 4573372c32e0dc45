"""Each rule between children has twins: a plan that just holds and one that just does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer import solve
from optimizer.problem import Child, Fact, Instance, Unit, Window
from tests.unit.optimizer.named import AMIR, HAAPA, KOIVU, NOOR, ZAHRA, instance, must

ARABIC = replace(AMIR, languages={"ar": 5}, interpreter_hours=5)
RESOURCES: list[tuple[str, Child, Unit, Unit]] = [
    ("beds", AMIR, replace(KOIVU, windows=(Window(0, 52, 2),)), replace(KOIVU, windows=(Window(0, 52, 1),))),
    ("care", AMIR, replace(KOIVU, care_hours=20), replace(KOIVU, care_hours=19)),
    ("interp", ARABIC, replace(KOIVU, interpreter_hours=10), replace(KOIVU, interpreter_hours=9)),
    ("lang:so", AMIR, replace(KOIVU, languages={"so": 8}), replace(KOIVU, languages={"so": 7})),
    (
        "serv:trauma",
        replace(AMIR, services={"trauma": 3}),
        replace(KOIVU, services={"trauma": 6}),
        replace(KOIVU, services={"trauma": 5}),
    ),
    (
        "group:so",
        AMIR,
        replace(KOIVU, max_same_group_permille=400, windows=(Window(0, 52, 5),)),
        replace(KOIVU, max_same_group_permille=399, windows=(Window(0, 52, 5),)),
    ),
    ("quota:North", AMIR, replace(KOIVU, quota={"North": 2}), replace(KOIVU, quota={"North": 1})),
]


@pytest.mark.parametrize(("resource", "child", "roomy", "short"), RESOURCES)
def test_two_children_share_a_unit_as_long_as_it_has_enough(
    resource: str, child: Child, roomy: Unit, short: Unit
) -> None:
    twins = [child, replace(child, id="twin", priority=1)]

    assert solve(instance(twins, [roomy]), workers=1).assignment == {"amir": "koivu", "twin": "koivu"}

    result = solve(instance(twins, [short]), workers=1)
    assert result.assignment == {"amir": "koivu", "twin": None}
    assert [(row.resource, row.week, row.children) for row in result.unplaced[0].blocking] == [
        (resource, 0, ("amir",)),
    ]


@pytest.mark.parametrize("resource", ["wheelchair", "fi"])
def test_what_is_not_metered_has_no_capacity(resource: str) -> None:
    child = replace(AMIR, services={"wheelchair": 0}, languages={"fi": 5}, language_hours=50)
    twins = [replace(child, id=f"child {k}") for k in range(5)]

    result = solve(instance(twins, [replace(KOIVU, services={"wheelchair": 0})]), workers=1)

    assert None not in result.assignment.values()
    assert not [row for row in result.unit_load if resource in row.resource]


def test_a_bed_is_free_again_in_the_week_another_child_leaves():
    one_bed = replace(KOIVU, windows=(Window(0, 52, 1),))
    first, second = replace(AMIR, end=20), replace(ZAHRA, start=20, priority=1)

    assert None not in solve(instance([first, second], [one_bed]), workers=1).assignment.values()

    early = replace(second, start=19)
    assert solve(instance([first, early], [one_bed]), workers=1).assignment["zahra"] is None


def test_a_window_with_fewer_beds_binds_only_in_its_weeks():
    shrinking = replace(KOIVU, windows=(Window(0, 30, 2), Window(30, 52, 1)))

    short = solve(instance([replace(AMIR, end=30), ZAHRA], [shrinking]), workers=1)
    long = solve(instance([replace(AMIR, end=31), replace(ZAHRA, priority=1)], [shrinking]), workers=1)

    assert None not in short.assignment.values()
    assert long.assignment == {"amir": "koivu", "zahra": None}
    assert long.unplaced[0].blocking[0].week == 30


@pytest.mark.parametrize(("start", "together"), [(20, True), (19, False)])
def test_children_to_be_kept_apart_share_a_unit_only_one_after_the_other(start: int, together: bool) -> None:
    first, second = replace(AMIR, end=20), replace(ZAHRA, start=start, priority=1)

    result = solve(instance([first, second], [KOIVU], apart=[("zahra", "amir")]), workers=1)

    assert (None not in result.assignment.values()) == together


def test_a_child_does_not_join_a_locked_one_it_is_to_be_kept_apart_from():
    resident = replace(ZAHRA, locked="koivu")

    result = solve(instance([AMIR, resident], [KOIVU], apart=[("amir", "zahra")]), workers=1)

    assert result.assignment["amir"] is None
    assert [(row.resource, row.children) for row in result.unplaced[0].blocking] == [("apart", ("zahra",))]


def test_two_locked_children_to_be_kept_apart_are_left_alone():
    both = [replace(AMIR, locked="koivu"), replace(ZAHRA, locked="koivu")]

    assert solve(instance(both, [KOIVU], apart=[("amir", "zahra")]), workers=1).status == "optimal"


def test_siblings_stay_together_even_at_the_cost_of_language():
    somali_speaking = replace(KOIVU, windows=(Window(0, 52, 1),))
    roomy = replace(HAAPA, languages={"fi": 0})

    result = solve(instance([AMIR, ZAHRA], [somali_speaking, roomy], groups=[must("amir", "zahra")]), workers=1)

    assert result.assignment == {"amir": "haapa", "zahra": "haapa"}


def test_locked_children_keep_their_unit_and_use_it_first():
    one_bed = replace(KOIVU, windows=(Window(0, 52, 1),))
    resident = replace(ZAHRA, locked="koivu", priority=1, age_months=400)

    result = solve(instance([replace(AMIR, priority=5), resident], [one_bed]), workers=1)

    assert result.assignment == {"amir": None, "zahra": "koivu"}
    assert result.levels[0].value == 0


def test_locked_children_over_capacity_leave_nothing_and_a_warning():
    one_bed = replace(KOIVU, windows=(Window(0, 52, 1),))
    residents = [replace(ZAHRA, locked="koivu"), replace(NOOR, locked="koivu", start=3)]

    result = solve(instance([AMIR, *residents], [one_bed]), workers=1)

    assert result.assignment["amir"] is None
    about = {"unit": "koivu", "resource": "beds", "week": 3, "load": 2, "cap": 1}
    assert result.warnings == (Fact("LOCKED_OVER_CAPACITY", about),)


def test_a_locked_resource_over_capacity_does_not_stop_children_who_do_not_use_it():
    short = replace(KOIVU, languages={"fi": 0, "so": 3})
    resident = replace(ZAHRA, locked="koivu")
    finnish = replace(AMIR, languages={"fi": 5})

    assert solve(instance([finnish, resident], [short]), workers=1).assignment["amir"] == "koivu"


def test_a_must_group_with_an_apart_pair_in_it_is_unplaceable_with_a_warning():
    quarrelling = instance([AMIR, ZAHRA], [KOIVU], groups=[must("amir", "zahra")], apart=[("amir", "zahra")])

    result = solve(quarrelling, workers=1)

    assert set(result.assignment.values()) == {None}
    assert [fact.code for fact in result.warnings] == ["APART_IN_MUST_GROUP"]


def no_children() -> Instance:
    return instance([], [KOIVU])


def no_units() -> Instance:
    return instance([AMIR], [])


@pytest.mark.parametrize("empty", [no_children(), no_units()], ids=["no children", "no units"])
def test_an_instance_without_children_or_units_is_solved(empty: Instance) -> None:
    result = solve(empty, workers=1)

    assert result.status == "optimal"
    assert result.levels[0].value == 0
