"""What this person can do with an agreement now: the buttons of its page, and why it was returned."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from agreements import terms
from agreements.life_tables import AgreementEvent, Move
from agreements.tables import AgreementParty, AgreementSignature, AgreementVersion, PartyRole
from placement.agreed import acting, confirming
from placement.permissions import Actor, Permission
from placement.web.edge import today
from placement.web.i18n import day


@dataclass(frozen=True)
class Act:
    """A link (or with `post` a form's button) that leads to an act; `main` is the one that waits most."""

    id: str
    text: str
    href: str
    main: bool = False
    post: bool = False


def acts(session: Session, actor: Actor, ref: str) -> list[Act]:
    """Return what the actor can do with the newest version that the actor sees, the main one first."""
    agreement, version, parties = acting.find(session, actor, ref, today())
    found = _of_party(session, actor, ref, version, parties)
    if acting.drafts(actor, agreement, version, parties):
        found += _of_drafter(ref, version)
    found.append(Act("open-version", _("Text and history"), _version_url(ref, version.number)))
    if terms.load(version.terms).duties and version.activated_on is not None:
        found.append(Act("deliveries", _("Promised services"), url_for("deliveries.of_agreement", ref=ref)))
    comments_url = url_for("agreement_draft.comments", ref=ref, number=version.number)
    asked = confirming.may_confirm(actor, agreement, version, parties)
    if asked and actor.organisation_id not in confirming.confirmed_by(session, version.id or 0):
        found.insert(0, Act("confirm", _("Comment or confirm"), comments_url, main=True))
    else:
        found.append(Act("comments", _("Comments"), comments_url))
    if version.predecessor:
        found.append(Act("compare", _("Compare with the version before"), url_for("agreement_draft.compare", ref=ref)))
    return found


def _version_url(ref: str, number: int) -> str:
    return url_for("agreement_draft.version", ref=ref, number=number)


def _of_party(
    session: Session, actor: Actor, ref: str, version: AgreementVersion, parties: list[AgreementParty]
) -> list[Act]:
    found = []
    mine = [one for one in parties if one.organisation_id == actor.organisation_id and one.role is PartyRole.SIGNATORY]
    if version.status.value == "in-signing" and mine and actor.can(Permission.SIGN_AGREEMENTS):
        signed = set(
            session.exec(select(AgreementSignature.party_id).where(AgreementSignature.version_id == version.id))
        )
        if any((one.id or 0) not in signed for one in mine):
            found.append(Act("sign", _("Read and sign"), url_for("agreement_draft.sign", ref=ref), main=True))
    if version.status.value == "hearing" and acting.is_heard(actor, parties) and version.heard_on is None:
        found.append(Act("answer", _("Give the statement"), url_for("agreement_draft.hearing", ref=ref), main=True))
    return found


def _of_drafter(ref: str, version: AgreementVersion) -> list[Act]:
    state = version.status.value
    if state == "draft":
        return [Act("work", _("Continue the draft"), url_for("agreement_draft.work", ref=ref), main=True)]
    if state == "hearing":
        return [
            Act("go-on", _("Check and send"), url_for("agreement_draft.check", ref=ref), main=True),
            Act("return", _("Return for changes"), url_for("agreement_draft.returning", ref=ref)),
        ]
    if state == "in-signing":
        return [
            Act("hand", _("Record an original signed by hand"), url_for("agreement_draft.hand_signed", ref=ref)),
            Act("return", _("Return for changes"), url_for("agreement_draft.returning", ref=ref)),
        ]
    if state == "signed" and version.activated_on is None:
        words = _("Activate from %(day)s", day=day(version.valid_from))
        return [Act("activate", words, url_for("agreement_draft.activation", ref=ref), main=True)]
    ended = version.ended_on or version.valid_to
    found = [Act("amend", _("Prepare a new version"), url_for("agreement_draft.amend", ref=ref), post=True)]
    if state == "signed" and (ended is None or ended >= today()):
        end_url = url_for("agreement_draft.ending", ref=ref, number=version.number)
        found.append(Act("end", _("End the agreement"), end_url))
        found.append(Act("reviews", _("Record the review"), url_for("agreement_draft.reviews", ref=ref)))
    return found


def returned_because(session: Session, actor: Actor, ref: str) -> tuple[int, str] | None:
    """Return the number and the reason of the latest returned version while its copy is being worked on."""
    agreement, _version, _parties = acting.find(session, actor, ref, today())
    row = session.exec(
        select(AgreementVersion.number, AgreementEvent.reason)
        .join(AgreementEvent, col(AgreementEvent.version_id) == AgreementVersion.id)
        .where(AgreementVersion.agreement_id == agreement.id, AgreementEvent.move == Move.RETURNED)
        .order_by(col(AgreementVersion.number).desc())
    ).first()
    return (row[0], row[1]) if row else None
