"""What happens to a version: its moves, its frozen text and documents, clauses, comments, files, deliveries.

Moves, frozen texts and documents are append-only by trigger. People and organisations are named by key.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import agreements.metadata  # noqa: F401 - names constraints before the first table is defined
from agreements.columns import Instant, enum_type


class Move(StrEnum):
    """What a person did to a version as a whole."""

    STARTED = "started"
    SENT_TO_HEARING = "sent-to-hearing"
    HEARD = "heard"
    SENT_FOR_SIGNATURE = "sent-for-signature"
    SIGNED = "signed"
    RETURNED = "returned"
    ACTIVATED = "activated"
    TERMINATED = "terminated"


class AttachmentKind(StrEnum):
    ANNEX = "annex"
    SCAN = "scan"
    RESOLUTION = "resolution"
    HEARING = "hearing"


class AgreementEvent(SQLModel, table=True):
    """One move of a version, in order: who, from what to what, when, why. Append-only."""

    __tablename__ = "agreement_event"
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    move: Move = Field(sa_type=enum_type(Move, "agreement_move"))
    from_status: str = Field(max_length=20)
    to_status: str = Field(max_length=20)
    reason: str = Field(default="", max_length=1000)
    by: int | None = Field(default=None, foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)


class AgreementFrozen(SQLModel, table=True):
    """The canonical content of a version as it went to signing, with the names its bodies had. Append-only."""

    __tablename__ = "agreement_frozen"
    version_id: int = Field(foreign_key="agreement_version.id", primary_key=True)
    canonical: str = Field(sa_type=sa.Text)
    content_hash: str = Field(max_length=64)
    frozen_at: datetime = Field(sa_type=Instant)


class AgreementDocument(SQLModel, table=True):
    """The PDF of a frozen version in one language, by its own fingerprint. Append-only."""

    __tablename__ = "agreement_document"
    version_id: int = Field(foreign_key="agreement_version.id", primary_key=True)
    language: str = Field(primary_key=True, max_length=2)
    pdf: bytes = Field(sa_type=sa.LargeBinary)
    sha256: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=Instant)


class AgreementClause(SQLModel, table=True):
    """A free-text clause of a version: a text of the library (`library_no` says which), or an own one (`text`)."""

    __tablename__ = "agreement_clause"
    __table_args__ = (
        sa.UniqueConstraint("version_id", "code"),
        sa.CheckConstraint("(library_no IS NULL) <> (text IS NULL)", name="one_text"),
    )
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    code: str = Field(max_length=30)
    library_no: int | None = None
    text: str | None = Field(default=None, max_length=4000)


class AgreementSection(SQLModel, table=True):
    """How often a section of a draft was saved, and by whom last: what two people's forms are compared by."""

    __tablename__ = "agreement_section"
    version_id: int = Field(foreign_key="agreement_version.id", primary_key=True)
    section: str = Field(primary_key=True, max_length=40)
    edit_no: int
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)


class AgreementComment(SQLModel, table=True):
    """What a party says of one section of a version."""

    __tablename__ = "agreement_comment"
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    section: str = Field(max_length=40)
    organisation_id: int = Field(foreign_key="organisation.id")
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)
    text: str = Field(max_length=1000)


class AgreementAttachment(SQLModel, table=True):
    """A file of a version, by its fingerprint."""

    __tablename__ = "agreement_attachment"
    __table_args__ = (
        sa.UniqueConstraint("version_id", "sha256"),
        sa.CheckConstraint("size > 0", name="size"),
    )
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    kind: AttachmentKind = Field(sa_type=enum_type(AttachmentKind, "agreement_attachment_kind"))
    name: str = Field(max_length=120)
    media_type: str = Field(max_length=80)
    size: int
    sha256: str = Field(max_length=64)
    content: bytes = Field(sa_type=sa.LargeBinary)
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)


class AgreementDelivery(SQLModel, table=True):
    """What a side reports of a service it promised, for days from a first to a last (inclusive). Append-only."""

    __tablename__ = "agreement_delivery"
    __table_args__ = (sa.CheckConstraint("first_day <= last_day", name="days"),)
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    service: str = Field(max_length=30)
    side: str = Field(max_length=30)
    first_day: date
    last_day: date
    state: str = Field(max_length=20)
    note: str = Field(default="", max_length=1000)
    organisation_id: int = Field(foreign_key="organisation.id")
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)


class AgreementReview(SQLModel, table=True):
    """A review of an agreement as a whole, held by its parties on a day; the next one is due from it. Append-only."""

    __tablename__ = "agreement_review"
    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    held_on: date
    outcome: str = Field(max_length=1000)
    organisation_id: int = Field(foreign_key="organisation.id")
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)
