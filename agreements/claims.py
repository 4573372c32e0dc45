"""The county's side of a claim: written from facts, checked, sent, taken back. Sent versions are never edited.

Services flush and never commit; who may act comes from the host, that different people act is checked here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from agreements import claim_reads as reads
from agreements import claim_rules as rules
from agreements import ledger
from agreements.claim_building import Material, lines_of
from agreements.claim_tables import Claim, ClaimEvent, ClaimLine, ClaimStatus, ClaimVersion
from agreements.claim_values import Gate, Line, Problem
from agreements.ledger_rules import Account, Posting, transfer
from agreements.period import Period
from agreements.refused import ChangedMeanwhile, ClaimHasProblems, ClaimNotFound, Refused


@dataclass(frozen=True, slots=True)
class Start:
    """A claim to begin: its reference, gate, county, competent authority and period."""

    ref: str
    gate: Gate
    county_id: int
    authority_id: int
    period: Period
    four_eyes: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the host knows and a check needs: agreed places and days of calculated compensation."""

    places: tuple[tuple[int, Period, int], ...] = ()
    calculated: tuple[tuple[str, Period], ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that stands against a claim, in the order of its lines."""

    problems: tuple[Problem, ...] = field(default=())

    @property
    def blocking(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.blocking)


def locked(session: Session, claim_id: int) -> Claim:
    """Return a claim under a lock that lasts to the end of the transaction, read anew; raises ClaimNotFound."""
    claim = session.get(Claim, claim_id, with_for_update=True, populate_existing=True)
    if claim is None:
        raise ClaimNotFound(claim_id)
    return claim


def expect(claim: Claim, version: int, *statuses: ClaimStatus) -> None:
    """Raise ChangedMeanwhile for another version than was read and Refused for a state that does not allow it."""
    if claim.version != version:
        raise ChangedMeanwhile(claim=claim.ref, version=claim.version)
    if claim.status not in statuses:
        raise Refused("wrong-state", claim=claim.ref, status=claim.status.value)


def move(
    session: Session, claim: Claim, to: ClaimStatus, action: str, *, by: int, at: datetime, reason: str = ""
) -> None:
    """Set the status of a claim, count its version and write the event, all in the caller's transaction."""
    session.add(
        ClaimEvent(
            claim_id=claim.id or 0,
            action=action,
            from_status=claim.status.value,
            to_status=to.value,
            number=claim.number,
            reason=reason,
            by=by,
            at=at,
        )
    )
    claim.status = to
    claim.version += 1
    session.add(claim)
    session.flush()


def start(session: Session, what: Start, lines: Sequence[Line], *, by: int, at: datetime) -> Claim:
    """Begin a claim with the lines given; it is a draft. Raises Refused for a period without an end."""
    if what.period.last is None:
        raise Refused("period-open", claim=what.ref)
    claim = Claim(
        ref=what.ref,
        gate=what.gate,
        county_id=what.county_id,
        authority_id=what.authority_id,
        period_first=what.period.first,
        period_last=what.period.last,
        four_eyes=what.four_eyes,
        prepared_by=by,
        created_at=at,
    )
    session.add(claim)
    session.flush()
    _write_version(session, claim, lines)
    move(session, claim, ClaimStatus.DRAFT, "started", by=by, at=at)
    return claim


def build(session: Session, what: Start, material: Material, *, by: int, at: datetime) -> Claim:
    """Begin a claim that is written from the facts of its period; days that stand in other claims are not in it.

    What the centre's decisions allow is read here, so that each line names its decision.
    """
    children = {care.child_ref for care in material.care}
    taken = reads.days_claimed(session, what.gate, children, what.period, besides=None)
    granted = reads.grants(session, what.county_id, what.period) if what.gate is Gate.PAYMENT else []
    whole = Material(
        what.period,
        material.care,
        material.prices,
        material.invoices,
        material.costs,
        (*material.grants, *granted),
        (*material.taken, *taken),
    )
    return start(session, what, lines_of(whole), by=by, at=at)


def rewrite(session: Session, claim_id: int, lines: Sequence[Line], *, version: int, by: int, at: datetime) -> Claim:
    """Replace the lines of a draft. A version that was sent stays: taking a claim back began a new one."""
    claim = locked(session, claim_id)
    expect(claim, version, ClaimStatus.DRAFT)
    current = reads.version_of(session, claim)
    session.execute(sa.delete(ClaimLine).where(col(ClaimLine.version_id) == current.id))
    _write_lines(session, claim, current, lines)
    move(session, claim, ClaimStatus.DRAFT, "rewritten", by=by, at=at)
    return claim


def check(session: Session, claim: Claim, around: Surroundings, *, on: date) -> Checked:
    """Return everything that stands against sending a claim on a day, blocking or only to be looked at."""
    lines = [reads.value_of(row) for row in reads.lines(session, claim)]
    period = Period(claim.period_first, claim.period_last)
    found = [
        problem
        for number, line in enumerate(lines, start=1)
        for problem in rules.line_problems(line, number, period=period, sent_on=on)
    ]
    if not any(line.claimed_cents for line in lines):
        found.append(Problem("nothing-claimed", None, blocking=True))
    reach = _reach(lines, period)
    days, vouchers = reads.elsewhere(session, claim, lines, reach)
    found += rules.overlap_problems(lines, days) + rules.voucher_problems(lines, vouchers)
    if claim.gate is Gate.PAYMENT:
        found += rules.grant_problems(lines, reads.grants(session, claim.county_id, reach, besides=claim.id))
    corrected = [line.corrects for line in lines if line.corrects is not None]
    found += rules.correction_problems(lines, reads.approved_of(session, corrected))
    found += rules.place_problems(lines, around.places)
    found += rules.double_funding(lines, around.calculated)
    return Checked(tuple(sorted(found, key=lambda one: (one.line_no is None, one.line_no or 0, one.code))))


def _reach(lines: Sequence[Line], period: Period) -> Period:
    """Return the days that a claim is about: its period, and those of corrections that reach back."""
    firsts = [line.days.first for line in lines]
    return Period(min([period.first, *firsts]), period.last)


def to_approver(
    session: Session, claim_id: int, around: Surroundings, *, version: int, by: int, at: datetime, on: date
) -> Claim:
    """Hand a finished draft to the person who sends it (where two pairs of eyes are set); nothing is booked yet."""
    claim = locked(session, claim_id)
    expect(claim, version, ClaimStatus.DRAFT)
    _require_clean(session, claim, around, on)
    claim.declared_at = at
    move(session, claim, ClaimStatus.TO_APPROVER, "to-approver", by=by, at=at)
    return claim


def send(
    session: Session,
    claim_id: int,
    around: Surroundings,
    *,
    version: int,
    by: int,
    at: datetime,
    on: date,
    declared: bool,
) -> Claim:
    """Send a claim: freeze its version, book what is claimed, put it before the authority.

    `on` is the authority's day: what arrives after its closing time is of the next day, which the host counts.
    A claim of this version that is sent already stays as it is. Raises ClaimHasProblems with all blocking
    problems, and Refused without the declaration or, where two people must act, for who prepared it.
    """
    claim = locked(session, claim_id)
    if claim.status is ClaimStatus.SENT and claim.sent_by == by and claim.version == version + 1:
        return claim
    expect(claim, version, ClaimStatus.TO_APPROVER if claim.four_eyes else ClaimStatus.DRAFT)
    if claim.four_eyes and by == claim.prepared_by:
        raise Refused("own-claim", claim=claim.ref)
    if not declared:
        raise Refused("not-declared", claim=claim.ref)
    ledger.lock_books(session)
    _require_clean(session, claim, around, on)
    current = reads.version_of(session, claim)
    rows = reads.lines(session, claim)
    current.content_hash, current.sent_at = content_hash(claim, rows), at
    session.add(current)
    claim.sent_by, claim.sent_at, claim.sent_on, claim.declared_at = by, at, on, at
    legs = transfer(Account.CLAIMED, Account.UNDER_REVIEW, claimed_by_year(rows), claim.county_id, claim.ref)
    if legs:
        ledger.post(session, Posting("claim-sent", f"{claim.ref}/{claim.number}", on, tuple(legs)), at=at)
    move(session, claim, ClaimStatus.SENT, "sent", by=by, at=at)
    return claim


def _require_clean(session: Session, claim: Claim, around: Surroundings, on: date) -> None:
    blocking = check(session, claim, around, on=on).blocking
    if blocking:
        raise ClaimHasProblems(blocking)


def take_back(session: Session, claim_id: int, *, version: int, by: int, at: datetime, on: date, reason: str) -> Claim:
    """Take a claim back before its review starts: what was booked is reversed and a new version is in work."""
    claim = locked(session, claim_id)
    expect(claim, version, ClaimStatus.SENT, ClaimStatus.TO_APPROVER)
    booked = ledger.entry_of(session, "claim-sent", f"{claim.ref}/{claim.number}")
    if booked is not None:
        ledger.reverse(
            session,
            booked.id,
            source_kind="claim-taken-back",
            source_id=f"{claim.ref}/{claim.number}",
            effective_on=on,
            at=at,
        )
    rows = [reads.value_of(row) for row in reads.lines(session, claim)]
    was_sent = claim.status is ClaimStatus.SENT
    claim.sent_by = claim.sent_at = claim.sent_on = claim.declared_at = None
    if was_sent:
        claim.number += 1
        _write_version(session, claim, rows)
    move(session, claim, ClaimStatus.DRAFT, "taken-back", by=by, at=at, reason=reason)
    return claim


def withdraw(session: Session, claim_id: int, *, version: int, by: int, at: datetime, reason: str) -> Claim:
    """Give a draft up for good; what it claimed may be claimed again."""
    claim = locked(session, claim_id)
    expect(claim, version, ClaimStatus.DRAFT)
    move(session, claim, ClaimStatus.WITHDRAWN, "withdrawn", by=by, at=at, reason=reason)
    return claim


def claimed_by_year(rows: Sequence[ClaimLine]) -> dict[int, int]:
    """Return what lines claim by year of care, in cents."""
    sums: dict[int, int] = {}
    for row in rows:
        sums[row.care_year] = sums.get(row.care_year, 0) + row.claimed_cents
    return sums


def content_hash(claim: Claim, rows: Sequence[ClaimLine]) -> str:
    """Return the fingerprint of a claim as it is sent: its period and every value of every line."""
    head = [claim.ref, claim.gate.value, claim.number, claim.county_id, str(claim.period_first), str(claim.period_last)]
    body = [
        [str(getattr(row, name)) for name in sorted(ClaimLine.model_fields) if name not in ("id", "version_id")]
        for row in rows
    ]
    text = json.dumps([head, body], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _write_version(session: Session, claim: Claim, lines: Sequence[Line]) -> ClaimVersion:
    current = ClaimVersion(claim_id=claim.id or 0, number=claim.number)
    session.add(current)
    session.flush()
    _write_lines(session, claim, current, lines)
    return current


def _write_lines(session: Session, claim: Claim, current: ClaimVersion, lines: Sequence[Line]) -> None:
    rows = [_row(claim, current, number, line) for number, line in enumerate(lines, start=1)]
    if rows:
        session.execute(_LINES.insert(), rows)
    current.claimed_cents = sum(line.claimed_cents for line in lines)
    session.add(current)
    session.flush()


_LINES = ClaimLine.__table__  # type: ignore[attr-defined]


def _row(claim: Claim, current: ClaimVersion, number: int, line: Line) -> dict[str, object]:
    return {
        "version_id": current.id,
        "line_no": number,
        "gate": claim.gate,
        "basis": line.basis,
        "cost_kind": line.cost_kind,
        "unit_id": line.unit_id,
        "child_ref": line.child_ref,
        "first_day": line.days.first,
        "last_day": line.days.last or line.days.first,
        "care_year": line.care_year,
        "days": line.count,
        "day_cents": line.day_cents,
        "ceiling_cents": line.ceiling_cents,
        "invoiced_cents": line.invoiced_cents,
        "claimed_cents": line.claimed_cents,
        "vat_cents": line.vat_cents,
        "other_income_cents": line.other_income_cents,
        "shared_cents": line.shared_cents,
        "supplier": line.supplier,
        "voucher": line.voucher,
        "voucher_on": line.voucher_on,
        "agreement_version_id": line.agreement_version_id,
        "clause": line.clause,
        "grant_line_id": line.grant_line_id,
        "cost_entry_id": line.cost_id,
        "evidence_id": line.evidence_id,
        "parked_from_id": line.parked_from,
        "corrects_line_id": line.corrects,
        "note": line.note,
        "late_reason": line.late_reason,
    }
