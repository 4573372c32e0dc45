"""One county asks another to take over a child: ask, withdraw, accept, refuse. Flushes, never commits.

Each county is the controller of its own records. Accepting makes a new record in the other county from what may be
handed over (`rules.MAY_BE_HANDED`), and ends the stay and the wait in the old one; the old record stays, closed, with
its history. Until then the other county sees age, languages and needs, and no name.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from placement import references
from placement.audit.service import record
from placement.children import access
from placement.children.queries import everything_about
from placement.children.tables import CaseRelation, Child, ChildLanguage, ChildNeed, RelationKind
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions import holds
from placement.decisions.tables import Decision, DecisionStatus, Hold, Stay
from placement.integration import schooling
from placement.moves import rules
from placement.moves.tables import Absence, Transfer, TransferStatus
from placement.people.queries import counties
from placement.permissions import Actor, Permission
from placement.refusals import Conflict, NotFound, Refusal

TRANSFERRED = "transferred"


@dataclass(frozen=True)
class TransferCommand:
    """To which county, from which day on, why, and what is handed over besides what always is."""

    to_county_id: int
    from_day: date
    reason: str
    handed: Collection[str]


def ask(session: Session, actor: Actor, child_ref: str, command: TransferCommand, *, at: datetime) -> Transfer:
    """Ask another county to take the child over; a child has one open question at a time."""
    today = business_day(at)
    known = access.find(session, actor, child_ref, at)
    child: Child = lock_row(session, Child, known.id or 0)
    if command.to_county_id == child.county_id or command.to_county_id not in {
        one.id for one in counties(session, today)
    }:
        raise Refusal("county-unknown", field="to_county")
    if command.from_day <= today:
        raise Refusal("transfer-too-soon", field="from_day")
    if not command.reason.strip():
        raise Refusal("reason-missing", field="reason")
    open_ = session.exec(
        select(Transfer.ref).where(Transfer.child_id == child.id, Transfer.status == TransferStatus.ASKED)
    ).first()
    if open_ is not None:
        raise Conflict("transfer-open")
    row = Transfer(
        ref=references.new("TR"),
        child_id=child.id or 0,
        from_county_id=child.county_id,
        to_county_id=command.to_county_id,
        from_day=command.from_day,
        handed=json.dumps(list(rules.handed_over(command.handed))),
        reason=command.reason.strip(),
        asked_by=actor.user_id,
        asked_at=at,
    )
    session.add(row)
    session.flush()
    after: dict[str, object] = {"child": child_ref, "from": row.from_day, "handed": json.loads(row.handed)}
    _note(session, actor, row, "transfer-asked", at, after)
    return row


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition of the transfers an actor may know of: those that the own county asked or is asked."""
    if actor.county_id is None or not actor.can(Permission.SEE_TRANSFERS):
        return sa.false()
    return sa.or_(col(Transfer.from_county_id) == actor.county_id, col(Transfer.to_county_id) == actor.county_id)


def find(session: Session, actor: Actor, ref: str) -> Transfer:
    """Return one transfer; raises NotFound for a foreign and a missing one alike."""
    found = session.exec(select(Transfer).where(visible_to(actor), Transfer.ref == ref)).first()
    if found is None:
        raise NotFound
    return found


def _open(session: Session, actor: Actor, ref: str, version: int, *, own: bool) -> Transfer:
    """Return a question that is still open, locked: one's own (`own`), or one put to one's county."""
    found = find(session, actor, ref)
    if (found.from_county_id if own else found.to_county_id) != actor.county_id:
        raise NotFound
    lock_row(session, Child, found.child_id)
    row: Transfer = lock_row(session, Transfer, found.id or 0)
    if row.status is not TransferStatus.ASKED:
        raise Conflict("transfer-answered")
    if row.version != version:
        raise Conflict("changed-meanwhile")
    return row


def withdraw(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Transfer:
    """Take the question back before it is answered."""
    row = _open(session, actor, ref, version, own=True)
    _answer(row, TransferStatus.WITHDRAWN, actor, at)
    _note(session, actor, row, "transfer-withdrawn", at, {})
    return row


def refuse(
    session: Session, actor: Actor, ref: str, code: str, note: str | None, *, version: int, at: datetime
) -> Transfer:
    """Refuse with a reason code: the responsibility stays where it is, and so does everything of the child."""
    row = _open(session, actor, ref, version, own=False)
    if not code:
        raise Refusal("reason-missing", field="code")
    _answer(row, TransferStatus.REFUSED, actor, at)
    row.refusal_code, row.refusal_note = code, note
    _note(session, actor, row, "transfer-refused", at, {"reason": code})
    return row


def accept(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Transfer:
    """Take the child over from the day that was asked: a new record, whose worker is who accepts.

    Raises Conflict("transfer-day-past") when that day has come already: the other county asks again then.
    """
    row = _open(session, actor, ref, version, own=False)
    if row.from_day <= business_day(at):
        raise Conflict("transfer-day-past")
    child: Child = lock_row(session, Child, row.child_id)
    if _already_there(session, child, row.to_county_id):
        raise Conflict("child-there-already")
    new = _new_record(session, actor, child, row, at)
    schools = 0
    if rules.SCHOOL in json.loads(row.handed):
        schools = schooling.hand_over(session, child, new, row.from_day, actor.user_id, at)
    _close_old(session, child, row.from_day, at)
    _answer(row, TransferStatus.ACCEPTED, actor, at)
    row.new_child_id = new.id
    session.flush()
    after = {"child": child.ref, "new_child": new.ref, "from": row.from_day, "schools": schools}
    _note(session, actor, row, "transfer-accepted", at, after)
    return row


def _already_there(session: Session, child: Child, county_id: int) -> bool:
    same = [
        column == index
        for column, index in (
            (col(Child.identity_index), child.identity_index),
            (col(Child.temporary_index), child.temporary_index),
        )
        if index is not None
    ]
    found = session.exec(select(Child.id).where(Child.county_id == county_id, or_(*same))).first() if same else None
    return found is not None


COPIED = (
    "first_name",
    "last_name",
    "identity_code",
    "identity_index",
    "temporary_number",
    "temporary_index",
    "birth_date",
    "gender",
    "protected",
    "protected_until",
    "eligibility_ground",
    "permit_on",
    "residence_from",
)
BY_CODE = {
    rules.REPRESENTATIVE: ("representative_name", "representative_contact", "representative_from"),
    rules.NEEDS: ("support_level", "care_hours", "language_hours", "interpreter_hours", "priority"),
    rules.SCHOOL: ("school",),
}


def _new_record(session: Session, actor: Actor, child: Child, row: Transfer, at: datetime) -> Child:
    handed = json.loads(row.handed)
    columns = [*COPIED, *(name for code, names in BY_CODE.items() if code in handed for name in names)]
    new = Child(
        ref=references.new("CH"),
        county_id=row.to_county_id,
        entered_on=row.from_day,
        waiting_since=row.from_day,
        place_from=row.from_day,
        worker_id=actor.user_id,
        created_at=at,
        updated_at=at,
        **{name: getattr(child, name) for name in columns},
    )
    session.add(new)
    session.flush()
    facts = everything_about(session, [child.id or 0])[child.id or 0]
    for code, level in facts.languages.items():
        session.add(ChildLanguage(child_id=new.id or 0, code=code, level=level))
    if rules.NEEDS in handed:
        for code, hours in facts.needs.items():
            session.add(ChildNeed(child_id=new.id or 0, code=code, hours=hours))
    session.add(
        CaseRelation(child_id=new.id or 0, user_id=actor.user_id, kind=RelationKind.CASE, valid_from=business_day(at))
    )
    session.flush()
    record(
        session,
        actor=actor,
        action="child-added",
        object_kind="child",
        object_ref=new.ref,
        at=at,
        after={"transfer": row.ref, "handed": handed},
    )
    return new


def _close_old(session: Session, child: Child, day: date, at: datetime) -> None:
    """End the old county's stay on the day of the transfer, school the day before, wait, holds and drafts at once."""
    for stay in session.exec(select(Stay).where(Stay.child_id == child.id)).all():
        if stay.start is not None and stay.start < day and (stay.end is None or stay.end > day):
            stay.decided_end, stay.end_reason = day, TRANSFERRED
            stay.version += 1
            session.add(stay)
        elif stay.start is not None and stay.start >= day:
            raise Conflict("stay-after-transfer")
    for absence in session.exec(select(Absence).where(Absence.child_id == child.id, col(Absence.back_on) > day)).all():
        absence.back_on = day
        session.add(absence)
    for draft in session.exec(
        select(Decision).where(Decision.child_id == child.id, Decision.status == DecisionStatus.DRAFT)
    ).all():
        draft.status = DecisionStatus.DISCARDED
        draft.version += 1
        session.add(draft)
    for hold in session.exec(select(Hold).where(Hold.child_id == child.id, col(Hold.released_at).is_(None))).all():
        holds.release(session, hold, at=at)
    schooling.end_before(session, child.id or 0, day)
    child.waiting_since = None
    child.version += 1
    child.updated_at = at
    session.add(child)
    session.flush()


def _answer(row: Transfer, status: TransferStatus, actor: Actor, at: datetime) -> None:
    row.status, row.answered_by, row.answered_at = status, actor.user_id, at


def _note(session: Session, actor: Actor, row: Transfer, action: str, at: datetime, after: dict[str, object]) -> None:
    row.version += 1
    session.add(row)
    session.flush()
    record(session, actor=actor, action=action, object_kind="transfer", object_ref=row.ref, at=at, after=after)
