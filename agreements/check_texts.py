"""Checks of what was frozen and of how versions moved: A1, A5, A10, A12 and A13."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements.check_values import Books, MandateFacts, Result
from agreements.clauses import LANGUAGES
from agreements.content import MOVE_FACTS, move_fingerprint, read_frozen
from agreements.life import file_fingerprint
from agreements.life_rules import Moved, faults_of
from agreements.life_tables import AgreementDocument, AgreementEvent, AgreementFrozen
from agreements.signing import fault_of
from agreements.tables import AgreementVersion

HASH_IN_PDF = re.compile(rb"sha256:([0-9a-f]{64})")
FAULTS = {
    "hash": "the fingerprint of the version is not that of its frozen text",
    "text": "the frozen text was changed",
    "rows": "the stored parties, places, prices, terms or clauses are not those of the frozen text",
}
Audited = Counter[tuple[str, int, str]]
"""How many audit events the host has for (agreement, version number, move)."""
Sealed = Mapping[tuple[str, int, str], str]
"""What a move set on a version, as a fingerprint in the host's trail, by the same key."""


def content_stays(session: Session, books: Books) -> Result:
    """A1: what was signed is, to the letter, what was frozen and what is stored now."""
    breaches = []
    signed = [key for key, rows in books.signatures.items() if rows and key in books.versions]
    for key in signed:
        version = books.versions[key]
        frozen = session.get(AgreementFrozen, key)
        if frozen is None:
            breaches.append(f"{books.name(version)}: signed, but no text was frozen")
            continue
        fault = fault_of(session, version, frozen)
        if fault is not None:
            breaches.append(f"{books.name(version)}: {FAULTS[fault]}")
    return Result("A1", len(signed), breaches)


def moves_are_recorded(session: Session, books: Books, audited: Audited, sealed: Sealed) -> Result:
    """A5: each version reached its status by the moves there are, each recorded once here and once in the trail.

    What a move set (days and reasons of the hearing, of putting in force, of the end) is still what the trail keeps.
    """
    history: dict[int, list[Moved]] = {key: [] for key in books.versions}
    wanted: Audited = Counter()
    for row in session.exec(select(AgreementEvent).order_by(col(AgreementEvent.id))):
        history[row.version_id].append(Moved(row.move.value, row.from_status, row.to_status))
        version = books.versions[row.version_id]
        wanted[books.agreements[version.agreement_id].ref, version.number, row.move.value] += 1
    breaches = []
    for key, version in books.versions.items():
        breaches += [f"{books.name(version)} {fault}" for fault in faults_of(history[key], version.status.value)]
        if (version.activated_on is not None) != any(one.move == "activated" for one in history[key]):
            breaches.append(f"{books.name(version)}: put in force and its record differ")
        breaches += _facts_faults(books, version, [one.move for one in history[key]], sealed)
    for ref, number, move in sorted(set(wanted) | set(audited)):
        have = audited[ref, number, move]
        if have != wanted[ref, number, move]:
            breaches.append(f"{ref} v{number}: {have} audit events for {wanted[ref, number, move]} times {move}")
    return Result("A5", len(books.versions), breaches)


def _facts_faults(books: Books, version: AgreementVersion, moves: Sequence[str], sealed: Sealed) -> list[str]:
    name, ref = books.name(version), books.agreements[version.agreement_id].ref
    kept = {move: sealed[key] for move in MOVE_FACTS if (key := (ref, version.number, move)) in sealed}
    faults = [
        f"{name}: what was recorded as {move} is not what was set then"
        for move, then in kept.items()
        if move in moves and move_fingerprint(version, move) != then
    ]
    if version.heard_on is not None and "heard" not in moves:
        before = books.numbered(version.agreement_id, version.predecessor)
        if before is None or move_fingerprint(before, "heard") != move_fingerprint(version, "heard"):
            faults.append(f"{name}: its hearing is not the one of the version it continues")
    return faults


def ending_deletes_nothing(session: Session, books: Books, on: date) -> Result:
    """A10: an ended version keeps its places, and the days before its end keep their basis."""
    checked, breaches = 0, []
    covered = {(one.version_id, one.unit_id) for one in books.coverage}
    for key, period in books.periods.items():
        if period.last is None or period.last >= on:
            continue
        checked += 1
        frozen = session.get(AgreementFrozen, key)
        name = books.name(books.versions[key])
        if frozen is None:
            breaches.append(f"{name}: ended, and no text is kept")
            continue
        text = read_frozen(frozen)
        if text is None:
            breaches.append(f"{name}: ended, and {FAULTS['text']}")
            continue
        breaches += [
            f"{name}: unit {row['unit_id']} lost the days before the end"
            for row in text["content"]["units"]
            if row["valid_from"] <= period.last.isoformat() and (key, row["unit_id"]) not in covered
        ]
    return Result("A10", checked, breaches)


def printed_hash_is_stored(session: Session, books: Books) -> Result:
    """A12: the fingerprint inside each stored PDF is that of its version, and the file is the one that was stored.

    Each frozen version has its document in each language.
    """
    rows = session.exec(select(AgreementDocument).order_by(col(AgreementDocument.version_id))).all()
    breaches = []
    for row in rows:
        version = books.versions[row.version_id]
        name = f"{books.name(version)} ({row.language})"
        printed = HASH_IN_PDF.search(row.pdf)
        if printed is None or printed[1].decode() != version.content_hash:
            breaches.append(f"{name}: the document does not name the stored fingerprint")
        if file_fingerprint(row.pdf) != row.sha256:
            breaches.append(f"{name}: the document is not the file that was stored")
    kept = {(row.version_id, row.language) for row in rows}
    breaches += [
        f"{books.name(books.versions[key])} ({language}): the document is missing"
        for key in session.exec(select(AgreementFrozen.version_id))
        for language in LANGUAGES
        if (key, language) not in kept
    ]
    return Result("A12", len(rows), breaches)


def successors_change_nothing(
    session: Session, books: Books, ended: Collection[int], mandates: Mapping[int, MandateFacts]
) -> Result:
    """A13: a version of a body that has ended still names that body, in its rows, its text and its signatures."""
    checked, breaches = 0, []
    for key, parties in books.parties.items():
        old = {row.id: row.organisation_id for row in parties if row.organisation_id in ended}
        frozen = session.get(AgreementFrozen, key)
        if not old or frozen is None:
            continue
        checked += 1
        name, text = books.name(books.versions[key]), read_frozen(frozen)
        if text is None:
            breaches.append(f"{name}: {FAULTS['text']}, so that it names no body for certain")
            continue
        named = {str(row["organisation_id"]) for row in text["content"]["parties"]}
        if not {str(body) for body in old.values()} <= named & set(text["names"]["organisations"]):
            breaches.append(f"{name}: its text no longer names the body that made it")
        for row in books.signatures.get(key, []):
            mandate = mandates.get(row.mandate_id)
            if row.party_id in old and (mandate is None or mandate.organisation_id != old[row.party_id]):
                breaches.append(f"{name}: signature {row.id} was moved to another body")
    # A frozen text that names an ended body which is no party any more was moved as a whole.
    for kept in session.exec(select(AgreementFrozen)):
        text = read_frozen(kept)
        inside = {one["organisation_id"] for one in text["content"]["parties"]} if text else set()
        now = {one.organisation_id for one in books.parties.get(kept.version_id, [])}
        if (inside & set(ended)) - now:
            breaches.append(f"{books.name(books.versions[kept.version_id])}: a body that has ended was replaced in it")
    return Result("A13", checked, breaches)


def signed_at_as_written(session: Session) -> list[int]:
    """Return the signatures whose instant is written in another form: SQLite keeps a text and reads several alike."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    written = "SELECT id FROM agreement_signature WHERE signed_at NOT LIKE '____-__-__ __:__:__.______'"
    return list(session.scalars(sa.text(written)))


def append_only(session: Session, tables: Sequence[str]) -> list[str]:
    """Return the tables of `tables` that can be changed: an UPDATE is tried in a savepoint and rolled back."""
    found = []
    for table in tables:
        tried = session.begin_nested()
        try:
            session.execute(sa.text(f"UPDATE {table} SET version_id = version_id"))
            changed = session.scalar(sa.text(f"SELECT count(*) FROM {table}"))
            if changed:
                found.append(table)
        except sa.exc.DatabaseError:
            pass
        finally:
            tried.rollback()
    return found
