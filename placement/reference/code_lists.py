"""Code lists of the product: languages, services and small lists with labels.

Labels are English messages for the catalogues. Names of languages come from Babel instead.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale

from placement.reference.dated import DatedTable, UnknownCode, table
from placement.reference.rows import Row, Validity


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list. `label` is an English message."""

    list: str
    key: str
    label: str
    valid: Validity
    source: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service a child may need and a unit may give. `label` is an English message.

    `counted_in_hours` is False for what is there or not, such as wheelchair access.
    """

    key: str
    label: str
    counted_in_hours: bool
    valid: Validity
    source: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its ISO 639 code. `locale` is what Babel calls it (prs, Dari, is fa_AF there)."""

    code: str
    locale: str
    right_to_left: bool
    valid: Validity
    source: str

    def name(self, language: str) -> str:
        """Return the name of the language in fi, sv or en; names in fi and sv begin with a small letter.

        Raises UnknownCode when Babel has no name: the row must give another locale.
        """
        name: str | None = Locale.parse(language).languages.get(self.locale)
        if name is None:
            raise UnknownCode(f"Babel has no name for {self.locale} in {language}; correct languages.csv")
        return name


def _code(row: Row) -> Code:
    return Code(row.text("list"), row.text("key"), row.text("label"), row.valid, row.text("source"))


def _service(row: Row) -> Service:
    return Service(
        row.text("key"),
        row.text("label"),
        row.flag("counted_in_hours"),
        row.valid,
        row.text("source"),
    )


def _language(row: Row) -> Language:
    return Language(
        row.text("code"),
        row.text("locale"),
        row.flag("right_to_left"),
        row.valid,
        row.text("source"),
    )


@cache
def _codes() -> DatedTable[tuple[str, str], Code]:
    return table("code", "codes.csv", lambda row: (row.text("list"), row.text("key")), _code)


@cache
def _services() -> DatedTable[str, Service]:
    return table("service", "services.csv", lambda row: row.text("key"), _service)


@cache
def _languages() -> DatedTable[str, Language]:
    return table("language", "languages.csv", lambda row: row.text("code"), _language)


def codes(list_name: str, on: date) -> tuple[Code, ...]:
    """Return the codes of a list that hold on the day, in the order to show them.

    Lists: chapter, party_side, party_role, basis, certainty, language_level, legal_basis,
    hearing_exception. Raises UnknownCode for another list.
    """
    if all(key[0] != list_name for key in _codes().codes()):
        raise UnknownCode(f"no code list is called {list_name}; see codes.csv")
    return tuple(code for code in _codes().all_on(on) if code.list == list_name)


def code_keys(list_name: str) -> tuple[str, ...]:
    """Return every key of a list, whether it holds today or not; none for a list that does not exist."""
    return tuple(key for name, key in _codes().codes() if name == list_name)


def code_label(list_name: str, key: str, on: date) -> str:
    """Return the label of a code on the day, an English message; raises UnknownCode or NotInForce."""
    return _codes().on((list_name, key), on).label


def service(key: str, on: date) -> Service:
    """Return the service on the day; raises UnknownCode for a code that does not exist."""
    return _services().on(key, on)


def services(on: date) -> tuple[Service, ...]:
    """Return the services on the day, in the order to show them."""
    return _services().all_on(on)


def language(code: str, on: date) -> Language:
    """Return the language on the day; raises UnknownCode for a code the product does not use."""
    return _languages().on(code, on)


def languages(on: date) -> tuple[Language, ...]:
    """Return the languages in use on the day, the most frequent among the children first."""
    return _languages().all_on(on)


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _codes()
    _services()
    _languages()
