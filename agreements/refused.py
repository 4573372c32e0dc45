"""Refusals of this library, as values with a code and facts; the host turns the code into a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from agreements.claim_values import Problem


class Refused(Exception):
    """An act was refused and nothing was saved. `code` names the rule; facts are references, numbers and dates."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(f"{code} {facts}" if facts else code)
        self.code = code
        self.facts = facts


class ClaimNotFound(LookupError):
    """There is no such claim, line, payment or recovery."""


class ChangedMeanwhile(Refused):
    """Somebody else changed the claim since the page was read."""

    def __init__(self, **facts: object) -> None:
        super().__init__("changed-meanwhile", **facts)


class ClaimHasProblems(Refused):
    """A claim cannot be sent: every blocking problem, so that all are mended in one go."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("claim-has-problems", count=len(problems))
        self.problems = tuple(problems)
