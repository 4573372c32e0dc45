"""What is in force for a unit: per chapter the version, its places, its price. Reads only; ends are inclusive."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from agreements.agreement_rules import CHAPTERS, PUT_IN_FORCE, VersionFacts, periods_in_force
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


SUPPOSED = "agreement versions taken as put in force"


@contextmanager
def supposing(session: Session, version_ids: Collection[int]) -> Iterator[None]:
    """Within the block whatever reads coverage in this session sees what would hold if the versions were in force.

    They are taken as signed and activated. Places, claims and prices are then counted by the very functions that
    count them afterwards, so that a preview cannot differ from what happens.
    """
    before = session.info.get(SUPPOSED, frozenset())
    session.info[SUPPOSED] = before | frozenset(version_ids)
    try:
        yield
    finally:
        session.info[SUPPOSED] = before


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
    supposed = session.info.get(SUPPOSED, frozenset())
    force = periods_in_force(_as_if(version_facts(version), supposed) for version, _ in rows)
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


def holds_on(day: date) -> ColumnElement[bool]:
    """Return the condition on `agreement_version` that it is in force on the day: `periods_in_force` as SQL.

    It was put in force, the day lies in its term and before its end, and no later version has taken over by then.
    """
    later = aliased(AgreementVersion)
    taken_over = (
        sa.select(col(later.id))
        .where(
            col(later.agreement_id) == col(AgreementVersion.agreement_id),
            col(later.number) > col(AgreementVersion.number),
            col(later.status).in_(PUT_IN_FORCE),
            col(later.activated_on).is_not(None),
            col(later.valid_from) <= day,
        )
        .correlate(AgreementVersion)
    )
    return sa.and_(
        col(AgreementVersion.status).in_(PUT_IN_FORCE),
        col(AgreementVersion.activated_on).is_not(None),
        col(AgreementVersion.valid_from) <= day,
        sa.or_(col(AgreementVersion.valid_to).is_(None), col(AgreementVersion.valid_to) >= day),
        sa.or_(col(AgreementVersion.ended_on).is_(None), col(AgreementVersion.ended_on) >= day),
        ~taken_over.exists(),
    )


def _within(table: type[AgreementUnit] | type[AgreementRate], day: date) -> ColumnElement[bool]:
    return sa.and_(col(table.valid_from) <= day, sa.or_(col(table.valid_to).is_(None), col(table.valid_to) >= day))


_DAY = sa.bindparam("day", type_=sa.Date())
_ONE_DAY: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        col(AgreementUnit.version_id),
        col(AgreementUnit.places),
        col(AgreementUnit.valid_from),
        col(AgreementUnit.valid_to),
        col(AgreementVersion.agreement_id),
        col(AgreementVersion.number),
        col(Agreement.ref),
        col(Agreement.kind),
        col(AgreementRate.valid_from).label("rate_from"),
        col(AgreementRate.valid_to).label("rate_to"),
        col(AgreementRate.day_cents),
        col(AgreementRate.empty_day_cents),
    )
    .join(AgreementVersion, col(AgreementVersion.id) == AgreementUnit.version_id)
    .join(Agreement, col(Agreement.id) == AgreementVersion.agreement_id)
    .outerjoin(
        AgreementRate,
        sa.and_(
            col(AgreementRate.version_id) == AgreementUnit.version_id,
            sa.or_(col(AgreementRate.unit_id) == AgreementUnit.unit_id, col(AgreementRate.unit_id).is_(None)),
            _within(AgreementRate, _DAY),  # type: ignore[arg-type]
        ),
    )
    .where(
        col(AgreementUnit.unit_id) == sa.bindparam("unit"),
        _within(AgreementUnit, _DAY),  # type: ignore[arg-type]
        holds_on(_DAY),  # type: ignore[arg-type]
    )
    .order_by(col(AgreementUnit.version_id), col(AgreementRate.unit_id).is_(None))
)
"""Built once: a unit and a day go in, a row for each version in force comes out, its own price first."""


def in_force(session: Session, unit_id: int, day: date) -> dict[str, InForce]:
    """Return per chapter what is in force for a unit on a day, in one statement; a chapter without one is left out.

    The clause's `period` is that of its row of places in the version, not cut to the days the version is in force.
    """
    found: dict[str, InForce] = {}
    for row in session.execute(_ONE_DAY, {"unit": unit_id, "day": day}):
        clause = Coverage(
            unit_id, row.version_id, row.agreement_id, row.ref, row.kind.value, row.number,
            Period(row.valid_from, row.valid_to), row.places,
        )  # fmt: skip
        rate = None
        if row.day_cents is not None:
            rate = Rate(Period(row.rate_from, row.rate_to), row.day_cents, row.empty_day_cents)
        for chapter in clause.chapters:
            found.setdefault(chapter, InForce(chapter, clause, rate if chapter in PRICED else None))
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
