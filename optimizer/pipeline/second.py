"""A second engine's word on bounds that rest on a search: HiGHS is asked for any better plan and finds none."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile

import numpy as np

from optimizer.outcome import Controls
from optimizer.pipeline import from_instance, highs
from optimizer.pipeline.linear import Compact, attempt, compact, proto
from optimizer.pipeline.model import Flags, Limit, Model, is_feasible, keeps, passed_on
from optimizer.problem import Instance, Result

NAME = highs.NAME
SMALL_PAIRS = 250
"""Up to this many pairs HiGHS answers sooner than a process for it starts."""
LISTEN_S = 0.05
log = logging.getLogger(__name__)


class Disagreement(AssertionError):
    """The second engine has a plan better than a bound that was said to be proven."""


class SecondEngine:
    """HiGHS on a solved instance's levels, each asked from cold, over all pairs, without the pipeline's cuts."""

    def __init__(self, instance: Instance, result: Result, controls: Controls) -> None:
        """Keep what is asked about; the model is built at the first question."""
        self.instance = instance
        self.result = result
        self.controls = controls
        self.model: Model | None = None

    def agrees(self, index: int) -> bool:
        """Whether HiGHS proves that no plan within the earlier levels' rows passes the bound of level `index`.

        False when it is stopped, runs out of time or nodes, or fails. Raises Disagreement if it has a plan.
        """
        if self.controls.is_over():
            return False
        self.model = self.model or from_instance.build(self.instance)
        model, level = self.model, self.result.levels[index]
        earlier = zip(model.goals, self.result.levels[:index], strict=False)
        limits = tuple(row for goal, passed in earlier for row in passed_on(goal, passed.limit))
        beyond = passed_on(model.goals[index], level.bound + (1 if level.sense == "max" else -1))
        if not beyond:
            return False
        better = (*limits, *beyond)
        none = Limit(np.zeros(model.pairs, np.int64), 0)
        program = compact(model, none, better, None, np.ones(model.pairs, bool))
        found = self._asked(program)
        if found is None:
            return False
        if found["x"] is not None and self._is_real(found["x"], better):
            raise Disagreement(f"{NAME} has a plan beyond the bound {level.bound} of {level.name}")
        return bool(found["infeasible"])

    def _asked(self, program: Compact) -> highs.Answer | None:
        """Return HiGHS's answer, None if it was stopped or failed."""
        assert self.model is not None
        integers = np.arange(len(program.cost)) < self.model.pairs
        asked = proto(program.cost, program.upper, program.sparse, integers).SerializeToString()
        if self.model.pairs <= SMALL_PAIRS:
            return attempt(lambda: highs.answer(asked))
        command = [sys.executable, "-P", highs.__file__]
        with tempfile.TemporaryFile() as program_file:
            program_file.write(asked)
            program_file.seek(0)
            pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
            with subprocess.Popen(command, stdin=program_file, stdout=pipe, stderr=nowhere) as running:  # noqa: S603
                told = _listen(running, self.controls)
        if told is None:
            return None
        if running.returncode:
            log.warning("%s ended with %d", NAME, running.returncode)
            return None
        answer: highs.Answer = json.loads(told)
        return answer

    def _is_real(self, x: object, limits: tuple[Limit, ...]) -> bool:
        """Whether the columns are a plan by whole numbers, not by a solver's tolerances only."""
        assert self.model is not None
        chosen: Flags = np.array(x)[: self.model.pairs] > 0.5
        return is_feasible(self.model, chosen) and keeps(self.model, limits, chosen)


def _listen(running: subprocess.Popen[bytes], controls: Controls) -> bytes | None:
    """Return what the process prints; end it, for None, as soon as the controls say so."""
    while not controls.is_over():
        try:
            return running.communicate(timeout=min(LISTEN_S, controls.seconds_left()))[0]
        except subprocess.TimeoutExpired:
            continue
    running.kill()
    running.communicate()
    return None
