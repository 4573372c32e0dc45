"""The services of the demo's paths: each kind in each state, from the day that its state needs."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from placement.children.tables import Child
from placement.demo.writing import Writer
from placement.integration.due_rules import due
from placement.integration.tables import (
    ChildService,
    ClosedAs,
    Side,
)
from placement.reference import NotInForce, adult_from, age_on, integration_services

STATES = ("delivered", "owed", "late", "reported", "delivered", "declined", "delivered", "not-needed", "delivered")
"""In this order the children have each kind of service, so that each kind stands in each state."""

EVERYBODY = ("basic_information", "guidance_advice", "skills_assessment", "integration_plan", "plan_review")
GROWN_ONLY = ("integration_training", "support_to_23")
YOUNG_ONLY = ("preparatory_teaching",)
SHOWN = "Todistus asiakirjoissa."
SAID = "Palvelu annettiin sovitusti."
GIVERS = (Side.MUNICIPALITY, Side.SCHOOL, Side.EMPLOYMENT_AUTHORITY)


@dataclass
class Paths:
    """The writer, the chance, and how often each kind was written and each child counted."""

    writer: Writer
    rng: random.Random
    kinds: Counter[str] = field(default_factory=Counter)
    numbers: Counter[tuple[str, int]] = field(default_factory=Counter)
    nearest: frozenset[int | None] = frozenset()

    def next_state(self, kind: str) -> str:
        self.kinds[kind] += 1
        return STATES[self.kinds[kind] % len(STATES)]

    def number(self, table: str, child: Child) -> int:
        self.numbers[table, child.id or 0] += 1
        return self.numbers[table, child.id or 0]


def nearest_to_adulthood(children: list[Child], on: date) -> frozenset[int | None]:
    """Return those who come of age within twenty months, at least the first eight."""
    coming = sorted((child for child in children if adult_from(child.birth_date) > on), key=lambda one: one.birth_date)
    soon = [one for one in coming if adult_from(one.birth_date) <= on + timedelta(days=600)]
    return frozenset(one.id for one in (soon if len(soon) > 8 else coming[:8]))


def anybody(paths: Paths) -> int:
    return paths.writer.people["social-worker"].id or 0


def write_services(paths: Paths, child: Child) -> None:
    """What everybody is owed, and some of the rest, from the day that its state needs."""
    grown = adult_from(child.birth_date) <= paths.writer.on
    known = [one.key for one in integration_services(paths.writer.on, "service")]
    fitting = [key for key in known if not ((key in GROWN_ONLY) > grown or (key in YOUNG_ONLY and grown))]
    always = [key for key in fitting if key in (*EVERYBODY, "support_to_23")]
    rest = [key for key in fitting if key not in always]
    for key in (*always, *sorted(paths.rng.sample(rest, 3), key=rest.index)):
        wanted = paths.next_state(key)
        write_service(
            paths, child, key, event_day(paths, child, key, wanted), _origin(child, grown, paths.writer.on), wanted
        )
    _successor(paths, child)


def _origin(child: Child, grown: bool, on: date) -> str:
    return f"pathway-{'young_adult' if grown else 'teenager' if age_on(child.birth_date, on) >= 13 else 'young_child'}"


def event_day(paths: Paths, child: Child, kind: str, wanted: str) -> date:
    """Return a day to count from: so long ago that the service is late, or lately enough that it is still owed."""
    on = paths.writer.on
    begin = max(child.entered_on, child.permit_on or child.entered_on)
    span = (due(kind, on).watch - on).days
    if wanted == "owed":
        return max(begin, on - timedelta(days=max(1, span // 2)))
    if wanted == "late":
        return max(child.entered_on, on - timedelta(days=span + paths.rng.randint(6, 40)))
    return min(max(begin, on - timedelta(days=paths.rng.randint(60, 300))), on - timedelta(days=20))


def _successor(paths: Paths, child: Child) -> None:
    """The next home of those who come of age: looked for, found, or forgotten by one in five of the nearest."""
    adult, on = adult_from(child.birth_date), paths.writer.on
    if child.id not in paths.nearest:
        return
    wanted = paths.next_state("successor_home")
    begins = due("successor_home", adult).watch
    if begins < on:
        wanted = {"owed": "late", "declined": "", "not-needed": ""}.get(wanted, wanted)
    elif wanted not in ("delivered", "reported"):
        wanted = "owed"
    if wanted:
        write_service(paths, child, "successor_home", adult, "manual", wanted, on=on - timedelta(days=2))


def write_service(
    paths: Paths,
    child: Child,
    kind: str,
    event: date,
    origin: str,
    wanted: str = "owed",
    *,
    member: int | None = None,
    on: date | None = None,
) -> None:
    """Add a service in a state; `on` is the day it was given, else one near its last day."""
    try:
        when = due(kind, event, first_permit=child.permit_on)
    except NotInForce:
        return
    side = Side(when.side)
    giver = _giver(paths, child, side)
    row = ChildService(
        child_id=child.id or 0,
        county_id=child.county_id,
        number=paths.number("service", child),
        kind=kind,
        family_member_id=member,
        side=side,
        organisation_id=giver,
        owner_id=child.worker_id,
        event_on=event,
        due_on=when.day,
        watch_on=when.watch,
        source=when.source,
        origin=origin,
        created_at=paths.writer.at,
    )
    given = on or min(paths.writer.on, max(event, when.watch - timedelta(days=paths.rng.randint(-6, 20))))
    worker = child.worker_id or anybody(paths)
    if wanted == "reported":
        row.reported_on, row.reported_by, row.report = given, worker, SAID
    elif wanted == "delivered":
        row.delivered_on, row.confirmed_by, row.evidence = given, worker, SHOWN
    elif wanted in ("declined", "not-needed"):
        row.closed_on, row.closed_as, row.closed_reason = given, ClosedAs(wanted), "Sovittiin lapsen kanssa."
    paths.writer.session.add(row)


def _giver(paths: Paths, child: Child, side: Side) -> int | None:
    """Return who gives the service; nobody for one in six and for the third sector, which is asked case by case."""
    if side is Side.THIRD_SECTOR or paths.rng.random() < 0.16:
        return None
    return child.municipality_id if side in GIVERS else child.county_id
