"""From a sum down to what it rests on and up again: line, days, stay, clause, voucher, decision, entry, payment.

Reads only, for a claim the caller has found through `scope`. A child is a reference; a protected one has no place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements.claim_tables import (
    Claim,
    ClaimDecision,
    ClaimDecisionLine,
    ClaimLine,
    ClaimStatus,
    ClaimVersion,
    CostEntry,
    Evidence,
)
from agreements.claim_values import CARE_DAYS
from agreements.ledger_tables import LedgerEntry, LedgerLeg
from agreements.payment_tables import Payment, Recovery
from agreements.tables import Agreement, AgreementRate, AgreementUnit, AgreementVersion
from placement.children.tables import Child
from placement.decisions.tables import Decision, Stay
from placement.reviewing.lines import Line


@dataclass(frozen=True, slots=True)
class Month:
    """The days of a line in one month; days are inclusive."""

    first: date
    last: date
    days: int


@dataclass(frozen=True, slots=True)
class StayShown:
    """A stay that days of a line rest on: from the arrival to the leaving day (None = still there), its decision."""

    arrived: date
    left: date | None
    decision: str | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a version agrees for the line's unit on some days: a number of places, or the price of a place-day."""

    first: date
    last: date | None
    places: int | None
    cents: int | None


@dataclass(frozen=True, slots=True)
class Clause:
    """The agreement's version that covers the line, and what it agrees for the unit on the line's days."""

    agreement: str
    number: int
    clause: str
    agreed: tuple[Agreed, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Another line that this one comes from or that comes from it; `how` is a word's code, `cents` its sum."""

    claim: str
    line: int
    how: str
    cents: int


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that one line rests on and that rests on it."""

    months: tuple[Month, ...]
    stays: tuple[StayShown, ...]
    clause: Clause | None
    evidence: Evidence | None
    cost: CostEntry | None
    places: tuple[Place, ...]
    decided: tuple[tuple[ClaimDecision, ClaimDecisionLine], ...]
    entries: tuple[LedgerEntry, ...]
    payments: tuple[Payment, ...]
    recoveries: tuple[Recovery, ...]


def trace(session: Session, claim: Claim, line: Line, on: date) -> Trace:
    """Return what a line rests on and what rests on it, as of a day: an end that lies ahead is not told."""
    row = line.row
    care = row.basis in CARE_DAYS
    return Trace(
        months=tuple(months(row.first_day, row.last_day)) if care or row.days else (),
        stays=tuple(_stays(session, row, on)) if care and not line.hidden else (),
        clause=_clause(session, row),
        evidence=session.get(Evidence, row.evidence_id) if row.evidence_id else None,
        cost=session.get(CostEntry, row.cost_entry_id) if row.cost_entry_id else None,
        places=(*_from(session, row), *_to(session, row)),
        decided=tuple(_decided(session, row)),
        entries=tuple(entries_of(session, claim.ref)),
        payments=tuple(session.exec(select(Payment).where(Payment.claim_id == claim.id).order_by(col(Payment.id)))),
        recoveries=tuple(
            session.exec(select(Recovery).where(Recovery.claim_id == claim.id).order_by(col(Recovery.id)))
        ),
    )


@dataclass(frozen=True, slots=True)
class Granted:
    """What lines of an application claim, and get, by one decision of the centre that allows them; in cents."""

    ref: str
    claimed_cents: int
    approved_cents: int


def by_decision(session: Session, lines: Sequence[Line]) -> list[Granted]:
    """Return the sums of the lines by the decision that allows them; a line that has none is left out."""
    allowed = {line.row.grant_line_id for line in lines if line.row.grant_line_id is not None}
    query = (
        select(ClaimLine.id, Claim.ref)
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .join(Claim, col(Claim.id) == ClaimVersion.claim_id)
        .where(col(ClaimLine.id).in_(allowed))
    )
    refs = {key or 0: ref for key, ref in session.exec(query)}
    sums: dict[str, list[int]] = {}
    for line in lines:
        ref = refs.get(line.row.grant_line_id or 0)
        if ref is not None:
            of = sums.setdefault(ref, [0, 0])
            of[0] += line.state.claimed_cents
            of[1] += line.state.approved_cents
    return [Granted(ref, *of) for ref, of in sorted(sums.items())]


def months(first: date, last: date) -> Iterable[Month]:
    """Return the days from first to last by calendar month; their sum is the days of the line."""
    while first <= last:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(last, following - timedelta(days=1))
        yield Month(first, end, (end - first).days + 1)
        first = following


def _stays(session: Session, row: ClaimLine, on: date) -> Iterable[StayShown]:
    query = (
        select(Stay, Decision.ref)
        .join(Child, col(Child.id) == Stay.child_id)
        .outerjoin(Decision, col(Decision.id) == Stay.decision_id)
        .where(
            Child.ref == row.child_ref,
            Stay.unit_id == row.unit_id,
            col(Stay.start) <= row.last_day,
            sa.or_(col(Stay.end).is_(None), col(Stay.end) > row.first_day),
        )
        .order_by(col(Stay.start))
    )
    for stay, decision in session.exec(query):
        if stay.start is not None:
            left = stay.end if stay.end is not None and stay.end <= on else None
            yield StayShown(stay.start, left, decision)


def _clause(session: Session, row: ClaimLine) -> Clause | None:
    if row.agreement_version_id is None:
        return Clause("", 0, row.clause) if row.clause else None
    version = session.get_one(AgreementVersion, row.agreement_version_id)
    agreement = session.get_one(Agreement, version.agreement_id)
    return Clause(agreement.ref, version.number, row.clause, tuple(_agreed(session, row)))


def _agreed(session: Session, row: ClaimLine) -> Iterable[Agreed]:
    """Yield the places and prices of the line's version for its unit that reach into its days."""
    for place in session.exec(
        select(AgreementUnit)
        .where(AgreementUnit.version_id == row.agreement_version_id, AgreementUnit.unit_id == row.unit_id)
        .order_by(col(AgreementUnit.valid_from))
    ):
        if _reaches(place.valid_from, place.valid_to, row):
            yield Agreed(place.valid_from, place.valid_to, place.places, None)
    for rate in session.exec(
        select(AgreementRate)
        .where(
            AgreementRate.version_id == row.agreement_version_id,
            sa.or_(col(AgreementRate.unit_id) == row.unit_id, col(AgreementRate.unit_id).is_(None)),
        )
        .order_by(col(AgreementRate.valid_from))
    ):
        if _reaches(rate.valid_from, rate.valid_to, row):
            yield Agreed(rate.valid_from, rate.valid_to, None, rate.day_cents)


def _reaches(first: date, last: date | None, row: ClaimLine) -> bool:
    return first <= row.last_day and (last is None or last >= row.first_day)


def _named(session: Session, condition: sa.ColumnElement[bool]) -> list[tuple[ClaimLine, Claim]]:
    query = (
        select(ClaimLine, Claim)
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .join(Claim, col(Claim.id) == ClaimVersion.claim_id)
        .where(condition, Claim.number == ClaimVersion.number)
        .order_by(col(ClaimLine.id))
    )
    return list(session.exec(query))


def _from(session: Session, row: ClaimLine) -> list[Place]:
    """Return the lines that this one comes from: the centre's decision, a parked line, a corrected one."""
    keys = {row.grant_line_id: "rests-on", row.parked_from_id: "was-parked", row.corrects_line_id: "corrects"}
    found = []
    for key, how in keys.items():
        if key is None:
            continue
        for one, claim in _named(session, col(ClaimLine.id) == key):
            found.append(Place(claim.ref, one.line_no, how, one.claimed_cents))
    return found


def _to(session: Session, row: ClaimLine) -> list[Place]:
    """Return the lines that come from this one, in claims that were sent."""
    found = []
    for column, how in (
        (ClaimLine.grant_line_id, "used-by"),
        (ClaimLine.parked_from_id, "parked-to"),
        (ClaimLine.corrects_line_id, "corrected-by"),
    ):
        for one, claim in _named(session, col(column) == row.id):
            if claim.status not in (ClaimStatus.DRAFT, ClaimStatus.TO_APPROVER, ClaimStatus.WITHDRAWN):
                found.append(Place(claim.ref, one.line_no, how, one.claimed_cents))
    return found


def _decided(session: Session, row: ClaimLine) -> list[tuple[ClaimDecision, ClaimDecisionLine]]:
    query = (
        select(ClaimDecision, ClaimDecisionLine)
        .join(ClaimDecisionLine, col(ClaimDecisionLine.decision_id) == ClaimDecision.id)
        .where(ClaimDecisionLine.line_id == row.id)
        .order_by(col(ClaimDecision.number).desc())
    )
    return list(session.exec(query))


def entries_of(session: Session, subject: str) -> list[LedgerEntry]:
    """Return the entries of the books that moved money of a claim or payment, by number."""
    mine = sa.select(col(LedgerLeg.entry_id)).where(col(LedgerLeg.subject) == subject)
    query = select(LedgerEntry).where(col(LedgerEntry.id).in_(mine)).order_by(col(LedgerEntry.id))
    return list(session.exec(query))
