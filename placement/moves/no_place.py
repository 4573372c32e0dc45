"""No suitable place: a state of its own with what stands in the way, looked at again every week until it ends.

A look asks every unit in sight by the rules of a booking, as they stand that day: nobody else is moved and no place
is kept. It ends when a look finds a place, or when the child waits no more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from placement.audit.service import record
from placement.children import access
from placement.children.queries import everything_about
from placement.children.tables import Child
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions import booking, rules
from placement.decisions.booking import Wanted
from placement.decisions.problem_builder import last_day_of_need
from placement.moves.rules import RETRY
from placement.moves.tables import NoPlace
from placement.people.queries import cooperating_counties
from placement.permissions import Actor
from placement.refusals import Conflict, Refusal
from placement.units.queries import units_of_county

FOUND, NO_LONGER_WAITS = "place-found", "no-longer-waits"


@dataclass(frozen=True)
class Look:
    """What one look found: how many units have a place that breaks no rule, and what keeps the child out elsewhere."""

    found: int
    blocking: Mapping[str, int]


def look(session: Session, child_id: int, county_id: int, at: datetime) -> Look:
    """Ask every unit of the county and of those it co-operates with; nothing is changed."""
    facts = everything_about(session, [child_id])[child_id]
    today = business_day(at)
    start = max(today, facts.place_from or today)
    _, together = cooperating_counties(session, county_id, today)
    wanted = Wanted(child_id, 0, start, last_day_of_need(facts, start))
    found, blocking = 0, Counter[str]()
    for one in booking.facts_of_many(session, wanted, units_of_county(session, together), at).values():
        broken = rules.broken_rules(one)
        found += not broken
        blocking.update({broken[0].code} if broken else ())
    return Look(found, dict(sorted(blocking.items(), key=lambda item: (-item[1], item[0]))))


def open_of(session: Session, child_id: int) -> NoPlace | None:
    """Return the open state of a child, or None."""
    return session.exec(select(NoPlace).where(NoPlace.child_id == child_id, col(NoPlace.ended_on).is_(None))).first()


def declare(session: Session, actor: Actor, child_ref: str, *, at: datetime) -> NoPlace:
    """Put on record that no suitable place was found, with what stands in the way; in a week it is looked again.

    Raises Refusal for a child who does not wait or for whom there is a place, Conflict when it is on record.
    """
    known = access.find(session, actor, child_ref, at)
    child: Child = lock_row(session, Child, known.id or 0)
    if child.waiting_since is None:
        raise Refusal("does-not-wait")
    if open_of(session, child.id or 0) is not None:
        raise Conflict("no-place-already")
    seen = look(session, child.id or 0, child.county_id, at)
    if seen.found:
        raise Refusal("there-is-a-place", count=seen.found)
    today = business_day(at)
    row = NoPlace(
        child_id=child.id or 0,
        county_id=child.county_id,
        since=today,
        blocking=json.dumps(dict(seen.blocking)),
        tried_at=at,
        retry_on=today + RETRY,
        recorded_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    _note(session, actor, child.ref, "no-suitable-place", at, {"blocking": dict(seen.blocking)})
    return row


def try_again(session: Session, actor: Actor | None, child_id: int, *, at: datetime) -> NoPlace:
    """Look again now; the state ends when there is a place or the child waits no more. No `actor` = the weekly look."""
    child: Child = lock_row(session, Child, child_id)
    row = open_of(session, child_id)
    if row is None:
        raise Conflict("no-place-ended")
    today = business_day(at)
    if child.waiting_since is None:
        row.ended_on, row.end_code = today, NO_LONGER_WAITS
    else:
        seen = look(session, child_id, child.county_id, at)
        row.found, row.blocking = seen.found, json.dumps(dict(seen.blocking))
        if seen.found:
            row.ended_on, row.end_code = today, FOUND
    row.tries += 1
    row.tried_at = at
    row.retry_on = today + RETRY
    session.add(row)
    session.flush()
    after: dict[str, object] = {"found": row.found, "ended": row.end_code, "tries": row.tries}
    _note(session, actor, child.ref, "place-looked-for-again", at, after, county_id=row.county_id)
    return row


def due(session: Session, today: date) -> list[int]:
    """Return the keys of the children whose weekly look is due."""
    rows = session.exec(
        select(NoPlace.child_id)
        .where(col(NoPlace.ended_on).is_(None), NoPlace.retry_on <= today)
        .order_by(col(NoPlace.retry_on), col(NoPlace.id))
    )
    return list(rows)


def _note(
    session: Session,
    actor: Actor | None,
    ref: str,
    action: str,
    at: datetime,
    after: dict[str, object],
    *,
    county_id: int | None = None,
) -> None:
    record(
        session,
        actor=actor,
        action=action,
        object_kind="child",
        object_ref=ref,
        at=at,
        after=after,
        organisation_id=county_id,
    )
