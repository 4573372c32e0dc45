"""The plan that is there at once keeps to every rule and to what is required, or is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer import frame, greedy
from optimizer.problem import Requirements
from optimizer.recount import recount
from tests.unit.optimizer.named import AMIR, HAAPA, KOIVU, ZAHRA, instance
from tests.unit.optimizer.random_instances import small


@pytest.mark.parametrize("seed", range(800, 830))
def test_a_greedy_plan_breaks_no_rule(seed: int) -> None:
    whole = small(seed)
    built = frame.build(whole)

    chosen = greedy.plan(built, {})

    assert chosen is not None
    homes = {child: str(home) for child, home in built.assignment(chosen).items() if home is not None}
    assert recount(whole, homes).faults == []


def test_a_preferred_unit_is_kept_where_it_fits():
    built = frame.build(instance([replace(AMIR, wishes=("koivu",)), ZAHRA], [KOIVU, HAAPA]))

    chosen = greedy.plan(built, built.chosen({"amir": "haapa", "zahra": "haapa"}))

    assert chosen is not None
    assert built.assignment(chosen) == {"amir": "haapa", "zahra": "haapa"}


def test_what_is_required_goes_first():
    one_bed = replace(KOIVU, windows=(replace(KOIVU.windows[0], beds=1),))
    built = frame.build(instance([replace(AMIR, priority=5), ZAHRA], [one_bed]))

    assert built.assignment(greedy.plan(built, {}) or {}) == {"amir": "koivu", "zahra": None}
    wanted = greedy.plan(built, {}, Requirements(placed=("zahra",)))
    assert built.assignment(wanted or {}) == {"amir": None, "zahra": "koivu"}
    assert greedy.plan(built, {}, Requirements(placed=("zahra", "amir"))) is None
