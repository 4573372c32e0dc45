"""Why something cannot be had: a smallest set of wishes and rules that no plan can meet together.

A question is what should be (a child placed, a child in a unit, the others kept placed, at most so many
moves) and every rule that might be in the way, each behind a literal. What no plan meets is thinned by a
deletion filter: members are taken out, many at a time and then singly, and stay out if the rest still
cannot be met. So what remains cannot be met, and could be without any one of its members.

Members are facts: `CHILD_PLACED`, `STAYS_PLACED`, `PLACE`, `MAX_MOVES` (wishes); `LOCKED`, `REASON` (a
code that refuses a child units), `LIMIT` (a resource of a unit), `APART`, `SIBLINGS` (rules).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ortools.sat.python import cp_model

from optimizer.ground import Ground, Key, Scene
from optimizer.pair_rules import locked_units
from optimizer.problem import Fact, Instance, Requirements, Result, SiblingGroup
from optimizer.thinning import thinned
from optimizer.witness import Witness

REMOVAL_ORDER = (
    "LIMIT",
    "STAYS_PLACED",
    "APART",
    "SIBLINGS",
    "REASON",
    "LOCKED",
    "MAX_MOVES",
    "CHILD_PLACED",
    "PLACE",
)
"""In which order members are tried for removal: what says most about a child goes last."""


def unplaced_conflict(result: Result, child: str, ground: Ground, scene: Scene) -> tuple[Fact, ...]:
    """Return why `child` cannot be placed while everybody `result` places stays placed somewhere.

    `ground` is that of `ground_of`, `scene` its part for the child. Empty if the child could be placed:
    then the goals, not the rules, keep it out.
    """
    return unplaced_question(result, child, ground, scene).smallest()


def unplaced_question(result: Result, child: str, ground: Ground, scene: Scene) -> Question:
    """Return the question that `unplaced_conflict` answers."""
    question = Question(ground, scene)
    question.wish(Fact("CHILD_PLACED", {"child": child}))
    for other in sorted(scene.kept):
        question.wish(Fact("STAYS_PLACED", {"child": other}))
    question.witness = Witness(ground, scene, result.assignment, child)
    return question


def required_conflict(instance: Instance, requirements: Requirements) -> tuple[Fact, ...]:
    """Return why `requirements` cannot be met; empty if they can."""
    return required_question(instance, requirements).smallest()


def required_question(instance: Instance, requirements: Requirements) -> Question:
    """Return the question that `required_conflict` answers."""
    named = {child for child, _ in requirements.place} | set(requirements.placed)
    everyone = {child.id for child in instance.children if child.locked is None}
    ground = Ground(instance, named, everyone)
    question = Question(ground, ground.scene(named))
    for child, unit in requirements.place:
        question.wish(Fact("PLACE", {"child": child, "unit": unit}))
    for child in requirements.placed:
        question.wish(Fact("CHILD_PLACED", {"child": child}))
    if requirements.max_moves is not None:
        question.wish(Fact("MAX_MOVES", {"most": requirements.max_moves}))
    return question


def ground_of(instance: Instance, result: Result, subjects: Iterable[str]) -> Ground:
    """Return the ground for questions on unplaced `subjects`, the placed free children being kept."""
    kept = (
        child.id for child in instance.children if child.locked is None and result.assignment.get(child.id) is not None
    )
    return Ground(instance, subjects, kept)


class Question:
    """Wishes and rules of a scene in a CP-SAT model, each behind a literal."""

    def __init__(self, ground: Ground, scene: Scene) -> None:
        """Build the model with every rule; none is enforced until asked for."""
        self.ground = ground
        self.scene = scene
        self.witness: Witness | None = None
        self.model = cp_model.CpModel()
        self.literals: dict[Key, cp_model.IntVar] = {}
        self.facts: dict[Key, Fact] = {}
        self.bound: set[Key] = set()
        self.chosen = [self.model.new_bool_var("") for _ in scene.places]
        self._add_rules()

    def wish(self, fact: Fact) -> None:
        """Add something wished for."""
        key = fact.code, repr(sorted(fact.about.items()))
        self.facts[key] = fact
        literal = self._literal(key)
        if fact.code == "MAX_MOVES":
            self.model.add(self._moves() <= int(str(fact.about["most"]))).only_enforce_if(literal)
            return
        child = self.ground.instance.child_by_id[str(fact.about["child"])]
        if child.locked is not None:
            if fact.code == "PLACE" and child.locked != fact.about["unit"]:
                locked = self.ground.key("LOCKED", child=child.id, unit=child.locked)
                self.model.add_bool_or(~literal, ~self._literal(locked))
            return
        places = (self.scene.places[index] for index in self.scene.places_of[child.id])
        there = [
            self.chosen[place.index] for place in places if fact.code != "PLACE" or place.unit == fact.about["unit"]
        ]
        self.model.add_bool_or(*there, ~literal)

    def smallest(self) -> tuple[Fact, ...]:
        """Return an irreducible set of members that cannot hold together, wishes first; empty if all can."""
        keys = sorted(self.literals, key=self._removal_rank)
        if self._can_hold(keys):
            return ()
        needed = thinned(keys, self._can_hold)
        needed.sort(key=lambda key: (-REMOVAL_ORDER.index(key[0]), key))
        return tuple(self.facts.get(key) or self.scene.facts[key] for key in needed)

    def holds(self, facts: Iterable[Fact]) -> bool:
        """Whether some plan meets all of `facts`, every other rule and wish set aside."""
        return self._solved([(fact.code, repr(sorted(fact.about.items()))) for fact in facts])

    def _removal_rank(self, key: Key) -> tuple[int, int, Key]:
        covers = 0
        if key[0] == "REASON":
            covers = sum(key in place.refused_by for place in self.scene.places)
        return REMOVAL_ORDER.index(key[0]), covers, key

    def _can_hold(self, keys: list[Key]) -> bool:
        """Whether a plan meets these members: by a plan at hand if one is near, else by a solve."""
        if self.witness is not None and self.witness.finds(set(keys)):
            return True
        return self._solved(keys)

    def _solved(self, keys: Iterable[Key]) -> bool:
        enforced = set(keys)
        for key in enforced ^ self.bound:
            self._bind(key, key in enforced)
        self.bound = enforced
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2  # many children, few beds: only the LP counts them at once
        solver.parameters.cp_model_probing_level = 0  # a third of the time of so small a model
        solver.parameters.symmetry_level = 0
        solver.parameters.catch_sigint_signal = False
        status = solver.solve(self.model)
        assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE), status
        return status != cp_model.INFEASIBLE

    def _bind(self, key: Key, enforced: bool) -> None:
        domain = self.model.proto.variables[self.literals[key].index].domain
        domain[0] = domain[1] = int(enforced)

    def _literal(self, key: Key) -> cp_model.IntVar:
        if key not in self.literals:
            self.literals[key] = self.model.new_bool_var("")
            self._bind(key, enforced=False)
        return self.literals[key]

    def _moves(self) -> cp_model.LinearExprT:
        current = {child.id: child.current for child in self.ground.instance.children}
        return cp_model.LinearExpr.sum(
            [
                self.chosen[place.index]
                for place in self.scene.places
                if current[place.child] is not None and current[place.child] != place.unit
            ],
        )

    def _add_rules(self) -> None:
        for indexes in self.scene.places_of.values():
            self.model.add_at_most_one(self.chosen[index] for index in indexes)
        for limit in self.scene.limits:
            load = cp_model.LinearExpr.weighted_sum(
                [self.chosen[place] for place, _ in limit.terms], [use for _, use in limit.terms]
            )
            self.model.add(load <= limit.cap).only_enforce_if(self._literal(limit.key))
        for first, second, key in self.scene.exclusions:
            self.model.add_bool_or(~self.chosen[first], ~self.chosen[second], ~self._literal(key))
        for place in self.scene.places:
            for key in sorted(place.refused_by):
                self.model.add_implication(self._literal(key), ~self.chosen[place.index])
        for group in self.scene.groups:
            self._add_siblings(group)

    def _add_siblings(self, group: SiblingGroup) -> None:
        locks = locked_units(self.ground.instance, group)
        free = [member for member in group.members if member in self.scene.places_of]
        if len(locks) > 1 or not free:
            return
        literal = self._literal(self.ground.key("SIBLINGS", group=group.id))
        by_unit: Mapping[str, dict[str, int]] = defaultdict(dict)
        for member in free:
            for index in self.scene.places_of[member]:
                by_unit[self.scene.places[index].unit][member] = index
        for unit, places in by_unit.items():
            if locks and unit not in locks:
                for index in places.values():
                    self.model.add_implication(literal, ~self.chosen[index])
            elif not locks:
                self._tie(literal, [places.get(member) for member in free])

    def _tie(self, literal: cp_model.IntVar, places: list[int | None]) -> None:
        """Let `literal` mean that all of `places` are chosen or none; None is a place that is not open."""
        for one, other in zip(places, [*places[1:], places[0]], strict=True):
            if one is not None and other is not None:
                self.model.add_bool_or(~self.chosen[one], self.chosen[other], ~literal)
            elif one is not None:
                self.model.add_bool_or(~self.chosen[one], ~literal)
