"""Who may live where, and what it is worth: the rules of `pair_rules` for whole columns at once.

Exact integer arithmetic in numpy, a unit at a time over all children, so that memory stays in proportion
to the children (reason masks) or to the eligible pairs (values).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isqrt

import numpy as np
import numpy.typing as npt

from optimizer.pair_rules import (
    UNMETERED_LANGUAGE,
    USABLE_PROFICIENCY,
    WISH_POINTS,
    locked_units,
    must_group_of,
    quota,
    urgency,
)
from optimizer.problem import REASON_CODES, Instance, Unit

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Masks = npt.NDArray[np.uint16]

BIT: Mapping[str, int] = {code: 1 << index for index, code in enumerate(REASON_CODES)}
"""The bit of each reason code in a mask."""

NOT_NEEDED = NOT_THERE = -1
"""A service's hours where a child does not need it or a unit does not have it."""


@dataclass(frozen=True, slots=True)
class PairValues:
    """Fit points, money over the stay and 1 for a move, for pairs in one order."""

    fit: Ints
    cost: Ints
    move: Ints


class Columns:
    """The children of an instance as columns: one number per child, or one row per child."""

    def __init__(self, instance: Instance) -> None:
        children = instance.children
        self.instance = instance
        self.size = len(children)
        self.unit_index = {unit.id: index for index, unit in enumerate(instance.units)}
        self.start = _ints(child.start for child in children)
        self.end = _ints(min(child.end, instance.horizon_weeks) for child in children)
        self.age = _ints(child.age_months + 3 * child.start // 13 for child in children)
        self.support = _ints(child.support_level for child in children)
        self.care = _ints(child.care_hours for child in children)
        self.language_hours = _ints(child.language_hours for child in children)
        self.interpreter_hours = _ints(child.interpreter_hours for child in children)
        self.urgency = _ints(urgency(child) for child in children)
        self.locked = _ints(-1 if child.locked is None else self.unit_index[child.locked] for child in children)
        self.current = _ints(-1 if child.current is None else self.unit_index[child.current] for child in children)
        self.genders, self.gender = _coded(child.gender for child in children)
        self.counties, self.county = _coded(child.county for child in children)
        self.groups, self.group = _coded(child.group for child in children)
        self.needs = np.full((self.size, len(instance.services)), NOT_NEEDED, np.int64)
        service_index = {code: index for index, code in enumerate(instance.services)}
        for row, child in enumerate(children):
            for code, hours in child.services.items():
                self.needs[row, service_index[code]] = hours
        self.tongues, self.levels = self._tongues()
        self.forbidden: Mapping[int, list[int]] = self._by_unit(lambda child: child.forbidden)

    def _tongues(self) -> tuple[Ints, Ints]:
        """Return each child's usable languages, best first (ties to the earlier), padded, and their levels."""
        instance = self.instance
        rows = []
        for child in instance.children:
            known = [(-child.languages.get(code, 0), index) for index, code in enumerate(instance.languages)]
            rows.append(sorted(pair for pair in known if -pair[0] >= USABLE_PROFICIENCY))
        width = max(1, *(len(row) for row in rows)) if rows else 1
        tongues = np.full((self.size, width), len(instance.languages), np.int64)
        levels = np.zeros((self.size, width), np.int64)
        for index, row in enumerate(rows):
            tongues[index, : len(row)] = [language for _, language in row]
            levels[index, : len(row)] = [-level for level, _ in row]
        return tongues, levels

    def _by_unit(self, named: object) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for row, child in enumerate(self.instance.children):
            for unit in named(child):  # type: ignore[operator]
                if unit in self.unit_index:
                    found[self.unit_index[unit]].append(row)
        return found

    @cached_property
    def wish_rank(self) -> Mapping[int, tuple[Ints, Ints]]:
        """For each wished unit the children who wish it and the points of that wish."""
        found: dict[int, dict[int, int]] = defaultdict(dict)
        for row, child in enumerate(self.instance.children):
            for rank, unit in enumerate(child.wishes):
                found[self.unit_index[unit]].setdefault(row, WISH_POINTS[min(rank, len(WISH_POINTS) - 1)])
        return {unit: (_ints(points), _ints(points.values())) for unit, points in found.items()}

    @cached_property
    def home(self) -> Ints:
        """The index of the municipality of each child's relatives, -1 without."""
        index = {place.id: row for row, place in enumerate(self.instance.municipalities)}
        return _ints(-1 if child.relatives is None else index[child.relatives] for child in self.instance.children)

    @cached_property
    def wants_school(self) -> Flags:
        """Whether each child needs preparatory education."""
        return np.array(["prep_education" in child.services for child in self.instance.children], bool)

    def shared_language(self, unit: Unit, rows: Ints) -> tuple[Ints, Ints]:
        """Return for children `rows` the language shared with the staff (-1 = none) and its level."""
        speaks = np.zeros(len(self.instance.languages) + 1, bool)
        for index, code in enumerate(self.instance.languages):
            speaks[index] = code in unit.languages
        tongues = self.tongues[rows]
        heard = speaks[tongues]
        first = heard.argmax(axis=1)
        at = np.arange(len(rows))
        found = heard[at, first]
        return np.where(found, tongues[at, first], -1), np.where(found, self.levels[rows, first], 0)


def own_reasons(columns: Columns, unit_index: int, rows: Ints) -> Masks:
    """Return the reason masks of children `rows` for one unit, siblings aside."""
    instance, unit = columns.instance, columns.instance.units[unit_index]
    mask = np.zeros(len(rows), np.uint16)
    age, support = columns.age[rows], columns.support[rows]
    mask |= np.where(age < unit.age_min, BIT["AGE_BELOW"], 0).astype(np.uint16)
    mask |= np.where(age > unit.age_max, BIT["AGE_ABOVE"], 0).astype(np.uint16)
    if unit.gender != "any":
        wrong = columns.gender[rows] != columns.genders.get(unit.gender, -1)
        mask |= np.where(wrong, BIT["GENDER"], 0).astype(np.uint16)
    outside = (support < unit.support_min) | (support > unit.support_max)
    mask |= np.where(outside, BIT["SUPPORT_LEVEL"], 0).astype(np.uint16)
    offer = _ints(unit.services.get(code, NOT_THERE) for code in instance.services)
    missing = (columns.needs[rows] > offer).any(axis=1)
    mask |= np.where(missing, BIT["SERVICE_MISSING"], 0).astype(np.uint16)
    shared, _ = columns.shared_language(unit, rows)
    silent = (shared < 0) & (columns.interpreter_hours[rows] > unit.interpreter_hours)
    mask |= np.where(silent, BIT["LANGUAGE"], 0).astype(np.uint16)
    early = columns.start[rows] < unit.windows[0].start
    late = columns.end[rows] > unit.windows[-1].end
    mask |= np.where(early | late, BIT["AGREEMENT_NOT_IN_FORCE"], 0).astype(np.uint16)
    quotas = _ints(quota(unit, county) for county in columns.counties)
    mask |= np.where(quotas[columns.county[rows]] == 0, BIT["NO_QUOTA"], 0).astype(np.uint16)
    hours = _ints([*(_metered(unit, code) for code in instance.languages), _UNLIMITED])
    busy = columns.language_hours[rows] > hours[shared]
    over = (columns.care[rows] > unit.care_hours) | busy
    mask |= np.where(over, BIT["CAPACITY"], 0).astype(np.uint16)
    if unit_index in columns.forbidden:
        banned = np.isin(rows, columns.forbidden[unit_index])
        mask |= np.where(banned, BIT["FORBIDDEN"], 0).astype(np.uint16)
    return mask


_UNLIMITED = np.iinfo(np.int64).max


def _metered(unit: Unit, language: str) -> int:
    if language == UNMETERED_LANGUAGE or language not in unit.languages:
        return int(_UNLIMITED)
    return unit.languages[language]


def eligible(columns: Columns, unit_index: int) -> Ints:
    """Return the free children, ascending, who have no reason of their own against the unit."""
    # Imported here, so that reason masks do not load the compiler.
    from optimizer.eligibility_loop import allowed

    instance, unit = columns.instance, columns.instance.units[unit_index]
    rows: Ints = allowed(
        columns.age, columns.support, columns.gender, columns.start, columns.end, columns.care, columns.county,
        columns.needs, columns.tongues, columns.language_hours, columns.interpreter_hours, columns.locked,
        unit.age_min, unit.age_max, unit.support_min, unit.support_max,
        _ANY if unit.gender == "any" else columns.genders.get(unit.gender, -1),
        unit.windows[0].start, unit.windows[-1].end, unit.care_hours,
        _ints(quota(unit, county) for county in columns.counties),
        _ints(unit.services.get(code, NOT_THERE) for code in instance.services),
        np.array([*(code in unit.languages for code in instance.languages), False]),
        _ints(_metered(unit, code) for code in instance.languages), unit.interpreter_hours,
    )  # fmt: skip
    banned = columns.forbidden.get(unit_index)
    if banned:
        rows = rows[~np.isin(rows, banned)]
    return rows


_ANY = -2
"""The gender code of a unit that takes everybody."""


class Siblings:
    """What must groups add: bit SIBLING for a child whose group keeps it out of a unit."""

    def __init__(self, columns: Columns) -> None:
        instance = columns.instance
        row_of = {child.id: row for row, child in enumerate(instance.children)}
        self.free: list[tuple[int, ...]] = []
        self.joined: list[tuple[int, tuple[int, ...]]] = []
        groups = dict.fromkeys(group.id for group in must_group_of(instance).values())
        by_id = {group.id: group for group in instance.sibling_groups}
        for name in groups:
            locks = locked_units(instance, by_id[name])
            members = tuple(row_of[member] for member in by_id[name].members)
            if not locks:
                self.free.append(members)
            elif len(locks) == 1:
                free = tuple(row for row in members if columns.locked[row] < 0)
                self.joined.append((columns.unit_index[next(iter(locks))], free))
        self.group = np.full(columns.size, -1, np.int64)
        self.only = np.full(columns.size, -1, np.int64)
        self.sizes = _ints(len(members) for members in self.free)
        for index, members in enumerate(self.free):
            self.group[list(members)] = index
        for unit, free in self.joined:
            self.only[list(free)] = unit

    def refuse(self, unit_index: int, masks: Masks) -> None:
        """Add the bit to `masks`, one per child of the instance, for one unit."""
        bit = np.uint16(BIT["SIBLING"])
        for members in self.free:
            refused = [row for row in members if masks[row]]
            if refused:
                for row in members:
                    if len(refused) > 1 or refused[0] != row:
                        masks[row] |= bit
        for unit, free in self.joined:
            if unit != unit_index:
                masks[list(free)] |= bit

    def keep(self, unit_index: int, rows: Ints) -> Ints:
        """Return the `rows` (eligible by themselves) whom no sibling keeps out of the unit."""
        only, group = self.only[rows], self.group[rows]
        there = np.bincount(group[group >= 0], minlength=len(self.sizes) + 1)[:-1]
        whole = np.append(there == self.sizes, True)
        kept: Ints = rows[((only < 0) | (only == unit_index)) & whole[group]]
        return kept


def reason_masks(instance: Instance) -> Masks:
    """Return the mask of every child (row) and unit (column): all reasons, 0 where allowed.

    A locked child's row holds its own reasons, which never count.
    """
    columns = Columns(instance)
    siblings = Siblings(columns)
    rows = np.arange(columns.size)
    masks = np.zeros((columns.size, len(instance.units)), np.uint16)
    for unit_index in range(len(instance.units)):
        mask = own_reasons(columns, unit_index, rows)
        siblings.refuse(unit_index, mask)
        masks[:, unit_index] = mask
    return masks


def pair_values(columns: Columns, unit_index: int, rows: Ints) -> PairValues:
    """Return fit, cost and move of children `rows` in one unit."""
    instance, unit = columns.instance, columns.instance.units[unit_index]
    weights = instance.fit_weights
    place = instance.municipality_by_id[unit.municipality]
    shared, level = columns.shared_language(unit, rows)
    points = weights.language * np.where(shared < 0, 100, 200 * level)
    points += weights.distance * _distance_points(columns, unit.municipality)[columns.home[rows]]
    if unit_index in columns.wish_rank:
        who, worth = columns.wish_rank[unit_index]
        wish = np.zeros(columns.size, np.int64)
        wish[who] = worth
        points += weights.wish * wish[rows]
    current = columns.current[rows]
    points += weights.stability * np.where(current < 0, 300, 1000 * (current == unit_index))
    unschooled = columns.wants_school[rows] & (not place.prep_education)
    points += weights.schooling * np.where(unschooled, 0, 1000)
    peers = np.array([group in unit.languages for group in columns.groups], bool)
    points += weights.peers * 1000 * peers[columns.group[rows]]
    filled = 7 * (unit.price_day - unit.price_empty_day)
    week = filled + np.where(shared < 0, columns.interpreter_hours[rows] * instance.interpreter_cost_hour, 0)
    moved = (current >= 0) & (current != unit_index)
    return PairValues(points // 1000, (columns.end - columns.start)[rows] * week, moved.astype(np.int64))


def _distance_points(columns: Columns, municipality: str) -> Ints:
    """Return points by municipality of the relatives, and 500 at the end for a child without any."""
    instance = columns.instance
    here = instance.municipality_by_id[municipality]
    return _ints(
        [
            *(max(0, 1000 - 2 * isqrt((p.x - here.x) ** 2 + (p.y - here.y) ** 2)) for p in instance.municipalities),
            500,
        ]
    )


def _ints(values: object) -> Ints:
    return np.array(list(values), np.int64)  # type: ignore[call-overload]


def _coded(values: object) -> tuple[Mapping[str, int], Ints]:
    """Return the distinct values with their codes, in order of appearance, and the codes."""
    codes: dict[str, int] = {}
    found = [codes.setdefault(value, len(codes)) for value in values]  # type: ignore[attr-defined]
    return codes, _ints(found)


def named(mask: int) -> Sequence[str]:
    """Return the reason codes in a mask."""
    return tuple(code for code, bit in BIT.items() if mask & bit)
