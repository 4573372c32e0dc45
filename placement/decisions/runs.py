"""The life of a calculation: queued, running, done; stopped by a person, lost twice, or failed.

The run's own row is what is true; the queue only wakes a worker. Each function here is one short transaction
of its caller; the solving itself (`solving.py`) happens between them, with none open.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from optimizer.io import digest, instance_to_json
from placement import references
from placement.audit.service import record
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions import fingerprint, intake, problem_builder
from placement.decisions.problem_builder import Asked, Problem
from placement.decisions.tables import Proposal, Run, RunStatus
from placement.decisions.weights import preset_of
from placement.people.queries import cooperating_counties
from placement.people.tables import Organisation
from placement.permissions import Actor
from placement.refusals import Conflict, NotFound, Refusal
from placement.units.rules import why_none

LOST_AFTER = timedelta(seconds=20)
MOST_ATTEMPTS = 2
UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING)
MOST_CHILDREN, MOST_UNITS = 5000, 2000
"""Larger inputs are refused before they are written: the country has some hundreds of children."""


@dataclass(frozen=True)
class Scope:
    """The counties that are calculated together; `cooperation_id` names the agreement that joins them."""

    county_ids: tuple[int, ...]
    cooperation_id: int | None = None


def scope_of(session: Session, actor: Actor, on: date, *, joined: bool) -> Scope:
    """Return the actor's county, or with `joined` the counties of its co-operation that day.

    Raises NotFound for an actor without a county.
    """
    if actor.county_id is None:
        raise NotFound
    cooperation_id, county_ids = cooperating_counties(session, actor.county_id, on)
    if joined and cooperation_id is not None:
        return Scope(tuple(county_ids), cooperation_id)
    return Scope((actor.county_id,))


def prepare(session: Session, scope: Scope, asked: Asked, at: datetime, *, name: str = "estimate") -> Problem:
    """Return the problem as it would be calculated now; nothing is written."""
    snapshot = intake.read(session, scope.county_ids, at, also=asked.unlocked, since=min(asked.start, business_day(at)))
    return problem_builder.build(snapshot, asked, name=name)


def start(
    session: Session,
    actor: Actor | None,
    scope: Scope,
    asked: Asked,
    at: datetime,
    *,
    time_limit_s: int | None = None,
    workers: int = 1,
    seed: int = 0,
    may_be_empty: bool = False,
) -> Run:
    """Freeze the input of a new run and put it in the queue. The caller commits, then wakes the worker.

    One worker and a seed repeat exactly, so the same data gives the same proposal. Raises
    Conflict('run-under-way') while one of the counties has a run that is not finished, and
    Refusal('nobody-waits') when there is nobody to place and `may_be_empty` is not said.
    """
    refuse_busy(session, scope.county_ids)
    return freeze(
        session,
        actor,
        scope,
        asked,
        at,
        time_limit_s=time_limit_s,
        workers=workers,
        seed=seed,
        may_be_empty=may_be_empty,
    )


def refuse_busy(session: Session, county_ids: Collection[int]) -> None:
    """Raise Conflict('run-under-way') while one of the counties has a run that is not finished."""
    _lock_counties(session, county_ids)
    busy = under_way(session, county_ids)
    if busy is not None:
        raise Conflict("run-under-way", run=busy)


def freeze(
    session: Session,
    actor: Actor | None,
    scope: Scope,
    asked: Asked,
    at: datetime,
    *,
    time_limit_s: int | None = None,
    workers: int = 1,
    seed: int = 0,
    may_be_empty: bool = False,
) -> Run:
    """Freeze the input of one run and queue it; several of one act are frozen after one look for others."""
    snapshot = intake.read(session, scope.county_ids, at, also=asked.unlocked, since=min(asked.start, business_day(at)))
    if len(snapshot.children) > MOST_CHILDREN or len(snapshot.units) > MOST_UNITS:
        raise Refusal("run-too-large", children=MOST_CHILDREN, units=MOST_UNITS)
    ref = references.new("RU")
    problem = problem_builder.build(snapshot, asked, name=ref)
    if not problem.free and not may_be_empty:
        raise Refusal("nobody-waits")
    run = Run(
        ref=ref,
        county_id=actor.county_id if actor and actor.county_id else scope.county_ids[0],
        cooperation_id=scope.cooperation_id,
        requested_by=actor.user_id if actor else None,
        requested_at=at,
        as_of=asked.start,
        counties=json.dumps(list(scope.county_ids)),
        weights=json.dumps({"fit": _weights(asked.preset), "levels": [one.name for one in problem.instance.levels]}),
        preset=asked.preset,
        seed=seed,
        workers=workers,
        time_limit_s=time_limit_s,
        input=json.dumps(instance_to_json(problem.instance), ensure_ascii=False),
        input_hash=digest(problem.instance),
        options=json.dumps(_options(asked)),
        rests_on=json.dumps(_rests_on(snapshot, problem, asked)),
    )
    session.add(run)
    session.flush()
    record(
        session,
        actor=actor,
        action="run-started",
        object_kind="run",
        object_ref=ref,
        at=at,
        after={"preset": asked.preset, "children": len(problem.free), "input": run.input_hash},
        organisation_id=run.county_id,
    )
    return run


def _lock_counties(session: Session, county_ids: Iterable[int]) -> None:
    """Let two starts for one county wait for each other (in rising order, so that neither waits for ever)."""
    for county_id in sorted(county_ids):
        lock_row(session, Organisation, county_id)


def _weights(preset: str) -> dict[str, int]:
    fit = preset_of(preset).fit
    return {part: getattr(fit, part) for part in ("language", "distance", "wish", "stability", "schooling", "peers")}


def _options(asked: Asked) -> dict[str, Any]:
    return {
        "freeze_until": asked.freeze_until.isoformat() if asked.freeze_until else None,
        "unlocked": sorted(asked.unlocked),
        "balance": asked.balance,
        "joined": asked.joined,
        "only_unlocked": asked.only_unlocked,
        "siblings_together": asked.siblings_together,
    }


def _rests_on(snapshot: intake.Snapshot, problem: Problem, asked: Asked) -> dict[str, Any]:
    """Return what the rows of the result need besides the instance: real dates, keys, seals, who was where."""
    near_school = preset_of(asked.preset).near_school
    return {
        "since": min(asked.start, snapshot.day).isoformat(),
        "near_school": near_school,
        "children": {
            seat.id: {
                "id": seat.child_id,
                "county": snapshot.children[seat.child_id].county_id,
                "start": seat.start.isoformat(),
                "end": seat.end.isoformat(),
                "seals": fingerprint.of_child(snapshot, snapshot.children[seat.child_id], near_school=near_school),
            }
            for seat in problem.free.values()
        },
        "units": {
            unit.ref: {
                "id": unit.id,
                "county": unit.county,
                "secret": unit.facts.secret_address,
                "unused": _unused(problem, unit, asked.start),
                "leaving": sorted({row.end.isoformat() for row in unit.book.stays if row.end is not None}),
                "seals": fingerprint.of_unit(unit),
                "residents": fingerprint.residents(unit.book),
            }
            for unit in snapshot.units.values()
        },
        "left_out": [
            {"ref": one.ref, "id": one.child_id, "county": snapshot.children[one.child_id].county_id, "code": one.code}
            for one in problem.left_out
        ],
    }


def _unused(problem: Problem, unit: intake.UnitInput, on: date) -> str | None:
    """Return why the unit has no place in any week of the calculation (the words of `why_none`), None when it has."""
    windows = problem.instance.unit_by_id[unit.ref].windows
    return None if any(window.beds for window in windows) else why_none(unit.book, on)


def under_way(session: Session, county_ids: Collection[int]) -> str | None:
    """Return the reference of an unfinished run that covers one of the counties, or None."""
    rows = session.execute(
        sa.select(col(Run.ref), col(Run.counties)).where(col(Run.status).in_(UNDER_WAY)).order_by(col(Run.id))
    )
    wanted = set(county_ids)
    return next((ref for ref, counties in rows if wanted & set(json.loads(counties))), None)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition on `run`: asked for by the actor's county, or with a proposal for it."""
    if actor.county_id is None:
        return sa.false()
    proposed = sa.select(col(Proposal.run_id)).where(col(Proposal.county_id) == actor.county_id)
    return sa.or_(col(Run.county_id) == actor.county_id, col(Run.id).in_(proposed))


def claim(session: Session, run_id: int, at: datetime) -> int | None:
    """Take a queued run; returns the number of this attempt, or None when somebody else has it."""
    taken = session.execute(
        sa.update(Run)
        .where(col(Run.id) == run_id, col(Run.status) == RunStatus.QUEUED)
        .values(status=RunStatus.RUNNING, started_at=at, heartbeat_at=at, attempt=Run.attempt + 1)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    attempt: int = session.execute(sa.select(col(Run.attempt)).where(col(Run.id) == run_id)).scalar_one()
    return attempt


def beat(session: Session, run_id: int, attempt: int, at: datetime, progress: Mapping[str, Any]) -> bool:
    """Say that the run is alive and how far it is; returns whether it has to stop (asked, or no longer ours)."""
    ours = (col(Run.id) == run_id, col(Run.attempt) == attempt, col(Run.status) == RunStatus.RUNNING)
    kept = session.execute(sa.update(Run).where(*ours).values(heartbeat_at=at, progress=json.dumps(progress)))
    if kept.rowcount != 1:  # type: ignore[attr-defined]
        return True
    return bool(session.execute(sa.select(col(Run.stop_requested)).where(col(Run.id) == run_id)).scalar_one())


def owned(session: Session, run_id: int, attempt: int) -> Run | None:
    """Return the run under a lock while this attempt still has it, else None: then its result is thrown away."""
    run: Run | None = lock_row(session, Run, run_id)
    return run if run and run.status is RunStatus.RUNNING and run.attempt == attempt else None


def ask_to_stop(session: Session, actor: Actor, ref: str, at: datetime) -> Run:
    """Ask a run to stop and keep the best it has; one still in the queue is stopped at once.

    A run that is finished stays as it is: the press came too late and harms nothing. Raises NotFound.
    """
    found = session.exec(select(Run.id).where(Run.ref == ref, visible_to(actor))).first()
    if found is None:
        raise NotFound
    run: Run = lock_row(session, Run, found)
    if run.status is RunStatus.QUEUED:
        run.status, run.finished_at = RunStatus.STOPPED, at
    elif run.status is RunStatus.RUNNING and not run.stop_requested:
        run.stop_requested = True
    else:
        return run
    session.add(run)
    record(session, actor=actor, action="run-stopped", object_kind="run", object_ref=ref, at=at)
    return run


def fail(session: Session, run_id: int, attempt: int, fault: str, at: datetime) -> None:
    """End a run that cannot give a result; `fault` is a code and never holds a person's data."""
    run = owned(session, run_id, attempt)
    if run is None:
        return
    run.status, run.fault, run.finished_at = RunStatus.FAILED, fault[:200], at
    session.add(run)
    record(
        session,
        actor=None,
        action="run-failed",
        object_kind="run",
        object_ref=run.ref,
        at=at,
        reason=run.fault,
        organisation_id=run.county_id,
    )


def requeue_lost(session: Session, at: datetime) -> list[int]:
    """Put runs without a heartbeat back into the queue once; returns the keys of those lost a second time.

    A lost run was under way in a process that died: its input is frozen, so it can be taken up as it was.
    """
    lost = session.exec(
        select(Run)
        .where(Run.status == RunStatus.RUNNING, col(Run.heartbeat_at) < at - LOST_AFTER)
        .order_by(col(Run.id))
    ).all()
    given_up = []
    for run in lost:
        if run.attempt >= MOST_ATTEMPTS:
            given_up.append(run.id or 0)
        else:
            run.status = RunStatus.QUEUED
            session.add(run)
            record(
                session,
                actor=None,
                action="run-taken-up-again",
                object_kind="run",
                object_ref=run.ref,
                at=at,
                organisation_id=run.county_id,
            )
    return given_up


def queued(session: Session) -> list[int]:
    """Return the keys of the runs that wait for a worker, the oldest first."""
    rows = session.execute(sa.select(col(Run.id)).where(col(Run.status) == RunStatus.QUEUED).order_by(col(Run.id)))
    return [key for key in rows.scalars() if key is not None]
