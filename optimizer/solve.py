"""The one verb: an instance in, a checked result out."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from optimizer.io import checked, instance_to_json, write_json
from optimizer.outcome import Controls, Outcome, Progress
from optimizer.problem import AnyInstance, Fact, Instance, PairInstance, Parameters, Requirements, Result
from optimizer.report import peak_rss_mb, result_of
from optimizer.verify import verify

PAUSE = 20
"""How many times as long as handing on a better plan took nothing is handed on after it."""


class SolverDisagrees(AssertionError):
    """The checker, or a second engine, refuses what the search found: a mistake, never shown as an answer.

    `faults` are the checker's lines, `saved` the file the instance was written to.
    """

    def __init__(self, faults: tuple[str, ...], saved: str) -> None:
        """Name the file, so that the case can be repeated."""
        self.faults = faults
        self.saved = saved
        super().__init__(f"solver and checker disagree on the instance saved as {saved}: " + "; ".join(faults[:5]))


def solve(
    instance: AnyInstance,
    *,
    time_limit_s: float | None = None,
    workers: int | None = None,
    seed: int = 0,
    start: Result | Mapping[str, str | int | None] | None = None,
    requirements: Requirements | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_better: Callable[[Result], None] | None = None,
    certify: bool = False,
) -> Result:
    """Return the best plan for `instance`, level by level, verified.

    `time_limit_s` is wall clock in seconds from the call; without one the search ends with a proof.
    `workers` are threads, by default one per processor; one worker and a seed repeat exactly unless a
    limit or stop cuts in. `start` is an earlier result or assignment to begin from. `on_progress` may be
    called from another thread; `should_stop` is asked a few times a second, and once it returns true the
    best plan so far is returned. `on_better` gets the first plan and better ones on the way, each verified,
    as often as takes no more than a twentieth of the time. With `certify` the proven levels of a placement
    get a certificate (`optimizer.certificate`), unless they answer to requirements; where a bound rests on
    a search, a second engine is asked as well, which can take as long as the first.

    Raises InputRefused if the instance has faults, and SolverDisagrees if the checker refuses the answer.
    """
    begun = time.monotonic()
    instance = checked(instance)
    parameters = Parameters(seed, workers or processors(), time_limit_s)
    controls = Controls(
        deadline=None if time_limit_s is None else begun + time_limit_s,
        workers=parameters.workers,
        seed=seed,
        start=start.assignment if isinstance(start, Result) else start,
        requirements=requirements,
        on_progress=on_progress,
        should_stop=should_stop,
        on_better=None if on_better is None else _handed_on(instance, parameters, requirements, on_better),
    )
    outcome = search(instance, controls)
    result = result_of(instance, outcome, parameters)
    if outcome.infeasible:
        result = replace(result, conflict=_conflict(instance, requirements))
    if certify and requirements is None and isinstance(instance, Instance) and result.assignment:
        result = replace(result, certificate=_certificate(instance, result, controls))
    return _verified(instance, result, requirements)


def _handed_on(
    instance: AnyInstance,
    parameters: Parameters,
    requirements: Requirements | None,
    on_better: Callable[[Result], None],
) -> Callable[[Outcome], None]:
    """Return what makes verified results of plans found on the way, with pauses."""
    quiet_until = 0.0

    def take(outcome: Outcome) -> None:
        nonlocal quiet_until
        begun = time.monotonic()
        if begun >= quiet_until:
            on_better(_verified(instance, result_of(instance, outcome, parameters), requirements))
            now = time.monotonic()
            quiet_until = now + PAUSE * (now - begun)

    return take


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def search(instance: AnyInstance, controls: Controls) -> Outcome:
    """Return what the proving engine finds."""
    # Imported here, so that who only reads or checks results never loads a solver.
    from optimizer import pipeline

    return pipeline.search(instance, controls)


def _conflict(instance: AnyInstance, requirements: Requirements | None) -> tuple[Fact, ...]:
    """Return a smallest set of what was insisted on and the rules it cannot be met with."""
    from optimizer import conflicts, conflicts_pairs

    if isinstance(instance, PairInstance):
        return conflicts_pairs.assignment_conflict(instance)
    return conflicts.required_conflict(instance, requirements or Requirements())


def _certificate(instance: Instance, result: Result, controls: Controls) -> Mapping[str, object] | None:
    """Return the certificate; a second engine that has a better plan is a disagreement like the checker's."""
    from optimizer.certify import certificate_of
    from optimizer.pipeline.second import Disagreement

    try:
        return certificate_of(instance, result, controls=controls)
    except Disagreement as found:
        raise SolverDisagrees((str(found),), _saved(instance)) from found


def _saved(instance: AnyInstance) -> str:
    """Write the instance to a file of its own and return its path."""
    handle, path = tempfile.mkstemp(prefix="disagreement-", suffix=".json")
    os.close(handle)
    write_json(path, instance_to_json(instance))
    return path


def _verified(instance: AnyInstance, result: Result, requirements: Requirements | None) -> Result:
    """Return `result` once the checker accepts it, with the time that took."""
    begun = time.monotonic()
    verdict = verify(instance, result, requirements)
    if not verdict.valid:
        raise SolverDisagrees(verdict.faults, _saved(instance))
    timings = replace(result.timings, check=time.monotonic() - begun)
    return replace(result, timings=timings, peak_rss_mb=peak_rss_mb())
