"""What verdicts add up to, and samples that can be drawn again."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.review_rules import Said, draw_sample, line_state, part_is_allowed, projected_error

WORDS = ("approve", "part", "reject", "park", "ask", "answer", "reopen")


def said(word: str, cents: int | None = None) -> Said:
    return Said(word, cents, "code", "why")


@given(st.integers(-10_000, 10_000), st.lists(st.sampled_from(WORDS), max_size=6), st.data())
def test_a_line_is_always_claimed_as_approved_rejected_parked_and_open(claimed, words, data):
    state = line_state(
        claimed, [said(word, data.draw(st.integers(-5, 5)) if word == "part" else None) for word in words]
    )
    assert state.claimed_cents == state.approved_cents + state.rejected_cents + state.parked_cents + state.open_cents
    assert state.is_open == (not words or words[-1] in ("ask", "answer", "reopen"))


def test_the_last_word_counts_and_a_question_opens_the_line_again():
    assert line_state(100, [said("approve"), said("part", 40)]).rejected_cents == 60
    assert line_state(100, [said("approve"), said("ask")]).asked
    assert line_state(100, [said("ask"), said("answer")]).open_cents == 100
    assert line_state(100, [said("park")]).parked_cents == 100
    assert line_state(100, [said("reject")]).rejected_cents == 100
    assert line_state(100, []).open_cents == 100


@pytest.mark.parametrize(
    ("claimed", "approved", "allowed"),
    [
        (100, 99, True),
        (100, 100, False),
        (100, 0, False),
        (100, 101, False),
        (-100, -1, True),
        (-100, -100, False),
        (-100, 1, False),
    ],
)
def test_a_part_lies_between_nothing_and_the_whole(claimed, approved, allowed):
    assert part_is_allowed(claimed, approved) is allowed


def test_the_same_seed_draws_the_same_lines_in_any_order():
    lines = [(key, 100 + key) for key in range(200)]
    shuffled = lines[:]
    random.Random(3).shuffle(shuffled)
    drawn = draw_sample(lines, size=20, seed=7)
    assert draw_sample(shuffled, size=20, seed=7) == drawn
    assert draw_sample(lines, size=20, seed=8) != drawn
    assert len(drawn.line_ids) == 20
    assert draw_sample([(1, 0), (2, -5)], size=5, seed=1).line_ids == ()


def test_larger_lines_are_drawn_more_often():
    lines = [(key, 100) for key in range(50)] + [(key, 10_000) for key in range(50, 60)]
    large = sum(sum(1 for key in draw_sample(lines, size=5, seed=seed).line_ids if key >= 50) for seed in range(200))
    assert large > 700


def test_the_projected_error_is_the_mean_share_refused_of_the_whole():
    assert projected_error([(1_000, 100), (500, 0)], 100_000) == 5_000
    assert projected_error([], 100_000) == 0
    assert projected_error([(300, 100), (700, 0), (900, 900)], 1_000) == 444
