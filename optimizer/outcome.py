"""What a search is asked for and what it hands back; the engines behind `optimizer.solve` share these."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from optimizer.problem import LevelName, Requirements, Sense


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running level is: best value and proven bound so far (None = none yet)."""

    level: LevelName
    value: int | None
    bound: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Controls:
    """How to search. `deadline` is on `time.monotonic`'s clock, None = until proven.

    `start` is a known assignment (child id to unit id, or item to bin as in `Result.assignment`) to begin
    from; it may break rules, then what cannot be kept is dropped. `on_progress` may be called from
    another thread. `should_stop` is asked a few times a second; once true, the best so far is returned.
    `on_better` gets plans on the way, with the levels reached and what bounds them so far.
    """

    deadline: float | None = None
    workers: int = 1
    seed: int = 0
    start: Mapping[str, str | int | None] | None = None
    requirements: Requirements | None = None
    on_progress: Callable[[Progress], None] | None = None
    should_stop: Callable[[], bool] | None = None
    on_better: Callable[[Outcome], None] | None = None

    def seconds_left(self) -> float:
        """Return the seconds until the deadline, at least 0; infinite without one."""
        return math.inf if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def is_over(self) -> bool:
        """Whether the search has to end now."""
        return self.seconds_left() <= 0 or (self.should_stop is not None and self.should_stop())


@dataclass(frozen=True, slots=True)
class Stage:
    """One level's search: its best value and proven bound, `proven` when they meet."""

    name: LevelName
    sense: Sense
    tolerance_permille: int
    value: int
    bound: int
    seconds: float
    solver: str

    @property
    def proven(self) -> bool:
        """Whether the value cannot be bettered."""
        return self.value == self.bound

    @property
    def limit(self) -> int:
        """The row passed on to later levels: at least (max) or at most (min) this."""
        if self.sense == "max":
            return -(-self.value * (1000 - self.tolerance_permille) // 1000)
        return self.value * (1000 + self.tolerance_permille) // 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search found.

    `assignment` maps child id to unit id (None = unplaced), for every child, locked ones included; for a
    pair instance the item's index as text to the bin's index. It is None when nothing was found:
    `infeasible` then says whether that is proven. `stages` are the levels reached, in order. `seconds`
    holds the time per phase (`eligibility`, `rows`, `bound`, `search`); `engines` names and versions.
    """

    assignment: Mapping[str, str | int | None] | None
    stages: tuple[Stage, ...]
    infeasible: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)
    certificate: Mapping[str, object] | None = None
