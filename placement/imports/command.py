"""`placement import units|children|costs FILE`: all is checked first, then written in one transaction or not at all."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import date
from pathlib import Path

from sqlmodel import Session, col, select

from placement.app import create_app
from placement.cli import CommandRefused
from placement.clock import business_day
from placement.commanding import Workplace, open_workplace
from placement.imports import files_out
from placement.imports.columns import Problem, match, read_rows
from placement.imports.plan import COLUMNS, NEEDED, Plan, work_out
from placement.imports.sheet import FileRefused, read
from placement.imports.words import fold, vocabulary
from placement.imports.writing import RowsRefused, carry_out
from placement.people.queries import actor_of, mandate_value, municipalities
from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Actor, permissions_of
from placement.units.tables import Unit
from placement.web.import_words import where, words
from placement.web.sentences import sentence

OWNER_ONLY = 0o600
LISTS_OF_COUNTY = ("building", "provider", "worker", "cost_kind", "cost_unit")
NO_LISTS: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in LISTS_OF_COUNTY}


def run(arguments: argparse.Namespace) -> int:
    """Import the file; 0 when every row was taken (or was there already), 1 when any was refused."""
    place = open_workplace()
    app = create_app()
    try:
        with app.test_request_context(query_string={"lang": "en"}):
            return _import(place, arguments)
    finally:
        app.extensions["placement"].database.close()
        place.database.close()


def _import(place: Workplace, arguments: argparse.Namespace) -> int:
    file = Path(arguments.file)
    content = _content(file)
    at = place.clock()
    invented = place.settings.demo

    try:
        with place.database.read_only() as session:
            actor = _actor(session, place, arguments, file.name, content)
            plan = work_out(
                session, actor, arguments.what, file.name, content, at=at, lang="en", invented_codes=invented
            )
    except FileRefused as refused:
        raise CommandRefused(f"{file.name}: {sentence(refused)}") from refused
    problems, written = plan.problems, 0
    if not (arguments.dry_run or plan.header_problems or (problems and not arguments.skip_bad)):
        try:
            with place.database.transaction() as session:
                batch, problems = carry_out(session, actor, plan, skip_bad=arguments.skip_bad, at=at)
            written = batch.written
        except RowsRefused as refused:
            problems = refused.problems
    return _tell(arguments, file, plan, problems, written)


def _tell(arguments: argparse.Namespace, file: Path, plan: Plan, problems: list[Problem], written: int) -> int:
    for problem in problems:
        print(f"{file.name}: {where(plan, problem)}: {words(problem)}", file=sys.stderr)
    bad = len({one.row for one in problems})
    there = len(plan.already)
    if arguments.dry_run:
        print(f"{len(plan.good)} {arguments.what} can be imported, {there} already there, {bad} refused; dry run")
        return 1 if problems else 0
    if problems and (plan.header_problems or not arguments.skip_bad):
        print(f"nothing was imported: {bad} rows refused, {len(plan.good)} good, {there} already there")
        return 1
    print(f"{written} {arguments.what} imported, {there} already there, {bad} left out")
    if problems:
        print(f"the rows left out are in {_save(file, plan, problems)}")
    return 1 if problems else 0


def _save(file: Path, plan: Plan, problems: list[Problem]) -> Path:
    """Write the refused rows with their reasons beside the file, for its owner's eyes only."""
    kind = "xlsx" if file.suffix.lower() == ".xlsx" else "csv"
    reasons: dict[int, list[str]] = {}
    for one in problems:
        reasons.setdefault(one.row or 0, []).append(f"{where(plan, one)}: {words(one)}")
    rows = [(one.row.cells, " / ".join(reasons[one.row.number])) for one in plan.rows if one.row.number in reasons]
    target = file.with_name(f"{file.stem}-left-out.{kind}")
    target.touch(mode=OWNER_ONLY)
    target.chmod(OWNER_ONLY)
    target.write_bytes(files_out.refused_rows(plan.header.cells, rows, "en", kind))
    return target


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise CommandRefused(f"{file} cannot be read: {wrong.strerror}; check the path") from wrong


def _actor(session: Session, place: Workplace, arguments: argparse.Namespace, file_name: str, content: bytes) -> Actor:
    """Return in whose name rows are written: the named person, in demo the first who may import for the county."""
    on = business_day(place.clock())
    county = _county(session, arguments, file_name, content, on)
    login = getattr(arguments, "as_login", None)
    if login is None and not place.settings.demo:
        raise CommandRefused("say in whose name the rows are written: add --as USER_NAME")
    query = (
        select(User, UserMandate)
        .join(UserMandate, col(UserMandate.user_id) == User.id)
        .where(col(User.active), UserMandate.organisation_id == county.id)
        .order_by(col(User.id))
    )
    if login is not None:
        query = query.where(User.login == login.strip().lower())
    for user, mandate in session.exec(query):
        allowed = NEEDED[arguments.what] in permissions_of(mandate.role)
        if allowed and mandate_value(mandate).holds_on(on):
            return actor_of(session, user, mandate, lang="en")
    whose = f"{login} has" if login else "nobody has"
    raise CommandRefused(
        f"{whose} a mandate to import {arguments.what} for {county.name_en} today; "
        "add one with `placement users add`, or choose another --county"
    )


def _county(session: Session, arguments: argparse.Namespace, file_name: str, content: bytes, on: date) -> Organisation:
    """Return the county of --county, or the one that most rows' municipality belongs to."""
    if arguments.county is not None:
        found = session.exec(select(Organisation).where(Organisation.county_code == arguments.county)).first()
        if found is None:
            raise CommandRefused(f"there is no county {arguments.county}; give the official code, such as 08")
        return found
    if arguments.what == "costs":
        return _county_of_units(session, file_name, content)
    columns = COLUMNS[arguments.what]
    sheet = read(file_name, content)
    matched = match(sheet, columns, "en")
    rows = read_rows(sheet, columns, matched, vocabulary(on, "en", NO_LISTS))
    of = {one.municipality_code: one.county_id or one.id for one in municipalities(session)}
    counted = Counter(of[code] for row in rows for code in [str(row.values.get("municipality"))] if code in of)
    if counted:
        (key, most), *_rest = counted.most_common()
        if 2 * most > counted.total():
            return session.get_one(Organisation, key)
    raise CommandRefused("the file does not tell the county of its rows; add --county CODE")


def _county_of_units(session: Session, file_name: str, content: bytes) -> Organisation:
    """Return the county that most of the units named in a sheet of costs belong to."""
    sheet = read(file_name, content)
    place = match(sheet, COLUMNS["costs"], "en").at.get("unit")
    names = Counter(fold(row.cells[place]) for row in sheet.rows if place is not None and len(row.cells) > place)
    counted: Counter[int] = Counter()
    for unit in session.exec(select(Unit)):
        counted[unit.county_id] += names[fold(unit.name)] + names[fold(unit.ref)]
    if counted.total():
        (key, most), *_rest = counted.most_common()
        if 2 * most > counted.total():
            return session.get_one(Organisation, key)
    raise CommandRefused("the file does not tell the county of its units; add --county CODE")
