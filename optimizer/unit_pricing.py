"""The most that one unit's residents can be worth at given prices: exact, in plain Python.

Everything but "a child at most once" is local to a unit, so a bound on a whole plan needs only this
question, unit by unit. Depth first over the options, with a table of what the rest can bring within the
tightest row as bound. Stated on the checker's own rules (`optimizer.recount`); standard library only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.problem import Child, Instance, SiblingGroup, Unit
from optimizer.recount import add_use, beds_in, limit, refusals, together_in_time, worth

MOST_STEPS = 200_000
"""Steps within which a level's units have to be answered: about a second."""


@dataclass(frozen=True, slots=True)
class Resident:
    """An item that could live in the unit: its children, and what it counts there by level name.

    `fits` are its members' fit points by language community.
    """

    item: str
    children: tuple[str, ...]
    counts: Mapping[str, int]
    fits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """Residents (index, use) that may use at most `cap` together."""

    cap: int
    terms: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class UnitPart:
    """One unit: who could live there, the rows, who excludes whom, the bonuses and the balance's weeks.

    `bonuses` are (points, residents all of whom are needed); `weeks` (base, ((resident, beds), ...)).
    """

    unit: str
    residents: tuple[Resident, ...]
    rows: tuple[Row, ...]
    excluded: tuple[frozenset[int], ...]
    bonuses: tuple[tuple[int, frozenset[int]], ...]
    weeks: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]


@dataclass(frozen=True, slots=True)
class Best:
    """The largest worth, the residents it has, and how many steps the search took."""

    worth: int
    chosen: frozenset[int]
    steps: int


def parts(instance: Instance) -> tuple[UnitPart, ...]:
    """Return the parts of all units, in the instance's order."""
    items = items_of(instance)
    return tuple(_part(instance, unit, items) for unit in instance.units)


def items_of(instance: Instance) -> dict[str, tuple[Child, ...]]:
    """Return the free children by item: those of a must group without a lock together, others singly."""
    found: dict[str, tuple[Child, ...]] = {}
    taken: set[str] = set()
    for group in instance.sibling_groups:
        members = tuple(instance.child_by_id[member] for member in group.members)
        if group.mode == "must" and not any(member.locked for member in members):
            found[members[0].id] = members
            taken.update(group.members)
    for child in instance.children:
        if child.id not in taken and not child.locked:
            found[child.id] = (child,)
    return found


class TooManySteps(Exception):
    """A unit's question is too hard to be answered step by step."""


def best(part: UnitPart, value: Sequence[int], bonus: int, balance: int, most_steps: int = MOST_STEPS) -> Best:
    """Return the residents of most worth.

    Resident k counts `value[k]`, each point of a bonus `bonus`, each twentieth above 85 % occupancy
    `-balance` (both at least 0); nobody there counts the balance the locked residents make alone.
    Raises TooManySteps if the search needs more than `most_steps`.
    """
    return _Search(part, value, bonus, balance, most_steps).run()


def _part(instance: Instance, unit: Unit, items: Mapping[str, tuple[Child, ...]]) -> UnitPart:
    residents = []
    loads: list[dict[tuple[str, str], list[int]]] = []
    for item, children in items.items():
        if _welcome(instance, unit, children):
            residents.append(_resident(instance, unit, item, children))
            use: dict[tuple[str, str], list[int]] = {}
            for child in children:
                add_use(instance, child, unit, use)
            loads.append(use)
    locked: dict[tuple[str, str], list[int]] = {}
    for child in instance.children:
        if child.locked == unit.id:
            add_use(instance, child, unit, locked)
    return UnitPart(
        unit=unit.id,
        residents=tuple(residents),
        rows=_rows(instance, unit, loads, locked),
        excluded=_excluded(instance, residents),
        bonuses=tuple(_bonuses(instance, unit, residents)),
        weeks=_weeks(instance, unit, loads, locked),
    )


def _welcome(instance: Instance, unit: Unit, children: Sequence[Child]) -> bool:
    ids = {child.id for child in children}
    if any(refusals(instance, child, unit) for child in children):
        return False
    for first, second in instance.apart:
        near = {first, second} & ids
        others = {first, second} - ids
        locked_there = any(instance.child_by_id[other].locked == unit.id for other in others)
        if near and (not others or locked_there) and together_in_time(instance, first, second):
            return False
    return True


def _resident(instance: Instance, unit: Unit, item: str, children: tuple[Child, ...]) -> Resident:
    counts = dict.fromkeys(("placed", "fit", "moves", "cost"), 0)
    fits: dict[str, int] = defaultdict(int)
    for child in children:
        fit, cost, move = worth(instance, child, unit)
        counts["placed"] += 10 * child.priority + min(9, child.waiting_days // 30) + (5 if child.current else 0)
        counts["fit"] += fit
        counts["moves"] += move
        counts["cost"] += cost
        fits[child.group] += fit
    return Resident(item, tuple(child.id for child in children), counts, dict(fits))


def _rows(
    instance: Instance,
    unit: Unit,
    loads: Sequence[Mapping[tuple[str, str], list[int]]],
    locked: Mapping[tuple[str, str], list[int]],
) -> tuple[Row, ...]:
    """Return a row for each week and resource that can bind, each once."""
    caps: dict[tuple[tuple[int, int], ...], int] = {}
    for key in {key for use in loads for key in use}:
        taken = locked.get(key, [0] * instance.horizon_weeks)
        users = [(index, use[key]) for index, use in enumerate(loads) if key in use]
        for week in range(instance.horizon_weeks):
            terms = tuple((index, use[week]) for index, use in users if use[week])
            room = max(0, limit(unit, key[1], week) - taken[week]) if terms else 0
            if sum(use for _, use in terms) > room:
                caps[terms] = min(room, caps.get(terms, room))
    return tuple(Row(cap, terms) for terms, cap in caps.items())


def _excluded(instance: Instance, residents: Sequence[Resident]) -> tuple[frozenset[int], ...]:
    where = {child: index for index, resident in enumerate(residents) for child in resident.children}
    found: list[set[int]] = [set() for _ in residents]
    for first, second in instance.apart:
        one, other = where.get(first), where.get(second)
        if one is not None and other is not None and one != other and together_in_time(instance, first, second):
            found[one].add(other)
            found[other].add(one)
    return tuple(frozenset(others) for others in found)


def _bonuses(instance: Instance, unit: Unit, residents: Sequence[Resident]) -> list[tuple[int, frozenset[int]]]:
    where = {child: index for index, resident in enumerate(residents) for child in resident.children}
    found = []
    for group in instance.sibling_groups:
        if group.mode == "should" and group.bonus:
            needed = _needed(instance, unit, group, where)
            if needed:
                found.append((group.bonus * len(group.members), needed))
    return found


def _needed(instance: Instance, unit: Unit, group: SiblingGroup, where: Mapping[str, int]) -> frozenset[int]:
    """Return the residents a should group still needs to be whole in the unit; empty if it cannot be."""
    needed = set()
    for member in group.members:
        locked = instance.child_by_id[member].locked
        if (locked and locked != unit.id) or (not locked and member not in where):
            return frozenset()
        if not locked:
            needed.add(where[member])
    return frozenset(needed)


def _weeks(
    instance: Instance,
    unit: Unit,
    loads: Sequence[Mapping[tuple[str, str], list[int]]],
    locked: Mapping[tuple[str, str], list[int]],
) -> tuple[tuple[int, tuple[tuple[int, int], ...]], ...]:
    """Return what balance looks at, for weeks that can be above 85 % occupancy, each once."""
    key = unit.id, "beds"
    taken = locked.get(key, [0] * instance.horizon_weeks)
    bases: dict[tuple[tuple[int, int], ...], int] = {}
    for week in range(instance.horizon_weeks):
        terms = tuple((index, use[key][week]) for index, use in enumerate(loads) if use[key][week])
        base = 20 * taken[week] - 17 * beds_in(unit, week)
        if base + 20 * sum(use for _, use in terms) > 0:
            bases[terms] = max(base, bases.get(terms, base))
    return tuple((base, terms) for terms, base in bases.items())


class _Search:
    """Depth first over the residents that can add worth."""

    def __init__(self, part: UnitPart, value: Sequence[int], bonus: int, balance: int, most_steps: int) -> None:
        self.most_steps = most_steps
        self.part = part
        self.value = value
        self.bonus = bonus
        self.balance = balance
        helped = {index for _, needed in part.bonuses for index in needed} if bonus else set()
        useful = [index for index in range(len(value)) if value[index] > 0 or index in helped]
        self.order = sorted(useful, key=lambda index: -value[index])
        self.rows_of: list[list[tuple[int, int]]] = [[] for _ in value]
        for row, limits in enumerate(part.rows):
            for index, use in limits.terms:
                self.rows_of[index].append((row, use))
        self.left = [row.cap for row in part.rows]
        self.bonus_after = self._bonus_after()
        self.row, self.table = self._tightest()
        self.chosen: set[int] = set()
        self.barred: dict[int, int] = defaultdict(int)
        self.best = self._total(0)
        self.best_chosen: frozenset[int] = frozenset()
        self.steps = 0

    def run(self) -> Best:
        """Return the best set."""
        self._descend(0, 0)
        return Best(self.best, self.best_chosen, self.steps)

    def _descend(self, depth: int, worth_: int) -> None:
        self.steps += 1
        if self.steps > self.most_steps:
            raise TooManySteps
        total = self._total(worth_)
        if total > self.best:
            self.best, self.best_chosen = total, frozenset(self.chosen)
        if depth == len(self.order) or worth_ + self._rest(depth) <= self.best:
            return
        index = self.order[depth]
        if not self.barred[index] and all(use <= self.left[row] for row, use in self.rows_of[index]):
            self._take(index, 1)
            self._descend(depth + 1, worth_ + self.value[index])
            self._take(index, -1)
        self._descend(depth + 1, worth_)

    def _take(self, index: int, sign: int) -> None:
        for row, use in self.rows_of[index]:
            self.left[row] -= sign * use
        for other in self.part.excluded[index]:
            self.barred[other] += sign
        if sign > 0:
            self.chosen.add(index)
        else:
            self.chosen.discard(index)

    def _total(self, worth_: int) -> int:
        """Return the worth with bonuses earned and balance lost."""
        if self.bonus:
            worth_ += self.bonus * sum(points for points, needed in self.part.bonuses if needed <= self.chosen)
        if self.balance:
            worth_ -= self.balance * peak(self.part, self.chosen)
        return worth_

    def _rest(self, depth: int) -> int:
        """Return a bound on what the residents from `depth` on can add, bonuses of all included."""
        room = self.left[self.row] if self.row is not None else 0
        return self.table[depth][room] + self.bonus_after

    def _bonus_after(self) -> int:
        """Return all bonus points at their price: what any set can earn at most."""
        return self.bonus * sum(points for points, _ in self.part.bonuses)

    def _tightest(self) -> tuple[int | None, list[list[int]]]:
        """Return the row that bounds the worth best by itself, and its table [depth][room]."""
        gains = [max(0, self.value[index]) for index in self.order]
        loose = [[sum(gains[depth:])] for depth in range(len(gains) + 1)]
        found: tuple[int | None, list[list[int]]] = (None, loose)
        for row, limits in enumerate(self.part.rows):
            uses = dict(limits.terms)
            if sum(uses.get(index, 0) for index in self.order) > limits.cap:
                table = _knapsack(gains, [uses.get(index, 0) for index in self.order], limits.cap)
                if table[0][limits.cap] < found[1][0][-1]:
                    found = row, table
        return found


def peak(part: UnitPart, chosen: frozenset[int] | set[int]) -> int:
    """Return the twentieths of a place above 85 % occupancy in the unit's fullest week, at least 0."""
    used = (base + 20 * sum(use for k, use in terms if k in chosen) for base, terms in part.weeks)
    return max(0, max(used, default=0))


def _knapsack(gains: Sequence[int], uses: Sequence[int], cap: int) -> list[list[int]]:
    """Return the most that gains from each depth on add within each room of one row."""
    table = [[0] * (cap + 1)]
    for gain, use in zip(reversed(gains), reversed(uses), strict=True):
        after = table[-1]
        if use == 0:
            table.append([value + gain for value in after])
        else:
            taken = [gain + after[room - use] for room in range(use, cap + 1)]
            table.append(after[:use] + [max(pair) for pair in zip(after[use:], taken, strict=True)])
    return table[::-1]
