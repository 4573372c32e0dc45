"""Every agreement a person may see as one light row: its leading version, status and last day; two statements in all.

Lists, Today and deadlines filter and sort heads; parties and units are loaded only for what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col

from agreements.agreement_rules import PUT_IN_FORCE, VersionFacts, periods_in_force, status_on
from agreements.in_force import holds_on
from agreements.period import ONE_DAY, Period, earliest
from agreements.tables import Agreement, AgreementVersion, VersionStatus
from placement.permissions import Actor

VERSION = (
    col(AgreementVersion.id),
    col(AgreementVersion.agreement_id),
    col(AgreementVersion.number),
    col(AgreementVersion.status),
    col(AgreementVersion.valid_from),
    col(AgreementVersion.valid_to),
    col(AgreementVersion.activated_on),
    col(AgreementVersion.ended_on),
)


OVER = frozenset({"ended", "terminated", "replaced"})


@dataclass(frozen=True, slots=True)
class Head:
    """An agreement on a day by its leading version: the one in force, else the newest that may be seen."""

    ref: str
    kind: str
    facts: VersionFacts
    period: Period | None
    status: str
    newer: bool
    day: date

    @property
    def agreement_id(self) -> int:
        return self.facts.agreement_id

    @property
    def ends_on(self) -> date | None:
        """The last day in force, or of the term while it is not in force yet; None = no end."""
        return self.period.last if self.period else self.facts.valid_to

    @property
    def days_left(self) -> int | None:
        """Days after today up to the last one, while in force; None when it has no end or is not in force."""
        if self.status != "in-force" or self.ends_on is None:
            return None
        return (self.ends_on - self.day).days


def heads(session: Session, actor: Actor, sight: ColumnElement[bool], on: date) -> list[Head]:
    """Return a head for each agreement that `sight` (a condition on `agreement`) lets through.

    Those that end first stand first, those that are over last.
    """
    force = {row.agreement_id: row for row in session.execute(_in_force(sight, on))}
    found = []
    for row in session.execute(_newest(sight, actor)):
        holding = force.get(row.agreement_id)
        facts = _facts(holding if holding is not None else row)
        period = _period(facts, holding.taken_over) if holding is not None else periods_in_force([facts]).get(facts.id)
        found.append(
            Head(
                ref=row.ref,
                kind=row.kind.value,
                facts=facts,
                period=period,
                status=status_on(facts, period, on),
                newer=row.number > facts.number,
                day=on,
            )
        )
    return sorted(found, key=lambda one: (one.status in OVER, one.ends_on or date.max, one.ref))


def _facts(row: Any) -> VersionFacts:
    return VersionFacts(
        id=row.id,
        agreement_id=row.agreement_id,
        number=row.number,
        status=row.status.value,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        activated_on=row.activated_on,
        ended_on=row.ended_on,
    )


def _period(facts: VersionFacts, taken_over: date | None) -> Period:
    """Return the days of a version that is in force today; a later one takes over on `taken_over`."""
    last = earliest(facts.valid_to, facts.ended_on, taken_over - ONE_DAY if taken_over else None)
    return Period(facts.valid_from, last)


def _in_force(sight: ColumnElement[bool], on: date) -> sa.Select[*tuple[Any, ...]]:
    later = aliased(AgreementVersion)
    taken_over = (
        sa.select(sa.func.min(col(later.valid_from)))
        .where(
            col(later.agreement_id) == col(AgreementVersion.agreement_id),
            col(later.number) > col(AgreementVersion.number),
            col(later.status).in_(PUT_IN_FORCE),
            col(later.activated_on).is_not(None),
        )
        .correlate(AgreementVersion)
        .scalar_subquery()
    )
    return (
        sa.select(*VERSION, taken_over.label("taken_over"))
        .join(Agreement, col(Agreement.id) == AgreementVersion.agreement_id)
        .where(sight, holds_on(on))
    )


def _newest(sight: ColumnElement[bool], actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """Return the statement of the newest version of each agreement that the actor may see."""
    numbers = (
        sa.select(col(AgreementVersion.agreement_id), sa.func.max(col(AgreementVersion.number)).label("number"))
        .join(Agreement, col(Agreement.id) == AgreementVersion.agreement_id)
        .where(sight, sa.or_(col(AgreementVersion.status) != VersionStatus.DRAFT, drafts_seen(actor)))
        .group_by(col(AgreementVersion.agreement_id))
        .subquery()
    )
    return (
        sa.select(*VERSION, col(Agreement.ref), col(Agreement.kind))
        .join(Agreement, col(Agreement.id) == AgreementVersion.agreement_id)
        .join(
            numbers,
            sa.and_(
                numbers.c.agreement_id == AgreementVersion.agreement_id, numbers.c.number == AgreementVersion.number
            ),
        )
    )


def drafts_seen(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `agreement` that its drafts are the actor's to see (`queries.sees_drafts` as SQL)."""
    own = [key for key in (actor.organisation_id, actor.county_id) if key is not None]
    return sa.or_(col(Agreement.county_id).is_(None), col(Agreement.county_id).in_(own))
