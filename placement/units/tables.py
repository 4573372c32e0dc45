"""Buildings, units and what they offer over time. Ends (`valid_to`) are the last day, inclusive."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant, enum_type
from placement.crypto import EncryptedText


class UnitKind(StrEnum):
    """Kinds of care (Social Welfare Act 1301/2014 § 22 a; 263/2015; 681/2023 § 33.1)."""

    FAMILY_GROUP_HOME = "family_group_home"
    SUPPORTED_HOUSING = "supported_housing"
    SUPPORTED_OWN_FLAT = "supported_own_flat"
    FOSTER_HOME = "foster_home"
    PRIVATE_ACCOMMODATION = "private_accommodation"


class GenderPolicy(StrEnum):
    ANY = "any"
    GIRLS = "F"
    BOYS = "M"


class Building(SQLModel, table=True):
    __tablename__ = "building"
    id: int | None = Field(default=None, primary_key=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    municipality_id: int = Field(foreign_key="organisation.id")
    name: str = Field(max_length=120)
    address: str | None = Field(default=None, sa_type=EncryptedText)


class Unit(SQLModel, table=True):
    """A unit where children live. `secret_address`: its town is shown to its own county only, never on a map."""

    __tablename__ = "unit"
    __table_args__ = (
        sa.UniqueConstraint("county_id", "name"),
        sa.CheckConstraint("age_min_months >= 0 AND age_min_months <= age_max_months", name="age_band"),
        sa.CheckConstraint(
            "support_min BETWEEN 1 AND 4 AND support_max BETWEEN support_min AND 4", name="support_band"
        ),
        sa.CheckConstraint("care_hours >= 0 AND interpreter_hours >= 0", name="hours"),
        sa.CheckConstraint("closed_on IS NULL OR opened_on <= closed_on", name="opening"),
        sa.CheckConstraint("price_day_cents >= 0 AND price_empty_day_cents <= price_day_cents", name="price"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    municipality_id: int = Field(foreign_key="organisation.id")
    building_id: int | None = Field(default=None, foreign_key="building.id")
    provider_id: int | None = Field(default=None, foreign_key="organisation.id")
    name: str = Field(max_length=120)
    kind: UnitKind = Field(sa_type=enum_type(UnitKind, "unit_kind"))
    two_carers: bool = False
    professional: bool = False
    own_young_children: int = 0
    opened_on: date
    closed_on: date | None = None
    age_min_months: int
    age_max_months: int
    gender: GenderPolicy = Field(default=GenderPolicy.ANY, sa_type=enum_type(GenderPolicy, "gender_policy"))
    support_min: int = 1
    support_max: int = 4
    care_hours: int
    interpreter_hours: int = 0
    registered_from: date | None = None
    registered_to: date | None = None
    price_day_cents: int = 0
    price_empty_day_cents: int = 0
    secret_address: bool = False
    address: str | None = Field(default=None, sa_type=EncryptedText)
    notes: str = Field(default="", max_length=1000)
    house_rules: str = Field(default="", max_length=4000, sa_column_kwargs={"server_default": ""})
    fit_notes: str = Field(default="", max_length=2000, sa_column_kwargs={"server_default": ""})
    version: int = 1
    updated_at: datetime = Field(sa_type=Instant)


class UnitCapacity(SQLModel, table=True):
    """Places in use from a day to a day (inclusive; None = until further notice)."""

    __tablename__ = "unit_capacity"
    __table_args__ = (
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),
        sa.CheckConstraint("places >= 0", name="places"),
        sa.UniqueConstraint("unit_id", "valid_from"),
    )
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    valid_from: date
    valid_to: date | None = None
    places: int
    care_workers: int = 0


class UnitLanguage(SQLModel, table=True):
    """A language that staff speak, with the hours a week they can give in it."""

    __tablename__ = "unit_language"
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    code: str = Field(primary_key=True, max_length=8)
    hours: int = Field(default=0, ge=0)


class UnitService(SQLModel, table=True):
    """A service the unit gives; 0 hours = there, not metered (wheelchair access)."""

    __tablename__ = "unit_service"
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    code: str = Field(primary_key=True, max_length=30)
    hours: int = 0


class Closure(SQLModel, table=True):
    """Places out of use from a day to a day (inclusive); `places` None = the whole unit.

    `planned`: a closing that is being prepared. It takes only places that nobody has, so that nobody new moves
    in and nobody is left without a place; once the last child has another place it is confirmed. An emergency
    begins the same way and at once, and a second person looks at it afterwards.
    """

    __tablename__ = "closure"
    __table_args__ = (sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),)
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    valid_from: date
    valid_to: date | None = None
    places: int | None = None
    reason: str = Field(max_length=400)
    emergency: bool = False
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    ref: str | None = Field(default=None, max_length=12, unique=True)
    planned: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    requested_by: int | None = Field(default=None, foreign_key="app_user.id")
    requested_at: datetime | None = Field(default=None, sa_type=Instant)
    confirmed_by: int | None = Field(default=None, foreign_key="app_user.id")
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    second_official_id: int | None = Field(default=None, foreign_key="app_user.id")
    second_official_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


class CapacityException(SQLModel, table=True):
    """Places above the ceiling of the unit's kind, in an urgent case only (1301/2014 § 22 a): reason, approver, end."""

    __tablename__ = "capacity_exception"
    __table_args__ = (sa.CheckConstraint("valid_from <= valid_to", name="validity"),)
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    valid_from: date
    valid_to: date
    extra_places: int
    reason: str = Field(max_length=400)
    approved_by: int = Field(foreign_key="app_user.id")
    approved_at: datetime = Field(sa_type=Instant)


class UnitInspection(SQLModel, table=True):
    """An inspection of a unit: by whom, what was found, and by when it is put right (681/2023 § 57, 741/2023)."""

    __tablename__ = "unit_inspection"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    inspected_on: date
    inspector: str = Field(max_length=40)
    announced: bool = True
    remarks: int = 0
    findings: str = Field(default="", max_length=2000)
    put_right_by: date | None = None
    put_right_on: date | None = None
    recorded_by: int = Field(foreign_key="app_user.id")
    recorded_at: datetime = Field(sa_type=Instant)


class SelfMonitoring(SQLModel, table=True):
    """A published self-monitoring plan, its follow-up, or the yearly check of the register entry (741/2023 § 27)."""

    __tablename__ = "self_monitoring"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    kind: str = Field(max_length=40)
    done_on: date
    recorded_by: int = Field(foreign_key="app_user.id")
    recorded_at: datetime = Field(sa_type=Instant)
