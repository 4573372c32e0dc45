"""`placement`: the command line. Each command lives beside what it works on; this file names and starts them.

Exit codes: 0 done, 1 refused or a check failed, 2 wrong usage. An error is one sentence on standard error.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from datetime import date

from placement.config import BadSetting
from placement.db import DatabaseBusy
from placement.refusals import Refusal

COMMANDS = {
    "demo": "placement.demo.command",
    "serve": "placement.serving",
    "worker": "placement.jobs",
    "propose": "placement.decisions.command",
    "import": "placement.imports.command",
    "check": "placement.checks.command",
    "ledger": "placement.ledger_command",
    "backup": "placement.backup",
    "restore": "placement.backup",
    "db": "placement.database_command",
    "users": "placement.people.command",
    "bench": "placement.bench",
}


class CommandRefused(Exception):
    """A command could not be carried out; the text is one sentence that names the way out."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="placement", description="The placement coordinator.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="load invented data")
    demo.add_argument("action", choices=["load"])
    demo.add_argument("--size", choices=["small", "national"], default="small")
    demo.add_argument("--seed", type=int, default=1)
    demo.add_argument("--reset", action="store_true", help="start from fresh demo data (never on real data)")
    demo.add_argument("--if-empty", action="store_true", help="do nothing when there is data already")

    serve = commands.add_parser("serve", help="serve the web pages")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    commands.add_parser("worker", help="calculate the runs that wait")

    propose = commands.add_parser("propose", help="calculate placement proposals on the present data")
    propose.add_argument("--county", metavar="CODE")
    propose.add_argument("--from", dest="start", type=date.fromisoformat, metavar="DATE")
    propose.add_argument("--save", metavar="DIR")
    propose.add_argument("--json", action="store_true")

    importer = commands.add_parser("import", help="import units, children or costs from a CSV or XLSX file")
    importer.add_argument("what", choices=["units", "children", "costs"])
    importer.add_argument("file")
    importer.add_argument("--county", metavar="CODE", help="the county that owns the rows")
    importer.add_argument("--as", dest="as_login", metavar="USER_NAME", help="in whose name the rows are written")
    importer.add_argument("--dry-run", action="store_true")
    importer.add_argument("--skip-bad", action="store_true")

    check = commands.add_parser("check", help="check every invariant")
    check.add_argument("--json", action="store_true")

    ledger = commands.add_parser("ledger", help="export the books")
    ledger.add_argument("action", choices=["export"])
    ledger.add_argument("--format", choices=["beancount", "csv"], required=True)
    ledger.add_argument("--as-of", type=date.fromisoformat)

    for name, words in (("backup", "write a consistent copy"), ("restore", "verify a copy and put it in place")):
        commands.add_parser(name, help=words).add_argument("file")

    database = commands.add_parser("db", help="migrations")
    database.add_argument("action", choices=["upgrade", "current", "check", "rotate-keys"])

    users = commands.add_parser("users", help="accounts")
    users.add_argument("action", choices=["add", "list", "disable"])
    users.add_argument("login", nargs="?")
    users.add_argument("--name", default="")
    users.add_argument("--role")
    users.add_argument("--organisation", metavar="CODE")
    users.add_argument("--may-decide", action="store_true")
    users.add_argument("--unit", metavar="REF", help="the unit of a unit manager")
    users.add_argument("--basis", default="", help="what the mandate rests on")
    users.add_argument("--from", dest="start", type=date.fromisoformat)
    users.add_argument("--to", dest="end", type=date.fromisoformat)

    bench = commands.add_parser("bench", help="measure pages and capacity beside a reference")
    bench.add_argument("--json", action="store_true")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = parser().parse_args(argv)
    try:
        module = importlib.import_module(COMMANDS[arguments.command])
        code: int = module.run(arguments)
    except (BadSetting, CommandRefused, DatabaseBusy) as refused:
        print(f"placement: {refused}", file=sys.stderr)
        return 1
    except Refusal as refused:
        print(f"placement: refused: {refused.code} {refused.facts or ''}".rstrip(), file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
