"""What stands in claims now: lines that count, what others claimed, what is granted and left. Reads only.

A line counts while its claim is sent or decided and it was not wholly refused or put off; drafts do not count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements.claim_tables import (
    Claim,
    ClaimDecision,
    ClaimDecisionLine,
    ClaimLine,
    ClaimLineVerdict,
    ClaimStatus,
    ClaimVersion,
    Verdict,
)
from agreements.claim_values import CARE_DAYS, Claimed, Gate, Grant, Line
from agreements.period import Period
from agreements.refused import ClaimNotFound

COUNTING = (ClaimStatus.TO_APPROVER, ClaimStatus.SENT, ClaimStatus.IN_REVIEW, ClaimStatus.DECIDED)
KEY = TypeVar("KEY")
SOME = 400
"""How many keys go into one statement: below what SQLite takes as parameters."""


def claim_by_ref(session: Session, ref: str) -> Claim:
    """Return a claim by its reference; raises ClaimNotFound. Who may see it is the host's to ask."""
    claim = session.exec(select(Claim).where(Claim.ref == ref)).one_or_none()
    if claim is None:
        raise ClaimNotFound(ref)
    return claim


def version_of(session: Session, claim: Claim) -> ClaimVersion:
    """Return the version of a claim that is in work or was sent."""
    query = select(ClaimVersion).where(ClaimVersion.claim_id == claim.id, ClaimVersion.number == claim.number)
    return session.exec(query).one()


def lines(session: Session, claim: Claim) -> list[ClaimLine]:
    """Return the lines of a claim's present version by number."""
    query = select(ClaimLine).where(ClaimLine.version_id == version_of(session, claim).id)
    return list(session.exec(query.order_by(col(ClaimLine.line_no))))


def value_of(row: ClaimLine) -> Line:
    """Return a stored line as the value that the rules take."""
    return Line(
        basis=row.basis,
        cost_kind=row.cost_kind,
        days=Period(row.first_day, row.last_day),
        count=row.days,
        claimed_cents=row.claimed_cents,
        unit_id=row.unit_id,
        child_ref=row.child_ref,
        day_cents=row.day_cents,
        ceiling_cents=row.ceiling_cents,
        invoiced_cents=row.invoiced_cents,
        vat_cents=row.vat_cents,
        other_income_cents=row.other_income_cents,
        supplier=row.supplier,
        voucher=row.voucher,
        voucher_on=row.voucher_on,
        agreement_version_id=row.agreement_version_id,
        clause=row.clause,
        grant_line_id=row.grant_line_id,
        cost_id=row.cost_entry_id,
        evidence_id=row.evidence_id,
        shared_cents=row.shared_cents,
        note=row.note,
        late_reason=row.late_reason,
        parked_from=row.parked_from_id,
        corrects=row.corrects_line_id,
    )


def _counting(gate: Gate, *columns: object) -> sa.Select[Any]:
    """Return a query over the lines of a gate that count, with the decision that stands where there is one."""
    query: sa.Select[Any] = (
        sa.select(*columns)  # type: ignore[call-overload]
        .select_from(ClaimLine)
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .join(Claim, sa.and_(col(Claim.id) == ClaimVersion.claim_id, col(Claim.number) == ClaimVersion.number))
        .outerjoin(
            ClaimDecision,
            sa.and_(col(ClaimDecision.claim_id) == Claim.id, col(ClaimDecision.number) == Claim.decision_no),
        )
        .outerjoin(
            ClaimDecisionLine,
            sa.and_(
                col(ClaimDecisionLine.decision_id) == ClaimDecision.id, col(ClaimDecisionLine.line_id) == ClaimLine.id
            ),
        )
        .where(
            col(ClaimLine.gate) == gate,
            col(Claim.status).in_(COUNTING),
            sa.or_(
                col(ClaimDecisionLine.verdict).is_(None),
                col(ClaimDecisionLine.verdict).notin_([Verdict.REJECT, Verdict.PARK]),
            ),
        )
    )
    return query


_CENTS = sa.func.coalesce(ClaimDecisionLine.approved_cents, ClaimLine.claimed_cents)


def days_claimed(
    session: Session, gate: Gate, child_refs: Collection[str], period: Period, *, besides: int | None
) -> list[Claimed]:
    """Return the days of children that stand in claims of a gate, of any county, besides one claim."""
    found: list[Claimed] = []
    for part in _parts(sorted(child_refs)):
        query = _counting(
            gate, Claim.ref, ClaimLine.line_no, ClaimLine.child_ref, ClaimLine.first_day, ClaimLine.last_day
        ).where(
            col(ClaimLine.child_ref).in_(part),
            col(ClaimLine.basis).in_(CARE_DAYS),
            col(ClaimLine.first_day) <= (period.last or date.max),
            col(ClaimLine.last_day) >= period.first,
            col(Claim.id) != (besides or 0),
        )
        found += [
            Claimed(ref, number, child_ref, Period(first, last))
            for ref, number, child_ref, first, last in session.execute(query)
        ]
    return found


def _small(text: str) -> str:
    """Return a text as SQLite's lower() writes it: letters beyond ASCII stay as they are."""
    return "".join(one.lower() if one.isascii() else one for one in text)


def vouchers_claimed(session: Session, gate: Gate, vouchers: Collection[str], *, besides: int | None) -> list[Claimed]:
    """Return the lines of any county's claims that name one of the vouchers, in large letters or small.

    Lines of one claim are left out (`besides`). SQLite knows only the small letters of ASCII, PostgreSQL all of
    them, so each voucher is asked for as either would write it.
    """
    found: list[Claimed] = []
    for part in _parts(sorted({_small(form) for one in vouchers for form in (one, one.lower(), one.upper())})):
        query = _counting(
            gate,
            Claim.ref,
            ClaimLine.line_no,
            ClaimLine.child_ref,
            ClaimLine.first_day,
            ClaimLine.last_day,
            ClaimLine.supplier,
            ClaimLine.voucher,
            ClaimLine.claimed_cents,
        ).where(sa.func.lower(ClaimLine.voucher).in_(part), col(Claim.id) != (besides or 0))
        found += [
            Claimed(ref, number, child_ref, Period(first, last), supplier, voucher, cents)
            for ref, number, child_ref, first, last, supplier, voucher, cents in session.execute(query)
        ]
    return found


def elsewhere(
    session: Session, claim: Claim, lines: Collection[Line], reach: Period
) -> tuple[list[Claimed], list[Claimed]]:
    """Return what counts in other claims of the gate: days of the lines' children in a period, the lines' vouchers."""
    children = {line.child_ref for line in lines if line.child_ref}
    vouchers = {line.voucher for line in lines if line.voucher}
    return (
        days_claimed(session, claim.gate, children, reach, besides=claim.id),
        vouchers_claimed(session, claim.gate, vouchers, besides=claim.id),
    )


def grants(session: Session, county_id: int, period: Period, *, besides: int | None = None) -> list[Grant]:
    """Return what the centre's decisions allow a county in a period, less what payment applications took of it."""
    query = _counting(
        Gate.COST,
        ClaimLine.id,
        Claim.ref,
        ClaimLine.cost_kind,
        ClaimLine.unit_id,
        ClaimLine.child_ref,
        ClaimLine.first_day,
        ClaimLine.last_day,
        ClaimDecisionLine.approved_cents,
    ).where(
        col(Claim.county_id) == county_id,
        col(Claim.status) == ClaimStatus.DECIDED,
        col(ClaimDecisionLine.approved_cents) > 0,
        col(ClaimLine.first_day) <= (period.last or date.max),
        col(ClaimLine.last_day) >= period.first,
    )
    rows = session.execute(query).all()
    used = _used(session, [row[0] for row in rows], besides)
    return [
        Grant(line_id, ref, kind, unit_id, child_ref, Period(first, last), cents - used.get(line_id, 0))
        for line_id, ref, kind, unit_id, child_ref, first, last, cents in rows
    ]


def _used(session: Session, line_ids: Sequence[int], besides: int | None) -> dict[int, int]:
    used: dict[int, int] = {}
    for part in _parts(line_ids):
        query = (
            _counting(Gate.PAYMENT, ClaimLine.grant_line_id, sa.func.sum(_CENTS))
            .where(col(ClaimLine.grant_line_id).in_(part), col(Claim.id) != (besides or 0))
            .group_by(col(ClaimLine.grant_line_id))
        )
        used.update({line_id: int(cents) for line_id, cents in session.execute(query)})
    return used


def approved_of(session: Session, line_ids: Iterable[int]) -> dict[int, int]:
    """Return what is approved of earlier lines, by the decision that stands and the corrections of it so far."""
    found: dict[int, int] = {}
    for part in _parts(sorted(set(line_ids))):
        for gate in Gate:
            query = _counting(gate, ClaimLine.id, ClaimDecisionLine.approved_cents).where(
                col(ClaimLine.id).in_(part), col(Claim.status) == ClaimStatus.DECIDED
            )
            found.update({line_id: cents for line_id, cents in session.execute(query) if cents is not None})
            corrections = (
                _counting(gate, ClaimLine.corrects_line_id, sa.func.sum(_CENTS))
                .where(col(ClaimLine.corrects_line_id).in_(part))
                .group_by(col(ClaimLine.corrects_line_id))
            )
            for line_id, cents in session.execute(corrections):
                found[line_id] = found.get(line_id, 0) + int(cents)
    return found


def parked(session: Session, county_id: int, gate: Gate) -> list[ClaimLine]:
    """Return the lines of a county's decided claims that were put off and stand in no later claim yet."""
    later = sa.select(ClaimLine.parked_from_id).where(col(ClaimLine.parked_from_id).is_not(None))  # type: ignore[call-overload]
    query = (
        select(ClaimLine)
        .join(ClaimDecisionLine, col(ClaimDecisionLine.line_id) == ClaimLine.id)
        .join(ClaimDecision, col(ClaimDecision.id) == ClaimDecisionLine.decision_id)
        .join(Claim, sa.and_(col(Claim.id) == ClaimDecision.claim_id, col(Claim.decision_no) == ClaimDecision.number))
        .where(
            Claim.county_id == county_id,
            ClaimLine.gate == gate,
            ClaimDecisionLine.verdict == Verdict.PARK,
            col(ClaimLine.id).not_in(later),
        )
    )
    return list(session.exec(query.order_by(col(ClaimLine.id))))


def verdicts(session: Session, claim: Claim) -> dict[int, list[ClaimLineVerdict]]:
    """Return what was said of each line of a claim's present version, in order."""
    query = (
        select(ClaimLineVerdict)
        .join(ClaimLine, col(ClaimLine.id) == ClaimLineVerdict.line_id)
        .where(ClaimLine.version_id == version_of(session, claim).id)
        .order_by(col(ClaimLineVerdict.id))
    )
    found: dict[int, list[ClaimLineVerdict]] = {}
    for row in session.exec(query):
        found.setdefault(row.line_id, []).append(row)
    return found


def claim_refs(session: Session, line_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Return for each line the reference of its claim and its year of care."""
    found: dict[int, tuple[str, int]] = {}
    for part in _parts(sorted(line_ids)):
        query = (
            select(ClaimLine.id, Claim.ref, ClaimLine.care_year)
            .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
            .join(Claim, col(Claim.id) == ClaimVersion.claim_id)
            .where(col(ClaimLine.id).in_(part))
        )
        found.update({line_id or 0: (ref, year) for line_id, ref, year in session.exec(query)})
    return found


def decision(session: Session, claim: Claim) -> ClaimDecision | None:
    """Return the decision that stands on a claim, None before there is one."""
    query = select(ClaimDecision).where(ClaimDecision.claim_id == claim.id, ClaimDecision.number == claim.decision_no)
    return session.exec(query).one_or_none()


def decision_lines(session: Session, decision_id: int) -> dict[int, ClaimDecisionLine]:
    """Return what a decision says of each line, by line."""
    query = select(ClaimDecisionLine).where(ClaimDecisionLine.decision_id == decision_id)
    return {row.line_id: row for row in session.exec(query)}


def _parts(keys: Sequence[KEY]) -> list[Sequence[KEY]]:
    return [keys[start : start + SOME] for start in range(0, len(keys), SOME)]
