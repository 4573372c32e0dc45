"""Agreements, their versions, parties, places and prices.

Organisations and units belong to the host; they are named here by key only. Ends are inclusive days, money
is integer cents. Status words that follow from dates (in force, ended, replaced) are derived, never stored.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import agreements.metadata  # noqa: F401 - names constraints before the first table is defined
from agreements.columns import Instant


def _words(kind: type[StrEnum], name: str) -> sa.Enum:
    return sa.Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


class AgreementKind(StrEnum):
    THREE_PARTY = "three_party"
    FOUNDING = "founding"
    MUNICIPAL_PLACES = "municipal_places"
    FOSTER_CARE = "foster_care"
    PURCHASE = "purchase"
    LEGACY_28 = "legacy_28"


class VersionStatus(StrEnum):
    """The moves a person makes; the rest is derived from dates."""

    DRAFT = "draft"
    HEARING = "hearing"
    IN_SIGNING = "in-signing"
    SIGNED = "signed"
    RETURNED = "returned"
    TERMINATED = "terminated"


class PartySide(StrEnum):
    COUNTY = "county"
    MUNICIPALITY = "municipality"
    STATE = "state"
    PROVIDER = "provider"
    ALAND_HEALTH_AUTHORITY = "aland_health_authority"


class PartyRole(StrEnum):
    SIGNATORY = "signatory"
    HEARD = "heard"


class Agreement(SQLModel, table=True):
    __tablename__ = "agreement"
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    kind: AgreementKind = Field(sa_type=_words(AgreementKind, "agreement_kind"))
    case_number: str | None = Field(default=None, max_length=40)
    county_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    title: str = Field(max_length=160)


class AgreementVersion(SQLModel, table=True):
    """One version, 1…n without gaps; `predecessor` is the number it continues, None for the first.

    `valid_from` … `valid_to` is its term, `activated_on` the day on which it was put in force; a term that began
    before that day has a `retroactive_reason`. `ended_on` is its last day when it was ended before its term.
    `terms` is canonical JSON (agreements.terms); `language` that of the binding text.
    """

    __tablename__ = "agreement_version"
    __table_args__ = (
        sa.UniqueConstraint("agreement_id", "number"),
        sa.CheckConstraint("number >= 1", name="number"),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),
    )
    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    number: int
    status: VersionStatus = Field(sa_type=_words(VersionStatus, "agreement_version_status"))
    valid_from: date
    valid_to: date | None = None
    predecessor: int | None = None
    language: str = Field(default="fi", max_length=2)
    terms: str = Field(default="{}", sa_type=sa.Text)
    content_hash: str | None = Field(default=None, max_length=64)
    activated_on: date | None = None
    retroactive_reason: str | None = Field(default=None, max_length=400)
    ended_on: date | None = None
    end_reason: str | None = Field(default=None, max_length=200)
    hearing_requested_on: date | None = None
    hearing_due_on: date | None = None
    heard_on: date | None = None
    hearing_statement: str | None = Field(default=None, max_length=1000)


class AgreementParty(SQLModel, table=True):
    """A party of a version, its side and whether it signs or is heard; `chapter` None = the whole."""

    __tablename__ = "agreement_party"
    __table_args__ = (sa.UniqueConstraint("version_id", "organisation_id", "side", "chapter"),)
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    side: PartySide = Field(sa_type=_words(PartySide, "party_side"))
    role: PartyRole = Field(sa_type=_words(PartyRole, "party_role"))
    chapter: str | None = Field(default=None, max_length=30)


class AgreementSignature(SQLModel, table=True):
    """A signature: append-only in the database. Who, for which party, on what mandate, over which content.

    `seal` is SHA-256 over the row itself: one changed byte is seen even where the triggers were taken away.
    `scan_sha256` is the fingerprint of the scan of an original signed by hand.
    """

    __tablename__ = "agreement_signature"
    __table_args__ = (sa.UniqueConstraint("version_id", "party_id"),)
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    party_id: int = Field(foreign_key="agreement_party.id")
    user_id: int = Field(foreign_key="app_user.id")
    mandate_id: int = Field(foreign_key="user_mandate.id")
    method: str = Field(max_length=30)
    content_hash: str = Field(max_length=64)
    signed_at: datetime = Field(sa_type=Instant)
    scan_sha256: str | None = Field(default=None, max_length=64)
    seal: str = Field(default="", max_length=64)


class AgreementUnit(SQLModel, table=True):
    """Places of a unit that the version covers from a day to a day (inclusive)."""

    __tablename__ = "agreement_unit"
    __table_args__ = (
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),
        sa.CheckConstraint("places >= 0", name="places"),
    )
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    valid_from: date
    valid_to: date | None = None
    places: int


class AgreementQuota(SQLModel, table=True):
    """Most children of one county at a time in the covered unit; county None = each county not named."""

    __tablename__ = "agreement_quota"
    __table_args__ = (sa.CheckConstraint("places >= 0", name="places"),)
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    county_id: int | None = Field(default=None, foreign_key="organisation.id")
    places: int


class AgreementRate(SQLModel, table=True):
    """Price of a place-day (and of an empty one) from a day to a day (inclusive), in cents."""

    __tablename__ = "agreement_rate"
    __table_args__ = (
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),
        sa.CheckConstraint("day_cents > 0 AND empty_day_cents >= 0 AND empty_day_cents <= day_cents", name="cents"),
    )
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="agreement_version.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    valid_from: date
    valid_to: date | None = None
    day_cents: int
    empty_day_cents: int = 0
