"""Requests for rectification, appeals and findings of auditors: registered with their days, ended with an outcome."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session, col, select

from agreements.claim_tables import Claim
from placement.audit.service import record
from placement.clock import business_day
from placement.permissions import Actor
from placement.reference import remedy
from placement.reference.working_days import last_day_of_time
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.reviewing import corrections, letters, scope
from placement.reviewing.tables import AuditFinding, ClaimRemedy, Correction, RemedyKind

OUTCOMES = ("changed", "dismissed", "inadmissible", "withdrawn")
"""How a request or an appeal ends: the decision is changed, kept, the request not examined, or taken back."""
CATEGORIES = ("not-eligible", "no-decision", "evidence", "arithmetic", "claimed-twice", "procedure", "other")
LONGEST = 1000


def last_day(served_on: date, decision: str, on: date) -> date:
    """Return the last day of a request: 30 days from service by the law of the day, moved to a working day."""
    return last_day_of_time(served_on, remedy(decision, on).days or 30)


def register(
    session: Session,
    actor: Actor,
    ref: str,
    *,
    kind: str,
    served_on: date | None,
    received_on: date | None,
    wanted: str | None,
    at: datetime,
) -> ClaimRemedy:
    """Register what was received against the decision that stands; whether it came in time is counted here."""
    on = business_day(at)
    claim = scope.find_own(session, actor, ref, on)
    claim, standing = corrections.decided(session, actor, claim.ref, on)
    faults = []
    if kind not in {one.value for one in RemedyKind}:
        faults.append(Refusal("remedy-kind-missing", field="kind"))
    if served_on is None or not standing.decided_on <= served_on <= on:
        faults.append(Refusal("served-outside", field="served_on", first=standing.decided_on))
    if received_on is None or received_on > on or (served_on is not None and received_on < served_on):
        faults.append(Refusal("received-outside", field="received_on"))
    if not wanted:
        faults.append(Refusal("wanted-missing", field="wanted"))
    if faults or served_on is None or received_on is None or wanted is None:
        raise Refusals(faults)
    row = ClaimRemedy(
        claim_id=claim.id or 0,
        decision_no=standing.number,
        kind=RemedyKind(kind),
        served_on=served_on,
        received_on=received_on,
        in_time=received_on <= last_day(served_on, letters.KINDS[claim.gate], standing.decided_on),
        wanted=wanted,
        registered_by=actor.user_id,
        registered_at=at,
    )
    session.add(row)
    session.flush()
    record(
        session, actor=actor, action="remedy-registered", object_kind="claim", object_ref=ref, at=at,
        after={"kind": kind, "received": received_on.isoformat(), "in_time": row.in_time},
    )  # fmt: skip
    return row


def remedies(session: Session, claim: Claim) -> list[ClaimRemedy]:
    """Return what was received against decisions on a claim, the newest first."""
    query = select(ClaimRemedy).where(ClaimRemedy.claim_id == claim.id).order_by(col(ClaimRemedy.id).desc())
    return list(session.exec(query))


def end(
    session: Session, actor: Actor, ref: str, key: int, *, outcome: str, reason: str | None, at: datetime
) -> ClaimRemedy:
    """End a request with its outcome. A changed decision is changed by a correction, which must have been made."""
    claim = scope.find_own(session, actor, ref, business_day(at))
    row = session.get(ClaimRemedy, key, with_for_update=True)
    if row is None or row.claim_id != claim.id:
        raise NotFound
    if row.outcome is not None:
        raise Conflict("remedy-ended")
    faults = []
    if outcome not in OUTCOMES:
        faults.append(Refusal("outcome-missing", field="outcome"))
    if not reason:
        faults.append(Refusal("reason-missing", field="reason"))
    made = _correction(session, row)
    if outcome == "changed" and made is None:
        faults.append(Refusal("correction-first", field="outcome"))
    if faults or reason is None:
        raise Refusals(faults)
    row.outcome, row.outcome_reason = outcome, reason
    row.decided_on, row.decided_by = business_day(at), actor.user_id
    row.correction_id = made.id if made is not None and outcome == "changed" else None
    session.add(row)
    session.flush()
    record(
        session, actor=actor, action="remedy-ended", object_kind="claim", object_ref=ref, at=at,
        after={"outcome": outcome},
    )  # fmt: skip
    return row


def _correction(session: Session, row: ClaimRemedy) -> Correction | None:
    """Return the correction made since the request of the decision it is against."""
    query = select(Correction).where(
        Correction.claim_id == row.claim_id,
        col(Correction.made_no) > row.decision_no,
        col(Correction.made_at) >= row.registered_at,
    )
    return session.exec(query.order_by(col(Correction.id))).first()


def find_out(
    session: Session,
    actor: Actor,
    ref: str,
    *,
    line_no: int | None,
    category: str,
    text: str | None,
    cents: int | None,
    at: datetime,
) -> AuditFinding:
    """Record what an auditor found in a decided claim; the authority answers it."""
    claim, standing = corrections.decided(session, actor, ref, business_day(at))
    numbers = {line.number for line in corrections.lines_now(session, claim, standing)}
    faults = []
    if line_no is not None and line_no not in numbers:
        faults.append(Refusal("line-unknown", field="line_no"))
    if category not in CATEGORIES:
        faults.append(Refusal("category-missing", field="category"))
    if not text:
        faults.append(Refusal("finding-missing", field="text"))
    if faults or text is None:
        raise Refusals(faults)
    row = AuditFinding(
        claim_id=claim.id or 0,
        line_no=line_no,
        category=category,
        text=text,
        cents=cents or 0,
        found_by=actor.user_id,
        found_at=at,
    )
    session.add(row)
    session.flush()
    record(
        session, actor=actor, action="finding-recorded", object_kind="claim", object_ref=ref, at=at,
        after={"finding": row.id, "category": category, "cents": row.cents},
    )  # fmt: skip
    return row


def findings(session: Session, claim: Claim) -> list[AuditFinding]:
    """Return the findings about a claim, the newest first."""
    query = select(AuditFinding).where(AuditFinding.claim_id == claim.id).order_by(col(AuditFinding.id).desc())
    return list(session.exec(query))


def answer(session: Session, actor: Actor, ref: str, key: int, text: str | None, at: datetime) -> AuditFinding:
    """Answer a finding: what was or will be done. Only who examines such claims answers, once."""
    claim = scope.find_own(session, actor, ref, business_day(at))
    row = session.get(AuditFinding, key, with_for_update=True)
    if row is None or row.claim_id != claim.id:
        raise NotFound
    if row.answered_at is not None:
        raise Conflict("finding-answered")
    if not text:
        raise Refusal("answer-missing", field="answer")
    row.answer, row.answered_by, row.answered_at = text, actor.user_id, at
    session.add(row)
    session.flush()
    record(
        session, actor=actor, action="finding-answered", object_kind="claim", object_ref=ref, at=at,
        after={"finding": row.id},
    )  # fmt: skip
    return row


def open_findings(session: Session, actor: Actor, on: date) -> list[tuple[AuditFinding, Claim]]:
    """Return the findings without an answer about claims the actor may open, the oldest first."""
    query = (
        select(AuditFinding, Claim)
        .join(Claim, col(Claim.id) == AuditFinding.claim_id)
        .where(scope.readable(session, actor, on), col(AuditFinding.answered_at).is_(None))
        .order_by(col(AuditFinding.id))
    )
    return list(session.exec(query))
