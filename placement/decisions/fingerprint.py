"""What a proposed row rests on, and what of it has changed since (invariant C14).

Every part of a child and of a unit that touches the row is sealed by itself, so that a stale row can say
what changed. Seals are keyed (HMAC): a birth date behind a plain hash could be guessed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from placement.children.queries import ChildFacts
from placement.crypto import vault
from placement.decisions.intake import Snapshot, UnitInput
from placement.units.rules import UnitBook

SEAL_LENGTH = 24
RESIDENTS = "unit-residents"
SCHOOL = "child-school"
CHILD_PARTS = (
    "child-age",
    "child-gender",
    "child-county",
    "child-languages",
    "child-services",
    "child-hours",
    "child-relatives",
    SCHOOL,
    "child-dates",
    "child-wishes",
    "child-bans",
    "child-siblings",
    "child-apart",
    "child-stays",
    "child-waiting",
)
UNIT_PARTS = (
    "unit-rules",
    "unit-hours",
    "unit-languages",
    "unit-services",
    "unit-quota",
    "unit-price",
    "unit-places",
    RESIDENTS,
)


def of_child(snapshot: Snapshot, child: ChildFacts, *, near_school: bool) -> dict[str, str]:
    """Return the seals of everything about the child that a place depends on, by part.

    On schools it depends only where the trip to school was measured (`near_school`).
    """
    group = child.siblings
    schools = [[one.town, one.first, one.last] for one in snapshot.schools.get(child.id, ())]
    return _sealed(
        {
            **({SCHOOL: schools} if near_school else {}),
            "child-age": child.birth_date,
            "child-gender": child.gender.value,
            "child-county": child.county_id,
            "child-languages": sorted(child.languages.items()),
            "child-services": sorted(child.needs.items()),
            "child-hours": [child.support_level, child.care_hours, child.language_hours, child.interpreter_hours],
            "child-relatives": child.relatives_municipality_id,
            "child-dates": [child.place_from, child.place_until],
            "child-wishes": list(child.wishes),
            "child-bans": sorted(child.bans),
            "child-siblings": [group.mode.value, list(group.members)] if group else None,
            "child-apart": sorted(child.apart),
            "child-stays": sorted(_stays_of(snapshot.units.values(), child.id)),
            "child-waiting": child.waiting_since is not None,
        }
    )


def _stays_of(units: Iterable[UnitInput], child_id: int) -> Iterable[tuple[int, str, str]]:
    for unit in units:
        for stay in unit.book.stays:
            if stay.child_id == child_id:
                yield unit.id, stay.start.isoformat(), str(stay.end)


def of_unit(unit: UnitInput) -> dict[str, str]:
    """Return the seals of what the unit offers, by part; who lives there is `of_residents`."""
    book, facts = unit.book, unit.facts
    return _sealed(
        {
            "unit-rules": [
                facts.kind,
                facts.age_min_months,
                facts.age_max_months,
                facts.gender,
                facts.support_min,
                facts.support_max,
                unit.town,
            ],
            "unit-hours": [facts.care_hours, facts.interpreter_hours],
            "unit-languages": sorted(facts.languages.items()),
            "unit-services": sorted(facts.services.items()),
            "unit-quota": sorted(unit.quotas.items()),
            "unit-price": [unit.day_cents, unit.empty_day_cents],
            "unit-places": [repr(part) for part in (book.open_days, book.registration, book.own_provider)]
            + [sorted(repr(row) for row in rows) for rows in (book.in_use, book.agreed, book.extra, book.closures)],
        }
    )


Resident = tuple[int, str, str]


def residents(book: UnitBook) -> list[Resident]:
    """Return who has a stay or a live hold in the unit: (child key, first day, leaving day or "None")."""
    rows = {(row.child_id, row.start.isoformat(), str(row.end)) for row in (*book.stays, *book.holds)}
    return sorted(rows)


def of_residents(rows: Iterable[Resident], start: date, end: date | None, expected: Collection[int]) -> dict[str, str]:
    """Return the seal of who else is in the unit during [start, end).

    `expected` are children whom the same calculation sends there, the row's own child among them: their
    arrival is the plan coming true and no change.
    """
    there = [
        list(row)
        for row in rows
        if row[0] not in expected
        and (end is None or row[1] < end.isoformat())
        and (row[2] == "None" or row[2] > start.isoformat())
    ]
    return _sealed({RESIDENTS: there})


def _sealed(parts: Mapping[str, Any]) -> dict[str, str]:
    return {
        part: vault.blind_index(json.dumps([part, value], default=str))[:SEAL_LENGTH] for part, value in parts.items()
    }


def whole(parts: Mapping[str, str]) -> str:
    """Return the one fingerprint of all parts."""
    return hashlib.sha256(json.dumps(sorted(parts.items())).encode()).hexdigest()


def changed_parts(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the parts that differ, in the order in which pages tell them."""
    return [part for part in (*CHILD_PARTS, *UNIT_PARTS) if before.get(part) != now.get(part)]
