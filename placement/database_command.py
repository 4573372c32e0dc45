"""`placement db upgrade|current|check|rotate-keys`."""

from __future__ import annotations

import argparse

from placement import key_rotation, migration
from placement.commanding import open_workplace
from placement.people.organisations import write_organisations


def run(arguments: argparse.Namespace) -> int:
    """Upgrade (and write the official organisations), tell the migration, or compare tables with the code."""
    place = open_workplace(migrated=False)
    engine = place.database.writer
    if arguments.action == "upgrade":
        migration.upgrade(engine)
        with place.database.transaction() as session:
            written = write_organisations(session)
        print(f"database at {migration.current(engine)}; {written} organisations written")
        return 0
    if arguments.action == "rotate-keys":
        with place.database.transaction() as session:
            done = key_rotation.rotate(session)
        kept = f"; keep the old keys for {', '.join(done.sealed)}" if done.sealed else ""
        print(f"{done.fields} fields stand under the newest key{kept}")
        return 0
    if arguments.action == "current":
        print(f"{migration.current(engine) or 'empty'} (code: {migration.head()})")
        return 0
    found = migration.differences(engine)
    for line in found:
        print(line)
    print("tables and code agree" if not found else f"{len(found)} differences")
    return 1 if found else 0
