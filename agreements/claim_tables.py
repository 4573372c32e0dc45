"""Claims of both gates, their lines and what reviewers said of each; evidence and costs they are built from.

A claim is written in versions: a sent version is never edited, taking it back starts the next one. Verdicts,
events, decisions are append-only. Organisations, units and people are named by key, children by reference only.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import agreements.metadata  # noqa: F401 - names constraints before the first table is defined
from agreements.claim_values import Basis, Gate
from agreements.columns import Instant, enum_type


class ClaimStatus(StrEnum):
    """The moves a person makes. Paid, returned and overpaid follow from the books; asked from open questions."""

    DRAFT = "draft"
    TO_APPROVER = "to-approver"
    SENT = "sent"
    IN_REVIEW = "in-review"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a reviewer says of a line; `answer` is the county's word to a question."""

    APPROVE = "approve"
    PART = "part"
    REJECT = "reject"
    PARK = "park"
    ASK = "ask"
    ANSWER = "answer"
    REOPEN = "reopen"


class Evidence(SQLModel, table=True):
    """A file that proves costs, by its fingerprint: added once, used again. The host keeps its content."""

    __tablename__ = "claim_evidence"
    __table_args__ = (
        sa.UniqueConstraint("county_id", "sha256"),
        sa.CheckConstraint("length(sha256) = 64 AND size >= 0", name="file"),
    )
    id: int | None = Field(default=None, primary_key=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    sha256: str = Field(max_length=64)
    media_type: str = Field(max_length=80)
    size: int
    added_by: int = Field(foreign_key="app_user.id")
    added_at: datetime = Field(sa_type=Instant)


class CostEntry(SQLModel, table=True):
    """A cost from the county's books, net of value added tax, waiting to be claimed. `child_ref` None = of the unit."""

    __tablename__ = "cost_entry"
    __table_args__ = (
        sa.CheckConstraint("first_day <= last_day", name="days"),
        sa.CheckConstraint("other_income_cents >= 0", name="other_income"),
        sa.Index("ix_cost_entry_county_days", "county_id", "first_day"),
        sa.Index("ix_cost_entry_voucher", "supplier", "voucher"),
    )
    id: int | None = Field(default=None, primary_key=True)
    county_id: int = Field(foreign_key="organisation.id")
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    child_ref: str | None = Field(default=None, max_length=12)
    cost_kind: str = Field(max_length=30)
    cost_centre: str = Field(default="", max_length=40)
    first_day: date
    last_day: date
    net_cents: int = Field(sa_type=sa.BigInteger)
    vat_cents: int = Field(default=0, sa_type=sa.BigInteger)
    other_income_cents: int = Field(default=0, sa_type=sa.BigInteger)
    shared_cents: int | None = Field(default=None, sa_type=sa.BigInteger)
    share_rule: str = Field(default="", max_length=200)
    supplier: str = Field(default="", max_length=120)
    voucher: str = Field(default="", max_length=60)
    voucher_on: date
    evidence_id: int | None = Field(default=None, foreign_key="claim_evidence.id")
    import_key: str | None = Field(default=None, max_length=80, unique=True)
    added_by: int = Field(foreign_key="app_user.id")
    added_at: datetime = Field(sa_type=Instant)


class Claim(SQLModel, table=True):
    """An application of a county: gate `cost` to the deciding centre, gate `payment` to the paying agency.

    `number` is the version in work or sent, `decision_no` the decision that stands (0 = none), `authority_id` who is
    competent today: a successor takes it over.
    `waits_from` … `waits_to`: approved, waits for an appropriation (681/2023 § 59).
    """

    __tablename__ = "claim"
    __table_args__ = (
        sa.CheckConstraint("period_first <= period_last", name="period"),
        sa.CheckConstraint("number >= 1", name="number"),
        sa.CheckConstraint("sent_at IS NULL OR sent_by IS NOT NULL", name="sender"),
        sa.CheckConstraint("NOT four_eyes OR sent_by IS NULL OR sent_by <> prepared_by", name="four_eyes"),
        sa.CheckConstraint("(status = 'decided') = (decision_no > 0)", name="decided"),
        sa.CheckConstraint("waits_to IS NULL OR waits_from <= waits_to", name="waits"),
        sa.Index("ix_claim_county_period", "county_id", "period_first"),
        sa.Index("ix_claim_authority_status", "authority_id", "status"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    gate: Gate = Field(sa_type=enum_type(Gate, "claim_gate"))
    county_id: int = Field(foreign_key="organisation.id")
    authority_id: int = Field(foreign_key="organisation.id")
    period_first: date
    period_last: date
    number: int = 1
    status: ClaimStatus = Field(default=ClaimStatus.DRAFT, sa_type=enum_type(ClaimStatus, "claim_status"))
    four_eyes: bool = False
    prepared_by: int = Field(foreign_key="app_user.id")
    declared_at: datetime | None = Field(default=None, sa_type=Instant)
    sent_by: int | None = Field(default=None, foreign_key="app_user.id")
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    sent_on: date | None = None
    reviewer_id: int | None = Field(default=None, foreign_key="app_user.id")
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    waits_from: date | None = None
    waits_to: date | None = None
    decision_no: int = 0
    case_number: str | None = Field(default=None, max_length=40)
    version: int = 1
    created_at: datetime = Field(sa_type=Instant)


class ClaimVersion(SQLModel, table=True):
    """One writing of a claim. From sending on, `content_hash` is over its lines and they never change."""

    __tablename__ = "claim_version"
    __table_args__ = (sa.UniqueConstraint("claim_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    number: int
    claimed_cents: int = Field(default=0, sa_type=sa.BigInteger)
    content_hash: str | None = Field(default=None, max_length=64)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)


class ClaimLine(SQLModel, table=True):
    """One line. `count` = days (a bought day, an own day), `claimed_cents` = what is asked for.

    Bought days: claimed <= invoiced and claimed <= ceiling = count times price. Days alone never cost anything.
    Corrections of earlier lines (`corrects_line_id`) may be negative. `grant_line_id` is the line of the centre's
    decision that allows the cost; `parked_from_id` the line of an earlier claim that was put off.
    """

    __tablename__ = "claim_line"
    __table_args__ = (
        sa.UniqueConstraint("version_id", "line_no"),
        sa.CheckConstraint("first_day <= last_day AND days >= 0", name="days"),
        sa.CheckConstraint("claimed_cents >= 0 OR corrects_line_id IS NOT NULL", name="sign"),
        sa.CheckConstraint("basis NOT IN ('own-day', 'left-out') OR claimed_cents = 0", name="days_alone"),
        sa.CheckConstraint(
            "basis <> 'place-day' OR (day_cents IS NOT NULL AND ceiling_cents = days * day_cents"
            " AND invoiced_cents IS NOT NULL AND claimed_cents <= ceiling_cents AND claimed_cents <= invoiced_cents)",
            name="ceiling",
        ),
        sa.Index("ix_claim_line_child_days", "child_ref", "first_day"),
        sa.Index("ix_claim_line_voucher", "supplier", "voucher"),
    )
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="claim_version.id", index=True)
    line_no: int
    gate: Gate = Field(sa_type=enum_type(Gate, "claim_line_gate"))
    basis: Basis = Field(sa_type=enum_type(Basis, "claim_basis"))
    cost_kind: str = Field(max_length=30)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    child_ref: str | None = Field(default=None, max_length=12)
    first_day: date
    last_day: date
    care_year: int
    days: int
    day_cents: int | None = Field(default=None, sa_type=sa.BigInteger)
    ceiling_cents: int | None = Field(default=None, sa_type=sa.BigInteger)
    invoiced_cents: int | None = Field(default=None, sa_type=sa.BigInteger)
    claimed_cents: int = Field(sa_type=sa.BigInteger)
    vat_cents: int = Field(default=0, sa_type=sa.BigInteger)
    other_income_cents: int = Field(default=0, sa_type=sa.BigInteger)
    shared_cents: int | None = Field(default=None, sa_type=sa.BigInteger)
    supplier: str = Field(default="", max_length=120)
    voucher: str = Field(default="", max_length=60)
    voucher_on: date | None = None
    agreement_version_id: int | None = Field(default=None, foreign_key="agreement_version.id")
    clause: str = Field(default="", max_length=120)
    grant_line_id: int | None = Field(default=None, foreign_key="claim_line.id", index=True)
    cost_entry_id: int | None = Field(default=None, foreign_key="cost_entry.id", index=True)
    evidence_id: int | None = Field(default=None, foreign_key="claim_evidence.id")
    parked_from_id: int | None = Field(default=None, foreign_key="claim_line.id")
    corrects_line_id: int | None = Field(default=None, foreign_key="claim_line.id", index=True)
    note: str = Field(default="", max_length=300)
    late_reason: str = Field(default="", max_length=300)


class ClaimLineVerdict(SQLModel, table=True):
    """What was said of a line, in order; the last of them counts until the decision. Append-only."""

    __tablename__ = "claim_line_verdict"
    __table_args__ = (sa.CheckConstraint("approved_cents IS NULL OR verdict = 'part'", name="part"),)
    id: int | None = Field(default=None, primary_key=True)
    line_id: int = Field(foreign_key="claim_line.id", index=True)
    verdict: Verdict = Field(sa_type=enum_type(Verdict, "claim_verdict"))
    approved_cents: int | None = Field(default=None, sa_type=sa.BigInteger)
    reason_code: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=1000)
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)


class ClaimEvent(SQLModel, table=True):
    """What happened to a claim, in order: who moved it from what to what, and why. Append-only."""

    __tablename__ = "claim_event"
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    action: str = Field(max_length=40)
    from_status: str = Field(max_length=20)
    to_status: str = Field(max_length=20)
    number: int
    reason: str = Field(default="", max_length=300)
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)


class ClaimDecision(SQLModel, table=True):
    """A decision on a claim. Number 1 decides it; each correction is the next one and replaces it. Append-only.

    `valid_from` … `valid_to`: the days that the centre's decision covers (gate `cost`).
    """

    __tablename__ = "claim_decision"
    __table_args__ = (
        sa.UniqueConstraint("claim_id", "number"),
        sa.CheckConstraint("second_id IS NULL OR second_id <> decided_by", name="second"),
        sa.CheckConstraint("number = 1 OR length(reason) > 0", name="correction"),
    )
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    version_id: int = Field(foreign_key="claim_version.id")
    number: int
    decided_by: int = Field(foreign_key="app_user.id")
    second_id: int | None = Field(default=None, foreign_key="app_user.id")
    decided_on: date
    decided_at: datetime = Field(sa_type=Instant)
    valid_from: date
    valid_to: date
    claimed_cents: int = Field(sa_type=sa.BigInteger)
    approved_cents: int = Field(sa_type=sa.BigInteger)
    rejected_cents: int = Field(sa_type=sa.BigInteger)
    parked_cents: int = Field(sa_type=sa.BigInteger)
    reason: str = Field(default="", max_length=1000)


class ClaimDecisionLine(SQLModel, table=True):
    """What a decision says of one line: claimed = approved + rejected + parked. Append-only."""

    __tablename__ = "claim_decision_line"
    __table_args__ = (
        sa.CheckConstraint("claimed_cents = approved_cents + rejected_cents + parked_cents", name="whole"),
    )
    decision_id: int = Field(primary_key=True, foreign_key="claim_decision.id")
    line_id: int = Field(primary_key=True, foreign_key="claim_line.id", index=True)
    verdict: Verdict = Field(sa_type=enum_type(Verdict, "claim_decision_verdict"))
    claimed_cents: int = Field(sa_type=sa.BigInteger)
    approved_cents: int = Field(sa_type=sa.BigInteger)
    rejected_cents: int = Field(sa_type=sa.BigInteger)
    parked_cents: int = Field(sa_type=sa.BigInteger)
    reason_code: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=1000)
