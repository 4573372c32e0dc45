"""Sums of money: integer cents, never a float."""

from __future__ import annotations

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
