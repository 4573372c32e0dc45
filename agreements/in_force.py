"""What is in force for a unit: per chapter the version, its places, its price. Reads only; ends are inclusive."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select

from agreements.agreement_rules import CHAPTERS, VersionFacts, periods_in_force
from agreements.period import Period
from agreements.tables import Agreement, AgreementRate, AgreementUnit, AgreementVersion


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


def coverage(session: Session, unit_ids: Collection[int], *, as_if: Collection[int] = ()) -> list[Coverage]:
    """Return for many units what each version in force covers, by unit and first day; two statements in all.

    Versions of `as_if` are taken as signed and put in force: what would hold then.
    """
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
    force = periods_in_force(_as_if(version_facts(version), as_if) for version, _ in rows)
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


def _as_if(facts: VersionFacts, versions: Collection[int]) -> VersionFacts:
    if facts.id not in versions or facts.activated_on is not None:
        return facts
    return replace(facts, status="signed", activated_on=facts.valid_from)


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


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of a place-day and of an empty one in cents, on the days of `period`."""

    period: Period
    day_cents: int
    empty_day_cents: int


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds for one chapter on a day: the version with its clause on units and places, and its price.

    `rate` None: this chapter sets no price by the day (actual costs).
    """

    chapter: str
    clause: Coverage
    rate: Rate | None


PRICED = frozenset({"services", "reimbursement"})
"""Chapters in which a price by the day may stand: the purchase of care, and the agreement on compensation."""


def in_force(session: Session, unit_id: int, day: date) -> dict[str, InForce]:
    """Return per chapter what is in force for a unit on a day; a chapter without a version is left out."""
    rows = [one for one in coverage(session, [unit_id]) if one.period.covers(day)]
    prices = rates(session, {one.version_id for one in rows})
    found: dict[str, InForce] = {}
    for one in rows:
        for chapter in one.chapters:
            price = rate_on(prices.get(one.version_id, []), unit_id, day) if chapter in PRICED else None
            found.setdefault(chapter, InForce(chapter, one, price))
    return found


def rates(session: Session, version_ids: Collection[int]) -> dict[int, list[AgreementRate]]:
    """Return the rates of each version, by first day."""
    found: dict[int, list[AgreementRate]] = {}
    if version_ids:
        query = select(AgreementRate).where(col(AgreementRate.version_id).in_(version_ids))
        for row in session.exec(query.order_by(col(AgreementRate.valid_from), col(AgreementRate.id))):
            found.setdefault(row.version_id, []).append(row)
    return found


def rate_on(rows: Collection[AgreementRate], unit_id: int, day: date) -> Rate | None:
    """Return the price for a unit on a day: its own before the one for all units, None when none is agreed."""
    fitting = [
        row for row in rows if row.unit_id in (unit_id, None) and Period(row.valid_from, row.valid_to).covers(day)
    ]
    if not fitting:
        return None
    row = min(fitting, key=lambda one: one.unit_id is None)
    return Rate(Period(row.valid_from, row.valid_to), row.day_cents, row.empty_day_cents)


@dataclass(frozen=True, slots=True)
class Basis:
    """Whether a day of care has the agreement its kind needs: `code` is agreement, agreement-missing or not-needed.

    The centre's decision on compensation (681/2023 § 69.4), which every kind needs besides, is not part of it.
    """

    code: str
    clause: Coverage | None

    @property
    def stands(self) -> bool:
        return self.code != "agreement-missing"


def basis(session: Session, unit_id: int, day: date, *, needs_agreement: bool) -> Basis:
    """Return the agreement side of the basis of a day of care in a unit (rule A7).

    `needs_agreement` comes from the dated table of kinds: homes need one (681/2023 § 33.3), foster care, other
    housing and support do not (§§ 33.1, 34, 43.5).
    """
    if not needs_agreement:
        return Basis("not-needed", None)
    found = covered_on(founding_coverage(session, [unit_id])[unit_id], day, "founding")
    return Basis("agreement" if found else "agreement-missing", found)
