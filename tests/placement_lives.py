"""Random lives of placements: a seeded run of operations through the real services, and a plain diary of what happened.

The diary knows nothing of the product's counting: for each child it keeps which unit it lived in on which days, as
sets of dates, and is compared with the places that the product counts.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, or_, select

from agreements.period import Period
from placement.children.tables import Child, SiblingGroup, SiblingMember, SiblingMode
from placement.clock import business_day
from placement.db import Database
from placement.decisions import closing, closing_plans, drafts
from placement.decisions.closing import ClosureCommand
from placement.decisions.drafts import Start
from placement.decisions.service import RulesBroken
from placement.decisions.tables import Decision, DecisionKind, DecisionStatus, Stay
from placement.moves import absences, life, no_place, plans, presence, transfers
from placement.moves.absences import AbsenceCommand
from placement.moves.life import Reason
from placement.moves.rules import month_of
from placement.moves.tables import Absence, NoPlace, Transfer, TransferStatus
from placement.people.tables import UserMandate
from placement.permissions import Actor
from placement.refusals import Refusal
from placement.units import capacity, places
from placement.units.tables import Closure, Unit, UnitKind
from tests.conftest import NOW
from tests.deciding import decide
from tests.placing import actor, add_child, add_unit, county, person

CHILDREN, UNITS = 6, 3


class NothingThere(Exception):
    """The operation drawn has nothing to act on yet."""


@dataclass
class Life:
    """One sequence: its dice, its clock, its children and units."""

    rng: random.Random
    number: int
    at: datetime = NOW
    children: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def today(self) -> date:
        return business_day(self.at)

    def who(self, session: Session, key: str = "social-worker") -> Actor:
        return actor(session, key)

    def manager(self, session: Session, unit_id: int) -> Actor:
        user = person(session, "unit-manager")
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one()
        mandate.unit_id = unit_id
        session.add(mandate)
        session.flush()
        return actor(session, "unit-manager")


def live(database: Database, seed: int, number: int, steps: int) -> Life:
    """Run `steps` random operations, each in its own transaction; a refusal is one, nothing to act on is none."""
    story = Life(random.Random(f"{seed}:{number}"), number)
    database.write(lambda session: _begin(session, story))
    lived = tried = 0
    while lived < steps:
        tried += 1
        assert tried < 60 * steps, f"life {seed}:{number} found nothing to do"
        operation = story.rng.choices(OPERATIONS, WEIGHTS)[0]
        try:
            if not database.write(lambda session, operation=operation: _tried(session, story, operation)):  # type: ignore[misc]
                continue
            story.done[operation.__name__] += 1
        except (Refusal, RulesBroken) as refused:
            story.refused[refused.code] += 1
        lived += 1
        story.at += timedelta(hours=story.rng.choice((0, 0, 1, 7, 24, 24, 72, 240)))
    return story


def _tried(session: Session, story: Life, operation: Callable[[Session, Life], object]) -> bool:
    try:
        operation(session, story)
    except NothingThere:
        return False
    return True


def _begin(session: Session, story: Life) -> None:
    """Give the sequence units of its own: a home, a small home and supported housing, and six children."""
    rng = story.rng
    for kind, size in (
        (UnitKind.FAMILY_GROUP_HOME, 3),
        (UnitKind.FAMILY_GROUP_HOME, 2),
        (UnitKind.SUPPORTED_HOUSING, 2),
    ):
        unit = add_unit(session, f"Elo {story.number} {len(story.units)}", places=size, kind=kind, care_hours=2000)
        story.units.append(unit.id or 0)
    for n in range(CHILDREN):
        born = story.today - timedelta(days=rng.choice((4000, 5200, 6300, 6500, 6600, 7500)))
        child = add_child(
            session, f"Elo {story.number} {n}", birth_date=born, entered_on=story.today - timedelta(days=90)
        )
        story.children.append(child.id or 0)
    group = SiblingGroup(county_id=county(session).id or 0, mode=SiblingMode.SHOULD)
    session.add(group)
    session.flush()
    for key in story.children[:2]:
        session.add(SiblingMember(child_id=key, group_id=group.id or 0))


def _child(session: Session, story: Life) -> Child:
    return session.get_one(Child, story.rng.choice(story.children), populate_existing=True)


def _unit(session: Session, story: Life) -> Unit:
    return session.get_one(Unit, story.rng.choice(story.units), populate_existing=True)


def _some_stay(session: Session, story: Life, *conditions: Any) -> tuple[Child, Stay]:
    rows = session.exec(
        select(Stay).where(col(Stay.child_id).in_(story.children), *conditions).order_by(col(Stay.id))
    ).all()
    if not rows:
        raise NothingThere
    stay = story.rng.choice(rows)
    return session.get_one(Child, stay.child_id), stay


def _near(story: Life, day: date | None, spread: int = 4) -> date:
    return (day or story.today) + timedelta(days=story.rng.randint(-spread, spread))


def decide_place(session: Session, story: Life) -> None:
    child, unit = _child(session, story), _unit(session, story)
    start = story.today + timedelta(days=story.rng.choice((0, 0, 3, 20)))
    end = start + timedelta(days=story.rng.choice((5, 40, 400))) if story.rng.random() < 0.5 else None
    decide(session, story.who(session), Start(child.ref, unit.ref, start=start, end=end), story.at)


def decide_urgently(session: Session, story: Life) -> None:
    child, unit = _child(session, story), _unit(session, story)
    start = story.today + timedelta(days=story.rng.choice((0, 0, 1)))
    end = start + timedelta(days=story.rng.choice((40, 80))) if story.rng.random() < 0.6 else None
    urgent = {"urgent_reason": "x", "assessment_on": None, "legal_bases": ("care_arranged", "urgent")}
    asked = Start(child.ref, unit.ref, start=start, end=end, kind=DecisionKind.URGENT)
    decide(session, story.who(session), asked, story.at, kind="urgent", **urgent)


def confirm_urgent(session: Session, story: Life) -> None:
    """Decide on the assessment for the unit where an urgent decision put the child; sometimes longer or shorter."""
    child, stay = _some_stay(
        session,
        story,
        col(Stay.decision_id).in_(select(Decision.id).where(Decision.kind == DecisionKind.URGENT)),
        or_(col(Stay.end).is_(None), col(Stay.end) > story.today),
    )
    unit, first = session.get_one(Unit, stay.unit_id), max(story.today, stay.start or story.today)
    days = story.rng.choice((None, 30, 200))
    end = first + timedelta(days=days) if days else stay.end
    stays_before = len(session.exec(select(Stay.id).where(Stay.child_id == stay.child_id)).all())
    asked = Start(child.ref, unit.ref, start=first, end=end)
    draft = drafts.start_decision(session, story.who(session), asked, at=story.at)
    if story.rng.random() < 0.2:
        return
    decide(session, story.who(session), asked, story.at)
    after = session.exec(select(Stay).where(Stay.child_id == stay.child_id)).all()
    assert draft.confirms_id == stay.decision_id
    assert len(after) == stays_before


def hold_place(session: Session, story: Life) -> None:
    child, unit = _child(session, story), _unit(session, story)
    drafts.start_decision(session, story.who(session), Start(child.ref, unit.ref), at=story.at)


def give_up(session: Session, story: Life) -> None:
    query = select(Decision).where(col(Decision.child_id).in_(story.children), Decision.status == DecisionStatus.DRAFT)
    rows = session.exec(query.order_by(col(Decision.id))).all()
    if not rows:
        raise NothingThere
    drafts.discard(session, story.who(session), story.rng.choice(rows).ref, at=story.at)


def arrive(session: Session, story: Life) -> None:
    child, stay = _some_stay(session, story, col(Stay.realised_start).is_(None))
    day = story.rng.choice((stay.start or story.today, _near(story, stay.start)))
    who = story.who(session) if story.rng.random() < 0.5 else story.manager(session, stay.unit_id)
    life.record_arrival(session, who, child.ref, stay.start or day, day, version=stay.version, at=story.at)


def not_come(session: Session, story: Life) -> None:
    child, stay = _some_stay(session, story, col(Stay.realised_start).is_(None))
    life.not_begun(
        session,
        story.who(session),
        child.ref,
        stay.start or story.today,
        Reason("did-not-come"),
        version=stay.version,
        at=story.at,
    )


def leave(session: Session, story: Life) -> None:
    child, stay = _some_stay(session, story, col(Stay.realised_start).is_not(None))
    day = story.rng.choice((story.today, _near(story, stay.end), _near(story, story.today)))
    life.record_departure(
        session,
        story.who(session),
        child.ref,
        stay.start or day,
        day,
        Reason("own-wish"),
        needs_place=story.rng.random() < 0.6,
        version=stay.version,
        at=story.at,
    )


def go_away(session: Session, story: Life) -> None:
    child, stay = _some_stay(session, story, col(Stay.realised_start).is_not(None))
    first = _near(story, story.today)
    back = first + timedelta(days=story.rng.randint(0, 5)) if story.rng.random() < 0.5 else None
    command = AbsenceCommand(story.rng.choice(("visit", "ran-away")), first, back)
    absences.record_absence(
        session, story.who(session), child.ref, stay.start or first, command, version=stay.version, at=story.at
    )


def come_back(session: Session, story: Life) -> None:
    query = select(Absence).where(col(Absence.child_id).in_(story.children), col(Absence.back_on).is_(None))
    rows = session.exec(query.order_by(col(Absence.id))).all()
    if not rows:
        raise NothingThere
    row = story.rng.choice(rows)
    child = session.get_one(Child, row.child_id)
    command = AbsenceCommand(row.kind, row.started_on, _near(story, story.today))
    absences.record_return(
        session, story.who(session), child.ref, row.started_on, command, version=row.version, at=story.at
    )


def plan_move(session: Session, story: Life) -> None:
    child, unit = _child(session, story), _unit(session, story)
    plans.ask(
        session,
        story.who(session),
        child.ref,
        unit.ref,
        story.today + timedelta(days=story.rng.randint(-1, 20)),
        reason="x",
        keep_school=True,
        at=story.at,
    )


def transfer(session: Session, story: Life) -> None:
    """Ask the other county, or let it answer what is open."""
    asked = select(Transfer).where(col(Transfer.child_id).in_(story.children), Transfer.status == TransferStatus.ASKED)
    open_ = session.exec(asked.order_by(col(Transfer.id))).first()
    if open_ is None:
        child = _child(session, story)
        day = story.today + timedelta(days=story.rng.randint(0, 20))
        command = transfers.TransferCommand(county(session, "04").id or 0, day, "x", ("needs",))
        transfers.ask(session, story.who(session), child.ref, command, at=story.at)
        return
    other, version = story.who(session, "other-social-worker"), open_.version
    act = story.rng.random()
    if act < 0.4:
        transfers.accept(session, other, open_.ref, version=version, at=story.at)
    elif act < 0.8:
        transfers.refuse(session, other, open_.ref, "no-places", None, version=version, at=story.at)
    else:
        transfers.withdraw(session, story.who(session), open_.ref, version=version, at=story.at)


def close_places(session: Session, story: Life) -> None:
    unit = _unit(session, story)
    first = story.today + timedelta(days=story.rng.choice((0, 0, 10, 30)))
    last = first + timedelta(days=story.rng.randint(0, 40)) if story.rng.random() < 0.7 else None
    size = story.rng.choice((None, 1, 2))
    emergency = first == story.today and story.rng.random() < 0.5
    command = ClosureCommand(Period(first, last), size, "Remontti", emergency)
    closing.close_places(session, story.who(session, "coordinator"), unit.ref, command, at=story.at)


def _closing(session: Session, story: Life) -> Closure:
    rows = session.exec(
        select(Closure).where(
            col(Closure.unit_id).in_(story.units), col(Closure.planned), col(Closure.cancelled_at).is_(None)
        )
    ).all()
    if not rows:
        raise NothingThere
    return story.rng.choice(sorted(rows, key=lambda row: row.id or 0))


def confirm_closing(session: Session, story: Life) -> None:
    row = _closing(session, story)
    closing.confirm(session, story.who(session, "coordinator"), row.ref or "", version=row.version, at=story.at)


def cancel_closing(session: Session, story: Life) -> None:
    row = _closing(session, story)
    closing_plans.cancel(session, story.who(session, "coordinator"), row.ref or "", version=row.version, at=story.at)


def set_places(session: Session, story: Life) -> None:
    unit = _unit(session, story)
    first = story.today + timedelta(days=story.rng.choice((0, 15)))
    command = places.PlacesCommand(Period(first), story.rng.randint(0, 4), 7)
    places.set_places(session, story.who(session, "coordinator"), unit.ref, command, version=unit.version, at=story.at)


def look_for_place(session: Session, story: Life) -> None:
    child = _child(session, story)
    known = session.exec(select(NoPlace).where(NoPlace.child_id == child.id, col(NoPlace.ended_on).is_(None))).first()
    if known is None:
        no_place.declare(session, story.who(session), child.ref, at=story.at)
    else:
        no_place.try_again(session, None, child.id or 0, at=story.at)


def confirm_presence(session: Session, story: Life) -> None:
    unit = _unit(session, story)
    who = story.manager(session, unit.id or 0)
    month = month_of(month_of(story.today)[0] - timedelta(days=1))[0]
    shown = presence.sheet(session, unit.id or 0, month)
    presence.confirm(session, who, month, shown.seal, "", at=story.at)


def lived(session: Session, story: Life, unit_id: int, day: date) -> set[int]:
    """Return who is in the unit that day by the rows alone: realised, else decided, else planned days."""
    found = set()
    for stay in session.exec(select(Stay).where(Stay.unit_id == unit_id)):
        first = stay.realised_start or stay.decided_start or stay.planned_start
        last = stay.realised_end or stay.decided_end or stay.planned_end
        if first <= day and (last is None or day < last):
            found.add(stay.child_id)
    return found


def differences(session: Session, story: Life) -> list[str]:
    """Return where the product's count of stays differs from the rows, or a child is in two units on one day."""
    wrong = []
    for offset in (-40, -7, -1, 0, 1, 9, 30, 200):
        day = story.today + timedelta(days=offset)
        counts = capacity.counts(session, story.units, day, story.at)
        inside = {unit_id: lived(session, story, unit_id, day) for unit_id in story.units}
        wrong += [
            f"{unit_id} on {day}: {counts[unit_id].stays} counted, {len(inside[unit_id])} there"
            for unit_id in story.units
            if counts[unit_id].stays != len(inside[unit_id])
        ]
        everybody = [child for children in inside.values() for child in children]
        if len(everybody) != len(set(everybody)):
            wrong.append(f"{day}: somebody is in two units")
    return wrong


OPERATIONS: tuple[Callable[[Session, Life], None], ...] = (
    decide_place,
    decide_urgently,
    confirm_urgent,
    hold_place,
    give_up,
    arrive,
    not_come,
    leave,
    go_away,
    come_back,
    plan_move,
    transfer,
    close_places,
    confirm_closing,
    cancel_closing,
    set_places,
    look_for_place,
    confirm_presence,
)
WEIGHTS = (14, 6, 5, 4, 2, 12, 3, 5, 6, 4, 4, 3, 3, 3, 1, 2, 3, 3)
