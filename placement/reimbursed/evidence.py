"""Files that prove costs: kept once for each county by fingerprint, encrypted, used again for other costs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from agreements.attachments import media_type, safe_name
from agreements.claim_tables import Claim, ClaimLine, ClaimVersion, CostEntry, Evidence
from placement.permissions import Actor, Permission
from placement.refusals import NotAllowed, NotFound
from placement.reimbursed import queries
from placement.reimbursed.acting import log_act, told
from placement.reimbursed.tables import CareInvoice, EvidenceFile


@dataclass(frozen=True)
class EvidenceRow:
    """A file as lists show it: its name, kind, size, fingerprint, and in how many lines it is used."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime
    uses: int


def add(session: Session, actor: Actor, name: str, content: bytes, *, at: datetime) -> Evidence:
    """Keep a file of the actor's county; the same content is kept once, whatever its name.

    Raises the refusals of its kind and size: PDF, JPEG or PNG by its first bytes, at most 10 MB.
    """
    if actor.county_id is None or not actor.can(Permission.PREPARE_CLAIMS):
        raise NotAllowed("claims-of-officers")
    with told():
        kind = media_type(name, content)
    sha256 = hashlib.sha256(content).hexdigest()
    known = session.exec(
        select(Evidence).where(Evidence.county_id == actor.county_id, Evidence.sha256 == sha256)
    ).one_or_none()
    if known is not None:
        return known
    row = Evidence(
        county_id=actor.county_id,
        sha256=sha256,
        media_type=kind,
        size=len(content),
        added_by=actor.user_id,
        added_at=at,
    )
    session.add(row)
    session.flush()
    session.add(EvidenceFile(evidence_id=row.id or 0, name=safe_name(name), content=content))
    session.flush()
    log_act(session, actor, "evidence-added", f"EV-{row.id}", at, sha256=sha256, size=len(content))
    return row


def rows_of(session: Session, county_id: int, *, only: Collection[int] | None = None) -> list[EvidenceRow]:
    """Return the files of a county, the newest first; `only` some of them."""
    query = (
        select(Evidence, EvidenceFile.name)
        .join(EvidenceFile, col(EvidenceFile.evidence_id) == Evidence.id)
        .where(Evidence.county_id == county_id)
        .order_by(col(Evidence.id).desc())
    )
    if only is not None:
        query = query.where(col(Evidence.id).in_(only))
    found = session.exec(query).all()
    uses = _uses(session, [row.id or 0 for row, _ in found])
    return [
        EvidenceRow(row.id or 0, name, row.media_type, row.size, row.sha256, row.added_at, uses[row.id or 0])
        for row, name in found
    ]


def _uses(session: Session, keys: Sequence[int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for column in (CostEntry.evidence_id, CareInvoice.evidence_id):
        found.update(key for key in session.exec(select(column).where(col(column).in_(keys))) if key is not None)
    return found


def content_of(session: Session, evidence_id: int) -> bytes | None:
    """Return the bytes of a file, None when they are gone: what a check compares with the fingerprint."""
    row = session.get(EvidenceFile, evidence_id)
    return None if row is None else row.content


def open_file(session: Session, actor: Actor, claim_ref: str, evidence_id: int) -> tuple[Evidence, EvidenceFile]:
    """Return a file of a claim that the actor may see; raises NotFound where the claim has no such file."""
    claim = queries.find(session, actor, claim_ref)
    row = session.get(Evidence, evidence_id)
    file = session.get(EvidenceFile, evidence_id)
    if row is None or file is None or row.county_id != claim.county_id:
        raise NotFound
    if actor.county_id != claim.county_id and evidence_id not in in_claim(session, claim):
        raise NotFound
    return row, file


def in_claim(session: Session, claim: Claim) -> set[int]:
    """Return the files that lines of the claim's present version name."""
    query = (
        select(ClaimLine.evidence_id)
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .where(
            ClaimVersion.claim_id == claim.id,
            ClaimVersion.number == claim.number,
            col(ClaimLine.evidence_id).is_not(None),
        )
    )
    return {key for key in session.exec(query) if key is not None}
