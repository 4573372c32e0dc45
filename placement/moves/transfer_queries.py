"""What the pages of transfers show: to the asking county its child, to the asked one needs without a name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.children.queries import ChildFacts, everything_about
from placement.children.tables import Child
from placement.integration import schooling
from placement.integration.schooling import Taught
from placement.moves import rules
from placement.moves.tables import Transfer, TransferStatus
from placement.moves.transfers import visible_to
from placement.people.tables import Organisation, User
from placement.permissions import Actor


@dataclass(frozen=True)
class TransferView:
    """A transfer as one of its two counties sees it. `asked` = the question is put to the actor's county.

    `child_ref` is of the record that the actor's county has: its own child, or the new record once accepted.
    `schools` are what would be handed over of places in schools while the question is open, without name and town.
    """

    row: Transfer
    from_county: Organisation
    to_county: Organisation
    asked: bool
    child_ref: str | None
    facts: ChildFacts
    handed: tuple[str, ...]
    asked_by: str
    answered_by: str | None
    protected: bool
    birth_date: date
    schools: tuple[Taught, ...]

    @property
    def open(self) -> bool:
        return self.row.status is TransferStatus.ASKED


def view(session: Session, actor: Actor, row: Transfer) -> TransferView:
    """Return a transfer that was found for the actor (`transfers.find`)."""
    bodies = {
        one.id: one
        for one in session.exec(
            select(Organisation).where(col(Organisation.id).in_([row.from_county_id, row.to_county_id]))
        )
    }
    facts = everything_about(session, [row.child_id])[row.child_id]
    asked = row.to_county_id == actor.county_id
    own = row.new_child_id if asked else row.child_id
    handed = tuple(json.loads(row.handed))
    open_ = row.status is TransferStatus.ASKED and rules.SCHOOL in handed
    ref = session.execute(sa.select(col(Child.ref)).where(col(Child.id) == own)).scalar() if own is not None else None
    return TransferView(
        row=row,
        from_county=bodies[row.from_county_id],
        to_county=bodies[row.to_county_id],
        asked=asked,
        child_ref=ref,
        facts=facts,
        handed=handed,
        asked_by=session.get_one(User, row.asked_by).name,
        answered_by=session.get_one(User, row.answered_by).name if row.answered_by is not None else None,
        protected=facts.protected,
        birth_date=facts.birth_date,
        schools=schooling.taught_from(session, row.child_id, row.from_day) if open_ else (),
    )


def views(session: Session, actor: Actor) -> list[TransferView]:
    """Return the transfers of the actor's county, those put to it and still open first, then the newest."""
    rows = session.exec(select(Transfer).where(visible_to(actor)).order_by(col(Transfer.id).desc())).all()
    found = [view(session, actor, row) for row in rows]
    return sorted(found, key=lambda one: not (one.open and one.asked))


def to_answer(session: Session, actor: Actor) -> list[Transfer]:
    """Return the questions put to the actor's county that are still open."""
    return list(
        session.exec(
            select(Transfer).where(
                visible_to(actor), Transfer.to_county_id == actor.county_id, Transfer.status == TransferStatus.ASKED
            )
        )
    )
