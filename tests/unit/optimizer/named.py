"""Small instances one rule at a time: everything fits until a test says what does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from optimizer.problem import (
    LEVEL_SENSES,
    Child,
    FitWeights,
    Instance,
    Level,
    Municipality,
    SiblingGroup,
    Unit,
    Window,
)

PLACED = (Level("placed", "max", 0),)
ALL_LEVELS = tuple(Level(name, sense, 0) for name, sense in LEVEL_SENSES.items())  # type: ignore[arg-type]

HELSINKI = Municipality("Helsinki", 0, 0, "North", prep_education=True)
OULU = Municipality("Oulu", 300, 400, "North", prep_education=False)

AMIR = Child(
    id="amir",
    age_months=180,
    gender="M",
    languages={"so": 5},
    services={},
    support_level=2,
    care_hours=10,
    language_hours=4,
    interpreter_hours=2,
    group="so",
    county="North",
    relatives=None,
    current=None,
    start=0,
    end=52,
    priority=2,
    waiting_days=0,
    wishes=(),
    forbidden=(),
)
ZAHRA = replace(AMIR, id="zahra", gender="F")
NOOR = replace(AMIR, id="noor", gender="F")

KOIVU = Unit(
    id="koivu",
    type="family_group_home",
    municipality="Helsinki",
    county="North",
    windows=(Window(-10, 60, 7),),
    quota={"*": 7},
    age_min=0,
    age_max=215,
    gender="any",
    support_min=1,
    support_max=4,
    languages={"fi": 0, "so": 40},
    interpreter_hours=20,
    services={},
    care_hours=100,
    max_same_group_permille=1000,
    price_day=300,
    price_empty_day=200,
)
HAAPA = replace(KOIVU, id="haapa")


def instance(
    children: Sequence[Child],
    units: Sequence[Unit],
    *,
    groups: Sequence[SiblingGroup] = (),
    apart: Sequence[tuple[str, str]] = (),
    levels: Sequence[Level] = PLACED,
    **changed: Any,
) -> Instance:
    """Return an instance of these, with a horizon of 52 weeks and everything else as usual."""
    whole = Instance(
        name="named",
        horizon_weeks=52,
        languages=("fi", "so", "ar"),
        services=("trauma", "prep_education", "wheelchair"),
        municipalities=(HELSINKI, OULU),
        children=tuple(children),
        units=tuple(units),
        sibling_groups=tuple(groups),
        apart=tuple(apart),
        fit_weights=FitWeights(),
        interpreter_cost_hour=60,
        levels=tuple(levels),
    )
    return replace(whole, **changed)


def must(*members: str) -> SiblingGroup:
    """Return a must group."""
    return SiblingGroup("family", members, "must", 0)


def should(*members: str, bonus: int = 150) -> SiblingGroup:
    """Return a should group."""
    return SiblingGroup("family", members, "should", bonus)
