"""The explanation of a decision for the child as values, and the one function that sets it as a PDF of one page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

import fontpkg_noto_sans_arabic as arabic  # type: ignore[import-untyped]

HERE = Path(__file__).parent
FONTS = [Path(arabic.ROOT) / "files"]


@dataclass(frozen=True, slots=True)
class Quote:
    """What the child said, as it was written down, in the language of the writing (fi or sv)."""

    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    sentences: tuple[str, ...]
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One page in easy language. `lang` and `region` as the page names its language (fa and AF for Dari).

    `note` says that nobody has reviewed the translation; `demo` is the mark of invented data.
    """

    lang: str
    region: str | None
    right_to_left: bool
    title: str
    authority: str
    number: str
    written_on: date
    sections: tuple[Part, ...]
    note: str | None = None
    demo: str | None = None

    @property
    def tag(self) -> str:
        """The language as a page's attribute."""
        return f"{self.lang}-{self.region}" if self.region else self.lang


@cache
def translations() -> Mapping[str, Mapping[str, object]]:
    """Return the sentences in languages that the catalogues do not have, with whether a translator reviewed them."""
    found: dict[str, dict[str, object]] = json.loads((HERE / "explanation.json").read_text(encoding="utf-8"))
    return found


def pdf(page: Explanation) -> bytes:
    """Return the page as a PDF/UA-1 file; right-to-left scripts use their own font beside the typesetter's."""
    import typst  # the typesetter is loaded with the first document, not with every process

    values = asdict(page)
    values["written_on"] = [page.written_on.year, page.written_on.month, page.written_on.day]
    made: bytes = typst.compile(
        HERE / "explanation.typ",
        format="pdf",
        sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        font_paths=FONTS,
        ignore_system_fonts=True,
    )
    return made
