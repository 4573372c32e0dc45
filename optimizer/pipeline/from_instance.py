"""From a placement instance to the pipeline's arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from optimizer.eligibility import Columns, Siblings, eligible, pair_values
from optimizer.frame import BEDS_WORTH, FULL_ENOUGH
from optimizer.measure import SMALLEST_COMMUNITY
from optimizer.pair_rules import beds, capacity, locked_units, must_group_of, overlap, stay, uses
from optimizer.pipeline.model import Bonus, Flags, Goal, Ints, Limit, Model, Peaks, Rows, UnitPart
from optimizer.problem import Instance, Level, Requirements, Unit

Use = tuple[int, int, int, int]
"""A member's use of one resource: (pair within the unit, amount, first week, week after the last)."""


@dataclass(frozen=True, slots=True)
class _UnitPairs:
    """The members with a pair in one unit, sorted by item, and their values."""

    member: Ints
    items: Ints
    at: Ints
    fit: Ints
    cost: Ints
    move: Ints


def build(instance: Instance, requirements: Requirements | None = None) -> Model:
    """Return the model of `instance` with what a person insists on."""
    columns = Columns(instance)
    item_of, items = _items(instance, columns)
    required = _Required(instance, columns, item_of, requirements)
    barred = _barred(instance, columns, item_of)
    siblings = Siblings(columns)
    locked = _locked_loads(instance)
    apart = _apart(instance, item_of)
    found = []
    for unit_index in range(len(instance.units)):
        rows = siblings.keep(unit_index, eligible(columns, unit_index))
        of = item_of[rows]
        allowed = ~np.isin(of, list(barred[unit_index] | barred[None]))
        for item, unit in required.place.items():
            allowed &= (of != item) | (unit == unit_index)
        rows, of = rows[allowed], of[allowed]
        order = np.argsort(of, kind="stable")
        rows = rows[order]
        names, at = np.unique(of[order], return_inverse=True)
        values = pair_values(columns, unit_index, rows)
        found.append(_UnitPairs(rows, names, at, values.fit, values.cost, values.move))
    parts, first = [], 0
    for unit_index, pairs in enumerate(found):
        parts.append(_part(instance, unit_index, pairs, first, item_of, locked, apart))
        first += len(pairs.items)
    item_at = np.concatenate([np.zeros(0, np.int64), *(pairs.items for pairs in found)])
    unit_at = np.repeat(np.arange(len(found)), [len(pairs.items) for pairs in found])
    goals = _goals(instance, columns, found)
    return Model(
        items=len(items),
        must=required.flags(len(items)),
        item=item_at,
        unit=unit_at,
        parts=tuple(parts),
        goals=tuple(goals[level.name](level) for level in instance.levels),
        limits=required.limits(goals),
        fixed={child.id: child.locked for child in instance.children},
        labels=[
            tuple((instance.children[member].id, instance.units[j].id) for member in items[i])
            for i, j in zip(item_at.tolist(), unit_at.tolist(), strict=True)
        ],
    )


def _items(instance: Instance, columns: Columns) -> tuple[Ints, list[list[int]]]:
    """Return each child's item (-1 for the locked) and the items' children."""
    group_of = must_group_of(instance)
    item_of = np.full(columns.size, -1, np.int64)
    items: list[list[int]] = []
    of_group: dict[str, int] = {}
    for row, child in enumerate(instance.children):
        if child.locked is not None:
            continue
        group = group_of.get(child.id)
        if group is not None and group.id in of_group:
            items[of_group[group.id]].append(row)
        else:
            if group is not None and not locked_units(instance, group):
                of_group[group.id] = len(items)
            items.append([row])
    for item, members in enumerate(items):
        item_of[members] = item
    return item_of, items


class _Required:
    """What a person insists on, as arrays."""

    def __init__(self, instance: Instance, columns: Columns, item_of: Ints, requirements: Requirements | None) -> None:
        row_of = {child.id: row for row, child in enumerate(instance.children)}
        self.place: dict[int, int] = {}
        self.must: set[int] = set()
        self.impossible = False
        self.max_moves = None if requirements is None else requirements.max_moves
        for child, unit in () if requirements is None else requirements.place:
            row, index = row_of[child], columns.unit_index[unit]
            item = int(item_of[row])
            if item < 0:
                self.impossible |= int(columns.locked[row]) != index
            else:
                self.impossible |= self.place.setdefault(item, index) != index
                self.must.add(item)
        for child in () if requirements is None else requirements.placed:
            if item_of[row_of[child]] >= 0:
                self.must.add(int(item_of[row_of[child]]))

    def flags(self, items: int) -> Flags:
        """Return which items have to be placed."""
        must = np.zeros(items, bool)
        must[list(self.must)] = True
        return must

    def limits(self, goals: Mapping[str, Callable[[Level], Goal]]) -> tuple[Limit, ...]:
        """Return the row on moves, and one that nothing satisfies where two requirements contradict."""
        moves = goals["moves"](Level("moves", "min", 0))
        found = []
        if self.max_moves is not None:
            found.append(Limit(-moves.weight, -self.max_moves))
        if self.impossible:
            found.append(Limit(np.zeros_like(moves.weight), 1))
        return tuple(found)


def _barred(instance: Instance, columns: Columns, item_of: Ints) -> Mapping[int | None, set[int]]:
    """Return by unit the items that would meet a locked child they must not; under None, items at odds."""
    row_of = {child.id: row for row, child in enumerate(instance.children)}
    found: dict[int | None, set[int]] = defaultdict(set)
    for first, second in instance.apart:
        if not overlap(instance, instance.child_by_id[first], instance.child_by_id[second]):
            continue
        for one, other in ((first, second), (second, first)):
            item, home = int(item_of[row_of[one]]), int(columns.locked[row_of[other]])
            if item >= 0 and home >= 0:
                found[home].add(item)
            if item >= 0 and item == item_of[row_of[other]]:
                found[None].add(item)
    return found


def _apart(instance: Instance, item_of: Ints) -> list[tuple[int, int]]:
    """Return the pairs of different free items that must not share a unit."""
    row_of = {child.id: row for row, child in enumerate(instance.children)}
    found = set()
    for first, second in instance.apart:
        one, other = int(item_of[row_of[first]]), int(item_of[row_of[second]])
        both = overlap(instance, instance.child_by_id[first], instance.child_by_id[second])
        if one >= 0 and other >= 0 and one != other and both:
            found.add((min(one, other), max(one, other)))
    return sorted(found)


def _locked_loads(instance: Instance) -> Mapping[tuple[str, str], Ints]:
    """Return what locked children use, by unit id and resource, a number per week."""
    loads: dict[tuple[str, str], Ints] = defaultdict(lambda: np.zeros(instance.horizon_weeks, np.int64))
    for child in instance.children:
        if child.locked is not None:
            weeks = stay(instance, child)
            for resource, amount in uses(instance, child, instance.unit_by_id[child.locked]).items():
                loads[child.locked, resource][weeks.start : weeks.stop] += amount
    return loads


def _part(
    instance: Instance,
    unit_index: int,
    pairs: _UnitPairs,
    first: int,
    item_of: Ints,
    locked: Mapping[tuple[str, str], Ints],
    apart: list[tuple[int, int]],
) -> UnitPart:
    unit = instance.units[unit_index]
    users: dict[str, list[Use]] = defaultdict(list)
    for member, at in zip(pairs.member.tolist(), pairs.at.tolist(), strict=True):
        child = instance.children[member]
        weeks = stay(instance, child)
        for resource, amount in uses(instance, child, unit).items():
            users[resource].append((at, amount, weeks.start, weeks.stop))
    at_of = {item: at for at, item in enumerate(pairs.items.tolist())}
    rows: dict[tuple[tuple[int, int], ...], int] = {}
    for resource, using in users.items():
        for cap, terms in _binding(instance, unit_index, resource, using, locked):
            rows[terms] = min(cap, rows.get(terms, cap))
    for one, other in apart:
        if one in at_of and other in at_of:
            terms = tuple(sorted([(at_of[one], 1), (at_of[other], 1)]))
            rows[terms] = min(1, rows.get(terms, 1))
    size = len(pairs.items)
    taken = locked.get((unit.id, "beds"), np.zeros(instance.horizon_weeks, np.int64))
    return UnitPart(
        first,
        first + size,
        Rows(_matrix(size, list(rows)), np.array(list(rows.values()), np.int64)),
        tuple(_bonuses(instance, unit.id, item_of, at_of)),
        _peaks(instance, unit_index, size, users.get("beds", []), taken),
    )


def _matrix(size: int, rows: list[tuple[tuple[int, int], ...]]) -> Ints:
    use = np.zeros((size, len(rows)), np.int64)
    for row, terms in enumerate(rows):
        for at, amount in terms:
            use[at, row] = amount
    return use


def _binding(
    instance: Instance, unit_index: int, resource: str, using: list[Use], locked: Mapping[tuple[str, str], Ints]
) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Yield (room, ((pair, use), ...)) for the weeks in which the resource can run out.

    A week is left out when everybody present then is still there in the next week kept, with no more room.
    """
    unit = instance.units[unit_index]
    most = sum(amount for _, amount, _, _ in using)
    load = locked.get((unit.id, resource))
    room = _room(unit, resource, instance.horizon_weeks)
    if load is not None:
        room = [max(0, cap - taken) for cap, taken in zip(room, load.tolist(), strict=True)]
    if most <= min(room):
        return
    weeks = {start for _, _, start, _ in using}
    weeks.update(week for week in range(1, len(room)) if room[week] < room[week - 1])
    ordered = sorted(weeks)
    for week, following in zip(ordered, [*ordered[1:], None], strict=True):
        present = [(at, amount) for at, amount, start, end in using if start <= week < end]
        stays_on = following is not None and all(end > following for _, _, start, end in using if start <= week < end)
        if following is not None and stays_on and room[following] <= room[week]:
            continue
        terms: dict[int, int] = defaultdict(int)
        for at, amount in present:
            terms[at] += amount
        if sum(terms.values()) > room[week]:
            yield room[week], tuple(sorted(terms.items()))


def _room(unit: Unit, resource: str, horizon: int) -> list[int]:
    """Return the unit's capacity of the resource by week; it changes with the windows only."""
    edges = sorted({0, horizon, *(edge for w in unit.windows for edge in (w.start, w.end) if 0 < edge < horizon)})
    room: list[int] = []
    for first, last in pairwise(edges):
        room.extend([capacity(unit, resource, first) or 0] * (last - first))
    return room


def _bonuses(instance: Instance, unit_id: str, item_of: Ints, at_of: Mapping[int, int]) -> Iterator[Bonus]:
    row_of = {child.id: row for row, child in enumerate(instance.children)}
    for group in instance.sibling_groups:
        if group.mode != "should" or group.bonus == 0:
            continue
        free = sorted({int(item_of[row_of[member]]) for member in group.members} - {-1})
        if free and locked_units(instance, group) <= {unit_id} and all(item in at_of for item in free):
            yield Bonus(np.array([at_of[item] for item in free], np.int64), group.bonus * len(group.members))


def _peaks(instance: Instance, unit_index: int, size: int, using: list[Use], taken: Ints) -> Peaks:
    """Return the unit's occupancy above 85 %, by the weeks that can decide it; none if no level asks."""
    if all(level.name != "balance" for level in instance.levels):
        return Peaks(np.zeros((size, 0), np.int64), np.zeros(0, np.int64))
    unit = instance.units[unit_index]
    seen: dict[bytes, tuple[Ints, int]] = {}
    for week in range(instance.horizon_weeks):
        use = np.zeros(size, np.int64)
        for at, amount, start, end in using:
            if start <= week < end:
                use[at] += BEDS_WORTH * amount
        base = BEDS_WORTH * int(taken[week]) - FULL_ENOUGH * beds(unit, week)
        if base + use.sum() > 0:
            key = use.tobytes()
            seen[key] = (use, max(base, seen[key][1] if key in seen else base))
    kept = list(seen.values())
    return Peaks(
        np.array([use for use, _ in kept], np.int64).reshape(len(kept), size).T,
        np.array([base for _, base in kept], np.int64),
    )


def _goals(instance: Instance, columns: Columns, found: list[_UnitPairs]) -> Mapping[str, Callable[[Level], Goal]]:
    """Return by level name what makes its goal from the level."""

    def summed(per_member: list[Ints]) -> Ints:
        sums = [
            np.bincount(pairs.at, weights=part, minlength=len(pairs.items)).astype(np.int64)
            for pairs, part in zip(found, per_member, strict=True)
        ]
        return np.concatenate([np.zeros(0, np.int64), *sums])

    none = summed([np.zeros(len(pairs.member), np.int64) for pairs in found])
    certain = sum(
        group.bonus * len(group.members)
        for group in instance.sibling_groups
        if group.mode == "should"
        and len(locked_units(instance, group)) == 1
        and all(instance.child_by_id[member].locked is not None for member in group.members)
    )
    free = columns.locked < 0
    counts = np.bincount(columns.group[free], minlength=len(columns.groups))
    shares = tuple(
        (int(count), summed([pairs.fit * (columns.group[pairs.member] == group) for pairs in found]))
        for group, count in enumerate(counts)
        if count >= SMALLEST_COMMUNITY
    )

    def goal(
        weight: Ints,
        bonus: int = 0,
        peak: int = 0,
        constant: int = 0,
        shares: tuple[tuple[int, Ints], ...] | None = None,
    ) -> Callable[[Level], Goal]:
        return lambda level: Goal(
            level.name, level.sense, level.tolerance_permille, weight, bonus, peak, constant, shares
        )

    return {
        "placed": goal(summed([columns.urgency[pairs.member] for pairs in found])),
        "fit": goal(summed([pairs.fit for pairs in found]), bonus=1, constant=certain),
        "moves": goal(summed([pairs.move for pairs in found])),
        "cost": goal(summed([pairs.cost for pairs in found])),
        "fairness": goal(none, shares=shares),
        "balance": goal(none, peak=1),
    }
