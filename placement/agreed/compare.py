"""Two versions beside each other: clause by clause, row by row, and as money."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from agreements.content import canonical, content
from agreements.tables import AgreementVersion

ROWS = ("parties", "units", "quotas", "rates", "attachments")
PLAIN = ("valid_from", "valid_to", "language", "title", "case_number")


@dataclass(frozen=True)
class Difference:
    """One thing that differs: where, its name there, and both values (None = not there)."""

    section: str
    name: str
    before: Any
    after: Any


def differences(session: Session, before: AgreementVersion, after: AgreementVersion) -> list[Difference]:
    """Return everything in which two versions differ, in the order of the document; [] = the same content."""
    old, new = content(session, before), content(session, after)
    found = [Difference("validity", name, old[name], new[name]) for name in PLAIN if old[name] != new[name]]
    for section in ROWS:
        found += _rows(section, old[section], new[section])
    for name in sorted(set(old["terms"]) | set(new["terms"])):
        one, other = old["terms"].get(name), new["terms"].get(name)
        if one != other:
            found.append(Difference("terms", name, one, other))
    return found + _clauses(old["clauses"], new["clauses"])


def _rows(section: str, old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> list[Difference]:
    """Return rows that are only on one side; a row that changed is told as the old one gone and the new one come."""
    one, other = {canonical(row) for row in old}, {canonical(row) for row in new}
    gone = [Difference(section, "", json.loads(row), None) for row in sorted(one - other)]
    return gone + [Difference(section, "", None, json.loads(row)) for row in sorted(other - one)]


def _clauses(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> list[Difference]:
    one, other = {row["code"]: row for row in old}, {row["code"]: row for row in new}
    return [
        Difference("clauses", code, one.get(code), other.get(code))
        for code in sorted(set(one) | set(other))
        if one.get(code) != other.get(code)
    ]
