"""Making a decision: the second official, the act itself, and the days on which it was served.

The solver proposes; a named person with a mandate decides. Everything a decision needs is checked again in
the transaction that makes it, under the unit's lock: the place, every rule, the proposal it follows, the
content. Stay, case number, documents and audit event are saved with it or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from sqlmodel import Session

from placement.audit.service import record
from placement.children.tables import CaseRelation, Child, RelationKind
from placement.clock import business_day
from placement.decisions import booking, case_numbers, drafts, holds, queries, urgent, verdicts
from placement.decisions.booking import BookingRefused
from placement.decisions.rules import Broken
from placement.decisions.tables import Decision, DecisionDocument, DecisionStatus
from placement.decisions.verdicts import Verdict
from placement.permissions import Actor, Permission
from placement.refusals import Conflict, NotAllowed, Refusal, Refusals
from placement.units.tables import Unit

Typeset = Callable[[Session, Decision], list[DecisionDocument]]
"""What writes the decision's documents; given from outside, so that the words are the edge's business."""

FOLLOW_UP = timedelta(days=60)
"""How long the decision stays a task of who made it: service, and the 30 days for a rectification request."""

LONGEST_REASON = 2000


class RulesBroken(Refusal):
    """The decision breaks rules that a second official must confirm first."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__("second-official-needed", count=len(codes))
        self.codes = codes


class StaleProposal(Conflict):
    """What the proposal rests on has changed; `changes` are the parts that did (see fingerprint.py)."""

    def __init__(self, changes: tuple[str, ...]) -> None:
        super().__init__("proposal-stale", count=len(changes))
        self.changes = changes


def make_decision(
    session: Session, actor: Actor, ref: str, *, version: int, at: datetime, typeset: Typeset
) -> Decision:
    """Make the decision: book the stay, number the case, write the documents.

    Made once: pressing again answers with the decision that was made. Raises NotAllowed without a mandate,
    Conflict when the draft changed, StaleProposal, BookingRefused when the place is gone, Refusals with every
    missing part of the content, RulesBroken until a second official has confirmed.
    """
    decision = drafts.lock_decision(session, actor, ref)
    if decision.status is DecisionStatus.MADE:
        return decision
    if decision.status is DecisionStatus.DISCARDED:
        raise Conflict("decision-discarded")
    mandate_id = drafts.deciding_mandate(session, actor, business_day(at))
    if decision.version != version:
        raise Conflict("changed-meanwhile", version=decision.version)
    found = verdicts.verdict(session, decision, at)
    _refuse_unready(decision, found)
    if decision.second_official_id == actor.user_id:
        raise NotAllowed("second-official-same-person")
    _book(session, actor, decision, mandate_id, found, at)
    documents = typeset(session, decision)
    for document in documents:
        session.add(document)
    session.flush()
    owed = urgent.follow(session, actor, decision, at)
    record_made(session, actor, decision, documents, owed, at)
    return decision


def _refuse_unready(decision: Decision, found: Verdict) -> None:
    absolute = tuple(one for one in found.broken if one.absolute)
    if absolute:
        raise BookingRefused(decision.child_id, decision.unit_id, absolute)
    if found.stale:
        raise StaleProposal(found.stale)
    if found.missing:
        raise Refusals(list(found.missing))
    if found.unconfirmed:
        raise RulesBroken(found.unconfirmed)


def _book(session: Session, actor: Actor, decision: Decision, mandate_id: int, found: Verdict, at: datetime) -> None:
    """Book the stay, or confirm the one that the child has by an urgent decision; the decision is made with it."""
    wanted = verdicts.wanted_by(decision, queries.proposal_row_of(session, decision))
    hold = queries.hold_of(session, decision)
    if hold is not None:
        holds.release(session, hold, at=at)
    kept = booking.confirmed(session, wanted)
    if kept is not None:
        booking.confirm_stay(session, wanted, kept)
        decision.confirms_id = kept.decision_id
    else:
        booking.add_stay(session, wanted, county_id=decision.county_id, decision_id=decision.id)
    today = business_day(at)
    decision.status = DecisionStatus.MADE
    decision.decided_by, decision.mandate_id = actor.user_id, mandate_id
    decision.decided_at, decision.decided_on = at, today
    decision.broken_rules = dump_rules(found.broken)
    decision.facts = json.dumps(facts_of(session, decision), sort_keys=True)
    decision.case_number = case_numbers.next_number(session, decision.county_id, today)
    decision.version += 1
    session.add(decision)
    child = session.get_one(Child, decision.child_id)
    child.waiting_since = None
    child.version += 1
    child.updated_at = at
    session.add(child)
    session.add(
        CaseRelation(
            child_id=decision.child_id,
            user_id=actor.user_id,
            kind=RelationKind.TASK,
            valid_from=today,
            valid_to=today + FOLLOW_UP,
        )
    )
    session.flush()


def facts_of(session: Session, decision: Decision) -> dict[str, object]:
    """Return the facts the decision rested on, as numbers and codes: what an appeal would ask about."""
    wanted = verdicts.wanted_by(decision, queries.proposal_row_of(session, decision))
    at = decision.decided_at
    if at is None:
        raise AssertionError("a decision that was made has its moment")
    one = booking.facts(session, wanted, at)
    child = one.child
    return {
        "birth_year": child.birth_date.year,
        "support_level": child.support_level,
        "hours": {"care": child.care_hours, "language": child.language_hours, "interpreter": child.interpreter_hours},
        "languages": dict(child.languages),
        "services": dict(child.services),
        "unit_kind": one.offer.kind,
        "unit_languages": dict(one.offer.languages),
    }


def record_made(
    session: Session,
    actor: Actor,
    decision: Decision,
    documents: list[DecisionDocument],
    owed: Mapping[str, object],
    at: datetime,
) -> None:
    """Record that a decision was made: what, where, when, the fingerprints of its documents, what is `owed` after."""
    further: dict[str, object] = {"second_official": decision.second_official_id} if decision.second_official_id else {}
    if decision.confirms_id is not None:
        further["confirms"] = session.get_one(Decision, decision.confirms_id).ref
    record(
        session,
        actor=actor,
        action="decision-made",
        object_kind="decision",
        object_ref=decision.ref,
        at=at,
        before={"status": "draft"},
        after={
            "status": "made",
            "kind": decision.kind,
            "case_number": decision.case_number,
            "unit": session.get_one(Unit, decision.unit_id).ref,
            "start": decision.start,
            "end": decision.end,
            "documents": {one.language: one.sha256 for one in documents},
            "broken": [one["code"] for one in json.loads(decision.broken_rules)],
            **further,
            **owed,
        },
    )


def dump_rules(broken: tuple[Broken, ...]) -> str:
    return json.dumps([{"code": one.code, "about": dict(one.about)} for one in broken], sort_keys=True)


def load_rules(text: str) -> tuple[Broken, ...]:
    return tuple(Broken(one["code"], one["about"]) for one in json.loads(text))


def ask_confirmation(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Decision:
    """Send the draft to a second official, with the rules it breaks; asking again is harmless.

    Everything else must be ready, so that what is confirmed is what will be decided.
    """
    decision = drafts.open_draft(session, actor, ref)
    drafts.deciding_mandate(session, actor, business_day(at))
    if decision.version != version:
        raise Conflict("changed-meanwhile", version=decision.version)
    found = verdicts.verdict(session, decision, at)
    try:
        _refuse_unready(decision, found)
    except RulesBroken:
        if decision.confirmation_asked_at is not None and decision.second_official_reason is None:
            return decision
    else:
        raise Refusal("nothing-to-confirm")
    decision.broken_rules = dump_rules(found.broken)
    decision.confirmation_asked_at = at
    decision.second_official_reason = None
    decision.prepared_by = actor.user_id
    _changed(session, actor, decision, "confirmation-asked", at, after={"broken": list(found.unconfirmed)})
    return decision


def confirm(session: Session, actor: Actor, ref: str, reason: str, *, version: int, at: datetime) -> Decision:
    """Confirm, as the second official, that the named rules may be broken, for a reason of one's own.

    Raises NotAllowed for who prepared the decision (two different persons) or has no mandate today.
    """
    decision = _to_confirm(session, actor, ref, version=version, at=at)
    _needs_reason(reason)
    decision.second_official_id = actor.user_id
    decision.second_official_at = at
    decision.second_official_reason = reason.strip()
    codes = [one.code for one in load_rules(decision.broken_rules)]
    _changed(session, actor, decision, "rule-break-confirmed", at, after={"broken": codes})
    return decision


def decline(session: Session, actor: Actor, ref: str, reason: str, *, version: int, at: datetime) -> Decision:
    """Send the draft back to who prepared it, with the reason why the rules must be kept."""
    decision = _to_confirm(session, actor, ref, version=version, at=at)
    _needs_reason(reason)
    drafts.forget_confirmation(decision)
    decision.second_official_reason = reason.strip()
    _changed(session, actor, decision, "rule-break-declined", at)
    return decision


def _to_confirm(session: Session, actor: Actor, ref: str, *, version: int, at: datetime) -> Decision:
    if not actor.can(Permission.SECOND_OFFICIAL):
        raise NotAllowed("no-deciding-mandate")
    decision = drafts.open_draft(session, actor, ref)
    drafts.deciding_mandate(session, actor, business_day(at))
    if decision.prepared_by == actor.user_id:
        raise NotAllowed("second-official-same-person")
    if decision.confirmation_asked_at is None:
        raise Conflict("nothing-to-confirm")
    if decision.second_official_id is not None:
        raise Conflict("already-confirmed")
    if decision.version != version:
        raise Conflict("changed-meanwhile", version=decision.version)
    return decision


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal("reason-missing", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal("text-too-long", field="reason", most=LONGEST_REASON)


def record_service(
    session: Session,
    actor: Actor,
    ref: str,
    *,
    child_on: date | None,
    representative_on: date | None,
    version: int,
    at: datetime,
) -> Decision:
    """Record on which days the decision was served: each day starts that person's 30 days (434/2003 § 49 c).

    A day may be given for one now and for the other later; None leaves a recorded day as it is. A day before
    the decision or in the future is refused, with the field.
    """
    decision = drafts.lock_decision(session, actor, ref)
    drafts.deciding_mandate(session, actor, business_day(at))
    if decision.status is not DecisionStatus.MADE or decision.decided_on is None:
        raise Conflict("decision-not-made")
    if decision.version != version:
        raise Conflict("changed-meanwhile", version=decision.version)
    faults = []
    for field, day in (("served_child_on", child_on), ("served_representative_on", representative_on)):
        if day is not None and day < decision.decided_on:
            faults.append(Refusal("served-before-decision", field=field))
        elif day is not None and day > business_day(at):
            faults.append(Refusal("day-in-future", field=field))
    if child_on is None and representative_on is None:
        faults.append(Refusal("served-missing", field="served_representative_on"))
    if faults:
        raise Refusals(faults)
    before = {"child": decision.served_child_on, "representative": decision.served_representative_on}
    decision.served_child_on = child_on or decision.served_child_on
    decision.served_representative_on = representative_on or decision.served_representative_on
    after = {"child": decision.served_child_on, "representative": decision.served_representative_on}
    if before != after:
        _changed(session, actor, decision, "decision-served", at, before=before, after=after)
    return decision


def _changed(
    session: Session,
    actor: Actor,
    decision: Decision,
    action: str,
    at: datetime,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    decision.version += 1
    session.add(decision)
    session.flush()
    record(
        session,
        actor=actor,
        action=action,
        object_kind="decision",
        object_ref=decision.ref,
        at=at,
        before=before,
        after=after,
    )
