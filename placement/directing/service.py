"""Opening a direction, answering it, withdrawing it. Services flush and never commit; each act is one audit event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from placement import references
from placement.agreed.facts import competent_body
from placement.agreed.obligations import agreement_on_places
from placement.audit.service import record
from placement.children import access
from placement.children.tables import Child
from placement.clock import business_day
from placement.directing import queries, rules
from placement.directing.queries import DirectionLine
from placement.directing.rules import State
from placement.directing.tables import Care, Decline, Direction, DirectionAnswer, Side
from placement.people.tables import Organisation
from placement.permissions import Actor, Permission
from placement.refusals import Conflict, NotAllowed, Refusal, Refusals

TASK = "direction"
LONGEST_WORDS = 600


@dataclass(frozen=True)
class NewDirection:
    """What the worker writes; the county and the competent centre follow from the child and the law."""

    municipality_id: int
    care: str
    planned_from: date
    expires_on: date


def open_direction(session: Session, actor: Actor, child_ref: str, new: NewDirection, *, at: datetime) -> Direction:
    """Ask the centre, the municipality and the county to agree on directing the child (681/2023 § 43.5).

    The child must be linked to the actor. Raises Refusals with everything that is wrong, Conflict while a direction
    of the child to the same municipality is open.
    """
    if not actor.can(Permission.EDIT_CHILDREN):
        raise NotAllowed("not-yours")
    child, on = access.find(session, actor, child_ref, at), business_day(at)
    if access.relation_of(session, actor, child.id or 0, at) is None:
        raise access.NoRelation(child_ref)
    county = session.get_one(Organisation, child.county_id)
    agreement_id = agreement_on_places(session, new.municipality_id, new.planned_from)
    found = rules.faults(
        planned_from=new.planned_from,
        expires_on=new.expires_on,
        on=on,
        municipal_place=new.care == Care.MUNICIPAL_PLACE,
        has_places=agreement_id is not None,
    )
    if found:
        raise Refusals([Refusal(one.code, field=one.field) for one in found])
    _none_open(session, child, new.municipality_id, on)
    centre = competent_body(session, TASK, county.county_code or "", on)
    if centre is None:
        raise Refusal("no-competent-centre")
    row = Direction(
        ref=references.new("DI"),
        child_id=child.id or 0,
        county_id=child.county_id,
        municipality_id=new.municipality_id,
        centre_id=centre.id or 0,
        care=Care(new.care),
        agreement_id=agreement_id if new.care == Care.MUNICIPAL_PLACE else None,
        planned_from=new.planned_from,
        opened_on=on,
        expires_on=new.expires_on,
        opened_by=actor.user_id,
        opened_at=at,
    )
    session.add(row)
    session.flush()
    _log(session, actor, row, "direction-opened", at, {"child": child_ref, "until": new.expires_on.isoformat()})
    return row


def _none_open(session: Session, child: Child, municipality_id: int, on: date) -> None:
    rows = session.exec(
        select(Direction).where(Direction.child_id == child.id, Direction.municipality_id == municipality_id)
    ).all()
    if any(one.state is State.OPEN for one in queries.told(session, rows, on)):
        raise Conflict("direction-open-already")


def answer(
    session: Session, actor: Actor, ref: str, *, agrees: bool, reason: str | None, words: str | None, at: datetime
) -> DirectionLine:
    """Agree or decline for the actor's body; one that stands for two sides (Helsinki) answers for both at once.

    Answering the same again is harmless. Who opened the direction does not confirm it for the county.
    """
    line = _locked(session, actor, ref, at)
    mine = queries.bodies_of(session, actor)
    given = [one for one in line.answers.values() if one.organisation_id in mine]
    if given and all(one.agrees == agrees for one in given) and not queries.own_sides(session, actor, line):
        return line
    if line.state is not State.OPEN:
        raise Conflict("direction-over")
    sides = queries.own_sides(session, actor, line)
    if not sides:
        raise NotAllowed("not-a-party-here")
    if line.row.opened_by == actor.user_id:
        raise NotAllowed("direction-own")
    if not agrees and not reason:
        raise Refusal("decline-reason-missing", field="reason")
    if reason == Decline.OTHER and not words and not agrees:
        raise Refusal("decline-words-missing", field="words")
    for side in sides:
        session.add(
            DirectionAnswer(
                direction_id=line.row.id or 0,
                side=Side(side),
                organisation_id=actor.organisation_id,
                agrees=agrees,
                reason=None if agrees else Decline(reason or ""),
                words=None if agrees else words,
                by=actor.user_id,
                at=at,
            )
        )
    session.flush()
    action = "direction-agreed" if agrees else "direction-declined"
    _log(session, actor, line.row, action, at, {"sides": sides, "reason": None if agrees else reason})
    return queries.told(session, [line.row], business_day(at))[0]


def withdraw(session: Session, actor: Actor, ref: str, reason: str, *, at: datetime) -> DirectionLine:
    """Take back an open direction; only the child's county does, by someone who writes the child's record."""
    line = _locked(session, actor, ref, at)
    if not actor.can(Permission.EDIT_CHILDREN) or actor.county_id != line.row.county_id:
        raise NotAllowed("direction-of-county")
    if line.state is State.WITHDRAWN:
        return line
    if line.state is not State.OPEN:
        raise Conflict("direction-over")
    line.row.withdrawn_on, line.row.withdrawn_reason = business_day(at), reason
    session.add(line.row)
    session.flush()
    _log(session, actor, line.row, "direction-withdrawn", at, {})
    return queries.told(session, [line.row], business_day(at))[0]


def _locked(session: Session, actor: Actor, ref: str, at: datetime) -> DirectionLine:
    row = queries.find(session, actor, ref, at, lock=True)
    return queries.told(session, [row], business_day(at))[0]


def _log(session: Session, actor: Actor, row: Direction, action: str, at: datetime, after: dict[str, object]) -> None:
    record(session, actor=actor, action=action, object_kind="direction", object_ref=row.ref, at=at, after=after)
