"""The clause library: ready texts in Finnish, Swedish and English, in versions that never change once published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

LANGUAGES = ("fi", "sv", "en")


@dataclass(frozen=True, slots=True)
class LibraryClause:
    """A published text: `no` is its version, `since` the day of publication; titles and texts by language."""

    code: str
    no: int
    since: date
    kinds: tuple[str, ...]
    title: Mapping[str, str]
    text: Mapping[str, str]


@cache
def library() -> Mapping[tuple[str, int], LibraryClause]:
    """Return every published clause by code and version; raises ValueError for a faulty file of ours."""
    rows = json.loads(resources.files(__package__).joinpath("clauses.json").read_text(encoding="utf-8"))
    found: dict[tuple[str, int], LibraryClause] = {}
    for row in rows:
        one = LibraryClause(
            row["code"], row["no"], date.fromisoformat(row["since"]), tuple(row["kinds"]), row["title"], row["text"]
        )
        for texts in (one.title, one.text):
            if set(texts) != set(LANGUAGES) or not all(texts.values()):
                raise ValueError(f"clause {one.code} {one.no} lacks a language")
        if (one.code, one.no) in found:
            raise ValueError(f"clause {one.code} {one.no} stands twice")
        found[one.code, one.no] = one
    return found


def clause(code: str, no: int) -> LibraryClause:
    """Return a published clause; raises LookupError for one that was never published."""
    found = library().get((code, no))
    if found is None:
        raise LookupError(f"no clause {code} {no}")
    return found


def newest(code: str, on: date) -> LibraryClause | None:
    """Return the version of a clause that a draft of the day takes, None before its first publication."""
    rows = [one for one in library().values() if one.code == code and one.since <= on]
    return max(rows, key=lambda one: one.no, default=None)


def offered(kind: str, on: date) -> list[LibraryClause]:
    """Return the newest published clauses for a kind of agreement, in the order of the library."""
    codes = dict.fromkeys(one.code for one in library().values() if kind in one.kinds)
    found = [newest(code, on) for code in codes]
    return [one for one in found if one is not None]
