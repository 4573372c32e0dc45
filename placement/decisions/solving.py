"""Carrying out a run: claim it, solve with no transaction open, save. Runs in the job process or a command.

This module is the only one of the product that calls the solver, and loads it only when it does: the web
process never holds it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import structlog

from optimizer.io import instance_from_json
from optimizer.outcome import Outcome, Progress
from optimizer.problem import Instance, Parameters, Result
from optimizer.report import result_of
from optimizer.shape import InputRefused
from optimizer.verify import verify
from placement.clock import Clock
from placement.db import Database, DatabaseBusy
from placement.decisions import repairs, results, runs
from placement.decisions.results import Explained
from placement.decisions.tables import Run

log = structlog.get_logger()
BEAT_S = 1.0


@dataclass(frozen=True)
class Order:
    """A claimed run as the solver needs it."""

    run_id: int
    ref: str
    attempt: int
    instance: Instance
    rests_on: dict[str, Any]
    as_of: date
    seed: int
    workers: int
    time_limit_s: int | None


def load_solver() -> None:
    """Load the solver ahead of the first run, so that nobody waits for it."""
    import optimizer.plain
    import optimizer.repairs  # noqa: F401


def execute(database: Database, clock: Clock, run_id: int) -> Explained | None:
    """Carry out a queued run; returns what was saved, None when another worker has the run or it failed.

    A run whose input or solver is at fault ends as failed, with the fault's code in its row and its place in
    the log: nothing of it is shown as a plan.
    """
    attempt = database.write(lambda session: runs.claim(session, run_id, clock()))
    if attempt is None:
        return None
    try:
        done = _solved(database, clock, _order(database, run_id, attempt))
    except Exception as wrong:
        _fail(database, clock, run_id, attempt, wrong)
        return None
    saved = database.write(lambda session: results.finish(session, run_id, attempt, done, clock()))
    return done if saved else None


def _fail(database: Database, clock: Clock, run_id: int, attempt: int, wrong: Exception) -> None:
    """End the run as failed with a code; what went wrong goes to the log by type and place, never with data."""
    from optimizer.solve import SolverDisagrees

    code = f"crashed: {type(wrong).__name__}"
    if isinstance(wrong, SolverDisagrees):
        code = "solver-disagrees"
        log.error("solver disagrees", run_id=run_id, faults=wrong.faults[:5], saved=wrong.saved)
    elif isinstance(wrong, InputRefused):
        code = "input-refused"
        log.error("input refused", run_id=run_id, faults=wrong.faults[:5])
    else:
        log.error("run crashed", run_id=run_id, kind=type(wrong).__name__, exc_info=wrong)
    database.write(lambda session: runs.fail(session, run_id, attempt, code, clock()))


def _order(database: Database, run_id: int, attempt: int) -> Order:
    with database.read_only() as session:
        run = session.get_one(Run, run_id)
    instance = instance_from_json(json.loads(run.input))
    if not isinstance(instance, Instance):
        raise AssertionError(f"run {run.ref} holds no placement instance")
    return Order(
        run_id=run_id,
        ref=run.ref,
        attempt=attempt,
        instance=instance,
        rests_on=json.loads(run.rests_on),
        as_of=run.as_of,
        seed=run.seed,
        workers=run.workers,
        time_limit_s=run.time_limit_s,
    )


def _solved(database: Database, clock: Clock, order: Order) -> Explained:
    from optimizer.solve import solve

    first = first_plan(order.instance)
    with _beating(database, clock, order, first) as pulse:
        result = solve(
            order.instance,
            time_limit_s=order.time_limit_s,
            workers=order.workers,
            seed=order.seed,
            start=first,
            on_progress=pulse.hear,
            should_stop=pulse.stop.is_set,
        )
    return _explained(order, result)


def _explained(order: Order, result: Result) -> Explained:
    """Return the result with its explanations; what would let the unplaced in is searched and proven."""
    from optimizer.repairs import cheapest_repairs, repair_ground

    found = {}
    unplaced = [ref for ref in order.rests_on["children"] if result.assignment[ref] is None]
    if unplaced:
        ground = repair_ground(order.instance, result, unplaced)
        found = {ref: cheapest_repairs(result, ref, ground, ground.scene([ref]), repairs.MOST) for ref in unplaced}
    return results.explained(order.instance, result, order.rests_on, order.as_of, found)


Plan = dict[str, str | int | None]


def first_plan(instance: Instance) -> Plan:
    """Return a plan found without search that breaks no rule: what is kept if the run never finishes."""
    from optimizer import frame, greedy

    built = frame.build(instance)
    return built.assignment(greedy.plan(built, {}, None) or {})


def _kept_result(order: Order, kept: Plan | None) -> Result:
    """Return the plan that was kept as a result without proof; raises AssertionError if the checker refuses it."""
    parameters = Parameters(order.seed, order.workers, order.time_limit_s)
    result = result_of(order.instance, Outcome(kept or first_plan(order.instance), ()), parameters)
    faults = verify(order.instance, result).faults
    if faults:
        raise AssertionError(f"the kept plan breaks rules: {faults[:3]}")
    return result


@dataclass
class Pulse:
    """What the solver has said, and whether it has to stop."""

    progress: dict[str, Any]
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def hear(self, heard: Progress) -> None:
        self.progress = self.progress | {
            "level": heard.level,
            "value": heard.value,
            "bound": heard.bound,
            "seconds": round(heard.seconds, 1),
        }


@contextmanager
def _beating(database: Database, clock: Clock, order: Order, first: Plan) -> Iterator[Pulse]:
    """Beat once a second while the block runs: write the progress, hear whether a person wants to stop.

    The progress holds the plan that is kept should the process die.
    """
    placed = sum(first[ref] is not None for ref in order.rests_on["children"])
    pulse = Pulse({"free": len(order.rests_on["children"]), "placed": placed, "plan": first})

    def beat() -> None:
        while not pulse.over.wait(BEAT_S):
            try:
                at, heard = clock(), pulse.progress
                if database.write(lambda session: runs.beat(session, order.run_id, order.attempt, at, heard)):  # noqa: B023
                    pulse.stop.set()
            except DatabaseBusy:
                log.warning("heartbeat missed", run=order.ref)

    thread = threading.Thread(target=beat, name=f"heartbeat-{order.ref}", daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        pulse.over.set()
        thread.join()


def give_up(database: Database, clock: Clock, run_id: int) -> None:
    """End a run that was lost twice: stopped, with the best plan it had kept as a draft proposal."""
    with database.read_only() as session:
        run = session.get_one(Run, run_id)
    log.warning("run lost twice", run=run.ref)
    try:
        order = _order(database, run_id, run.attempt)
        done = _explained(order, _kept_result(order, json.loads(run.progress).get("plan")))
    except Exception as wrong:
        _fail(database, clock, run_id, run.attempt, wrong)
        return
    database.write(lambda session: results.finish(session, run_id, order.attempt, done, clock()))


def recover(database: Database, clock: Clock) -> list[int]:
    """Take up lost runs again (once), give up those lost twice, and return every run that waits for a worker."""
    given_up = database.write(lambda session: runs.requeue_lost(session, clock()))
    for run_id in given_up:
        give_up(database, clock, run_id)
    with database.read_only() as session:
        return runs.queued(session)
