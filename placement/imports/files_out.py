"""Files that are given out: tables, templates, refused rows. No cell of them can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

import xlsxwriter

from placement import reference
from placement.imports.columns import REASON, Column
from placement.imports.csv_file import FORMULA_SIGNS, GUARD
from placement.imports.words import in_language

UTF8_MARK = "\ufeff"
Table = Sequence[Sequence[str | int]]


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


HOW_TO = (
    _("Fill in the first sheet. The order of the columns is free; columns that are not needed may be left out."),
    _("Days are written as 1.4.2026, 1/4/2026 or 2026-04-01, sums as 245,50 or 245.50."),
    _("Remove the example row before you import."),
)
HEADS = (_("Column"), _("Needed"), _("What it holds"))
LISTS = (_("Codes of the grounds of eligibility"), _("Codes of the services"), _("Codes of the languages"))


def csv_bytes(rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return a CSV that Finnish spreadsheets open: semicolons, UTF-8 with its mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    return (UTF8_MARK + out.getvalue()).encode()


def _guarded(cell: str | int) -> str | int:
    """Return the cell with an apostrophe before what a spreadsheet would take for a formula; a number stays one."""
    return GUARD + cell if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


def xlsx_bytes(sheets: Sequence[tuple[str, Table]]) -> bytes:
    """Return a workbook whose cells are text or whole numbers, the first row of each sheet bold."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for title, rows in sheets:
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                    write(number, column, cell, bold if number == 0 else wrapped)
            width = max((len(row) for row in rows), default=0)
            sheet.set_column(0, max(width - 1, 0), 24)
    return out.getvalue()


def template(columns: Sequence[Column], lang: str, kind: str, on: date) -> bytes:
    """Return the empty sheet with headers in the reader's language and one example row; kind is csv or xlsx."""
    table = [[one.name(lang) for one in columns], [one.example for one in columns]]
    if kind == "csv":
        return csv_bytes(table)
    explained = [[in_language(head, lang) for head in HEADS]]
    yes = in_language(_("Yes"), lang)
    explained += [[one.name(lang), yes if one.needed else "", in_language(one.hint, lang)] for one in columns]
    titles = [in_language(title, lang) for title in (_("Rows"), _("Columns"), _("Codes"))]
    return xlsx_bytes(
        [
            (titles[0], table),
            (titles[1], [*explained, [], *([in_language(line, lang)] for line in HOW_TO)]),
            (titles[2], _codes(lang, on)),
        ]
    )


def _codes(lang: str, on: date) -> Table:
    grounds = [[one.key, in_language(one.label, lang)] for one in reference.eligibility_grounds(on)]
    services = [[one.key, in_language(one.label, lang)] for one in reference.services(on)]
    languages = [[one.code, one.name(lang)] for one in reference.languages(on)]
    heads = [[in_language(head, lang)] for head in LISTS]
    return [heads[0], *grounds, [], heads[1], *services, [], heads[2], *languages]


def refused_rows(header: Sequence[str], rows: Iterable[tuple[Sequence[str], str]], lang: str, kind: str) -> bytes:
    """Return the refused rows as they stood in the file, each with the reasons in a last column."""
    width = len(header)
    table = [[*header, in_language(REASON, lang)]]
    for cells, reasons in rows:
        padded = [*cells, *[""] * (width - len(cells))][:width]
        table.append([*padded, reasons])
    return csv_bytes(table) if kind == "csv" else xlsx_bytes([(in_language(_("Rows"), lang), table)])
