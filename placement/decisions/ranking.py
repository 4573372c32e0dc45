"""The best places for one child right now, without a calculation: who fits, has room, and fits best.

Others stay where they are and nobody else is placed meanwhile. The solver is not used (nor loaded): the
optimizer's rules and points are plain arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from optimizer.loads import Loads
from optimizer.pair_rules import must_group_of, pair_value
from optimizer.problem import Child as Person
from optimizer.problem import Instance, Unit
from optimizer.report import companions
from placement.children import access
from placement.children.tables import Child
from placement.decisions import fit_facts, intake, problem_builder
from placement.decisions.problem_builder import Asked
from placement.decisions.weeks import Weeks
from placement.permissions import Actor
from placement.refusals import NotFound

Fact = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A unit with room for the child. `fit` and the points in `reasons` are the optimizer's; `start` is a day."""

    unit_id: int
    unit_ref: str
    unit_name: str
    start: date
    fit: int
    km: int | None
    reasons: tuple[Fact, ...]


def best_places(session: Session, actor: Actor, child_id: int, on: date, at: datetime, n: int = 3) -> tuple[Place, ...]:
    """Return the `n` best places for a child of the actor's county; raises NotFound for any other child."""
    return best_places_of(session, actor, [child_id], on, at, n)[child_id]


def best_places_of(
    session: Session, actor: Actor, child_ids: Collection[int], on: date, at: datetime, n: int = 3
) -> dict[int, tuple[Place, ...]]:
    """Return the `n` best places for each child, the best first; none where nobody has room.

    Every child is looked at alone, so two may be shown the same last place. Must siblings who all wait go
    together: a place has room for all of them or is none. Raises NotFound for a child of another county.
    """
    own = sa.select(col(Child.id)).where(access.in_scope(actor, at), col(Child.id).in_(child_ids))
    if actor.county_id is None or set(session.execute(own).scalars()) != set(child_ids):
        raise NotFound
    snapshot = intake.read(session, [actor.county_id], at, also=child_ids)
    problem = problem_builder.build(snapshot, Asked(on, unlocked=frozenset(child_ids)), name="ranking")
    instance = problem.instance
    monday = Weeks.of(on, instance.horizon_weeks).monday
    loads = Loads(instance, {child.id: child.locked for child in instance.children})
    starts = {seat.child_id: seat for seat in problem.free.values()}
    found: dict[int, tuple[Place, ...]] = {}
    for child_id in child_ids:
        seat = starts.get(child_id)
        found[child_id] = ()
        if seat is not None:
            child = instance.child_by_id[seat.id]
            places = _places(snapshot, instance, loads, child, seat.start, monday)
            found[child_id] = tuple(places[:n])
    return found


def _places(
    snapshot: intake.Snapshot, instance: Instance, loads: Loads, child: Person, start: date, monday: date
) -> list[Place]:
    going = companions(instance, child, must_group_of(instance).get(child.id))
    ranked: list[tuple[int, int, str, Place]] = []
    for key, known in snapshot.units.items():
        unit = instance.unit_by_id[known.ref]
        if fit_facts.refusals(instance, child, unit, monday) or any(True for _ in loads.blocking(going, unit)):
            continue
        value = pair_value(instance, child, unit)
        place = _place(instance, child, unit, key, known.facts.name, start, value.fit)
        ranked.append((-value.fit, value.cost, unit.id, place))
    return [place for *_, place in sorted(ranked, key=lambda one: one[:3])]


def _place(instance: Instance, child: Person, unit: Unit, key: int, name: str, start: date, fit: int) -> Place:
    return Place(
        unit_id=key,
        unit_ref=unit.id,
        unit_name=name,
        start=start,
        fit=fit,
        km=fit_facts.kilometres(instance, child, unit),
        reasons=tuple(fit_facts.points(instance, child, unit)),
    )
