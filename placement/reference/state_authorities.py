"""State authorities as they were and are (and the health authority of Åland): name on the day, who took over."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from placement.reference.citations import named
from placement.reference.dated import DatedTable, Entry, UnknownCode, entries, table
from placement.reference.organisations import county_codes
from placement.reference.rows import Row, Validity

PAYING_AGENCY = "keha"

_KINDS = (
    "ely_centre",
    "economic_development_centre",
    "paying_agency",
    "regional_state_agency",
    "supervisory_agency",
    "immigration_service",
    "population_register",
    "aland_health_authority",
)


@dataclass(frozen=True, slots=True)
class Authority:
    """A state authority under the name it has on the days of `valid`.

    `key` stays the same when only the name changes; a successor is another authority with another key.
    `seat` is a municipality code. `certainty` says how well name and days are founded.
    """

    key: str
    kind: str
    fi: str
    sv: str
    en: str
    short_fi: str
    short_sv: str
    short_en: str
    seat: str
    valid: Validity
    source: str
    certainty: str

    def name(self, language: str) -> str:
        """Return the full name in fi, sv or en."""
        return named(self.fi, self.sv, self.en, language)

    def short_name(self, language: str) -> str:
        """Return the name people use, in fi, sv or en."""
        return named(self.short_fi, self.short_sv, self.short_en, language)


@dataclass(frozen=True, slots=True)
class Succession:
    """One authority takes over from another in some counties, from a day on."""

    predecessor: str
    successor: str
    counties: tuple[str, ...]
    valid: Validity
    source: str


def _key(row: Row) -> str:
    return row.text("key")


def _authority(row: Row) -> Authority:
    return Authority(
        key=_key(row),
        kind=row.one_of("kind", _KINDS),
        fi=row.text("name_fi"),
        sv=row.text("name_sv"),
        en=row.text("name_en"),
        short_fi=row.text("short_fi"),
        short_sv=row.text("short_sv"),
        short_en=row.text("short_en"),
        seat=row.text("seat"),
        valid=row.valid,
        source=row.text("source"),
        certainty=row.certainty,
    )


@cache
def _authorities() -> DatedTable[str, Authority]:
    return table("state authority", "state_authorities.csv", _key, _authority)


def _succession(row: Row) -> Succession:
    for column in ("predecessor", "successor"):
        if row.text(column) not in _authorities().codes():
            raise row.fault(f"{column} {row.text(column)} is not in state_authorities.csv; add it there")
    check_counties(row)
    return Succession(
        predecessor=row.text("predecessor"),
        successor=row.text("successor"),
        counties=row.words("counties"),
        valid=row.valid,
        source=row.text("source"),
    )


def check_counties(row: Row) -> None:
    """Raise ReferenceFault unless the row names counties, all of them in counties.csv."""
    row.text("counties")
    unknown = set(row.words("counties")) - set(county_codes())
    if unknown:
        raise row.fault(f"counties names {', '.join(sorted(unknown))}, which counties.csv does not have")


@cache
def _successions() -> DatedTable[tuple[str, str], Succession]:
    rows = entries("successors.csv", lambda row: row.text("predecessor"), _succession)
    return DatedTable(
        "successor of",
        (
            Entry((entry.key, code), entry.valid, entry.value, entry.row)
            for entry in rows
            for code in entry.value.counties
        ),
    )


def authority(key: str, on: date) -> Authority:
    """Return the authority under the name it has on the day.

    Raises UnknownCode for a key that never existed and NotInForce when it does not exist on that day.
    """
    return _authorities().on(key, on)


def authorities(on: date, kind: str | None = None) -> tuple[Authority, ...]:
    """Return the authorities that exist on the day; only those of one kind when it is given."""
    return tuple(one for one in _authorities().all_on(on) if kind in (None, one.kind))


def authority_names(key: str) -> tuple[Authority, ...]:
    """Return every dated name of the authority, oldest first; raises UnknownCode when there is none."""
    return tuple(entry.value for entry in _authorities().entries(key))


def successors(key: str, on: date) -> tuple[Authority, ...]:
    """Return the authorities that have taken over from `key` by the day; none while it still exists.

    Häme has two: Kanta-Häme went to Inland Finland and Päijät-Häme to Southeastern Finland.
    """
    _authorities().entries(key)
    found: dict[str, Authority] = {}
    for entry in _successions().every():
        if entry.key[0] == key and entry.valid.covers(on):
            found[entry.value.successor] = authority(entry.value.successor, on)
    return tuple(found.values())


def successor(key: str, county_code: str, on: date) -> Authority:
    """Return the authority that exists on the day in the place of `key` for one county.

    That is `key` itself while it exists. Signed documents keep the old name; this is for "now: …".
    Raises UnknownCode when nobody took over from it there: the county was not in its area.
    """
    names = _authorities().entries(key)
    if any(entry.valid.covers(on) for entry in names):
        return authority(key, on)
    if (key, county_code) not in _successions().codes():
        raise UnknownCode(f"nobody took over from {key} in county {county_code}; it was not in its area")
    return authority(_successions().on((key, county_code), on).successor, on)


def every_authority() -> tuple[Authority, ...]:
    """Return each authority under each of its dated names: what an organisation register is filled from."""
    return tuple(entry.value for entry in _authorities().every())


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _authorities()
    _successions()
