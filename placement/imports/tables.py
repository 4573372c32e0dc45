"""An upload between its preview and its import, and what an import wrote."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant
from placement.crypto import EncryptedBytes, EncryptedText


class ImportUpload(SQLModel, table=True):
    """A file that waits for its author's word, encrypted: a sheet of children is as secret as their records."""

    __tablename__ = "import_upload"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    county_id: int = Field(foreign_key="organisation.id")
    what: str = Field(max_length=20)
    file_name: str = Field(sa_type=EncryptedText)
    content: bytes = Field(sa_type=EncryptedBytes)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)


class ImportBatch(SQLModel, table=True):
    """One import that was carried out. `file_hash` tells the same file again; `undone_at` = it was taken back."""

    __tablename__ = "import_batch"
    __table_args__ = (sa.CheckConstraint("written >= 0 AND already_there >= 0 AND left_out >= 0", name="counts"),)
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(max_length=64, unique=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    user_id: int = Field(foreign_key="app_user.id")
    what: str = Field(max_length=20)
    file_hash: str = Field(max_length=64, index=True)
    written: int
    already_there: int
    left_out: int
    at: datetime = Field(sa_type=Instant)
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    undone_by: int | None = Field(default=None, foreign_key="app_user.id")


class ImportedRow(SQLModel, table=True):
    """A thing that an import added and the version it had then: another version means somebody worked on it."""

    __tablename__ = "imported_row"
    batch_id: int = Field(foreign_key="import_batch.id", primary_key=True)
    row: int = Field(primary_key=True)
    ref: str = Field(max_length=12)
    version: int
