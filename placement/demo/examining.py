"""What examining leaves behind in the demo: letters of decisions, the days of questions, a finding, a request."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from agreements.claim_tables import Claim, ClaimDecision, ClaimLine, ClaimLineVerdict, ClaimVersion, Verdict
from agreements.claim_values import Gate
from agreements.payment_tables import Recovery
from placement.clock import business_day
from placement.demo.claims import actor_for
from placement.demo.writing import Writer
from placement.people.tables import Organisation, User
from placement.reviewing import deciding, letters, objections
from placement.reviewing.tables import ClaimDocument, ClaimQuestion

ANSWER_DAYS = timedelta(days=14)


def write_examining(writer: Writer) -> None:
    """Write letters, questions, a finding and a request for every claim of the demo."""
    write_letters(writer)
    write_questions(writer)
    write_objections(writer)


def write_letters(writer: Writer) -> None:
    """Write the letters of decisions and orders that have none, oldest first."""
    session = writer.session
    done = select(ClaimDocument.decision_id).where(col(ClaimDocument.decision_id).is_not(None))
    query = (
        select(ClaimDecision, Claim)
        .join(Claim, col(Claim.id) == ClaimDecision.claim_id)
        .where(col(ClaimDecision.id).not_in(done))
        .order_by(col(ClaimDecision.id))
    )
    for made, claim in session.exec(query).all():
        if claim.case_number is None:
            claim.case_number = deciding.next_number(session, claim.authority_id, made.decided_on)
            session.add(claim)
            session.flush()
        deciding.write_letters(session, claim, made, legal="fi", demo=True)
    ordered = select(ClaimDocument.recovery_id).where(col(ClaimDocument.recovery_id).is_not(None))
    orders = (
        select(Recovery, Claim)
        .join(Claim, col(Claim.id) == Recovery.claim_id)
        .where(col(Recovery.id).not_in(ordered))
        .order_by(col(Recovery.id))
    )
    for recovery, claim in session.exec(orders).all():
        facts = letters.Order(
            claim=claim,
            recovery=recovery,
            county=session.get_one(Organisation, claim.county_id),
            authority=session.get_one(Organisation, claim.authority_id),
            decider=session.get_one(User, recovery.decided_by),
            legal="fi",
            demo=True,
        )
        letters.papers(session, facts)


def write_questions(writer: Writer) -> None:
    """Give each question that stands on lines of a claim its own row with the day by which the county answers."""
    session = writer.session
    query = (
        select(ClaimLineVerdict, Claim)
        .join(ClaimLine, col(ClaimLine.id) == ClaimLineVerdict.line_id)
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .join(Claim, col(Claim.id) == ClaimVersion.claim_id)
        .where(ClaimLineVerdict.verdict == Verdict.ASK, ClaimVersion.number == Claim.number)
        .order_by(col(ClaimLineVerdict.id))
    )
    for said, claim in session.exec(query).all():
        session.add(
            ClaimQuestion(
                claim_id=claim.id or 0,
                number=claim.number,
                question=said.reason,
                due_on=max(business_day(said.at), writer.on) + ANSWER_DAYS,
                asked_by=said.by,
                asked_at=said.at,
            )
        )
    session.flush()


def write_objections(writer: Writer) -> None:
    """Add a request for rectification and an auditor's finding about the newest corrected claim of the tour."""
    session, people = writer.session, writer.people
    claim = session.exec(
        select(Claim).where(Claim.gate == Gate.PAYMENT, Claim.decision_no > 1).order_by(col(Claim.id).desc())
    ).first()
    if claim is None or "auditor" not in people:
        return
    objections.find_out(
        session,
        actor_for(writer, people["auditor"]),
        claim.ref,
        line_no=1,
        category="evidence",
        text="Tositteesta puuttuu hyväksymismerkintä.",
        cents=45_000,
        at=writer.at,
    )
    examiner = actor_for(writer, people["payment-examiner"])
    standing = deciding.decisions(session, claim)[0]
    objections.register(
        session,
        examiner,
        claim.ref,
        kind="rectification",
        served_on=standing.decided_on + timedelta(days=3),
        received_on=standing.decided_on + timedelta(days=20),
        wanted="Hyvinvointialue katsoo, että hyvitys kohdistui aiempaan jaksoon.",
        at=writer.at,
    )
