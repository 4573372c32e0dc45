"""Who may act for whom in the life of an agreement: drafting, being heard, signing, commenting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlmodel import Session, col, select

from agreements.check_values import MandateFacts
from agreements.period import Period
from agreements.tables import Agreement, AgreementParty, AgreementVersion, PartyRole
from placement.agreed import queries
from placement.people.queries import mandate_value, mandates_of
from placement.people.tables import Organisation, OrganisationKind, User, UserMandate
from placement.permissions import Actor, Permission, Role
from placement.reference import agreement_kinds, recorded_kinds
from placement.refusals import NotAllowed, NotFound

COUNTY_KINDS = ("three_party", "founding", "foster_care", "purchase", "legacy_28")
OTHER_KINDS = ("municipal_places",)
MAKERS = {
    OrganisationKind.COUNTY: COUNTY_KINDS,
    OrganisationKind.COUNTY_AND_MUNICIPALITY: (*COUNTY_KINDS, *OTHER_KINDS),
    OrganisationKind.MUNICIPALITY: OTHER_KINDS,
    OrganisationKind.STATE_CENTRE: OTHER_KINDS,
}
"""Which body begins which kind: the county its homes and purchases, municipality or centre the municipal places."""


def kinds_for(session: Session, actor: Actor, on: date) -> list[str]:
    """Return the kinds of agreement that the actor's body may begin on the day, in the order of its own list.

    A kind that only an earlier law knew is among them: what was made on paper then is recorded with its scan.
    """
    if not actor.can(Permission.DRAFT_AGREEMENTS):
        return []
    body = session.get_one(Organisation, actor.organisation_id)
    possible = {one.key for one in agreement_kinds(on)} | set(recorded_kinds(on))
    return [kind for kind in MAKERS.get(body.kind, ()) if kind in possible]


def drafts(actor: Actor, agreement: Agreement, version: AgreementVersion, parties: list[AgreementParty]) -> bool:
    """Whether the actor writes this agreement: its county, or any signing body where no county makes it."""
    if not actor.can(Permission.DRAFT_AGREEMENTS):
        return False
    if agreement.county_id is not None:
        return agreement.county_id == actor.organisation_id
    return any(
        one.organisation_id == actor.organisation_id
        and one.version_id == version.id
        and one.role is PartyRole.SIGNATORY
        for one in parties
    )


def find(
    session: Session, actor: Actor, ref: str, on: date, number: int | None = None
) -> tuple[Agreement, AgreementVersion, list[AgreementParty]]:
    """Return an agreement, one of its versions (the newest by default) and its parties, when the actor may see them.

    Raises NotFound for a foreign and a missing one alike, and for a draft that is not the actor's to see.
    """
    agreement = queries.find(session, actor, ref, on)
    rows = session.exec(
        select(AgreementVersion)
        .where(AgreementVersion.agreement_id == agreement.id)
        .order_by(col(AgreementVersion.number))
    ).all()
    seen = queries.seen_versions(rows, drafts=queries.sees_drafts(actor, agreement))
    wanted = [row for row in seen if number in (None, row.number)]
    if not wanted:
        raise NotFound
    version = wanted[-1]
    return agreement, version, parties_of(session, version)


def parties_of(session: Session, version: AgreementVersion) -> list[AgreementParty]:
    query = select(AgreementParty).where(AgreementParty.version_id == version.id).order_by(col(AgreementParty.id))
    return list(session.exec(query))


def find_own(
    session: Session, actor: Actor, ref: str, on: date, number: int | None = None
) -> tuple[Agreement, AgreementVersion, list[AgreementParty]]:
    """Return what the actor may write; raises NotFound for what is not seen, NotAllowed for another body's draft."""
    agreement, version, parties = find(session, actor, ref, on, number)
    if not drafts(actor, agreement, version, parties):
        raise NotAllowed("agreement-of-another")
    return agreement, version, parties


def is_heard(actor: Actor, parties: list[AgreementParty]) -> bool:
    """Whether the actor's body is asked in the hearing and the actor may answer for it."""
    heard = any(one.role is PartyRole.HEARD and one.organisation_id == actor.organisation_id for one in parties)
    return heard and actor.can(Permission.ANSWER_HEARING)


def signing_mandate(session: Session, actor: Actor, on: date) -> tuple[int, MandateFacts]:
    """Return the actor's mandate to sign for the body; raises NotAllowed when none holds on the day."""
    for row in mandates_of(session, actor.user_id, on):
        if row.role is Role.SIGNATORY and row.organisation_id == actor.organisation_id:
            return row.id or 0, facts(row)
    raise NotAllowed("no-signing-mandate")


def facts(row: UserMandate) -> MandateFacts:
    return MandateFacts(row.user_id, row.organisation_id, Period(row.valid_from, row.valid_to))


def signatories(session: Session, organisation_id: int, on: date) -> list[tuple[UserMandate, User]]:
    """Return the people who may sign for a body on the day, with their mandates, by name."""
    rows = session.exec(
        select(UserMandate, User)
        .join(User, col(User.id) == UserMandate.user_id)
        .where(UserMandate.organisation_id == organisation_id, UserMandate.role == Role.SIGNATORY)
        .order_by(col(User.name))
    ).all()
    return [(mandate, user) for mandate, user in rows if mandate_value(mandate).holds_on(on) and user.active]


def heirs(session: Session, on: date) -> Mapping[int, int]:
    """Return for each body that has ended by the day who acts after it; one without a single heir is absent."""
    rows = {row.id: row for row in session.exec(select(Organisation)) if row.id is not None}
    found = {}
    for key, row in rows.items():
        last = row
        while last.valid_to is not None and last.valid_to < on and last.successor_id in rows:
            last = rows[last.successor_id]
        if last.id is not None and last.id != key:
            found[key] = last.id
    return found
