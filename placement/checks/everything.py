"""Every check of the product in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from agreements.check import Result
from placement.agreed import check as agreements
from placement.checks import decided, money, privacy, stays, tenancy, trail
from placement.crypto import NoKeys
from placement.units import check as units

Check = Callable[[Session, datetime], Iterable[Result]]
UNREADABLE = (ValueError, LookupError, TypeError, AssertionError, NoKeys, SQLAlchemyError)

CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("C3", "C4", "C6", "C7", "C9", "C10", "C11", "C17"), stays.run),
    (("C1", "C2", "C5", "C8"), units.run),
    (("C12", "C13", "C14", "C15", "C16", "C18"), decided.run),
    (tuple(f"A{number}" for number in range(1, 14)), agreements.run),
    (money.RULES, money.run),
    (("X1",), lambda session, _at: [tenancy.rows_stay_in_their_county(session)]),
    (("X2",), lambda session, at: [tenancy.shown_as_the_policy_says(session, at)]),
    (("X3",), lambda session, _at: [trail.one_event_for_each_change(session)]),
    (("X4",), lambda session, at: [trail.looks_are_lawful(session, at)]),
    (("X5",), lambda session, _at: [trail.chains_hold(session)]),
    (("X7",), lambda session, _at: [privacy.moments_and_days(session)]),
)
"""The rules of each check: where stored rows cannot even be read, each of its rules is told as broken."""


def run(session: Session, at: datetime, logs: Iterable[Path] = ()) -> list[Result]:
    """Return every result, by rule. Nothing is changed: what is tried is rolled back, and the caller commits nothing.

    The session must be one that may write, because some rules can only be seen by trying.
    """
    checks: tuple[tuple[tuple[str, ...], Check], ...] = (
        *CHECKS,
        (("X6",), lambda session, _at: [privacy.no_person_in_plain_text(session, logs)]),
    )
    results = [one for rules, check in checks for one in _tried(session, at, rules, check)]
    return sorted(results, key=lambda one: (one.id[0], int(one.id[1:])))


def _tried(session: Session, at: datetime, rules: tuple[str, ...], check: Check) -> list[Result]:
    """Return what the check gives; a broken row that stops it is a breach of all its rules, not a crash."""
    try:
        with session.begin_nested():
            return list(check(session, at))
    except UNREADABLE as wrong:
        session.expunge_all()
        return [
            Result(rule, 0, [f"could not be checked: a stored row cannot be read ({type(wrong).__name__})"])
            for rule in rules
        ]
