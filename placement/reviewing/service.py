"""Examining a claim, the same at both gates: who has it, what is said of each line, questions, hearing, sample.

Every act goes through the library's, writes one audit event with it, and never commits. Events hold numbers and
codes; what people wrote stands with the line it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from agreements import claims, review, review_rules
from agreements.claim_tables import Claim, ClaimStatus, Verdict
from agreements.review import Say
from placement.clock import business_day
from placement.permissions import Actor
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.reimbursed.acting import log_act, moving, told
from placement.reimbursed.words import REASONS
from placement.reviewing import lines as reading
from placement.reviewing import queue, scope
from placement.reviewing.tables import ClaimHearing, ClaimQuestion, ClaimSample, HearingKind

LONGEST = 1000
LEAST_DAYS, MOST_DAYS = 1, 90
WHY = frozenset({Verdict.PART, Verdict.REJECT, Verdict.PARK})


@dataclass(frozen=True, slots=True)
class Given:
    """What an examiner says of lines: the verdict, the part approved, why by code, why in words."""

    verdict: Verdict
    approved_cents: int | None = None
    code: str = ""
    text: str = ""


def assign(session: Session, actor: Actor, refs: Sequence[str], to: int, at: datetime) -> list[tuple[str, str | None]]:
    """Give claims to a colleague; returns each reference with the code of why it was not given, or None.

    Raises Refusal for somebody who does not examine such claims at this body.
    """
    found: list[tuple[str, str | None]] = []
    for ref in dict.fromkeys(refs):
        try:
            claim = scope.find_own(session, actor, ref, business_day(at))
            able = queue.reviewers(session, actor.organisation_id, claim.gate, business_day(at))
            if to not in {user.id for user in able}:
                raise Refusal("reviewer-unknown", field="to")
            with session.begin_nested(), moving(session, actor, at):
                review.assign(session, claim.id or 0, to=to, by=actor.user_id, at=at)
            found.append((ref, None))
        except Refusal as refused:
            found.append((ref, refused.code))
    return found


def take(session: Session, actor: Actor, ref: str, version: int, at: datetime) -> Claim:
    """Take a sent claim for review: from now on the county cannot take it back."""
    claim = scope.find_own(session, actor, ref, business_day(at))
    with moving(session, actor, at):
        return review.take(session, claim.id or 0, version=version, by=actor.user_id, at=at)


def under_review(session: Session, actor: Actor, ref: str, at: datetime) -> Claim:
    """Return a claim that is being examined, under a lock; raises Conflict for one that is not (any more)."""
    claim = scope.find_own(session, actor, ref, business_day(at))
    with told():
        locked = claims.locked(session, claim.id or 0)
    if locked.status is not ClaimStatus.IN_REVIEW:
        raise Conflict("claim-not-in-review")
    return locked


def say(session: Session, actor: Actor, ref: str, number: int, given: Given, *, seen: int, at: datetime) -> None:
    """Say something of one line. `seen` is how many verdicts the page showed: another one since is a conflict."""
    claim = under_review(session, actor, ref, at)
    line = reading.examined(session, claim).line(number)
    if line is None:
        raise NotFound
    if len(line.said) != seen:
        raise Conflict("changed-meanwhile")
    _require_reason(given)
    with told():
        review.say(session, claim.id or 0, [_say(line.key, given)], by=actor.user_id, at=at)
    log_act(
        session,
        actor,
        "claim-line-said",
        ref,
        at,
        line=number,
        verdict=given.verdict.value,
        cents=given.approved_cents,
        code=given.code,
    )


def _say(key: int, given: Given) -> Say:
    code = given.code if given.verdict in WHY else ""
    return Say(key, given.verdict, given.approved_cents, code, given.text)


def _require_reason(given: Given) -> None:
    """Raise Refusals for a verdict against the county without a code and a text: each cut is reasoned (§ 45)."""
    if given.verdict not in WHY:
        return
    faults = []
    if given.code not in REASONS:
        faults.append(Refusal("reason-code-missing", field="code"))
    if not given.text:
        faults.append(Refusal("reason-missing", field="text"))
    if given.verdict is Verdict.PART and given.approved_cents is None:
        faults.append(Refusal("part-missing", field="cents"))
    if faults:
        raise Refusals(faults)


def approve_clean(session: Session, actor: Actor, ref: str, numbers: Collection[int], at: datetime) -> list[int]:
    """Approve listed lines in one go and return them; raises Conflict when one of them has a remark by now."""
    claim = under_review(session, actor, ref, at)
    found = reading.examined(session, claim)
    if not numbers or not set(numbers) <= set(found.clean):
        raise Conflict("lines-not-clean")
    chosen = [line for line in found.lines if line.number in set(numbers)]
    with told():
        review.approve_clean(session, claim.id or 0, [line.key for line in chosen], by=actor.user_id, at=at)
    log_act(session, actor, "claim-lines-approved", ref, at, lines=[line.number for line in chosen])
    return [line.number for line in chosen]


def reopen(session: Session, actor: Actor, ref: str, numbers: Collection[int], at: datetime) -> None:
    """Take back what was said of lines: they wait for a verdict again. Possible until the decision is made."""
    claim = under_review(session, actor, ref, at)
    wanted = set(numbers)
    chosen = [one for one in reading.examined(session, claim).lines if one.number in wanted and not one.state.is_open]
    if not chosen:
        raise Conflict("nothing-to-reopen")
    with told():
        words = [Say(line.key, Verdict.REOPEN) for line in chosen]
        review.say(session, claim.id or 0, words, by=actor.user_id, at=at)
    log_act(session, actor, "claim-lines-reopened", ref, at, lines=[line.number for line in chosen])


def due_day(due_on: date | None, on: date) -> date:
    """Return the last day to answer; raises Refusal for none, and for one too soon or too far away."""
    if due_on is None:
        raise Refusal("due-missing", field="due_on")
    if not on + timedelta(days=LEAST_DAYS) <= due_on <= on + timedelta(days=MOST_DAYS):
        raise Refusal("due-outside", field="due_on", most=MOST_DAYS)
    return due_on


def _text(text: str | None, code: str, field: str) -> str:
    if not text:
        raise Refusal(code, field=field)
    return text[:LONGEST]


def ask(
    session: Session,
    actor: Actor,
    ref: str,
    numbers: Collection[int],
    question: str | None,
    due_on: date | None,
    at: datetime,
) -> None:
    """Ask the county about lines: only these are open to its answer, and the claim waits for it."""
    claim = under_review(session, actor, ref, at)
    wanted = set(numbers)
    chosen = [line for line in reading.examined(session, claim).lines if line.number in wanted]
    faults = [Refusal("lines-missing", field="lines")] if not chosen or len(chosen) != len(wanted) else []
    for check in (lambda: _text(question, "question-missing", "question"), lambda: due_day(due_on, business_day(at))):
        try:
            check()
        except Refusal as refused:
            faults.append(refused)
    if faults:
        raise Refusals(faults)
    text, due = _text(question, "question-missing", "question"), due_day(due_on, business_day(at))
    with told():
        words = [Say(line.key, Verdict.ASK, reason=text) for line in chosen]
        review.say(session, claim.id or 0, words, by=actor.user_id, at=at)
    session.add(
        ClaimQuestion(
            claim_id=claim.id or 0, number=claim.number, question=text, due_on=due, asked_by=actor.user_id, asked_at=at
        )
    )
    log_act(session, actor, "claim-asked", ref, at, lines=[line.number for line in chosen], due=due.isoformat())


def questions(session: Session, claim: Claim) -> list[ClaimQuestion]:
    """Return the questions asked about the present version of a claim, the newest first."""
    query = select(ClaimQuestion).where(ClaimQuestion.claim_id == claim.id, ClaimQuestion.number == claim.number)
    return list(session.exec(query.order_by(col(ClaimQuestion.id).desc())))


def hear(session: Session, actor: Actor, ref: str, about: str | None, due_on: date | None, at: datetime) -> None:
    """Ask the county for its view before a decision against it (434/2003 § 34); one hearing at a time."""
    claim = under_review(session, actor, ref, at)
    on = business_day(at)
    text, due = _text(about, "about-missing", "about"), due_day(due_on, on)
    standing = hearing(session, claim)
    if standing is not None and standing.answered_at is None:
        raise Conflict("hearing-open")
    session.add(
        ClaimHearing(
            claim_id=claim.id or 0,
            kind=HearingKind.DECISION,
            decision_no=0,
            about=text,
            due_on=due,
            asked_by=actor.user_id,
            asked_at=at,
            asked_on=on,
        )
    )
    log_act(session, actor, "claim-heard", ref, at, due=due.isoformat())


def hearing(session: Session, claim: Claim) -> ClaimHearing | None:
    """Return the newest hearing before the decision on a claim, None when there was none."""
    query = select(ClaimHearing).where(ClaimHearing.claim_id == claim.id, ClaimHearing.kind == HearingKind.DECISION)
    return session.exec(query.order_by(col(ClaimHearing.id).desc()).limit(1)).first()


def is_heard(one: ClaimHearing, on: date) -> bool:
    """Whether a hearing is over: answered, or its last day has passed."""
    return one.answered_at is not None or on > one.due_on


def draw(session: Session, actor: Actor, ref: str, size: int | None, seed: int | None, at: datetime) -> ClaimSample:
    """Draw lines for a closer look, with a chance in proportion to their sum; the seed draws the same again."""
    claim = under_review(session, actor, ref, at)
    found = reading.examined(session, claim)
    most = sum(1 for line in found.lines if line.state.claimed_cents > 0)
    faults = []
    if size is None or not 1 <= size <= most:
        faults.append(Refusal("sample-size", field="size", most=most))
    if seed is None:
        faults.append(Refusal("seed-missing", field="seed"))
    if faults or size is None or seed is None:
        raise Refusals(faults)
    drawn = redraw(found, size, seed)
    row = ClaimSample(
        claim_id=claim.id or 0,
        number=claim.number,
        method=drawn.method,
        seed=seed,
        size=size,
        lines=" ".join(str(number) for number in drawn.line_ids),
        drawn_by=actor.user_id,
        drawn_at=at,
    )
    session.add(row)
    session.flush()
    log_act(session, actor, "claim-sampled", ref, at, method=drawn.method, seed=seed, size=size)
    return row


def redraw(found: reading.Examined, size: int, seed: int) -> review_rules.Sample:
    """Return the sample that size and seed give on the lines of a claim, by line number: anybody can run it again."""
    return review_rules.draw_sample(
        [(line.number, line.state.claimed_cents) for line in found.lines], size=size, seed=seed
    )


def samples(session: Session, claim: Claim) -> list[ClaimSample]:
    query = select(ClaimSample).where(ClaimSample.claim_id == claim.id, ClaimSample.number == claim.number)
    return list(session.exec(query.order_by(col(ClaimSample.id).desc())))


def log_opened(session: Session, actor: Actor, ref: str, evidence_id: int, at: datetime) -> None:
    """Record that a file of evidence was opened: it may name people."""
    log_act(session, actor, "evidence-opened", ref, at, evidence=evidence_id)


@dataclass(frozen=True, slots=True)
class SampleResult:
    """A sample as it stands: its lines, what of them was refused, the error it projects on the whole, in cents.

    `projected_cents` is None until every line drawn has a verdict; `same` tells that drawing again gave its lines.
    """

    sample: ClaimSample
    numbers: tuple[int, ...]
    waiting: int
    refused_cents: int
    projected_cents: int | None
    same: bool


def sample_result(found: reading.Examined, sample: ClaimSample) -> SampleResult:
    numbers = tuple(int(word) for word in sample.lines.split())
    drawn = [line for line in found.lines if line.number in set(numbers)]
    waiting = sum(1 for line in drawn if line.state.is_open)
    pairs = [(line.state.claimed_cents, line.state.rejected_cents) for line in drawn]
    positive = sum(max(line.state.claimed_cents, 0) for line in found.lines)
    return SampleResult(
        sample=sample,
        numbers=numbers,
        waiting=waiting,
        refused_cents=sum(refused for _, refused in pairs),
        projected_cents=None if waiting else review_rules.projected_error(pairs, positive),
        same=redraw(found, sample.size, sample.seed).line_ids == numbers,
    )
