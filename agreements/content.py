"""The canonical content of a version and its fingerprint: what the parties sign, to the letter."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from agreements.tables import (
    Agreement,
    AgreementParty,
    AgreementQuota,
    AgreementRate,
    AgreementUnit,
    AgreementVersion,
)

BOOKKEEPING = {"id", "version_id"}


def content(session: Session, version: AgreementVersion) -> dict[str, Any]:
    """Return what a version says, as plain JSON values: kind, term, parties, units, quotas and prices.

    Organisations and units are named by key. Rows stand in the order of their own values, so that the order
    of writing does not matter.
    """
    agreement = session.get(Agreement, version.agreement_id)
    if agreement is None:
        raise LookupError(f"version {version.id} belongs to no agreement")
    return {
        "agreement": agreement.ref,
        "kind": agreement.kind.value,
        "title": agreement.title,
        "number": version.number,
        "valid_from": version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "parties": _rows(session, AgreementParty, version),
        "units": _rows(session, AgreementUnit, version),
        "quotas": _rows(session, AgreementQuota, version),
        "rates": _rows(session, AgreementRate, version),
    }


def fingerprint(values: dict[str, Any]) -> str:
    """Return SHA-256 over the canonical form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _rows(session: Session, table: type[SQLModel], version: AgreementVersion) -> list[dict[str, Any]]:
    version_id = table.version_id  # type: ignore[attr-defined]
    found = session.exec(select(table).where(col(version_id) == version.id))
    plain = [row.model_dump(mode="json", exclude=BOOKKEEPING) for row in found]
    return sorted(plain, key=lambda row: json.dumps(row, sort_keys=True))
