"""Rows of agreements that cannot even be read: found one by one and named, where reading them all stops."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from agreements.check_values import UNREADABLE, Result
from agreements.life_tables import AgreementClause, AgreementDocument, AgreementEvent, AgreementFrozen
from agreements.tables import (
    AgreementParty,
    AgreementQuota,
    AgreementRate,
    AgreementSignature,
    AgreementUnit,
    AgreementVersion,
)

RULE_OF: dict[type[SQLModel], str] = {
    AgreementVersion: "A1", AgreementParty: "A1", AgreementUnit: "A1", AgreementQuota: "A1", AgreementRate: "A1",
    AgreementClause: "A1", AgreementFrozen: "A1", AgreementEvent: "A5", AgreementSignature: "A11",
    AgreementDocument: "A12",
}  # fmt: skip
"""The rule that keeps each table as it was."""

RULES = tuple(f"A{number}" for number in range(1, 14))


def results(session: Session) -> list[Result]:
    """Return every rule as not compared, with each row that cannot be read named under the rule that keeps it.

    Empty when every row can be read: what stopped the checks was something else.
    """
    found: dict[str, list[str]] = {}
    for table, rule in RULE_OF.items():
        found.setdefault(rule, []).extend(_unreadable(session, table))
    if not any(found.values()):
        return []
    rest = ["not compared: a row of an agreement cannot be read"]
    return [Result(rule, 0, found.get(rule) or rest) for rule in RULES]


def _unreadable(session: Session, table: type[SQLModel]) -> list[str]:
    plain = table.__table__  # type: ignore[attr-defined]
    keys = list(plain.primary_key.columns)
    found = []
    for row in session.execute(sa.select(*keys)).all():
        mine = [column == value for column, value in zip(keys, row, strict=True)]
        try:
            session.execute(sa.select(plain).where(*mine)).all()
        except UNREADABLE:
            version_id = session.scalar(sa.select(plain.c.get("version_id", plain.c.get("id"))).where(*mine))
            found.append(f"{_name(session, version_id)}: {plain.name} {row[-1]} cannot be read")
    return found


def _name(session: Session, version_id: int | None) -> str:
    statement = sa.text(
        "SELECT a.ref, v.number FROM agreement_version v JOIN agreement a ON a.id = v.agreement_id WHERE v.id = :v"
    )
    row = session.execute(statement, {"v": version_id}).first()
    return f"{row[0]} v{row[1]}" if row else f"version {version_id}"
