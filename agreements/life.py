"""The life of a version: to hearing, to signing, in force, amended, ended. One recorded move each; the caller commits.

Who may act for whom is the host's business; these functions know what the state of a version allows (rule A5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from agreements import drafting
from agreements import terms as agreed_terms
from agreements.agreement_rules import CHAPTERS
from agreements.check_values import signing_day
from agreements.clauses import LANGUAGES
from agreements.content import canonical, content, text_fingerprint
from agreements.draft_rules import Problem
from agreements.drafting import locked, note, versions_of
from agreements.in_force import Coverage, coverage
from agreements.life_rules import earliest_end, target
from agreements.life_tables import AgreementDocument, AgreementFrozen, Move
from agreements.period import Period
from agreements.refused import Refused
from agreements.tables import Agreement, AgreementSignature, AgreementUnit, AgreementVersion, VersionStatus

Typeset = Callable[[Mapping[str, Any], str, str], bytes]
"""Sets a frozen content as a PDF: (canonical values, content hash, language) -> bytes."""


class HasProblems(Refused):
    """A draft cannot go on: every problem, so that all are mended in one go."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("agreement-has-problems", count=len(problems))
        self.problems = tuple(problems)


def _move(
    session: Session, version: AgreementVersion, move: Move, *, by: int | None, at: datetime, reason: str = ""
) -> None:
    before = version.status.value
    after = target(move.value, before)
    if after is None:
        raise Refused("move-not-possible", move=move.value, status=before)
    version.status = VersionStatus(after)
    session.add(version)
    note(session, version, move, before, by=by, at=at, reason=reason)


def send_to_hearing(
    session: Session, version_id: int, *, due_on: date, problems: Sequence[Problem], by: int, at: datetime
) -> AgreementVersion:
    """Ask those who must be heard; `due_on` is the last day of the answer. The text is not changed from now on."""
    version = locked(session, version_id)
    today = signing_day(at)
    if problems:
        raise HasProblems(problems)
    if due_on <= today:
        raise Refused("due-in-the-past")
    _move(session, version, Move.SENT_TO_HEARING, by=by, at=at)
    version.hearing_requested_on, version.hearing_due_on = today, due_on
    session.flush()
    return version


def state_opinion(session: Session, version_id: int, *, statement: str, by: int, at: datetime) -> AgreementVersion:
    """Record what the heard body says; it may also come after the due day, until the version goes to signing."""
    version = locked(session, version_id)
    if not statement.strip():
        raise Refused("statement-missing")
    if version.heard_on is not None:
        raise Refused("heard-already")
    _move(session, version, Move.HEARD, by=by, at=at)
    version.heard_on, version.hearing_statement = signing_day(at), statement.strip()
    session.flush()
    return version


def send_for_signature(
    session: Session,
    version_id: int,
    *,
    problems: Sequence[Problem],
    names: Mapping[str, Any],
    typeset: Typeset,
    by: int,
    at: datetime,
) -> AgreementVersion:
    """Freeze the content, fingerprint it and set its documents. Raises HasProblems while something is missing.

    `names` are the names that bodies and units have on this day: the frozen text keeps them for good (rule A13).
    """
    version = locked(session, version_id)
    if problems:
        raise HasProblems(problems)
    _move(session, version, Move.SENT_FOR_SIGNATURE, by=by, at=at)
    values = {"content": content(session, version), "names": names}
    text = canonical(values)
    version.content_hash = text_fingerprint(text)
    session.add(
        AgreementFrozen(version_id=version.id or 0, canonical=text, content_hash=version.content_hash, frozen_at=at)
    )
    for language in LANGUAGES:
        pdf = typeset(values, version.content_hash, language)
        session.add(
            AgreementDocument(
                version_id=version.id or 0,
                language=language,
                pdf=pdf,
                sha256=file_fingerprint(pdf),
                made_at=at,
            )
        )
    session.flush()
    return version


def file_fingerprint(file: bytes) -> str:
    import hashlib

    return hashlib.sha256(file).hexdigest()


def give_back(
    session: Session, version_id: int, *, reason: str, heirs: Mapping[int, int], by: int, at: datetime
) -> tuple[AgreementVersion, AgreementVersion]:
    """Return a version for changes: it is closed for good and its copy is the next draft (rule A8).

    The hearing goes along when it was held: the matter that the body was heard on is the same.
    """
    version = locked(session, version_id)
    if not reason.strip():
        raise Refused("reason-missing")
    _move(session, version, Move.RETURNED, by=by, at=at, reason=reason.strip())
    new = drafting.copy(
        session, version, by=by, at=at, heirs=heirs, with_hearing=version.heard_on is not None, reason=reason.strip()
    )
    return version, new


def amend(session: Session, version_id: int, *, heirs: Mapping[int, int], by: int, at: datetime) -> AgreementVersion:
    """Return a new draft that copies a signed version: the old one holds until the new one takes over."""
    version = locked(session, version_id)
    if version.status not in (VersionStatus.SIGNED, VersionStatus.TERMINATED):
        raise Refused("move-not-possible", move="started", status=version.status.value)
    return drafting.copy(session, version, by=by, at=at, heirs=heirs)


def activate(
    session: Session, version_id: int, *, retroactive_reason: str | None, by: int, at: datetime
) -> AgreementVersion:
    """Put a signed version in force from its first day on; an earlier one of the agreement then ends the day before.

    A first day in the past needs a reason (rule A6) and changes nothing that has been claimed. Raises Refused
    where another agreement covers a unit on one of its days (rule A3).
    """
    version = locked(session, version_id)
    if version.activated_on is not None:
        return version
    today = signing_day(at)
    reason = (retroactive_reason or "").strip() or None
    if version.valid_from < today and reason is None:
        raise Refused("retroactive-reason-missing", day=version.valid_from)
    clash = already_covered(session, version)
    if clash is not None:
        raise Refused("already-covered", ref=clash.agreement_ref, number=clash.number, day=clash.period.first)
    _move(session, version, Move.ACTIVATED, by=by, at=at, reason=reason or "")
    version.activated_on, version.retroactive_reason = today, reason if version.valid_from < today else None
    session.flush()
    return version


def already_covered(session: Session, version: AgreementVersion) -> Coverage | None:
    """Return a version of another agreement that is in force for one of the same units, chapters and days."""
    kind = session.get_one(Agreement, version.agreement_id).kind.value
    mine = session.exec(select(AgreementUnit).where(AgreementUnit.version_id == version.id)).all()
    for one in coverage(session, {row.unit_id for row in mine}):
        if one.agreement_id == version.agreement_id or not set(one.chapters) & set(CHAPTERS[kind]):
            continue
        for row in mine:
            if row.unit_id == one.unit_id and one.period.overlap(Period(row.valid_from, row.valid_to)):
                return one
    return None


def terminate(
    session: Session,
    version_id: int,
    *,
    last_day: date,
    reason: str,
    by_consent: bool,
    by: int,
    at: datetime,
) -> AgreementVersion:
    """End a version in force on `last_day`, with the agreed notice or by consent of all. Nothing is deleted (A10)."""
    version = locked(session, version_id)
    today = signing_day(at)
    if not reason.strip():
        raise Refused("reason-missing")
    if version.activated_on is None:
        raise Refused("move-not-possible", move="terminated", status=version.status.value)
    notice = 0 if by_consent else agreed_terms.load(version.terms).notice_months
    first = max(earliest_end(today, notice), version.valid_from)
    if last_day < first:
        raise Refused("notice-too-short", day=first, months=notice)
    if version.valid_to is not None and last_day >= version.valid_to:
        raise Refused("ends-by-term", day=version.valid_to)
    later = [row for row in versions_of(session, version.agreement_id) if row.number > version.number]
    if any(row.activated_on is not None for row in later):
        raise Refused("replaced", number=later[-1].number)
    _move(session, version, Move.TERMINATED, by=by, at=at, reason=reason.strip())
    version.ended_on, version.end_reason = last_day, reason.strip()[:200]
    session.flush()
    return version


def signatures_of(session: Session, version_id: int) -> list[AgreementSignature]:
    """Return the signatures of a version in the order in which they were given."""
    query = select(AgreementSignature).where(AgreementSignature.version_id == version_id)
    return list(session.exec(query.order_by(col(AgreementSignature.signed_at), col(AgreementSignature.id))))
