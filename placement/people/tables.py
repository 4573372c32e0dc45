"""Organisations and the people who act for them.

One row is one legal body: Helsinki is a county and a municipality at once and has both codes. A body that
is replaced keeps its row, its names and its signatures; `successor_id` leads to who acts today.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant, enum_type
from placement.crypto import EncryptedText
from placement.permissions import Role


class OrganisationKind(StrEnum):
    COUNTY = "county"
    MUNICIPALITY = "municipality"
    COUNTY_AND_MUNICIPALITY = "county-and-municipality"
    STATE_CENTRE = "state-centre"
    PAYING_AGENCY = "paying-agency"
    SUPERVISORY_AGENCY = "supervisory-agency"
    STATE_OTHER = "state-other"
    PROVIDER = "provider"


class Organisation(SQLModel, table=True):
    """A body of the field; `valid_to` is its last day."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="validity"),
        sa.UniqueConstraint("county_code", "valid_from"),
        sa.UniqueConstraint("municipality_code", "valid_from"),
        sa.UniqueConstraint("authority_code", "valid_from"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: OrganisationKind = Field(sa_type=enum_type(OrganisationKind, "organisation_kind"))
    county_code: str | None = Field(default=None, max_length=2)
    municipality_code: str | None = Field(default=None, max_length=3)
    authority_code: str | None = Field(default=None, max_length=40)
    name_fi: str = Field(max_length=120)
    name_sv: str = Field(max_length=120)
    name_en: str = Field(max_length=120)
    county_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    language_status: int | None = None
    lat: float | None = None
    lon: float | None = None
    prep_education: bool = True
    valid_from: date | None = None
    valid_to: date | None = None
    successor_id: int | None = Field(default=None, foreign_key="organisation.id")

    def name(self, lang: str) -> str:
        """Return the body's own dated name in `lang` (fi, sv, en)."""
        return {"fi": self.name_fi, "sv": self.name_sv}.get(lang, self.name_en)


class Cooperation(SQLModel, table=True):
    """A dated agreement by which counties may calculate proposals together; rows of another county are pseudonymous."""

    __tablename__ = "cooperation"
    __table_args__ = (sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),)
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120)
    valid_from: date
    valid_to: date | None = None


class CooperationMember(SQLModel, table=True):
    __tablename__ = "cooperation_member"
    cooperation_id: int = Field(foreign_key="cooperation.id", primary_key=True)
    county_id: int = Field(foreign_key="organisation.id", primary_key=True)


class User(SQLModel, table=True):
    """A person who signs in. `demo_key` marks the invented people of the demo; `shortcuts`: single keys are ones."""

    __tablename__ = "app_user"
    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(max_length=120, unique=True)
    name: str = Field(max_length=120)
    title: str = Field(default="", max_length=120)
    password_hash: str | None = Field(default=None, max_length=200)
    totp_secret: str | None = Field(default=None, sa_type=EncryptedText)
    totp_last_step: int = 0
    language: str | None = Field(default=None, max_length=2)
    shortcuts: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    demo_key: str | None = Field(default=None, max_length=40, unique=True)
    active: bool = True
    created_at: datetime = Field(sa_type=Instant)


class UserMandate(SQLModel, table=True):
    """A role in an organisation from a day to a day (both inclusive), with the basis it rests on."""

    __tablename__ = "user_mandate"
    __table_args__ = (sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    role: Role = Field(sa_type=enum_type(Role, "role"))
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    may_decide: bool = False
    basis: str = Field(default="", max_length=200)
    valid_from: date
    valid_to: date | None = None


class UserSession(SQLModel, table=True):
    """A signed-in browser. The cookie holds a 256-bit secret and the table its hash: a copy of it opens nothing."""

    __tablename__ = "user_session"
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int | None = Field(default=None, foreign_key="app_user.id", index=True)
    mandate_id: int | None = Field(default=None, foreign_key="user_mandate.id")
    data: str = Field(default="{}", sa_type=sa.Text)
    device: str = Field(default="", max_length=120)
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class LoginAttempt(SQLModel, table=True):
    """A failed sign-in, by account (blind index) and by address: five in fifteen minutes lock both ways."""

    __tablename__ = "login_attempt"
    id: int | None = Field(default=None, primary_key=True)
    account_index: str = Field(max_length=64, index=True)
    address_index: str = Field(max_length=64, index=True)
    at: datetime = Field(sa_type=Instant, index=True)
