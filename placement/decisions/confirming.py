"""Which decision a stay rests on: the urgent one that began it, until an ordinary one confirms it.

An urgent decision holds until the county decides on the assessment (1301/2014 § 12, 681/2023 § 33.2). When that one
keeps the child where it is, it names the urgent one and the stay goes on: no second stay, no move.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, or_, select

from placement.decisions.tables import Decision, DecisionKind, DecisionStatus, Stay


def provisional(session: Session, decision_ids: Collection[int | None]) -> set[int | None]:
    """Return those that are urgent decisions made and not confirmed."""
    confirmed = select(Decision.confirms_id).where(col(Decision.confirms_id).is_not(None))
    return set(
        session.exec(
            select(Decision.id).where(
                col(Decision.id).in_([one for one in decision_ids if one is not None]),
                Decision.kind == DecisionKind.URGENT,
                Decision.status == DecisionStatus.MADE,
                col(Decision.id).not_in(confirmed),
            )
        )
    )


def confirmed_by(session: Session, decision_id: int | None) -> Decision | None:
    """Return the decision that confirmed this one, or None."""
    if decision_id is None:
        return None
    return session.exec(select(Decision).where(Decision.confirms_id == decision_id)).first()


def confirmed_decision(session: Session, decision: Decision) -> Decision | None:
    """Return the urgent decision that this one confirmed, or would if it were made now; None = there is none."""
    if decision.confirms_id is not None:
        return session.get(Decision, decision.confirms_id)
    if decision.status is not DecisionStatus.DRAFT or decision.kind is not DecisionKind.PLACEMENT:
        return None
    covering = select(Stay).where(
        Stay.child_id == decision.child_id,
        Stay.unit_id == decision.unit_id,
        col(Stay.realised_end).is_(None),
        col(Stay.start) <= decision.start,
        or_(col(Stay.end).is_(None), col(Stay.end) > decision.start),
    )
    keys = [stay.decision_id for stay in session.exec(covering)]
    found = next(iter(provisional(session, keys)), None)
    return session.get(Decision, found) if found is not None else None


def rests_on() -> ColumnElement[int | None]:
    """Return the key of the decision that a row of `Stay` rests on: the confirming one, else the one that began it."""
    later = aliased(Decision)
    confirming = sa.select(col(later.id)).where(col(later.confirms_id) == col(Stay.decision_id)).scalar_subquery()
    return sa.func.coalesce(confirming, col(Stay.decision_id))
