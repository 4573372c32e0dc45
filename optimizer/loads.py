"""What an assignment uses of each unit, and what keeps a child out of it; standard library only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import accumulate

from optimizer.pair_rules import capacity, overlap, stay, uses
from optimizer.problem import About, Blocking, Child, Fact, Instance, Unit, UnitLoad


class Loads:
    """Use per unit and resource in each week of `assignment` (child id to unit id or None)."""

    def __init__(self, instance: Instance, assignment: Mapping[str, str | int | None]) -> None:
        """Add up who uses what: all children, and the locked ones by themselves."""
        self.instance = instance
        self.assignment = assignment
        self.residents: dict[str, list[Child]] = defaultdict(list)
        for child in instance.children:
            home = assignment.get(child.id)
            if home is not None:
                self.residents[str(home)].append(child)
        self.rooms: dict[tuple[str, str], list[int]] = {}
        self.known_caps: dict[tuple[str, str], list[int]] = {}
        self.all: dict[str, dict[str, list[int]]] = {}
        self.locked: dict[str, dict[str, list[int]]] = {}
        for unit in instance.units:
            everyone = self.residents.get(unit.id, [])
            self.all[unit.id] = self._added(unit, everyone)
            self.locked[unit.id] = self._added(unit, [child for child in everyone if child.locked is not None])

    def _added(self, unit: Unit, children: list[Child]) -> dict[str, list[int]]:
        change: dict[str, list[int]] = {}
        for child in children:
            weeks = stay(self.instance, child)
            for resource, amount in uses(self.instance, child, unit).items():
                steps = change.setdefault(resource, [0] * (self.instance.horizon_weeks + 1))
                steps[weeks.start] += amount
                steps[weeks.stop] -= amount
        return {resource: list(accumulate(steps)) for resource, steps in change.items()}

    def cap(self, unit: Unit, resource: str, week: int) -> int:
        """Return the unit's capacity of a resource it limits."""
        return self.caps(unit, resource)[week]

    def caps(self, unit: Unit, resource: str) -> list[int]:
        """Return the unit's capacity of a resource it limits, a number per week."""
        key = unit.id, resource
        if key not in self.known_caps:
            weeks = range(self.instance.horizon_weeks)
            changing = resource == "beds" or resource.startswith("group:")
            found = [capacity(unit, resource, week) for week in weeks] if changing else []
            if not changing:
                found = [capacity(unit, resource, 0)] * len(weeks)
            assert None not in found, resource
            self.known_caps[key] = [cap for cap in found if cap is not None]
        return self.known_caps[key]

    def rows(self) -> Iterator[UnitLoad]:
        """Yield every load above 0: by unit in the instance's order, then week, then resource by name."""
        for unit in self.instance.units:
            used = [(resource, load, self.caps(unit, resource)) for resource, load in sorted(self.all[unit.id].items())]
            for week in range(self.instance.horizon_weeks):
                for resource, load, caps in used:
                    if load[week] > 0:
                        yield UnitLoad(unit.id, week, resource, load[week], caps[week])

    def over_by_locks(self) -> Iterator[Fact]:
        """Yield where locked children alone exceed a capacity, once per unit and resource: its first week."""
        for unit in self.instance.units:
            for resource, load in sorted(self.locked[unit.id].items()):
                for week in range(self.instance.horizon_weeks):
                    cap = self.cap(unit, resource, week)
                    if load[week] > cap:
                        about: dict[str, About] = {
                            "unit": unit.id,
                            "resource": resource,
                            "week": week,
                            "load": load[week],
                            "cap": cap,
                        }
                        yield Fact("LOCKED_OVER_CAPACITY", about)
                        break

    def blocking(self, children: list[Child], unit: Unit) -> Iterator[Blocking]:
        """Yield what keeps `children`, who go together, out of `unit`: each row in its first week.

        Resources come by name, `apart` last.
        """
        if len(children) == 1:
            weeks = stay(self.instance, children[0])
            wanted = {
                resource: [0] * weeks.start + [amount] * len(weeks)
                for resource, amount in uses(self.instance, children[0], unit).items()
                if min(self._room(unit, resource)[weeks.start : weeks.stop]) < amount
            }
        else:
            wanted = self._added(unit, children)
        for resource in sorted(wanted):
            room = self._room(unit, resource)
            for week, more in enumerate(wanted[resource][: self.instance.horizon_weeks]):
                if more > room[week]:
                    load = self.all[unit.id][resource][week] if resource in self.all[unit.id] else 0
                    there = self._users(unit, resource, week)
                    yield Blocking(unit.id, resource, week, load, self.cap(unit, resource, week), there)
                    break
        yield from self._apart(children, unit)

    def _room(self, unit: Unit, resource: str) -> list[int]:
        """Return what may still be added to a resource, a number per week, at least 0."""
        key = unit.id, resource
        if key not in self.rooms:
            nothing = [0] * (self.instance.horizon_weeks + 1)
            load = self.all[unit.id].get(resource, nothing)
            floor = self.locked[unit.id].get(resource, nothing)
            self.rooms[key] = [
                max(0, max(self.cap(unit, resource, week), floor[week]) - load[week])
                for week in range(self.instance.horizon_weeks)
            ]
        return self.rooms[key]

    def _users(self, unit: Unit, resource: str, week: int) -> tuple[str, ...]:
        return tuple(
            child.id
            for child in self.residents.get(unit.id, [])
            if week in stay(self.instance, child) and resource in uses(self.instance, child, unit)
        )

    def _apart(self, children: list[Child], unit: Unit) -> Iterator[Blocking]:
        """Yield one row if somebody there, or one of `children`, must not meet one of `children`."""
        newcomers = {child.id for child in children}
        weeks: dict[str, int] = {}
        for child in children:
            for other in self.instance.foes_by_child.get(child.id, ()):
                if other in newcomers or self.assignment.get(other) == unit.id:
                    shared = overlap(self.instance, child, self.instance.child_by_id[other])
                    if shared:
                        weeks[other] = min(shared.start, weeks.get(other, shared.start))
        if weeks:
            there = tuple(child.id for child in self.instance.children if child.id in weeks)
            yield Blocking(unit.id, "apart", min(weeks.values()), len(there), 0, there)
