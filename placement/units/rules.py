"""How many places a unit has on a day, how many are free, and what the law allows. Pure: values in, values out.

Stays, holds and windows are half-open [start, end): the leaving day is not covered. Validity of capacity,
closures, registration and agreements has inclusive ends, as in the tables; `UnitBook` holds both as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from agreements.period import ONE_DAY, Period

FAMILY_GROUP_HOME = "family_group_home"

NEEDS_AGREEMENT = frozenset({FAMILY_GROUP_HOME})
"""Kinds whose places exist only under an agreement on founding in force (681/2023 § 33.3)."""

NEEDS_REGISTRATION = frozenset({FAMILY_GROUP_HOME, "supported_housing"})
"""Service units that stand in the register of providers (741/2023 §§ 4, 16 to 20)."""

PUBLIC_TRANSITION_ENDS = date(2028, 12, 31)
"""The last day on which a county's own unit may run without registration (741/2023 § 56)."""

LAPSE_LOOK_AHEAD = timedelta(days=364)
"""How far ahead an agreement and a registration must be known to hold: 52 weeks, the horizon of a calculation."""


@dataclass(frozen=True, slots=True)
class Places:
    """Places on the days of `period` (inclusive)."""

    period: Period
    places: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Places out of use on the days of `period` (inclusive); `places` None = the whole unit.

    `planned`: a closing under preparation, which takes only places that nobody has.
    """

    period: Period
    places: int | None
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Booking:
    """A stay or a hold [start, end); `end` None = open. `row_id` is the key of the stay or hold."""

    row_id: int
    child_id: int
    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class UnitBook:
    """Everything that decides how many places a unit has and how many are taken, for one moment.

    `agreed` is what agreements with a founding chapter cover while in force; it binds only the kinds that
    need an agreement. `registration` None = not stated. `extra` are urgent exceptions (1301/2014 § 22 a).
    """

    unit_id: int
    kind: str
    own_provider: bool
    opened_on: date
    closed_on: date | None
    registration: Period | None
    in_use: tuple[Places, ...] = ()
    agreed: tuple[Places, ...] = ()
    extra: tuple[Places, ...] = ()
    closures: tuple[Closed, ...] = ()
    stays: tuple[Booking, ...] = ()
    holds: tuple[Booking, ...] = ()

    @property
    def open_days(self) -> Period:
        return Period(self.opened_on, self.closed_on)


def usable(book: UnitBook, day: date) -> bool:
    """Whether the unit may be used at all: it is open, and registered where its kind must be.

    A registration that is stated binds every kind. None stated: kinds that need none may be used, a county's
    own service unit until the transition ends, a private provider's not at all.
    """
    if not book.open_days.covers(day):
        return False
    if book.registration is not None:
        return book.registration.covers(day)
    return book.kind not in NEEDS_REGISTRATION or (book.own_provider and day <= PUBLIC_TRANSITION_ENDS)


def places_in_use(book: UnitBook, day: date) -> int:
    """Return the places that the county runs that day; of two rows the one that began later holds."""
    rows = [row for row in book.in_use if row.period.covers(day)]
    return max(rows, key=lambda row: row.period.first).places if rows else 0


def agreed_places(book: UnitBook, day: date) -> int | None:
    """Return the places that an agreement in force allows that day; None for kinds that need none.

    An urgent exception allows its extra places above the agreed ones, else it could never be used.
    """
    if book.kind not in NEEDS_AGREEMENT:
        return None
    agreed = [row.places for row in book.agreed if row.period.covers(day)]
    if not agreed:
        return 0
    return max(agreed) + sum(row.places for row in book.extra if row.period.covers(day))


def closed_places(book: UnitBook, day: date) -> int | None:
    """Return how many places closures take away that day, whoever is in them; None = all of them."""
    return _closed(book, day, planned=False)


def closing_places(book: UnitBook, day: date) -> int | None:
    """Return how many places a closing under preparation takes as they become free; None = all of them."""
    return _closed(book, day, planned=True)


def _closed(book: UnitBook, day: date, *, planned: bool) -> int | None:
    rows = [row.places for row in book.closures if row.planned is planned and row.period.covers(day)]
    return None if any(row is None for row in rows) else sum(row for row in rows if row is not None)


def taken_on(book: UnitBook, day: date) -> int:
    """Return how many stays and live holds cover the day."""
    return sum(one.covers(day) for one in (*book.stays, *book.holds))


def _less_closed(book: UnitBook, day: date, places: int) -> int:
    """Return what closures leave of `places`: never less than zero, and a planned one never less than are in."""
    closed, closing = closed_places(book, day), closing_places(book, day)
    if closed is None:
        return 0
    left = max(0, places - closed)
    if closing == 0:
        return left
    wanted = 0 if closing is None else max(0, left - closing)
    return max(wanted, min(left, taken_on(book, day)))


def gross_places(book: UnitBook, day: date) -> int:
    """Return the places there would be without closures: in use, at most the agreed ones, none while not usable."""
    if not usable(book, day):
        return 0
    allowed = agreed_places(book, day)
    places = places_in_use(book, day)
    return places if allowed is None else min(places, allowed)


def capacity_on(book: UnitBook, day: date) -> int:
    """Return the places that may be filled that day: the one definition that every page and rule uses.

    Places in use, at most the agreed ones, less the closed ones, and none while the unit is not open or not
    registered. A closing under preparation takes places as they become free. Places are not numbered, so they
    are counted.

    Source: 681/2023 § 33.3 (founding), 741/2023 §§ 4, 16 to 20 (registration), rules A7, C1, C5.
    """
    return _less_closed(book, day, gross_places(book, day))


def lapsed(book: UnitBook, day: date) -> bool:
    """Whether the unit is open but has no agreement or registration in force that day.

    That is not overbooking: the children who live there still do, and what is lost is the basis of the days
    after it (rule A7). Pages say it in its own words.
    """
    return book.open_days.covers(day) and (not usable(book, day) or agreed_places(book, day) == 0)


def room_on(book: UnitBook, day: date) -> int:
    """Return the places that may hold children that day, with or without a basis for using them."""
    if not lapsed(book, day):
        return capacity_on(book, day)
    return _less_closed(book, day, places_in_use(book, day))


def why_none(book: UnitBook, day: date) -> str | None:
    """Return why there is no place that day, None when there is one: the first cause in this order.

    not-open-yet, closed-down, not-registered, no-agreement, no-places, closure.
    """
    if capacity_on(book, day) > 0:
        return None
    if day < book.opened_on:
        return "not-open-yet"
    if not book.open_days.covers(day):
        return "closed-down"
    if not usable(book, day):
        return "not-registered"
    if agreed_places(book, day) == 0:
        return "no-agreement"
    return "no-places" if places_in_use(book, day) == 0 else "closure"


@dataclass(frozen=True, slots=True)
class DayCount:
    """One unit on one day: capacity, stays and live holds; `closed` = places that closures take away.

    `lapsed`: open, but without agreement or registration, so the capacity is 0 while up to `room` may live there.
    """

    day: date
    capacity: int
    stays: int
    holds: int
    closed: int
    lapsed: bool
    room: int

    @property
    def free(self) -> int:
        return self.capacity - self.stays - self.holds

    @property
    def taken(self) -> int:
        return self.stays + self.holds

    @property
    def open_places(self) -> int:
        """Free places that can be offered: never below zero."""
        return max(0, self.free)

    @property
    def over(self) -> int:
        """How many more are in than there is room for."""
        return max(0, self.taken - self.room)

    @property
    def state(self) -> str:
        """free, full, over, lapsed or closed: the word on every page."""
        if self.over:
            return "over"
        if self.lapsed and self.taken:
            return "lapsed"
        if self.capacity == 0:
            return "closed"
        return "free" if self.free > 0 else "full"


def count_on(book: UnitBook, day: date) -> DayCount:
    capacity = capacity_on(book, day)
    return DayCount(
        day=day,
        capacity=capacity,
        stays=sum(stay.covers(day) for stay in book.stays),
        holds=sum(hold.covers(day) for hold in book.holds),
        closed=gross_places(book, day) - capacity,
        lapsed=lapsed(book, day),
        room=room_on(book, day),
    )


def days_over(book: UnitBook, first: date, end: date) -> int:
    """Return on how many days of [first, end) more are in than there are places."""
    days = [*days_to_check(book, first, end), end]
    return sum((stop - start).days for start, stop in pairwise(days) if count_on(book, start).over)


def change_days(book: UnitBook) -> list[date]:
    """Return the days on which capacity or bookings may change, in order: between two of them nothing does."""
    days: set[date] = set()
    periods: list[Period] = [book.open_days, *(row.period for row in book.in_use)]
    periods += [row.period for row in (*book.agreed, *book.extra)]
    periods += [row.period for row in book.closures]
    if book.registration is not None:
        periods.append(book.registration)
    for period in periods:
        days.add(period.first)
        if period.last is not None and period.last < date.max:
            days.add(period.last + ONE_DAY)
    for booking in (*book.stays, *book.holds):
        days.add(booking.start)
        if booking.end is not None:
            days.add(booking.end)
    if book.registration is None and book.kind in NEEDS_REGISTRATION and book.own_provider:
        days.add(PUBLIC_TRANSITION_ENDS + ONE_DAY)
    return sorted(days)


def days_to_check(book: UnitBook, start: date, end: date | None) -> list[date]:
    """Return the days of [start, end) that stand for all of it; `end` None looks on to the last known change."""
    return [start, *(day for day in change_days(book) if start < day and (end is None or day < end))]


def least_free(book: UnitBook, start: date, end: date | None) -> int:
    """Return the smallest number of free places on a day of [start, end); raises ValueError for no days.

    An agreement or a registration that runs out more than a year ahead refuses nothing: both are renewed,
    and only the room counts then.
    """
    if end is not None and end <= start:
        raise ValueError(f"a booking [{start}, {end}) covers no day")
    far = start + LAPSE_LOOK_AHEAD
    counts = (count_on(book, day) for day in days_to_check(book, start, end))
    return min(one.room - one.taken if one.lapsed and one.day > far else one.free for one in counts)


def first_lapse(book: UnitBook, day: date, end: date) -> date | None:
    """Return the first day of [day, end) on which children live there without agreement or registration."""
    counts = (count_on(book, one) for one in days_to_check(book, day, end))
    return next((one.day for one in counts if one.lapsed and one.taken), None)


def next_free_day(book: UnitBook, day: date) -> date | None:
    """Return the first day from `day` on with a place free, None while no known change frees one."""
    return next((one for one in days_to_check(book, day, None) if count_on(book, one).free > 0), None)


def capacity_windows(book: UnitBook, first: date, end: date) -> list[tuple[date, date, int]]:
    """Return the capacity over [first, end) as contiguous half-open (from, to, places), equal neighbours joined."""
    days = [*days_to_check(book, first, end), end]
    found: list[tuple[date, date, int]] = []
    for start, stop in pairwise(days):
        places = capacity_on(book, start)
        if found and found[-1][2] == places:
            found[-1] = (found[-1][0], stop, places)
        else:
            found.append((start, stop, places))
    return found


def leaving(book: UnitBook, child_ids: Collection[int], day: date) -> UnitBook:
    """Return the book as if these children were gone from `day` on."""
    stays = tuple(
        replace(row, end=day if row.end is None else min(row.end, day)) if row.child_id in child_ids else row
        for row in book.stays
        if row.child_id not in child_ids or row.start < day
    )
    return replace(book, stays=stays)


def without(book: UnitBook, *, child_id: int | None = None, hold_id: int | None = None) -> UnitBook:
    """Return the book as if one child were nowhere in it, or one hold had been released."""

    def kept(rows: Iterable[Booking]) -> tuple[Booking, ...]:
        return tuple(row for row in rows if child_id is None or row.child_id != child_id)

    holds = tuple(row for row in kept(book.holds) if row.row_id != hold_id)
    return replace(book, stays=kept(book.stays), holds=holds)
