"""Writing a decision: starting it with a held place, saving what is typed, and what keeps it from being made."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from placement.audit.service import record
from placement.children import access
from placement.children import queries as child_queries
from placement.children.tables import Child
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions import booking, content_rules, holds, queries, rules, urgent
from placement.decisions.booking import Wanted
from placement.decisions.content_rules import CONTENT_FIELDS, Content, MandateFacts
from placement.decisions.tables import Decision, DecisionKind, DecisionStatus, ProposalRow, ProposalStatus
from placement.decisions.verdicts import content_of, wanted_by
from placement.people import queries as people
from placement.people.tables import Organisation
from placement.permissions import Actor
from placement.reference import county_languages, months_after
from placement.references import new
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal
from placement.units import queries as unit_queries
from placement.units.tables import Unit

REVIEW_MONTHS = 6
"""Plans are reviewed at least every six months (681/2023 § 22); the place is looked at no later."""


@dataclass(frozen=True)
class Start:
    """A decision to begin: for the child's row of a proposal, or freely for a unit; days may be left out."""

    child_ref: str
    unit_ref: str | None = None
    proposal_ref: str | None = None
    start: date | None = None
    end: date | None = None
    kind: DecisionKind = DecisionKind.PLACEMENT


def deciding_mandate(session: Session, actor: Actor, on: date) -> int:
    """Return the mandate by which the actor may decide today; raises NotAllowed when none covers it."""
    rows = people.mandates_of(session, actor.user_id, on)
    found = content_rules.deciding_mandate(
        (
            MandateFacts(row.id or 0, row.role.value, row.may_decide, people.mandate_value(row).holds_on(on))
            for row in rows
            if row.organisation_id == actor.county_id
        ),
        actor.role.value,
    )
    if found is None:
        raise NotAllowed("no-deciding-mandate")
    return found


def start_decision(session: Session, actor: Actor, asked: Start, *, at: datetime) -> Decision:
    """Begin (or go on with) the decision about a child and hold the place for 30 minutes.

    A child has one decision being written at a time: starting again with another place moves it there, with
    every typed text kept; with the same place, while it is held, it changes nothing and gains no time.
    Raises NotFound, NotAllowed without a mandate, BookingRefused without a place.
    """
    deciding_mandate(session, actor, business_day(at))
    known = access.find(session, actor, asked.child_ref, at)
    child: Child = lock_row(session, Child, known.id or 0)
    row = _row(session, actor, asked.proposal_ref, child.id or 0)
    draft = queries.draft_of(session, actor, child.id or 0)
    unit = _unit(session, actor, asked.unit_ref, row, at)
    kind = draft.kind if draft is not None else asked.kind
    wanted = _wanted(session, child, unit, row, asked, kind, business_day(at))
    if draft is not None and _is_held(session, draft, wanted, row, at):
        return draft
    hold, broken = holds.take(session, wanted, county_id=child.county_id, actor=actor, at=at)
    if draft is None:
        draft = _new_draft(session, actor, child, wanted, asked.kind, at)
    _move(draft, wanted, row)
    draft.hold_id = hold.id if hold is not None else None
    session.add(draft)
    session.flush()
    record(
        session,
        actor=actor,
        action="decision-started",
        object_kind="decision",
        object_ref=draft.ref,
        at=at,
        after={
            "child": child.ref,
            "unit": unit.ref,
            "start": wanted.start,
            "end": wanted.end,
            "held_until": hold.expires_at if hold is not None else None,
            "broken": [one.code for one in broken],
        },
    )
    return draft


def _is_held(session: Session, draft: Decision, wanted: Wanted, row: ProposalRow | None, at: datetime) -> bool:
    """Whether the draft has this very place already, held or lived in, for the same row of a proposal or for none."""
    same_row = row is None or row.id == draft.proposal_row_id
    return same_row and draft.unit_id == wanted.unit_id and has_place(session, draft, at)


def has_place(session: Session, draft: Decision, at: datetime) -> bool:
    """Whether the place of the draft is held, or needs no holding: the child lives there on all its days."""
    if holds.is_live(queries.hold_of(session, draft), at):
        return True
    return booking.days_to_hold(session, wanted_by(draft, None)) is None


def _row(session: Session, actor: Actor, proposal_ref: str | None, child_id: int) -> ProposalRow | None:
    if not proposal_ref:
        return None
    proposal, row = queries.proposed_row(session, actor, proposal_ref, child_id)
    if proposal.status is ProposalStatus.WITHDRAWN:
        raise Conflict("proposal-withdrawn")
    return row


def _unit(session: Session, actor: Actor, unit_ref: str | None, row: ProposalRow | None, at: datetime) -> Unit:
    if unit_ref:
        return unit_queries.find(session, actor, unit_ref, business_day(at))
    if row is None or row.unit_id is None:
        raise Refusal("unit-missing", field="unit")
    return session.get_one(Unit, row.unit_id)


def _wanted(
    session: Session,
    child: Child,
    unit: Unit,
    row: ProposalRow | None,
    asked: Start,
    kind: DecisionKind,
    today: date,
) -> Wanted:
    """Return the booking: what was asked, else what was proposed, else from today to the end of the right."""
    facts = child_queries.everything_about(session, [child.id or 0])[child.id or 0]
    start = asked.start or max(today, (row.start if row else facts.place_from) or today)
    limit = rules.last_leaving_day(facts.birth_date, unit.kind.value, start)
    end = asked.end or (row.end if row else facts.place_until) or limit
    return Wanted(
        child.id or 0,
        unit.id or 0,
        start,
        end if asked.end else min(end, limit),
        row.proposal_id if row else None,
        may_confirm=kind is DecisionKind.PLACEMENT,
    )


def _new_draft(
    session: Session, actor: Actor, child: Child, wanted: Wanted, kind: DecisionKind, at: datetime
) -> Decision:
    facts = child_queries.everything_about(session, [child.id or 0])[child.id or 0]
    county = session.get_one(Organisation, child.county_id)
    today = business_day(at)
    languages = county_languages(county.county_code or "", today)
    return Decision(
        ref=new("DE"),
        county_id=child.county_id,
        child_id=child.id or 0,
        unit_id=wanted.unit_id,
        start=wanted.start,
        end=wanted.end,
        kind=kind,
        review_on=urgent.first_review(wanted.start, wanted.end, today)
        if kind is DecisionKind.URGENT
        else min(months_after(wanted.start, REVIEW_MONTHS), wanted.end),
        language=content_rules.legal_language(facts.languages, languages),
        child_heard_on=child.own_view_on,
        child_opinion=child.own_view,
        child_heard_language=next(iter(facts.languages), None),
        legal_bases="[]",
        prepared_by=actor.user_id,
        created_at=at,
    )


def _move(draft: Decision, wanted: Wanted, row: ProposalRow | None) -> None:
    """Point the draft at the place that was just held; what was confirmed for another place counts no more."""
    if (draft.unit_id, draft.start, draft.end) != (wanted.unit_id, wanted.start, wanted.end) or draft.id is None:
        draft.unit_id, draft.start, draft.end = wanted.unit_id, wanted.start, wanted.end
        forget_confirmation(draft)
    if row is not None:
        draft.proposal_row_id = row.id
        draft.fingerprint = row.fingerprint
    if draft.id is not None:
        draft.version += 1


def forget_confirmation(draft: Decision) -> None:
    draft.broken_rules = "[]"
    draft.confirmation_asked_at = None
    draft.second_official_id = None
    draft.second_official_at = None
    draft.second_official_reason = None


def save_draft(session: Session, actor: Actor, ref: str, content: Content, *, version: int, at: datetime) -> Decision:
    """Save what was typed, as far as it goes; nothing has to be complete. Days of the stay left empty stay as they are.

    New days move the held place too, under the same rules and to the same minute. Saving the same again
    changes nothing. A second official's confirmation is for the text that was shown: a change takes it back.
    Raises Conflict("changed-meanwhile") when somebody saved since this version was opened.
    """
    draft = open_draft(session, actor, ref)
    deciding_mandate(session, actor, business_day(at))
    before = content_of(draft)
    content = replace(content, start=content.start or before.start, end=content.end or before.end)
    if content == before:
        return draft
    if draft.version != version:
        raise Conflict("changed-meanwhile", version=draft.version)
    _check_days(session, actor, draft, content, at)
    for name, value in asdict(content).items():
        if name == "legal_bases":
            draft.legal_bases = json.dumps(list(value))
        elif name == "kind":
            draft.kind = DecisionKind(value)
        else:
            setattr(draft, name, value)
    forget_confirmation(draft)
    draft.version += 1
    session.add(draft)
    session.flush()
    changed = [name for name in CONTENT_FIELDS if getattr(before, name) != getattr(content, name)]
    record(
        session,
        actor=actor,
        action="decision-draft-saved",
        object_kind="decision",
        object_ref=draft.ref,
        at=at,
        before={"version": draft.version - 1},
        after={"version": draft.version, "fields": changed},
    )
    return draft


def _check_days(session: Session, actor: Actor, draft: Decision, content: Content, at: datetime) -> None:
    """Move the live hold to new days; raises Refusal about the field when the place is not free then.

    Where the child lives already a place is held for the days after the stay only, from when there are such days.
    """
    start, end = content.start, content.end
    if (start, end) == (draft.start, draft.end):
        return
    if start is None or end is None or start >= end:
        raise Refusal("dates-order", field="end")
    ordinary = content.kind == DecisionKind.PLACEMENT
    wanted = Wanted(draft.child_id, draft.unit_id, start, end, may_confirm=ordinary)
    broken = booking.broken_rules(session, wanted, at)
    absolute = [one for one in broken if one.absolute]
    if absolute:
        refused = Refusal(absolute[0].code, field="start")
        refused.facts = dict(absolute[0].about)
        raise refused
    hold, days = queries.hold_of(session, draft), booking.days_to_hold(session, wanted)
    if hold is None:
        if days is not None:
            taken, _broken = holds.take(session, wanted, county_id=draft.county_id, actor=actor, at=at)
            draft.hold_id = taken.id if taken is not None else None
    elif days is None:
        holds.release(session, hold, at=at)
        draft.hold_id = None
    elif holds.is_live(hold, at):
        hold.start, hold.end = days
        session.add(hold)


def open_draft(session: Session, actor: Actor, ref: str) -> Decision:
    """Return a draft of the actor's county, locked with child and unit; raises Conflict when it is none any more."""
    draft = lock_decision(session, actor, ref)
    if draft.status is not DecisionStatus.DRAFT:
        raise Conflict("decision-made" if draft.status is DecisionStatus.MADE else "decision-discarded")
    return draft


def lock_decision(session: Session, actor: Actor, ref: str) -> Decision:
    """Return a decision of the actor's county; its child's, own and unit's row are locked, in this order."""
    found = queries.find(session, actor, ref)
    if found.county_id != actor.county_id:
        raise NotFound
    lock_row(session, Child, found.child_id)
    locked: Decision = lock_row(session, Decision, found.id or 0)
    lock_row(session, Unit, locked.unit_id)
    return locked


def keep_place(session: Session, actor: Actor, ref: str, *, at: datetime) -> Decision:
    """Keep the held place 30 minutes more, once. Raises Conflict when it ran out or was extended before."""
    draft = open_draft(session, actor, ref)
    hold = queries.hold_of(session, draft)
    if hold is None:
        raise Conflict("hold-over")
    before = hold.expires_at
    holds.extend(session, hold, at=at)
    record(
        session,
        actor=actor,
        action="hold-extended",
        object_kind="decision",
        object_ref=draft.ref,
        at=at,
        before={"held_until": before},
        after={"held_until": hold.expires_at},
    )
    return draft


def keep_or_hold_again(session: Session, actor: Actor, ref: str, *, at: datetime) -> Decision:
    """Keep a held place 30 minutes more, once; hold the same place anew when its time is over and it is free."""
    draft = open_draft(session, actor, ref)
    if has_place(session, draft, at) and draft.hold_id is None:
        return draft
    if holds.is_live(queries.hold_of(session, draft), at):
        return keep_place(session, actor, ref, at=at)
    child_ref = session.get_one(Child, draft.child_id).ref
    unit_ref = session.get_one(Unit, draft.unit_id).ref
    return start_decision(session, actor, Start(child_ref, unit_ref, start=draft.start, end=draft.end), at=at)


def discard(session: Session, actor: Actor, ref: str, *, at: datetime) -> Decision:
    """Throw a draft away and give its place back; doing it again is harmless."""
    draft = lock_decision(session, actor, ref)
    if draft.status is DecisionStatus.DISCARDED:
        return draft
    if draft.status is DecisionStatus.MADE:
        raise Conflict("decision-made")
    hold = queries.hold_of(session, draft)
    if hold is not None:
        holds.release(session, hold, at=at)
    draft.status = DecisionStatus.DISCARDED
    draft.version += 1
    session.add(draft)
    session.flush()
    record(session, actor=actor, action="decision-discarded", object_kind="decision", object_ref=draft.ref, at=at)
    return draft
