"""Checks of claims as they are stored: sums, days, ceilings, deadlines, evidence. Care comes in as values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from agreements.check import Result
from agreements.claim_rules import care_days, claimable, last_day_of_application, payable_days
from agreements.claim_tables import (
    Claim,
    ClaimDecision,
    ClaimDecisionLine,
    ClaimEvent,
    ClaimLine,
    ClaimLineVerdict,
    ClaimStatus,
    ClaimVersion,
    Evidence,
    Verdict,
)
from agreements.claim_values import CARE_DAYS, Basis, CarePeriod, Gate
from agreements.claims import content_hash
from agreements.period import Period, gaps, overlaps
from agreements.review_rules import Said, line_state

SUBMITTED = (ClaimStatus.SENT, ClaimStatus.IN_REVIEW, ClaimStatus.DECIDED)


@dataclass(frozen=True)
class Claims:
    """All claims with their present lines and the decisions that stand, loaded once for every check."""

    claims: dict[int, Claim]
    versions: dict[int, ClaimVersion]
    lines: dict[int, list[ClaimLine]]
    decisions: dict[int, list[ClaimDecision]]
    decision_lines: dict[tuple[int, int], ClaimDecisionLine]
    verdicts: dict[int, list[ClaimLineVerdict]]

    def standing(self, claim: Claim) -> ClaimDecision | None:
        return next((one for one in self.decisions.get(claim.id or 0, []) if one.number == claim.decision_no), None)

    def of(self, line: ClaimLine, claim: Claim) -> ClaimDecisionLine | None:
        decision = self.standing(claim)
        return None if decision is None else self.decision_lines.get((decision.id or 0, line.id or 0))

    def submitted(self) -> list[tuple[Claim, ClaimLine]]:
        """The lines of every claim that was sent and not taken back."""
        return [
            (claim, line)
            for key, claim in self.claims.items()
            if claim.status in SUBMITTED
            for line in self.lines.get(key, [])
        ]

    def counting(self) -> list[tuple[Claim, ClaimLine]]:
        """Of these, the lines that were not wholly refused or put off."""
        return [
            (claim, line)
            for claim, line in self.submitted()
            if (said := self.of(line, claim)) is None or said.verdict not in (Verdict.REJECT, Verdict.PARK)
        ]


def load(session: Session) -> Claims:
    """Return all claims; a handful of statements whatever their number."""
    claims = {row.id or 0: row for row in session.exec(select(Claim))}
    versions = {row.id or 0: row for row in session.exec(select(ClaimVersion))}
    lines: dict[int, list[ClaimLine]] = {}
    for row in session.exec(select(ClaimLine).order_by(col(ClaimLine.version_id), col(ClaimLine.line_no))):
        version = versions[row.version_id]
        if claims[version.claim_id].number == version.number:
            lines.setdefault(version.claim_id, []).append(row)
    decisions: dict[int, list[ClaimDecision]] = {}
    for made in session.exec(select(ClaimDecision).order_by(col(ClaimDecision.number))):
        decisions.setdefault(made.claim_id, []).append(made)
    said: dict[int, list[ClaimLineVerdict]] = {}
    for verdict in session.exec(select(ClaimLineVerdict).order_by(col(ClaimLineVerdict.id))):
        said.setdefault(verdict.line_id, []).append(verdict)
    by_line = {(row.decision_id, row.line_id): row for row in session.exec(select(ClaimDecisionLine))}
    return Claims(claims, versions, lines, decisions, by_line, said)


def run(
    session: Session, books: Claims, *, care: Iterable[CarePeriod], content_of: Callable[[int], bytes | None]
) -> list[Result]:
    """Return the result of every rule that claims alone can show.

    `care`: every stay of the children named in claims; `content_of`: the bytes of an evidence file, None when gone.
    """
    return [
        lines_are_whole(books),
        days_claimed_once(books),
        days_have_a_basis(books, care),
        ceilings_hold(books),
        statuses_follow(session, books),
        evidence_is_there(session, content_of),
        claimed_in_time(books),
    ]


def lines_are_whole(books: Claims) -> Result:
    """L8: claimed = approved + rejected + parked + open for each line; nothing is open after the decision."""
    rows, breaches = books.submitted(), []
    for claim, line in rows:
        name = f"{claim.ref} line {line.line_no}"
        said = books.of(line, claim)
        if said is not None:
            if said.claimed_cents != line.claimed_cents or _parts(said) != line.claimed_cents:
                breaches.append(f"{name}: decided {_parts(said)} of {line.claimed_cents} cents claimed")
        elif claim.status is ClaimStatus.DECIDED:
            breaches.append(f"{name}: decided without a word on it")
        else:
            words = [
                Said(one.verdict.value, one.approved_cents, one.reason_code, one.reason)
                for one in books.verdicts.get(line.id or 0, [])
            ]
            state = line_state(line.claimed_cents, words)
            if (
                state.approved_cents + state.rejected_cents + state.parked_cents + state.open_cents
                != line.claimed_cents
            ):
                breaches.append(f"{name}: its verdicts do not add up to what is claimed")
    return Result("L8", len(rows), breaches)


def _parts(row: ClaimDecisionLine) -> int:
    return row.approved_cents + row.rejected_cents + row.parked_cents


def days_claimed_once(books: Claims) -> Result:
    """L12: a day of a child stands in at most one line that counts, over all claims and counties of a gate."""
    by_child: dict[tuple[Gate, str], list[Period]] = {}
    for _, line in books.counting():
        if line.basis in CARE_DAYS and line.child_ref:
            by_child.setdefault((line.gate, line.child_ref), []).append(Period(line.first_day, line.last_day))
    breaches = [
        f"{child} is claimed twice from {shared.first} to {shared.last}"
        for (_, child), periods in by_child.items()
        for shared in overlaps(periods)
    ]
    return Result("L12", sum(len(periods) for periods in by_child.values()), breaches)


def days_have_a_basis(books: Claims, care: Iterable[CarePeriod]) -> Result:
    """L13: a claimed day has a stay in that unit and the basis its care needs; each sum has the centre's decision.

    Days that were lost later and taken back by a difference line are settled.
    """
    stays: dict[tuple[str, int], list[CarePeriod]] = {}
    for one in care:
        stays.setdefault((one.child_ref, one.unit_id), []).append(one)
    taken_back: dict[int, int] = {}
    granted: set[int] = set()
    for claim, line in books.counting():
        if line.corrects_line_id is not None:
            taken_back[line.corrects_line_id] = taken_back.get(line.corrects_line_id, 0) + line.days
        if claim.gate is Gate.COST and claim.status is ClaimStatus.DECIDED:
            granted.add(line.id or 0)
    breaches, checked = [], 0
    for claim, line in books.counting():
        if claim.gate is not Gate.PAYMENT:
            continue
        name = f"{claim.ref} line {line.line_no}"
        if line.basis in CARE_DAYS and line.child_ref and line.unit_id:
            checked += 1
            missing = _uncovered(line, stays.get((line.child_ref, line.unit_id), []))
            if missing > taken_back.get(line.id or 0, 0) and _still_claims(books, claim, line):
                breaches.append(f"{name}: {missing} days without a stay or a basis")
        if line.claimed_cents and line.grant_line_id not in granted:
            breaches.append(f"{name}: no decision of the centre allows it")
    return Result("L13", checked, breaches)


def _still_claims(books: Claims, claim: Claim, line: ClaimLine) -> bool:
    """Whether a line stands in full: a correction that lowered it has taken lost days into account."""
    said = books.of(line, claim)
    return said is None or said.approved_cents == line.claimed_cents


def _uncovered(line: ClaimLine, stays: Sequence[CarePeriod]) -> int:
    days = Period(line.first_day, line.last_day)
    paid = [part for one in stays if (inside := care_days(one, days)) for part in payable_days(one, inside)[0]]
    return sum(part.days or 0 for part in gaps(days, paid))


def ceilings_hold(books: Claims) -> Result:
    """L14: a bought line claims its invoice up to days times price; a claim's total is the sum of its lines."""
    breaches, checked = [], 0
    for key, claim in books.claims.items():
        rows = books.lines.get(key, [])
        version = next(one for one in books.versions.values() if (one.claim_id, one.number) == (key, claim.number))
        if version.claimed_cents != sum(row.claimed_cents for row in rows):
            breaches.append(f"{claim.ref}: its total is not the sum of its lines")
        for row in rows:
            if row.basis is Basis.PLACE_DAY:
                checked += 1
                ceiling = row.days * (row.day_cents or 0)
                counted = (row.last_day - row.first_day).days + 1
                due = claimable(row.invoiced_cents or 0, ceiling)
                if (row.ceiling_cents, row.claimed_cents, row.days) != (ceiling, due, counted):
                    breaches.append(f"{claim.ref} line {row.line_no}: claims {row.claimed_cents}, due are {due} cents")
    return Result("L14", checked, breaches)


def statuses_follow(session: Session, books: Claims) -> Result:
    """L18 for claims: status, decision and content are what events, decisions and lines say."""
    last: dict[int, ClaimEvent] = {}
    for event in session.exec(select(ClaimEvent).order_by(col(ClaimEvent.id))):
        last[event.claim_id] = event
    breaches = []
    for key, claim in books.claims.items():
        latest = last.get(key)
        if latest is None or latest.to_status != claim.status.value:
            breaches.append(f"{claim.ref}: its status {claim.status.value} is not what its events say")
        numbers = [one.number for one in books.decisions.get(key, [])]
        if numbers != list(range(1, claim.decision_no + 1)):
            breaches.append(f"{claim.ref}: decisions {numbers} do not lead to {claim.decision_no}")
        breaches += _decision_faults(books, claim)
        version = next(one for one in books.versions.values() if (one.claim_id, one.number) == (key, claim.number))
        if version.content_hash is not None and version.content_hash != content_hash(claim, books.lines.get(key, [])):
            breaches.append(f"{claim.ref}: its lines are not what was sent")
    return Result("L18", len(books.claims), breaches)


def _decision_faults(books: Claims, claim: Claim) -> list[str]:
    faults = []
    for made in books.decisions.get(claim.id or 0, []):
        rows = [row for (key, _), row in books.decision_lines.items() if key == made.id]
        sums = (
            sum(row.claimed_cents for row in rows),
            sum(row.approved_cents for row in rows),
            sum(row.rejected_cents for row in rows),
            sum(row.parked_cents for row in rows),
        )
        if sums != (made.claimed_cents, made.approved_cents, made.rejected_cents, made.parked_cents):
            faults.append(f"{claim.ref}: decision {made.number} is not the sum of its lines")
    return faults


def evidence_is_there(session: Session, content_of: Callable[[int], bytes | None]) -> Result:
    """L19: every evidence row has a file whose SHA-256 is the stored one."""
    rows, breaches = session.exec(select(Evidence)).all(), []
    for row in rows:
        content = content_of(row.id or 0)
        if content is None:
            breaches.append(f"evidence {row.id} has no file")
        elif hashlib.sha256(content).hexdigest() != row.sha256:
            breaches.append(f"evidence {row.id} does not match its fingerprint")
    return Result("L19", len(rows), breaches)


def claimed_in_time(books: Claims) -> Result:
    """L20: no line was sent after the last day of its year of care, unless it is marked late with a reason."""
    rows = [(claim, line) for claim, line in books.submitted() if line.claimed_cents]
    breaches = [
        f"{claim.ref} line {line.line_no} was sent on {claim.sent_on}, after {last_day_of_application(line.first_day)}"
        for claim, line in rows
        if not line.late_reason and claim.sent_on and claim.sent_on > last_day_of_application(line.first_day)
    ]
    return Result("L20", len(rows), breaches)
