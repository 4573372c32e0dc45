"""Keeping a place while a decision is being written: 30 minutes, once 30 more, and never a minute longer.

A hold counts while `at < expires_at` and it is not released (rule C6). Nothing has to run for it to end.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from placement.decisions import booking
from placement.decisions.booking import Wanted
from placement.decisions.rules import Broken
from placement.decisions.tables import Hold
from placement.permissions import Actor
from placement.refusals import Conflict

HOLD_TIME = timedelta(minutes=30)


def is_live(hold: Hold | None, at: datetime) -> bool:
    return hold is not None and hold.released_at is None and at < hold.expires_at


def take(
    session: Session, wanted: Wanted, *, county_id: int, actor: Actor, at: datetime
) -> tuple[Hold | None, tuple[Broken, ...]]:
    """Hold the place for 30 minutes; return the hold and the rules it breaks that a second official may allow.

    Locks child and unit first. An earlier hold of the same child ends: a child waits for one place at a
    time. On days of a stay that the booking confirms the child has the place: nothing is held then.
    Raises BookingRefused when a rule is broken that nobody may break (no place, no right, safety).
    """
    booking.lock(session, wanted)
    for earlier in _live_of_child(session, wanted.child_id, at):
        release(session, earlier, at=at)
    broken = booking.refuse_impossible(session, wanted, at)
    days = booking.days_to_hold(session, wanted)
    if days is None:
        return None, broken
    hold = Hold(
        child_id=wanted.child_id,
        unit_id=wanted.unit_id,
        county_id=county_id,
        start=days[0],
        end=days[1],
        made_by=actor.user_id,
        made_at=at,
        expires_at=at + HOLD_TIME,
    )
    session.add(hold)
    session.flush()
    return hold, broken


def extend(session: Session, hold: Hold, *, at: datetime) -> None:
    """Keep the place 30 minutes more, counted from its end. Raises Conflict when it ran out or was extended before."""
    if not is_live(hold, at):
        raise Conflict("hold-over")
    if hold.extended:
        raise Conflict("hold-extended-once")
    hold.expires_at += HOLD_TIME
    hold.extended = True
    session.add(hold)
    session.flush()


def release(session: Session, hold: Hold, *, at: datetime) -> None:
    """Give the place back; a hold that is over stays as it was."""
    if is_live(hold, at):
        hold.released_at = at
        session.add(hold)
        session.flush()


def _live_of_child(session: Session, child_id: int, at: datetime) -> list[Hold]:
    return list(
        session.exec(
            select(Hold).where(Hold.child_id == child_id, col(Hold.released_at).is_(None), col(Hold.expires_at) > at)
        )
    )
