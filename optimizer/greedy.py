"""A feasible plan at once: a start for the search and the answer where no time is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from optimizer.frame import Frame
from optimizer.problem import Requirements


def plan(frame: Frame, preferred: Mapping[int, int], requirements: Requirements | None = None) -> dict[int, int] | None:
    """Return item to option, most urgent first, each in its preferred option if it fits, else the best.

    The best is the option with most fit that fits beside those already chosen. Items that something is
    required of go first. Returns None where the requirements are not met this way, which does not mean
    that they cannot be.
    """
    wanted, needed = _required(frame, requirements)
    moves_left = len(frame.items) if requirements is None or requirements.max_moves is None else requirements.max_moves
    room = _Room(frame)
    chosen: dict[int, int] = {}
    order = sorted(range(len(frame.items)), key=lambda item: _rank(frame, item, wanted, needed, preferred))
    for item in order:
        for option in sorted(frame.options_of[item], key=lambda k: (k != preferred.get(item), -frame.options[k].fit)):
            unit = frame.options[option].unit
            if (item in wanted and wanted[item] != {unit}) or frame.options[option].moves > moves_left:
                continue
            if room.takes(option):
                room.take(option)
                moves_left -= frame.options[option].moves
                chosen[item] = option
                break
    met = needed <= chosen.keys() and wanted.keys() <= chosen.keys()
    return chosen if met else None


class _Room:
    """What is left of every row, and what the chosen options exclude."""

    def __init__(self, frame: Frame) -> None:
        self.left = [row.cap for row in frame.rows]
        self.rows_of: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for index, row in enumerate(frame.rows):
            for option, use in row.terms:
                self.rows_of[option].append((index, use))
        self.excluded: set[int] = set()
        self.excludes: dict[int, list[int]] = defaultdict(list)
        for first, second in frame.exclusions:
            self.excludes[first].append(second)
            self.excludes[second].append(first)

    def takes(self, option: int) -> bool:
        """Whether the option fits beside those taken."""
        return option not in self.excluded and all(use <= self.left[row] for row, use in self.rows_of[option])

    def take(self, option: int) -> None:
        """Use up what the option uses."""
        for row, use in self.rows_of[option]:
            self.left[row] -= use
        self.excluded.update(self.excludes[option])


def _required(frame: Frame, requirements: Requirements | None) -> tuple[dict[int, set[int]], set[int]]:
    """Return per item the units it is required in, and the items required somewhere."""
    wanted: dict[int, set[int]] = defaultdict(set)
    if requirements is None:
        return wanted, set()
    instance = frame.instance
    item_of = {instance.children[member].id: item for item, members in enumerate(frame.items) for member in members}
    unit_of = {unit.id: index for index, unit in enumerate(instance.units)}
    for child, unit in requirements.place:
        if child in item_of:
            wanted[item_of[child]].add(unit_of[unit])
    return wanted, {item_of[child] for child in requirements.placed if child in item_of}


def _rank(
    frame: Frame, item: int, wanted: Mapping[int, set[int]], needed: set[int], preferred: Mapping[int, int]
) -> tuple[int, int, int]:
    urgency = max((frame.options[option].urgency for option in frame.options_of[item]), default=0)
    first = 0 if item in wanted else 1 if item in needed else 2 if item in preferred else 3
    return first, -urgency // max(1, len(frame.items[item])), item
