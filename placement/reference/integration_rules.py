"""What the law and good practice owe a child on the way to a life in Finland: who gives it, on which basis, by when.

When it is due stands in the deadlines; a row here names the deadline and the body that answers for it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from placement.reference.code_lists import service
from placement.reference.dated import DatedTable, table
from placement.reference.deadline_rules import deadline
from placement.reference.rows import Row, Validity

SIDES = ("county", "municipality", "employment_authority", "school", "third_sector")
GROUPS = ("service", "step")


@dataclass(frozen=True, slots=True)
class IntegrationService:
    """A service or a step that is owed. `label` is an English message.

    `side` answers for it; `deadline` and `latest` are keys of deadlines or None (by need). `watch_days`: where
    the law gives no day, the product looks after so many days; that is no time limit of the law.
    """

    key: str
    label: str
    group: str
    side: str
    for_family: bool
    deadline: str | None
    latest: str | None
    watch_days: int
    valid: Validity
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Pathway:
    """Steps proposed to a target group: (service, whole months after the beginning). `label` is an English message."""

    key: str
    label: str
    steps: tuple[tuple[str, int], ...]
    source: str


@dataclass(frozen=True, slots=True)
class GuardianEffect:
    """What ends on the day a guardian arrives: the home for a child without one, and the support."""

    home_ends: bool
    support_ends: bool
    source: str


def _effect(row: Row) -> GuardianEffect:
    return GuardianEffect(row.flag("home_ends"), row.flag("support_ends"), row.text("source"))


def _service(row: Row) -> IntegrationService:
    found = IntegrationService(
        key=row.text("key"),
        label=row.text("label"),
        group=row.one_of("group", GROUPS),
        side=row.one_of("side", SIDES),
        for_family=row.flag("for_family"),
        deadline=row.optional("deadline") or None,
        latest=row.optional("latest") or None,
        watch_days=row.needed_whole("watch_days"),
        valid=row.valid,
        source=row.text("source"),
        certainty=row.certainty,
    )
    for key in (found.deadline, found.latest):
        if key:
            _points_to(row, lambda key=key: deadline(key, found.valid.first), f"deadline {key}")
    return found


def _pathway(row: Row) -> Pathway:
    steps = []
    for step in row.words("steps"):
        key, _colon, months = step.partition(":")
        if not months.isdigit():
            raise row.fault(f"{step} has no month; write a service, a colon and a whole number")
        first = row.valid.first
        _points_to(row, lambda key=key: _services().entries(key), f"service {key} on {first}")
        steps.append((key, int(months)))
    return Pathway(row.text("key"), row.text("label"), tuple(steps), row.text("source"))


def _need(row: Row) -> str:
    first = row.valid.first
    _points_to(row, lambda: service(row.text("need"), first), f"need {row.text('need')}")
    _points_to(row, lambda: _services().entries(row.text("service")), f"service {row.text('service')}")
    return row.text("service")


def _agreed(row: Row) -> tuple[str, ...]:
    kinds = tuple(row.words("services"))
    for key in kinds:
        _points_to(row, lambda key=key: _services().entries(key), f"service {key}")
    return kinds


def _points_to(row: Row, look: object, what: str) -> None:
    try:
        look()  # type: ignore[operator]
    except LookupError:
        raise row.fault(f"{what} does not exist then; correct the code or the days") from None


@cache
def _services() -> DatedTable[str, IntegrationService]:
    return table("integration service", "integration_services.csv", lambda row: row.text("key"), _service)


@cache
def _pathways() -> DatedTable[str, Pathway]:
    return table("pathway", "pathways.csv", lambda row: row.text("key"), _pathway)


@cache
def _needs() -> DatedTable[str, str]:
    return table("service for the need", "need_services.csv", lambda row: row.text("need"), _need)


@cache
def _agreed_services() -> DatedTable[str, tuple[str, ...]]:
    return table("service of agreements", "agreed_services.csv", lambda row: row.text("agreed"), _agreed)


@cache
def _effects() -> DatedTable[str, GuardianEffect]:
    return table("effect of a guardian's arrival", "guardian_effects.csv", lambda row: row.text("key"), _effect)


def guardian_effect(on: date) -> GuardianEffect:
    """Return what a guardian's arrival ends on the day.

    Before 2025 the support ended too; since then it goes on by need (681/2023 § 34.2).
    """
    return _effects().on("guardian", on)


def integration_service(key: str, on: date) -> IntegrationService:
    """Return the service as it was owed on the day.

    Raises UnknownCode for one that never existed and NotInForce for a day outside its rows (the orientation to
    society began in 2025).
    """
    return _services().on(key, on)


def integration_services(on: date, group: str | None = None) -> tuple[IntegrationService, ...]:
    """Return the services owed on the day in the order to show them, of one group or of all."""
    return tuple(one for one in _services().all_on(on) if group in (None, one.group))


def integration_service_keys() -> tuple[str, ...]:
    """Return every key, whether it holds today or not."""
    return _services().codes()


def pathway(key: str, on: date) -> Pathway:
    """Return the pathway on the day; raises UnknownCode or NotInForce."""
    return _pathways().on(key, on)


def pathways(on: date) -> tuple[Pathway, ...]:
    """Return the pathways that can be chosen on the day."""
    return _pathways().all_on(on)


def service_for_need(need: str, on: date) -> str:
    """Return the integration service that answers a recognised need; raises UnknownCode for another code."""
    return _needs().on(need, on)


def services_for_agreed(agreed: str, on: date) -> tuple[str, ...]:
    """Return the integration services that a service of an agreement stands for; none for one owed to no child alone.

    Interpreting and care in the home are such: they are promised to everybody who lives in the home.
    """
    table_of = _agreed_services()
    return table_of.on(agreed, on) if agreed in table_of.codes() else ()


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _services()
    _pathways()
    _needs()
    _agreed_services()
    _effects()
