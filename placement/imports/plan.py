"""What an import would do, worked out without writing: one level of problems at a time, file, columns, rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from placement.children.choices import workers
from placement.clock import business_day
from placement.imports import child_columns, child_facts, cost_columns, cost_facts, unit_columns, unit_facts
from placement.imports.columns import Column, Matched, Problem, ReadRow, match, match_named, read_rows
from placement.imports.sheet import Row, fingerprint, read
from placement.imports.tables import ImportBatch
from placement.imports.words import LANGUAGES, vocabulary
from placement.people.queries import municipalities
from placement.people.tables import User
from placement.permissions import Actor, Permission
from placement.refusals import NotFound, Refusal
from placement.units.queries import buildings_of, providers

COLUMNS: Mapping[str, Sequence[Column]] = {
    "units": unit_columns.COLUMNS,
    "children": child_columns.COLUMNS,
    "costs": cost_columns.COLUMNS,
}
NEEDED = {
    "units": Permission.IMPORT_UNITS,
    "children": Permission.IMPORT_CHILDREN,
    "costs": Permission.IMPORT_COSTS,
}


@dataclass(frozen=True)
class Planned:
    """One row: to be added, or in the register already (`already` is its reference), or refused (`problems`)."""

    row: ReadRow
    said: child_columns.ChildRow | unit_facts.Said | cost_columns.CostRow
    problems: tuple[Problem, ...] = ()
    already: str | None = None

    @property
    def good(self) -> bool:
        return not self.problems and self.already is None


@dataclass(frozen=True)
class Plan:
    """`header_problems` not empty: the rows were not looked at yet (`rows` is empty)."""

    what: str
    county_id: int
    file_hash: str
    header: Row
    matched: Matched
    header_problems: tuple[Problem, ...]
    rows: tuple[Planned, ...]
    before: datetime | None = None

    @property
    def columns(self) -> Sequence[Column]:
        return COLUMNS[self.what]

    @property
    def good(self) -> list[Planned]:
        return [one for one in self.rows if one.good]

    @property
    def refused(self) -> list[Planned]:
        return [one for one in self.rows if one.problems]

    @property
    def already(self) -> list[Planned]:
        return [one for one in self.rows if one.already and not one.problems]

    @property
    def problems(self) -> list[Problem]:
        """Return every problem of the level that was reached, in the order of the file."""
        return [*self.header_problems, *(problem for one in self.rows for problem in one.problems)]


@dataclass(frozen=True)
class Own:
    """What the county brings to the reading: keys of municipalities, buildings, providers and workers."""

    municipality_ids: Mapping[str, int]
    lists: Mapping[str, Mapping[str, Iterable[str]]]


def work_out(
    session: Session,
    actor: Actor,
    what: str,
    file_name: str,
    content: bytes,
    *,
    at: datetime,
    lang: str,
    invented_codes: bool,
    named: Mapping[str, str] | None = None,
) -> Plan:
    """Return what importing the file would do for the actor's county; about ten statements for any number of rows.

    `named` says which column of the file each of ours is, by the header's text; other columns are then ignored.
    Raises FileRefused for a file that cannot be read, and NotFound for what the actor may not import.
    """
    if what not in COLUMNS or not actor.can(NEEDED[what]) or actor.county_id is None:
        raise NotFound
    on = business_day(at)
    sheet = read(file_name, content)
    matched = match(sheet, COLUMNS[what], lang) if named is None else match_named(sheet, COLUMNS[what], named)
    plan = Plan(
        what=what,
        county_id=actor.county_id,
        file_hash=fingerprint(content),
        header=sheet.header,
        matched=matched,
        header_problems=matched.problems,
        rows=(),
        before=_imported_before(session, actor.county_id, what, fingerprint(content)),
    )
    if matched.problems:
        return plan
    own = _own(session, actor.county_id, on)
    rows = read_rows(sheet, COLUMNS[what], matched, vocabulary(on, lang, own.lists))
    if what == "children":
        checked = _children(session, plan, rows, own, on, invented_codes)
    elif what == "units":
        checked = _units(session, plan, rows, own, on)
    else:
        checked = _costs(session, plan, rows)
    return replace(plan, rows=tuple(checked))


def _imported_before(session: Session, county_id: int, what: str, file_hash: str) -> datetime | None:
    return session.exec(
        select(ImportBatch.at)
        .where(
            ImportBatch.county_id == county_id,
            ImportBatch.what == what,
            ImportBatch.file_hash == file_hash,
            col(ImportBatch.undone_at).is_(None),
        )
        .order_by(col(ImportBatch.at).desc())
    ).first()


def _own(session: Session, county_id: int, on: date) -> Own:
    people = workers(session, county_id, on)
    logins = session.exec(select(User).where(col(User.id).in_([int(key) for key in people])))
    return Own(
        municipality_ids={one.municipality_code or "": one.id or 0 for one in municipalities(session)},
        lists={
            "building": {str(one.id): (one.name,) for one in buildings_of(session, county_id)},
            "provider": {
                str(one.id): tuple(dict.fromkeys(one.name(lang) for lang in LANGUAGES)) for one in providers(session)
            },
            "cost_kind": cost_columns.words_of_kinds(),
            "cost_unit": cost_facts.own_units(session, county_id),
            "worker": {str(one.id): (one.login, one.name) for one in logins},
        },
    )


def _problems(plan: Plan, row: ReadRow, faults: Iterable[Refusal]) -> tuple[Problem, ...]:
    rules = [Problem(one, row.number, one.field, plan.matched.place(one.field or "")) for one in faults]
    return (*row.problems, *rules)


def _children(
    session: Session, plan: Plan, rows: list[ReadRow], own: Own, on: date, invented_codes: bool
) -> list[Planned]:
    said = [child_columns.child_of(row, own.municipality_ids, on=on, invented_codes=invented_codes) for row in rows]
    here = child_facts.already_here(session, plan.county_id, said)
    twice = child_facts.twice(list(zip(rows, said, strict=True)))
    alone = child_columns.alone_in_group(said)
    planned = []
    for index, (row, one) in enumerate(zip(rows, said, strict=True)):
        faults = child_columns.faults(row, one, on=on, invented_codes=invented_codes)
        if index in twice:
            faults.append(twice[index])
        elif one.sibling_group in alone:
            faults.append(Refusal("sibling-alone", field="sibling_group"))
        already = None if index in twice else here.get(index)
        problems = row.problems if already else _problems(plan, row, faults)
        planned.append(Planned(row, one, problems, already))
    return planned


def _units(session: Session, plan: Plan, rows: list[ReadRow], own: Own, on: date) -> list[Planned]:
    said = [unit_facts.Said(*unit_columns.unit_of(row, own.municipality_ids, on)) for row in rows]
    in_county = {one.id for one in municipalities(session, plan.county_id)}
    here = unit_facts.already_here(session, plan.county_id, [one.command.name for one in said])
    first: dict[str, int] = {}
    planned = []
    for row, one in zip(rows, said, strict=True):
        name = one.command.name
        if name and name in first:
            fault = Refusal("row-twice", field="name", first=first[name])
            planned.append(Planned(row, one, _problems(plan, row, [fault])))
            continue
        first[name] = row.number
        stored = here.get(name)
        if stored is not None:
            differing = unit_facts.differing(row, one, stored, own.municipality_ids)
            faults = [Refusal("unit-differs", field=key) for key in differing]
            planned.append(Planned(row, one, _problems(plan, row, faults), already=stored.unit.ref))
            continue
        faults = unit_columns.faults(row, one.command.offer, on) + unit_facts.places_faults(row, one)
        if "municipality" not in row.faulty and one.command.municipality_id not in in_county:
            faults.append(Refusal("municipality-elsewhere", field="municipality"))
        planned.append(Planned(row, one, _problems(plan, row, faults)))
    return planned


def _costs(session: Session, plan: Plan, rows: list[ReadRow]) -> list[Planned]:
    said = [cost_columns.cost_of(row, plan.county_id) for row in rows]
    refs = [one.cost.child_ref for one in said if one.cost.child_ref]
    children = cost_facts.own_children(session, plan.county_id, refs)
    here = cost_facts.already_here(session, plan.county_id, said)
    first: dict[str, int] = {}
    planned = []
    for place, (row, one) in enumerate(zip(rows, said, strict=True)):
        faults = cost_columns.faults(row, one, children)
        key = one.cost.import_key or ""
        if not row.faulty and key in first:
            faults.append(Refusal("row-twice", field="voucher", first=first[key]))
        first.setdefault(key, row.number)
        planned.append(Planned(row, one, _problems(plan, row, faults), here.get(place)))
    return planned
