"""What a line's verdicts add up to, and the sample a reviewer draws. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from agreements.money import round_half_up

REASON_NEEDED = frozenset({"part", "reject", "park", "ask"})
"""Verdicts that go against the county or ask something of it: each has a reason (434/2003 § 45)."""


@dataclass(frozen=True, slots=True)
class Said:
    """One verdict: its word, the sum approved where it approves a part, the reason."""

    verdict: str
    approved_cents: int | None
    reason_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class LineState:
    """A line as its last verdict leaves it: claimed = approved + rejected + parked + open (rule L8)."""

    claimed_cents: int
    approved_cents: int
    rejected_cents: int
    parked_cents: int
    open_cents: int
    verdict: str
    asked: bool
    reason_code: str = ""
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the line still waits for a verdict; a line without a sum waits as well."""
        return self.verdict == ""


def line_state(claimed_cents: int, said: Sequence[Said]) -> LineState:
    """Return what the verdicts of a line add up to: the last one counts, a question or an answer opens it again."""
    if not said or said[-1].verdict in ("ask", "answer", "reopen"):
        asked = bool(said) and said[-1].verdict == "ask"
        return LineState(claimed_cents, 0, 0, 0, claimed_cents, "", asked)
    last = said[-1]
    approved = {"approve": claimed_cents, "part": last.approved_cents or 0}.get(last.verdict, 0)
    parked = claimed_cents if last.verdict == "park" else 0
    return LineState(
        claimed_cents,
        approved,
        claimed_cents - approved - parked,
        parked,
        0,
        last.verdict,
        False,
        last.reason_code,
        last.reason,
    )


def part_is_allowed(claimed_cents: int, approved_cents: int) -> bool:
    """Whether a part lies between nothing and the whole, both excluded: those are a refusal and an approval."""
    return 0 < approved_cents < claimed_cents or claimed_cents < approved_cents < 0


def corrected_verdict(claimed_cents: int, approved_cents: int) -> str:
    """Return the verdict that a corrected sum stands for: approve, reject or part."""
    if approved_cents == claimed_cents:
        return "approve"
    return "part" if approved_cents else "reject"


def counts_again(verdict: str, claimed_cents: int, approved_cents: int) -> bool:
    """Whether a line that was refused is not any more once it gets a sum: its days and voucher count again."""
    return verdict == "reject" and corrected_verdict(claimed_cents, approved_cents) != "reject"


@dataclass(frozen=True, slots=True)
class Sample:
    """Lines drawn for a closer look, by a method and a seed that draw them again."""

    method: str
    seed: int
    line_ids: tuple[int, ...]


def draw_sample(lines: Sequence[tuple[int, int]], *, size: int, seed: int) -> Sample:
    """Return a sample of lines with a chance in proportion to their sum; `lines`: key and cents above zero.

    Each line gets a number from the seed and its key alone, divided by its cents; the smallest are drawn. The
    same seed draws the same lines whatever the order, and anybody can draw them again.
    """

    def rank(line: tuple[int, int]) -> tuple[float, int]:
        digest = hashlib.sha256(f"{seed}:{line[0]}".encode()).digest()
        uniform = (int.from_bytes(digest[:7], "big") + 1) / (2**56 + 1)
        return (-math.log(uniform) / line[1], line[0])

    drawn = sorted((line for line in lines if line[1] > 0), key=rank)[: max(0, size)]
    return Sample("proportional-to-sum", seed, tuple(sorted(key for key, _ in drawn)))


def projected_error(sampled: Sequence[tuple[int, int]], total_cents: int) -> int:
    """Return the error in cents that a sample suggests for the whole; `sampled`: claimed and refused of each line.

    The mean share refused of the lines drawn, times the whole: each line was drawn with a chance in proportion to
    its sum, so that each share counts alike. Nothing for an empty sample.
    """
    shares = [(refused, claimed) for claimed, refused in sampled if claimed > 0]
    if not shares:
        return 0
    common = 1
    for _, claimed in shares:
        common *= claimed
    weighed = sum(refused * (common // claimed) for refused, claimed in shares)
    return round_half_up(weighed * total_cents, common * len(shares))
