"""Payments to counties, advances, and what comes back: recoveries and how they were settled."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import agreements.metadata  # noqa: F401 - names constraints before the first table is defined
from agreements.columns import Instant, enum_type


class Payment(SQLModel, table=True):
    """An instalment of what a decision approved, or an advance for a year of care (`claim_id` None).

    One person confirms and another releases it. `cents` is what it settles: the bank pays `cents` less what is set
    off and netted. A returned payment keeps its row; what the bank sent back is owed again and its instalment is
    free for another payment.
    """

    __tablename__ = "payment"
    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents"),
        sa.CheckConstraint(
            "set_off_cents >= 0 AND netted_cents >= 0 AND set_off_cents + netted_cents <= cents", name="offsets"
        ),
        sa.CheckConstraint("released_by IS NULL OR released_by <> confirmed_by", name="two_people"),
        sa.CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="release"),
        sa.CheckConstraint("recorded_at IS NULL OR released_at IS NOT NULL", name="recorded"),
        sa.CheckConstraint("returned_at IS NULL OR released_at IS NOT NULL", name="returned"),
        sa.CheckConstraint("(claim_id IS NULL) = (decision_no IS NULL)", name="claim"),
        sa.CheckConstraint("(claim_id IS NULL) = (care_year IS NOT NULL)", name="advance"),
        sa.Index(
            "uq_payment_instalment",
            "claim_id",
            "decision_no",
            "instalment",
            unique=True,
            sqlite_where=sa.text("returned_at IS NULL"),
            postgresql_where=sa.text("returned_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    claim_id: int | None = Field(default=None, foreign_key="claim.id", index=True)
    decision_no: int | None = None
    instalment: int = 1
    county_id: int = Field(foreign_key="organisation.id", index=True)
    care_year: int | None = None
    cents: int = Field(sa_type=sa.BigInteger)
    set_off_cents: int = Field(default=0, sa_type=sa.BigInteger)
    netted_cents: int = Field(default=0, sa_type=sa.BigInteger)
    confirmed_by: int = Field(foreign_key="app_user.id")
    confirmed_at: datetime = Field(sa_type=Instant)
    released_by: int | None = Field(default=None, foreign_key="app_user.id")
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    released_on: date | None = None
    bank_reference: str | None = Field(default=None, max_length=40)
    recorded_by: int | None = Field(default=None, foreign_key="app_user.id")
    recorded_at: datetime | None = Field(default=None, sa_type=Instant)
    returned_at: datetime | None = Field(default=None, sa_type=Instant)
    returned_by: int | None = Field(default=None, foreign_key="app_user.id")
    return_reason: str | None = Field(default=None, max_length=200)


class PaymentOffset(SQLModel, table=True):
    """What a payment was lessened by: a recovery that is set off, or an advance that is netted."""

    __tablename__ = "payment_offset"
    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents"),
        sa.CheckConstraint("(recovery_id IS NULL) <> (advance_id IS NULL)", name="one_target"),
    )
    id: int | None = Field(default=None, primary_key=True)
    payment_id: int = Field(foreign_key="payment.id", index=True)
    recovery_id: int | None = Field(default=None, foreign_key="recovery.id", index=True)
    advance_id: int | None = Field(default=None, foreign_key="payment.id", index=True)
    cents: int = Field(sa_type=sa.BigInteger)


class Recovery(SQLModel, table=True):
    """An order to pay back (681/2023 § 71), decided by the paying agency at the latest on `last_day`."""

    __tablename__ = "recovery"
    __table_args__ = (
        sa.UniqueConstraint("claim_id", "decision_no", "care_year"),
        sa.CheckConstraint("principal_cents > 0", name="principal"),
        sa.CheckConstraint("decided_on <= last_day", name="in_time"),
        sa.CheckConstraint("decided_on <= due_on", name="due"),
        sa.CheckConstraint("length(reason) > 0", name="reason"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    decision_no: int
    county_id: int = Field(foreign_key="organisation.id", index=True)
    care_year: int
    principal_cents: int = Field(sa_type=sa.BigInteger)
    paid_on: date
    heard_from: date
    heard_by: date
    statement: str = Field(default="", max_length=1000)
    reason: str = Field(max_length=1000)
    decided_by: int = Field(foreign_key="app_user.id")
    decided_at: datetime = Field(sa_type=Instant)
    decided_on: date
    due_on: date
    last_day: date
    interest_starts: str = Field(max_length=20)
    days_in_year: int


class SettlementKind(StrEnum):
    PAID = "paid"
    SET_OFF = "set-off"


class RecoverySettlement(SQLModel, table=True):
    """A part of a recovery that came back, with its interest apart. Append-only."""

    __tablename__ = "recovery_settlement"
    __table_args__ = (
        sa.UniqueConstraint("recovery_id", "reference"),
        sa.CheckConstraint("principal_cents > 0 AND interest_cents >= 0", name="cents"),
    )
    id: int | None = Field(default=None, primary_key=True)
    recovery_id: int = Field(foreign_key="recovery.id", index=True)
    kind: SettlementKind = Field(sa_type=enum_type(SettlementKind, "settlement_kind"))
    principal_cents: int = Field(sa_type=sa.BigInteger)
    interest_cents: int = Field(sa_type=sa.BigInteger)
    settled_on: date
    reference: str = Field(max_length=40)
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)
