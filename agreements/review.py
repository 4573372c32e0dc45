"""The reviewer's side of a claim, the same at both gates: take it, say what of each line, decide, correct.

A decision books in the same transaction. A correction is the next decision: the entry of the one it replaces is
reversed and a new one booked; nothing that was decided is edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from agreements import claim_reads as reads
from agreements import claim_rules as rules
from agreements import ledger
from agreements.claim_tables import (
    Claim,
    ClaimDecision,
    ClaimDecisionLine,
    ClaimLine,
    ClaimLineVerdict,
    ClaimStatus,
    Verdict,
)
from agreements.claim_values import Gate, Problem
from agreements.claims import claimed_by_year, expect, locked, move
from agreements.ledger_rules import Account, Leg, Posting, transfer
from agreements.period import Period
from agreements.refused import Refused
from agreements.review_rules import (
    REASON_NEEDED,
    LineState,
    Said,
    corrected_verdict,
    counts_again,
    line_state,
    part_is_allowed,
)


@dataclass(frozen=True, slots=True)
class Say:
    """What a reviewer says of one line; `approved_cents` only where a part is approved."""

    line_id: int
    verdict: Verdict
    approved_cents: int | None = None
    reason_code: str = ""
    reason: str = ""


def take(session: Session, claim_id: int, *, version: int, by: int, at: datetime) -> Claim:
    """Take a sent claim for review: from now on the county cannot take it back. Taking it again is harmless."""
    claim = locked(session, claim_id)
    if claim.status is ClaimStatus.IN_REVIEW and claim.reviewer_id == by:
        return claim
    expect(claim, version, ClaimStatus.SENT, ClaimStatus.IN_REVIEW)
    _require_outsider(claim, by)
    claim.reviewer_id, claim.taken_at = by, claim.taken_at or at
    move(session, claim, ClaimStatus.IN_REVIEW, "taken", by=by, at=at)
    return claim


def assign(session: Session, claim_id: int, *, to: int, by: int, at: datetime) -> Claim:
    """Give a claim to a reviewer, before or after it was taken; giving it to the same one again is harmless.

    A claim that is only assigned can still be taken back by the county: its review has not begun.
    """
    claim = locked(session, claim_id)
    if claim.status not in (ClaimStatus.SENT, ClaimStatus.IN_REVIEW):
        raise Refused("wrong-state", claim=claim.ref, status=claim.status.value)
    if claim.reviewer_id == to:
        return claim
    _require_outsider(claim, to)
    claim.reviewer_id = to
    move(session, claim, claim.status, "assigned", by=by, at=at)
    return claim


def say(session: Session, claim_id: int, what: Sequence[Say], *, by: int, at: datetime) -> Claim:
    """Say something of lines of a claim in review; the last word on a line counts until the decision.

    A county's answer is the one thing the reviewer does not say. Raises Refused for a line of another claim, a
    verdict without its reason, a part that is nothing or the whole, and an answer to no question.
    """
    claim = locked(session, claim_id)
    expect(claim, claim.version, ClaimStatus.IN_REVIEW)
    known = {row.id: row for row in reads.lines(session, claim)}
    states = line_states(session, claim)
    said: list[dict[str, object]] = []
    for one in what:
        row = known.get(one.line_id)
        if row is None:
            raise Refused("foreign-line", claim=claim.ref)
        _require_allowed(claim, row, one, states[one.line_id], by)
        said.append(
            {
                "line_id": one.line_id,
                "verdict": one.verdict,
                "approved_cents": one.approved_cents,
                "reason_code": one.reason_code,
                "reason": one.reason,
                "by": by,
                "at": at,
            }
        )
    if said:
        session.execute(ClaimLineVerdict.__table__.insert(), said)  # type: ignore[attr-defined]
    claim.version += 1
    session.add(claim)
    session.flush()
    return claim


def _require_allowed(claim: Claim, row: ClaimLine, what: Say, state: LineState, by: int) -> None:
    facts = {"claim": claim.ref, "line": row.line_no}
    if what.verdict is Verdict.ANSWER:
        if not state.asked:
            raise Refused("nothing-asked", **facts)
        if not what.reason:
            raise Refused("reason-missing", **facts)
        return
    _require_outsider(claim, by)
    if what.verdict.value in REASON_NEEDED and not (what.reason_code or what.reason):
        raise Refused("reason-missing", **facts)
    if (what.verdict is Verdict.PART) != (what.approved_cents is not None):
        raise Refused("part-without-sum", **facts)
    if what.approved_cents is not None and not part_is_allowed(row.claimed_cents, what.approved_cents):
        raise Refused("part-not-between", claimed=row.claimed_cents, **facts)


def _require_outsider(claim: Claim, by: int) -> None:
    if by in (claim.prepared_by, claim.sent_by):
        raise Refused("own-claim", claim=claim.ref)


def line_states(session: Session, claim: Claim) -> dict[int, LineState]:
    """Return the state of each line of a claim's present version, by line."""
    said = reads.verdicts(session, claim)
    return {
        row.id or 0: line_state(
            row.claimed_cents,
            [
                Said(one.verdict.value, one.approved_cents, one.reason_code, one.reason)
                for one in said.get(row.id or 0, [])
            ],
        )
        for row in reads.lines(session, claim)
    }


def approve_clean(session: Session, claim_id: int, line_ids: Iterable[int], *, by: int, at: datetime) -> Claim:
    """Approve lines in one go; the page has listed them first, and each can be said otherwise until the decision."""
    return say(session, claim_id, [Say(line_id, Verdict.APPROVE) for line_id in line_ids], by=by, at=at)


def decide(
    session: Session,
    claim_id: int,
    *,
    version: int,
    by: int,
    second: int | None,
    at: datetime,
    on: date,
    valid: tuple[date, date] | None = None,
) -> ClaimDecision:
    """Decide a claim whose lines all have a verdict, and book it. Deciding it again returns the decision.

    Gate `cost`: what the centre grants is committed, on the days of `valid` (the claim's period without it).
    Gate `payment`: what is approved is owed to the county, and the grants it came from are used up by it.
    """
    claim = locked(session, claim_id)
    standing = reads.decision(session, claim)
    if standing is not None:
        return standing
    expect(claim, version, ClaimStatus.IN_REVIEW)
    _require_outsider(claim, by)
    if second is not None:
        _require_outsider(claim, second)
        if second == by:
            raise Refused("second-is-first", claim=claim.ref)
    rows = reads.lines(session, claim)
    states = line_states(session, claim)
    still_open = [row.line_no for row in rows if states[row.id or 0].is_open]
    if still_open:
        raise Refused("lines-open", claim=claim.ref, lines=still_open)
    first, last = valid or (claim.period_first, claim.period_last)
    made = _write(
        session, claim, rows, states, number=1, by=by, second=second, at=at, on=on, valid=(first, last), why=""
    )
    ledger.lock_books(session)
    reviewed = transfer(Account.UNDER_REVIEW, Account.CLAIMED, claimed_by_year(rows), claim.county_id, claim.ref)
    if reviewed:
        ledger.post(session, Posting("claim-reviewed", f"{claim.ref}/{claim.number}", on, tuple(reviewed)), at=at)
    _book(session, claim, rows, {key: state.approved_cents for key, state in states.items()}, 1, on, at)
    claim.decision_no = 1
    move(session, claim, ClaimStatus.DECIDED, "decided", by=by, at=at)
    return made


def correct(
    session: Session,
    claim_id: int,
    approved: Mapping[int, int],
    *,
    version: int,
    proposed_by: int,
    by: int,
    at: datetime,
    on: date,
    reason: str,
) -> ClaimDecision:
    """Replace a decision by the next one: other sums for some lines, with a reason; two people act.

    `approved`: line to cents now approved. Booked as the reversal of the old entry and a new one. What was paid
    stays paid: what is then too much is recovered or set off, what is too little is paid. Raises Refused for a sum
    beyond what was claimed, for no change, without a reason, where one person acts alone, and where days or a voucher
    of a refused line have come to count in another claim since. A county that asks for the correction itself takes no
    part in the decision: then only who makes it is named there.
    """
    claim = locked(session, claim_id)
    ledger.lock_books(session)  # no claim is sent between the look at other claims and the decision
    expect(claim, version, ClaimStatus.DECIDED)
    if by == proposed_by:
        raise Refused("second-is-first", claim=claim.ref)
    _require_outsider(claim, by)
    if not reason:
        raise Refused("reason-missing", claim=claim.ref)
    rows = reads.lines(session, claim)
    old = reads.decision(session, claim)
    assert old is not None  # a decided claim has a decision, which the database checks
    before = reads.decision_lines(session, old.id or 0)
    states = {row.id or 0: _corrected(claim, row, before[row.id or 0], approved, reason) for row in rows}
    unknown = set(approved) - set(states)
    if unknown:
        raise Refused("foreign-line", claim=claim.ref)
    if all(states[key].approved_cents == before[key].approved_cents for key in states):
        raise Refused("nothing-changes", claim=claim.ref)
    taken = taken_over(session, claim, approved)
    if taken:
        raise Refused("claimed-since", line=taken[0].line_no, other=taken[0].fact("claim"))
    number = old.number + 1
    valid = (old.valid_from, old.valid_to)
    second = None if proposed_by in (claim.prepared_by, claim.sent_by) else proposed_by
    made = _write(
        session, claim, rows, states, number=number, by=by, second=second, at=at, on=on, valid=valid, why=reason
    )
    booked = ledger.entry_of(session, "claim-decided", f"{claim.ref}/{old.number}")
    if booked is not None:
        ledger.reverse(
            session,
            booked.id,
            source_kind="claim-corrected",
            source_id=f"{claim.ref}/{old.number}",
            effective_on=on,
            at=at,
        )
    _book(session, claim, rows, {key: state.approved_cents for key, state in states.items()}, number, on, at)
    claim.decision_no = number
    move(session, claim, ClaimStatus.DECIDED, "corrected", by=by, at=at)
    return made


def _corrected(
    claim: Claim, row: ClaimLine, before: ClaimDecisionLine, approved: Mapping[int, int], reason: str
) -> LineState:
    key = row.id or 0
    if key not in approved:
        verdict, code, why = before.verdict.value, before.reason_code, before.reason
        return LineState(
            row.claimed_cents,
            before.approved_cents,
            before.rejected_cents,
            before.parked_cents,
            0,
            verdict,
            False,
            code,
            why,
        )
    if before.verdict is Verdict.PARK:
        raise Refused("line-parked", claim=claim.ref, line=row.line_no)
    cents = approved[key]
    whole = row.claimed_cents
    if not (0 <= cents <= whole or whole <= cents <= 0):
        raise Refused("part-not-between", claim=claim.ref, line=row.line_no, claimed=whole)
    return LineState(whole, cents, whole - cents, 0, 0, corrected_verdict(whole, cents), False, "correction", reason)


def taken_over(session: Session, claim: Claim, approved: Mapping[int, int]) -> list[Problem]:
    """Return what keeps a correction from sums for refused lines: their days or vouchers count elsewhere (rule L12).

    `approved`: line to cents, as `correct` takes it, which refuses exactly these lines. Each problem names its line
    and the other claim.
    """
    standing = reads.decision(session, claim)
    assert standing is not None  # only a decided claim is corrected
    said = reads.decision_lines(session, standing.id or 0)
    rows = [
        row
        for row in reads.lines(session, claim)
        for cents in [approved.get(row.id or 0)]
        if cents is not None and counts_again(said[row.id or 0].verdict, row.claimed_cents, cents)
    ]
    if not rows:
        return []
    lines = {row.line_no: reads.value_of(row) for row in rows}
    reach = Period(min(row.first_day for row in rows), max(row.last_day for row in rows))
    return rules.taken_over(lines, *reads.elsewhere(session, claim, lines.values(), reach))


def _write(
    session: Session,
    claim: Claim,
    rows: Sequence[ClaimLine],
    states: Mapping[int, LineState],
    *,
    number: int,
    by: int,
    second: int | None,
    at: datetime,
    on: date,
    valid: tuple[date, date],
    why: str,
) -> ClaimDecision:
    made = ClaimDecision(
        claim_id=claim.id or 0,
        version_id=reads.version_of(session, claim).id or 0,
        number=number,
        decided_by=by,
        second_id=second,
        decided_on=on,
        decided_at=at,
        valid_from=valid[0],
        valid_to=valid[1],
        claimed_cents=sum(state.claimed_cents for state in states.values()),
        approved_cents=sum(state.approved_cents for state in states.values()),
        rejected_cents=sum(state.rejected_cents for state in states.values()),
        parked_cents=sum(state.parked_cents for state in states.values()),
        reason=why,
    )
    session.add(made)
    session.flush()
    values = [
        {
            "decision_id": made.id,
            "line_id": row.id,
            "verdict": Verdict(states[row.id or 0].verdict),
            "claimed_cents": row.claimed_cents,
            "approved_cents": states[row.id or 0].approved_cents,
            "rejected_cents": states[row.id or 0].rejected_cents,
            "parked_cents": states[row.id or 0].parked_cents,
            "reason_code": states[row.id or 0].reason_code,
            "reason": states[row.id or 0].reason,
        }
        for row in rows
    ]
    session.execute(ClaimDecisionLine.__table__.insert(), values)  # type: ignore[attr-defined]
    return made


def _book(
    session: Session,
    claim: Claim,
    rows: Sequence[ClaimLine],
    approved: Mapping[int, int],
    number: int,
    on: date,
    at: datetime,
) -> None:
    by_year: dict[int, int] = {}
    for row in rows:
        by_year[row.care_year] = by_year.get(row.care_year, 0) + approved[row.id or 0]
    if claim.gate is Gate.COST:
        legs = transfer(Account.COMMITTED, Account.GRANTED, by_year, claim.county_id, claim.ref)
    else:
        legs = transfer(Account.REIMBURSEMENT, Account.PAYABLE, by_year, claim.county_id, claim.ref)
        legs += _used_grants(session, claim, rows, approved)
    if legs:
        ledger.post(session, Posting("claim-decided", f"{claim.ref}/{number}", on, tuple(legs)), at=at)


def _used_grants(session: Session, claim: Claim, rows: Sequence[ClaimLine], approved: Mapping[int, int]) -> list[Leg]:
    """Return the legs that use up the centre's grants by what was approved of the lines that rest on them."""
    refs = reads.claim_refs(session, {row.grant_line_id for row in rows if row.grant_line_id is not None})
    used: dict[str, dict[int, int]] = {}
    for row in rows:
        if row.grant_line_id is not None:
            ref, year = refs[row.grant_line_id]
            sums = used.setdefault(ref, {})
            sums[year] = sums.get(year, 0) + approved[row.id or 0]
    legs: list[Leg] = []
    for ref in sorted(used):
        legs += transfer(Account.GRANTED, Account.COMMITTED, used[ref], claim.county_id, ref)
    return legs
