"""Children and their places: C3, C4, C6, C7, C9, C10, C11 and C17. A stay covers start ≤ d < end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements.check import Result
from placement.children.rules import Status, StayDates, status
from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions.rules import ABSOLUTE, last_leaving_day
from placement.decisions.tables import BookingRefusal, Decision, DecisionKind, DecisionStatus, Hold, Stay
from placement.moves.tables import StayNotBegun
from placement.units import capacity, rules
from placement.units.rules import UnitBook
from placement.units.tables import Closure, Unit

COUNTED_DAYS = 31


@dataclass(frozen=True)
class OneChild:
    """What the checks need to know of a child; no name is read."""

    ref: str
    birth_date: date
    entered_on: date
    waiting_since: date | None


@dataclass(frozen=True)
class Book:
    children: dict[int, OneChild]
    units: dict[int, Unit]
    stays: dict[int, list[Stay]]
    books: dict[int, UnitBook]
    on: date
    at: datetime


def run(session: Session, at: datetime) -> list[Result]:
    """Return the results over every child, stay and hold."""
    book = _load(session, at)
    return [
        one_place_at_a_time(book),
        within_the_right(book),
        holds_end_by_themselves(session, book),
        bookings_within_capacity(session, book),
        lowered_with_a_plan(session, book),
        a_moving_day_counts_once(book),
        both_sums_agree(book),
        statuses_follow_from_stays(book),
    ]


def _load(session: Session, at: datetime) -> Book:
    rows = session.execute(
        sa.select(col(Child.id), col(Child.ref), col(Child.birth_date), col(Child.entered_on), col(Child.waiting_since))
    )
    stays: dict[int, list[Stay]] = defaultdict(list)
    for stay in session.exec(select(Stay).order_by(col(Stay.start), col(Stay.id))):
        stays[stay.child_id].append(stay)
    units = {one.id: one for one in session.exec(select(Unit)) if one.id is not None}
    return Book(
        children={row[0]: OneChild(*row[1:]) for row in rows},
        units=units,
        stays=stays,
        books=capacity.books(session, units, at),
        on=business_day(at),
        at=at,
    )


def _dates(stays: Iterable[Stay]) -> list[StayDates]:
    return [StayDates(stay.start, stay.end) for stay in stays if stay.start is not None]


def one_place_at_a_time(book: Book) -> Result:
    """C3: no child has two stays covering the same date."""
    breaches = [
        f"{book.children[child].ref}: two stays on {second.start}"
        for child, stays in book.stays.items()
        for first, second in pairwise(_dates(stays))
        if first.end is None or second.start < first.end
    ]
    return Result("C3", sum(len(stays) for stays in book.stays.values()), breaches)


def within_the_right(book: Book) -> Result:
    """C4: a stay begins before it ends, not before the child came, and ends with the right to the place."""
    breaches, checked = [], 0
    for child, stays in book.stays.items():
        one = book.children[child]
        for stay in stays:
            checked += 1
            start, end = stay.start or stay.planned_start, stay.end
            last = last_leaving_day(one.birth_date, book.units[stay.unit_id].kind, start)
            if end is not None and end <= start:
                breaches.append(f"{one.ref}: a stay from {start} ends on {end}")
            if start < one.entered_on:
                breaches.append(f"{one.ref}: a stay from {start}, but the child came on {one.entered_on}")
            if end is not None and end > last:
                breaches.append(f"{one.ref}: a stay until {end}, but the right ends on {last}")
    return Result("C4", checked, breaches)


def holds_end_by_themselves(session: Session, book: Book) -> Result:
    """C6: a hold counts until its end and never after; the hold of a made decision was given back with it."""
    live: dict[int, set[int]] = defaultdict(set)
    for hold in session.exec(select(Hold)):
        if hold.released_at is None and book.at < hold.expires_at:
            live[hold.unit_id].add(hold.id or 0)
    breaches = [
        f"{book.units[key].ref}: places count other holds than those that are live"
        for key, one in book.books.items()
        if {row.row_id for row in one.holds} != live.get(key, set())
    ]
    kept = session.execute(
        sa.select(col(Decision.ref))
        .join(Hold, col(Hold.id) == col(Decision.hold_id))
        .where(
            col(Decision.status) == DecisionStatus.MADE,
            col(Hold.released_at).is_(None),
            col(Hold.expires_at) > col(Decision.decided_at),
        )
    )
    breaches += [f"{row[0]}: made, but its hold was kept beside the stay" for row in kept]
    return Result("C6", len(book.books), breaches)


def bookings_within_capacity(session: Session, book: Book) -> Result:
    """C7: each made decision booked exactly one stay, into a place that was there; each refusal booked none.

    A stay that never began stands apart from the stays; a decision has one or the other. One that confirmed an urgent
    decision has none of its own: the stay rests on the urgent one, of the same child and unit.
    """
    stays: dict[int, list[Stay]] = defaultdict(list)
    for rows in book.stays.values():
        for stay in rows:
            if stay.decision_id is not None:
                stays[stay.decision_id].append(stay)
    never = {one.decision_id: one for one in session.exec(select(StayNotBegun)) if one.decision_id is not None}
    breaches, checked = [], 0
    made = {one.id: one for one in session.exec(select(Decision).where(Decision.status == DecisionStatus.MADE))}
    for decision in made.values():
        checked += 1
        booked, gone = stays.get(decision.id or 0, []), never.get(decision.id or 0)
        if decision.confirms_id is not None:
            fault = _confirming_fault(decision, made.get(decision.confirms_id), booked)
        else:
            fault = _booking_fault(decision, booked, gone, book)
        breaches += [f"{decision.ref}: {fault}"] if fault else []
    for refusal in session.exec(select(BookingRefusal)):
        checked += 1
        if refusal.code not in ABSOLUTE:
            breaches.append(f"refusal {refusal.id}: {refusal.code} is no rule that refuses a booking")
    return Result("C7", checked, breaches)


def _confirming_fault(decision: Decision, first: Decision | None, booked: list[Stay]) -> str | None:
    kinds = (first.kind, decision.kind) if first is not None else None
    same = first is not None and (first.child_id, first.unit_id) == (decision.child_id, decision.unit_id)
    if kinds == (DecisionKind.URGENT, DecisionKind.PLACEMENT) and same and not booked:
        return None
    return "confirms no urgent decision of this child and unit"


def _booking_fault(decision: Decision, booked: list[Stay], gone: StayNotBegun | None, book: Book) -> str | None:
    if gone is not None and not booked and (gone.child_id, gone.unit_id) == (decision.child_id, decision.unit_id):
        return None
    if len(booked) != 1 or booked[0].child_id != decision.child_id or booked[0].unit_id != decision.unit_id:
        return f"{len(booked)} stays of this child and unit rest on it"
    day = max(booked[0].start or decision.start, book.on)
    over = rules.count_on(book.books[decision.unit_id], day).over
    return f"booked into a unit that is overfull on {day}" if over else None


def lowered_with_a_plan(session: Session, book: Book) -> Result:
    """C9: where a closure leaves children without a place, it is a recorded emergency."""
    breaches = []
    checked = sum(len(one.in_use) + len(one.closures) for one in book.books.values())
    for closure in session.exec(select(Closure).where(col(Closure.cancelled_at).is_(None))):
        one = book.books[closure.unit_id]
        for day in (day for day in rules.change_days(one) if day >= book.on):
            covered = closure.valid_from <= day and (closure.valid_to is None or day <= closure.valid_to)
            if covered and not closure.emergency and rules.count_on(one, day).over:
                breaches.append(
                    f"{book.units[closure.unit_id].ref}: closed on {day} with children inside, no emergency"
                )
                break
    return Result("C9", checked, breaches)


def a_moving_day_counts_once(book: Book) -> Result:
    """C10: the days of a child are its distinct covered dates, up to today."""
    breaches = []
    for child, stays in book.stays.items():
        days, distinct = 0, set()
        for one in _dates(stays):
            end = min(one.end or book.on, book.on)
            covered = [one.start + timedelta(days=n) for n in range(max(0, (end - one.start).days))]
            days += len(covered)
            distinct |= set(covered)
        if days != len(distinct):
            breaches.append(f"{book.children[child].ref}: {days} days counted on {len(distinct)} dates")
    return Result("C10", len(book.stays), breaches)


def both_sums_agree(book: Book) -> Result:
    """C11: over the last month, children in units = children covered by a stay, day by day."""
    breaches = []
    days = [book.on - timedelta(days=n) for n in range(COUNTED_DAYS)]
    dates = {child: _dates(stays) for child, stays in book.stays.items()}
    for day in days:
        in_units = sum(rules.count_on(one, day).stays for one in book.books.values())
        covered = sum(any(one.covers(day) for one in stays) for stays in dates.values())
        if in_units != covered:
            breaches.append(f"{day}: {in_units} children in units, {covered} covered by a stay")
    return Result("C11", len(days) * len(book.books), breaches)


def statuses_follow_from_stays(book: Book) -> Result:
    """C17: who is placed today has a stay covering today; who waits has none."""
    breaches = []
    for key, child in book.children.items():
        dates = _dates(book.stays.get(key, []))
        lives = any(one.start <= book.on and (one.end is None or book.on < one.end) for one in dates)
        word = status(dates, waiting_since=child.waiting_since, on=book.on)
        if (word is Status.PLACED) != lives or (word is Status.WAITING and lives):
            breaches.append(f"{child.ref}: {word}, but {'has' if lives else 'has no'} stay today")
        if child.waiting_since is not None and any(one.end is None for one in dates if one.covers(book.on)):
            breaches.append(f"{child.ref}: waits, but has a place without an end")
    return Result("C17", len(book.children), breaches)
