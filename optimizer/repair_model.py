"""All repairs for one child in a CP-SAT model: every limit may give way, at a price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from optimizer.ground import Key, Place, Terms
from optimizer.pair_rules import locked_units

if TYPE_CHECKING:
    from optimizer.repairs import Repair, Repairs

MOST_WEEKS = 10_000
"""No agreement is drawn out further at one side."""


class RepairModel:
    """All repairs of a child in one CP-SAT model: every limit may give way, at a price."""

    def __init__(self, repairs: Repairs, best: Repair | None) -> None:
        """Build the model of the repairs that are cheaper than `best`."""
        self.repairs = repairs
        self.scene = repairs.scene
        self.best = best
        self.model = cp_model.CpModel()
        nowhere = self.model.new_constant(0)
        self.allowed = self._allowed()
        self.chosen = [self.model.new_bool_var("") if allowed else nowhere for allowed in self.allowed]
        self.made: dict[tuple[str, str], cp_model.IntVar] = {}
        self.amounts: list[cp_model.LinearExprT] = []
        self.weeks: dict[tuple[str, str], cp_model.IntVar] = {}
        most = sum(use for limit in self.scene.limits for _, use in limit.terms) + 2 * MOST_WEEKS * len(
            self.repairs.by_unit
        )
        self.one_amount = len(self.scene.kept) + 1
        self.one_change = self.one_amount * (most + 1)
        self._build()

    def cheapest_beside(self, found: Sequence[Repair]) -> Repair | None:
        """Return a cheapest of these repairs that includes none of `found`; None if there is none."""
        for repair in found:
            made = (self.made.get((change.unit, change.what)) for change in repair.changes)
            self.model.add_bool_or(~var for var in made if var is not None)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.cp_model_presolve = False  # half the time of so small a model
        solver.parameters.linearization_level = 0
        solver.parameters.catch_sigint_signal = False
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return None
        assert status == cp_model.OPTIMAL, solver.status_name(status)
        return self.repairs.repair_of([k for k, var in enumerate(self.chosen) if solver.value(var)])

    def _price(self) -> cp_model.LinearExprT:
        elsewhere = [
            var
            for var, place, home in zip(self.chosen, self.scene.places, self.repairs.home, strict=True)
            if place.child in self.scene.kept and not home
        ]
        changes = cp_model.LinearExpr.sum(list(self.made.values()))
        amounts = cp_model.LinearExpr.sum(self.amounts)
        return self.one_change * changes + self.one_amount * amounts + cp_model.LinearExpr.sum(elsewhere)

    def _price_of(self, repair: Repair) -> int:
        count, amount = repair.effort
        return self.one_change * count + self.one_amount * amount + len(repair.moves)

    def _build(self) -> None:
        scene, model = self.scene, self.model
        for indexes in scene.places_of.values():
            model.add_exactly_one(self.chosen[index] for index in indexes)
        for first, second, _ in scene.exclusions:
            model.add_at_most_one(self.chosen[first], self.chosen[second])
        self._add_limits()
        for places in self.repairs.by_unit.values():
            for place in places[1:]:
                model.add(self.chosen[place.index] == self.chosen[places[0].index])
        self._add_needs()
        self._add_siblings()
        if self.best is not None:
            model.add(cp_model.LinearExpr.sum(list(self.made.values())) <= self.best.effort[0])
            model.add(self._price() < self._price_of(self.best))
        model.minimize(self._price())

    def _add_limits(self) -> None:
        caps: dict[tuple[Key, Terms], int] = {}
        for limit in self.scene.limits:
            terms = tuple(term for term in limit.terms if self.allowed[term[0]])
            if sum(use for _, use in terms) > limit.cap:
                caps[limit.key, terms] = min(limit.cap, caps.get((limit.key, terms), limit.cap))
        rows: dict[Key, list[tuple[cp_model.LinearExprT, int, int]]] = defaultdict(list)
        for (key, terms), cap in caps.items():
            uses = [use for _, use in terms]
            load: cp_model.LinearExprT = cp_model.LinearExpr.weighted_sum(
                [self.chosen[place] for place, _ in terms], uses
            )
            rows[key].append((load, cap, sum(uses) - cap))
        for key, loads in rows.items():
            about = self.scene.facts[key].about
            unit, resource = str(about["unit"]), str(about["resource"])
            most = max(excess for _, _, excess in loads)
            if self.best is not None and self.best.effort[0] == 1 and not resource.startswith("group:"):
                most = min(most, self.best.effort[1])
            made = self._made(unit, resource)
            more = self.model.new_int_var(0, most, "")
            self.model.add(more <= most * made)
            for load, cap, _ in loads:
                self.model.add(load <= cap + more)
            self.amounts.append(made if resource.startswith("group:") else more)

    def _allowed(self) -> list[bool]:
        """Return which places can be part of a cheaper repair at all."""
        allowed = [
            self.repairs.home[place.index] or (place.child in self.scene.kept and not self._too_dear([place]))
            for place in self.scene.places
        ]
        for unit, places in self.repairs.by_unit.items():
            if unit in self.repairs.open and not self._too_dear(places):
                for place in places:
                    allowed[place.index] = True
        return allowed

    def _add_needs(self) -> None:
        """Bind what must be there at all where a child goes: an agreement for its weeks, a service."""
        for place in self.scene.places:
            if not self.allowed[place.index] or self.repairs.home[place.index]:
                continue
            chosen, goes = self.chosen[place.index], {place.child: place.unit}
            for change in self.repairs.windows(place.unit, goes):
                assert change.start is not None
                assert change.end is not None
                self.model.add_implication(chosen, self._made(place.unit, "window"))
                windows = self.repairs.instance.unit_by_id[place.unit].windows
                for side, weeks in (
                    ("start", windows[0].start - change.start),
                    ("end", change.end - windows[-1].end),
                ):
                    if weeks:
                        self.model.add(self._weeks(place.unit, side) >= weeks * chosen)
            for resource in sorted(self.repairs.absent(place.unit, goes)):
                self.model.add_implication(chosen, self._made(place.unit, resource))

    def _weeks(self, unit: str, side: str) -> cp_model.IntVar:
        """Return how many weeks a unit's agreement is longer at one side."""
        if (unit, side) not in self.weeks:
            self.weeks[unit, side] = self.model.new_int_var(0, MOST_WEEKS, "")
            self.amounts.append(self.weeks[unit, side])
        return self.weeks[unit, side]

    def _too_dear(self, places: Sequence[Place]) -> bool:
        """Whether these places take more changes than the best even if everybody else made way."""
        if self.best is None:
            return False
        alone = self.repairs.alone(places)
        return alone[0] > self.best.effort[0] or (self.best.effort[0] == 1 and alone > self.best.effort)

    def _add_siblings(self) -> None:
        for group in self.scene.groups:
            locks = locked_units(self.repairs.instance, group)
            members = [member for member in group.members if member in self.scene.kept]
            if len(locks) > 1 or not members:
                continue
            by_unit: Mapping[str, dict[str, cp_model.IntVar]] = defaultdict(dict)
            for member in members:
                for index in self.scene.places_of[member]:
                    by_unit[self.scene.places[index].unit][member] = self.chosen[index]
            for unit, places in by_unit.items():
                if (locks and unit not in locks) or (not locks and len(places) < len(members)):
                    self.model.add(sum(places.values()) == 0)
                elif not locks:
                    for var in places.values():
                        self.model.add(var == places[members[0]])

    def _made(self, unit: str, what: str) -> cp_model.IntVar:
        if (unit, what) not in self.made:
            self.made[unit, what] = self.model.new_bool_var("")
        return self.made[unit, what]
