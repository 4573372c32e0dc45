"""Sums in whole cents, never a float; the only rounding there is, and the only way to split a sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """A sum in cents; may be negative where something is taken back."""

    cents: int

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def times(self, count: int) -> Money:
        """Return the sum `count` times: whole days or places, so nothing is ever rounded."""
        return Money(self.cents * count)


def round_half_up(numerator: int, denominator: int) -> int:
    """Return numerator / denominator in whole cents; a half cent goes away from zero.

    Both signs round alike, so that a sum taken back is exactly the sum that was given. Raises ValueError for
    a denominator below 1: a fraction of nothing is a wrong day count, not a sum.
    """
    if denominator < 1:
        raise ValueError(f"a sum cannot be divided by {denominator}")
    whole, rest = divmod(abs(numerator), denominator)
    rounded = whole + (1 if 2 * rest >= denominator else 0)
    return rounded if numerator >= 0 else -rounded


def split(total_cents: int, weights: Sequence[int]) -> list[int]:
    """Return one share for each weight, in whole cents, that add up to `total_cents` exactly.

    Largest remainder: each gets its share cut down to whole cents; the cents that are left go one each to the
    shares that lost most, the earlier one first where two lost the same. A negative sum is split as its
    opposite. Raises ValueError for weights that are negative or all zero: nobody would get the sum.
    """
    if not weights or any(weight < 0 for weight in weights) or sum(weights) == 0:
        raise ValueError("a sum is split by weights of which none is negative and one is not zero")
    if total_cents < 0:
        return [-share for share in split(-total_cents, weights)]
    whole = sum(weights)
    shares = [total_cents * weight // whole for weight in weights]
    lost = [total_cents * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda place: (-lost[place], place))
    for place in order[: total_cents - sum(shares)]:
        shares[place] += 1
    return shares


def euros(cents: int) -> str:
    """Return cents as euros with a decimal point, without a thousands separator: files, not pages."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
