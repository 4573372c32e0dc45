"""The optimizer: a pure library that places children in units, proves it, and explains it.

`Instance` goes in, `solve` returns a `Result`, `verify` checks one without a solver, `optimizer.explain`
says why. Importing the package loads no solver; `solve` does when it is called.
"""

from optimizer.problem import Instance, PairInstance, Requirements, Result
from optimizer.shape import InputRefused
from optimizer.solve import SolverDisagrees, solve
from optimizer.verify import Verdict, verify

__all__ = [
    "InputRefused",
    "Instance",
    "PairInstance",
    "Requirements",
    "Result",
    "SolverDisagrees",
    "Verdict",
    "solve",
    "verify",
]
