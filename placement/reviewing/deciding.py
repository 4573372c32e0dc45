"""The decision on a claim: a second reviewer where one is needed, the check of everything, the decision, its letter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements import review
from agreements.claim_tables import Claim, ClaimDecision, ClaimStatus
from placement.clock import business_day
from placement.db import lock_row
from placement.documents.letter import SignNotShown
from placement.people.tables import Organisation, User
from placement.permissions import Actor
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal
from placement.reimbursed.acting import log_act, moving
from placement.reviewing import letters, queue_rules, scope, service
from placement.reviewing.lines import Examined, examined, fingerprint
from placement.reviewing.tables import ClaimDocument, SecondLook

PREFIX = "KO"
_NUMBER = re.compile(rf"{PREFIX} (\d+)/(\d{{4}})")


@dataclass(frozen=True, slots=True)
class Readiness:
    """What still keeps a claim from being decided, as codes in the order to mend them; empty = ready.

    `look` is the newest second look, `look_holds` whether it agreed to what is said of the lines now.
    """

    missing: tuple[str, ...]
    look: SecondLook | None
    look_holds: bool
    second_needed: bool


def readiness(session: Session, found: Examined, on: date) -> Readiness:
    """Return what a decision on the claim still waits for."""
    claim = found.claim
    missing = []
    if found.totals.lines_open:
        missing.append("lines-open")
    hearing = service.hearing(session, claim)
    if hearing is not None and not service.is_heard(hearing, on):
        missing.append("hearing-open")
    look = second_look(session, claim)
    holds = look is not None and bool(look.agreed) and look.fingerprint == fingerprint(found.lines)
    needed = queue_rules.second_needed(claim.gate.value)
    if needed and not holds:
        missing.append("second-missing")
    return Readiness(tuple(missing), look, holds, needed)


def second_look(session: Session, claim: Claim) -> SecondLook | None:
    """Return the newest second look at the present version of a claim."""
    query = select(SecondLook).where(SecondLook.claim_id == claim.id, SecondLook.number == claim.number)
    return session.exec(query.order_by(col(SecondLook.id).desc()).limit(1)).first()


def ask_second(session: Session, actor: Actor, ref: str, at: datetime) -> None:
    """Ask another reviewer to confirm what is said of every line; raises Conflict while a line waits."""
    claim = service.under_review(session, actor, ref, at)
    found = examined(session, claim)
    if found.totals.lines_open:
        raise Conflict("claim-lines-open")
    look = second_look(session, claim)
    if look is not None and look.answered_at is None and look.fingerprint == fingerprint(found.lines):
        return
    session.add(
        SecondLook(
            claim_id=claim.id or 0,
            number=claim.number,
            fingerprint=fingerprint(found.lines),
            asked_by=actor.user_id,
            asked_at=at,
        )
    )
    log_act(session, actor, "claim-second-asked", ref, at)


def answer_second(session: Session, actor: Actor, ref: str, *, agrees: bool, remark: str | None, at: datetime) -> None:
    """Confirm what another reviewer is about to decide, or send it back with a remark.

    Raises NotAllowed for who asked, Conflict where nothing is asked or the verdicts have changed since, and
    Refusal for sending back without a remark.
    """
    claim = service.under_review(session, actor, ref, at)
    look = second_look(session, claim)
    if look is None or look.answered_at is not None:
        raise Conflict("second-not-asked")
    if look.asked_by == actor.user_id:
        raise NotAllowed("second-is-yourself")
    if agrees and look.fingerprint != fingerprint(examined(session, claim).lines):
        raise Conflict("second-outdated")
    if not agrees and not remark:
        raise Refusal("remark-missing", field="remark")
    look.answered_by, look.answered_at, look.agreed, look.remark = actor.user_id, at, agrees, remark or ""
    session.add(look)
    session.flush()
    log_act(session, actor, "claim-second-answered", ref, at, agrees=agrees)


@dataclass(frozen=True, slots=True)
class Wording:
    """How the decision is written: the language of its legal text, the days a decision on costs covers."""

    legal: str
    valid_from: date | None
    valid_to: date | None


def decide(
    session: Session, actor: Actor, ref: str, *, version: int, wording: Wording, demo: bool, at: datetime
) -> ClaimDecision:
    """Decide a claim, book it and write its letters; the same again returns the decision there is.

    Raises Conflict while something is missing, and Refusal for days or a language that cannot be.
    """
    on = business_day(at)
    claim = scope.find_own(session, actor, ref, on)
    standing = reads.decision(session, claim)
    if standing is not None:
        return standing
    found = examined(session, service.under_review(session, actor, ref, at))
    ready = readiness(session, found, on)
    if ready.missing:
        raise Conflict(f"claim-{ready.missing[0]}")
    valid = _valid(claim, wording)
    if wording.legal not in letters.LEGAL_LANGUAGES:
        raise Refusal("legal-language-unknown", field="legal")
    second = ready.look.answered_by if ready.look is not None and ready.look_holds else None
    if second == actor.user_id:
        raise NotAllowed("second-is-yourself")
    with moving(session, actor, at):
        made = review.decide(
            session, claim.id or 0, version=version, by=actor.user_id, second=second, at=at, on=on, valid=valid
        )
    claim.case_number = claim.case_number or next_number(session, claim.authority_id, on)
    session.add(claim)
    session.flush()
    write_letters(session, claim, made, legal=wording.legal, demo=demo)
    return made


def _valid(claim: Claim, wording: Wording) -> tuple[date, date]:
    first, last = wording.valid_from or claim.period_first, wording.valid_to or claim.period_last
    if first > last:
        raise Refusal("valid-order", field="valid_to")
    return first, last


def write_letters(session: Session, claim: Claim, made: ClaimDecision, *, legal: str, demo: bool) -> None:
    """Write the letters of a decision in its transaction; raises Refusal where a sign cannot be printed."""
    before = session.exec(
        select(ClaimDecision).where(ClaimDecision.claim_id == claim.id, ClaimDecision.number == made.number - 1)
    ).one_or_none()
    hearing = service.hearing(session, claim)
    facts = letters.Facts(
        claim=claim,
        made=made,
        lines=examined(session, claim, made).lines,
        county=session.get_one(Organisation, claim.county_id),
        authority=session.get_one(Organisation, claim.authority_id),
        decider=session.get_one(User, made.decided_by),
        second=session.get(User, made.second_id) if made.second_id else None,
        heard=hearing.statement if hearing is not None else "",
        legal=legal,
        demo=demo,
        before=before,
    )
    try:
        letters.papers(session, facts)
    except SignNotShown as unshown:
        raise Refusal("sign-not-shown", sign=unshown.sign) from unshown


def next_number(session: Session, authority_id: int, on: date) -> str:
    """Return the authority's next case number of the year, from 1; its row is locked to the end of the transaction."""
    lock_row(session, Organisation, authority_id)
    given = session.exec(
        select(Claim.case_number).where(
            Claim.authority_id == authority_id, col(Claim.case_number).like(f"{PREFIX} %/{on.year}")
        )
    )
    serials = [int(found[1]) for number in given if number and (found := _NUMBER.fullmatch(number))]
    return f"{PREFIX} {max(serials, default=0) + 1}/{on.year}"


def document(session: Session, actor: Actor, ref: str, number: int, lang: str, on: date) -> ClaimDocument:
    """Return the letter of a decision in a language; raises NotFound."""
    claim = scope.find(session, actor, ref, on)
    if claim.status is not ClaimStatus.DECIDED:
        raise NotFound
    found = session.exec(
        select(ClaimDocument)
        .join(ClaimDecision, col(ClaimDecision.id) == ClaimDocument.decision_id)
        .where(ClaimDecision.claim_id == claim.id, ClaimDecision.number == number, ClaimDocument.language == lang)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def decisions(session: Session, claim: Claim) -> list[ClaimDecision]:
    """Return every decision on a claim, the one that stands first."""
    query = select(ClaimDecision).where(ClaimDecision.claim_id == claim.id)
    return list(session.exec(query.order_by(col(ClaimDecision.number).desc())))


def letters_of(session: Session, made: ClaimDecision) -> list[ClaimDocument]:
    """Return the letters of a decision without their content, by language."""
    content: Any = ClaimDocument.content
    query = select(ClaimDocument).options(defer(content)).where(ClaimDocument.decision_id == made.id)
    return list(session.exec(query.order_by(col(ClaimDocument.language))))


def people(session: Session, made: ClaimDecision) -> tuple[User, User | None]:
    """Return who decided and who confirmed."""
    return session.get_one(User, made.decided_by), session.get(User, made.second_id) if made.second_id else None
