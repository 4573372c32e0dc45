"""Parties look at a text before it is frozen: asked by its drafter, each comments on clauses and confirms, or not.

A confirmation is a comment about the whole text. It binds nobody: what binds is the signature.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlmodel import Session, col, select

from agreements.life_tables import AgreementComment
from agreements.tables import Agreement, AgreementParty, AgreementVersion, PartyRole, VersionStatus
from placement.agreed.queries import in_sight
from placement.permissions import Actor, Permission

CONFIRMED = "confirmed"
"""The section of a comment that confirms the whole text."""


def confirmed_by(session: Session, version_id: int) -> set[int]:
    """Return the bodies that have confirmed the text of a version."""
    query = select(AgreementComment.organisation_id).where(
        AgreementComment.version_id == version_id, AgreementComment.section == CONFIRMED
    )
    return set(session.exec(query))


def may_confirm(
    actor: Actor, agreement: Agreement, version: AgreementVersion, parties: Collection[AgreementParty]
) -> bool:
    """Whether the actor's body is asked: it is to sign a text that is out for comments and is not the county's own."""
    signs = any(
        one.organisation_id == actor.organisation_id
        and one.role is PartyRole.SIGNATORY
        and one.version_id == version.id
        for one in parties
    )
    own = agreement.county_id == actor.organisation_id
    asked = version.status is VersionStatus.HEARING
    return asked and signs and not own and actor.can(Permission.COMMENT_AGREEMENTS)


def to_confirm(session: Session, actor: Actor, on: date) -> list[tuple[Agreement, AgreementVersion]]:
    """Return the versions that wait for the actor's body to comment or confirm, the first to be answered first."""
    rows = session.exec(
        select(Agreement, AgreementVersion)
        .join(AgreementVersion, col(AgreementVersion.agreement_id) == Agreement.id)
        .where(in_sight(session, actor, on), AgreementVersion.status == VersionStatus.HEARING)
        .order_by(col(AgreementVersion.hearing_due_on), col(AgreementVersion.id))
    ).all()
    keys = [version.id or 0 for _, version in rows]
    parties = session.exec(select(AgreementParty).where(col(AgreementParty.version_id).in_(keys))).all()
    said = session.exec(
        select(AgreementComment.version_id).where(
            col(AgreementComment.version_id).in_(keys),
            AgreementComment.section == CONFIRMED,
            AgreementComment.organisation_id == actor.organisation_id,
        )
    ).all()
    return [
        (agreement, version)
        for agreement, version in rows
        if version.id not in said and may_confirm(actor, agreement, version, parties)
    ]
