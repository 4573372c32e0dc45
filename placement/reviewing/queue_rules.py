"""Where a sent claim stands and who is waited for, in one word each. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """What the standing of a claim follows from; sums in cents.

    `payable_cents` is decided and not yet paid, below zero where more was paid than is approved; `unreleased` tells
    of a payment that is confirmed and not released; `waits` of an appropriation that is waited for today.
    """

    status: str
    pays: bool
    asked: bool = False
    answered: bool = False
    in_hearing: bool = False
    second_asked: bool = False
    second_agreed: bool = False
    approved_cents: int = 0
    payable_cents: int = 0
    unreleased: bool = False
    waits: bool = False
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """The status as a word's code, and for whom one waits: us, second, county, payer, appropriation or nobody."""

    status: str
    waits_for: str


def standing(facts: Facts) -> Standing:
    """Return where a claim stands. What keeps it from going on is told before what has been reached.

    `pays` is true for payment applications: they end with a payment; a decision on costs ends with itself.
    """
    if facts.status == "sent":
        return Standing("review-new", "us")
    if facts.status == "in-review":
        return _in_review(facts)
    if not facts.pays:
        return Standing("review-decided", "nobody")
    if facts.payable_cents < 0:
        return Standing("review-overpaid", "us")
    if facts.payable_cents == 0:
        return Standing("review-paid" if facts.approved_cents else "review-decided", "nobody")
    if facts.waits:
        return Standing("review-waits", "appropriation")
    if facts.unreleased:
        return Standing("review-confirmed", "payer")
    return Standing("review-returned" if facts.returned else "review-approved", "payer")


def _in_review(facts: Facts) -> Standing:
    if facts.asked:
        return Standing("review-asked", "county")
    if facts.in_hearing:
        return Standing("review-hearing", "county")
    if facts.answered:
        return Standing("review-answered", "us")
    if facts.second_agreed:
        return Standing("review-confirmed-second", "us")
    if facts.second_asked:
        return Standing("review-second", "second")
    return Standing("review-going", "us")


def second_needed(gate: str) -> bool:
    """Whether another reviewer must confirm a decision before it is made: always at the deciding centre.

    The decision on costs binds what may be paid for a period, and payment itself has two people of its own.
    """
    return gate == "cost"
