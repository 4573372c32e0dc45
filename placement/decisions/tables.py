"""Runs, proposals, holds, decisions and stays. A stay's end is the leaving day, exclusive."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant, enum_type
from placement.crypto import EncryptedBytes, EncryptedText


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class ProposalStatus(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


class DecisionStatus(StrEnum):
    DRAFT = "draft"
    MADE = "made"
    DISCARDED = "discarded"


class DecisionKind(StrEnum):
    PLACEMENT = "placement"
    URGENT = "urgent"


class Run(SQLModel, table=True):
    """One calculation: its frozen input, what was asked, and what came out. No personal data: references only.

    `counties` (keys), `weights`, `options` (what was asked), `rests_on` (the dates and fingerprints of what went
    in), `progress`, `result` and `explanation` are JSON; `input_hash` is the canonical hash of `input`.
    """

    __tablename__ = "run"
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    cooperation_id: int | None = Field(default=None, foreign_key="cooperation.id")
    requested_by: int | None = Field(default=None, foreign_key="app_user.id")
    requested_at: datetime = Field(sa_type=Instant)
    as_of: date
    status: RunStatus = Field(default=RunStatus.QUEUED, sa_type=enum_type(RunStatus, "run_status"), index=True)
    counties: str = Field(default="[]", sa_type=sa.Text)
    weights: str = Field(default="{}", sa_type=sa.Text)
    preset: str = Field(default="balanced", max_length=30)
    seed: int = 0
    workers: int = 1
    time_limit_s: int | None = None
    input: str = Field(sa_type=sa.Text)
    input_hash: str = Field(max_length=64)
    options: str = Field(default="{}", sa_type=sa.Text)
    rests_on: str = Field(default="{}", sa_type=sa.Text)
    versions: str = Field(default="{}", sa_type=sa.Text)
    progress: str = Field(default="{}", sa_type=sa.Text)
    result: str | None = Field(default=None, sa_type=sa.Text)
    explanation: str | None = Field(default=None, sa_type=sa.Text)
    fault: str | None = Field(default=None, max_length=200)
    attempt: int = 0
    stop_requested: bool = False
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    heartbeat_at: datetime | None = Field(default=None, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class Proposal(SQLModel, table=True):
    """What a run proposes to one county; each county decides on its own children."""

    __tablename__ = "proposal"
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    run_id: int = Field(foreign_key="run.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    status: ProposalStatus = Field(default=ProposalStatus.DRAFT, sa_type=enum_type(ProposalStatus, "proposal_status"))
    sent_by: int | None = Field(default=None, foreign_key="app_user.id")
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


class ProposalRow(SQLModel, table=True):
    """One child in a proposal. `unit_id` None = no suitable place. `fingerprint` = what the row rested on."""

    __tablename__ = "proposal_row"
    __table_args__ = (sa.UniqueConstraint("proposal_id", "child_id"),)
    id: int | None = Field(default=None, primary_key=True)
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    proposed_unit_id: int | None = Field(default=None, foreign_key="unit.id")
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    start: date
    end: date | None = None
    locked: bool = False
    lock_reason: str | None = Field(default=None, max_length=300)
    changed_by: int | None = Field(default=None, foreign_key="app_user.id")
    change_reason: str | None = Field(default=None, sa_type=EncryptedText)
    broken_rules: str = Field(default="[]", sa_type=sa.Text)
    explanation: str = Field(default="{}", sa_type=sa.Text)
    fingerprint: str = Field(max_length=64)
    version: int = 1


class Hold(SQLModel, table=True):
    """A place kept while a decision is being written; it counts until `expires_at` and never after."""

    __tablename__ = "hold"
    __table_args__ = (sa.CheckConstraint('"end" IS NULL OR start < "end"', name="dates"),)
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    county_id: int = Field(foreign_key="organisation.id")
    start: date
    end: date | None = None
    made_by: int = Field(foreign_key="app_user.id")
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
    extended: bool = False
    released_at: datetime | None = Field(default=None, sa_type=Instant)


class Decision(SQLModel, table=True):
    """A placement decision (681/2023 § 33.2): drafted while the place is held, made by a named official.

    The hearing of the child and of the representative is recorded, or why it was not done (681/2023 § 4):
    `child_hearing` and `representative_hearing` are "heard" or the ground for not hearing, None = not answered.
    A draft that breaks a rule waits for a second official from `confirmation_asked_at` on. An urgent one is made
    before the assessment of service needs is ready, for `urgent_reason`, and is looked at again by `review_on`.
    One that keeps the child where an urgent one put it names that in `confirms_id`: it has no stay of its own.
    """

    __tablename__ = "decision"
    __table_args__ = (
        sa.UniqueConstraint("county_id", "case_number"),
        sa.CheckConstraint('"end" IS NULL OR start < "end"', name="dates"),
        sa.CheckConstraint("status <> 'made' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)", name="decider"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    kind: DecisionKind = Field(default=DecisionKind.PLACEMENT, sa_type=enum_type(DecisionKind, "decision_kind"))
    status: DecisionStatus = Field(default=DecisionStatus.DRAFT, sa_type=enum_type(DecisionStatus, "decision_status"))
    case_number: str | None = Field(default=None, max_length=40)
    proposal_row_id: int | None = Field(default=None, foreign_key="proposal_row.id")
    hold_id: int | None = Field(default=None, foreign_key="hold.id")
    confirms_id: int | None = Field(default=None, foreign_key="decision.id", unique=True, index=True)
    fingerprint: str = Field(default="", max_length=64)
    start: date
    end: date | None = None
    language: str = Field(default="fi", max_length=2)
    urgent_reason: str | None = Field(default=None, sa_type=EncryptedText)
    assessment_on: date | None = None
    child_hearing: str | None = Field(default=None, max_length=40)
    child_heard_on: date | None = None
    child_heard_how: str | None = Field(default=None, max_length=60)
    child_heard_language: str | None = Field(default=None, max_length=8)
    child_interpreter: bool = False
    child_opinion: str | None = Field(default=None, sa_type=EncryptedText)
    child_not_heard_reason: str | None = Field(default=None, sa_type=EncryptedText)
    representative_hearing: str | None = Field(default=None, max_length=40)
    representative_heard_on: date | None = None
    representative_opinion: str | None = Field(default=None, sa_type=EncryptedText)
    representative_not_heard_reason: str | None = Field(default=None, sa_type=EncryptedText)
    alternatives: str | None = Field(default=None, sa_type=EncryptedText)
    reasons: str | None = Field(default=None, sa_type=EncryptedText)
    legal_bases: str = Field(default="[]", sa_type=sa.Text)
    facts: str = Field(default="{}", sa_type=sa.Text)
    deviation_reason: str | None = Field(default=None, sa_type=EncryptedText)
    broken_rules: str = Field(default="[]", sa_type=sa.Text)
    siblings_apart_reason: str | None = Field(default=None, sa_type=EncryptedText)
    confirmation_asked_at: datetime | None = Field(default=None, sa_type=Instant)
    second_official_id: int | None = Field(default=None, foreign_key="app_user.id")
    second_official_at: datetime | None = Field(default=None, sa_type=Instant)
    second_official_reason: str | None = Field(default=None, sa_type=EncryptedText)
    prepared_by: int = Field(foreign_key="app_user.id")
    decided_by: int | None = Field(default=None, foreign_key="app_user.id")
    mandate_id: int | None = Field(default=None, foreign_key="user_mandate.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_on: date | None = None
    served_child_on: date | None = None
    served_representative_on: date | None = None
    review_on: date | None = None
    version: int = 1
    created_at: datetime = Field(sa_type=Instant)


class DecisionDocument(SQLModel, table=True):
    """The decision as it was given, per language: Finnish or Swedish is the legal text, others are translations."""

    __tablename__ = "decision_document"
    __table_args__ = (sa.UniqueConstraint("decision_id", "language"),)
    id: int | None = Field(default=None, primary_key=True)
    decision_id: int = Field(foreign_key="decision.id", index=True)
    language: str = Field(max_length=2)
    legal_text: bool
    sha256: str = Field(max_length=64)
    content: bytes = Field(sa_type=EncryptedBytes)


class Stay(SQLModel, table=True):
    """A child in a unit. Planned, decided and realised dates are kept apart; `start` and `end` are the latest known.

    `start` and `end` are computed by the database: realised, else decided, else planned.
    """

    __tablename__ = "stay"
    __table_args__ = (
        sa.CheckConstraint(
            "coalesce(realised_end, decided_end, planned_end) IS NULL OR "
            "coalesce(realised_start, decided_start, planned_start) < "
            "coalesce(realised_end, decided_end, planned_end)",
            name="dates",
        ),
        sa.Index("ix_stay_unit_dates", "unit_id", "start", "end"),
    )
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    county_id: int = Field(foreign_key="organisation.id", index=True)
    decision_id: int | None = Field(default=None, foreign_key="decision.id")
    planned_start: date
    planned_end: date | None = None
    decided_start: date | None = None
    decided_end: date | None = None
    realised_start: date | None = None
    realised_end: date | None = None
    start: date | None = Field(
        default=None,
        sa_column=sa.Column(
            "start", sa.Date, sa.Computed("coalesce(realised_start, decided_start, planned_start)", persisted=True)
        ),
    )
    end: date | None = Field(
        default=None,
        sa_column=sa.Column(
            "end", sa.Date, sa.Computed("coalesce(realised_end, decided_end, planned_end)", persisted=True)
        ),
    )
    end_reason: str | None = Field(default=None, max_length=60)
    version: int = 1


class BookingRefusal(SQLModel, table=True):
    """A booking that found no place: the event of C7 (each refused attempt is on record)."""

    __tablename__ = "booking_refusal"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    child_id: int = Field(foreign_key="child.id")
    user_id: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)
    code: str = Field(max_length=40)


class ClosurePlan(SQLModel, table=True):
    """One calculation of new places for a closing unit; of the plans of a closure one is used at most.

    `variant`: fewest-moves, school-trip or best-fit.
    """

    __tablename__ = "closure_plan"
    __table_args__ = (sa.UniqueConstraint("closure_id", "run_id"),)
    id: int | None = Field(default=None, primary_key=True)
    closure_id: int = Field(foreign_key="closure.id", index=True)
    run_id: int = Field(foreign_key="run.id", index=True)
    variant: str = Field(max_length=30)
    used_by: int | None = Field(default=None, foreign_key="app_user.id")
    used_at: datetime | None = Field(default=None, sa_type=Instant)
