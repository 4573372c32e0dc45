"""Files of a version: what they may be, and keeping them by fingerprint. The caller commits."""

from __future__ import annotations

import re
from datetime import datetime

from sqlmodel import Session, select

from agreements.drafting import locked
from agreements.life import file_fingerprint
from agreements.life_tables import AgreementAttachment, AttachmentKind
from agreements.refused import Refused
from agreements.tables import VersionStatus

MOST_BYTES = 10 * 1024 * 1024
TYPES = {
    "application/pdf": (b"%PDF-", (".pdf",)),
    "image/jpeg": (b"\xff\xd8\xff", (".jpg", ".jpeg")),
    "image/png": (b"\x89PNG\r\n\x1a\n", (".png",)),
}
_UNSAFE = re.compile(r"[^\w.\- ]")


def media_type(name: str, content: bytes) -> str:
    """Return what the file is by its first bytes; raises Refused for one that its name belies, is empty or too big."""
    if not content:
        raise Refused("attachment-empty")
    if len(content) > MOST_BYTES:
        raise Refused("attachment-large")
    for kind, (start, endings) in TYPES.items():
        if content.startswith(start) and name.lower().endswith(endings):
            return kind
    raise Refused("attachment-kind")


def add(
    session: Session, version_id: int, *, kind: str, name: str, content: bytes, by: int, at: datetime
) -> AgreementAttachment:
    """Keep a file. Annexes belong to the text and are added to a draft only; scans only while it is being signed."""
    version = locked(session, version_id)
    found = media_type(name, content)
    scan = kind == AttachmentKind.SCAN.value
    wanted = VersionStatus.IN_SIGNING if scan else VersionStatus.DRAFT
    if version.status is not wanted:
        raise Refused("content-frozen", status=version.status.value)
    sha256 = file_fingerprint(content)
    same = select(AgreementAttachment).where(
        AgreementAttachment.version_id == version_id, AgreementAttachment.sha256 == sha256
    )
    if session.exec(same).first() is not None:
        raise Refused("attachment-twice")
    row = AgreementAttachment(
        version_id=version_id,
        kind=AttachmentKind(kind),
        name=safe_name(name),
        media_type=found,
        size=len(content),
        sha256=sha256,
        content=content,
        by=by,
        at=at,
    )
    session.add(row)
    session.flush()
    return row


def safe_name(name: str) -> str:
    """Return the last part of a file's name without signs that mean something to a file system or a header."""
    plain = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    return plain[-100:] or "file"


def scan(session: Session, version_id: int, *, name: str, content: bytes, by: int, at: datetime) -> AgreementAttachment:
    """Keep the scan of a signed original; one original that several signed is kept once."""
    same = select(AgreementAttachment).where(
        AgreementAttachment.version_id == version_id,
        AgreementAttachment.kind == AttachmentKind.SCAN,
        AgreementAttachment.sha256 == file_fingerprint(content),
    )
    known = session.exec(same).first()
    return known or add(session, version_id, kind=AttachmentKind.SCAN.value, name=name, content=content, by=by, at=at)


def remove(session: Session, version_id: int, attachment_id: int) -> None:
    """Take a file out of a draft; raises LookupError for one that it does not have."""
    version = locked(session, version_id)
    if version.status is not VersionStatus.DRAFT:
        raise Refused("content-frozen", status=version.status.value)
    row = session.get(AgreementAttachment, attachment_id)
    if row is None or row.version_id != version_id:
        raise LookupError(f"no file {attachment_id}")
    session.delete(row)
    session.flush()
