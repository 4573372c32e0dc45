"""The weekly look for a place, done by the job process: each child in a transaction of its own."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from placement.clock import Clock, business_day
from placement.db import Database
from placement.moves import no_place
from placement.moves.tables import NoPlace
from placement.refusals import Conflict


def look_again(database: Database, clock: Clock) -> int:
    """Look for a place for each child whose week is over; return for how many. Nobody acts: the trail says so.

    A child whom somebody looked for, or who got a place, in between is left alone.
    """
    with database.read_only() as session:
        waiting = no_place.due(session, business_day(clock()))
    done = 0
    for child_id in waiting:
        try:
            database.write(partial(_again, child_id=child_id, clock=clock))
        except Conflict:
            continue
        done += 1
    return done


def _again(session: Session, *, child_id: int, clock: Clock) -> NoPlace:
    return no_place.try_again(session, None, child_id, at=clock())
