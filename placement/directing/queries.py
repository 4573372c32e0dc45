"""Which directions a person may see, and what each one is today. References only: no name is read here.

A direction is seen by its three parties (whoever answers for them) and by the child's own worker, by nobody else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, or_, select

from agreements.tables import Agreement
from placement.agreed.queries import predecessors
from placement.children.tables import CaseRelation, Child, ChildLanguage, RelationKind
from placement.clock import business_day
from placement.directing import rules
from placement.directing.rules import Said, State
from placement.directing.tables import Direction, DirectionAnswer, Side
from placement.people.tables import Organisation, User
from placement.permissions import Actor, Permission
from placement.reference import age_on, signatories
from placement.refusals import NotFound
from placement.units.queries import organisations_by_key


@dataclass(frozen=True)
class Answer:
    """What a side said, and who said it."""

    row: DirectionAnswer
    body: Organisation
    name: str


@dataclass(frozen=True)
class DirectionLine:
    """A direction as it stands on a day: its bodies, its sides, what they said, and its state."""

    row: Direction
    child_ref: str
    bodies: dict[str, Organisation]
    sides: tuple[str, ...]
    answers: dict[str, DirectionAnswer]
    state: State
    day: date

    @property
    def missing(self) -> list[str]:
        return rules.missing(self.sides, _said(self.answers.values()))

    @property
    def days_left(self) -> int | None:
        """Days after today up to the last one for answers, while it is open."""
        return (self.row.expires_on - self.day).days if self.state is State.OPEN else None


@dataclass(frozen=True)
class Seen:
    """What a party needs to know of the child to say whether it agrees (681/2023 §§ 83, 86: necessary data only).

    None throughout for a protected child, whose reference alone is shown outside the own worker.
    """

    age: int | None
    languages: tuple[str, ...]


def in_sight(session: Session, actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Return the condition on `direction` for what this actor may see."""
    if not actor.can(Permission.SEE_DIRECTIONS):
        return sa.false()
    if not actor.can(Permission.ANSWER_DIRECTION):
        return sa.and_(col(Direction.county_id) == actor.county_id, _own_child(actor, business_day(at)))
    bodies = bodies_of(session, actor)
    return or_(
        col(Direction.county_id).in_(bodies),
        col(Direction.municipality_id).in_(bodies),
        col(Direction.centre_id).in_(bodies),
    )


def _own_child(actor: Actor, on: date) -> ColumnElement[bool]:
    """Return the condition that the direction's child is the actor's own client on the day."""
    named = sa.select(col(Child.id)).where(col(Child.id) == Direction.child_id, col(Child.worker_id) == actor.user_id)
    related = sa.select(col(CaseRelation.id)).where(
        col(CaseRelation.child_id) == Direction.child_id,
        col(CaseRelation.user_id) == actor.user_id,
        col(CaseRelation.kind) == RelationKind.CASE,
        col(CaseRelation.valid_from) <= on,
        or_(col(CaseRelation.valid_to).is_(None), col(CaseRelation.valid_to) >= on),
    )
    return or_(named.exists(), related.exists())


def bodies_of(session: Session, actor: Actor) -> set[int]:
    """Return the bodies the actor speaks for: the own one and those it succeeds."""
    return {actor.organisation_id} | predecessors(session, actor.organisation_id)


def find(session: Session, actor: Actor, ref: str, at: datetime, *, lock: bool = False) -> Direction:
    """Return a direction the actor may see; raises NotFound for a foreign and a missing one alike."""
    query = select(Direction).where(Direction.ref == ref, in_sight(session, actor, at))
    found = session.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    return found


def lines(session: Session, actor: Actor, at: datetime) -> list[DirectionLine]:
    """Return the directions the actor may see: the open ones by their last day first, then the latest."""
    rows = session.exec(select(Direction).where(in_sight(session, actor, at)).order_by(col(Direction.id).desc())).all()
    found = told(session, rows, business_day(at))
    return sorted(found, key=_urgency)


def _urgency(line: DirectionLine) -> tuple[bool, date]:
    is_open = line.state is State.OPEN
    return not is_open, line.row.expires_on if is_open else date.min


def of_child(session: Session, child_id: int, on: date) -> list[DirectionLine]:
    """Return the directions of a child whose record the caller has opened, the latest first.

    What a timeline of the child needs: `row.opened_on`, `row.expires_on`, `row.planned_from`, `state` and the
    days of the answers.
    """
    rows = session.exec(select(Direction).where(Direction.child_id == child_id).order_by(col(Direction.id).desc()))
    return told(session, rows.all(), on)


def told(session: Session, rows: Sequence[Direction], on: date) -> list[DirectionLine]:
    """Return the rows as they stand on the day; four statements for any number."""
    keys = [row.id for row in rows if row.id is not None]
    answers: dict[int, dict[str, DirectionAnswer]] = {key: {} for key in keys}
    for one in session.exec(select(DirectionAnswer).where(col(DirectionAnswer.direction_id).in_(keys))):
        answers[one.direction_id][one.side.value] = one
    bodies = organisations_by_key(session, [key for row in rows for key in _bodies(row).values()])
    refs = _refs(session, {row.child_id for row in rows})
    found = []
    for row in rows:
        sides = tuple(signatories("direction", row.opened_on))
        given = answers[row.id or 0]
        state = rules.state(
            sides, _said(given.values()), expires_on=row.expires_on, withdrawn_on=row.withdrawn_on, on=on
        )
        named = {side: bodies[key] for side, key in _bodies(row).items()}
        found.append(DirectionLine(row, refs[row.child_id], named, sides, given, state, on))
    return found


def _refs(session: Session, keys: Collection[int]) -> dict[int, str]:
    rows = session.execute(sa.select(col(Child.id), col(Child.ref)).where(col(Child.id).in_(keys)))
    return {row[0]: row[1] for row in rows}


def _bodies(row: Direction) -> dict[str, int]:
    return {
        Side.COUNTY.value: row.county_id,
        Side.MUNICIPALITY.value: row.municipality_id,
        Side.STATE.value: row.centre_id,
    }


def _said(answers: Iterable[DirectionAnswer]) -> list[Said]:
    return [Said(one.side.value, one.agrees) for one in answers]


def own_sides(session: Session, actor: Actor, line: DirectionLine) -> list[str]:
    """Return the sides that the actor may answer for and that have not answered; Helsinki answers for two at once."""
    if not actor.can(Permission.ANSWER_DIRECTION) or line.state is not State.OPEN:
        return []
    bodies = bodies_of(session, actor)
    return [side for side in line.missing if _bodies(line.row)[side] in bodies]


def answers(session: Session, line: DirectionLine) -> dict[str, Answer]:
    """Return what each side said, with the person who said it."""
    users = {one.by for one in line.answers.values()}
    names = {row.id: row.name for row in session.exec(select(User).where(col(User.id).in_(users)))}
    return {
        side: Answer(one, line.bodies[side], names[one.by]) for side, one in line.answers.items() if side in line.bodies
    }


def seen_of(session: Session, child_id: int, on: date) -> Seen:
    """Return what the parties are told of the child: age and languages, nothing of a protected one."""
    birth, protected = session.execute(
        sa.select(col(Child.birth_date), col(Child.protected)).where(col(Child.id) == child_id)
    ).one()
    if protected:
        return Seen(None, ())
    rows = session.execute(
        sa.select(col(ChildLanguage.code))
        .where(col(ChildLanguage.child_id) == child_id, col(ChildLanguage.level) >= 3)
        .order_by(col(ChildLanguage.level).desc(), col(ChildLanguage.code))
    )
    return Seen(age_on(birth, on), tuple(rows.scalars()))


def agreement_ref(session: Session, row: Direction) -> str | None:
    """Return the reference of the agreement on places that the direction rests on."""
    if row.agreement_id is None:
        return None
    return session.get_one(Agreement, row.agreement_id).ref


def to_answer(session: Session, actor: Actor, at: datetime) -> list[DirectionLine]:
    """Return the open directions that wait for an answer of the actor's body, the most urgent first."""
    if not actor.can(Permission.ANSWER_DIRECTION):
        return []
    return [one for one in lines(session, actor, at) if own_sides(session, actor, one)]
