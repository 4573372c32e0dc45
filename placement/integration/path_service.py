"""Recording the steps of a child's path, with what each of them brings: tasks, services, needs, the representative."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from placement.audit.service import record
from placement.children import record_rules
from placement.children.tables import Child, ChildNeed
from placement.children.writing import write_part
from placement.clock import business_day
from placement.db import lock_row
from placement.integration import pathway_rules, scope
from placement.integration.path_rules import (
    AssessmentPart,
    FamilyPart,
    HearingPart,
    Part,
    ProtocolPart,
    RepresentationPart,
    SchoolPart,
    faults,
)
from placement.integration.service import add, deliver, next_number, open_of
from placement.integration.tables import (
    ChildHearing,
    ChildService,
    FamilyMember,
    HearingOutcome,
    Relationship,
    Representation,
    RestrictionProtocol,
    SchoolKind,
    SchoolPlace,
    ServiceNeedAssessment,
)
from placement.people.tables import Organisation
from placement.permissions import Actor
from placement.reference import NotInForce, codes, is_child, services
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.units.tables import Unit, UnitKind


@dataclass(frozen=True)
class Step:
    """A step just written, in its transaction: the child under its lock, the row, and what the row held before."""

    session: Session
    actor: Actor
    child: Child
    row: Any
    before: Mapping[str, Any]
    at: datetime

    def owe(self, kind: str, event: date, origin: str) -> ChildService | None:
        """Owe a step unless it is open; where the law of that day knew none, nothing is owed."""
        if open_of(self.session, self.child, kind):
            return None
        try:
            return add(self.session, self.child, kind, event, origin=origin, at=self.at)
        except NotInForce:
            return None

    def done(self, kind: str, on: date, shown_by: str) -> None:
        """Mark the open step of a kind as done, if there is one."""
        row = open_of(self.session, self.child, kind)
        if row is not None:
            deliver(self.session, self.actor, self.child, row, on=on, evidence=shown_by, at=self.at)

    def touch(self) -> None:
        self.child.version += 1
        self.child.updated_at = self.at
        self.session.add(self.child)
        self.session.flush()


TABLES: dict[type, tuple[str, type[Any]]] = {
    AssessmentPart: ("assessment", ServiceNeedAssessment),
    HearingPart: ("hearing", ChildHearing),
    RepresentationPart: ("representation", Representation),
    FamilyPart: ("family", FamilyMember),
    ProtocolPart: ("protocol", RestrictionProtocol),
    SchoolPart: ("school", SchoolPlace),
}
SECRET = ("summary", "said", "alternatives", "name", "note", "content", "end_words", "unit_ref", "municipality")


def write(
    session: Session,
    actor: Actor,
    ref: str,
    part: Part,
    *,
    at: datetime,
    number: int | None = None,
    version: int = 0,
    by_home: bool = False,
) -> int:
    """Record a step of the path, or change the one with this number; returns its number.

    Raises as `scope.own_child` (with `by_home`), NotFound for a number that is not there, Conflict when somebody saved
    meanwhile, and Refusals with every fault.
    """
    sealed = scope.own_child(session, actor, ref, at, by_home=by_home)
    session.expunge(sealed)
    child = lock_row(session, Child, sealed.id or 0)
    assert isinstance(child, Child)
    today = business_day(at)
    found = faults(part, today, grounds=_grounds(today), known_needs=frozenset(one.key for one in services(today)))
    if found:
        raise Refusals(found)
    what, table = TABLES[type(part)]
    row = _row(session, table, child, number, version)
    before: dict[str, Any] = row.model_dump() if row is not None else {}
    if row is None:
        row = table(**_base(session, table, child, actor, at), **_columns(session, part, child))
    else:
        for name, value in _columns(session, part, child).items():
            setattr(row, name, value)
        row.version += 1
    session.add(row)
    session.flush()
    effects = _EFFECTS[type(part)](Step(session, actor, child, row, before, at), part)
    record(
        session,
        actor=actor,
        action=f"{what}-changed" if before else f"{what}-recorded",
        object_kind="child",
        object_ref=child.ref,
        at=at,
        after={"number": row.number, **_plain(part), **effects},
    )
    return int(row.number)


def _grounds(today: date) -> frozenset[str]:
    return frozenset(one.key for one in codes("hearing_exception", today))


def _row(session: Session, table: type[Any], child: Child, number: int | None, version: int) -> Any | None:
    if number is None:
        return None
    found = session.exec(select(table).where(table.child_id == child.id, table.number == number)).first()
    if found is None:
        raise NotFound
    row = lock_row(session, table, found.id)
    if row.version != version:
        raise Conflict("changed-meanwhile")
    return row


def _base(session: Session, table: type[SQLModel], child: Child, actor: Actor, at: datetime) -> dict[str, object]:
    who = "worker_id" if table is ServiceNeedAssessment else "recorded_by"
    return {
        "child_id": child.id,
        "county_id": child.county_id,
        "number": next_number(session, table, child.id or 0),
        who: actor.user_id,
        "recorded_at": at,
    }


def _columns(session: Session, part: Part, child: Child) -> dict[str, object]:
    values = asdict(part)
    match part:
        case AssessmentPart():
            values["needs"] = json.dumps(part.needs, sort_keys=True)
        case RepresentationPart():
            del values["end_words"]
        case ProtocolPart():
            del values["unit_ref"]
            values["unit_id"] = _home(session, child, part.unit_ref or "")
        case SchoolPart():
            del values["municipality"]
            values["municipality_id"] = _town(session, part.municipality or "")
        case HearingPart() if part.answers is not None:
            _needs_earlier(session, child, part.answers)
    return values


def _home(session: Session, child: Child, ref: str) -> int:
    """Return the key of a family group home of the child's county; the measures exist there only (§ 33.4)."""
    unit = session.exec(select(Unit).where(Unit.ref == ref, Unit.county_id == child.county_id)).first()
    if unit is None or unit.kind is not UnitKind.FAMILY_GROUP_HOME:
        raise Refusals([Refusal("protocol-home-only", field="unit_ref")])
    return unit.id or 0


def _town(session: Session, code: str) -> int:
    found = session.exec(select(Organisation.id).where(Organisation.municipality_code == code)).first()
    if found is None:
        raise Refusals([Refusal("answer-missing", field="municipality")])
    return found


def _needs_earlier(session: Session, child: Child, number: int) -> None:
    earlier = select(ChildHearing.id).where(ChildHearing.child_id == child.id, ChildHearing.number == number)
    if session.exec(earlier).first() is None:
        raise Refusals([Refusal("hearing-unknown", field="answers")])


def _plain(part: Part) -> dict[str, object]:
    """Return what the trail may say: codes, days and flags, and of a text only that there is one."""
    return {name: ("given" if value else None) if name in SECRET else value for name, value in asdict(part).items()}


def _assessed(step: Step, part: AssessmentPart) -> dict[str, object]:
    """Owe the beginning and the end; once it is ready, its needs become the child's, with the services that answer."""
    shown = f"assessment {step.row.number}"
    if not step.before:
        step.owe("assessment_start", part.contact_on or step.row.contact_on, "assessment")
    if part.started_on is not None:
        step.done("assessment_start", part.started_on, shown)
    if part.ready_on is None or step.before.get("ready_on") is not None:
        return {}
    step.done("assessment_ready", part.ready_on, shown)
    return {"owed": _recognise(step, part.needs, part.ready_on)}


def _recognise(step: Step, needs: Mapping[str, int], on: date) -> list[str]:
    """Make recognised needs the child's (the optimizer reads them there) and owe the services that answer them.

    Needs that stand already keep the larger number of hours; returns the kinds of service newly owed.
    """
    child, rows = step.child, step.session.exec(select(ChildNeed).where(ChildNeed.child_id == step.child.id))
    stored = {one.code: one.hours for one in rows}
    merged = {code: max(needs.get(code, 0), stored.get(code, 0)) for code in {*needs, *stored}}
    part = record_rules.NeedsPart(
        support_level=child.support_level,
        care_hours=child.care_hours,
        language_hours=child.language_hours,
        interpreter_hours=child.interpreter_hours,
        services=merged,
    )
    if write_part(step.session, child, part).after:
        step.touch()
    return [kind for kind in pathway_rules.services_for(needs, on) if step.owe(kind, on, "assessment")]


def _heard(step: Step, part: HearingPart) -> dict[str, object]:
    """A hearing without its interpreter, or with an objection, is followed by another one."""
    day = step.row.heard_on
    if part.answers is not None and part.outcome == HearingOutcome.HEARD:
        for kind in ("hearing_again", "second_hearing"):
            step.done(kind, day, f"hearing {step.row.number}")
    if step.before:
        return {}
    if part.outcome == HearingOutcome.NO_INTERPRETER:
        step.owe("hearing_again", day, "hearing")
    elif part.objects and part.answers is None:
        step.owe("second_hearing", day, "hearing")
    return {}


def _represented(step: Step, part: RepresentationPart) -> dict[str, object]:
    """The application ends its task; the appointed one becomes the child's representative, the released one leaves."""
    child, shown = step.child, f"representation {step.row.number}"
    step.done("representative", step.row.applied_on, shown)
    if part.ended_on is not None:
        step.done("representative_release", part.ended_on, shown)
        if child.representative_name == part.name:
            gone = record_rules.RepresentativePart(none_reason=part.end_words or part.end_reason)
            write_part(step.session, child, gone)
    elif part.appointed_on is not None:
        same = child.representative_name == part.name
        named = record_rules.RepresentativePart(
            name=part.name, contact=child.representative_contact if same else None, since=part.appointed_on
        )
        write_part(step.session, child, named)
    step.touch()
    return {}


def _arrived(step: Step, part: FamilyPart) -> dict[str, object]:
    """A guardian who arrives ends the representative's task (681/2023 § 38)."""
    day = part.arrived_on
    newly = step.before.get("arrived_on") is None
    if part.relationship == Relationship.GUARDIAN and day and newly and is_child(step.child.birth_date, day):
        step.owe("representative_release", day, "guardian")
    return {}


def _protocolled(step: Step, _part: ProtocolPart) -> dict[str, object]:
    """Copies go to the county and to the supervisory agency; the task ends when both have gone."""
    if not step.before:
        step.owe("protocol_copies", step.row.made_on, "protocol")
    copies_marked(step)
    return {}


def copies_marked(step: Step) -> None:
    """Keep who marked which copy as sent and when, and end the task once no copy of the child's protocols is left."""
    row = step.row
    for copy in ("copy_county", "copy_agency"):
        if getattr(row, f"{copy}_on") != step.before.get(f"{copy}_on"):
            setattr(row, f"{copy}_by", step.actor.user_id)
            setattr(row, f"{copy}_at", step.at)
    step.session.add(row)
    step.session.flush()
    unsent = select(RestrictionProtocol.id).where(
        RestrictionProtocol.child_id == step.child.id,
        sa.or_(col(RestrictionProtocol.copy_county_on).is_(None), col(RestrictionProtocol.copy_agency_on).is_(None)),
    )
    if step.session.exec(unsent).first() is None:
        step.done("protocol_copies", max(row.copy_county_on, row.copy_agency_on), f"protocol {row.number}")


def _schooled(step: Step, part: SchoolPart) -> dict[str, object]:
    """The record names the present school; preparatory teaching that was owed is given from its first day."""
    child, today = step.child, business_day(step.at)
    present = step.session.exec(
        select(SchoolPlace)
        .where(SchoolPlace.child_id == child.id, col(SchoolPlace.from_on) <= today)
        .where(sa.or_(col(SchoolPlace.to_on).is_(None), col(SchoolPlace.to_on) >= today))
        .order_by(col(SchoolPlace.from_on).desc(), col(SchoolPlace.number).desc())
    ).first()
    child.school = present.name if present is not None else None
    step.touch()
    if part.kind == SchoolKind.PREPARATORY and part.from_on is not None and part.from_on <= today:
        step.done("preparatory_teaching", part.from_on, f"school {step.row.number}")
    return {}


Effect = Callable[[Step, Any], dict[str, object]]
_EFFECTS: dict[type, Effect] = {
    AssessmentPart: _assessed,
    HearingPart: _heard,
    RepresentationPart: _represented,
    FamilyPart: _arrived,
    ProtocolPart: _protocolled,
    SchoolPart: _schooled,
}
