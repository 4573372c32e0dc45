"""The rules and goals as terms of a CP-SAT model: one function each, testable alone."""
