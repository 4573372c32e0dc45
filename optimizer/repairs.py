"""What would let an unplaced child in: the cheapest changes to units with which all others stay placed.

The others may live elsewhere, also where a change opens a unit to them. A repair is cheaper with fewer
changes, then with the smaller sum of amounts (places, hours a week, weeks of agreement), then with fewer
children living elsewhere than in the plan. Age, gender, support level, a safety ban and people to be kept
apart are not repaired. Each repair is proven by its plan, which the checker's own rules accept in the
changed units, and by the solver that none is cheaper; a mix limit is a setting that is lifted as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from optimizer.ground import Ground, Key, Place, Scene, widened_unit
from optimizer.loads import Loads
from optimizer.pair_rules import locked_units, must_group_of, quota, stay
from optimizer.problem import Instance, Result, Unit, Window
from optimizer.recount import recount
from optimizer.repair_model import RepairModel

REPAIRABLE = frozenset({"SERVICE_MISSING", "LANGUAGE", "AGREEMENT_NOT_IN_FORCE", "NO_QUOTA", "CAPACITY"})
"""Reasons that more of something in the unit does away with."""

Homes = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Change:
    """More of one thing in one unit.

    `what` is a resource (`beds`, `care`, `interp`, `lang:CODE`, `serv:CODE`, `quota:COUNTY`: `amount` more;
    a service the unit lacks is added, with 0 hours where it is not metered; `group:GROUP`: the unit's mix
    limit is lifted) or `window`: `amount` weeks longer, in use from week `start` up to `end`.
    """

    unit: str
    what: str
    amount: int
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes with which `child` lives in `unit`; `moves` are (child, before, after) of the others."""

    child: str
    unit: str
    changes: tuple[Change, ...]
    moves: tuple[tuple[str, str, str], ...]

    @property
    def effort(self) -> tuple[int, int]:
        """Number of changes and sum of their amounts."""
        return len(self.changes), sum(change.amount for change in self.changes)


def cheapest_repairs(result: Result, child: str, ground: Ground, scene: Scene, n: int = 3) -> tuple[Repair, ...]:
    """Return up to `n` repairs for an unplaced child, cheapest first, none including another's changes.

    `ground` is that of `repair_ground`, `scene` its part for the child. Empty if nothing repairable would do.
    """
    return Repairs(ground, scene, result.assignment, child).cheapest(n)


def repair_ground(instance: Instance, result: Result, subjects: Iterable[str]) -> Ground:
    """Return the ground for repairs for unplaced `subjects`, with units open to the others by repairs too."""
    kept = (child.id for child in instance.children if result.assignment.get(child.id) is not None)
    return Ground(instance, subjects, kept, REPAIRABLE)


def applied(instance: Instance, changes: Sequence[Change]) -> Instance:
    """Return the instance with `changes` made."""
    changed = dict(instance.unit_by_id)
    for change in changes:
        changed[change.unit] = _changed(changed[change.unit], change)
    return replace(instance, units=tuple(changed[unit.id] for unit in instance.units))


def _changed(unit: Unit, change: Change) -> Unit:
    kind, _, code = change.what.partition(":")
    if kind == "window":
        assert change.start is not None
        assert change.end is not None
        return widened_unit(unit, range(change.start, change.end))
    if kind == "beds":
        windows = (Window(window.start, window.end, window.beds + change.amount) for window in unit.windows)
        return replace(unit, windows=tuple(windows))
    if kind == "care":
        return replace(unit, care_hours=unit.care_hours + change.amount)
    if kind == "interp":
        return replace(unit, interpreter_hours=unit.interpreter_hours + change.amount)
    if kind == "group":
        return replace(unit, max_same_group_permille=1000)
    if kind == "quota":
        return replace(unit, quota={**unit.quota, code: quota(unit, code) + change.amount})
    field = "languages" if kind == "lang" else "services"
    hours = getattr(unit, field)
    more = {**hours, code: hours.get(code, 0) + change.amount}
    return replace(unit, languages=more) if kind == "lang" else replace(unit, services=more)


class Repairs:
    """The search for one child's repairs."""

    def __init__(self, ground: Ground, scene: Scene, assignment: Homes, child: str) -> None:
        self.ground = ground
        self.instance = ground.instance
        self.scene = scene
        self.assignment = assignment
        self.child = child
        self.going = sorted(scene.subjects)
        self.by_unit: dict[str, list[Place]] = defaultdict(list)
        for place in scene.places:
            if place.child in scene.subjects:
                self.by_unit[place.unit].append(place)
        self.open = [unit.id for unit in self.instance.units if self._repairable(unit.id)]
        at_home = {(child, str(home)) for child, home in assignment.items() if home is not None}
        self.home = [(place.child, place.unit) in at_home and place.child in scene.kept for place in scene.places]
        self.load = [sum(use for place, use in limit.terms if self.home[place]) for limit in scene.limits]
        self.nobody = [0] * len(scene.limits)

    def cheapest(self, n: int) -> tuple[Repair, ...]:
        """Return up to `n` repairs: those with nobody else moving where none can be cheaper, else solved."""
        found: list[Repair] = []
        near = sorted(self.open, key=lambda unit: (self.estimate(self.by_unit[unit], self.load), unit))
        while len(found) < n:
            best = self._nearest(near, found)
            if best is not None and best.effort > self._least():
                best = self._with_one_move(best, found)
            if best is None or best.effort > self._least():
                best = RepairModel(self, best).cheapest_beside(found) or best
            if best is None or any(_includes(best, other) for other in found):
                break
            found.append(best)
        return tuple(found)

    def _nearest(self, near: list[str], found: Sequence[Repair]) -> Repair | None:
        """Return the cheapest repair with nobody else moving that includes none of `found`."""
        for unit in near:
            repair = self._repair({}, unit)
            if repair is not None and not any(_includes(repair, other) for other in found):
                return repair
        return None

    def _with_one_move(self, best: Repair, found: Sequence[Repair]) -> Repair:
        """Return a repair cheaper than `best` with one other moving to where there is room, else `best`."""
        ways = []
        for home, is_home in enumerate(self.home):
            place = self.scene.places[home]
            if not is_home or place.unit not in self.open or not (free := self._free_elsewhere(place.child)):
                continue
            load = list(self.load)
            for row, use in place.uses:
                load[row] -= use
            estimate = self.estimate(self.by_unit[place.unit], load)
            if estimate < best.effort:
                ways += [(estimate, place.child, other, place.unit) for other in free]
        for _, child, other, unit in sorted(ways):
            repair = self._repair({child: other}, unit)
            if repair is not None and repair.effort < best.effort and not any(_includes(repair, one) for one in found):
                return repair
        return best

    def _free_elsewhere(self, child: str) -> tuple[str, ...]:
        """Return the units with room for a kept child while all others stay; kept with the ground."""
        if child not in self.ground.free_elsewhere:
            places = [self.scene.places[index] for index in self.scene.places_of[child] if not self.home[index]]
            self.ground.free_elsewhere[child] = tuple(
                place.unit for place in places if self.estimate([place], self.load) == (0, 0)
            )
        return self.ground.free_elsewhere[child]

    def estimate(self, places: Sequence[Place], load: Sequence[int]) -> tuple[int, int]:
        """Return about what effort it takes to take these places of one unit beside `load` on each limit."""
        more: dict[int, int] = defaultdict(int)
        for place in places:
            for row, use in place.uses:
                more[row] += use
        short: dict[Key, int] = {}
        for row, use in more.items():
            limit = self.scene.limits[row]
            excess = load[row] + use - limit.cap
            if excess > 0:
                short[limit.key] = max(excess, short.get(limit.key, 0))
        unit, goes = places[0].unit, {place.child: place.unit for place in places}
        weeks = sum(change.amount for change in self.windows(unit, goes))
        short_services = {str(self.scene.facts[key].about["resource"]) for key in short}
        count = len(short) + bool(weeks) + len(self.absent(unit, goes) - short_services)
        return count, sum(short.values()) + weeks

    def alone(self, places: Sequence[Place]) -> tuple[int, int]:
        """Return `estimate` with nobody else there; kept with the ground for a single place of a kept child."""
        if places[0].child not in self.scene.kept:
            return self.estimate(places, self.nobody)
        pair = places[0].child, places[0].unit
        if pair not in self.ground.alone:
            self.ground.alone[pair] = self.estimate(places, self.nobody)
        return self.ground.alone[pair]

    def repair_of(self, chosen: Sequence[int]) -> Repair | None:
        """Return the repair that the chosen places make necessary."""
        unit = next(self.scene.places[k].unit for k in chosen if self.scene.places[k].child == self.child)
        others = {
            self.scene.places[k].child: self.scene.places[k].unit
            for k in chosen
            if self.scene.places[k].child in self.scene.kept and not self.home[k]
        }
        return self._repair(others, unit)

    def _least(self) -> tuple[int, int]:
        """Return an effort that no repair can be below: something unmetered costs a change of 0."""
        unmetered = any(
            hours == 0 for child in self.scene.places_of for hours in self.instance.child_by_id[child].services.values()
        )
        return 1, 0 if unmetered else 1

    def _repairable(self, unit: str) -> bool:
        places = self.by_unit.get(unit, [])
        if len(places) < len(self.going) or self._inside_quarrel() or self._bound_elsewhere(unit):
            return False
        return all(
            self.scene.facts[key].about.get("reason") in REPAIRABLE for place in places for key in place.refused_by
        )

    def _inside_quarrel(self) -> bool:
        return any(
            self.scene.places[first].child in self.scene.subjects
            and self.scene.places[second].child in self.scene.subjects
            for first, second, _ in self.scene.exclusions
        )

    def _bound_elsewhere(self, unit: str) -> bool:
        group = must_group_of(self.instance).get(self.child)
        locks = locked_units(self.instance, group) if group is not None else frozenset()
        return len(locks) == 1 and unit not in locks

    def _repair(self, others: Mapping[str, str], unit: str) -> Repair | None:
        """Return the repair with the child in `unit` and `others` moved, None if it is not one."""
        goes = {**others, **dict.fromkeys(self.going, unit)}
        touched = sorted({*goes.values()})
        changes = self._needed(goes, touched)
        for change in changes if len(changes) > 1 else ():
            fewer = [one for one in changes if one is not change]
            if self._accepted(goes, touched, fewer):
                changes = fewer
        if not changes or not self._accepted(goes, touched, changes):
            return None
        moves = tuple((child, str(self.assignment[child]), others[child]) for child in sorted(others))
        return Repair(self.child, unit, tuple(changes), moves)

    def _needed(self, goes: Mapping[str, str], touched: list[str]) -> list[Change]:
        """Return what the touched units lack when all have gone where they go."""
        part, homes = self._part(self.ground.wide, goes, touched)
        loads = Loads(part, homes)
        found = []
        for unit in part.units:
            found += self.windows(unit.id, goes)
            lacking = self.absent(unit.id, goes)
            for resource, load in sorted(loads.all[unit.id].items()):
                locked = loads.locked[unit.id].get(resource, [0] * part.horizon_weeks)
                short = max(
                    load[week] - loads.cap(unit, resource, week) if load[week] > locked[week] else 0
                    for week in range(part.horizon_weeks)
                )
                if short > 0:
                    found.append(Change(unit.id, resource, 1 if resource.startswith("group:") else short))
                    lacking.discard(resource)
            found += [Change(unit.id, resource, 0) for resource in sorted(lacking)]
        return found

    def windows(self, unit: str, goes: Mapping[str, str]) -> list[Change]:
        """Return the longer window `unit` needs for those who go there, if any."""
        old = self.instance.unit_by_id[unit]
        weeks = [stay(self.instance, self.instance.child_by_id[child]) for child, home in goes.items() if home == unit]
        start = min([old.windows[0].start, *(week.start for week in weeks)])
        end = max([old.windows[-1].end, *(week.stop for week in weeks)])
        more = old.windows[0].start - start + end - old.windows[-1].end
        return [Change(unit, "window", more, start, end)] if more else []

    def absent(self, unit: str, goes: Mapping[str, str]) -> set[str]:
        """Return the services somebody needs who goes to `unit`, and the unit does not have."""
        offered = self.instance.unit_by_id[unit].services
        return {
            f"serv:{service}"
            for child, home in goes.items()
            if home == unit
            for service in self.instance.child_by_id[child].services
            if service not in offered
        }

    def _accepted(self, goes: Mapping[str, str], touched: list[str], changes: Sequence[Change]) -> bool:
        """Whether the checker accepts the touched units, changed, with everybody who then lives there."""
        part, homes = self._part(applied(self.instance, changes), goes, touched)
        return not recount(part, homes).faults

    def _part(self, instance: Instance, goes: Mapping[str, str], touched: list[str]) -> tuple[Instance, dict[str, str]]:
        """Return the instance cut down to the touched units and who lives there, and where all live."""
        after = {child: str(home) for child, home in self.assignment.items() if home is not None} | dict(goes)
        homes = {child: home for child, home in after.items() if home in touched}
        part = replace(
            instance,
            children=tuple(child for child in instance.children if child.id in homes),
            units=tuple(unit for unit in instance.units if unit.id in touched),
            sibling_groups=tuple(group for group in self.ground.groups if set(group.members) <= homes.keys()),
            apart=tuple(pair for pair in instance.apart if set(pair) <= homes.keys()),
        )
        return part, homes


def _includes(repair: Repair, other: Repair) -> bool:
    """Whether `repair` changes everything that `other` does."""
    made = {(change.unit, change.what) for change in repair.changes}
    return {(change.unit, change.what) for change in other.changes} <= made
