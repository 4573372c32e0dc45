"""Rules of agreements as pure functions: when a version is in force, its status word, who is still missing.

What the law requires on a day (chapters, sides, signing or hearing) comes in as values: the dated table is
the host's. Ends are inclusive days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from agreements.period import ONE_DAY, Period, earliest

CHAPTERS: dict[str, tuple[str, ...]] = {
    "three_party": ("founding", "placing", "services", "reimbursement"),
    "founding": ("founding",),
    "municipal_places": ("placing",),
    "foster_care": ("placing",),
    "purchase": ("services",),
    "legacy_28": ("founding", "placing", "services"),
}
"""The subjects that each kind of agreement settles (681/2023 §§ 33.3, 34, 42, 43.5, 55.1(7); 1386/2010 § 28)."""

PUT_IN_FORCE = frozenset({"signed", "terminated"})


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What the rules need to know of one version; `status` is the stored move, not the derived word."""

    id: int
    agreement_id: int
    number: int
    status: str
    valid_from: date
    valid_to: date | None
    activated_on: date | None
    ended_on: date | None


def periods_in_force(versions: Iterable[VersionFacts]) -> dict[int, Period]:
    """Return the days on which each version is in force; a version that never is, is left out.

    A version is in force from `valid_from` once it is signed and activated, to the end of its term, the day
    it was ended, or the day before a later version of the same agreement takes over, whichever comes first.
    A retroactive activation does not move `valid_from`: its reason and what was already claimed are kept
    elsewhere, and the days are covered.

    Source: reliability rules A4 to A6 of the agreement's life; nothing is stored, so no job can be late.
    """
    by_agreement: dict[int, list[VersionFacts]] = {}
    for version in versions:
        if version.status in PUT_IN_FORCE and version.activated_on is not None:
            by_agreement.setdefault(version.agreement_id, []).append(version)
    found: dict[int, Period] = {}
    for rows in by_agreement.values():
        rows.sort(key=lambda row: row.number)
        taken_over: date | None = None
        for row in reversed(rows):
            last = earliest(row.valid_to, row.ended_on, taken_over - ONE_DAY if taken_over else None)
            if last is None or last >= row.valid_from:
                found[row.id] = Period(row.valid_from, last)
            taken_over = min(row.valid_from, taken_over) if taken_over else row.valid_from
    return found


@dataclass(frozen=True, slots=True)
class Required:
    """A side that a chapter needs on a day and how: `role` is signatory or heard; `source` the provision."""

    chapter: str
    side: str
    role: str
    source: str


def sides_to_sign(required: Sequence[Required]) -> tuple[str, ...]:
    """Return the sides that must sign some chapter, each once, in the order of the chapters."""
    return tuple(dict.fromkeys(one.side for one in required if one.role == "signatory"))
