"""Whom to hear before a decision about a child, by the child's age on the day."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from placement.reference.ages import age_on
from placement.reference.dated import DatedTable, table
from placement.reference.rows import Row


@dataclass(frozen=True, slots=True)
class HearingRule:
    """A duty towards a child of `age_from` or more. `label` is an English message.

    `key` is opinion (wishes and opinion found out), formal_hearing or own_right (own right to speak; the
    decision is served on the child too).
    """

    key: str
    label: str
    age_from: int
    source: str
    certainty: str


def _rule(row: Row) -> HearingRule:
    return HearingRule(
        row.text("key"),
        row.text("label"),
        row.needed_whole("age_from"),
        row.text("source"),
        row.certainty,
    )


@cache
def _rules() -> DatedTable[str, HearingRule]:
    return table("hearing rule", "hearing_rules.csv", lambda row: row.text("key"), _rule)


def hearing_rules(birth_date: date, on: date) -> tuple[HearingRule, ...]:
    """Return the rules that a child of that birth date must be treated by on the day.

    Raises ValueError when `on` is before the birth.
    """
    age = age_on(birth_date, on)
    return tuple(rule for rule in _rules().all_on(on) if age >= rule.age_from)


def must_be_heard_formally(birth_date: date, on: date) -> bool:
    """Tell whether the child is formally heard: 12 years or more (Act 417/2007, section 20)."""
    return _holds("formal_hearing", birth_date, on)


def has_own_right_to_speak(birth_date: date, on: date) -> bool:
    """Tell whether the child speaks in own right and is served: 15 or more (Act 434/2003, section 14.3)."""
    return _holds("own_right", birth_date, on)


def _holds(key: str, birth_date: date, on: date) -> bool:
    return age_on(birth_date, on) >= _rules().on(key, on).age_from


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _rules()
