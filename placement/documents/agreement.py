"""An agreement as values and the one function that sets it as a PDF (PDF/UA-1, tagged).

The fingerprint of the content stands on every page and in the file's keywords, so that a reader and a check find it.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

from placement.documents.letter import SignNotShown

TEMPLATE = Path(__file__).with_name("agreement.typ")
_UNSHOWN = re.compile(r'the text `?"(?P<text>.+?)"`? could not be displayed')


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; the first cell of a row is its header. `numeric`: columns of numbers, counted from 0."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    title: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Paper:
    """An agreement in one language, already in words; `frozen_on` is its date, `content_hash` the fingerprint."""

    language: str
    title: str
    number: str
    content_hash: str
    hash_label: str
    frozen_on: date
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    clauses_title: str
    clauses: tuple[Clause, ...]
    note: str | None = None
    demo: str | None = None


def pdf(paper: Paper) -> bytes:
    """Return the agreement as a PDF/UA-1 file, the same bytes for the same paper.

    Raises SignNotShown when a text holds a sign that the fonts lack.
    """
    import typst  # the typesetter is loaded with the first document, not with every process

    values = asdict(paper)
    values["frozen_on"] = [paper.frozen_on.year, paper.frozen_on.month, paper.frozen_on.day]
    try:
        made: bytes = typst.compile(
            _template(),
            format="pdf",
            sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
        )
    except typst.TypstError as wrong:
        unshown = _UNSHOWN.search(str(wrong))
        if unshown is None:
            raise
        raise SignNotShown(unshown["text"]) from wrong
    return made


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()
