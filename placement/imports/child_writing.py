"""Adding the children of a sheet, all in a handful of statements, as one by one they would be added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from placement.audit import chain
from placement.audit.tables import AuditEvent
from placement.children.tables import (
    CaseRelation,
    Child,
    ChildLanguage,
    ChildNeed,
    Gender,
    RelationKind,
    SiblingGroup,
    SiblingMember,
    SiblingMode,
)
from placement.children.writing import write_part
from placement.clock import business_day
from placement.imports.child_columns import ChildRow
from placement.permissions import Actor
from placement.references import new
from placement.refusals import Conflict, NotFound


def add(session: Session, actor: Actor, rows: Sequence[ChildRow], *, at: datetime) -> list[str]:
    """Add the children to the actor's county with an event each; returns their references in the same order.

    The rows have passed the rules of a record and are not here yet. Raises Conflict("import-again") when
    somebody added one of them at the same moment: the unique key is the last word.
    """
    if actor.county_id is None:
        raise NotFound
    children = [_child(session, actor, actor.county_id, one, at) for one in rows]
    try:
        session.add_all(children)
        session.flush()
    except IntegrityError as raced:
        raise Conflict("import-again") from raced
    keys = [child.id or 0 for child in children]
    parts: list[SQLModel] = []
    for key, child, one in zip(keys, children, rows, strict=True):
        parts += [ChildLanguage(child_id=key, code=code, level=level) for code, level in one.child.languages.spoken]
        parts += [ChildNeed(child_id=key, code=code, hours=hours) for code, hours in one.child.needs.services.items()]
        parts.append(
            CaseRelation(
                child_id=key,
                user_id=child.worker_id or actor.user_id,
                kind=RelationKind.CASE,
                valid_from=business_day(at),
            )
        )
    session.add_all(parts)
    _join_siblings(session, actor.county_id, keys, rows)
    session.flush()
    chain.append(session, [_event(actor, child, one, at) for child, one in zip(children, rows, strict=True)])
    return [child.ref for child in children]


def _child(session: Session, actor: Actor, county_id: int, one: ChildRow, at: datetime) -> Child:
    """Return the row of the child table; the sections written here touch no other table."""
    said = one.child
    child = Child(
        ref=new("CH"),
        county_id=county_id,
        first_name=said.identity.first_name,
        last_name=said.identity.last_name,
        birth_date=said.identity.birth_date,
        gender=Gender(said.identity.gender),
        eligibility_ground=said.identity.ground,
        entered_on=said.identity.entered_on,
        support_level=said.needs.support_level,
        care_hours=said.needs.care_hours,
        language_hours=said.needs.language_hours,
        interpreter_hours=said.needs.interpreter_hours,
        relatives_municipality_id=said.wishes.relatives_municipality_id,
        school=said.wishes.school,
        worker_id=one.worker or actor.user_id,
        created_at=at,
        updated_at=at,
    )
    for part in (said.identity, said.representative, said.protection, said.view, said.place):
        write_part(session, child, part)
    return child


def _join_siblings(session: Session, county_id: int, keys: Sequence[int], rows: Sequence[ChildRow]) -> None:
    """Make one group of the children of each mark; a mark with a single child left is none."""
    members: dict[str, list[int]] = {}
    modes: dict[str, str] = {}
    for key, one in zip(keys, rows, strict=True):
        if one.sibling_group and one.child.people.mode:
            members.setdefault(one.sibling_group, []).append(key)
            modes[one.sibling_group] = one.child.people.mode
    groups = {
        mark: SiblingGroup(county_id=county_id, mode=SiblingMode(modes[mark]))
        for mark, together in members.items()
        if len(together) > 1
    }
    session.add_all(groups.values())
    session.flush()
    session.add_all(
        SiblingMember(child_id=key, group_id=group.id or 0) for mark, group in groups.items() for key in members[mark]
    )


def _event(actor: Actor, child: Child, one: ChildRow, at: datetime) -> AuditEvent:
    """Return the event of one child: codes, days and keys, never a name."""
    said = one.child
    return AuditEvent(
        seq=0,
        at=at,
        actor_id=actor.user_id,
        organisation_id=actor.organisation_id,
        action="child-imported",
        object_kind="child",
        object_ref=child.ref,
        after=chain.dump(
            {
                "birth_date": child.birth_date,
                "gender": str(child.gender),
                "eligibility_ground": child.eligibility_ground,
                "entered_on": child.entered_on,
                "municipality_id": child.municipality_id,
                "protected": child.protected,
                "languages": dict(said.languages.spoken),
                "services": dict(said.needs.services),
                "waiting_since": child.waiting_since,
                "worker_id": child.worker_id,
            }
        ),
        prev_hash="",
        hash="",
    )
