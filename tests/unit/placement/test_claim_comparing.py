"""Differences to the period before: the parts of every change add up, to the cent."""

from __future__ import annotations

import random

from placement.reimbursed.comparing_rules import Amount, Change, Place, changes


def _lines(rng: random.Random) -> list[Amount]:
    kinds = ("place_days", "rent", "interpreting")
    return [
        Amount(
            Place(rng.choice(kinds), rng.randrange(3), rng.random() < 0.2),
            rng.choice((0, 0, rng.randrange(1, 93))),
            rng.choice((0, rng.randrange(-5_000, 900_000))),
        )
        for _ in range(rng.randrange(12))
    ]


def _parts(one: Change) -> int:
    return one.days_cents + one.price_cents + one.other_cents + one.new_cents + one.gone_cents


def test_parts_add_up_to_the_difference_of_the_totals():
    rng, several = random.Random(20261124), 0
    for _ in range(2_000):
        before, now = _lines(rng), _lines(rng)
        found = changes(before, now)
        assert sum(map(_parts, found)) == sum(one.cents for one in now) - sum(one.cents for one in before)
        assert all(_parts(one) == one.cents for one in found)
        assert [abs(one.cents) for one in found] == sorted((abs(one.cents) for one in found), reverse=True)
        assert len({one.place for one in found}) == len(found)
        several += sum(1 for one in found if one.days_cents and one.price_cents)
    assert several > 100


def test_days_are_counted_at_the_old_price_and_the_rest_is_price():
    home = Place("place_days", 1)
    (one,) = changes([Amount(home, 30, 300_000)], [Amount(home, 20, 210_000), Amount(home, 11, 115_500)])
    assert (one.days_cents, one.price_cents, one.cents) == (10_000, 15_500, 25_500)
    assert (one.day_before_cents, one.day_now_cents) == (10_000, 10_500)


def test_what_stands_in_one_claim_only_is_new_or_gone():
    rent, days, hidden = Place("rent", 1), Place("place_days", 2), Place("place_days", 0, hidden=True)
    found = changes([Amount(rent, 0, 700), Amount(days, 3, 300)], [Amount(rent, 0, 900), Amount(hidden, 2, 500)])
    assert [(one.place, one.new_cents, one.gone_cents, one.other_cents) for one in found] == [
        (hidden, 500, 0, 0),
        (days, 0, -300, 0),
        (rent, 0, 0, 200),
    ]
