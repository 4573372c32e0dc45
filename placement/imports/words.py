"""From a word in a cell or a header to its code, whatever the language, accents, spaces and capitals."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from placement import reference
from placement.catalogues import catalogue
from placement.reference.organisations import HELSINKI_MUNICIPALITY

LANGUAGES = ("fi", "sv", "en")
Words = Mapping[str, tuple[str, ...]]


def _(message: str) -> str:
    """Mark a message for the catalogues; `in_language` translates it."""
    return message


YES_NO: Words = {
    "1": (_("Yes"), "true", "x", "k", "y", "j"),
    "0": (_("No"), "false", "-", "e", "n", "ei"),
}
GENDERS: Words = {
    "F": (_("Girl"), _("Girls"), "nainen", "kvinna", "female", "n"),
    "M": (_("Boy"), _("Boys"), "mies", "man", "male", "p"),
}
FOR_WHOM: Words = {**GENDERS, "any": (_("All"),)}
WAYS_OF_ASKING: Words = {
    "talk": (_("In a talk"),),
    "interpreter": (_("In a talk through an interpreter"),),
    "writing": (_("In writing"),),
    "representative": (_("Told by the representative"),),
    "other": (_("In another way"),),
}
SIBLING_MODES: Words = {
    "must": (_("Must live together"),),
    "should": (_("Should live together if possible"),),
}


def in_language(message: str, lang: str) -> str:
    """Return a marked message in fi, sv or en."""
    return str(catalogue(lang).gettext(message)) if lang != "en" else message


def fold(text: str) -> str:
    """Return the text as it is compared: no case, accents, spaces or signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


@dataclass(frozen=True)
class Vocabulary:
    """For each list (municipality, language, service, kind, …) the folded words and the code each stands for.

    `municipality` leads to the official code; `building`, `provider` and `worker` to the key as text. `shown`
    holds, for lists short enough to name in an answer, the words in the reader's language.
    """

    lists: Mapping[str, Mapping[str, str]]
    shown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def find(self, name: str, text: str) -> str | None:
        """Return the code of a word, or None; what has no letter or digit (-) is compared as it stands."""
        words = self.lists[name]
        return words.get(fold(text) or text.strip())


def vocabulary(on: date, lang: str, own: Mapping[str, Mapping[str, Iterable[str]]]) -> Vocabulary:
    """Return every list of the day; `own` adds those of the county: list -> code -> words."""
    coded: dict[str, Words] = {
        "yes_no": YES_NO,
        "gender": GENDERS,
        "for_whom": FOR_WHOM,
        "way": WAYS_OF_ASKING,
        "sibling_mode": SIBLING_MODES,
        "kind": {one.key: (one.label,) for one in reference.unit_kinds(on)},
        "service": {one.key: (one.label,) for one in reference.services(on)},
        "ground": {one.key: (one.label,) for one in reference.eligibility_grounds(on)},
    }
    lists = {name: _by_word(codes) for name, codes in coded.items()}
    lists["language"] = _languages(on)
    lists["municipality"] = _municipalities(on)
    for name, codes in own.items():
        lists[name] = {fold(word): code for code, words in codes.items() for word in words}
    shown = {
        name: tuple(in_language(words[0], lang) for words in codes.values())
        for name, codes in coded.items()
        if name not in ("service", "ground")
    }
    for name in ("building", "provider"):
        shown[name] = tuple(next(iter(words), "") for words in own.get(name, {}).values())
    return Vocabulary(lists, shown)


def _by_word(codes: Words) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, words in codes.items():
        for word in (code, *words, *(in_language(words[0], lang) for lang in LANGUAGES)):
            found.setdefault(fold(word) or word, code)
        for word in words[1:2]:
            for lang in LANGUAGES:
                found.setdefault(fold(in_language(word, lang)), code)
    return found


def _languages(on: date) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in reference.languages(on):
        for word in (one.code, *(one.name(lang) for lang in LANGUAGES)):
            found.setdefault(fold(word), one.code)
    return found


def _municipalities(on: date) -> dict[str, str]:
    """Return names in three languages and codes; a spreadsheet turns 049 into 49, so that is known too."""
    found: dict[str, str] = {}
    for one in reference.municipalities(on):
        words = (one.code, str(int(one.code)), one.fi, one.sv, one.en)
        found.update({fold(word): one.code for word in words})
    helsinki = reference.municipality(HELSINKI_MUNICIPALITY, on)
    found.update({fold(word): helsinki.code for word in (helsinki.fi, helsinki.sv)})
    return found
