"""Supervision of a unit: inspections, self-monitoring with its due days, house rules and notes on who fits.

Flushes, never commits. The plan is followed up every four months and the entry in the register of providers is
checked every year by 31 March (741/2023 § 27).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from placement.audit.service import record
from placement.clock import business_day
from placement.permissions import Actor
from placement.reference import months_after
from placement.refusals import Conflict, Refusal
from placement.units.places import key_of, lock_own
from placement.units.tables import SelfMonitoring, Unit, UnitInspection

FOLLOW_UP_MONTHS = 4
REGISTER_CHECK = (3, 31)


@dataclass(frozen=True)
class InspectionCommand:
    """What an inspector found, and by when it is put right; `remarks` counts the faults."""

    inspected_on: date
    inspector: str
    announced: bool
    remarks: int
    findings: str
    put_right_by: date | None


@dataclass(frozen=True)
class DueDays:
    """The next days of self-monitoring; None = no plan has been published."""

    follow_up: date | None
    register_check: date


def due_days(done: list[SelfMonitoring], today: date) -> DueDays:
    """Return when the plan's follow-up is due next (four months after the last) and the check of the register."""
    published = [row.done_on for row in done if row.kind in ("plan", "follow-up")]
    checked = [row.done_on.year for row in done if row.kind == "register-check"]
    month, day = REGISTER_CHECK
    year = today.year if today.year not in checked else today.year + 1
    return DueDays(
        follow_up=months_after(max(published), FOLLOW_UP_MONTHS) if published else None,
        register_check=date(year, month, day),
    )


def inspections(session: Session, unit_id: int) -> list[UnitInspection]:
    query = select(UnitInspection).where(UnitInspection.unit_id == unit_id)
    return list(session.exec(query.order_by(col(UnitInspection.inspected_on).desc())))


def monitoring(session: Session, unit_id: int) -> list[SelfMonitoring]:
    query = select(SelfMonitoring).where(SelfMonitoring.unit_id == unit_id)
    return list(session.exec(query.order_by(col(SelfMonitoring.done_on).desc())))


def add_inspection(
    session: Session, actor: Actor, ref: str, command: InspectionCommand, *, at: datetime
) -> UnitInspection:
    """Put an inspection on record; what was remarked needs a day by which it is put right."""
    unit = lock_own(session, actor, ref, at)
    if command.inspected_on > business_day(at):
        raise Refusal("day-in-future", field="inspected_on")
    if command.remarks and command.put_right_by is None:
        raise Refusal("put-right-missing", field="put_right_by")
    if command.put_right_by is not None and command.put_right_by < command.inspected_on:
        raise Refusal("ends-before-start", field="put_right_by")
    row = UnitInspection(
        unit_id=key_of(unit),
        inspected_on=command.inspected_on,
        inspector=command.inspector,
        announced=command.announced,
        remarks=command.remarks,
        findings=command.findings,
        put_right_by=command.put_right_by,
        recorded_by=actor.user_id,
        recorded_at=at,
    )
    session.add(row)
    session.flush()
    _note(session, actor, unit, "inspection-recorded", at, {"on": row.inspected_on, "remarks": row.remarks})
    return row


def add_monitoring(
    session: Session, actor: Actor, ref: str, kind: str, done_on: date, *, at: datetime
) -> SelfMonitoring:
    """Put on record that the plan or its follow-up was published, or the register entry checked."""
    unit = lock_own(session, actor, ref, at)
    if done_on > business_day(at):
        raise Refusal("day-in-future", field="done_on")
    row = SelfMonitoring(unit_id=key_of(unit), kind=kind, done_on=done_on, recorded_by=actor.user_id, recorded_at=at)
    session.add(row)
    session.flush()
    _note(session, actor, unit, "self-monitoring-recorded", at, {"kind": kind, "on": done_on})
    return row


def write_notes(
    session: Session, actor: Actor, ref: str, house_rules: str, fit_notes: str, *, version: int, at: datetime
) -> Unit:
    """Keep the house rules and the notes on who fits; raises Conflict for an old version."""
    unit = lock_own(session, actor, ref, at)
    if unit.version != version:
        raise Conflict("changed-meanwhile")
    unit.house_rules, unit.fit_notes = house_rules.strip(), fit_notes.strip()
    unit.version += 1
    unit.updated_at = at
    session.add(unit)
    session.flush()
    after: dict[str, object] = {"house_rules_length": len(unit.house_rules), "fit_notes_length": len(unit.fit_notes)}
    _note(session, actor, unit, "unit-notes-written", at, {**after, "version": unit.version})
    return unit


def _note(session: Session, actor: Actor, unit: Unit, action: str, at: datetime, after: dict[str, object]) -> None:
    record(session, actor=actor, action=action, object_kind="unit", object_ref=unit.ref, at=at, after=after)
