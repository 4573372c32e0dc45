"""Children and young people, their needs and those around them. Names, codes and narratives are encrypted."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant, enum_type
from placement.crypto import EncryptedText


class Gender(StrEnum):
    GIRL = "F"
    BOY = "M"


class SiblingMode(StrEnum):
    MUST = "must"
    SHOULD = "should"


class RelationKind(StrEnum):
    """Why a person may see a child (703/2023 § 9): own case, own unit, a task at hand."""

    CASE = "case"
    UNIT = "unit"
    TASK = "task"


class Child(SQLModel, table=True):
    """One child or young person; `county_id` is the responsible county and the owner of the record.

    `identity_index` and `temporary_index` are blind indexes: equal codes have equal indexes, and the code
    cannot be read from them. `waiting_since` None = does not wait for a place.
    """

    __tablename__ = "child"
    __table_args__ = (
        sa.UniqueConstraint("county_id", "identity_index"),
        sa.UniqueConstraint("county_id", "temporary_index"),
        sa.CheckConstraint("support_level BETWEEN 1 AND 4", name="support_level"),
        sa.CheckConstraint("priority BETWEEN 1 AND 5", name="priority"),
        sa.CheckConstraint("care_hours >= 0 AND language_hours >= 0 AND interpreter_hours >= 0", name="hours"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    municipality_id: int | None = Field(default=None, foreign_key="organisation.id")
    first_name: str = Field(sa_type=EncryptedText)
    last_name: str = Field(sa_type=EncryptedText)
    identity_code: str | None = Field(default=None, sa_type=EncryptedText)
    identity_index: str | None = Field(default=None, max_length=64)
    temporary_number: str | None = Field(default=None, sa_type=EncryptedText)
    temporary_index: str | None = Field(default=None, max_length=64)
    birth_date: date
    gender: Gender = Field(sa_type=enum_type(Gender, "gender"))
    protected: bool = False
    protected_until: date | None = None
    eligibility_ground: str = Field(max_length=40)
    permit_on: date | None = None
    entered_on: date
    residence_from: date | None = None
    school: str | None = Field(default=None, sa_type=EncryptedText)
    representative_name: str | None = Field(default=None, sa_type=EncryptedText)
    representative_contact: str | None = Field(default=None, sa_type=EncryptedText)
    representative_from: date | None = None
    no_representative_reason: str | None = Field(default=None, sa_type=EncryptedText)
    support_level: int = 2
    care_hours: int = 14
    language_hours: int = 3
    interpreter_hours: int = 3
    priority: int = 2
    relatives_municipality_id: int | None = Field(default=None, foreign_key="organisation.id")
    own_view: str | None = Field(default=None, sa_type=EncryptedText)
    own_view_on: date | None = None
    own_view_how: str | None = Field(default=None, max_length=60)
    no_view_reason: str | None = Field(default=None, sa_type=EncryptedText)
    waiting_since: date | None = Field(default=None, index=True)
    place_from: date | None = None
    place_until: date | None = None
    worker_id: int | None = Field(default=None, foreign_key="app_user.id", index=True)
    version: int = 1
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)


class BirthDateCorrection(SQLModel, table=True):
    """A birth date that was corrected: from what to what, when, on which source."""

    __tablename__ = "birth_date_correction"
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    before: date
    after: date
    source: str = Field(max_length=200)
    recorded_by: int = Field(foreign_key="app_user.id")
    recorded_at: datetime = Field(sa_type=Instant)


class ChildLanguage(SQLModel, table=True):
    """A language the child speaks: 1 a few words … 5 mother tongue; 3 and above count as a common language."""

    __tablename__ = "child_language"
    __table_args__ = (sa.CheckConstraint("level BETWEEN 1 AND 5", name="level"),)
    child_id: int = Field(foreign_key="child.id", primary_key=True)
    code: str = Field(primary_key=True, max_length=8)
    level: int


class ChildNeed(SQLModel, table=True):
    """A service the child needs, in hours a week (0 = needed, not metered)."""

    __tablename__ = "child_need"
    __table_args__ = (sa.CheckConstraint("hours >= 0", name="hours"),)
    child_id: int = Field(foreign_key="child.id", primary_key=True)
    code: str = Field(primary_key=True, max_length=30)
    hours: int = 0


class ChildWish(SQLModel, table=True):
    """A unit the child would like, 1 = first."""

    __tablename__ = "child_wish"
    __table_args__ = (sa.UniqueConstraint("child_id", "rank"),)
    child_id: int = Field(foreign_key="child.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    rank: int


class ChildBan(SQLModel, table=True):
    """A unit where the child may not live (safety, turvakielto): a hard rule with its reason."""

    __tablename__ = "child_ban"
    child_id: int = Field(foreign_key="child.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    reason: str = Field(sa_type=EncryptedText)


class SiblingGroup(SQLModel, table=True):
    __tablename__ = "sibling_group"
    id: int | None = Field(default=None, primary_key=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    mode: SiblingMode = Field(sa_type=enum_type(SiblingMode, "sibling_mode"))
    reason: str | None = Field(default=None, sa_type=EncryptedText)


class SiblingMember(SQLModel, table=True):
    """A child belongs to one sibling group at most."""

    __tablename__ = "sibling_member"
    child_id: int = Field(foreign_key="child.id", primary_key=True)
    group_id: int = Field(foreign_key="sibling_group.id", index=True)


class ApartPair(SQLModel, table=True):
    """Two children who may not live in the same unit at the same time; the lower id stands first."""

    __tablename__ = "apart_pair"
    __table_args__ = (sa.CheckConstraint("child_a_id < child_b_id", name="order"),)
    child_a_id: int = Field(foreign_key="child.id", primary_key=True)
    child_b_id: int = Field(foreign_key="child.id", primary_key=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    reason: str = Field(sa_type=EncryptedText)


class CaseRelation(SQLModel, table=True):
    """A verified relation of a person to a child, with its days (both inclusive)."""

    __tablename__ = "case_relation"
    __table_args__ = (sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),)
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    kind: RelationKind = Field(sa_type=enum_type(RelationKind, "relation_kind"))
    valid_from: date
    valid_to: date | None = None


class PurposeGrant(SQLModel, table=True):
    """A purpose typed to see a child without a relation; it opens that child for an hour, and is reported."""

    __tablename__ = "purpose_grant"
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    purpose: str = Field(sa_type=EncryptedText)
    reveals_protected: bool = False
    granted_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class ChildDraft(SQLModel, table=True):
    """A child being added in four steps: the typed text, encrypted, until it is saved or thrown away."""

    __tablename__ = "child_draft"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    content: str = Field(sa_type=EncryptedText)
    updated_at: datetime = Field(sa_type=Instant)
