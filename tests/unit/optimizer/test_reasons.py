"""Each reason code has twins: a child who may just live in the unit, and one who just may not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer import solve
from optimizer.problem import Child, SiblingGroup, Unit, Window
from tests.unit.optimizer.named import AMIR, KOIVU, ZAHRA, instance, must

TWINS: list[tuple[str, Child, Unit, dict[str, Any]]] = [
    ("AGE_BELOW", AMIR, replace(KOIVU, age_min=180), {"age_months": 179}),
    ("AGE_BELOW", replace(AMIR, start=4, age_months=179), replace(KOIVU, age_min=179), {"age_months": 178}),
    ("AGE_BELOW", replace(AMIR, start=5, age_months=179), replace(KOIVU, age_min=180), {"start": 4}),
    ("AGE_ABOVE", AMIR, replace(KOIVU, age_max=180), {"age_months": 181}),
    ("AGE_ABOVE", replace(AMIR, start=4), replace(KOIVU, age_max=180), {"start": 5}),
    ("GENDER", AMIR, replace(KOIVU, gender="M"), {"gender": "F"}),
    ("GENDER", AMIR, replace(KOIVU, gender="M"), {"gender": "X"}),
    ("SUPPORT_LEVEL", AMIR, replace(KOIVU, support_min=2), {"support_level": 1}),
    ("SUPPORT_LEVEL", AMIR, replace(KOIVU, support_max=2), {"support_level": 3}),
    ("SERVICE_MISSING", AMIR, KOIVU, {"services": {"wheelchair": 0}}),
    (
        "SERVICE_MISSING",
        replace(AMIR, services={"trauma": 3}),
        replace(KOIVU, services={"trauma": 3}),
        {"services": {"trauma": 4}},
    ),
    (
        "LANGUAGE",
        replace(AMIR, languages={"ar": 5}, interpreter_hours=3),
        replace(KOIVU, interpreter_hours=3),
        {"interpreter_hours": 4},
    ),
    ("LANGUAGE", replace(AMIR, languages={"so": 3}), replace(KOIVU, interpreter_hours=1), {"languages": {"so": 2}}),
    (
        "AGREEMENT_NOT_IN_FORCE",
        replace(AMIR, start=3),
        replace(KOIVU, windows=(Window(3, 60, 7),)),
        {"start": 2},
    ),
    (
        "AGREEMENT_NOT_IN_FORCE",
        replace(AMIR, end=40),
        replace(KOIVU, windows=(Window(-3, 40, 7),)),
        {"end": 41},
    ),
    ("AGREEMENT_NOT_IN_FORCE", replace(AMIR, end=99), replace(KOIVU, windows=(Window(0, 52, 7),)), {}),
    ("NO_QUOTA", AMIR, replace(KOIVU, quota={"North": 1}), {"county": "South"}),
    ("NO_QUOTA", AMIR, replace(KOIVU, quota={"*": 1, "South": 0}), {"county": "South"}),
    ("FORBIDDEN", AMIR, KOIVU, {"forbidden": ("koivu",)}),
    ("CAPACITY", replace(AMIR, care_hours=100), KOIVU, {"care_hours": 101}),
    ("CAPACITY", replace(AMIR, language_hours=40), KOIVU, {"language_hours": 41}),
    ("CAPACITY", replace(AMIR, languages={"fi": 4}, language_hours=99), KOIVU, {"languages": {"so": 3}}),
]


@pytest.mark.parametrize(("code", "child", "unit", "worse"), TWINS)
def test_a_child_is_refused_exactly_where_the_rule_says(
    code: str, child: Child, unit: Unit, worse: dict[str, Any]
) -> None:
    allowed = solve(instance([child], [unit]), workers=1)
    assert allowed.assignment == {"amir": "koivu"}

    if worse:
        refused = solve(instance([replace(child, **worse)], [unit]), workers=1)
        assert refused.assignment == {"amir": None}
        assert refused.unplaced[0].reasons == {"koivu": (code,)}


def test_every_reason_is_reported_and_not_only_the_first():
    child = replace(AMIR, age_months=300, gender="F", forbidden=("koivu",), county="South")
    unit = replace(KOIVU, gender="M", quota={"North": 1})

    result = solve(instance([child], [unit]), workers=1)

    assert result.unplaced[0].reasons == {"koivu": ("AGE_ABOVE", "GENDER", "NO_QUOTA", "FORBIDDEN")}


def test_a_language_with_too_few_hours_does_not_fall_back_to_an_interpreter():
    short_of_somali = replace(KOIVU, languages={"fi": 0, "so": 3})

    result = solve(instance([AMIR], [short_of_somali]), workers=1)

    assert result.unplaced[0].reasons == {"koivu": ("CAPACITY",)}


def test_of_two_equally_well_spoken_languages_the_earlier_one_counts():
    both = replace(AMIR, languages={"ar": 4, "so": 4}, language_hours=5)
    no_hours_in_arabic = replace(KOIVU, languages={"fi": 0, "so": 5, "ar": 0})

    assert solve(instance([both], [no_hours_in_arabic]), workers=1).assignment == {"amir": "koivu"}


def test_a_child_is_refused_where_a_must_sibling_is():
    boys = replace(KOIVU, gender="M")

    together = solve(instance([AMIR, ZAHRA], [boys], groups=[must("amir", "zahra")]), workers=1)
    singly = solve(instance([AMIR, ZAHRA], [boys]), workers=1)

    assert [entry.reasons for entry in together.unplaced] == [{"koivu": ("SIBLING",)}, {"koivu": ("GENDER",)}]
    assert singly.assignment == {"amir": "koivu", "zahra": None}


@pytest.mark.parametrize(
    ("locks", "reasons"),
    [
        ({}, {}),
        ({"zahra": "koivu"}, {"haapa": ("SIBLING",)}),
        ({"zahra": "koivu", "noor": "haapa"}, {}),
    ],
)
def test_a_lock_draws_free_siblings_to_it_and_two_locks_bind_nobody(
    locks: dict[str, str], reasons: dict[str, tuple[str, ...]]
) -> None:
    noor = replace(AMIR, id="noor")
    children = [replace(child, locked=locks.get(child.id)) for child in (AMIR, ZAHRA, noor)]
    full = replace(KOIVU, windows=(Window(-10, 60, 0),))
    family = SiblingGroup("family", ("amir", "zahra", "noor"), "must", 0)

    result = solve(instance(children, [full, replace(full, id="haapa")], groups=[family]), workers=1)

    assert {entry.child: entry.reasons for entry in result.unplaced}["amir"] == reasons


def test_a_locked_childs_own_reasons_never_count():
    old = replace(ZAHRA, age_months=400, locked="koivu")

    result = solve(instance([AMIR, old], [KOIVU], groups=[must("amir", "zahra")]), workers=1)

    assert result.assignment == {"amir": "koivu", "zahra": "koivu"}
