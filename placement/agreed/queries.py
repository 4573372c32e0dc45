"""Which agreements a person may see, and a line for each: status, parties, units, validity, days to the end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, or_, select

from agreements.agreement_rules import VersionFacts, leading, periods_in_force, status_on, unsigned
from agreements.check import party_facts
from agreements.in_force import version_facts
from agreements.period import Period
from agreements.tables import (
    Agreement,
    AgreementParty,
    AgreementSignature,
    AgreementUnit,
    AgreementVersion,
    VersionStatus,
)
from placement.agreed.heads import Head, heads
from placement.people.tables import Organisation
from placement.permissions import Actor, Permission
from placement.refusals import NotFound
from placement.units.queries import counties_under, organisations_by_key
from placement.units.tables import Unit

DRAFT = VersionStatus.DRAFT
ROW = TypeVar("ROW", Agreement, AgreementVersion)


@dataclass(frozen=True)
class PartyLine:
    """A party of a version: its body, how it takes part, and whether it has signed."""

    party: AgreementParty
    body: Organisation
    signature: AgreementSignature | None


@dataclass(frozen=True)
class AgreementLine:
    """An agreement as it stands on a day, by its leading version: the one in force, else the newest."""

    agreement: Agreement
    version: AgreementVersion
    facts: VersionFacts
    period: Period | None
    status: str
    parties: tuple[PartyLine, ...]
    units: tuple[Unit, ...]
    newer: bool
    day: date

    @property
    def signatures(self) -> tuple[int, int]:
        """Return (signed, needed)."""
        signing = [one for one in self.parties if one.party.role.value == "signatory"]
        return sum(one.signature is not None for one in signing), len(signing)

    @property
    def ends_on(self) -> date | None:
        """The last day in force, or of the term while it is not in force yet; None = no end."""
        return self.period.last if self.period else self.version.valid_to

    @property
    def days_left(self) -> int | None:
        """Days after today up to the last one, while in force; None when it has no end or is not in force."""
        if self.status != "in-force" or self.ends_on is None:
            return None
        return (self.ends_on - self.day).days


@dataclass(frozen=True)
class Book:
    """Everything stored of some agreements, loaded at once."""

    versions: dict[int, list[AgreementVersion]]
    parties: dict[int, list[PartyLine]]
    units: dict[int, list[tuple[AgreementUnit, Unit]]]
    periods: dict[int, Period]


def visible(session: Session, actor: Actor, on: date) -> list[Agreement]:
    """Return the agreements this actor may see, newest first.

    A county sees its own; a municipality and a provider those in which they are a party; a state body those
    in which it, or a body it succeeds, is a party, and those of the counties whose homes or costs it decides
    on. A draft is seen by the county that drafts it only, or by every party where no county does.
    """
    query = select(Agreement).where(in_sight(session, actor, on)).order_by(col(Agreement.id).desc())
    return list(session.exec(query))


def in_sight(session: Session, actor: Actor, on: date) -> ColumnElement[bool]:
    """Return the condition on `agreement` for what this actor may see, see `visible`."""
    if not actor.can(Permission.SEE_AGREEMENTS):
        return sa.false()
    bodies = {actor.organisation_id} | predecessors(session, actor.organisation_id)
    return _sight(bodies, counties_under(session, actor.organisation_id, on))


def find(session: Session, actor: Actor, ref: str, on: date) -> Agreement:
    """Return an agreement the actor may see; raises NotFound for a foreign and a missing one alike."""
    found = session.exec(select(Agreement).where(Agreement.ref == ref, in_sight(session, actor, on))).first()
    if found is None:
        raise NotFound
    return found


def _sight(bodies: Collection[int], under: Collection[int]) -> ColumnElement[bool]:
    party = (
        select(AgreementParty.id)
        .join(AgreementVersion, col(AgreementVersion.id) == AgreementParty.version_id)
        .where(AgreementVersion.agreement_id == Agreement.id, col(AgreementParty.organisation_id).in_(bodies))
        .correlate(Agreement)
    )
    shown = (
        select(AgreementVersion.id)
        .where(AgreementVersion.agreement_id == Agreement.id)
        .where(or_(AgreementVersion.status != DRAFT, col(Agreement.county_id).is_(None)))
        .correlate(Agreement)
    )
    concerned = or_(party.exists(), col(Agreement.county_id).in_(under))
    return or_(col(Agreement.county_id).in_(bodies), concerned & shown.exists())


def sees_drafts(actor: Actor, agreement: Agreement) -> bool:
    """Whether drafts of this agreement are the actor's to see."""
    return agreement.county_id in (None, actor.organisation_id, actor.county_id)


def predecessors(session: Session, organisation_id: int) -> set[int]:
    """Return the bodies that this one succeeds, directly or through others: what they signed is its to keep."""
    rows = session.exec(
        select(Organisation.id, Organisation.successor_id).where(col(Organisation.successor_id).is_not(None))
    ).all()
    found: set[int] = set()
    reached = {organisation_id}
    while reached:
        reached = {key for key, heir in rows if key is not None and heir in reached} - found
        found |= reached
    return found


def load(session: Session, agreement_ids: Collection[int]) -> Book:
    """Return versions, parties with signatures, units and days in force; five statements for any number."""
    versions = session.exec(
        select(AgreementVersion)
        .where(col(AgreementVersion.agreement_id).in_(agreement_ids))
        .order_by(col(AgreementVersion.number))
    ).all()
    keys = [row.id for row in versions if row.id is not None]
    by_agreement: dict[int, list[AgreementVersion]] = {key: [] for key in agreement_ids}
    for row in versions:
        by_agreement[row.agreement_id].append(row)
    return Book(
        versions=by_agreement,
        parties=_parties(session, keys),
        units=_units(session, keys),
        periods=periods_in_force(version_facts(row) for row in versions),
    )


def _units(session: Session, version_ids: Collection[int]) -> dict[int, list[tuple[AgreementUnit, Unit]]]:
    found: dict[int, list[tuple[AgreementUnit, Unit]]] = {key: [] for key in version_ids}
    for covered, unit in session.exec(
        select(AgreementUnit, Unit)
        .join(Unit, col(Unit.id) == AgreementUnit.unit_id)
        .where(col(AgreementUnit.version_id).in_(version_ids))
        .order_by(col(Unit.name), col(AgreementUnit.valid_from))
    ):
        found[covered.version_id].append((covered, unit))
    return found


def _parties(session: Session, version_ids: Collection[int]) -> dict[int, list[PartyLine]]:
    rows = session.exec(
        select(AgreementParty).where(col(AgreementParty.version_id).in_(version_ids)).order_by(col(AgreementParty.id))
    ).all()
    signed = {
        row.party_id: row
        for row in session.exec(select(AgreementSignature).where(col(AgreementSignature.version_id).in_(version_ids)))
    }
    bodies = organisations_by_key(session, [row.organisation_id for row in rows])
    found: dict[int, list[PartyLine]] = {key: [] for key in version_ids}
    for row in rows:
        found[row.version_id].append(PartyLine(row, bodies[row.organisation_id], signed.get(row.id or 0)))
    return found


def seen_heads(session: Session, actor: Actor, on: date) -> list[Head]:
    """Return a light row for each agreement the actor may see: those that end first, then those without an end."""
    return heads(session, actor, in_sight(session, actor, on), on)


def lines_of(session: Session, found: Sequence[Head]) -> list[AgreementLine]:
    """Return the lines of some heads, in their order; six statements for any number."""
    keys = [one.facts.id for one in found]
    agreements = _by_key(session, Agreement, [one.agreement_id for one in found])
    versions = _by_key(session, AgreementVersion, keys)
    parties, units = _parties(session, keys), _units(session, keys)
    return [
        AgreementLine(
            agreement=agreements[one.agreement_id],
            version=versions[one.facts.id],
            facts=one.facts,
            period=one.period,
            status=one.status,
            parties=tuple(parties[one.facts.id]),
            units=tuple({unit.id: unit for _, unit in units[one.facts.id]}.values()),
            newer=one.newer,
            day=one.day,
        )
        for one in found
    ]


def _by_key(session: Session, table: type[ROW], keys: Collection[int]) -> dict[int, ROW]:
    return {row.id or 0: row for row in session.exec(select(table).where(col(table.id).in_(keys)))}


def concerned_units(session: Session, actor: Actor, on: date) -> list[Unit]:
    """Return the units that leading versions of the actor's agreements name, by name."""
    keys = [one.facts.id for one in seen_heads(session, actor, on)]
    named = select(AgreementUnit.unit_id).where(col(AgreementUnit.version_id).in_(keys))
    return list(session.exec(select(Unit).where(col(Unit.id).in_(named)).order_by(col(Unit.name), col(Unit.id))))


def line_of(agreement: Agreement, book: Book, on: date, *, drafts: bool) -> AgreementLine:
    """Return the agreement as it stands on the day."""
    rows = seen_versions(book.versions[agreement.id or 0], drafts=drafts)
    facts = [version_facts(row) for row in rows]
    first = leading(facts, book.periods, on)
    version = next(row for row in rows if row.id == first.id)
    units: dict[int, Unit] = {unit.id or 0: unit for _, unit in book.units[first.id]}
    return AgreementLine(
        agreement=agreement,
        version=version,
        facts=first,
        period=book.periods.get(first.id),
        status=status_on(first, book.periods.get(first.id), on),
        parties=tuple(book.parties[first.id]),
        units=tuple(units.values()),
        newer=any(one.number > first.number for one in facts),
        day=on,
    )


def seen_versions(rows: Iterable[AgreementVersion], *, drafts: bool) -> list[AgreementVersion]:
    """Return the versions that may be shown: a draft only to those whose draft it is."""
    return [row for row in rows if drafts or row.status is not DRAFT]


def to_sign(session: Session, actor: Actor, on: date) -> list[tuple[Agreement, AgreementVersion]]:
    """Return the versions in signing that wait for the signature of the actor's body, oldest first."""
    open_rows = session.exec(
        select(Agreement, AgreementVersion)
        .join(AgreementVersion, col(AgreementVersion.agreement_id) == Agreement.id)
        .where(in_sight(session, actor, on), AgreementVersion.status == VersionStatus.IN_SIGNING)
        .order_by(col(AgreementVersion.valid_from), col(AgreementVersion.id))
    ).all()
    parties = _parties(session, [version.id or 0 for _, version in open_rows])
    return [pair for pair in open_rows if _waits_for(parties[pair[1].id or 0], actor.organisation_id)]


def _waits_for(parties: Collection[PartyLine], organisation_id: int) -> bool:
    signed = {one.party.id or 0 for one in parties if one.signature is not None}
    missing = unsigned([party_facts(one.party) for one in parties], signed)
    return any(party.organisation_id == organisation_id for party in missing)
