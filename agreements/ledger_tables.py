"""The books: entries and legs that the database seals, the months they are posted in, and balances by month.

An entry is sealed by order: its legs are inserted first, the entry last; from then on neither takes a change.
`ledger_entry` and `ledger_leg` are append-only; months and balances are not and so have other names.
"""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import agreements.metadata  # noqa: F401 - names constraints before the first table is defined
from agreements.columns import Instant, enum_type
from agreements.ledger_rules import Account, Side


class PostingPeriod(SQLModel, table=True):
    """A month of the books. Once closed it stays closed, and what it then held is kept beside it."""

    __tablename__ = "posting_period"
    __table_args__ = (
        sa.CheckConstraint(
            "(closed_at IS NULL) = (last_entry_id IS NULL) AND (closed_at IS NULL) = (total_cents IS NULL)",
            name="closing",
        ),
    )
    code: str = Field(primary_key=True, max_length=7)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: int | None = Field(default=None, foreign_key="app_user.id")
    entries: int | None = None
    total_cents: int | None = Field(default=None, sa_type=sa.BigInteger)
    last_entry_id: int | None = None
    last_hash: str | None = Field(default=None, max_length=64)


class LedgerEntry(SQLModel, table=True):
    """One entry; `id` is its number, 1 to n without gaps. The event it books is booked once."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.UniqueConstraint("source_kind", "source_id"),
        sa.CheckConstraint("reverses_entry_id IS NULL OR reverses_entry_id < id", name="reversal"),
        sa.CheckConstraint("length(hash) = 64 AND length(prev_hash) = 64", name="hash"),
        sa.Index("ix_ledger_entry_effective_on", "effective_on"),
    )
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source_kind: str = Field(max_length=40)
    source_id: str = Field(max_length=60)
    reverses_entry_id: int | None = Field(default=None, foreign_key="ledger_entry.id", unique=True)
    effective_on: date
    period: str = Field(max_length=7, foreign_key="posting_period.code", index=True)
    posted_at: datetime = Field(sa_type=Instant)
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class LedgerLeg(SQLModel, table=True):
    """One line of an entry, in whole cents above zero. Its entry is inserted after it, so the key is deferred."""

    __tablename__ = "ledger_leg"
    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents"),
        sa.CheckConstraint("currency = 'EUR'", name="currency"),
        sa.CheckConstraint("line_no >= 1", name="line_no"),
        sa.CheckConstraint("care_year BETWEEN 2000 AND 2100", name="care_year"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], deferrable=True, initially="DEFERRED"),
        sa.Index("ix_ledger_leg_subject", "subject", "account"),
    )
    entry_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    line_no: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    account: Account = Field(sa_type=enum_type(Account, "ledger_account"))
    side: Side = Field(sa_type=enum_type(Side, "ledger_side"))
    cents: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(default="EUR", max_length=3)
    party_id: int = Field(foreign_key="organisation.id")
    subject: str = Field(max_length=20)
    care_year: int


class BookBalance(SQLModel, table=True):
    """Debits and credits of an account by month of effect, kept by the database as entries are sealed.

    It only makes asking for a balance fast: every check adds up the legs again and compares.
    """

    __tablename__ = "book_balance"
    account: Account = Field(primary_key=True, sa_type=enum_type(Account, "book_balance_account"))
    party_id: int = Field(primary_key=True, foreign_key="organisation.id")
    care_year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    month: str = Field(primary_key=True, max_length=7)
    debit_cents: int = Field(sa_type=sa.BigInteger)
    credit_cents: int = Field(sa_type=sa.BigInteger)
