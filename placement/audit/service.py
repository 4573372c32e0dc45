"""Writing the two logs: what was changed, and which child's data was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from placement.audit import chain
from placement.audit.tables import AuditEvent, UseLog
from placement.permissions import Actor


def record(
    session: Session,
    *,
    actor: Actor | None,
    action: str,
    object_kind: str,
    object_ref: str,
    at: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
    organisation_id: int | None = None,
) -> None:
    """Add one audit event to the caller's transaction, so that the change and its event are saved together.

    `actor` None is the system itself. `before`, `after` and `reason` hold references, codes, numbers and
    dates; a name or a narrative there would survive the person's erasure.
    """
    chain.append(
        session,
        [
            AuditEvent(
                seq=0,
                at=at,
                actor_id=actor.user_id if actor else None,
                organisation_id=organisation_id or (actor.organisation_id if actor else None),
                action=action,
                object_kind=object_kind,
                object_ref=object_ref,
                before=chain.dump(before),
                after=chain.dump(after),
                reason=reason,
                prev_hash="",
                hash="",
            )
        ],
    )


@dataclass(frozen=True)
class View:
    """A look at one child's data and what makes it lawful: a relation, or the typed purpose `grant_id`."""

    child_id: int
    relation: str
    grant_id: int | None = None


def log_views(
    session: Session, actor: Actor, views: Iterable[View], *, data_used: str, endpoint: str, at: datetime
) -> None:
    """Write one use-log row for each child about to be shown (703/2023 § 10). No row, no page."""
    chain.append(
        session,
        [
            UseLog(
                seq=0,
                at=at,
                user_id=actor.user_id,
                user_name=actor.name,
                organisation_id=actor.organisation_id,
                child_id=view.child_id,
                relation=view.relation,
                grant_id=view.grant_id,
                data_used=data_used,
                endpoint=endpoint,
                prev_hash="",
                hash="",
            )
            for view in views
        ],
    )
