"""Rows pasted from a spreadsheet as the table of a file, so that both are read by the same columns and rules. Pure."""

from __future__ import annotations

import csv
from io import StringIO

MOST_ROWS = 500


def as_csv(text: str) -> bytes:
    """Return pasted rows (columns apart by tabs, or by semicolons where there is no tab) as a CSV file."""
    delimiter = "\t" if "\t" in text else ";"
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    for row in csv.reader(StringIO(text.replace("\r\n", "\n").strip("\n")), delimiter=delimiter):
        writer.writerow(row)
    return out.getvalue().encode()
