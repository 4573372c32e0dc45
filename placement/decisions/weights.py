"""What a calculation aims at: three presets of weights, the order of the goals, and the prices of the model.

Nothing here knows origin, nationality, religion or community: `peers` is 0 in every preset, units have no
mix limit, and no level asks for fairness by group. Fairness is counted after the run (`fairness.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.problem import FitWeights, Level

HORIZON_WEEKS = 52
FREEZE_DAYS = 14
WEB_TIME_LIMIT_S = 120
INTERPRETER_HOUR_CENTS = 60_00
SIBLING_BONUS = 300
"""Fit points per child when siblings who should live together do: as much as the heaviest single wish."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of weights, per mille each.

    `moves_first`: as few moves as possible comes before the fit. `near_school`: distance is measured to the town
    of the school in which the child has a place on the day of the move, not to relatives.
    """

    key: str
    fit: FitWeights
    moves_first: bool = False
    near_school: bool = False


PRESETS = {
    preset.key: preset
    for preset in (
        Preset("balanced", FitWeights(language=300, distance=200, wish=150, stability=200, schooling=100, peers=0)),
        Preset("closest", FitWeights(language=150, distance=400, wish=100, stability=100, schooling=200, peers=0)),
        Preset("language", FitWeights(language=600, distance=100, wish=100, stability=100, schooling=50, peers=0)),
    )
}
DEFAULT_PRESET = "balanced"
CLOSING_PRESETS = {
    preset.key: preset
    for preset in (
        Preset(
            "fewest-moves",
            FitWeights(language=250, distance=150, wish=100, stability=400, schooling=100, peers=0),
            moves_first=True,
        ),
        Preset(
            "school-trip",
            FitWeights(language=150, distance=600, wish=50, stability=100, schooling=100, peers=0),
            near_school=True,
        ),
        Preset("best-fit", FitWeights(language=300, distance=200, wish=150, stability=200, schooling=100, peers=0)),
    )
}
"""What new places for the children of a closing unit are sought by; a person compares them and uses one."""


def preset_of(key: str) -> Preset:
    """Return a preset by its key; raises KeyError for none."""
    return PRESETS[key] if key in PRESETS else CLOSING_PRESETS[key]


def levels(*, balance: bool = False, moves_first: bool = False) -> tuple[Level, ...]:
    """Return the goals in their order: as many as possible placed, then fit, moves, cost, optionally balance.

    With `moves_first` moves come before the fit. A later goal may give back 1 % of the fit and of the cost, and
    nothing of the places and the moves.
    """
    fit, moves = Level("fit", "max", 10), Level("moves", "min", 0)
    order = (
        Level("placed", "max", 0),
        *((moves, fit) if moves_first else (fit, moves)),
        Level("cost", "min", 10),
    )
    return (*order, Level("balance", "min", 0)) if balance else order
