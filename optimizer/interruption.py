"""Runs a search so that signals reach it: the work in a thread, the main thread free to listen."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LISTEN_S = 0.1


class Interruptible(Generic[Answer]):
    """Runs `work(should_stop)`; Ctrl-C or SIGTERM make `should_stop()` true and the work return early.

    A solver's C++ code holds its thread until it ends, and Python runs signal handlers in the main thread
    only: so the main thread must not be the solver's.
    """

    def __init__(self, work: Callable[[Callable[[], bool]], Answer]) -> None:
        """Keep the work for `run`."""
        self.work = work
        self.stop = threading.Event()
        self.answers: list[Answer] = []
        self.errors: list[BaseException] = []

    def run(self) -> Answer:
        """Return the work's answer, or raise what it raised. Call from the main thread."""
        before = {number: signal.signal(number, self._asked) for number in SIGNALS}
        worker = threading.Thread(target=self._work)
        worker.start()
        try:
            while worker.is_alive():
                worker.join(LISTEN_S)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if self.errors:
            raise self.errors[0]
        return self.answers[0]

    def _asked(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.stop.set()

    def _work(self) -> None:
        try:
            self.answers.append(self.work(self.stop.is_set))
        except BaseException as error:  # carried over to the main thread, which raises it
            self.errors.append(error)


def seconds_since_start() -> float:
    """Return the seconds since this process started, 0 where the system does not tell (no /proc)."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[19])
        ticks_a_second = 100  # USER_HZ, the same on every Linux the kernel's interface is read on
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / ticks_a_second)
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0
