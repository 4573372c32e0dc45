"""Where a person's data must not be, and how moments and days are stored: X6 and X7."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from agreements.check import Result
from placement import models
from placement.children.tables import Child
from placement.columns import Instant

SHORTEST = 6  # a shorter text (a temporary number 12) would be found in every sum
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def no_person_in_plain_text(session: Session, logs: Iterable[Path]) -> Result:
    """X6: no name and no identity code of the database stands in a column that is not encrypted, nor in a log."""
    canaries = _canaries(session)
    checked, breaches = 0, []
    for place, text in _texts(session):
        checked += 1
        breaches += [f"{place}: holds a {what}" for what in _found(text, canaries)]
    for file in logs:
        with file.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                checked += 1
                breaches += [f"{file.name}, line {number}: holds a {what}" for what in _found(line, canaries)]
    return Result("X6", checked, breaches)


def _canaries(session: Session) -> dict[str, str]:
    """Return what must not be found and what it is; read with the keys, kept in this process only."""
    rows = session.execute(
        sa.select(col(Child.first_name), col(Child.last_name), col(Child.identity_code), col(Child.temporary_number))
    )
    found: dict[str, str] = {}
    for first, last, code, temporary in rows:
        found |= {f"{first} {last}": "child's name", f"{last} {first}": "child's name"}
        found |= {text: "identity code" for text in (code, temporary) if text and len(text) >= SHORTEST}
    return found


def _found(text: str, canaries: dict[str, str]) -> set[str]:
    return {what for canary, what in canaries.items() if canary in text}


def _texts(session: Session) -> Iterator[tuple[str, str]]:
    """Yield every stored text that is not encrypted, with its place; the names of officials are not children's."""
    for table in models.metadata.sorted_tables:
        columns = [one for one in table.columns if _is_text(one.type)]
        if not columns:
            continue
        key = next(iter(table.primary_key.columns))
        for row in session.execute(sa.select(key, *columns)):
            for column, text in zip(columns, row[1:], strict=True):
                if text:
                    yield f"{table.name} {row[0]}, {column.name}", text


def _is_text(kind: sa.types.TypeEngine[object]) -> bool:
    """Whether a column holds readable text: no code of an enum, and nothing encrypted."""
    inner = kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
    return isinstance(inner, sa.String) and not isinstance(inner, sa.Enum)


def moments_and_days(session: Session) -> Result:
    """X7: moments are stored in UTC with their offset known, business dates as plain dates.

    SQLite has text: a moment without offset is UTC by our one column type, a day is ten signs. PostgreSQL has
    types: timestamptz and date.
    """
    checked, breaches = 0, []
    postgres = session.get_bind().dialect.name == "postgresql"
    for table in models.metadata.sorted_tables:
        for column in table.columns:
            instant = isinstance(column.type, Instant | sa.DateTime)
            if not instant and not isinstance(column.type, sa.Date):
                continue
            if postgres:
                checked += 1
                breaches += _wrong_type(session, table.name, column.name, instant)
                continue
            raw = sa.text(f'SELECT "{column.name}" FROM "{table.name}" WHERE "{column.name}" IS NOT NULL')
            for (value,) in session.execute(raw):
                checked += 1
                if not (INSTANT if instant else DAY).fullmatch(str(value)):
                    word = "moment in UTC" if instant else "plain day"
                    breaches.append(f"{table.name}, {column.name}: {value} is no {word}")
    return Result("X7", checked, breaches)


def _wrong_type(session: Session, table: str, column: str, instant: bool) -> list[str]:
    wanted = "timestamp with time zone" if instant else "date"
    query = sa.text(
        "SELECT data_type FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = :table AND column_name = :column"
    )
    found = session.execute(query, {"table": table, "column": column}).scalar()
    return [] if found == wanted else [f"{table}, {column}: stored as {found}, not {wanted}"]
