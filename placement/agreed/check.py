"""The host's part in checking agreements: what the law requires on a day, and who held which mandate."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, select

from agreements import check
from agreements.agreement_rules import Required
from agreements.check import MandateFacts, Result
from agreements.period import Period
from placement.people.tables import UserMandate
from placement.reference import NotInForce, required_parties


def run(session: Session) -> list[Result]:
    """Return the result of every rule of the agreements, with today's law tables and all mandates."""
    mandates = {
        row.id: MandateFacts(row.user_id, row.organisation_id, Period(row.valid_from, row.valid_to))
        for row in session.exec(select(UserMandate))
        if row.id is not None
    }
    return check.run(session, required=_required, mandates=mandates)


def _required(kind: str, on: date) -> list[Required]:
    """Return whom the law of that day requires; nobody where it does not know the kind (an older agreement)."""
    try:
        rows = required_parties(kind, on)
    except NotInForce:
        return []
    return [Required(row.chapter, row.side, row.role, row.source) for row in rows]
