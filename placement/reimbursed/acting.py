"""The library's acts as the host does them: refusals in the product's words, and one audit event for each move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from agreements.claim_rules import UncoveredDays
from agreements.claim_tables import Claim, ClaimEvent
from agreements.ledger import MonthRefused
from agreements.refused import ChangedMeanwhile, ClaimHasProblems, ClaimNotFound, Refused
from placement.audit.service import record
from placement.clock import HELSINKI
from placement.permissions import Actor
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal

CONFLICTS = frozenset({"wrong-state", "decision-replaced", "nothing-changes", "nothing-asked", "lines-open"})
FORBIDDEN = frozenset({"own-claim", "second-is-first"})
OFFICE_CLOSES = time(16, 15)
"""When the authority closes (Decree 332/1994 § 1): what arrives later has arrived on the next day."""


class ClaimNotReady(Refusal):
    """A claim cannot be sent; `problems` are the rules' own values, all of them."""

    def __init__(self, has: ClaimHasProblems) -> None:
        super().__init__("claim-has-problems", count=len(has.problems))
        self.problems = has.problems


def _refusal(kind: type[Refusal], code: str, facts: dict[str, object]) -> Refusal:
    found = kind(code)
    found.facts = dict(facts)
    return found


@contextmanager
def told() -> Iterator[None]:
    """Turn a refusal of the library into one that the edge knows."""
    try:
        yield
    except ClaimHasProblems as has:
        raise ClaimNotReady(has) from has
    except ClaimNotFound as missing:
        raise NotFound from missing
    except ChangedMeanwhile as changed:
        raise _refusal(Conflict, changed.code, changed.facts) from changed
    except UncoveredDays as gap:
        raise Refusal("price-missing") from gap
    except MonthRefused as refused:
        raise Refusal("month-not-closed") from refused
    except Refused as refused:
        kind = Conflict if refused.code in CONFLICTS else NotAllowed if refused.code in FORBIDDEN else Refusal
        raise _refusal(kind, f"claim-{refused.code}", refused.facts) from refused


@contextmanager
def moving(session: Session, actor: Actor | None, at: datetime) -> Iterator[None]:
    """Run an act on a claim: every move that the library records inside gets its audit event, in order, once."""
    known = last_event(session)
    with told():
        yield
        session.flush()
    log_moves(session, actor, at, known)


def last_event(session: Session) -> int:
    """Return the key of the last recorded move: what comes after it is new."""
    return session.exec(select(ClaimEvent.id).order_by(col(ClaimEvent.id).desc()).limit(1)).first() or 0


def log_moves(session: Session, actor: Actor | None, at: datetime, known: int) -> None:
    """Write one audit event for each move recorded after event `known`."""
    rows = session.exec(
        select(ClaimEvent, Claim)
        .join(Claim, col(Claim.id) == ClaimEvent.claim_id)
        .where(col(ClaimEvent.id) > known)
        .order_by(col(ClaimEvent.id))
    ).all()
    for event, claim in rows:
        record(
            session,
            actor=actor,
            action=f"claim-{event.action}",
            object_kind="claim",
            object_ref=claim.ref,
            at=at,
            before={"status": event.from_status},
            after={"status": event.to_status, "number": event.number},
        )


def log_act(session: Session, actor: Actor | None, action: str, ref: str, at: datetime, **after: object) -> None:
    """Write the audit event of an act that moves no claim: an answer, a payment, a file added."""
    record(session, actor=actor, action=action, object_kind="claim", object_ref=ref, at=at, after=after)


def filing_day(at: datetime) -> date:
    """Return the day on which something sent at an instant has arrived: after closing time it is the next one.

    An authority's day ends when it closes, so a claim sent on 31 December at 16.16 is late (681/2023 § 70.1).
    """
    local = at.astimezone(HELSINKI)
    return local.date() + timedelta(days=1) if local.time() > OFFICE_CLOSES else local.date()
