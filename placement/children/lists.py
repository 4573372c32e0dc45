"""The list of children: filters, sort by allow-list and pages, in the database; no identity.

Two reads: `page` finds which children and what every row may show (reference, age, status); `more` adds place,
worker and next event for the rows whose identity this actor may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, or_

from placement.children.access import covers, in_scope
from placement.children.rules import NextEvent, Status, StayDates, next_event, status
from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions.tables import Stay
from placement.people.tables import User
from placement.permissions import Actor
from placement.reference import birthday, months_after
from placement.reference.ages import ADULT_AGE
from placement.units.tables import Unit

PAGE_SIZES = (25, 50, 100)
SOON_MONTHS = 6
SORTS = ("status", "ref", "age", "unit", "worker")
STATUS_ORDER = {Status.WAITING: 0, Status.PLACED: 1, Status.NO_PLACE_NEEDED: 2, Status.ENDED: 3}


@dataclass(frozen=True)
class Filters:
    """Filters of the list; None = all. `worker` is a person's key, `kind` a kind of unit, `coming` "adult"."""

    status: Status | None = None
    worker_id: int | None = None
    kind: str | None = None
    ref: str | None = None
    coming: str | None = None


@dataclass(frozen=True)
class Row:
    """What every row shows, whoever looks."""

    id: int
    ref: str
    birth_date: date
    status: Status
    protected: bool


@dataclass(frozen=True)
class More:
    """What a row adds for those who may see the child's identity; the unit is None outside a stay."""

    unit_ref: str | None
    unit_name: str | None
    worker_name: str | None
    next_event: NextEvent | None


@dataclass(frozen=True)
class Page:
    """`number` counts from 1; a number beyond the last page gives the last one."""

    rows: list[Row]
    total: int
    number: int
    pages: int


def page(
    session: Session,
    actor: Actor,
    filters: Filters,
    *,
    at: datetime,
    sort: str = "status",
    descending: bool = False,
    number: int = 1,
    size: int = 50,
) -> Page:
    """Return one page of the children this actor may know of; two statements.

    `sort` outside SORTS and `size` outside PAGE_SIZES fall back to the first and to 50.
    """
    on = business_day(at)
    now_in, ever = _has_stay(covers(on)), _has_stay()
    coming = _has_stay(col(Stay.start) > on)
    state = sa.case(
        (now_in, str(Status.PLACED)),
        (or_(col(Child.waiting_since).is_not(None), coming), str(Status.WAITING)),
        (ever, str(Status.ENDED)),
        else_=str(Status.NO_PLACE_NEEDED),
    )
    wanted = sa.and_(in_scope(actor, at), *_conditions(filters, actor, state, on))
    total = session.execute(sa.select(sa.func.count()).select_from(Child).where(wanted)).scalar_one()
    size = size if size in PAGE_SIZES else PAGE_SIZES[1]
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    key = _sort_key(sort, state, on)
    backwards = descending != (sort == "age")  # the youngest has the latest birth date
    ordered = key.desc().nulls_last() if backwards else key.asc().nulls_last()
    rows = session.execute(
        sa.select(col(Child.id), col(Child.ref), col(Child.birth_date), state, col(Child.protected))
        .where(wanted)
        .order_by(ordered, col(Child.ref))
        .limit(size)
        .offset((number - 1) * size)
    )
    return Page([Row(r[0], r[1], r[2], Status(r[3]), r[4]) for r in rows], total, number, pages)


def more(session: Session, child_ids: Collection[int], on: date) -> dict[int, More]:
    """Return place, worker and next event of each child; two statements. Only for identities that are open."""
    if not child_ids:
        return {}
    stays = stays_of(session, child_ids)
    rows = session.execute(
        sa.select(col(Child.id), col(Child.birth_date), col(User.name), col(Unit.ref), col(Unit.name))
        .select_from(Child)
        .outerjoin(User, col(User.id) == col(Child.worker_id))
        .outerjoin(Stay, sa.and_(col(Stay.child_id) == col(Child.id), covers(on)))
        .outerjoin(Unit, col(Unit.id) == col(Stay.unit_id))
        .where(col(Child.id).in_(child_ids))
    )
    return {
        key: More(unit_ref, unit_name, worker, next_event(birth, stays.get(key, []), on))
        for key, birth, worker, unit_ref, unit_name in rows
    }


def stays_of(session: Session, child_ids: Collection[int]) -> dict[int, list[StayDates]]:
    """Return the dates of every stay of each child, by start."""
    rows = session.execute(
        sa.select(col(Stay.child_id), col(Stay.start), col(Stay.end))
        .where(col(Stay.child_id).in_(child_ids))
        .order_by(col(Stay.start))
    )
    found: dict[int, list[StayDates]] = defaultdict(list)
    for child_id, start, end in rows:
        found[child_id].append(StayDates(start, end))
    return found


def status_of(session: Session, child_id: int, waiting_since: date | None, on: date) -> Status:
    """Return the derived status of one child."""
    return status(stays_of(session, [child_id]).get(child_id, []), waiting_since=waiting_since, on=on)


def turning_adult(on: date, months: int = SOON_MONTHS) -> ColumnElement[bool]:
    """Return the condition that the 18th birthday falls after `on` and within `months` of it."""
    last = months_after(on, months)
    first_birth, last_birth = _eighteen_years_before(on), _eighteen_years_before(last)
    return sa.and_(col(Child.birth_date) > first_birth, col(Child.birth_date) <= last_birth)


def count_turning_adult(session: Session, actor: Actor, at: datetime, *, own_only: bool) -> int:
    """Count the children who turn 18 within six months and live somewhere or wait for a place."""
    on = business_day(at)
    lives_or_waits = or_(_has_stay(covers(on)), col(Child.waiting_since).is_not(None))
    conditions = [in_scope(actor, at), turning_adult(on), lives_or_waits]
    if own_only:
        conditions.append(col(Child.worker_id) == actor.user_id)
    return int(session.execute(sa.select(sa.func.count()).select_from(Child).where(*conditions)).scalar_one())


def _eighteen_years_before(day: date) -> date:
    """Return the latest birth date whose 18th birthday is not after `day`."""
    same_day = months_after(day, -12 * ADULT_AGE)
    following = same_day + timedelta(days=1)  # born on 29 February: of age on the 28th
    return following if birthday(following, ADULT_AGE) <= day else same_day


def _has_stay(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return sa.select(col(Stay.id)).where(col(Stay.child_id) == col(Child.id), *conditions).exists()


def _unit_column(column: Any, on: date) -> Any:
    return (
        sa.select(column)
        .join(Stay, col(Stay.unit_id) == col(Unit.id))
        .where(col(Stay.child_id) == col(Child.id), covers(on))
        .limit(1)
        .scalar_subquery()
    )


def _conditions(filters: Filters, actor: Actor, state: Any, on: date) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters; a protected child's place must not be found by filtering."""
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(state == str(filters.status))
    if filters.worker_id is not None:
        found.append(col(Child.worker_id) == filters.worker_id)
    if filters.kind is not None:
        own = or_(col(Child.protected).is_(False), col(Child.worker_id) == actor.user_id)
        found.append(sa.and_(own, _unit_column(col(Unit.kind), on) == filters.kind))
    if filters.ref:
        found.append(col(Child.ref).contains(filters.ref.upper(), autoescape=True))
    if filters.coming == "adult":
        found.append(turning_adult(on))
        found.append(or_(_has_stay(covers(on)), col(Child.waiting_since).is_not(None)))
    return found


def _sort_key(sort: str, state: Any, on: date) -> Any:
    """Return what to sort by; a protected child sorts as if it had no unit."""
    if sort == "ref":
        return col(Child.ref)
    if sort == "age":
        return col(Child.birth_date)
    if sort == "unit":
        return sa.case((col(Child.protected).is_(True), sa.null()), else_=_unit_column(col(Unit.name), on))
    if sort == "worker":
        return sa.select(col(User.name)).where(col(User.id) == col(Child.worker_id)).scalar_subquery()
    return sa.case({str(one): place for one, place in STATUS_ORDER.items()}, value=state)
