"""The deletion filter: from members that cannot hold together to as few as that needs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

Member = TypeVar("Member", bound=Hashable)


def thinned(members: Sequence[Member], can_hold: Callable[[list[Member]], bool]) -> list[Member]:
    """Return members that cannot hold together, but could without any one of them; in their order.

    `members` together cannot hold, and what can hold still can with fewer. They are tried for removal in
    order, in chunks and then one by one, so the first go first.
    """
    rest, pending = list(members), [list(members)]
    while pending:
        chunk = pending.pop(0)
        gone = set(chunk)
        left = [member for member in rest if member not in gone]
        if not can_hold(left):
            rest = left
        elif len(chunk) > 1:
            half = len(chunk) // 2
            pending[:0] = [chunk[:half], chunk[half:]]
    return rest
