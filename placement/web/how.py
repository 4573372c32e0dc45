"""How proposals are made: a public page drawn from the lists that the code itself works by."""

from __future__ import annotations

from flask import Blueprint, Response

from optimizer.pair_rules import USABLE_PROFICIENCY
from placement.decisions.explanations import RULES_CHECKED
from placement.decisions.fairness import SMALLEST
from placement.decisions.weights import FREEZE_DAYS, HORIZON_WEEKS, PRESETS, SIBLING_BONUS, levels
from placement.web import explaining
from placement.web.guard import public
from placement.web.render import render

bp = Blueprint("how", __name__)


@bp.get("/how-proposals-are-made")
@public
def show() -> Response:
    parts = [part for part in explaining.SCORES if part != "siblings"]
    return render(
        "help/how_proposals_are_made.html",
        rules=RULES_CHECKED,
        goals=[(level.name, level.tolerance_permille) for level in levels()],
        parts=parts,
        presets=[(key, {part: getattr(preset.fit, part) for part in parts}) for key, preset in PRESETS.items()],
        sibling_bonus=SIBLING_BONUS,
        usable_level=USABLE_PROFICIENCY,
        weeks=HORIZON_WEEKS,
        freeze_days=FREEZE_DAYS,
        smallest=SMALLEST,
    )
