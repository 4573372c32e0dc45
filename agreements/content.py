"""The canonical content of a version and its fingerprint: what the parties sign, to the letter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from agreements.clauses import clause
from agreements.life_tables import AgreementAttachment, AgreementClause, AgreementFrozen, AttachmentKind
from agreements.tables import (
    Agreement,
    AgreementParty,
    AgreementQuota,
    AgreementRate,
    AgreementUnit,
    AgreementVersion,
)

SCHEMA = "agreement-content/1"
BOOKKEEPING = {"id", "version_id"}


def content(session: Session, version: AgreementVersion) -> dict[str, Any]:
    """Return what a version says, as plain JSON values: kind, term, parties, units, quotas, prices, terms, clauses.

    Organisations and units are named by key. Rows stand in the order of their own values, so that the order
    of writing does not matter. Files count by fingerprint; a scan of signatures comes later and is left out.
    """
    agreement = session.get(Agreement, version.agreement_id)
    if agreement is None:
        raise LookupError(f"version {version.id} belongs to no agreement")
    return {
        "schema": SCHEMA,
        "agreement": agreement.ref,
        "kind": agreement.kind.value,
        "title": agreement.title,
        "case_number": agreement.case_number,
        "number": version.number,
        "language": version.language,
        "valid_from": version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "parties": _rows(session, AgreementParty, version),
        "units": _rows(session, AgreementUnit, version),
        "quotas": _rows(session, AgreementQuota, version),
        "rates": _rows(session, AgreementRate, version),
        "terms": json.loads(version.terms),
        "clauses": clauses_of(session, version),
        "attachments": _attachments(session, version),
    }


def read_frozen(frozen: AgreementFrozen) -> dict[str, Any] | None:
    """Return what a frozen text says ("content" and "names"), or None when it is not, to the byte, what was frozen."""
    if text_fingerprint(frozen.canonical) != frozen.content_hash:
        return None
    values: dict[str, Any] = json.loads(frozen.canonical)
    return values


MOVE_FACTS = {
    "sent-to-hearing": ("hearing_requested_on", "hearing_due_on"),
    "heard": ("heard_on", "hearing_statement"),
    "activated": ("activated_on", "retroactive_reason"),
    "terminated": ("ended_on", "end_reason"),
}
"""What a move sets on a version besides its text: the frozen text cannot hold it, the trail keeps its fingerprint."""


def move_fingerprint(version: AgreementVersion, move: str) -> str | None:
    """Return SHA-256 over what a move has set on the version, None for a move that sets nothing."""
    names = MOVE_FACTS.get(move, ())
    values = {name: getattr(version, name) for name in names}
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    return fingerprint(plain) if names else None


def clauses_of(session: Session, version: AgreementVersion) -> list[dict[str, Any]]:
    """Return the clauses with their whole texts: three languages of the library, or the own text in the binding one."""
    rows = session.exec(
        select(AgreementClause).where(AgreementClause.version_id == version.id).order_by(col(AgreementClause.code))
    )
    return [clause_value(row, version.language) for row in rows]


def clause_value(row: AgreementClause, language: str) -> dict[str, Any]:
    """Return one clause as the content has it."""
    if row.library_no is not None:
        found = clause(row.code, row.library_no)
        return {"code": row.code, "library": found.no, "title": dict(found.title), "text": dict(found.text)}
    return {"code": row.code, "library": None, "title": None, "text": {language: row.text or ""}}


def canonical(values: Mapping[str, Any]) -> str:
    """Return the one text of a JSON value: sorted keys, no spaces."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return SHA-256 over the canonical form in UTF-8."""
    return text_fingerprint(canonical(values))


def text_fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _rows(session: Session, table: type[SQLModel], version: AgreementVersion) -> list[dict[str, Any]]:
    version_id = table.version_id  # type: ignore[attr-defined]
    found = session.exec(select(table).where(col(version_id) == version.id))
    plain = [row.model_dump(mode="json", exclude=BOOKKEEPING) for row in found]
    return sorted(plain, key=lambda row: json.dumps(row, sort_keys=True))


def _attachments(session: Session, version: AgreementVersion) -> list[dict[str, str]]:
    rows = session.exec(
        select(AgreementAttachment.name, AgreementAttachment.sha256, AgreementAttachment.kind)
        .where(AgreementAttachment.version_id == version.id, AgreementAttachment.kind != AttachmentKind.SCAN)
        .order_by(col(AgreementAttachment.sha256))
    )
    return [{"name": name, "sha256": sha256, "kind": str(kind)} for name, sha256, kind in rows]
