"""What one agreement's page shows: chapters and whom each binds, signatures, units, prices, versions, what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from agreements.agreement_rules import (
    CHAPTERS,
    RateFaults,
    Required,
    hearing_state,
    rate_faults,
    stands_for,
    status_on,
)
from agreements.check import party_facts, signing_day
from agreements.in_force import rates, version_facts
from agreements.money import Money
from agreements.period import Period
from agreements.tables import Agreement, AgreementQuota, AgreementRate, AgreementUnit, AgreementVersion
from agreements.terms import load as load_terms
from placement.agreed import deadlines
from placement.agreed.queries import AgreementLine, Book, PartyLine, line_of, load, seen_versions, sees_drafts
from placement.people.tables import Organisation, User
from placement.permissions import Actor
from placement.reference import (
    NoCompetentAuthority,
    NotInForce,
    RequiredParty,
    competent_authority,
    required_parties,
)
from placement.units.queries import organisations_by_key
from placement.units.tables import Unit


@dataclass(frozen=True)
class Need:
    """A side that a chapter requires: the provision, and the parties that stand for it (none = missing).

    `competent` is the state authority's key that the law names for it on the day, None for other sides.
    `unfit`: a state party stands here that is not the competent body.
    """

    side: str
    role: str
    source: str
    parties: tuple[PartyLine, ...]
    competent: str | None
    unfit: bool


@dataclass(frozen=True)
class Chapter:
    """A subject of the agreement with its legal bases and whom it binds."""

    key: str
    sources: tuple[str, ...]
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class RateLine:
    """A price of a place-day from a day to a day (inclusive); `unit` None = every unit of the version."""

    rate: AgreementRate
    unit: Unit | None
    full_day: Money | None


@dataclass(frozen=True)
class UnitRates:
    """Where a unit's prices leave a day open or name two."""

    unit: Unit
    faults: RateFaults


@dataclass(frozen=True)
class QuotaLine:
    unit: Unit
    county: Organisation | None
    places: int


@dataclass(frozen=True)
class VersionLine:
    version: AgreementVersion
    status: str
    period: Period | None


@dataclass(frozen=True)
class AgreementPage:
    line: AgreementLine
    law_day: date
    kind_known: bool
    chapters: tuple[Chapter, ...]
    parties: tuple[PartyLine, ...]
    signers: dict[int, str]
    hearing: str
    units: tuple[tuple[AgreementUnit, Unit], ...]
    rates: tuple[RateLine, ...]
    rate_faults: tuple[UnitRates, ...]
    quotas: tuple[QuotaLine, ...]
    versions: tuple[VersionLine, ...]
    review_due: date | None
    cost_basis: str


def show(session: Session, actor: Actor, agreement: Agreement, on: date) -> AgreementPage:
    """Return the page of an agreement that the actor may see, by its leading version."""
    key = agreement.id or 0
    book = load(session, [key])
    drafts = sees_drafts(actor, agreement)
    line = line_of(agreement, book, on, drafts=drafts)
    version = line.version
    law_day = _law_day(line, on)
    required = _required(session, agreement, line, law_day)
    covered = tuple(book.units[version.id or 0])
    return AgreementPage(
        line=line,
        law_day=law_day,
        kind_known=required is not None,
        chapters=_chapters(agreement, line, required or [], _county_code(session, line), law_day),
        parties=line.parties,
        signers=_signers(session, line.parties),
        hearing=hearing_state(version.hearing_requested_on, version.hearing_due_on, version.heard_on, on),
        units=covered,
        rates=_rates(session, version, covered),
        rate_faults=_faults(session, line, covered),
        quotas=_quotas(session, version, covered),
        versions=_versions(book, key, on, drafts=drafts),
        review_due=_review_due(session, agreement, version),
        cost_basis=load_terms(version.terms).cost_basis,
    )


def _review_due(session: Session, agreement: Agreement, version: AgreementVersion) -> date | None:
    """Return the day by which municipal places are reviewed (681/2023 § 42.2); other kinds have no such day."""
    held = [one.held_on for one in deadlines.reviews_of(session, agreement)]
    return deadlines.review_by_law(agreement.kind.value, max([version.valid_from, *held]))


def _law_day(line: AgreementLine, on: date) -> date:
    """Return the day whose law binds the version: its first signature, else its first day if past, else today."""
    signed = [signing_day(one.signature.signed_at) for one in line.parties if one.signature is not None]
    return min(signed) if signed else min(line.version.valid_from, on)


def _required(session: Session, agreement: Agreement, line: AgreementLine, law_day: date) -> list[RequiredParty] | None:
    """Return whom the law requires, None where this kind could not be made on that day."""
    try:
        return required_parties(agreement.kind.value, law_day, aland=_on_aland(session, line))
    except NotInForce:
        return None


def _on_aland(session: Session, line: AgreementLine) -> bool:
    return any(one.party.side.value == "municipality" and one.body.county_id is None for one in line.parties) and (
        _county_code(session, line) is None
    )


def _county_code(session: Session, line: AgreementLine) -> str | None:
    """Return the code of the county the agreement is about: its own, or that of the municipality that is a party."""
    key = line.agreement.county_id or next(
        (one.body.county_id for one in line.parties if one.body.county_id is not None), None
    )
    body = session.get(Organisation, key) if key is not None else None
    if body is not None:
        return body.county_code
    return next((one.body.county_code for one in line.parties if one.body.county_code), None)


def _chapters(
    agreement: Agreement,
    line: AgreementLine,
    required: Sequence[RequiredParty],
    county_code: str | None,
    law_day: date,
) -> tuple[Chapter, ...]:
    found = []
    for key in CHAPTERS[agreement.kind.value]:
        rows = [row for row in required if row.chapter == key]
        found.append(
            Chapter(
                key=key,
                sources=tuple(dict.fromkeys(row.source for row in rows)),
                needs=tuple(_need(row, line.parties, county_code, law_day) for row in rows),
            )
        )
    return tuple(found)


def _need(row: RequiredParty, parties: Sequence[PartyLine], county_code: str | None, law_day: date) -> Need:
    wanted = Required(row.chapter, row.side, row.role, row.source)
    standing = tuple(one for one in parties if stands_for(party_facts(one.party), wanted))
    competent = None
    if row.task is not None and county_code is not None:
        try:
            competent = competent_authority(row.task, county_code, law_day).key
        except NoCompetentAuthority:
            competent = None
    fitting = [one for one in standing if competent is None or one.body.authority_code == competent]
    return Need(
        side=row.side,
        role=row.role,
        source=row.source,
        parties=tuple(fitting) or standing,
        competent=competent,
        unfit=bool(standing) and not fitting,
    )


def _signers(session: Session, parties: Sequence[PartyLine]) -> dict[int, str]:
    keys = {one.signature.user_id for one in parties if one.signature is not None}
    return {row.id: row.name for row in session.exec(select(User).where(col(User.id).in_(keys))) if row.id is not None}


def _rates(
    session: Session, version: AgreementVersion, covered: Sequence[tuple[AgreementUnit, Unit]]
) -> tuple[RateLine, ...]:
    units = {unit.id: unit for _, unit in covered}
    found = []
    for row in rates(session, [version.id or 0]).get(version.id or 0, []):
        places = [
            one.places
            for one, unit in covered
            if row.unit_id in (None, unit.id) and Period(one.valid_from, one.valid_to).covers(row.valid_from)
        ]
        full = Money(row.day_cents).times(sum(places)) if places else None
        found.append(RateLine(row, units.get(row.unit_id), full))
    return tuple(found)


def _faults(
    session: Session, line: AgreementLine, covered: Sequence[tuple[AgreementUnit, Unit]]
) -> tuple[UnitRates, ...]:
    """Return the units whose prices have a gap or an overlap in the days that the version covers them."""
    rows = rates(session, [line.version.id or 0]).get(line.version.id or 0, [])
    found = []
    for one, unit in covered:
        if not rows:
            continue
        own = [row for row in rows if row.unit_id == unit.id] or [row for row in rows if row.unit_id is None]
        term = Period(one.valid_from, one.valid_to)
        faults = rate_faults(term, [Period(row.valid_from, row.valid_to) for row in own])
        if faults.gaps or faults.overlaps:
            found.append(UnitRates(unit, faults))
    return tuple(found)


def _quotas(
    session: Session, version: AgreementVersion, covered: Sequence[tuple[AgreementUnit, Unit]]
) -> tuple[QuotaLine, ...]:
    units = {unit.id: unit for _, unit in covered}
    rows = session.exec(
        select(AgreementQuota).where(AgreementQuota.version_id == version.id).order_by(col(AgreementQuota.id))
    ).all()
    bodies = organisations_by_key(session, [row.county_id for row in rows])
    return tuple(
        QuotaLine(units[row.unit_id], bodies.get(row.county_id or 0), row.places)
        for row in rows
        if row.unit_id in units
    )


def _versions(book: Book, agreement_id: int, on: date, *, drafts: bool) -> tuple[VersionLine, ...]:
    rows = seen_versions(book.versions[agreement_id], drafts=drafts)
    found = []
    for row in reversed(rows):
        period = book.periods.get(row.id or 0)
        found.append(VersionLine(row, status_on(version_facts(row), period, on), period))
    return tuple(found)
