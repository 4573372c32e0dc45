"""The service gap board: what is owed, late and served by nobody, by unit and by municipality. No names here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from placement.children import access
from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions.tables import Stay
from placement.integration.due_rules import OPEN, Given, ServiceState, days_late, state
from placement.integration.missing_rules import missing
from placement.integration.queries import standings
from placement.integration.scope import visible
from placement.integration.service import still_open
from placement.integration.tables import ChildService
from placement.people.tables import Organisation, User
from placement.permissions import Actor, Role
from placement.units.tables import Unit

SHOWN = ("open", "late", "unserved", "unrecorded", "reported", "delivered", "closed")


@dataclass(frozen=True)
class Filters:
    """Filters of the board; None = all. `show` is one of SHOWN; unit by reference, municipality by key."""

    show: str = "open"
    kind: str | None = None
    side: str | None = None
    unit: str | None = None
    municipality: int | None = None
    owner_id: int | None = None


@dataclass(frozen=True)
class Gap:
    """One line. `number` None: owed by law and not recorded. Unit and town of a protected child stay closed."""

    child_id: int
    ref: str
    protected: bool
    number: int | None
    kind: str
    side: str
    event_on: date
    due_on: date | None
    watch_on: date
    state: ServiceState
    days_late: int
    unserved: bool
    source: str
    giver: Organisation | None
    owner_id: int | None
    owner: str | None
    unit_ref: str | None
    unit_name: str | None
    town: Organisation | None

    @property
    def last(self) -> date:
        return self.watch_on


@dataclass(frozen=True)
class Sum:
    """The open lines of one unit or municipality. `name` None: protected children and those without one."""

    ref: str | None
    name: str | None
    open: int
    late: int
    unserved: int


def board(session: Session, actor: Actor, at: datetime, *, done: bool = False) -> list[Gap]:
    """Return every open line of the actor's scope by its last day; `done` adds reported, delivered and closed ones.

    A municipality sees what it answers for and has no lines that nobody recorded: those are the county's to record.
    """
    on = business_day(at)
    lines = _recorded(session, actor, at, on, done=done)
    if actor.role is not Role.MUNICIPALITY_WORKER:
        lines += _unrecorded(session, actor, at, on)
    return sorted(lines, key=lambda one: (one.last, one.ref, one.kind, one.number or 0))


def chosen(lines: Iterable[Gap], filters: Filters) -> list[Gap]:
    """Return the lines that the filters leave."""
    return [one for one in lines if _is_shown(one, filters.show) and _fits(one, filters)]


def _is_shown(one: Gap, show: str) -> bool:
    return {
        "open": one.state in OPEN,
        "late": one.state is ServiceState.LATE,
        "unserved": one.unserved,
        "unrecorded": one.number is None,
        "reported": one.state is ServiceState.REPORTED,
        "delivered": one.state is ServiceState.DELIVERED,
        "closed": one.state in (ServiceState.DECLINED, ServiceState.NOT_NEEDED),
    }[show]


def _fits(one: Gap, filters: Filters) -> bool:
    return (
        (filters.kind is None or one.kind == filters.kind)
        and (filters.side is None or one.side == filters.side)
        and (filters.unit is None or one.unit_ref == filters.unit)
        and (filters.municipality is None or (one.town is not None and one.town.id == filters.municipality))
        and (filters.owner_id is None or one.owner_id == filters.owner_id)
    )


def by_unit(lines: Iterable[Gap]) -> list[Sum]:
    """Return the open lines by unit, the most late first."""
    return _sums((one.unit_ref, one.unit_name, one) for one in lines)


def by_town(lines: Iterable[Gap], lang: str) -> list[Sum]:
    """Return the open lines by municipality, the most late first."""
    return _sums(
        (str(one.town.id) if one.town else None, one.town.name(lang) if one.town else None, one) for one in lines
    )


def _sums(lines: Iterable[tuple[str | None, str | None, Gap]]) -> list[Sum]:
    opened: Counter[tuple[str | None, str | None]] = Counter()
    late, unserved = opened.copy(), opened.copy()
    for ref, name, one in lines:
        if one.state in OPEN:
            opened[ref, name] += 1
            late[ref, name] += one.state is ServiceState.LATE
            unserved[ref, name] += one.unserved
    found = [Sum(ref, name, count, late[ref, name], unserved[ref, name]) for (ref, name), count in opened.items()]
    return sorted(found, key=lambda one: (-one.late, -one.open, one.name or ""))


def _recorded(session: Session, actor: Actor, at: datetime, on: date, *, done: bool) -> list[Gap]:
    query = (
        sa.select(
            col(Child.id),
            col(Child.ref),
            col(Child.protected),
            col(ChildService.number),
            col(ChildService.kind),
            col(ChildService.side),
            col(ChildService.event_on),
            col(ChildService.due_on),
            col(ChildService.watch_on),
            col(ChildService.reported_on),
            col(ChildService.delivered_on),
            col(ChildService.closed_as),
            col(ChildService.source),
            col(ChildService.organisation_id),
            col(ChildService.owner_id),
            col(User.name),
            col(Unit.ref),
            col(Unit.name),
            col(Child.municipality_id),
        )
        .join(Child, col(Child.id) == col(ChildService.child_id))
        .outerjoin(User, col(User.id) == col(ChildService.owner_id))
        .outerjoin(Stay, sa.and_(col(Stay.child_id) == col(Child.id), access.covers(on)))
        .outerjoin(Unit, col(Unit.id) == col(Stay.unit_id))
        .where(visible(actor, at))
    )
    if not done:
        query = query.where(still_open())
    rows = session.execute(query).all()
    bodies = _bodies(session, {row[13] for row in rows} | {row[18] for row in rows})
    found, outside = [], actor.role is Role.MUNICIPALITY_WORKER
    for row in rows:
        facts = Given(row[8], row[9], row[10], row[11])
        now = state(facts, on)
        giver, secret = bodies.get(row[13]), row[2]
        found.append(
            Gap(
                child_id=row[0],
                ref=row[1],
                protected=secret,
                number=row[3],
                kind=row[4],
                side=row[5],
                event_on=row[6],
                due_on=row[7],
                watch_on=row[8],
                state=now,
                days_late=days_late(facts, on),
                unserved=now in OPEN and giver is None,
                source=row[12],
                giver=None if secret else giver,
                owner_id=row[14],
                owner=row[15],
                unit_ref=None if secret or outside else row[16],
                unit_name=None if secret or outside else row[17],
                town=None if secret else bodies.get(row[18]),
            )
        )
    return found


def _unrecorded(session: Session, actor: Actor, at: datetime, on: date) -> list[Gap]:
    where = access.in_scope(actor, at)
    rows = session.execute(
        sa.select(
            col(Child.id),
            col(Child.ref),
            col(Child.protected),
            col(Child.worker_id),
            col(User.name),
            col(Unit.ref),
            col(Unit.name),
            col(Child.municipality_id),
        )
        .outerjoin(User, col(User.id) == col(Child.worker_id))
        .outerjoin(Stay, sa.and_(col(Stay.child_id) == col(Child.id), access.covers(on)))
        .outerjoin(Unit, col(Unit.id) == col(Stay.unit_id))
        .where(where)
    ).all()
    bodies = _bodies(session, {row[7] for row in rows})
    known = standings(session, where, on)
    found = []
    for key, ref, secret, owner_id, owner, unit_ref, unit_name, town in rows:
        for gap in missing(known[key], on):
            facts = Given(gap.due.watch)
            found.append(
                Gap(
                    child_id=key,
                    ref=ref,
                    protected=secret,
                    number=None,
                    kind=gap.kind,
                    side=gap.due.side,
                    event_on=gap.event,
                    due_on=gap.due.day,
                    watch_on=gap.due.watch,
                    state=state(facts, on),
                    days_late=days_late(facts, on),
                    unserved=True,
                    source=gap.due.source,
                    giver=None,
                    owner_id=owner_id,
                    owner=owner,
                    unit_ref=None if secret else unit_ref,
                    unit_name=None if secret else unit_name,
                    town=None if secret else bodies.get(town),
                )
            )
    return found


def _bodies(session: Session, keys: Iterable[int | None]) -> dict[int | None, Organisation]:
    wanted = [key for key in keys if key]
    if not wanted:
        return {}
    rows = session.execute(sa.select(Organisation).where(col(Organisation.id).in_(wanted))).scalars()
    return {one.id: one for one in rows}
