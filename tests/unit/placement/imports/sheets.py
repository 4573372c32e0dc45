"""Spreadsheets for tests: children and units as a county would keep them, in Finnish, with faults on request."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta

import xlsxwriter

from placement.reference import demo_identity_code

CHILD_HEADER = (
    "Henkilötunnus", "Etunimi", "Sukunimi", "Municipality", "Ground of eligibility", "entered_on",
    "representative_name", "languages", "needs", "waiting_since", "own_view", "own_view_on", "own_view_how",
)  # fmt: skip
UNIT_HEADER = (
    "Nimi", "kind", "municipality", "opened_on", "places", "care_workers", "age_min", "age_max", "care_hours",
    "price_day", "languages", "services",
)  # fmt: skip


def child_row(number: int) -> list[str]:
    born = date(2010, 1, 1) + timedelta(days=number)
    return [
        demo_identity_code(born, "male" if number % 2 else "female"), f"Etu{number}", f"Malli{number}",
        ("Tampere", "837", "Tammerfors", "Nokia")[number % 4], "permit_after_application",
        ("1.4.2026", "2026-04-01", "1/4/2026")[number % 3], "Pirjo Edustaja",
        ("somali 5; suomi 2", "prs 5", "arabia 4;englanti 3")[number % 3], "trauma 2" if number % 5 == 0 else "",
        "2.11.2026", "Toivoo omaa huonetta; ja rauhaa.", "1.11.2026", "talk",
    ]  # fmt: skip


def unit_row(number: int) -> list[str]:
    return [
        f"Mallikoti {number}", ("family_group_home", "supported_housing")[number % 2], "Tampere", "1.4.2026", "7", "7",
        "16", "17", "280", "245,50", "somali 40; suomi", "trauma 10; wheelchair",
    ]  # fmt: skip


def csv_file(rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig", delimiter: str = ";") -> bytes:
    def cell(text: str) -> str:
        return f'"{text}"' if any(sign in text for sign in (delimiter, '"', "\n")) else text

    return "\r\n".join(delimiter.join(cell(one) for one in row) for row in rows).encode(encoding)


def xlsx_file(rows: Sequence[Sequence[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return out.getvalue()
