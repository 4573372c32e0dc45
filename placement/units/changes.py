"""What was changed in a unit since a version, from the audit trail: who, when, and the values before."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from placement.audit.tables import AuditEvent
from placement.people.tables import User


@dataclass(frozen=True)
class Change:
    """The latest save and, by column, the values that the unit had at the version asked about."""

    by: str | None
    at: datetime | None
    before: dict[str, Any] = field(default_factory=dict)


def since(session: Session, ref: str, version: int) -> Change:
    """Return what happened to the unit after `version`; an empty change when the trail holds nothing."""
    events = session.exec(
        select(AuditEvent)
        .where(AuditEvent.object_kind == "unit", AuditEvent.object_ref == ref)
        .order_by(col(AuditEvent.seq).desc())
        .limit(50)
    ).all()
    before: dict[str, Any] = {}
    latest: AuditEvent | None = None
    for event in events:
        values = json.loads(event.before)
        if values.get("version", -1) < version:
            continue
        latest = latest or event
        before |= values
    user = session.get(User, latest.actor_id) if latest and latest.actor_id else None
    return Change(user.name if user else None, latest.at if latest else None, before)
