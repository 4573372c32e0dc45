"""On which ground someone is covered, and until which birthday.

The age at which support ends has changed twice, so it is looked up by day and never written in code:
21, from 15 July 2020 25, from 1 July 2024 23 (Act 1386/2010, section 27; Act 681/2023, section 34).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from placement.reference.ages import birthday
from placement.reference.dated import DatedTable, table
from placement.reference.rows import Row, Validity


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of eligibility. `label` is an English message.

    `home_possible`: False for those of age on arrival, who have a right to support only.
    `as_minor_only`: the wording says "minor", so that a right after 18 is uncertain.
    `needs_municipality_of_residence`: a permit alone is not enough (temporary protection).
    `continues_other_ground`: another ground must have held before (citizenship).
    """

    key: str
    label: str
    home_possible: bool
    as_minor_only: bool
    needs_municipality_of_residence: bool
    continues_other_ground: bool
    valid: Validity
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class EndAge:
    """The age at which the right to support ends, by the rule in force on the days of `valid`."""

    age: int
    valid: Validity
    source: str
    certainty: str


def _ground(row: Row) -> Ground:
    return Ground(
        key=row.text("key"),
        label=row.text("label"),
        home_possible=row.flag("home_possible"),
        as_minor_only=row.flag("as_minor_only"),
        needs_municipality_of_residence=row.flag("needs_municipality_of_residence"),
        continues_other_ground=row.flag("continues_other_ground"),
        valid=row.valid,
        source=row.text("source"),
        certainty=row.certainty,
    )


def _end_age(row: Row) -> EndAge:
    return EndAge(row.needed_whole("age"), row.valid, row.text("source"), row.certainty)


@cache
def _grounds() -> DatedTable[str, Ground]:
    return table("eligibility ground", "eligibility_grounds.csv", lambda row: row.text("key"), _ground)


@cache
def _end_ages() -> DatedTable[str, EndAge]:
    return table("end of", "support_end_ages.csv", lambda row: row.text("key"), _end_age)


def eligibility_ground(key: str, on: date) -> Ground:
    """Return the ground as the law knows it on the day.

    Raises UnknownCode for a ground that never existed and NotInForce for a day outside its rows.
    """
    return _grounds().on(key, on)


def eligibility_grounds(on: date) -> tuple[Ground, ...]:
    """Return the grounds that exist on the day, in the order of the law."""
    return _grounds().all_on(on)


def support_end(on: date) -> EndAge:
    """Return the age at which the right ends by the rule in force on the day, with its source.

    Raises NotInForce for a day before 1 September 2011.
    """
    return _end_ages().on("support", on)


def support_end_age(on: date) -> int:
    """Return the age in years at which the right ends by the rule in force on the day."""
    return support_end(on).age


def right_ends(birth_date: date, on: date) -> date:
    """Return the birthday on which the right ends by the rule in force on `on`: the first day without it.

    The last day with a right is the day before. Raises NotInForce for a day before the rules.
    """
    return birthday(birth_date, support_end_age(on))


def last_day_of_right(birth_date: date, on: date) -> date:
    """Return the last day on which the person has the right by the rule in force on `on`."""
    return right_ends(birth_date, on) - timedelta(days=1)


def has_right_by_age(birth_date: date, on: date) -> bool:
    """Tell whether age alone leaves the right on the day, by the rule in force that day."""
    return birth_date <= on < right_ends(birth_date, on)


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _grounds()
    _end_ages()
