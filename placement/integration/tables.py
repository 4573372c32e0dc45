"""The child's path and the services owed on it. Narratives and names are encrypted; numbers count 1…n per child."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant, enum_type
from placement.crypto import EncryptedText


class Side(StrEnum):
    """Who answers for a service by law; the employment authority for job-seekers (681/2023 § 3.1)."""

    COUNTY = "county"
    MUNICIPALITY = "municipality"
    EMPLOYMENT_AUTHORITY = "employment_authority"
    SCHOOL = "school"
    THIRD_SECTOR = "third_sector"


class ClosedAs(StrEnum):
    DECLINED = "declined"
    NOT_NEEDED = "not-needed"


class Whose(StrEnum):
    CHILD = "child"
    REPRESENTATIVE = "representative"
    GUARDIAN = "guardian"


class HearingOutcome(StrEnum):
    HEARD = "heard"
    NO_INTERPRETER = "interpreter-absent"
    NOT_HEARD = "not-heard"


class Relationship(StrEnum):
    GUARDIAN = "guardian"
    SIBLING = "sibling"
    OTHER = "other-relative"


class ProtocolKind(StrEnum):
    """Measures in a family group home that need a protocol (681/2023 § 33.4)."""

    SEIZURE = "seizure"
    ROOM_INSPECTION = "room-inspection"


class SchoolKind(StrEnum):
    """What is taught: preparatory teaching comes before basic education (628/1998 § 5)."""

    PRE_PRIMARY = "pre-primary"
    PREPARATORY = "preparatory"
    BASIC = "basic"
    TO_UPPER = "preparing-for-upper"
    UPPER = "upper-secondary"
    VOCATIONAL = "vocational"
    OTHER = "other-education"


class FamilyMember(SQLModel, table=True):
    """Somebody of the child's family unit who is here or expected; `sibling_id` when that person is a client too."""

    __tablename__ = "family_member"
    __table_args__ = (sa.UniqueConstraint("child_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    number: int
    relationship: Relationship = Field(sa_type=enum_type(Relationship, "relationship"))
    name: str = Field(sa_type=EncryptedText)
    expected_on: date | None = None
    arrived_on: date | None = None
    note: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = 1
    recorded_by: int = Field(foreign_key="app_user.id")
    recorded_at: datetime = Field(sa_type=Instant)


class ChildService(SQLModel, table=True):
    """A service or step owed to a child, or to somebody of the family unit, from `event_on` on.

    `due_on` is the last day by law (inclusive; None = none) and `watch_on` the day to look after it, the same or an
    earlier one (due_rules.Due); both by the rule in force on `event_on`, whose provisions are `source`. `side` answers
    for it, `organisation_id` gives it, `owner_id` sees to it. Reported: the giver says it was given; delivered: with
    evidence, confirmed.
    """

    __tablename__ = "child_service"
    __table_args__ = (
        sa.UniqueConstraint("child_id", "number"),
        sa.CheckConstraint("closed_as IS NULL OR (closed_on IS NOT NULL AND delivered_on IS NULL)", name="closed"),
        sa.CheckConstraint("delivered_on IS NULL OR (evidence IS NOT NULL AND confirmed_by IS NOT NULL)", name="shown"),
        sa.Index("ix_child_service_due", "county_id", "due_on"),
    )
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id")
    number: int
    kind: str = Field(max_length=40)
    family_member_id: int | None = Field(default=None, foreign_key="family_member.id")
    side: Side = Field(sa_type=enum_type(Side, "service_side"))
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    owner_id: int | None = Field(default=None, foreign_key="app_user.id", index=True)
    event_on: date
    due_on: date | None = None
    watch_on: date
    source: str = Field(max_length=200)
    origin: str = Field(max_length=30)
    reported_on: date | None = None
    reported_by: int | None = Field(default=None, foreign_key="app_user.id")
    report: str | None = Field(default=None, sa_type=EncryptedText)
    delivered_on: date | None = None
    confirmed_by: int | None = Field(default=None, foreign_key="app_user.id")
    evidence: str | None = Field(default=None, sa_type=EncryptedText)
    closed_on: date | None = None
    closed_as: ClosedAs | None = Field(default=None, sa_type=enum_type(ClosedAs, "service_closed_as"))
    closed_reason: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = 1
    created_at: datetime = Field(sa_type=Instant)


class ServiceNeedAssessment(SQLModel, table=True):
    """The assessment of service needs (1301/2014 § 36): contact, beginning (7 working days), ready (3 months).

    `needs` are the recognised needs as JSON (code to hours a week); `special_support`: a child of special support.
    """

    __tablename__ = "service_need_assessment"
    __table_args__ = (sa.UniqueConstraint("child_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    number: int
    contact_on: date
    started_on: date | None = None
    ready_on: date | None = None
    special_support: bool = True
    needs: str = Field(default="{}", sa_type=sa.Text)
    summary: str | None = Field(default=None, sa_type=EncryptedText)
    worker_id: int = Field(foreign_key="app_user.id")
    version: int = 1
    recorded_at: datetime = Field(sa_type=Instant)


class ChildHearing(SQLModel, table=True):
    """Who was heard about what: on which day, how, in which language, with which interpreter, and what was said.

    `outcome` not-heard has a ground of 681/2023 § 4.3 or a reason; interpreter-absent asks for a new hearing.
    `objects`: against what is planned; then `alternatives` are weighed and the second hearing `answers` the first.
    """

    __tablename__ = "child_hearing"
    __table_args__ = (sa.UniqueConstraint("child_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    number: int
    whose: Whose = Field(sa_type=enum_type(Whose, "hearing_whose"))
    about: str = Field(max_length=40)
    outcome: HearingOutcome = Field(sa_type=enum_type(HearingOutcome, "hearing_outcome"))
    heard_on: date
    how: str | None = Field(default=None, max_length=40)
    language: str | None = Field(default=None, max_length=8)
    interpreter: bool = False
    ground: str | None = Field(default=None, max_length=40)
    said: str | None = Field(default=None, sa_type=EncryptedText)
    objects: bool = False
    alternatives: str | None = Field(default=None, sa_type=EncryptedText)
    answers: int | None = None
    version: int = 1
    recorded_by: int = Field(foreign_key="app_user.id")
    recorded_at: datetime = Field(sa_type=Instant)


class Representation(SQLModel, table=True):
    """A representative: the county's application, the child heard about it, the court's appointment, the end."""

    __tablename__ = "representation"
    __table_args__ = (
        sa.UniqueConstraint("child_id", "number"),
        sa.CheckConstraint("ended_on IS NULL OR appointed_on IS NULL OR appointed_on <= ended_on", name="days"),
    )
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    number: int
    applied_on: date
    child_heard_on: date | None = None
    name: str | None = Field(default=None, sa_type=EncryptedText)
    appointed_on: date | None = None
    court: str | None = Field(default=None, max_length=120)
    case_number: str | None = Field(default=None, max_length=40)
    ended_on: date | None = None
    end_reason: str | None = Field(default=None, max_length=40)
    version: int = 1
    recorded_by: int = Field(foreign_key="app_user.id")
    recorded_at: datetime = Field(sa_type=Instant)


class RestrictionProtocol(SQLModel, table=True):
    """The protocol of a seizure or of a room inspection, and when its copies went out (681/2023 § 33.4).

    `copy_county_by` and `copy_county_at`: who marked that copy as sent, and when; the same for the agency's.
    """

    __tablename__ = "restriction_protocol"
    __table_args__ = (sa.UniqueConstraint("child_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    number: int
    kind: ProtocolKind = Field(sa_type=enum_type(ProtocolKind, "protocol_kind"))
    unit_id: int = Field(foreign_key="unit.id", index=True)
    made_on: date
    content: str = Field(sa_type=EncryptedText)
    copy_county_on: date | None = None
    copy_agency_on: date | None = None
    copy_county_by: int | None = Field(default=None, foreign_key="app_user.id")
    copy_county_at: datetime | None = Field(default=None, sa_type=Instant)
    copy_agency_by: int | None = Field(default=None, foreign_key="app_user.id")
    copy_agency_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1
    recorded_by: int = Field(foreign_key="app_user.id")
    recorded_at: datetime = Field(sa_type=Instant)


class SchoolPlace(SQLModel, table=True):
    """A place in a school, from its first day to its last, both inclusive (None = it goes on).

    `trip_checked_on`: when the trip between home and school was last looked at; a move after that asks for it again.
    """

    __tablename__ = "school_place"
    __table_args__ = (
        sa.UniqueConstraint("child_id", "number"),
        sa.CheckConstraint("to_on IS NULL OR from_on <= to_on", name="days"),
    )
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    number: int
    kind: SchoolKind = Field(sa_type=enum_type(SchoolKind, "school_kind"))
    name: str = Field(sa_type=EncryptedText)
    municipality_id: int = Field(foreign_key="organisation.id")
    from_on: date
    to_on: date | None = None
    trip_checked_on: date | None = None
    version: int = 1
    recorded_by: int = Field(foreign_key="app_user.id")
    recorded_at: datetime = Field(sa_type=Instant)


class ChildMerge(SQLModel, table=True):
    """Two records of one person made one: the merged one is hidden until it is undone; the kept one holds everything.

    `moved` is JSON: which rows of which tables went over, with their old numbers, and since when the merged one waited.
    """

    __tablename__ = "child_merge"
    id: int | None = Field(default=None, primary_key=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    kept_id: int = Field(foreign_key="child.id", index=True)
    merged_id: int = Field(foreign_key="child.id", index=True)
    moved: str = Field(default="{}", sa_type=sa.Text)
    reason: str = Field(sa_type=EncryptedText)
    merged_by: int = Field(foreign_key="app_user.id")
    merged_at: datetime = Field(sa_type=Instant)
    undone_by: int | None = Field(default=None, foreign_key="app_user.id")
    undone_at: datetime | None = Field(default=None, sa_type=Instant)


NUMBERED = (
    FamilyMember,
    ChildService,
    ServiceNeedAssessment,
    ChildHearing,
    Representation,
    RestrictionProtocol,
    SchoolPlace,
)
"""Tables whose rows are counted per child."""
