"""`placement check [--json]`: every invariant on the present data; exit code 1 on any breach."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlmodel import Session

from agreements.check import Result
from placement.checks import everything
from placement.commanding import Workplace, open_workplace

LOG_FILES = "*.log"


def run(arguments: argparse.Namespace) -> int:
    """Check, print, and tell by the exit code whether everything holds."""
    place = open_workplace()
    try:
        results = check(place)
    finally:
        place.database.close()
    if arguments.json:
        print(json.dumps([asdict(one) for one in results], ensure_ascii=False))
    else:
        for one in results:
            print(f"{one.id:4} {one.checked:>7} checked, {len(one.breaches)} breaches")
            for breach in one.breaches:
                print(f"       {breach}")
    return 1 if any(one.breaches for one in results) else 0


def check(place: Workplace) -> list[Result]:
    """Return every result; whatever was tried on the way is rolled back."""
    with Session(place.database.writer) as session:
        try:
            return everything.run(session, place.clock(), _logs(place.database.url))
        finally:
            session.rollback()


def _logs(url: str) -> list[Path]:
    """Return the log files beside a SQLite database (var/), or of the working directory's var/."""
    file = make_url(url).database
    folder = Path(file).parent if url.startswith("sqlite") and file else Path.cwd() / "var"
    return sorted(folder.glob(LOG_FILES)) if folder.is_dir() else []
