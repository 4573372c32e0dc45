"""Putting every encrypted field under the newest key, so that an old key can be taken out of use."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from placement import models
from placement.crypto import EncryptedBytes, EncryptedText, vault

ENCRYPTED = (EncryptedText, EncryptedBytes)


@dataclass(frozen=True)
class Rotated:
    """How many fields now stand under the newest key, and the sealed tables whose fields could not be touched."""

    fields: int
    sealed: tuple[str, ...]


def rotate(session: Session) -> Rotated:
    """Encrypt every encrypted field anew under the first key; the caller commits all of it or nothing.

    Append-only tables refuse every change, so their fields keep the key they were written with: that key must
    stay in PLACEMENT_ENCRYPTION_KEYS as long as they are kept.
    """
    count, sealed = 0, []
    for table in models.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, ENCRYPTED)]
        if not columns:
            continue
        if table.name in models.APPEND_ONLY:
            sealed.append(table.name)
            continue
        for column in columns:
            count += _rotate_column(session, table, column)
    return Rotated(count, tuple(sealed))


def _rotate_column(session: Session, table: sa.Table, column: sa.Column[object]) -> int:
    keys = list(table.primary_key.columns)
    raw = sa.type_coerce(column, sa.LargeBinary)
    rows = session.execute(sa.select(*keys, raw.label("token")).where(column.is_not(None))).all()
    for row in rows:
        same = sa.and_(*(key == value for key, value in zip(keys, row, strict=False)))
        token = sa.literal(vault.rotate(bytes(row.token)), sa.LargeBinary)
        session.execute(sa.update(table).where(same).values({column.name: token}))
    return len(rows)
