"""Booking a place under lock: load today's rows, ask the rules, write the stay or say why not.

A booking first locks the child's row, then the unit's (always in this order, so two bookings cannot wait for
each other), then reads. PostgreSQL makes the second booking of a unit wait there; SQLite's writer holds the
only write lock from its first statement (BEGIN IMMEDIATE). A stay is written in the transaction that found
the place free, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlmodel import Session, col, or_, select

from placement.children import queries as child_queries
from placement.children.queries import ChildFacts
from placement.children.tables import Child, SiblingMode
from placement.db import Database, lock_row
from placement.decisions import rules
from placement.decisions.confirming import provisional
from placement.decisions.rules import Booking, Broken, OfferFacts, OwnStay, Resident
from placement.decisions.tables import BookingRefusal, Hold, ProposalRow, Stay
from placement.permissions import Actor
from placement.refusals import Conflict
from placement.units import capacity
from placement.units import queries as unit_queries
from placement.units import rules as places
from placement.units.queries import UnitFacts
from placement.units.rules import UnitBook, without
from placement.units.tables import Unit

RESULT = TypeVar("RESULT")


class BookingRefused(Conflict):
    """No booking: `broken` names every rule nobody may break; `code` is the first of them."""

    def __init__(self, child_id: int, unit_id: int, broken: tuple[Broken, ...]) -> None:
        super().__init__(broken[0].code)
        self.facts = dict(broken[0].about)
        self.child_id = child_id
        self.unit_id = unit_id
        self.broken = broken


@dataclass(frozen=True)
class Wanted:
    """A booking somebody asks for: [start, end). `proposal_id` names the proposal it follows, if any.

    `may_confirm`: it is for an ordinary decision, which may confirm the stay of an urgent one.
    """

    child_id: int
    unit_id: int
    start: date
    end: date
    proposal_id: int | None = None
    may_confirm: bool = False


def lock(session: Session, wanted: Wanted) -> tuple[Child, Unit]:
    """Lock the child's row and the unit's to the end of the transaction and return both."""
    child = lock_row(session, Child, wanted.child_id)
    unit = lock_row(session, Unit, wanted.unit_id)
    return child, unit


def broken_rules(session: Session, wanted: Wanted, at: datetime) -> tuple[Broken, ...]:
    """Return every rule the booking breaks by the rows of this moment; under `lock` the answer holds until commit.

    The child's own holds and stays in the unit are not counted against it.
    """
    return rules.broken_rules(facts(session, wanted, at))


def refuse_impossible(session: Session, wanted: Wanted, at: datetime) -> tuple[Broken, ...]:
    """Return the broken rules that a second official may allow; raises BookingRefused for one that nobody may."""
    broken = broken_rules(session, wanted, at)
    absolute = tuple(one for one in broken if one.absolute)
    if absolute:
        raise BookingRefused(wanted.child_id, wanted.unit_id, absolute)
    return broken


def attempt(database: Database, actor: Actor, at: datetime, work: Callable[[Session], RESULT]) -> RESULT:
    """Run a booking in one transaction; when it is refused, keep nothing of it but the refusal, and raise that on.

    The booking's part is undone by a savepoint, so that the refusal (rule C7) is on record under the same lock
    and each attempt waits for the lock once.
    """

    def run(session: Session) -> RESULT | BookingRefused:
        try:
            with session.begin_nested():
                return work(session)
        except BookingRefused as refused:
            _note(session, actor, refused, at)
            return refused

    outcome = database.write(run)
    if isinstance(outcome, BookingRefused):
        raise outcome
    return outcome


def _note(session: Session, actor: Actor, refused: BookingRefused, at: datetime) -> None:
    for one in refused.broken:
        session.add(
            BookingRefusal(
                unit_id=refused.unit_id, child_id=refused.child_id, user_id=actor.user_id, at=at, code=one.code
            )
        )
    session.flush()


def confirmed(session: Session, wanted: Wanted) -> Stay | None:
    """Return the stay that the booking would confirm instead of adding one, or None."""
    if not wanted.may_confirm:
        return None
    return next(
        (
            stay
            for stay, own in zip(*_own(session, wanted.child_id), strict=True)
            if own.provisional and own.unit_id == wanted.unit_id and own.covers(wanted.start)
        ),
        None,
    )


def days_to_hold(session: Session, wanted: Wanted) -> tuple[date, date] | None:
    """Return the days [start, end) on which a place must be held: those the child has no place yet; None = it has."""
    kept = confirmed(session, wanted)
    if kept is None:
        return wanted.start, wanted.end
    return (kept.end, wanted.end) if kept.end is not None and kept.end < wanted.end else None


def confirm_stay(session: Session, wanted: Wanted, stay: Stay) -> None:
    """Let the stay of an urgent decision go on, now to the day that the decision on the assessment says."""
    if stay.end != wanted.end:
        stay.decided_end, stay.end_reason = wanted.end, None
    stay.version += 1
    session.add(stay)
    session.flush()


def add_stay(session: Session, wanted: Wanted, *, county_id: int, decision_id: int | None) -> tuple[Stay, list[Stay]]:
    """Add the decided stay; return it and the stays it ends: the child leaves the old place on the first day here."""
    ended = []
    for old in _own_stays(session, wanted.child_id):
        if old.start is not None and old.start < wanted.start and (old.end is None or old.end > wanted.start):
            old.decided_end, old.end_reason = wanted.start, "moved"
            old.version += 1
            session.add(old)
            ended.append(old)
    stay = Stay(
        child_id=wanted.child_id,
        unit_id=wanted.unit_id,
        county_id=county_id,
        decision_id=decision_id,
        planned_start=wanted.start,
        planned_end=wanted.end,
        decided_start=wanted.start,
        decided_end=wanted.end,
    )
    session.add(stay)
    session.flush()
    return stay, ended


def facts(session: Session, wanted: Wanted, at: datetime) -> Booking:
    """Return everything the rules look at for this booking."""
    return facts_of_many(session, wanted, [wanted.unit_id], at)[wanted.unit_id]


def facts_of_many(session: Session, wanted: Wanted, unit_ids: Collection[int], at: datetime) -> dict[int, Booking]:
    """Return the same for each of these units instead of the wanted one; a fixed number of statements."""
    found = capacity.books(session, unit_ids, at, since=wanted.start)
    units = unit_queries.everything_about(session, unit_ids)
    others = {key: _others(book, wanted) for key, book in found.items()}
    everybody = {one.child_id for rows in others.values() for one in rows}
    known = child_queries.everything_about(session, {wanted.child_id, *everybody})
    child = known[wanted.child_id]
    own_stays = tuple(_own(session, wanted.child_id)[1])
    siblings = _Siblings.of(session, child, wanted, at)
    return {
        key: Booking(
            child=child_facts(child),
            offer=offer_facts(units[key], wanted.start),
            book=without(book, child_id=wanted.child_id),
            start=wanted.start,
            end=wanted.end,
            residents=tuple(Resident(child_facts(known[one.child_id]), one.start, one.end) for one in others[key]),
            own_stays=own_stays,
            banned=key in child.bans,
            apart_here=len({one.child_id for one in others[key]} & child.apart),
            siblings_elsewhere=siblings.elsewhere(key),
            may_confirm=wanted.may_confirm,
        )
        for key, book in found.items()
    }


def _others(book: UnitBook, wanted: Wanted) -> list[places.Booking]:
    """Return the stays and live holds of other children that share a day with the booking."""
    return [
        one
        for one in (*book.stays, *book.holds)
        if one.child_id != wanted.child_id and one.start < wanted.end and (one.end is None or wanted.start < one.end)
    ]


def child_facts(child: ChildFacts) -> rules.ChildFacts:
    return rules.ChildFacts(
        id=child.id,
        county_id=child.county_id,
        birth_date=child.birth_date,
        entered_on=child.entered_on,
        gender=child.gender.value,
        support_level=child.support_level,
        care_hours=child.care_hours,
        language_hours=child.language_hours,
        interpreter_hours=child.interpreter_hours,
        languages=child.languages,
        services=child.needs,
    )


def offer_facts(unit: UnitFacts, on: date) -> OfferFacts:
    return OfferFacts(
        kind=unit.kind,
        age_min_months=unit.age_min_months,
        age_max_months=unit.age_max_months,
        gender=unit.gender,
        support_min=unit.support_min,
        support_max=unit.support_max,
        care_hours=unit.care_hours,
        interpreter_hours=unit.interpreter_hours,
        languages=unit.languages,
        services=unit.services,
        quota=unit.quotas_on(on),
    )


def _own_stays(session: Session, child_id: int) -> list[Stay]:
    return list(session.exec(select(Stay).where(Stay.child_id == child_id).order_by(col(Stay.start))))


def _own(session: Session, child_id: int) -> tuple[list[Stay], list[OwnStay]]:
    """Return the child's stays twice, in the same order: as rows, and as the rules see them."""
    rows = [row for row in _own_stays(session, child_id) if row.start is not None]
    open_ones = provisional(session, [row.decision_id for row in rows if row.realised_end is None])
    facts_ = [OwnStay(row.unit_id, row.start or date.min, row.end, row.decision_id in open_ones) for row in rows]
    return rows, facts_


@dataclass(frozen=True)
class _Siblings:
    """Where must-siblings have a place on days of the booking, and who is on the way by the same proposal."""

    placed: frozenset[tuple[int, int]] = frozenset()
    coming: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def of(cls, session: Session, child: ChildFacts, wanted: Wanted, at: datetime) -> _Siblings:
        if child.siblings is None or child.siblings.mode is not SiblingMode.MUST:
            return cls()
        others = set(child.siblings.members) - {child.id}
        placed = {(row.child_id, row.unit_id) for row in _places_of(session, others, wanted, at)}
        coming: set[tuple[int, int]] = set()
        if wanted.proposal_id is not None:
            rows = session.exec(
                select(ProposalRow.child_id, ProposalRow.unit_id).where(
                    ProposalRow.proposal_id == wanted.proposal_id, col(ProposalRow.child_id).in_(others)
                )
            )
            coming = {(child_id, unit_id) for child_id, unit_id in rows if unit_id is not None}
        return cls(frozenset(placed), frozenset(coming))

    def elsewhere(self, unit_id: int) -> int:
        """Return how many siblings live in another unit and are not in this one or on their way to it."""
        here = {child for child, unit in self.placed | self.coming if unit == unit_id}
        return len({child for child, _ in self.placed} - here)


def _places_of(session: Session, child_ids: Collection[int], wanted: Wanted, at: datetime) -> list[Stay | Hold]:
    stays = session.exec(
        select(Stay).where(
            col(Stay.child_id).in_(child_ids),
            col(Stay.start) < wanted.end,
            or_(col(Stay.end).is_(None), col(Stay.end) > wanted.start),
        )
    ).all()
    holds = session.exec(
        select(Hold).where(
            col(Hold.child_id).in_(child_ids),
            col(Hold.released_at).is_(None),
            col(Hold.expires_at) > at,
            Hold.start < wanted.end,
            or_(col(Hold.end).is_(None), col(Hold.end) > wanted.start),
        )
    ).all()
    return [*stays, *holds]
