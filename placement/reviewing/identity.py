"""Showing an examiner who a child on a claim is: for a stated reason, with the use-log row written first."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from placement.children import access
from placement.children.access import Identity
from placement.children.service import grant_purpose
from placement.clock import business_day
from placement.permissions import Actor
from placement.refusals import NotFound
from placement.reviewing import scope
from placement.reviewing.lines import examined


def show(
    session: Session, actor: Actor, ref: str, number: int, purpose: str, *, at: datetime, endpoint: str
) -> Identity:
    """Return who the child of a line is; call in a short write transaction that commits before rendering.

    Only for a claim that lies before the actor's own body. Raises NotFound, NotAllowed, and Refusal for a reason too
    short to mean anything; nothing is shown then. Source: 703/2023 §§ 9-10; 681/2023 § 86.
    """
    claim = scope.find_own(session, actor, ref, business_day(at))
    line = examined(session, claim).line(number)
    if line is None or line.row.child_ref is None:
        raise NotFound
    child = access.claimed_child(session, line.row.child_ref)
    grant = grant_purpose(session, actor, child, purpose, reveal=True, at=at)
    return access.open_claimed(session, actor, grant, at=at, data_used=f"claim {ref}", endpoint=endpoint)
