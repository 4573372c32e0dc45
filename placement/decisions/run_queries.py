"""Reads about runs for pages: scoped by the actor, without the input and the result, which are large."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from optimizer.pair_rules import own_reasons
from placement.children.access import children_visible_to
from placement.children.tables import Child
from placement.decisions.problem_builder import Problem
from placement.decisions.runs import UNDER_WAY, visible_to
from placement.decisions.tables import Proposal, ProposalStatus, Run, RunStatus, Stay
from placement.people.tables import Organisation, User
from placement.permissions import Actor
from placement.refusals import NotFound
from placement.units.tables import Unit

SMALL: tuple[Any, ...] = (
    Run.id,
    Run.ref,
    Run.county_id,
    Run.cooperation_id,
    Run.counties,
    Run.requested_at,
    Run.started_at,
    Run.finished_at,
    Run.as_of,
    Run.status,
    Run.preset,
    Run.seed,
    Run.workers,
    Run.time_limit_s,
    Run.input_hash,
    Run.options,
    Run.versions,
    Run.progress,
    Run.explanation,
    Run.fault,
    Run.attempt,
    Run.stop_requested,
)


@dataclass(frozen=True)
class RunView:
    """A run as its page shows it. `summary` is None until it has a result; `asked_by` None = the system."""

    id: int
    ref: str
    county_id: int
    cooperation_id: int | None
    counties: tuple[int, ...]
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    as_of: date
    status: RunStatus
    preset: str
    seed: int
    workers: int
    time_limit_s: int | None
    input_hash: str
    options: Mapping[str, Any]
    versions: Mapping[str, str]
    progress: Mapping[str, Any]
    summary: Mapping[str, Any] | None
    fault: str | None
    attempt: int
    stop_requested: bool
    asked_by: str | None
    proposal_ref: str | None
    proposal_status: ProposalStatus | None

    @property
    def under_way(self) -> bool:
        return self.status in UNDER_WAY

    @property
    def joined(self) -> bool:
        return len(self.counties) > 1


def _query(actor: Actor) -> Any:
    return (
        sa.select(
            *SMALL,
            col(User.name).label("asked_by"),
            col(Proposal.ref).label("proposal_ref"),
            col(Proposal.status).label("proposal_status"),
        )
        .outerjoin(User, col(User.id) == col(Run.requested_by))
        .outerjoin(Proposal, sa.and_(col(Proposal.run_id) == col(Run.id), col(Proposal.county_id) == actor.county_id))
        .where(visible_to(actor))
    )


def _view(row: Any) -> RunView:
    plain = dict(row._mapping)
    summary = plain.pop("explanation")
    lists = {key: json.loads(plain.pop(key)) for key in ("options", "versions", "progress")}
    counties = tuple(json.loads(plain.pop("counties")))
    return RunView(**plain, **lists, counties=counties, summary=json.loads(summary) if summary else None)


def view(session: Session, actor: Actor, ref: str) -> RunView:
    """Return one run; raises NotFound for a foreign and a missing one alike."""
    row = session.execute(_query(actor).where(col(Run.ref) == ref)).first()
    if row is None:
        raise NotFound
    return _view(row)


def views(session: Session, actor: Actor, *, first: int, most: int) -> tuple[list[RunView], int]:
    """Return the county's runs, the newest first, and how many there are in all."""
    count: int = session.execute(sa.select(sa.func.count()).select_from(Run).where(visible_to(actor))).scalar_one()
    rows = session.execute(_query(actor).order_by(col(Run.id).desc()).offset(first).limit(most))
    return [_view(row) for row in rows], count


def county_names(session: Session, county_ids: tuple[int, ...], lang: str) -> dict[int, str]:
    rows = session.execute(sa.select(Organisation).where(col(Organisation.id).in_(county_ids))).scalars()
    return {row.id: row.name(lang) for row in rows if row.id is not None}


def own_children(session: Session, county_id: int, refs: list[str]) -> dict[str, int]:
    """Return the keys of those children that are the county's, by reference."""
    rows = session.execute(
        sa.select(col(Child.ref), col(Child.id)).where(col(Child.county_id) == county_id, col(Child.ref).in_(refs))
    )
    return {ref: key for ref, key in rows if key is not None}


@dataclass(frozen=True)
class Movable:
    """A child of the county who lives somewhere today and could be unlocked; without a name."""

    ref: str
    id: int
    birth_date: date
    unit_name: str


def movable(session: Session, actor: Actor, on: date, at: datetime) -> list[Movable]:
    """Return the county's children who live somewhere, by unit; a protected child is not offered by its unit."""
    rows = session.execute(
        sa.select(col(Child.ref), col(Child.id), col(Child.birth_date), col(Unit.name))
        .join(Stay, col(Stay.child_id) == col(Child.id))
        .join(Unit, col(Unit.id) == col(Stay.unit_id))
        .where(
            col(Child.id).in_(children_visible_to(actor, at).with_only_columns(col(Child.id))),
            col(Child.protected).is_(False),
            col(Child.waiting_since).is_(None),
            col(Stay.start) <= on,
            sa.or_(col(Stay.end).is_(None), col(Stay.end) > on),
        )
        .order_by(col(Unit.name), col(Child.ref))
    )
    return [Movable(*row) for row in rows]


@dataclass(frozen=True)
class Estimate:
    """What a calculation would have to do: before it starts, without solving.

    `nowhere` are those of the actor's county whom the rules keep out of every unit, whoever else is placed.
    """

    free: int
    others: int
    locked: int
    units: int
    nowhere: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def estimate(problem: Problem, own: frozenset[int]) -> Estimate:
    """Return the estimate of a problem; `own` are the keys of the actor's county's children in it."""
    instance = problem.instance
    nowhere = []
    for ref, seat in problem.free.items():
        child = instance.child_by_id[ref]
        if seat.child_id in own and all(own_reasons(instance, child, unit) for unit in instance.units):
            nowhere.append(ref)
    return Estimate(
        free=sum(seat.child_id in own for seat in problem.free.values()),
        others=sum(seat.child_id not in own for seat in problem.free.values()),
        locked=sum(child.locked is not None for child in instance.children),
        units=len(instance.units),
        nowhere=tuple(nowhere),
        left_out=tuple((one.ref, one.code) for one in problem.left_out if one.child_id in own),
    )
