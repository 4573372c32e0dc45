"""What was done and what was looked at: append-only rows, sealed by triggers and chained by hash."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant


class AuditEvent(SQLModel, table=True):
    """One state change: who, when, what, from what to what, why. References and codes only, never a name."""

    __tablename__ = "audit_event"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Instant)
    actor_id: int | None = Field(default=None, foreign_key="app_user.id")
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    action: str = Field(max_length=60)
    object_kind: str = Field(max_length=40)
    object_ref: str = Field(max_length=60, index=True)
    before: str = Field(default="{}", sa_type=sa.Text)
    after: str = Field(default="{}", sa_type=sa.Text)
    reason: str = Field(default="", max_length=400)
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class UseLog(SQLModel, table=True):
    """One view of a child's data (703/2023 § 10): data used, provider, user's name and id, purpose, time.

    `relation` is the verified relation (case, unit, task) or `purpose`; then `grant_id` leads to the typed
    text, which is encrypted there because people write names into it.
    """

    __tablename__ = "use_log"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Instant, index=True)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    user_name: str = Field(max_length=120)
    organisation_id: int = Field(foreign_key="organisation.id")
    child_id: int = Field(foreign_key="child.id", index=True)
    relation: str = Field(max_length=20)
    grant_id: int | None = Field(default=None, foreign_key="purpose_grant.id")
    data_used: str = Field(max_length=60)
    endpoint: str = Field(max_length=80)
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditAnchor(SQLModel, table=True):
    """The head of a chain as it was handed to the auditor on a day: a chain rewritten later cannot meet it."""

    __tablename__ = "audit_anchor"
    id: int | None = Field(default=None, primary_key=True)
    chain: str = Field(max_length=20)
    seq: int
    hash: str = Field(max_length=64)
    at: datetime = Field(sa_type=Instant)


class IdempotencyKey(SQLModel, table=True):
    """A form that was sent: the same key from the same person gets the first answer again."""

    __tablename__ = "idempotency_key"
    key: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="app_user.id")
    endpoint: str = Field(max_length=80)
    location: str = Field(max_length=300)
    at: datetime = Field(sa_type=Instant)
