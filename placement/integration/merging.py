"""Two records of one person made one, and apart again.

The case: a child was added with a temporary number, the identity code came later and belongs to a child who is here
already. Either record may be kept. Everything that hangs on the second one goes over to it, with an identity code that
only the second one has; the second one is hidden, with its own name, numbers, languages and needs untouched, so that
undoing the merge gives back what there was.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from placement.audit.service import record
from placement.children.access import covers
from placement.children.tables import Child
from placement.clock import business_day
from placement.db import lock_row
from placement.decisions.tables import Stay
from placement.integration import scope
from placement.integration.service import next_number
from placement.integration.tables import NUMBERED, ChildMerge
from placement.permissions import Actor
from placement.refusals import Conflict, NotFound, Refusal, Refusals

UNDO_DAYS = 30
SHORTEST_REASON = 10
STAY_BEHIND = frozenset(
    {
        "birth_date_correction", "case_relation", "child_ban", "child_language", "child_merge", "child_need",
        "child_wish", "purpose_grant", "sibling_member", "apart_pair",
    }
)  # fmt: skip
"""What says who a record is of and who may see it stays with the record: it would stand twice on the kept one."""
NUMBERED_TABLES = {str(table.__tablename__): table for table in NUMBERED}


@dataclass(frozen=True)
class Plan:
    """What a merge would do: rows that go over, by table; `kept` and `merged` are references.

    `code`: the identity code goes over too.
    """

    kept: str
    merged: str
    rows: dict[str, int]
    code: bool


def plan(session: Session, actor: Actor, kept_ref: str, merged_ref: str, *, at: datetime) -> Plan:
    """Return what would be moved; raises as `merge`."""
    kept, merged = _pair(session, actor, kept_ref, merged_ref, at)
    rows = {table.name: len(keys) for table, keys in _rows(session, merged.id or 0) if keys}
    return Plan(kept_ref, merged_ref, rows, _lacks_code(kept, merged))


def merge(session: Session, actor: Actor, kept_ref: str, merged_ref: str, *, reason: str, at: datetime) -> ChildMerge:
    """Move everything of the second record to the kept one and hide the second; returns the merge.

    Raises as `scope.own_child` for both; Refusals for one record with itself, two different identity codes, birth
    dates that differ, stays that overlap, and a reason that says nothing.
    """
    kept, merged = _pair(session, actor, kept_ref, merged_ref, at)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refusals([Refusal("merge-reason-short", field="reason", least=SHORTEST_REASON)])
    kept_id, merged_id = kept.id or 0, merged.id or 0
    for one in (kept, merged):
        session.expunge(one)
    kept, merged = lock_row(session, Child, kept_id), lock_row(session, Child, merged_id)
    moved: dict[str, Any] = {"rows": _move(session, kept_id, merged_id)}
    if _lacks_code(kept, merged):
        moved["code"] = _take_code(session, kept, merged)
    moved["waiting_since"] = merged.waiting_since
    if merged.waiting_since is not None:
        if kept.waiting_since is None and not _lives(session, kept_id, business_day(at)):
            kept.waiting_since, moved["kept_waits"] = merged.waiting_since, True
        merged.waiting_since = None
    for one in (kept, merged):
        one.version += 1
        one.updated_at = at
        session.add(one)
    row = ChildMerge(
        county_id=kept.county_id,
        kept_id=kept_id,
        merged_id=merged_id,
        moved=json.dumps(moved, default=str, sort_keys=True),
        reason=reason.strip(),
        merged_by=actor.user_id,
        merged_at=at,
    )
    session.add(row)
    session.flush()
    _event(session, actor, "children-merged", kept_ref, merged_ref, at, moved)
    return row


def undo(session: Session, actor: Actor, kept_ref: str, *, at: datetime) -> str:
    """Take the latest merge into this record back; returns the reference of the record that is there again.

    What was added after the merge stays with the kept record. Raises NotFound when nothing was merged into it, and
    Refusal after UNDO_DAYS days.
    """
    kept = scope.own_child(session, actor, kept_ref, at)
    row = latest(session, kept.id or 0)
    if row is None:
        raise NotFound
    if at > row.merged_at + timedelta(days=UNDO_DAYS):
        raise Refusal("merge-undo-late", days=UNDO_DAYS)
    session.expunge(kept)
    kept, merged = lock_row(session, Child, row.kept_id), lock_row(session, Child, row.merged_id)
    moved = json.loads(row.moved)
    _move_back(session, moved["rows"], row)
    if "code" in moved:
        _give_code_back(session, kept, merged, moved["code"])
    if moved["waiting_since"]:
        merged.waiting_since = date.fromisoformat(moved["waiting_since"])
        if moved.get("kept_waits"):
            kept.waiting_since = None
    for one in (kept, merged):
        one.version += 1
        one.updated_at = at
        session.add(one)
    row.undone_by, row.undone_at = actor.user_id, at
    session.add(row)
    session.flush()
    _event(session, actor, "merge-undone", kept_ref, merged.ref, at, moved)
    return str(merged.ref)


def latest(session: Session, kept_id: int) -> ChildMerge | None:
    """Return the latest merge into a record that has not been undone."""
    return session.exec(
        select(ChildMerge)
        .where(ChildMerge.kept_id == kept_id, col(ChildMerge.undone_at).is_(None))
        .order_by(col(ChildMerge.id).desc())
    ).first()


def kept_ref(session: Session, actor: Actor, ref: str) -> str | None:
    """Return the reference of the record that a hidden one was merged into, in the actor's county; else None."""
    if actor.county_id is None:
        return None
    gone = session.exec(select(Child.id).where(Child.ref == ref, Child.county_id == actor.county_id)).first()
    into = select(Child.ref).join(ChildMerge, col(ChildMerge.kept_id) == Child.id)
    return session.exec(into.where(ChildMerge.merged_id == gone, col(ChildMerge.undone_at).is_(None))).first()


def _pair(session: Session, actor: Actor, kept_ref: str, merged_ref: str, at: datetime) -> tuple[Child, Child]:
    if kept_ref == merged_ref:
        raise Refusals([Refusal("merge-same", field="other")])
    kept = scope.own_child(session, actor, kept_ref, at)
    merged = scope.own_child(session, actor, merged_ref, at)
    if kept.identity_index and merged.identity_index and kept.identity_index != merged.identity_index:
        raise Refusals([Refusal("merge-two-codes", field="other")])
    if kept.birth_date != merged.birth_date:
        raise Refusals([Refusal("merge-birth-dates", field="other")])
    if _overlap(session, kept.id or 0, merged.id or 0):
        raise Refusals([Refusal("merge-stays", field="other")])
    return kept, merged


def _lacks_code(kept: Child, merged: Child) -> bool:
    return kept.identity_index is None and merged.identity_index is not None


def _take_code(session: Session, kept: Child, merged: Child) -> str:
    """Give the kept record the identity code that only the other one has; returns its blind index.

    The code stays written in the hidden record too, but is found through the kept one.
    """
    index: str = merged.identity_index or ""
    merged.identity_index = None
    session.add(merged)
    session.flush()
    kept.identity_code, kept.identity_index = merged.identity_code, index
    return index


def _give_code_back(session: Session, kept: Child, merged: Child, index: str) -> None:
    """Let the code be that of the other record again; one that was corrected since stays with the kept record.

    Raises Conflict when the code was corrected and meanwhile given to a third record.
    """
    if kept.identity_index == index:
        kept.identity_code = kept.identity_index = None
        session.add(kept)
        session.flush()
    same = select(Child.ref).where(Child.county_id == merged.county_id, Child.identity_index == index)
    if session.exec(same).first() is not None:
        raise Conflict("merge-code-taken")
    merged.identity_index = index


def _overlap(session: Session, one: int, other: int) -> bool:
    rows = session.exec(select(Stay).where(col(Stay.child_id).in_((one, other))))
    spans = [(row.child_id, row.start or row.planned_start, row.end or date.max) for row in rows]
    return any(a[0] == one and b[0] == other and max(a[1], b[1]) < min(a[2], b[2]) for a in spans for b in spans)


def _lives(session: Session, child_id: int, on: date) -> bool:
    here = select(Stay.id).where(Stay.child_id == child_id, covers(on))
    return session.exec(here).first() is not None


def _references() -> list[tuple[sa.Table, sa.Column[Any]]]:
    """Return every table with a key of its own and a column that leads to a child, but those that stay behind."""
    from placement import models

    found = []
    for table in models.metadata.sorted_tables:
        if table.name in STAY_BEHIND or table.name in models.APPEND_ONLY or "id" not in table.c:
            continue
        found += [(table, key.parent) for key in table.foreign_keys if key.column.table.name == "child"]
    return found


def _rows(session: Session, child_id: int) -> list[tuple[sa.Table, list[int]]]:
    return [
        (table, list(session.scalars(sa.select(table.c.id).where(column == child_id).order_by(table.c.id))))
        for table, column in _references()
    ]


def _move(session: Session, kept_id: int, merged_id: int) -> list[list[object]]:
    """Let every row lead to the kept record; returns [table, column, row, old number or None] of each.

    A row that would stand twice there (the same child in one proposal) stays behind.
    """
    moved: list[list[object]] = []
    for table, column in _references():
        for key in session.scalars(sa.select(table.c.id).where(column == merged_id).order_by(table.c.id)).all():
            old = None
            values: dict[str, object] = {column.name: kept_id}
            numbered: type[SQLModel] | None = NUMBERED_TABLES.get(table.name)
            if numbered is not None:
                old = session.scalar(sa.select(table.c.number).where(table.c.id == key))
                values["number"] = next_number(session, numbered, kept_id)
            try:
                with session.begin_nested():
                    session.execute(sa.update(table).where(table.c.id == key).values(**values))
            except sa.exc.IntegrityError:
                continue
            moved.append([table.name, column.name, key, old])
    session.expire_all()
    return moved


def _move_back(session: Session, rows: list[list[Any]], merge: ChildMerge) -> None:
    tables = {table.name: table for table, _column in _references()}
    for name, column, key, old in rows:
        table = tables[name]
        values: dict[str, object] = {column: merge.merged_id}
        if old is not None:
            values["number"] = old
        still = sa.and_(table.c.id == key, table.c[column] == merge.kept_id)
        session.execute(sa.update(table).where(still).values(**values))
    session.expire_all()


def _event(
    session: Session, actor: Actor, action: str, kept: str, merged: str, at: datetime, moved: dict[str, Any]
) -> None:
    counts: dict[str, int] = {"identity_code": 1} if "code" in moved else {}
    for name, *_rest in moved["rows"]:
        counts[name] = counts.get(name, 0) + 1
    record(
        session,
        actor=actor,
        action=action,
        object_kind="child",
        object_ref=kept,
        at=at,
        after={"other": merged, "moved": counts},
    )
