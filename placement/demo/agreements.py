"""Invented agreements in every state, written as their parties would have made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import select

from agreements.content import content, fingerprint
from agreements.tables import (
    Agreement,
    AgreementKind,
    AgreementParty,
    AgreementQuota,
    AgreementRate,
    AgreementSignature,
    AgreementUnit,
    AgreementVersion,
    PartyRole,
    PartySide,
    VersionStatus,
)
from placement.demo.writing import Writer
from placement.people.tables import Organisation, User, UserMandate
from placement.units.tables import Unit


@dataclass(frozen=True)
class Side:
    """A party: its body, its side, whether it signs or is heard, and who signs for it (None = nobody yet)."""

    body: Organisation
    side: PartySide
    signer: User | None = None
    role: PartyRole = PartyRole.SIGNATORY


def write_agreement(
    writer: Writer,
    kind: AgreementKind,
    title: str,
    sides: Sequence[Side],
    units: Mapping[Unit, int] | Sequence[tuple[Unit, int]],
    *,
    first_day: int,
    last_day: int | None,
    status: VersionStatus = VersionStatus.SIGNED,
    number: int = 1,
    agreement: Agreement | None = None,
    price_cents: int | None = 24_550,
    quota: int | None = None,
) -> AgreementVersion:
    """Add a version (and its agreement when none is given) with parties, places, prices and signatures.

    Days count from the day of loading. A signed version is activated on its first day; each signer's
    mandate is the one that held then.
    """
    session = writer.session
    if agreement is None:
        county = next((side.body for side in sides if side.side is PartySide.COUNTY), None)
        agreement = Agreement(
            ref=writer.reference("AG"),
            kind=kind,
            case_number=f"DEMO/{100 + writer.rng.randint(0, 899)}/{writer.days(first_day).year}",
            county_id=county.id if county else None,
            title=title,
        )
        session.add(agreement)
        session.flush()
    version = AgreementVersion(
        agreement_id=agreement.id or 0,
        number=number,
        status=status,
        valid_from=writer.days(first_day),
        valid_to=None if last_day is None else writer.days(last_day),
        activated_on=writer.days(first_day) if status in (VersionStatus.SIGNED, VersionStatus.TERMINATED) else None,
    )
    session.add(version)
    session.flush()
    parties = [_party(version, side) for side in sides]
    session.add_all(parties)
    pairs = list(units.items()) if isinstance(units, Mapping) else list(units)
    for unit, places in pairs:
        key = unit.id or 0
        session.add(
            AgreementUnit(
                version_id=version.id or 0,
                unit_id=key,
                valid_from=version.valid_from,
                valid_to=version.valid_to,
                places=places,
            )
        )
        session.add(AgreementQuota(version_id=version.id or 0, unit_id=key, county_id=None, places=quota or places))
        if price_cents:
            session.add(
                AgreementRate(
                    version_id=version.id or 0,
                    unit_id=key,
                    valid_from=version.valid_from,
                    valid_to=version.valid_to,
                    day_cents=price_cents,
                    empty_day_cents=price_cents * 8 // 10,
                )
            )
    session.flush()
    if status is not VersionStatus.DRAFT:
        version.content_hash = fingerprint(content(session, version))
    _sign(writer, version, list(zip(sides, parties, strict=True)))
    session.flush()
    return version


def _party(version: AgreementVersion, side: Side) -> AgreementParty:
    return AgreementParty(version_id=version.id or 0, organisation_id=side.body.id or 0, side=side.side, role=side.role)


def _sign(writer: Writer, version: AgreementVersion, parties: Sequence[tuple[Side, AgreementParty]]) -> None:
    for days_before, (side, party) in enumerate(parties, start=3):
        if side.signer is None or side.role is not PartyRole.SIGNATORY or version.content_hash is None:
            continue
        mandate = writer.session.exec(select(UserMandate).where(UserMandate.user_id == side.signer.id)).first()
        if mandate is None:
            raise LookupError(f"{side.signer.login} has no mandate")
        signed = min(writer.at, writer.at + (version.valid_from - writer.on) - timedelta(days=days_before))
        writer.session.add(
            AgreementSignature(
                version_id=version.id or 0,
                party_id=party.id or 0,
                user_id=side.signer.id or 0,
                mandate_id=mandate.id or 0,
                method="built-in",
                content_hash=version.content_hash,
                signed_at=signed,
            )
        )
