"""Signing: one interface for every method, and the rules that hold whatever the method. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from sqlmodel import Session, col, select

from agreements.check_values import UNREADABLE, MandateFacts, signing_day
from agreements.content import canonical, content, text_fingerprint
from agreements.drafting import locked, note
from agreements.life_tables import AgreementAttachment, AgreementFrozen, AttachmentKind, Move
from agreements.refused import Refused
from agreements.tables import AgreementParty, AgreementSignature, AgreementVersion, PartyRole, VersionStatus

HAND_SIGNED = "hand-signed"


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """What a signatory sends: the version and content that were shown, both boxes, the mandate, and the proof.

    `proof` is what the method asks for (a password, say); it is never stored.
    """

    version_id: int
    content_hash: str
    mandate_id: int
    mandate: MandateFacts
    has_read: bool
    has_right: bool
    proof: str


class SigningMethod(Protocol):
    """How a person proves to be the one who signs. There is one way into the register whatever the method."""

    @property
    def code(self) -> str:
        """The word that the signature row keeps for the method."""

    def proves(self, request: SigningRequest) -> bool:
        """Whether the proof shows that the mandate's holder signs now."""


def sign(session: Session, request: SigningRequest, method: SigningMethod, *, at: datetime) -> AgreementVersion:
    """Sign for the body of the mandate; with the last signature the version is signed.

    A body that the law makes two parties (Helsinki as county and municipality, 681/2023 § 100) signs once for
    both. Signing again is harmless. Raises Refused: the version was returned or replaced, is another text than
    the one shown, a box is not ticked, the mandate does not hold today or is of another body, the person signed
    for another party already, or the method does not prove who signs.
    """
    version = locked(session, request.version_id)
    parties = _parties(session, version)
    mine = [one for one in parties if one.organisation_id == request.mandate.organisation_id]
    done = _signed(session, version)
    if mine and all((one.id or 0) in done for one in mine):
        return version
    _may_sign(session, version, request, mine, at)
    if not (request.has_read and request.has_right):
        raise Refused("boxes-missing")
    if not method.proves(request):
        raise Refused("proof-wrong")
    rest = [one for one in mine if (one.id or 0) not in done]
    _write(session, version, rest, request.mandate.user_id, request.mandate_id, method.code, at, None)
    _finish(session, version, parties, by=request.mandate.user_id, at=at)
    return version


def _may_sign(
    session: Session,
    version: AgreementVersion,
    request: SigningRequest,
    mine: Sequence[AgreementParty],
    at: datetime,
) -> None:
    if version.status is not VersionStatus.IN_SIGNING:
        raise Refused("signing-over", status=version.status.value, number=version.number)
    if request.content_hash != version.content_hash:
        raise Refused("other-text")
    if not mine:
        raise Refused("not-a-party")
    _intact(session, version)
    _person_may(session, version, request.mandate, mine, signing_day(at))


def _person_may(
    session: Session, version: AgreementVersion, mandate: MandateFacts, mine: Sequence[AgreementParty], day: date
) -> None:
    if not mandate.period.covers(day):
        raise Refused("mandate-not-valid", day=day)
    own = {one.id for one in mine}
    for row in session.exec(select(AgreementSignature).where(AgreementSignature.version_id == version.id)):
        if row.user_id == mandate.user_id and row.party_id not in own:
            raise Refused("signed-for-another")


def _intact(session: Session, version: AgreementVersion) -> None:
    """Refuse to sign what is not, to the letter, what was frozen."""
    frozen = session.get(AgreementFrozen, version.id)
    if frozen is None or fault_of(session, version, frozen) is not None:
        raise Refused("content-changed")


def fault_of(session: Session, version: AgreementVersion, frozen: AgreementFrozen) -> str | None:
    """Return how a frozen version differs from what was frozen, or None: `hash`, `text` or `rows`."""
    if frozen.content_hash != version.content_hash:
        return "hash"
    if text_fingerprint(frozen.canonical) != frozen.content_hash:
        return "text"
    try:
        stored = canonical(content(session, version))
    except UNREADABLE:
        return "rows"
    return None if f'"content":{stored}' in frozen.canonical else "rows"


def record_by_hand(
    session: Session,
    version_id: int,
    *,
    mandate_id: int,
    mandate: MandateFacts,
    signed_on: date,
    signed_at: datetime,
    scan: AgreementAttachment,
    at: datetime,
    made_before: bool = False,
) -> AgreementVersion:
    """Record an original that was signed by hand, with its scan. The same rules hold as for signing here.

    `signed_at` is an instant of `signed_on`, on which the mandate must hold; it lies between the freezing and now,
    or anywhere before for an agreement that was `made_before` it was written down here (an earlier law's).
    """
    version = locked(session, version_id)
    if version.status is not VersionStatus.IN_SIGNING:
        raise Refused("signing-over", status=version.status.value, number=version.number)
    if scan.version_id != version.id or scan.kind is not AttachmentKind.SCAN:
        raise Refused("scan-missing")
    _intact(session, version)
    frozen = session.get_one(AgreementFrozen, version.id)
    earliest = date.min if made_before else signing_day(frozen.frozen_at)
    if not earliest <= signed_on <= signing_day(at):
        raise Refused("signed-outside", first=signing_day(frozen.frozen_at))
    parties = _parties(session, version)
    mine = [one for one in parties if one.organisation_id == mandate.organisation_id]
    if not mine:
        raise Refused("not-a-party")
    _person_may(session, version, mandate, mine, signed_on)
    done = _signed(session, version)
    rest = [one for one in mine if (one.id or 0) not in done]
    if not rest:
        raise Refused("signed-already")
    _write(session, version, rest, mandate.user_id, mandate_id, HAND_SIGNED, signed_at, scan.sha256)
    _finish(session, version, parties, by=mandate.user_id, at=at)
    return version


def _parties(session: Session, version: AgreementVersion) -> list[AgreementParty]:
    rows = session.exec(
        select(AgreementParty)
        .where(AgreementParty.version_id == version.id, AgreementParty.role == PartyRole.SIGNATORY)
        .order_by(col(AgreementParty.id))
    )
    return list(rows)


def _signed(session: Session, version: AgreementVersion) -> set[int]:
    query = select(AgreementSignature.party_id).where(AgreementSignature.version_id == version.id)
    return set(session.exec(query))


def _write(
    session: Session,
    version: AgreementVersion,
    parties: Sequence[AgreementParty],
    user_id: int,
    mandate_id: int,
    method: str,
    at: datetime,
    scan_sha256: str | None,
) -> None:
    for party in parties:
        row = AgreementSignature(
            version_id=version.id or 0,
            party_id=party.id or 0,
            user_id=user_id,
            mandate_id=mandate_id,
            method=method,
            content_hash=version.content_hash or "",
            signed_at=at,
            scan_sha256=scan_sha256,
        )
        row.seal = seal_of(row)
        session.add(row)
    session.flush()


def _finish(
    session: Session, version: AgreementVersion, parties: Sequence[AgreementParty], *, by: int, at: datetime
) -> None:
    done = _signed(session, version)
    if any((one.id or 0) not in done for one in parties):
        return
    before = version.status.value
    version.status = VersionStatus.SIGNED
    session.add(version)
    note(session, version, Move.SIGNED, before, by=by, at=at)


def seal_of(row: AgreementSignature) -> str:
    """Return SHA-256 over everything a signature row says but its key and the seal itself."""
    values = row.model_dump(exclude={"id", "seal"})
    values["signed_at"] = row.signed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return text_fingerprint(canonical(values))
