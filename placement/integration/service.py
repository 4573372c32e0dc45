"""Owing, reporting, confirming and closing services. Services flush and never commit; one event for each act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, func, select

from placement.audit.service import record
from placement.children.tables import Child
from placement.clock import business_day
from placement.db import lock_row
from placement.integration import due_rules, pathway_rules, scope
from placement.integration.tables import ChildService, ClosedAs, FamilyMember, Side
from placement.people.tables import Organisation
from placement.permissions import Actor
from placement.reference import NotInForce, UnknownCode
from placement.refusals import Conflict, Refusal, Refusals

LONGEST_TEXT = 2000


@dataclass(frozen=True)
class NewService:
    """A service to be owed: its code, the day it is counted from, who gives it and who sees to it."""

    kind: str
    event_on: date
    organisation_id: int | None = None
    owner_id: int | None = None
    family_number: int | None = None


def next_number(session: Session, table: type[SQLModel], child_id: int) -> int:
    """Return the next number of a child's rows in a table that counts per child."""
    last = session.exec(select(func.max(table.number)).where(table.child_id == child_id)).one()  # type: ignore[attr-defined]
    return (last or 0) + 1


def add(
    session: Session,
    child: Child,
    kind: str,
    event_on: date,
    *,
    origin: str,
    at: datetime,
    owner_id: int | None = None,
    organisation_id: int | None = None,
    family_member_id: int | None = None,
) -> ChildService:
    """Insert a service with its due day by the rule in force on `event_on`; writes no event, the caller does.

    Raises UnknownCode, and NotInForce where the law of that day knew no such service.
    """
    when = due_rules.due(kind, event_on, first_permit=child.permit_on)
    row = ChildService(
        child_id=child.id or 0,
        county_id=child.county_id,
        number=next_number(session, ChildService, child.id or 0),
        kind=kind,
        family_member_id=family_member_id,
        side=Side(when.side),
        organisation_id=organisation_id,
        owner_id=owner_id if owner_id is not None else child.worker_id,
        event_on=event_on,
        due_on=when.day,
        watch_on=when.watch,
        source=when.source,
        origin=origin,
        created_at=at,
    )
    session.add(row)
    session.flush()
    return row


def owe(session: Session, actor: Actor, ref: str, new: NewService, *, at: datetime) -> ChildService:
    """Record that a service is owed to a child or to somebody of its family unit.

    Raises as `scope.own_child`; Refusals for a service the law of that day did not know, one that is open already,
    and a family member who is not there.
    """
    child = scope.own_child(session, actor, ref, at)
    member = _member(session, child, new.family_number)
    if open_of(session, child, new.kind, member):
        raise Refusals([Refusal("service-open-already", field="kind")])
    if new.organisation_id is not None and session.get(Organisation, new.organisation_id) is None:
        raise Refusals([Refusal("giver-unknown", field="giver")])
    try:
        row = add(
            session,
            child,
            new.kind,
            new.event_on,
            origin="manual",
            at=at,
            owner_id=new.owner_id,
            organisation_id=new.organisation_id,
            family_member_id=member,
        )
    except (NotInForce, UnknownCode):
        raise Refusals([Refusal("service-not-in-force", field="event_on", day=new.event_on)]) from None
    _event(session, actor, child, "service-owed", at, after=_told(row))
    return row


def take_pathway(
    session: Session, actor: Actor, ref: str, key: str, begins: date, chosen: Iterable[str], *, at: datetime
) -> int:
    """Add the chosen steps of a pathway that the child does not have yet; returns how many.

    Raises as `scope.own_child`, and Refusals when nothing was chosen or the pathway does not exist.
    """
    child = scope.own_child(session, actor, ref, at)
    wanted = set(chosen)
    try:
        steps = pathway_rules.steps(
            key,
            begins,
            birth_date=child.birth_date,
            first_permit=child.permit_on,
            open_kinds=open_kinds(session, child.id or 0),
        )
    except (UnknownCode, NotInForce):
        raise Refusals([Refusal("pathway-unknown", field="pathway")]) from None
    rows = [
        add(session, child, step.kind, step.event, origin=f"pathway-{key}"[:30], at=at)
        for step in steps
        if step.kind in wanted and not step.has
    ]
    if not rows:
        raise Refusals([Refusal("nothing-chosen", field="steps")])
    _event(
        session,
        actor,
        child,
        "pathway-taken",
        at,
        after={"pathway": key, "services": [row.number for row in rows], "kinds": [row.kind for row in rows]},
    )
    return len(rows)


def report(
    session: Session, actor: Actor, ref: str, number: int, *, on: date, text: str, version: int, at: datetime
) -> ChildService:
    """Record that the giver says the service was given on a day; the county confirms it later.

    Raises NotFound, Conflict when somebody saved meanwhile, Refusals for a day ahead or before the event, a missing
    text, and a service that is done or closed.
    """
    child, row = _open_row(session, actor, ref, number, version, at)
    _check_day(row, on, business_day(at), "reported_on")
    _check_text(text, "report")
    before = _told(row)
    row.reported_on, row.reported_by, row.report = on, actor.user_id, text.strip()
    _save(session, row)
    _event(session, actor, child, "service-reported", at, before=before, after=_told(row))
    return row


def confirm(
    session: Session, actor: Actor, ref: str, number: int, *, on: date, evidence: str, version: int, at: datetime
) -> ChildService | None:
    """Record that the service was given on a day and what shows it; returns what follows by law, if something does.

    Raises as `report`, and NoRelation or NotAllowed as `scope.own_child`.
    """
    scope.own_child(session, actor, ref, at)
    child, row = _open_row(session, actor, ref, number, version, at)
    _check_day(row, on, business_day(at), "delivered_on")
    _check_text(evidence, "evidence")
    before = _told(row)
    follower = deliver(session, actor, child, row, on=on, evidence=evidence.strip(), at=at)
    after = _told(row) | ({"follows": follower.number, "follower": follower.kind} if follower else {})
    _event(session, actor, child, "service-delivered", at, before=before, after=after)
    return follower


def deliver(
    session: Session, actor: Actor, child: Child, row: ChildService, *, on: date, evidence: str, at: datetime
) -> ChildService | None:
    """Mark a service delivered and owe what follows by law; writes no event, the caller does."""
    row.delivered_on, row.confirmed_by, row.evidence = on, actor.user_id, evidence
    _save(session, row)
    first_plan = session.exec(
        select(func.min(ChildService.delivered_on)).where(
            ChildService.child_id == child.id, ChildService.kind == "integration_plan"
        )
    ).one()
    try:
        ends = due_rules.plan_ends(first_plan) if first_plan else None
    except NotInForce:
        ends = None
    coming = due_rules.follows(row.kind, on, plan_ends=ends)
    if coming is None or open_of(session, child, coming.kind, row.family_member_id):
        return None
    return add(
        session,
        child,
        coming.kind,
        coming.event,
        origin=f"follows-{row.kind}"[:30],
        at=at,
        owner_id=row.owner_id,
        organisation_id=row.organisation_id,
        family_member_id=row.family_member_id,
    )


def close(
    session: Session, actor: Actor, ref: str, number: int, *, how: ClosedAs, reason: str, version: int, at: datetime
) -> None:
    """Close a service that the child declines or does not need (681/2023 §§ 14.5, 16), with the reason."""
    scope.own_child(session, actor, ref, at)
    child, row = _open_row(session, actor, ref, number, version, at)
    _check_text(reason, "closed_reason")
    before = _told(row)
    row.closed_on, row.closed_as, row.closed_reason = business_day(at), how, reason.strip()
    _save(session, row)
    _event(session, actor, child, "service-closed", at, before=before, after=_told(row))


def assign(
    session: Session,
    actor: Actor,
    ref: str,
    number: int,
    *,
    owner_id: int | None,
    organisation_id: int | None,
    version: int,
    at: datetime,
) -> None:
    """Say who gives the service and who sees to it."""
    scope.own_child(session, actor, ref, at)
    child, row = _open_row(session, actor, ref, number, version, at)
    if organisation_id is not None and session.get(Organisation, organisation_id) is None:
        raise Refusals([Refusal("giver-unknown", field="giver")])
    before = _told(row)
    row.owner_id, row.organisation_id = owner_id, organisation_id
    _save(session, row)
    _event(session, actor, child, "service-assigned", at, before=before, after=_told(row))


def give_to_worker(
    session: Session, actor: Actor, ref: str, number: int, owner_id: int, *, version: int, at: datetime
) -> None:
    """Say who sees to the service from now on; the caller has seen to it that the actor may give it to this person.

    Raises NotFound, Conflict when somebody saved meanwhile, and Refusal for a service that is done or closed.
    """
    child, row = _open_row(session, actor, ref, number, version, at)
    before = _told(row)
    row.owner_id = owner_id
    _save(session, row)
    _event(session, actor, child, "service-assigned", at, before=before, after=_told(row))


def open_kinds(session: Session, child_id: int) -> frozenset[str]:
    """Return the kinds that are owed to the child itself and not done."""
    rows = session.exec(
        select(ChildService.kind).where(
            ChildService.child_id == child_id, col(ChildService.family_member_id).is_(None), still_open()
        )
    )
    return frozenset(rows)


def still_open() -> sa.ColumnElement[bool]:
    """Return the condition that a service is neither delivered nor closed."""
    return sa.and_(col(ChildService.delivered_on).is_(None), col(ChildService.closed_on).is_(None))


def open_of(session: Session, child: Child, kind: str, member_id: int | None = None) -> ChildService | None:
    """Return the open service of a kind for the child (or one of its family), the oldest first."""
    member = (
        col(ChildService.family_member_id).is_(None)
        if member_id is None
        else ChildService.family_member_id == member_id
    )
    return session.exec(
        select(ChildService)
        .where(ChildService.child_id == child.id, ChildService.kind == kind, member, still_open())
        .order_by(col(ChildService.number))
    ).first()


def _member(session: Session, child: Child, number: int | None) -> int | None:
    if number is None:
        return None
    found = session.exec(
        select(FamilyMember.id).where(FamilyMember.child_id == child.id, FamilyMember.number == number)
    ).first()
    if found is None:
        raise Refusals([Refusal("member-unknown", field="member")])
    return found


def _open_row(
    session: Session, actor: Actor, ref: str, number: int, version: int, at: datetime
) -> tuple[Child, ChildService]:
    child, found = scope.find(session, actor, ref, number, at)
    row = lock_row(session, ChildService, found.id or 0)
    assert isinstance(row, ChildService)
    if row.version != version:
        raise Conflict("changed-meanwhile")
    if row.delivered_on is not None or row.closed_on is not None:
        raise Refusal("service-done")
    return child, row


def _check_day(row: ChildService, on: date, today: date, field: str) -> None:
    if on > today:
        raise Refusals([Refusal("day-in-future", field=field)])
    if on < row.event_on and row.kind != "successor_home":
        raise Refusals([Refusal("before-event", field=field, day=row.event_on)])


def _check_text(text: str, field: str) -> None:
    if not text.strip():
        raise Refusals([Refusal("text-missing", field=field)])
    if len(text) > LONGEST_TEXT:
        raise Refusals([Refusal("text-too-long", field=field, most=LONGEST_TEXT)])


def _save(session: Session, row: ChildService) -> None:
    row.version += 1
    session.add(row)
    session.flush()


def _told(row: ChildService) -> dict[str, object]:
    """Return what the trail may say of a service: codes, numbers and days, no text."""
    return {
        "number": row.number,
        "kind": row.kind,
        "due": row.due_on,
        "organisation": row.organisation_id,
        "owner": row.owner_id,
        "reported": row.reported_on,
        "delivered": row.delivered_on,
        "closed": row.closed_as,
    }


def _event(
    session: Session,
    actor: Actor,
    child: Child,
    action: str,
    at: datetime,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    record(
        session,
        actor=actor,
        action=action,
        object_kind="child",
        object_ref=child.ref,
        at=at,
        before=before,
        after=after,
    )
