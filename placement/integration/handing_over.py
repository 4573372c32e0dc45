"""Giving services, and children as own clients, to another worker: ticked ones, or everything open of a colleague.

Nothing here opens a child: a line is a reference, a code and days. Writes one event for each line that is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from placement.children import access, choices
from placement.children import service as children
from placement.children.tables import Child
from placement.clock import business_day
from placement.integration import service
from placement.integration.scope import visible
from placement.integration.service import still_open
from placement.integration.tables import ChildService
from placement.people.tables import User
from placement.permissions import Actor, Permission
from placement.refusals import NotFound, Refusal, Refusals


@dataclass(frozen=True)
class Line:
    """One thing somebody sees to. `number` and `kind` None: the child itself, as that person's client.

    `refused` None: it can be given; else the code that says why not. `watch_on` is the day to look after it.
    """

    child_id: int
    ref: str
    number: int | None
    kind: str | None
    due_on: date | None
    watch_on: date | None
    owner_id: int | None
    owner: str | None
    version: int
    refused: str | None = None

    @property
    def key(self) -> str:
        return self.ref if self.number is None else f"{self.ref}.{self.number}"


@dataclass(frozen=True)
class Load:
    """What one person sees to. `works` False: has no mandate as a social worker of the county today."""

    user_id: int
    name: str
    services: int
    clients: int
    works: bool


@dataclass(frozen=True)
class Outcome:
    """What became of one line: `refused` None = given. `kind` None: a client, or a line nobody of here knows."""

    key: str
    ref: str
    kind: str | None
    refused: str | None


def receivers(session: Session, actor: Actor, on: date) -> dict[str, str]:
    """Return who can be given something: the social workers of the actor's county on the day, key as text -> name."""
    return choices.workers(session, actor.county_id, on) if actor.county_id is not None else {}


def loads(session: Session, actor: Actor, at: datetime) -> list[Load]:
    """Return who sees to something in the actor's scope, by name; of others only for who may give theirs away."""
    services = _counted(session, ChildService.owner_id, sa.and_(visible(actor, at), still_open()))
    clients = _counted(session, Child.worker_id, access.in_scope(actor, at), joined=False)
    wanted = set(services) | set(clients)
    if not actor.can(Permission.REASSIGN_OF_OTHERS):
        wanted &= {actor.user_id}
    named = session.execute(sa.select(col(User.id), col(User.name)).where(col(User.id).in_(wanted)))
    working = receivers(session, actor, business_day(at))
    found = [Load(key, name, services[key], clients[key], str(key) in working) for key, name in named]
    return sorted(found, key=lambda one: (one.works, one.name))


def _counted(session: Session, column: object, where: sa.ColumnElement[bool], *, joined: bool = True) -> Counter[int]:
    query = sa.select(column, sa.func.count()).where(where, column.is_not(None)).group_by(column)  # type: ignore[call-overload,attr-defined]
    if joined:
        query = query.join(Child, col(Child.id) == col(ChildService.child_id))
    return Counter(dict(session.execute(query).all()))


def of_owner(session: Session, actor: Actor, owner_id: int, at: datetime) -> list[Line]:
    """Return everything open of one person: the clients, then the services by their day.

    Raises NotFound where there is nothing, and for a colleague's where the actor may not give that away.
    """
    if owner_id != actor.user_id and not actor.can(Permission.REASSIGN_OF_OTHERS):
        raise NotFound
    lines = _clients(session, actor, col(Child.worker_id) == owner_id, at)
    lines += _services(session, actor, sa.and_(col(ChildService.owner_id) == owner_id, still_open()), at)
    if not lines:
        raise NotFound
    return lines


def picked(session: Session, actor: Actor, keys: Iterable[str], at: datetime) -> list[Line]:
    """Return the lines of these keys as they stand now; raises NotFound when one is foreign or missing."""
    wanted = list(dict.fromkeys(keys))
    found = {one.key: one for one in _known(session, actor, wanted, at)}
    if not wanted or any(key not in found for key in wanted):
        raise NotFound
    return [found[key] for key in wanted]


def hand_over(
    session: Session, actor: Actor, given: Iterable[tuple[str, int]], to_id: int, *, at: datetime
) -> list[Outcome]:
    """Give each line (key, version) to a person; a line that is refused leaves the others as they are.

    Raises Refusals for a receiver who is no social worker of the county today, and NotFound when none of the lines
    is the actor's to know of.
    """
    if str(to_id) not in receivers(session, actor, business_day(at)):
        raise Refusals([Refusal("worker-unknown", field="to")])
    versions = dict(given)
    known = {one.key: one for one in _known(session, actor, versions, at)}
    if not known:
        raise NotFound
    return [_give(session, actor, key, known.get(key), version, to_id, at) for key, version in versions.items()]


def _give(
    session: Session, actor: Actor, key: str, line: Line | None, version: int, to_id: int, at: datetime
) -> Outcome:
    if line is None:
        return Outcome(key, key.partition(".")[0], None, NotFound().code)
    refused = line.refused or ("given-already" if line.owner_id == to_id else None)
    if refused is None:
        try:
            if line.number is None:
                child = access.find(session, actor, line.ref, at)
                children.give_to_worker(session, actor, child, to_id, version=version, at=at)
            else:
                service.give_to_worker(session, actor, line.ref, line.number, to_id, version=version, at=at)
        except Refusal as fault:
            refused = fault.code
    return Outcome(key, line.ref, line.kind, refused)


def _known(session: Session, actor: Actor, keys: Iterable[str], at: datetime) -> list[Line]:
    pairs, refs = set(), set()
    for key in keys:
        ref, dot, number = key.partition(".")
        if not dot:
            refs.add(ref)
        elif number.isascii() and number.isdigit() and len(number) < 7:
            pairs.add((ref, int(number)))
    lines = _clients(session, actor, col(Child.ref).in_(refs), at) if refs else []
    if pairs:
        of_these = col(Child.ref).in_({ref for ref, _number in pairs})
        lines += [one for one in _services(session, actor, of_these, at) if (one.ref, one.number) in pairs]
    return lines


def _clients(session: Session, actor: Actor, where: sa.ColumnElement[bool], at: datetime) -> list[Line]:
    rows = session.execute(
        sa.select(col(Child.id), col(Child.ref), col(Child.worker_id), col(User.name), col(Child.version))
        .outerjoin(User, col(User.id) == col(Child.worker_id))
        .where(where, access.in_scope(actor, at))
        .order_by(col(Child.ref))
    ).all()
    every = actor.can(Permission.REASSIGN_OF_OTHERS)
    return [
        Line(key, ref, None, None, None, None, owner_id, owner, version,
             None if every or owner_id == actor.user_id else "not-your-client")
        for key, ref, owner_id, owner, version in rows
    ]  # fmt: skip


def _services(session: Session, actor: Actor, where: sa.ColumnElement[bool], at: datetime) -> list[Line]:
    query = (
        sa.select(
            col(Child.id),
            col(Child.ref),
            col(ChildService.number),
            col(ChildService.kind),
            col(ChildService.due_on),
            col(ChildService.watch_on),
            col(ChildService.owner_id),
            col(User.name),
            col(ChildService.version),
            still_open().label("open"),
        )
        .join(Child, col(Child.id) == col(ChildService.child_id))
        .outerjoin(User, col(User.id) == col(ChildService.owner_id))
        .where(where, visible(actor, at))
        .order_by(col(ChildService.watch_on), col(Child.ref), col(ChildService.number))
    )
    rows = session.execute(query).all()
    every = actor.can(Permission.REASSIGN_OF_OTHERS)
    held = {} if every else access.relations_of(session, actor, {row[0] for row in rows}, at)
    found = []
    for key, ref, number, kind, due_on, watch_on, owner_id, owner, version, is_open in rows:
        refused = None if is_open else "service-done"
        if refused is None and not every and owner_id != actor.user_id:
            refused = "no-relation" if key not in held else None if held[key].shows_identity else "identity-closed"
        found.append(Line(key, ref, number, kind, due_on, watch_on, owner_id, owner, version, refused))
    return found
