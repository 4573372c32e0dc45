"""Directions of named children to a municipality (681/2023 § 43.5), and what each party said of one.

A direction is no contract and names no price. Its state follows from the answers and the days, nothing of it is stored.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant, enum_type
from placement.crypto import EncryptedText


class Care(StrEnum):
    """What the child is directed to: an agreed municipal place, or foster care, which needs no agreement on places."""

    MUNICIPAL_PLACE = "municipal-place"
    FOSTER_CARE = "foster-care"


class Side(StrEnum):
    COUNTY = "county"
    MUNICIPALITY = "municipality"
    STATE = "state"


class Decline(StrEnum):
    """Why a party does not agree."""

    NO_PLACE = "no-place"
    NO_SERVICES = "no-services"
    OTHER_MUNICIPALITY = "other-municipality"
    OTHER_CARE = "other-care"
    OTHER = "other"


class Direction(SQLModel, table=True):
    """One direction of one child: to which municipality, from which day, and until which day the parties may answer.

    `county_id` is the child's county, the owner of the record; `centre_id` the state body that is competent on the
    day of opening. `agreement_id` is the agreement on places it rests on, None for foster care without one.
    """

    __tablename__ = "direction"
    __table_args__ = (sa.CheckConstraint("opened_on <= expires_on", name="answering"),)
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    municipality_id: int = Field(foreign_key="organisation.id", index=True)
    centre_id: int = Field(foreign_key="organisation.id", index=True)
    care: Care = Field(sa_type=enum_type(Care, "direction_care"))
    agreement_id: int | None = Field(default=None, foreign_key="agreement.id")
    planned_from: date
    opened_on: date
    expires_on: date
    opened_by: int = Field(foreign_key="app_user.id")
    opened_at: datetime = Field(sa_type=Instant)
    withdrawn_on: date | None = None
    withdrawn_reason: str | None = Field(default=None, sa_type=EncryptedText)


class DirectionAnswer(SQLModel, table=True):
    """What a side said: it agrees, or it declines for a reason. One answer for each side, given once."""

    __tablename__ = "direction_answer"
    __table_args__ = (
        sa.UniqueConstraint("direction_id", "side"),
        sa.CheckConstraint("agrees = (reason IS NULL)", name="reason"),
    )
    id: int | None = Field(default=None, primary_key=True)
    direction_id: int = Field(foreign_key="direction.id", index=True)
    side: Side = Field(sa_type=enum_type(Side, "direction_side"))
    organisation_id: int = Field(foreign_key="organisation.id")
    agrees: bool
    reason: Decline | None = Field(default=None, sa_type=enum_type(Decline, "direction_decline"))
    words: str | None = Field(default=None, sa_type=EncryptedText)
    by: int = Field(foreign_key="app_user.id")
    at: datetime = Field(sa_type=Instant)
