"""Kinds of agreement, their chapters, and whom each chapter needs as a signatory or must hear, by day.

All three sides may sign a whole instrument; what a chapter requires is only what these rows say. Since
2023 the municipality is heard on founding a home and does not sign it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from placement.reference.code_lists import code_keys
from placement.reference.competence_rules import tasks
from placement.reference.dated import DatedTable, entries, table
from placement.reference.rows import Row, Validity


@dataclass(frozen=True, slots=True)
class AgreementKind:
    """A kind of agreement that can be made on the days of `valid`. `label` is an English message."""

    key: str
    label: str
    valid: Validity
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class RequiredParty:
    """A side that a chapter needs, and how: signatory, or heard before the others sign.

    `task` names the state's task, with which competence() finds the authority; None for other sides.
    """

    kind: str
    chapter: str
    side: str
    role: str
    task: str | None
    source: str


def _kind(row: Row) -> AgreementKind:
    return AgreementKind(row.text("key"), row.text("label"), row.valid, row.text("source"), row.certainty)


@cache
def _kinds() -> DatedTable[str, AgreementKind]:
    return table("agreement kind", "agreement_kinds.csv", lambda row: row.text("key"), _kind)


def _party_key(row: Row) -> tuple[str, str, str, str]:
    if row.text("kind") not in _kinds().codes():
        raise row.fault(f"kind {row.text('kind')} is not in agreement_kinds.csv; add it there")
    return (
        row.text("kind"),
        row.one_of("chapter", code_keys("chapter")),
        row.one_of("side", code_keys("party_side")),
        row.one_of("where", ("mainland", "aland", "all")),
    )


def _party(row: Row) -> RequiredParty:
    task = row.optional("task") or None
    if (task is None) == (row.text("side") == "state"):
        raise row.fault("the state side, and only it, has a task; add or remove it")
    if task and task not in {one.key for one in tasks(row.valid.first)}:
        raise row.fault(f"task {task} is not in tasks.csv on these days; correct it")
    return RequiredParty(
        kind=row.text("kind"),
        chapter=row.text("chapter"),
        side=row.text("side"),
        role=row.one_of("role", code_keys("party_role")),
        task=task,
        source=row.text("source"),
    )


@cache
def _parties() -> DatedTable[tuple[str, str, str, str], RequiredParty]:
    return DatedTable("required party", entries("agreement_parties.csv", _party_key, _party))


def agreement_kind(key: str, on: date) -> AgreementKind:
    """Return the kind of agreement as it can be made on the day.

    Raises UnknownCode for a kind that never existed and NotInForce when it cannot be made on that day; an
    agreement made earlier stays in force by its own terms.
    """
    return _kinds().on(key, on)


def agreement_kinds(on: date) -> tuple[AgreementKind, ...]:
    """Return the kinds of agreement that can be made on the day."""
    return _kinds().all_on(on)


def law_day(kind: str, first_day: date, on: date) -> date | None:
    """Return the day whose law binds a version of the kind that is drafted on `on` and holds from `first_day`.

    It is `on` where the kind can be made then. A kind that only an earlier law knew is recorded as it was made: the
    day is `first_day`, or the last one of that law before it. None where no law ever knew it by then. Raises
    UnknownCode for a kind that never existed.
    """
    rows = _kinds().entries(kind)
    if any(row.valid.covers(on) for row in rows):
        return on
    known = [min(first_day, row.valid.last or first_day) for row in rows if row.valid.first <= first_day]
    return max(known, default=None)


def recorded_kinds(on: date) -> tuple[str, ...]:
    """Return the kinds that cannot be made on the day any more; what was made by them before lives on."""
    return tuple(
        key
        for key in _kinds().codes()
        if all(row.valid.last is not None and row.valid.last < on for row in _kinds().entries(key))
    )


def required_parties(kind: str, on: date, *, aland: bool = False) -> list[RequiredParty]:
    """Return whom each chapter of the kind needs on the day, in the order of the chapters.

    On Åland there is no county: the health authority of Åland is heard instead of it, and an empty list
    means that the kind does not exist there. Raises as agreement_kind() does.
    """
    agreement_kind(kind, on)
    places = ("aland", "all") if aland else ("mainland", "all")
    return [
        entry.value
        for entry in _parties().every()
        if entry.value.kind == kind and entry.key[3] in places and entry.valid.covers(on)
    ]


def signatories(kind: str, on: date, *, aland: bool = False) -> tuple[str, ...]:
    """Return the sides that must sign some chapter of the kind on the day, each once."""
    return _sides(kind, on, "signatory", aland)


def heard(kind: str, on: date, *, aland: bool = False) -> tuple[str, ...]:
    """Return the sides that must be heard for some chapter of the kind on the day, each once."""
    return _sides(kind, on, "heard", aland)


def _sides(kind: str, on: date, role: str, aland: bool) -> tuple[str, ...]:
    found = [party.side for party in required_parties(kind, on, aland=aland) if party.role == role]
    return tuple(dict.fromkeys(found))


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _kinds()
    _parties()
