"""HiGHS on one program, by itself: as a function, and as a process that can be ended.

OR-Tools passes no interrupt on to HiGHS, so that a long run can only be ended with its process. This file
imports nothing of the package: it is run by its path, with the program on standard input.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from typing import TypedDict

from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

NAME = f"HiGHS, OR-Tools {version('ortools')}"
MOST_NODES = 100_000
"""Nodes after which HiGHS gives up: a count, not a time, so that a run repeats."""


class Answer(TypedDict):
    """Whether it is proven that the program has no solution; the columns of one, None if none was found."""

    infeasible: bool
    x: list[float] | None


def answer(program: bytes) -> Answer:
    """Return what HiGHS says of a MathOpt program."""
    built = mathopt.Model.from_model_proto(model_pb2.ModelProto.FromString(program))
    parameters = mathopt.SolveParameters(
        relative_gap_tolerance=0.0, absolute_gap_tolerance=0.0, node_limit=MOST_NODES, solution_limit=1
    )
    solved = mathopt.solve(built, mathopt.SolverType.HIGHS, params=parameters)
    if not solved.has_primal_feasible_solution():
        return {"infeasible": solved.termination.reason == mathopt.TerminationReason.INFEASIBLE, "x": None}
    values = solved.variable_values()
    return {"infeasible": False, "x": [values[variable] for variable in built.variables()]}


if __name__ == "__main__":
    print(json.dumps(answer(sys.stdin.buffer.read())))
