"""Where a claim stands and for whom one waits, in one word each."""

from __future__ import annotations

import pytest

from placement.reviewing.queue_rules import Facts, second_needed, standing

CASES = [
    (Facts("sent", pays=True), ("review-new", "us")),
    (Facts("in-review", pays=True), ("review-going", "us")),
    (Facts("in-review", pays=True, asked=True, answered=True), ("review-asked", "county")),
    (Facts("in-review", pays=True, answered=True), ("review-answered", "us")),
    (Facts("in-review", pays=False, in_hearing=True, answered=True), ("review-hearing", "county")),
    (Facts("in-review", pays=False, second_asked=True), ("review-second", "second")),
    (Facts("in-review", pays=False, second_agreed=True), ("review-confirmed-second", "us")),
    (Facts("decided", pays=False, approved_cents=5), ("review-decided", "nobody")),
    (Facts("decided", pays=True), ("review-decided", "nobody")),
    (Facts("decided", pays=True, approved_cents=5, payable_cents=5), ("review-approved", "payer")),
    (Facts("decided", pays=True, approved_cents=5, payable_cents=5, waits=True), ("review-waits", "appropriation")),
    (Facts("decided", pays=True, approved_cents=5, payable_cents=5, unreleased=True), ("review-confirmed", "payer")),
    (Facts("decided", pays=True, approved_cents=5, payable_cents=5, returned=True), ("review-returned", "payer")),
    (Facts("decided", pays=True, approved_cents=5), ("review-paid", "nobody")),
    (Facts("decided", pays=True, approved_cents=5, payable_cents=-1), ("review-overpaid", "us")),
]


@pytest.mark.parametrize(("facts", "expected"), CASES)
def test_a_claim_stands_where_its_facts_say(facts, expected):
    found = standing(facts)
    assert (found.status, found.waits_for) == expected


def test_another_reviewer_confirms_at_the_deciding_centre_only():
    assert second_needed("cost")
    assert not second_needed("payment")
