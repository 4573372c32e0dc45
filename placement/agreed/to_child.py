"""What agreements in force promise to one child who has been opened, how far it was delivered, and who may read on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, or_, select

from agreements import deliveries
from agreements.deliveries import Obligation, Promise
from agreements.delivery_rules import Fulfilment
from agreements.tables import Agreement, AgreementVersion
from placement.agreed import obligations, queries
from placement.agreed.obligations import MUNICIPAL, Given
from placement.children.access import Opened
from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.permissions import Actor
from placement.reference import services_for_agreed


@dataclass(frozen=True)
class Promised:
    """A promise to a child. `obligation` None: this side reports nothing in agreements.

    `kinds` are the integration services it stands for; `opens` tells whether the reader may open the agreement.
    """

    given: Given
    obligation: Obligation | None
    kinds: tuple[str, ...]
    opens: bool

    @property
    def state(self) -> Fulfilment:
        return self.obligation.state if self.obligation else Fulfilment.PROMISED


def promised(session: Session, actor: Actor, opened: Opened, on: date) -> list[Promised]:
    """Return what is promised to an opened child on the day, the late first; nothing while the place is closed.

    The unit and the town of a protected child stay closed until it is revealed, and a promise would name them.
    """
    if not opened.shows_place:
        return []
    unit_id = session.exec(
        select(Stay.unit_id)
        .where(Stay.child_id == opened.id, col(Stay.start) <= on, or_(col(Stay.end).is_(None), col(Stay.end) > on))
        .order_by(col(Stay.start).desc())
    ).first()
    town_id = session.exec(select(Child.municipality_id).where(Child.id == opened.id)).one()
    given = obligations.promised_on(session, unit_id=unit_id, municipality_id=town_id, day=on)
    agreements = _agreements(session, {one.promise.version_id for one in given})
    owed: dict[Promise, list[Obligation]] = {}
    for one in deliveries.obligations(session, set(agreements), on, sides=MUNICIPAL):
        owed.setdefault(one.promise, []).append(one)
    open_to = _open_to(session, actor, agreements, on)
    found = [
        Promised(
            one,
            telling(owed.get(one.promise, []), on),
            services_for_agreed(one.promise.service, on),
            one.promise.agreement_ref in open_to,
        )
        for one in given
    ]
    return sorted(found, key=lambda one: obligations.URGENCY.index(one.state))


def telling(owed: Sequence[Obligation], on: date) -> Obligation | None:
    """Return the period that tells how a promise stands: the first late one, else the last one over, else the first.

    A period that has only begun says nothing yet, so a promise kept so far is delivered, not owed.
    """
    late = [one for one in owed if one.state is Fulfilment.LATE]
    over = [one for one in owed if one.period.last is not None and one.period.last < on]
    return next(iter([*late, *reversed(over), *owed]), None)


def _agreements(session: Session, version_ids: Collection[int]) -> set[int]:
    query = select(AgreementVersion.agreement_id).where(col(AgreementVersion.id).in_(version_ids))
    return set(session.exec(query))


def _open_to(session: Session, actor: Actor, agreement_ids: Collection[int], on: date) -> set[str]:
    """Return the references of those agreements that the actor may open."""
    query = select(Agreement.ref).where(col(Agreement.id).in_(agreement_ids), queries.in_sight(session, actor, on))
    return set(session.exec(query))
