"""What happens in the life of a placement beside stays and decisions. Days are Helsinki's; ends are exclusive."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from placement.columns import Instant, enum_type
from placement.crypto import EncryptedText


class TransferStatus(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class StayNotBegun(SQLModel, table=True):
    """A decided stay that never began: kept apart from the stays, so that nothing can count its days.

    `kind`: the child did not come ("not-arrived"), or the stay was called off before its first day ("called-off").
    """

    __tablename__ = "stay_not_begun"
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    decision_id: int | None = Field(default=None, foreign_key="decision.id", index=True)
    start: date
    end: date | None = None
    kind: str = Field(max_length=20)
    reason_code: str = Field(max_length=40)
    note: str | None = Field(default=None, sa_type=EncryptedText)
    noted_on: date
    noted_by: int = Field(foreign_key="app_user.id")
    noted_at: datetime = Field(sa_type=Instant)


class Absence(SQLModel, table=True):
    """Days on which a child who has the place was not there, [started_on, back_on); the place stays the child's.

    `kind` is a code of the list absence_kind; a child who ran away has `police_told_on` and
    `representative_told_on` as soon as they are known. `back_on` None = still away.
    """

    __tablename__ = "absence"
    __table_args__ = (sa.CheckConstraint("back_on IS NULL OR started_on < back_on", name="dates"),)
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    stay_id: int = Field(foreign_key="stay.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    kind: str = Field(max_length=40)
    started_on: date
    back_on: date | None = None
    expected_back_on: date | None = None
    police_told_on: date | None = None
    representative_told_on: date | None = None
    note: str | None = Field(default=None, sa_type=EncryptedText)
    recorded_by: int = Field(foreign_key="app_user.id")
    recorded_at: datetime = Field(sa_type=Instant)
    version: int = 1


class MovePlan(SQLModel, table=True):
    """A move somebody wants decided: to which unit and when. It moves nobody; a decision does."""

    __tablename__ = "move_plan"
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    move_on: date
    keep_school: bool = False
    reason: str = Field(sa_type=EncryptedText)
    asked_by: int = Field(foreign_key="app_user.id")
    asked_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class Transfer(SQLModel, table=True):
    """One county asks another to take over the responsibility for a child from a day on.

    Each county is a controller of its own: accepting makes a new record there with what may be handed over
    (`handed`, codes as JSON), and the old record stays where it is. `child_id` is of the asking county,
    `new_child_id` of the other one.
    """

    __tablename__ = "transfer"
    __table_args__ = (sa.CheckConstraint("from_county_id <> to_county_id", name="two_counties"),)
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(max_length=12, unique=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    from_county_id: int = Field(foreign_key="organisation.id", index=True)
    to_county_id: int = Field(foreign_key="organisation.id", index=True)
    from_day: date
    handed: str = Field(default="[]", sa_type=sa.Text)
    reason: str = Field(sa_type=EncryptedText)
    status: TransferStatus = Field(
        default=TransferStatus.ASKED, sa_type=enum_type(TransferStatus, "transfer_status"), index=True
    )
    asked_by: int = Field(foreign_key="app_user.id")
    asked_at: datetime = Field(sa_type=Instant)
    answered_by: int | None = Field(default=None, foreign_key="app_user.id")
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    refusal_code: str | None = Field(default=None, max_length=40)
    refusal_note: str | None = Field(default=None, sa_type=EncryptedText)
    new_child_id: int | None = Field(default=None, foreign_key="child.id")
    version: int = 1


class NoPlace(SQLModel, table=True):
    """No suitable place was found for a child: a state of its own, looked at again every week until it ends.

    `blocking` counts the units by what kept the child out (JSON, code to number); `found` is how many units
    would have had a place at the latest look.
    """

    __tablename__ = "no_place"
    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    since: date
    blocking: str = Field(default="{}", sa_type=sa.Text)
    found: int = 0
    tries: int = 1
    tried_at: datetime = Field(sa_type=Instant)
    retry_on: date = Field(index=True)
    ended_on: date | None = None
    end_code: str | None = Field(default=None, max_length=40)
    recorded_by: int | None = Field(default=None, foreign_key="app_user.id")


class UnitAnswer(SQLModel, table=True):
    """What a unit said about taking a child: yes, or no with a reason code. The county decides all the same."""

    __tablename__ = "unit_answer"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    proposal_row_id: int | None = Field(default=None, foreign_key="proposal_row.id", unique=True)
    takes: bool
    reason_code: str | None = Field(default=None, max_length=40)
    note: str | None = Field(default=None, sa_type=EncryptedText)
    answered_by: int = Field(foreign_key="app_user.id")
    answered_at: datetime = Field(sa_type=Instant)


class PresenceMonth(SQLModel, table=True):
    """The unit's manager confirmed who was present in a month. `seal` is of the stays and absences confirmed.

    `days` are days with a place, `away_days` those of them spent away.
    """

    __tablename__ = "presence_month"
    __table_args__ = (sa.UniqueConstraint("unit_id", "month"),)
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    county_id: int = Field(foreign_key="organisation.id", index=True)
    month: date
    children: int
    days: int
    away_days: int
    seal: str = Field(max_length=64)
    note: str = Field(default="", max_length=400)
    confirmed_by: int = Field(foreign_key="app_user.id")
    confirmed_at: datetime = Field(sa_type=Instant)
    version: int = 1


class SavedView(SQLModel, table=True):
    """A list with its filters under a name; `shared` = everybody in the organisation sees it."""

    __tablename__ = "saved_view"
    __table_args__ = (sa.UniqueConstraint("user_id", "page", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    page: str = Field(max_length=40)
    name: str = Field(max_length=80)
    query: str = Field(max_length=1000)
    shared: bool = False
    saved_at: datetime = Field(sa_type=Instant)
