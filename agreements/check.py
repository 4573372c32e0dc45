"""Checks of the agreements as they are stored: each rule with how many cases were compared and what breaks it.

What the law requires on a day and who had which mandate belong to the host and come in as values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from sqlmodel import Session, col, select

from agreements import check_texts
from agreements.agreement_rules import (
    CHAPTERS,
    PartyFacts,
    Required,
    hearing_state,
    missing_parties,
    periods_in_force,
    rate_faults,
    unsigned,
)
from agreements.check_values import Books
from agreements.check_values import MandateFacts as MandateFacts
from agreements.check_values import Result as Result
from agreements.check_values import signing_day as signing_day
from agreements.in_force import Coverage, coverage, rates, version_facts
from agreements.period import ONE_DAY, Period, overlaps
from agreements.signing import seal_of
from agreements.tables import Agreement, AgreementParty, AgreementSignature, AgreementUnit, AgreementVersion

SEALED = ("agreement_signature", "agreement_event", "agreement_frozen", "agreement_document")
RequiredParties = Callable[[str, date, Sequence[PartyFacts]], Sequence[Required]]
"""(kind, day, parties) -> whom the law of the day requires; the parties tell where the agreement is made (Åland)."""
DayBasis = Callable[[int, date], bool]


@dataclass(frozen=True)
class Law:
    """What the host knows: whom the law of a day requires, mandates, bodies that have ended, its own audit trail.

    `homes` are the units whose kind needs an agreement, `stays` the days [first, leaving) on which children
    stayed there; `has_basis` says what placements and claims are told of a unit and a day. `sealed` has, by the same
    key as `audited`, the fingerprints of what each move set, as the trail keeps them.
    """

    on: date
    required: RequiredParties
    mandates: Mapping[int, MandateFacts]
    ended_bodies: Collection[int]
    audited: Counter[tuple[str, int, str]]
    homes: Collection[int]
    stays: Sequence[tuple[int, date, date]]
    has_basis: DayBasis
    sealed: Mapping[tuple[str, int, str], str] = field(default_factory=dict)


def run(session: Session, law: Law) -> list[Result]:
    """Return the result of every rule of the agreements that stored rows can show, by number.

    The session must be one that may write: that signatures cannot be changed is seen by trying, in a savepoint
    that is rolled back.
    """
    books = load(session)
    return [
        check_texts.content_stays(session, books),
        signed_as_required(books, law.required, law.mandates),
        one_version_for_each_chapter(books),
        numbers_without_gaps(books),
        check_texts.moves_are_recorded(session, books, law.audited, law.sealed),
        activated_after_signing(books),
        basis_is_as_recounted(books, law),
        returned_stay_closed(books),
        one_rate_for_each_day(session, books),
        check_texts.ending_deletes_nothing(session, books, law.on),
        signatures_are_whole(session, books),
        check_texts.printed_hash_is_stored(session, books),
        check_texts.successors_change_nothing(session, books, law.ended_bodies, law.mandates),
    ]


def load(session: Session) -> Books:
    versions = {row.id: row for row in session.exec(select(AgreementVersion)) if row.id is not None}
    units = set(session.exec(select(AgreementUnit.unit_id)))
    return Books(
        versions=versions,
        agreements={row.id: row for row in session.exec(select(Agreement)) if row.id is not None},
        parties=_grouped(session.exec(select(AgreementParty).order_by(col(AgreementParty.id)))),
        signatures=_grouped_signatures(session.exec(select(AgreementSignature).order_by(col(AgreementSignature.id)))),
        coverage=coverage(session, units),
        units=_grouped_units(session.exec(select(AgreementUnit))),
        periods=periods_in_force(version_facts(row) for row in versions.values()),
    )


def _grouped_units(rows: Iterable[AgreementUnit]) -> dict[int, list[AgreementUnit]]:
    found: dict[int, list[AgreementUnit]] = {}
    for row in rows:
        found.setdefault(row.version_id, []).append(row)
    return found


def _grouped(rows: Iterable[AgreementParty]) -> dict[int, list[AgreementParty]]:
    found: dict[int, list[AgreementParty]] = {}
    for row in rows:
        found.setdefault(row.version_id, []).append(row)
    return found


def _grouped_signatures(rows: Iterable[AgreementSignature]) -> dict[int, list[AgreementSignature]]:
    found: dict[int, list[AgreementSignature]] = {}
    for row in rows:
        found.setdefault(row.version_id, []).append(row)
    return found


def party_facts(row: AgreementParty) -> PartyFacts:
    """Return the row as the value that the rules take."""
    return PartyFacts(row.id or 0, row.organisation_id, row.side.value, row.role.value, row.chapter)


def signed_as_required(books: Books, required: RequiredParties, mandates: Mapping[int, MandateFacts]) -> Result:
    """A2: what is in force is signed by every party the law requires, under mandates, over one content."""
    breaches = []
    for key in books.periods:
        version = books.versions[key]
        parties = [party_facts(row) for row in books.parties.get(key, [])]
        signatures = books.signatures.get(key, [])
        kind = books.agreements[version.agreement_id].kind.value
        day = min((signing_day(row.signed_at) for row in signatures), default=version.valid_from)
        name = books.name(version)
        breaches += [
            f"{name}: chapter {need.chapter} has no {need.role} for the {need.side} ({need.source})"
            for need in missing_parties(required(kind, day, parties), parties)
        ]
        missing = unsigned(parties, {row.party_id for row in signatures})
        breaches += [f"{name}: the {party.side} has not signed" for party in missing]
        if not version.content_hash or any(row.content_hash != version.content_hash for row in signatures):
            breaches.append(f"{name}: the signatures are not over the stored content")
        if any(party.role == "heard" for party in parties) and _hearing(version, day) not in ("heard", "silent"):
            breaches.append(f"{name}: signed before the hearing was over")
        breaches += _mandate_faults(name, parties, signatures, mandates)
    return Result("A2", len(books.periods), breaches)


def _hearing(version: AgreementVersion, day: date) -> str:
    return hearing_state(version.hearing_requested_on, version.hearing_due_on, version.heard_on, day)


def _mandate_faults(
    name: str,
    parties: Sequence[PartyFacts],
    signatures: Sequence[AgreementSignature],
    mandates: Mapping[int, MandateFacts],
) -> list[str]:
    body_of = {party.id: party.organisation_id for party in parties}
    faults = []
    for row in signatures:
        mandate = mandates.get(row.mandate_id)
        held = (
            mandate is not None
            and mandate.user_id == row.user_id
            and mandate.organisation_id == body_of.get(row.party_id)
            and mandate.period.covers(signing_day(row.signed_at))
        )
        if not held:
            faults.append(f"{name}: signature {row.id} rests on no mandate of that body on that day")
    signers: dict[int, set[int | None]] = {}
    for row in signatures:
        signers.setdefault(row.user_id, set()).add(body_of.get(row.party_id))
    faults += [f"{name}: one person signed for {len(bodies)} bodies" for bodies in signers.values() if len(bodies) > 1]
    return faults


def one_version_for_each_chapter(books: Books) -> Result:
    """A3: for a unit, a day and a chapter at most one version is in force."""
    by_chapter: dict[tuple[int, str], list[Coverage]] = {}
    for one in books.coverage:
        for chapter in one.chapters:
            by_chapter.setdefault((one.unit_id, chapter), []).append(one)
    breaches = []
    for (unit_id, chapter), rows in by_chapter.items():
        rows.sort(key=lambda row: row.period.first)
        for earlier, later in pairwise(rows):
            shared = earlier.period.overlap(later.period)
            if shared is not None:
                breaches.append(
                    f"unit {unit_id}, {chapter}: {earlier.agreement_ref} v{earlier.number} and "
                    f"{later.agreement_ref} v{later.number} are both in force on {shared.first}"
                )
    return Result("A3", len(by_chapter), breaches)


def numbers_without_gaps(books: Books) -> Result:
    """A4: the versions of an agreement are 1 to n; each but the first names an earlier one; none overlap in force."""
    numbers: dict[int, list[AgreementVersion]] = {key: [] for key in books.agreements}
    for version in books.versions.values():
        numbers[version.agreement_id].append(version)
    breaches = []
    for key, rows in numbers.items():
        rows.sort(key=lambda row: row.number)
        found = [row.number for row in rows]
        if found != list(range(1, len(found) + 1)) or not found:
            breaches.append(f"{books.agreements[key].ref}: versions are {found}")
        for row in rows:
            named = row.predecessor
            if (named is None) != (row.number == 1) or (named is not None and not 1 <= named < row.number):
                breaches.append(f"{books.name(row)}: names {named} as its predecessor")
        force = [books.periods[row.id] for row in rows if row.id in books.periods]
        breaches += [f"{books.agreements[key].ref}: two versions in force on {one.first}" for one in overlaps(force)]
    return Result("A4", len(numbers), breaches)


def activated_after_signing(books: Books) -> Result:
    """A6: a version is not put in force before its last signature, and from an earlier day only for a reason."""
    activated = [row for row in books.versions.values() if row.activated_on is not None]
    breaches = []
    for version in activated:
        days = [signing_day(row.signed_at) for row in books.signatures.get(version.id or 0, [])]
        if days and version.activated_on is not None and version.activated_on < max(days):
            breaches.append(f"{books.name(version)}: put in force before it was signed on {max(days)}")
        retroactive = version.activated_on is not None and version.valid_from < version.activated_on
        if retroactive and not version.retroactive_reason:
            breaches.append(f"{books.name(version)}: holds from before it was put in force, without a reason")
    return Result("A6", len(activated), breaches)


def returned_stay_closed(books: Books) -> Result:
    """A8: a version that was returned is never put in force; the next has a new number."""
    returned = [row for row in books.versions.values() if row.status.value == "returned"]
    breaches = [f"{books.name(row)}: returned and yet put in force" for row in returned if row.activated_on is not None]
    return Result("A8", len(returned), breaches)


def one_rate_for_each_day(session: Session, books: Books) -> Result:
    """A9: a version that prices by the day has one rate for each day in force and each unit it covers."""
    prices = rates(session, books.periods.keys())
    checked, breaches = 0, []
    for one in books.coverage:
        rows = prices.get(one.version_id, [])
        own = [row for row in rows if row.unit_id == one.unit_id] or [row for row in rows if row.unit_id is None]
        if not rows:
            continue
        checked += 1
        faults = rate_faults(one.period, [Period(row.valid_from, row.valid_to) for row in own])
        name = f"{one.agreement_ref} v{one.number}, unit {one.unit_id}"
        breaches += [f"{name}: no rate from {gap.first}" for gap in faults.gaps]
        breaches += [f"{name}: two rates from {shared.first}" for shared in faults.overlaps]
    return Result("A9", checked, breaches)


def signatures_are_whole(session: Session, books: Books) -> Result:
    """A11: each signature is of a signatory of its own version, says everything, and nobody can change it."""
    checked, breaches, rewritten = 0, [], set(check_texts.signed_at_as_written(session))
    for key, rows in books.signatures.items():
        parties = {party.id: party for party in books.parties.get(key, [])}
        for row in rows:
            checked += 1
            name = f"{books.name(books.versions[key])}: signature {row.id}"
            party = parties.get(row.party_id)
            if party is None or party.role.value != "signatory":
                breaches.append(f"{name} is of no signatory of it")
            if not row.method or row.content_hash != books.versions[key].content_hash:
                breaches.append(f"{name} lacks its method or the fingerprint of the text")
            if seal_of(row) != row.seal or row.id in rewritten:
                breaches.append(f"{name} was changed after it was given")
    breaches += [f"{table} can be changed" for table in check_texts.append_only(session, SEALED)]
    return Result("A11", checked, breaches)


def basis_is_as_recounted(books: Books, law: Law) -> Result:
    """A7: what placements and claims are told of a day is what the versions say when each is counted again."""
    checked, breaches = 0, []
    founding = _founding(books, law.homes)
    days = {key: {law.on, *_edges(parts)} for key, parts in founding.items()}
    for unit, first, leaving in law.stays:
        days.setdefault(unit, set()).update({first, leaving - ONE_DAY})
    for unit, asked in days.items():
        for day in sorted(asked):
            checked += 1
            counted = unit not in founding or any(part.covers(day) for part in founding[unit])
            if counted != law.has_basis(unit, day):
                words = "has" if counted else "lacks"
                breaches.append(f"unit {unit}: {day} {words} an agreement, and is told otherwise")
    return Result("A7", checked, breaches)


def _founding(books: Books, homes: Collection[int]) -> dict[int, list[Period]]:
    """Return for each home the days on which a version in force founds it, counted from the rows alone."""
    found: dict[int, list[Period]] = {key: [] for key in homes}
    for key, period in books.periods.items():
        if "founding" not in CHAPTERS[books.agreements[books.versions[key].agreement_id].kind.value]:
            continue
        for row in books.units.get(key, []):
            part = period.overlap(Period(row.valid_from, row.valid_to))
            if part is not None and row.unit_id in found:
                found[row.unit_id].append(part)
    return found


def _edges(parts: Iterable[Period]) -> set[date]:
    days = set()
    for part in parts:
        days |= {part.first, part.first - ONE_DAY}
        days |= {part.last, part.last + ONE_DAY} if part.last else set()
    return days
