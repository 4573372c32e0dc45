"""Checks of the agreements as they are stored: each rule with how many cases were compared and what breaks it.

What the law requires on a day and who had which mandate belong to the host and come in as values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from agreements.agreement_rules import PartyFacts, Required, missing_parties, periods_in_force, rate_faults, unsigned
from agreements.in_force import Coverage, coverage, rates, version_facts
from agreements.period import Period
from agreements.tables import Agreement, AgreementParty, AgreementSignature, AgreementUnit, AgreementVersion

HELSINKI = ZoneInfo("Europe/Helsinki")
RequiredParties = Callable[[str, date], Sequence[Required]]


@dataclass(frozen=True, slots=True)
class MandateFacts:
    """A mandate as the host knows it; days inclusive."""

    user_id: int
    organisation_id: int
    period: Period


@dataclass(frozen=True)
class Result:
    """One rule: how many cases were compared, and a sentence for each that breaks it."""

    id: str
    checked: int
    breaches: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Books:
    """All agreements, loaded once for every check."""

    versions: dict[int, AgreementVersion]
    agreements: dict[int, Agreement]
    parties: dict[int, list[AgreementParty]]
    signatures: dict[int, list[AgreementSignature]]
    coverage: list[Coverage]
    periods: dict[int, Period]

    def name(self, version: AgreementVersion) -> str:
        return f"{self.agreements[version.agreement_id].ref} v{version.number}"


def run(session: Session, *, required: RequiredParties, mandates: Mapping[int, MandateFacts]) -> list[Result]:
    """Return the result of every rule of the agreements that stored rows can show."""
    books = _load(session)
    return [
        signed_as_required(books, required, mandates),
        one_version_for_each_chapter(books),
        numbers_without_gaps(books),
        activated_after_signing(books),
        returned_stay_closed(books),
        one_rate_for_each_day(session, books),
        signatures_are_whole(books),
    ]


def _load(session: Session) -> Books:
    versions = {row.id: row for row in session.exec(select(AgreementVersion)) if row.id is not None}
    units = set(session.exec(select(AgreementUnit.unit_id)))
    return Books(
        versions=versions,
        agreements={row.id: row for row in session.exec(select(Agreement)) if row.id is not None},
        parties=_grouped(session.exec(select(AgreementParty).order_by(col(AgreementParty.id)))),
        signatures=_grouped_signatures(session.exec(select(AgreementSignature).order_by(col(AgreementSignature.id)))),
        coverage=coverage(session, units),
        periods=periods_in_force(version_facts(row) for row in versions.values()),
    )


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


def signing_day(at: datetime) -> date:
    """Return the Helsinki day of a signature's instant; a naive one (SQLite) is UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=ZoneInfo("UTC"))
    return aware.astimezone(HELSINKI).date()


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
            for need in missing_parties(required(kind, day), parties)
        ]
        missing = unsigned(parties, {row.party_id for row in signatures})
        breaches += [f"{name}: the {party.side} has not signed" for party in missing]
        if not version.content_hash or any(row.content_hash != version.content_hash for row in signatures):
            breaches.append(f"{name}: the signatures are not over the stored content")
        breaches += _mandate_faults(name, parties, signatures, mandates)
    return Result("A2", len(books.periods), breaches)


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
    """A4: the versions of an agreement are 1 to n without gaps."""
    numbers: dict[int, list[int]] = {key: [] for key in books.agreements}
    for version in books.versions.values():
        numbers[version.agreement_id].append(version.number)
    breaches = [
        f"{books.agreements[key].ref}: versions are {sorted(found)}"
        for key, found in numbers.items()
        if sorted(found) != list(range(1, len(found) + 1)) or not found
    ]
    return Result("A4", len(numbers), breaches)


def activated_after_signing(books: Books) -> Result:
    """A6: a version is not put in force before its last signature."""
    activated = [row for row in books.versions.values() if row.activated_on is not None]
    breaches = []
    for version in activated:
        days = [signing_day(row.signed_at) for row in books.signatures.get(version.id or 0, [])]
        if days and version.activated_on is not None and version.activated_on < max(days):
            breaches.append(f"{books.name(version)}: put in force before it was signed on {max(days)}")
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


def signatures_are_whole(books: Books) -> Result:
    """A11: each signature is of a party of its own version, which signs and is not only heard."""
    checked, breaches = 0, []
    for key, rows in books.signatures.items():
        parties = {party.id: party for party in books.parties.get(key, [])}
        for row in rows:
            checked += 1
            party = parties.get(row.party_id)
            if party is None or party.role.value != "signatory":
                breaches.append(f"{books.name(books.versions[key])}: signature {row.id} is of no signatory of it")
    return Result("A11", checked, breaches)
