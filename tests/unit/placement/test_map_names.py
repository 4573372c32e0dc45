"""Names of towns on the map lie over no other name, however near the towns are."""

from __future__ import annotations

import random

from placement.units.on_map import LETTER, LINE, names_apart


def over_each_other(names, placed):
    boxes = [(x, y, x + LETTER * names[key][2]) for key, (x, y) in placed.items()]
    return [
        (one, two)
        for number, one in enumerate(boxes)
        for two in boxes[:number]
        if one[0] < two[2] and two[0] < one[2] and abs(one[1] - two[1]) < LINE
    ]


def test_names_of_near_towns_go_below_each_other_and_others_stay_where_they_are():
    names = {1: (20, 20, 8), 2: (22, 21, 8), 3: (21, 30, 8), 4: (200, 20, 8)}
    assert names_apart(names) == {1: (20, 20), 2: (22, 36), 3: (21, 52), 4: (200, 20)}


def test_no_name_lies_over_another_on_random_maps():
    dice = random.Random(7)
    for _ in range(200):
        names = {key: (dice.randint(0, 280), dice.randint(0, 280), dice.randint(4, 16)) for key in range(25)}
        assert over_each_other(names, names_apart(names)) == []
