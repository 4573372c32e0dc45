"""Acts by number and the way a section is cited in Finnish, Swedish and English."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from placement.reference.rows import Row, read_rows

ENACTED_LANGUAGES = ("fi", "sv")
"""The languages of the legal text; English is always a translation."""

_SECTION = re.compile(
    r"§(?P<section>\d+[a-z]?)"
    r"(?:\.(?P<subsection>\d+)(?:-(?P<to>\d+))?)?"
    r"(?:\((?P<point>\d+)(?P<letter>[a-z])?\))?"
)


@dataclass(frozen=True, slots=True)
class Act:
    """An act, a decree or an official classification, with its title in three languages.

    Titles of enacted texts are those of the statute book in Finnish and Swedish (`fi`, `sv`); `en` is a
    translation. `kind` is act, decree or publication.
    """

    number: str
    kind: str
    fi: str
    sv: str
    en: str

    def title(self, language: str) -> str:
        """Return the title in fi, sv or en; raises ValueError for any other language."""
        return named(self.fi, self.sv, self.en, language)


@dataclass(frozen=True, slots=True)
class Citation:
    """One place in one act: section 22a, subsection 3, point 7, each as far as it is given."""

    act: Act
    section: str | None = None
    subsection: str | None = None
    subsection_to: str | None = None
    point: str | None = None
    letter: str | None = None

    def text(self, language: str) -> str:
        """Return the citation as an official writes it in fi, sv or en.

        Finnish and Swedish count "mom." and "kohta"/"punkten"; a section letter is set apart ("22 a §").
        Publications have a title and no number.
        """
        title = self.act.title(language)
        if self.act.kind == "publication":
            return title
        place = _PLACES[language](self) if self.section else ""
        return f"{title} ({self.act.number}) {place}".rstrip()


def _nordic(point_word: str, letter_word: str) -> Callable[[Citation], str]:
    def place(citation: Citation) -> str:
        parts = [f"{_spaced(citation.section or '')} §"]
        if citation.subsection:
            until = f"–{citation.subsection_to}" if citation.subsection_to else ""
            parts.append(f"{citation.subsection}{until} mom.")
        if citation.point:
            parts.append(f"{citation.point} {point_word}")
        if citation.letter:
            parts.append(f"{citation.letter} {letter_word}")
        return " ".join(parts)

    return place


def _english(citation: Citation) -> str:
    until = f"–{citation.subsection_to}" if citation.subsection_to else ""
    subsection = f"({citation.subsection}{until})" if citation.subsection else ""
    point = f"({citation.point}{citation.letter or ''})" if citation.point else ""
    return f"section {citation.section}{subsection}{point}"


_PLACES: dict[str, Callable[[Citation], str]] = {
    "fi": _nordic("kohta", "alakohta"),
    "sv": _nordic("punkten", "underpunkten"),
    "en": _english,
}


def _spaced(section: str) -> str:
    return f"{section[:-1]} {section[-1]}" if section[-1].isalpha() else section


def named(fi: str, sv: str, en: str, language: str) -> str:
    """Return the name in fi, sv or en; raises ValueError for any other language."""
    names = {"fi": fi, "sv": sv, "en": en}
    if language not in names:
        raise ValueError(f"there is no name in {language!r}; ask for fi, sv or en")
    return names[language]


@cache
def acts() -> dict[str, Act]:
    """Return every act the reference tables cite, by its number (681/2023)."""
    found: dict[str, Act] = {}
    for row in read_rows("acts.csv"):
        act = _act(row)
        if act.number in found:
            raise row.fault(f"{act.number} is listed twice; keep one line")
        found[act.number] = act
    return found


def _act(row: Row) -> Act:
    return Act(
        number=row.text("number"),
        kind=row.one_of("kind", ("act", "decree", "publication")),
        fi=row.text("name_fi"),
        sv=row.text("name_sv"),
        en=row.text("name_en"),
    )


@cache
def parse_source(source: str) -> tuple[Citation, ...]:
    """Return the citations of a source such as "681/2023 §33.1-2; 1301/2014 §22a".

    Act numbers and sections follow each other, separated by blanks; acts are separated by semicolons.
    `§55.1(7)` is section 55, subsection 1, point 7. Raises ValueError for an act that acts.csv does not
    list or a section that cannot be read.
    """
    found: list[Citation] = []
    for part in source.split(";"):
        number, *sections = part.split()
        if number not in acts():
            raise ValueError(f"{number} is not in acts.csv; add the act there")
        act = acts()[number]
        found.extend(_citation(act, section) for section in sections)
        if not sections:
            found.append(Citation(act))
    return tuple(found)


def _citation(act: Act, section: str) -> Citation:
    match = _SECTION.fullmatch(section)
    if match is None:
        raise ValueError(f"{section} cannot be read; write §33, §33.3, §33.1-2, §55.1(7) or §2.6(5a)")
    return Citation(
        act,
        match["section"],
        match["subsection"],
        match["to"],
        match["point"],
        match["letter"],
    )


def cite(source: str, language: str) -> tuple[str, ...]:
    """Return the citations of `source` as text in fi, sv or en, one for each place cited."""
    return tuple(citation.text(language) for citation in parse_source(source))


def cite_briefly(source: str, language: str) -> str:
    """Return the citations of `source` as one text that names each act once: "laki … (681/2023) 33 § 3 mom., 34 §"."""
    told: list[str] = []
    before: Act | None = None
    for citation in parse_source(source):
        if citation.act is before and citation.section:
            told[-1] += f", {_PLACES[language](citation)}"
        else:
            told.append(citation.text(language))
        before = citation.act
    return "; ".join(told)
