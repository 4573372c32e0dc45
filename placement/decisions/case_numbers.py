"""Case numbers of decisions: DE 188/2026, running from 1 in each county and calendar year, without gaps."""

from __future__ import annotations

import re
from datetime import date

from sqlmodel import Session, col, select

from placement.db import lock_row
from placement.decisions.tables import Decision
from placement.people.tables import Organisation

PREFIX = "DE"
_NUMBER = re.compile(rf"{PREFIX} (\d+)/(\d{{4}})")


def write(serial: int, year: int) -> str:
    return f"{PREFIX} {serial}/{year}"


def read(number: str) -> tuple[int, int]:
    """Return (serial, year); raises ValueError for a text that is no case number of ours."""
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise ValueError(f"{number!r} is no case number; write {PREFIX} 188/2026")
    return int(match[1]), int(match[2])


def next_number(session: Session, county_id: int, on: date) -> str:
    """Return the county's next number of the year.

    The county's row is locked to the end of the transaction: two decisions made at once get two numbers, and
    a number whose decision is rolled back is given to the next.
    """
    lock_row(session, Organisation, county_id)
    given = session.exec(
        select(Decision.case_number).where(
            Decision.county_id == county_id, col(Decision.case_number).like(f"{PREFIX} %/{on.year}")
        )
    )
    return write(max((read(number)[0] for number in given if number), default=0) + 1, on.year)
