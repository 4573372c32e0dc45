"""What is in force for a unit: per chapter the version, its places, its price. Reads only; ends are inclusive."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from agreements.agreement_rules import CHAPTERS, VersionFacts, periods_in_force
from agreements.period import Period
from agreements.tables import Agreement, AgreementUnit, AgreementVersion


def version_facts(row: AgreementVersion) -> VersionFacts:
    """Return the row as the value that the rules take."""
    return VersionFacts(
        id=row.id or 0,
        agreement_id=row.agreement_id,
        number=row.number,
        status=row.status.value,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        activated_on=row.activated_on,
        ended_on=row.ended_on,
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """Places of a unit that a version covers while it is in force."""

    unit_id: int
    version_id: int
    agreement_id: int
    agreement_ref: str
    kind: str
    number: int
    period: Period
    places: int

    @property
    def chapters(self) -> tuple[str, ...]:
        return CHAPTERS[self.kind]


def coverage(session: Session, unit_ids: Collection[int]) -> list[Coverage]:
    """Return for many units what each version in force covers, by unit and first day; two statements in all."""
    if not unit_ids:
        return []
    covered = session.exec(
        select(AgreementUnit, AgreementVersion.agreement_id)
        .join(AgreementVersion, col(AgreementVersion.id) == AgreementUnit.version_id)
        .where(col(AgreementUnit.unit_id).in_(unit_ids))
    ).all()
    agreement_ids = {agreement_id for _, agreement_id in covered}
    rows = session.exec(
        select(AgreementVersion, Agreement)
        .join(Agreement, col(Agreement.id) == AgreementVersion.agreement_id)
        .where(col(AgreementVersion.agreement_id).in_(agreement_ids))
    ).all()
    force = periods_in_force(version_facts(version) for version, _ in rows)
    known = {version.id: (version, agreement) for version, agreement in rows}
    found = []
    for row, _ in covered:
        in_force = force.get(row.version_id)
        days = in_force.overlap(Period(row.valid_from, row.valid_to)) if in_force else None
        if days is not None:
            version, agreement = known[row.version_id]
            found.append(
                Coverage(
                    unit_id=row.unit_id,
                    version_id=row.version_id,
                    agreement_id=version.agreement_id,
                    agreement_ref=agreement.ref,
                    kind=agreement.kind.value,
                    number=version.number,
                    period=days,
                    places=row.places,
                )
            )
    return sorted(found, key=lambda one: (one.unit_id, one.period.first, one.version_id))


def founding_coverage(session: Session, unit_ids: Collection[int]) -> dict[int, list[Coverage]]:
    """Return per unit the coverage by versions whose chapters include founding: what lets a home be used."""
    found: dict[int, list[Coverage]] = {unit_id: [] for unit_id in unit_ids}
    for one in coverage(session, unit_ids):
        if "founding" in one.chapters:
            found[one.unit_id].append(one)
    return found


def covered_on(rows: Collection[Coverage], day: date, chapter: str) -> Coverage | None:
    """Return the version in force for a chapter on a day, or None; at most one exists (rule A3)."""
    return next((one for one in rows if chapter in one.chapters and one.period.covers(day)), None)
