"""`placement propose`: one calculation on the present data, in this process and without a time limit."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from optimizer.io import instance_to_json, write_json
from optimizer.result_io import result_to_json
from placement.cli import CommandRefused
from placement.clock import business_day
from placement.commanding import Workplace, open_workplace
from placement.decisions import runs
from placement.decisions.problem_builder import Asked
from placement.decisions.results import Explained
from placement.decisions.runs import Scope
from placement.decisions.solving import execute
from placement.decisions.tables import Run
from placement.people.queries import counties, county_by_code
from placement.refusals import Conflict, NotFound
from placement.units.tables import Unit

Fact = dict[str, Any]


def run(arguments: argparse.Namespace) -> int:
    """Calculate, save the run and its draft proposals, and tell the outcome; 0 also when children stay unplaced."""
    place = open_workplace()
    try:
        return _propose(place, arguments)
    finally:
        place.database.close()


def _propose(place: Workplace, arguments: argparse.Namespace) -> int:
    at = place.clock()
    day = arguments.start or business_day(at)
    if arguments.county is None and not place.settings.demo:
        raise CommandRefused("all counties at once is for demo data only; add --county CODE")

    def begin(session: Session) -> tuple[int, str]:
        scope = _scope(session, arguments.county, day)
        started = runs.start(session, None, scope, Asked(day), at, may_be_empty=True)
        return started.id or 0, started.ref

    try:
        run_id, ref = place.database.write(begin)
    except Conflict as busy:
        raise CommandRefused(
            f"calculation {busy.facts['run']} of this county is not finished; wait for it or stop it on its page"
        ) from busy
    done = execute(place.database, place.clock, run_id)
    if done is None:
        raise CommandRefused(f"calculation {ref} ended without a result: {_fault(place, run_id)}; see the log")
    if arguments.save:
        _save(Path(arguments.save), done)
    outcome = _outcome(ref, day, done)
    if arguments.json:
        json.dump(outcome, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(_summary(outcome))
    return 0


def _scope(session: Session, code: str | None, day: date) -> Scope:
    if code is not None:
        try:
            return Scope((county_by_code(session, code).id or 0,))
        except NotFound as missing:
            raise CommandRefused(f"there is no county {code}; give a code such as 08 (Pirkanmaa)") from missing
    used = set(session.execute(sa.select(col(Unit.county_id)).distinct()).scalars())
    found = tuple(row.id for row in counties(session, day) if row.id is not None and row.id in used)
    if not found:
        raise CommandRefused("there is no unit yet; load demo data or import units first")
    return Scope(found)


def _fault(place: Workplace, run_id: int) -> str:
    with place.database.read_only() as session:
        row = session.get_one(Run, run_id)
    return row.fault or row.status.value


def _save(folder: Path, done: Explained) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(str(folder / "instance.json"), instance_to_json(done.instance))
        write_json(str(folder / "result.json"), result_to_json(done.result))
    except OSError as wrong:
        raise CommandRefused(f"cannot write to {folder}: {wrong.strerror}; the calculation itself is saved") from wrong


def _outcome(ref: str, day: date, done: Explained) -> Fact:
    """Return the outcome by references only: every placed child with reasons, every other with a conflict."""
    placed: list[Fact] = []
    unplaced: list[Fact] = []
    for child, row in sorted(done.rows.items()):
        if row["unit"] is None:
            unplaced.append({"child": child, "conflict": row["conflict"], "repairs": row["repairs"]})
        else:
            placed.append(
                {
                    "child": child,
                    "unit": row["unit"],
                    "start": row["start"],
                    "end": row["end"],
                    "reasons": row["reasons"],
                }
            )
    for one in done.summary["left_out"]:
        code = one["code"].upper().replace("-", "_")
        unplaced.append({"child": one["ref"], "conflict": [{"code": code, "units": 0}], "repairs": []})
    levels = [{key: one[key] for key in ("name", "value", "bound")} for one in done.summary["levels"]]
    return {
        "run": ref,
        "as_of": day.isoformat(),
        "status": done.result.status,
        "levels": levels,
        "placed": placed,
        "unplaced": unplaced,
    }


def _summary(outcome: Fact) -> str:
    lines = [
        f"Calculation {outcome['run']} as of {outcome['as_of']}: {outcome['status']}",
        f"  placed    {len(outcome['placed'])}",
        f"  unplaced  {len(outcome['unplaced'])}",
    ]
    for level in outcome["levels"]:
        proof = "proven best" if level["value"] == level["bound"] else "not proven"
        lines.append(f"  level {level['name']:<8} value {level['value']}  bound {level['bound']}  ({proof})")
    lines += [
        f"  {row['child']} has no place: {', '.join(fact['code'] for fact in row['conflict'])}"
        for row in outcome["unplaced"]
    ]
    return "\n".join(lines) + "\n"
