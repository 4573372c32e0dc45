"""Reads about children that hold no identity: facts for rules and the optimizer, lists, stays, the queue.

Names are not here; they come from `access.py`, which logs the look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from placement.children.access import in_scope
from placement.children.tables import (
    ApartPair,
    Child,
    ChildBan,
    ChildLanguage,
    ChildNeed,
    ChildWish,
    Gender,
    SiblingGroup,
    SiblingMember,
    SiblingMode,
)
from placement.integration.tables import ChildMerge
from placement.permissions import Actor


@dataclass(frozen=True)
class Siblings:
    """A sibling group; `members` are child keys in rising order and include the child itself."""

    id: int
    mode: SiblingMode
    members: tuple[int, ...]


@dataclass(frozen=True)
class ChildFacts:
    """What rules, the optimizer and the pages need to know of a child; no name, no code, no narrative.

    `languages` code -> level 1-5; `needs` code -> hours a week (0 = needed, not metered); `wishes` unit keys,
    first wish first; hours a week; `place_until` is the leaving day (exclusive; None = open).
    """

    id: int
    ref: str
    county_id: int
    municipality_id: int | None
    birth_date: date
    gender: Gender
    protected: bool
    eligibility_ground: str
    entered_on: date
    support_level: int
    care_hours: int
    language_hours: int
    interpreter_hours: int
    priority: int
    waiting_since: date | None
    relatives_municipality_id: int | None
    place_from: date | None
    place_until: date | None
    worker_id: int | None
    version: int
    languages: Mapping[str, int] = field(default_factory=dict)
    needs: Mapping[str, int] = field(default_factory=dict)
    wishes: tuple[int, ...] = ()
    bans: frozenset[int] = frozenset()
    siblings: Siblings | None = None
    apart: frozenset[int] = frozenset()


PLAIN = (
    Child.id,
    Child.ref,
    Child.county_id,
    Child.municipality_id,
    Child.birth_date,
    Child.gender,
    Child.protected,
    Child.eligibility_ground,
    Child.entered_on,
    Child.support_level,
    Child.care_hours,
    Child.language_hours,
    Child.interpreter_hours,
    Child.priority,
    Child.waiting_since,
    Child.relatives_municipality_id,
    Child.place_from,
    Child.place_until,
    Child.worker_id,
    Child.version,
)
Rows = list[Any]


def everything_about(session: Session, child_ids: Collection[int]) -> dict[int, ChildFacts]:
    """Return the facts of each child by key, in the order of the keys; eight statements for any number.

    Not scoped: the caller has chosen the children through `access.children_visible_to` or by counties that
    co-operate. A key without a child is absent.
    """
    if not child_ids:
        return {}
    languages: dict[int, dict[str, int]] = defaultdict(dict)
    for child_id, code, level in _of(session, ChildLanguage, child_ids, "code", "level"):
        languages[child_id][code] = level
    needs: dict[int, dict[str, int]] = defaultdict(dict)
    for child_id, code, hours in _of(session, ChildNeed, child_ids, "code", "hours"):
        needs[child_id][code] = hours
    wishes: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for child_id, rank, unit_id in _of(session, ChildWish, child_ids, "rank", "unit_id"):
        wishes[child_id].append((rank, unit_id))
    bans: dict[int, set[int]] = defaultdict(set)
    for child_id, unit_id in _of(session, ChildBan, child_ids, "unit_id"):
        bans[child_id].add(unit_id)
    siblings, apart = _siblings(session, child_ids), _apart(session, child_ids)
    plain = session.execute(sa.select(*PLAIN).where(col(Child.id).in_(child_ids)).order_by(col(Child.id)))  # type: ignore[call-overload]
    return {
        row.id: ChildFacts(
            **row._mapping,
            languages=dict(sorted(languages[row.id].items(), key=lambda one: (-one[1], one[0]))),
            needs=dict(sorted(needs[row.id].items())),
            wishes=tuple(unit_id for _, unit_id in sorted(wishes[row.id])),
            bans=frozenset(bans[row.id]),
            siblings=siblings.get(row.id),
            apart=frozenset(apart.get(row.id, ())),
        )
        for row in plain
    }


def waiting_ids(session: Session, county_ids: Collection[int]) -> list[int]:
    """Return the keys of the children of these counties who wait for a place (`waiting_since` is set)."""
    rows = session.execute(
        sa.select(col(Child.id))
        .where(col(Child.county_id).in_(county_ids), col(Child.waiting_since).is_not(None))
        .order_by(col(Child.id))
    )
    return list(rows.scalars())


def protected_among(session: Session, refs: Iterable[str | None]) -> frozenset[str]:
    """Return which of these references are of children with a protected identity: their place is named to nobody else.

    A place is where the child can be found; whoever handles costs or claims needs the days, not the door.
    """
    asked = sorted({ref for ref in refs if ref})
    return frozenset(session.exec(select(Child.ref).where(col(Child.ref).in_(asked), col(Child.protected))))


def ref_by_code(session: Session, actor: Actor, index: str, at: datetime) -> str | None:
    """Return the reference of the child with this blind index of a code, among those the actor may know of.

    The code of a record that was merged into another leads to the record that was kept.
    """
    has_code = or_(col(Child.identity_index) == index, col(Child.temporary_index) == index)
    keys: set[int | None] = set(session.execute(sa.select(col(Child.id)).where(has_code)).scalars())
    while keys:
        found = session.execute(sa.select(col(Child.ref)).where(in_scope(actor, at), col(Child.id).in_(keys)))
        ref: str | None = found.scalars().first()
        if ref is not None:
            return ref
        keys = set(
            session.execute(
                sa.select(col(ChildMerge.kept_id)).where(
                    col(ChildMerge.merged_id).in_(keys), col(ChildMerge.undone_at).is_(None)
                )
            ).scalars()
        )
    return None


def _of(session: Session, table: Any, child_ids: Collection[int], *columns: str) -> Rows:
    wanted = [getattr(table, name) for name in ("child_id", *columns)]
    return list(session.execute(sa.select(*wanted).where(table.child_id.in_(child_ids))))


def _siblings(session: Session, child_ids: Collection[int]) -> dict[int, Siblings]:
    """Return the sibling group of each of these children; members outside the selection are named too."""
    own = sa.select(col(SiblingMember.group_id)).where(col(SiblingMember.child_id).in_(child_ids))
    rows = session.execute(
        sa.select(col(SiblingMember.group_id), col(SiblingMember.child_id), col(SiblingGroup.mode))
        .join(SiblingGroup, col(SiblingGroup.id) == col(SiblingMember.group_id))
        .where(col(SiblingMember.group_id).in_(own))
        .order_by(col(SiblingMember.child_id))
    )
    members: dict[int, list[int]] = defaultdict(list)
    modes: dict[int, SiblingMode] = {}
    for group_id, child_id, mode in rows:
        members[group_id].append(child_id)
        modes[group_id] = mode
    groups = {key: Siblings(key, modes[key], tuple(found)) for key, found in members.items()}
    return {child_id: group for group in groups.values() for child_id in group.members}


def _apart(session: Session, child_ids: Collection[int]) -> dict[int, set[int]]:
    first, second = col(ApartPair.child_a_id), col(ApartPair.child_b_id)
    rows = session.execute(sa.select(first, second).where(or_(first.in_(child_ids), second.in_(child_ids))))
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in rows:
        found[one].add(other)
        found[other].add(one)
    return found
