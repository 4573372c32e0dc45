"""What the parties of agreements promised in services, whom it binds, and how it is fulfilled; scoped by the actor.

`promised_on` is for whoever follows one child: which service of the child's life rests on which agreement.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from agreements import deliveries
from agreements.agreement_rules import CHAPTERS
from agreements.deliveries import Obligation, Promise
from agreements.delivery_rules import Fulfilment
from agreements.in_force import holds_on
from agreements.life_tables import AgreementDelivery
from agreements.tables import Agreement, AgreementKind, AgreementParty, AgreementUnit, AgreementVersion, PartySide
from placement.agreed import queries
from placement.agreed.writing import told
from placement.audit.service import record
from placement.clock import business_day
from placement.people.tables import Organisation
from placement.permissions import Actor, Permission
from placement.refusals import NotFound
from placement.units.queries import organisations_by_key

MUNICIPAL = ("municipality", "school")
"""Sides that the municipality answers for: its own services and those of its schools."""

URGENCY = (Fulfilment.LATE, Fulfilment.OWED, Fulfilment.PROMISED, Fulfilment.DELIVERED)


@dataclass(frozen=True)
class Owed:
    """An obligation of a municipality."""

    body: Organisation
    obligation: Obligation


@dataclass(frozen=True)
class Given:
    """A promise with the body that answers for it; None for the third sector, which is no party."""

    promise: Promise
    body: Organisation | None


def of_own_municipality(session: Session, actor: Actor, on: date) -> list[Owed]:
    """Return every obligation of the actor's municipality, late ones first, then by last day to report."""
    if not actor.can(Permission.REPORT_DELIVERY):
        return []
    bodies = {actor.organisation_id} | queries.predecessors(session, actor.organisation_id)
    return _owed(session, _with_municipality(session, bodies), on, bodies)


def of_agreement(session: Session, actor: Actor, ref: str, on: date) -> list[Owed]:
    """Return the municipality's obligations of one agreement that the actor may see."""
    agreement = queries.find(session, actor, ref, on)
    return _owed(session, {agreement.id or 0}, on, None)


def _with_municipality(session: Session, bodies: Collection[int]) -> set[int]:
    rows = session.exec(
        select(AgreementVersion.agreement_id)
        .join(AgreementParty, col(AgreementParty.version_id) == AgreementVersion.id)
        .where(
            AgreementParty.side == PartySide.MUNICIPALITY,
            col(AgreementParty.organisation_id).in_(bodies),
            col(AgreementVersion.activated_on).is_not(None),
        )
    )
    return set(rows)


def _owed(session: Session, agreement_ids: Collection[int], on: date, bodies: Collection[int] | None) -> list[Owed]:
    found = deliveries.obligations(session, agreement_ids, on, sides=MUNICIPAL)
    towns = _towns(session, {one.promise.version_id for one in found})
    rows = [
        Owed(body, one)
        for one in found
        for body in towns.get(one.promise.version_id, [])
        if bodies is None or body.id in bodies
    ]
    return sorted(
        rows,
        key=lambda one: (
            URGENCY.index(one.obligation.state),
            one.obligation.due_on,
            one.obligation.promise.agreement_ref,
            one.obligation.promise.service,
        ),
    )


def _towns(session: Session, version_ids: Collection[int]) -> dict[int, list[Organisation]]:
    rows = session.exec(
        select(AgreementParty.version_id, AgreementParty.organisation_id)
        .where(col(AgreementParty.version_id).in_(version_ids), AgreementParty.side == PartySide.MUNICIPALITY)
        .distinct()
    ).all()
    bodies = organisations_by_key(session, [key for _, key in rows])
    found: dict[int, list[Organisation]] = {}
    for version_id, key in rows:
        found.setdefault(version_id, []).append(bodies[key])
    return found


def find(session: Session, actor: Actor, ref: str, service: str, side: str, first: date, on: date) -> Owed:
    """Return the actor's own obligation that is named so; raises NotFound for any other."""
    for one in of_own_municipality(session, actor, on):
        promise = one.obligation.promise
        named = (promise.agreement_ref, promise.service, promise.side, one.obligation.period.first)
        if named == (ref, service, side, first):
            return one
    raise NotFound


def report(session: Session, actor: Actor, owed: Owed, *, said: str, note: str, at: datetime) -> AgreementDelivery:
    """Report how a period's service was delivered; one audit event for a new report, none for the same again."""
    known = owed.obligation.report
    with told():
        row = deliveries.report(
            session, owed.obligation, said=said, note=note, organisation_id=actor.organisation_id,
            by=actor.user_id, at=at,
        )  # fmt: skip
    if known is None or row.id != known.id:
        promise = owed.obligation.promise
        record(
            session, actor=actor, action="delivery-reported", object_kind="agreement", object_ref=promise.agreement_ref,
            at=at, after={"version": promise.number, "service": promise.service, "side": promise.side, "said": said,
                          "from": row.first_day.isoformat(), "to": row.last_day.isoformat()},
        )  # fmt: skip
    return row


def waiting(session: Session, actor: Actor, at: datetime) -> list[Owed]:
    """Return the late obligations and those whose period is over and not reported."""
    on = business_day(at)
    return [
        one
        for one in of_own_municipality(session, actor, on)
        if one.obligation.state is Fulfilment.LATE or _over(one.obligation, on)
    ]


def _over(one: Obligation, on: date) -> bool:
    return one.state is Fulfilment.OWED and one.period.last is not None and one.period.last < on


def promised_on(session: Session, *, unit_id: int | None, municipality_id: int | None, day: date) -> list[Given]:
    """Return the services that agreements in force on the day promise to a child of that unit and municipality.

    Those of the agreements that cover the unit, and those that the municipality made without naming units
    (municipal places, foster care). Not scoped: the caller has opened the child.
    """
    unit = (
        sa.select(col(AgreementUnit.id))
        .where(
            col(AgreementUnit.version_id) == col(AgreementVersion.id),
            col(AgreementUnit.unit_id) == unit_id,
            col(AgreementUnit.valid_from) <= day,
            or_(col(AgreementUnit.valid_to).is_(None), col(AgreementUnit.valid_to) >= day),
        )
        .correlate(AgreementVersion)
    )
    without_units = (
        ~sa.select(col(AgreementUnit.id))
        .where(col(AgreementUnit.version_id) == col(AgreementVersion.id))
        .correlate(AgreementVersion)
        .exists()
    )
    town = _town_is_party(municipality_id)
    keys = session.exec(
        select(AgreementVersion.id).where(holds_on(day), or_(unit.exists(), sa.and_(without_units, town)))
    ).all()
    found = deliveries.promises(session, [key for key in keys if key is not None])
    return _with_bodies(session, found)


def _town_is_party(municipality_id: int | None) -> sa.ColumnElement[bool]:
    return (
        sa.select(col(AgreementParty.id))
        .where(
            col(AgreementParty.version_id) == col(AgreementVersion.id),
            col(AgreementParty.organisation_id) == municipality_id,
            col(AgreementParty.side) == PartySide.MUNICIPALITY,
        )
        .correlate(AgreementVersion)
        .exists()
    )


def _with_bodies(session: Session, promises: list[Promise]) -> list[Given]:
    rows = session.exec(
        select(AgreementParty).where(col(AgreementParty.version_id).in_({one.version_id for one in promises}))
    ).all()
    bodies = organisations_by_key(session, [row.organisation_id for row in rows])
    by_side = {(row.version_id, row.side.value): bodies[row.organisation_id] for row in rows}
    found = []
    for one in promises:
        side = "municipality" if one.side in MUNICIPAL else one.side
        found.append(Given(one, by_side.get((one.version_id, side))))
    return found


def agreement_on_places(session: Session, municipality_id: int, day: date) -> int | None:
    """Return an agreement in force on the day by which the municipality offers places, or None (681/2023 § 42)."""
    kinds = [kind for kind in AgreementKind if "placing" in CHAPTERS[kind.value]]
    return session.exec(
        select(Agreement.id)
        .join(AgreementVersion, col(AgreementVersion.agreement_id) == Agreement.id)
        .where(col(Agreement.kind).in_(kinds), holds_on(day), _town_is_party(municipality_id))
        .order_by(col(Agreement.id).desc())
    ).first()
