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
    """A named set of weights, per mille each."""

    key: str
    fit: FitWeights


PRESETS = {
    preset.key: preset
    for preset in (
        Preset("balanced", FitWeights(language=300, distance=200, wish=150, stability=200, schooling=100, peers=0)),
        Preset("closest", FitWeights(language=150, distance=400, wish=100, stability=100, schooling=200, peers=0)),
        Preset("language", FitWeights(language=600, distance=100, wish=100, stability=100, schooling=50, peers=0)),
    )
}
DEFAULT_PRESET = "balanced"


def levels(*, balance: bool = False) -> tuple[Level, ...]:
    """Return the goals in their order: as many as possible placed, then fit, moves, cost, optionally balance.

    A later goal may give back 1 % of the fit and of the cost, and nothing of the places and the moves.
    """
    order = (
        Level("placed", "max", 0),
        Level("fit", "max", 10),
        Level("moves", "min", 0),
        Level("cost", "min", 10),
    )
    return (*order, Level("balance", "min", 0)) if balance else order
