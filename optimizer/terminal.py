"""What a running search shows on a terminal."""

from __future__ import annotations

import threading
from typing import TextIO

from optimizer.outcome import Progress

BAR_WIDTH = 24


class ProgressLine:
    """One line on `stream` that is written over: level, best value, bound, gap, seconds.

    The bar is full when value and bound have met. Safe to call from several threads.
    """

    def __init__(self, stream: TextIO) -> None:
        """Write nothing yet."""
        self.stream = stream
        self.lock = threading.Lock()

    def show(self, progress: Progress) -> None:
        """Draw how far the level is."""
        with self.lock:
            self.stream.write("\r\x1b[K" + line(progress))
            self.stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        with self.lock:
            self.stream.write("\r\x1b[K")
            self.stream.flush()


def line(progress: Progress) -> str:
    """Return the line for `progress`, e.g. `placed [######----] 340 of at most 350, 2.86 %, 1.2 s`."""
    gap = gap_of(progress)
    filled = 0 if gap is None else round(BAR_WIDTH * (1 - min(1.0, gap)))
    bar = "#" * filled + "-" * (BAR_WIDTH - filled)
    value = "no plan yet" if progress.value is None else str(progress.value)
    bound = "no bound yet" if progress.bound is None else f"bound {progress.bound}"
    percent = "" if gap is None else f", gap {100 * gap:.2f} %"
    return f"{progress.level:<9}[{bar}] {value}, {bound}{percent}, {progress.seconds:.1f} s"


def gap_of(progress: Progress) -> float | None:
    """Return how far value and bound are apart, as a share of the larger one; None while one is missing."""
    if progress.value is None or progress.bound is None:
        return None
    apart = abs(progress.bound - progress.value)
    return apart / max(1, abs(progress.bound), abs(progress.value)) if apart else 0.0
