"""Carrying an import out, and taking it back while nobody has worked on what it added. Flushes, never commits."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements.claim_values import PLACE_DAYS
from placement import models
from placement.audit.service import record
from placement.children.tables import Child
from placement.imports import child_facts, child_writing, unit_columns
from placement.imports.child_columns import ChildRow
from placement.imports.columns import Problem
from placement.imports.cost_columns import CostRow
from placement.imports.plan import NEEDED, Plan, Planned
from placement.imports.tables import ImportBatch, ImportedRow
from placement.imports.unit_facts import Said
from placement.permissions import Actor
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.reimbursed import costs
from placement.units import service as units
from placement.units.tables import Unit

UNDO_HOURS = 24
PARTS = {
    "child": ("child_language", "child_need", "child_wish", "child_ban", "sibling_member", "case_relation"),
    "unit": ("unit_language", "unit_service", "unit_capacity"),
}
"""The tables whose rows an import adds together with a child or a unit; a row elsewhere is somebody's work."""
Outcome = tuple[list[tuple[int, str]], list[Problem]]  # (row, reference) of each added, and what was refused


class RowsRefused(Refusal):
    """Rows are refused, so nothing is written; `problems` names each with its row and column."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("rows-refused", count=len({one.row for one in problems}))
        self.problems = problems


def carry_out(
    session: Session, actor: Actor, plan: Plan, *, skip_bad: bool, at: datetime
) -> tuple[ImportBatch, list[Problem]]:
    """Add every good row of the plan in this transaction; returns the batch and the problems of rows left out.

    Raises RowsRefused when any row is refused, by the plan or only now, unless `skip_bad`: what others saved
    since the plan is asked again, and the places of units that share a building are added up.
    """
    if plan.header_problems or (plan.refused and not skip_bad):
        raise RowsRefused(plan.problems)
    add = {"children": _add_children, "units": _add_units, "costs": _add_costs}[plan.what]
    added, refused = add(session, actor, plan, at)
    if refused and not skip_bad:
        raise RowsRefused(refused)
    left_out = plan.problems + refused
    return _store(session, actor, plan, added, {one.row for one in left_out}, at), left_out


def _add_children(session: Session, actor: Actor, plan: Plan, at: datetime) -> Outcome:
    said = {one.row.number: one.said for one in plan.good if isinstance(one.said, ChildRow)}
    here = child_facts.already_here(session, plan.county_id, list(said.values()))
    problems = [
        Problem(Refusal("child-already-here", ref=ref), list(said)[position], None, None)
        for position, ref in here.items()
    ]
    for problem in problems:
        said.pop(problem.row or 0)
    return list(zip(said, child_writing.add(session, actor, list(said.values()), at=at), strict=True)), problems


def _add_units(session: Session, actor: Actor, plan: Plan, at: datetime) -> Outcome:
    added: list[tuple[int, str]] = []
    problems: list[Problem] = []
    for planned in plan.good:
        assert isinstance(planned.said, Said)
        try:
            with session.begin_nested():
                unit = units.add_unit(session, actor, planned.said.command, planned.said.start, at=at)
                added.append((planned.row.number, unit.ref))
        except Refusal as fault:
            problems += _problems(plan, planned, fault)
    return added, problems


def _add_costs(session: Session, actor: Actor, plan: Plan, at: datetime) -> Outcome:
    """Add each cost; a row that came in before is the cost there is and is not added again."""
    added: list[tuple[int, str]] = []
    for planned in plan.good:
        assert isinstance(planned.said, CostRow)
        cost = planned.said.cost
        if cost.cost_kind == PLACE_DAYS:
            invoice = costs.add_invoice(session, actor, costs.invoice_of(cost), at=at)
            added.append((planned.row.number, f"inv-{invoice.id}"))
        else:
            added.append((planned.row.number, f"cost-{costs.add_cost(session, actor, cost, at=at).id}"))
    return added, []


def _problems(plan: Plan, planned: Planned, fault: Refusal) -> list[Problem]:
    faults = fault.faults if isinstance(fault, Refusals) else [fault]
    return [
        Problem(one, planned.row.number, key or None, plan.matched.place(key))
        for one in faults
        for key in [unit_columns.column_of(one.field)]
    ]


def _store(
    session: Session,
    actor: Actor,
    plan: Plan,
    added: list[tuple[int, str]],
    left_out: set[int | None],
    at: datetime,
) -> ImportBatch:
    batch = ImportBatch(
        token=secrets.token_urlsafe(24),
        county_id=plan.county_id,
        user_id=actor.user_id,
        what=plan.what,
        file_hash=plan.file_hash,
        written=len(added),
        already_there=len(plan.already),
        left_out=len(left_out),
        at=at,
    )
    session.add(batch)
    session.flush()
    refs = [ref for _, ref in added]
    versions = dict.fromkeys(refs, 1) if plan.what == "costs" else _versions(session, plan.what, refs)
    session.add_all(ImportedRow(batch_id=batch.id or 0, row=row, ref=ref, version=versions[ref]) for row, ref in added)
    record(
        session,
        actor=actor,
        action="import-done",
        object_kind="import",
        object_ref=f"import-{batch.id}",
        at=at,
        after={
            "what": plan.what,
            "written": batch.written,
            "already_there": batch.already_there,
            "left_out": batch.left_out,
            "file_hash": plan.file_hash,
        },
    )
    return batch


def _table(what: str) -> type[Child] | type[Unit]:
    return Child if what == "children" else Unit


def _versions(session: Session, what: str, refs: list[str]) -> dict[str, int]:
    table = _table(what)
    rows = session.execute(sa.select(col(table.ref), col(table.version)).where(col(table.ref).in_(refs)))
    return {row[0]: row[1] for row in rows}


def find(session: Session, actor: Actor, token: str) -> ImportBatch:
    """Return an import of the actor's own, or of costs of their county, which its claims officers share.

    Raises NotFound for a missing one, for somebody else's and for one of what the actor may not import alike.
    """
    found = session.exec(
        select(ImportBatch).where(ImportBatch.token == token, ImportBatch.county_id == actor.county_id)
    ).first()
    if found is None or not actor.can(NEEDED[found.what]):
        raise NotFound
    if found.user_id != actor.user_id and found.what != "costs":
        raise NotFound
    return found


def rows_of(session: Session, batch: ImportBatch) -> list[ImportedRow]:
    """Return what the import added, in the order of the file."""
    return list(
        session.exec(select(ImportedRow).where(ImportedRow.batch_id == batch.id).order_by(col(ImportedRow.row)))
    )


def recent(session: Session, actor: Actor, at: datetime) -> list[ImportBatch]:
    """Return the actor's imports of the last day, the latest first: those that may still be taken back."""
    return list(
        session.exec(
            select(ImportBatch)
            .where(
                ImportBatch.user_id == actor.user_id,
                ImportBatch.county_id == actor.county_id,
                col(ImportBatch.at) > at - timedelta(hours=UNDO_HOURS),
            )
            .order_by(col(ImportBatch.at).desc(), col(ImportBatch.id).desc())
        )
    )


def may_undo(batch: ImportBatch, at: datetime) -> bool:
    return batch.undone_at is None and batch.written > 0 and at - batch.at <= timedelta(hours=UNDO_HOURS)


def undo(session: Session, actor: Actor, token: str, *, at: datetime) -> ImportBatch:
    """Take an import back whole; one already taken back stays so.

    Raises NotFound, and Conflict: "undo-late" after a day, "undo-touched" (with the first reference) as soon as
    somebody has opened, changed or used any of what it added: that work would be lost. Of costs, "undo-claimed"
    names the voucher and the claim that rests on it, and "undo-gone" the row whose cost was taken out by hand.
    """
    batch = find(session, actor, token)
    if batch.undone_at is not None:
        return batch
    if not may_undo(batch, at):
        raise Conflict("undo-late", hours=UNDO_HOURS)
    rows = rows_of(session, batch)
    if batch.what == "costs":
        return _undo_costs(session, actor, batch, rows, at)
    kind = "child" if batch.what == "children" else "unit"
    keys = _untouched(session, kind, rows)
    for row in rows:
        record(session, actor=actor, action=f"{kind}-import-undone", object_kind=kind, object_ref=row.ref, at=at)
    _remove(session, kind, keys)
    batch.undone_at, batch.undone_by = at, actor.user_id
    session.add(batch)
    session.flush()
    record(
        session,
        actor=actor,
        action="import-undone",
        object_kind="import",
        object_ref=f"import-{batch.id}",
        at=at,
        after={"removed": len(keys)},
    )
    return batch


def _undo_costs(
    session: Session, actor: Actor, batch: ImportBatch, rows: list[ImportedRow], at: datetime
) -> ImportBatch:
    """Take imported costs out again; raises Conflict as soon as a claim rests on one, or one is gone already."""
    for row in rows:
        kind, _, key = row.ref.partition("-")
        remove = costs.remove_invoice if kind == "inv" else costs.remove_cost
        try:
            remove(session, actor, int(key), at=at)
        except Conflict as used:
            facts = used.facts
            raise Conflict("undo-claimed", row=row.row, claim=facts["claim"], voucher=facts["voucher"]) from used
        except NotFound as gone:
            raise Conflict("undo-gone", row=row.row) from gone
    batch.undone_at, batch.undone_by = at, actor.user_id
    session.add(batch)
    session.flush()
    record(
        session,
        actor=actor,
        action="import-undone",
        object_kind="import",
        object_ref=f"import-{batch.id}",
        at=at,
        after={"removed": len(rows)},
    )
    return batch


def _untouched(session: Session, kind: str, rows: list[ImportedRow]) -> list[int]:
    """Return the keys of what was imported; raises Conflict where one is no more as the import left it."""
    table = Child if kind == "child" else Unit
    wanted = {row.ref: row.version for row in rows}
    found = session.execute(
        sa.select(col(table.ref), col(table.id), col(table.version)).where(col(table.ref).in_(wanted))
    ).all()
    ref_of: dict[int, str] = {row[1]: row[0] for row in found}
    changed = sorted(row[0] for row in found if row[2] != wanted[row[0]])
    used = sorted(ref_of[key] for key in _used(session, kind, list(ref_of)))
    if changed or used:
        raise Conflict("undo-touched", ref=min([*changed, *used]))
    return list(ref_of)


def _used(session: Session, kind: str, keys: list[int]) -> set[int]:
    """Return the keys that a row of any other table leads to, but for the parts that an import writes itself."""
    found: set[int] = set()
    for table in models.metadata.sorted_tables:
        if table.name in PARTS[kind]:
            continue
        for foreign in table.foreign_keys:
            if foreign.column.table.name == kind:
                column = foreign.parent
                found |= set(session.scalars(sa.select(column).where(column.in_(keys)).distinct()))
    return found


def _remove(session: Session, kind: str, keys: list[int]) -> None:
    column = f"{kind}_id"
    groups: list[int] = []
    if kind == "child":
        members = models.metadata.tables["sibling_member"]
        groups = list(session.scalars(sa.select(members.c.group_id).where(members.c.child_id.in_(keys)).distinct()))
    for name in PARTS[kind]:
        table = models.metadata.tables[name]
        session.execute(sa.delete(table).where(table.c[column].in_(keys)))
    if groups:
        group = models.metadata.tables["sibling_group"]
        members = models.metadata.tables["sibling_member"]
        session.execute(sa.delete(group).where(group.c.id.in_(groups), ~group.c.id.in_(sa.select(members.c.group_id))))
    whole = models.metadata.tables[kind]
    session.execute(sa.delete(whole).where(whole.c.id.in_(keys)))
