"""Every check of the product in one list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from agreements.check import Result
from placement.agreed import check as agreements
from placement.checks import decided, privacy, stays, tenancy, trail
from placement.units import check as units


def run(session: Session, at: datetime, logs: Iterable[Path] = ()) -> list[Result]:
    """Return every result, by rule. Nothing is changed: what is tried is rolled back, and the caller commits nothing.

    The session must be one that may write, because some rules can only be seen by trying.
    """
    results = [
        *stays.run(session, at),
        *units.run(session, at),
        *decided.run(session, at),
        *agreements.run(session),
        *tenancy.run(session, at),
        *trail.run(session, at),
        *privacy.run(session, logs),
    ]
    return sorted(results, key=lambda one: (one.id[0], int(one.id[1:])))
