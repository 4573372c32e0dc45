"""What the list of units and the board show: one line for each unit the actor may see, from one count of places."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.people.tables import Organisation
from placement.permissions import Actor, Permission
from placement.units import capacity
from placement.units.capacity import Overview
from placement.units.queries import (
    UnitFacts,
    everything_about,
    organisations_by_key,
    shows_town,
    visible_units,
)
from placement.units.rules import NEEDS_AGREEMENT, DayCount
from placement.units.tables import Closure, Unit

SOON = timedelta(days=60)


@dataclass(frozen=True)
class UnitLine:
    """A unit on a day. `town` None = a secret address that this actor may not know."""

    facts: UnitFacts
    overview: Overview
    county: Organisation
    town: Organisation | None
    closures: tuple[Closure, ...]
    own: bool
    day: date

    @property
    def count(self) -> DayCount:
        return self.overview.count

    @property
    def agreement(self) -> str:
        """agreed, ending (within 60 days), missing or not-needed."""
        if self.facts.kind not in NEEDS_AGREEMENT:
            return "not-needed"
        found = self.facts.founded_by(self.day)
        if found is None:
            return "missing"
        last = found.period.last
        return "ending" if last is not None and last - self.day <= SOON else "agreed"

    @property
    def agreed_to(self) -> date | None:
        found = self.facts.founded_by(self.day)
        return found.period.last if found else None


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; an empty text is no limit. `sort` is name, free or next."""

    kind: str = ""
    municipality: str = ""
    language: str = ""
    free: bool = False
    sort: str = "name"

    @property
    def any(self) -> bool:
        return bool(self.kind or self.municipality or self.language or self.free)

    def keeps(self, line: UnitLine) -> bool:
        return (
            self.kind in ("", line.facts.kind)
            and (not self.municipality or (line.town is not None and line.town.municipality_code == self.municipality))
            and (not self.language or self.language in line.facts.languages)
            and (not self.free or line.count.open_places > 0)
        )


def _by_next(line: UnitLine) -> date:
    return line.overview.next_free or date.max


SORTS: dict[str, Callable[[UnitLine], Any]] = {
    "name": lambda line: line.facts.name.casefold(),
    "free": lambda line: -line.count.open_places,
    "next": _by_next,
}


def lines(session: Session, actor: Actor, day: date, at: datetime, on: date) -> list[UnitLine]:
    """Return every unit the actor may see as it is on `day`, by name; `on` is the day on which scope is looked up."""
    return lines_of(session, actor, visible_units(session, actor, on), day, at)


def lines_of(session: Session, actor: Actor, units: Collection[Unit], day: date, at: datetime) -> list[UnitLine]:
    """Return the lines of units that were chosen within the actor's scope."""
    keys = [unit.id for unit in units if unit.id is not None]
    facts = everything_about(session, keys)
    overviews = capacity.overviews(session, keys, day, at)
    places = organisations_by_key(session, [one for unit in units for one in (unit.county_id, unit.municipality_id)])
    closures = closures_from(session, keys, day)
    return [
        UnitLine(
            facts=facts[key],
            overview=overviews[key],
            county=places[facts[key].county_id],
            town=places[facts[key].municipality_id] if _shown(actor, facts[key]) else None,
            closures=tuple(closures.get(key, ())),
            own=facts[key].county_id == actor.county_id,
            day=day,
        )
        for key in keys
    ]


def troubled(session: Session, actor: Actor, day: date, at: datetime) -> int:
    """Return how many units of the actor's county are overbooked in the year to come, lapse in it, or close soon."""
    own = [one.id for one in visible_units(session, actor, day) if one.county_id == actor.county_id and one.id]
    closing = closures_from(session, own, day)
    seen = capacity.overviews(session, own, day, at)
    return sum(bool(one.days_over or one.lapses_on or key in closing) for key, one in seen.items())


def _shown(actor: Actor, facts: UnitFacts) -> bool:
    return shows_town(actor, county_id=facts.county_id, secret_address=facts.secret_address)


def chosen(found: Iterable[UnitLine], filters: Filters) -> list[UnitLine]:
    """Return the lines that the filters keep, in their order."""
    order = SORTS.get(filters.sort, SORTS["name"])
    kept = sorted((line for line in found if filters.keeps(line)), key=SORTS["name"])
    return sorted(kept, key=order)


def closures_from(session: Session, unit_ids: Collection[int], day: date) -> dict[int, list[Closure]]:
    """Return the closures of each unit that cover the day or come within 60 days, by first day."""
    rows = session.exec(
        select(Closure)
        .where(
            col(Closure.unit_id).in_(unit_ids),
            col(Closure.cancelled_at).is_(None),
            col(Closure.valid_from) <= day + SOON,
            or_(col(Closure.valid_to).is_(None), col(Closure.valid_to) >= day),
        )
        .order_by(col(Closure.valid_from))
    )
    found: dict[int, list[Closure]] = {}
    for row in rows:
        found.setdefault(row.unit_id, []).append(row)
    return found


@dataclass(frozen=True)
class PlaceSign:
    """One place on a card: its state (free, taken, held, closed, over) and, for one's own children, a reference."""

    state: str
    label: str | None = None


def signs(count: DayCount, refs: Collection[str]) -> list[PlaceSign]:
    """Return a card's places: those taken first (with the references that may be shown), held, free, closed.

    As many signs as there are places; where more are in than there is room for, the rest stand as "over".
    """
    inside = min(count.taken, count.room)
    labels = [*list(refs)[: count.stays], *[None] * count.taken]
    found = [
        PlaceSign(_state(number, inside, count.stays), labels[number] if number < count.stays else None)
        for number in range(count.taken)
    ]
    found += [PlaceSign("free")] * count.open_places
    return found + [PlaceSign("closed")] * count.closed


def _state(number: int, inside: int, stays: int) -> str:
    if number >= inside:
        return "over"
    return "taken" if number < stays else "held"


@dataclass(frozen=True)
class Waiting:
    """A child who waits, by reference only; `days` since it began to."""

    ref: str
    days: int


def waiting(session: Session, actor: Actor, day: date) -> list[Waiting]:
    """Return the actor's county's children who wait for a place, longest first; no name, no need."""
    if actor.county_id is None or not actor.can(Permission.SEE_WAITING):
        return []
    rows = session.execute(
        sa.select(col(Child.ref), col(Child.waiting_since))
        .where(col(Child.county_id) == actor.county_id, col(Child.waiting_since) <= day)
        .order_by(col(Child.waiting_since), col(Child.ref))
    )
    return [Waiting(ref, (day - since).days) for ref, since in rows if since is not None]


def own_references(session: Session, actor: Actor, unit_ids: Collection[int], day: date) -> dict[int, list[str]]:
    """Return per unit the references of the actor's own county's children who live there on the day.

    A child under non-disclosure (turvakielto) is counted but not named, not even by reference: the pair of
    child and unit is what must not be known. A child of another county is counted only.
    """
    if actor.county_id is None or not actor.can(Permission.SEE_CHILDREN):
        return {}
    rows = session.exec(
        select(Stay.unit_id, Child.ref)
        .join(Child, col(Child.id) == Stay.child_id)
        .where(
            col(Stay.unit_id).in_(unit_ids),
            col(Stay.start) <= day,
            or_(col(Stay.end).is_(None), col(Stay.end) > day),
            Child.county_id == actor.county_id,
            col(Child.protected).is_(False),
        )
        .order_by(col(Stay.start), col(Child.ref))
    )
    found: dict[int, list[str]] = {}
    for unit_id, ref in rows:
        found.setdefault(unit_id, []).append(ref)
    return found
