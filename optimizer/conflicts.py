"""Why something cannot be had: a smallest set of wishes and rules that no plan can meet together.

A question is what should be (a child placed, a child in a unit, the others kept placed, at most so many
moves) and every rule that might be in the way, each behind a literal. What no plan meets is thinned by a
deletion filter: each member is taken out in turn and stays out if the rest still cannot be met. So what
remains cannot be met, and could be without any one of its members. Nothing outside it is needed.

Members are facts: `CHILD_PLACED`, `STAYS_PLACED`, `PLACE`, `MAX_MOVES` (wishes); `LOCKED`, `REASON` (a
code that refuses a child units), `LIMIT` (a resource of a unit), `APART`, `SIBLINGS` (rules).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from ortools.sat.python import cp_model

from optimizer import frame as frames
from optimizer.pair_rules import locked_units, own_reasons
from optimizer.problem import Child, Fact, Instance, Requirements, Result, SiblingGroup, Unit

WISHES = ("CHILD_PLACED", "STAYS_PLACED", "PLACE", "MAX_MOVES")
"""Codes of what is wished, as against the rules in its way."""


def unplaced_conflict(instance: Instance, result: Result, child: str) -> tuple[Fact, ...]:
    """Return why `child` cannot be placed while everybody `result` places stays placed somewhere.

    Empty if the child could be: then the goals, not the rules, keep it out.
    """
    question = Question(instance, {child}, _kept(instance, result))
    question.wish(Fact("CHILD_PLACED", {"child": child}))
    for other in sorted(question.kept):
        question.wish(Fact("STAYS_PLACED", {"child": other}))
    return question.smallest()


def required_conflict(instance: Instance, requirements: Requirements) -> tuple[Fact, ...]:
    """Return why `requirements` cannot be met; empty if they can."""
    named = {child for child, _ in requirements.place} | set(requirements.placed)
    everyone = {child.id for child in instance.children if child.locked is None}
    question = Question(instance, named, everyone)
    for child, unit in requirements.place:
        question.wish(Fact("PLACE", {"child": child, "unit": unit}))
    for child in requirements.placed:
        question.wish(Fact("CHILD_PLACED", {"child": child}))
    if requirements.max_moves is not None:
        question.wish(Fact("MAX_MOVES", {"most": requirements.max_moves}))
    return question.smallest()


def _kept(instance: Instance, result: Result) -> set[str]:
    return {
        child.id for child in instance.children if child.locked is None and result.assignment.get(child.id) is not None
    }


class Question:
    """What is wished of some children, and all rules that may be in the way, each with a literal.

    To the `subjects` (and their must siblings) every unit is open but for the rules that refuse it; the
    `others` may go where they always might, or nowhere. Everybody else stays as if not there.
    """

    def __init__(self, instance: Instance, subjects: set[str], others: set[str]) -> None:
        """Build the model with every rule, none of them enforced yet."""
        self.instance = instance
        self.groups = [group for group in instance.sibling_groups if group.mode == "must"]
        self.subjects = self._with_siblings(subjects)
        self.kept = others - self.subjects
        self.involved = self.subjects | self._with_siblings(self.kept)
        self.model = cp_model.CpModel()
        self.literals: dict[tuple[str, str], cp_model.IntVar] = {}
        self.facts: dict[tuple[str, str], Fact] = {}
        self._build()

    def wish(self, fact: Fact) -> None:
        """Add something wished for."""
        literal = self._literal(fact)
        about = fact.about
        if fact.code == "MAX_MOVES":
            moves = sum(self.frame.options[option].moves * var for option, var in self.chosen.items())
            self.model.add(moves <= int(str(about["most"]))).only_enforce_if(literal)
            return
        child = self.instance.child_by_id[str(about["child"])]
        if child.locked is not None:
            if fact.code == "PLACE" and child.locked != about["unit"]:
                locked = self._literal(Fact("LOCKED", {"child": child.id, "unit": child.locked}))
                self.model.add_bool_or(~literal, ~locked)
            return
        there = [var for unit, var in self.places[child.id].items() if fact.code != "PLACE" or unit == about["unit"]]
        self.model.add_bool_or(*there, ~literal)

    def smallest(self) -> tuple[Fact, ...]:
        """Return an irreducible set of members that cannot hold together, wishes first; empty if all can."""
        core = self._core()
        if core is None:
            return ()
        # Rules that are easily meant by accident go first, so that what stays tells the most.
        order = sorted(core, key=lambda key: (_ORDER.index(self.facts[key].code), key))
        needed = list(order)
        for key in order:
            fewer = [one for one in needed if one != key]
            if not self._can_hold(fewer):
                needed = fewer
        needed.sort(key=lambda key: (-_ORDER.index(self.facts[key].code), key))
        return tuple(self.facts[key] for key in needed)

    def holds(self, facts: Iterable[Fact]) -> bool:
        """Whether some plan meets all of `facts`, other rules between these children set aside."""
        return self._can_hold([_key(fact) for fact in facts])

    def _with_siblings(self, ids: set[str]) -> set[str]:
        """Return the free children of `ids` and the free members of their must groups."""
        found = set(ids)
        for group in self.groups:
            if found & set(group.members):
                found |= set(group.members)
        return {child for child in found if self.instance.child_by_id[child].locked is None}

    def _build(self) -> None:
        # Siblings are taken singly here, so that being together can be a member of the conflict.
        singly = replace(
            self.instance,
            sibling_groups=tuple(group for group in self.instance.sibling_groups if group.mode == "should"),
        )
        usual = frames.by_the_rules(singly)

        def admits(child: Child, unit: Unit) -> bool:
            return child.id in self.subjects or (child.id in self.involved and usual(child, unit))

        self.frame = frames.build(singly, admits)
        self.chosen: dict[int, cp_model.IntVar] = {}
        self.places: dict[str, dict[str, cp_model.IntVar]] = defaultdict(dict)
        for index, option in enumerate(self.frame.options):
            child = self.instance.children[self.frame.items[option.item][0]]
            self.chosen[index] = self.model.new_bool_var("")
            self.places[child.id][self.instance.units[option.unit].id] = self.chosen[index]
        for places in self.places.values():
            self.model.add_at_most_one(places.values())
        self._add_limits()
        self._add_apart()
        self._add_reasons()
        for group in self.groups:
            self._add_siblings(group)

    def _add_limits(self) -> None:
        for row in self.frame.rows:
            unit = self.instance.units[row.unit].id
            literal = self._literal(Fact("LIMIT", {"unit": unit, "resource": row.resource}))
            load = sum(use * self.chosen[option] for option, use in row.terms)
            self.model.add(load <= row.cap).only_enforce_if(literal)

    def _add_apart(self) -> None:
        for (first, second), (one, other) in zip(self.frame.exclusions, self.frame.excluding, strict=True):
            literal = self._literal(Fact("APART", {"children": (one, other)}))
            self.model.add_bool_or(~self.chosen[first], ~self.chosen[second], ~literal)
        for child, homes in frames.kept_apart(self.instance).items():
            for unit, resident in homes.items():
                if child in self.subjects:
                    literal = self._literal(Fact("APART", {"children": (child, resident)}))
                    self.model.add_implication(literal, ~self.places[child][unit])

    def _add_reasons(self) -> None:
        for name in sorted(self.subjects):
            child = self.instance.child_by_id[name]
            for unit in self.instance.units:
                for code in own_reasons(self.instance, child, unit):
                    literal = self._literal(Fact("REASON", {"child": name, "reason": code}))
                    self.model.add_implication(literal, ~self.places[name][unit.id])

    def _add_siblings(self, group: SiblingGroup) -> None:
        locks = locked_units(self.instance, group)
        free = [member for member in group.members if member in self.involved]
        if len(locks) > 1 or not free:
            return
        literal = self._literal(Fact("SIBLINGS", {"group": group.id}))
        for unit in self.instance.units:
            places = [self.places[member].get(unit.id) for member in free]
            if locks:
                for place in places:
                    if place is not None and unit.id not in locks:
                        self.model.add_implication(literal, ~place)
                continue
            for one, other in zip(places, [*places[1:], places[0]], strict=True):
                if one is not None and other is not None:
                    self.model.add_bool_or(~one, other, ~literal)
                elif one is not None:
                    self.model.add_bool_or(~one, ~literal)

    def _literal(self, fact: Fact) -> cp_model.IntVar:
        key = _key(fact)
        if key not in self.literals:
            self.literals[key] = self.model.new_bool_var("")
            self.facts[key] = fact
        return self.literals[key]

    def _core(self) -> list[tuple[str, str]] | None:
        """Return members that cannot hold together, not yet thinned; None if all can."""
        keys = list(self.literals)
        self.model.add_assumptions([self.literals[key] for key in keys])
        solver = _solver()
        status = solver.solve(self.model)
        self.model.clear_assumptions()
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        by_index = {self.literals[key].index: key for key in keys}
        core = [by_index[index] for index in solver.sufficient_assumptions_for_infeasibility()]
        # The solver's core is only a hint: it is used if it is confirmed by a solve of its own.
        return keys if not core or self._can_hold(core) else core

    def _can_hold(self, keys: Iterable[tuple[str, str]]) -> bool:
        """Whether a plan meets these members, all others set aside."""
        enforced = set(keys)
        for key, literal in self.literals.items():
            bound = int(key in enforced)
            self._bind(literal, bound, bound)
        status = _solver().solve(self.model)
        for literal in self.literals.values():
            self._bind(literal, 0, 1)
        assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE), status
        return status != cp_model.INFEASIBLE

    def _bind(self, literal: cp_model.IntVar, low: int, high: int) -> None:
        domain = self.model.proto.variables[literal.index].domain
        domain[0], domain[1] = low, high


_ORDER = (
    "LIMIT",
    "REASON",
    "APART",
    "SIBLINGS",
    "LOCKED",
    "STAYS_PLACED",
    "MAX_MOVES",
    "CHILD_PLACED",
    "PLACE",
)
"""In which order members are tried for removal; what remains is listed the other way round."""


def _solver() -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False
    return solver


def _key(fact: Fact) -> tuple[str, str]:
    return fact.code, repr(sorted(fact.about.items()))
