"""The job process: huey wakes it, and the run's own row is what is true.

A lost message or a killed worker loses no run: the worker looks for waiting and lost runs when it starts and
every few seconds after. The web process only puts a message into the queue; it never loads the solver.
"""

from __future__ import annotations

import argparse
import functools
import logging
import os
import threading
import time
from typing import Any

import structlog
from huey.api import Huey, PostgresHuey, SqliteHuey

from placement.clock import Clock, frozen, system_clock
from placement.config import BadSetting, Settings
from placement.db import Database

log = structlog.get_logger()
QUEUE = "placement"
SWEEP_S = 5.0
LONGEST_NAP_S = 0.25
POLITENESS = 5
"""How far the job process gives way to the web process: pages stay quick while it calculates."""
SEND_AGAIN_S = 30.0
LOOK_S = 300.0


@functools.cache
def queue(url: str) -> Huey:
    """Return the queue at a URL: a SQLite file, or PostgreSQL when several machines share the work.

    Raises BadSetting for another kind of URL.
    """
    if url.startswith("sqlite:///"):
        return SqliteHuey(QUEUE, filename=url.removeprefix("sqlite:///"), results=False, fsync=True)
    if url.startswith("postgresql"):
        return PostgresHuey(QUEUE, dsn="postgresql" + url[url.index("://") :], results=False)
    raise BadSetting(f"PLACEMENT_QUEUE_URL is {url.split(':', 1)[0]}:…; use sqlite:////abs/file.db or postgresql://…")


@functools.cache
def _task(url: str) -> Any:
    """Return the one task of a queue: carry out a run. Its work is bound by the worker, not by the sender."""

    @queue(url).task(name="carry_out_run")  # type: ignore[untyped-decorator]
    def carry_out_run(run_id: int) -> None:
        WORKERS[url](run_id)

    return carry_out_run


WORKERS: dict[str, Any] = {}
"""What carries out a run in this process, by queue; only the job process has one."""


def wake(settings: Settings, run_id: int) -> None:
    """Tell the job process that a run waits; in tests carry it out at once.

    When the queue cannot be reached the run is still there, and the worker's next look finds it.
    """
    if settings.inline_jobs:
        _inline(settings, run_id)
        return
    try:
        _task(settings.queue_url)(run_id)
    except Exception as wrong:
        log.warning("queue not reached", run_id=run_id, kind=type(wrong).__name__)


def _inline(settings: Settings, run_id: int) -> None:
    from placement.decisions.solving import execute

    database = Database(settings.database_url)
    try:
        execute(database, _clock(settings), run_id)
    finally:
        database.close()


def _clock(settings: Settings) -> Clock:
    return frozen(settings.clock) if settings.clock else system_clock


def run(_arguments: argparse.Namespace) -> int:
    """`placement worker`: carry out runs until told to stop (Ctrl-C or SIGTERM)."""
    from placement.commanding import open_workplace

    place = open_workplace()
    serve(place.settings, place.database, place.clock)
    return 0


def serve(settings: Settings, database: Database, clock: Clock) -> None:
    """Consume the queue in this process until a signal ends it."""
    from placement.decisions.solving import execute, load_solver

    url = settings.queue_url
    WORKERS[url] = lambda run_id: execute(database, clock, run_id)
    task = _task(url)
    over = threading.Event()
    sweeper = threading.Thread(target=_sweep, args=(database, clock, task, over), name="sweeper", daemon=True)
    logging.getLogger("huey").setLevel(logging.WARNING)
    consumer = queue(url).create_consumer(
        workers=1, worker_type="thread", periodic=False, initial_delay=0.1, max_delay=LONGEST_NAP_S
    )
    load_solver()
    if hasattr(os, "nice"):
        os.nice(POLITENESS)
    sweeper.start()
    log.info("worker ready")
    try:
        consumer.run()
    finally:
        over.set()
        sweeper.join(SWEEP_S)
        database.close()


def _sweep(database: Database, clock: Clock, task: Any, over: threading.Event) -> None:
    """Look for runs that wait or were lost, now and every few seconds; a message sent twice is claimed once.

    Every few minutes also look for places whose weekly look is due, and check the chains once a day.
    """
    from placement.decisions.solving import recover
    from placement.moves.weekly import look_again
    from placement.reviewing.sealing import check_daily

    sent: dict[int, float] = {}
    looked = -LOOK_S
    while True:
        try:
            now = time.monotonic()
            if now - looked >= LOOK_S:
                looked = now
                look_again(database, clock)
                check_daily(database, clock)
            waiting = recover(database, clock)
            for run_id in waiting:
                if now - sent.get(run_id, -SEND_AGAIN_S) >= SEND_AGAIN_S:
                    task(run_id)
                    sent[run_id] = now
            sent = {run_id: when for run_id, when in sent.items() if run_id in waiting}
        except Exception as wrong:
            log.error("sweep failed", kind=type(wrong).__name__, exc_info=wrong)
        if over.wait(SWEEP_S):
            return
