"""What examining leaves behind: samples, questions, hearings, second looks, letters, corrections, requests, findings.

The sums themselves stand in the library's tables and in the books; here is who asked, heard and agreed, and when.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant, enum_type


class HearingKind(StrEnum):
    """What the county is heard about: the decision on its claim, a correction of it, an order to pay back."""

    DECISION = "decision"
    CORRECTION = "correction"
    RECOVERY = "recovery"


class CorrectionStatus(StrEnum):
    PROPOSED = "proposed"
    IN_HEARING = "in-hearing"
    MADE = "made"
    WITHDRAWN = "withdrawn"


class RemedyKind(StrEnum):
    """A rectification request to the authority itself, or an appeal to the administrative court."""

    RECTIFICATION = "rectification"
    APPEAL = "appeal"


class ClaimSample(SQLModel, table=True):
    """Lines drawn for a closer look; the seed draws them again. Append-only. `lines`: numbers with a space between."""

    __tablename__ = "claim_sample"
    __table_args__ = (sa.CheckConstraint("size >= 1 AND seed >= 0", name="size"),)
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    number: int
    method: str = Field(max_length=40)
    seed: int = Field(sa_type=sa.BigInteger)
    size: int
    lines: str = Field(sa_type=sa.Text)
    drawn_by: int = Field(foreign_key="app_user.id")
    drawn_at: datetime = Field(sa_type=Instant)


class ClaimQuestion(SQLModel, table=True):
    """A question to the county about some lines of a version of a claim; the lines carry the verdict "ask"."""

    __tablename__ = "claim_question"
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    number: int
    question: str = Field(max_length=1000)
    due_on: date
    asked_by: int = Field(foreign_key="app_user.id")
    asked_at: datetime = Field(sa_type=Instant)


class ClaimHearing(SQLModel, table=True):
    """The county is asked for its view before something is decided against it (434/2003 § 34).

    `correction_id` for a correction, `care_year` for an order to pay back. Time over without an answer is an answer.
    """

    __tablename__ = "claim_hearing"
    __table_args__ = (
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answer"),
        sa.CheckConstraint("(kind = 'correction') = (correction_id IS NOT NULL)", name="correction"),
        sa.CheckConstraint("(kind = 'recovery') = (care_year IS NOT NULL)", name="recovery"),
    )
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    kind: HearingKind = Field(sa_type=enum_type(HearingKind, "hearing_kind"))
    decision_no: int
    correction_id: int | None = Field(default=None, foreign_key="claim_correction.id", index=True)
    care_year: int | None = None
    about: str = Field(max_length=1000)
    due_on: date
    asked_by: int = Field(foreign_key="app_user.id")
    asked_at: datetime = Field(sa_type=Instant)
    asked_on: date
    statement: str = Field(default="", max_length=2000)
    answered_by: int | None = Field(default=None, foreign_key="app_user.id")
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


class SecondLook(SQLModel, table=True):
    """One reviewer asks another to confirm what is about to be decided; `fingerprint` is over the verdicts shown."""

    __tablename__ = "claim_second_look"
    __table_args__ = (
        sa.CheckConstraint("answered_by IS NULL OR answered_by <> asked_by", name="two_people"),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answer"),
        sa.CheckConstraint("(answered_at IS NULL) = (agreed IS NULL)", name="agreed"),
    )
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    number: int
    fingerprint: str = Field(max_length=64)
    asked_by: int = Field(foreign_key="app_user.id")
    asked_at: datetime = Field(sa_type=Instant)
    answered_by: int | None = Field(default=None, foreign_key="app_user.id")
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    agreed: bool | None = None
    remark: str = Field(default="", max_length=1000)


class ClaimDocument(SQLModel, table=True):
    """A decision on a claim or an order to pay back as a PDF in one language. Append-only."""

    __tablename__ = "claim_document"
    __table_args__ = (
        sa.UniqueConstraint("decision_id", "language"),
        sa.UniqueConstraint("recovery_id", "language"),
        sa.CheckConstraint("(decision_id IS NULL) <> (recovery_id IS NULL)", name="one_subject"),
        sa.CheckConstraint("length(sha256) = 64", name="file"),
    )
    id: int | None = Field(default=None, primary_key=True)
    decision_id: int | None = Field(default=None, foreign_key="claim_decision.id")
    recovery_id: int | None = Field(default=None, foreign_key="recovery.id")
    language: str = Field(max_length=2)
    legal_text: bool
    sha256: str = Field(max_length=64)
    content: bytes


class Correction(SQLModel, table=True):
    """A change of a decision that one person proposes and another makes; `made_no` is the decision it became."""

    __tablename__ = "claim_correction"
    __table_args__ = (
        sa.CheckConstraint("made_by IS NULL OR made_by <> proposed_by", name="two_people"),
        sa.CheckConstraint("(status = 'made') = (made_no IS NOT NULL)", name="made"),
        sa.CheckConstraint("length(reason) > 0", name="reason"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    decision_no: int
    ground: str = Field(max_length=40)
    reason: str = Field(max_length=1000)
    status: CorrectionStatus = Field(sa_type=enum_type(CorrectionStatus, "correction_status"))
    proposed_by: int = Field(foreign_key="app_user.id")
    proposed_at: datetime = Field(sa_type=Instant)
    made_by: int | None = Field(default=None, foreign_key="app_user.id")
    made_at: datetime | None = Field(default=None, sa_type=Instant)
    made_no: int | None = None
    version: int = 1


class CorrectionLine(SQLModel, table=True):
    """A line whose approved sum a correction changes: from what, to what."""

    __tablename__ = "claim_correction_line"
    __table_args__ = (sa.CheckConstraint("before_cents <> after_cents", name="change"),)
    correction_id: int = Field(primary_key=True, foreign_key="claim_correction.id")
    line_id: int = Field(primary_key=True, foreign_key="claim_line.id", index=True)
    before_cents: int = Field(sa_type=sa.BigInteger)
    after_cents: int = Field(sa_type=sa.BigInteger)


class ClaimRemedy(SQLModel, table=True):
    """A rectification request or an appeal against a decision, and how it ended."""

    __tablename__ = "claim_remedy"
    __table_args__ = (
        sa.CheckConstraint("served_on <= received_on", name="days"),
        sa.CheckConstraint("(outcome IS NULL) = (decided_on IS NULL)", name="outcome"),
    )
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    decision_no: int
    kind: RemedyKind = Field(sa_type=enum_type(RemedyKind, "remedy_kind"))
    served_on: date
    received_on: date
    in_time: bool
    wanted: str = Field(max_length=1000)
    registered_by: int = Field(foreign_key="app_user.id")
    registered_at: datetime = Field(sa_type=Instant)
    outcome: str | None = Field(default=None, max_length=20)
    outcome_reason: str = Field(default="", max_length=1000)
    decided_on: date | None = None
    decided_by: int | None = Field(default=None, foreign_key="app_user.id")
    correction_id: int | None = Field(default=None, foreign_key="claim_correction.id")


class AuditFinding(SQLModel, table=True):
    """What an outside auditor found in a claim, and what the authority answered."""

    __tablename__ = "claim_audit_finding"
    __table_args__ = (sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answer"),)
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    line_no: int | None = None
    category: str = Field(max_length=40)
    text: str = Field(max_length=1000)
    cents: int = Field(default=0, sa_type=sa.BigInteger)
    found_by: int = Field(foreign_key="app_user.id")
    found_at: datetime = Field(sa_type=Instant)
    answer: str = Field(default="", max_length=1000)
    answered_by: int | None = Field(default=None, foreign_key="app_user.id")
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
