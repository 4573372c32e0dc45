"""Rows to the optimizer's `Instance`: the only translator. Pure: a snapshot and a wish in, a problem out.

Ids are references (CH-…, UN-…), money is cents, weeks count from the Monday on or before the run's day.
Existing stays are locked where a person put them; free are those who wait and those whom a person has
unlocked. Community, origin and religion do not exist here: every child has the same `group`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from optimizer.io import checked
from optimizer.problem import Child, Instance, Municipality, SiblingGroup, SiblingMode, Unit
from placement.children.queries import ChildFacts
from placement.decisions.intake import Snapshot, UnitInput, school_on
from placement.decisions.weeks import Weeks
from placement.decisions.weights import HORIZON_WEEKS, INTERPRETER_HOUR_CENTS, SIBLING_BONUS, levels, preset_of
from placement.reference import adult_from, age_months, is_child, languages, right_ends, services
from placement.units.rules import capacity_windows, leaving

NO_GROUP = "all"
NO_LIMIT = 1000
UNIT_TYPES = {
    "family_group_home": "family_group_home",
    "supported_housing": "supported_housing",
    "supported_own_flat": "supported_apartment",
    "private_accommodation": "supported_apartment",
    "foster_home": "foster_family",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for. `start` no place begins before; `freeze_until` no unlocked child moves before.

    `unlocked` are child keys; `joined`: the counties of the calculation co-operate by agreement. `only_unlocked`:
    those who wait take no part. `siblings_together`: siblings who should live together must.
    """

    start: date
    preset: str = "balanced"
    freeze_until: date | None = None
    unlocked: frozenset[int] = frozenset()
    balance: bool = False
    joined: bool = False
    only_unlocked: bool = False
    siblings_together: bool = False

    @property
    def moves_on(self) -> date:
        """The first day on which an unlocked child may live elsewhere."""
        return max(self.start, self.freeze_until) if self.freeze_until else self.start


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A child who waits and cannot take part, with the code of why."""

    child_id: int
    ref: str
    code: str


@dataclass(frozen=True, slots=True)
class Seat:
    """One row of the model: a child's stay [start, end) in days. `unit_id` None = free, waits for the plan.

    `current` is where a free child lives until then. `pinned`: a place that a person is deciding on (a hold)
    or has locked in a proposal; the plan must not touch it.
    """

    id: str
    child_id: int
    start: date
    end: date
    unit_id: int | None = None
    current: int | None = None
    pinned: bool = False


@dataclass(frozen=True)
class Problem:
    """The instance and the way back: its free seats by id, and who could not take part."""

    instance: Instance
    free: Mapping[str, Seat]
    left_out: tuple[LeftOut, ...]


def build(snapshot: Snapshot, asked: Asked, *, name: str) -> Problem:
    """Return the problem of the snapshot.

    Raises InputRefused, naming the field, when rows make no valid instance: that is a fault in the data
    which a person must put right, and a plan that skipped it would hide it.
    """
    weeks = Weeks.of(asked.start, HORIZON_WEEKS)
    left_out: list[LeftOut] = []
    seats: list[Seat] = []
    for child in sorted(snapshot.children.values(), key=lambda one: one.ref):
        seats += _seats(snapshot, asked, weeks, child, left_out)
    units = [_unit(snapshot, asked, weeks, one) for one in snapshot.units.values()]
    instance = Instance(
        name=name,
        horizon_weeks=HORIZON_WEEKS,
        languages=tuple(one.code for one in languages(asked.start)),
        services=tuple(one.key for one in services(asked.start)),
        municipalities=tuple(_municipalities(snapshot, seats)),
        children=tuple(_child(snapshot, asked, weeks, seat) for seat in seats),
        units=tuple(units),
        sibling_groups=tuple(_siblings(snapshot, asked, seats)),
        apart=tuple(_apart(snapshot, seats)),
        fit_weights=preset_of(asked.preset).fit,
        interpreter_cost_hour=INTERPRETER_HOUR_CENTS,
        levels=levels(balance=asked.balance, moves_first=preset_of(asked.preset).moves_first),
    )
    checked(instance)
    return Problem(instance, {seat.id: seat for seat in seats if seat.unit_id is None}, tuple(left_out))


def last_day_of_need(child: ChildFacts, start: date) -> date:
    """Return the leaving day of a place from `start`: the planned one, else the 18th or the end of the right.

    A planned day after the end of the right is cut to it (681/2023 §§ 2.6, 34.2).
    """
    ends = right_ends(child.birth_date, start)
    if child.place_until is not None:
        return min(child.place_until, ends)
    return adult_from(child.birth_date) if is_child(child.birth_date, start) else ends


def _seats(
    snapshot: Snapshot, asked: Asked, weeks: Weeks, child: ChildFacts, left_out: list[LeftOut]
) -> Iterator[Seat]:
    """Yield the child's rows: kept bookings, and a free one when a place is sought."""
    kept = _bookings(snapshot, asked, weeks, child)
    waits = child.waiting_since is not None and not asked.only_unlocked
    seeking = child.county_id in snapshot.county_ids and (waits or child.id in asked.unlocked)
    if not seeking or any(seat.pinned for seat in kept):
        yield from _numbered(child, kept)
        return
    start = _wanted_start(asked, child, kept)
    end = last_day_of_need(child, start)
    code = "no-right-left" if end <= start else "starts-too-late" if start >= weeks.end else None
    if code is not None:
        left_out.append(LeftOut(child.id, child.ref, code))
        yield from _numbered(child, kept)
        return
    before = [_until(seat, start, weeks) for seat in kept if seat.start < start]
    lived_in = [seat.unit_id for seat in kept if seat.start < start and seat.end > asked.start]
    yield from _numbered(child, [seat for seat in before if max(seat.start, weeks.monday) < seat.end], taken=True)
    yield Seat(child.ref, child.id, start, end, None, lived_in[-1] if lived_in else _home_now(kept, asked))


def _until(seat: Seat, start: date, weeks: Weeks) -> Seat:
    """Return the stay cut where the place now sought begins, at that week's Monday.

    Cut at the day itself, its last week would count beside the first week of the new place, and a child
    could not stay in its own full home.
    """
    monday = weeks.monday + timedelta(weeks=weeks.first(start))
    return replace(seat, end=min(seat.end, monday) if seat.end >= start else seat.end)


def _home_now(kept: list[Seat], asked: Asked) -> int | None:
    return next((seat.unit_id for seat in kept if seat.start <= asked.start < seat.end), None)


def _wanted_start(asked: Asked, child: ChildFacts, kept: list[Seat]) -> date:
    wanted = max(asked.start, child.place_from or asked.start)
    moves = bool(kept) and child.id in asked.unlocked
    return max(wanted, asked.freeze_until) if moves and asked.freeze_until else wanted


def _bookings(snapshot: Snapshot, asked: Asked, weeks: Weeks, child: ChildFacts) -> list[Seat]:
    """Return the child's stays, held places and locked rows within the horizon, by start, none over another."""
    found = [
        Seat("", child.id, booking.start, booking.end or _open_end(child, booking.start, asked.start), unit.id)
        for unit in snapshot.units.values()
        for booking in unit.book.stays
        if booking.child_id == child.id
    ]
    held = [
        Seat("", child.id, booking.start, booking.end or _open_end(child, booking.start, asked.start), unit.id)
        for unit in snapshot.units.values()
        for booking in unit.book.holds
        if booking.child_id == child.id
    ]
    if not held and child.waiting_since is not None:
        held = [
            Seat("", child.id, lock.start, lock.end or _open_end(child, lock.start, asked.start), lock.unit_id)
            for lock in snapshot.locks
            if lock.child_id == child.id and lock.unit_id in snapshot.units
        ]
    pinned = min((seat.start for seat in held), default=date.max)
    found = [replace(seat, end=min(seat.end, pinned)) for seat in found if seat.start < pinned]
    found += [replace(seat, pinned=True) for seat in held]
    inside = [seat for seat in found if seat.start < weeks.end and seat.end > weeks.monday]
    return sorted(inside, key=lambda seat: (seat.start, seat.end))


def _open_end(child: ChildFacts, start: date, today: date) -> date:
    """Return when a stay without an end ends by age alone; one that should be over lasts through the horizon."""
    day = max(start, today)
    ends = adult_from(child.birth_date) if is_child(child.birth_date, day) else right_ends(child.birth_date, day)
    return ends if ends > day else date.max


def _numbered(child: ChildFacts, seats: list[Seat], *, taken: bool = False) -> Iterator[Seat]:
    """Yield the rows with ids: the last one has the child's reference, earlier ones a number behind it."""
    for number, seat in enumerate(seats):
        last = number == len(seats) - 1 and not taken
        yield replace(seat, id=child.ref if last else f"{child.ref}.{number + 1}")


def _child(snapshot: Snapshot, asked: Asked, weeks: Weeks, seat: Seat) -> Child:
    child = snapshot.children[seat.child_id]
    here = {unit.id: unit.ref for unit in snapshot.units.values()}
    home = here[seat.unit_id] if seat.unit_id is not None else None
    start = weeks.first(seat.start)
    waited = 0 if child.waiting_since is None else max(0, (asked.start - child.waiting_since).days)
    return Child(
        id=seat.id,
        age_months=max(0, age_months(child.birth_date, max(weeks.monday, child.birth_date))),
        gender=child.gender.value,
        languages=dict(child.languages),
        services=dict(child.needs),
        support_level=child.support_level,
        care_hours=child.care_hours,
        language_hours=child.language_hours,
        interpreter_hours=child.interpreter_hours,
        group=NO_GROUP,
        county=snapshot.county_of[child.county_id],
        relatives=_near(snapshot, asked, child, seat),
        current=home or here.get(seat.current or 0),
        start=start,
        end=max(start + 1, weeks.after(seat.end)),
        priority=child.priority,
        waiting_days=waited,
        wishes=tuple(here[unit_id] for unit_id in child.wishes if unit_id in here),
        forbidden=tuple(sorted(here[unit_id] for unit_id in child.bans if unit_id in here)),
        locked=home,
    )


def _near(snapshot: Snapshot, asked: Asked, child: ChildFacts, seat: Seat) -> str | None:
    """Return the town that the child should live near: the relatives', or by `near_school` that of its school.

    The school is the one where it has a place on the first day of the row, the later begun of two: that place is
    to be kept. Without one it goes to school where it lives now, or nowhere yet.
    """
    if preset_of(asked.preset).near_school:
        school = school_on(snapshot.schools.get(child.id, ()), seat.start)
        home = snapshot.units.get(seat.unit_id or seat.current or 0)
        if school is not None:
            return school.town
        if home is not None:
            return home.town
    return snapshot.town_of.get(child.relatives_municipality_id or 0)


def _unit(snapshot: Snapshot, asked: Asked, weeks: Weeks, unit: UnitInput) -> Unit:
    facts, book = unit.facts, leaving(unit.book, asked.unlocked, asked.moves_on)
    return Unit(
        id=unit.ref,
        type=UNIT_TYPES[facts.kind],
        municipality=unit.town,
        county=unit.county,
        windows=weeks.windows(capacity_windows(book, weeks.monday, weeks.end)),
        quota=_quota(snapshot, asked, unit),
        age_min=facts.age_min_months,
        age_max=facts.age_max_months,
        gender=facts.gender,
        support_min=facts.support_min,
        support_max=facts.support_max,
        languages=dict(facts.languages),
        interpreter_hours=facts.interpreter_hours,
        services=dict(facts.services),
        care_hours=facts.care_hours,
        max_same_group_permille=1000,
        price_day=unit.day_cents,
        price_empty_day=unit.empty_day_cents,
    )


def _quota(snapshot: Snapshot, asked: Asked, unit: UnitInput) -> dict[str, int]:
    """Return how many children of each county the unit takes at one time.

    What an agreement says holds as it stands. Where none says anything, the unit's own county has all of it,
    and in a joined calculation the counties of the co-operation too. A unit outside the calculation and
    private accommodation, which belongs to one family, take nobody.
    """
    if not unit.here or unit.facts.kind == "private_accommodation":
        return {}
    if unit.quotas:
        return dict(unit.quotas)
    joined = snapshot.county_ids if asked.joined else ()
    return dict.fromkeys([unit.county, *(snapshot.county_of[key] for key in joined)], NO_LIMIT)


def _municipalities(snapshot: Snapshot, seats: list[Seat]) -> Iterator[Municipality]:
    used = {unit.town for unit in snapshot.units.values()}
    used |= {one.town for seat in seats for one in snapshot.schools.get(seat.child_id, ())}
    for seat in seats:
        code = snapshot.town_of.get(snapshot.children[seat.child_id].relatives_municipality_id or 0)
        used |= {code} if code else set()
    for code in sorted(used):
        town = snapshot.towns[code]
        yield Municipality(code, town.x, town.y, town.county, town.prep_education)


def _siblings(snapshot: Snapshot, asked: Asked, seats: list[Seat]) -> Iterator[SiblingGroup]:
    """Yield the groups with at least two members in the model, by the row in which each ends up."""
    row_of = {seat.child_id: seat.id for seat in seats if "." not in seat.id}
    seen: set[int] = set()
    for child in sorted(snapshot.children.values(), key=lambda one: one.ref):
        group = child.siblings
        if group is None or group.id in seen:
            continue
        seen.add(group.id)
        members = tuple(sorted(row_of[member] for member in group.members if member in row_of))
        if len(members) > 1:
            mode: SiblingMode = "must" if asked.siblings_together or group.mode.value == "must" else "should"
            yield SiblingGroup(f"SG-{members[0]}", members, mode, SIBLING_BONUS if mode == "should" else 0)


def _apart(snapshot: Snapshot, seats: list[Seat]) -> Iterator[tuple[str, str]]:
    """Yield every pair of rows of two children to be kept apart, earlier stays too."""
    rows: dict[int, list[str]] = {}
    for seat in seats:
        rows.setdefault(seat.child_id, []).append(seat.id)
    for child_id in sorted(rows):
        for other in sorted(snapshot.children[child_id].apart):
            if child_id < other and other in rows:
                yield from ((one, two) for one in rows[child_id] for two in rows[other])
