"""The life of placements in the demo: absences, a child who did not come, answers of units, presence, supervision,
transfers, and in the national set a unit whose places are closing. It draws from a chance of its own."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import col, or_, select

from placement.audit.service import record
from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.demo.accounts import FIRST_COUNTY, OTHER_COUNTY, body
from placement.demo.stays import write_decision
from placement.demo.writing import Writer
from placement.moves import presence, rules
from placement.moves.tables import (
    Absence,
    MovePlan,
    NoPlace,
    PresenceMonth,
    StayNotBegun,
    Transfer,
    TransferStatus,
    UnitAnswer,
)
from placement.people.queries import actor_of
from placement.people.tables import User, UserMandate
from placement.units.tables import Closure, SelfMonitoring, Unit, UnitInspection, UnitKind

MOST_AWAY = 12
KINDS = ("visit", "holiday", "hospital", "visit", "other")


def write_life(writer: Writer, *, closing: bool = False) -> None:
    """Write the cases into either set; with `closing` also a home whose places close in sixty days."""
    chance = random.Random("life of placements")  # noqa: S311 - invented data
    county = body(writer.session, "county", FIRST_COUNTY, writer.on)
    living = _living(writer)
    own = [(stay, unit) for stay, unit in living if unit.county_id == county.id]
    _absences(writer, chance, own)
    _never_began(writer, county.id or 0, own)
    _answers(writer, chance, county.id or 0)
    _without_place(writer, county.id or 0)
    _transfers(writer, living)
    for unit in {unit.id: unit for _stay, unit in living}.values():
        _supervision(writer, chance, unit)
        _presence(writer, unit)
    if closing:
        _closing(writer, own)
        _move(writer, own)
    writer.session.flush()


def _living(writer: Writer) -> list[tuple[Stay, Unit]]:
    rows = writer.session.exec(
        select(Stay, Unit)
        .join(Unit, col(Unit.id) == Stay.unit_id)
        .where(col(Stay.start) <= writer.on, or_(col(Stay.end).is_(None), col(Stay.end) > writer.on))
        .order_by(col(Stay.id))
    )
    return list(rows.all())


def _event(writer: Writer, who: User, action: str, kind: str, ref: str, **after: object) -> None:
    mandate = writer.session.exec(select(UserMandate).where(UserMandate.user_id == who.id)).first()
    actor = actor_of(writer.session, who, mandate) if mandate else None
    record(
        writer.session, actor=actor, action=action, object_kind=kind, object_ref=ref, at=writer.at, after=after or None
    )


def _absences(writer: Writer, chance: random.Random, own: list[tuple[Stay, Unit]]) -> None:
    """Give a dozen children an absence that is over; the last of them ran away three days ago and is not back."""
    worker = writer.people["social-worker"]
    chosen = [stay for stay, _unit in own if stay.start is not None and (writer.on - stay.start).days > 30][:MOST_AWAY]
    for number, stay in enumerate(chosen):
        away = number == len(chosen) - 1
        started = writer.days(-3 if away else -chance.randint(6, 28))
        writer.session.add(
            Absence(
                child_id=stay.child_id,
                stay_id=stay.id or 0,
                unit_id=stay.unit_id,
                county_id=stay.county_id,
                kind="ran-away" if away else KINDS[number % len(KINDS)],
                started_on=started,
                back_on=None if away else started + timedelta(days=chance.randint(1, 5)),
                police_told_on=started if away else None,
                representative_told_on=started if away else None,
                recorded_by=worker.id or 0,
                recorded_at=writer.at,
            )
        )
        _event(writer, worker, "absence-recorded", "child", _ref(writer, stay.child_id))


def _ref(writer: Writer, child_id: int) -> str:
    return writer.session.exec(select(Child.ref).where(Child.id == child_id)).one()


def _waiting(writer: Writer, county_id: int) -> list[Child]:
    query = select(Child).where(Child.county_id == county_id, col(Child.waiting_since).is_not(None))
    return list(writer.session.exec(query.order_by(col(Child.id))))


def _never_began(writer: Writer, county_id: int, own: list[tuple[Stay, Unit]]) -> None:
    """Let one who waits have had a decision on a place, to which the child did not come."""
    worker = writer.people["social-worker"]
    for child in _waiting(writer, county_id):
        unit = next((one for _stay, one in own if one.kind is UnitKind.FAMILY_GROUP_HOME), None)
        waited = (writer.on - (child.waiting_since or writer.on)).days
        if unit is None or child.protected or waited < 20 or writer.last_day(child, writer.on) < writer.days(60):
            continue
        first, noted = writer.days(-12), writer.days(-10)
        decision = write_decision(writer, child, unit, first, writer.last_day(child, first), worker)
        writer.session.add(
            StayNotBegun(
                child_id=child.id or 0,
                unit_id=unit.id or 0,
                county_id=county_id,
                decision_id=decision.id,
                start=first,
                end=decision.end,
                kind="not-arrived",
                reason_code="did-not-come",
                noted_on=noted,
                noted_by=worker.id or 0,
                noted_at=_noon(noted),
            )
        )
        _event(writer, worker, "stay-not-begun", "child", child.ref, reason="did-not-come")
        return


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(10), UTC)


def _answers(writer: Writer, chance: random.Random, county_id: int) -> None:
    """Let units have refused children who wait, each with a reason, and one have said yes."""
    manager = writer.people["unit-manager"]
    codes = ("staff-short", "mix", "no-room", "needs-more", None)
    units = list(writer.session.exec(select(Unit).where(Unit.county_id == county_id).order_by(col(Unit.id))))
    for number, child in enumerate(_waiting(writer, county_id)[:5]):
        code = codes[number % len(codes)]
        unit = units[number % len(units)]
        writer.session.add(
            UnitAnswer(
                unit_id=unit.id or 0,
                child_id=child.id or 0,
                county_id=county_id,
                takes=code is None,
                reason_code=code,
                answered_by=manager.id or 0,
                answered_at=_noon(writer.days(-chance.randint(1, 20))),
            )
        )
        _event(writer, manager, "unit-answered", "unit", unit.ref, child=child.ref, takes=code is None)


def _without_place(writer: Writer, county_id: int) -> None:
    """Put on record for the one who waits longest that no place was found; the next look is due today."""
    worker = writer.people["social-worker"]
    waiting = [child for child in _waiting(writer, county_id) if not child.protected]
    if not waiting:
        return
    child = max(waiting, key=lambda one: (writer.on - (one.waiting_since or writer.on)).days)
    writer.session.add(
        NoPlace(
            child_id=child.id or 0,
            county_id=county_id,
            since=writer.days(-14),
            blocking=json.dumps({"unit-full": 4, "language-missing": 1}),
            tries=2,
            tried_at=_noon(writer.days(-7)),
            retry_on=writer.on,
            recorded_by=worker.id,
        )
    )
    _event(writer, worker, "no-suitable-place", "child", child.ref)


def _transfers(writer: Writer, living: list[tuple[Stay, Unit]]) -> None:
    """Let the other county ask the first one, and the first one have been refused by it."""
    here = body(writer.session, "county", FIRST_COUNTY, writer.on).id or 0
    there = body(writer.session, "county", OTHER_COUNTY, writer.on).id or 0
    pairs = (
        (there, here, "other-social-worker", "social-worker"),
        (here, there, "social-worker", "other-social-worker"),
    )
    for asking, asked, by, answering in pairs:
        stay = next((stay for stay, _unit in living if stay.county_id == asking and not _protected(writer, stay)), None)
        if stay is None:
            continue
        refused = asking == here
        row = Transfer(
            ref=writer.reference("TR"),
            child_id=stay.child_id,
            from_county_id=asking,
            to_county_id=asked,
            from_day=writer.days(45),
            handed=json.dumps(list(rules.handed_over(("needs", "school")))),
            reason="Sisarus asuu alueella.",
            status=TransferStatus.REFUSED if refused else TransferStatus.ASKED,
            asked_by=writer.people[by].id or 0,
            asked_at=_noon(writer.days(-9 if refused else -2)),
            answered_by=writer.people[answering].id if refused else None,
            answered_at=_noon(writer.days(-5)) if refused else None,
            refusal_code="no-places" if refused else None,
        )
        writer.session.add(row)
        _event(writer, writer.people[by], "transfer-asked", "transfer", row.ref)


def _protected(writer: Writer, stay: Stay) -> bool:
    return bool(writer.session.exec(select(Child.protected).where(Child.id == stay.child_id)).one())


def _supervision(writer: Writer, chance: random.Random, unit: Unit) -> None:
    coordinator = writer.people["coordinator"].id or 0
    remarks = chance.choice((0, 0, 1, 2))
    inspected = writer.days(-chance.randint(40, 300))
    writer.session.add(
        UnitInspection(
            unit_id=unit.id or 0,
            inspected_on=inspected,
            inspector=chance.choice(("supervisory-agency", "county-inspector")),
            announced=chance.random() < 0.6,
            remarks=remarks,
            findings="Perehdytyksen kirjaamisessa oli puutteita." if remarks else "",
            put_right_by=inspected + timedelta(days=60) if remarks else None,
            recorded_by=coordinator,
            recorded_at=writer.at,
        )
    )
    for kind, days in (("plan", 200), ("follow-up", chance.randint(20, 140))):
        row = SelfMonitoring(
            unit_id=unit.id or 0, kind=kind, done_on=writer.days(-days), recorded_by=coordinator, recorded_at=writer.at
        )
        writer.session.add(row)
    unit.house_rules = "Kotiintuloaika arkisin klo 21. Ruoka-ajat klo 8, 12 ja 17."
    unit.fit_notes = "Rauhallinen talo, sopii ujoille; oma huone jokaisella."
    writer.session.add(unit)


def _presence(writer: Writer, unit: Unit) -> None:
    """Let the manager have confirmed the month before the last; the last one waits."""
    manager = writer.people["unit-manager"]
    month = rules.month_of(writer.on)[0]
    month = rules.month_of(rules.month_of(month - timedelta(days=1))[0] - timedelta(days=1))[0]
    writer.session.flush()
    known = presence.of_unit(writer.session, unit.id or 0, month)
    if known:
        writer.session.add(
            PresenceMonth(
                unit_id=unit.id or 0,
                county_id=unit.county_id,
                month=month,
                children=len(known),
                days=sum(one.days for one in known),
                away_days=sum(one.away for one in known),
                seal=presence.seal_of(known),
                confirmed_by=manager.id or 0,
                confirmed_at=_noon(rules.month_of(month)[1] + timedelta(days=2)),
            )
        )


def _closing(writer: Writer, own: list[tuple[Stay, Unit]]) -> None:
    """Let all places of the first county's first home close in sixty days; nothing is calculated yet."""
    coordinator = writer.people["coordinator"]
    homes = [unit for _stay, unit in own if unit.kind is UnitKind.FAMILY_GROUP_HOME]
    manager = writer.session.exec(
        select(UserMandate).where(UserMandate.user_id == writer.people["unit-manager"].id)
    ).one()
    home = next((unit for unit in homes if unit.id != manager.unit_id), homes[0])
    row = Closure(
        ref=writer.reference("UC"),
        unit_id=home.id or 0,
        valid_from=writer.days(60),
        reason="Vuokrasopimus päättyy.",
        planned=True,
        requested_by=coordinator.id,
        requested_at=_noon(writer.days(-1)),
    )
    writer.session.add(row)
    _event(writer, coordinator, "places-closing", "unit", home.ref, closure=row.ref)


def _move(writer: Writer, own: list[tuple[Stay, Unit]]) -> None:
    """Let the coordinator have asked for one move."""
    coordinator = writer.people["coordinator"]
    stay, unit = own[-1]
    target = next((one for _stay, one in own if one.kind is unit.kind and one.id != unit.id), unit)
    writer.session.add(
        MovePlan(
            child_id=stay.child_id,
            county_id=stay.county_id,
            unit_id=target.id or 0,
            move_on=writer.days(30),
            keep_school=True,
            reason="Ystävät asuvat siellä.",
            asked_by=coordinator.id or 0,
            asked_at=_noon(writer.days(-1)),
        )
    )
    _event(writer, coordinator, "move-planned", "child", _ref(writer, stay.child_id))
