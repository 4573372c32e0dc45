"""The archive of a whole database: a ZIP of sealed parts and a manifest, the same for SQLite and PostgreSQL.

Each part holds the rows of one table as JSON lines, packed and sealed with the vault's key; the manifest holds
each part's SHA-256 and is sealed by its own. What is encrypted in the database stays so inside: a copy opens
with the keys of its time. Sessions, failed sign-ins and uploads are left out: they belong to their moment.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import IO, Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken

from placement import models
from placement.crypto import vault

FORMAT = "placement-backup-1"
MANIFEST, SEAL = "manifest.json", "manifest.seal"
PART_ROWS = 5_000
NOT_KEPT = frozenset({"user_session", "login_attempt", "import_upload"})
Rows = list[dict[str, Any]]


class BadArchive(Exception):
    """The file is no copy that can be trusted; the text says why."""


@dataclass(frozen=True)
class Manifest:
    """What the archive says of itself: its moment, its migration, rows by table, and each part's hash."""

    at: datetime
    migration: str
    tables: dict[str, int]
    parts: dict[str, str]

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def tables() -> list[sa.Table]:
    """Return the tables that a copy holds, parents first."""
    return [one for one in models.metadata.sorted_tables if one.name not in NOT_KEPT]


def stored_columns(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns that are written; the database computes the others itself."""
    return [one for one in table.columns if one.computed is None]


def write(connection: sa.Connection, stream: IO[bytes], *, at: datetime, migration: str) -> None:
    """Write every row that `connection` sees."""
    counts: dict[str, int] = {}
    hashes: dict[str, str] = {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as out:
        for table in tables():
            counts[table.name] = 0
            for number, rows in enumerate(_parts(connection, table)):
                counts[table.name] += len(rows)
                name = f"{table.name}/{number:06d}"
                text = "\n".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows)
                sealed = vault.seal(zlib.compress(text.encode()))
                hashes[name] = hashlib.sha256(sealed).hexdigest()
                out.writestr(name, sealed)
        manifest = json.dumps(
            {"format": FORMAT, "at": at.isoformat(), "migration": migration, "tables": counts, "parts": hashes},
            sort_keys=True,
        ).encode()
        out.writestr(MANIFEST, manifest)
        out.writestr(SEAL, vault.seal(hashlib.sha256(manifest).digest()))


def _parts(connection: sa.Connection, table: sa.Table) -> Iterator[list[list[object]]]:
    columns = stored_columns(table)
    query = sa.select(*(_raw(one) for one in columns)).order_by(*table.primary_key.columns)
    rows = iter(connection.execution_options(yield_per=PART_ROWS).execute(query))
    while part := list(islice(rows, PART_ROWS)):
        yield [[_plain(value) for value in row] for row in part]


def _raw(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return the column as it is stored: a sealed value stays sealed."""
    return sa.type_coerce(column, sa.LargeBinary()) if is_sealed(column) else column


def is_sealed(column: sa.Column[Any]) -> bool:
    kind = column.type
    return isinstance(kind, sa.types.TypeDecorator) and isinstance(kind.impl_instance, sa.LargeBinary)


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _value(text: Any, column: sa.Column[Any]) -> object:
    if text is None:
        return None
    kind = column.type
    if is_sealed(column) or isinstance(kind, sa.LargeBinary):
        return base64.b64decode(text)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(text)
    inner = kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
    return datetime.fromisoformat(text) if isinstance(inner, sa.DateTime) else text


def read_manifest(stream: IO[bytes]) -> Manifest:
    """Return the manifest after its seal was checked; raises BadArchive."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as parts:
            raw, seal = parts.read(MANIFEST), parts.read(SEAL)
            extra = set(parts.namelist()) - {MANIFEST, SEAL}
        if vault.unseal(seal) != hashlib.sha256(raw).digest():
            raise BadArchive("the list of its parts was changed")
        said = json.loads(raw)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, RuntimeError, OSError) as wrong:
        raise BadArchive("the file is damaged or no copy of this product") from wrong
    except InvalidToken as wrong:
        raise BadArchive("the copy was made with other keys (PLACEMENT_ENCRYPTION_KEYS), or it is damaged") from wrong
    if said.get("format") != FORMAT:
        raise BadArchive(f"its format is {said.get('format')}, this program reads {FORMAT}")
    if extra != set(said["parts"]):
        raise BadArchive("parts are missing or were added")
    return Manifest(datetime.fromisoformat(said["at"]), said["migration"], said["tables"], said["parts"])


def read_tables(stream: IO[bytes], manifest: Manifest) -> Iterator[tuple[sa.Table, Rows]]:
    """Yield (table, rows) part by part, parents first; raises BadArchive for a changed part or another count."""
    stream.seek(0)
    by_name = {one.name: one for one in tables()}
    if set(manifest.tables) != set(by_name):
        raise BadArchive("it holds other tables than this program has")
    counted = dict.fromkeys(by_name, 0)
    try:
        with zipfile.ZipFile(stream) as parts:
            for name in by_name:
                for part in sorted(one for one in manifest.parts if one.split("/")[0] == name):
                    rows = _unsealed(parts.read(part), manifest.parts[part], part)
                    counted[name] += len(rows)
                    yield by_name[name], _named(rows, by_name[name])
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, RuntimeError) as wrong:
        raise BadArchive("the file is damaged") from wrong
    if counted != manifest.tables:
        raise BadArchive("a table has another number of rows than the copy says")


def _unsealed(sealed: bytes, wanted: str, part: str) -> list[Sequence[Any]]:
    if hashlib.sha256(sealed).hexdigest() != wanted:
        raise BadArchive(f"part {part} was changed after the copy was made")
    try:
        text = zlib.decompress(vault.unseal(sealed)).decode()
    except (InvalidToken, zlib.error) as wrong:
        raise BadArchive(f"part {part} cannot be opened with PLACEMENT_ENCRYPTION_KEYS") from wrong
    return [json.loads(line) for line in text.split("\n")]


def _named(rows: Iterable[Sequence[Any]], table: sa.Table) -> Rows:
    columns = stored_columns(table)
    return [{one.name: _value(value, one) for one, value in zip(columns, row, strict=True)} for row in rows]
