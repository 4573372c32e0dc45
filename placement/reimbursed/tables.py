"""What the county keeps around its claims: files, providers' invoices, and which steps of a draft are done."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant
from placement.crypto import EncryptedBytes, EncryptedText


class EvidenceFile(SQLModel, table=True):
    """The file behind a row of evidence, encrypted: an invoice may name a child, and so may its file name."""

    __tablename__ = "claim_evidence_file"
    evidence_id: int = Field(
        primary_key=True, foreign_key="claim_evidence.id", sa_column_kwargs={"autoincrement": False}
    )
    name: str = Field(sa_type=EncryptedText)
    content: bytes = Field(sa_type=EncryptedBytes)


class CareInvoice(SQLModel, table=True):
    """A provider's invoice for a child's days in a unit, net of value added tax; days are inclusive."""

    __tablename__ = "care_invoice"
    __table_args__ = (
        sa.CheckConstraint("first_day <= last_day", name="days"),
        sa.CheckConstraint("net_cents > 0", name="net"),
        sa.UniqueConstraint(
            "county_id", "supplier", "voucher", "unit_id", "child_ref", "first_day", name="uq_care_invoice_voucher"
        ),
        sa.Index("ix_care_invoice_county_days", "county_id", "first_day"),
    )
    id: int | None = Field(default=None, primary_key=True)
    county_id: int = Field(foreign_key="organisation.id")
    unit_id: int = Field(foreign_key="unit.id", index=True)
    child_ref: str = Field(max_length=12)
    first_day: date
    last_day: date
    net_cents: int = Field(sa_type=sa.BigInteger)
    supplier: str = Field(max_length=120)
    voucher: str = Field(max_length=60)
    voucher_on: date
    evidence_id: int | None = Field(default=None, foreign_key="claim_evidence.id")
    added_by: int = Field(foreign_key="app_user.id")
    added_at: datetime = Field(sa_type=Instant)


class ClaimStep(SQLModel, table=True):
    """A step of a claim's version that a person has said is done: days of a child accepted, the declaration given."""

    __tablename__ = "claim_step"
    claim_id: int = Field(primary_key=True, foreign_key="claim.id", sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    key: str = Field(primary_key=True, max_length=40)
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)
