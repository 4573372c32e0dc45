"""Rules of agreements as pure functions: when a version is in force, its status word, who is still missing.

What the law requires on a day (chapters, sides, signing or hearing) comes in as values: the dated table is
the host's. Ends are inclusive days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agreements.period import ONE_DAY, Period, earliest, gaps, overlaps

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


def status_on(version: VersionFacts, period: Period | None, day: date) -> str:
    """Return the status word of a version on a day; `period` is its entry of `periods_in_force`, None for none.

    draft, hearing, in-signing and returned are moves a person made. The rest follows from the dates: signed
    (not put in force, or its first day is still to come), in-force, replaced (a later version took over),
    terminated (it was ended before its term) and ended (its term is over).
    """
    if version.status not in PUT_IN_FORCE:
        return version.status
    if version.activated_on is None:
        return "terminated" if version.status == "terminated" else "signed"
    if period is None:
        return "replaced"
    if day < period.first:
        return "signed"
    if period.covers(day):
        return "in-force"
    if version.ended_on is not None and period.last == version.ended_on:
        return "terminated"
    return "ended" if period.last == version.valid_to else "replaced"


def leading(versions: Sequence[VersionFacts], periods: Mapping[int, Period], day: date) -> VersionFacts:
    """Return the version that stands for the agreement on a day: the one in force, else the newest.

    Raises ValueError for an agreement without versions: each is created with its first.
    """
    if not versions:
        raise ValueError("an agreement has at least one version")
    for version in versions:
        period = periods.get(version.id)
        if period is not None and period.covers(day):
            return version
    return max(versions, key=lambda one: one.number)


@dataclass(frozen=True, slots=True)
class Required:
    """A side that a chapter needs on a day and how: `role` is signatory or heard; `source` the provision."""

    chapter: str
    side: str
    role: str
    source: str


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """A party of a version; `chapter` None = the whole instrument."""

    id: int
    organisation_id: int
    side: str
    role: str
    chapter: str | None


def stands_for(party: PartyFacts, need: Required) -> bool:
    """Whether a party is what a chapter needs: the right side, there, and signing where a signature is needed.

    A side that signs the whole is heard by that as well.
    """
    enough = party.role in (need.role, "signatory")
    return party.side == need.side and enough and party.chapter in (None, need.chapter)


def missing_parties(required: Sequence[Required], parties: Sequence[PartyFacts]) -> list[Required]:
    """Return what the chapters need and no party stands for, in the order of the chapters."""
    return [need for need in required if not any(stands_for(party, need) for party in parties)]


def unsigned(parties: Sequence[PartyFacts], signed_party_ids: Collection[int]) -> list[PartyFacts]:
    """Return the signatories who have not signed yet."""
    return [party for party in parties if party.role == "signatory" and party.id not in signed_party_ids]


def hearing_state(requested_on: date | None, due_on: date | None, heard_on: date | None, day: date) -> str:
    """Return not-asked, asked, silent or heard.

    Who stays silent past the day that was set passes as heard, with the request as proof (434/2003 § 34:
    the opportunity is what is owed, not the answer).
    """
    if heard_on is not None and heard_on <= day:
        return "heard"
    if requested_on is None or requested_on > day:
        return "not-asked"
    return "silent" if due_on is not None and due_on < day else "asked"


@dataclass(frozen=True, slots=True)
class RateFaults:
    """Days of a term on which no rate is agreed, and days on which two are; both must be empty."""

    gaps: tuple[Period, ...]
    overlaps: tuple[Period, ...]


def rate_faults(term: Period, rates: Iterable[Period]) -> RateFaults:
    """Return where the rates of one unit leave a gap in the term or overlap (rule A9)."""
    inside = [part for rate in rates if (part := term.overlap(rate)) is not None]
    return RateFaults(tuple(gaps(term, inside)), tuple(overlaps(inside)))
