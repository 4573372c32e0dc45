"""The host's part in checking agreements: what the law requires on a day, mandates, its own trail and stays."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from agreements import check, check_readable, in_force
from agreements.agreement_rules import PartyFacts, Required
from agreements.check import Law, MandateFacts, RequiredParties, Result
from agreements.check_values import UNREADABLE
from agreements.life_rules import MOVES
from agreements.period import Period
from placement.audit.tables import AuditEvent
from placement.clock import business_day
from placement.decisions.tables import Stay
from placement.people.tables import Organisation, UserMandate
from placement.reference import NotInForce, required_parties, unit_kind
from placement.units.tables import Unit


def run(session: Session, at: datetime) -> list[Result]:
    """Return the result of every rule of the agreements. The session may write: some rules are seen by trying.

    A row that cannot be read stops no check without a word: it is named under the rule that keeps it.
    """
    try:
        return _compared(session, at)
    except UNREADABLE:
        session.expunge_all()
        found = check_readable.results(session)
        if not found:
            raise
        return found


def _compared(session: Session, at: datetime) -> list[Result]:
    on, moved = business_day(at), _moved(session)
    homes = [row.id or 0 for row in session.exec(select(Unit)) if needs_agreement(row, on)]
    covered = in_force.founding_coverage(session, homes)
    return check.run(
        session,
        Law(
            on=on,
            required=_required(session),
            mandates=_mandates(session),
            ended_bodies={
                row.id or 0
                for row in session.exec(select(Organisation))
                if row.valid_to is not None and row.valid_to < on
            },
            audited=Counter(key for key, _ in moved),
            sealed={key: sealed for key, sealed in moved if sealed},
            homes=homes,
            stays=_stays(session, on),
            has_basis=lambda unit, day: (
                unit not in covered or in_force.covered_on(covered[unit], day, "founding") is not None
            ),
        ),
    )


def needs_agreement(unit: Unit, on: date) -> bool:
    """Whether the law of the day asks for an agreement before the unit is used (rule A7)."""
    return unit_kind(unit.kind.value, on).basis == "agreement_and_decision"


def _mandates(session: Session) -> dict[int, MandateFacts]:
    return {
        row.id: MandateFacts(row.user_id, row.organisation_id, Period(row.valid_from, row.valid_to))
        for row in session.exec(select(UserMandate))
        if row.id is not None
    }


def _moved(session: Session) -> list[tuple[tuple[str, int, str], str | None]]:
    """Return each move in the trail: (agreement, version, move) and the fingerprint of what it set."""
    rows = session.execute(
        sa.select(col(AuditEvent.object_ref), col(AuditEvent.action), col(AuditEvent.after)).where(
            col(AuditEvent.object_kind) == "agreement"
        )
    )
    found = []
    for ref, action, after in rows:
        move = action.removeprefix("agreement-")
        if move in MOVES:
            said = json.loads(after)
            found.append(((ref, said["version"], move), said.get("set")))
    return found


def _stays(session: Session, on: date) -> list[tuple[int, date, date]]:
    rows = session.exec(select(Stay).where(col(Stay.start).is_not(None), col(Stay.start) <= on)).all()
    return [
        (row.unit_id, row.start, min(row.end or on, on)) for row in rows if row.start and row.start < (row.end or on)
    ]


def _required(session: Session) -> RequiredParties:
    """Return what tells whom the law requires; nobody where it does not know the kind (an older agreement)."""
    mainland = set(
        session.exec(
            select(Organisation.id).where(
                or_(col(Organisation.county_id).is_not(None), col(Organisation.county_code).is_not(None))
            )
        )
    )

    def required(kind: str, on: date, parties: Sequence[PartyFacts]) -> list[Required]:
        towns = [one.organisation_id for one in parties if one.side == "municipality"]
        try:
            rows = required_parties(kind, on, aland=bool(towns) and not mainland & set(towns))
        except NotInForce:
            return []
        return [Required(row.chapter, row.side, row.role, row.source) for row in rows]

    return required
