"""Why not every item of a pair-resource instance can be assigned: items and capacities, each needed."""

from __future__ import annotations

from ortools.sat.python import cp_model

from optimizer.plain_pairs import pairs_of
from optimizer.problem import Fact, PairInstance
from optimizer.thinning import thinned

Member = tuple[str, int]


def assignment_conflict(instance: PairInstance) -> tuple[Fact, ...]:
    """Return a smallest set of `ITEM_ASSIGNED` and `RESOURCE` facts that cannot hold together.

    Empty if every item can be assigned.
    """
    items = [("ITEM_ASSIGNED", item) for item in range(instance.items)]
    rows = [("RESOURCE", row) for row in range(len(instance.resources))]
    question = _Question(instance)
    if question.can_hold([*rows, *items]):
        return ()
    needed = thinned([*rows, *items], question.can_hold)
    return tuple(
        Fact(code, {"item": str(index)} if code == "ITEM_ASSIGNED" else {"resource": instance.resources[index].id})
        for code, index in sorted(needed)
    )


class _Question:
    def __init__(self, instance: PairInstance) -> None:
        self.instance = instance
        self.pairs_of = pairs_of(instance)

    def can_hold(self, members: list[Member]) -> bool:
        """Whether the items among the members can be assigned within the resources among them."""
        items = [index for code, index in members if code == "ITEM_ASSIGNED"]
        model = cp_model.CpModel()
        chosen = {pair: model.new_bool_var("") for item in items for pair in self.pairs_of[item]}
        for item in items:
            model.add_exactly_one(chosen[pair] for pair in self.pairs_of[item])
        for code, index in members:
            if code == "RESOURCE":
                resource = self.instance.resources[index]
                terms = [(chosen[k], use) for k, use in zip(resource.pair, resource.use, strict=True) if k in chosen]
                load = cp_model.LinearExpr.weighted_sum([var for var, _ in terms], [use for _, use in terms])
                model.add(load <= resource.cap)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        solver.parameters.catch_sigint_signal = False
        status = solver.solve(model)
        assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE), status
        return status != cp_model.INFEASIBLE
