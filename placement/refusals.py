"""Refusals: what the field, the law or the state of things does not allow, as values with a code and facts.

A rule or a service raises one; the edge turns the code into a sentence in the reader's language
(`web/sentences.py`), with the typed text kept. Facts are references, numbers and dates, never names.
"""

from __future__ import annotations


class Refusal(Exception):
    """Something was refused: nothing was saved. `code` names the rule, `field` the input it is about."""

    status = 422

    def __init__(self, code: str, *, field: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.facts = facts


class NotFound(Refusal):
    """There is no such thing for this actor. Foreign and missing are the same, so nothing can be learned."""

    status = 404

    def __init__(self) -> None:
        super().__init__("not-found")


class Conflict(Refusal):
    """The state changed meanwhile: another save, a taken place, a stale proposal."""

    status = 409


class NotAllowed(Refusal):
    """The actor may use the page but not do this act (mandate, separation of duties)."""

    status = 403


class Refusals(Refusal):
    """Several refusals of one input at once, so that a person mends all of them in one go."""

    def __init__(self, faults: list[Refusal]) -> None:
        super().__init__("several")
        self.faults = faults
