"""A table as a file to download: CSV or XLSX with the same cells."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file

from placement.imports.files_out import Table, csv_bytes, xlsx_bytes
from placement.refusals import NotFound

TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def sheet(kind: str, title: str, table: Table, name: str) -> Response:
    """Return the table as a file of that kind; `name` is the file's name without its ending. Raises NotFound."""
    if kind not in TYPES:
        raise NotFound
    content = csv_bytes(table) if kind == "csv" else xlsx_bytes([(title, table)])
    return send_file(BytesIO(content), mimetype=TYPES[kind], as_attachment=True, download_name=f"{name}.{kind}")
