"""CSV as Finnish spreadsheets write it: semicolons, commas or tabs; UTF-8, UTF-16 or Windows-1252."""

from __future__ import annotations

import codecs
import csv
import io

from placement.imports.sheet import MOST_ROWS, FileRefused, Row, Sheet, build

OTHER_KINDS = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf")
DELIMITERS = ";\t,"
GUARD = "'"
FORMULA_SIGNS = tuple("=+-@\t\r")


def read(content: bytes) -> Sheet:
    """Return the table; raises FileRefused when the bytes are no text or the quotes do not close."""
    if content.startswith(OTHER_KINDS):
        raise FileRefused("file-not-csv")
    text = decode(content)
    if "\x00" in text or text.lstrip()[:9].lower().startswith(("<html", "<!doctype")):
        raise FileRefused("file-not-csv")
    delimiter, skipped = _delimiter(text)
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if number > skipped:
                rows.append(Row(number, tuple(_unguarded(cell) for cell in cells)))
            if len(rows) > 2 * MOST_ROWS:
                raise FileRefused("file-rows", most=MOST_ROWS)
    except csv.Error as wrong:
        raise FileRefused("file-quotes", row=len(rows) + skipped + 1) from wrong
    return build(rows)


def decode(content: bytes) -> str:
    """Return the text: by its mark where there is one, else UTF-8, else Windows-1252; raises FileRefused."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(content, "utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _strictly(content, "cp1252")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as wrong:
        raise FileRefused("file-encoding") from wrong


def _unguarded(cell: str) -> str:
    """Return the cell without the apostrophe that our own CSV files put before what looks like a formula."""
    return cell[1:] if cell[:1] == GUARD and cell[1:2] in FORMULA_SIGNS else cell


def _delimiter(text: str) -> tuple[str, int]:
    """Return what stands between cells, and how many leading lines only say so (`sep=;`)."""
    first, _, _ = text.partition("\n")
    stated = first.strip().lower()
    if stated.startswith("sep=") and len(stated) == len("sep=") + 1:
        return stated[-1], 1
    line = next((one for one in text.splitlines() if one.strip()), "")
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count), 0
