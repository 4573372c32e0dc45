"""Every act on an agreement as the host does it: who may, the library's service, and one audit event.

Services flush and never commit. A refusal of the library becomes one of the product's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlmodel import Session, col, select

from agreements import drafting, life, signing
from agreements.content import move_fingerprint
from agreements.drafting import Edit, NewAgreement
from agreements.life_tables import AgreementAttachment, AgreementEvent
from agreements.refused import ChangedMeanwhile, Refused
from agreements.signing import SigningMethod, SigningRequest
from agreements.tables import Agreement, AgreementVersion
from agreements.terms import TermsFault
from placement import references
from placement.agreed import acting, facts, paper
from placement.audit.service import record
from placement.clock import business_day
from placement.people.tables import Organisation, UserMandate
from placement.permissions import Actor, Permission
from placement.reference import law_day, recorded_kinds
from placement.refusals import Conflict, NotAllowed, Refusal, Refusals
from placement.units.queries import organisations_by_key
from placement.units.tables import Unit

CONFLICTS = frozenset(
    {"signing-over", "other-text", "content-frozen", "content-changed", "move-not-possible", "version-open", "replaced"}
)
FORBIDDEN = frozenset({"mandate-not-valid", "not-a-party", "signed-for-another", "proof-wrong"})


class DraftHasProblems(Refusal):
    """A draft cannot go on; `problems` are the rules' own values."""

    def __init__(self, has: life.HasProblems) -> None:
        super().__init__("agreement-has-problems", count=len(has.problems))
        self.problems = has.problems


def _refusal(kind: type[Refusal], refused: Refused) -> Refusal:
    found = kind(refused.code)
    found.facts = dict(refused.facts)
    return found


@contextmanager
def told() -> Iterator[None]:
    """Turn a refusal of the library into one that the edge knows."""
    try:
        yield
    except life.HasProblems as has:
        raise DraftHasProblems(has) from has
    except ChangedMeanwhile as changed:
        raise _refusal(Conflict, changed) from changed
    except TermsFault as fault:
        raise Refusals([Refusal(f"terms-{fault.code}", field=fault.field)]) from fault
    except Refused as refused:
        kind = Conflict if refused.code in CONFLICTS else NotAllowed if refused.code in FORBIDDEN else Refusal
        raise _refusal(kind, refused) from refused


def log_moves(session: Session, actor: Actor | None, version: AgreementVersion, at: datetime, known: int) -> None:
    """Write one audit event for each move of the version that was recorded after event `known`."""
    ref = session.get_one(Agreement, version.agreement_id).ref
    rows = session.exec(
        select(AgreementEvent)
        .where(AgreementEvent.version_id == version.id, col(AgreementEvent.id) > known)
        .order_by(col(AgreementEvent.id))
    ).all()
    for row in rows:
        facts_set = move_fingerprint(version, row.move.value)
        after = {"version": version.number, "status": row.to_status, "hash": version.content_hash}
        record(
            session,
            actor=actor,
            action=f"agreement-{row.move.value}",
            object_kind="agreement",
            object_ref=ref,
            at=at,
            before={"status": row.from_status},
            after=after | ({"set": facts_set} if facts_set else {}),
        )


def last_event(session: Session) -> int:
    """Return the key of the last recorded move: what comes after it is new."""
    found = session.exec(select(AgreementEvent.id).order_by(col(AgreementEvent.id).desc()).limit(1)).first()
    return found or 0


@contextmanager
def moving(session: Session, actor: Actor, at: datetime) -> Iterator[list[AgreementVersion]]:
    """Run a move: the versions that the block names are written to the trail, each move once."""
    known, touched = last_event(session), list[AgreementVersion]()
    with told():
        yield touched
    for version in touched:
        log_moves(session, actor, version, at, known)


def create(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    title: str,
    municipality_id: int | None,
    valid_from: date,
    at: datetime,
    case_number: str | None = None,
    provider_id: int | None = None,
) -> tuple[Agreement, AgreementVersion]:
    """Begin an agreement of a kind that the actor's body may begin; the parties that the law asks for are in it."""
    on = business_day(at)
    if kind not in acting.kinds_for(session, actor, on):
        raise Refusal("kind-not-yours", field="kind")
    body = session.get_one(Organisation, actor.organisation_id)
    municipality = session.get(Organisation, municipality_id) if municipality_id else None
    municipality = municipality or (body if body.municipality_code else None)
    county = _county(session, body, municipality)
    law = law_day(kind, valid_from, on)
    if law is None:
        raise Refusal("kind-not-on-day", field="valid_from")
    parties = facts.suggested_parties(session, kind, county, municipality, law)
    if provider_id is not None and kind == "purchase":
        parties = [*parties, drafting.Party(provider_id, "provider", "signatory")]
    if body.id not in {one.organisation_id for one in parties}:
        raise Refusal("municipality-needed", field="municipality")
    makes = kind in acting.COUNTY_KINDS
    new = NewAgreement(
        ref=references.new("AG"),
        kind=kind,
        title=title,
        county_id=body.id if makes and body.county_code else None,
        case_number=case_number,
        valid_from=valid_from,
    )
    with moving(session, actor, at) as touched:
        version = drafting.start(session, new, parties, by=actor.user_id, at=at)
        touched.append(version)
    return session.get_one(Agreement, version.agreement_id), version


def _county(session: Session, body: Organisation, municipality: Organisation | None) -> Organisation | None:
    if body.county_code:
        return body
    if municipality is None:
        return None
    if municipality.county_code:
        return municipality
    return session.get(Organisation, municipality.county_id) if municipality.county_id else None


def send_to_hearing(session: Session, actor: Actor, ref: str, due_on: date, *, at: datetime) -> AgreementVersion:
    """Ask the bodies that must be heard; they answer by `due_on` or pass as heard."""
    on = business_day(at)
    agreement, version, _ = acting.find_own(session, actor, ref, on)
    found = facts.problems(session, facts.load(session, agreement, version), on, before_hearing=True)
    with moving(session, actor, at) as touched:
        life.send_to_hearing(session, version.id or 0, due_on=due_on, problems=found, by=actor.user_id, at=at)
        touched.append(version)
    return version


def answer_hearing(session: Session, actor: Actor, ref: str, statement: str, *, at: datetime) -> AgreementVersion:
    """Give the statement of the body that is heard."""
    _, version, parties = acting.find(session, actor, ref, business_day(at))
    if not acting.is_heard(actor, parties):
        raise NotAllowed("not-heard-here")
    with moving(session, actor, at) as touched:
        life.state_opinion(session, version.id or 0, statement=statement, by=actor.user_id, at=at)
        touched.append(version)
    return version


def send_for_signature(session: Session, actor: Actor, ref: str, *, at: datetime, demo: bool) -> AgreementVersion:
    """Freeze the text and ask for signatures. Raises DraftHasProblems with everything that is missing."""
    on = business_day(at)
    agreement, version, parties = acting.find_own(session, actor, ref, on)
    draft = facts.load(session, agreement, version)
    bodies = organisations_by_key(session, [one.organisation_id for one in parties])
    units = session.exec(select(Unit).where(col(Unit.id).in_({one.unit_id for one in draft.units}))).all()
    with moving(session, actor, at) as touched:
        life.send_for_signature(
            session,
            version.id or 0,
            problems=facts.problems(session, draft, on),
            names=paper.names_of(list(bodies.values()), list(units)),
            typeset=paper.typesetter(on, demo=demo),
            by=actor.user_id,
            at=at,
        )
        touched.append(version)
    return version


def sign(
    session: Session,
    actor: Actor,
    ref: str,
    number: int,
    *,
    content_hash: str,
    has_read: bool,
    has_right: bool,
    proof: str,
    method: SigningMethod,
    at: datetime,
) -> AgreementVersion:
    """Sign a version for the actor's body."""
    agreement, version, _ = acting.find(session, actor, ref, business_day(at), number)
    if agreement.kind.value in recorded_kinds(business_day(at)):
        raise Refusal("sign-by-hand-only")
    mandate_id, mandate = acting.signing_mandate(session, actor, business_day(at))
    before = len(life.signatures_of(session, version.id or 0))
    with moving(session, actor, at) as touched:
        signing.sign(
            session,
            SigningRequest(version.id or 0, content_hash, mandate_id, mandate, has_read, has_right, proof),
            method,
            at=at,
        )
        touched.append(version)
    _log_signatures(session, actor, ref, version, before, at)
    return version


def _log_signatures(
    session: Session, actor: Actor, ref: str, version: AgreementVersion, before: int, at: datetime
) -> None:
    for row in life.signatures_of(session, version.id or 0)[before:]:
        record(
            session,
            actor=actor,
            action="agreement-signature",
            object_kind="agreement",
            object_ref=ref,
            at=at,
            after={"version": version.number, "party": row.party_id, "seal": row.seal},
        )


def record_by_hand(
    session: Session,
    actor: Actor,
    ref: str,
    *,
    mandate_id: int,
    signed_on: date,
    signed_at: datetime,
    scan: AgreementAttachment,
    at: datetime,
) -> AgreementVersion:
    """Record an original that a signatory of a party signed by hand."""
    agreement, version, _ = acting.find_own(session, actor, ref, business_day(at))
    mandate = session.get(UserMandate, mandate_id)
    if mandate is None or mandate_id not in {
        one.id for body in _bodies(session, version) for one, _ in acting.signatories(session, body, signed_on)
    }:
        raise Refusal("signatory-missing", field="mandate")
    before = len(life.signatures_of(session, version.id or 0))
    with moving(session, actor, at) as touched:
        signing.record_by_hand(
            session,
            version.id or 0,
            mandate_id=mandate_id,
            mandate=acting.facts(mandate),
            signed_on=signed_on,
            signed_at=signed_at,
            scan=scan,
            at=at,
            made_before=agreement.kind.value in recorded_kinds(business_day(at)),
        )
        touched.append(version)
    _log_signatures(session, actor, ref, version, before, at)
    return version


def _bodies(session: Session, version: AgreementVersion) -> list[int]:
    return [one.organisation_id for one in acting.parties_of(session, version)]


def give_back(session: Session, actor: Actor, ref: str, reason: str, *, at: datetime) -> AgreementVersion:
    """Return a version for changes: the drafter from hearing or signing, a signatory of a party from signing."""
    on = business_day(at)
    agreement, version, parties = acting.find(session, actor, ref, on)
    party = any(one.organisation_id == actor.organisation_id for one in parties)
    declines = party and actor.can(Permission.SIGN_AGREEMENTS) and version.status.value == "in-signing"
    if not declines and not acting.drafts(actor, agreement, version, parties):
        raise NotAllowed("agreement-of-another")
    with moving(session, actor, at) as touched:
        old, new = life.give_back(
            session, version.id or 0, reason=reason, heirs=acting.heirs(session, on), by=actor.user_id, at=at
        )
        touched += [old, new]
    return new


def amend(session: Session, actor: Actor, ref: str, *, at: datetime) -> AgreementVersion:
    """Begin a new version that copies the newest one; a body that has ended is named by its heir there."""
    on = business_day(at)
    _, version, _ = acting.find_own(session, actor, ref, on)
    with moving(session, actor, at) as touched:
        new = life.amend(session, version.id or 0, heirs=acting.heirs(session, on), by=actor.user_id, at=at)
        touched.append(new)
    return new


def activate(session: Session, actor: Actor, ref: str, reason: str | None, *, at: datetime) -> AgreementVersion:
    """Put the signed version in force from its first day."""
    _, version, _ = acting.find_own(session, actor, ref, business_day(at))
    with moving(session, actor, at) as touched:
        life.activate(session, version.id or 0, retroactive_reason=reason, by=actor.user_id, at=at)
        touched.append(version)
    return version


def terminate(
    session: Session,
    actor: Actor,
    ref: str,
    number: int,
    *,
    last_day: date,
    reason: str,
    by_consent: bool,
    at: datetime,
) -> AgreementVersion:
    """End a version before its term."""
    _, version, _ = acting.find_own(session, actor, ref, business_day(at), number)
    with moving(session, actor, at) as touched:
        life.terminate(
            session,
            version.id or 0,
            last_day=last_day,
            reason=reason,
            by_consent=by_consent,
            by=actor.user_id,
            at=at,
        )
        touched.append(version)
    return version


def edit(actor: Actor, seen: int, at: datetime) -> Edit:
    return Edit(actor.user_id, at, seen)
