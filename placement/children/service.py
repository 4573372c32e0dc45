"""Adding and changing a child, and stating why one must be seen. Services flush and never commit."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select

from placement.audit.service import record
from placement.children import access, record_rules
from placement.children.record_rules import IdentityPart, NewChild, Part, RepresentativePart, WorkerPart
from placement.children.tables import BirthDateCorrection, CaseRelation, Child, Gender, PurposeGrant, RelationKind
from placement.children.writing import write_part
from placement.clock import business_day
from placement.crypto import vault
from placement.db import lock_row
from placement.people.tables import UserMandate
from placement.permissions import Actor, Role
from placement.references import new
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal, Refusals

PURPOSE_HOURS = 1
SHORTEST_PURPOSE, LONGEST_PURPOSE = 10, 500


def create(session: Session, actor: Actor, child: NewChild, *, at: datetime, invented_codes: bool) -> str:
    """Add a child to the actor's county with the actor as the worker; returns the new reference.

    Raises Refusals with every fault of every section; among them `child-already-here` with the reference
    of a child of the same county that has the same code: only the reference, because seeing more needs a relation.
    """
    if actor.county_id is None:
        raise NotFound
    on = business_day(at)
    sections: list[Part] = [
        child.identity,
        child.representative,
        child.protection,
        child.needs,
        child.languages,
        child.people,
        child.wishes,
        child.view,
        child.place,
    ]
    birth = child.identity.birth_date
    faults = [
        fault
        for part in sections
        for fault in record_rules.faults_of(part, birth_date=birth, on=on, invented_codes=invented_codes)
    ]
    faults += duplicates(session, actor.county_id, child.identity.identity_code, child.identity.temporary_number)
    if faults:
        raise Refusals(faults)
    row = _insert(session, actor, child.identity, at)
    after: dict[str, object] = {}
    for part in sections:
        after |= write_part(session, row, part).after
    session.flush()
    session.add(CaseRelation(child_id=row.id or 0, user_id=actor.user_id, kind=RelationKind.CASE, valid_from=on))
    record(session, actor=actor, action="child-added", object_kind="child", object_ref=row.ref, at=at, after=after)
    return row.ref


def _insert(session: Session, actor: Actor, identity: IdentityPart, at: datetime) -> Child:
    """Insert the row with its blind indexes: where two people add one child at once, the unique key decides.

    The loser gets the winner's reference. A clash of the random reference, the other unique key, tries again.
    """
    assert actor.county_id is not None
    for _ in range(3):
        row = Child(
            ref=new("CH"),
            county_id=actor.county_id,
            first_name=identity.first_name,
            last_name=identity.last_name,
            identity_index=vault.blind_index(identity.identity_code) if identity.identity_code else None,
            temporary_index=vault.blind_index(identity.temporary_number) if identity.temporary_number else None,
            birth_date=identity.birth_date,
            gender=Gender(identity.gender),
            eligibility_ground=identity.ground,
            entered_on=identity.entered_on,
            worker_id=actor.user_id,
            created_at=at,
            updated_at=at,
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            found = duplicates(session, actor.county_id, identity.identity_code, identity.temporary_number)
            if found:
                raise Refusals(found) from None
        else:
            return row
    raise AssertionError("three random references in a row were taken")


def duplicates(
    session: Session, county_id: int, identity_code: str | None, temporary_number: str | None, *, but: int = 0
) -> list[Refusal]:
    """Return a fault for each code that another child of the county has, with that child's reference only."""
    faults = []
    for text, column, name in (
        (identity_code, col(Child.identity_index), "identity_code"),
        (temporary_number, col(Child.temporary_index), "temporary_number"),
    ):
        if not text:
            continue
        same = select(Child.ref).where(
            Child.county_id == county_id, column == vault.blind_index(text), col(Child.id) != but
        )
        found = session.exec(same).first()
        if found is not None:
            faults.append(Refusal("child-already-here", field=name, ref=found))
    return faults


def edit(
    session: Session,
    actor: Actor,
    ref: str,
    part: Part,
    *,
    version: int,
    at: datetime,
    invented_codes: bool,
) -> None:
    """Write one section of a child's record and its event.

    Raises NotFound, NoRelation, NotAllowed for a protected child whose identity is closed, Refusals for faults
    of the section, Conflict("changed-meanwhile") when somebody saved after the form was opened. The birth date
    is not changed here: it has its own correction with a source.
    """
    child = _editable(session, actor, ref, at)
    if child.version != version:
        raise Conflict("changed-meanwhile")
    on = business_day(at)
    faults = record_rules.faults_of(part, birth_date=child.birth_date, on=on, invented_codes=invented_codes)
    if isinstance(part, record_rules.IdentityPart):
        if part.birth_date != child.birth_date:
            faults.append(Refusal("birth-differs", field="identity_code"))
        faults += duplicates(session, child.county_id, part.identity_code, part.temporary_number, but=child.id or 0)
    if isinstance(part, WorkerPart) and not is_worker(session, child.county_id, part.user_id, on):
        faults.append(Refusal("worker-unknown", field="worker"))
    if faults:
        raise Refusals(faults)
    _write(session, actor, child, part, at)


def give_to_worker(session: Session, actor: Actor, child: Child, worker_id: int, *, version: int, at: datetime) -> None:
    """Name another worker of a child that the caller has found in the actor's scope and may give away.

    The caller has seen to it that the person is a worker of the county. Nothing of the child is shown, so nobody's
    identity has to be open. Raises Conflict("changed-meanwhile") when somebody saved after the list was drawn.
    """
    session.expunge(child)
    row = lock_row(session, Child, child.id or 0)
    assert isinstance(row, Child)
    if row.version != version:
        raise Conflict("changed-meanwhile")
    _write(session, actor, row, WorkerPart(worker_id), at)


def _write(session: Session, actor: Actor, child: Child, part: record_rules.Part, at: datetime) -> None:
    """Write a section and the one event of what changed by it; nothing if nothing did."""
    change = write_part(session, child, part)
    if not change.after:
        return
    _touch(session, child, at)
    record(
        session,
        actor=actor,
        action="child-changed",
        object_kind="child",
        object_ref=child.ref,
        at=at,
        before=change.before,
        after=change.after,
    )


def correct_birth_date(
    session: Session, actor: Actor, ref: str, after: date, *, source: str, version: int, at: datetime
) -> None:
    """Correct the birth date and keep what it was, with the source (a permit, a court, an age assessment).

    Raises as `edit`; also when the new date is the old one, or leaves no right or no sense.
    """
    child = _editable(session, actor, ref, at)
    if child.version != version:
        raise Conflict("changed-meanwhile")
    faults = birth_date_faults(child, after, business_day(at))
    if faults:
        raise Refusals(faults)
    before = child.birth_date
    session.add(
        BirthDateCorrection(
            child_id=child.id or 0,
            before=before,
            after=after,
            source=source,
            recorded_by=actor.user_id,
            recorded_at=at,
        )
    )
    child.birth_date = after
    _touch(session, child, at)
    record(
        session,
        actor=actor,
        action="birth-date-corrected",
        object_kind="child",
        object_ref=ref,
        at=at,
        before={"birth_date": before},
        after={"birth_date": after},
    )


def birth_date_faults(child: Child, after: date, on: date) -> list[Refusal]:
    """Return what keeps a birth date from being corrected to `after`; [] = nothing."""
    faults = record_rules.birth_faults(after, entered_on=child.entered_on, on=on)
    if after == child.birth_date:
        faults.append(Refusal("birth-same", field="birth_date"))
    representative = RepresentativePart(child.representative_name, none_reason=child.no_representative_reason)
    faults += record_rules.representative_faults(representative, after, on)
    return [Refusal(one.code, field="birth_date", **one.facts) for one in faults]


def state_purpose(
    session: Session, actor: Actor, ref: str, purpose: str, *, reveal: bool, at: datetime
) -> PurposeGrant:
    """Open one child to the actor for an hour on a stated purpose; `reveal` opens a protected identity too.

    The words are encrypted: people write names into them. The event holds none of them. Raises NotFound, and
    Refusal for a purpose too short to mean anything.
    """
    return grant_purpose(session, actor, access.find(session, actor, ref, at), purpose, reveal=reveal, at=at)


def grant_purpose(
    session: Session, actor: Actor, child: Child, purpose: str, *, reveal: bool, at: datetime
) -> PurposeGrant:
    """Keep a stated purpose for a child that the caller has found in the actor's scope; raises Refusal."""
    text = purpose.strip()
    if len(text) < SHORTEST_PURPOSE:
        raise Refusal("purpose-short", field="purpose", least=SHORTEST_PURPOSE)
    if len(text) > LONGEST_PURPOSE:
        raise Refusal("purpose-long", field="purpose", most=LONGEST_PURPOSE)
    grant = PurposeGrant(
        child_id=child.id or 0,
        user_id=actor.user_id,
        purpose=text,
        reveals_protected=reveal,
        granted_at=at,
        expires_at=at + timedelta(hours=PURPOSE_HOURS),
    )
    session.add(grant)
    session.flush()
    action = "identity-revealed" if reveal else "purpose-stated"
    record(
        session, actor=actor, action=action, object_kind="child", object_ref=child.ref, at=at,
        after={"grant": grant.id},
    )  # fmt: skip
    return grant


def is_worker(session: Session, county_id: int, user_id: int, on: date) -> bool:
    """Tell whether the person is a social worker of the county on the day."""
    mandate = select(UserMandate.id).where(
        UserMandate.user_id == user_id,
        UserMandate.organisation_id == county_id,
        UserMandate.role == Role.SOCIAL_WORKER,
        col(UserMandate.valid_from) <= on,
        or_(col(UserMandate.valid_to).is_(None), col(UserMandate.valid_to) >= on),
    )
    return session.exec(mandate).first() is not None


def _editable(session: Session, actor: Actor, ref: str, at: datetime) -> Child:
    """Return the child under a lock, read whole; raises NotFound, NoRelation or NotAllowed."""
    found = access.find(session, actor, ref, at)
    held = access.relation_of(session, actor, found.id or 0, at)
    if held is None:
        raise access.NoRelation(ref)
    if not held.shows_identity:
        raise NotAllowed("identity-closed")
    session.expunge(found)
    child = lock_row(session, Child, found.id or 0)
    assert isinstance(child, Child)
    return child


def _touch(session: Session, child: Child, at: datetime) -> None:
    child.version += 1
    child.updated_at = at
    session.add(child)
    session.flush()
