"""The first sheet of an XLSX workbook, after its archive was found harmless.

The workbook's parts are unpacked once within limits before a parser sees them: an archive that says it is
small and unpacks to gigabytes is refused here. Cells without a value of their own (a formula that was never
calculated, an error) are named, because the reader gives nothing for them.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from placement.imports.sheet import CellFault, FileRefused, Row, Sheet, build

MOST_UNPACKED = 100 * 1024 * 1024
MOST_PARTS = 1_000
CHUNK = 64 * 1024
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read(content: bytes) -> Sheet:
    """Return the table of the first sheet; raises FileRefused for what is no workbook, or no safe one."""
    if content.startswith(OLD_OR_LOCKED):
        raise FileRefused("file-old-or-locked")
    if not content.startswith(b"PK\x03\x04"):
        raise FileRefused("file-not-xlsx")
    faults = tuple(_checked(content))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        table = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except PasswordError as wrong:
        raise FileRefused("file-old-or-locked") from wrong
    except (CalamineError, ValueError, IndexError) as wrong:
        raise FileRefused("file-damaged") from wrong
    rows = [Row(number, tuple(_text(value) for value in cells)) for number, cells in enumerate(table, start=1)]
    return build(_reaching(rows, faults), faults)


def _reaching(rows: list[Row], faults: tuple[CellFault, ...]) -> list[Row]:
    """Return the rows with empty ones added below, as far as the last faulty cell: the reader drops those."""
    last = max((fault.row for fault in faults), default=0)
    return rows + [Row(number, ()) for number in range(len(rows) + 1, last + 1)]


def _checked(content: bytes) -> Iterator[CellFault]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bombs(archive)
            yield from _cells_without_value(archive)
    except (zipfile.BadZipFile, zlib.error, ET.ParseError, KeyError, EOFError) as wrong:
        raise FileRefused("file-damaged") from wrong
    except RuntimeError as wrong:  # a part is encrypted, or packed in a way that spreadsheets do not use
        raise FileRefused("file-old-or-locked") from wrong


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise FileRefused("file-unpacks-too-big", most=MOST_UNPACKED // 1024 // 1024)
    if WORKBOOK not in archive.namelist():
        raise FileRefused("file-not-xlsx")
    left = MOST_UNPACKED
    for part in parts:
        with archive.open(part) as stream:
            beginning = True
            while chunk := stream.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise FileRefused("file-unpacks-too-big", most=MOST_UNPACKED // 1024 // 1024)
                if beginning and b"<!DOCTYPE" in chunk:  # an outer entity could read files of the server
                    raise FileRefused("file-damaged")
                beginning = False


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """Return the part that holds the first sheet, by the workbook's own order."""
    first = ET.fromstring(archive.read(WORKBOOK)).find(f"{MAIN}sheets/{MAIN}sheet")  # noqa: S314 - no DOCTYPE
    if first is None:
        raise FileRefused("file-empty")
    wanted = first.attrib[LINK]
    for relation in ET.fromstring(archive.read(RELATIONS)):  # noqa: S314 - no DOCTYPE
        if relation.attrib.get("Id") == wanted:
            return posixpath.normpath(posixpath.join("/xl", relation.attrib["Target"])).lstrip("/")
    raise KeyError(wanted)


def _cells_without_value(archive: zipfile.ZipFile) -> Iterator[CellFault]:
    with archive.open(_first_sheet(archive)) as stream:
        row = column = 0
        for _event, node in ET.iterparse(stream, events=("end",)):  # noqa: S314 - no DOCTYPE
            if node.tag == f"{MAIN}c":
                row, column = _place(node.attrib.get("r", ""), row, column)
                value = node.findtext(f"{MAIN}v") or node.findtext(f"{MAIN}is/{MAIN}t")
                if node.attrib.get("t") == "e":
                    yield CellFault(row, column, "cell-error")
                elif node.find(f"{MAIN}f") is not None and not value and node.attrib.get("t") != "str":
                    yield CellFault(row, column, "cell-formula")
            elif node.tag == f"{MAIN}row":
                node.clear()


def _place(reference: str, row: int, column: int) -> tuple[int, int]:
    """Return (row, column) of a cell such as B3 = (3, 1); without a reference it stands right of the one before."""
    capitals = reference.rstrip("0123456789")
    if not capitals or capitals == reference:
        return row, column + 1
    number = 0
    for letter in capitals:
        number = number * 26 + ord(letter) - ord("A") + 1
    return int(reference.removeprefix(capitals)), number - 1


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
