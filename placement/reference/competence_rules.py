"""Which state authority is competent: looked up by task, county and day, never by region alone.

From 2026 Decree 935/2025 centralises four tasks on three centres (founding, representatives, supervision of
homes and decisions on costs); the others stay with the centre of the area. The state side of one
agreement may therefore be two bodies, as in Lapland.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from placement.reference.dated import DatedTable, Entry, UnknownCode, entries, table
from placement.reference.organisations import county_codes
from placement.reference.rows import Row
from placement.reference.state_authorities import Authority, authority, authority_names, check_counties


class NoCompetentAuthority(LookupError):
    """No state authority is known to be competent for the task in the county on the day."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the state side and the provision that gives it. `label` is an English message."""

    key: str
    label: str
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Competence:
    """The competent authority, the provision that makes it competent, and how certain that is."""

    task: Task
    county: str
    authority: Authority
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class _Rule:
    tasks: tuple[str, ...]
    counties: tuple[str, ...]
    authority: str
    source: str
    certainty: str


def _task(row: Row) -> Task:
    return Task(row.text("key"), row.text("label"), row.text("source"), row.certainty)


@cache
def _tasks() -> DatedTable[str, Task]:
    return table("task", "tasks.csv", lambda row: row.text("key"), _task)


def _rule(row: Row) -> _Rule:
    check_counties(row)
    row.text("tasks")
    unknown = set(row.words("tasks")) - set(_tasks().codes())
    if unknown:
        raise row.fault(f"tasks names {', '.join(sorted(unknown))}, which tasks.csv does not have")
    _check_lifetime(row)
    return _Rule(
        tasks=row.words("tasks"),
        counties=row.words("counties"),
        authority=row.text("authority"),
        source=row.text("source"),
        certainty=row.certainty,
    )


def _check_lifetime(row: Row) -> None:
    try:
        names = authority_names(row.text("authority"))
    except UnknownCode:
        raise row.fault(f"{row.text('authority')} is not in state_authorities.csv; add it there") from None
    first = min(name.valid.first for name in names)
    ends = [name.valid.last for name in names]
    last = None if None in ends else max(end for end in ends if end)
    valid = row.valid
    if valid.first < first or (last is not None and (valid.last is None or valid.last > last)):
        raise row.fault(f"{row.text('authority')} does not exist on all these days; shorten the row")


@cache
def _rules() -> DatedTable[tuple[str, str], _Rule]:
    return DatedTable(
        "competence",
        (
            Entry((task, code), entry.valid, entry.value, entry.row)
            for entry in entries("competence.csv", lambda row: row.text("tasks"), _rule)
            for task in entry.value.tasks
            for code in entry.value.counties
        ),
    )


def tasks(on: date) -> tuple[Task, ...]:
    """Return the tasks of the state side on the day, with the provision in force then."""
    return _tasks().all_on(on)


def competence(task: str, county_code: str, on: date) -> Competence:
    """Return who is competent for the task in the county on the day, why, and how certain that is.

    Raises UnknownCode for a task or county code that does not exist, and NoCompetentAuthority when nobody
    is known to be competent on that day: guessing an authority would void the decision.
    """
    _tasks().entries(task)
    if county_code not in county_codes():
        raise UnknownCode(f"no county has the code {county_code}; give 01-21, 90 or 91")
    try:
        duty = _tasks().on(task, on)
        rule = _rules().on((task, county_code), on)
    except LookupError as missing:
        raise NoCompetentAuthority(
            f"no state authority is known for {task} in county {county_code} on {on}; "
            "add a row with its source to competence.csv"
        ) from missing
    return Competence(duty, county_code, authority(rule.authority, on), rule.source, rule.certainty)


def competent_authority(task: str, county_code: str, on: date) -> Authority:
    """Return the state authority that is competent for the task in the county on the day.

    Tasks: founding, representative, agree_compensation, supervise, reimbursement_decision, direction,
    municipal_places, payment, recovery. Raises as competence() does.
    """
    return competence(task, county_code, on).authority


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _tasks()
    _rules()
