"""`placement ledger export --format beancount|csv [--as-of DATE]`: the whole books on standard output."""

from __future__ import annotations

import argparse
import sys

from agreements import export
from placement.commanding import open_workplace

FORMATS = {"beancount": export.beancount, "csv": export.csv_lines}


def run(arguments: argparse.Namespace) -> int:
    """Write the books and return 0; the lines come from one consistent read."""
    workplace = open_workplace()
    with workplace.database.read_only() as session:
        for line in FORMATS[arguments.format](session, arguments.as_of):
            sys.stdout.write(line + "\n")
    return 0
